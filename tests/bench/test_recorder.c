/* SPDX-License-Identifier: MIT */
/* What a recorder computes from events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "bench/runner/recorder.h"

static struct recorder recorder; /* too large for the stack */
static struct gc_listener listener;

static int set_up(void **state) {
  (void)state;
  listener = recorder_listener(&recorder);
  if (!recorder_init(&recorder, 2))
    return -1;
  recorder_enter(&recorder, 1);
  recorder_arm(&recorder, true);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  recorder_finish(&recorder);
  return 0;
}

static void tell_pause_of(uint64_t request, uint64_t stopped, uint64_t end,
                          int generation, bool by_signal) {
  struct gc_pause pause = {.kind = "test",
                           .cause = "test",
                           .generation = generation,
                           .by_signal = by_signal,
                           .t_request = request,
                           .t_stopped = stopped,
                           .t_end = end,
                           .cpu_ns = 5,
                           .bytes_promoted = 100};
  pause.phase_ns[GC_PHASE_MARK] = 3;
  listener.resumed(listener.data, &pause);
}

static void tell_pause(uint64_t request, uint64_t stopped, uint64_t end,
                       int generation) {
  tell_pause_of(request, stopped, end, generation, false);
}

static void tell_slow(const char *kind, uint64_t begin, uint64_t end,
                      size_t objects) {
  struct gc_slow_event event = {kind, 0, begin, end, objects};
  listener.slow(listener.data, &event);
}

static void pauses_are_added_up(void **state) {
  (void)state;
  tell_pause(100, 110, 140, 0);
  tell_pause(200, 200, 210, 0);
  tell_pause(300, 350, 400, 0);
  tell_pause(500, 500, 501, -1);
  assert_int_equal(recorder.pause_count, 4);
  assert_int_equal(recorder.pause_ns.total, 4);
  assert_int_equal(recorder.pause_ns.greatest, 100);
  assert_int_equal(recorder.ttsp_ns.greatest, 50);
  assert_int_equal(recorder.paused_ns, 40 + 10 + 100 + 1);
  assert_int_equal(recorder.stopped_ns, 30 + 10 + 50 + 1);
  assert_int_equal(recorder.sum.cpu_ns, 20);
  assert_int_equal(recorder.sum.bytes_promoted, 400);
  assert_int_equal(recorder.sum.phase_ns[GC_PHASE_MARK], 12);
  /* This collector has one generation, so its collections are full. */
  assert_int_equal(recorder.collections[0], 0);
  assert_int_equal(recorder.collections[1], 0);
  assert_int_equal(recorder.collections[2], 3);
  assert_int_equal(recorder.other_stops, 1);
}

static void inline_work_is_added_up(void **state) {
  (void)state;
  tell_slow("cascade", 0, 10, 300);
  recorder_enter(&recorder, 0);
  tell_slow("reclaim", 5, 25, 0);
  tell_slow("grace", 30, 90, 0);
  tell_slow("stop", 90, 99, 0);
  assert_int_equal(recorder_work_ns(&recorder), 30);
}

static void tell_cycle(const char *kind, bool ends_cycle, bool is_degraded) {
  struct gc_pause pause = {
      .kind = kind, .ends_cycle = ends_cycle, .is_degraded = is_degraded};
  listener.resumed(listener.data, &pause);
}

/* The second cycle is marked while the world is stopped, the third one swept;
   the fourth is given up. */
static void cycles_are_counted(void **state) {
  (void)state;
  tell_cycle("end", true, false);
  tell_cycle("degraded", true, true);
  tell_cycle("end", true, false);
  tell_cycle("degraded", false, true);
  tell_cycle("full", false, true);
  tell_cycle("full", false, false);
  recorder_arm(&recorder, false);
  tell_cycle("degraded", true, true);
  assert_int_equal(recorder.concurrent_cycles, 3);
  assert_int_equal(recorder.degraded_cycles, 3);
}

static void unarmed_it_hears_nothing(void **state) {
  (void)state;
  recorder_arm(&recorder, false);
  tell_pause(100, 110, 140, 0);
  tell_slow("cascade", 100, 140, 9);
  assert_int_equal(recorder.pause_count, 0);
  assert_int_equal(recorder_cascade_max(&recorder), 0);
}

static void the_longest_cascade_counts(void **state) {
  (void)state;
  tell_slow("cascade", 0, 1, 12);
  recorder_enter(&recorder, 0);
  tell_slow("cascade", 0, 1, 30);
  tell_slow("cascade", 0, 1, 7);
  tell_slow("drain", 0, 1, 1000);
  assert_int_equal(recorder_cascade_max(&recorder), 30);
}

static void assert_mmu(const struct recorder_utilisation *u, uint64_t window,
                       double of_system, double of_worst) {
  struct recorder_least mmu, bmu;
  assert_true(recorder_mmu(u, window, &mmu, &bmu));
  assert_true(mmu.of_system > of_system - 1e-12);
  assert_true(mmu.of_system < of_system + 1e-12);
  assert_true(mmu.of_worst > of_worst - 1e-12);
  assert_true(mmu.of_worst < of_worst + 1e-12);
  assert_true(bmu.of_system <= mmu.of_system && bmu.of_worst <= mmu.of_worst);
}

/* A run from 0 to 1000. Both threads are stopped by signal from 100 to 200; the
   second is held up from 150 to 300 as well, which makes 200 in one piece.
   w = 100: nobody gets on from 100 to 200.
   w = 200: the second none of it; both together 100 + 200 of 400.
   w = 1000: 100 and 200 of 1000 each. */
static void a_pause_holds_up_all_and_a_drain_its_thread(void **state) {
  (void)state;
  tell_pause_of(100, 120, 200, 0, true);
  tell_slow("drain", 150, 300, 10);
  struct recorder_utilisation u;
  assert_true(recorder_utilisation_init(&u, &recorder, 0, 1000, NULL));
  assert_mmu(&u, 100, 0, 0);
  assert_mmu(&u, 200, 0.25, 0);
  assert_mmu(&u, 1000, 0.85, 0.8);
  struct recorder_least mmu, bmu;
  assert_false(recorder_mmu(&u, 1001, &mmu, &bmu));
  recorder_utilisation_finish(&u);
}

/* A pause from 100 to 200. One thread asked for it; the other ran until 160. */
static void a_thread_is_held_up_from_its_own_stop_on(void **state) {
  (void)state;
  tell_pause(100, 160, 200, 0);
  tell_slow("stop", 100, 200, 0);
  recorder_enter(&recorder, 0);
  tell_slow("stop", 160, 205, 0);
  struct recorder_utilisation u;
  assert_true(recorder_utilisation_init(&u, &recorder, 0, 1000, NULL));
  assert_mmu(&u, 100, 1 - 140.0 / 200, 0);
  assert_mmu(&u, 1000, 1 - 145.0 / 2000, 0.9);
  recorder_utilisation_finish(&u);
}

/* A pause from 100 to 200, and the machine lost 90 to 150 and 190 to 400. So
   40 of the pause are left, in one piece. */
static void what_the_machine_lost_is_taken_out(void **state) {
  (void)state;
  struct mmu_interval items[] = {{90, 150}, {190, 400}};
  struct mmu_lane lost = {items, 2};
  tell_slow("stop", 100, 200, 0);
  recorder_enter(&recorder, 0);
  tell_slow("stop", 100, 200, 0);
  struct recorder_utilisation u;
  assert_true(recorder_utilisation_init(&u, &recorder, 0, 1000, &lost));
  assert_mmu(&u, 40, 0, 0);
  assert_mmu(&u, 100, 0.6, 0.6);
  recorder_utilisation_finish(&u);
}

/* No figure is better than a flattering one. */
static void what_was_lost_leaves_utilisation_unmeasured(void **state) {
  (void)state;
  for (size_t i = 0; i < RECORDER_SLOW; i++)
    tell_slow("drain", i, i + 1, 1);
  struct recorder_utilisation u;
  assert_true(recorder_utilisation_init(&u, &recorder, 0, 1000, NULL));
  recorder_utilisation_finish(&u);
  tell_slow("drain", 5, 6, 1);
  assert_false(recorder_utilisation_init(&u, &recorder, 0, 1000, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(pauses_are_added_up),
      TEST(cycles_are_counted),
      TEST(unarmed_it_hears_nothing),
      TEST(the_longest_cascade_counts),
      TEST(inline_work_is_added_up),
      TEST(a_pause_holds_up_all_and_a_drain_its_thread),
      TEST(a_thread_is_held_up_from_its_own_stop_on),
      TEST(what_the_machine_lost_is_taken_out),
      TEST(what_was_lost_leaves_utilisation_unmeasured),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
