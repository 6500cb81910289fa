/* SPDX-License-Identifier: MIT */
#include "bench/runner/rows.h"

#include <inttypes.h>

/* The part of the pause that belongs to no phase: counting, deciding, waking
   mutators. */
static uint64_t rest_ns(const struct gc_pause *p) {
  uint64_t rest = p->t_end - p->t_stopped;
  for (int phase = 0; phase < GC_PHASE_COUNT; phase++)
    rest -= p->phase_ns[phase] < rest ? p->phase_ns[phase] : rest;
  return rest;
}

/* The mutator that stopped last; -1: there was no other. */
static int64_t last_of(const struct gc_pause *p) {
  return p->last == GC_NO_MUTATOR ? -1 : (int64_t)p->last;
}

static void write_phases(FILE *out, const struct gc_pause *p) {
  fprintf(out, ",%" PRIu64, p->t_stopped - p->t_request);
  for (int phase = 0; phase < GC_PHASE_COUNT; phase++)
    fprintf(out, ",%" PRIu64, p->phase_ns[phase]);
  fprintf(out, ",%" PRIu64 ",%" PRId64 "\n", rest_ns(p), last_of(p));
}

void rows_write_pauses(FILE *out, const struct session_result *r) {
  for (size_t i = 0; i < r->recorder.pause_count; i++) {
    const struct gc_pause *p = &r->recorder.pauses[i];
    fprintf(out,
            "%zu,%s,%d,%" PRIu32 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
            ",%zu,%zu,%zu,%zu,%zu,%s",
            i, p->kind, recorder_generation(p), p->thread,
            p->t_request - r->begin, p->t_stopped - r->begin,
            p->t_end - r->begin, p->bytes_before, p->bytes_after,
            p->objects_marked, p->objects_freed, p->bytes_promoted, p->cause);
    write_phases(out, p);
  }
}

struct stalls_writer {
  FILE *out;
  int thread;     /* -1: the machine */
  uint64_t begin; /* of the run */
};

static void stall_write(void *data, const struct recorder_stall *stall) {
  const struct stalls_writer *w = data;
  fprintf(w->out, "%d,%s,%" PRId64 ",%" PRId64 ",%zu\n", w->thread, stall->kind,
          (int64_t)(stall->begin - w->begin), (int64_t)(stall->end - w->begin),
          stall->objects);
}

void rows_write_stalls(FILE *out, const struct session_result *r) {
  struct stalls_writer w = {.out = out, .begin = r->begin};
  for (; w.thread < (int)r->recorder.lane_count; w.thread++)
    recorder_stalls_visit(&r->recorder, (unsigned)w.thread, stall_write, &w);
  w.thread = -1;
  for (size_t i = 0; i < r->hiccup.lost.count; i++) {
    const struct mmu_interval *at = &r->hiccup.lost.items[i];
    stall_write(&w, &(struct recorder_stall){"hiccup", at->begin, at->end, 0});
  }
}

void rows_write_timeline(FILE *out, const struct session_result *r) {
  const struct sampler *s = &r->sampler;
  for (size_t i = 0; i < s->kept; i++) {
    const struct sampler_point *p = &s->points[i];
    fprintf(out, "%" PRId64 ",%" PRIu64 ",%" PRIu64 "\n",
            (int64_t)(p->ns - r->begin), p->resident, p->held);
  }
}

static void histogram_write(FILE *out, const char *kind,
                            const struct histogram *h) {
  for (uint32_t slot = 0; slot < HISTOGRAM_SLOTS; slot++) {
    if (h->counts[slot] > 0)
      fprintf(out, "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", kind,
              histogram_slot_least(slot), histogram_slot_greatest(slot),
              h->counts[slot]);
  }
}

void rows_write_latency(FILE *out, const struct session_result *r) {
  if (r->requests == 0)
    return;
  histogram_write(out, "svc", &r->latency.service);
  if (r->rate_hz > 0) {
    histogram_write(out, "rsp", &r->latency.response);
  } else {
    histogram_write(out, "met", &r->latency.metered);
    histogram_write(out, "met_full", &r->latency.metered_full);
  }
  histogram_write(out, "hiccup", &r->hiccup.late_ns);
}
