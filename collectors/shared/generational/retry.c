/* SPDX-License-Identifier: MIT */
/* Collects for an operation that failed for want of memory, and retries it.

   Note [Out of memory]
   What is tried in turn, until the operation succeeds:

     state     entered when            done in it
     ordinary  at first                the collection that is due, and the
                                       operation before the world goes on; while
                                       a cycle of gen-concurrent is on, slices
                                       of its marking and sweeping before that
     full      no more nursery was     due finalizers; a full collection; the
               needed, or 4 tries      operation while the world is stopped,
               were in vain            with poor blocks and lent pages, which
                                       gen-concurrent tries before it collects
     waiting   full has failed thrice  finalizers that others run, then full
     out       none are running, or the heap thrashes (see policy.c)

   A collection that another mutator has made in the meantime counts as one's
   own: the operation is tried before the next one. With more mutators than
   processors, others may use up each nursery before this one runs. So in its
   last ordinary try it stops the world in any case, and tries before it
   collects. Memory is not out then, so no full collection or cycle need
   begin. */
#include "collectors/shared/generational/generational.h"

static bool is_first(gc_mutator *m, uint64_t seen) {
  return atomic_load(&gen_of(m->heap)->collections) == seen;
}

/* Usually the nursery is used up. But other mutators may use up the next
   nursery as well, or all blocks that it allows may have only runs that are too
   short. Then everything is collected, and every block may be searched. */
enum gen_tries { GEN_ORDINARY = 0, GEN_FULL = 4, GEN_LAST = 6 };

/* The attempts made for one allocation. */
struct retry {
  gen_attempt *attempt;
  void *request;
  unsigned tries;
  /* Values from the beginning of the present try. */
  uint64_t collections;
  unsigned fruitless;
};

/* World stopped. Nobody else can take what a collection has freed. */
static bool attempt_alone(gc_mutator *m, struct retry *r) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_assert(gc_world_is_stopped_by(m));
  if (gc_gen_thrashes(heap, r->fruitless))
    return false;
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_hold(heap, 0);
  bool is_done = r->attempt(m, r->request);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_release(heap);
  return is_done;
}

/* World stopped. All the memory that is left may be used for this attempt. The
   nursery is closed again afterwards: if it stayed open, nobody would collect
   before that memory has been used up, which may be all that the system has. */
static bool attempt_with_all(gc_mutator *m, struct retry *r) {
  struct gen_heap *heap = gen_of(m->heap);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_hold(heap, 0);
  heap->blocks.space.is_out = true;
  heap->blocks.space.is_last_resort = !heap->blocks.space.later.is_on;
  gc_gen_nursery_open(heap);
  bool is_done = r->attempt(m, r->request);
  heap->blocks.space.is_last_resort = false;
  gc_gen_nursery_renew(heap);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_release(heap);
  return is_done;
}

/* Is gen-concurrent about to free memory? */
static bool is_in_cycle(const struct gen_heap *heap) {
  return MARK_WHILE_RUNNING &&
         (heap->blocks.keeps_former || heap->blocks.space.later.is_on);
}

/* Another mutator may have collected while this one waited to stop the world.
   Then it need not, unless others were always faster to use what was freed. */
static bool collect_for_room(gc_mutator *m, struct retry *r, bool is_ordinary) {
  struct gen_heap *heap = gen_of(m->heap);
  const char *cause = is_ordinary ? "allocation" : "limit";
  bool waits = r->tries + 1 < GEN_FULL;
  if (!gc_world_stop_if(m, gc_gen_kind_of(0), cause, waits ? is_first : NULL,
                        r->collections))
    return !gc_gen_thrashes(heap, r->fruitless) && r->attempt(m, r->request);
  bool is_done = !is_first(m, r->collections) && attempt_alone(m, r);
  if (!is_done) {
    gc_gen_collect_due(m, is_ordinary);
    gc_verify_after_collection(m);
    is_done = attempt_alone(m, r);
  }
  gc_world_resume(m);
  return is_done;
}

static bool try_ordinary(gc_mutator *m, struct retry *r) {
  struct gen_heap *heap = gen_of(m->heap);
  bool is_ordinary = gc_blk_nursery_is_used_up(&heap->blocks);
  if (MARK_WHILE_RUNNING && !is_ordinary && gc_gen_cycle_help(m))
    return r->attempt(m, r->request);
  bool is_done = collect_for_room(m, r, is_ordinary);
  r->tries = is_ordinary || is_in_cycle(heap) ? r->tries + 1 : GEN_FULL;
  return is_done;
}

/* Retries while the world is stopped. After the world has resumed, other
   mutators could take all the memory that a collection has freed before this
   thread runs, again and again. */
static bool try_last(gc_mutator *m, struct retry *r) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_assert(r->tries >= GEN_FULL);
  r->tries++;
  if (gc_finalizers_are_due(m)) {
    gc_finalizers_run(m); /* they may hold the last memory there is */
    r->collections = atomic_load(&heap->collections);
  }
  gc_world_stop(m, gc_gen_kind_of(2), "limit");
  bool is_done = false;
  if (MARK_WHILE_RUNNING || atomic_load(&heap->collections) != r->collections)
    is_done = attempt_with_all(m, r);
  if (!is_done) {
    gc_gen_collect_once(m, 2, false);
    gc_verify_after_collection(m);
    is_done = !gc_gen_thrashes(heap, r->fruitless) && attempt_with_all(m, r);
  }
  if (!is_done)
    gc_finalizers_gather(m);
  gc_world_resume(m);
  return is_done;
}

bool gc_gen_make_room(gc_mutator *m, gen_attempt *attempt, void *request) {
  struct gen_heap *heap = gen_of(m->heap);
  struct retry r = {.attempt = attempt, .request = request};
  unsigned rounds = 0;
  bool is_done;
  gc_assert_always(m->running);
  do {
    r.collections = atomic_load(&heap->collections);
    r.fruitless = atomic_load(&heap->fruitless);
    gc_shake();
    is_done = r.tries < GEN_FULL ? try_ordinary(m, &r) : try_last(m, &r);
  } while (!is_done && !gc_gen_thrashes(heap, r.fruitless) &&
           (r.tries <= GEN_LAST || gc_finalizers_help(m, &rounds)));
  return is_done;
}
