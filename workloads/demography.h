/* SPDX-License-Identifier: MIT */
/* Populations of objects after those of measured programs: how large they are,
   how long they live, how often they are stored into and read. All is drawn
   from a seed and counted in bytes that are the same in every collector: a
   header of 8, 8 for each reference, the data. */
#ifndef WORKLOAD_DEMOGRAPHY_H
#define WORKLOAD_DEMOGRAPHY_H

#include "workloads/helpers.h"

enum { DEMOGRAPHY_SIZES = 9, DEMOGRAPHY_LIVES = 5 };

/* `share` is in thousandths of all objects; one without a share ends a list. */
struct demography_size {
  unsigned share, bytes;
};

enum demography_shape {
  LIFE_EXPONENTIAL, /* of mean `to` */
  LIFE_GAMMA,       /* of shape 1/2 and mean `to` */
  LIFE_SPREAD,      /* from `from` to `to`, every ratio as likely */
  LIFE_LONG,        /* as long as the turnover leaves room for */
};

/* Bytes that are allocated later than an object, and while it lives. */
struct demography_life {
  unsigned share;
  enum demography_shape shape;
  double from, to;
};

struct demography_preset {
  const char *name;
  struct demography_size sizes[DEMOGRAPHY_SIZES + 1];
  struct demography_life lives[DEMOGRAPHY_LIVES + 1];
  unsigned stores;       /* into each object when it is made, at most: as many
                            as it has slots */
  unsigned later_stores; /* in thousandths of an object */
  unsigned loads;        /* for each object */
  double turnover;       /* allocated bytes over live ones */
};

enum { DEMOGRAPHY_PRESETS = 6 };
extern const struct demography_preset demography_presets[DEMOGRAPHY_PRESETS];

/* Lifetimes are rounded to ticks, coarse ones for long lives. Each level has
   one bucket for each tick that is not over yet, which dies as a whole. */
enum {
  DEMOGRAPHY_LEVELS = 7,
  DEMOGRAPHY_BUCKETS = 128, /* of a level; a power of two */
  DEMOGRAPHY_ALL = DEMOGRAPHY_LEVELS * DEMOGRAPHY_BUCKETS,
  DEMOGRAPHY_TICK_SHIFT = 9, /* a tick of the finest level, 512 bytes */
  DEMOGRAPHY_LEVEL_SHIFT = 4 /* 16 of them are one of the next */
};

struct demography {
  const struct demography_preset *preset;
  struct workload_random random;
  uint64_t now;                         /* bytes allocated so far */
  double longest;                       /* what LIFE_LONG comes to */
  uint8_t size_of[1000], life_of[1000]; /* by thousandths */
};

/* One that will be allocated next, and the bucket in which it will die. */
struct demography_birth {
  unsigned size; /* index of the preset's sizes */
  unsigned bucket;
  uint64_t life; /* after rounding */
};

/* A population that will have `objects` members over time. */
void demography_begin(struct demography *, const struct demography_preset *,
                      uint64_t objects, struct workload_random);
double demography_mean_bytes(const struct demography_preset *);

/* Draws one, and lets its bytes pass. Then every bucket whose time is over is
   to be emptied: see demography_expire. */
struct demography_birth demography_next(struct demography *);

/* Buckets of a level that have died while time went from `then` to `now`:
   `count` of them from `first` on, going round. */
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
