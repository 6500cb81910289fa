/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_DESCRIBE_H
#define RUNNER_DESCRIBE_H

/* Prints what this runner supports, for the front end: one item a line, fields
   separated by tabs. */
void describe(void);

#endif
