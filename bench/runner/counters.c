/* SPDX-License-Identifier: MIT */
#include "bench/runner/counters.h"

#include <inttypes.h>

#define COUNTER(field, is_peak)                                                \
  { #field, offsetof(struct gc_counters, field), is_peak }

/* A peak is a maximum, not a sum, so it is not subtracted. */
static const struct counter {
  const char *name;
  size_t offset;
  bool is_peak;
} counters[] = {
    COUNTER(objects_allocated, false), COUNTER(bytes_allocated, false),
    COUNTER(objects_freed, false),     COUNTER(bytes_freed, false),
    COUNTER(increments, false),        COUNTER(decrements, false),
    COUNTER(deferred, false),          COUNTER(ref_stores, false),
    COUNTER(failed_cas, false),        COUNTER(barrier_slow, false),
    COUNTER(candidates, false),        COUNTER(traced, false),
    COUNTER(cyclic_freed, false),      COUNTER(promoted_objects, false),
    COUNTER(promoted_bytes, false),    COUNTER(survived_bytes, false),
    COUNTER(remembered_peak, true),    COUNTER(cascade_max, true),
    COUNTER(grace_waits, false)};
enum { COUNTERS = sizeof counters / sizeof counters[0] };
_Static_assert((int)COUNTERS == GC_COUNTERS, "every counter is written");

static uint64_t value_of(const struct gc_counters *from,
                         const struct counter *counter) {
  return *(const uint64_t *)((const char *)from + counter->offset);
}

static void write_ratio(FILE *out, const char *name, uint64_t part,
                        uint64_t whole) {
  if (part > 0 && whole > 0)
    fprintf(out, "%s %.4f\n", name, (double)part / (double)whole);
}

void counters_write(FILE *out, const struct gc_counters *before,
                    const struct gc_counters *after) {
  for (int i = 0; i < COUNTERS; i++) {
    uint64_t value = value_of(after, &counters[i]);
    if (!counters[i].is_peak)
      value -= value_of(before, &counters[i]);
    if (value > 0)
      fprintf(out, "%s %" PRIu64 "\n", counters[i].name, value);
  }
  write_ratio(out, "young_survival",
              after->survived_bytes - before->survived_bytes,
              after->bytes_allocated - before->bytes_allocated);
  write_ratio(out, "traced_per_cyclic_freed", after->traced - before->traced,
              after->cyclic_freed - before->cyclic_freed);
}
