/* SPDX-License-Identifier: MIT */
#include "bench/race/attempt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/base/child.h"
#include "bench/base/say.h"

/* The output of the run goes to files in memory. */
struct outputs {
  int out, err;
};

static const char *memory_path(struct pool *pool, int fd) {
  return pool_format(pool, "/proc/self/fd/%d", fd);
}

/* A run that takes too long has spent its time collecting. */
static int attempt_judge(struct attempt *a, const char *where) {
  const char *status = a->record.fields[RUN_STATUS];
  const char *error = a->record.fields[RUN_ERROR];
  a->fits = strcmp(status, "ok") == 0;
  if (a->fits || strcmp(status, "oom") == 0 || strcmp(status, "timeout") == 0)
    return EXIT_FINE;
  return complain(EXIT_FAILED, "%s: %s: %s", where, status,
                  error != NULL ? error : "it does not say why");
}

static int attempt_do(struct pool *pool, const struct settings *s,
                      const struct command_cell *cell, const char *heap,
                      const struct outputs *to, struct attempt *a) {
  const char *where =
      pool_format(pool, "%s, %" PRId64 " threads, %s", cell->workload->name,
                  cell->threads, cell->collector->name);
  struct command command = command_begin(pool, s, cell);
  command_add(&command, "--warmups=0");
  command_add(&command, heap);
  struct child child = {.arguments = command.words,
                        .out = to->out,
                        .err = to->err,
                        .seconds = s->timeout};
  struct child_result result = child_run(&child);
  if (result.end == CHILD_INTERRUPTED)
    return complain(EXIT_INTERRUPTED, "interrupted; what was found is kept");
  record_read(&a->record, pool, memory_path(pool, to->out));
  const char *words = record_first_line(pool, memory_path(pool, to->err));
  enum exit_code code =
      record_judge(&a->record, pool, &result, words, s->timeout);
  if (code != EXIT_FINE)
    return complain(code, "%s: %s", where, a->record.fields[RUN_ERROR]);
  return attempt_judge(a, where);
}

int attempt_run(struct pool *pool, const struct settings *s,
                const struct command_cell *cell, const char *heap,
                struct attempt *a) {
  const struct outputs to = {memfd_create("out", MFD_CLOEXEC),
                             memfd_create("err", MFD_CLOEXEC)};
  *a = (struct attempt){0};
  int code = to.out >= 0 && to.err >= 0
                 ? attempt_do(pool, s, cell, heap, &to, a)
                 : complain(EXIT_MEMORY, "no memory for what a run says");
  close(to.out);
  close(to.err);
  return code;
}

bool attempt_may_go_on(int code) {
  return code == EXIT_FINE || code == EXIT_FAILED || code == EXIT_MEMORY;
}

double attempt_figure(const struct attempt *a, const char *column) {
  size_t index = run_column_find(column, strlen(column));
  const char *text = index < RUN_COLUMNS ? a->record.fields[index] : NULL;
  return text != NULL ? strtod(text, NULL) : 0;
}
