/* SPDX-License-Identifier: MIT */
/* Checks that only `bdw` makes of an object, with wrong answers on purpose. */
#include "collectors/bdw/bdw_heap.h"
#include "tests/support/support.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* No type stands there, so that this is an object of type 0 and no slots. */
static void a_reference_into_an_object(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, object);
    gc_ref object = gc_new(m, &f.object, test_node);
    gc_root_put(&f.object, (gc_ref)&object->slot[0]);
    test_expect_broken(m, "it is not at the beginning of its cell");
    gc_root_put(&f.object, object);
    test_expect_whole(m);
  }
  test_close(m);
}

static void an_object_over_its_cell(void **state) {
  gc_type large =
      gc_type_define(&(struct gc_type_desc){.name = "large", .bytes = 10000});
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, object);
    gc_ref object = test_make(m, &f.object, test_leaf, 1);
    object->type = large;
    test_expect_broken(m, "it is larger than its cell");
    object->type = test_leaf;
    test_expect_whole(m);
  }
  test_close(m);
}

/* Made since the last collection, which is taken for one that has seen it. */
static void an_object_that_was_not_found(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, object);
    gc_collect(m, GC_FULL);
    test_make(m, &f.object, test_leaf, 1);
    bdw_heap_of(m->heap)->has_marks = true;
    test_expect_broken(m, "the library has not marked it");
    bdw_heap_of(m->heap)->has_marks = false;
    test_expect_whole(m);
  }
  test_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_reference_into_an_object),
      cmocka_unit_test(an_object_over_its_cell),
      cmocka_unit_test(an_object_that_was_not_found),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
