/* SPDX-License-Identifier: MIT */
/* Runs the groups named as arguments, or all: each test on one thread and on
   four, with the collector as it is and with passes at every chance. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cycles/cycles.h"

static const struct {
  const char *name;
  const struct cycles_test *tests;
} groups[] = {
    {"python", cycles_python},   {"finalizers", cycles_finalizers},
    {"weak", cycles_weak},       {"passes", cycles_passes},
    {"buffers", cycles_buffers}, {"exchange", cycles_exchange},
};
enum { GROUPS = sizeof groups / sizeof groups[0] };

/* Added to the environment's tuning, unless the collector lacks the key. The
   last one stops passes as soon as possible. */
static const struct {
  const char *key, *tuning;
} variations[] = {
    {NULL, ""},
    {"candidates", "candidates=1"},
    {"budget_us", "candidates=1,budget_us=1"},
};
enum { VARIATIONS = sizeof variations / sizeof variations[0] };

static gc_mutator *open_heap(const struct cycles_test *test, unsigned threads,
                             const char *tuning) {
  const char *outer = getenv("SWEEPSTAKES_TUNING");
  char all[200];
  snprintf(all, sizeof all, "%s%s%s%s%s%s%s", outer ? outer : "",
           outer && *tuning ? "," : "", tuning,
           test->key && (outer || *tuning) ? "," : "",
           test->key ? test->key : "", test->key ? "=" : "",
           test->key ? test->value : "");
  gc_heap *heap = NULL;
  CHECK(gc_heap_create(
            &(struct gc_options){.heap_bytes = test->heap_bytes * threads,
                                 .tuning = all},
            &heap) == 0);
  gc_mutator *m = gc_attach(heap);
  CHECK(m != NULL);
  return m;
}

/* --- what the heap tells -------------------------------------------------- */

static void on_stopped(void *data, uint64_t t) {
  struct cycles_run *run = data;
  (void)t;
  atomic_store(&run->is_stopped, true);
}

static void on_resumed(void *data, const struct gc_pause *pause) {
  struct cycles_run *run = data;
  CHECK(pause->generation < CYCLES_GENERATIONS);
  if (pause->generation >= 0)
    atomic_fetch_add(&run->pauses[pause->generation], 1);
  atomic_fetch_add(&run->marked, pause->objects_marked);
  atomic_store(&run->is_stopped, false);
}

/* --- one test ------------------------------------------------------------- */

/* Finalizers that run at the end must find these roots unchanged. */
static void close_heap(gc_mutator *m) {
  gc_heap *heap = m->heap;
  for (int i = 0; i < CYCLES_THREADS; i++)
    gc_global_set(m, &cycles_saved[i], NULL);
  CHECK(gc_verify(m) == 0);
  gc_detach(m);
  gc_heap_destroy(heap);
}

static void run(const struct cycles_test *test, unsigned threads,
                const char *tuning) {
  uint64_t begun = gc_now_ns();
  printf("%-28s %u threads %-24s", test->name, threads, tuning);
  fflush(stdout);
  test_types_define();
  test_deaths_begin(CYCLES_IDS);
  gc_mutator *m = open_heap(test, threads, tuning);
  struct cycles_run shared = {.heap = m->heap, .tuning = tuning};
  for (int i = 0; i < CYCLES_THREADS; i++)
    gc_global_add(m->heap, &cycles_saved[i]);
  gc_listen(m->heap, &(struct gc_listener){.data = &shared,
                                           .stopped = on_stopped,
                                           .resumed = on_resumed});
  for (int i = 0; i <= GC_OLDEST && !test->is_automatic; i++)
    gc_threshold_set(m->heap, i, 0);
  test_threads_run(m, threads, test->run, &shared);
  close_heap(m);
  test_deaths_check();
  memset(cycles_saved, 0, sizeof cycles_saved);
  printf("  %6.2f s\n", (double)(gc_now_ns() - begun) / 1e9);
}

static void run_test(const struct cycles_test *test) {
  for (unsigned threads = 1; threads <= CYCLES_THREADS;
       threads += CYCLES_THREADS - 1)
    for (int i = 0; i < VARIATIONS; i++) {
      bool is_known =
          variations[i].key == NULL || cycles_has_key(variations[i].key);
      bool is_alike = i > 0 && (!test->is_automatic || test->is_heavy);
      if (is_known && !is_alike && (!test->key || cycles_has_key(test->key)))
        run(test, threads, variations[i].tuning);
    }
}

static bool run_group(const char *group) {
  const char *only = getenv("CYCLES_ONLY");
  for (int i = 0; i < GROUPS; i++) {
    if (strcmp(groups[i].name, group) != 0)
      continue;
    for (const struct cycles_test *test = groups[i].tests; test->name; test++)
      if (only == NULL || strcmp(only, test->name) == 0)
        run_test(test);
    return true;
  }
  fprintf(stderr, "no group of tests is called %s\n", group);
  return false;
}

int main(int argc, char **argv) {
  bool ok = true;
  printf("collector %s, SWEEPSTAKES_SEED=%llu\n", gc_collector.name,
         (unsigned long long)test_seed());
  for (int i = 1; i < argc; i++)
    ok = run_group(argv[i]) && ok;
  for (int i = 0; argc == 1 && i < GROUPS; i++)
    run_group(groups[i].name);
  return !ok;
}
