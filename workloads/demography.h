/* SPDX-License-Identifier: MIT */
/* Populations of objects as measured in real programs: their sizes, lifetimes,
   stores and loads. All of it is drawn from a seed. Bytes are counted in the
   same way for every collector: a header of 8, 8 for each reference, the data.
 */
#ifndef WORKLOAD_DEMOGRAPHY_H
#define WORKLOAD_DEMOGRAPHY_H

#include "workloads/helpers.h"

enum { DEMOGRAPHY_SIZES = 9, DEMOGRAPHY_LIVES = 5 };

/* `share` is in thousandths of all objects; a share of 0 ends a list. */
struct demography_size {
  unsigned share, bytes;
};

enum demography_shape {
  LIFE_EXPONENTIAL, /* of mean `to` */
  LIFE_GAMMA,       /* of shape 1/2 and mean `to` */
  LIFE_SPREAD,      /* from `from` to `to`, log-uniform */
  LIFE_LONG,        /* as long as the turnover requires */
};

/* A lifetime: the bytes that are allocated while an object lives. */
struct demography_life {
  unsigned share;
  enum demography_shape shape;
  double from, to;
};

struct demography_preset {
  const char *name;
  struct demography_size sizes[DEMOGRAPHY_SIZES + 1];
  struct demography_life lives[DEMOGRAPHY_LIVES + 1];
  unsigned stores;       /* into each object when it is created */
  unsigned later_stores; /* per object, in thousandths */
  unsigned loads;        /* per object */
  double turnover;       /* allocated bytes over live ones */
};

enum { DEMOGRAPHY_PRESETS = 6 };
extern const struct demography_preset demography_presets[DEMOGRAPHY_PRESETS];

/* Lifetimes are rounded to ticks, long ones to coarser ticks. Each level has
   one bucket for each future tick; at that tick all its objects die. */
enum {
  DEMOGRAPHY_LEVELS = 7,
  DEMOGRAPHY_BUCKETS = 128, /* of a level; a power of two */
  DEMOGRAPHY_ALL = DEMOGRAPHY_LEVELS * DEMOGRAPHY_BUCKETS,
  DEMOGRAPHY_TICK_SHIFT = 9, /* a tick of the finest level, 512 bytes */
  DEMOGRAPHY_LEVEL_SHIFT = 4 /* 16 ticks are one tick of the next level */
};

struct demography {
  const struct demography_preset *preset;
  struct workload_random random;
  uint64_t now;                         /* bytes allocated so far */
  double longest;                       /* the lifetime for LIFE_LONG */
  uint8_t size_of[1000], life_of[1000]; /* by thousandths */
};

/* An object that will be allocated next, and the bucket in which it will die.
 */
struct demography_birth {
  unsigned size; /* index of the preset's sizes */
  unsigned bucket;
  uint64_t life; /* after rounding */
};

/* A population that will have `objects` members over time. */
void demography_begin(struct demography *, const struct demography_preset *,
                      uint64_t objects, struct workload_random);
double demography_mean_bytes(const struct demography_preset *);

/* Draws the next object, and advances `now` by its bytes. After that the caller
   empties every bucket whose tick has passed: see demography_expire. */
struct demography_birth demography_next(struct demography *);

/* The buckets of a level whose tick passed between `then` and `now`: `count`
   buckets from `first` on, cyclically. */
struct demography_dead {
  unsigned first, count;
};

static inline struct demography_dead
demography_expire(unsigned level, uint64_t then, uint64_t now) {
  unsigned shift = DEMOGRAPHY_TICK_SHIFT + level * DEMOGRAPHY_LEVEL_SHIFT;
  uint64_t from = then >> shift, to = now >> shift;
  uint64_t count = to - from;
  if (count > DEMOGRAPHY_BUCKETS)
    count = DEMOGRAPHY_BUCKETS;
  return (struct demography_dead){(unsigned)(from + 1), (unsigned)count};
}

static inline unsigned demography_bucket(unsigned level, uint64_t tick) {
  return level * DEMOGRAPHY_BUCKETS + (unsigned)(tick % DEMOGRAPHY_BUCKETS);
}

#endif
