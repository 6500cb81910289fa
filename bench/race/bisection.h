/* SPDX-License-Identifier: MIT */
/* Where does the answer to a question change from no to yes, as a number
   grows? The invariant: `no` is the greatest number known to answer no, `yes`
   the least known to answer yes; 0: none is known. */
#ifndef RACE_BISECTION_H
#define RACE_BISECTION_H

#include <stdbool.h>
#include <stdint.h>

struct bisection {
  uint64_t no, yes;
  uint64_t first;           /* where to begin, if nothing is known; not 0 */
  uint64_t least, greatest; /* where to end, if the answer stays the same */
  /* Found: no and yes are this close, or one part in `share` of yes. */
  uint64_t step, share;
  int (*ask)(void *data, uint64_t number, bool *yes); /* exit code */
  void *data;
};

/* Doubles until the answer is yes, and then halves the distance. Afterwards
   `yes` is 0 where not even `greatest` was enough, and `no` where the answer
   was yes down to `least`. Exit code of what was asked last. */
int bisection_run(struct bisection *);

#endif
