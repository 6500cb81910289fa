/* SPDX-License-Identifier: MIT */
#include "bench/rows/history.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/csv.h"
#include "bench/base/exit_code.h"
#include "bench/rows/campaign.h"

/* --- folders -------------------------------------------------------------- */

struct folder {
  const char *path;
  struct timespec written;
};

static int newer_first(const void *left, const void *right) {
  const struct timespec a = ((const struct folder *)left)->written;
  const struct timespec b = ((const struct folder *)right)->written;
  if (a.tv_sec != b.tv_sec)
    return a.tv_sec < b.tv_sec ? 1 : -1;
  return (a.tv_nsec < b.tv_nsec) - (a.tv_nsec > b.tv_nsec);
}

static size_t folders_find(struct pool *pool, const char *results,
                           struct folder **out) {
  DIR *all = opendir(results);
  size_t count = 0;
  const struct dirent *entry;
  *out = NULL;
  while (all != NULL && (entry = readdir(all)) != NULL) {
    const char *path = campaign_path(pool, results, entry->d_name);
    struct stat status;
    if (entry->d_name[0] == '.' ||
        stat(campaign_path(pool, path, "runs.csv"), &status) != 0)
      continue;
    *out = pool_grow(pool, *out, count, sizeof **out);
    (*out)[count++] = (struct folder){path, status.st_mtim};
  }
  if (all != NULL)
    closedir(all);
  return count;
}

const char *const *history_folders(struct pool *pool, const char *results) {
  struct folder *found;
  size_t count = folders_find(pool, results, &found);
  const char **paths = pool_alloc(pool, (count + 1) * sizeof *paths);
  if (count > 0)
    qsort(found, count, sizeof *found, newer_first);
  for (size_t i = 0; i < count; i++)
    paths[i] = found[i].path;
  return paths;
}

/* --- rows ----------------------------------------------------------------- */

static void rows_read(const struct csv_file *file, history_row *take,
                      void *data) {
  struct pool pool = {0};
  struct csv_reader reader = {.file = file, .pool = &pool, .is_silent = true};
  struct csv_row row;
  while (csv_next(&reader, &row) == CSV_ROW) {
    const struct run_schema *schema = run_schema_of(row.count);
    if (row.count == schema->columns &&
        strcmp(row.fields[RUN_SCHEMA], schema->version) == 0)
      take(data, results_widen(&pool, schema, row.fields));
    pool_free(&pool);
  }
  pool_free(&pool);
}

size_t history_read(const char *folder, history_row *take, void *data) {
  struct pool pool = {0};
  struct csv_file file = {0};
  const char *path = campaign_path(&pool, folder, "runs.csv");
  size_t size = 0;
  if (access(path, R_OK) == 0 && csv_load(&file, path) == EXIT_FINE) {
    size = file.size;
    rows_read(&file, take, data);
    csv_unload(&file);
  }
  pool_free(&pool);
  return size;
}
