/* SPDX-License-Identifier: MIT */
/* Log-linear histograms of 64-bit values, in the layout of HdrHistogram
   (Tene): values under 256 have a slot each, every further power of two is
   cut into 128 slots of equal width.

     value   0 1 2 … 255 | 256 258 260 … 510 | 512 516 … 1020 | 1024 …
     slot    0 1 2 … 255 | 256 257 258 … 383 | 384 385 …  511 |  512 …

   So a slot is never wider than 1/128 of the values in it, and the result of
   histogram_percentile is off by less than 1 %. Recording costs a shift and an
   addition. Histograms can be added: each thread has one, and they are merged
   at the end. Not thread-safe. */
#ifndef STATS_HISTOGRAM_H
#define STATS_HISTOGRAM_H

#include <stdint.h>

enum {
  HISTOGRAM_BITS = 7, /* 128 slots per power of two */
  HISTOGRAM_SLOTS = (64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS,
};

/* All zero: an empty histogram. total = sum of counts. */
struct histogram {
  uint64_t total;
  uint64_t least, greatest; /* exact; valid where total > 0 */
  uint64_t counts[HISTOGRAM_SLOTS];
};

static inline uint32_t histogram_slot(uint64_t value) {
  int top = 63 - __builtin_clzll(value | 1);
  int shift = top > HISTOGRAM_BITS ? top - HISTOGRAM_BITS : 0;
  return ((uint32_t)shift << HISTOGRAM_BITS) + (uint32_t)(value >> shift);
}

static inline void histogram_record(struct histogram *h, uint64_t value) {
  h->least = h->total == 0 || value < h->least ? value : h->least;
  h->greatest = value > h->greatest ? value : h->greatest;
  h->counts[histogram_slot(value)]++;
  h->total++;
}

/* The smallest and the largest value of a slot. */
uint64_t histogram_slot_least(uint32_t slot);
uint64_t histogram_slot_greatest(uint32_t slot);

/* Adds all of `from` to `into`. */
void histogram_merge(struct histogram *into, const struct histogram *);
/* The smallest value that at least a fraction `p` of the recorded values do not
   exceed, 0 ≤ p ≤ 1. Exact for p = 0 and 1, otherwise off by less than 1 %. 0
   if the histogram is empty. */
uint64_t histogram_percentile(const struct histogram *, double p);

#endif
