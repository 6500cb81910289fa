/* SPDX-License-Identifier: MIT */
#include "bench/runner/hiccup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "bench/runner/cores.h"

enum { SLEEP_NS = 1000000, SECOND_NS = 1000000000 };

/* The thread writes the rest until it has ended. */
struct hiccup_watch {
  struct hiccup *all;
  pthread_t thread;
  unsigned index;
  struct histogram late_ns;
  struct mmu_interval *lost;
  size_t count, room;
  bool is_complete;
};

/* By default the timers of a thread can expire 50 µs late. */
void hiccup_sleep_until(uint64_t ns) {
  static _Thread_local bool is_exact;
  if (!is_exact)
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  is_exact = true;
  struct timespec until = {.tv_sec = (time_t)(ns / SECOND_NS),
                           .tv_nsec = (long)(ns % SECOND_NS)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
    ;
}

static void lost_add(struct hiccup_watch *w, uint64_t begin, uint64_t end) {
  if (w->count == w->room) {
    size_t room = w->room > 0 ? 2 * w->room : 1024;
    struct mmu_interval *more = realloc(w->lost, room * sizeof *more);
    if (more == NULL) {
      w->is_complete = false;
      return;
    }
    w->lost = more;
    w->room = room;
  }
  w->lost[w->count++] = (struct mmu_interval){begin, end};
}

static void *watch_main(void *argument) {
  struct hiccup_watch *w = argument;
  (void)cores_pin(w->index); /* otherwise it watches where it runs */
  while (!w->all->is_stopping) {
    uint64_t until = gc_now_ns() + SLEEP_NS;
    hiccup_sleep_until(until);
    uint64_t now = gc_now_ns();
    histogram_record(&w->late_ns, now - until);
    if (now - until >= HICCUP_LEAST_NS)
      lost_add(w, until, now);
  }
  return NULL;
}

static bool watch_start(struct hiccup *h) {
  struct hiccup_watch *w = &h->watches[h->count];
  *w = (struct hiccup_watch){.all = h, .index = h->count, .is_complete = true};
  return pthread_create(&w->thread, NULL, watch_main, w) == 0;
}

bool hiccup_start(struct hiccup *h, unsigned threads) {
  memset(h, 0, sizeof *h);
  unsigned most = threads < cores_count() ? threads : cores_count();
  h->watches = calloc(most, sizeof *h->watches);
  while (h->watches != NULL && h->count < most && watch_start(h))
    h->count++;
  if (h->count > 0 && h->count == most)
    return true;
  hiccup_stop(h);
  hiccup_finish(h);
  return false;
}

/* Takes over what a thread that has ended recorded. */
static void watch_take(struct hiccup *h, struct hiccup_watch *w) {
  size_t bytes = w->count * sizeof *w->lost;
  struct mmu_lane *lost = &h->lost;
  histogram_merge(&h->late_ns, &w->late_ns);
  h->is_complete = h->is_complete && w->is_complete;
  struct mmu_interval *more =
      bytes > 0 ? realloc(lost->items, lost->count * sizeof *more + bytes)
                : NULL;
  if (more != NULL) {
    memcpy(more + lost->count, w->lost, bytes);
    lost->items = more;
    lost->count += w->count;
  } else if (bytes > 0) {
    h->is_complete = false;
  }
  free(w->lost);
}

void hiccup_stop(struct hiccup *h) {
  h->is_stopping = true;
  h->is_complete = true;
  for (unsigned i = 0; i < h->count; i++) {
    pthread_join(h->watches[i].thread, NULL);
    watch_take(h, &h->watches[i]);
  }
  mmu_lane_unite(&h->lost);
  free(h->watches);
  h->watches = NULL;
}

void hiccup_finish(struct hiccup *h) {
  free(h->lost.items);
  h->lost = (struct mmu_lane){0};
}
