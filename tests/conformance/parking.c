/* SPDX-License-Identifier: MIT */
/* A stop of the world waits only for running mutators. Parked mutators keep
   their roots, and unpark only while the world runs. */
#include <string.h>

#include "tests/conformance/conformance.h"

enum { BEFORE, PARKED, RUNNING, DONE };

/* Two threads: the second one parks, and the first one works meanwhile. */
struct scene {
  _Atomic int state;
  _Atomic bool is_stopped, was_passed, was_requested;
  _Atomic uint32_t late; /* number of the mutator that takes its time */
  uint32_t last;         /* the stopper: `last` of the pause */
  uint64_t slept_ms;
};

static void await(_Atomic int *state, int wanted) {
  while (atomic_load(state) != wanted)
    test_sleep_ms(1);
}

static void nobody_waits_for_the_parked(struct test_thread *self) {
  struct scene *scene = self->shared;
  gc_mutator *m = self->m;
  GC_FRAME(m, f, object);
  if (self->index == 1) {
    test_make(m, &f.object, test_mortal, 1);
    gc_park(m);
    atomic_store(&scene->state, PARKED);
    await(&scene->state, DONE);
    gc_unpark(m);
    CHECK(test_id(gc_root_get(&f.object)) == 1);
    return;
  }
  gc_park(m);
  await(&scene->state, PARKED);
  gc_unpark(m);
  test_make(m, &f.object, test_mortal, 0);
  gc_root_clear(m, &f.object);
  test_settle(m);
  CHECK(test_deaths() >= test_least_dead(1));
  CHECK(test_deaths_of(1) == 0);
  gc_collect(m, GC_FULL);
  CHECK(test_deaths_of(1) == 0);
  atomic_store(&scene->state, DONE);
}

static void a_parked_mutator_stands_aside(void **state) {
  struct scene scene = {0};
  test_deaths_begin(2);
  test_threads_run(*state, 2, nobody_waits_for_the_parked, &scene);
  test_settle(*state);
  assert_deaths(2);
}

/* A value that it overwrote before it parked must die. */
static void drop_and_park(struct test_thread *self) {
  struct scene *scene = self->shared;
  gc_mutator *m = self->m;
  GC_FRAME(m, f, object, holder);
  if (self->index == 1) {
    test_make(m, &f.holder, test_node, 0);
    test_make(m, &f.object, test_mortal, 0);
    gc_set_move(m, gc_root_get(&f.holder), 0, &f.object);
    gc_set(m, gc_root_get(&f.holder), 0, NULL);
  }
  gc_park(m);
  if (self->index == 1) {
    atomic_store(&scene->state, PARKED);
    await(&scene->state, DONE);
    gc_unpark(m);
    gc_safepoint(m);
    return;
  }
  await(&scene->state, PARKED);
  gc_unpark(m);
  gc_collect(m, GC_FULL);
  atomic_store(&scene->state, DONE);
}

static void its_garbage_is_not_held_back(void **state) {
  struct scene scene = {0};
  test_deaths_begin(1);
  test_threads_run(*state, 2, drop_and_park, &scene);
  assert_deaths(1);
}

/* --- turns ---------------------------------------------------------------- */

/* The first thread collects in a loop. The second counts its steps, each from
   one safepoint to the next. */
struct turns {
  _Atomic size_t steps;
  _Atomic bool is_counting, is_done;
  size_t seen; /* the listener: steps at the last stop of the first */
  size_t stops, missed;
};

static void turn_look(void *data, const struct gc_pause *pause) {
  struct turns *turns = data;
  size_t steps = atomic_load(&turns->steps);
  if (!atomic_load(&turns->is_counting) || pause->last == GC_NO_MUTATOR)
    return;
  turns->missed += turns->stops > 0 && steps == turns->seen;
  turns->stops++;
  turns->seen = steps;
}

static void collect_or_step(struct test_thread *self) {
  struct turns *turns = self->shared;
  if (self->index == 0) {
    while (!atomic_load(&turns->is_counting))
      gc_safepoint(self->m);
    for (uint64_t i = 0; i < test_scaled(300); i++)
      gc_collect(self->m, GC_FULL);
    atomic_store(&turns->is_counting, false);
    atomic_store(&turns->is_done, true);
    return;
  }
  atomic_store(&turns->is_counting, true);
  while (!atomic_load(&turns->is_done)) {
    gc_safepoint(self->m);
    atomic_fetch_add(&turns->steps, 1);
  }
}

static void everybody_has_a_turn_between_two_stops(void **state) {
  struct turns turns = {0};
  gc_mutator *m = *state;
  if (m->heap->stress || gc_collector.restless)
    skip();
  gc_listen(m->heap,
            &(struct gc_listener){.data = &turns, .resumed = turn_look});
  test_threads_run(m, 2, collect_or_step, &turns);
  gc_listen(m->heap, NULL);
  assert_int_equal(turns.missed, 0);
}

static void name_last(void *data, const struct gc_pause *pause) {
  if (strcmp(pause->cause, "request") == 0)
    *(uint32_t *)data = pause->last;
}

/* A single mutator waits for no other. */
static void a_stop_without_others_names_nobody(void **state) {
  gc_mutator *m = *state;
  uint32_t last = 0;
  gc_listen(m->heap,
            &(struct gc_listener){.data = &last, .resumed = name_last});
  gc_collect(m, GC_FULL);
  gc_listen(m->heap, NULL);
  assert_int_equal(last, GC_NO_MUTATOR);
}

/* If death is prompt, other mutators apply the decrement without a collection.
 */
static void drop_or_look(struct test_thread *self) {
  struct scene *scene = self->shared;
  gc_mutator *m = self->m;
  GC_FRAME(m, f, object, holder);
  test_make(m, &f.holder, test_node, 0);
  test_meet(self);
  if (self->index == 0) {
    while (atomic_load(&scene->state) != PARKED)
      gc_safepoint(m);
    for (int i = 0; i < 1000 && test_deaths() < test_least_dead(1); i++) {
      gc_safepoint(m);
      test_sleep_ms(1);
    }
    CHECK(test_deaths() == test_least_dead(1));
    atomic_store(&scene->state, DONE);
    return;
  }
  test_make(m, &f.object, test_mortal, 0);
  gc_set_move(m, gc_root_get(&f.holder), 0, &f.object);
  gc_set(m, gc_root_get(&f.holder), 0, NULL);
  gc_park(m);
  atomic_store(&scene->state, PARKED);
  await(&scene->state, DONE);
  gc_unpark(m);
}

static void what_it_overwrote_dies_meanwhile(void **state) {
  struct scene scene = {0};
  if (!gc_collector.prompt)
    skip();
  test_deaths_begin(1);
  test_threads_run(*state, 2, drop_or_look, &scene);
}

/* --- with a listener, to see the world stop ------------------------------- */

static void on_request(void *data, uint64_t t) {
  struct scene *scene = data;
  (void)t;
  atomic_store(&scene->was_requested, true);
}

static void on_stopped(void *data, uint64_t t) {
  struct scene *scene = data;
  (void)t;
  atomic_store(&scene->is_stopped, true);
  test_sleep_ms((unsigned)scene->slept_ms);
}

static void on_resumed(void *data, const struct gc_pause *pause) {
  struct scene *scene = data;
  scene->last = pause->last;
  atomic_store(&scene->is_stopped, false);
}

/* Skips if every safepoint may stop the world, under stress or because of the
   collector: some tests below would wait for the wrong stop. */
static void need_quiet(gc_mutator *m) {
  if (m->heap->stress || gc_collector.restless)
    skip();
}

static void watch(gc_mutator *m, struct scene *scene) {
  gc_listen(m->heap, &(struct gc_listener){.data = scene,
                                           .stop_requested = on_request,
                                           .stopped = on_stopped,
                                           .resumed = on_resumed});
}

/* The first thread stops the world while the second runs and is late. */
static void run_late(struct test_thread *self) {
  struct scene *scene = self->shared;
  if (self->index == 0) {
    await(&scene->state, RUNNING);
    gc_collect(self->m, GC_FULL);
    CHECK(atomic_load(&scene->was_passed));
    CHECK(scene->last == atomic_load(&scene->late));
    return;
  }
  atomic_store(&scene->late, self->m->number);
  atomic_store(&scene->state, RUNNING);
  while (!atomic_load(&scene->was_requested))
    test_sleep_ms(1);
  test_sleep_ms(20);
  CHECK(!atomic_load(&scene->is_stopped));
  atomic_store(&scene->was_passed, true);
  gc_safepoint(self->m);
}

static void the_world_waits_for_those_that_run(void **state) {
  struct scene scene = {0};
  need_quiet(*state);
  watch(*state, &scene);
  test_threads_run(*state, 2, run_late, &scene);
  assert_true(scene.was_passed);
  gc_listen(((gc_mutator *)*state)->heap, NULL);
}

static void stop_for_long(struct scene *scene, gc_mutator *m) {
  scene->slept_ms = 50;
  gc_collect(m, GC_FULL);
  scene->slept_ms = 0;
}

static void await_stop(struct scene *scene) {
  while (!atomic_load(&scene->is_stopped))
    test_sleep_ms(1);
}

static void unpark_in_a_stop(struct test_thread *self) {
  struct scene *scene = self->shared;
  test_meet(self);
  if (self->index == 0) {
    await(&scene->state, PARKED);
    stop_for_long(scene, self->m);
    return;
  }
  gc_park(self->m);
  atomic_store(&scene->state, PARKED);
  await_stop(scene);
  gc_unpark(self->m);
  CHECK(!atomic_load(&scene->is_stopped));
}

static void nobody_unparks_into_a_stop(void **state) {
  struct scene scene = {0};
  need_quiet(*state);
  watch(*state, &scene);
  test_threads_run(*state, 2, unpark_in_a_stop, &scene);
  gc_listen(((gc_mutator *)*state)->heap, NULL);
}

static void attach_in_a_stop(struct test_thread *self) {
  struct scene *scene = self->shared;
  test_meet(self);
  if (self->index == 0) {
    await(&scene->state, PARKED);
    stop_for_long(scene, self->m);
    return;
  }
  gc_park(self->m);
  atomic_store(&scene->state, PARKED);
  await_stop(scene);
  gc_mutator *other = gc_attach(self->heap);
  CHECK(!atomic_load(&scene->is_stopped));
  gc_detach(other);
  gc_unpark(self->m);
}

static void nobody_attaches_into_a_stop(void **state) {
  struct scene scene = {0};
  need_quiet(*state);
  watch(*state, &scene);
  test_threads_run(*state, 2, attach_in_a_stop, &scene);
  gc_listen(((gc_mutator *)*state)->heap, NULL);
}

/* Parks and unparks before, during and after stops. */
static void park_often(struct test_thread *self) {
  GC_FRAME(self->m, f, object);
  test_make(self->m, &f.object, test_leaf, self->index);
  for (uint64_t i = 0; i < test_scaled(2000); i++) {
    if (self->index == 0 && i % 20 == 0)
      gc_collect(self->m, GC_FULL);
    gc_park(self->m);
    gc_unpark(self->m);
    CHECK(test_id(gc_root_get(&f.object)) == self->index);
  }
}

static void parking_is_safe_at_any_time(void **state) {
  test_threads_run(*state, 4, park_often, NULL);
}

int conformance_parking(void) {
  const struct CMUnitTest tests[] = {
      heap_test(a_parked_mutator_stands_aside),
      heap_test(its_garbage_is_not_held_back),
      heap_test(what_it_overwrote_dies_meanwhile),
      heap_test(the_world_waits_for_those_that_run),
      heap_test(nobody_unparks_into_a_stop),
      heap_test(nobody_attaches_into_a_stop),
      heap_test(parking_is_safe_at_any_time),
      heap_test(everybody_has_a_turn_between_two_stops),
      heap_test(a_stop_without_others_names_nobody),
  };
  return cmocka_run_group_tests_name("parking", tests, NULL, NULL);
}
