/* SPDX-License-Identifier: MIT */
/* The populations match the presets: the drawn sizes, survival and turnover
   are printed and compared with measurements of programs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "workloads/demography.h"

enum { OBJECTS = 5000000, SURVIVALS = 5 };

/* Worked out by hand from what was measured: this share of all objects
   outlives so many bytes. */
static const struct expected {
  const char *name;
  double mean_bytes;
  double turnover_least, turnover_most;
  struct {
    double bytes, share;
  } survive[SURVIVALS];
} expected[DEMOGRAPHY_PRESETS] = {
    /* 0.85 / e + 0.1 * 0.9005 + 0.05 */
    {"java", 64.96, 48, 58, {{65536, 0.4528}, {4194304, 0.0817}}},
    {"java-hot", 88.4, 700, 1200, {{65536, 0.0303}}},
    {"compiler",
     844.48,
     20,
     40,
     {{32768, 0.20}, {262144, 0.12}, {1048576, 0.07}, {4194304, 0.05}}},
    {"analyser", 126.08, 180, 220, {{32768, 0.13}, {4194304, 0.09}}},
    {"loader", 54.08, 2.7, 3.3, {{65536, 1.0}, {4194304, 0.55}}},
    {"lisp", 31.36, 90, 110, {{1048576, 0.0153}}},
};

struct achieved {
  uint64_t of_size[DEMOGRAPHY_SIZES];
  uint64_t outlived[SURVIVALS];
  uint64_t in[DEMOGRAPHY_ALL], live, peak;
};

static void bury(struct achieved *a, uint64_t then, uint64_t now) {
  for (unsigned level = 0; level < DEMOGRAPHY_LEVELS; level++) {
    struct demography_dead dead = demography_expire(level, then, now);
    for (unsigned i = 0; i < dead.count; i++) {
      unsigned bucket = demography_bucket(level, dead.first + i);
      a->live -= a->in[bucket];
      a->in[bucket] = 0;
    }
  }
}

static void count(struct achieved *a, const struct expected *e,
                  const struct demography *d, struct demography_birth birth) {
  uint64_t bytes = d->preset->sizes[birth.size].bytes;
  a->of_size[birth.size]++;
  a->in[birth.bucket] += bytes;
  a->live += bytes;
  a->peak = a->live > a->peak ? a->live : a->peak;
  for (int i = 0; i < SURVIVALS; i++)
    a->outlived[i] += (double)birth.life > e->survive[i].bytes;
}

static struct demography draw_all(unsigned preset, struct achieved *a) {
  struct demography d;
  demography_begin(&d, &demography_presets[preset], OBJECTS,
                   workload_random_make(7, preset));
  for (int i = 0; i < OBJECTS; i++) {
    uint64_t then = d.now;
    struct demography_birth birth = demography_next(&d);
    bury(a, then, d.now);
    count(a, &expected[preset], &d, birth);
  }
  return d;
}

static double share(uint64_t count) {
  return (double)count / OBJECTS;
}

static void sizes_are(const struct demography_preset *preset,
                      const struct achieved *a) {
  for (int i = 0; preset->sizes[i].share > 0; i++) {
    double wanted = preset->sizes[i].share / 1000.0;
    print_message("  %4u bytes: %.4f of objects, wanted %.4f\n",
                  preset->sizes[i].bytes, share(a->of_size[i]), wanted);
    assert_true(fabs(share(a->of_size[i]) - wanted) < 0.001);
  }
}

static void survival_is(const struct expected *e, const struct achieved *a) {
  for (int i = 0; i < SURVIVALS && e->survive[i].bytes > 0; i++) {
    print_message("  outlive %7.0f bytes: %.4f, wanted %.4f\n",
                  e->survive[i].bytes, share(a->outlived[i]),
                  e->survive[i].share);
    assert_true(fabs(share(a->outlived[i]) - e->survive[i].share) < 0.004);
  }
}

static void turnover_is(const struct expected *e, const struct demography *d,
                        const struct achieved *a) {
  double mean = (double)d->now / OBJECTS;
  double turnover = (double)d->now / (double)a->peak;
  print_message("  mean size %.2f, wanted %.2f; turnover %.1f, wanted %.0f to "
                "%.0f\n",
                mean, e->mean_bytes, turnover, e->turnover_least,
                e->turnover_most);
  assert_true(fabs(mean / e->mean_bytes - 1) < 0.01);
  assert_true(turnover >= e->turnover_least && turnover <= e->turnover_most);
}

static void populations_are_as_measured(void **state) {
  static struct achieved a;
  (void)state;
  for (unsigned i = 0; i < DEMOGRAPHY_PRESETS; i++) {
    memset(&a, 0, sizeof a);
    struct demography d = draw_all(i, &a);
    print_message("%s\n", d.preset->name);
    assert_string_equal(d.preset->name, expected[i].name);
    sizes_are(d.preset, &a);
    survival_is(&expected[i], &a);
    turnover_is(&expected[i], &d, &a);
  }
}

/* A bucket is emptied before it is reused for another time. */
static void time_goes_round_once(void **state) {
  (void)state;
  for (unsigned level = 0; level < DEMOGRAPHY_LEVELS; level++) {
    uint64_t tick = UINT64_C(1)
                    << (DEMOGRAPHY_TICK_SHIFT + level * DEMOGRAPHY_LEVEL_SHIFT);
    assert_int_equal(demography_expire(level, 0, tick - 1).count, 0);
    assert_int_equal(demography_expire(level, tick - 1, tick).count, 1);
    assert_int_equal(demography_expire(level, tick - 1, tick).first, 1);
    assert_int_equal(demography_expire(level, 0, 1000 * tick).count,
                     DEMOGRAPHY_BUCKETS);
    unsigned first = demography_bucket(level, 3);
    assert_int_equal(demography_bucket(level, 3 + DEMOGRAPHY_BUCKETS), first);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(populations_are_as_measured),
      cmocka_unit_test(time_goes_round_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
