/* SPDX-License-Identifier: MIT */
/* The snapshot: old values that the marker must reach although they have been
   overwritten.

   Note [Snapshot at the beginning]
   A cycle marks all objects that could be reached when it began (Yuasa 1990).
   So what it finds dead was dead then, and stays dead. When a cycle begins the
   world is stopped, and no object is young. The marker gets all roots. From
   then on it must reach every object that a path of slots led to at that
   moment. It follows slots as they are when it comes to them. A store may have
   overwritten one of them by then; so the first store to a slot since the cycle
   began logs the value that it overwrites: the marker gets that value, too.
   Objects that are made later need no marking. While they are young the marker
   counts them as reached, and a minor collection gives survivors the value of
   reached objects. What their slots hold needs no marking either: a mutator
   stores only references that it has loaded. Let it have loaded a reference to
   an old object from a root or a slot. By induction over time, that object is
   reached or will be: it was in the snapshot, or survived a minor collection
   since. There are two exceptions. A weak reference and an ephemeron hold an
   object that may not be reachable otherwise; so loading from them logs the
   object (gc_gen_cycle_shade).
   Roots need no barrier, because all were read while the world was stopped. A
   mutator that attaches later has only empty roots. What a mutator has logged
   is given to the marker when its buffer is full, when the world stops and when
   the mutator detaches. A parked mutator logs nothing; its buffer waits for the
   next stop.

   Note [One bit, two barriers]
   The armed bit of an old object with slots is set when a cycle begins, because
   each collection arms the objects that were remembered before it. A store to
   an armed object first logs, then remembers, then disarms it, and only then
   stores. The log of a small object has all its slots, so stores to an object
   that is not armed need neither. A minor collection arms it again; what is
   logged then once more does no harm. A large object stays armed, and each
   store to it logs the one slot. While no cycle is on, a store to an armed
   object remembers and disarms it; while all is promoted, it does not even
   that: Note [Promoting all].

   Note [Logged before disarmed]
   Two mutators may store to one object at the same time. Let the second one
   find it disarmed by the first one, and store. Its store must not be among the
   values that the first one logs, or the overwritten value would be missed. The
   first one reads the slots with acquire loads and then disarms with a release
   operation. If such a load saw the second one's store, which is a release
   store, then what the second one did before would happen before the load: its
   load of the header, which saw the disarming, would happen before the
   disarming. No load sees a later write. Both may also find it armed and log
   all slots. Then each slot's value of the snapshot is in the log of at least
   the mutator whose store overwrites it: it read the slot before its own store,
   and a value later than its own cannot be read before it. models/snapshot.pml
   is a model of barrier, stops and end. */
#include "collectors/gen-concurrent/concurrent.h"

enum { GEN_SHRUNK_SNAPSHOT = 2 };

static size_t capacity_of(const struct gen_concurrent_mutator *m) {
  return m->base.blocks.base.heap->shrink ? GEN_SHRUNK_SNAPSHOT : GEN_SNAPSHOT;
}

/* The marker's lock is held. Needs no memory: Note [Slices]. */
static void hand_over(struct concurrent_heap *heap,
                      struct gen_concurrent_mutator *m, struct marker *k) {
  gc_assert(m->logged <= GEN_SNAPSHOT);
  for (size_t i = 0; i < m->logged; i++)
    gc_mark_log(k, m->snapshot[i]);
  if (m->logged > 0)
    atomic_store(&heap->cycle.is_drained, false);
  m->logged = 0;
}

void gc_snapshot_hand_over(struct gen_concurrent_mutator *m) {
  gc_mutator *base = &m->base.blocks.base;
  struct concurrent_heap *heap = concurrent_of(base->heap);
  if (m->logged == 0)
    return;
  gc_assert(cycle_is_on(heap));
  struct marker *k = gc_mark_enter(&heap->cycle.marking, base->number);
  hand_over(heap, m, k);
  gc_mark_leave(k);
}

/* An object that has been reached since is left out. */
static void value_log(struct concurrent_heap *heap,
                      struct gen_concurrent_mutator *m, gc_ref value) {
  if (!gc_is_object(value) || blk_is_marked(&heap->gen.blocks, value))
    return;
  if (m->logged == capacity_of(m))
    gc_snapshot_hand_over(m);
  m->snapshot[m->logged++] = value;
}

static void holder_log(struct concurrent_heap *heap,
                       struct gen_concurrent_mutator *m, gc_ref holder,
                       size_t slot) {
  size_t first = 0, end = gc_slot_count(holder);
  if (__atomic_load_n(&holder->word, __ATOMIC_RELAXED) & BLK_LARGE)
    first = slot, end = slot + 1;
  gc_assert(slot >= first && slot < end);
  /* Of objects in no order, few of these bytes are in the cache. */
  for (size_t i = first; i < end; i++)
    __builtin_prefetch(gc_blk_byte(gc_slot_load(holder, i)), 0, 3);
  for (size_t i = first; i < end; i++)
    value_log(heap, m, gc_slot_load(holder, i));
}

/* The slow path of the barrier: Note [One bit, two barriers]. */
void gc_gen_store_begin(gc_mutator *m, gc_ref holder, size_t slot,
                        gc_ref value) {
  struct concurrent_heap *heap = concurrent_of(m->heap);
  if (!cycle_is_on(heap)) {
    if (!heap->gen.blocks.promotes)
      gc_gen_remember(m, holder, slot, value);
    return;
  }
  gc_shake();
  holder_log(heap, concurrent_mutator_of(m), holder, slot);
  gc_shake();
  gc_gen_remember_any(m, holder, slot, value);
}

void gc_gen_cycle_shade(gc_mutator *m, gc_ref object) {
  struct concurrent_heap *heap = concurrent_of(m->heap);
  if (cycle_is_on(heap))
    value_log(heap, concurrent_mutator_of(m), object);
}

void gc_snapshot_gather(struct concurrent_heap *heap) {
  gc_assert_always(gc_world_is_stopped(&heap->gen.blocks.base));
  for (gc_mutator *m = heap->gen.blocks.base.mutators; m; m = m->next)
    hand_over(heap, concurrent_mutator_of(m), cycle_marker(heap, m->number));
}

void gc_snapshot_forget(struct concurrent_heap *heap) {
  gc_assert_always(gc_world_is_stopped(&heap->gen.blocks.base));
  for (gc_mutator *m = heap->gen.blocks.base.mutators; m; m = m->next)
    concurrent_mutator_of(m)->logged = 0;
}

/* Changing the length moves data to where slots were. No marker may read the
   array meanwhile. */
void gc_snapshot_array_resizing(gc_mutator *m, gc_ref array) {
  (void)array;
  if (cycle_is_on(concurrent_of(m->heap)))
    gc_cycle_lock(concurrent_of(m->heap));
}

void gc_snapshot_array_resized(gc_mutator *m, gc_ref array) {
  gc_blk_array_resized(m, array);
  if (cycle_is_on(concurrent_of(m->heap)))
    gc_cycle_unlock(concurrent_of(m->heap));
}
