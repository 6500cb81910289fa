/* SPDX-License-Identifier: MIT */
#include "bench/base/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/base/colour.h"

static bool status_drawn, quiet;

static void line_say(const char *prefix, enum colour colour, const char *format,
                     va_list arguments) {
  say_status_end();
  fprintf(stderr, "%s%s", colour_begin(colour, stderr), prefix);
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "%s\n", colour_end(colour, stderr));
}

int complain(enum exit_code code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  line_say("sweepstakes: ", COLOUR_PLAIN, format, arguments);
  va_end(arguments);
  return (int)code;
}

void say_be_quiet(bool is_quiet) {
  quiet = is_quiet;
}

bool say_is_quiet(void) {
  return quiet;
}

void say_progress(const char *format, ...) {
  if (quiet)
    return;
  va_list arguments;
  va_start(arguments, format);
  line_say("", COLOUR_PLAIN, format, arguments);
  va_end(arguments);
}

void say_failure(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  line_say("", COLOUR_FAILED, format, arguments);
  va_end(arguments);
}

void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  line_say("", COLOUR_PLAIN, format, arguments);
  va_end(arguments);
}

bool say_can_draw(void) {
  return !quiet && colour_is_terminal(stderr);
}

static int terminal_columns(void) {
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
    return size.ws_col;
  return 80;
}

void say_status(const char *text) {
  /* A line as wide as the terminal would wrap, and could not be redrawn. */
  fprintf(stderr, "\r\033[K%.*s", terminal_columns() - 1, text);
  fflush(stderr);
  status_drawn = true;
}

void say_status_end(void) {
  if (status_drawn)
    fputs("\r\033[K", stderr);
  status_drawn = false;
}
