/* SPDX-License-Identifier: MIT */
#include "bench/base/columns.h"

#include <string.h>

const char *const run_columns[RUN_COLUMNS] = {
    /* identity */
    "schema", "campaign", "run", "started_utc", "commit", "dirty", "compiler",
    "build", "machine", "seed", "block", "order", "warmups",
    /* design */
    "workload", "params", "collector", "tuning", "threads", "gc_threads",
    "heap_bytes", "heap_factor", "min_heap_bytes", "rate_hz",
    /* outcome */
    "status", "exit_code", "checksum", "error",
    /* cost */
    "wall_ns", "user_ns", "sys_ns", "task_clock_ns", "stw_wall_ns",
    "stw_cpu_ns", "gc_thread_cpu_ns", "slow_ns", "instructions", "cycles",
    /* work */
    "ops", "ops_per_s", "alloc_objects", "alloc_bytes", "ref_stores",
    /* collection */
    "gc0", "gc1", "gc2", "cycle_passes", "pause_count", "pause_p50_ns",
    "pause_p95_ns", "pause_p99_ns", "pause_p999_ns", "pause_max_ns",
    "pause_sum_ns", "ttsp_p50_ns", "ttsp_max_ns", "mark_ns", "sweep_ns",
    "roots_ns", "verify_ns", "promoted_bytes", "cyclic_freed", "cascade_max",
    /* latency */
    "svc_p50_ns", "svc_p90_ns", "svc_p99_ns", "svc_p999_ns", "svc_max_ns",
    "met_p50_ns", "met_p90_ns", "met_p99_ns", "met_p999_ns", "met_max_ns",
    "met_full_p50_ns", "met_full_p90_ns", "met_full_p99_ns", "met_full_p999_ns",
    "met_full_max_ns", "rsp_p50_ns", "rsp_p90_ns", "rsp_p99_ns", "rsp_p999_ns",
    "rsp_max_ns", "requests",
    /* utilisation */
    "mmu_system_1ms", "mmu_system_2ms", "mmu_system_5ms", "mmu_system_10ms",
    "mmu_system_20ms", "mmu_system_50ms", "mmu_system_100ms",
    "mmu_system_1000ms", "mmu_worst_1ms", "mmu_worst_2ms", "mmu_worst_5ms",
    "mmu_worst_10ms", "mmu_worst_20ms", "mmu_worst_50ms", "mmu_worst_100ms",
    "mmu_worst_1000ms",
    /* memory */
    "rss_peak", "rss_mean", "held_peak", "held_mean", "live_end", "garbage_end",
    "drag_byte_s", "metadata_bytes", "je_allocated", "je_active", "je_resident",
    "minor_faults", "major_faults",
    /* noise */
    "voluntary_switches", "involuntary_switches", "steal", "load", "psi_cpu_us",
    "hiccup_p99_ns", "hiccup_max_ns", "calib_alu_ns", "calib_mem_ns",
    /* fairness */
    "ops_thread_min", "ops_thread_max", "ops_thread_cv",
    /* conditions */
    "huge_pages", "pin", "prefault",
    /* more noise */
    "ticks", "others",
    /* more design */
    "control", "contended",
    /* collection and utilisation */
    "gc_none", "bmu_system_1ms", "bmu_system_2ms", "bmu_system_5ms",
    "bmu_system_10ms", "bmu_system_20ms", "bmu_system_50ms", "bmu_system_100ms",
    "bmu_system_1000ms", "bmu_worst_1ms", "bmu_worst_2ms", "bmu_worst_5ms",
    "bmu_worst_10ms", "bmu_worst_20ms", "bmu_worst_50ms", "bmu_worst_100ms",
    "bmu_worst_1000ms",
    /* cycles of concurrent collectors */
    "concurrent_cycles", "degraded_cycles",
    /* net of hiccups */
    "hiccup_sum_ns", "pause_net_p50_ns", "pause_net_p99_ns",
    "pause_net_p999_ns", "pause_net_max_ns", "ttsp_net_p999_ns",
    "ttsp_net_max_ns", "mmu_net_1ms", "mmu_net_2ms", "mmu_net_5ms",
    "mmu_net_10ms", "mmu_net_20ms", "mmu_net_50ms", "mmu_net_100ms",
    "mmu_net_1000ms"};

static const char *const pause_columns[PAUSE_COLUMNS] = {
    "run", "seq", "kind", "generation", "thread", "t_request", "t_stopped",
    "t_end", "bytes_before", "bytes_after", "objects_marked", "objects_freed",
    "bytes_promoted", "cause",
    /* phases */
    "safepoint_ns", "roots_ns", "mark_ns", "sweep_ns", "drain_ns", "cycles_ns",
    "verify_ns", "resume_ns", "last"};

static const char *const timeline_columns[] = {"run", "t", "resident", "held"};

static const char *const latency_columns[] = {"run", "kind", "from_ns", "to_ns",
                                              "count"};

static const char *const stall_columns[] = {"run",     "thread", "kind",
                                            "t_begin", "t_end",  "objects"};

const struct companion_card companions[COMPANIONS] = {
    {"pauses", "pauses.csv", pause_columns, PAUSE_COLUMNS},
    {"timeline", "timeline.csv", timeline_columns,
     sizeof timeline_columns / sizeof *timeline_columns},
    {"latency", "latency.csv", latency_columns,
     sizeof latency_columns / sizeof *latency_columns},
    {"stalls", "stalls.csv", stall_columns,
     sizeof stall_columns / sizeof *stall_columns},
};

const struct run_schema run_schemas[RUN_SCHEMAS] = {
    {"2", 124, "gc_inline_fraction", false},
    {"3", 148, "slow_ns", true},
    {"4", 150, "slow_ns", true},
    {SCHEMA_VERSION, RUN_COLUMNS, "slow_ns", true},
};

const struct run_schema *run_schema_of(size_t columns) {
  size_t i = 0;
  while (i < RUN_SCHEMAS - 1 && run_schemas[i].columns != columns)
    i++;
  return &run_schemas[i];
}

bool run_schema_is_older(const struct run_schema *schema) {
  return schema != &run_schemas[RUN_SCHEMAS - 1];
}

size_t run_column_find(const char *name, size_t length) {
  size_t i = 0;
  while (i < RUN_COLUMNS && (strlen(run_columns[i]) != length ||
                             memcmp(run_columns[i], name, length) != 0))
    i++;
  return i;
}

bool run_column_is_text(size_t column) {
  switch (column) {
  case RUN_SCHEMA:
  case RUN_CAMPAIGN:
  case RUN_STARTED_UTC:
  case RUN_COMMIT:
  case RUN_COMPILER:
  case RUN_BUILD:
  case RUN_MACHINE:
  case RUN_SEED: /* more digits than a double has */
  case RUN_WORKLOAD:
  case RUN_PARAMS:
  case RUN_COLLECTOR:
  case RUN_TUNING:
  case RUN_STATUS:
  case RUN_CHECKSUM:
  case RUN_ERROR:
  case RUN_HUGE_PAGES:
  case RUN_PIN:
  case RUN_PREFAULT:
    return true;
  default:
    return false;
  }
}
