/* SPDX-License-Identifier: MIT */
#include "bench/rows/record.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"

/* Longer messages are cut. */
enum { WORDS_MAX = 300 };

static const char *line_take(struct record *record, struct pool *pool,
                             const char *line) {
  size_t name = strcspn(line, " "), length = strcspn(line, "\n");
  size_t column = run_column_find(line, name);
  if (column == RUN_COLUMNS)
    return pool_copy(pool, line, name < length ? name : length);
  if (name < length)
    record->fields[column] =
        pool_copy(pool, line + name + 1, length - name - 1);
  return NULL;
}

const char *record_read(struct record *record, struct pool *pool,
                        const char *path) {
  FILE *in = text_open(path);
  if (in == NULL)
    return NULL;
  const char *unknown = NULL;
  char *line = NULL;
  size_t capacity = 0;
  while (unknown == NULL && text_line(&line, &capacity, in) > 0)
    unknown = line_take(record, pool, line);
  free(line);
  fclose(in);
  return unknown;
}

const char *record_first_line(struct pool *pool, const char *path) {
  FILE *in = text_open(path);
  if (in == NULL)
    return NULL;
  char line[WORDS_MAX + 1] = "";
  size_t length = 0;
  while (length == 0 && fgets(line, sizeof line, in) != NULL)
    length = strcspn(line, "\n");
  fclose(in);
  return length > 0 ? pool_copy(pool, line, length) : NULL;
}

/* --- how it ended -------------------------------------------------------- */

static const char *status_of(int exit_status) {
  switch (exit_status) {
  case EXIT_FINE:
    return "ok";
  case EXIT_FAILED:
    return "wrong";
  case EXIT_MEMORY:
    return "oom";
  case EXIT_TIMED_OUT:
    return "timeout";
  case EXIT_UNTRUSTED:
    return "untrusted";
  default:
    return "crash";
  }
}

/* The request itself was wrong, so the next run would fail as well. */
static bool is_hopeless(int exit_status) {
  return exit_status == EXIT_USAGE || exit_status == EXIT_RESULTS ||
         exit_status == EXIT_THREADS || exit_status == EXIT_MISSING;
}

static void outcome_set(struct record *record, const char *status,
                        const char *error) {
  record->fields[RUN_STATUS] = status;
  if (error != NULL)
    record->fields[RUN_ERROR] = error;
}

static void judge_signalled(struct record *record, struct pool *pool,
                            int signal, const char *words) {
  const char *error =
      pool_format(pool, "killed by signal %d (%s)", signal, strsignal(signal));
  if (words != NULL)
    error = pool_format(pool, "%s: %s", error, words);
  outcome_set(record, "crash", error);
}

static enum exit_code judge_exited(struct record *record, struct pool *pool,
                                   int exit_status, const char *words) {
  const char **fields = record->fields;
  bool told = fields[RUN_STATUS] != NULL;
  fields[RUN_EXIT_CODE] = pool_format(pool, "%d", exit_status);
  if (fields[RUN_ERROR] == NULL && exit_status != EXIT_FINE)
    fields[RUN_ERROR] = words != NULL
                            ? words
                            : pool_format(pool, "exit status %d", exit_status);
  if (is_hopeless(exit_status))
    return (enum exit_code)exit_status;
  if (!told && exit_status <= EXIT_FAILED)
    outcome_set(record, "crash",
                words != NULL ? words : "it ended without a word");
  else if (!told)
    fields[RUN_STATUS] = status_of(exit_status);
  return EXIT_FINE;
}

enum exit_code record_judge(struct record *record, struct pool *pool,
                            const struct child_result *result,
                            const char *words, double timeout) {
  switch (result->end) {
  case CHILD_EXITED:
    return judge_exited(record, pool, result->code, words);
  case CHILD_SIGNALLED:
    judge_signalled(record, pool, result->code, words);
    return EXIT_FINE;
  case CHILD_TIMED_OUT:
    outcome_set(record, "timeout",
                pool_format(pool, "it took longer than %g s", timeout));
    return EXIT_FINE;
  case CHILD_NOT_STARTED:
    outcome_set(record, NULL, words != NULL ? words : child_refusal(result));
    return EXIT_MISSING;
  default:
    return EXIT_INTERRUPTED;
  }
}
