/* SPDX-License-Identifier: MIT */
/* A server answers requests that arrive at a fixed rate. Each request builds an
   arena of objects that die with it, and replaces the state of its session;
   some replace a state that all threads share. So a pause delays the request
   that it interrupts, and those that arrive meanwhile. */
#include "workloads/helpers.h"

enum { RATE, REQUESTS, ARENA, BYTES, SESSIONS, STATE, SHARED };

/* The shared states; few enough that two requests contend for one. */
enum { SHARED_STATES = 16 };

static gc_type node_type(const struct workload_setup *setup) {
  return workload_link_type((size_t)setup->param[BYTES]);
}

static gc_type state_type(const struct workload_setup *setup) {
  return workload_type(&(struct gc_type_desc){
      .name = "state", .bytes = (uint32_t)setup->param[STATE]});
}

static size_t slots(const struct workload_setup *setup) {
  return (size_t)setup->param[SESSIONS] + SHARED_STATES;
}

static size_t arena_bytes(const struct workload_setup *setup) {
  return (size_t)setup->param[ARENA] * gc_size_for(node_type(setup), 0);
}

static size_t live_bytes(const struct workload_setup *setup) {
  return gc_size_for(workload_table_type(), slots(setup)) +
         slots(setup) * gc_size_for(state_type(setup), 0) +
         setup->threads * arena_bytes(setup);
}

/* As if each request replaced a shared state. */
static size_t alloc_bytes(const struct workload_setup *setup) {
  size_t states = 2 * gc_size_for(state_type(setup), 0);
  return live_bytes(setup) +
         (size_t)setup->param[REQUESTS] * (arena_bytes(setup) + states);
}

static bool begin(struct workload_thread *t) {
  struct workload_shared *shared = workload_shared_begin(t, sizeof *shared);
  gc_type type = state_type(t->setup);
  GC_FRAME(t->m, f, table, state);
  if (shared == NULL || gc_new_array(t->m, &f.table, workload_table_type(),
                                     slots(t->setup)) == NULL)
    return false;
  gc_global_set(t->m, &shared->root, gc_root_get(&f.table));
  for (size_t i = 0; i < slots(t->setup); i++) {
    if (workload_stamped_new(t->m, &f.state, type, i) == NULL)
      return false;
    gc_set_move(t->m, gc_root_get(&f.table), i, &f.state);
  }
  return true;
}

/* --- one request ---------------------------------------------------------- */

struct request {
  uint64_t number;
  size_t session, state; /* slots; state 0: it replaces no shared state */
};

static struct request request_draw(const struct workload_setup *setup,
                                   uint64_t number) {
  struct workload_random random = workload_random_make(~setup->seed, number);
  uint64_t sessions = (uint64_t)setup->param[SESSIONS];
  struct request r = {.number = number};
  r.session = workload_random_below(&random, sessions);
  if (workload_random_below(&random, 100) < (uint64_t)setup->param[SHARED])
    r.state = sessions + workload_random_below(&random, SHARED_STATES);
  return r;
}

static bool arena_fill(struct workload_thread *t, gc_root *head,
                       uint64_t first) {
  gc_type type = node_type(t->setup);
  int64_t nodes = t->setup->param[ARENA];
  GC_FRAME(t->m, f, tail);
  for (int64_t i = 0; i < nodes; i++)
    if (!workload_chain_append(t->m, head, &f.tail, type, first + (uint64_t)i))
      return false;
  t->figures.alloc_objects += (uint64_t)nodes;
  t->figures.alloc_bytes += arena_bytes(t->setup);
  t->figures.ref_stores += (uint64_t)nodes - 1;
  return true;
}

static bool state_renew(struct workload_thread *t, size_t slot) {
  struct workload_shared *shared = t->shared;
  gc_type type = state_type(t->setup);
  GC_FRAME(t->m, f, state);
  gc_ref old = gc_get(gc_root_get(&shared->root), slot);
  shared->wrong += !workload_stamp_is(old, slot);
  if (workload_stamped_new(t->m, &f.state, type, slot) == NULL)
    return false;
  gc_set_move(t->m, gc_root_get(&shared->root), slot, &f.state);
  t->figures.checksum += slot;
  t->figures.alloc_objects++;
  t->figures.alloc_bytes += gc_size_for(type, 0);
  t->figures.ref_stores++;
  return true;
}

/* Reads the arena to its end, and checks that it is as it was built. */
static void arena_read(struct workload_thread *t, const gc_root *head,
                       uint64_t first) {
  struct workload_shared *shared = t->shared;
  uint64_t nodes = (uint64_t)t->setup->param[ARENA];
  struct workload_chain chain = workload_chain_walk(t->m, head, nodes + 1);
  uint64_t sum = first * nodes + workload_sum_below(nodes);
  shared->wrong += chain.nodes != nodes || chain.id_sum != sum;
  t->figures.checksum += chain.id_sum;
}

static bool serve(struct workload_thread *t, uint64_t number) {
  struct request r = request_draw(t->setup, number);
  GC_FRAME(t->m, f, arena);
  if (!arena_fill(t, &f.arena, number) || !state_renew(t, r.session) ||
      (r.state != 0 && !state_renew(t, r.state)))
    return false;
  arena_read(t, &f.arena, number);
  t->figures.ops++;
  return true;
}

static uint64_t count(const struct workload_setup *setup) {
  return (uint64_t)setup->param[REQUESTS];
}

static double rate_hz(const struct workload_setup *setup) {
  return (double)setup->param[RATE];
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct workload_shared *shared = main->shared;
  uint64_t served = 0;
  for (unsigned i = 0; i < main->setup->threads; i++)
    served += threads[i].figures.ops;
  if (shared->wrong)
    return "the contents of a session or an arena have changed";
  return served == count(main->setup) ? NULL : "requests were lost";
}

static const struct workload_param params[] = {
    [RATE] = {"rate",
              0,
              10000000,
              {10000, 10000, 20000},
              "requests per second; 0: as fast as possible"},
    [REQUESTS] = {"requests",
                  1,
                  INT64_C(1000000000),
                  {10000, 30000, 1000000},
                  "requests of all threads together"},
    [ARENA] = {"arena", 1, 1000000, {200, 200, 200}, "objects per request"},
    [BYTES] = {"bytes", 8, 1 << 16, {48, 48, 48}, "bytes of data per object"},
    [SESSIONS] =
        {"sessions", 1, 100000000, {10000, 100000, 1000000}, "open sessions"},
    [STATE] = {"state", 16, 1 << 16, {256, 256, 256}, "bytes per session"},
    [SHARED] = {"shared",
                0,
                100,
                {10, 10, 10},
                "per cent of requests that replace a shared state"},
    {0},
};

const struct workload workload_requests = {
    .name = "requests",
    .summary = "A server answers requests that arrive at a fixed rate",
    .stresses = "response times while objects are allocated",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .is_contended = true,
    .begin = begin,
    .service = &(const struct workload_service){.count = count,
                                                .rate_hz = rate_hz,
                                                .serve = serve},
    .check = check,
    .end = workload_shared_end,
};
