/* SPDX-License-Identifier: MIT */
/* Rule 1: a root of a frame keeps its object alive until the scope ends and no
   longer, in whatever way the scope is left. */
#include <pthread.h>

#include "tests/conformance/conformance.h"

static void roots_start_empty(void **state) {
  gc_mutator *m = *state;
  for (int i = 0; i < 2; i++) {
    GC_FRAME(m, f, head, next, prev, many[5]);
    assert_null(gc_root_get(&f.head));
    assert_null(gc_root_get(&f.next));
    assert_null(gc_root_get(&f.prev));
    for (int k = 0; k < 5; k++) {
      assert_null(gc_root_get(&f.many[k]));
      test_make(m, &f.many[k], test_leaf, 0);
    }
  }
}

static void roots_keep_what_they_hold(void **state) {
  gc_mutator *m = *state;
  enum { MANY = 100 };
  test_deaths_begin(MANY + 1);
  GC_FRAME(m, f, one, many[MANY]);
  test_make(m, &f.one, test_mortal, MANY);
  for (size_t i = 0; i < MANY; i++)
    test_make(m, &f.many[i], test_mortal, i);
  test_settle(m);
  test_collect(m);
  assert_int_equal(test_deaths(), 0);
  for (size_t i = 0; i < MANY; i++)
    assert_int_equal(test_id(gc_root_get(&f.many[i])), i);
  assert_int_equal(test_id(gc_root_get(&f.one)), MANY);
}

/* An array of roots in a frame, as an interpreter has for its registers. */
static void an_array_of_roots_is_a_frame(void **state) {
  gc_mutator *m = *state;
  enum { REGISTERS = 64 };
  test_deaths_begin(2 * REGISTERS);
  for (size_t round = 0; round < 2; round++) {
    GC_FRAME(m, f, stack[REGISTERS], matrix[4][4], one);
    for (size_t i = 0; i < REGISTERS; i++)
      test_make(m, &f.stack[i], test_mortal, round * REGISTERS + i);
    gc_root_move(m, &f.matrix[3][3], &f.stack[0]);
    gc_set_move(m, gc_root_get(&f.stack[1]), 0, &f.matrix[3][3]);
    gc_root_set(m, &f.one, gc_get(gc_root_get(&f.stack[1]), 0));
    test_collect(m);
    assert_int_equal(test_id(gc_root_get(&f.one)), round * REGISTERS);
    assert_deaths(round * REGISTERS);
    for (size_t i = 1; i < REGISTERS; i++)
      assert_int_equal(test_id(gc_root_get(&f.stack[i])),
                       round * REGISTERS + i);
  }
}

/* Leaves a scope in the way number `how`. */
static int leave_early(gc_mutator *m, int how) {
  for (int i = 0; i < 2; i++) {
    GC_FRAME(m, f, object, array[2]);
    test_make(m, &f.object, test_mortal, 0);
    test_make(m, &f.array[1], test_mortal, 1);
    if (how == 0)
      return i;
    if (how == 1)
      break;
    if (how == 2)
      goto out;
    gc_root_clear(m, &f.object);
    gc_root_clear(m, &f.array[1]);
    if (how == 3)
      continue;
  }
out:
  return how;
}

static void every_exit_releases(void **state) {
  gc_mutator *m = *state;
  if (!gc_collector.precise)
    skip(); /* an object that one round keeps by mistake may die in the next */
  for (int how = 0; how < 5; how++) {
    test_deaths_begin(2);
    assert_int_equal(leave_early(m, how), how);
    assert_null(m->frames);
    test_settle(m);
    assert_deaths(how < 3 ? 2 : 4);
  }
}

static void build(gc_mutator *m, gc_root *out, size_t depth) {
  GC_FRAME(m, f, mine, below);
  test_make(m, &f.mine, test_mortal, depth);
  if (depth > 0)
    build(m, &f.below, depth - 1);
  gc_collect(m, 0);
  CHECK(test_deaths() == 0);
  CHECK(test_id(gc_root_get(&f.mine)) == depth);
  gc_set_move(m, gc_root_get(&f.mine), 0, &f.below);
  gc_root_move(m, out, &f.mine);
}

static void frames_nest(void **state) {
  gc_mutator *m = *state;
  enum { DEPTH = 100 };
  test_deaths_begin(DEPTH + 1);
  GC_FRAME(m, f, list);
  build(m, &f.list, DEPTH);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  gc_ref node = gc_root_get(&f.list);
  for (size_t depth = DEPTH; node != NULL; depth--, node = gc_get(node, 0))
    assert_int_equal(test_id(node), depth);
  gc_root_clear(m, &f.list);
  test_settle(m);
  assert_deaths(DEPTH + 1);
}

static size_t descend(gc_mutator *m, size_t depth) {
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_leaf, depth);
  size_t below = depth == 0 ? 0 : descend(m, depth - 1);
  return below + (test_id(gc_root_get(&f.object)) == depth);
}

static void frames_nest_deeply(void **state) {
  gc_mutator *m = *state;
  assert_int_equal(descend(m, test_many()), test_many() + 1);
}

/* Nested scopes: the inner objects die, the outer ones do not. */
static void inner_scopes_end_first(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, outer, object);
  test_make(m, &outer.object, test_mortal, 0);
  {
    GC_FRAME(m, inner, object);
    test_make(m, &inner.object, test_mortal, 1);
  }
  test_settle(m);
  assert_deaths(1);
  assert_int_equal(test_deaths_of(0), 0);
  assert_int_equal(test_id(gc_root_get(&outer.object)), 0);
}

/* gc_new overwrites a root; the old object dies. */
static void allocation_overwrites_a_root(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 50 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, object);
  for (size_t i = 0; i < COUNT; i++)
    test_make(m, &f.object, test_mortal, i);
  test_settle(m);
  assert_deaths(COUNT - 1);
  assert_int_equal(test_id(gc_root_get(&f.object)), COUNT - 1);
  assert_int_equal(test_deaths_of(COUNT - 1), 0);
}

static void roots_are_set_moved_and_cleared(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, a, b);
  test_make(m, &f.a, test_mortal, 0);
  test_make(m, &f.b, test_mortal, 1);
  gc_root_move(m, &f.b, &f.a);
  assert_null(gc_root_get(&f.a));
  assert_int_equal(test_id(gc_root_get(&f.b)), 0);
  test_settle(m);
  assert_deaths(1);
  gc_root_set(m, &f.a, gc_root_get(&f.b));
  gc_root_clear(m, &f.b);
  test_settle(m);
  assert_deaths(1);
  assert_int_equal(test_id(gc_root_get(&f.a)), 0);
  gc_root_set(m, &f.a, NULL);
  test_settle(m);
  assert_deaths(2);
}

static void empty_roots_are_moved_and_cleared(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, a, b);
  gc_root_clear(m, &f.a);
  gc_root_move(m, &f.b, &f.a);
  assert_null(gc_root_get(&f.b));
  test_make(m, &f.b, test_mortal, 0);
  gc_root_move(m, &f.b, &f.a);
  assert_null(gc_root_get(&f.b));
  test_settle(m);
  assert_deaths(1);
}

/* If the old value were released first, the object would die. */
static void a_root_is_set_to_what_it_holds(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_mortal, 0);
  gc_root_set(m, &f.object, gc_root_get(&f.object));
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_root_get(&f.object)), 0);
  gc_root_clear(m, &f.object);
  test_settle(m);
  assert_deaths(1);
}

/* x = x.next, where only x holds the rest of the list. */
static void a_root_walks_the_list_it_holds(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 20 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, list, node);
  for (size_t i = 0; i < COUNT; i++) {
    gc_ref node = test_make(m, &f.node, test_mortal, i);
    gc_set_move(m, node, 0, &f.list);
    gc_root_move(m, &f.list, &f.node);
  }
  for (size_t i = COUNT; i-- > 0;) {
    assert_int_equal(test_id(gc_root_get(&f.list)), i);
    gc_root_set(m, &f.list, gc_get(gc_root_get(&f.list), 0));
    test_settle(m);
    assert_deaths(COUNT - i);
    assert_dead(i);
  }
  assert_null(gc_root_get(&f.list));
}

static jmp_buf jump;

static void fail_deep_down(gc_mutator *m, struct gc_frame *mark, int depth) {
  GC_FRAME(m, f, object, array[3]);
  test_make(m, &f.object, test_mortal, (uint64_t)(2 * depth));
  test_make(m, &f.array[2], test_mortal, (uint64_t)(2 * depth + 1));
  if (depth > 0)
    fail_deep_down(m, mark, depth - 1);
  gc_frames_unwind(m, mark);
  if (gc_frames_mark(m) == mark)
    longjmp(jump, 1);
}

static void frames_are_unwound_before_a_jump(void **state) {
  gc_mutator *m = *state;
  enum { DEPTH = 20 };
  test_deaths_begin(2 * DEPTH + 1);
  GC_FRAME(m, f, kept);
  test_make(m, &f.kept, test_mortal, 2 * DEPTH);
  struct gc_frame *mark = gc_frames_mark(m);
  if (setjmp(jump) == 0)
    fail_deep_down(m, mark, DEPTH - 1);
  assert_ptr_equal(gc_frames_mark(m), mark);
  test_settle(m);
  assert_deaths(2 * DEPTH);
  assert_int_equal(test_deaths_of(2 * DEPTH), 0);
  assert_int_equal(test_id(gc_root_get(&f.kept)), 2 * DEPTH);
  gc_frames_unwind(m, mark); /* no effect: all frames have been left */
  assert_int_equal(test_id(gc_root_get(&f.kept)), 2 * DEPTH);
}

/* --- unwinding ------------------------------------------------------------ */

enum { UNWOUND = 20 };

static void exit_here(void) {
  pthread_exit(NULL);
}

static void cancel_here(void) {
  pthread_cancel(pthread_self());
  pthread_testcancel();
}

static void unwind_deep_down(gc_mutator *m, void (*unwind)(void), int depth) {
  GC_FRAME(m, f, object, array[3]);
  test_make(m, &f.object, test_mortal, (uint64_t)(2 * depth));
  test_make(m, &f.array[2], test_mortal, (uint64_t)(2 * depth + 1));
  if (depth > 0)
    unwind_deep_down(m, unwind, depth - 1);
  else
    unwind();
}

struct unwinding {
  gc_heap *heap;
  void (*unwind)(void);
};

/* Stops the program where a scope is still open. */
static void detach(gc_mutator **m) {
  gc_detach(*m);
}

static void *unwinding_thread(void *data) {
  struct unwinding *u = data;
  __attribute__((cleanup(detach))) gc_mutator *m = gc_attach(u->heap);
  unwind_deep_down(m, u->unwind, UNWOUND - 1);
  CHECK(!"it has gone on");
  return NULL;
}

static void unwind_in_a_thread(gc_mutator *m, void (*unwind)(void)) {
  struct unwinding u = {m->heap, unwind};
  pthread_t thread;
  test_deaths_begin((size_t)2 * UNWOUND);
  assert_int_equal(pthread_create(&thread, NULL, unwinding_thread, &u), 0);
  gc_park(m);
  assert_int_equal(pthread_join(thread, NULL), 0);
  gc_unpark(m);
  test_settle(m);
  assert_deaths((size_t)2 * UNWOUND);
}

/* This file is compiled with -fexceptions. The unwinder leaves C frames as it
   does for an exception of C++ that passes through them. */
static void unwinding_leaves_scopes(void **state) {
  unwind_in_a_thread(*state, exit_here);
  unwind_in_a_thread(*state, cancel_here);
}

int conformance_frames(void) {
  const struct CMUnitTest tests[] = {
      heap_test(roots_start_empty),
      heap_test(roots_keep_what_they_hold),
      heap_test(an_array_of_roots_is_a_frame),
      heap_test(every_exit_releases),
      heap_test(frames_nest),
      heap_test(frames_nest_deeply),
      heap_test(inner_scopes_end_first),
      heap_test(allocation_overwrites_a_root),
      heap_test(roots_are_set_moved_and_cleared),
      heap_test(empty_roots_are_moved_and_cleared),
      heap_test(a_root_is_set_to_what_it_holds),
      heap_test(a_root_walks_the_list_it_holds),
      heap_test(frames_are_unwound_before_a_jump),
      heap_test(unwinding_leaves_scopes),
  };
  return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
