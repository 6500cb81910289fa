/* SPDX-License-Identifier: MIT */
/* A mutator that does at random all that the interface allows, beside a shadow
   that says what must come of it: after a full collection exactly those
   objects are left that the card promises. One thread, or several, each with
   a graph of its own, that pass messages through shared cells. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/stress/shadow.h"
#include "tests/stress/stress.h"

/* How deaths are seen: by finalizers, or by weak references, so that objects
   without finalizers are tested as well. */
struct graph {
  struct shadow shadow;
  struct workload_random random;
  gc_mutator *m;
  gc_root *root; /* SHADOW_ROOTS of them */
  gc_root *spare;
  gc_root *weaks; /* an array by node; empty where finalizers tell */
  uint64_t seed;
  uint64_t first_id; /* of node 1, less 1 */
};

static _Noreturn void wrong(const struct graph *g, uint32_t node,
                            const char *what) {
  fprintf(stderr, "graph of seed %llu, node %u: %s\n",
          (unsigned long long)g->seed, node, what);
  test_fail(__FILE__, __LINE__, what);
}

static uint32_t below(struct graph *g, uint32_t n) {
  return (uint32_t)workload_random_below(&g->random, n);
}

static gc_ref root_ref(const struct graph *g, uint32_t root) {
  return gc_root_get(&g->root[root]);
}

/* --- types ------------------------------------------------------------------
 */

/* 0 … 4 fixed slots, and an array after one fixed slot. */
enum { SHAPES = 6, ARRAY_SHAPE = 5, ARRAY_FIXED = 1 };
static gc_type shapes[2][SHAPES]; /* with finalizers, and without */

static void define_shapes(void) {
  for (uint32_t i = 0; shapes[1][SHAPES - 1] == 0 && i < 2 * SHAPES; i++) {
    uint32_t shape = i % SHAPES;
    struct gc_type_desc desc = {.name = "graph", .refs = shape, .bytes = 16};
    if (shape == ARRAY_SHAPE) {
      desc.refs = ARRAY_FIXED;
      desc.tail = GC_REF_TAIL;
    }
    desc.finalize = i < SHAPES ? test_record_death : NULL;
    shapes[i / SHAPES][shape] = gc_type_define(&desc);
    CHECK(shapes[i / SHAPES][shape] != 0);
  }
}

/* --- steps ------------------------------------------------------------------
 */

/* A root that holds something, or any: picked at random, not to loop. */
static uint32_t pick_root(struct graph *g) {
  uint32_t root = below(g, SHADOW_ROOTS);
  for (int i = 0; i < 4 && g->shadow.root[root] == 0; i++)
    root = below(g, SHADOW_ROOTS);
  return root;
}

/* A slot of what the root holds; false where there is none. */
static bool pick_slot(struct graph *g, uint32_t root, uint32_t *slot) {
  uint32_t slots = g->shadow.node[g->shadow.root[root]].slots;
  if (g->shadow.root[root] == 0 || slots == 0)
    return false;
  *slot = below(g, slots);
  return true;
}

static uint32_t *shadow_slot(struct graph *g, uint32_t root, uint32_t slot) {
  return &g->shadow.node[g->shadow.root[root]].slot[slot];
}

static void remember_weak(struct graph *g, uint32_t node, gc_root *target) {
  gc_weak_new(g->m, g->spare, gc_root_get(target));
  gc_set_move(g->m, gc_root_get(g->weaks), node, g->spare);
}

static void step_new(struct graph *g) {
  uint32_t shape = below(g, SHAPES), root = below(g, SHADOW_ROOTS);
  uint32_t length = below(g, SHADOW_SLOTS - ARRAY_FIXED + 1);
  bool is_array = shape == ARRAY_SHAPE;
  if (g->shadow.count == g->shadow.capacity)
    return;
  gc_type type = shapes[gc_root_get(g->weaks) != NULL][shape];
  gc_ref object = is_array ? gc_new_array(g->m, &g->root[root], type, length)
                           : gc_new(g->m, &g->root[root], type);
  CHECK(object != NULL);
  uint32_t node =
      shadow_add(&g->shadow, is_array ? ARRAY_FIXED + length : shape);
  test_payload_set(object, g->first_id + node);
  g->shadow.root[root] = node;
  if (gc_root_get(g->weaks) != NULL)
    remember_weak(g, node, &g->root[root]);
}

static void step_copy(struct graph *g) {
  uint32_t from = pick_root(g), to = below(g, SHADOW_ROOTS);
  gc_root_set(g->m, &g->root[to], root_ref(g, from));
  g->shadow.root[to] = g->shadow.root[from];
}

static void step_move(struct graph *g) {
  uint32_t from = pick_root(g), to = below(g, SHADOW_ROOTS);
  if (from == to)
    return;
  gc_root_move(g->m, &g->root[to], &g->root[from]);
  g->shadow.root[to] = g->shadow.root[from];
  g->shadow.root[from] = 0;
}

static void step_clear(struct graph *g) {
  uint32_t root = below(g, SHADOW_ROOTS);
  gc_root_clear(g->m, &g->root[root]);
  g->shadow.root[root] = 0;
}

static void step_set(struct graph *g) {
  uint32_t to = pick_root(g), from = below(g, SHADOW_ROOTS), slot;
  if (!pick_slot(g, to, &slot))
    return;
  gc_set(g->m, root_ref(g, to), slot, root_ref(g, from));
  *shadow_slot(g, to, slot) = g->shadow.root[from];
}

static void step_set_move(struct graph *g) {
  uint32_t to = pick_root(g), from = below(g, SHADOW_ROOTS), slot;
  if (from == to || !pick_slot(g, to, &slot))
    return;
  gc_set_move(g->m, root_ref(g, to), slot, &g->root[from]);
  *shadow_slot(g, to, slot) = g->shadow.root[from];
  g->shadow.root[from] = 0;
}

static void step_walk(struct graph *g) {
  uint32_t from = pick_root(g), to = below(g, SHADOW_ROOTS), slot;
  if (!pick_slot(g, from, &slot))
    return;
  uint32_t node = *shadow_slot(g, from, slot);
  gc_root_set(g->m, &g->root[to], gc_get(root_ref(g, from), slot));
  g->shadow.root[to] = node;
}

/* Expects what is there, or, as often, something else. */
static void step_cas(struct graph *g) {
  uint32_t to = pick_root(g), from = below(g, SHADOW_ROOTS), slot;
  if (!pick_slot(g, to, &slot))
    return;
  uint32_t other = below(g, SHADOW_ROOTS);
  bool honest = below(g, 2);
  gc_ref expected = honest ? gc_get(root_ref(g, to), slot) : root_ref(g, other);
  bool right = honest || g->shadow.root[other] == *shadow_slot(g, to, slot);
  if (gc_cas(g->m, root_ref(g, to), slot, expected, root_ref(g, from)) != right)
    wrong(g, g->shadow.root[to], "gc_cas went the wrong way");
  if (right)
    *shadow_slot(g, to, slot) = g->shadow.root[from];
}

/* Two slots change places by way of raw references. */
static void step_swap(struct graph *g) {
  uint32_t a = pick_root(g), b = pick_root(g), i, k;
  if (!pick_slot(g, a, &i) || !pick_slot(g, b, &k))
    return;
  gc_ref raw = gc_get(root_ref(g, a), i);
  gc_set(g->m, root_ref(g, a), i, gc_get(root_ref(g, b), k));
  gc_set(g->m, root_ref(g, b), k, raw);
  uint32_t node = *shadow_slot(g, a, i);
  *shadow_slot(g, a, i) = *shadow_slot(g, b, k);
  *shadow_slot(g, b, k) = node;
}

/* A weak reference that gives nothing is right if no root leads there; one
   that gives something brings it back. */
static void step_weak(struct graph *g) {
  uint32_t to = below(g, SHADOW_ROOTS);
  if (gc_root_get(g->weaks) == NULL || g->shadow.count == 0)
    return;
  uint32_t node = 1 + below(g, g->shadow.count);
  gc_ref weak = gc_get(gc_root_get(g->weaks), node);
  gc_ref target = gc_weak_get(g->m, g->spare, weak);
  if (target == NULL) {
    shadow_reach(&g->shadow);
    if (g->shadow.reached[node])
      wrong(g, node, "its weak reference is cleared and it is reachable");
    return;
  }
  if (g->shadow.node[node].is_dead)
    wrong(g, node, "a weak reference gave a dead object");
  gc_root_move(g->m, &g->root[to], g->spare);
  g->shadow.root[to] = node;
}

static void step_look(struct graph *g) {
  uint32_t root = pick_root(g), node = g->shadow.root[root];
  gc_ref object = root_ref(g, root);
  if ((object == NULL) != (node == 0))
    wrong(g, node, "a root is not what it was set to");
  if (node == 0)
    return;
  if (!test_is_intact(object) || test_id(object) != g->first_id + node)
    wrong(g, node, "a root holds something else");
  for (uint32_t i = 0; i < g->shadow.node[node].slots; i++) {
    gc_ref held = gc_get(object, i);
    uint32_t should = g->shadow.node[node].slot[i];
    if (held == NULL
            ? should != 0
            : !test_is_intact(held) || test_id(held) != g->first_id + should)
      wrong(g, node, "a slot is not what it was set to");
  }
}

static void step(struct graph *g) {
  static void (*const steps[])(struct graph *) = {
      step_new, step_new,      step_copy,  step_move, step_clear, step_set,
      step_set, step_set_move, step_walk,  step_walk, step_look,  step_swap,
      step_cas, step_cas,      step_clear, step_walk};
  enum { STEPS = sizeof steps / sizeof steps[0] };
  steps[below(g, STEPS)](g);
  if (below(g, 8) == 0)
    gc_safepoint(g->m);
  if (below(g, 500) == 0)
    step_weak(g);
  if (below(g, 5000) == 0)
    gc_collect(g->m, (int)below(g, 3));
}

/* --- the check
 * ---------------------------------------------------------------- */

static bool has_died(struct graph *g, uint32_t node) {
  if (gc_root_get(g->weaks) == NULL)
    return test_deaths_of(g->first_id + node) != 0;
  gc_ref weak = gc_get(gc_root_get(g->weaks), node);
  bool dead = gc_weak_get(g->m, g->spare, weak) == NULL;
  gc_root_clear(g->m, g->spare);
  return dead;
}

/* Is a node garbage that can be found? Cycles are by collections alone. Both
   work spaces have been filled in. */
static bool can_die(const struct graph *g, uint32_t node, bool with_cycles) {
  return !g->shadow.reached[node] && (with_cycles || g->shadow.held[node] == 0);
}

static void check_node(struct graph *g, uint32_t node, bool is_collected) {
  bool finds_cycles = gc_collector.reclaims_cycles;
  bool dead = has_died(g, node);
  if (dead && g->shadow.reached[node])
    wrong(g, node, "it is dead and reachable");
  if (dead && !(gc_collector.reclaims && can_die(g, node, finds_cycles)))
    wrong(g, node, "it is dead and nobody could know");
  if (!dead && test_finds_garbage() && !test_counts_narrowly() &&
      can_die(g, node, finds_cycles && is_collected))
    wrong(g, node, "it is garbage and not dead");
  g->shadow.node[node].is_dead = dead;
}

/* After all that can die has had the time to: by a safepoint, or else by full
   collections. */
static void check_graph(struct graph *g, bool is_collected) {
  shadow_reach(&g->shadow);
  shadow_count(&g->shadow);
  for (uint32_t node = 1; node <= g->shadow.count; node++)
    if (!g->shadow.node[node].is_dead)
      check_node(g, node, is_collected);
}

/* --- one thread
 * ----------------------------------------------------------------- */

enum { NODES_PER_STEP = 8, CHECKS = 10 };

static void run_steps(struct graph *g, uint64_t count) {
  for (uint64_t i = 0; i < count; i++)
    step(g);
}

static void graph_begin(struct graph *g, uint64_t seed, uint32_t nodes) {
  g->seed = seed;
  CHECK(shadow_init(&g->shadow, nodes));
  if (seed % 2 == 0)
    CHECK(gc_new_array(g->m, g->weaks, test_refs, nodes + 1) != NULL);
}

static void run_graph(gc_mutator *m, uint64_t seed, uint64_t steps) {
  GC_FRAME(m, f, root[SHADOW_ROOTS], spare, weaks);
  struct graph g = {.m = m,
                    .random = workload_random_make(seed, 0),
                    .root = f.root,
                    .spare = &f.spare,
                    .weaks = &f.weaks};
  uint32_t nodes = (uint32_t)(steps / NODES_PER_STEP);
  test_deaths_begin((size_t)nodes + 1);
  graph_begin(&g, seed, nodes);
  for (int i = 0; i < CHECKS; i++) {
    run_steps(&g, steps / CHECKS);
    bool is_collected = i % 2 != 0 || !gc_collector.prompt;
    if (is_collected)
      test_collect(m);
    else
      gc_safepoint(m);
    check_graph(&g, is_collected);
    CHECK(gc_verify(m) == 0);
  }
  shadow_finish(&g.shadow);
}

/* As many seeds as there would be threads. */
void stress_graph(unsigned threads) {
  uint64_t first = test_seed() * 1000 + threads;
  define_shapes();
  for (uint64_t seed = first; seed < first + threads; seed++) {
    gc_mutator *m = test_open(0);
    run_graph(m, seed, test_scaled(200000));
    test_close(m);
  }
}

/* --- several
 * ------------------------------------------------------------------- */

enum { CELLS = 16 };

struct graphs {
  uint64_t steps;
  uint32_t nodes;
};

/* Messages have numbers behind those of all nodes, one hundred apart. */
static uint64_t first_message(const struct graphs *graphs, unsigned threads) {
  return (uint64_t)graphs->nodes * threads + 1;
}

static void pass_messages(struct graph *g, gc_root *kept, uint64_t id) {
  test_make(g->m, g->spare, test_mortal, id);
  gc_set_move(g->m, stress_array(), below(g, CELLS), g->spare);
  gc_root_set(g->m, kept, stress_load(below(g, CELLS)));
  gc_safepoint(g->m);
  if (gc_root_get(kept) != NULL)
    CHECK(test_is_intact(gc_root_get(kept)));
}

/* One collects while the others stand by; then each looks at its own. */
static void check_together(struct test_thread *self, struct graph *g) {
  gc_safepoint(g->m);
  test_meet(self);
  if (self->index == 0)
    test_collect(g->m);
  test_meet(self);
  check_graph(g, true);
  if (self->index == 0)
    CHECK(gc_verify(g->m) == 0);
  test_meet(self);
}

static void run_one_of_many(struct test_thread *self) {
  struct graphs *graphs = self->shared;
  GC_FRAME(self->m, f, root[SHADOW_ROOTS], spare, weaks, kept);
  struct graph g = {.m = self->m,
                    .random = self->random,
                    .root = f.root,
                    .spare = &f.spare,
                    .weaks = &f.weaks,
                    .first_id = self->index * (uint64_t)graphs->nodes};
  uint64_t message = first_message(graphs, self->count);
  graph_begin(&g, test_seed() + self->index, graphs->nodes);
  for (int i = 0; i < CHECKS; i++) {
    for (uint64_t k = 0; k < graphs->steps / CHECKS; k += 100) {
      run_steps(&g, 100);
      pass_messages(&g, &f.kept, message + self->index * graphs->steps + k);
    }
    message++;
    check_together(self, &g);
  }
  shadow_finish(&g.shadow);
}

/* Nobody holds a message any more. */
static void check_messages(const struct graphs *graphs, unsigned threads) {
  size_t sent = threads * CHECKS * ((graphs->steps / CHECKS + 99) / 100);
  size_t died = 0;
  uint64_t first = first_message(graphs, threads);
  for (uint64_t i = 0; i < graphs->steps * threads + CHECKS; i++)
    died += test_deaths_of(first + i);
  CHECK(died <= test_most_dead(sent));
  CHECK(died >= test_least_dead_of_shared(sent, 2 * threads + 2));
}

void stress_graphs(unsigned threads) {
  struct graphs graphs = {.steps = test_scaled(800000) / threads};
  graphs.nodes = (uint32_t)(graphs.steps / NODES_PER_STEP) + 1;
  define_shapes();
  test_deaths_begin(first_message(&graphs, threads) + graphs.steps * threads +
                    CHECKS);
  gc_mutator *m = stress_open(0, CELLS);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, run_one_of_many, &graphs);
  stress_settle(m);
  check_messages(&graphs, threads);
  if (gc_collector.reclaims_cycles)
    stress_check_held(m, before);
  stress_close(m);
}
