/* SPDX-License-Identifier: MIT */
/* Heaps whose finalizers a thread of the program serves. */
#include <pthread.h>
#include <stdlib.h>

#include "tests/conformance/conformance.h"

static gc_type served;
static _Atomic int calls;
static _Atomic bool makes_more; /* each makes another object */
static _Thread_local bool may_serve;

/* Runs on a thread that serves, also if that thread did not make the object. */
static void on_death(gc_mutator *m, const gc_root *self) {
  CHECK(may_serve);
  CHECK(test_is_intact(gc_root_get(self)));
  atomic_fetch_add(&calls, 1);
  if (atomic_load(&makes_more)) {
    GC_FRAME(m, f, object);
    CHECK(test_make(m, &f.object, served, 0) != NULL);
  }
}

static int type_define(void **state) {
  (void)state;
  served = gc_type_define(&(struct gc_type_desc){
      .name = "served", .refs = 2, .bytes = 16, .finalize = on_death});
  return served == 0;
}

static int serving_open(void **state) {
  gc_heap *heap = NULL;
  struct gc_options options = {.tuning = getenv("SWEEPSTAKES_TUNING"),
                               .serves_finalizers = true};
  test_types_define();
  atomic_store(&calls, 0);
  atomic_store(&makes_more, false);
  may_serve = false;
  CHECK(gc_heap_create(&options, &heap) == 0);
  *state = gc_attach(heap);
  return *state == NULL;
}

/* The end of the heap serves, too. */
static int serving_close(void **state) {
  may_serve = true;
  return heap_close(state);
}

#define serving_test(f)                                                        \
  cmocka_unit_test_setup_teardown(f, serving_open, serving_close)

static void drop(gc_mutator *m, uint64_t count) {
  GC_FRAME(m, f, object);
  for (uint64_t i = 0; i < count; i++)
    CHECK(test_make(m, &f.object, served, i) != NULL);
}

/* Lets the dead be found, and their finalizers be left to those that serve. */
static void find_the_dead(gc_mutator *m) {
  test_collect(m);
  gc_safepoint_slow(m);
}

static void assert_calls(size_t dropped) {
  assert_in_range(atomic_load(&calls), test_least_dead(dropped),
                  test_most_dead(dropped));
}

static size_t serve_all(gc_mutator *m) {
  size_t all = 0, now;
  may_serve = true;
  while ((now = gc_finalizers_serve(m)) > 0)
    all += now;
  may_serve = false;
  return all;
}

enum { COUNT = 20, THREADS = 4 };

static void none_runs_elsewhere(void **state) {
  gc_mutator *m = *state;
  drop(m, COUNT);
  find_the_dead(m);
  test_settle(m);
  gc_park(m);
  gc_unpark(m);
  assert_int_equal(calls, 0);
  assert_int_equal(atomic_load(&m->poll) & GC_POLL_FINALIZE, 0);
  size_t ran = serve_all(m);
  assert_int_equal(calls, ran);
  assert_calls(COUNT);
  assert_int_equal(serve_all(m), 0);
}

static void their_children_die_afterwards(void **state) {
  gc_mutator *m = *state;
  {
    GC_FRAME(m, f, list, node);
    for (uint64_t i = 0; i < COUNT; i++) {
      test_make(m, &f.node, served, i);
      gc_set_move(m, gc_root_get(&f.node), 0, &f.list);
      gc_root_move(m, &f.list, &f.node);
    }
  }
  for (int i = 0; i < COUNT; i++) {
    find_the_dead(m);
    serve_all(m);
  }
  assert_calls(COUNT);
}

static void what_is_due_ends_the_wait(void **state) {
  gc_mutator *m = *state;
  drop(m, COUNT);
  find_the_dead(m);
  if (!test_finds_garbage())
    gc_finalizers_stop(m->heap);
  assert_int_equal(gc_finalizers_wait(m), test_finds_garbage());
  serve_all(m);
  assert_calls(COUNT);
}

static void to_stop_is_to_stop(void **state) {
  gc_mutator *m = *state;
  drop(m, COUNT);
  find_the_dead(m);
  gc_finalizers_stop(m->heap);
  assert_false(gc_finalizers_wait(m));
  assert_false(gc_finalizers_wait(m));
  serve_all(m);
  assert_calls(COUNT);
}

/* Without serving, and after it ended, the end of the heap runs them. */
static void the_end_of_the_heap_serves(void **state) {
  gc_mutator *m = *state;
  gc_heap *heap = m->heap;
  drop(m, COUNT);
  find_the_dead(m);
  gc_detach(m);
  assert_int_equal(calls, 0);
  may_serve = true;
  gc_heap_destroy(heap);
  assert_int_equal(calls, COUNT);
}

static void bounded_if_they_make_their_own_kind(void **state) {
  gc_mutator *m = *state;
  atomic_store(&makes_more, true);
  drop(m, 1);
  for (int i = 0; i < COUNT; i++) {
    find_the_dead(m);
    may_serve = true;
    gc_finalizers_serve(m);
    may_serve = false;
  }
  assert_in_range(calls, test_least_dead(1), 1000);
  atomic_store(&makes_more, false);
}

/* --- threads -------------------------------------------------------------- */

static void serve_until_told(struct test_thread *self) {
  may_serve = true;
  while (gc_finalizers_wait(self->m))
    gc_finalizers_serve(self->m);
}

struct scene {
  unsigned servers;
  _Atomic unsigned at_work; /* threads that drop objects */
  _Atomic uint64_t dropped;
};

static void drop_often(struct test_thread *self) {
  for (uint64_t i = 0; i < test_scaled(300); i++) {
    drop(self->m, 3);
    if (i % 64 == self->index)
      gc_collect(self->m, GC_FULL);
    if (i % 16 == self->index) {
      gc_park(self->m);
      gc_unpark(self->m);
    }
    gc_safepoint(self->m);
  }
}

/* The last one waits until all have been served. */
static void await_calls(struct test_thread *self, uint64_t dropped) {
  if (!test_finds_garbage())
    return;
  while ((uint64_t)atomic_load(&calls) < dropped) {
    gc_collect(self->m, GC_FULL);
    gc_park(self->m);
    test_sleep_ms(1);
    gc_unpark(self->m);
  }
}

/* The first threads serve. All but the last of the others detach when they have
   dropped their objects. */
static void serve_or_drop(struct test_thread *self) {
  struct scene *scene = self->shared;
  if (self->index < scene->servers) {
    serve_until_told(self);
    return;
  }
  drop_often(self);
  atomic_fetch_add(&scene->dropped, test_scaled(300) * 3);
  if (atomic_fetch_sub(&scene->at_work, 1) > 1)
    return;
  await_calls(self, atomic_load(&scene->dropped));
  gc_finalizers_stop(self->heap);
}

static void threads_serve(gc_mutator *m, unsigned servers, unsigned others) {
  struct scene scene = {.servers = servers, .at_work = others};
  test_threads_run(m, servers + others, serve_or_drop, &scene);
  assert_calls(scene.dropped);
}

static void one_thread_serves_one(void **state) {
  threads_serve(*state, 1, 1);
}

static void one_thread_serves_four(void **state) {
  threads_serve(*state, 1, THREADS);
}

static void two_threads_serve_four(void **state) {
  threads_serve(*state, 2, THREADS);
}

/* The thread that tells the others to stop is not attached. */
static void *tell_to_stop(void *heap) {
  test_sleep_ms(10);
  gc_finalizers_stop(heap);
  return NULL;
}

static void all_that_wait_are_told(void **state) {
  gc_mutator *m = *state;
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, tell_to_stop, m->heap), 0);
  test_threads_run(m, THREADS, serve_until_told, NULL);
  pthread_join(thread, NULL);
}

/* --- misuse --------------------------------------------------------------- */

void misuse_serve_a_heap_that_does_not(void) {
  gc_finalizers_serve(test_open(0));
}

void misuse_wait_in_a_heap_that_does_not(void) {
  gc_finalizers_wait(test_open(0));
}

void misuse_serve_while_deferred(void) {
  void *m = NULL;
  serving_open(&m);
  gc_finalizers_defer(m);
  gc_finalizers_serve(m);
}

static void wait_inside(gc_mutator *m, const gc_root *self) {
  (void)self;
  gc_finalizers_wait(m);
}

void misuse_wait_in_a_finalizer(void) {
  void *m = NULL;
  serving_open(&m);
  gc_heap *heap = ((gc_mutator *)m)->heap;
  gc_type type = gc_type_define(
      &(struct gc_type_desc){.name = "waiting", .finalize = wait_inside});
  {
    GC_FRAME(m, f, object);
    gc_new(m, &f.object, type);
  }
  gc_detach(m);
  gc_heap_destroy(heap);
}

int conformance_serving(void) {
  const struct CMUnitTest tests[] = {
      serving_test(none_runs_elsewhere),
      serving_test(their_children_die_afterwards),
      serving_test(what_is_due_ends_the_wait),
      serving_test(to_stop_is_to_stop),
      cmocka_unit_test_setup(the_end_of_the_heap_serves, serving_open),
      serving_test(bounded_if_they_make_their_own_kind),
      serving_test(one_thread_serves_one),
      serving_test(one_thread_serves_four),
      serving_test(two_threads_serve_four),
      serving_test(all_that_wait_are_told),
  };
  return cmocka_run_group_tests_name("serving", tests, type_define, NULL);
}
