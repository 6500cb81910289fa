/* SPDX-License-Identifier: MIT */
/* The common part of commands that search. For each cell, such a command makes
   runs until it has found a figure, stores it, and prints a table. */
#ifndef RACE_SEARCH_H
#define RACE_SEARCH_H

#include "bench/base/sheet.h"
#include "bench/race/attempt.h"
#include "bench/rows/finds.h"

/* The search for one cell. */
struct search {
  const struct settings *settings;
  struct pool *pool;
  struct command_cell cell;
  const char *heap_factor; /* as it was written; "0": no limit */
  const char *heap;        /* the limit, as an option of the runner */
  unsigned runs;           /* 0: it was found before */
};

struct search_card {
  const struct finds_card *finds;     /* after the design comes started_utc */
  const struct sheet_column *columns; /* of the table */
  size_t column_count;
  /* What is taken where the command line names none; NULL: all. */
  const char *collectors, *workloads;
  int (*check)(const struct settings *); /* exit code */
  /* Fills the design after FIND_COLUMNS; NULL: there is no more. */
  void (*design)(const struct search *, const char **row);
  /* Fills the row after started_utc. Exit code. */
  int (*find)(struct search *, const char **row);
  /* Fills a line of the table. */
  void (*show)(const struct search *, const char *const *row,
               const char **line);
};

/* What was found before, and where new results go. */
struct search_store {
  const struct search_card *card;
  struct environment_commit commit;
  struct finds finds;
};

/* The row of a cell: one that was found before, or a new one, which is kept.
   Exit code. */
int search_row(struct search_store *, struct search *, const char ***row);

/* Exit code. */
int search_command(struct options *, const struct search_card *);

/* Runs the cell once, as attempt_run does. */
int search_attempt(struct search *, const char *heap, struct attempt *);
/* The number of runs, or "kept" for a stored result. */
const char *search_runs(const struct search *);

#endif
