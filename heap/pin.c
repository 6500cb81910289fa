/* SPDX-License-Identifier: MIT */
/* Pins: which objects must stay where they are, and how often each was pinned.
   Only a collector that moves objects reads the table, and only while the world
   is stopped; then no thread holds pins_lock. With assertions the table exists
   on every collector, so that a gc_unpin too many is seen. The others do not
   forget the pins of an object that has died: a later object at its address may
   then be unpinned once too often, unseen. */
#include "heap/heap.h"
#include "heap/lifecycle.h"
#include "heap/table.h"
#include "heap/verify.h"

static bool are_recorded(void) {
  return gc_collector.moves || GC_ASSERT_LEVEL >= 2;
}

/* A pin on a stale reference would keep nothing in place. */
static void require_object(gc_heap *heap, gc_ref object) {
  gc_require(gc_is_object(object), "gc_pin of NULL or an immediate");
  if (gc_collector.moves)
    gc_require(gc_collector.verifier->is_object(heap, object),
               "gc_pin of a reference that is not an object now: it was kept "
               "over a safepoint");
}

/* pins_lock is held. */
static uintptr_t pin_count(gc_heap *heap, gc_ref object) {
  return (uintptr_t)gc_ptrmap_get(&heap->pins, object);
}

/* The table must not change while the world is stopped. */
static void require_running(const gc_mutator *m) {
  gc_require(m->running, "gc_pin or gc_unpin by a parked mutator: call it "
                         "before gc_park, or after gc_unpark");
}

void gc_pin(gc_mutator *m, gc_ref object) {
  gc_heap *heap = m->heap;
  require_running(m);
  require_object(heap, object);
  if (!are_recorded())
    return;
  pthread_mutex_lock(&heap->pins_lock);
  if (!gc_table_reserve(heap, &heap->pins, true))
    gc_misuse("gc_pin: no memory to record another pinned object");
  uintptr_t count = pin_count(heap, object) + 1;
  gc_ptrmap_put(&heap->pins, object, (void *)count);
  pthread_mutex_unlock(&heap->pins_lock);
}

void gc_unpin(gc_mutator *m, gc_ref object) {
  gc_heap *heap = m->heap;
  require_running(m);
  if (!are_recorded())
    return;
  pthread_mutex_lock(&heap->pins_lock);
  uintptr_t count = pin_count(heap, object);
  if (count > 1) {
    gc_ptrmap_put(&heap->pins, object, (void *)(count - 1));
  } else if (count == 1) {
    gc_ptrmap_remove(&heap->pins, object);
    gc_table_trim(heap, &heap->pins);
  }
  pthread_mutex_unlock(&heap->pins_lock);
  gc_require(count > 0, "gc_unpin of an object that is not pinned");
}

/* Removing a key may move others to its place, but none to an entry before it
   that was not looked at. */
void gc_pins_forget(gc_heap *heap, bool (*is_dead)(gc_ref, void *),
                    void *data) {
  gc_assert(gc_world_is_stopped(heap));
  for (size_t i = 0; i < heap->pins.capacity;) {
    gc_ref object = heap->pins.entries[i].key;
    if (object != NULL && is_dead(object, data))
      gc_ptrmap_remove(&heap->pins, object);
    else
      i++;
  }
  gc_table_trim(heap, &heap->pins);
}
