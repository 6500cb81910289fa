/* SPDX-License-Identifier: MIT */
/* What the system says of this process and of the machine: two snapshots, one
   on either side of the timed section. */
#ifndef RUNNER_PROCESS_H
#define RUNNER_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* Hardware counters; -1 where the system does not grant one. They count this
   process in user mode, with all threads made after they were opened. */
struct process_counters {
  int instructions, cycles;
};

struct process_snapshot {
  uint64_t cpu_ns; /* user and system together, exact */
  uint64_t user_ns, sys_ns;
  uint64_t minor_faults, major_faults;
  uint64_t voluntary_switches, involuntary_switches;
  uint64_t instructions, cycles;
  /* Of the machine; in clock ticks, and microseconds. */
  uint64_t steal_ticks, all_ticks, psi_cpu_us;
};

struct process_counters process_counters_open(void);
void process_counters_close(struct process_counters *);

/* Reads the slow things first, so that they are not in the section. */
void process_snapshot_begin(struct process_snapshot *,
                            const struct process_counters *);
/* The other way round. */
void process_snapshot_end(struct process_snapshot *,
                          const struct process_counters *);

/* Is there pressure-stall information on this machine? */
bool process_has_psi(void);
/* The load of the last minute, or a negative number. */
double process_load(void);
/* Bytes that can be had without swapping. False: not known. */
bool process_available_memory(uint64_t *out);
/* "name" out of /proc/cpuinfo's "model name"; empty where it is not known. */
void process_cpu_model(char *out, int size);

#endif
