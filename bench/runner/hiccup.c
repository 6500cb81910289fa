/* SPDX-License-Identifier: MIT */
#include "bench/runner/hiccup.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

enum { SLEEP_NS = 1000000, SECOND_NS = 1000000000 };

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

static void *hiccup_main(void *argument) {
  struct hiccup *h = argument;
  while (!h->is_stopping) {
    uint64_t until = gc_now_ns() + SLEEP_NS;
    hiccup_sleep_until(until);
    histogram_record(&h->late_ns, gc_now_ns() - until);
  }
  return NULL;
}

bool hiccup_start(struct hiccup *h) {
  memset(&h->late_ns, 0, sizeof h->late_ns);
  h->is_stopping = false;
  return pthread_create(&h->thread, NULL, hiccup_main, h) == 0;
}

void hiccup_stop(struct hiccup *h) {
  h->is_stopping = true;
  pthread_join(h->thread, NULL);
}
