/* SPDX-License-Identifier: MIT */
/* Finalizers run only at safepoints. If death is prompt, one safepoint is
   enough. */
#include "tests/conformance/conformance.h"

/* Overwriting a root or a slot must not run the finalizer; the safepoint must.
   The same holds under stress. */
static void only_a_safepoint_finalizes(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(4);
  GC_FRAME(m, f, a, b, holder);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.a, test_mortal, 0);
  gc_set_move(m, gc_root_get(&f.holder), 0, &f.a);
  test_make(m, &f.a, test_mortal, 1);
  gc_set_move(m, gc_root_get(&f.holder), 1, &f.a);
  test_make(m, &f.a, test_mortal, 2);
  test_make(m, &f.b, test_mortal, 3);
  gc_ref holder = gc_root_get(&f.holder);
  gc_root_clear(m, &f.a);
  gc_root_set(m, &f.b, NULL);
  gc_set(m, holder, 0, NULL);
  assert_true(gc_cas(m, holder, 1, gc_get(holder, 1), NULL));
  gc_root_set(m, &f.a, holder);
  gc_root_move(m, &f.b, &f.a);
  gc_set_move(m, holder, 0, &f.b);
  gc_set(m, holder, 0, NULL);
  assert_int_equal(test_deaths(), 0);
  test_settle(m);
  assert_deaths(4);
}

static void reading_a_weak_reference_is_no_safepoint(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, kept, dropped, weak, target);
  test_make(m, &f.kept, test_mortal, 0);
  assert_non_null(gc_weak_new(m, &f.weak, gc_root_get(&f.kept)));
  test_make(m, &f.dropped, test_mortal, 1);
  gc_root_clear(m, &f.dropped);
  assert_ptr_equal(gc_weak_get(m, &f.target, gc_root_get(&f.weak)),
                   gc_root_get(&f.kept));
  assert_int_equal(test_deaths(), 0);
  test_settle(m);
  assert_deaths(1);
}

/* Objects that a mutator drops before it detaches die. */
static void drop_at_the_end(struct test_thread *self) {
  GC_FRAME(self->m, f, object, holder);
  test_make(self->m, &f.holder, test_node, 0);
  test_make(self->m, &f.object, test_mortal, self->index);
  gc_set_move(self->m, gc_root_get(&f.holder), 0, &f.object);
  gc_set(self->m, gc_root_get(&f.holder), 0, NULL);
}

static void detaching_finishes_what_is_pending(void **state) {
  gc_mutator *m = *state;
  enum { THREADS = 4 };
  test_deaths_begin(THREADS);
  test_threads_run(m, THREADS, drop_at_the_end, NULL);
  test_settle(m);
  assert_deaths(THREADS);
}

/* A tree that only its root holds dies as a whole, at one safepoint. */
static void make_tree(gc_mutator *m, gc_root *out, unsigned depth,
                      uint64_t *id) {
  GC_FRAME(m, f, left, right, node);
  if (depth > 0) {
    make_tree(m, &f.left, depth - 1, id);
    make_tree(m, &f.right, depth - 1, id);
  }
  gc_ref node = test_make(m, &f.node, test_mortal, (*id)++);
  gc_set_move(m, node, 0, &f.left);
  gc_set_move(m, node, 1, &f.right);
  gc_root_move(m, out, &f.node);
}

static void a_whole_tree_dies_at_once(void **state) {
  gc_mutator *m = *state;
  enum { DEPTH = 9, NODES = (2 << DEPTH) - 1 };
  uint64_t id = 0;
  test_deaths_begin(NODES);
  GC_FRAME(m, f, tree);
  make_tree(m, &f.tree, DEPTH, &id);
  assert_int_equal(id, NODES);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  gc_root_clear(m, &f.tree);
  test_settle(m);
  assert_deaths(NODES);
}

/* Only objects that no live object holds die: a diamond with one rooted arm. */
static void shared_parts_live_on(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(4);
  GC_FRAME(m, f, top, left, right, bottom);
  test_make(m, &f.top, test_mortal, 0);
  test_make(m, &f.left, test_mortal, 1);
  test_make(m, &f.right, test_mortal, 2);
  test_make(m, &f.bottom, test_mortal, 3);
  gc_set(m, gc_root_get(&f.top), 0, gc_root_get(&f.left));
  gc_set(m, gc_root_get(&f.top), 1, gc_root_get(&f.right));
  gc_set(m, gc_root_get(&f.left), 0, gc_root_get(&f.bottom));
  gc_set_move(m, gc_root_get(&f.right), 0, &f.bottom);
  gc_root_clear(m, &f.left);
  gc_root_clear(m, &f.top);
  test_settle(m);
  assert_deaths(2);
  assert_int_equal(test_id(gc_get(gc_root_get(&f.right), 0)), 3);
  gc_root_clear(m, &f.right);
  test_settle(m);
  assert_deaths(4);
}

static void a_safepoint_with_nothing_to_do(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_mortal, 0);
  for (int i = 0; i < 1000; i++)
    gc_safepoint(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_root_get(&f.object)), 0);
}

int conformance_safepoints(void) {
  const struct CMUnitTest tests[] = {
      heap_test(only_a_safepoint_finalizes),
      heap_test(reading_a_weak_reference_is_no_safepoint),
      heap_test(detaching_finishes_what_is_pending),
      heap_test(a_whole_tree_dies_at_once),
      heap_test(shared_parts_live_on),
      heap_test(a_safepoint_with_nothing_to_do),
  };
  return cmocka_run_group_tests_name("safepoints", tests, NULL, NULL);
}
