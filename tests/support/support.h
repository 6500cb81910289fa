/* SPDX-License-Identifier: MIT */
/* What the tests of the interface share. They are compiled against every
   collector and decide from its card what to expect, never from its name.

   The environment steers them:
     SWEEPSTAKES_TUNING  tuning string of every heap, "stress=1,shrink=1"
     SWEEPSTAKES_SEED    seed of everything random; it is printed
     SWEEPSTAKES_SCALE   multiplies the work of the stress tests, 0.1 or 10 */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include "heap/heap.h"
#include "heap/sweepstakes.h"
#include "workloads/random.h"

/* For finalizers and threads other than the first, where cmocka's assertions
   cannot be: prints what is wrong and aborts. */
#define CHECK(cond)                                                            \
  (GC_LIKELY(cond) ? (void)0 : test_fail(__FILE__, __LINE__, #cond))
_Noreturn void test_fail(const char *file, int line, const char *what);

uint64_t test_seed(void);
bool test_is_stressed(void);
/* How often to do something that is done `n` times by default: times
   SWEEPSTAKES_SCALE, a tenth under sanitizers, a tenth where nothing is ever
   freed, a hundredth under stress. */
uint64_t test_scaled(uint64_t n);
/* How many objects are many: ten thousand; a thousand where a sanitizer slows
   steps that under stress look at each of them. */
size_t test_many(void);

/* A group of tests that a test program can be asked for by its name. */
struct test_suite {
  const char *name;
  int (*run)(void); /* how many failed */
};
/* Runs those that the arguments name, or all; an array that ends with {0}. The
   exit status. */
int test_suites_run(const struct test_suite *, int argc, char **argv);

/* --- heaps ---------------------------------------------------------------- */

gc_heap *test_heap_create(size_t heap_bytes);
/* A heap with the calling thread attached; 0: no limit. */
gc_mutator *test_open(size_t heap_bytes);
/* The same, whatever the environment says of tuning. */
gc_heap *test_heap_tuned(size_t heap_bytes, const char *tuning);
gc_mutator *test_open_tuned(size_t heap_bytes, const char *tuning);
/* Verifies, detaches, destroys. */
void test_close(gc_mutator *);
size_t test_held(gc_heap *);
/* gc_verify; what it says goes to `said`. */
size_t test_verify(gc_mutator *, char *said, size_t size);
/* The verifier finds something and says it in these words; or nothing. */
void test_expect_broken(gc_mutator *, const char *words);
void test_expect_whole(gc_mutator *);

/* --- what the card promises ----------------------------------------------- */

/* Garbage without cycles is found, all of it. */
static inline bool test_finds_garbage(void) {
  return gc_collector.reclaims && gc_collector.precise;
}
static inline bool test_finds_cycles(void) {
  return test_finds_garbage() && gc_collector.reclaims_cycles;
}

/* Counts above this stick, and what they counted lives for ever. */
static inline size_t test_count_most(void) {
  return gc_collector.counts ? gc_collector.counts_to : SIZE_MAX;
}
/* Those variants of a collector where even a few references are too many. */
static inline bool test_counts_narrowly(void) {
  return test_count_most() < 1000;
}

/* The least and the most of `n` dropped objects that may have died. */
static inline size_t test_least_dead(size_t n) {
  return test_finds_garbage() ? n : 0;
}
static inline size_t test_most_dead(size_t n) {
  return gc_collector.reclaims ? n : 0;
}

/* The same for objects that `most` references held at once. */
static inline size_t test_least_dead_of_shared(size_t n, size_t most) {
  return most > test_count_most() ? 0 : test_least_dead(n);
}

/* Lets everything die that the collector can find with one mutator running:
   a safepoint where death is prompt, full collections elsewhere. */
void test_settle(gc_mutator *);
/* Full collections until finalizers, weak references and memory are done. */
void test_collect(gc_mutator *);

/* --- objects -------------------------------------------------------------- */

extern gc_type test_leaf;   /* 16 bytes */
extern gc_type test_node;   /* 2 slots, 16 bytes */
extern gc_type test_mortal; /* as test_node; its death is recorded */
extern gc_type test_refs;   /* array of references */
extern gc_type test_blob;   /* array of bytes */
/* Of objects with 16 bytes: the id they were made with, and a stamp that only
   an intact object has. */
struct test_payload {
  uint64_t id, stamp;
};

/* Makes the types known; the other functions here call it. */
void test_types_define(void);
/* NULL: out of memory. */
gc_ref test_make(gc_mutator *, gc_root *out, gc_type, uint64_t id);
/* Only before anybody else can see it. */
void test_payload_set(gc_ref, uint64_t id);
bool test_is_intact(gc_ref);
/* The id of an object, which must be intact. */
uint64_t test_id(gc_ref);

/* The finalizer of test_mortal, for types with such a payload. */
void test_record_death(gc_mutator *, const gc_root *self);
/* Forgets all deaths; ids 0 … count-1 may be used for test_mortal. */
void test_deaths_begin(size_t count);
size_t test_deaths(void);
/* None has died twice. */
void test_deaths_check(void);
unsigned test_deaths_of(uint64_t id);

/* --- threads -------------------------------------------------------------- */

struct test_group;
struct test_thread {
  gc_heap *heap;
  gc_mutator *m; /* attached while the body runs */
  unsigned index, count;
  void *shared;
  struct workload_random random;
  struct test_group *group;
};
typedef void test_body(struct test_thread *);

/* Runs `body` on `count` threads that start at once, each attached; returns
   when all are done. The caller's mutator is parked meanwhile. */
void test_threads_run(gc_mutator *, unsigned count, test_body *, void *shared);
/* Waits, parked, until all threads of the group are here. */
void test_meet(struct test_thread *);

void test_sleep_ms(unsigned ms);

#endif
