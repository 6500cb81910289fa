/* SPDX-License-Identifier: MIT */
/* The order of a cycle.

   Note [Cycle]
   Both stops of a cycle are part of a minor collection, so that no object is
   young in them.
   1. It begins: the current value of old objects is switched, as in Note
      [Values]. From then on the former value means that the marker has not
      reached the object yet. The marker gets the roots: Note [Snapshot at the
      beginning].
   2. Mutators mark in slices, in proportion to what they allocate. Minor
      collections go on. In them every object that is not young counts as
      reached, whatever its value, and survivors get the current value.
   3. When the marker runs out of work, the next minor collection is due at
      once. In it the cycle ends: what mutators have logged since is marked. If
   that leads to more than a few objects, the cycle goes on and ends later. Then
   ephemerons, finalizers and weak references follow as in any full collection,
   and objects that still have the former value are dead.
   4. They are swept while mutators run: Note [Sweeping later]. Minor
   collections go on. The first of them that finds all swept renews the
   thresholds; then the next cycle may begin. No marker runs while the world is
   stopped to collect: the stopper has all locks then.

   Note [Degraded]
   If memory runs out while a cycle is on, the mutator that wants some marks and
   sweeps in slices first: Note [Price]. If even that does not end the cycle,
   all that is left is marked while the world is stopped. If the remembered set
   has lost a holder, or the program asks for a full collection, what was left
   to sweep is swept in the stop, and a cycle is given up: all old objects get
   the current value, which costs a pass over their side bytes, and a full
   collection begins anew. The first two count as degraded, and so does a full
   collection that nobody asked for. */
#include "collectors/gen-concurrent/concurrent.h"

#include <unistd.h>

int gc_cycle_init(struct concurrent_heap *heap) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  heap->cycle.processors = processors > 0 ? (uint32_t)processors : 1;
  unsigned count = gc_marking_count(&heap->gen.blocks, heap->cycle.processors);
  int error = gc_marking_init(&heap->cycle.marking, &heap->gen.blocks, count,
                              true, BLK_NOTE_RUNNING);
  if (error == 0)
    error = gc_cycle_thread_start(heap);
  if (error != 0)
    gc_cycle_finish(heap);
  return error;
}

void gc_cycle_finish(struct concurrent_heap *heap) {
  gc_cycle_thread_end(heap);
  gc_marking_finish(&heap->cycle.marking);
}

void gc_cycle_lock(struct concurrent_heap *heap) {
  gc_mark_enter_all(&heap->cycle.marking);
}

void gc_cycle_unlock(struct concurrent_heap *heap) {
  gc_mark_leave_all(&heap->cycle.marking);
}

void gc_cycle_drained(struct concurrent_heap *heap) {
  atomic_store(&heap->cycle.is_drained, true);
  if (cycle_is_on(heap))
    gc_blk_nursery_close(&heap->gen.blocks);
}

/* --- values --------------------------------------------------------------- */

/* For the marker, young objects count as reached. */
static void values_show(struct concurrent_heap *heap) {
  struct blk_heap *blocks = &heap->gen.blocks;
  blocks->reached = (uint8_t)(1 << BLK_FREE | 1 << blocks->old);
}

static void values_switch(struct concurrent_heap *heap) {
  struct blk_heap *blocks = &heap->gen.blocks;
  uint8_t former = blocks->old;
  gc_assert(!blocks->keeps_former && (former & ~1) == BLK_OLD);
  blocks->old ^= 1;
  blocks->keeps_former = true;
  heap->cycle.marking.next_values = (uint64_t)(blocks->old | BLK_START)
                                    << 8 * former;
}

/* --- collections in between ----------------------------------------------- */

static void bytes_settle(struct blk_heap *blocks, uint8_t *bytes) {
  for (size_t i = 0; i < BLK_GRANULES; i++)
    if (blk_age(bytes[i]) == 2)
      bytes[i] = (bytes[i] & BLK_START) | blocks->old;
}

/* Note [Degraded]: all old objects count as reached again. */
static void cycle_give_up(struct concurrent_heap *heap) {
  struct blk_heap *blocks = &heap->gen.blocks;
  gc_mark_forget(&heap->cycle.marking);
  gc_snapshot_forget(heap);
  for (size_t i = 0; i < blocks->space.blocks; i++) {
    struct blk_block *block = gc_blk_at(&blocks->space, i);
    if (!block->is_released && (block->old > 0 || block->has_survivors))
      bytes_settle(blocks, gc_blk_byte(blk_start(block)));
  }
  for (struct blk_large *l = blocks->large.list[2]; l; l = l->next)
    l->value = blocks->old | BLK_START;
  blocks->keeps_former = false;
}

/* A full collection begins. */
static void degraded_tell(struct concurrent_heap *heap) {
  bool is_running = cycle_is_on(heap) || cycle_is_sweeping(heap);
  if (heap->gen.blocks.is_asked || (heap->cycle.is_short && !is_running))
    return;
  heap->gen.blocks.base.pause.is_degraded = true;
  gc_pacing_ended(heap, true);
}

static struct gc_memory_source *stopper_source(struct concurrent_heap *heap) {
  return &blk_mutator_of(heap->gen.blocks.base.stopper)->source;
}

void gc_gen_cycle_hold(struct gen_heap *gen, int generation) {
  struct concurrent_heap *heap = (struct concurrent_heap *)gen;
  gc_cycle_lock(heap);
  gc_assert_always(gc_world_is_stopped(&gen->blocks.base));
  if (generation == 2)
    degraded_tell(heap);
  if (generation == 2 && cycle_is_sweeping(heap))
    gc_blk_later_end(&gen->blocks, stopper_source(heap));
  if (!cycle_is_on(heap))
    return;
  if (generation == 2)
    cycle_give_up(heap);
  else
    gc_snapshot_gather(heap);
}

void gc_gen_cycle_release(struct gen_heap *gen) {
  struct concurrent_heap *heap = (struct concurrent_heap *)gen;
  if (cycle_is_on(heap))
    values_show(heap);
  gc_cycle_thread_ask(heap);
  gc_cycle_unlock(heap);
}

size_t gc_gen_cycle_bytes(const struct gen_heap *gen) {
  return gc_marking_bytes(
      &((const struct concurrent_heap *)gen)->cycle.marking);
}

/* Note [Promoting all]. All objects count as reached. */
void gc_cycle_promote(gc_mutator *m) {
  struct gen_heap *gen = gen_of(m->heap);
  struct blk_heap *blocks = &gen->blocks;
  uint64_t begun = gc_phase_begin();
  gc_assert_always(gc_world_is_stopped_by(m) && blocks->promotes);
  blocks->is_asked = false;
  blocks->generation = 0;
  gc_gen_cycle_hold(gen, 0);
  struct blk_block *young = gc_blk_take_young(blocks, &gen->allocating);
  size_t claimed = blk_new_bytes(&blocks->space) - blocks->space.external;
  blocks->reached = blk_old_values(blocks);
  gc_blk_promote_all(blocks, young);
  gc_watch_finalize(&gen->marking, m);
  gc_gen_dead_forget(gen);
  gc_blk_sweep_end(blocks, young);
  gc_phase_end(m->heap, GC_PHASE_SWEEP, begun);
  gc_gen_collected(m, claimed);
  m->heap->pause.kind = "promote";
  gc_gen_cycle_release(gen);
}

/* --- the beginning -------------------------------------------------------- */

/* Roots are dealt out to all markers. */
struct roots {
  struct concurrent_heap *heap;
  size_t count;
};

static void root_log(gc_root *root, void *data) {
  struct roots *roots = data;
  gc_mark_log(cycle_marker(roots->heap, roots->count++), root->ref);
}

static void immortal_log(struct concurrent_heap *heap) {
  const struct blk_refs *refs =
      &heap->gen.marking.watched[WATCH_IMMORTAL].list[2];
  for (size_t i = 0; i < refs->count; i++)
    gc_mark_log(cycle_marker(heap, i), refs->items[i]);
}

void gc_cycle_begin(gc_mutator *m) {
  struct concurrent_heap *heap = concurrent_of(m->heap);
  struct roots roots = {.heap = heap};
  uint64_t begun = gc_phase_begin();
  gc_assert_always(gc_world_is_stopped_by(m) && !cycle_is_on(heap));
  gc_assert(heap->gen.blocks.young == NULL &&
            heap->gen.blocks.large.list[0] == NULL);
  gc_cycle_lock(heap);
  gc_blk_large_fresh_end(&heap->gen.blocks, stopper_source(heap));
  values_switch(heap);
  values_show(heap);
  gc_mark_slices_begin(&heap->cycle.marking);
  atomic_store(&heap->cycle.is_drained, false);
  gc_visit_roots(m->heap, root_log, &roots);
  immortal_log(heap);
  gc_pacing_begin(heap);
  gc_cycle_thread_ask(heap);
  gc_cycle_unlock(heap);
  m->heap->pause.kind = "begin";
  gc_phase_end(m->heap, GC_PHASE_ROOTS, begun);
}

/* --- the end -------------------------------------------------------------- */

/* All locks are held. */
static bool mark_rest(struct concurrent_heap *heap, size_t most) {
  uint64_t begun = gc_phase_begin();
  gc_snapshot_gather(heap);
  bool is_done = gc_mark_alone(&heap->cycle.marking, most, NULL) == MARK_DONE;
  atomic_store(&heap->cycle.is_drained, is_done);
  gc_phase_end(&heap->gen.blocks.base, GC_PHASE_MARK, begun);
  return is_done;
}

/* All locks are held, marking is done. What is left is as in a full collection
   that has marked everything but what finalizers will see, and that is swept
   later. */
static void reclaim(gc_mutator *m, struct concurrent_heap *heap) {
  struct gen_heap *gen = &heap->gen;
  gen->blocks.keeps_former = false;
  gen->blocks.reached = blk_old_values(&gen->blocks);
  gen->blocks.generation = 2;
  gen->marking.next_values = heap->cycle.marking.next_values;
  gc_gen_share_renew(gen);
  gc_mark_begin(&gen->marking);
  m->heap->pause.objects_marked += gc_mark_count(&heap->cycle.marking);
  gc_gen_mark(gen, m);
  uint64_t begun = gc_phase_begin();
  gc_gen_dead_forget(gen);
  gc_blk_later_begin(&gen->blocks);
  gc_phase_end(m->heap, GC_PHASE_SWEEP, begun);
  gc_pacing_ended(heap, false);
  gc_gen_collected(m, 0);
  atomic_store(&heap->cycle.is_drained, false);
  gc_pacing_sweep(heap);
}

size_t gc_cycle_end(gc_mutator *m, size_t most, bool is_eager) {
  struct concurrent_heap *heap = concurrent_of(m->heap);
  gc_assert_always(gc_world_is_stopped_by(m) && cycle_is_on(heap));
  gc_assert(heap->gen.blocks.young == NULL &&
            heap->gen.blocks.large.list[0] == NULL);
  gc_cycle_lock(heap);
  size_t before = gc_mark_count(&heap->cycle.marking);
  bool is_drained = atomic_load(&heap->cycle.is_drained);
  bool ends = (is_eager || is_drained) && mark_rest(heap, most);
  size_t marked = gc_mark_count(&heap->cycle.marking) - before;
  if (ends) {
    reclaim(m, heap);
    m->heap->pause.kind = "end";
    m->heap->pause.ends_cycle = true;
  } else {
    gc_pacing_renew(heap);
  }
  gc_cycle_thread_ask(heap);
  gc_cycle_unlock(heap);
  return marked;
}

size_t gc_cycle_sweep(gc_mutator *m, size_t most) {
  struct concurrent_heap *heap = concurrent_of(m->heap);
  struct blk_heap *blocks = &heap->gen.blocks;
  gc_assert_always(gc_world_is_stopped_by(m) && cycle_is_sweeping(heap));
  gc_cycle_lock(heap);
  size_t done = gc_blk_later_sweep(blocks, &blk_mutator_of(m)->source, most);
  if (gc_blk_later_is_done(blocks)) {
    gc_blk_later_end(blocks, &blk_mutator_of(m)->source);
    gc_gen_full_renew(&heap->gen);
    heap->gen.blocks.promotes = heap->cycle.is_flat;
    gc_gen_nursery_renew(&heap->gen);
    atomic_store(&heap->cycle.lends, true);
  }
  gc_cycle_unlock(heap);
  return done;
}
