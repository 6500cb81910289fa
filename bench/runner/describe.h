/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_DESCRIBE_H
#define RUNNER_DESCRIBE_H

/* What this runner can do, for the front end: a line each, words between
   tabs. */
void describe(void);

#endif
