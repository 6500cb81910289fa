/* SPDX-License-Identifier: MIT */
/* One run, from warm-up to record, with a workload that does what each test
   requests. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/runner/report.h"
#include "heap/heap.h"

enum { THREADS = 3, OPS = 1000, KEPT_BYTES = 8 << 20, RINGS = 20000 };

/* The behaviour that the workload is to have, and the calls made to it. */
static struct {
  bool begin_fails, result_is_wrong, keeps, leaks;
  int thread_that_fails; /* -1: none */
  int begins, checks, ends;
  _Atomic int runs;
  int cores[THREADS], core[THREADS]; /* that each thread may use; the first */
  size_t peak_before, peak_after;    /* bytes held, in the last iteration */
  size_t peak_last;                  /* peak_after of the iteration before */
} script;

static pthread_barrier_t looked; /* no thread works before */
static gc_type blob_type, ring_type;
static gc_root kept;

static size_t no_bytes(const struct workload_setup *setup) {
  (void)setup;
  return 0;
}

static size_t all_bytes(const struct workload_setup *setup) {
  return gc_size_for(blob_type, KEPT_BYTES) +
         setup->threads * RINGS * gc_size_for(ring_type, 0);
}

static bool begin(struct workload_thread *t) {
  script.begins++;
  gc_global_add(t->m->heap, &kept);
  GC_FRAME(t->m, f, blob);
  if (script.keeps && gc_new_array(t->m, &f.blob, blob_type, KEPT_BYTES))
    gc_global_set(t->m, &kept, gc_root_get(&f.blob));
  t->shared = &script;
  return !script.begin_fails;
}

static bool make_ring(gc_mutator *m) {
  GC_FRAME(m, f, node);
  gc_ref node = gc_new(m, &f.node, ring_type);
  if (node != NULL)
    gc_set(m, node, 0, node);
  return node != NULL;
}

static void cores_look(unsigned index) {
  cpu_set_t set;
  assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
  script.cores[index] = CPU_COUNT(&set);
  while (!CPU_ISSET(script.core[index], &set))
    script.core[index]++;
}

static size_t peak_of(gc_heap *heap) {
  struct gc_memory_figures figures;
  gc_memory_figures(heap, &figures);
  return figures.held_peak;
}

static void peak_look(struct workload_thread *t) {
  if (t->index == 0) {
    script.peak_last = script.peak_after;
    script.peak_before = peak_of(t->m->heap);
  }
  gc_park(t->m);
  pthread_barrier_wait(&looked);
  gc_unpark(t->m);
}

static bool run(struct workload_thread *t) {
  script.runs++;
  peak_look(t);
  cores_look(t->index);
  t->figures.ops = OPS * (t->index + 1);
  t->figures.checksum = workload_random_next(&t->random);
  for (int i = 0; script.leaks && i < RINGS; i++)
    if (!make_ring(t->m))
      return false;
  return t->shared == &script && script.thread_that_fails != (int)t->index;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  script.checks++;
  script.peak_after = peak_of(main->m->heap);
  for (unsigned i = 0; i < main->setup->threads; i++)
    assert_int_equal(threads[i].figures.ops, OPS * (i + 1));
  return script.result_is_wrong ? "two and two\nmade five" : NULL;
}

static void end(struct workload_thread *t) {
  script.ends++;
  gc_global_remove(t->m, &kept);
}

static const struct workload_param params[] = {
    {"first", 0, 9, {1, 2, 3}, "a number"},
    {"second", 0, 99, {10, 20, 30}, "another"},
    {0},
};

static struct workload told = {
    .name = "told",
    .params = params,
    .live_bytes = no_bytes,
    .alloc_bytes = all_bytes,
    .begin = begin,
    .run = run,
    .check = check,
    .end = end,
};

static struct session_result result;

static int set_up(void **state) {
  (void)state;
  if (blob_type == 0) {
    blob_type = gc_type_define(
        &(struct gc_type_desc){.name = "blob", .tail = GC_BYTE_TAIL});
    ring_type = gc_type_define(
        &(struct gc_type_desc){.name = "ring", .refs = 1, .bytes = 16});
  }
  memset(&script, 0, sizeof script);
  script.thread_that_fails = -1;
  told.makes_cycles = told.makes_world = false;
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  session_result_finish(&result);
  return 0;
}

static struct options plain_options(int64_t warmups_max) {
  return (struct options){
      .workload = &told,
      .setup = {.threads = THREADS, .seed = 7, .param = {1, 10}},
      .warmups_max = warmups_max};
}

static enum exit_code run_told(int64_t warmups_max) {
  struct options options = plain_options(warmups_max);
  session_run(&options, NULL, &result);
  return result.code;
}

/* --- what is done --------------------------------------------------------- */

static void without_warm_up_it_runs_once(void **state) {
  (void)state;
  assert_int_equal(run_told(0), EXIT_FINE);
  assert_int_equal(result.warmups, 0);
  assert_int_equal(script.begins, 1);
  assert_int_equal(script.runs, THREADS);
  assert_int_equal(script.checks, 1);
  assert_int_equal(script.ends, 1);
}

/* Runs this short need not agree within 2 %. */
static void warm_up_ends(void **state) {
  (void)state;
  assert_int_equal(run_told(5), EXIT_FINE);
  assert_in_range(result.warmups, 3, 5);
  assert_int_equal(script.begins, result.warmups + 1);
  assert_int_equal(script.runs, (result.warmups + 1) * THREADS);
  assert_int_equal(script.ends, script.begins);
}

static void threads_are_added_up(void **state) {
  (void)state;
  assert_int_equal(run_told(0), EXIT_FINE);
  assert_int_equal(result.figures.ops, 6 * OPS);
  assert_int_equal(result.ops_least, OPS);
  assert_int_equal(result.ops_most, 3 * OPS);
  /* of 1, 2, 3: the deviation is the root of 2/3, the mean 2 */
  assert_true(result.ops_variation > 0.40824 && result.ops_variation < 0.40826);
  assert_true(result.end > result.begin);
}

static void a_seed_decides_the_checksum(void **state) {
  (void)state;
  run_told(0);
  uint64_t first = result.figures.checksum;
  session_result_finish(&result);
  run_told(1);
  assert_true(result.figures.checksum == first);
  session_result_finish(&result);
  struct options other = plain_options(0);
  other.setup.seed = 8;
  session_run(&other, NULL, &result);
  assert_true(result.figures.checksum != first);
}

static int clock_starts, clock_stops;

static void count_clock(void *data, bool is_running) {
  (void)data;
  assert_int_equal(clock_starts, clock_stops + !is_running);
  clock_starts += is_running;
  clock_stops += !is_running;
}

static void the_clock_runs_once(void **state) {
  (void)state;
  struct options options = plain_options(5);
  clock_starts = clock_stops = 0;
  session_run(&options, &(struct session_clock){count_clock, NULL}, &result);
  assert_int_equal(clock_starts, 1);
  assert_int_equal(clock_stops, 1);
}

/* --- what the machine gives ----------------------------------------------- */

static void threads_are_pinned(void **state) {
  (void)state;
  struct options options = plain_options(0);
  cpu_set_t set;
  assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
  int cores = CPU_COUNT(&set);
  options.pins = true;
  session_run(&options, NULL, &result);
  assert_int_equal(result.code, EXIT_FINE);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(script.cores[i], 1);
    for (int j = 0; j < i; j++)
      assert_true((script.core[i] == script.core[j]) ==
                  (i % cores == j % cores));
  }
  session_result_finish(&result);
  assert_int_equal(run_told(0), EXIT_FINE);
  assert_int_equal(script.cores[0], cores);
}

/* The heap was nearly full before the run, in which nothing is allocated. The
   peak in the record is that of the run. */
static void a_heap_is_filled_before(void **state) {
  enum { BYTES = 16 << 20 };
  (void)state;
  if (!gc_collector.limits || !gc_collector.reclaims)
    skip();
  struct options options = plain_options(0);
  options.heap_bytes = BYTES;
  options.prefaults = true;
  session_run(&options, NULL, &result);
  assert_int_equal(result.code, EXIT_FINE);
  assert_in_range(result.memory.held_peak, BYTES / 4 * 3, BYTES);
  char *record = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&record, &size);
  report_write(out, &options, &result);
  fclose(out);
  assert_true(strtoull(strstr(record, "\nheld_peak ") + 11, NULL, 10) ==
              result.sampler.held.peak);
  free(record);
}

/* A heap that is new for each iteration has been filled about as far as the one
   before it. */
static void a_new_heap_is_filled_as_the_one_before(void **state) {
  (void)state;
  if (!gc_collector.reclaims || !gc_collector.precise)
    skip();
  told.makes_world = told.makes_cycles = true;
  script.leaks = true;
  assert_int_equal(run_told(0), EXIT_FINE);
  size_t empty = script.peak_before;
  assert_in_range(empty, 1, script.peak_after);
  session_result_finish(&result);
  assert_int_equal(run_told(1), EXIT_FINE);
  /* how many rings are found dead in time differs from run to run; so does what
     a collector holds that works beside the program; a thread that fills holds
     pieces of memory that are partly empty */
  enum { MAY_DIFFER = 1 << 20, PIECE = 64 << 10 };
  size_t filled = script.peak_last;
  size_t more = filled > empty ? filled - empty : 0;
  size_t least = filled - more / 8 * 7;
  assert_in_range(script.peak_before,
                  least > MAY_DIFFER ? least - MAY_DIFFER : 1,
                  2 * filled + THREADS * PIECE);
}

/* --- what goes wrong ------------------------------------------------------ */

static void a_wrong_result_is_told(void **state) {
  (void)state;
  script.result_is_wrong = true;
  assert_int_equal(run_told(5), EXIT_FAILED);
  assert_string_equal(session_status(&result), "wrong");
  assert_non_null(strstr(result.error, "two and two"));
  assert_int_equal(script.begins, 1); /* and not retried */
  assert_int_equal(script.ends, 1);
}

static void no_memory_to_begin_with(void **state) {
  (void)state;
  script.begin_fails = true;
  assert_int_equal(run_told(0), EXIT_MEMORY);
  assert_string_equal(session_status(&result), "oom");
  assert_int_equal(script.runs, 0);
  assert_int_equal(script.checks, 0);
  assert_int_equal(script.ends, 1);
}

static void no_memory_on_one_thread(void **state) {
  (void)state;
  script.thread_that_fails = 1;
  assert_int_equal(run_told(0), EXIT_MEMORY);
  assert_string_equal(session_status(&result), "oom");
  assert_int_equal(script.runs, THREADS);
  assert_int_equal(script.checks, 0);
  assert_int_equal(script.ends, 1);
}

static void a_heap_too_small(void **state) {
  (void)state;
  if (!gc_collector.limits || !gc_collector.reclaims)
    skip();
  told.makes_cycles = script.leaks = script.keeps = true;
  struct options options = plain_options(0);
  options.heap_bytes = 64 << 10;
  session_run(&options, NULL, &result);
  if (gc_collector.reclaims_cycles)
    skip(); /* this collector can work with so little memory */
  assert_int_equal(result.code, EXIT_MEMORY);
  assert_int_equal(result.heap_bytes, 64 << 10);
  assert_non_null(strstr(result.error, "65536"));
}

/* The heap has room for all that lives, and for half of what leaks. */
static void a_leak_is_told(void **state) {
  (void)state;
  if (!gc_collector.counts || gc_collector.reclaims_cycles)
    skip();
  told.makes_cycles = script.leaks = true;
  struct options options = plain_options(0);
  options.heap_bytes = 1 << 20;
  session_run(&options, NULL, &result);
  assert_int_equal(result.code, EXIT_MEMORY);
  assert_in_range(result.garbage_end, 512 << 10, 1 << 20);
  char words[128];
  snprintf(words, sizeof words,
           "%zu of 1048576 bytes are garbage cycles that %s never frees",
           result.garbage_end, gc_collector.name);
  assert_non_null(strstr(result.error, words));
}

/* --- what is left at the end ---------------------------------------------- */

static void what_is_kept_is_live(void **state) {
  (void)state;
  if (!gc_collector.reclaims || !gc_collector.precise)
    skip();
  script.keeps = true;
  assert_int_equal(run_told(1), EXIT_FINE);
  assert_in_range(result.live_end, KEPT_BYTES, KEPT_BYTES / 4 * 5 + 4096);
  assert_true(result.garbage_end < KEPT_BYTES / 8);
}

/* The leaks of one iteration, without those of the warm-up before it. */
static void what_leaks_is_garbage(void **state) {
  (void)state;
  if (!gc_collector.reclaims || !gc_collector.precise)
    skip();
  script.leaks = told.makes_cycles = true;
  assert_int_equal(run_told(2), EXIT_FINE);
  size_t leaked = gc_collector.reclaims_cycles
                      ? 0
                      : THREADS * RINGS * gc_size_for(ring_type, 0);
  assert_in_range(result.garbage_end, leaked, leaked + leaked / 4 + (1 << 20));
}

/* --- the record ----------------------------------------------------------- */

static char *record_of(void) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  struct options options = plain_options(0);
  report_write(out, &options, &result);
  fclose(out);
  assert_non_null(text);
  return text;
}

static void a_record_names_its_columns(void **state) {
  (void)state;
  assert_int_equal(run_told(0), EXIT_FINE);
  char *record = record_of();
  assert_non_null(strstr(record, "\nstatus ok\n"));
  assert_non_null(strstr(record, "\nexit_code 0\n"));
  assert_non_null(strstr(record, "\nparams first=1;second=10\n"));
  assert_non_null(strstr(record, "\nops 6000\n"));
  assert_non_null(strstr(record, "\nwall_ns "));
  assert_non_null(strstr(record, "\nops_thread_min 1000\n"));
  assert_null(strstr(record, "\nerror "));
  assert_null(strstr(record, "mmu_system_1000ms")); /* the run was shorter */
  free(record);
}

/* A time counts only if the result was right. A record has one line for each
   column, whatever a check reports. */
static void a_wrong_result_has_no_time(void **state) {
  (void)state;
  script.result_is_wrong = true;
  run_told(0);
  char *record = record_of();
  assert_non_null(strstr(record, "\nstatus wrong\n"));
  assert_non_null(strstr(record, "two and two made five\n"));
  assert_null(strstr(record, "wall_ns"));
  assert_null(strstr(record, "checksum"));
  free(record);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(without_warm_up_it_runs_once),
      TEST(warm_up_ends),
      TEST(threads_are_added_up),
      TEST(a_seed_decides_the_checksum),
      TEST(the_clock_runs_once),
      TEST(threads_are_pinned),
      TEST(a_heap_is_filled_before),
      TEST(a_new_heap_is_filled_as_the_one_before),
      TEST(a_wrong_result_is_told),
      TEST(no_memory_to_begin_with),
      TEST(no_memory_on_one_thread),
      TEST(a_heap_too_small),
      TEST(a_leak_is_told),
      TEST(what_is_kept_is_live),
      TEST(what_leaks_is_garbage),
      TEST(a_record_names_its_columns),
      TEST(a_wrong_result_has_no_time),
  };
  assert_int_equal(pthread_barrier_init(&looked, NULL, THREADS), 0);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
