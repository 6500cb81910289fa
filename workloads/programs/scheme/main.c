/* SPDX-License-Identifier: MIT */
/* A Scheme on a collector: runs a file, or the forms that come from standard
   input, whose values it prints. An example of how a language is embedded;
   scheme.h says which language it is.

   Usage: sweepstakes-scheme-<collector> [FILE]
   Exit codes: 0 fine, 1 an error in the program or the system, 2 usage */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "workloads/programs/scheme/scheme.h"

/* A person may go on after an error. */
static bool run(struct scheme *s, FILE *in, const char *name) {
  bool is_fine;
  s->out = stdout;
  s->has_prompt = in == stdin && isatty(STDIN_FILENO);
  do {
    is_fine = scheme_run(s, in, in == stdin);
    fflush(stdout);
    if (!is_fine)
      fprintf(stderr, "%s:%u: %s\n", name, s->line, s->error);
  } while (!is_fine && s->has_prompt && !feof(in));
  return is_fine;
}

int main(int argc, char **argv) {
  bool has_file = argc == 2 && argv[1][0] != '-';
  struct gc_options options = {.tuning = getenv("SWEEPSTAKES_TUNING")};
  gc_heap *heap;
  if (argc > 1 && !has_file) {
    fprintf(stderr, "usage: %s [FILE]\n", argv[0]);
    return 2;
  }
  int error = gc_heap_create(&options, &heap);
  gc_mutator *m = error == 0 ? gc_attach(heap) : NULL;
  struct scheme *s = m != NULL ? scheme_open(m) : NULL;
  if (s == NULL) {
    fprintf(stderr, "%s: %s\n", argv[0],
            error == EINVAL ? "SWEEPSTAKES_TUNING is invalid"
                            : "out of memory");
    return 1;
  }
  const char *name = has_file ? argv[1] : "input";
  FILE *in = has_file ? fopen(name, "r") : stdin;
  bool is_fine = in != NULL && run(s, in, name);
  if (in == NULL || ferror(in))
    fprintf(stderr, "%s: cannot read the file: %s\n", name, strerror(errno));
  scheme_close(s);
  gc_detach(m);
  gc_heap_destroy(heap);
  bool is_written = fflush(stdout) == 0 && !ferror(stdout);
  if (!is_written)
    fprintf(stderr, "%s: cannot write what it prints: %s\n", name,
            strerror(errno));
  return is_fine && is_written && !ferror(in) ? 0 : 1;
}
