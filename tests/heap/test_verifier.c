/* SPDX-License-Identifier: MIT */
/* The verifier checks heaps that are broken on purpose, reports the error,
   and reports nothing after they are repaired. If it cannot allocate memory,
   it says so and reports no error. */
#include "heap/verify.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/memory.h"
#include "tests/support/support.h"

static bool refuses_malloc, refuses_realloc;

bool memory_refuses(enum memory_request request) {
  return request == MEMORY_MALLOC    ? refuses_malloc
         : request == MEMORY_REALLOC ? refuses_realloc
                                     : false;
}

/* A bit that is unrelated to slots and sizes of a type without a tail. */
static void a_type_that_is_none(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, object);
    gc_ref object = test_make(m, &f.object, test_node, 1);
    object->type ^= 1 << GC_TYPE_TAIL_SHIFT;
    test_expect_broken(m, gc_collector.moves ? "not an object"
                                             : "its type is not");
    object->type ^= 1 << GC_TYPE_TAIL_SHIFT;
    test_expect_whole(m);
  }
  test_close(m);
}

/* Who counts finds that it has no count; who never frees has no other way to
   know. */
static const char *said_of_strangers(void) {
  if (gc_collector.counts)
    return "its count is lower than the references to it";
  return gc_collector.verifier->is_object ? "memory that is not an object"
                                          : "it lies outside the heap";
}

static void an_object_outside_of_the_heap(void **state) {
  static struct { size_t cell[2]; } outside;
  gc_ref object = (gc_ref)&outside;
  gc_mutator *m = test_open(0);
  (void)state;
  object->type = test_leaf;
  {
    GC_FRAME(m, f, object);
    test_expect_whole(m);
    gc_root_put(&f.object, object);
    test_expect_broken(m, said_of_strangers());
    gc_root_put(&f.object, NULL);
    test_expect_whole(m);
  }
  test_close(m);
}

/* Roots that are written to without the interface. */
static void counts_that_are_wrong(void **state) {
  if (!gc_collector.counts)
    skip();
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, one, other);
    gc_ref object = test_make(m, &f.one, test_node, 1);
    gc_root_put(&f.other, object);
    test_expect_broken(m, "its count is lower than the references to it");
    gc_root_put(&f.other, NULL);
    test_expect_whole(m);
    gc_root_set(m, &f.other, object);
    gc_root_put(&f.other, NULL);
    test_expect_broken(m, "its count is higher than the references to it");
    gc_root_put(&f.other, object);
    test_expect_whole(m);
  }
  test_close(m);
}

/* --- no memory ------------------------------------------------------------ */

static void count_one(gc_ref object, void *data) {
  assert_non_null(object);
  ++*(size_t *)data;
}

/* Old objects alone, for which no collector needs tables of its own. */
static void refused(bool *what) {
  const char sentence[] = "not enough memory to check all objects\n";
  char said[1000];
  gc_mutator *m = test_open(0);
  size_t count = 0;
  {
    GC_FRAME(m, f, holder, held);
    test_make(m, &f.holder, test_node, 1);
    test_make(m, &f.held, test_node, 2);
    gc_set(m, gc_root_get(&f.holder), 0, gc_root_get(&f.held));
    test_collect(m);
    *what = true;
    size_t broken = test_verify(m, said, sizeof said);
    int error = gc_visit_objects(m, count_one, &count);
    *what = false;
    assert_int_equal(broken, 0);
    assert_non_null(strstr(said, sentence));
    assert_int_equal(error, ENOMEM);
    assert_int_equal(count, 0);
    test_expect_whole(m);
    assert_int_equal(gc_visit_objects(m, count_one, &count), 0);
    assert_int_equal(count, 2);
  }
  test_close(m);
}

static void no_memory_for_what_is_found(void **state) {
  (void)state;
  refused(&refuses_malloc);
}

static void no_memory_for_what_is_to_be_traced(void **state) {
  (void)state;
  refused(&refuses_realloc);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_type_that_is_none),
      cmocka_unit_test(an_object_outside_of_the_heap),
      cmocka_unit_test(counts_that_are_wrong),
      cmocka_unit_test(no_memory_for_what_is_found),
      cmocka_unit_test(no_memory_for_what_is_to_be_traced),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
