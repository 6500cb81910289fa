/* SPDX-License-Identifier: MIT */
/* External memory. The library does not say which objects have died, so each
   object with external memory has a watch outside the library's heap: a word
   that the library clears when the object dies, as it clears weak references.
   After a collection the watches are looked through. A new object may have the
   address of a dead one, so they are looked through before an object gets
   memory, too, if the library has collected meanwhile: the dead object was
   found in a collection that ended before the new one was made. */
#include <stdlib.h>

#include "collectors/bdw/bdw_heap.h"
#include "collectors/bdw/library.h"
#include "heap/external.h"
#include "heap/sweepstakes.h"

/* Without a limit, a collection is due when external memory has grown by so
   many bytes and by this part of what is held. */
enum { BDW_EXTERNAL_LEAST = 4 << 20, BDW_EXTERNAL_PART = 4 };

struct bdw_watch {
  struct bdw_watch *next; /* watches_lock */
  void *link;             /* the library clears it; any other value */
  uintptr_t object;       /* constant */
};

/* watches_lock is held. */
static void dead_watches_free(struct bdw_heap *heap) {
  struct bdw_watch **at = &heap->watches;
  while (*at) {
    struct bdw_watch *watch = *at;
    if (__atomic_load_n(&watch->link, __ATOMIC_RELAXED) != NULL) {
      at = &watch->next;
      continue;
    }
    gc_external_drop(&heap->base, (gc_ref)watch->object);
    *at = watch->next;
    free(watch);
  }
}

void gc_bdw_external_sweep(struct bdw_heap *heap) {
  pthread_mutex_lock(&heap->watches_lock);
  size_t number = GC_get_gc_no();
  if (number != heap->watched_in) {
    dead_watches_free(heap);
    heap->watched_in = number;
    atomic_store(&heap->external_claimed, 0);
  }
  pthread_mutex_unlock(&heap->watches_lock);
}

/* False: no memory. */
static bool watch_add(struct bdw_heap *heap, gc_ref object) {
  struct bdw_watch *watch = malloc(sizeof *watch);
  if (watch == NULL)
    return false;
  *watch = (struct bdw_watch){.link = watch, .object = (uintptr_t)object};
  if (GC_register_long_link(&watch->link, gc_object_cell(object)) !=
      GC_SUCCESS) {
    free(watch);
    return false;
  }
  pthread_mutex_lock(&heap->watches_lock);
  watch->next = heap->watches;
  heap->watches = watch;
  pthread_mutex_unlock(&heap->watches_lock);
  return true;
}

struct external_request {
  gc_ref object;
  size_t bytes;
};

static bool external_attempt(gc_mutator *m, void *data) {
  struct bdw_heap *heap = bdw_heap_of(m->heap);
  struct external_request *r = data;
  gc_bdw_external_sweep(heap);
  bool has = gc_external_has(m->heap, r->object);
  if (!gc_external_hold(m->heap, r->object, r->bytes))
    return false;
  if (has)
    return true;
  gc_bdw_call_begin(m);
  bool ok = watch_add(heap, r->object);
  gc_bdw_call_end(m);
  if (!ok)
    gc_external_drop(m->heap, r->object);
  return ok;
}

static bool is_due(gc_mutator *m, size_t bytes) {
  struct bdw_heap *heap = bdw_heap_of(m->heap);
  size_t claimed = atomic_fetch_add(&heap->external_claimed, bytes) + bytes;
  return claimed > BDW_EXTERNAL_LEAST + gc_bdw_held(NULL) / BDW_EXTERNAL_PART;
}

bool gc_external_add(gc_mutator *m, gc_ref object, size_t bytes) {
  gc_external_require(object);
  GC_FRAME(m, f, object);
  gc_root_set(m, &f.object, object);
  gc_safepoint(m);
  if (bytes > m->heap->limit)
    return false;
  struct external_request r = {object, bytes};
  if (is_due(m, bytes)) {
    gc_bdw_collection_begin(m, "external");
    gc_bdw_collection_end(m);
  }
  return gc_bdw_try_hard(m, external_attempt, &r);
}

void gc_bdw_external_finish(struct bdw_heap *heap) {
  while (heap->watches) {
    struct bdw_watch *watch = heap->watches;
    heap->watches = watch->next;
    GC_unregister_long_link(&watch->link);
    free(watch);
  }
  pthread_mutex_destroy(&heap->watches_lock);
}
