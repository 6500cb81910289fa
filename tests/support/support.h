/* SPDX-License-Identifier: MIT */
/* Support for the tests of the interface. They are compiled for every
   collector. They derive the expected results from its card, never from its
   name.

   Environment variables:
     SWEEPSTAKES_TUNING  tuning string of every heap, as "stress=1,shrink=1"
     SWEEPSTAKES_SEED    seed of all random numbers; it is printed
     SWEEPSTAKES_SCALE   factor for the work of the stress tests, as 0.1 or 10
 */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include "heap/heap.h"
#include "heap/sweepstakes.h"
#include "workloads/random.h"

/* For finalizers and threads other than the first, where cmocka's assertions
   do not work: prints the condition and aborts. */
#define CHECK(cond)                                                            \
  (GC_LIKELY(cond) ? (void)0 : test_fail(__FILE__, __LINE__, #cond))
_Noreturn void test_fail(const char *file, int line, const char *what);

uint64_t test_seed(void);
bool test_is_stressed(void);
/* How often to repeat what is repeated `n` times by default: `n` times
   SWEEPSTAKES_SCALE; a tenth of that under sanitizers, a tenth if the collector
   never frees, a hundredth under stress. */
uint64_t test_scaled(uint64_t n);
/* A large number of objects: ten thousand. A thousand if both a sanitizer and
   stress make each step slow. */
size_t test_many(void);

/* A group of tests, which an argument of the test program can select by name.
 */
struct test_suite {
  const char *name;
  int (*run)(void); /* how many failed */
};
/* Runs the groups that the arguments name, or all. The array ends with {0}.
   Returns the exit status. */
int test_suites_run(const struct test_suite *, int argc, char **argv);

/* --- heaps ---------------------------------------------------------------- */

gc_heap *test_heap_create(size_t heap_bytes);
/* A heap with the calling thread attached; 0: no limit. */
gc_mutator *test_open(size_t heap_bytes);
/* The same with this tuning instead of the environment's. */
gc_heap *test_heap_tuned(size_t heap_bytes, const char *tuning);
gc_mutator *test_open_tuned(size_t heap_bytes, const char *tuning);
/* Verifies, detaches, destroys. */
void test_close(gc_mutator *);
size_t test_held(gc_heap *);
/* gc_verify; stores its messages in `said`. */
size_t test_verify(gc_mutator *, char *said, size_t size);
/* Expects that the verifier finds a fault and reports it in these words; or
   that it finds none. */
void test_expect_broken(gc_mutator *, const char *words);
void test_expect_whole(gc_mutator *);

/* --- promises of the card ------------------------------------------------- */

/* Does the collector find all garbage that is not in cycles? */
static inline bool test_finds_garbage(void) {
  return gc_collector.reclaims && gc_collector.precise;
}
static inline bool test_finds_cycles(void) {
  return test_finds_garbage() && gc_collector.reclaims_cycles;
}

/* A count above this never changes, and its object lives for ever. */
static inline size_t test_count_most(void) {
  return gc_collector.counts ? gc_collector.counts_to : SIZE_MAX;
}
/* Is it a variant whose counts stick after a few references already? */
static inline bool test_counts_narrowly(void) {
  return test_count_most() < 1000;
}

/* So much of a heap's limit can be filled with small objects, and some more for
   what else is held. */
static inline size_t test_room(size_t limit) {
  return gc_collector.copies ? limit / 9 * 4 : limit;
}

/* The least and the greatest number of `n` dropped objects that may have died.
 */
static inline size_t test_least_dead(size_t n) {
  return test_finds_garbage() ? n : 0;
}
static inline size_t test_most_dead(size_t n) {
  return gc_collector.reclaims ? n : 0;
}

/* The same for objects that `most` references held at the same time. */
static inline size_t test_least_dead_of_shared(size_t n, size_t most) {
  return most > test_count_most() ? 0 : test_least_dead(n);
}

/* Lets all garbage die that the collector can find while one mutator runs: a
   safepoint if death is prompt, full collections otherwise. */
void test_settle(gc_mutator *);
/* Full collections, until finalizers have run, weak references are cleared and
   memory is freed. */
void test_collect(gc_mutator *);

/* --- objects -------------------------------------------------------------- */

extern gc_type test_leaf;   /* 16 bytes */
extern gc_type test_node;   /* 2 slots, 16 bytes */
extern gc_type test_mortal; /* as test_node; its death is recorded */
extern gc_type test_refs;   /* array of references */
extern gc_type test_blob;   /* array of bytes */
/* The data of objects with 16 bytes: their id, and a stamp that only an intact
   object has. */
struct test_payload {
  uint64_t id, stamp;
};

/* Defines the types; the other functions here call it. */
void test_types_define(void);
/* NULL: out of memory. */
gc_ref test_make(gc_mutator *, gc_root *out, gc_type, uint64_t id);
/* Only before other threads can see the object. */
void test_payload_set(gc_ref, uint64_t id);
bool test_is_intact(gc_ref);
/* The id of an object, which must be intact. */
uint64_t test_id(gc_ref);

/* The finalizer of test_mortal, for types with such a payload. */
void test_record_death(gc_mutator *, const gc_root *self);
/* Resets the records; ids 0 … count-1 may be used for test_mortal. */
void test_deaths_begin(size_t count);
size_t test_deaths(void);
/* Checks that no object has died twice. */
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

/* Runs `body` on `count` attached threads that start at the same time; returns
   when all are done. The caller's mutator is parked meanwhile. */
void test_threads_run(gc_mutator *, unsigned count, test_body *, void *shared);
/* Waits, parked, until all threads of the group have called it. */
void test_meet(struct test_thread *);
/* When all threads of the group have called it, the first one runs `body` while
   the others stay parked. Between two calls of test_meet they would run, and
   with them finalizers, which gc_park runs. */
void test_run_alone(struct test_thread *, test_body *body);

void test_sleep_ms(unsigned ms);

#endif
