/* SPDX-License-Identifier: MIT */
/* Stacks of roots, of one thread and of four. */
#include "tests/conformance/conformance.h"

enum { THREADS = 4 };

static gc_ref push_new(gc_mutator *m, gc_root_stack *stack, gc_type type,
                       uint64_t id) {
  CHECK(gc_root_stack_push(m, stack, NULL));
  return test_make(m, gc_root_stack_top(stack), type, id);
}

static void it_starts_empty_and_grows(void **state) {
  gc_mutator *m = *state;
  gc_root_stack *stack = gc_root_stack_create(m);
  assert_non_null(stack);
  assert_int_equal(gc_root_stack_size(stack), 0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_leaf, 7);
  assert_true(gc_root_stack_push(m, stack, gc_root_get(&f.object)));
  gc_root *first = gc_root_stack_at(stack, 0);
  assert_true(gc_root_stack_extend(stack, 5000));
  assert_int_equal(gc_root_stack_size(stack), 5001);
  assert_ptr_equal(gc_root_stack_at(stack, 0), first);
  assert_ptr_equal(gc_root_stack_top(stack), first + 5000);
  for (size_t i = 1; i <= 5000; i++)
    assert_null(gc_root_get(gc_root_stack_at(stack, i)));
  gc_root_stack_drop(m, stack, 5000);
  assert_ptr_equal(gc_root_stack_pop(m, stack, &f.object),
                   gc_root_get(&f.object));
  assert_int_equal(test_id(gc_root_get(&f.object)), 7);
  gc_root_stack_destroy(m, stack);
}

static void it_keeps_what_is_on_it(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 2000 };
  test_deaths_begin(COUNT);
  gc_root_stack *stack = gc_root_stack_create(m);
  for (size_t i = 0; i < COUNT; i++)
    push_new(m, stack, test_mortal, i);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  for (size_t i = 0; i < COUNT; i++)
    assert_int_equal(test_id(gc_root_get(gc_root_stack_at(stack, i))), i);
  gc_root_stack_drop(m, stack, COUNT / 2);
  test_settle(m);
  assert_deaths(COUNT / 2);
  {
    GC_FRAME(m, f, value);
    for (size_t i = COUNT / 2; i-- > COUNT / 4;)
      assert_int_equal(test_id(gc_root_stack_pop(m, stack, &f.value)), i);
    assert_int_equal(test_deaths_of(COUNT / 4), 0);
  }
  test_settle(m);
  assert_deaths(COUNT - COUNT / 4);
  gc_root_stack_destroy(m, stack);
  test_settle(m);
  assert_deaths(COUNT);
}

/* Popped roots are empty when they are pushed again. */
static void what_was_popped_is_gone(void **state) {
  gc_mutator *m = *state;
  gc_root_stack *stack = gc_root_stack_create(m);
  GC_FRAME(m, f, value);
  push_new(m, stack, test_leaf, 1);
  push_new(m, stack, test_leaf, 2);
  gc_root_stack_drop(m, stack, 1);
  gc_root_stack_pop(m, stack, &f.value);
  assert_true(gc_root_stack_extend(stack, 2));
  assert_null(gc_root_get(gc_root_stack_at(stack, 0)));
  assert_null(gc_root_get(gc_root_stack_at(stack, 1)));
  gc_root_stack_destroy(m, stack);
}

/* The operations on roots take those of a stack. */
static void its_roots_are_roots(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(3);
  gc_root_stack *stack = gc_root_stack_create(m);
  for (size_t i = 0; i < 3; i++)
    push_new(m, stack, test_mortal, i);
  gc_set_move(m, gc_root_get(gc_root_stack_at(stack, 0)), 0,
              gc_root_stack_at(stack, 1));
  gc_root_move(m, gc_root_stack_at(stack, 1), gc_root_stack_at(stack, 2));
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  assert_null(gc_root_get(gc_root_stack_top(stack)));
  assert_int_equal(test_id(gc_root_get(gc_root_stack_at(stack, 1))), 2);
  assert_int_equal(test_id(gc_get(gc_root_get(gc_root_stack_at(stack, 0)), 0)),
                   1);
  gc_root_clear(m, gc_root_stack_at(stack, 0));
  gc_root_set(m, gc_root_stack_at(stack, 1), NULL);
  test_settle(m);
  assert_deaths(3);
  gc_root_stack_destroy(m, stack);
}

/* A finalizer pushes on the stack on which the program makes an object. */
static gc_root_stack *shared_stack; /* NULL: there is none any more */

static void push_and_pop(gc_mutator *m, const gc_root *self) {
  GC_FRAME(m, f, value);
  (void)self;
  if (shared_stack == NULL)
    return;
  CHECK(gc_root_stack_extend(shared_stack, 3000));
  test_make(m, gc_root_stack_top(shared_stack), test_leaf, 1);
  CHECK(test_id(gc_root_stack_pop(m, shared_stack, &f.value)) == 1);
  gc_root_stack_drop(m, shared_stack, 2999);
}

static void finalizers_use_it_during_allocation(void **state) {
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){
        .name = "pushes", .bytes = 16, .finalize = push_and_pop});
  gc_mutator *m = *state;
  shared_stack = gc_root_stack_create(m);
  for (uint64_t i = 0; i < 100; i++) {
    push_new(m, shared_stack, type, i);
    gc_root_clear(m, gc_root_stack_top(shared_stack));
    test_make(m, gc_root_stack_top(shared_stack), test_leaf, i);
    if (i % 10 == 0)
      test_settle(m);
  }
  assert_int_equal(gc_root_stack_size(shared_stack), 100);
  for (size_t i = 0; i < 100; i++)
    assert_int_equal(test_id(gc_root_get(gc_root_stack_at(shared_stack, i))),
                     i);
  test_collect(m);
  assert_int_equal(gc_root_stack_size(shared_stack), 100);
  gc_root_stack_drop(m, shared_stack, 100);
  test_collect(m);
  gc_root_stack_destroy(m, shared_stack);
  shared_stack = NULL;
}

/* Its memory is part of what the heap holds, and is bounded by the limit. */
static void its_memory_counts(void **state) {
  (void)state;
  gc_mutator *m = test_open(32 << 20);
  size_t before = atomic_load(&m->heap->tables), room = (size_t)8 << 20;
  gc_root_stack *stack = gc_root_stack_create(m);
  assert_true(gc_root_stack_extend(stack, room / sizeof(gc_root)));
  assert_true(atomic_load(&m->heap->tables) >= before + room);
  assert_true(test_held(m->heap) >= before + room);
  assert_false(gc_root_stack_extend(stack, (room << 2) / sizeof(gc_root)));
  assert_false(gc_root_stack_extend(stack, SIZE_MAX));
  assert_int_equal(gc_root_stack_size(stack), room / sizeof(gc_root));
  gc_root_stack_destroy(m, stack);
  assert_int_equal(atomic_load(&m->heap->tables), before);
  test_close(m);
}

/* Without assertions a mistake with the bottom does no harm. With them it stops
   the program: misuse.c. */
static void its_bottom_holds(void **state) {
  gc_mutator *m = *state;
  if (GC_ASSERT_LEVEL >= 2)
    skip();
  test_deaths_begin(1);
  gc_root_stack *stack = gc_root_stack_create(m);
  GC_FRAME(m, f, value);
  test_make(m, &f.value, test_mortal, 0);
  assert_null(gc_root_stack_pop(m, stack, &f.value));
  assert_null(gc_root_get(&f.value));
  push_new(m, stack, test_leaf, 1);
  gc_root_stack_drop(m, stack, 3);
  assert_int_equal(gc_root_stack_size(stack), 0);
  push_new(m, stack, test_leaf, 2);
  test_settle(m);
  assert_deaths(1);
  assert_int_equal(test_id(gc_root_get(gc_root_stack_at(stack, 0))), 2);
  gc_root_stack_destroy(m, stack);
}

static void there_may_be_several(void **state) {
  gc_mutator *m = *state;
  gc_root_stack *stack[3];
  for (size_t i = 0; i < 3; i++) {
    stack[i] = gc_root_stack_create(m);
    for (size_t k = 0; k < 10; k++)
      push_new(m, stack[i], test_leaf, 10 * i + k);
  }
  gc_root_stack_destroy(m, stack[1]);
  test_collect(m);
  for (size_t i = 0; i < 3; i += 2)
    for (size_t k = 0; k < 10; k++)
      assert_int_equal(test_id(gc_root_get(gc_root_stack_at(stack[i], k))),
                       10 * i + k);
  gc_root_stack_destroy(m, stack[0]);
  gc_root_stack_destroy(m, stack[2]);
}

/* Pushes and pops as a machine does, with the expected ids beside it. */
static void compute(struct test_thread *self) {
  enum { DEPTH = 300 };
  gc_mutator *m = self->m;
  gc_root_stack *stack = gc_root_stack_create(m);
  uint64_t expected[DEPTH], steps = test_scaled(30000), depth = 0;
  GC_FRAME(m, f, value);
  for (uint64_t i = 0; i < steps; i++) {
    uint64_t choice = workload_random_below(&self->random, 100);
    if (choice < 52 && depth < DEPTH) {
      push_new(m, stack, test_node, i);
      expected[depth++] = i;
    } else if (depth > 0) {
      uint64_t id = test_id(gc_root_stack_pop(m, stack, &f.value));
      CHECK(id == expected[--depth]);
    }
    if (choice == 99)
      gc_collect(m, (int)(i % 3));
  }
  CHECK(gc_root_stack_size(stack) == depth);
  while (depth-- > 0)
    CHECK(test_id(gc_root_stack_pop(m, stack, &f.value)) == expected[depth]);
  gc_root_stack_destroy(m, stack);
}

static void each_thread_has_its_own(void **state) {
  test_threads_run(*state, 1, compute, NULL);
  test_threads_run(*state, THREADS, compute, NULL);
}

int conformance_rootstacks(void) {
  const struct CMUnitTest tests[] = {
      heap_test(it_starts_empty_and_grows),
      heap_test(it_keeps_what_is_on_it),
      heap_test(what_was_popped_is_gone),
      heap_test(its_roots_are_roots),
      heap_test(finalizers_use_it_during_allocation),
      cmocka_unit_test(its_memory_counts),
      heap_test(its_bottom_holds),
      heap_test(there_may_be_several),
      heap_test(each_thread_has_its_own),
  };
  return cmocka_run_group_tests_name("rootstacks", tests, NULL, NULL);
}
