/* SPDX-License-Identifier: MIT */
/* Errors that only `gen`'s heap can have, made on purpose. The verifier
   reports each with its message, and reports nothing after it is repaired. */
#include "collectors/shared/generational/generational.h"
#include "tests/gen/tuned.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A node of generation 1, in a block with another one. */
static gc_ref aged_node(gc_mutator *m, gc_root *out, gc_root *neighbour) {
  gen_node_new(m, neighbour);
  gen_node_new(m, out);
  gc_collect(m, 0);
  assert_int_equal(gc_generation_of(gc_root_get(out)), 1);
  return gc_root_get(out);
}

static void headers_that_lie(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, node, neighbour, large);
    gc_ref node = gen_node_new(m, &f.node);
    node->word ^= BLK_ARMED;
    test_expect_broken(m, "it is young, and its header says that it is old");
    node->word ^= BLK_ARMED;
    node->word ^= BLK_LARGE;
    test_expect_broken(m, "its header has the wrong flag for large objects");
    node->word ^= BLK_LARGE;
    gc_ref large = gc_new_array(m, &f.large, test_blob, 1 << 20);
    large->word ^= BLK_LARGE;
    test_expect_broken(m, "its header has the wrong flag for large objects");
    large->word ^= BLK_LARGE;
    test_expect_whole(m);
    node = aged_node(m, &f.node, &f.neighbour);
    node->word ^= BLK_ARMED;
    test_expect_broken(m, "it is old, and neither armed nor remembered");
    node->word ^= BLK_ARMED;
    test_expect_whole(m);
  }
  test_close(m);
}

/* When the verifier checks the counts of a block, it also sets them from the
   bytes. So after a wrong byte has been restored, it reports wrong counts
   once. */
static void bytes_that_lie(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, node, neighbour);
    gc_ref node = aged_node(m, &f.node, &f.neighbour);
    uint8_t *bytes = gc_blk_byte(node), second = bytes[1];
    bytes[1] = BLK_FREE;
    test_expect_broken(m, "an object's bytes do not fit its size");
    test_expect_broken(m, "an object's bytes do not fit its size");
    bytes[1] = second;
    test_expect_broken(m, "its counts do not agree with its bytes");
    test_expect_whole(m);
    gc_root_clear(m, &f.node);
    gc_collect(m, 1);
    assert_int_equal(bytes[0], BLK_FREE);
    bytes[0] = BLK_START | (blk_heap_of(m->heap)->middle ^ 1);
    test_expect_broken(m, "a byte has a value that is not current");
    bytes[0] = BLK_FREE;
    test_expect_whole(m);
  }
  test_close(m);
}

static void counts_that_lie(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, node, neighbour);
    gc_ref node = aged_node(m, &f.node, &f.neighbour);
    struct blk_heap *heap = blk_heap_of(m->heap);
    blk_of(node)->middle_objects++;
    test_expect_broken(m, "its counts do not agree with its bytes");
    test_expect_whole(m);
    heap->held += BLK_GRANULE;
    test_expect_broken(m, "the bytes held are not the sum of blocks");
    heap->held -= BLK_GRANULE;
    test_expect_whole(m);
  }
  test_close(m);
}

/* With generations=0 every collection is a full one, and the barrier remembers
   nothing. */
static void nothing_is_remembered_without_generations(void **state) {
  gc_mutator *m = test_open_tuned(0, "generations=0");
  (void)state;
  {
    GC_FRAME(m, f, holder, large, young);
    gen_node_new(m, &f.holder);
    assert_non_null(gc_new_array(m, &f.large, test_refs, 10000));
    gc_collect(m, GC_FULL);
    gc_ref young = gen_node_new(m, &f.young);
    gc_set(m, gc_root_get(&f.holder), 0, young);
    gc_set(m, gc_root_get(&f.large), 9999, young);
    gc_root_clear(m, &f.young);
    test_expect_whole(m);
    assert_int_equal(gc_collect(m, 0), 0);
    test_expect_whole(m);
  }
  test_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(headers_that_lie),
      cmocka_unit_test(bytes_that_lie),
      cmocka_unit_test(counts_that_lie),
      cmocka_unit_test(nothing_is_remembered_without_generations),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
