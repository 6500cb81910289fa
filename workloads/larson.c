/* SPDX-License-Identifier: MIT */
/* A server, after Larson and Krishnan ("Memory allocation for long-running
   server applications", ISMM 1998). A thread replaces objects of many sizes in
   random order; then the next thread takes over all of them. So most objects
   die on another thread than the one that created them. The sizes depend only
   on the seed, so the peak of live bytes is computed by drawing them again. */
#include <stdlib.h>

#include "workloads/helpers.h"

enum { OBJECTS, LEAST, GREATEST, ROUNDS, OPS };

/* A set of objects that passes from thread to thread. The thread whose turn it
   is owns it. */
struct estate {
  struct workload_random random;
  _Atomic uint64_t round; /* of the thread whose turn it is */
};

struct server {
  struct workload_shared shared; /* root: a table of tables, one an estate */
  _Atomic bool has_failed;       /* a thread failed: the others stop, too */
  struct estate estates[];
};

/* --- sizes ---------------------------------------------------------------- */

static size_t next_size(struct workload_random *random,
                        const struct workload_setup *setup) {
  return workload_random_even(random, (size_t)setup->param[LEAST],
                              (size_t)setup->param[GREATEST]);
}

static size_t next_place(struct workload_random *random,
                         const struct workload_setup *setup) {
  return workload_random_below(random, (uint64_t)setup->param[OBJECTS]);
}

static struct workload_random estate_random(const struct workload_setup *setup,
                                            unsigned estate) {
  return workload_random_make(~setup->seed, estate);
}

struct expectation {
  size_t live, bytes;
};

/* The peak is taken before each allocation, and at the end. */
static void expect_rounds(const struct workload_setup *setup,
                          struct workload_random *random, size_t *held,
                          size_t now, struct expectation *e) {
  uint64_t ops = (uint64_t)(setup->param[ROUNDS] * setup->param[OPS]);
  gc_type type = workload_bytes_type();
  for (uint64_t i = 0; i < ops; i++) {
    size_t place = next_place(random, setup);
    size_t bytes = gc_size_for(type, next_size(random, setup));
    e->bytes += bytes;
    now += bytes - held[place];
    held[place] = bytes;
    e->live = now > e->live ? now : e->live;
  }
}

static struct expectation expect_estate(const struct workload_setup *setup,
                                        unsigned index, size_t *held) {
  struct workload_random random = estate_random(setup, index);
  gc_type type = workload_bytes_type();
  size_t count = (size_t)setup->param[OBJECTS];
  size_t now = gc_size_for(workload_table_type(), count);
  for (size_t i = 0; i < count; i++)
    now += held[i] = gc_size_for(type, next_size(&random, setup));
  struct expectation e = {now, now};
  expect_rounds(setup, &random, held, now, &e);
  return e;
}

static struct expectation expect(const struct workload_setup *setup) {
  size_t outer = gc_size_for(workload_table_type(), setup->threads);
  struct expectation all = {outer, outer};
  size_t *held = calloc((size_t)setup->param[OBJECTS], sizeof *held);
  gc_assert_always(held != NULL);
  for (unsigned i = 0; i < setup->threads; i++) {
    struct expectation e = expect_estate(setup, i, held);
    all.live += e.live;
    all.bytes += e.bytes;
  }
  free(held);
  return all;
}

static size_t live_bytes(const struct workload_setup *setup) {
  return expect(setup).live;
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return expect(setup).bytes;
}

/* --- objects -------------------------------------------------------------- */

/* The number in an object: its place in the table and its length. */
static uint64_t number_of(size_t place, size_t length) {
  return (uint64_t)place << 32 | length;
}

static bool object_put(gc_mutator *m, const gc_root *table, size_t place,
                       size_t length) {
  GC_FRAME(m, f, object);
  gc_ref object = gc_new_array(m, &f.object, workload_bytes_type(), length);
  if (object == NULL)
    return false;
  *workload_number(object) = number_of(place, length);
  gc_set_move(m, gc_root_get(table), place, &f.object);
  return true;
}

static bool estate_fill(struct workload_thread *t, const gc_root *table,
                        struct workload_random *random) {
  for (size_t i = 0; i < (size_t)t->setup->param[OBJECTS]; i++)
    if (!object_put(t->m, table, i, next_size(random, t->setup)))
      return false;
  return true;
}

static bool begin(struct workload_thread *t) {
  struct server *server;
  unsigned threads = t->setup->threads;
  size_t estates = threads * sizeof *server->estates;
  server = workload_shared_begin(t, sizeof *server + estates);
  GC_FRAME(t->m, f, all, table);
  gc_type type = workload_table_type();
  size_t count = (size_t)t->setup->param[OBJECTS];
  if (server == NULL || gc_new_array(t->m, &f.all, type, threads) == NULL)
    return false;
  gc_global_set(t->m, &server->shared.root, gc_root_get(&f.all));
  for (unsigned i = 0; i < threads; i++) {
    struct workload_random *random = &server->estates[i].random;
    *random = estate_random(t->setup, i);
    if (gc_new_array(t->m, &f.table, type, count) == NULL ||
        !estate_fill(t, &f.table, random))
      return false;
    gc_set_move(t->m, gc_root_get(&f.all), i, &f.table);
  }
  return true;
}

/* --- a turn --------------------------------------------------------------- */

static bool replace(struct workload_thread *t, const gc_root *table,
                    struct workload_random *random) {
  struct server *server = t->shared;
  struct workload_figures *figures = &t->figures;
  size_t place = next_place(random, t->setup);
  size_t length = next_size(random, t->setup);
  gc_ref old = gc_get(gc_root_get(table), place);
  uint64_t number = *workload_number(old);
  server->shared.wrong += number != number_of(place, gc_length(old));
  figures->checksum += number;
  figures->alloc_bytes += gc_size_for(workload_bytes_type(), length);
  figures->ops++;
  return object_put(t->m, table, place, length);
}

static bool serve(struct workload_thread *t, unsigned index) {
  struct server *server = t->shared;
  struct workload_random random = server->estates[index].random;
  GC_FRAME(t->m, f, table);
  gc_ref all = gc_root_get(&server->shared.root);
  gc_root_set(t->m, &f.table, gc_get(all, index));
  for (int64_t i = 0; i < t->setup->param[OPS]; i++)
    if (!replace(t, &f.table, &random))
      return false;
  gc_safepoint(t->m);
  server->estates[index].random = random;
  return true;
}

/* False: a thread has failed. */
static bool wait_for_turn(struct workload_thread *t, unsigned index,
                          uint64_t round) {
  struct server *server = t->shared;
  while (server->estates[index].round != round && !server->has_failed)
    workload_wait(t->m);
  return !server->has_failed;
}

static bool run(struct workload_thread *t) {
  struct server *server = t->shared;
  uint64_t rounds = (uint64_t)t->setup->param[ROUNDS];
  for (uint64_t round = 0; round < rounds; round++) {
    unsigned index = (unsigned)((t->index + round) % t->setup->threads);
    if (!wait_for_turn(t, index, round))
      return false;
    if (!serve(t, index)) {
      server->has_failed = true;
      return false;
    }
    server->estates[index].round++;
  }
  t->figures.alloc_objects = t->figures.ref_stores = t->figures.ops;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct server *server = main->shared;
  (void)threads;
  return server->shared.wrong ? "a place of the table held a wrong object"
                              : NULL;
}

static const struct workload_param params[] = {
    [OBJECTS] = {"objects",
                 1,
                 10000000,
                 {5000, 5000, 50000},
                 "live objects per thread"},
    [LEAST] = {"least", 8, 1 << 20, {8, 8, 8}, "bytes of the smallest object"},
    [GREATEST] = {"greatest",
                  8,
                  1 << 20,
                  {1000, 1000, 1000},
                  "bytes of the largest object"},
    [ROUNDS] = {"rounds", 1, 1000000, {100, 100, 100}, "turns per thread"},
    [OPS] = {"ops",
             1,
             100000000,
             {20000, 50000, 500000},
             "objects replaced per turn"},
    {0},
};

const struct workload workload_larson = {
    .name = "larson",
    .summary = "A server whose threads take over each other's objects",
    .stresses = "death on another thread",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .is_contended = true,
    .begin = begin,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
