/* SPDX-License-Identifier: MIT */
#include "bench/rows/source.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/say.h"
#include "bench/plan/settings.h"
#include "bench/rows/campaign.h"
#include "bench/rows/environment.h"
#include "bench/rows/newest.h"

static const char ROWS[] = "runs.csv";

/* What there is at `path`, as S_IFMT says it; 0: nothing. Exit code. */
static int kind_find(const char *path, mode_t *kind) {
  struct stat status;
  *kind = 0;
  if (stat(path, &status) == 0)
    *kind = status.st_mode & S_IFMT;
  else if (errno != ENOENT && errno != ENOTDIR)
    return complain(EXIT_RESULTS, "cannot read %s: %s", path, strerror(errno));
  return EXIT_FINE;
}

/* A file that is there, or the rows in a folder that has them. Exit code. */
static int rows_look(struct pool *pool, const char *path, bool *is_there) {
  mode_t kind;
  int code = kind_find(path, &kind);
  if (code == EXIT_FINE && S_ISDIR(kind))
    code = kind_find(campaign_path(pool, path, ROWS), &kind);
  *is_there = kind != 0;
  return code;
}

int source_find(const struct options *options, const char *word,
                const char **out) {
  struct pool *pool = options->pool;
  const char *named = campaign_path(pool, settings_results(options), word);
  const char *const places[] = {word, named};
  bool is_there = false;
  int code = EXIT_FINE;
  *out = NULL;
  for (size_t i = 0; code == EXIT_FINE && !is_there && i < 2; i++) {
    code = rows_look(pool, places[i], &is_there);
    if (is_there)
      *out = places[i];
  }
  return code;
}

static int none_complain(const char *name) {
  return complain(EXIT_RESULTS, "there is no campaign '%s'", name);
}

int source_named(const struct options *options, const char *word,
                 const char **out) {
  int code = source_find(options, word, out);
  if (code != EXIT_FINE || *out != NULL)
    return code;
  return none_complain(word);
}

/* Says what is lost of a campaign's folder. A file of rows may lie anywhere,
   but only a campaign has a plan beside it. */
static void losses_say(const struct source *s, struct pool *pool) {
  struct stat plan;
  const char *path = campaign_path(pool, s->folder, CAMPAIGN_PLAN);
  if (stat(path, &plan) != 0)
    return;
  if (plan.st_size == 0)
    say("%s is empty: this campaign can be read, but not resumed", path);
  const char *machine = campaign_path(pool, s->folder, ENVIRONMENT_FILE);
  if (s->cores == 0)
    say("%s %s: runs with more threads than cores are not marked", machine,
        access(machine, F_OK) != 0
            ? "is missing"
            : "does not say how many cores the machine had");
}

int source_read(struct source *s, struct pool *pool, const char *path) {
  *s = (struct source){.folder = path};
  const char *rows = path;
  mode_t kind;
  int code = kind_find(path, &kind);
  if (S_ISDIR(kind))
    rows = campaign_path(pool, path, ROWS);
  else
    s->folder = dirname(pool_copy(pool, path, strlen(path)));
  code = code ?: results_load(&s->results, pool, rows);
  if (code != EXIT_FINE)
    return code;
  if (s->results.is_cut)
    say("%s: the last row is cut off, and is left out", rows);
  s->cores = environment_cores(pool, s->folder);
  losses_say(s, pool);
  return EXIT_FINE;
}

int source_load(struct source *s, struct pool *pool, const char *path) {
  int code = source_read(s, pool, path);
  if (code == EXIT_FINE && s->results.count == 0)
    return complain(EXIT_RESULTS, "%s has no finished run", s->results.path);
  return code;
}

int source_path(const struct options *options, const char **path) {
  struct settings settings = {.pool = options->pool};
  mode_t kind;
  int code = settings_folder(&settings, options);
  *path = settings.folder;
  if (code == EXIT_FINE && options->operand_count > 0)
    return source_named(options, options->operands[0], path);
  if (code == EXIT_FINE && options->text[OPTION_CAMPAIGN] == NULL)
    return newest_campaign(options->pool, settings.results, path);
  code = code ?: kind_find(*path, &kind);
  return code == EXIT_FINE && kind == 0 ? none_complain(settings.campaign)
                                        : code;
}

int source_chosen(struct source *s, const struct options *options) {
  const char *path;
  return source_path(options, &path) ?: source_load(s, options->pool, path);
}
