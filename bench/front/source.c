/* SPDX-License-Identifier: MIT */
#include "bench/front/source.h"

#include <errno.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/front/campaign.h"
#include "bench/front/environment.h"
#include "bench/front/newest.h"
#include "bench/front/say.h"
#include "bench/front/settings.h"

static const char ROWS[] = "runs.csv";

static bool is_folder(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool has_rows(struct pool *pool, const char *path) {
  return is_folder(path) ? access(campaign_path(pool, path, ROWS), F_OK) == 0
                         : access(path, F_OK) == 0;
}

const char *source_find(const struct options *options, const char *word) {
  struct pool *pool = options->pool;
  if (has_rows(pool, word))
    return word;
  const char *named = campaign_path(pool, settings_results(options), word);
  return has_rows(pool, named) ? named : NULL;
}

int source_load(struct source *s, struct pool *pool, const char *path) {
  *s = (struct source){.folder = path};
  const char *rows = path;
  if (is_folder(path))
    rows = campaign_path(pool, path, ROWS);
  else
    s->folder = dirname(pool_copy(pool, path, strlen(path)));
  int code = results_load(&s->results, pool, rows);
  if (code != EXIT_FINE)
    return code;
  if (s->results.is_cut)
    say("%s: the last row is cut off, and is left out", rows);
  if (s->results.count == 0)
    return complain(EXIT_RESULTS, "%s has no finished run", rows);
  s->cores = environment_cores(pool, s->folder);
  return EXIT_FINE;
}

int source_chosen(struct source *s, const struct options *options) {
  struct settings settings = {.pool = options->pool};
  int code = settings_folder(&settings, options);
  const char *path = settings.folder;
  if (code == EXIT_FINE && options->operand_count > 0) {
    path = source_find(options, options->operands[0]);
    if (path == NULL)
      code = complain(EXIT_RESULTS, "there is no campaign '%s'",
                      options->operands[0]);
  } else if (code == EXIT_FINE && options->text[OPTION_CAMPAIGN] == NULL) {
    code = newest_campaign(options->pool, settings.results, &path);
  }
  return code == EXIT_FINE ? source_load(s, options->pool, path) : code;
}
