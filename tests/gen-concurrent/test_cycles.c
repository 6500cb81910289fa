/* SPDX-License-Identifier: MIT */
/* What `gen-concurrent` alone promises: cycles begin and end by themselves, and
   nothing that can be reached is lost, whatever mutators do while one is on. */
#include "tests/support/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LIMIT = 8 << 20, WINDOW = 4096, MOST = 4000000 };

/* What the heap of a test has done so far. */
struct seen {
  size_t begins, ends, fulls, slices;
  size_t cycles, degraded; /* as pauses tell, whatever their kind */
};

static void on_resumed(void *data, const struct gc_pause *pause) {
  struct seen *seen = data;
  seen->begins += strcmp(pause->kind, "begin") == 0;
  seen->ends += strcmp(pause->kind, "end") == 0;
  seen->fulls += strcmp(pause->kind, "full") == 0;
  seen->cycles += pause->ends_cycle;
  seen->degraded += pause->is_degraded;
}

static void on_slow(void *data, const struct gc_slow_event *event) {
  struct seen *seen = data;
  if (strcmp(event->kind, "slice") == 0)
    __atomic_fetch_add(&seen->slices, 1, __ATOMIC_RELAXED);
}

static gc_mutator *seen_open(struct seen *seen, size_t limit,
                             unsigned threads) {
  const char *tuning = getenv("SWEEPSTAKES_TUNING");
  struct gc_options options = {
      .heap_bytes = limit, .gc_threads = threads, .tuning = tuning};
  struct gc_listener listener = {
      .data = seen, .resumed = on_resumed, .slow = on_slow};
  gc_heap *heap;
  assert_int_equal(gc_heap_create(&options, &heap), 0);
  *seen = (struct seen){0};
  gc_listen(heap, &listener);
  gc_mutator *m = gc_attach(heap);
  assert_non_null(m);
  return m;
}

static void seen_close(gc_mutator *m) {
  gc_listen(m->heap, NULL);
  test_close(m);
}

/* Replaces the nodes of the table, so that there is old garbage, until *count
   has grown. */
static void churn_until(gc_mutator *m, gc_root *table, const size_t *count) {
  GC_FRAME(m, f, node);
  size_t before = *count;
  for (size_t i = 0; *count == before; i++) {
    assert_true(i < MOST);
    assert_non_null(test_make(m, &f.node, test_node, i));
    gc_set(m, gc_root_get(table), i % WINDOW, f.node.ref);
  }
}

static void table_check(gc_ref table) {
  for (size_t i = 0; i < WINDOW; i++)
    if (gc_get(table, i))
      assert_true(test_is_intact(gc_get(table, i)));
}

static void cycles_come_by_themselves(void **state) {
  struct seen seen;
  (void)state;
  for (unsigned threads = 1; threads <= 2; threads++) {
    gc_mutator *m = seen_open(&seen, LIMIT, threads);
    {
      GC_FRAME(m, f, table);
      assert_non_null(gc_new_array(m, &f.table, test_refs, WINDOW));
      for (int i = 0; i < 10; i++) {
        churn_until(m, &f.table, &seen.ends);
        table_check(gc_root_get(&f.table));
      }
    }
    assert_true(seen.begins >= seen.ends);
    if (!test_is_stressed()) {
      assert_int_equal(seen.fulls, 0);
      assert_int_equal(seen.cycles, seen.ends);
      assert_int_equal(seen.degraded, 0);
    }
    assert_true(threads > 1 || seen.slices > 0);
    seen_close(m);
  }
}

static void cycles_come_without_a_limit(void **state) {
  struct seen seen;
  (void)state;
  gc_mutator *m = seen_open(&seen, 0, 2);
  {
    GC_FRAME(m, f, table);
    assert_non_null(gc_new_array(m, &f.table, test_refs, WINDOW));
    for (int i = 0; i < 3; i++)
      churn_until(m, &f.table, &seen.ends);
    table_check(gc_root_get(&f.table));
  }
  seen_close(m);
}

/* --- pacing --------------------------------------------------------------- */

enum { MANY = 100000, ROUNDS = 15 };

/* Two thirds of the heap live, in many small objects, each as long as the
   others. */
static void replace_all(struct test_thread *t) {
  GC_FRAME(t->m, f, table, node);
  size_t many = test_is_stressed() ? MANY / 1000 : MANY;
  assert_non_null(gc_new_array(t->m, &f.table, test_refs, many));
  for (size_t i = 0; i < many * ROUNDS; i++) {
    assert_non_null(test_make(t->m, &f.node, test_node, i));
    gc_set(t->m, f.table.ref, i % many, f.node.ref);
  }
}

/* No processor is left for the thread that marks. */
static void a_cycle_ends_before_memory_does(void **state) {
  struct seen seen;
  (void)state;
  for (unsigned threads = 1; threads <= 2; threads++) {
    gc_mutator *m = seen_open(&seen, threads * LIMIT, 1);
    test_threads_run(m, threads, replace_all, NULL);
    if (!test_is_stressed()) {
      assert_true(seen.cycles > 1);
      assert_true(seen.degraded * 8 <= seen.cycles);
    }
    seen_close(m);
  }
}

/* The list grows until there is no memory for it, whatever cycles do. */
static void memory_that_runs_out_degrades_a_cycle(void **state) {
  struct seen seen;
  (void)state;
  gc_mutator *m = seen_open(&seen, LIMIT, 1);
  {
    GC_FRAME(m, f, list, longer);
    gc_collect(m, GC_FULL);
    assert_int_equal(seen.degraded, 0);
    while (gc_new_array(m, &f.longer, test_refs, 100)) {
      gc_set(m, f.longer.ref, 0, gc_root_get(&f.list));
      gc_root_set(m, &f.list, f.longer.ref);
    }
    assert_true(seen.cycles > 0 && seen.degraded > 0);
    gc_root_clear(m, &f.list);
    gc_root_clear(m, &f.longer);
    size_t before = seen.degraded;
    gc_collect(m, GC_FULL);
    assert_int_equal(seen.degraded, before);
  }
  seen_close(m);
}

/* --- while a cycle is on -------------------------------------------------- */

/* An old holder with an old object in slot 0, and that object's in slot 0. */
static void chain_make(gc_mutator *m, gc_root *table, gc_root *holder,
                       uint64_t id) {
  GC_FRAME(m, f, middle, last);
  test_make(m, holder, test_node, id);
  test_make(m, &f.middle, test_node, id + 1);
  test_make(m, &f.last, test_node, id + 2);
  gc_set_move(m, gc_root_get(&f.middle), 0, &f.last);
  gc_set_move(m, gc_root_get(holder), 0, &f.middle);
  gc_new_array(m, table, test_refs, WINDOW);
  gc_collect(m, 0);
}

/* Takes the end of the chain and clears the path to it. */
static void what_is_hidden_survives(void **state) {
  struct seen seen;
  (void)state;
  for (int turn = 0; turn < 8; turn++) {
    gc_mutator *m = seen_open(&seen, LIMIT, 1 + turn % 2);
    {
      GC_FRAME(m, f, table, holder, hidden);
      chain_make(m, &f.table, &f.holder, 1000);
      churn_until(m, &f.table, &seen.begins);
      gc_ref middle = gc_get(f.holder.ref, 0);
      gc_root_set(m, &f.hidden, gc_get(middle, 0));
      gc_set(m, middle, 0, NULL);
      gc_set(m, gc_root_get(&f.holder), 0, NULL);
      churn_until(m, &f.table, &seen.ends);
      assert_int_equal(test_id(gc_root_get(&f.hidden)), 1002);
      assert_int_equal(gc_verify(m), 0);
    }
    seen_close(m);
  }
}

static void what_an_exchange_replaces_survives(void **state) {
  struct seen seen;
  (void)state;
  gc_mutator *m = seen_open(&seen, LIMIT, 1);
  {
    GC_FRAME(m, f, table, holder, hidden);
    chain_make(m, &f.table, &f.holder, 1000);
    churn_until(m, &f.table, &seen.begins);
    gc_ref middle = gc_get(f.holder.ref, 0);
    gc_root_set(m, &f.hidden, gc_get(middle, 0));
    assert_false(gc_cas(m, middle, 0, middle, NULL));
    assert_true(gc_cas(m, middle, 0, gc_get(middle, 0), NULL));
    churn_until(m, &f.table, &seen.ends);
    assert_int_equal(test_id(gc_root_get(&f.hidden)), 1002);
  }
  seen_close(m);
}

static void what_a_weak_reference_returns_survives(void **state) {
  struct seen seen;
  (void)state;
  gc_mutator *m = seen_open(&seen, LIMIT, 1);
  {
    GC_FRAME(m, f, table, holder, weak, strong);
    chain_make(m, &f.table, &f.holder, 1000);
    assert_non_null(gc_weak_new(m, &f.weak, gc_root_get(&f.holder)));
    gc_collect(m, 0);
    gc_root_clear(m, &f.holder);
    churn_until(m, &f.table, &seen.begins);
    gc_weak_get(m, &f.strong, gc_root_get(&f.weak));
    churn_until(m, &f.table, &seen.ends);
    assert_int_equal(gc_verify(m), 0);
    if (gc_root_get(&f.strong))
      assert_int_equal(test_id(gc_get(gc_get(gc_root_get(&f.strong), 0), 0)),
                       1002);
    else
      assert_true(test_is_stressed());
    gc_root_clear(m, &f.strong);
    churn_until(m, &f.table, &seen.ends);
    churn_until(m, &f.table, &seen.ends);
    assert_null(gc_weak_get(m, &f.strong, gc_root_get(&f.weak)));
  }
  seen_close(m);
}

struct hiding {
  gc_root holder, hidden; /* global */
};

static void hide_and_leave(struct test_thread *t) {
  struct hiding *hiding = t->shared;
  gc_ref middle = gc_get(gc_root_get(&hiding->holder), 0);
  gc_global_set(t->m, &hiding->hidden, gc_get(middle, 0));
  gc_set(t->m, middle, 0, NULL);
}

/* A thread attaches, hides an object and detaches; the main one is parked. */
static void what_a_thread_hides_survives(void **state) {
  struct seen seen;
  struct hiding hiding = {{NULL}, {NULL}};
  (void)state;
  gc_mutator *m = seen_open(&seen, LIMIT, 2);
  gc_global_add(m->heap, &hiding.holder);
  gc_global_add(m->heap, &hiding.hidden);
  {
    GC_FRAME(m, f, table, holder);
    chain_make(m, &f.table, &f.holder, 1000);
    gc_global_set(m, &hiding.holder, gc_root_get(&f.holder));
    churn_until(m, &f.table, &seen.begins);
    test_threads_run(m, 1, hide_and_leave, &hiding);
    churn_until(m, &f.table, &seen.ends);
    assert_int_equal(test_id(gc_root_get(&hiding.hidden)), 1002);
    assert_int_equal(gc_verify(m), 0);
  }
  gc_global_remove(m, &hiding.holder);
  gc_global_remove(m, &hiding.hidden);
  seen_close(m);
}

/* An array with data after its elements changes its length again and again. */
static void arrays_change_their_length(void **state) {
  struct seen seen;
  (void)state;
  gc_mutator *m = seen_open(&seen, LIMIT, 2);
  {
    GC_FRAME(m, f, table, array, node);
    gc_new_array(m, &f.table, test_refs, WINDOW);
    gc_new_array(m, &f.array, test_refs, 40);
    gc_collect(m, 0);
    for (size_t i = 0; seen.ends < 3; i++) {
      size_t length = 33 + i % 7;
      assert_non_null(gc_array_resize(m, &f.array, length));
      test_make(m, &f.node, test_node, i);
      gc_set(m, f.array.ref, length - 1, f.node.ref);
      gc_set(m, f.table.ref, i % WINDOW, f.node.ref);
      for (size_t k = 0; k < length; k++)
        if (gc_get(f.array.ref, k))
          assert_true(test_is_intact(gc_get(f.array.ref, k)));
    }
  }
  seen_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cycles_come_by_themselves),
      cmocka_unit_test(cycles_come_without_a_limit),
      cmocka_unit_test(a_cycle_ends_before_memory_does),
      cmocka_unit_test(memory_that_runs_out_degrades_a_cycle),
      cmocka_unit_test(what_is_hidden_survives),
      cmocka_unit_test(what_an_exchange_replaces_survives),
      cmocka_unit_test(what_a_weak_reference_returns_survives),
      cmocka_unit_test(what_a_thread_hides_survives),
      cmocka_unit_test(arrays_change_their_length),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
