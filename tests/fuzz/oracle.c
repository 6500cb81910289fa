/* SPDX-License-Identifier: MIT */
/* Decides which objects must be dead, and which must not, from the shadow and
   the promises of the collector's card. */
#include <string.h>

#include "heap/figures.h"
#include "tests/fuzz/fuzz.h"

/* Counts of a few bits stick, and then no object has to die. */
static bool must_anything_die(void) {
  return test_finds_garbage() && !test_counts_narrowly();
}

void fuzz_note_dropped(struct fuzz *f) {
  shadow_reach(&f->shadow);
  for (uint32_t n = 1; n <= f->shadow.count; n++)
    f->item[n].was_dropped |= !f->shadow.reached[n];
}

/* Has the node a finalizer that has not run? */
static bool is_pending(struct fuzz *f, uint32_t node) {
  return f->item[node].is_finalizable && !f->shadow.node[node].is_dead &&
         !atomic_load(&f->item[node].is_finalized);
}

/* --- objects that must not be dead ---------------------------------------- */

static bool has_died(struct fuzz_thread *t, uint32_t node) {
  struct fuzz *f = t->fuzz;
  gc_ref weak = gc_get(gc_root_get(&f->watchers), node);
  bool is_dead = gc_weak_get(t->m, t->spare, weak) == NULL;
  gc_root_clear(t->m, t->spare);
  return is_dead;
}

/* Computes the nodes that must be alive: they are reachable from roots, or from
   an object whose finalizer has not run. */
static void reach_all_needed(struct fuzz *f) {
  fuzz_note_dropped(f);
  for (uint32_t n = 1; n <= f->shadow.count; n++)
    if (is_pending(f, n))
      shadow_reach_from(&f->shadow, n);
}

static void check_dead(struct fuzz *f, uint32_t node) {
  if (f->shadow.reached[node])
    fuzz_wrong(f, node, "is dead but reachable from roots or a finalizer");
  if (!gc_collector.reclaims)
    fuzz_wrong(f, node, "is dead but this collector never frees");
  if (!gc_collector.reclaims_cycles && f->shadow.held[node] != 0)
    fuzz_wrong(f, node, "is dead but a cycle holds it");
}

/* Checks all watched nodes, and the finalizers of all nodes. */
static void check_safety(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  shadow_count(&f->shadow);
  reach_all_needed(f);
  for (uint32_t n = 1; n <= f->shadow.count; n++) {
    if (atomic_load(&f->item[n].is_finalized) && !f->item[n].was_dropped)
      fuzz_wrong(f, n, "ran its finalizer but was always reachable");
    if (!f->item[n].is_watched)
      continue;
    bool is_dead = has_died(t, n);
    if (is_dead && !f->shadow.node[n].is_dead)
      check_dead(f, n);
    if (!is_dead && f->shadow.node[n].is_dead)
      fuzz_wrong(f, n, "should be dead but is alive");
    f->shadow.node[n].is_dead = is_dead;
  }
}

static void compare_all(struct fuzz *f) {
  fuzz_compare_begin(f);
  for (unsigned i = 0; i < FUZZ_THREADS; i++)
    for (unsigned r = 0; r < f->thread[i].frames * FUZZ_FRAME_ROOTS; r++)
      fuzz_compare_from(f, *fuzz_shadow_root(&f->thread[i], r),
                        gc_root_get(f->thread[i].root[r]));
  for (unsigned g = 0; g < FUZZ_GLOBALS; g++)
    fuzz_compare_from(f, *fuzz_shadow_global(f, g), gc_root_get(&f->global[g]));
  fuzz_stack_compare(f);
}

/* Called after compare_all. `held` has the number of holders of each node. */
static void compare_counts(struct fuzz *f) {
  shadow_count(&f->shadow);
  for (uint32_t n = 1; n <= f->shadow.count; n++) {
    if (f->ref[n] == NULL || f->shadow.node[n].is_kept)
      continue;
    if (gc_refcount(f->ref[n]) != f->shadow.held[n])
      fuzz_wrong(f, n, "has a count that differs from its holders");
  }
}

/* --- objects that must die -------------------------------------------------
 */

/* Computes the nodes that must die. Nodes in `reached` need not. Without
   with_cycles, neither need nodes that a cycle holds. */
static void must_set(struct fuzz *f, bool with_cycles) {
  shadow_count(&f->shadow);
  for (uint32_t n = 1; n <= f->shadow.count; n++)
    f->must[n] = must_anything_die() && !f->shadow.reached[n] &&
                 (with_cycles || f->shadow.held[n] == 0);
}

static void must_check(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  for (uint32_t n = 1; n <= f->shadow.count; n++) {
    if (!f->must[n])
      continue;
    if (is_pending(f, n))
      fuzz_wrong(f, n, "has a finalizer that has not run");
    if (f->item[n].is_watched && !has_died(t, n))
      fuzz_wrong(f, n, "is garbage but alive");
    f->shadow.node[n].is_dead = true;
  }
}

/* Checks only if no other thread is waiting. Otherwise decrements may wait for
   a handshake or a collection. */
void fuzz_check_prompt(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  fuzz_calm_begin(t);
  if (gc_collector.prompt && !f->is_loose && f->waiters == 0) {
    shadow_reach(&f->shadow);
    must_set(f, false);
    must_check(t);
  }
  check_safety(t);
  compare_all(f);
  fuzz_calm_end(t);
}

/* Called when all garbage is gone that the collector can find. */
static void check_external(struct fuzz *f) {
  struct gc_memory_figures figures;
  size_t least = 0, most = 0;
  gc_memory_figures(f->heap, &figures);
  for (uint32_t n = 1; n <= f->shadow.count; n++) {
    least += f->shadow.reached[n] ? f->item[n].external : 0;
    most += f->shadow.node[n].is_dead ? 0 : f->item[n].external;
  }
  CHECK(figures.external >= least);
  CHECK(!must_anything_die() || figures.external <= most);
}

void fuzz_check_all(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  uint64_t before;
  fuzz_calm_begin(t);
  do {
    before = atomic_load(&f->runs);
    gc_collect(t->m, GC_FULL);
  } while (atomic_load(&f->runs) != before);
  f->is_loose = false;
  fuzz_note_dropped(f);
  must_set(f, gc_collector.reclaims_cycles);
  must_check(t);
  check_safety(t);
  shadow_reach(&f->shadow);
  check_external(f);
  compare_all(f);
  if (gc_collector.counts && !test_counts_narrowly())
    compare_counts(f);
  CHECK(gc_verify(t->m) == 0);
  fuzz_calm_end(t);
}

/* --- one collection ------------------------------------------------------- */

/* May the node be in a generation that is not collected? */
static bool may_be_older(const struct fuzz *f, uint32_t node, int generation) {
  uint64_t stops = atomic_load(&f->heap->stops) - f->item[node].born;
  return generation < GC_OLDEST && stops > (uint64_t)generation;
}

/* May an old storage of a container hold the node? Such a storage may be in a
   generation that is not collected. */
static bool may_be_held(const struct fuzz *f, uint32_t node, int generation) {
  return generation < GC_OLDEST && f->item[node].was_contained;
}

static void reach_older(struct fuzz *f, int generation) {
  for (uint32_t n = 1; n <= f->shadow.count; n++)
    if (!f->shadow.node[n].is_dead &&
        (may_be_older(f, n, generation) || may_be_held(f, n, generation)))
      shadow_reach_from(&f->shadow, n);
}

/* Objects that the finalizers of this collection can reach need not die yet. */
void fuzz_check_collection(struct fuzz_thread *t, int generation) {
  struct fuzz *f = t->fuzz;
  fuzz_calm_begin(t);
  reach_all_needed(f);
  reach_older(f, generation);
  must_set(f, gc_collector.reclaims_cycles);
  gc_collect(t->m, generation);
  must_check(t);
  check_safety(t);
  compare_all(f);
  fuzz_calm_end(t);
}

/* --- the end -------------------------------------------------------------- */

void fuzz_check_end(struct fuzz *f) {
  for (uint32_t n = 1; n <= f->shadow.count; n++)
    if (f->item[n].is_finalizable != atomic_load(&f->item[n].is_finalized))
      fuzz_wrong(f, n, "has a finalizer that never ran");
}
