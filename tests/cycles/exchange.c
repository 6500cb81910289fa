/* SPDX-License-Identifier: MIT */
/* Threads build one shared graph at random. Each thread stores into objects of
   all threads, passes objects to other threads through cells, and loads objects
   from weak references. Some finalizers resurrect their objects. Each store is
   repeated in a shadow graph, under the same lock. So after a full collection
   the shadow says exactly which objects must be left. Everything else races:
   counts, deaths, candidates, and loads without the lock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cycles/cycles.h"
#include "tests/stress/shadow.h"

enum { ROOTS = 5, CELLS = SHADOW_ROOTS - CYCLES_THREADS * ROOTS };
enum { NODES_PER_STEP = 8, CHECKS = 5, STRIPES = 64 };

/* What all threads share. */
struct world {
  struct shadow shadow;
  _Atomic uint8_t *gone; /* by node: a weak reference was found cleared */
  pthread_mutex_t growth;
  pthread_mutex_t stripe[STRIPES]; /* by node; for cells, by CELL(i) */
  uint64_t seed;
};
#define CELL(i) ((uint32_t)(i))

/* NULL: finalizers only record the deaths. */
static struct world *_Atomic the_world;
static gc_root cells, weaks;

struct player {
  struct world *world;
  struct test_thread *self;
  gc_mutator *m;
  gc_root *root, *spare;
  uint32_t *shadow_root;
};

static _Noreturn void wrong(const struct world *w, uint32_t node,
                            const char *what) {
  fprintf(stderr, "graph of seed %llu, node %u: %s\n",
          (unsigned long long)w->seed, node, what);
  test_fail(__FILE__, __LINE__, what);
}

static void lock(struct world *w, uint32_t node) {
  pthread_mutex_lock(&w->stripe[node % STRIPES]);
}
static void unlock(struct world *w, uint32_t node) {
  pthread_mutex_unlock(&w->stripe[node % STRIPES]);
}

/* --- finalizers ----------------------------------------------------------- */

/* One object in four is resurrected: its finalizer stores it in a cell. Another
   one in four drops the reference in its slot 0. */
static void finalize(gc_mutator *m, const gc_root *self) {
  struct world *w = the_world;
  test_record_death(m, self);
  if (w == NULL)
    return;
  uint32_t node = (uint32_t)test_id(gc_root_get(self)), cell = node % CELLS;
  if (node % 4 == 1) {
    lock(w, CELL(cell));
    gc_set(m, gc_root_get(&cells), cell, gc_root_get(self));
    w->shadow.root[CYCLES_THREADS * ROOTS + cell] = node;
    unlock(w, CELL(cell));
  } else if (node % 4 == 2 && w->shadow.node[node].slots > 0) {
    lock(w, node);
    gc_set(m, gc_root_get(self), 0, NULL);
    w->shadow.node[node].slot[0] = 0;
    unlock(w, node);
  }
}

/* Types with 0 … 4 slots, and an array type; each exists once with a finalizer
   and once without. */
enum { SHAPES = 6, ARRAY_SHAPE = 5 };
static gc_type shapes[2][SHAPES];

static void define_shapes(void) {
  for (uint32_t i = 0; shapes[1][SHAPES - 1] == 0 && i < 2 * SHAPES; i++) {
    bool is_array = i % SHAPES == ARRAY_SHAPE;
    shapes[i / SHAPES][i % SHAPES] = cycles_define(
        &(struct gc_type_desc){.name = "exchanged",
                               .refs = is_array ? 0 : i % SHAPES,
                               .bytes = 16,
                               .tail = is_array ? GC_REF_TAIL : GC_NO_TAIL,
                               .finalize = i < SHAPES ? finalize : NULL});
  }
}

/* --- steps ---------------------------------------------------------------- */

static uint32_t below(struct player *p, uint32_t n) {
  return (uint32_t)workload_random_below(&p->self->random, n);
}

static uint32_t pick(struct player *p) {
  uint32_t root = below(p, ROOTS);
  for (int i = 0; i < 3 && p->shadow_root[root] == 0; i++)
    root = below(p, ROOTS);
  return root;
}

/* The node that this root of the player holds, and a random slot of it. False
   if it holds no node with slots. */
static bool pick_slot(struct player *p, uint32_t root, uint32_t *node,
                      uint32_t *slot) {
  *node = p->shadow_root[root];
  uint32_t slots = p->world->shadow.node[*node].slots;
  if (*node == 0 || slots == 0)
    return false;
  *slot = below(p, slots);
  return true;
}

static uint32_t add_node(struct world *w, uint32_t slots) {
  pthread_mutex_lock(&w->growth);
  bool is_full = w->shadow.count == w->shadow.capacity;
  uint32_t node = is_full ? 0 : shadow_add(&w->shadow, slots);
  pthread_mutex_unlock(&w->growth);
  return node;
}

static void step_new(struct player *p) {
  uint32_t shape = below(p, SHAPES), root = below(p, ROOTS);
  gc_type type = shapes[below(p, 2)][shape];
  uint32_t slots = shape == ARRAY_SHAPE ? below(p, SHADOW_SLOTS + 1) : shape;
  uint32_t node = add_node(p->world, slots);
  if (node == 0)
    return;
  gc_ref object = shape == ARRAY_SHAPE
                      ? gc_new_array(p->m, &p->root[root], type, slots)
                      : gc_new(p->m, &p->root[root], type);
  CHECK(object != NULL);
  test_payload_set(object, node);
  p->shadow_root[root] = node;
  CHECK(gc_weak_new(p->m, p->spare, object) != NULL);
  gc_set_move(p->m, gc_root_get(&weaks), node, p->spare);
}

static void step_copy(struct player *p) {
  uint32_t from = pick(p), to = below(p, ROOTS);
  gc_root_set(p->m, &p->root[to], gc_root_get(&p->root[from]));
  p->shadow_root[to] = p->shadow_root[from];
}

static void step_clear(struct player *p) {
  uint32_t root = below(p, ROOTS);
  gc_root_clear(p->m, &p->root[root]);
  p->shadow_root[root] = 0;
}

static void step_set(struct player *p) {
  uint32_t to = pick(p), from = below(p, ROOTS), node, slot;
  if (!pick_slot(p, to, &node, &slot))
    return;
  lock(p->world, node);
  gc_set(p->m, gc_root_get(&p->root[to]), slot, gc_root_get(&p->root[from]));
  p->world->shadow.node[node].slot[slot] = p->shadow_root[from];
  unlock(p->world, node);
}

static void step_set_move(struct player *p) {
  uint32_t to = pick(p), from = below(p, ROOTS), node, slot;
  if (!pick_slot(p, to, &node, &slot))
    return;
  lock(p->world, node);
  gc_set_move(p->m, gc_root_get(&p->root[to]), slot, &p->root[from]);
  p->world->shadow.node[node].slot[slot] = p->shadow_root[from];
  unlock(p->world, node);
  p->shadow_root[from] = 0;
}

static void step_cas(struct player *p) {
  uint32_t to = pick(p), from = below(p, ROOTS), node, slot;
  if (!pick_slot(p, to, &node, &slot))
    return;
  gc_ref object = gc_root_get(&p->root[to]);
  gc_ref seen = gc_get(object, slot); /* other threads can change it first */
  lock(p->world, node);
  if (gc_cas(p->m, object, slot, seen, gc_root_get(&p->root[from])))
    p->world->shadow.node[node].slot[slot] = p->shadow_root[from];
  unlock(p->world, node);
}

/* Loads the slot into root `to`. The object must be the `node` of the
   shadow. */
static void take(struct player *p, gc_ref object, uint32_t slot, uint32_t node,
                 uint32_t to) {
  gc_ref value = gc_get(object, slot);
  if (value == NULL ? node != 0 : test_id(value) != node)
    wrong(p->world, node, "a slot does not hold the object that was stored");
  gc_root_set(p->m, &p->root[to], value);
  p->shadow_root[to] = node;
}

static void step_walk(struct player *p) {
  uint32_t from = pick(p), to = below(p, ROOTS), node, slot;
  if (!pick_slot(p, from, &node, &slot))
    return;
  lock(p->world, node);
  take(p, gc_root_get(&p->root[from]), slot,
       p->world->shadow.node[node].slot[slot], to);
  unlock(p->world, node);
}

static void step_cell(struct player *p) {
  uint32_t cell = below(p, CELLS), root = pick(p);
  uint32_t *shadow = &p->world->shadow.root[CYCLES_THREADS * ROOTS + cell];
  lock(p->world, CELL(cell));
  if (below(p, 2)) {
    gc_set(p->m, gc_root_get(&cells), cell, gc_root_get(&p->root[root]));
    *shadow = p->shadow_root[root];
  } else {
    take(p, gc_root_get(&cells), cell, *shadow, root);
  }
  unlock(p->world, CELL(cell));
}

/* Loads a slot without a lock. The object found must be intact, and must stay
   the same while a root holds it. */
static void step_look(struct player *p) {
  uint32_t root = pick(p), node, slot;
  if (!pick_slot(p, root, &node, &slot))
    return;
  gc_ref value = gc_get(gc_root_get(&p->root[root]), slot);
  if (value == NULL)
    return;
  uint64_t id = test_id(value);
  gc_root_set(p->m, p->spare, value);
  gc_safepoint(p->m);
  if (test_id(gc_root_get(p->spare)) != id)
    wrong(p->world, (uint32_t)id,
          "a root holds another object after a safepoint");
  gc_root_clear(p->m, p->spare);
}

static void step_weak(struct player *p) {
  struct world *w = p->world;
  uint32_t to = below(p, ROOTS);
  pthread_mutex_lock(&w->growth);
  uint32_t count = w->shadow.count;
  pthread_mutex_unlock(&w->growth);
  uint32_t node = 1 + below(p, count + 1);
  gc_ref weak = node <= count ? gc_get(gc_root_get(&weaks), node) : NULL;
  if (weak == NULL)
    return;
  if (gc_weak_get(p->m, p->spare, weak) == NULL) {
    atomic_store(&w->gone[node], 1);
    return;
  }
  if (atomic_load(&w->gone[node]))
    wrong(w, node, "a weak reference was cleared, and now returns an object");
  if (test_id(gc_root_get(p->spare)) != node)
    wrong(w, node, "a weak reference returns another object");
  gc_root_move(p->m, &p->root[to], p->spare);
  p->shadow_root[to] = node;
}

static void step(struct player *p) {
  static void (*const steps[])(struct player *) = {
      step_new,  step_new,  step_new,  step_copy, step_clear,    step_set,
      step_set,  step_set,  step_look, step_cell, step_set_move, step_cas,
      step_walk, step_walk, step_weak, step_cell};
  enum { STEPS = sizeof steps / sizeof steps[0] };
  steps[below(p, STEPS)](p);
  if (below(p, 8) == 0)
    gc_safepoint(p->m);
  if (below(p, 10000) == 0)
    gc_collect(p->m, (int)below(p, 3));
}

/* --- the check ------------------------------------------------------------ */

/* Collects until no further finalizer runs: finalizers resurrect and drop
   objects. */
static void collect_all(gc_mutator *m) {
  size_t before;
  do {
    before = test_deaths();
    test_collect(m);
  } while (test_deaths() != before);
  test_collect(m);
}

static void check_node(struct player *p, uint32_t node) {
  struct world *w = p->world;
  bool is_reached = w->shadow.reached[node];
  gc_ref weak = gc_get(gc_root_get(&weaks), node);
  bool is_dead = gc_weak_get(p->m, p->spare, weak) == NULL;
  gc_root_clear(p->m, p->spare);
  bool should_die = !is_reached &&
                    (gc_collector.reclaims_cycles || w->shadow.held[node] == 0);
  if (is_dead && is_reached)
    wrong(w, node, "it is reachable, but dead");
  if (is_dead && !(gc_collector.reclaims && should_die))
    wrong(w, node, "it is dead, but this collector cannot find such garbage");
  if (w->gone[node] && !is_dead)
    wrong(w, node, "its weak reference was cleared, but it is alive");
  if (should_die && !is_dead && test_finds_garbage() && !test_counts_narrowly())
    wrong(w, node, "it is garbage, but not dead");
  w->shadow.node[node].is_dead = is_dead;
}

static void check_world(struct player *p) {
  struct shadow *s = &p->world->shadow;
  collect_all(p->m);
  shadow_reach(s);
  shadow_count(s);
  for (uint32_t node = 1; node <= s->count; node++)
    if (!s->node[node].is_dead)
      check_node(p, node);
  CHECK(gc_verify(p->m) == 0);
}

/* --- the test ------------------------------------------------------------- */

static struct world *world_new(struct test_thread *self, uint64_t steps) {
  uint32_t nodes = (uint32_t)(steps * self->count / NODES_PER_STEP) + 1;
  struct world *w = calloc(1, sizeof *w);
  CHECK(w != NULL && nodes < CYCLES_IDS);
  CHECK(shadow_init(&w->shadow, nodes, SHADOW_ROOTS));
  w->gone = calloc(nodes + 1, 1);
  CHECK(w->gone != NULL);
  w->seed = test_seed();
  pthread_mutex_init(&w->growth, NULL);
  for (int i = 0; i < STRIPES; i++)
    pthread_mutex_init(&w->stripe[i], NULL);
  GC_FRAME(self->m, f, array);
  gc_global_add(self->heap, &cells);
  gc_global_add(self->heap, &weaks);
  CHECK(gc_new_array(self->m, &f.array, test_refs, CELLS) != NULL);
  gc_global_set(self->m, &cells, gc_root_get(&f.array));
  CHECK(gc_new_array(self->m, &f.array, test_refs, nodes + 1) != NULL);
  gc_global_set(self->m, &weaks, gc_root_get(&f.array));
  return w;
}

static void world_end(struct test_thread *self, struct world *w) {
  gc_global_remove(self->m, &cells);
  gc_global_remove(self->m, &weaks);
  for (int i = 0; i < STRIPES; i++)
    pthread_mutex_destroy(&w->stripe[i]);
  pthread_mutex_destroy(&w->growth);
  shadow_finish(&w->shadow);
  free((void *)w->gone);
  free(w);
}

static void play(struct player *p, uint64_t steps) {
  struct test_thread *self = p->self;
  for (int i = 0; i < CHECKS; i++) {
    for (uint64_t k = 0; k < steps / CHECKS; k++)
      step(p);
    test_meet(self);
    if (self->index == 0)
      check_world(p);
    test_meet(self);
  }
}

static void exchange(struct test_thread *self) {
  uint64_t steps = test_scaled(120000) / self->count + 10;
  if (self->index == 0) {
    define_shapes();
    atomic_store(&the_world, world_new(self, steps));
  }
  test_meet(self);
  struct world *w = the_world;
  GC_FRAME(self->m, f, root[ROOTS], spare);
  struct player p = {.world = w, .self = self, .m = self->m};
  p.root = f.root;
  p.spare = &f.spare;
  p.shadow_root = &w->shadow.root[self->index * ROOTS];
  play(&p, steps);
  if (self->index == 0)
    atomic_store(&the_world, NULL);
  test_meet(self);
  if (self->index == 0)
    world_end(self, w);
}

const struct cycles_test cycles_exchange[] = {
    {.name = "exchange", .run = exchange, .is_automatic = true},
    {.name = "exchange", .run = exchange},
    {.name = "exchange",
     .run = exchange,
     .is_automatic = true,
     .key = "gen1",
     .value = "1"},
    {0},
};
