/* SPDX-License-Identifier: MIT */
/* A Scheme on a collector: runs a file, or reads forms from a prompt and prints
   their values. An example of how a language is embedded; scheme.h says which
   language it is.

   Usage: sweepstakes-scheme-<collector> [FILE]
   Exit codes: 0 fine, 1 an error in the program or the system, 2 usage */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workloads/programs/scheme/scheme.h"

/* All of a file, or NULL. */
static char *file_read(const char *path) {
  FILE *in = fopen(path, "r");
  char *text = NULL;
  size_t room = 0;
  ssize_t length = in != NULL ? getdelim(&text, &room, '\0', in) : -1;
  bool is_empty = length < 0 && in != NULL && feof(in);
  if (in != NULL)
    fclose(in);
  if (length >= 0 || !is_empty)
    return length >= 0 ? text : NULL;
  free(text);
  return strdup("");
}

static bool run(struct scheme *s, const char *name, const char *text,
                uint32_t line, bool echoes) {
  bool is_fine = scheme_run(s, text, line, echoes);
  fflush(stdout);
  if (!is_fine && !(echoes && s->is_unfinished))
    fprintf(stderr, "%s:%u: %s\n", name, s->line, s->error);
  return is_fine;
}

/* Reads lines until they are whole forms. */
static bool prompt(struct scheme *s) {
  char *text = calloc(1, 1), *line = NULL;
  size_t room = 0, length = 0;
  uint32_t first = 1, next = 1;
  bool has_failed = false, is_terminal = isatty(STDIN_FILENO);
  for (;; next++) {
    if (is_terminal)
      fputs(length == 0 ? "> " : "  ", stdout), fflush(stdout);
    ssize_t got = getline(&line, &room, stdin);
    if (got < 0)
      break;
    text = realloc(text, length + (size_t)got + 1);
    if (text == NULL)
      return false;
    memcpy(text + length, line, (size_t)got + 1);
    if (!run(s, "input", text, first, true) && s->is_unfinished) {
      length += (size_t)got;
      continue;
    }
    has_failed |= s->error[0] != '\0' && !is_terminal;
    s->error[0] = '\0';
    length = 0;
    first = next + 1;
  }
  if (length > 0)
    has_failed |= !run(s, "input", text, first, false);
  free(line);
  free(text);
  return !has_failed;
}

int main(int argc, char **argv) {
  gc_heap *heap;
  char *text = argc == 2 ? file_read(argv[1]) : NULL;
  if (argc > 2 || (argc == 2 && argv[1][0] == '-')) {
    fprintf(stderr, "usage: %s [FILE]\n", argv[0]);
    return 2;
  }
  if (argc == 2 && text == NULL) {
    fprintf(stderr, "%s: cannot read it: %s\n", argv[1], strerror(errno));
    return 1;
  }
  gc_mutator *m = gc_heap_create(NULL, &heap) == 0 ? gc_attach(heap) : NULL;
  struct scheme *s = m != NULL ? scheme_open(m) : NULL;
  if (s == NULL) {
    fprintf(stderr, "%s: out of memory\n", argv[0]);
    return 1;
  }
  s->out = stdout;
  bool is_fine = text != NULL ? run(s, argv[1], text, 1, false) : prompt(s);
  scheme_close(s);
  gc_detach(m);
  gc_heap_destroy(heap);
  free(text);
  return is_fine ? 0 : 1;
}
