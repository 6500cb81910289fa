/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_REPORT_H
#define RUNNER_REPORT_H

#include <stdio.h>

#include "bench/runner/session.h"

/* One line for each column: its name in runs.csv, a blank, its value. A figure
   that was not measured has no line. */
void report_write(FILE *, const struct options *,
                  const struct session_result *);
/* The state of the machine just before the run. */
struct report_machine {
  double load;
  uint64_t alu_ns, mem_ns;
};
struct report_machine report_look_at_machine(void);
void report_write_machine(FILE *, const struct report_machine *);

#endif
