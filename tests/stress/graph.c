/* SPDX-License-Identifier: MIT */
/* Random graphs: after a full collection exactly those objects are left that
   the card promises. There is one thread, or there are several, each with its
   own graph, which pass messages through shared cells. */
#include <stdlib.h>

#include "tests/stress/graph.h"

/* --- the check ------------------------------------------------------------ */

static bool has_died(struct graph *g, uint32_t node) {
  if (gc_root_get(g->weaks) == NULL)
    return test_deaths_of(g->first_id + node) != 0;
  gc_ref weak = gc_get(gc_root_get(g->weaks), node);
  bool dead = gc_weak_get(g->m, g->spare, weak) == NULL;
  gc_root_clear(g->m, g->spare);
  return dead;
}

/* Is a node garbage that the collector can find? Only collections find cycles.
   `reached` and `held` have been computed. */
static bool can_die(const struct graph *g, uint32_t node, bool with_cycles) {
  return !g->shadow.reached[node] && (with_cycles || g->shadow.held[node] == 0);
}

static void check_node(struct graph *g, uint32_t node, bool is_collected) {
  bool finds_cycles = gc_collector.reclaims_cycles;
  bool dead = has_died(g, node);
  if (dead && g->shadow.reached[node])
    graph_wrong(g, node, "is dead but reachable");
  if (dead && !(gc_collector.reclaims && can_die(g, node, finds_cycles)))
    graph_wrong(g, node, "is dead but the collector could not know");
  if (dead && g->is_finalized && !g->is_finalized[node])
    graph_wrong(g, node, "is dead but its finalizer did not run");
  if (!dead && test_finds_garbage() && !test_counts_narrowly() &&
      can_die(g, node, finds_cycles && is_collected))
    graph_wrong(g, node, "is garbage but not dead");
  g->shadow.node[node].is_dead = dead;
}

void graph_check(struct graph *g, bool is_collected) {
  shadow_reach(&g->shadow);
  shadow_count(&g->shadow);
  for (uint32_t node = 1; node <= g->shadow.count; node++)
    if (!g->shadow.node[node].is_dead)
      check_node(g, node, is_collected);
}

/* --- one thread ----------------------------------------------------------- */

enum { NODES_PER_STEP = 8, CHECKS = 10 };

void graph_begin(struct graph *g, uint64_t seed, uint32_t nodes) {
  g->seed = seed;
  CHECK(shadow_init(&g->shadow, nodes, SHADOW_ROOTS));
  if (g->kind != GRAPH_MORTAL)
    CHECK(gc_new_array(g->m, g->weaks, test_refs, nodes + 1) != NULL);
  if (g->kind == GRAPH_RETURNING) {
    g->is_finalized = calloc((size_t)nodes + 1, sizeof *g->is_finalized);
    CHECK(g->is_finalized != NULL);
  }
}

void graph_end(struct graph *g) {
  shadow_finish(&g->shadow);
  free(g->is_finalized);
}

/* Finalizers resurrect one in three nodes into the last roots, and overwrite a
   slot of one in five nodes before. This is the graph that has such nodes; only
   one thread has one. */
static struct graph *returning;

static void come_back(gc_mutator *m, const gc_root *self) {
  struct graph *g = returning;
  gc_ref object = gc_root_get(self);
  uint32_t node = (uint32_t)test_id(object);
  if (g == NULL) /* the heap is being destroyed */
    return;
  if (g->is_finalized[node])
    graph_wrong(g, node, "runs its finalizer a second time");
  g->is_finalized[node] = true;
  if (node % 5 == 0 && g->shadow.node[node].slots > 0) {
    gc_set(m, object, 0, graph_root(g, 0));
    g->shadow.node[node].slot[0] = g->shadow.root[0];
  }
  if (node % 3 == 0) {
    uint32_t root = SHADOW_ROOTS - 1 - node / 3 % 4;
    gc_root_set(m, &g->root[root], object);
    g->shadow.root[root] = node;
  }
}

/* A resurrected node replaces one that was resurrected before. So it takes a
   few rounds until no more nodes die. */
static void settle(struct graph *g, bool is_collected) {
  int turns = g->kind == GRAPH_RETURNING ? 4 : 1;
  for (int i = 0; i < turns; i++)
    if (is_collected)
      test_collect(g->m);
    else
      gc_safepoint(g->m);
}

static void run_graph(gc_mutator *m, uint64_t seed, uint64_t steps) {
  GC_FRAME(m, f, root[SHADOW_ROOTS], spare, weaks);
  struct graph g = {.m = m,
                    .kind = (enum graph_kind)(seed % GRAPH_KINDS),
                    .random = workload_random_make(seed, 0),
                    .root = f.root,
                    .spare = &f.spare,
                    .weaks = &f.weaks};
  uint32_t nodes = (uint32_t)(steps / NODES_PER_STEP);
  test_deaths_begin((size_t)nodes + 1);
  returning = &g;
  graph_begin(&g, seed, nodes);
  for (int i = 0; i < CHECKS; i++) {
    graph_steps(&g, steps / CHECKS);
    bool is_collected = i % 2 != 0 || !gc_collector.prompt;
    settle(&g, is_collected);
    graph_check(&g, is_collected);
    CHECK(gc_verify(m) == 0);
  }
  returning = NULL;
  graph_end(&g);
}

/* Runs as many seeds as other tests have threads. */
void stress_graph(unsigned threads) {
  uint64_t first = test_seed() * 1000 + threads;
  graph_types_define(come_back);
  for (uint64_t seed = first; seed < first + threads; seed++) {
    gc_mutator *m = test_open(0);
    run_graph(m, seed, test_scaled(200000));
    test_close(m);
  }
}

/* --- several -------------------------------------------------------------- */

enum { CELLS = 16 };

struct graphs {
  uint64_t steps;
  uint32_t nodes;
};

/* The ids of messages follow those of all nodes; every hundredth step sends
 * one.
 */
static uint64_t first_message(const struct graphs *graphs, unsigned threads) {
  return (uint64_t)graphs->nodes * threads + 1;
}

static size_t random_cell(struct graph *g) {
  return workload_random_below(&g->random, CELLS);
}

static void pass_messages(struct graph *g, gc_root *kept, uint64_t id) {
  test_make(g->m, g->spare, test_mortal, id);
  gc_set_move(g->m, stress_array(), random_cell(g), g->spare);
  gc_root_set(g->m, kept, stress_load(random_cell(g)));
  gc_safepoint(g->m);
  if (gc_root_get(kept) != NULL)
    CHECK(test_is_intact(gc_root_get(kept)));
}

/* One thread collects while the others wait; then each checks its graph. */
static void check_together(struct test_thread *self, struct graph *g) {
  gc_safepoint(g->m);
  test_meet(self);
  if (self->index == 0)
    test_collect(g->m);
  test_meet(self);
  graph_check(g, true);
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
                    .kind = (enum graph_kind)(self->index % GRAPH_RETURNING),
                    .first_id = self->index * (uint64_t)graphs->nodes};
  uint64_t message = first_message(graphs, self->count);
  graph_begin(&g, test_seed() + self->index, graphs->nodes);
  for (int i = 0; i < CHECKS; i++) {
    for (uint64_t k = 0; k < graphs->steps / CHECKS; k += 100) {
      graph_steps(&g, 100);
      pass_messages(&g, &f.kept, message + self->index * graphs->steps + k);
    }
    message++;
    check_together(self, &g);
  }
  graph_end(&g);
}

/* Checks the deaths of messages, which no thread holds any more. */
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
  graph_types_define(come_back);
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
