/* SPDX-License-Identifier: MIT */
#include "bench/front/newest.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/front/campaign.h"
#include "bench/front/say.h"

static bool is_later(struct timespec a, struct timespec b) {
  return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

int newest_campaign(struct pool *pool, const char *results, const char **out) {
  DIR *all = opendir(results);
  if (all == NULL)
    return complain(EXIT_RESULTS, "cannot read %s: %s", results,
                    strerror(errno));
  const struct dirent *entry;
  struct timespec latest = {0};
  *out = NULL;
  while ((entry = readdir(all)) != NULL) {
    const char *folder = campaign_path(pool, results, entry->d_name);
    struct stat status;
    if (entry->d_name[0] != '.' &&
        stat(campaign_path(pool, folder, "runs.csv"), &status) == 0 &&
        is_later(status.st_mtim, latest)) {
      latest = status.st_mtim;
      *out = folder;
    }
  }
  closedir(all);
  if (*out == NULL)
    return complain(EXIT_RESULTS, "there is no campaign in %s", results);
  return EXIT_FINE;
}
