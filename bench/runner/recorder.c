/* SPDX-License-Identifier: MIT */
#include "bench/runner/recorder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "heap/heap.h"

static _Thread_local struct recorder_lane *own_lane;

/* Zeroed memory that becomes resident when it is touched. NULL: out of
   memory. */
static void *reserve(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

bool recorder_init(struct recorder *r, unsigned threads) {
  memset(r, 0, sizeof *r);
  r->pauses = reserve(RECORDER_PAUSES * sizeof *r->pauses);
  r->lanes = calloc(threads, sizeof *r->lanes);
  bool is_complete = r->pauses != NULL && r->lanes != NULL;
  while (is_complete && r->lane_count < threads) {
    struct recorder_lane *lane = &r->lanes[r->lane_count];
    lane->items = reserve(RECORDER_SLOW * sizeof *lane->items);
    is_complete = lane->items != NULL;
    r->lane_count += is_complete;
  }
  if (!is_complete)
    recorder_finish(r);
  return is_complete;
}

void recorder_finish(struct recorder *r) {
  if (r->pauses != NULL)
    munmap(r->pauses, RECORDER_PAUSES * sizeof *r->pauses);
  for (unsigned i = 0; i < r->lane_count; i++)
    munmap(r->lanes[i].items, RECORDER_SLOW * sizeof *r->lanes[i].items);
  free(r->lanes);
  r->pauses = NULL;
  r->lanes = NULL;
  r->lane_count = 0;
}

void recorder_enter(struct recorder *r, unsigned index) {
  own_lane = &r->lanes[index];
}

void recorder_arm(struct recorder *r, bool is_armed) {
  atomic_store(&r->is_armed, is_armed);
}

/* --- listening ----------------------------------------------------------- */

int recorder_generation(const struct gc_pause *pause) {
  if (pause->generation >= GC_OLDEST)
    return 2;
  return pause->generation < 2 ? pause->generation : 1;
}

static void count_generation(struct recorder *r, const struct gc_pause *pause) {
  int generation = recorder_generation(pause);
  if (generation < 0)
    r->other_stops++;
  else
    r->collections[generation]++;
  if (pause->phase_ns[GC_PHASE_CYCLES] > 0) {
    r->cycle_passes++;
    r->cyclic_freed += pause->objects_freed;
  }
  r->concurrent_cycles += pause->ends_cycle;
  r->degraded_cycles += pause->is_degraded;
}

static void add_up(struct gc_pause *sum, const struct gc_pause *pause) {
  for (int phase = 0; phase < GC_PHASE_COUNT; phase++)
    sum->phase_ns[phase] += pause->phase_ns[phase];
  sum->cpu_ns += pause->cpu_ns;
  sum->bytes_promoted += pause->bytes_promoted;
}

static void on_resumed(void *data, const struct gc_pause *pause) {
  struct recorder *r = data;
  if (!atomic_load(&r->is_armed))
    return;
  histogram_record(&r->pause_ns, pause->t_end - pause->t_request);
  histogram_record(&r->ttsp_ns, pause->t_stopped - pause->t_request);
  r->paused_ns += pause->t_end - pause->t_request;
  r->stopped_ns += pause->t_end - pause->t_stopped;
  add_up(&r->sum, pause);
  count_generation(r, pause);
  if (r->pause_count < RECORDER_PAUSES)
    r->pauses[r->pause_count++] = *pause;
  else
    r->pauses_lost++;
}

/* A stop is part of a pause, and a wait is no work. */
static bool is_work(const char *kind) {
  return strcmp(kind, gc_slow_stop) != 0 && strcmp(kind, "grace") != 0;
}

/* A collector's own threads have no lane, because they do not delay a
   mutator. */
static void on_slow(void *data, const struct gc_slow_event *event) {
  struct recorder *r = data;
  struct recorder_lane *lane = own_lane;
  if (lane == NULL || !atomic_load(&r->is_armed))
    return;
  if (strcmp(event->kind, "cascade") == 0 && event->objects > lane->cascade_max)
    lane->cascade_max = event->objects;
  if (is_work(event->kind))
    lane->work_ns += event->t_end - event->t_begin;
  if (lane->count < RECORDER_SLOW)
    lane->items[lane->count++] = (struct recorder_stall){
        event->kind, event->t_begin, event->t_end, event->objects};
  else
    lane->lost++;
}

struct gc_listener recorder_listener(struct recorder *r) {
  return (struct gc_listener){
      .data = r, .resumed = on_resumed, .slow = on_slow};
}

size_t recorder_cascade_max(const struct recorder *r) {
  size_t most = 0;
  for (unsigned i = 0; i < r->lane_count; i++)
    if (r->lanes[i].cascade_max > most)
      most = r->lanes[i].cascade_max;
  return most;
}

uint64_t recorder_work_ns(const struct recorder *r) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < r->lane_count; i++)
    sum += r->lanes[i].work_ns;
  return sum;
}

void recorder_stalls_visit(const struct recorder *r, unsigned lane,
                           void (*take)(void *, const struct recorder_stall *),
                           void *data) {
  for (size_t i = 0; i < r->lanes[lane].count; i++)
    take(data, &r->lanes[lane].items[i]);
  for (size_t i = 0; i < r->pause_count; i++) {
    const struct gc_pause *p = &r->pauses[i];
    if (p->by_signal)
      take(data,
           &(struct recorder_stall){gc_slow_stop, p->t_request, p->t_end, 0});
  }
}

/* --- utilisation --------------------------------------------------------- */

static bool is_complete(const struct recorder *r) {
  size_t lost = r->pauses_lost;
  for (unsigned i = 0; i < r->lane_count; i++)
    lost += r->lanes[i].lost;
  return lost == 0;
}

static void lane_take(void *data, const struct recorder_stall *stall) {
  struct mmu_lane *lane = data;
  lane->items[lane->count++] = (struct mmu_interval){stall->begin, stall->end};
}

static bool lane_collect(struct mmu_lane *lane, const struct recorder *r,
                         unsigned index, const struct mmu_lane *without) {
  size_t most = r->pause_count + r->lanes[index].count;
  lane->count = 0;
  lane->items = malloc((most + 1) * sizeof *lane->items);
  if (lane->items == NULL)
    return false;
  recorder_stalls_visit(r, index, lane_take, lane);
  mmu_lane_unite(lane);
  return without == NULL || mmu_lane_subtract(lane, without);
}

static bool curves_fill(struct recorder_utilisation *u,
                        const struct recorder *r, struct mmu_lane *lanes,
                        uint64_t begin, uint64_t end,
                        const struct mmu_lane *without) {
  for (unsigned i = 0; i < r->lane_count; i++)
    if (!lane_collect(&lanes[i], r, i, without) ||
        !mmu_curve_init(&u->curves[i], begin, end, &lanes[i], 1))
      return false;
  return mmu_curve_init(&u->curves[r->lane_count], begin, end, lanes,
                        r->lane_count);
}

bool recorder_utilisation_init(struct recorder_utilisation *u,
                               const struct recorder *r, uint64_t begin,
                               uint64_t end, const struct mmu_lane *without) {
  *u = (struct recorder_utilisation){.lanes = r->lane_count};
  if (!is_complete(r))
    return false;
  struct mmu_lane *lanes = calloc(r->lane_count, sizeof *lanes);
  u->curves = calloc(r->lane_count + 1, sizeof *u->curves);
  bool is_filled = lanes != NULL && u->curves != NULL &&
                   curves_fill(u, r, lanes, begin, end, without);
  for (unsigned i = 0; lanes != NULL && i < r->lane_count; i++)
    free(lanes[i].items);
  free(lanes);
  if (!is_filled)
    recorder_utilisation_finish(u);
  return is_filled;
}

void recorder_utilisation_finish(struct recorder_utilisation *u) {
  for (unsigned i = 0; u->curves != NULL && i <= u->lanes; i++)
    mmu_curve_finish(&u->curves[i]);
  free(u->curves);
  u->curves = NULL;
}

static bool both_least(const struct mmu_curve *curve, uint64_t window,
                       double *mmu, double *bmu) {
  return mmu_least(curve, window, mmu) && mmu_bounded(curve, window, bmu);
}

bool recorder_mmu(const struct recorder_utilisation *u, uint64_t window,
                  struct recorder_least *mmu, struct recorder_least *bmu) {
  mmu->of_worst = bmu->of_worst = 1;
  for (unsigned i = 0; i < u->lanes; i++) {
    double least, bounded;
    if (!both_least(&u->curves[i], window, &least, &bounded))
      return false;
    mmu->of_worst = fmin(mmu->of_worst, least);
    bmu->of_worst = fmin(bmu->of_worst, bounded);
  }
  return both_least(&u->curves[u->lanes], window, &mmu->of_system,
                    &bmu->of_system);
}
