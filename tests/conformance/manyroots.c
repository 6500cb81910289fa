/* SPDX-License-Identifier: MIT */
/* Many roots outside frames: arrays of global roots, and visitors. */
#include "tests/conformance/conformance.h"

enum { COUNT = 3000, THREADS = 4 };

static void fill(gc_mutator *m, gc_root *roots, size_t count) {
  for (size_t i = 0; i < count; i++) {
    GC_FRAME(m, f, value);
    test_make(m, &f.value, test_mortal, i);
    gc_global_set(m, &roots[i], gc_root_get(&f.value));
  }
}

static void an_array_keeps_what_it_holds(void **state) {
  gc_mutator *m = *state;
  static gc_root roots[COUNT];
  test_deaths_begin(COUNT);
  gc_globals_add(m->heap, roots, COUNT);
  fill(m, roots, COUNT);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  for (size_t i = 0; i < COUNT; i++)
    assert_int_equal(test_id(gc_root_get(&roots[i])), i);
  for (size_t i = 0; i < COUNT; i += 2)
    gc_global_set(m, &roots[i], NULL);
  test_settle(m);
  assert_deaths(COUNT / 2);
  gc_globals_remove(m, roots, COUNT);
  for (size_t i = 0; i < COUNT; i++)
    assert_null(gc_root_get(&roots[i]));
  test_settle(m);
  assert_deaths(COUNT);
}

/* Added and removed in other orders than that of their addresses, beside single
   roots between them. */
static void arrays_come_and_go(void **state) {
  gc_mutator *m = *state;
  enum { ARRAYS = 60, LENGTH = 5, STEP = 37 };
  static gc_root roots[ARRAYS][LENGTH];
  test_deaths_begin(LENGTH);
  for (size_t i = 0; i < ARRAYS; i++) {
    size_t at = i * STEP % ARRAYS;
    gc_globals_add(m->heap, roots[at], LENGTH - 1);
    gc_global_add(m->heap, &roots[at][LENGTH - 1]);
    GC_FRAME(m, f, value);
    test_make(m, &f.value, test_leaf, at);
    for (size_t k = 0; k < LENGTH; k++)
      gc_global_set(m, &roots[at][k], gc_root_get(&f.value));
  }
  test_collect(m);
  for (size_t i = 0; i < ARRAYS; i++) {
    for (size_t k = 0; k < LENGTH; k++)
      assert_int_equal(test_id(gc_root_get(&roots[i][k])), i);
    gc_globals_remove(m, roots[i], LENGTH - 1);
    gc_global_remove(m, &roots[i][LENGTH - 1]);
    if (i % 16 == 0)
      test_expect_whole(m);
  }
  gc_globals_add(m->heap, roots[0], (size_t)ARRAYS * LENGTH);
  gc_globals_remove(m, roots[0], (size_t)ARRAYS * LENGTH);
  gc_globals_add(m->heap, roots[0], 0);
  gc_globals_remove(m, roots[0], 0);
}

/* --- visitors ------------------------------------------------------------- */

/* A table as a runtime keeps it. The owner writes; a stopped thread leaves a
   valid table after each instruction. */
struct table {
  gc_root entry[COUNT];
  _Atomic size_t count;
  _Atomic unsigned shown;
};

static void table_show(void *data, void (*visit)(gc_root *, void *),
                       void *visit_data) {
  struct table *table = data;
  size_t count = atomic_load(&table->count);
  for (size_t i = 0; i < count; i++)
    visit(&table->entry[i], visit_data);
  atomic_fetch_add(&table->shown, 1);
}

static void table_grow(struct table *table, size_t count) {
  atomic_store(&table->count, count);
}

static void table_clear(gc_mutator *m, struct table *table, size_t count) {
  for (size_t i = 0; i < count; i++)
    gc_root_clear(m, &table->entry[i]);
}

static void a_visitor_keeps_what_it_shows(void **state) {
  gc_mutator *m = *state;
  static struct table table;
  test_deaths_begin(COUNT);
  table_grow(&table, COUNT);
  gc_roots_visitor_add(m->heap, table_show, &table);
  for (size_t i = 0; i < COUNT; i++)
    test_make(m, &table.entry[i], test_mortal, i);
  test_settle(m);
  test_collect(m);
  assert_int_equal(test_deaths(), 0);
  for (size_t i = 0; i < COUNT; i++)
    assert_int_equal(test_id(gc_root_get(&table.entry[i])), i);
  test_expect_whole(m);
  assert_true(atomic_load(&table.shown) > 0);
  table_clear(m, &table, COUNT / 2);
  test_settle(m);
  assert_deaths(COUNT / 2);
  table_clear(m, &table, COUNT);
  gc_roots_visitor_remove(m->heap, table_show, &table);
  unsigned shown = atomic_load(&table.shown);
  test_settle(m);
  test_collect(m);
  assert_deaths(COUNT);
  assert_int_equal(atomic_load(&table.shown), shown);
}

/* Where roots are scanned, a plain copy of a root is a root if it is shown. */
static void plain_copies_are_roots_where_they_are_scanned(void **state) {
  gc_mutator *m = *state;
  static struct table table;
  if (!gc_roots_are_scanned())
    skip();
  test_deaths_begin(1);
  gc_roots_visitor_add(m->heap, table_show, &table);
  {
    GC_FRAME(m, f, value);
    test_make(m, &f.value, test_mortal, 0);
    table.entry[0] = f.value;
    table_grow(&table, 1);
  }
  test_collect(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_root_get(&table.entry[0])), 0);
  table_grow(&table, 0);
  table.entry[0].ref = NULL;
  test_collect(m);
  assert_deaths(1);
  gc_roots_visitor_remove(m->heap, table_show, &table);
}

static void the_end_of_a_heap_empties_what_is_shown(void **state) {
  (void)state;
  static struct table table;
  gc_mutator *m = test_open(0);
  test_deaths_begin(10);
  table_grow(&table, 10);
  gc_roots_visitor_add(m->heap, table_show, &table);
  for (size_t i = 0; i < 10; i++)
    test_make(m, &table.entry[i], test_mortal, i);
  test_close(m);
  assert_int_equal(test_deaths(), 10);
  for (size_t i = 0; i < 10; i++)
    assert_null(gc_root_get(&table.entry[i]));
}

/* Each thread has a table, which it fills and empties while others collect. */
static void use_a_table(struct test_thread *self) {
  static struct table tables[THREADS];
  struct table *table = &tables[self->index];
  gc_mutator *m = self->m;
  enum { ENTRIES = 50 };
  for (uint64_t round = 0; round < test_scaled(100); round++) {
    gc_roots_visitor_add(self->heap, table_show, table);
    for (uint64_t i = 0; i < ENTRIES; i++) {
      table_grow(table, i + 1);
      test_make(m, &table->entry[i], test_node, round * ENTRIES + i);
    }
    if (round % THREADS == self->index)
      gc_collect(m, (int)round % 3);
    for (uint64_t i = 0; i < ENTRIES; i++)
      CHECK(test_id(gc_root_get(&table->entry[i])) == round * ENTRIES + i);
    table_clear(m, table, ENTRIES);
    table_grow(table, 0);
    gc_roots_visitor_remove(self->heap, table_show, table);
  }
}

static void threads_have_tables(void **state) {
  test_threads_run(*state, 1, use_a_table, NULL);
  test_threads_run(*state, THREADS, use_a_table, NULL);
}

/* Threads that share an array of globals exchange its values. */
static gc_root shared[64];

static void exchange(struct test_thread *self) {
  gc_mutator *m = self->m;
  GC_FRAME(m, f, value);
  for (uint64_t i = 0; i < test_scaled(20000); i++) {
    gc_root *root = &shared[workload_random_below(&self->random, 64)];
    gc_root_set(m, &f.value, gc_root_get(root));
    if (gc_root_get(&f.value) != NULL)
      CHECK(test_is_intact(gc_root_get(&f.value)));
    test_make(m, &f.value, test_node, i);
    gc_global_set(m, root, gc_root_get(&f.value));
  }
}

static void threads_share_an_array(void **state) {
  gc_mutator *m = *state;
  gc_globals_add(m->heap, shared, 64);
  test_threads_run(m, THREADS, exchange, NULL);
  gc_globals_remove(m, shared, 64);
}

int conformance_manyroots(void) {
  const struct CMUnitTest tests[] = {
      heap_test(an_array_keeps_what_it_holds),
      heap_test(arrays_come_and_go),
      heap_test(a_visitor_keeps_what_it_shows),
      heap_test(plain_copies_are_roots_where_they_are_scanned),
      cmocka_unit_test(the_end_of_a_heap_empties_what_is_shown),
      heap_test(threads_have_tables),
      heap_test(threads_share_an_array),
  };
  return cmocka_run_group_tests_name("manyroots", tests, NULL, NULL);
}
