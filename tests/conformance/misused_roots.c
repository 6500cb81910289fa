/* SPDX-License-Identifier: MIT */
/* Misuse of roots, and of scopes: misuse.c runs each in a child process. */
#include "tests/conformance/conformance.h"

static void add_a_global_that_is_not_empty(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_root global = f.object;
  gc_global_add(m->heap, &global);
}

static void remove_a_global_twice(void) {
  gc_mutator *m = test_open(0);
  gc_root global = {NULL};
  gc_global_add(m->heap, &global);
  gc_global_remove(m, &global);
  gc_global_remove(m, &global);
}

static void add_a_global_of_an_array(void) {
  gc_mutator *m = test_open(0);
  static gc_root roots[8];
  gc_globals_add(m->heap, &roots[2], 4);
  gc_global_add(m->heap, &roots[5]);
}

static void add_an_array_with_a_global(void) {
  gc_mutator *m = test_open(0);
  static gc_root roots[8];
  gc_global_add(m->heap, &roots[5]);
  gc_globals_add(m->heap, &roots[2], 4);
}

static void remove_a_part_of_an_array(void) {
  gc_mutator *m = test_open(0);
  static gc_root roots[8];
  gc_globals_add(m->heap, roots, 8);
  gc_globals_remove(m, roots, 7);
}

static void show_nothing(void *data, void (*visit)(gc_root *, void *),
                         void *visit_data) {
  (void)data;
  (void)visit;
  (void)visit_data;
}

static void remove_what_is_no_visitor(void) {
  gc_mutator *m = test_open(0);
  int other;
  gc_roots_visitor_add(m->heap, show_nothing, NULL);
  gc_roots_visitor_remove(m->heap, show_nothing, &other);
}

static void detach_with_a_root_stack(void) {
  gc_mutator *m = test_open(0);
  gc_root_stack_create(m);
  gc_detach(m);
}

static void destroy_the_root_stack_of_another(void) {
  gc_mutator *m = test_open(0);
  gc_root_stack *stack = gc_root_stack_create(m);
  gc_park(m);
  gc_root_stack_destroy(gc_attach(m->heap), stack);
}

static void pop_an_empty_root_stack(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, value);
  gc_root_stack *stack = gc_root_stack_create(m);
  gc_root_stack_push(m, stack, NULL);
  gc_root_stack_pop(m, stack, &f.value);
  gc_root_stack_pop(m, stack, &f.value);
}

static void drop_below_the_bottom(void) {
  gc_mutator *m = test_open(0);
  gc_root_stack *stack = gc_root_stack_create(m);
  gc_root_stack_extend(stack, 5);
  gc_root_stack_drop(m, stack, 6);
}

static void read_past_the_top_of_a_root_stack(void) {
  gc_mutator *m = test_open(0);
  gc_root_stack *stack = gc_root_stack_create(m);
  gc_root_stack_extend(stack, 5);
  gc_root_stack_at(stack, 5);
}

static void read_the_top_of_an_empty_root_stack(void) {
  gc_root_stack_top(gc_root_stack_create(test_open(0)));
}

static void add_a_global_twice(void) {
  gc_mutator *m = test_open(0);
  static gc_root global;
  gc_global_add(m->heap, &global);
  gc_global_add(m->heap, &global);
}

static void remove_what_is_no_global(void) {
  gc_root root = {NULL};
  gc_global_remove(test_open(0), &root);
}

static void unwind_past_the_last(void) {
  gc_mutator *m = test_open(0);
  struct gc_frame *left;
  {
    GC_FRAME(m, f, object);
    left = gc_frames_mark(m);
  }
  gc_frames_unwind(m, left);
}

static jmp_buf jump;

static void jump_over_a_frame(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  if (setjmp(jump) == 0) {
    GC_FRAME(m, g, object);
    longjmp(jump, 1);
  }
}

const struct misuse root_misuses[] = {
    {"add a global that is not empty", add_a_global_that_is_not_empty, 1},
    {"remove a global twice", remove_a_global_twice, 1},
    {"add a global of an array", add_a_global_of_an_array, 1},
    {"add an array with a global", add_an_array_with_a_global, 1},
    {"remove a part of an array", remove_a_part_of_an_array, 1},
    {"remove what is no visitor", remove_what_is_no_visitor, 1},
    {"detach with a root stack", detach_with_a_root_stack, 1},
    {"destroy the root stack of another", destroy_the_root_stack_of_another, 1},
    {"pop an empty root stack", pop_an_empty_root_stack, 2},
    {"drop below the bottom", drop_below_the_bottom, 2},
    {"read past the top of a root stack", read_past_the_top_of_a_root_stack, 2},
    {"read the top of an empty root stack", read_the_top_of_an_empty_root_stack,
     2},
    {"add a global twice", add_a_global_twice, 1},
    {"remove what is no global", remove_what_is_no_global, 1},
    {"unwind past the last", unwind_past_the_last, 1},
    {"jump over a frame", jump_over_a_frame, 2},
    {0},
};
