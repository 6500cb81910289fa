/* SPDX-License-Identifier: MIT */
#include "bench/base/csv.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/say.h"

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

/* A row that libcsv's callbacks fill. */
struct assembly {
  struct pool *pool;
  struct csv_row *row;
  size_t rows; /* that have ended */
  bool has_nul;
};

static void field_take(void *text, size_t length, void *data) {
  struct assembly *a = data;
  struct csv_row *row = a->row;
  row->fields =
      pool_grow(a->pool, row->fields, row->count, sizeof *row->fields);
  row->fields[row->count++] = pool_copy(a->pool, text, length);
}

static void row_end(int terminator, void *data) {
  struct assembly *a = data;
  (void)terminator;
  a->rows++;
}

/* RFC 4180: spaces are part of a field. */
static int nothing_is_space(unsigned char c) {
  (void)c;
  return 0;
}

/* The rest of the file up to the end of a line, and one more for a quoted
   field that has it inside. Zero: the file ends before the line does. */
static size_t line_length(const struct csv_reader *r) {
  const char *at = r->file->text + r->at;
  const char *end = memchr(at, '\n', r->file->size - r->at);
  return end != NULL ? (size_t)(end - at) + 1 : 0;
}

/* Gives the parser line after line until a row has ended. */
static enum csv_found row_parse(struct csv_reader *r, struct csv_parser *parser,
                                struct assembly *a) {
  while (a->rows == 0) {
    size_t length = line_length(r);
    if (length == 0)
      return CSV_CUT;
    a->has_nul |= memchr(r->file->text + r->at, '\0', length) != NULL;
    if (a->has_nul)
      return CSV_BAD;
    if (csv_parse(parser, r->file->text + r->at, length, field_take, row_end,
                  a) != length) {
      if (csv_error(parser) == CSV_ENOMEM)
        pool_exhausted();
      return CSV_BAD;
    }
    r->at += length;
    r->line++;
    /* libcsv skips an empty line without calling back. */
    if (a->rows == 0 && a->row->count == 0 && parser->quoted == 0) {
      field_take("", 0, a);
      row_end('\n', a);
    }
  }
  return a->rows == 1 ? CSV_ROW : CSV_BAD; /* bare CRs made more than one */
}

enum csv_found csv_next(struct csv_reader *r, struct csv_row *row) {
  if (r->at == r->file->size)
    return CSV_END;
  *row = (struct csv_row){.line = r->line + 1, .begin = r->at};
  struct csv_parser parser;
  csv_init(&parser, CSV_STRICT);
  csv_set_space_func(&parser, nothing_is_space);
  struct assembly a = {.pool = r->pool, .row = row};
  enum csv_found found = row_parse(r, &parser, &a);
  csv_free(&parser);
  row->end = r->at;
  if (found == CSV_BAD && !r->is_silent)
    complain(EXIT_RESULTS, "%s, line %zu: %s where none may be", r->file->path,
             row->line, a.has_nul ? "a NUL byte" : "a quote");
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

int csv_log_open(struct csv_log *log, const char *path) {
  log->path = path;
  log->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  return log->fd < 0 ? cannot_write(path) : EXIT_FINE;
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
