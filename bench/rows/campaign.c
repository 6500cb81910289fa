/* SPDX-License-Identifier: MIT */
#include "bench/rows/campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/say.h"
#include "bench/base/text.h"

/* Rows between two deliveries to the disk, and between two times that the
   memory of a reader is given back. */
enum { ROWS_AT_ONCE = 4096 };

static int cannot(const char *what, const char *path) {
  return complain(EXIT_RESULTS, "cannot %s %s: %s", what, path,
                  strerror(errno));
}

const char *campaign_path(struct pool *pool, const char *folder,
                          const char *name) {
  return pool_format(pool, "%s/%s", folder, name);
}

/* --- folders and small files --------------------------------------------- */

int campaign_make_folder(struct pool *pool, const char *path) {
  char *upto = pool_copy(pool, path, strlen(path));
  for (char *slash = upto; slash != NULL;) {
    slash = strchr(slash + 1, '/');
    if (slash != NULL)
      *slash = '\0';
    if (mkdir(upto, 0777) != 0 && errno != EEXIST)
      return cannot("make the folder", upto);
    if (slash != NULL)
      *slash = '/';
  }
  return EXIT_FINE;
}

/* A name is safe on disk only when its folder is. */
static int folder_sync(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return cannot("open", path);
  int failed = fsync(fd);
  close(fd);
  return failed != 0 ? cannot("write", path) : EXIT_FINE;
}

int campaign_write_file(const struct campaign *c, const char *name,
                        const char *text, size_t size) {
  const char *path = campaign_path(c->pool, c->folder, name);
  const char *begun = pool_format(c->pool, "%s.new", path);
  struct csv_log log;
  int code = csv_log_open(&log, begun);
  if (code != EXIT_FINE)
    return code;
  code = csv_log_cut(&log, 0) ?: csv_log_append(&log, text, size);
  close(log.fd);
  if (code == EXIT_FINE && rename(begun, path) != 0)
    code = cannot("write", path);
  return code ?: folder_sync(c->folder);
}

static int plan_write(const struct campaign *c, const struct options *options) {
  struct text text;
  text_begin(&text);
  options_write_plan(options, text.out);
  text_end(&text);
  int code = campaign_write_file(c, CAMPAIGN_PLAN, text.bytes, text.size);
  text_free(&text);
  return code;
}

int campaign_take_plan(struct options *options, const char *folder) {
  return options_take_plan(options,
                           campaign_path(options->pool, folder, CAMPAIGN_PLAN));
}

/* --- rows ---------------------------------------------------------------- */

static int row_append(const struct csv_log *log, const char *const *fields,
                      size_t count) {
  struct text text;
  text_begin(&text);
  csv_write_row(text.out, fields, count);
  text_end(&text);
  int code = csv_log_append(log, text.bytes, text.size);
  text_free(&text);
  return code;
}

int campaign_add_row(struct campaign *c,
                     const char *const fields[RUN_COLUMNS]) {
  return row_append(&c->runs, fields, RUN_COLUMNS);
}

/* Copies up to ROWS_AT_ONCE rows, with the run in front. */
static enum csv_found rows_copy(struct csv_reader *in, FILE *out,
                                const char *run, size_t columns) {
  enum csv_found found = CSV_ROW;
  for (size_t i = 0; found == CSV_ROW && i < ROWS_AT_ONCE; i++) {
    struct csv_row row;
    found = csv_next(in, &row);
    if (found != CSV_ROW)
      break;
    if (!csv_row_is_full(in->file, &row, columns - 1))
      return CSV_BAD;
    const char *fields[COMPANION_COLUMNS_MAX] = {run};
    memcpy(fields + 1, row.fields, (columns - 1) * sizeof *fields);
    csv_write_row(out, fields, columns);
  }
  return found;
}

static int rows_deliver(struct campaign *c, enum companion which,
                        struct csv_reader *in, const char *run,
                        enum csv_found *found) {
  struct text text;
  text_begin(&text);
  *found = rows_copy(in, text.out, run, companions[which].column_count);
  text_end(&text);
  pool_free(in->pool);
  int code = EXIT_FINE;
  if (text.size > 0)
    code = csv_log_append(&c->companions[which], text.bytes, text.size);
  text_free(&text);
  return code;
}

int campaign_add_companion(struct campaign *c, enum companion which,
                           const char *run, const char *path,
                           size_t *bad_line) {
  struct csv_file file;
  int code = csv_load(&file, path);
  struct pool pool = {0};
  struct csv_reader reader = {.file = &file, .pool = &pool};
  enum csv_found found = CSV_ROW;
  while (code == EXIT_FINE && found == CSV_ROW)
    code = rows_deliver(c, which, &reader, run, &found);
  *bad_line = found == CSV_BAD   ? reader.line
              : found == CSV_CUT ? reader.line + 1
                                 : 0;
  csv_unload(&file);
  return code;
}

/* --- opening ------------------------------------------------------------- */

/* The run's name as its row has it; NULL: there is no such row. `last` is the
   answer of before: rows of one run lie together. */
static const char *run_find(const struct results *results, const char *run,
                            const char *last) {
  if (last != NULL && strcmp(last, run) == 0)
    return last;
  for (size_t i = 0; i < results->count; i++) {
    if (strcmp(results->rows[i].fields[RUN_RUN], run) == 0)
      return results->rows[i].fields[RUN_RUN];
  }
  return NULL;
}

enum { RUN_NAME_MAX = 32 };

/* Is this the only run without a row so far? `lost` keeps its name. */
static bool is_only_lost(char lost[RUN_NAME_MAX], const char *run) {
  if (*lost == '\0')
    snprintf(lost, RUN_NAME_MAX, "%s", run);
  return strncmp(lost, run, RUN_NAME_MAX - 1) == 0;
}

/* Where the rows of finished runs end. What follows must be the beginning of
   a run that was never finished, and is not worth keeping. The rows of several
   such runs are evidence that rows of runs.csv were lost. */
static int companion_measure(const struct campaign *c, struct csv_reader *in,
                             size_t *whole) {
  struct csv_row row;
  enum csv_found found;
  const char *run = NULL;
  char lost[RUN_NAME_MAX] = "";
  for (size_t i = 0; (found = csv_next(in, &row)) == CSV_ROW; i++) {
    run = run_find(&c->results, row.fields[COMPANION_RUN], run);
    if (run != NULL && row.begin != *whole)
      return complain(EXIT_RESULTS,
                      "%s, line %zu: before it are rows of a run that %s does "
                      "not have",
                      in->file->path, row.line, c->runs.path);
    if (run != NULL)
      *whole = row.end;
    else if (!is_only_lost(lost, row.fields[COMPANION_RUN]))
      return complain(EXIT_RESULTS,
                      "%s, line %zu: more than one run has rows here and none "
                      "in %s; put that file back, or begin another campaign",
                      in->file->path, row.line, c->runs.path);
    if (i % ROWS_AT_ONCE == 0)
      pool_free(in->pool);
  }
  return found == CSV_BAD ? EXIT_RESULTS : EXIT_FINE;
}

static int companion_check(const struct campaign *c,
                           const struct companion_card *card,
                           const struct csv_file *file, size_t *whole) {
  struct pool pool = {0};
  struct csv_reader reader = {.file = file, .pool = &pool};
  struct csv_row header;
  int code = EXIT_FINE;
  *whole = 0;
  if (csv_next(&reader, &header) == CSV_ROW) {
    *whole = header.end;
    code = csv_header_is(file, &header, card->columns, card->column_count)
               ? companion_measure(c, &reader, whole)
               : EXIT_RESULTS;
  }
  pool_free(&pool);
  return code;
}

/* Cuts a log to its whole rows, and gives it its header if it has none. */
static int log_mend(const struct csv_log *log, size_t whole,
                    const char *const *columns, size_t count) {
  int code = csv_log_cut(log, whole);
  return code != EXIT_FINE || whole > 0 ? code
                                        : row_append(log, columns, count);
}

static int companion_mend(struct campaign *c, enum companion which) {
  const struct companion_card *card = &companions[which];
  struct csv_file file;
  size_t whole;
  int code = csv_load(&file, c->companions[which].path)
                 ?: companion_check(c, card, &file, &whole);
  csv_unload(&file);
  return code
             ?: log_mend(&c->companions[which], whole, card->columns,
                         card->column_count);
}

static int logs_mend(struct campaign *c) {
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < COMPANIONS; i++)
    code = companion_mend(c, (enum companion)i);
  return code
             ?: log_mend(&c->runs, c->results.whole_bytes, run_columns,
                         RUN_COLUMNS);
}

/* The runner of a campaign that was killed ends a little later, and until it
   has called exec it holds the lock as well. So wait a fifth of a second. */
static bool lock_try(int fd) {
  enum { TRIES = 5 };
  const struct timespec pause = {0, 50000000};
  int code = flock(fd, LOCK_EX | LOCK_NB);
  for (int i = 1; code != 0 && errno == EWOULDBLOCK && i < TRIES; i++) {
    nanosleep(&pause, NULL);
    code = flock(fd, LOCK_EX | LOCK_NB);
  }
  return code == 0;
}

static int lock_take(const struct campaign *c) {
  if (lock_try(c->runs.fd))
    return EXIT_FINE;
  if (errno != EWOULDBLOCK)
    return cannot("lock", c->runs.path);
  return complain(EXIT_RESULTS,
                  "another sweepstakes is writing to %s; wait for it, or name "
                  "another --campaign",
                  c->folder);
}

static int refuse_if_used(const struct campaign *c) {
  const char *plan = campaign_path(c->pool, c->folder, CAMPAIGN_PLAN);
  if (c->results.whole_bytes == 0 && access(plan, F_OK) != 0)
    return EXIT_FINE;
  return complain(EXIT_RESULTS,
                  "there is a campaign in %s; --resume goes on with it, "
                  "another --campaign leaves it be",
                  c->folder);
}

/* New rows would have more fields than the header. */
static int refuse_if_older(const struct campaign *c) {
  if (!run_schema_is_older(c->results.schema))
    return EXIT_FINE;
  return complain(EXIT_RESULTS,
                  "%s was written by an earlier version: such a campaign "
                  "cannot be resumed, so begin another one",
                  c->runs.path);
}

static int companions_open(struct campaign *c) {
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < COMPANIONS; i++)
    code = csv_log_open(&c->companions[i],
                        campaign_path(c->pool, c->folder, companions[i].file));
  return code;
}

/* With the lock held. */
static int files_open(struct campaign *c, const struct options *options) {
  bool resume = options->text[OPTION_RESUME] != NULL;
  return results_load(&c->results, c->pool, c->runs.path)
             ?: refuse_if_older(c)
             ?: (resume ? EXIT_FINE : refuse_if_used(c))
             ?: companions_open(c)
             ?: (resume ? EXIT_FINE : plan_write(c, options))
             ?: logs_mend(c)
             ?: folder_sync(c->folder);
}

int campaign_open(struct campaign *c, struct pool *pool, const char *folder,
                  const struct options *options) {
  *c = (struct campaign){.pool = pool, .folder = folder, .runs = {.fd = -1}};
  for (size_t i = 0; i < COMPANIONS; i++)
    c->companions[i].fd = -1;
  return campaign_make_folder(pool, folder)
             ?: csv_log_open(&c->runs, campaign_path(pool, folder, "runs.csv"))
             ?: lock_take(c) ?: files_open(c, options);
}

void campaign_close(struct campaign *c) {
  if (c->runs.fd >= 0)
    close(c->runs.fd);
  for (size_t i = 0; i < COMPANIONS; i++) {
    if (c->companions[i].fd >= 0)
      close(c->companions[i].fd);
  }
}
