/* SPDX-License-Identifier: MIT */
/* Figures that the system keeps about this process and the machine: two
   snapshots, one on either side of the timed section. */
#ifndef RUNNER_PROCESS_H
#define RUNNER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* Hardware counters; -1 if the system does not allow one. They count this
   process in user mode, including all threads created after they were
   opened. */
struct process_counters {
  int instructions, cycles;
};

struct process_snapshot {
  uint64_t cpu_ns; /* user and system together, exact */
  uint64_t user_ns, sys_ns;
  uint64_t minor_faults, major_faults;
  uint64_t voluntary_switches, involuntary_switches;
  uint64_t instructions, cycles;
  /* Of the whole machine, in clock ticks and in microseconds. */
  uint64_t steal_ticks, busy_ticks, all_ticks, psi_cpu_us;
};

struct process_counters process_counters_open(void);
void process_counters_close(struct process_counters *);

/* Reads the slow figures first, so that reading them is outside the section. */
void process_snapshot_begin(struct process_snapshot *,
                            const struct process_counters *);
/* Reads the slow figures last, for the same reason. */
void process_snapshot_end(struct process_snapshot *,
                          const struct process_counters *);

/* Nanoseconds of a clock tick. */
double process_tick_ns(void);
/* Is there pressure-stall information on this machine? */
bool process_has_psi(void);
/* The load average of the last minute; negative if it is unknown. */
double process_load(void);
/* Bytes that can be allocated without swapping. False: unknown. */
bool process_available_memory(uint64_t *out);
/* The "model name" of /proc/cpuinfo; empty if it is unknown. */
void process_cpu_model(char *out, int size);

#endif
