/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "tests/stress/graph.h"

_Noreturn void graph_wrong(const struct graph *g, uint32_t node,
                           const char *what) {
  fprintf(stderr, "graph of seed %llu, node %u: %s\n",
          (unsigned long long)g->seed, node, what);
  test_fail(__FILE__, __LINE__, what);
}

static uint32_t below(struct graph *g, uint32_t n) {
  return (uint32_t)workload_random_below(&g->random, n);
}

/* --- types ---------------------------------------------------------------- */

/* 0 … 4 fixed slots, and an array after one fixed slot. */
enum { SHAPES = 6, ARRAY_SHAPE = 5, ARRAY_FIXED = 1 };
static gc_type shapes[GRAPH_KINDS][SHAPES];

static void define_kind(enum graph_kind kind,
                        void (*finalize)(gc_mutator *, const gc_root *)) {
  for (uint32_t shape = 0; shape < SHAPES; shape++) {
    struct gc_type_desc desc = {
        .name = "graph", .refs = shape, .bytes = 16, .finalize = finalize};
    if (shape == ARRAY_SHAPE) {
      desc.refs = ARRAY_FIXED;
      desc.tail = GC_REF_TAIL;
    }
    shapes[kind][shape] = gc_type_define(&desc);
    CHECK(shapes[kind][shape] != 0);
  }
}

void graph_types_define(void (*finalize_returning)(gc_mutator *,
                                                   const gc_root *)) {
  if (shapes[0][0] != 0)
    return;
  define_kind(GRAPH_MORTAL, test_record_death);
  define_kind(GRAPH_PLAIN, NULL);
  define_kind(GRAPH_RETURNING, finalize_returning);
}

/* --- steps ---------------------------------------------------------------- */

/* A random root, preferably one that is not empty. Tries are bounded. */
static uint32_t pick_root(struct graph *g) {
  uint32_t root = below(g, SHADOW_ROOTS);
  for (int i = 0; i < 4 && g->shadow.root[root] == 0; i++)
    root = below(g, SHADOW_ROOTS);
  return root;
}

/* A random slot of the object in a root. False: there is no slot. */
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
  gc_type type = shapes[g->kind][shape];
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
  gc_root_set(g->m, &g->root[to], graph_root(g, from));
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
  gc_set(g->m, graph_root(g, to), slot, graph_root(g, from));
  *shadow_slot(g, to, slot) = g->shadow.root[from];
}

static void step_set_move(struct graph *g) {
  uint32_t to = pick_root(g), from = below(g, SHADOW_ROOTS), slot;
  if (!pick_slot(g, to, &slot))
    return;
  uint32_t *shadow = shadow_slot(g, to, slot);
  gc_set_move(g->m, graph_root(g, to), slot, &g->root[from]);
  *shadow = g->shadow.root[from];
  g->shadow.root[from] = 0;
}

/* Moves a root into an object that is held by a slot. The root may have been
   the only path to that object. */
static void step_move_deep(struct graph *g) {
  uint32_t by = pick_root(g), from = below(g, 2) ? by : pick_root(g), slot;
  if (!pick_slot(g, by, &slot))
    return;
  uint32_t node = *shadow_slot(g, by, slot);
  uint32_t slots = g->shadow.node[node].slots;
  if (node == 0 || slots == 0)
    return;
  uint32_t to = below(g, slots);
  gc_ref holder = gc_get(graph_root(g, by), slot);
  gc_set_move(g->m, holder, to, &g->root[from]);
  g->shadow.node[node].slot[to] = g->shadow.root[from];
  g->shadow.root[from] = 0;
}

static void step_walk(struct graph *g) {
  uint32_t from = pick_root(g), to = below(g, SHADOW_ROOTS), slot;
  if (!pick_slot(g, from, &slot))
    return;
  uint32_t node = *shadow_slot(g, from, slot);
  gc_root_set(g->m, &g->root[to], gc_get(graph_root(g, from), slot));
  g->shadow.root[to] = node;
}

/* Half of the time it expects the right value. */
static void step_cas(struct graph *g) {
  uint32_t to = pick_root(g), from = below(g, SHADOW_ROOTS), slot;
  if (!pick_slot(g, to, &slot))
    return;
  uint32_t other = below(g, SHADOW_ROOTS);
  bool honest = below(g, 2);
  gc_ref expected =
      honest ? gc_get(graph_root(g, to), slot) : graph_root(g, other);
  bool right = honest || g->shadow.root[other] == *shadow_slot(g, to, slot);
  if (gc_cas(g->m, graph_root(g, to), slot, expected, graph_root(g, from)) !=
      right)
    graph_wrong(g, g->shadow.root[to], "gc_cas returned a wrong result");
  if (right)
    *shadow_slot(g, to, slot) = g->shadow.root[from];
}

/* Swaps two slots, using raw references. */
static void step_swap(struct graph *g) {
  uint32_t a = pick_root(g), b = pick_root(g), i, k;
  if (!pick_slot(g, a, &i) || !pick_slot(g, b, &k))
    return;
  gc_ref raw = gc_get(graph_root(g, a), i);
  gc_set(g->m, graph_root(g, a), i, gc_get(graph_root(g, b), k));
  gc_set(g->m, graph_root(g, b), k, raw);
  uint32_t node = *shadow_slot(g, a, i);
  *shadow_slot(g, a, i) = *shadow_slot(g, b, k);
  *shadow_slot(g, b, k) = node;
}

/* A weak reference may read NULL only if its target is unreachable. Otherwise
   the target is reachable again. */
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
      graph_wrong(g, node, "is reachable but its weak reference is cleared");
    return;
  }
  if (g->shadow.node[node].is_dead)
    graph_wrong(g, node, "is dead but a weak reference returned it");
  gc_root_move(g->m, &g->root[to], g->spare);
  g->shadow.root[to] = node;
}

static void step_look(struct graph *g) {
  uint32_t root = pick_root(g), node = g->shadow.root[root];
  gc_ref object = graph_root(g, root);
  if ((object == NULL) != (node == 0))
    graph_wrong(g, node, "a root holds another value than was stored");
  if (node == 0)
    return;
  if (!test_is_intact(object) || test_id(object) != g->first_id + node)
    graph_wrong(g, node, "a root holds another object");
  for (uint32_t i = 0; i < g->shadow.node[node].slots; i++) {
    gc_ref held = gc_get(object, i);
    uint32_t should = g->shadow.node[node].slot[i];
    if (held == NULL
            ? should != 0
            : !test_is_intact(held) || test_id(held) != g->first_id + should)
      graph_wrong(g, node, "a slot holds another value than was stored");
  }
}

static void step(struct graph *g) {
  static void (*const steps[])(struct graph *) = {
      step_new, step_new,      step_copy,  step_move, step_clear,    step_set,
      step_set, step_set_move, step_walk,  step_walk, step_look,     step_swap,
      step_cas, step_cas,      step_clear, step_walk, step_move_deep};
  enum { STEPS = sizeof steps / sizeof steps[0] };
  steps[below(g, STEPS)](g);
  if (below(g, 8) == 0)
    gc_safepoint(g->m);
  if (below(g, 500) == 0)
    step_weak(g);
  if (below(g, 5000) == 0)
    gc_collect(g->m, (int)below(g, 3));
}

void graph_steps(struct graph *g, uint64_t count) {
  for (uint64_t i = 0; i < count; i++)
    step(g);
}
