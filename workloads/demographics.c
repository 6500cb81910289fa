/* SPDX-License-Identifier: MIT */
/* A synthetic program whose objects have the sizes and lifetimes that were
   measured in real programs: see demography.c. Objects that will die together
   are in one chain, which is dropped as a whole. Each thread has its own
   objects. */
#include "workloads/demography.h"

enum { PRESET, OBJECTS };

enum { RECENT = 64 };

struct kind {
  gc_type type;
  uint32_t refs;
  size_t bytes; /* gc_size_for */
};

/* 8 bytes of header, 8 for a number if there is room, then one reference for
   each store, as far as they fit; the rest is data. */
static struct kind kind_of(const struct demography_preset *preset,
                           unsigned size) {
  uint32_t bytes = preset->sizes[size].bytes;
  uint32_t slots = bytes > 16 ? (bytes - 16) / 8 : 1;
  uint32_t refs = preset->stores < slots ? preset->stores : slots;
  gc_type type = workload_type(&(struct gc_type_desc){
      .name = "member", .refs = refs, .bytes = bytes - 8 - 8 * refs});
  return (struct kind){type, refs, gc_size_for(type, 0)};
}

static void kinds_get(const struct demography_preset *preset,
                      struct kind *kinds) {
  for (unsigned i = 0; preset->sizes[i].share > 0; i++)
    kinds[i] = kind_of(preset, i);
}

static void population_begin(struct demography *d,
                             const struct workload_setup *setup,
                             unsigned thread) {
  demography_begin(d, &demography_presets[setup->param[PRESET]],
                   (uint64_t)setup->param[OBJECTS],
                   workload_random_make(~setup->seed, thread));
}

/* --- figures known beforehand --------------------------------------------- */

struct expectation {
  size_t live, bytes, now;
  size_t in[DEMOGRAPHY_ALL];
};

static void expect_deaths(struct expectation *e, uint64_t then, uint64_t now) {
  for (unsigned level = 0; level < DEMOGRAPHY_LEVELS; level++) {
    struct demography_dead dead = demography_expire(level, then, now);
    for (unsigned i = 0; i < dead.count; i++) {
      unsigned bucket = demography_bucket(level, dead.first + i);
      e->now -= e->in[bucket];
      e->in[bucket] = 0;
    }
  }
}

/* The peak is taken before each allocation, and at the end. */
static void expect(struct expectation *e, const struct workload_setup *setup,
                   unsigned thread) {
  struct demography d;
  struct kind kinds[DEMOGRAPHY_SIZES];
  population_begin(&d, setup, thread);
  kinds_get(d.preset, kinds);
  *e = (struct expectation){0};
  for (int64_t i = 0; i < setup->param[OBJECTS]; i++) {
    uint64_t then = d.now;
    struct demography_birth birth = demography_next(&d);
    size_t bytes = kinds[birth.size].bytes;
    expect_deaths(e, then, d.now);
    e->live = e->now > e->live ? e->now : e->live;
    e->now += bytes;
    e->in[birth.bucket] += bytes;
    e->bytes += bytes;
  }
  e->live = e->now > e->live ? e->now : e->live;
}

static void expect_all(const struct workload_setup *setup, size_t *live,
                       size_t *bytes) {
  struct expectation e;
  *live = *bytes = 0;
  for (unsigned i = 0; i < setup->threads; i++) {
    expect(&e, setup, i);
    *live += e.live;
    *bytes += e.bytes;
  }
}

static size_t live_bytes(const struct workload_setup *setup) {
  size_t live, bytes;
  expect_all(setup, &live, &bytes);
  return live;
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  size_t live, bytes;
  expect_all(setup, &live, &bytes);
  return bytes;
}

/* --- the run -------------------------------------------------------------- */

struct life {
  struct workload_thread *t;
  struct demography d;
  struct kind kinds[DEMOGRAPHY_SIZES];
  gc_root *buckets;
  uint64_t wrong;
  unsigned recent[RECENT]; /* buckets of the most recent objects */
  unsigned credit;         /* stores that are due, in thousandths */
};

static void bury(struct life *l, uint64_t then) {
  for (unsigned level = 0; level < DEMOGRAPHY_LEVELS; level++) {
    struct demography_dead dead = demography_expire(level, then, l->d.now);
    for (unsigned i = 0; i < dead.count; i++)
      gc_root_clear(l->t->m,
                    &l->buckets[demography_bucket(level, dead.first + i)]);
  }
}

/* All slots refer to the previous object of the chain: objects that die
   together may refer to each other. */
static bool give_birth(struct life *l, struct demography_birth birth,
                       uint64_t number) {
  gc_mutator *m = l->t->m;
  struct kind kind = l->kinds[birth.size];
  gc_root *bucket = &l->buckets[birth.bucket];
  GC_FRAME(m, f, fresh);
  gc_ref object = gc_new(m, &f.fresh, kind.type);
  if (object == NULL)
    return false;
  gc_set_move(m, object, 0, bucket);
  for (unsigned i = 1; i < l->d.preset->stores; i++)
    gc_set(m, object, i % kind.refs, gc_get(object, 0));
  if (l->d.preset->sizes[birth.size].bytes > 16)
    *workload_number(object) = number;
  gc_root_move(m, bucket, &f.fresh);
  l->recent[number % RECENT] = birth.bucket;
  l->t->figures.alloc_bytes += kind.bytes;
  l->t->figures.ref_stores += l->d.preset->stores;
  return true;
}

/* The youngest object of a randomly chosen chain. If that chain has died, the
   youngest object of all. */
static gc_ref someone(struct life *l, uint64_t number) {
  uint64_t draw = workload_random_below(&l->t->random, RECENT);
  gc_ref one = gc_root_get(&l->buckets[l->recent[draw]]);
  if (one != NULL)
    return one;
  return gc_root_get(&l->buckets[l->recent[number % RECENT]]);
}

/* Reads along a chain. Each object must be older than the one before it. */
static void read_on(struct life *l, gc_ref first, uint64_t number) {
  gc_type tiny = l->kinds[0].type;
  bool has_tiny = l->d.preset->sizes[0].bytes <= 16;
  gc_ref one = first;
  uint64_t before = number + 1;
  for (unsigned i = 0; i < l->d.preset->loads; i++) {
    if (!has_tiny || gc_type_of(one) != tiny) {
      uint64_t its = *workload_number(one);
      l->wrong += its >= before;
      l->t->figures.checksum += before = its;
    }
    one = gc_get(one, 0);
    if (one == NULL) {
      one = first;
      before = number + 1;
    }
  }
}

/* Stores into a randomly chosen object the reference that it already has. */
static void store_later(struct life *l, uint64_t number) {
  l->credit += l->d.preset->later_stores;
  for (; l->credit >= 1000; l->credit -= 1000) {
    gc_ref one = someone(l, number);
    gc_set(l->t->m, one, 0, gc_get(one, 0));
    l->t->figures.ref_stores++;
  }
}

static bool run(struct workload_thread *t) {
  struct workload_shared *shared = t->shared;
  struct workload_figures *figures = &t->figures;
  struct life l = {.t = t};
  population_begin(&l.d, t->setup, t->index);
  kinds_get(l.d.preset, l.kinds);
  GC_FRAME(t->m, f, buckets[DEMOGRAPHY_ALL]);
  l.buckets = f.buckets;
  uint64_t objects = (uint64_t)t->setup->param[OBJECTS];
  for (; figures->ops < objects; figures->ops++) {
    uint64_t then = l.d.now;
    struct demography_birth birth = demography_next(&l.d);
    bury(&l, then);
    if (!give_birth(&l, birth, figures->ops))
      return false;
    store_later(&l, figures->ops);
    read_on(&l, someone(&l, figures->ops), figures->ops);
  }
  gc_safepoint(t->m);
  figures->alloc_objects = objects;
  shared->wrong += l.wrong;
  return true;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct workload_shared *shared = main->shared;
  (void)threads;
  return shared->wrong ? "the objects of a chain were out of order" : NULL;
}

static const struct workload_param params[] = {
    [PRESET] = {"preset",
                0,
                DEMOGRAPHY_PRESETS - 1,
                {0, 0, 0},
                "0 java, 1 java-hot, 2 compiler, 3 analyser, 4 loader, 5 lisp"},
    [OBJECTS] = {"objects",
                 1,
                 INT64_C(1000000000),
                 {2000000, 10000000, 100000000},
                 "objects per thread"},
    {0},
};

const struct workload workload_demographics = {
    .name = "demographics",
    .summary = "Sizes and lifetimes as measured in real programs",
    .stresses = "a realistic mix of lifetimes",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .begin = workload_shared_begin_plain,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
