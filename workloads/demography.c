/* SPDX-License-Identifier: MIT */
#include "workloads/demography.h"

#include <math.h>

/* --- presets -------------------------------------------------------------- */

static const double turn = 6.283185307179586;

enum { KIB = 1 << 10, MIB = 1 << 20 };

/* If a source gives only an upper bound of lifetimes, they are drawn with a
   mean of an eighth of it; then one in 3000 exceeds the bound. */
const struct demography_preset demography_presets[DEMOGRAPHY_PRESETS] = {
    {.name = "java", /* the median of 20 programs of DaCapo */
     .sizes = {{50, 16},
               {380, 24},
               {200, 32},
               {160, 48},
               {140, 64},
               {50, 128},
               {12, 256},
               {6, 1024},
               {2, 8192}},
     .lives = {{850, LIFE_EXPONENTIAL, 0, 64 * KIB},
               {100, LIFE_GAMMA, 0, 4 * MIB},
               {50, LIFE_LONG, 0, 0}},
     .stores = 2,
     .later_stores = 100,
     .loads = 10,
     .turnover = 53},
    {.name = "java-hot",
     .sizes = {{450, 24}, {350, 48}, {150, 64}, {50, 1024}},
     .lives = {{970, LIFE_EXPONENTIAL, 0, 8 * KIB}, {30, LIFE_LONG, 0, 0}},
     .stores = 2,
     .later_stores = 10000,
     .loads = 100,
     .turnover = 900},
    {.name = "compiler", /* cc1, cc1plus */
     .sizes = {{120, 16},
               {90, 32},
               {220, 64},
               {250, 128},
               {140, 256},
               {100, 1024},
               {80, 8192}},
     .lives = {{800, LIFE_EXPONENTIAL, 0, 4 * KIB},
               {80, LIFE_SPREAD, 32 * KIB, 256 * KIB},
               {50, LIFE_SPREAD, 256 * KIB, 1 * MIB},
               {20, LIFE_SPREAD, 1 * MIB, 4 * MIB},
               {50, LIFE_LONG, 0, 0}},
     .stores = 2,
     .loads = 10,
     .turnover = 30},
    {.name = "analyser", /* cppcheck */
     .sizes = {{270, 64}, {610, 128}, {120, 256}},
     .lives = {{870, LIFE_EXPONENTIAL, 0, 4 * KIB},
               {40, LIFE_SPREAD, 32 * KIB, 4 * MIB},
               {90, LIFE_LONG, 0, 0}},
     .stores = 2,
     .loads = 10,
     .turnover = 200},
    {.name = "loader", /* a JSON document */
     .sizes = {{430, 32}, {510, 64}, {60, 128}},
     .lives = {{450, LIFE_SPREAD, 64 * KIB, 4 * MIB}, {550, LIFE_LONG, 0, 0}},
     .stores = 3,
     .loads = 2,
     .turnover = 3},
    {.name = "lisp",
     .sizes = {{560, 16}, {240, 32}, {170, 64}, {30, 128}},
     .lives = {{985, LIFE_EXPONENTIAL, 0, 128 * KIB}, {15, LIFE_LONG, 0, 0}},
     .stores = 2,
     .loads = 10,
     .turnover = 100},
};

/* --- lives ---------------------------------------------------------------- */

static double mean_life(const struct demography_life *life, double longest) {
  switch (life->shape) {
  case LIFE_EXPONENTIAL:
  case LIFE_GAMMA:
    return life->to;
  case LIFE_SPREAD:
    return (life->to - life->from) / log(life->to / life->from);
  case LIFE_LONG:
    break;
  }
  return longest;
}

/* A random number in 0 … 1, without 0. */
static double uniform(struct workload_random *random) {
  return ((double)(workload_random_next(random) >> 11) + 1) * 0x1p-53;
}

static double draw_life(struct demography *d,
                        const struct demography_life *life) {
  double u = uniform(&d->random);
  switch (life->shape) {
  case LIFE_EXPONENTIAL:
    return -log(u) * life->to;
  case LIFE_GAMMA: /* the square of a normal deviate (Box and Muller) */
    return -2 * log(u) * pow(cos(turn * uniform(&d->random)), 2) * life->to;
  case LIFE_SPREAD:
    return life->from * pow(life->to / life->from, u);
  case LIFE_LONG:
    break;
  }
  return d->longest;
}

/* --- a population --------------------------------------------------------- */

double demography_mean_bytes(const struct demography_preset *preset) {
  double sum = 0;
  for (const struct demography_size *s = preset->sizes; s->share > 0; s++)
    sum += s->share * (double)s->bytes;
  return sum / 1000;
}

/* In a steady state the mean lifetime of a byte, in allocated bytes, equals the
   number of live bytes. The turnover gives this mean; the length of long lives
   is chosen so that the mean over all lives reaches it. */
static double longest_life(const struct demography_preset *preset,
                           uint64_t objects) {
  double mean = demography_mean_bytes(preset) * (double)objects;
  double wanted = mean / preset->turnover, share = 0;
  for (const struct demography_life *l = preset->lives; l->share > 0; l++) {
    wanted -= l->share / 1000.0 * mean_life(l, 0);
    share += l->shape == LIFE_LONG ? l->share / 1000.0 : 0;
  }
  double least = 8 * MIB;
  return wanted > share * least ? wanted / share : least;
}

void demography_begin(struct demography *d,
                      const struct demography_preset *preset, uint64_t objects,
                      struct workload_random random) {
  *d = (struct demography){.preset = preset,
                           .random = random,
                           .longest = longest_life(preset, objects)};
  unsigned at = 0;
  for (uint8_t i = 0; i < DEMOGRAPHY_SIZES; i++)
    for (unsigned k = 0; k < preset->sizes[i].share; k++)
      d->size_of[at++] = i;
  gc_assert_always(at == 1000);
  at = 0;
  for (uint8_t i = 0; i < DEMOGRAPHY_LIVES; i++)
    for (unsigned k = 0; k < preset->lives[i].share; k++)
      d->life_of[at++] = i;
  gc_assert_always(at == 1000);
}

/* The finest level whose buckets cover this lifetime, or the coarsest one. */
static unsigned level_of(double life) {
  unsigned level = 0;
  double reach =
      (double)(DEMOGRAPHY_BUCKETS - 2) * (double)(1 << DEMOGRAPHY_TICK_SHIFT);
  while (life > reach && level < DEMOGRAPHY_LEVELS - 1) {
    reach *= 1 << DEMOGRAPHY_LEVEL_SHIFT;
    level++;
  }
  return level;
}

struct demography_birth demography_next(struct demography *d) {
  uint64_t r = workload_random_next(&d->random);
  unsigned size = d->size_of[(r >> 32) * 1000 >> 32];
  unsigned kind = d->life_of[(uint32_t)r * UINT64_C(1000) >> 32];
  double life = draw_life(d, &d->preset->lives[kind]);
  unsigned level = level_of(life);
  unsigned shift = DEMOGRAPHY_TICK_SHIFT + level * DEMOGRAPHY_LEVEL_SHIFT;
  uint64_t half = UINT64_C(1) << shift >> 1;
  d->now += d->preset->sizes[size].bytes;
  uint64_t tick = (d->now + (uint64_t)life + half) >> shift;
  if (tick <= d->now >> shift)
    tick = (d->now >> shift) + 1;
  return (struct demography_birth){size, demography_bucket(level, tick),
                                   (tick << shift) - d->now};
}
