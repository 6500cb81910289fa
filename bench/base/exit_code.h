/* SPDX-License-Identifier: MIT */
/* The exit statuses of the front end and of the runners.

   Steps that may fail are chained as `first() ?: second() ?: third()`: each is
   taken if the one before it was EXIT_FINE, and the value is the code of the
   last one taken. (`a ?: b` is `a ? a : b`, in gcc and clang.) */
#ifndef BASE_EXIT_CODE_H
#define BASE_EXIT_CODE_H

enum exit_code {
  EXIT_FINE = 0,        /* which chains rely on */
  EXIT_FAILED = 1,      /* a run or a chart went wrong */
  EXIT_USAGE = 2,       /* an unknown name, or an invalid number */
  EXIT_RESULTS = 3,     /* a results folder cannot be read or written */
  EXIT_MEMORY = 4,      /* the heap was too small */
  EXIT_THREADS = 5,     /* the system cannot create so many threads */
  EXIT_MISSING = 6,     /* a program or library is missing or does not fit */
  EXIT_INTERRUPTED = 7, /* finished rows are kept */
  EXIT_TIMED_OUT = 8,
  EXIT_UNTRUSTED = 9 /* the machine was too noisy */
};

#endif
