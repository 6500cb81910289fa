/* SPDX-License-Identifier: MIT */
/* Finalizers run only at safepoints, at most once, on an intact object, and
   before weak references are cleared. They may allocate. Resurrection is in
   resurrection.c. */
#include "tests/conformance/conformance.h"

/* The finalizer of finalized_type: types are defined once, so tests change this
   pointer. */
static void (*finalizer)(gc_mutator *, const gc_root *self);
static _Atomic int calls;
static gc_root global;

static void call_finalizer(gc_mutator *m, const gc_root *self) {
  atomic_fetch_add(&calls, 1);
  finalizer(m, self);
}

static gc_type finalized_type(void) {
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){.name = "finalized",
                                                 .refs = 2,
                                                 .bytes = 16,
                                                 .finalize = call_finalizer});
  return type;
}

static void begin(void (*f)(gc_mutator *, const gc_root *)) {
  finalizer = f;
  atomic_store(&calls, 0);
}

static void assert_calls(int dropped) {
  assert_in_range(atomic_load(&calls), test_least_dead((size_t)dropped),
                  test_most_dead((size_t)dropped));
}

static void look_at_children(gc_mutator *m, const gc_root *self) {
  (void)m;
  gc_ref object = gc_root_get(self);
  CHECK(gc_type_of(object) == finalized_type());
  CHECK(test_id(object) == 10);
  CHECK(test_id(gc_get(object, 0)) == 11);
  CHECK(test_id(gc_get(gc_get(object, 1), 0)) == 13);
  if (gc_collector.prompt) /* no order among those found dead together */
    CHECK(test_deaths() == 0);
}

/* If death is prompt, objects that only this one holds die after it. */
static void the_object_is_intact(void **state) {
  gc_mutator *m = *state;
  begin(look_at_children);
  test_deaths_begin(14);
  GC_FRAME(m, f, object, child, grandchild);
  test_make(m, &f.object, finalized_type(), 10);
  test_make(m, &f.child, test_leaf, 11);
  gc_set_move(m, gc_root_get(&f.object), 0, &f.child);
  test_make(m, &f.child, test_node, 12);
  test_make(m, &f.grandchild, test_mortal, 13);
  gc_set_move(m, gc_root_get(&f.child), 0, &f.grandchild);
  gc_set_move(m, gc_root_get(&f.object), 1, &f.child);
  test_settle(m);
  assert_int_equal(calls, 0);
  gc_root_clear(m, &f.object);
  test_settle(m);
  assert_calls(1);
}

static void do_nothing(gc_mutator *m, const gc_root *self) {
  (void)m;
  CHECK(gc_root_get(self) != NULL);
}

static void it_runs_once(void **state) {
  gc_mutator *m = *state;
  begin(do_nothing);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, finalized_type(), 0);
  gc_root_clear(m, &f.object);
  for (int i = 0; i < 5; i++)
    test_settle(m);
  assert_calls(1);
}

static void allocate(gc_mutator *m, const gc_root *self) {
  GC_FRAME(m, f, object, list);
  for (uint64_t i = 0; i < 100; i++) {
    test_make(m, &f.object, test_node, i);
    gc_set_move(m, gc_root_get(&f.object), 0, &f.list);
    gc_root_move(m, &f.list, &f.object);
    gc_safepoint(m);
  }
  CHECK(test_is_intact(gc_root_get(self)));
  gc_set_move(m, gc_root_get(self), 0, &f.list);
  gc_collect(m, GC_FULL);
  CHECK(test_id(gc_get(gc_root_get(self), 0)) == 99);
}

static void it_may_allocate_and_collect(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 20 };
  begin(allocate);
  GC_FRAME(m, f, object);
  for (uint64_t i = 0; i < COUNT; i++)
    test_make(m, &f.object, finalized_type(), i);
  gc_root_clear(m, &f.object);
  test_settle(m);
  assert_calls(COUNT);
}

static int depth, depth_most;

/* Drops an object with a finalizer, which must wait until this one returns. */
static void drop_another(gc_mutator *m, const gc_root *self) {
  depth++;
  if (depth > depth_most)
    depth_most = depth;
  uint64_t left = test_id(gc_root_get(self));
  if (left > 0) {
    GC_FRAME(m, f, object);
    test_make(m, &f.object, finalized_type(), left - 1);
    gc_root_clear(m, &f.object);
    gc_safepoint(m);
    gc_collect(m, GC_FULL);
  }
  depth--;
}

static void they_do_not_nest(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 10 };
  begin(drop_another);
  depth = depth_most = 0;
  GC_FRAME(m, f, object);
  test_make(m, &f.object, finalized_type(), COUNT - 1);
  gc_root_clear(m, &f.object);
  for (int i = 0; i < COUNT; i++)
    test_settle(m);
  assert_calls(COUNT);
  assert_in_range(depth_most, 0, 1);
}

/* A list: the death of each object makes the next finalizer due. */
static void a_chain_of_them(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 5000 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, list, node);
  for (uint64_t i = 0; i < COUNT; i++) {
    gc_ref node = test_make(m, &f.node, test_mortal, i);
    gc_set_move(m, node, 0, &f.list);
    gc_root_move(m, &f.list, &f.node);
  }
  gc_root_clear(m, &f.list);
  test_settle(m);
  assert_deaths(COUNT);
  for (uint64_t i = 0; i < COUNT; i++)
    assert_dead(i);
}

static gc_type array_type(void) {
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){.name = "finalized array",
                                                 .refs = 1,
                                                 .tail = GC_REF_TAIL,
                                                 .finalize = call_finalizer});
  return type;
}

static void look_at_elements(gc_mutator *m, const gc_root *self) {
  (void)m;
  gc_ref array = gc_root_get(self);
  CHECK(gc_length(array) == 10);
  CHECK(gc_get(array, 0) == NULL);
  for (size_t i = 1; i <= 10; i++)
    CHECK(test_id(gc_get(array, i)) == i);
}

static void arrays_have_them_too(void **state) {
  gc_mutator *m = *state;
  begin(look_at_elements);
  GC_FRAME(m, f, array, element);
  gc_new_array(m, &f.array, array_type(), 10);
  for (size_t i = 1; i <= 10; i++) {
    test_make(m, &f.element, test_leaf, i);
    gc_set_move(m, gc_root_get(&f.array), i, &f.element);
  }
  gc_root_clear(m, &f.array);
  test_settle(m);
  assert_calls(1);
}

/* The finalizer runs before the weak reference is cleared. */
static void read_weak(gc_mutator *m, const gc_root *self) {
  GC_FRAME(m, f, target);
  gc_ref target = gc_weak_get(m, &f.target, gc_root_get(&global));
  CHECK(target == gc_root_get(self));
}

static void weak_references_are_cleared_after(void **state) {
  gc_mutator *m = *state;
  begin(read_weak);
  gc_global_add(m->heap, &global);
  GC_FRAME(m, f, object, weak);
  test_make(m, &f.object, finalized_type(), 0);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  gc_global_set(m, &global, gc_root_get(&f.weak));
  gc_root_clear(m, &f.object);
  test_settle(m);
  assert_calls(1);
  gc_ref target = gc_weak_get(m, &f.object, gc_root_get(&f.weak));
  if (test_finds_garbage())
    assert_null(target);
  gc_root_clear(m, &f.object);
  if (calls == 0) /* it will run at the end, when the global root is gone */
    finalizer = do_nothing;
  gc_global_remove(m, &global);
}

/* A finalizer may change the slots of its object. */
static void clear_own_slots(gc_mutator *m, const gc_root *self) {
  gc_ref object = gc_root_get(self);
  gc_set(m, object, 0, NULL);
  gc_set(m, object, 1, object);
  gc_set(m, object, 1, NULL);
}

static void it_may_change_its_object(void **state) {
  gc_mutator *m = *state;
  begin(clear_own_slots);
  test_deaths_begin(1);
  GC_FRAME(m, f, object, child);
  test_make(m, &f.object, finalized_type(), 0);
  test_make(m, &f.child, test_mortal, 0);
  gc_set_move(m, gc_root_get(&f.object), 0, &f.child);
  gc_root_clear(m, &f.object);
  test_settle(m);
  test_settle(m);
  assert_calls(1);
  assert_deaths(1);
}

/* Creates another object of the same type and drops it at once. */
static void make_another(gc_mutator *m, const gc_root *self) {
  CHECK(test_is_intact(gc_root_get(self)));
  GC_FRAME(m, f, object);
  test_make(m, &f.object, finalized_type(), 0);
}

/* Objects that finalizers create are finalized at a later safepoint, so no run
   of finalizers is endless. Neither is detaching, nor the end of the heap. */
static void those_that_make_their_own_kind_end(void **state) {
  (void)state;
  enum { STEPS = 10 };
  begin(make_another);
  gc_mutator *m = test_open(0);
  gc_heap *heap = m->heap;
  {
    GC_FRAME(m, f, object);
    test_make(m, &f.object, finalized_type(), 0);
  }
  for (int i = 0; i < STEPS; i++)
    gc_safepoint(m);
  assert_in_range(calls, 0, STEPS);
  if (gc_collector.prompt && !test_is_stressed())
    assert_int_equal(calls, STEPS);
  gc_collect(m, GC_FULL);
  gc_detach(m);
  gc_heap_destroy(heap);
  assert_in_range(calls, 1, 1000);
}

/* Other mutators run the finalizers that a detaching one left. */
static void detach_with_more_to_come(struct test_thread *self) {
  GC_FRAME(self->m, f, object);
  for (uint64_t i = 0; self->index == 1 && i < 3; i++)
    test_make(self->m, &f.object, finalized_type(), i);
}

static void others_go_on_where_one_detached(void **state) {
  gc_mutator *m = *state;
  begin(make_another);
  test_threads_run(m, 2, detach_with_more_to_come, NULL);
  if (gc_collector.prompt)
    assert_true(calls > 0);
  int before = calls;
  test_settle(m);
  gc_safepoint(m);
  if (test_finds_garbage())
    assert_true(calls > before);
  finalizer = do_nothing;
  test_settle(m);
  test_settle(m);
  before = calls;
  test_settle(m);
  assert_int_equal(calls, before);
}

static void collect_inside(gc_mutator *m, const gc_root *self) {
  (void)self;
  test_collect(m);
}

/* A safepoint is fast again once all finalizers have run. */
static void nothing_stays_asked_for(void **state) {
  gc_mutator *m = *state;
  if (m->heap->stress || gc_collector.restless)
    skip();
  begin(collect_inside);
  {
    GC_FRAME(m, f, a, b);
    test_make(m, &f.a, finalized_type(), 0);
    test_make(m, &f.b, finalized_type(), 1);
    gc_set(m, gc_root_get(&f.a), 0, gc_root_get(&f.b));
    gc_set(m, gc_root_get(&f.b), 0, gc_root_get(&f.a));
    test_make(m, &f.b, finalized_type(), 2);
  }
  test_settle(m);
  test_settle(m);
  assert_int_equal(atomic_load(&m->poll) & GC_POLL_FINALIZE, 0);
}

/* The end of the heap runs the finalizers of all remaining objects: live ones,
   garbage that was never found, and cycles. */
static void the_end_of_the_heap_runs_the_rest(void **state) {
  (void)state;
  enum { COUNT = 300 };
  gc_mutator *m = test_open(0);
  gc_root left_over = {NULL};
  test_deaths_begin(COUNT);
  gc_global_add(m->heap, &left_over);
  {
    GC_FRAME(m, f, a, b);
    for (uint64_t i = 0; i < COUNT; i += 3) {
      test_make(m, &f.a, test_mortal, i);
      test_make(m, &f.b, test_mortal, i + 1);
      gc_set(m, gc_root_get(&f.a), 0, gc_root_get(&f.b));
      gc_set(m, gc_root_get(&f.b), 0, gc_root_get(&f.a));
      test_make(m, &f.a, test_mortal, i + 2);
    }
    gc_global_set(m, &left_over, gc_root_get(&f.a));
  }
  test_close(m);
  assert_int_equal(test_deaths(), COUNT);
  for (uint64_t i = 0; i < COUNT; i++)
    assert_int_equal(test_deaths_of(i), 1);
}

/* Finalizers may allocate at the end of the heap, too. */
static void finalizers_at_the_end_may_allocate(void **state) {
  (void)state;
  begin(allocate);
  gc_mutator *m = test_open(0);
  {
    GC_FRAME(m, f, a);
    for (uint64_t i = 0; i < 3; i++) {
      test_make(m, &f.a, finalized_type(), i);
      gc_set(m, gc_root_get(&f.a), 1, gc_root_get(&f.a));
    }
  }
  test_close(m);
  assert_int_equal(calls, 3);
}

int conformance_finalizers(void) {
  const struct CMUnitTest tests[] = {
      heap_test(the_object_is_intact),
      heap_test(it_runs_once),
      heap_test(it_may_allocate_and_collect),
      heap_test(they_do_not_nest),
      heap_test(a_chain_of_them),
      heap_test(arrays_have_them_too),
      heap_test(weak_references_are_cleared_after),
      heap_test(it_may_change_its_object),
      cmocka_unit_test(those_that_make_their_own_kind_end),
      heap_test(others_go_on_where_one_detached),
      heap_test(nothing_stays_asked_for),
      cmocka_unit_test(the_end_of_the_heap_runs_the_rest),
      cmocka_unit_test(finalizers_at_the_end_may_allocate),
  };
  return cmocka_run_group_tests_name("finalizers", tests, NULL, NULL);
}
