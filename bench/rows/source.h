/* SPDX-License-Identifier: MIT */
/* Finds and reads a campaign by its file, its folder or its name. */
#ifndef ROWS_SOURCE_H
#define ROWS_SOURCE_H

#include "bench/plan/options.h"
#include "bench/rows/results.h"

struct source {
  const char *folder; /* where its other files are */
  struct results results;
  long cores; /* of its machine; 0: not known */
};

/* What `word` names: a file of rows, a folder, or a campaign among --results.
   NULL where it is none of them. Exit code: it may not be told. */
int source_find(const struct options *, const char *word, const char **out);
/* The same for what must be there. */
int source_named(const struct options *, const char *word, const char **out);

/* Reads a file of rows, or the one in a folder. A last row that is cut off is
   left out, and said. Exit code. */
int source_read(struct source *, struct pool *, const char *path);
/* The same, but a campaign without rows is refused. */
int source_load(struct source *, struct pool *, const char *path);

/* The path of the operand, or of --campaign, or of the newest. Exit code. */
int source_path(const struct options *, const char **path);
/* The same, and loads it. */
int source_chosen(struct source *, const struct options *);

#endif
