/* SPDX-License-Identifier: MIT */
/* Events of a listener: each stop in order, with consistent times and figures,
   and the end of the heap. */
#include <string.h>

#include "tests/conformance/conformance.h"

enum event { NOTHING, REQUESTED, STOPPED, RESUMED, ENDED };

/* The events so far. Stops do not overlap, so only `slow` needs a lock. */
struct record {
  enum event last;
  size_t stops, ended, leaked;
  uint64_t t_request, t_stopped;
  struct gc_pause pause;
  size_t verified;
  _Atomic size_t slow;
};

static void on_request(void *data, uint64_t t) {
  struct record *r = data;
  CHECK(r->last == NOTHING || r->last == RESUMED);
  r->last = REQUESTED;
  r->t_request = t;
}

static void on_stopped(void *data, uint64_t t) {
  struct record *r = data;
  CHECK(r->last == REQUESTED);
  r->last = STOPPED;
  r->t_stopped = t;
  CHECK(t >= r->t_request);
}

static uint64_t phases_sum(const struct gc_pause *pause) {
  uint64_t sum = 0;
  for (int i = 0; i < GC_PHASE_COUNT; i++)
    sum += pause->phase_ns[i];
  return sum;
}

static void on_resumed(void *data, const struct gc_pause *pause) {
  struct record *r = data;
  CHECK(r->last == STOPPED);
  r->last = RESUMED;
  r->stops++;
  r->pause = *pause;
  CHECK(pause->t_request == r->t_request);
  CHECK(pause->t_stopped == r->t_stopped);
  CHECK(pause->t_end >= pause->t_stopped);
  CHECK(phases_sum(pause) <= pause->t_end - pause->t_stopped);
  r->verified += pause->phase_ns[GC_PHASE_VERIFY] > 0;
  CHECK(strlen(pause->kind) > 0);
  CHECK(strlen(pause->cause) > 0);
  CHECK(pause->generation >= -1);
  CHECK(pause->generation < (int)gc_collector.generations);
}

static void on_slow(void *data, const struct gc_slow_event *event) {
  struct record *r = data;
  CHECK(strlen(event->kind) > 0);
  CHECK(event->t_end >= event->t_begin);
  atomic_fetch_add(&r->slow, 1);
}

static void on_ended(void *data, size_t leaked) {
  struct record *r = data;
  r->ended++;
  r->leaked = leaked;
}

static gc_mutator *heap_record(gc_heap *heap, struct record *r) {
  *r = (struct record){0};
  gc_listen(heap, &(struct gc_listener){r, on_request, on_stopped, on_resumed,
                                        on_slow, on_ended});
  gc_mutator *m = gc_attach(heap);
  assert_non_null(m);
  return m;
}

static gc_mutator *open_recorded(struct record *r) {
  return heap_record(test_heap_create(0), r);
}

static gc_mutator *open_tuned(struct record *r, const char *tuning,
                              size_t heap_bytes) {
  return heap_record(test_heap_tuned(heap_bytes, tuning), r);
}

static void make_list(gc_mutator *m, gc_root *out, size_t count) {
  GC_FRAME(m, f, node);
  for (size_t i = 0; i < count; i++) {
    gc_ref node = test_make(m, &f.node, test_node, i);
    gc_set_move(m, node, 0, out);
    gc_root_move(m, out, &f.node);
  }
}

static void a_collection_is_told(void **state) {
  struct record r;
  (void)state;
  gc_mutator *m = open_recorded(&r);
  uint64_t before = gc_now_ns();
  size_t stops = r.stops;
  gc_collect(m, GC_FULL);
  assert_true(r.stops > stops);
  assert_int_equal(r.last, RESUMED);
  assert_string_equal(r.pause.cause, "request");
  assert_int_equal(r.pause.thread, m->number);
  assert_int_equal(r.pause.generation, gc_collector.generations - 1);
  assert_true(r.pause.t_request >= before);
  assert_true(r.pause.t_end <= gc_now_ns());
  test_close(m);
  assert_int_equal(r.ended, 1);
}

/* A collector may keep memory for reuse, but not for ever. */
static bool memory_goes_back(gc_mutator *m, const struct record *r) {
  for (int i = 0; i < 8 && r->pause.bytes_after >= r->pause.bytes_before; i++)
    gc_collect(m, GC_FULL);
  return r->pause.bytes_after < r->pause.bytes_before;
}

static void what_was_freed_is_told(void **state) {
  size_t count = test_many();
  struct record r;
  (void)state;
  gc_mutator *m = open_recorded(&r);
  {
    GC_FRAME(m, f, list, holder);
    test_make(m, &f.holder, test_node, 0);
    make_list(m, &f.list, count);
    gc_set_move(m, gc_root_get(&f.holder), 0, &f.list);
    gc_collect(m, GC_FULL);
    gc_set(m, gc_root_get(&f.holder), 0, NULL);
    size_t found = gc_collect(m, GC_FULL);
    if (!gc_collector.prompt)
      assert_int_equal(r.pause.objects_freed, found);
    if (found > 0 && test_finds_garbage())
      assert_true(memory_goes_back(m, &r));
  }
  test_close(m);
}

/* The end of the heap reports the bytes of rings that were never freed, and no
   other bytes. */
static void leaks_are_told(void **state) {
  enum { COUNT = 1000 };
  struct record r;
  size_t bytes = 0;
  (void)state;
  gc_mutator *m = open_recorded(&r);
  {
    GC_FRAME(m, f, list, ring);
    make_list(m, &f.list, COUNT);
    for (int i = 0; i < COUNT; i++) {
      gc_ref node = test_make(m, &f.ring, test_node, 0);
      gc_set(m, node, 0, node);
      bytes += gc_sizeof(node);
    }
    gc_new_array(m, &f.ring, test_refs, 1000);
    gc_set(m, gc_root_get(&f.ring), 5, gc_root_get(&f.ring));
    bytes += gc_sizeof(gc_root_get(&f.ring));
  }
  test_close(m);
  assert_int_equal(r.ended, 1);
  bool leaks = gc_collector.reclaims && !gc_collector.reclaims_cycles;
  assert_int_equal(r.leaked, leaks ? bytes : 0);
}

static void nothing_leaks_without_rings(void **state) {
  struct record r;
  (void)state;
  gc_mutator *m = open_recorded(&r);
  {
    GC_FRAME(m, f, list, array);
    make_list(m, &f.list, 1000);
    gc_new_array(m, &f.array, test_refs, 1000);
    gc_set(m, gc_root_get(&f.array), 0, gc_root_get(&f.list));
  }
  test_close(m);
  assert_int_equal(r.ended, 1);
  assert_int_equal(r.leaked, 0);
}

static void collect_often(struct test_thread *self) {
  GC_FRAME(self->m, f, list);
  for (uint64_t i = 0; i < test_scaled(500); i++) {
    make_list(self->m, &f.list, 10);
    gc_collect(self->m, i % 3 ? 0 : GC_FULL);
    gc_root_clear(self->m, &f.list);
  }
}

/* Stops that many threads request at the same time do not overlap. */
static void stops_do_not_overlap(void **state) {
  enum { THREADS = 4 };
  struct record r;
  (void)state;
  gc_mutator *m = open_recorded(&r);
  test_threads_run(m, THREADS, collect_often, NULL);
  assert_true(r.stops >= THREADS * test_scaled(500));
  test_close(m);
}

/* How many verifications this number of collections causes. */
static size_t verifications_of(const char *tuning, size_t collections) {
  struct record r;
  gc_mutator *m = open_tuned(&r, tuning, 0);
  for (size_t i = 0; i < collections; i++)
    gc_collect(m, GC_FULL);
  size_t verified = r.verified;
  test_close(m);
  return verified;
}

static void each_nth_collection_is_verified(void **state) {
  (void)state;
  size_t all = verifications_of("verify=1", 12);
  assert_true(all >= 12);
  assert_int_equal(verifications_of(NULL, 12), 0);
  assert_int_equal(verifications_of("verify=0", 12), 0);
  assert_int_equal(verifications_of("verify=5", 12), all / 5);
}

/* The garbage is in cycles, so that counting alone does not free it. */
static void a_heap_that_is_full_is_verified(void **state) {
  enum { LIMIT = 8 << 20, OBJECTS = 1 << 20 };
  struct record r;
  (void)state;
  if (!gc_collector.reclaims_cycles)
    skip();
  gc_mutator *m = open_tuned(&r, "verify=1", LIMIT);
  {
    GC_FRAME(m, f, node);
    for (size_t i = 0; i < OBJECTS && r.verified == 0; i++) {
      gc_ref node = test_make(m, &f.node, test_node, i);
      assert_non_null(node);
      gc_set(m, node, 0, node);
    }
  }
  assert_true(r.verified > 0);
  test_close(m);
}

static void phases_have_names(void **state) {
  (void)state;
  for (int i = 0; i < GC_PHASE_COUNT; i++)
    for (int k = 0; k < i; k++)
      assert_string_not_equal(gc_phase_name((enum gc_phase)i),
                              gc_phase_name((enum gc_phase)k));
}

static void a_listener_can_be_taken_away(void **state) {
  struct record r;
  (void)state;
  gc_mutator *m = open_recorded(&r);
  gc_collect(m, GC_FULL);
  gc_listen(m->heap, NULL);
  size_t stops = r.stops;
  gc_collect(m, GC_FULL);
  assert_int_equal(r.stops, stops);
  test_close(m);
  assert_int_equal(r.ended, 0);
}

int conformance_events(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_collection_is_told),
      cmocka_unit_test(what_was_freed_is_told),
      cmocka_unit_test(leaks_are_told),
      cmocka_unit_test(nothing_leaks_without_rings),
      cmocka_unit_test(stops_do_not_overlap),
      cmocka_unit_test(each_nth_collection_is_verified),
      cmocka_unit_test(a_heap_that_is_full_is_verified),
      cmocka_unit_test(phases_have_names),
      cmocka_unit_test(a_listener_can_be_taken_away),
  };
  return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
