/* SPDX-License-Identifier: MIT */
/* Compiled with a write barrier that does nothing. The verifier must detect
   it, both before the forgotten young object is freed and afterwards. */
#include "tests/support/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

_Static_assert(GEN_BROKEN_BARRIER, "this test needs the broken write barrier");

static void the_verifier_sees_it(void **state) {
  gc_heap *heap;
  (void)state;
  assert_int_equal(gc_heap_create(NULL, &heap), 0);
  gc_mutator *m = gc_attach(heap);
  {
    GC_FRAME(m, f, holder, young);
    gc_new(m, &f.holder, test_node);
    gc_collect(m, 0);
    assert_int_equal(gc_verify(m), 0);
    gc_new(m, &f.young, test_node);
    gc_set(m, gc_root_get(&f.holder), 0, f.young.ref);
    assert_true(gc_verify(m) > 0);
    gc_root_clear(m, &f.young);
    assert_int_equal(gc_collect(m, 0), 1);
    assert_true(gc_verify(m) > 0);
    gc_set(m, gc_root_get(&f.holder), 0, NULL);
    assert_int_equal(gc_verify(m), 0);
  }
  test_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_verifier_sees_it)};
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
