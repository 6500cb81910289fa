/* SPDX-License-Identifier: MIT */
/* Threads rewire a shared graph and replace parts of it, without locks. The
   graph is a table of components; no edge connects two components. Some of the
   nodes of a component are strongly connected: a ring connects them, and their
   other edges point to any of them. The edges of the other nodes point to
   earlier nodes only. A component is replaced as a whole and becomes garbage as
   a whole, so that the number of live bytes is known however the threads race.
 */
#include "workloads/helpers.h"

enum { NODES, COMPONENT, EDGES, CYCLIC, PERIOD, OPS };

enum { SAFEPOINT_OPS = 64 };

struct node_data {
  uint64_t birth, index; /* edges connect only nodes of the same birth */
};

struct shape {
  gc_type node, table;
  size_t components, size, edges, cyclic; /* nodes of a component; slots */
  size_t component_bytes;
};

static struct shape shape_of(const struct workload_setup *setup) {
  const int64_t *param = setup->param;
  struct shape s = {.node = workload_type(&(struct gc_type_desc){
                        .name = "graph node",
                        .refs = (uint32_t)param[EDGES],
                        .bytes = sizeof(struct node_data)}),
                    .table = workload_table_type(),
                    .size = (size_t)param[COMPONENT],
                    .edges = (size_t)param[EDGES],
                    .cyclic = (size_t)(param[COMPONENT] * param[CYCLIC] / 100)};
  s.components = ((size_t)param[NODES] + s.size - 1) / s.size;
  s.component_bytes =
      gc_size_for(s.table, s.size) + s.size * gc_size_for(s.node, 0);
  return s;
}

static bool is_cyclic(const struct shape *s, size_t node) {
  return node < s->cyclic;
}

/* The first slot that may be rewired. The slot before it is part of the ring.
 */
static size_t first_slot(const struct shape *s, size_t node) {
  return is_cyclic(s, node) ? 1 : 0;
}

/* The edges of a node point to nodes with a smaller index than this. */
static size_t reach(const struct shape *s, size_t node) {
  return is_cyclic(s, node) ? s->cyclic : node;
}

static size_t replacements(const struct workload_setup *setup) {
  return (size_t)(setup->param[OPS] / setup->param[PERIOD]);
}

/* Every thread may have a new component that is not in the table yet. */
static size_t live_bytes(const struct workload_setup *setup) {
  struct shape s = shape_of(setup);
  size_t fresh = replacements(setup) > 0 ? setup->threads : 0;
  return gc_size_for(s.table, s.components) +
         (s.components + fresh) * s.component_bytes;
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  struct shape s = shape_of(setup);
  return live_bytes(setup) +
         setup->threads * replacements(setup) * s.component_bytes;
}

/* --- making a component --------------------------------------------------- */

struct maker {
  struct workload_thread *thread;
  struct shape shape;
};

static bool make_nodes(struct maker *maker, const gc_root *component,
                       uint64_t birth) {
  gc_mutator *m = maker->thread->m;
  GC_FRAME(m, f, node);
  for (size_t i = 0; i < maker->shape.size; i++) {
    gc_ref node = gc_new(m, &f.node, maker->shape.node);
    if (node == NULL)
      return false;
    *(struct node_data *)gc_bytes(node) = (struct node_data){birth, i};
    gc_set_move(m, gc_root_get(component), i, &f.node);
  }
  return true;
}

static void wire_node(struct maker *maker, gc_ref component, size_t i) {
  const struct shape *s = &maker->shape;
  gc_mutator *m = maker->thread->m;
  gc_ref node = gc_get(component, i);
  if (is_cyclic(s, i))
    gc_set(m, node, 0, gc_get(component, (i + 1) % s->cyclic));
  for (size_t slot = first_slot(s, i); slot < s->edges && reach(s, i); slot++) {
    struct workload_random *random = &maker->thread->random;
    size_t target = workload_random_below(random, reach(s, i));
    gc_set(m, node, slot, gc_get(component, target));
  }
}

static bool make_component(struct maker *maker, gc_root *out, uint64_t birth) {
  const struct shape *s = &maker->shape;
  gc_mutator *m = maker->thread->m;
  if (gc_new_array(m, out, s->table, s->size) == NULL ||
      !make_nodes(maker, out, birth))
    return false;
  for (size_t i = 0; i < s->size; i++) {
    if (i % SAFEPOINT_OPS == 0)
      gc_safepoint(m);
    wire_node(maker, gc_root_get(out), i);
  }
  return true;
}

static bool begin(struct workload_thread *t) {
  struct workload_shared *shared = workload_shared_begin(t, sizeof *shared);
  struct maker maker = {t, shape_of(t->setup)};
  if (shared == NULL)
    return false;
  GC_FRAME(t->m, f, table, component);
  if (gc_new_array(t->m, &f.table, maker.shape.table, maker.shape.components) ==
      NULL)
    return false;
  for (size_t i = 0; i < maker.shape.components; i++) {
    if (!make_component(&maker, &f.component, i))
      return false;
    gc_set_move(t->m, gc_root_get(&f.table), i, &f.component);
  }
  gc_global_set(t->m, &shared->root, gc_root_get(&f.table));
  return true;
}

static gc_ref table_of(const struct workload_thread *t) {
  return gc_root_get(&((struct workload_shared *)t->shared)->root);
}

/* If two threads replace the same component, the later one drops its own. */
static bool replace(struct maker *maker, uint64_t birth) {
  struct workload_thread *t = maker->thread;
  size_t place = workload_random_below(&t->random, maker->shape.components);
  GC_FRAME(t->m, f, fresh);
  if (!make_component(maker, &f.fresh, birth))
    return false;
  gc_ref table = table_of(t);
  gc_cas(t->m, table, place, gc_get(table, place), gc_root_get(&f.fresh));
  return true;
}

/* Other threads may rewire the same edge. There is no safepoint here, so the
   references need no roots even if the component is replaced meanwhile. */
static void rewire(struct maker *maker) {
  const struct shape *s = &maker->shape;
  struct workload_thread *t = maker->thread;
  size_t place = workload_random_below(&t->random, s->components);
  size_t i = workload_random_below(&t->random, s->size);
  size_t first = first_slot(s, i);
  if (first == s->edges || reach(s, i) == 0)
    return;
  size_t slot = first + workload_random_below(&t->random, s->edges - first);
  size_t target = workload_random_below(&t->random, reach(s, i));
  gc_ref component = gc_get(table_of(t), place);
  gc_ref node = gc_get(component, i), now = gc_get(node, slot);
  t->figures.checksum += ((struct node_data *)gc_bytes(now))->index;
  if (target % 2 == 0)
    gc_set(t->m, node, slot, gc_get(component, target));
  else
    gc_cas(t->m, node, slot, now, gc_get(component, target));
  t->figures.ref_stores++;
}

static bool run(struct workload_thread *t) {
  uint64_t ops = (uint64_t)t->setup->param[OPS], made = 0;
  uint64_t period = (uint64_t)t->setup->param[PERIOD];
  uint64_t births = (uint64_t)(t->index + 1) << 40;
  struct maker maker = {t, shape_of(t->setup)};
  for (uint64_t i = 1; i <= ops; i++) {
    if (i % period != 0)
      rewire(&maker);
    else if (!replace(&maker, births + made++))
      return false;
    if (i % SAFEPOINT_OPS == 0)
      gc_safepoint(t->m);
  }
  const struct shape *s = &maker.shape;
  t->figures.ops = ops;
  t->figures.alloc_objects = made * (s->size + 1);
  t->figures.alloc_bytes = made * s->component_bytes;
  uint64_t edges = (s->size - !is_cyclic(s, 0)) * s->edges;
  t->figures.ref_stores += made * (edges + s->size + 1);
  return true;
}

/* --- the check ------------------------------------------------------------ */

static bool edge_is_right(const struct shape *s, gc_ref component, size_t i,
                          size_t slot) {
  const struct node_data *own = gc_bytes(gc_get(component, i));
  gc_ref end = gc_get(gc_get(component, i), slot);
  if (end == NULL)
    return reach(s, i) == 0;
  const struct node_data *data = gc_bytes(end);
  return data->birth == own->birth && data->index < reach(s, i) &&
         gc_get(component, data->index) == end &&
         (slot >= first_slot(s, i) || data->index == (i + 1) % s->cyclic);
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  struct shape s = shape_of(main->setup);
  (void)threads;
  for (size_t edge = 0; edge < s.components * s.size * s.edges; edge++) {
    size_t node = edge / s.edges;
    gc_ref component = gc_get(table_of(main), node / s.size);
    if (!edge_is_right(&s, component, node % s.size, edge % s.edges))
      return "an edge points to a wrong node";
  }
  return NULL;
}

static const struct workload_param params[] = {
    [NODES] = {"nodes", 1, 100000000, {100000, 500000, 5000000}, "live nodes"},
    [COMPONENT] =
        {"component", 1, 1000000, {64, 64, 64}, "nodes per component"},
    [EDGES] = {"edges", 1, 64, {4, 4, 4}, "edges per node"},
    [CYCLIC] = {"cyclic", 0, 100, {50, 50, 50}, "per cent of nodes in cycles"},
    [PERIOD] = {"period",
                1,
                1000000000,
                {64, 64, 64},
                "operations per replacement of a component"},
    [OPS] = {"ops",
             1,
             1 << 30,
             {1000000, 4000000, 50000000},
             "operations per thread"},
    {0},
};

const struct workload workload_graph = {
    .name = "graph",
    .summary = "Threads rewire a shared graph and replace parts of it",
    .stresses = "barriers, shared counts, races",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .is_contended = true,
    .makes_cycles = true,
    .begin = begin,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
