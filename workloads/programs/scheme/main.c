/* SPDX-License-Identifier: MIT */
/* A Scheme on a collector: runs a file, or the forms that come from standard
   input, whose values it prints. An example of how a language is embedded;
   scheme.h says which language it is.

   Usage: sweepstakes-scheme-<collector> [FILE]
   Exit codes: 0 fine, 1 an error in the program or the system, 2 usage */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workloads/programs/scheme/scheme.h"

/* False after an error, which it prints. */
static bool run(struct scheme *s, const char *name, const char *text,
                uint32_t line, bool echoes) {
  bool is_fine = scheme_run(s, text, line, echoes);
  fflush(stdout);
  if (!is_fine && !(echoes && s->is_unfinished))
    fprintf(stderr, "%s:%u: %s\n", name, s->line, s->error);
  return is_fine;
}

/* Adds lines to a text until it ends with a whole form, and runs it. A person
   may go on after an error. */
static bool prompt(struct scheme *s, bool is_person) {
  static char text[1 << 20];
  uint32_t first = 1, next = 1;
  size_t length = 0;
  for (;; next++) {
    if (is_person)
      fputs(length == 0 ? "> " : "  ", stdout), fflush(stdout);
    if (!fgets(text + length, (int)(sizeof text - length), stdin))
      return length == 0 || run(s, "input", text, first, false);
    bool is_fine = run(s, "input", text, first, true);
    if (!is_fine && s->is_unfinished) {
      length += strlen(text + length);
      continue;
    }
    if (!is_fine && !is_person)
      return false;
    length = 0;
    first = next + 1;
  }
}

static bool file_run(struct scheme *s, const char *name) {
  FILE *in = fopen(name, "r");
  char *text = NULL;
  size_t room = 0;
  bool has_text = in != NULL && getdelim(&text, &room, '\0', in) >= 0;
  if (in == NULL || (!has_text && !feof(in))) {
    fprintf(stderr, "%s: cannot read the file: %s\n", name, strerror(errno));
    return false;
  }
  bool is_fine = run(s, name, has_text ? text : "", 1, false);
  fclose(in);
  free(text);
  return is_fine;
}

int main(int argc, char **argv) {
  if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
    fprintf(stderr, "usage: %s [FILE]\n", argv[0]);
    return 2;
  }
  struct gc_options options = {.tuning = getenv("SWEEPSTAKES_TUNING")};
  gc_heap *heap;
  int error = gc_heap_create(&options, &heap);
  gc_mutator *m = error == 0 ? gc_attach(heap) : NULL;
  struct scheme *s = m != NULL ? scheme_open(m) : NULL;
  if (s == NULL) {
    fprintf(stderr, "%s: %s\n", argv[0],
            error == EINVAL ? "SWEEPSTAKES_TUNING is invalid"
                            : "out of memory");
    return 1;
  }
  s->out = stdout;
  bool is_fine =
      argc == 2 ? file_run(s, argv[1]) : prompt(s, isatty(STDIN_FILENO));
  scheme_close(s);
  gc_detach(m);
  gc_heap_destroy(heap);
  return is_fine ? 0 : 1;
}
