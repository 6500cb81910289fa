/* SPDX-License-Identifier: MIT */
#include "bench/race/bisection.h"

#include "bench/base/exit_code.h"

static bool is_over(const struct bisection *b) {
  if (b->yes == 0)
    return b->no >= b->greatest;
  uint64_t apart = b->yes - b->no;
  return b->yes <= b->least || apart <= b->step || apart <= b->yes / b->share;
}

static uint64_t number_next(const struct bisection *b) {
  if (b->yes > 0)
    return b->no + (b->yes - b->no) / 2;
  if (b->no == 0)
    return b->first;
  return b->no < b->greatest / 2 ? 2 * b->no : b->greatest;
}

int bisection_run(struct bisection *b) {
  int code = EXIT_FINE;
  while (code == EXIT_FINE && !is_over(b)) {
    uint64_t number = number_next(b);
    bool yes;
    code = b->ask(b->data, number, &yes);
    if (code == EXIT_FINE)
      *(yes ? &b->yes : &b->no) = number;
  }
  return code;
}
