/* SPDX-License-Identifier: MIT */
/* The thread that marks while a processor is idle.

   Note [Idle processors]
   A marker that takes a processor from a mutator delays it as much as a slice
   does, but at times that the mutator does not choose. So the thread works only
   while fewer mutators run than there are processors, and looks again after
   each slice. If no processor is idle, it goes to sleep. While there is work,
   each stop asks for the thread if fewer mutators than there are processors
   have allocated since the one before, and a mutator that pays wakes it if it
   finds a processor idle then. Mutators that sleep now and then for less than a
   millisecond do not leave a processor idle for long enough: they preempted the
   thread while it had a lock, and stops took milliseconds. The stopper does not
   wake it: a thread that wakes may get the processor of the one that has woken
   it, for milliseconds, and the world would be stopped as long. It has the
   priority of other threads: if it were lower, a mutator or the stopper could
   wait for the lock while something else runs in its place. A thread that wants
   all locks raises `wanted`; then each slice ends after a few objects, and the
   thread stays away from its lock until the other one has it. While the world
   is stopped, fewer mutators run, too; but then the stopper soon has the lock.
 */
#include "collectors/gen-concurrent/concurrent.h"

#include <sched.h>

enum {
  GEN_BACKGROUND = 16384, /* objects in a slice: less than a millisecond */
  GEN_SHRUNK_BACKGROUND = 1,
  GEN_BACKGROUND_SWEEP = 8, /* blocks: the stopper waits for so many */
  /* Objects, or blocks: waking a thread costs as much. */
  GEN_WORTH_WAKING = 4096,
  GEN_WORTH_SWEEPING = 64,
};

static bool has_idle_processor(struct concurrent_heap *heap) {
  return atomic_load(&heap->gen.blocks.base.running) < heap->cycle.processors;
}

static struct marker *give_way(struct concurrent_heap *heap, struct marker *k) {
  gc_mark_leave(k);
  gc_shake();
  while (atomic_load(&heap->cycle.marking.wanted) > 0)
    sched_yield();
  return gc_mark_enter(&heap->cycle.marking, k->index);
}

static void credit_add(struct concurrent_heap *heap, size_t done) {
  atomic_fetch_add_explicit(&heap->cycle.credit, done, memory_order_relaxed);
}

/* False: nothing is left to do. */
static bool sweep_some(struct concurrent_heap *heap) {
  bool any = true;
  for (size_t i = 0; any && i < GEN_BACKGROUND / GEN_BACKGROUND_SWEEP &&
                     atomic_load(&heap->cycle.marking.wanted) == 0;
       i += GEN_BACKGROUND_SWEEP) {
    size_t done = gc_blk_later_sweep(&heap->gen.blocks, &heap->cycle.source,
                                     GEN_BACKGROUND_SWEEP);
    credit_add(heap, done);
    any = done > 0;
  }
  return any;
}

/* If mutators have all that is left, some may be shared soon. */
static bool mark_some(struct concurrent_heap *heap, struct marker *k,
                      size_t objects) {
  size_t before = k->marked;
  enum mark_left left = gc_mark_slice(k, objects, NULL);
  credit_add(heap, k->marked - before);
  if (left == MARK_BUSY)
    sched_yield();
  return left != MARK_DONE;
}

static bool work_some(struct concurrent_heap *heap, struct marker *k,
                      size_t objects) {
  return cycle_is_sweeping(heap) ? sweep_some(heap)
                                 : mark_some(heap, k, objects);
}

static bool has_work(const struct concurrent_heap *heap) {
  return (cycle_is_on(heap) || cycle_is_sweeping(heap)) &&
         !atomic_load(&heap->cycle.is_drained);
}

/* The stopper waits for all locks, so nothing is switched while this thread has
   that of a marker, even if it sweeps. */
static void work_while_idle(void *data, unsigned i) {
  struct concurrent_heap *heap = data;
  bool shrink = heap->gen.blocks.base.shrink;
  size_t objects = shrink ? GEN_SHRUNK_BACKGROUND : GEN_BACKGROUND;
  gc_assert_always(i == 0);
  struct marker *k =
      gc_mark_enter(&heap->cycle.marking, heap->cycle.marking.count - 1);
  atomic_store(&heap->cycle.is_helped, true);
  while (has_work(heap) && has_idle_processor(heap)) {
    if (!work_some(heap, k, objects))
      gc_cycle_drained(heap);
    k = give_way(heap, k);
  }
  atomic_store(&heap->cycle.is_helped, false);
  gc_mark_leave(k);
}

int gc_cycle_thread_start(struct concurrent_heap *heap) {
  if (heap->gen.blocks.base.gc_threads == 1)
    return 0;
  int error =
      gc_memory_borrow(&heap->gen.blocks.large.memory, &heap->cycle.source);
  return error ? error
               : gc_workers_create(&heap->cycle.thread, 1,
                                   heap->gen.blocks.base.shake, work_while_idle,
                                   heap);
}

/* Is there so much to do that it pays to wake the thread? */
static bool is_worth_waking(const struct concurrent_heap *heap) {
  const struct cycle *cycle = &heap->cycle;
  if (heap->gen.blocks.base.shrink)
    return true;
  return cycle_is_sweeping(heap)
             ? heap->gen.blocks.space.later.next > GEN_WORTH_SWEEPING
             : cycle->objects >
                   gc_mark_count(&cycle->marking) + GEN_WORTH_WAKING;
}

bool gc_cycle_thread_helps(const struct concurrent_heap *heap) {
  return heap->cycle.thread && heap->gen.allocating < heap->cycle.processors;
}

void gc_cycle_thread_ask(struct concurrent_heap *heap) {
  gc_assert_always(gc_world_is_stopped(&heap->gen.blocks.base));
  if (gc_cycle_thread_helps(heap) && has_work(heap) && is_worth_waking(heap))
    atomic_store(&heap->cycle.is_asked, true);
}

void gc_cycle_thread_wake(struct concurrent_heap *heap) {
  if (atomic_load_explicit(&heap->cycle.is_asked, memory_order_relaxed) &&
      has_idle_processor(heap) && atomic_exchange(&heap->cycle.is_asked, false))
    gc_workers_wake(heap->cycle.thread);
}

/* A cycle that is on ends here: nobody needs its result. */
void gc_cycle_thread_end(struct concurrent_heap *heap) {
  if (heap->cycle.thread)
    gc_cycle_lock(heap);
  heap->gen.blocks.keeps_former = heap->gen.blocks.space.later.is_on = false;
  if (heap->cycle.thread)
    gc_cycle_unlock(heap);
  gc_workers_destroy(heap->cycle.thread);
  if (heap->cycle.source.memory)
    gc_memory_return(&heap->cycle.source);
}
