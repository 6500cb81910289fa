/* SPDX-License-Identifier: MIT */
#include "bench/rows/unfinished.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/say.h"
#include "bench/rows/campaign.h"
#include "bench/rows/environment.h"
#include "bench/rows/history.h"
#include "bench/rows/settled.h"

/* By run, from 1: its rows, and what the last of them came to. */
struct places {
  struct settled_plan plan;
  size_t *rows;
  bool *untrusted;
  size_t row_count;
};

/* Run 3 is done again as 3.1. */
static void row_take(void *data, const char *const *fields) {
  struct places *p = data;
  size_t run = strtoul(fields[RUN_RUN], NULL, 10);
  p->row_count++;
  if (run == 0 || run > p->plan.planned)
    return;
  p->plan.reruns += p->rows[run] > 0;
  p->rows[run]++;
  p->untrusted[run] = strcmp(fields[RUN_STATUS], "untrusted") == 0;
}

static bool is_unfinished(struct pool *pool, const char *folder) {
  struct places p = {.plan = environment_plan(pool, folder)};
  if (access(campaign_path(pool, folder, CAMPAIGN_PLAN), R_OK) != 0)
    return false;
  p.rows = pool_alloc(pool, (p.plan.planned + 1) * sizeof *p.rows);
  p.untrusted = pool_alloc(pool, (p.plan.planned + 1) * sizeof *p.untrusted);
  history_read(folder, row_take, &p);
  for (size_t i = 1; i <= p.plan.planned; i++) {
    if (!settled(&p.plan, p.rows[i], p.untrusted[i]))
      return true;
  }
  /* Killed before it said how many runs it has. */
  return p.plan.planned == 0 && p.row_count == 0;
}

int unfinished_newest(struct pool *pool, const char *results,
                      const char **name) {
  const char *const *folder = history_folders(pool, results);
  while (*folder != NULL && !is_unfinished(pool, *folder))
    folder++;
  if (*folder == NULL)
    return complain(EXIT_RESULTS,
                    "there is no unfinished campaign in %s to resume; name one "
                    "with --campaign",
                    results);
  *name = strrchr(*folder, '/') + 1;
  return EXIT_FINE;
}
