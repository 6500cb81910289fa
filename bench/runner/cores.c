/* SPDX-License-Identifier: MIT */
#include "bench/runner/cores.h"

#include <sched.h>

unsigned cores_count(void) {
  cpu_set_t all;
  if (sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) == 0)
    return 1;
  return (unsigned)CPU_COUNT(&all);
}

bool cores_pin(unsigned index) {
  cpu_set_t all, one;
  if (sched_getaffinity(0, sizeof all, &all) != 0 || CPU_COUNT(&all) == 0)
    return false;
  int nth = (int)(index % (unsigned)CPU_COUNT(&all)), core = -1;
  do
    core++;
  while (!CPU_ISSET(core, &all) || nth-- > 0);
  CPU_ZERO(&one);
  CPU_SET(core, &one);
  return sched_setaffinity(0, sizeof one, &one) == 0;
}
