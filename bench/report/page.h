/* SPDX-License-Identifier: MIT */
/* What a page is made from, and its parts in their order. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stdio.h>

#include "bench/plan/catalog.h"
#include "bench/plot/view.h"
#include "bench/rows/summary.h"

struct page {
  const struct view *view;
  const struct catalog *catalog; /* what is known of collectors and workloads */
  /* Of the summary, those without a limit last; the one shown first. */
  struct summary_setting *settings;
  size_t setting_count, setting;
  struct versus versus;         /* the results, relative to the yardstick */
  const struct versus *changes; /* since another campaign; NULL: not asked */
  struct chart *charts;
  size_t chart_count;
  FILE *out;
};

/* What was raced, how far to trust it, and a card for each collector. */
void first_write(const struct page *);
/* What changed since another campaign, if it is asked. */
void changes_write(const struct page *);
/* The charts, each with a caption. */
void figures_write(const struct page *);
/* A section for each workload. */
void workloads_write(const struct page *);
/* The table of results: one row for each entrant of each cell. */
void table_write(const struct page *);
/* What the scripts draw and compute from. */
void data_write(const struct page *);
/* environment.json, collapsed. Returns an exit code: EXIT_FINE if the file is
   readable or absent. */
int machine_write(const struct page *);

/* While something is hidden: what stays as it is. */
void mark_write(const struct page *);

/* A square in the colour of a collector. */
void chip_write(const struct page *, const char *entrant);

/* How to read a chart. What it shows of what is shown, captions.js says. */
const char *caption_how(const struct chart *);
/* Its heading. */
const char *caption_title(const struct page *, const struct chart *);
/* Orders charts as the page has them; for qsort. */
int caption_compare(const void *, const void *);
/* What a chart shows, for a list of charts that are missing. */
const char *caption_subject(const struct chart *);

#endif
