/* SPDX-License-Identifier: MIT */
#include "bench/front/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/front/say.h"

/* --- reading ------------------------------------------------------------- */

static int cannot_read(const char *path) {
  return complain(EXIT_RESULTS, "cannot read %s: %s", path, strerror(errno));
}

static int file_map(struct csv_file *file, int fd) {
  struct stat status;
  if (fstat(fd, &status) != 0)
    return cannot_read(file->path);
  if (status.st_size == 0) /* nothing can be mapped */
    return EXIT_FINE;
  size_t size = (size_t)status.st_size;
  void *text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (text == MAP_FAILED)
    return cannot_read(file->path);
  file->text = text;
  file->size = size;
  return EXIT_FINE;
}

int csv_load(struct csv_file *file, const char *path) {
  *file = (struct csv_file){.path = path, .text = ""};
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT ? EXIT_FINE : cannot_read(path);
  int code = file_map(file, fd);
  close(fd);
  return code;
}

void csv_unload(struct csv_file *file) {
  if (file->size > 0)
    munmap((void *)file->text, file->size);
  *file = (struct csv_file){.path = file->path, .text = ""};
}

/* The next character, or EOF at the end of the file. */
static int peek(const struct csv_reader *r) {
  return r->at < r->file->size ? (unsigned char)r->file->text[r->at] : EOF;
}

static bool starts_escape(const struct csv_reader *r) {
  return peek(r) == '"' && r->at + 1 < r->file->size &&
         r->file->text[r->at + 1] == '"';
}

/* Halves the doubled quotes of a field, in place. */
static void field_unescape(char *field) {
  char *out = field;
  for (const char *in = field; *in != '\0'; in++) {
    *out++ = *in;
    in += in[0] == '"';
  }
  *out = '\0';
}

/* Reads "a ""quoted"" field", having seen its first quote. */
static const char *quoted_read(struct csv_reader *r) {
  size_t begin = ++r->at;
  for (; peek(r) != EOF && (peek(r) != '"' || starts_escape(r)); r->at++) {
    r->at += starts_escape(r);
    r->line += peek(r) == '\n';
  }
  char *field = pool_copy(r->pool, r->file->text + begin, r->at - begin);
  field_unescape(field);
  r->at += peek(r) == '"';
  return field;
}

static const char *bare_read(struct csv_reader *r) {
  const char *begin = r->file->text + r->at;
  size_t left = r->file->size - r->at, length = 0;
  while (length < left && strchr(",\"\r\n", begin[length]) == NULL)
    length++;
  r->at += length;
  return pool_copy(r->pool, begin, length);
}

/* Steps over what stands after a field. True: a comma, so the row goes on. */
static bool separator_read(struct csv_reader *r, enum csv_found *found) {
  if (peek(r) == ',') {
    r->at++;
    return true;
  }
  r->at += peek(r) == '\r';
  if (peek(r) == '\n') {
    r->at++;
    r->line++;
    *found = CSV_ROW;
  } else {
    *found = peek(r) == EOF ? CSV_CUT : CSV_BAD;
  }
  return false;
}

enum csv_found csv_next(struct csv_reader *r, struct csv_row *row) {
  if (peek(r) == EOF)
    return CSV_END;
  *row = (struct csv_row){.line = r->line + 1, .begin = r->at};
  enum csv_found found;
  do {
    row->fields =
        pool_grow(r->pool, row->fields, row->count, sizeof *row->fields);
    row->fields[row->count++] = peek(r) == '"' ? quoted_read(r) : bare_read(r);
  } while (separator_read(r, &found));
  row->end = r->at;
  return found;
}

bool csv_header_is(const struct csv_file *file, const struct csv_row *row,
                   const char *const *names, size_t count) {
  for (size_t i = 0; i < count && i < row->count; i++) {
    if (strcmp(row->fields[i], names[i]) != 0) {
      complain(EXIT_RESULTS, "%s, line %zu: column %zu is '%s' and not '%s'",
               file->path, row->line, i + 1, row->fields[i], names[i]);
      return false;
    }
  }
  if (row->count < count)
    complain(EXIT_RESULTS, "%s, line %zu: column '%s' is missing", file->path,
             row->line, names[row->count]);
  else if (row->count > count)
    complain(EXIT_RESULTS, "%s, line %zu: column '%s' is not known", file->path,
             row->line, row->fields[count]);
  return row->count == count;
}

bool csv_row_is_full(const struct csv_file *file, const struct csv_row *row,
                     size_t count) {
  if (row->count != count)
    complain(EXIT_RESULTS, "%s, line %zu: has %zu fields and not %zu",
             file->path, row->line, row->count, count);
  return row->count == count;
}

/* --- writing ------------------------------------------------------------- */

static void field_write(FILE *out, const char *field) {
  if (field[strcspn(field, ",\"\r\n")] == '\0') {
    fputs(field, out);
    return;
  }
  fputc('"', out);
  for (; *field != '\0'; field++) {
    if (*field == '"')
      fputc('"', out);
    fputc(*field, out);
  }
  fputc('"', out);
}

void csv_write_row(FILE *out, const char *const *fields, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (i > 0)
      fputc(',', out);
    if (fields[i] != NULL)
      field_write(out, fields[i]);
  }
  fputs("\r\n", out);
}

static int cannot_write(const char *path) {
  return complain(EXIT_RESULTS, "cannot write %s: %s", path, strerror(errno));
}

static bool bytes_write(int fd, const char *text, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, text, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    text += written;
    size -= (size_t)written;
  }
  return fsync(fd) == 0;
}

int csv_log_append(const struct csv_log *log, const char *text, size_t size) {
  off_t before = lseek(log->fd, 0, SEEK_END);
  if (before >= 0 && bytes_write(log->fd, text, size))
    return EXIT_FINE;
  int code = cannot_write(log->path);
  /* On a full disk, part of the row may have been written. */
  if (before >= 0 && ftruncate(log->fd, before) != 0)
    return cannot_write(log->path);
  return code;
}

int csv_log_cut(const struct csv_log *log, size_t size) {
  if (ftruncate(log->fd, (off_t)size) == 0 && fsync(log->fd) == 0)
    return EXIT_FINE;
  return cannot_write(log->path);
}
