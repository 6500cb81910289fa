/* SPDX-License-Identifier: MIT */
/* Finalizers. The library knows which objects have one. It keeps dead objects
   until it is asked to process them. Then each object comes here and is left to
   the mutators of its heap: Note [Leaving finalizers] in heap/finalize.c. At
   every moment a root leads to it: the library's list, this thread's stack, or
   the list of its heap. */
#include "collectors/bdw/bdw_heap.h"
#include "collectors/bdw/library.h"

/* An array is behind its length; no other object is at that address. */
static struct gc_finalizable *node_take(gc_heap *heap, void *cell) {
  struct gc_finalizable *node = gc_finalizable_take(heap, cell);
  return node ? node : gc_finalizable_take(heap, (gc_ref)((size_t *)cell + 1));
}

/* If the heap is gone, all its finalizers have run. If it is being destroyed,
   the finalizers of objects that it could not find dead have run too. */
static void GC_CALLBACK on_death(void *cell, void *id) {
  gc_assert(cell != NULL && id != NULL);
  GC_alloc_lock();
  struct bdw_heap *heap = gc_bdw_heap_find((uintptr_t)id);
  struct gc_finalizable *node = heap ? node_take(&heap->base, cell) : NULL;
  if (node)
    gc_finalizable_leave(&heap->base, node);
  GC_alloc_unlock();
  GC_reachable_here(cell);
}

/* The library does not report that it has no memory, but then it does not write
   the earlier finalizer to `earlier`. */
static bool finalizer_register(struct bdw_heap *heap, void *cell) {
  GC_finalization_proc earlier = on_death;
  gc_assert(heap->id != 0);
  void *data;
  GC_register_finalizer_no_order(cell, on_death, (void *)heap->id, &earlier,
                                 &data);
  return earlier == NULL;
}

bool gc_bdw_finalizable_add(gc_heap *heap, gc_ref object) {
  if (!gc_finalizable_add(heap, object))
    return false;
  if (finalizer_register(bdw_heap_of(heap), gc_object_cell(object)))
    return true;
  gc_finalizable_free(heap, gc_finalizable_take(heap, object));
  return false;
}

void gc_bdw_finalizers_take(gc_mutator *m) {
  gc_assert(m->running);
  gc_poll_clear(m, GC_POLL_COLLECTOR);
  if (GC_should_invoke_finalizers())
    GC_invoke_finalizers();
}
