/* SPDX-License-Identifier: MIT */
#include "bench/runner/recorder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

static void count_generation(struct recorder *r, const struct gc_pause *pause) {
  if (pause->generation >= 0)
    r->collections[pause->generation < 2 ? pause->generation : 2]++;
  if (pause->phase_ns[GC_PHASE_CYCLES] > 0) {
    r->cycle_passes++;
    r->cyclic_freed += pause->objects_freed;
  }
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

/* A collector's own threads have no lane, because they do not delay a
   mutator. */
static void on_slow(void *data, const struct gc_slow_event *event) {
  struct recorder *r = data;
  struct recorder_lane *lane = own_lane;
  if (lane == NULL || !atomic_load(&r->is_armed))
    return;
  if (strcmp(event->kind, "cascade") == 0 && event->objects > lane->cascade_max)
    lane->cascade_max = event->objects;
  if (lane->count < RECORDER_SLOW)
    lane->items[lane->count++] =
        (struct mmu_interval){event->t_begin, event->t_end};
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

/* --- utilisation --------------------------------------------------------- */

static bool is_complete(const struct recorder *r) {
  size_t lost = r->pauses_lost;
  for (unsigned i = 0; i < r->lane_count; i++)
    lost += r->lanes[i].lost;
  return lost == 0;
}

/* All that delayed one thread: the pauses, and its own inline work. */
static bool lane_collect(struct mmu_lane *lane, const struct recorder *r,
                         const struct recorder_lane *own) {
  size_t count = r->pause_count + own->count;
  lane->count = 0;
  lane->items = malloc((count + 1) * sizeof *lane->items);
  if (lane->items == NULL)
    return false;
  for (size_t i = 0; i < r->pause_count; i++)
    lane->items[lane->count++] =
        (struct mmu_interval){r->pauses[i].t_request, r->pauses[i].t_end};
  if (own->count > 0)
    memcpy(lane->items + lane->count, own->items,
           own->count * sizeof *own->items);
  lane->count += own->count;
  mmu_lane_unite(lane);
  return true;
}

static bool curves_fill(struct recorder_utilisation *u,
                        const struct recorder *r, struct mmu_lane *lanes,
                        uint64_t begin, uint64_t end) {
  for (unsigned i = 0; i < r->lane_count; i++)
    if (!lane_collect(&lanes[i], r, &r->lanes[i]) ||
        !mmu_curve_init(&u->curves[i], begin, end, &lanes[i], 1))
      return false;
  return mmu_curve_init(&u->curves[r->lane_count], begin, end, lanes,
                        r->lane_count);
}

bool recorder_utilisation_init(struct recorder_utilisation *u,
                               const struct recorder *r, uint64_t begin,
                               uint64_t end) {
  *u = (struct recorder_utilisation){.lanes = r->lane_count};
  if (!is_complete(r))
    return false;
  struct mmu_lane *lanes = calloc(r->lane_count, sizeof *lanes);
  u->curves = calloc(r->lane_count + 1, sizeof *u->curves);
  bool is_filled = lanes != NULL && u->curves != NULL &&
                   curves_fill(u, r, lanes, begin, end);
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

bool recorder_mmu(const struct recorder_utilisation *u, uint64_t window,
                  double *of_system, double *of_worst) {
  *of_worst = 1;
  for (unsigned i = 0; i < u->lanes; i++) {
    double least;
    if (!mmu_least(&u->curves[i], window, &least))
      return false;
    *of_worst = least < *of_worst ? least : *of_worst;
  }
  return mmu_least(&u->curves[u->lanes], window, of_system);
}
