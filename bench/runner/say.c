/* SPDX-License-Identifier: MIT */
#include "bench/runner/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "heap/heap.h"

#ifdef __clang__
const char runner_compiler[] = "clang " __clang_version__;
#else
const char runner_compiler[] = "gcc " __VERSION__;
#endif

#ifndef SWEEPSTAKES_BUILD_TYPE
#error "the build must say what it is, as \"Release\""
#endif
const char runner_build[] = SWEEPSTAKES_BUILD_TYPE;

enum exit_code complain(enum exit_code code, const char *format, ...) {
  fprintf(stderr, "sweepstakes-%s: ", gc_collector.name);
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  return code;
}
