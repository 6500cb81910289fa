/* SPDX-License-Identifier: MIT */
/* When automatic collections happen, which generations they cover, and how much
   garbage can gather before they find it. */
#include "tests/cycles/cycles.h"

/* --- thresholds ----------------------------------------------------------- */

static void threshold_is_missing(gc_heap *heap, int generation) {
  CHECK(!gc_threshold_exists(heap, generation));
  CHECK(gc_threshold_greatest(heap, generation) == 0);
  CHECK(gc_threshold_get(heap, generation) == 0);
  CHECK(!gc_threshold_set(heap, generation, 5));
}

static void threshold_has_a_greatest_value(gc_heap *heap, int generation) {
  uint64_t greatest = gc_threshold_greatest(heap, generation);
  CHECK(gc_threshold_set(heap, generation, greatest));
  CHECK(greatest == UINT64_MAX ||
        !gc_threshold_set(heap, generation, greatest + 1));
  CHECK(gc_threshold_get(heap, generation) == greatest);
}

/* Each threshold can be set, read back, and turned off. */
static void thresholds_are_kept(struct test_thread *self) {
  bool has_any = gc_collector.threshold_get != NULL;
  test_meet(self);
  if (self->index != 0)
    return test_meet(self);
  threshold_is_missing(self->heap, -1);
  threshold_is_missing(self->heap, GC_OLDEST + 1);
  for (int i = 0; i <= GC_OLDEST; i++) {
    CHECK(gc_threshold_exists(self->heap, i) == has_any);
    if (has_any)
      threshold_has_a_greatest_value(self->heap, i);
    else
      threshold_is_missing(self->heap, i);
    CHECK(gc_threshold_set(self->heap, i, 100000) == has_any);
    CHECK(gc_threshold_get(self->heap, i) == (has_any ? 100000 : 0));
    CHECK(gc_threshold_set(self->heap, i, 0) == has_any);
    CHECK(gc_threshold_get(self->heap, i) == 0);
  }
  test_meet(self);
}

/* Drops rings of mortals until one of them dies, or until `most` objects have
   been dropped. Returns the number of dropped objects. */
static size_t drop_until_found(struct test_thread *self, size_t most) {
  size_t before = test_deaths(), n = 0;
  while (n < most && test_deaths() == before) {
    cycles_drop_ring(self, test_mortal, 2);
    n += 2;
  }
  return n;
}

/* T-50: an automatic collection happens within ten thousand dropped objects if
   the threshold counts candidates, and within some megabytes if it counts
   bytes. If the thresholds are 0, none happens. */
static void turned_on_and_off(struct test_thread *self) {
  enum { NONE = 20000, MOST = 120000 };
  size_t most = gc_collector.counts ? 10000 : MOST;
  if (gc_threshold_get(self->heap, 0) != 0 && test_finds_cycles())
    CHECK(drop_until_found(self, most) < most);
  test_meet(self);
  if (self->index == 0)
    for (int i = 0; i <= GC_OLDEST; i++)
      gc_threshold_set(self->heap, i, 0);
  test_meet(self);
  if (cycles_is_quiet(self) && gc_collector.threshold_get != NULL)
    CHECK(drop_until_found(self, NONE) == NONE);
  test_meet(self);
}

/* Automatic collections of the young generation are more frequent than those of
   the old. */
static void the_young_more_often(struct test_thread *self) {
  struct cycles_run *run = self->shared;
  GC_FRAME(self->m, f, keep, ring);
  gc_new_array(self->m, &f.keep, test_refs, 64);
  /* This number is not scaled: the objects must fill several nurseries even in
     a slow build. Under stress the pauses are not checked below. */
  size_t rings = test_is_stressed() ? 100 : 40000;
  for (size_t i = 0; i < rings; i++) {
    cycles_ring(self, &f.ring, test_node, 3);
    gc_set_move(self->m, gc_root_get(&f.keep), i % 64, &f.ring);
  }
  test_meet(self);
  if (GC_OLDEST == 2 && !test_is_stressed() &&
      gc_threshold_get(self->heap, 0) != 0) {
    CHECK(run->pauses[0] > run->pauses[1]);
    CHECK(run->pauses[1] >= run->pauses[2]);
  }
  test_meet(self);
}

/* --- bounded garbage ------------------------------------------------------ */

/* T-52, as in CPython: each short list refers to a long live list, which refers
   to the newest short list. The last 20 short lists are kept. A node refers to
   the next node in slot 0 and to the previous one in slot 1. Slot 2 links the
   two lists. */
enum { SHORT = 20, KEPT = 20, LONG = 1000, FLOAT_NODES = 27000 };

static void make_list(struct test_thread *self, gc_root *head, size_t length,
                      gc_type type) {
  GC_FRAME(self->m, f, node);
  gc_root_clear(self->m, head);
  for (size_t i = 0; i < length; i++) {
    CHECK(test_make(self->m, &f.node, type, i) != NULL);
    if (gc_root_get(head) != NULL)
      gc_set(self->m, gc_root_get(head), 1, gc_root_get(&f.node));
    gc_set_move(self->m, gc_root_get(&f.node), 0, head);
    gc_root_move(self->m, head, &f.node);
  }
}

static gc_type linked(void) {
  return cycles_define(
      &(struct gc_type_desc){.name = "linked", .refs = 3, .bytes = 16});
}

/* The most bytes of garbage that may wait for a collection: CPython's bound of
   27 000 nodes, and 1 MiB of free cells, for each thread and once more. A
   collector whose threshold counts bytes may have 32 MiB in addition. */
static size_t float_bound(struct test_thread *self, size_t node) {
  enum { AT_HAND = 1 << 20, BYTES = 32 << 20 };
  size_t bytes = gc_collector.counts ? 0 : BYTES;
  return (self->count + 1) * (FLOAT_NODES * node + AT_HAND) + bytes;
}

/* With several threads, collectors that count defer decrements. Each thread may
   have nine buffers with about a thousand overwritten references each, and each
   two of these references keep one short list. */
static size_t deferred_bound(struct test_thread *self, size_t node) {
  enum { DEFERRED = 9 * 1020 / 2 };
  bool is_deferred = gc_collector.counts && self->count > 1;
  return is_deferred ? self->count * DEFERRED * SHORT * node : 0;
}

static void hang_lists(struct test_thread *self, gc_type type, size_t count) {
  GC_FRAME(self->m, f, alive, kept, list);
  make_list(self, &f.alive, test_is_stressed() ? LONG / 20 : LONG, type);
  gc_new_array(self->m, &f.kept, test_refs, KEPT);
  for (size_t i = 0; i < count; i++) {
    make_list(self, &f.list, SHORT, type);
    gc_set(self->m, gc_root_get(&f.list), 2, gc_root_get(&f.alive));
    gc_set(self->m, gc_root_get(&f.alive), 2, gc_root_get(&f.list));
    gc_set_move(self->m, gc_root_get(&f.kept), i % KEPT, &f.list);
  }
}

static void garbage_is_bounded(struct test_thread *self) {
  gc_type type = linked();
  size_t node = gc_size_for(type, 0);
  size_t live = self->count * (LONG + KEPT * SHORT) * node;
  hang_lists(self, type, test_scaled(test_is_stressed() ? 4000 : 20000));
  test_meet(self);
  if (test_finds_cycles() && gc_collector.threshold_get != NULL)
    CHECK(cycles_held_most(self) <=
          live + float_bound(self, node) + deferred_bound(self, node));
  test_meet(self);
}

/* The same beside so many live objects that a pass under a budget cannot
   examine all of them. */
static void garbage_beside_much(struct test_thread *self) {
  gc_type type = linked();
  size_t node = gc_size_for(type, 0), many = test_scaled(20000);
  GC_FRAME(self->m, f, alive, ring, at);
  make_list(self, &f.alive, many, type);
  test_collect(self->m);
  gc_root_set(self->m, &f.at, gc_root_get(&f.alive));
  for (size_t i = 0; i < test_scaled(60000) / self->count; i++) {
    cycles_ring(self, &f.ring, type, 2);
    gc_set(self->m, gc_root_get(&f.ring), 2, gc_root_get(&f.at));
    gc_ref next = gc_get(gc_root_get(&f.at), 0);
    gc_root_set(self->m, &f.at, next ? next : gc_root_get(&f.alive));
  }
  test_meet(self);
  size_t each = (2 * many + FLOAT_NODES) * node + (1 << 20);
  if (gc_collector.reclaims_cycles && gc_collector.counts)
    CHECK(cycles_held_most(self) <= self->count * each);
  test_meet(self);
}

/* --- a budget ------------------------------------------------------------- */

/* Passes that stop early lose nothing: the remaining garbage is found later,
   and live objects stay. */
static void nothing_is_lost(struct test_thread *self) {
  size_t rings = test_is_stressed() ? 30 : 3000;
  size_t before = test_deaths();
  GC_FRAME(self->m, f, alive, node);
  test_meet(self);
  cycles_ring(self, &f.alive, test_node, rings);
  for (size_t i = 0; i < rings; i++) {
    cycles_drop_ring(self, test_mortal, 3);
    gc_root_set(self->m, &f.node, gc_root_get(&f.alive));
    gc_root_set(self->m, &f.alive, gc_get(gc_root_get(&f.node), 0));
  }
  test_meet(self);
  test_collect(self->m);
  test_meet(self);
  CHECK(cycles_is_right(test_deaths() - before, rings * 3 * self->count));
  for (size_t i = 0; i < rings; i++) {
    CHECK(test_is_intact(gc_root_get(&f.alive)));
    gc_root_set(self->m, &f.alive, gc_get(gc_root_get(&f.alive), 0));
  }
  test_meet(self);
}

/* One dead ring has more objects than a pass under a budget may examine. In the
   end, automatic passes find it without any explicit collection. */
static void a_large_ring_in_the_end(struct test_thread *self) {
  size_t size = test_scaled(200000), before = test_deaths();
  test_meet(self);
  cycles_drop_ring(self, test_mortal, size / self->count + 1);
  bool is_awaited = gc_collector.counts && gc_collector.reclaims_cycles &&
                    !test_is_stressed();
  for (size_t i = 0; is_awaited && i < 200000; i++) {
    cycles_drop_ring(self, test_node, 2);
    if (test_deaths() - before >= (size / self->count + 1) * self->count)
      break;
  }
  test_meet(self);
  if (is_awaited)
    CHECK(test_deaths() - before >= (size / self->count + 1));
  test_meet(self);
}

/* --- objects that a pass examines ----------------------------------------- */

static size_t marked_beside(struct test_thread *self, size_t live) {
  struct cycles_run *run = self->shared;
  enum { RINGS = 1000 };
  GC_FRAME(self->m, f, keep, ring);
  gc_new_array(self->m, &f.keep, test_refs, live / 100);
  for (size_t i = 0; i < live / 100; i++) {
    cycles_ring(self, &f.ring, test_node, 100);
    gc_set_move(self->m, gc_root_get(&f.keep), i, &f.ring);
  }
  cycles_settle(self);
  for (int i = 0; i < RINGS; i++)
    cycles_drop_ring(self, test_node, 2);
  test_meet(self);
  size_t before = atomic_load(&run->marked);
  test_meet(self);
  CHECK(cycles_finds(self, GC_FULL, 2 * RINGS));
  size_t marked = atomic_load(&run->marked) - before;
  test_meet(self);
  return marked;
}

/* If a collector finds cycles by counting, the cost of a pass depends only on
   the dead rings. With a hundred times as many live objects, the pass examines
   exactly as many objects as before. */
static void only_what_died_is_looked_at(struct test_thread *self) {
  if (!gc_collector.counts || !cycles_is_quiet(self))
    return;
  size_t small = marked_beside(self, 1000);
  size_t large = marked_beside(self, 100000);
  CHECK(large == small);
  CHECK(cycles_is_right(small, 2000 * self->count));
}

/* --- a limit -------------------------------------------------------------- */

/* Makes far more garbage than the limit allows, all of it in rings. Only the
   limit causes collections. Every allocation must succeed. */
static void fill_with_rings(struct test_thread *self, gc_type type) {
  GC_FRAME(self->m, f, ring, keep);
  if (!gc_collector.limits || !test_finds_cycles())
    return;
  cycles_ring(self, &f.keep, test_node, 1000);
  for (size_t i = 0; i < test_scaled(50000) / self->count; i++)
    cycles_ring(self, &f.ring, type, 10);
  for (int i = 0; i < 1000; i++)
    gc_root_set(self->m, &f.keep, gc_get(gc_root_get(&f.keep), 0));
  CHECK(test_is_intact(gc_root_get(&f.keep)));
}

static void the_limit_finds_rings(struct test_thread *self) {
  fill_with_rings(self, test_node);
}

static void pass_by(gc_mutator *m, const gc_root *self) {
  (void)m;
  CHECK(test_is_intact(gc_root_get(self)));
}

static void the_limit_runs_finalizers(struct test_thread *self) {
  fill_with_rings(
      self,
      cycles_define(&(struct gc_type_desc){
          .name = "passes by", .refs = 2, .bytes = 16, .finalize = pass_by}));
}

enum { LIMIT = 4 << 20 };

const struct cycles_test cycles_passes[] = {
    {.name = "thresholds_are_kept", .run = thresholds_are_kept},
    {.name = "turned_on_and_off",
     .run = turned_on_and_off,
     .is_automatic = true},
    {.name = "the_young_more_often",
     .run = the_young_more_often,
     .is_automatic = true},
    {.name = "garbage_is_bounded",
     .run = garbage_is_bounded,
     .is_automatic = true},
    {.name = "garbage_is_bounded",
     .run = garbage_is_bounded,
     .is_automatic = true,
     .key = "budget_us",
     .value = "200"},
    {.name = "garbage_beside_much",
     .run = garbage_beside_much,
     .is_automatic = true,
     .is_heavy = true},
    {.name = "garbage_beside_much",
     .run = garbage_beside_much,
     .is_automatic = true,
     .is_heavy = true,
     .key = "budget_us",
     .value = "200"},
    {.name = "nothing_is_lost", .run = nothing_is_lost, .is_automatic = true},
    {.name = "nothing_is_lost",
     .run = nothing_is_lost,
     .is_automatic = true,
     .key = "budget_us",
     .value = "20"},
    {.name = "a_large_ring_in_the_end",
     .run = a_large_ring_in_the_end,
     .is_automatic = true,
     .key = "budget_us",
     .value = "100"},
    {.name = "only_what_died_is_looked_at", .run = only_what_died_is_looked_at},
    {.name = "the_limit_finds_rings",
     .run = the_limit_finds_rings,
     .heap_bytes = LIMIT},
    {.name = "the_limit_runs_finalizers",
     .run = the_limit_runs_finalizers,
     .heap_bytes = LIMIT},
    {0},
};
