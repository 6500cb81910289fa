/* SPDX-License-Identifier: MIT */
/* Latencies of a few requests, computed by hand, and an open loop whose server
   pauses. Values under 256 are exact in a histogram. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bench/runner/hiccup.h"
#include "bench/runner/service.h"

/* --- by hand -------------------------------------------------------------- */

static void assert_values(const struct histogram *h, size_t count,
                          const uint64_t *ascending) {
  assert_int_equal(h->total, count);
  for (size_t i = 0; i < count; i++) {
    double p = (double)(i + 1) / (double)count;
    assert_int_equal(histogram_percentile(h, p), ascending[i]);
  }
}

static void service_and_response(void **state) {
  static struct latency l;
  static const struct latency_event events[] = {
      {0, 0, 5}, {10, 30, 31}, {20, 31, 35}};
  (void)state;
  latency_add_times(&l, events, 3);
  assert_values(&l.service, 3, (const uint64_t[]){1, 4, 5});
  assert_values(&l.response, 3, (const uint64_t[]){5, 15, 21});
}

/* One window contains all requests: the assumed begins are 0, 25, 50, 75, 100.
   Requests arrive in any order. */
static void metered_over_all(void **state) {
  static struct latency l;
  struct latency_event events[] = {
      {0, 90, 95}, {0, 0, 3}, {0, 10, 12}, {0, 100, 101}, {0, 20, 80}};
  (void)state;
  latency_add_metered(&l.metered, events, 5, LATENCY_FULL_RUN);
  assert_values(&l.metered, 5, (const uint64_t[]){1, 2, 3, 20, 60});
}

/* Half a window is 20.
   At 0: events 0 to 2 (at 20), 10 apart. At 10: 0 to 3 (at 100), 33.3 apart,
   as if at 33. At 20: from 0, the same, as if at 66. At 100: alone. */
static void metered_within_windows(void **state) {
  static struct latency l;
  struct latency_event events[] = {
      {0, 0, 3}, {0, 10, 50}, {0, 20, 90}, {0, 100, 104}};
  (void)state;
  latency_add_metered(&l.metered, events, 4, 40);
  assert_values(&l.metered, 4, (const uint64_t[]){3, 4, 40, 70});
}

/* A server paused from 10 to 60, and then answers at once the five requests
   that were due. Their metered times still show the pause. */
static void metered_tells_of_a_pause(void **state) {
  static struct latency l;
  struct latency_event events[] = {{0, 0, 1},   {0, 60, 61}, {0, 60, 62},
                                   {0, 60, 63}, {0, 60, 64}, {0, 60, 65},
                                   {0, 72, 73}};
  (void)state;
  latency_add_metered(&l.metered, events, 7, 1000);
  assert_values(&l.metered, 7, (const uint64_t[]){1, 1, 5, 16, 27, 38, 49});
}

static void nobody_asks(void **state) {
  static struct latency l;
  (void)state;
  latency_add_times(&l, NULL, 0);
  latency_add_metered(&l.metered, NULL, 0, 100);
  assert_int_equal(l.service.total + l.metered.total + l.response.total, 0);
}

/* --- an open loop --------------------------------------------------------- */

enum { REQUESTS = 400, SLOW_REQUEST = 100, PAUSE_NS = 20000000 };
static const double rate = 20000;
static unsigned served[REQUESTS];

static uint64_t count(const struct workload_setup *setup) {
  (void)setup;
  return REQUESTS;
}

static double rate_of_seed(const struct workload_setup *setup) {
  return setup->seed > 0 ? rate : 0;
}

static bool serve(struct workload_thread *t, uint64_t number) {
  t->figures.ops++;
  served[number]++;
  if (number == SLOW_REQUEST)
    hiccup_sleep_until(gc_now_ns() + PAUSE_NS);
  return number != t->setup->threads;
}

static const struct workload_service card = {count, rate_of_seed, serve};

/* The request numbered `fails` fails. Returns false if it did. */
static bool serve_all(struct service *s, uint64_t seed, unsigned fails) {
  struct workload_setup setup = {.threads = fails, .seed = seed};
  gc_heap *heap;
  memset(served, 0, sizeof served);
  assert_int_equal(gc_heap_create(&(struct gc_options){0}, &heap), 0);
  struct workload_thread t = {.m = gc_attach(heap), .setup = &setup};
  assert_true(service_init(s, &card, &setup));
  service_begin(s);
  bool ok = service_run(s, &t, gc_now_ns());
  gc_detach(t.m);
  gc_heap_destroy(heap);
  return ok;
}

static void nobody_is_served_early(void **state) {
  struct service s;
  (void)state;
  assert_true(serve_all(&s, 1, REQUESTS));
  for (size_t i = 0; i < REQUESTS; i++) {
    assert_int_equal(served[i], 1);
    assert_true(s.events[i].begin >= s.events[i].due);
    assert_true(s.events[i].end >= s.events[i].begin);
  }
  service_finish(&s);
}

/* A request that becomes due meanwhile waits, and its response time includes
   the wait. */
static void schedule_does_not_wait(void **state) {
  static struct latency l;
  struct service s;
  (void)state;
  assert_true(serve_all(&s, 1, REQUESTS));
  uint64_t end = s.events[SLOW_REQUEST].end;
  assert_true(end - s.events[SLOW_REQUEST].begin >= PAUSE_NS);
  unsigned late = 0;
  for (size_t i = SLOW_REQUEST + 1; i < REQUESTS; i++)
    late += s.events[i].due < end && s.events[i].begin >= end;
  assert_true(late > PAUSE_NS * rate / 1e9 / 2);
  service_measure(&s, &l);
  assert_int_equal(l.response.total, REQUESTS);
  assert_true(histogram_percentile(&l.response, 0.9) > PAUSE_NS / 4);
  service_finish(&s);
}

static void schedule_keeps_its_rate(void **state) {
  struct workload_setup setup = {.seed = 3};
  struct service s, again;
  (void)state;
  assert_true(service_init(&s, &card, &setup));
  assert_true(service_init(&again, &card, &setup));
  for (size_t i = 1; i < REQUESTS; i++)
    assert_true(s.schedule[i] >= s.schedule[i - 1]);
  assert_memory_equal(s.schedule, again.schedule,
                      REQUESTS * sizeof *s.schedule);
  double seconds = (double)s.schedule[REQUESTS - 1] / 1e9;
  assert_true(REQUESTS / seconds > rate * 0.8);
  assert_true(REQUESTS / seconds < rate * 1.2);
  service_finish(&s);
  service_finish(&again);
}

static void without_rate_nobody_waits(void **state) {
  struct service s;
  (void)state;
  assert_true(serve_all(&s, 0, REQUESTS));
  assert_null(s.schedule);
  for (size_t i = 0; i < REQUESTS; i++)
    assert_int_equal(s.events[i].due, s.events[i].begin);
  service_finish(&s);
}

static void failure_ends_all(void **state) {
  struct service s;
  (void)state;
  assert_false(serve_all(&s, 1, 7));
  assert_int_equal(served[7], 1);
  assert_int_equal(served[8], 0);
  service_finish(&s);
}

static void hiccups_are_seen(void **state) {
  static struct hiccup h;
  (void)state;
  uint64_t begin = gc_now_ns(), sum = 0;
  assert_true(hiccup_start(&h, 2));
  hiccup_sleep_until(gc_now_ns() + PAUSE_NS);
  hiccup_stop(&h);
  assert_true(h.late_ns.total > 0);
  assert_true(h.late_ns.greatest > 0);
  assert_true(h.is_complete);
  assert_int_equal(h.lost.count > 0, h.late_ns.greatest >= HICCUP_LEAST_NS);
  for (size_t i = 0; i < h.lost.count; i++) {
    assert_true(h.lost.items[i].begin >=
                (i > 0 ? h.lost.items[i - 1].end : begin));
    sum += h.lost.items[i].end - h.lost.items[i].begin;
  }
  assert_true(sum <= gc_now_ns() - begin);
  hiccup_finish(&h);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(service_and_response),
      cmocka_unit_test(metered_over_all),
      cmocka_unit_test(metered_within_windows),
      cmocka_unit_test(metered_tells_of_a_pause),
      cmocka_unit_test(nobody_asks),
      cmocka_unit_test(nobody_is_served_early),
      cmocka_unit_test(schedule_does_not_wait),
      cmocka_unit_test(schedule_keeps_its_rate),
      cmocka_unit_test(without_rate_nobody_waits),
      cmocka_unit_test(failure_ends_all),
      cmocka_unit_test(hiccups_are_seen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
