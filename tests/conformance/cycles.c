/* SPDX-License-Identifier: MIT */
/* Rings. If the collector frees cycles, all rules hold for them: the number of
   dead objects, finalizers on intact graphs, resurrection. If it does not,
   rings stay and do no harm. */
#include "tests/conformance/conformance.h"

/* Asserts how many of `n` objects that are in or held by cycles have died. */
#define assert_cyclic_deaths(n)                                                \
  assert_in_range(test_deaths(), test_finds_cycles() ? (n) : 0,                \
                  gc_collector.reclaims_cycles ? (n) : 0)

static void make_ring(gc_mutator *m, gc_root *out, gc_type type, uint64_t first,
                      size_t count) {
  GC_FRAME(m, f, node, start);
  for (size_t i = 0; i < count; i++) {
    gc_ref node = test_make(m, &f.node, type, first + i);
    if (i == 0)
      gc_root_set(m, &f.start, node);
    gc_set_move(m, node, 0, out);
    gc_root_move(m, out, &f.node);
  }
  gc_set_move(m, gc_root_get(&f.start), 0, out);
  gc_root_move(m, out, &f.start);
}

static void a_ring_is_found(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, ring);
  const size_t sizes[] = {1, 2, 3, 100, test_many()};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    make_ring(m, &f.ring, test_node, 0, sizes[i]);
    gc_collect(m, GC_FULL);
    gc_root_clear(m, &f.ring);
    size_t found = gc_collect(m, GC_FULL);
    assert_in_range(found, test_finds_cycles() ? sizes[i] : 0,
                    gc_collector.reclaims_cycles ? sizes[i] : 0);
    assert_int_equal(gc_collect(m, GC_FULL), 0);
  }
}

static void a_held_ring_stays(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(100);
  GC_FRAME(m, f, ring);
  make_ring(m, &f.ring, test_mortal, 0, 100);
  for (size_t i = 0; i < 100; i++) {
    if (i % 10 == 0)
      test_collect(m);
    gc_root_set(m, &f.ring, gc_get(gc_root_get(&f.ring), 0));
    assert_true(test_is_intact(gc_root_get(&f.ring)));
  }
  assert_int_equal(test_deaths(), 0);
  gc_root_clear(m, &f.ring);
  test_collect(m);
  assert_cyclic_deaths(100);
}

/* A slot of a live object holds the ring. */
static void a_ring_held_by_a_slot_stays(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(4);
  GC_FRAME(m, f, holder, ring);
  test_make(m, &f.holder, test_node, 0);
  make_ring(m, &f.ring, test_mortal, 0, 4);
  gc_set_move(m, gc_root_get(&f.holder), 0, &f.ring);
  for (int i = 0; i < 3; i++)
    test_collect(m);
  assert_int_equal(test_deaths(), 0);
  gc_set(m, gc_root_get(&f.holder), 0, NULL);
  test_collect(m);
  assert_cyclic_deaths(4);
}

/* Objects that a ring holds die with it; objects that hold a ring do not. */
static void what_hangs_by_a_ring(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(20);
  GC_FRAME(m, f, a, b, tail);
  make_ring(m, &f.a, test_mortal, 0, 5);
  make_ring(m, &f.b, test_mortal, 5, 5);
  gc_set(m, gc_root_get(&f.a), 1, gc_root_get(&f.b));
  for (uint64_t i = 10; i < 20; i++) {
    gc_ref tail = test_make(m, &f.tail, test_mortal, i);
    gc_ref next = gc_get(gc_root_get(&f.b), 1);
    gc_set(m, tail, 0, next);
    gc_set_move(m, gc_root_get(&f.b), 1, &f.tail);
  }
  gc_root_clear(m, &f.b);
  test_collect(m);
  assert_int_equal(test_deaths(), 0);
  gc_root_set(m, &f.b, gc_get(gc_root_get(&f.a), 1));
  gc_root_clear(m, &f.a);
  test_collect(m);
  assert_cyclic_deaths(5);
  gc_root_clear(m, &f.b);
  test_collect(m);
  assert_cyclic_deaths(20);
}

/* A ring that is broken by hand dies in every collector that frees. */
static void a_broken_ring_dies_anywhere(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(50);
  GC_FRAME(m, f, ring);
  make_ring(m, &f.ring, test_mortal, 0, 50);
  gc_set(m, gc_root_get(&f.ring), 0, NULL);
  gc_root_clear(m, &f.ring);
  test_settle(m);
  assert_deaths(50);
}

static void weak_references_into_a_ring(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, ring, weak, target);
  make_ring(m, &f.ring, test_node, 0, 10);
  gc_weak_new(m, &f.weak, gc_get(gc_root_get(&f.ring), 0));
  test_collect(m);
  assert_non_null(gc_weak_get(m, &f.target, gc_root_get(&f.weak)));
  gc_root_clear(m, &f.target);
  gc_root_clear(m, &f.ring);
  test_collect(m);
  gc_ref target = gc_weak_get(m, &f.target, gc_root_get(&f.weak));
  if (test_finds_cycles())
    assert_null(target);
  else if (!gc_collector.reclaims_cycles)
    assert_true(test_is_intact(target));
}

/* --- finalizers in rings -------------------------------------------------- */

enum { RING = 8 };
static gc_root saved;
static uint64_t saves; /* the id to resurrect; RING: none */
static size_t calls;

/* The finalizer of every node finds the whole ring intact. */
static void walk_ring(gc_mutator *m, const gc_root *self) {
  gc_ref at = gc_root_get(self);
  uint64_t sum = 0;
  for (size_t i = 0; i < RING; i++, at = gc_get(at, 0))
    sum += test_id(at);
  CHECK(sum == RING * (RING - 1) / 2);
  CHECK(at == gc_root_get(self));
  calls++;
  if (test_id(at) == saves)
    gc_global_set(m, &saved, at);
}

static gc_type walker(void) {
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){
        .name = "walker", .refs = 2, .bytes = 16, .finalize = walk_ring});
  return type;
}

static void every_finalizer_sees_the_whole_ring(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, ring);
  calls = 0;
  saves = RING;
  make_ring(m, &f.ring, walker(), 0, RING);
  gc_root_clear(m, &f.ring);
  test_collect(m);
  assert_in_range(calls, test_finds_cycles() ? RING : 0,
                  gc_collector.reclaims_cycles ? RING : 0);
}

/* One node is resurrected, so all are. The second time they die without
   finalizers. */
static void a_ring_comes_back_whole(void **state) {
  gc_mutator *m = *state;
  GC_FRAME(m, f, ring, weak, target);
  calls = 0;
  saves = 3;
  gc_global_add(m->heap, &saved);
  make_ring(m, &f.ring, walker(), 0, RING);
  gc_weak_new(m, &f.weak, gc_root_get(&f.ring));
  gc_root_clear(m, &f.ring);
  test_collect(m);
  if (test_finds_cycles()) {
    gc_ref at = gc_root_get(&saved);
    assert_non_null(at);
    for (size_t i = 0; i < RING; i++, at = gc_get(at, 0))
      assert_true(test_is_intact(at));
    assert_ptr_equal(at, gc_root_get(&saved));
    assert_int_equal(calls, RING);
    gc_global_set(m, &saved, NULL);
    test_collect(m);
    assert_int_equal(calls, RING);
    assert_null(gc_weak_get(m, &f.target, gc_root_get(&f.weak)));
  }
  saves = RING;
  gc_global_remove(m, &saved);
}

/* Of many rings one is resurrected; the others die. */
static void one_return_spares_no_other(void **state) {
  gc_mutator *m = *state;
  enum { OTHERS = 100 };
  test_deaths_begin(OTHERS * 2);
  GC_FRAME(m, f, ring);
  calls = 0;
  saves = 0;
  gc_global_add(m->heap, &saved);
  for (uint64_t i = 0; i < OTHERS; i++)
    make_ring(m, &f.ring, test_mortal, 2 * i, 2);
  make_ring(m, &f.ring, walker(), 0, RING);
  gc_root_clear(m, &f.ring);
  test_collect(m);
  assert_cyclic_deaths(OTHERS * 2);
  if (test_finds_cycles())
    assert_int_equal(test_id(gc_root_get(&saved)), 0);
  saves = RING;
  gc_global_remove(m, &saved);
}

int conformance_cycles(void) {
  const struct CMUnitTest tests[] = {
      heap_test(a_ring_is_found),
      heap_test(a_held_ring_stays),
      heap_test(a_ring_held_by_a_slot_stays),
      heap_test(what_hangs_by_a_ring),
      heap_test(a_broken_ring_dies_anywhere),
      heap_test(weak_references_into_a_ring),
      heap_test(every_finalizer_sees_the_whole_ring),
      heap_test(a_ring_comes_back_whole),
      heap_test(one_return_spares_no_other),
  };
  return cmocka_run_group_tests_name("cycles", tests, NULL, NULL);
}
