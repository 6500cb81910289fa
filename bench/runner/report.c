/* SPDX-License-Identifier: MIT */
#include "bench/runner/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/runner/calibrate.h"
#include "bench/runner/say.h"
#include "bench/stats/drag.h"
#include "bench/stats/quantile.h"

/* A line break would end the value, so line breaks are replaced. */
static void put_text(FILE *out, const char *column, const char *value) {
  fprintf(out, "%s ", column);
  for (; *value != '\0'; value++)
    fputc(*value == '\n' || *value == '\r' ? ' ' : *value, out);
  fputc('\n', out);
}

static void put_whole(FILE *out, const char *column, uint64_t value) {
  fprintf(out, "%s %" PRIu64 "\n", column, value);
}

static void put_real(FILE *out, const char *column, double value) {
  fprintf(out, "%s %.6g\n", column, value);
}

/* For figures where 0 means that the collector or the system does not know. */
static void put_if_known(FILE *out, const char *column, uint64_t value) {
  if (value > 0)
    put_whole(out, column, value);
}

/* --- before --------------------------------------------------------------- */

struct report_machine report_look_at_machine(void) {
  struct report_machine machine = {.load = process_load(),
                                   .alu_ns = calibrate_alu_ns(),
                                   .mem_ns = calibrate_mem_ns()};
  if (machine.mem_ns == 0)
    complain(EXIT_FINE,
             "out of memory while calibrating: calib_mem_ns is omitted");
  return machine;
}

void report_write_machine(FILE *out, const struct report_machine *machine) {
  if (machine->load >= 0)
    put_real(out, "load", machine->load);
  put_whole(out, "calib_alu_ns", machine->alu_ns);
  put_if_known(out, "calib_mem_ns", machine->mem_ns);
}

/* --- sections of a row ---------------------------------------------------- */

static void write_params(FILE *out, const struct options *o) {
  const struct workload_param *param = o->workload->params;
  fputs("params ", out);
  for (int i = 0; param[i].name != NULL; i++)
    fprintf(out, "%s%s=%" PRId64, i > 0 ? ";" : "", param[i].name,
            o->setup.param[i]);
  fputc('\n', out);
}

static void write_design(FILE *out, const struct options *o,
                         const struct session_result *r) {
  put_text(out, "compiler", runner_compiler);
  put_text(out, "build", runner_build);
  put_whole(out, "warmups", r->warmups);
  write_params(out, o);
  put_whole(out, "gc_threads", r->gc_threads);
  /* The heap size given to a collector that never frees is not a limit. */
  if (gc_collector.limits && gc_collector.reclaims)
    put_whole(out, "heap_bytes", r->heap_bytes);
}

static void write_outcome(FILE *out, const struct session_result *r) {
  put_text(out, "status", session_status(r));
  put_whole(out, "exit_code", r->code);
  if (r->code != EXIT_FINE)
    put_text(out, "error", r->error);
  else
    fprintf(out, "checksum %016" PRIx64 "\n", r->figures.checksum);
}

static void write_cost(FILE *out, const struct session_result *r) {
  const struct process_snapshot *a = &r->before, *b = &r->after;
  put_whole(out, "wall_ns", r->end - r->begin);
  put_whole(out, "user_ns", b->user_ns - a->user_ns);
  put_whole(out, "sys_ns", b->sys_ns - a->sys_ns);
  put_whole(out, "task_clock_ns", b->cpu_ns - a->cpu_ns);
  put_whole(out, "stw_wall_ns", r->recorder.stopped_ns);
  put_whole(out, "stw_cpu_ns", r->recorder.sum.cpu_ns);
  if (!gc_collector.concurrent && !gc_collector.parallel)
    put_whole(out, "gc_thread_cpu_ns", 0); /* it has no threads */
  put_whole(out, "slow_ns", recorder_work_ns(&r->recorder));
  if (r->counters.instructions >= 0)
    put_whole(out, "instructions", b->instructions - a->instructions);
  if (r->counters.cycles >= 0)
    put_whole(out, "cycles", b->cycles - a->cycles);
}

static void write_work(FILE *out, const struct session_result *r) {
  const struct workload_figures *f = &r->figures;
  put_whole(out, "ops", f->ops);
  fprintf(out, "ops_per_s %.3f\n",
          (double)f->ops * 1e9 / (double)(r->end - r->begin));
  put_whole(out, "alloc_objects", f->alloc_objects);
  put_whole(out, "alloc_bytes", f->alloc_bytes);
  put_whole(out, "ref_stores", f->ref_stores);
  put_whole(out, "ops_thread_min", r->ops_least);
  put_whole(out, "ops_thread_max", r->ops_most);
  put_real(out, "ops_thread_cv", r->ops_variation);
}

static void put_percentile(FILE *out, const char *column,
                           const struct histogram *h, double p) {
  if (quantile_is_supported(p, h->total))
    put_whole(out, column, histogram_percentile(h, p));
}

static void write_pause_times(FILE *out, const struct recorder *r) {
  put_whole(out, "pause_count", r->pause_ns.total);
  put_percentile(out, "pause_p50_ns", &r->pause_ns, 0.5);
  put_percentile(out, "pause_p95_ns", &r->pause_ns, 0.95);
  put_percentile(out, "pause_p99_ns", &r->pause_ns, 0.99);
  put_percentile(out, "pause_p999_ns", &r->pause_ns, 0.999);
  put_whole(out, "pause_max_ns", r->pause_ns.greatest);
  put_whole(out, "pause_sum_ns", r->paused_ns);
  put_percentile(out, "ttsp_p50_ns", &r->ttsp_ns, 0.5);
  put_whole(out, "ttsp_max_ns", r->ttsp_ns.greatest);
}

static void write_collection(FILE *out, const struct recorder *r) {
  const uint64_t *phase_ns = r->sum.phase_ns;
  put_whole(out, "gc0", r->collections[0]);
  put_whole(out, "gc1", r->collections[1]);
  put_whole(out, "gc2", r->collections[2]);
  put_whole(out, "gc_none", r->other_stops);
  put_whole(out, "cycle_passes", r->cycle_passes);
  if (gc_collector.concurrent) {
    put_whole(out, "concurrent_cycles", r->concurrent_cycles);
    put_whole(out, "degraded_cycles", r->degraded_cycles);
  }
  write_pause_times(out, r);
  put_whole(out, "mark_ns", phase_ns[GC_PHASE_MARK]);
  put_whole(out, "sweep_ns", phase_ns[GC_PHASE_SWEEP]);
  put_whole(out, "roots_ns", phase_ns[GC_PHASE_ROOTS]);
  put_whole(out, "verify_ns", phase_ns[GC_PHASE_VERIFY]);
  put_whole(out, "promoted_bytes", r->sum.bytes_promoted);
  put_whole(out, "cyclic_freed", r->cyclic_freed);
  if (gc_collector.counts)
    put_whole(out, "cascade_max", recorder_cascade_max(r));
}

/* One latency: all its percentiles. */
static void write_latencies(FILE *out, const char *kind,
                            const struct histogram *h) {
  static const struct {
    const char *name;
    double p;
  } percentiles[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};
  char column[32];
  for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
    snprintf(column, sizeof column, "%s_%s_ns", kind, percentiles[i].name);
    put_percentile(out, column, h, percentiles[i].p);
  }
  snprintf(column, sizeof column, "%s_max_ns", kind);
  put_whole(out, column, h->greatest);
}

static void write_requests(FILE *out, const struct session_result *r) {
  if (r->requests == 0)
    return;
  put_whole(out, "requests", r->requests);
  write_latencies(out, "svc", &r->latency.service);
  if (r->rate_hz > 0) {
    put_real(out, "rate_hz", r->rate_hz);
    write_latencies(out, "rsp", &r->latency.response);
  } else {
    write_latencies(out, "met", &r->latency.metered);
    write_latencies(out, "met_full", &r->latency.metered_full);
  }
  put_percentile(out, "hiccup_p99_ns", &r->hiccup.late_ns, 0.99);
  put_whole(out, "hiccup_max_ns", r->hiccup.late_ns.greatest);
}

static const unsigned window_ms[] = {1, 2, 5, 10, 20, 50, 100, 1000};
enum { WINDOWS = sizeof window_ms / sizeof *window_ms };

static void write_utilisation(FILE *out, const struct session_result *r) {
  struct recorder_utilisation u;
  if (!recorder_utilisation_init(&u, &r->recorder, r->begin, r->end, NULL))
    return;
  for (size_t i = 0; i < WINDOWS; i++) {
    unsigned ms = window_ms[i];
    struct recorder_least mmu, bmu;
    if (!recorder_mmu(&u, ms * UINT64_C(1000000), &mmu, &bmu))
      break;
    fprintf(out,
            "mmu_system_%ums %.6f\nmmu_worst_%ums %.6f\n"
            "bmu_system_%ums %.6f\nbmu_worst_%ums %.6f\n",
            ms, mmu.of_system, ms, mmu.of_worst, ms, bmu.of_system, ms,
            bmu.of_worst);
  }
  recorder_utilisation_finish(&u);
}

/* --- net of hiccups ------------------------------------------------------- */

static uint64_t net_ns(const struct session_result *r, uint64_t begin,
                       uint64_t end) {
  struct mmu_interval all = {begin, end};
  return end - begin - mmu_lane_overlap(&r->hiccup.lost, all);
}

static void write_net_pauses(FILE *out, const struct session_result *r) {
  static struct histogram pause, ttsp;
  memset(&pause, 0, sizeof pause);
  memset(&ttsp, 0, sizeof ttsp);
  for (size_t i = 0; i < r->recorder.pause_count; i++) {
    const struct gc_pause *p = &r->recorder.pauses[i];
    histogram_record(&pause, net_ns(r, p->t_request, p->t_end));
    histogram_record(&ttsp, net_ns(r, p->t_request, p->t_stopped));
  }
  put_percentile(out, "pause_net_p50_ns", &pause, 0.5);
  put_percentile(out, "pause_net_p99_ns", &pause, 0.99);
  put_percentile(out, "pause_net_p999_ns", &pause, 0.999);
  put_whole(out, "pause_net_max_ns", pause.greatest);
  put_percentile(out, "ttsp_net_p999_ns", &ttsp, 0.999);
  put_whole(out, "ttsp_net_max_ns", ttsp.greatest);
}

static void write_net_utilisation(FILE *out, const struct session_result *r) {
  struct recorder_utilisation u;
  if (!recorder_utilisation_init(&u, &r->recorder, r->begin, r->end,
                                 &r->hiccup.lost))
    return;
  for (size_t i = 0; i < WINDOWS; i++) {
    struct recorder_least mmu, bmu;
    if (!recorder_mmu(&u, window_ms[i] * UINT64_C(1000000), &mmu, &bmu))
      break;
    fprintf(out, "mmu_net_%ums %.6f\n", window_ms[i], mmu.of_worst);
  }
  recorder_utilisation_finish(&u);
}

/* What the machine lost is known only of runs that serve requests. */
static void write_net(FILE *out, const struct session_result *r) {
  if (r->requests == 0 || !r->hiccup.is_complete || r->recorder.pauses_lost > 0)
    return;
  put_whole(out, "hiccup_sum_ns",
            mmu_lane_overlap(&r->hiccup.lost,
                             (struct mmu_interval){r->begin, r->end}));
  write_net_pauses(out, r);
  write_net_utilisation(out, r);
}

/* The collector's peak is exact, but only as recent as its last update. After
   a prefault it is the peak of that. */
static uint64_t peak_held(const struct options *o,
                          const struct session_result *r) {
  uint64_t sampled = r->sampler.held.peak, told = r->memory.held_peak;
  return told > sampled && !o->prefaults ? told : sampled;
}

/* The area, in bytes times seconds, above the most bytes that ever live. When
   fewer bytes live, the true drag is larger. */
static void write_drag(FILE *out, const struct options *o,
                       const struct session_result *r) {
  const struct sampler *s = &r->sampler;
  double wall = (double)(r->end - r->begin);
  double live = (double)o->workload->live_bytes(&o->setup);
  if (s->kept < s->held.count) /* the samples do not cover the whole run */
    return;
  struct drag_point *points = malloc((s->kept + 1) * sizeof *points);
  if (points == NULL) {
    complain(EXIT_FINE, "out of memory: drag_byte_s is omitted");
    return;
  }
  for (size_t i = 0; i < s->kept; i++) {
    double t = (double)(int64_t)(s->points[i].ns - r->begin);
    points[i].t = fmin(fmax(t, 0), wall) / 1e9;
    points[i].held = (double)s->points[i].held;
  }
  put_real(out, "drag_byte_s", drag_area(points, s->kept, live));
  free(points);
}

static void write_memory(FILE *out, const struct options *o,
                         const struct session_result *r) {
  const struct sampler *s = &r->sampler;
  put_if_known(out, "rss_peak", s->resident.peak);
  if (s->resident.count > 0)
    put_whole(out, "rss_mean", s->resident.sum / s->resident.count);
  put_whole(out, "held_peak", peak_held(o, r));
  put_whole(out, "held_mean", s->held.sum / s->held.count);
  if (gc_collector.reclaims) { /* otherwise garbage is never distinguished from
                                  live objects */
    put_whole(out, "live_end", r->live_end);
    put_whole(out, "garbage_end", r->garbage_end);
  }
  put_whole(out, "metadata_bytes", r->memory.metadata);
  put_if_known(out, "je_allocated", r->memory.allocated);
  put_if_known(out, "je_active", r->memory.active);
  put_if_known(out, "je_resident", r->memory.resident);
  put_whole(out, "minor_faults",
            r->after.minor_faults - r->before.minor_faults);
  put_whole(out, "major_faults",
            r->after.major_faults - r->before.major_faults);
}

/* What the cores did, apart from this process, in shares of their time. */
static void write_ticks(FILE *out, const struct process_snapshot *a,
                        const struct process_snapshot *b) {
  if (b->all_ticks <= a->all_ticks) /* a run can be shorter than a tick */
    return;
  double all = (double)(b->all_ticks - a->all_ticks);
  double busy = (double)(b->busy_ticks - a->busy_ticks);
  double own = (double)(b->cpu_ns - a->cpu_ns) / process_tick_ns();
  put_real(out, "ticks", all);
  put_real(out, "steal", (double)(b->steal_ticks - a->steal_ticks) / all);
  put_real(out, "others", fmax(busy - own, 0) / all);
}

static void write_noise(FILE *out, const struct session_result *r) {
  const struct process_snapshot *a = &r->before, *b = &r->after;
  put_whole(out, "voluntary_switches",
            b->voluntary_switches - a->voluntary_switches);
  put_whole(out, "involuntary_switches",
            b->involuntary_switches - a->involuntary_switches);
  write_ticks(out, a, b);
  if (process_has_psi())
    put_whole(out, "psi_cpu_us", b->psi_cpu_us - a->psi_cpu_us);
}

/* --- all ------------------------------------------------------------------ */

void report_write(FILE *out, const struct options *o,
                  const struct session_result *r) {
  write_design(out, o, r);
  write_outcome(out, r);
  if (r->code != EXIT_FINE)
    return;
  write_cost(out, r);
  write_work(out, r);
  write_collection(out, &r->recorder);
  write_requests(out, r);
  write_utilisation(out, r);
  write_net(out, r);
  put_whole(out, "control", o->workload->is_control);
  put_whole(out, "contended",
            o->workload->is_contended && o->setup.threads > 1);
  write_memory(out, o, r);
  if (gc_collector.reclaims)
    write_drag(out, o, r);
  write_noise(out, r);
}
