/* SPDX-License-Identifier: MIT */
/* Every workload at small parameters on 1, 2 and 4 threads. Its result is
   right and repeatable, its live peak is the most that was reachable, and
   without memory it ends cleanly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/support.h"
#include "tests/workloads/spy.h"

enum { ARGUMENTS_MAX = 12 };

struct sample {
  uint64_t checksum; /* of one thread, seed 1; the same in every collector */
  const char *arguments[ARGUMENTS_MAX]; /* as the command line has them */
};

/* Small enough to look at the whole heap at each safepoint. */
static const struct sample samples[] = {
    {0x3e8, {"--run=empty", "--param=ops=1000"}},
    {0x183,
     {"--run=binary_trees", "--param=live_depth=5", "--param=array=100",
      "--param=least_depth=2", "--param=greatest_depth=5",
      "--param=work_depth=5"}},
    {0x42e,
     {"--run=binary_trees", "--param=live_depth=9", "--param=array=1",
      "--param=least_depth=3", "--param=greatest_depth=3",
      "--param=work_depth=3", "--param=holes=1"}},
    {0x3eee,
     {"--run=rings", "--param=rings=60", "--param=nodes=3", "--param=bytes=24",
      "--param=acyclic=30", "--param=kept=10"}},
    {0x62c46,
     {"--run=rings", "--param=rings=3", "--param=nodes=300", "--param=kept=5",
      "--param=acyclic=50"}},
    {0x1f7d, {"--run=cells", "--param=cells=10", "--param=ops=2000"}},
    {0x1a58,
     {"--run=cells", "--param=cells=33", "--param=ops=1000",
      "--param=stores=60", "--param=spread=1"}},
    {0xfc4, {"--run=hot_object", "--param=objects=5", "--param=ops=2000"}},
    {0x3fe,
     {"--run=hot_object", "--param=objects=2", "--param=ops=2000",
      "--param=immortal=1"}},
    {0xd2054ac256942f9c,
     {"--run=long_list", "--param=nodes=300", "--param=lists=2"}},
    {0xd2054ac256942f9c,
     {"--run=long_list", "--param=nodes=300", "--param=lists=2",
      "--param=shuffled=1"}},
    {0x6d,
     {"--run=quads", "--param=depth=3", "--param=small_depth=2",
      "--param=rounds=8"}},
    {0x37879c2b42e66a7e,
     {"--run=splay", "--param=nodes=12", "--param=iterations=1",
      "--param=payload_depth=2"}},
    {0xafd7,
     {"--run=fifo", "--param=window=1048576", "--param=bytes=65536",
      "--param=objects=60"}},
    {0xdc362a19a363f63b,
     {"--run=large_objects", "--param=arrays=3", "--param=least=4096",
      "--param=greatest=65536", "--param=refs=50", "--param=small=5",
      "--param=ops=40"}},
    {0xbd0000001738,
     {"--run=lru_cache", "--param=entries=16", "--param=keys=4",
      "--param=stripes=4", "--param=greatest=512", "--param=ops=500"}},
    {0x770000000ab4,
     {"--run=lru_cache", "--param=entries=7", "--param=keys=9",
      "--param=stripes=2", "--param=ops=200", "--param=private=1"}},
    {0x26b,
     {"--run=graph", "--param=nodes=60", "--param=component=10",
      "--param=edges=3", "--param=period=5", "--param=ops=300"}},
    {0x1c5,
     {"--run=graph", "--param=nodes=60", "--param=component=10",
      "--param=cyclic=0", "--param=period=5", "--param=ops=300"}},
    {0x96e,
     {"--run=graph", "--param=nodes=60", "--param=component=20",
      "--param=cyclic=100", "--param=period=5", "--param=ops=300"}},
    {0x19f969bcf91, {"--run=boxing", "--param=ops=2000", "--param=small=60"}},
    {0xda80d17609,
     {"--run=boxing", "--param=ops=2000", "--param=cache=0",
      "--param=mortal=1"}},
    {0xa05f,
     {"--run=interning", "--param=words=150", "--param=texts=3",
      "--param=length=100"}},
    {0x3bbaa,
     {"--run=interning", "--param=words=700", "--param=texts=1",
      "--param=length=0", "--param=immortal=1"}},
    {0xa11c0,
     {"--run=dictionary", "--param=least=3", "--param=greatest=6",
      "--param=sweeps=2"}},
    {0xaf32, {"--run=queue", "--param=length=7", "--param=items=300"}},
    {0x604000135cd,
     {"--run=larson", "--param=objects=20", "--param=rounds=5",
      "--param=ops=30"}},
    {0x91b,
     {"--run=phases", "--param=chains=5", "--param=nodes=6", "--param=work=40",
      "--param=phases=3"}},
    {0x91b,
     {"--run=phases", "--param=chains=5", "--param=nodes=6", "--param=work=40",
      "--param=phases=3", "--param=overlap=1"}},
    {0x899b5,
     {"--run=demographics", "--param=preset=0", "--param=objects=400"}},
    {0x5e8c14,
     {"--run=demographics", "--param=preset=1", "--param=objects=400"}},
    {0xa5a16,
     {"--run=demographics", "--param=preset=2", "--param=objects=400"}},
    {0xadb62,
     {"--run=demographics", "--param=preset=3", "--param=objects=400"}},
    {0x23688,
     {"--run=demographics", "--param=preset=4", "--param=objects=400"}},
    {0x3f90e,
     {"--run=demographics", "--param=preset=5", "--param=objects=400"}},
    {0x37df,
     {"--run=requests", "--param=rate=100000", "--param=requests=60",
      "--param=arena=7", "--param=sessions=9", "--param=shared=50"}},
    {0x652f2,
     {"--run=requests", "--param=rate=0", "--param=requests=9",
      "--param=arena=300", "--param=sessions=1", "--param=shared=0"}},
    {0xf9da3,
     {"--run=hyperalloc", "--param=rate=0", "--param=allocate=1",
      "--param=live=0"}},
    {0x6ea,
     {"--run=latency_ring", "--param=window=7", "--param=pushes=60",
      "--param=bytes=300"}},
    {0x2a2,
     {"--run=ephemerons", "--param=chain=15", "--param=chains=2",
      "--param=keys=17"}},
    {0x2, {"--run=earley", "--param=length=1", "--param=parses=1"}},
    {0x70, {"--run=earley", "--param=length=5", "--param=parses=2"}},
    {0xae, {"--run=earley", "--param=length=6", "--param=parses=1"}},
    {0x690,
     {"--run=mperm", "--param=rounds=3", "--param=length=4", "--param=queue=3",
      "--param=removed=2"}},
    {0x2,
     {"--run=mperm", "--param=rounds=2", "--param=length=1",
      "--param=queue=1"}},
    {0xaf6b,
     {"--run=cyclotron", "--param=cycle=3", "--param=payload=20",
      "--param=live=40", "--param=nodes=300", "--param=cyclic=60"}},
    {0x2baa,
     {"--run=cyclotron", "--param=cycle=50", "--param=payload=0",
      "--param=live=40", "--param=nodes=120"}},
    {0x2100000006aa,
     {"--run=havlak", "--param=dummies=5", "--param=outer=2",
      "--param=middle=2", "--param=inner=1", "--param=rounds=2"}},
    {0xc784,
     {"--run=deltablue", "--param=length=9", "--param=edits=3",
      "--param=rounds=2"}},
    {0x497,
     {"--run=deltablue", "--param=length=1", "--param=edits=0",
      "--param=rounds=1"}},
    {0x186,
     {"--run=cd", "--param=aircraft=10", "--param=frames=200",
      "--param=rounds=1"}},
    {0xe0423783,
     {"--run=json", "--param=requests=20", "--param=texts=3", "--param=least=8",
      "--param=greatest=40", "--param=kept=2"}},
    {0x29,
     {"--run=scheme", "--param=program=1", "--param=full=0",
      "--param=rounds=1"}},
    {0xfe,
     {"--run=scheme", "--param=program=2", "--param=full=0",
      "--param=rounds=2"}},
    {0x5,
     {"--run=scheme", "--param=program=3", "--param=full=0",
      "--param=rounds=1"}},
    {0x6,
     {"--run=scheme", "--param=program=4", "--param=full=0",
      "--param=rounds=2"}},
    {0x2e,
     {"--run=scheme", "--param=program=6", "--param=full=0",
      "--param=rounds=1"}},
    {0x32,
     {"--run=scheme", "--param=program=7", "--param=full=0",
      "--param=rounds=1"}},
    {0x18ecb6,
     {"--run=hyperalloc", "--param=rate=4096", "--param=allocate=1",
      "--param=live=1", "--param=least=8192", "--param=greatest=65536"}},
    /* last: too large for the checker, which moves all objects again and again
     */
    {0x17330, {"--run=nboyer", "--param=n=0", "--param=shared=1"}},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static int sample_count(void) {
  return gc_collector.moves ? SAMPLES - 1 : SAMPLES;
}

/* Large enough for a heap to be too small. */
static const struct sample hungry[] = {
    {0,
     {"--run=binary_trees", "--param=live_depth=14", "--param=array=10000",
      "--param=work_depth=12", "--param=holes=1"}},
    {0, {"--run=rings", "--param=rings=60000", "--param=kept=20000"}},
    {0, {"--run=cells", "--param=cells=100000", "--param=ops=50000"}},
    {0, {"--run=hot_object", "--param=objects=100000", "--param=ops=1000"}},
    {0, {"--run=long_list", "--param=nodes=100000", "--param=lists=2"}},
    {0,
     {"--run=long_list", "--param=nodes=60000", "--param=lists=2",
      "--param=shuffled=1"}},
    {0, {"--run=quads", "--param=depth=7", "--param=rounds=20"}},
    {0, {"--run=splay", "--param=nodes=600", "--param=iterations=2"}},
    {0, {"--run=fifo", "--param=window=4194304", "--param=objects=100000"}},
    {0, {"--run=large_objects", "--param=ops=60", "--param=small=50"}},
    {0, {"--run=lru_cache", "--param=entries=4000", "--param=ops=4000"}},
    {0, {"--run=graph", "--param=nodes=50000", "--param=ops=10000"}},
    {0, {"--run=interning", "--param=words=20000", "--param=texts=3"}},
    {0, {"--run=dictionary", "--param=greatest=13"}},
    {0, {"--run=queue", "--param=length=50000", "--param=items=100000"}},
    {0, {"--run=larson", "--param=rounds=3", "--param=ops=3000"}},
    {0, {"--run=phases", "--param=work=1000", "--param=phases=3"}},
    {0, {"--run=demographics", "--param=preset=4", "--param=objects=100000"}},
    {0, {"--run=requests", "--param=rate=0", "--param=requests=100"}},
    {0, {"--run=hyperalloc", "--param=rate=0", "--param=allocate=1"}},
    {0, {"--run=latency_ring", "--param=pushes=20000"}},
    {0,
     {"--run=ephemerons", "--param=chain=20000", "--param=chains=2",
      "--param=keys=20000"}},
    {0, {"--run=nboyer", "--param=n=1"}},
    {0, {"--run=earley", "--param=length=10"}},
    {0, {"--run=mperm", "--param=length=7", "--param=rounds=2"}},
    {0, {"--run=cyclotron", "--param=nodes=100000"}},
    {0, {"--run=havlak", "--param=dummies=2000", "--param=rounds=1"}},
    {0, {"--run=deltablue", "--param=length=3000", "--param=rounds=2"}},
    {0, {"--run=cd", "--param=aircraft=1500", "--param=frames=3"}},
    {0, {"--run=json", "--param=requests=100", "--param=kept=4"}},
    {0, {"--run=scheme", "--param=program=1"}},
};
enum { HUNGRY = sizeof hungry / sizeof hungry[0] };

/* Prints the sample, for readers of a failure. */
static struct options options_of(const struct sample *sample, unsigned threads,
                                 const char *tuning) {
  char *argv[ARGUMENTS_MAX + 1] = {(char *)"test"};
  int argc = 1;
  print_message("  %u threads:", threads);
  for (; sample->arguments[argc - 1] != NULL; argc++) {
    argv[argc] = (char *)sample->arguments[argc - 1];
    print_message(" %s", argv[argc]);
  }
  print_message("\n");
  struct options options;
  assert_int_equal(options_parse(&options, argc, argv), EXIT_FINE);
  options.setup.threads = threads;
  options.tuning = tuning;
  return options;
}

static void result_is_right(const struct spy *spy) {
  if (spy->result.code != EXIT_FINE)
    fail_msg("%s", spy->result.error);
}

/* Of a bound, see live_is_bound in workloads/workload.h. */
enum { LOOSEST = 2 };

/* Does what the card claims about live bytes agree with the peak that the trace
   found? If not, writes why to `why`. */
static bool live_claim_holds(const struct workload *w, unsigned threads,
                             size_t claimed, size_t found, char *why,
                             size_t size) {
  bool is_exact = threads == 1 && !w->live_is_bound;
  bool is_loose = threads == 1 && claimed / LOOSEST > found;
  if (is_exact ? found == claimed : found <= claimed && !is_loose)
    return true;
  snprintf(
      why, size,
      "with threads=%u, live_bytes of the card of %s claims a peak of %s%zu "
      "bytes, but the trace of the heap found a peak of %zu reachable "
      "bytes%s",
      threads, w->name, is_exact ? "" : "at most ", claimed, found,
      is_loose && !is_exact ? ", less than half" : "");
  return false;
}

static void live_claim_is_right(const struct options *options,
                                const struct spy *spy) {
  char why[400];
  if (!live_claim_holds(options->workload, options->setup.threads,
                        options->workload->live_bytes(&options->setup),
                        spy->reachable_peak, why, sizeof why))
    fail_msg("%s", why);
}

static void a_wrong_live_claim_is_told(void **state) {
  static const struct workload exact = {.name = "exact"};
  static const struct workload bound = {.name = "bound", .live_is_bound = true};
  char why[400];
  (void)state;
  assert_true(live_claim_holds(&exact, 1, 1000, 1000, why, sizeof why));
  assert_true(live_claim_holds(&exact, 2, 1000, 900, why, sizeof why));
  assert_true(live_claim_holds(&bound, 1, 1000, 600, why, sizeof why));
  assert_false(live_claim_holds(&exact, 2, 1000, 1008, why, sizeof why));
  assert_false(live_claim_holds(&bound, 1, 1000, 1008, why, sizeof why));
  assert_false(live_claim_holds(&bound, 1, 1000, 400, why, sizeof why));
  assert_non_null(strstr(why, "at most 1000 bytes"));
  assert_false(live_claim_holds(&exact, 1, 1000, 992, why, sizeof why));
  assert_string_equal(why, "with threads=1, live_bytes of the card of exact "
                           "claims a peak of 1000 bytes, but the trace of the "
                           "heap found a peak of 992 reachable bytes");
}

/* If the world stops at each safepoint, no peak is missed. That need not be for
   a bound, and the smallest sample of nboyer is too large for it. */
static const char *stress_of(const struct options *options, const char *often) {
  bool is_large = strcmp(options->workload->name, "nboyer") == 0;
  return is_large ? "stress=4999" : often;
}

static void live_peak_is_exact(void **state) {
  static struct spy spy;
  (void)state;
  /* One thread, and so many stops that the thread sanitizer takes minutes. */
  if (gc_collector.stress == NULL || GC_TSAN)
    skip();
  for (int i = 0; i < sample_count(); i++) {
    struct options options = options_of(&samples[i], 1, NULL);
    options.tuning = stress_of(&options, "stress=1");
    spy_trace(&spy, &options);
    result_is_right(&spy);
    assert_true(spy.stops > 0);
    live_claim_is_right(&options, &spy);
    spy_finish(&spy);
  }
}

/* Threads need not reach their peaks at the same time. With the thread
   sanitizer stops take most of the time, and a bound needs no certain number of
   them. */
static void live_peak_bounds_threads(void **state) {
  static struct spy spy;
  (void)state;
  if (gc_collector.stress == NULL)
    skip();
  for (int i = 0; i < sample_count(); i++) {
    unsigned threads = i % 2 == 0 ? 2 : 4;
    struct options options = options_of(&samples[i], threads, NULL);
    options.tuning = stress_of(&options, GC_TSAN ? "stress=97" : "stress=7");
    spy_trace(&spy, &options);
    result_is_right(&spy);
    live_claim_is_right(&options, &spy);
    spy_finish(&spy);
  }
}

/* On one thread to as many as a workload is meant to scale to. */
enum { DOUBLINGS = 5 };
_Static_assert(1 << (DOUBLINGS - 1) <= SPY_THREADS_MAX, "all have figures");

/* Sanitizers and the checker make many threads on few cores slow. Then only
   some samples have more than four. */
static unsigned threads_most(int sample) {
  bool is_slow = GC_SYSTEM_MALLOC || gc_collector.moves;
  return 1u << (is_slow && sample % 4 != 0 ? 2 : DOUBLINGS - 1);
}

static void sample_repeats(const struct sample *sample, unsigned threads) {
  static struct spy first, again;
  struct options options = options_of(sample, threads, NULL);
  spy_run(&first, &options, 100);
  result_is_right(&first);
  spy_run(&again, &options, 100);
  result_is_right(&again);
  assert_true(first.result.figures.ops > 0);
  assert_int_equal(first.result.figures.ops, again.result.figures.ops);
  if (threads == 1) {
    assert_int_equal(first.figures[0].checksum, sample->checksum);
    assert_int_equal(again.figures[0].checksum, sample->checksum);
  }
  spy_finish(&first);
  spy_finish(&again);
}

static void result_is_right_and_repeats(void **state) {
  (void)state;
  for (int i = 0; i < sample_count(); i++)
    for (unsigned threads = 1; threads <= threads_most(i); threads *= 2)
      sample_repeats(&samples[i], threads);
}

static void check_notices(void **state) {
  static struct spy spy;
  (void)state;
  for (int i = 0; i < sample_count(); i++) {
    struct options options = options_of(&samples[i], 2, NULL);
    spy_run(&spy, &options, 100);
    result_is_right(&spy);
    assert_non_null(spy.spoilt);
    spy_finish(&spy);
  }
}

/* The figures of a thread equal the counters of the heap. */
static void figures_are_true(void **state) {
  static struct spy spy;
  (void)state;
  for (int i = 0; i < sample_count(); i++) {
    struct options options = options_of(&samples[i], 1, NULL);
    spy_run(&spy, &options, 100);
    result_is_right(&spy);
    const struct workload_figures *said = &spy.result.figures;
    assert_true(said->alloc_bytes <=
                options.workload->alloc_bytes(&options.setup));
    if (GC_STATISTICS && options.workload->makes_world) {
      assert_true(said->alloc_objects <= spy.counters.objects_allocated);
      assert_true(said->alloc_bytes <= spy.counters.bytes_allocated);
      assert_true(said->ref_stores <= spy.counters.ref_stores);
    } else if (GC_STATISTICS) {
      assert_int_equal(said->alloc_objects, spy.counters.objects_allocated);
      assert_int_equal(said->alloc_bytes, spy.counters.bytes_allocated);
      assert_int_equal(said->ref_stores, spy.counters.ref_stores);
    }
    spy_finish(&spy);
  }
}

static enum exit_code code_with_part(const struct sample *sample,
                                     unsigned threads, unsigned percent) {
  static struct spy spy;
  struct options options = options_of(sample, threads, NULL);
  size_t live = options.workload->live_bytes(&options.setup);
  options.heap_bytes = live / 100 * percent;
  spy_run(&spy, &options, gc_collector.reclaims ? 100 : 10);
  spy_finish(&spy);
  return spy.result.code;
}

static void too_small_heap_is_told(void **state) {
  (void)state;
  if (!gc_collector.limits)
    skip();
  /* The checker moves all objects again and again, and is not raced. Under the
     thread sanitizer, heaps of this size are slow. */
  for (int i = 0; i < HUNGRY; i += gc_collector.moves || GC_TSAN ? 4 : 1) {
    assert_int_equal(code_with_part(&hungry[i], 1, 10), EXIT_MEMORY);
    assert_int_equal(code_with_part(&hungry[i], 1, 45), EXIT_MEMORY);
    assert_int_equal(code_with_part(&hungry[i], 2, 20), EXIT_MEMORY);
  }
}

static void sizes_are_in_range(void **state) {
  (void)state;
  for (int i = 0; workload_list[i] != NULL; i++)
    for (int j = 0; workload_list[i]->params[j].name != NULL; j++) {
      const struct workload_param *p = &workload_list[i]->params[j];
      assert_true(j < WORKLOAD_PARAMS_MAX);
      for (int size = WORKLOAD_QUICK; size <= WORKLOAD_LARGE; size++)
        assert_in_range(p->value[size], p->least, p->greatest);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_are_in_range),
      cmocka_unit_test(result_is_right_and_repeats),
      cmocka_unit_test(a_wrong_live_claim_is_told),
      cmocka_unit_test(live_peak_is_exact),
      cmocka_unit_test(live_peak_bounds_threads),
      cmocka_unit_test(check_notices),
      cmocka_unit_test(figures_are_true),
      cmocka_unit_test(too_small_heap_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
