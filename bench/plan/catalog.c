/* SPDX-License-Identifier: MIT */
#include "bench/plan/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/base/child.h"
#include "bench/base/number.h"
#include "bench/base/say.h"
#include "bench/base/text.h"
#include "bench/plan/options.h"

#if !defined SWEEPSTAKES_COLLECTORS || !defined SWEEPSTAKES_USUAL
#error "the build must name the collectors, as \"none,rc\""
#endif

/* A description is a few kilobytes; slower than this, the runner hangs. */
enum { DESCRIBE_SECONDS = 20, FIELDS_MAX = 9 };

const char *const size_names[SIZE_COUNT] = {"quick", "default", "large"};

static const char *const *names_of(struct pool *pool, const char *text) {
  char *list = pool_copy(pool, text, strlen(text));
  return (const char *const *)text_split(pool, list, ',');
}

const char *const *catalog_collector_names(struct pool *pool) {
  return names_of(pool, SWEEPSTAKES_COLLECTORS);
}

const char *const *catalog_usual_names(struct pool *pool) {
  return names_of(pool, SWEEPSTAKES_USUAL);
}

const char *catalog_base(struct pool *pool, const char *label) {
  size_t length = strcspn(label, ":"), tail = strlen(CATALOG_TWIN);
  if (length > tail && memcmp(label + length - tail, CATALOG_TWIN, tail) == 0)
    length -= tail;
  return pool_copy(pool, label, length);
}

char **catalog_labels(struct pool *pool, const char *text) {
  char **labels = text_split(pool, text, ',');
  size_t count = 0;
  for (char **piece = labels; *piece != NULL; piece++) {
    bool goes_on = count > 0 && strchr(labels[count - 1], ':') != NULL &&
                   strchr(*piece, ':') == NULL && strchr(*piece, '=') != NULL;
    if (goes_on)
      labels[count - 1] =
          (char *)pool_format(pool, "%s,%s", labels[count - 1], *piece);
    else
      labels[count++] = *piece;
  }
  labels[count] = NULL;
  return labels;
}

int catalog_check_labels(const char *const *labels) {
  for (; *labels != NULL; labels++) {
    const char *colon = strchr(*labels, ':');
    if (colon != NULL && strchr(colon, '=') == NULL)
      return complain(EXIT_USAGE, "--collectors: '%s' is not NAME:KEY=N,...",
                      *labels);
  }
  return EXIT_FINE;
}

bool catalog_can(const struct catalog_collector *c, const char *key) {
  for (size_t i = 0; i < c->capability_count; i++) {
    if (strcmp(c->capabilities[i].key, key) == 0)
      return c->capabilities[i].value != 0;
  }
  return false;
}

bool catalog_has_limit(const struct catalog_collector *c) {
  return catalog_can(c, "limits") && catalog_can(c, "reclaims");
}

const struct catalog_workload *catalog_workload(const struct catalog *catalog,
                                                const char *name) {
  for (size_t i = 0; i < catalog->workload_count; i++) {
    if (strcmp(catalog->workloads[i].name, name) == 0)
      return &catalog->workloads[i];
  }
  return NULL;
}

const struct catalog_param *catalog_param(const struct catalog_workload *w,
                                          const char *name) {
  for (size_t i = 0; i < w->param_count; i++) {
    if (strcmp(w->params[i].name, name) == 0)
      return &w->params[i];
  }
  return NULL;
}

/* --- one line of a description ------------------------------------------- */

struct describing {
  struct catalog *catalog;
  struct catalog_collector *collector;
};

/* `field` holds the words after the first one. False: the line is malformed. */
typedef bool line_reader(const struct describing *, char **field);

static bool whole_read(const char *text, int64_t *out) {
  return number_whole(text, INT64_MIN, INT64_MAX, out) == NUMBER_FINE;
}

static bool collector_read(const struct describing *d, char **field) {
  d->collector->summary = field[1];
  const char *base = catalog_base(d->catalog->pool, d->collector->name);
  return strcmp(base, field[0]) == 0;
}

static bool capability_read(const struct describing *d, char **field) {
  struct catalog_collector *c = d->collector;
  c->capabilities = pool_grow(d->catalog->pool, c->capabilities,
                              c->capability_count, sizeof *c->capabilities);
  struct catalog_capability *capability =
      &c->capabilities[c->capability_count++];
  capability->key = field[0];
  return whole_read(field[1], &capability->value);
}

static bool tuning_read(const struct describing *d, char **field) {
  struct catalog_collector *c = d->collector;
  c->tunings = pool_grow(d->catalog->pool, c->tunings, c->tuning_count,
                         sizeof *c->tunings);
  c->tunings[c->tuning_count++] =
      (struct catalog_tuning){field[0], field[1], field[2], field[3], field[4]};
  return true;
}

static bool build_read(const struct describing *d, char **field) {
  struct catalog_collector *c = d->collector;
  c->compiler = field[0];
  c->build_type = field[1];
  c->assert_level = field[2];
  c->statistics = field[3];
  return true;
}

/* All runners have the same workloads, so only the first description of each
   counts. */
static bool workload_read(const struct describing *d, char **field) {
  struct catalog *catalog = d->catalog;
  if (catalog_workload(catalog, field[0]) != NULL)
    return true;
  catalog->workloads =
      pool_grow(catalog->pool, catalog->workloads, catalog->workload_count,
                sizeof *catalog->workloads);
  catalog->workloads[catalog->workload_count++] = (struct catalog_workload){
      .name = field[0], .summary = field[1], .stresses = field[2]};
  return true;
}

static bool param_read(const struct describing *d, char **field) {
  struct catalog_workload *w =
      (struct catalog_workload *)catalog_workload(d->catalog, field[0]);
  if (w == NULL)
    return false;
  if (catalog_param(w, field[1]) != NULL)
    return true;
  w->params =
      pool_grow(d->catalog->pool, w->params, w->param_count, sizeof *w->params);
  struct catalog_param *p = &w->params[w->param_count++];
  p->name = field[1];
  p->help = field[7];
  return whole_read(field[2], &p->least) &&
         whole_read(field[3], &p->greatest) &&
         whole_read(field[4], &p->value[0]) &&
         whole_read(field[5], &p->value[1]) &&
         whole_read(field[6], &p->value[2]);
}

static const struct line_kind {
  const char *word;
  size_t fields; /* after the word */
  line_reader *read;
} line_kinds[] = {
    {"collector", 2, collector_read}, {"capability", 2, capability_read},
    {"tuning", 5, tuning_read},       {"build", 4, build_read},
    {"workload", 3, workload_read},   {"param", 8, param_read},
};

static bool line_read(const struct describing *d, char *line) {
  char *field[FIELDS_MAX + 1] = {NULL};
  size_t count = 0;
  while (line != NULL && count <= FIELDS_MAX)
    field[count++] = strsep(&line, "\t");
  for (size_t i = 0; i < sizeof line_kinds / sizeof *line_kinds; i++) {
    if (strcmp(field[0], line_kinds[i].word) == 0)
      return count == line_kinds[i].fields + 1 &&
             line_kinds[i].read(d, field + 1);
  }
  return true; /* a kind of line that a newer runner has */
}

/* --- a whole description ------------------------------------------------- */

static int description_read(const struct describing *d, FILE *in) {
  char *line = NULL;
  size_t capacity = 0, number = 0;
  ssize_t length;
  int code = EXIT_FINE;
  while (code == EXIT_FINE && (length = text_line(&line, &capacity, in)) >= 0) {
    number++;
    length -= length > 0 && line[length - 1] == '\n';
    char *copy = pool_copy(d->catalog->pool, line, (size_t)length);
    if (!line_read(d, copy))
      code = complain(EXIT_MISSING, "%s --describe: line %zu is malformed",
                      d->collector->runner, number);
  }
  free(line);
  if (code == EXIT_FINE && d->collector->summary == NULL)
    code = complain(EXIT_MISSING, "%s --describe does not name its collector",
                    d->collector->runner);
  return code;
}

/* Explains why a description could not be read or stored. */
static int describe_failed(const char *runner,
                           const struct child_result *result, FILE *errors) {
  bool is_unborn = result->end == CHILD_NOT_STARTED;
  char why[512] = "";
  if (result->end == CHILD_EXITED && result->code == EXIT_RESULTS)
    return complain(EXIT_RESULTS,
                    "there is no room for what %s --describe says", runner);
  rewind(errors);
  if (fgets(why, sizeof why, errors) == NULL)
    return complain(EXIT_MISSING, "%s --describe does not work%s%s", runner,
                    is_unborn ? ": " : "",
                    is_unborn ? child_refusal(result) : "");
  why[strcspn(why, "\n")] = '\0';
  return complain(EXIT_MISSING, "%s does not start: %s", runner, why);
}

static int describe_into(const struct describing *d, FILE *out, FILE *errors) {
  const char *const arguments[] = {d->collector->runner, "--describe", NULL};
  struct child child = {.arguments = arguments,
                        .out = fileno(out),
                        .err = fileno(errors),
                        .seconds = DESCRIBE_SECONDS};
  struct child_result result = child_run(&child);
  if (result.end == CHILD_INTERRUPTED)
    return complain(EXIT_INTERRUPTED, "interrupted before the first run");
  if (result.end != CHILD_EXITED || result.code != EXIT_FINE)
    return describe_failed(d->collector->runner, &result, errors);
  rewind(out);
  return description_read(d, out);
}

/* A file in memory, which a full disk does not affect. */
static FILE *memory_open(void) {
  int fd = memfd_create("description", MFD_CLOEXEC);
  FILE *file = fd >= 0 ? fdopen(fd, "w+") : NULL;
  if (file == NULL && fd >= 0)
    close(fd);
  return file;
}

static int describe(const struct describing *d) {
  if (access(d->collector->runner, X_OK) != 0)
    return complain(EXIT_MISSING,
                    "there is no runner %s: build it, or name its folder "
                    "with --bin-dir",
                    d->collector->runner);
  FILE *out = memory_open(), *errors = memory_open();
  int code;
  if (out == NULL || errors == NULL)
    code = complain(EXIT_MEMORY, "no memory for what a runner says");
  else
    code = describe_into(d, out, errors);
  if (out != NULL)
    fclose(out);
  if (errors != NULL)
    fclose(errors);
  return code;
}

int catalog_add(struct catalog *catalog, const char *folder,
                const char *label) {
  catalog->collectors =
      pool_grow(catalog->pool, catalog->collectors, catalog->collector_count,
                sizeof *catalog->collectors);
  struct catalog_collector *added =
      &catalog->collectors[catalog->collector_count++];
  size_t length = strcspn(label, ":");
  *added = (struct catalog_collector){
      .label = label,
      .name = pool_copy(catalog->pool, label, length),
      .tuning = label[length] == ':' ? label + length + 1 : NULL,
      .runner = pool_format(catalog->pool, "%s/sweepstakes-%s", folder,
                            catalog_base(catalog->pool, label))};
  return describe(&(struct describing){catalog, added});
}

/* --- tuning -------------------------------------------------------------- */

static int tuning_judge(const struct catalog_collector *c,
                        const struct child_result *result, FILE *errors) {
  char why[512] = "it does not say why";
  if (result->end == CHILD_INTERRUPTED)
    return complain(EXIT_INTERRUPTED, "interrupted before the first run");
  if (result->end == CHILD_EXITED && result->code == EXIT_FINE)
    return EXIT_FINE;
  rewind(errors);
  if (fgets(why, sizeof why, errors) != NULL)
    why[strcspn(why, "\n")] = '\0';
  bool is_refused = result->end == CHILD_EXITED && result->code == EXIT_USAGE;
  return complain(is_refused ? EXIT_USAGE : EXIT_MISSING, "%s: %s", c->label,
                  why);
}

int catalog_check_tuning(struct pool *pool, const struct catalog_collector *c,
                         const char *tuning) {
  FILE *errors = memory_open();
  if (errors == NULL)
    return complain(EXIT_MEMORY, "no memory for what a runner says");
  const char *const arguments[] = {
      c->runner, pool_format(pool, "--check-tuning=%s", tuning), NULL};
  struct child child = {.arguments = arguments,
                        .out = -1,
                        .err = fileno(errors),
                        .seconds = DESCRIBE_SECONDS};
  struct child_result result = child_run(&child);
  int code = tuning_judge(c, &result, errors);
  fclose(errors);
  return code;
}
