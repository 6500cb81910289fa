/* SPDX-License-Identifier: MIT */
/* Listens to a heap and records the timed section: every pause, and every slow
   operation that a thread did inline. Nothing is allocated while the clock
   runs: the arrays are reserved before, and their pages become resident as they
   fill. */
#ifndef RUNNER_RECORDER_H
#define RUNNER_RECORDER_H

#include "bench/stats/histogram.h"
#include "bench/stats/mmu.h"
#include "heap/event.h"

/* A time during which the collector held up one thread. */
struct recorder_stall {
  const char *kind; /* of the slow event */
  uint64_t begin, end;
  size_t objects;
};

/* What held up one thread. Written only by that thread. */
struct recorder_lane {
  struct recorder_stall *items; /* room for RECORDER_SLOW */
  size_t count, lost;
  uint64_t work_ns;   /* inline work: without stops and waits */
  size_t cascade_max; /* objects */
};

struct recorder {
  _Atomic bool is_armed;

  /* Written by the thread that has stopped the world. */
  struct gc_pause *pauses; /* room for RECORDER_PAUSES */
  size_t pause_count, pauses_lost;
  struct histogram pause_ns, ttsp_ns;
  struct gc_pause sum; /* of phases, CPU and objects; the rest unused */
  uint64_t paused_ns;  /* all pauses, from request to resume */
  uint64_t stopped_ns; /* the part of it with the whole world stopped */
  size_t collections[3], cycle_passes, cyclic_freed;
  size_t concurrent_cycles, degraded_cycles;
  size_t other_stops; /* pauses that collected no generation */

  struct recorder_lane *lanes;
  unsigned lane_count;
};

/* Capacities: a million pauses, and the drains of one minute at one drain
   each 50 µs. Later events are only counted, and utilisation is then not
   reported. */
enum { RECORDER_PAUSES = 1 << 20, RECORDER_SLOW = 1 << 20 };

/* False: no memory. */
bool recorder_init(struct recorder *, unsigned threads);
void recorder_finish(struct recorder *);
/* The collection of a pause: 2 if it was full, 0 or 1 if it was of the youngest
   or also of the next generation, -1 if it was none. */
int recorder_generation(const struct gc_pause *);
/* The listener that feeds the recorder. */
struct gc_listener recorder_listener(struct recorder *);
/* From now on, slow events of the calling thread go to lane `index`. */
void recorder_enter(struct recorder *, unsigned index);
void recorder_arm(struct recorder *, bool is_armed);
/* Objects that died in the longest release cascade. */
size_t recorder_cascade_max(const struct recorder *);
/* The inline work of all threads together. */
uint64_t recorder_work_ns(const struct recorder *);

/* All that held up the thread of a lane: its slow events, and the pauses by
   signal, in which no thread tells when it stopped. They count as a stop of
   every thread from the request on. Calls `take` for each. */
void recorder_stalls_visit(const struct recorder *, unsigned lane,
                           void (*take)(void *data,
                                        const struct recorder_stall *),
                           void *data);

/* Utilisation from `begin` to `end`, of the whole system and of the worst
   thread. The curves of `lanes` single threads come first, then the curve of
   the system. What is in `without`, if it is not NULL, counts as time of the
   program; that lane is united. False: out of memory, or events were lost. */
struct recorder_utilisation {
  struct mmu_curve *curves;
  unsigned lanes;
};
bool recorder_utilisation_init(struct recorder_utilisation *,
                               const struct recorder *, uint64_t begin,
                               uint64_t end, const struct mmu_lane *without);
void recorder_utilisation_finish(struct recorder_utilisation *);
/* Of the whole system, and of the worst thread. */
struct recorder_least {
  double of_system, of_worst;
};
/* MMU and BMU for a window. False: the window is longer than the run. */
bool recorder_mmu(const struct recorder_utilisation *, uint64_t window,
                  struct recorder_least *mmu, struct recorder_least *bmu);

#endif
