/* SPDX-License-Identifier: MIT */
/* Finalizers that a mutator defers, and locks that it waits for. */
#include <errno.h>
#include <pthread.h>

#include "tests/conformance/conformance.h"

/* The finalizer of `locked`: types are defined once, so tests change this
   pointer. */
static void (*finalizer)(gc_mutator *, const gc_root *self);
static _Atomic int calls;
static gc_type locked;

static void call_finalizer(gc_mutator *m, const gc_root *self) {
  atomic_fetch_add(&calls, 1);
  CHECK(test_is_intact(gc_root_get(self)));
  if (finalizer)
    finalizer(m, self);
}

static int type_define(void **state) {
  (void)state;
  locked = gc_type_define(&(struct gc_type_desc){
      .name = "locked", .refs = 2, .bytes = 16, .finalize = call_finalizer});
  return locked == 0;
}

static void begin(void (*f)(gc_mutator *, const gc_root *)) {
  finalizer = f;
  atomic_store(&calls, 0);
}

/* Makes `count` objects with finalizers, and drops them. */
static void drop(gc_mutator *m, uint64_t count) {
  GC_FRAME(m, f, object);
  for (uint64_t i = 0; i < count; i++)
    CHECK(test_make(m, &f.object, locked, i) != NULL);
}

static void assert_calls(int dropped) {
  assert_in_range(atomic_load(&calls), test_least_dead((size_t)dropped),
                  test_most_dead((size_t)dropped));
}

enum { COUNT = 20 };

static void none_runs_until_they_are_resumed(void **state) {
  gc_mutator *m = *state;
  begin(NULL);
  gc_finalizers_defer(m);
  drop(m, COUNT);
  test_settle(m);
  test_collect(m);
  assert_int_equal(calls, 0);
  gc_finalizers_resume(m);
  assert_int_equal(calls, 0);
  test_settle(m);
  assert_calls(COUNT);
}

static void deferrals_nest(void **state) {
  gc_mutator *m = *state;
  begin(NULL);
  gc_finalizers_defer(m);
  gc_finalizers_defer(m);
  drop(m, COUNT);
  gc_finalizers_resume(m);
  test_settle(m);
  assert_int_equal(calls, 0);
  gc_finalizers_defer(m);
  gc_finalizers_resume(m);
  gc_finalizers_resume(m);
  test_settle(m);
  assert_calls(COUNT);
}

static void nothing_stays_asked_for(void **state) {
  gc_mutator *m = *state;
  begin(NULL);
  gc_finalizers_defer(m);
  drop(m, COUNT);
  test_settle(m);
  gc_safepoint_slow(m);
  assert_int_equal(atomic_load(&m->poll) & GC_POLL_FINALIZE, 0);
  gc_finalizers_resume(m);
  test_settle(m);
  gc_safepoint_slow(m);
  assert_int_equal(atomic_load(&m->poll) & GC_POLL_FINALIZE, 0);
  assert_calls(COUNT);
}

static void weak_references_lead_to_those_that_wait(void **state) {
  gc_mutator *m = *state;
  begin(NULL);
  gc_finalizers_defer(m);
  GC_FRAME(m, f, object, weak);
  test_make(m, &f.object, locked, 7);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  gc_root_clear(m, &f.object);
  test_settle(m);
  gc_ref object = gc_weak_get(m, &f.object, gc_root_get(&f.weak));
  if (object != NULL)
    assert_int_equal(test_id(object), 7);
  gc_root_clear(m, &f.object);
  gc_finalizers_resume(m);
  test_settle(m);
  assert_calls(1);
}

static void defer(gc_mutator *m, const gc_root *self) {
  (void)self;
  gc_finalizers_defer(m);
  drop(m, 1);
  gc_collect(m, GC_FULL);
  gc_finalizers_resume(m);
  finalizer = NULL;
}

static void a_finalizer_may_defer(void **state) {
  gc_mutator *m = *state;
  begin(defer);
  drop(m, 1);
  test_settle(m);
  test_settle(m);
  assert_calls(2);
}

static void resume_too_often(void **state) {
  gc_mutator *m = *state;
  if (GC_ASSERT_LEVEL >= 2)
    skip();
  begin(NULL);
  gc_finalizers_resume(m);
  gc_finalizers_defer(m);
  drop(m, COUNT);
  test_settle(m);
  assert_int_equal(calls, 0);
  gc_finalizers_resume(m);
  test_settle(m);
  assert_calls(COUNT);
}

static void defer_alone(gc_mutator *m, const gc_root *self) {
  (void)self;
  gc_finalizers_defer(m);
}

static void one_that_never_resumes_does_no_harm(void **state) {
  gc_mutator *m = *state;
  if (GC_ASSERT_LEVEL >= 2)
    skip();
  begin(defer_alone);
  drop(m, COUNT);
  test_settle(m);
  assert_calls(COUNT);
}

/* --- threads -------------------------------------------------------------- */

/* The first thread parks, the others detach. */
static void defer_and_go(struct test_thread *self) {
  gc_finalizers_defer(self->m);
  drop(self->m, COUNT);
  test_meet(self);
  gc_collect(self->m, GC_FULL);
  CHECK(atomic_load(&calls) == 0);
  test_meet(self);
  if (self->index == 0) {
    gc_park(self->m);
    gc_unpark(self->m);
    gc_finalizers_resume(self->m);
  }
}

static void those_that_go_leave_them_to_others(void **state) {
  gc_mutator *m = *state;
  begin(NULL);
  test_threads_run(m, 4, defer_and_go, NULL);
  test_settle(m);
  assert_calls(4 * COUNT);
}

static void the_end_of_the_heap_runs_them(void **state) {
  (void)state;
  begin(NULL);
  gc_mutator *m = test_open(0);
  gc_heap *heap = m->heap;
  gc_finalizers_defer(m);
  drop(m, COUNT);
  gc_collect(m, GC_FULL);
  gc_detach(m);
  assert_int_equal(calls, 0);
  gc_heap_destroy(heap);
  assert_int_equal(calls, COUNT);
}

/* Finalizers that a mutator left to others were run by one of them. The poll
   bits of the rest are cleared, too. */
static void stay_while_one_leaves(struct test_thread *self) {
  if (self->index == 0) {
    gc_finalizers_defer(self->m);
    drop(self->m, COUNT);
    gc_park(self->m);
    gc_unpark(self->m);
    gc_finalizers_resume(self->m);
  }
  test_meet(self);
  test_settle(self->m);
  test_meet(self);
  gc_safepoint_slow(self->m);
  CHECK((atomic_load(&self->m->poll) & GC_POLL_FINALIZE) == 0);
  test_meet(self);
}

static void nothing_stays_asked_for_of_others(void **state) {
  gc_mutator *m = *state;
  if (!test_finds_garbage())
    skip();
  begin(NULL);
  test_threads_run(m, 4, stay_while_one_leaves, NULL);
  assert_int_equal(calls, COUNT);
}

/* --- locks ---------------------------------------------------------------- */

/* It reports a thread that locks it twice. */
static pthread_mutex_t mutex;
static int held; /* under mutex */

static void mutex_begin(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  assert_int_equal(pthread_mutex_init(&mutex, &attributes), 0);
  pthread_mutexattr_destroy(&attributes);
  held = 0;
}

static void lock_and_count(gc_mutator *m, const gc_root *self) {
  (void)self;
  CHECK(gc_lock(m, &mutex) == 0);
  held++;
  CHECK(pthread_mutex_unlock(&mutex) == 0);
}

/* Holds the mutex around allocations and collections. */
static void work_with_the_lock(struct test_thread *self) {
  for (uint64_t i = 0; i < test_scaled(200); i++) {
    CHECK(gc_lock(self->m, &mutex) == 0);
    gc_finalizers_defer(self->m);
    drop(self->m, 3);
    if (i % 16 == self->index)
      gc_collect(self->m, GC_FULL);
    gc_safepoint(self->m);
    CHECK(pthread_mutex_unlock(&mutex) == 0);
    gc_finalizers_resume(self->m);
    gc_safepoint(self->m);
  }
}

static void finalizers_may_take_the_lock(void **state, unsigned threads) {
  gc_mutator *m = *state;
  begin(lock_and_count);
  mutex_begin();
  test_threads_run(m, threads, work_with_the_lock, NULL);
  test_settle(m);
  assert_calls((int)(threads * test_scaled(200) * 3));
  assert_int_equal(held, calls);
  if (!test_finds_garbage())
    finalizer = NULL; /* the rest runs when the mutex is gone */
  pthread_mutex_destroy(&mutex);
}

static void finalizers_may_take_a_lock_of_one(void **state) {
  finalizers_may_take_the_lock(state, 1);
}

static void finalizers_may_take_a_lock_of_four(void **state) {
  finalizers_may_take_the_lock(state, 4);
}

static void a_free_lock_is_no_safepoint(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, object);
  begin(NULL);
  mutex_begin();
  test_make(m, &f.object, test_node, 5);
  drop(m, COUNT);
  gc_ref object = gc_root_get(&f.object);
  int before = calls;
  uint64_t slow = m->safepoints_slow;
  gc_poll_set(m, GC_POLL_HANDSHAKE);
  assert_int_equal(gc_lock(m, &mutex), 0);
  assert_int_equal(m->safepoints_slow, slow);
  assert_int_equal(calls, before);
  assert_true(gc_root_get(&f.object) == object);
  assert_int_equal(test_id(object), 5);
  assert_int_equal(pthread_mutex_unlock(&mutex), 0);
  pthread_mutex_destroy(&mutex);
}

static void errors_are_returned(void **state) {
  gc_mutator *m = *state;
  mutex_begin();
  assert_int_equal(gc_lock(m, &mutex), 0);
  assert_int_equal(gc_lock(m, &mutex), EDEADLK);
  assert_true(m->running);
  assert_int_equal(pthread_mutex_unlock(&mutex), 0);
  pthread_mutex_destroy(&mutex);
}

/* The first thread holds the mutex, and stops the world while the others wait
   for it. */
static void collect_with_the_lock(struct test_thread *self) {
  if (self->index == 0)
    CHECK(gc_lock(self->m, &mutex) == 0);
  test_meet(self);
  if (self->index == 0) {
    for (int i = 0; i < 10; i++) {
      test_sleep_ms(1);
      gc_collect(self->m, GC_FULL);
    }
    held = 1;
  } else {
    CHECK(gc_lock(self->m, &mutex) == 0);
    CHECK(held >= 1);
    held++;
    gc_collect(self->m, GC_FULL);
  }
  CHECK(pthread_mutex_unlock(&mutex) == 0);
}

static void the_holder_may_stop_the_world(void **state) {
  gc_mutator *m = *state;
  mutex_begin();
  test_threads_run(m, 4, collect_with_the_lock, NULL);
  assert_int_equal(held, 4);
  pthread_mutex_destroy(&mutex);
}

/* --- misuse --------------------------------------------------------------- */

void misuse_resume_without_defer(void) {
  gc_mutator *m = test_open(0);
  gc_finalizers_defer(m);
  gc_finalizers_resume(m);
  gc_finalizers_resume(m);
}

/* The end of the heap runs it, whatever the collector. */
void misuse_finalizer_that_never_resumes(void) {
  type_define(NULL);
  gc_mutator *m = test_open(0);
  gc_heap *heap = m->heap;
  begin(defer_alone);
  drop(m, 1);
  gc_detach(m);
  gc_heap_destroy(heap);
}

void misuse_lock_parked(void) {
  gc_mutator *m = test_open(0);
  mutex_begin();
  gc_park(m);
  gc_lock(m, &mutex);
}

int conformance_deferring(void) {
  const struct CMUnitTest tests[] = {
      heap_test(none_runs_until_they_are_resumed),
      heap_test(deferrals_nest),
      heap_test(nothing_stays_asked_for),
      heap_test(weak_references_lead_to_those_that_wait),
      heap_test(a_finalizer_may_defer),
      heap_test(resume_too_often),
      heap_test(one_that_never_resumes_does_no_harm),
      heap_test(those_that_go_leave_them_to_others),
      cmocka_unit_test(the_end_of_the_heap_runs_them),
      heap_test(nothing_stays_asked_for_of_others),
      heap_test(finalizers_may_take_a_lock_of_one),
      heap_test(finalizers_may_take_a_lock_of_four),
      heap_test(a_free_lock_is_no_safepoint),
      heap_test(errors_are_returned),
      heap_test(the_holder_may_stop_the_world),
  };
  return cmocka_run_group_tests_name("deferring", tests, type_define, NULL);
}
