/* SPDX-License-Identifier: MIT */
#include "bench/base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"

enum { ROOM_AT_FIRST = 1024 };

static bool room_make(struct text *t, size_t wanted) {
  size_t room = t->room > 0 ? t->room : ROOM_AT_FIRST;
  while (room < wanted)
    room *= 2;
  char *bytes = realloc(t->bytes, room);
  if (bytes == NULL)
    return false;
  t->bytes = bytes;
  t->room = room;
  return true;
}

static ssize_t bytes_take(void *data, const char *bytes, size_t size) {
  struct text *t = data;
  if (t->room - t->size < size && !room_make(t, t->size + size))
    return 0; /* an error, which text_end sees */
  memcpy(t->bytes + t->size, bytes, size);
  t->size += size;
  return (ssize_t)size;
}

void text_begin(struct text *t) {
  *t = (struct text){0};
  t->out = fopencookie(t, "w", (cookie_io_functions_t){.write = bytes_take});
  if (t->out == NULL)
    pool_exhausted();
}

void text_end(struct text *t) {
  bool is_whole = fflush(t->out) == 0 && !ferror(t->out);
  fclose(t->out);
  if (!is_whole)
    pool_exhausted();
}

void text_free(struct text *t) {
  free(t->bytes);
}

_Noreturn static void cannot_read(const char *what) {
  enum exit_code code = errno == ENOMEM ? EXIT_MEMORY : EXIT_RESULTS;
  exit(complain(code, "cannot read %s: %s", what, strerror(errno)));
}

FILE *text_open(const char *path) {
  FILE *in = fopen(path, "re");
  if (in == NULL && errno != ENOENT)
    cannot_read(path);
  return in;
}

ssize_t text_line(char **line, size_t *capacity, FILE *in) {
  ssize_t length = getline(line, capacity, in);
  if (length < 0 && !feof(in))
    cannot_read("the next line of a file");
  return length;
}

char **text_split(struct pool *pool, const char *text, char separator) {
  char **pieces = NULL;
  size_t count = 0;
  const char separators[] = {separator, '\0'};
  char *rest = pool_copy(pool, text, strlen(text));
  while (rest != NULL) {
    pieces = pool_grow(pool, pieces, count, sizeof *pieces);
    pieces[count++] = strsep(&rest, separators);
  }
  pieces = pool_grow(pool, pieces, count, sizeof *pieces);
  pieces[count] = NULL;
  return pieces;
}
