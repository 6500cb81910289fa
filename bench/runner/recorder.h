/* SPDX-License-Identifier: MIT */
/* Listens to a heap and keeps what it hears of the timed section: every pause,
   and every slow thing that a thread did inline. Nothing is allocated while
   the clock runs: the arrays are reserved before and become real page by page
   as they fill. */
#ifndef RUNNER_RECORDER_H
#define RUNNER_RECORDER_H

#include "bench/stats/histogram.h"
#include "bench/stats/mmu.h"
#include "heap/event.h"

/* What one thread did inline. Written by that thread alone. */
struct recorder_lane {
  struct mmu_interval *items; /* room for RECORDER_SLOW */
  size_t count, lost;
  size_t cascade_max; /* objects */
};

struct recorder {
  _Atomic bool is_armed;

  /* Written by whoever has stopped the world. */
  struct gc_pause *pauses; /* room for RECORDER_PAUSES */
  size_t pause_count, pauses_lost;
  struct histogram pause_ns, ttsp_ns;
  struct gc_pause sum; /* of phases, CPU and objects; the rest unused */
  uint64_t paused_ns;  /* all pauses, from request to resume */
  uint64_t stopped_ns; /* of that, with the whole world at rest */
  size_t collections[3], cycle_passes, cyclic_freed;

  struct recorder_lane *lanes;
  unsigned lane_count;
};

/* How many fit: a million pauses, and at a drain each 50 µs those of a
   minute. What comes after is counted and leaves utilisation unmeasured. */
enum { RECORDER_PAUSES = 1 << 20, RECORDER_SLOW = 1 << 20 };

/* False: no memory. */
bool recorder_init(struct recorder *, unsigned threads);
void recorder_finish(struct recorder *);
/* What tells the recorder. */
struct gc_listener recorder_listener(struct recorder *);
/* The calling thread's slow events go to lane `index` from now on. */
void recorder_enter(struct recorder *, unsigned index);
void recorder_arm(struct recorder *, bool is_armed);
/* Objects that died in the longest release cascade. */
size_t recorder_cascade_max(const struct recorder *);

/* Utilisation from `begin` to `end`, of the whole system and of the thread
   that fared worst. `lanes` curves of one thread each come first, then that
   of the system. False: no memory, or something was lost. */
struct recorder_utilisation {
  struct mmu_curve *curves;
  unsigned lanes;
};
bool recorder_utilisation_init(struct recorder_utilisation *,
                               const struct recorder *, uint64_t begin,
                               uint64_t end);
void recorder_utilisation_finish(struct recorder_utilisation *);
/* False: the window is longer than the run. */
bool recorder_mmu(const struct recorder_utilisation *, uint64_t window,
                  double *of_system, double *of_worst);

#endif
