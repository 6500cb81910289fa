/* SPDX-License-Identifier: MIT */
/* Candidates: whatever happens to an object, to the thread that dropped it, or
   to the buffer that contains it, nothing is freed twice, nothing is lost, and
   buffers do not grow without bound. */
#include "tests/cycles/cycles.h"

/* Memory that can be in use beside a few live objects. */
enum { SLACK = 2 << 20 };

static bool is_bounded(struct test_thread *self, size_t before) {
  size_t most = before + (self->count + 1) * (size_t)SLACK;
  return test_held(self->heap) <= most || !gc_collector.prompt;
}

/* Drops a reference to an object that stays alive, and then drops the
   object. */
static void make_and_lose(gc_mutator *m) {
  GC_FRAME(m, f, object, again);
  test_make(m, &f.object, test_node, 1);
  gc_root_set(m, &f.again, gc_root_get(&f.object));
  gc_root_clear(m, &f.again);
}

/* Acyclic garbage that was a candidate is freed without any collection, whether
   collections are off or far away. */
static void lose_many(struct test_thread *self) {
  size_t before = test_held(self->heap);
  for (size_t i = 0; i < test_scaled(150000); i++)
    make_and_lose(self->m);
  test_meet(self);
  CHECK(is_bounded(self, before));
  test_meet(self);
}

/* So many at once that a buffer has several pieces. */
static void lose_in_bursts(struct test_thread *self) {
  int burst = test_is_stressed() ? 100 : 5000;
  size_t before = test_held(self->heap);
  GC_FRAME(self->m, f, list, node, again);
  for (size_t i = 0; i < test_scaled(60) + 1; i++) {
    for (int k = 0; k < burst; k++) {
      gc_ref node = test_make(self->m, &f.node, test_node, 1);
      gc_set_move(self->m, node, 0, &f.list);
      gc_root_move(self->m, &f.list, &f.node);
    }
    gc_root_set(self->m, &f.node, gc_root_get(&f.list));
    for (int k = 0; k < burst; k++)
      gc_root_set(self->m, &f.node, gc_get(gc_root_get(&f.node), 0));
    gc_root_clear(self->m, &f.list);
  }
  test_meet(self);
  CHECK(is_bounded(self, before));
  test_meet(self);
}

/* --- threads that come and go --------------------------------------------- */

struct visitor {
  gc_heap *heap;
  struct cycles_run *run;
  size_t rings;
};

static void *visit(void *arg) {
  struct visitor *v = arg;
  struct test_thread self = {.heap = v->heap, .count = 1, .shared = v->run};
  self.m = gc_attach(v->heap);
  CHECK(self.m != NULL);
  for (size_t i = 0; i < v->rings; i++) {
    cycles_drop_ring(&self, test_node, 2);
    make_and_lose(self.m);
  }
  gc_detach(self.m);
  return NULL;
}

static void be_visited(struct test_thread *self, size_t rings) {
  struct visitor visitor = {self->heap, self->shared, rings};
  pthread_t thread;
  gc_park(self->m);
  CHECK(pthread_create(&thread, NULL, visit, &visitor) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  gc_unpark(self->m);
}

/* Other threads find the garbage that a thread leaves behind, including acyclic
   garbage if death is not prompt. */
static void left_behind(struct test_thread *self) {
  enum { VISITS = 5, RINGS = 50 };
  size_t before = test_held(self->heap);
  for (int i = 0; i < VISITS; i++)
    be_visited(self, RINGS);
  size_t each = gc_collector.prompt ? 2 : 3;
  CHECK(cycles_finds(self, GC_FULL, VISITS * RINGS * each));
  CHECK(is_bounded(self, before));
}

/* None of them stays long enough to reach a threshold. */
static void short_visits(struct test_thread *self) {
  if (!gc_collector.reclaims_cycles)
    return;
  size_t before = test_held(self->heap);
  for (size_t i = 0; i < test_scaled(1000) / self->count; i++)
    be_visited(self, 60);
  test_meet(self);
  CHECK(is_bounded(self, before));
  test_meet(self);
}

/* --- death on another thread ---------------------------------------------- */

/* Places where one thread leaves what another takes. */
static gc_root places[CYCLES_THREADS + 1];

static void make_tree(gc_mutator *m, gc_root *out, int depth) {
  GC_FRAME(m, f, left, right);
  if (depth > 0) {
    make_tree(m, &f.left, depth - 1);
    make_tree(m, &f.right, depth - 1);
  }
  gc_ref node = test_make(m, out, test_node, (uint64_t)depth);
  gc_set_move(m, node, 0, &f.left);
  gc_set_move(m, node, 1, &f.right);
}

/* Each object of the tree that has many below it becomes a candidate of this
   thread, because its slots are stored to again. */
static void visit_tree(gc_mutator *m, const gc_root *from) {
  GC_FRAME(m, f, child);
  for (size_t i = 0; i < 2; i++) {
    gc_root_set(m, &f.child, gc_get(gc_root_get(from), i));
    gc_set(m, gc_root_get(from), i, gc_root_get(&f.child));
    if (gc_root_get(&f.child) != NULL)
      visit_tree(m, &f.child);
  }
}

/* Takes the tree of the previous thread, whose candidates are among its nodes,
   and drops it. Meanwhile the other thread processes its buffer and reuses the
   cells. */
static void drop_others_trees(struct test_thread *self) {
  int depth = GC_TSAN || GC_ASAN || test_is_stressed() ? 8 : 13;
  gc_root *mine = &places[self->index];
  const gc_root *theirs = &places[(self->index + 1) % self->count];
  gc_global_add(self->heap, mine);
  test_meet(self);
  GC_FRAME(self->m, f, tree, other);
  for (size_t i = 0; i < test_scaled(16) + 2; i++) {
    make_tree(self->m, &f.tree, depth);
    visit_tree(self->m, &f.tree);
    gc_global_set(self->m, mine, gc_root_get(&f.tree));
    gc_root_clear(self->m, &f.tree);
    test_meet(self);
    gc_root_set(self->m, &f.other, gc_root_get(theirs));
    test_meet(self);
    gc_global_set(self->m, mine, NULL);
    gc_safepoint(self->m);
    gc_root_clear(self->m, &f.other);
    for (int k = 0; k < 1000; k++)
      make_and_lose(self->m);
  }
  test_meet(self);
  gc_global_remove(self->m, mine);
}

/* All threads hold and drop the same objects. Each object is in the buffers of
   all threads in turn, and any thread can drop it last. */
static void share_and_lose(struct test_thread *self) {
  gc_root *place = &places[0];
  if (self->index == 0)
    gc_global_add(self->heap, place);
  test_meet(self);
  for (size_t i = 0; i < test_scaled(200000) / self->count; i++) {
    GC_FRAME(self->m, f, a, b);
    if (i % 4 == self->index) {
      test_make(self->m, &f.a, test_node, i);
      if (i % 3 == 0)
        gc_set(self->m, gc_root_get(&f.a), 0, gc_root_get(&f.a));
      gc_global_set(self->m, place, gc_root_get(&f.a));
    }
    gc_root_set(self->m, &f.b, gc_root_get(place));
    gc_root_set(self->m, &f.a, gc_root_get(&f.b));
    gc_safepoint(self->m);
    CHECK(gc_root_get(&f.b) == NULL || test_is_intact(gc_root_get(&f.b)));
  }
  test_meet(self);
  if (self->index == 0)
    gc_global_remove(self->m, place);
}

/* --- references that move ------------------------------------------------- */

/* A move closes a ring and drops it at once, so that no count falls. */
static void moved_into_itself(struct test_thread *self) {
  enum { RINGS = 100 };
  gc_mutator *m = self->m;
  GC_FRAME(m, f, a, b);
  for (int i = 0; i < RINGS; i++) {
    test_make(m, &f.a, test_node, 1);
    gc_set_move(m, gc_root_get(&f.a), 0, &f.a);
    test_make(m, &f.a, test_node, 2);
    test_make(m, &f.b, test_node, 3);
    gc_set_move(m, gc_root_get(&f.a), 1, &f.b);
    gc_set_move(m, gc_get(gc_root_get(&f.a), 1), 0, &f.a);
  }
  CHECK(cycles_finds(self, GC_FULL, 3 * RINGS));
}

/* The same for a moved object that no thread has seen before. */
static void moved_while_new(struct test_thread *self) {
  enum { RINGS = 100 };
  gc_mutator *m = self->m;
  GC_FRAME(m, f, old, new);
  for (int i = 0; i < RINGS; i++) {
    test_make(m, &f.old, test_node, 1);
    gc_ref new = test_make(m, &f.new, test_node, 2);
    gc_set_move(m, new, 0, &f.old);
    gc_set_move(m, gc_get(new, 0), 0, &f.new);
  }
  CHECK(cycles_finds(self, GC_FULL, 2 * RINGS));
}

/* --- counts that stick ---------------------------------------------------- */

/* Where counts are narrow, an object with too many references lives for ever,
   with all objects reachable from it. Elsewhere it dies with the ring. Neither
   case affects unrelated objects. */
static void hubs(struct test_thread *self) {
  enum { SPOKES = 40 };
  GC_FRAME(self->m, f, hub, spoke);
  test_make(self->m, &f.hub, test_node, 1);
  for (int i = 0; i < SPOKES; i++) {
    cycles_ring(self, &f.spoke, test_node, 2);
    gc_set(self->m, gc_root_get(&f.spoke), 1, gc_root_get(&f.hub));
    gc_set(self->m, gc_root_get(&f.hub), 0, gc_root_get(&f.spoke));
    gc_root_clear(self->m, &f.spoke);
  }
  gc_root_clear(self->m, &f.hub);
  /* The hub keeps the last spoke. */
  bool sticks = SPOKES > test_count_most();
  CHECK(
      cycles_finds(self, GC_FULL, sticks ? 2 * (SPOKES - 1) : 2 * SPOKES + 1));
}

const struct cycles_test cycles_buffers[] = {
    {.name = "lose_many", .run = lose_many},
    {.name = "lose_many", .run = lose_many, .is_automatic = true},
    {.name = "lose_many",
     .run = lose_many,
     .is_automatic = true,
     .key = "candidates",
     .value = "40000"},
    {.name = "lose_in_bursts", .run = lose_in_bursts},
    {.name = "lose_in_bursts", .run = lose_in_bursts, .is_automatic = true},
    {.name = "left_behind", .run = left_behind},
    {.name = "short_visits", .run = short_visits, .is_automatic = true},
    {.name = "drop_others_trees",
     .run = drop_others_trees,
     .is_automatic = true},
    {.name = "share_and_lose", .run = share_and_lose, .is_automatic = true},
    {.name = "moved_into_itself", .run = moved_into_itself},
    {.name = "moved_while_new", .run = moved_while_new},
    {.name = "hubs", .run = hubs},
    {0},
};
