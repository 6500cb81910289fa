/* SPDX-License-Identifier: MIT */
/* Rows of one or more campaigns in the order in which they are compared:
   cells, then entrants, then campaigns, then blocks. */
#ifndef ROWS_ENTRIES_H
#define ROWS_ENTRIES_H

#include "bench/rows/results.h"

struct entry {
  const char **fields;
  const char *entrant; /* the collector, and its tuning behind a colon */
  size_t source;       /* index of the campaign it comes from */
  double threads, heap_factor, block;
  bool is_ok;
  /* Its collector has no limit and ran once for all heap factors. It is the
     floor that the runs under each limit are compared with. */
  bool is_floor;
};

/* Entries that lie together. */
struct span {
  const struct entry *begin, *end;
};

/* Of `count` campaigns. Exit code. */
int entries_make(struct span *, struct pool *, const struct results *,
                 size_t count);

/* A cell is what its collectors can be compared in: workload, parameters,
   threads, heap factor. */
typedef int entry_order(const struct entry *, const struct entry *);
int entry_compare_cells(const struct entry *, const struct entry *);
int entry_compare_entrants(const struct entry *, const struct entry *);

/* From `begin` on, those that are equal to it in some order. */
struct span span_of(const struct entry *begin, const struct entry *end,
                    entry_order *);

/* Those of a workload, by binary search; of any if it is NULL. */
struct span entry_workload(struct span all, const char *workload);

/* The entries of an entrant of campaign `source` in a cell, which lie together.
   A collector without a limit has its only runs in each cell of the same
   workload and threads. Empty: there are none. */
struct span entry_runs(struct span all, struct span cell, const char *entrant,
                       size_t source);

/* The number in a column; NAN where it is empty. */
double entry_number(const struct entry *, size_t column);
/* Of a column by its name, which there must be. */
double entry_figure(const struct entry *, const char *name);

/* How many have this status. */
size_t entry_count_status(struct span, const char *status);

/* The collector that the others are measured by: rc, or the first by name if rc
   has no valid run. There is at least one entry. */
const char *entry_yardstick(struct span all);

/* The entrant of that name, or the first that is this collector; NULL where
   there is none. */
const char *entry_find_entrant(struct span all, const char *name);

/* Of entries of one entrant to those of a yardstick, in the blocks where both
   completed. Where `blocks` is not NULL, the block of each is put there.
   Returns how many. */
size_t entry_ratios(struct span, struct span yardstick, size_t column,
                    double *ratios, double *blocks);

#endif
