/* SPDX-License-Identifier: MIT */
#include "tests/support/support.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void test_fail(const char *file, int line, const char *what) {
  fprintf(stderr, "%s:%d: failed: %s (collector %s, SWEEPSTAKES_SEED=%llu)\n",
          file, line, what, gc_collector.name, (unsigned long long)test_seed());
  abort();
}

/* Tests ask for more memory than there can be, and check the answer. These
   functions override weak ones of the sanitizers, which would report an error.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "allocator_may_return_null=1";
}
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
  return "allocator_may_return_null=1";
}

/* jemalloc is not compiled with the thread sanitizer, which sees the locks and
   mappings of jemalloc but not its atomic operations. So it takes jemalloc's
   reading of an arena that another thread has just mapped for a race. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
  return "race:libjemalloc.so";
}

uint64_t test_seed(void) {
  const char *text = getenv("SWEEPSTAKES_SEED");
  return text == NULL ? 1 : strtoull(text, NULL, 0);
}

/* Tests have a tuning string only to stress: every step is slow. */
bool test_is_stressed(void) {
  return getenv("SWEEPSTAKES_TUNING") != NULL;
}

uint64_t test_scaled(uint64_t n) {
  const char *text = getenv("SWEEPSTAKES_SCALE");
  double scaled = (double)n * (text == NULL ? 1 : strtod(text, NULL));
  if (GC_ASAN || GC_TSAN)
    scaled /= 10;
  if (!gc_collector.reclaims)
    scaled /= 10;
  if (test_is_stressed())
    scaled /= 100;
  return scaled < 1 ? 1 : (uint64_t)scaled;
}

size_t test_many(void) {
  return (GC_ASAN || GC_TSAN) && test_is_stressed() ? 1000 : 10000;
}

static int suite_run(const struct test_suite *suite, const char *name) {
  while (suite->name != NULL && strcmp(suite->name, name) != 0)
    suite++;
  if (suite->name != NULL)
    return suite->run();
  fprintf(stderr, "there is no group of tests named '%s'\n", name);
  return 1;
}

int test_suites_run(const struct test_suite *suites, int argc, char **argv) {
  int failed = 0;
  printf("collector %s, SWEEPSTAKES_SEED=%llu\n", gc_collector.name,
         (unsigned long long)test_seed());
  for (int i = 1; i < argc; i++)
    failed += suite_run(suites, argv[i]);
  for (; argc == 1 && suites->name != NULL; suites++)
    failed += suites->run();
  return failed != 0;
}

/* --- heaps ---------------------------------------------------------------- */

gc_heap *test_heap_tuned(size_t heap_bytes, const char *tuning) {
  gc_heap *heap = NULL;
  test_types_define();
  int error = gc_heap_create(
      &(struct gc_options){.heap_bytes = heap_bytes, .tuning = tuning}, &heap);
  CHECK(error == 0);
  CHECK(heap != NULL);
  return heap;
}

gc_heap *test_heap_create(size_t heap_bytes) {
  return test_heap_tuned(heap_bytes, getenv("SWEEPSTAKES_TUNING"));
}

static gc_mutator *attach(gc_heap *heap) {
  gc_mutator *m = gc_attach(heap);
  CHECK(m != NULL);
  return m;
}

gc_mutator *test_open(size_t heap_bytes) {
  return attach(test_heap_create(heap_bytes));
}

gc_mutator *test_open_tuned(size_t heap_bytes, const char *tuning) {
  return attach(test_heap_tuned(heap_bytes, tuning));
}

void test_close(gc_mutator *m) {
  gc_heap *heap = m->heap;
  CHECK(gc_verify(m) == 0);
  gc_detach(m);
  gc_heap_destroy(heap);
}

/* Redirects standard error to a file during the call. */
size_t test_verify(gc_mutator *m, char *said, size_t size) {
  FILE *file = tmpfile();
  int before = dup(STDERR_FILENO);
  CHECK(file != NULL && before >= 0);
  CHECK(dup2(fileno(file), STDERR_FILENO) >= 0);
  size_t broken = gc_verify(m);
  CHECK(dup2(before, STDERR_FILENO) >= 0);
  close(before);
  rewind(file);
  said[fread(said, 1, size - 1, file)] = '\0';
  fclose(file);
  return broken;
}

static void expect(gc_mutator *m, bool is_broken, const char *words) {
  char said[4000];
  size_t broken = test_verify(m, said, sizeof said);
  if ((broken > 0) == is_broken && strstr(said, words) != NULL)
    return;
  fprintf(stderr, "%zu broken, said: \"%s\"; expected: \"%s\"\n", broken, said,
          words);
  CHECK(false);
}

void test_expect_broken(gc_mutator *m, const char *words) {
  expect(m, true, words);
}

void test_expect_whole(gc_mutator *m) {
  expect(m, false, "");
}

size_t test_held(gc_heap *heap) {
  struct gc_memory_figures figures;
  gc_memory_figures(heap, &figures);
  return figures.held;
}

void test_settle(gc_mutator *m) {
  if (gc_collector.prompt)
    gc_safepoint(m);
  else
    test_collect(m);
}

/* Twice: objects with finalizers are freed only by the second collection. */
void test_collect(gc_mutator *m) {
  gc_collect(m, GC_FULL);
  gc_collect(m, GC_FULL);
}

/* --- objects -------------------------------------------------------------- */

gc_type test_leaf, test_node, test_mortal, test_refs, test_blob;

static struct {
  _Atomic uint8_t *of;
  size_t count;
  _Atomic size_t total;
} deaths;

void test_record_death(gc_mutator *m, const gc_root *self) {
  (void)m;
  uint64_t id = test_id(gc_root_get(self));
  CHECK(id < deaths.count);
  atomic_fetch_add(&deaths.of[id], 1);
  atomic_fetch_add(&deaths.total, 1);
}

static gc_type define(const struct gc_type_desc *desc) {
  gc_type type = gc_type_define(desc);
  CHECK(type != 0);
  return type;
}

static void define_types(void) {
  enum { BYTES = sizeof(struct test_payload) };
  test_leaf = define(&(struct gc_type_desc){.name = "leaf", .bytes = BYTES});
  test_node =
      define(&(struct gc_type_desc){.name = "node", .refs = 2, .bytes = BYTES});
  test_mortal = define(&(struct gc_type_desc){.name = "mortal",
                                              .refs = 2,
                                              .bytes = BYTES,
                                              .finalize = test_record_death});
  test_refs =
      define(&(struct gc_type_desc){.name = "refs", .tail = GC_REF_TAIL});
  test_blob =
      define(&(struct gc_type_desc){.name = "blob", .tail = GC_BYTE_TAIL});
}

void test_types_define(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, define_types);
}

/* Any mixing function that does not map 0 to 0. */
static uint64_t stamp_of(uint64_t id) {
  return (id + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

void test_payload_set(gc_ref object, uint64_t id) {
  *(struct test_payload *)gc_bytes(object) =
      (struct test_payload){id, stamp_of(id)};
}

gc_ref test_make(gc_mutator *m, gc_root *out, gc_type type, uint64_t id) {
  gc_ref object = gc_new(m, out, type);
  if (object != NULL)
    test_payload_set(object, id);
  return object;
}

/* Volatile, so that a second call reads the memory again. */
bool test_is_intact(gc_ref object) {
  const volatile struct test_payload *payload = gc_bytes(object);
  return payload->stamp == stamp_of(payload->id);
}

uint64_t test_id(gc_ref object) {
  CHECK(test_is_intact(object));
  return ((const struct test_payload *)gc_bytes(object))->id;
}

void test_deaths_begin(size_t count) {
  free((void *)deaths.of);
  deaths.of = calloc(count, sizeof *deaths.of);
  CHECK(deaths.of != NULL);
  deaths.count = count;
  atomic_store(&deaths.total, 0);
}

size_t test_deaths(void) {
  return atomic_load(&deaths.total);
}

void test_deaths_check(void) {
  for (size_t id = 0; id < deaths.count; id++)
    CHECK(deaths.of[id] <= 1);
}

unsigned test_deaths_of(uint64_t id) {
  return atomic_load(&deaths.of[id]);
}

/* --- threads -------------------------------------------------------------- */

struct test_group {
  pthread_barrier_t barrier;
  test_body *body;
};

static void *thread_main(void *arg) {
  struct test_thread *self = arg;
  pthread_barrier_wait(&self->group->barrier);
  self->m = gc_attach(self->heap);
  CHECK(self->m != NULL);
  self->group->body(self);
  gc_detach(self->m);
  return NULL;
}

void test_threads_run(gc_mutator *m, unsigned count, test_body *body,
                      void *shared) {
  struct test_group group = {.body = body};
  struct test_thread thread[count];
  pthread_t id[count];
  gc_park(m);
  CHECK(pthread_barrier_init(&group.barrier, NULL, count) == 0);
  for (unsigned i = 0; i < count; i++) {
    thread[i] =
        (struct test_thread){.heap = m->heap,
                             .index = i,
                             .count = count,
                             .shared = shared,
                             .random = workload_random_make(test_seed(), i),
                             .group = &group};
    CHECK(pthread_create(&id[i], NULL, thread_main, &thread[i]) == 0);
  }
  for (unsigned i = 0; i < count; i++)
    CHECK(pthread_join(id[i], NULL) == 0);
  pthread_barrier_destroy(&group.barrier);
  gc_unpark(m);
}

void test_meet(struct test_thread *self) {
  gc_park(self->m);
  pthread_barrier_wait(&self->group->barrier);
  gc_unpark(self->m);
}

void test_run_alone(struct test_thread *self, test_body *body) {
  gc_park(self->m);
  pthread_barrier_wait(&self->group->barrier);
  if (self->index == 0) {
    gc_unpark(self->m);
    body(self);
    gc_park(self->m);
  }
  pthread_barrier_wait(&self->group->barrier);
  gc_unpark(self->m);
}

void test_sleep_ms(unsigned ms) {
  struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
  while (nanosleep(&time, &time) != 0)
    CHECK(errno == EINTR);
}
