/* SPDX-License-Identifier: MIT */
#include "bench/rows/newest.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/base/say.h"
#include "bench/base/text.h"
#include "bench/rows/campaign.h"

static bool is_later(struct timespec a, struct timespec b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* Is there a whole line behind the header? */
static bool has_rows(const char *path) {
  FILE *in = text_open(path);
  if (in == NULL)
    return false;
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length = text_line(&line, &capacity, in);
  if (length > 0)
    length = text_line(&line, &capacity, in);
  bool is_whole = length > 0 && line[length - 1] == '\n';
  free(line);
  fclose(in);
  return is_whole;
}

/* When the rows of a campaign were last written; 0: there are none. Exit
   code. */
static int rows_written(struct pool *pool, const char *folder,
                        struct timespec *out) {
  const char *rows = campaign_path(pool, folder, "runs.csv");
  struct stat status = {0};
  *out = (struct timespec){0};
  if (stat(rows, &status) == 0)
    *out = has_rows(rows) ? status.st_mtim : *out;
  else if (errno != ENOENT && errno != ENOTDIR) /* as beside min_heap.csv */
    return complain(EXIT_RESULTS, "cannot read %s: %s", rows, strerror(errno));
  return EXIT_FINE;
}

int newest_campaign(struct pool *pool, const char *results, const char **out) {
  DIR *all = opendir(results);
  if (all == NULL)
    return complain(EXIT_RESULTS, "cannot read %s: %s", results,
                    strerror(errno));
  const struct dirent *entry;
  struct timespec written = {0}, latest = {0};
  int code = EXIT_FINE;
  *out = NULL;
  while (code == EXIT_FINE && (entry = readdir(all)) != NULL) {
    const char *folder = campaign_path(pool, results, entry->d_name);
    if (entry->d_name[0] == '.')
      continue;
    code = rows_written(pool, folder, &written);
    if (code == EXIT_FINE && is_later(written, latest)) {
      latest = written;
      *out = folder;
    }
  }
  closedir(all);
  if (code != EXIT_FINE)
    return code;
  if (*out == NULL)
    return complain(EXIT_RESULTS, "there is no campaign in %s", results);
  return EXIT_FINE;
}
