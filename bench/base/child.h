/* SPDX-License-Identifier: MIT */
/* One program, run to its end in a process group of its own, so that a
   Ctrl-C on the terminal reaches only the front end, which then decides. */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <stdint.h>

enum child_end {
  CHILD_EXITED,
  CHILD_SIGNALLED,
  CHILD_TIMED_OUT,
  CHILD_INTERRUPTED, /* we were asked to stop while it ran */
  CHILD_NOT_STARTED
};

struct child {
  const char *const *arguments; /* the program first; ends with NULL */
  int out, err;                 /* file descriptors; -1: /dev/null */
  double seconds;               /* longest time it may take */
  void (*tick)(void *data);     /* called about once a second, or NULL */
  void *data;
};

struct child_result {
  enum child_end end;
  int code; /* exit status or signal; errno where there was no process */
  double seconds;
};

/* Blocks SIGINT, SIGTERM and SIGHUP from now on. They stay pending, and
   child_run and child_asked_to_stop check for them. */
void child_signals_hold(void);
bool child_asked_to_stop(void);

struct child_result child_run(const struct child *);
/* The reason why it was not started, if it printed none itself. */
const char *child_refusal(const struct child_result *);

#endif
