/* SPDX-License-Identifier: MIT */
#include "bench/stats/histogram.h"

#include "heap/assert.h"

_Static_assert(GC_HISTOGRAM_SLOTS == 7424, "the drawing in the header holds");

static uint32_t slot_shift(uint32_t slot) {
  uint32_t octave = slot >> GC_HISTOGRAM_BITS;
  return octave > 0 ? octave - 1 : 0;
}

uint64_t gc_histogram_slot_least(uint32_t slot) {
  gc_assert(slot < GC_HISTOGRAM_SLOTS);
  uint32_t shift = slot_shift(slot);
  return (uint64_t)(slot - (shift << GC_HISTOGRAM_BITS)) << shift;
}

uint64_t gc_histogram_slot_greatest(uint32_t slot) {
  return gc_histogram_slot_least(slot) +
         ((UINT64_C(1) << slot_shift(slot)) - 1);
}

void gc_histogram_merge(struct gc_histogram *into,
                        const struct gc_histogram *from) {
  if (from->total == 0)
    return;
  if (into->total == 0 || from->least < into->least)
    into->least = from->least;
  if (from->greatest > into->greatest)
    into->greatest = from->greatest;
  into->total += from->total;
  for (uint32_t slot = 0; slot < GC_HISTOGRAM_SLOTS; slot++)
    into->counts[slot] += from->counts[slot];
}

/* How many of the values, from the smallest up, make up a share `p`. */
static uint64_t rank_of(const struct gc_histogram *h, double p) {
  double exact = p * (double)h->total;
  uint64_t rank = (uint64_t)exact;
  return (double)rank < exact || rank == 0 ? rank + 1 : rank;
}

uint64_t gc_histogram_percentile(const struct gc_histogram *h, double p) {
  gc_assert_always(p >= 0 && p <= 1);
  if (h->total == 0)
    return 0;
  if (p <= 0)
    return h->least;
  uint64_t rank = rank_of(h, p), seen = 0;
  if (rank >= h->total)
    return h->greatest;
  uint32_t slot = gc_histogram_slot(h->least);
  while ((seen += h->counts[slot]) < rank)
    slot++;
  uint64_t least = gc_histogram_slot_least(slot);
  uint64_t middle = least + (gc_histogram_slot_greatest(slot) - least) / 2;
  middle = middle < h->least ? h->least : middle;
  return middle > h->greatest ? h->greatest : middle;
}
