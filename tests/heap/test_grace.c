/* SPDX-License-Identifier: MIT */
/* Grace periods, step by step: heap/grace.h, Note [Grace periods]. Several
   mutators of one thread stand for several threads, so that the order of all
   steps is fixed. In tests/stress/, real threads race. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>

#include "heap/grace.h"
#include "tests/support/support.h"

#include <cmocka.h>

enum { THREE = 3 };

struct stage {
  gc_heap *heap;
  gc_mutator *m[THREE];
};

/* A thread may have only one running mutator in a heap. So each mutator is
   removed from the thread's list once it is attached, and is added again before
   it is detached. */
static gc_mutator *player_attach(gc_heap *heap) {
  gc_mutator *m = gc_attach(heap);
  gc_thread_remove(m);
  return m;
}

static void player_detach(gc_mutator *m) {
  assert_int_equal(gc_thread_add(m), 0);
  gc_detach(m);
}

static void stage_open(struct stage *s) {
  s->heap = test_heap_create(0);
  for (int i = 0; i < THREE; i++)
    s->m[i] = player_attach(s->heap);
}

static void stage_close(struct stage *s) {
  for (int i = 0; i < THREE; i++)
    if (s->m[i] != NULL)
      player_detach(s->m[i]);
  gc_heap_destroy(s->heap);
}

static void everybody_must_see_it(void **state) {
  (void)state;
  struct stage s;
  stage_open(&s);
  uint64_t epoch = gc_grace_request(s.heap);
  for (int i = 0; i < THREE; i++) {
    assert_false(gc_grace_has_passed(s.heap, epoch));
    gc_safepoint(s.m[i]);
  }
  assert_true(gc_grace_has_passed(s.heap, epoch));
  stage_close(&s);
}

static void epochs_rise(void **state) {
  (void)state;
  struct stage s;
  stage_open(&s);
  uint64_t first = gc_grace_request(s.heap);
  gc_safepoint(s.m[0]);
  uint64_t second = gc_grace_request(s.heap);
  assert_true(second > first);
  gc_safepoint(s.m[1]);
  gc_safepoint(s.m[2]);
  assert_true(gc_grace_has_passed(s.heap, first));
  assert_false(gc_grace_has_passed(s.heap, second));
  gc_safepoint(s.m[0]);
  assert_true(gc_grace_has_passed(s.heap, second));
  stage_close(&s);
}

/* A request makes the next safepoint slow, and only the next. */
static void a_request_polls(void **state) {
  (void)state;
  struct stage s;
  stage_open(&s);
  gc_safepoint(s.m[0]);
  uint64_t slow = s.m[0]->safepoints_slow;
  gc_grace_request(s.heap);
  gc_safepoint(s.m[0]);
  assert_int_equal(s.m[0]->safepoints_slow, slow + 1);
  gc_safepoint(s.m[0]);
  assert_int_equal(s.m[0]->safepoints_slow, slow + 1);
  stage_close(&s);
}

/* Only events after the request count: a safepoint before the request does
   not. */
static void the_past_does_not_count(void **state) {
  (void)state;
  struct stage s;
  stage_open(&s);
  for (int i = 0; i < THREE; i++)
    gc_safepoint(s.m[i]);
  assert_false(gc_grace_has_passed(s.heap, gc_grace_request(s.heap)));
  stage_close(&s);
}

static void the_parked_have_seen_all(void **state) {
  (void)state;
  struct stage s;
  stage_open(&s);
  gc_park(s.m[0]);
  gc_park(s.m[1]);
  uint64_t epoch = gc_grace_request(s.heap);
  assert_false(gc_grace_has_passed(s.heap, epoch));
  gc_safepoint(s.m[2]);
  assert_true(gc_grace_has_passed(s.heap, epoch));
  /* Parking after the request counts as well. */
  epoch = gc_grace_request(s.heap);
  gc_park(s.m[2]);
  assert_true(gc_grace_has_passed(s.heap, epoch));
  for (int i = 0; i < THREE; i++)
    gc_unpark(s.m[i]);
  stage_close(&s);
}

/* A mutator that unparks has seen all earlier requests. It has not seen later
   ones. */
static void the_unparked_start_anew(void **state) {
  (void)state;
  struct stage s;
  stage_open(&s);
  gc_park(s.m[0]);
  uint64_t before = gc_grace_request(s.heap);
  gc_unpark(s.m[0]);
  gc_safepoint(s.m[1]);
  gc_safepoint(s.m[2]);
  assert_true(gc_grace_has_passed(s.heap, before));
  uint64_t after = gc_grace_request(s.heap);
  gc_safepoint(s.m[1]);
  gc_safepoint(s.m[2]);
  assert_false(gc_grace_has_passed(s.heap, after));
  gc_safepoint(s.m[0]);
  assert_true(gc_grace_has_passed(s.heap, after));
  stage_close(&s);
}

static void those_that_come_and_go(void **state) {
  (void)state;
  struct stage s;
  stage_open(&s);
  uint64_t epoch = gc_grace_request(s.heap);
  gc_safepoint(s.m[0]);
  gc_safepoint(s.m[1]);
  player_detach(s.m[2]);
  assert_true(gc_grace_has_passed(s.heap, epoch));
  epoch = gc_grace_request(s.heap);
  s.m[2] =
      player_attach(s.heap); /* it has no reference from before the request */
  gc_safepoint(s.m[0]);
  gc_safepoint(s.m[1]);
  assert_true(gc_grace_has_passed(s.heap, epoch));
  epoch = gc_grace_request(s.heap);
  gc_safepoint(s.m[0]);
  gc_safepoint(s.m[1]);
  assert_false(gc_grace_has_passed(s.heap, epoch));
  stage_close(&s);
}

static void running_alone(void **state) {
  (void)state;
  struct stage s;
  stage_open(&s);
  assert_false(gc_runs_alone(s.m[0]));
  gc_park(s.m[1]);
  assert_false(gc_runs_alone(s.m[0]));
  gc_park(s.m[2]);
  assert_true(gc_runs_alone(s.m[0]));
  gc_unpark(s.m[1]);
  assert_false(gc_runs_alone(s.m[0]));
  player_detach(s.m[1]);
  s.m[1] = NULL;
  assert_true(gc_runs_alone(s.m[0]));
  gc_unpark(s.m[2]);
  stage_close(&s);
}

/* --- waiting, with threads ------------------------------------------------ */

struct wait {
  _Atomic bool runs, is_late, is_over;
};

/* Thread 0 requests a grace period and waits for it. Thread 1 delays its first
   safepoint, so the wait must last until then. Afterwards thread 1 passes
   safepoints until the wait is over, so the wait must end. */
static void wait_for_each_other(struct test_thread *self) {
  struct wait *wait = self->shared;
  gc_mutator *m = self->m;
  if (self->index == 0) {
    while (!atomic_load(&wait->runs))
      test_sleep_ms(1);
    uint64_t epoch = gc_grace_request(self->heap);
    gc_grace_acknowledge(m);
    gc_grace_wait(m, epoch);
    CHECK(atomic_load(&wait->is_late));
    CHECK(gc_grace_has_passed(self->heap, epoch));
    atomic_store(&wait->is_over, true);
    return;
  }
  atomic_store(&wait->runs, true);
  test_sleep_ms(30);
  atomic_store(&wait->is_late, true);
  while (!atomic_load(&wait->is_over)) {
    gc_safepoint(m);
    sched_yield();
  }
}

static void waiting_ends_with_the_last(void **state) {
  struct wait wait = {0};
  test_threads_run(*state, 2, wait_for_each_other, &wait);
  assert_true(wait.is_over);
}

/* A waiting thread is parked: other threads can wait for it, and the world
   can be stopped. */
static void wait_often(struct test_thread *self) {
  gc_mutator *m = self->m;
  for (uint64_t i = 0; i < test_scaled(5000) / self->count; i++) {
    gc_grace_wait(m, gc_grace_request(self->heap));
    if (i % 16 == self->index)
      gc_collect(m, GC_FULL);
  }
}

static void all_may_wait_at_once(void **state) {
  test_threads_run(*state, 4, wait_often, NULL);
}

static int heap_open(void **state) {
  *state = test_open(0);
  return 0;
}

static int heap_close(void **state) {
  test_close(*state);
  return 0;
}

int main(void) {
  const struct CMUnitTest steps[] = {
      cmocka_unit_test(everybody_must_see_it),
      cmocka_unit_test(epochs_rise),
      cmocka_unit_test(a_request_polls),
      cmocka_unit_test(the_past_does_not_count),
      cmocka_unit_test(the_parked_have_seen_all),
      cmocka_unit_test(the_unparked_start_anew),
      cmocka_unit_test(those_that_come_and_go),
      cmocka_unit_test(running_alone),
  };
  const struct CMUnitTest waits[] = {
      cmocka_unit_test_setup_teardown(waiting_ends_with_the_last, heap_open,
                                      heap_close),
      cmocka_unit_test_setup_teardown(all_may_wait_at_once, heap_open,
                                      heap_close),
  };
  int failed = 0;
  /* Under stress a safepoint stops the world, and one thread would wait for
     itself. */
  if (!test_is_stressed())
    failed += cmocka_run_group_tests_name("grace periods", steps, NULL, NULL);
  failed += cmocka_run_group_tests_name("waiting", waits, NULL, NULL);
  return failed != 0;
}
