/* SPDX-License-Identifier: MIT */
/* Calls that break a rule which can be checked: the program stops with one
   sentence, and does not go on with a broken heap. Each runs in a child. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/conformance/conformance.h"

static void detach_in_a_scope(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_detach(m);
}

static void destroy_with_a_mutator(void) {
  gc_mutator *m = test_open(0);
  gc_heap_destroy(m->heap);
}

static void unpark_unparked(void) {
  gc_unpark(test_open(0));
}

static void safepoint_parked(void) {
  gc_mutator *m = test_open(0);
  gc_park(m);
  gc_collect(m, GC_FULL);
}

static void collect_a_negative_generation(void) {
  gc_collect(test_open(0), -1);
}

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

static void read_what_is_not_weak(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object, out);
  test_make(m, &f.object, test_node, 0);
  gc_weak_get(m, &f.out, gc_root_get(&f.object));
}

static void detach_in_a_finalizer(gc_mutator *m, const gc_root *self) {
  (void)self;
  gc_detach(m);
}

static void detach_from_a_finalizer(void) {
  gc_type type = gc_type_define(&(struct gc_type_desc){
      .name = "detaches", .finalize = detach_in_a_finalizer});
  gc_heap *heap = test_heap_create(0);
  gc_mutator *m = gc_attach(heap);
  {
    GC_FRAME(m, f, object);
    gc_new(m, &f.object, type);
  }
  gc_detach(m);
  gc_heap_destroy(heap);
}

static void new_of_no_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new(m, &f.object, 0);
}

static void array_of_no_array_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new_array(m, &f.object, test_node, 4);
}

static void slot_past_the_end(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_get(test_make(m, &f.object, test_node, 0), 2);
}

static void store_past_the_end(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_set(m, test_make(m, &f.object, test_node, 0), 2, NULL);
}

static void length_of_no_array(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_length(test_make(m, &f.object, test_node, 0));
}

/* `level`: the least tier of assertions that sees it. */
struct misuse {
  const char *name;
  void (*run)(void);
  int level;
};

static const struct misuse misuses[] = {
    {"detach in a scope", detach_in_a_scope, 1},
    {"destroy with a mutator", destroy_with_a_mutator, 1},
    {"unpark unparked", unpark_unparked, 1},
    {"safepoint parked", safepoint_parked, 1},
    {"collect a negative generation", collect_a_negative_generation, 1},
    {"add a global that is not empty", add_a_global_that_is_not_empty, 1},
    {"remove a global twice", remove_a_global_twice, 1},
    {"read what is not weak", read_what_is_not_weak, 1},
    {"detach from a finalizer", detach_from_a_finalizer, 1},
    {"new of no type", new_of_no_type, 2},
    {"array of no array type", array_of_no_array_type, 2},
    {"slot past the end", slot_past_the_end, 2},
    {"store past the end", store_past_the_end, 2},
    {"length of no array", length_of_no_array, 2},
};

enum { MISUSES = sizeof misuses / sizeof misuses[0] };

bool misuse_run(const char *name) {
  for (int i = 0; i < MISUSES; i++)
    if (strcmp(misuses[i].name, name) == 0) {
      misuses[i].run();
      return true;
    }
  return false;
}

static void misuse_stops_the_program(void **state) {
  (void)state;
  size_t wrong = 0;
  for (int i = 0; i < MISUSES; i++) {
    char text[2000];
    if (misuses[i].level > GC_ASSERT_LEVEL)
      continue;
    int status = child_run(misuses[i].name, text, sizeof text);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strlen(text) > 0)
      continue;
    print_error("%s: status %d, \"%s\"\n", misuses[i].name, status, text);
    wrong++;
  }
  assert_int_equal(wrong, 0);
}

int conformance_misuse(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(misuse_stops_the_program),
  };
  return cmocka_run_group_tests_name("misuse", tests, NULL, NULL);
}
