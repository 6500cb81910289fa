/* SPDX-License-Identifier: MIT */
/* A campaign's folder. The invariant: each row of runs.csv is whole, and all
   rows of its run in pauses.csv and its like reached the disk before it. It is
   broken only by a killed writer, at the ends of these files, and mended when
   the campaign is opened again. One process at a time has a lock on runs.csv.
 */
#ifndef ROWS_CAMPAIGN_H
#define ROWS_CAMPAIGN_H

#include "bench/base/csv.h"
#include "bench/plan/options.h"
#include "bench/rows/results.h"

/* The file of the options that define the plan. */
#define CAMPAIGN_PLAN "plan.txt"

struct campaign {
  struct pool *pool;
  const char *folder;
  struct csv_log runs, companions[COMPANIONS];
  struct results results; /* the rows of before, when it was resumed */
};

/* Creates the folder, or continues it with --resume. Exit code. campaign_close
   must be called in either case. */
int campaign_open(struct campaign *, struct pool *, const char *folder,
                  const struct options *);
void campaign_close(struct campaign *);

/* Both by way of the disk before they return. Exit code. What a file has up to
   a line that is cut or malformed is added; `bad_line` is that line, or 0
   where all of it was added. */
int campaign_add_companion(struct campaign *, enum companion, const char *run,
                           const char *path, size_t *bad_line);
int campaign_add_row(struct campaign *, const char *const fields[RUN_COLUMNS]);

/* Writes a small file of the folder, completely or not at all. Exit code. */
int campaign_write_file(const struct campaign *, const char *name,
                        const char *text, size_t size);

/* With all folders that it lies in. Exit code. */
int campaign_make_folder(struct pool *, const char *path);

/* A file in the folder. */
const char *campaign_path(struct pool *, const char *folder, const char *name);

/* Takes the plan of a campaign that is to go on into `options`. Exit code. */
int campaign_take_plan(struct options *, const char *folder);

#endif
