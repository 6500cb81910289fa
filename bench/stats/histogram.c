/* SPDX-License-Identifier: MIT */
#include "bench/stats/histogram.h"

#include <assert.h>

_Static_assert(HISTOGRAM_SLOTS == 7424, "the drawing in the header holds");

static uint32_t slot_shift(uint32_t slot) {
  uint32_t octave = slot >> HISTOGRAM_BITS;
  return octave > 0 ? octave - 1 : 0;
}

uint64_t histogram_slot_least(uint32_t slot) {
  assert(slot < HISTOGRAM_SLOTS);
  uint32_t shift = slot_shift(slot);
  return (uint64_t)(slot - (shift << HISTOGRAM_BITS)) << shift;
}

uint64_t histogram_slot_greatest(uint32_t slot) {
  return histogram_slot_least(slot) + ((UINT64_C(1) << slot_shift(slot)) - 1);
}

void histogram_merge(struct histogram *into, const struct histogram *from) {
  if (from->total == 0)
    return;
  if (into->total == 0 || from->least < into->least)
    into->least = from->least;
  if (from->greatest > into->greatest)
    into->greatest = from->greatest;
  into->total += from->total;
  for (uint32_t slot = 0; slot < HISTOGRAM_SLOTS; slot++)
    into->counts[slot] += from->counts[slot];
}

/* The rank, counted from 1, of the last value in the fraction `p`. */
static uint64_t rank_of(const struct histogram *h, double p) {
  double exact = p * (double)h->total;
  uint64_t rank = (uint64_t)exact;
  return (double)rank < exact || rank == 0 ? rank + 1 : rank;
}

uint64_t histogram_percentile(const struct histogram *h, double p) {
  assert(p >= 0 && p <= 1);
  if (h->total == 0)
    return 0;
  if (p <= 0)
    return h->least;
  uint64_t rank = rank_of(h, p), seen = 0;
  if (rank >= h->total)
    return h->greatest;
  uint32_t slot = histogram_slot(h->least);
  while ((seen += h->counts[slot]) < rank)
    slot++;
  uint64_t least = histogram_slot_least(slot);
  uint64_t middle = least + (histogram_slot_greatest(slot) - least) / 2;
  middle = middle < h->least ? h->least : middle;
  return middle > h->greatest ? h->greatest : middle;
}
