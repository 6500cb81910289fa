/* SPDX-License-Identifier: MIT */
/* A campaign prepared for plotting: its workloads, entrants, threads and heap
   factors, and statistics of any choice of runs. */
#ifndef PLOT_VIEW_H
#define PLOT_VIEW_H

#include "bench/plot/chart.h"
#include "bench/plot/palette.h"
#include "bench/rows/entries.h"
#include "bench/rows/source.h"
#include "bench/rows/versus.h"
#include "bench/stats/effect.h"

/* A row of pauses.csv, in the order of the file. */
struct view_pause {
  const struct entry *entry; /* its run */
  double t_request, t_end;
};
/* The same for latency.csv. */
struct view_latency {
  const struct entry *entry;
  const char *kind; /* one of the names below */
  double from_ns, to_ns, count;
};
extern const char view_service[], view_response[], view_metered[],
    view_hiccup[];
/* The same for timeline.csv. */
struct view_sample {
  const struct entry *entry;
  double t, resident, held;
};

struct view {
  struct pool *pool;
  struct span all;    /* of the campaign */
  struct span family; /* and of campaigns with other parameters */
  const char *folder; /* of the campaign */
  const char *origin; /* blocks, campaign, machine and commit, in words */
  long cores;         /* 0: unknown */
  size_t blocks;
  const char **workloads, **entrants; /* in the order of legends */
  size_t workload_count, entrant_count;
  double *threads, *factors; /* ascending */
  size_t thread_count, factor_count;
  /* For plots that show a single thread count and a single heap factor. For a
     collector without a limit, use view_factor() instead of at_factor. */
  double at_threads, at_factor;
  struct versus versus; /* wall times relative to the yardstick */
  struct versus versus_cpu, versus_response; /* and what else is compared */
  struct view_pause *pauses;
  size_t pause_count;
  struct view_latency *latencies;
  size_t latency_count;
  struct view_sample *samples;
  size_t sample_count;
};

/* Prepares the first of `count` campaigns, with its pauses and its timeline.
   The others are its family. Exit code. */
int view_make(struct view *, struct pool *, const struct source *,
              size_t count);

/* Part of view_make. Exit code. */
int view_read_companions(struct view *);

/* A filter for runs. A field that is NULL or negative matches everything. With
   `params`, it selects from the whole family. */
struct choice {
  const char *workload, *entrant;
  double threads, factor;
  const char *params;
};

/* A number of a completed run; NAN: not measured. */
struct figure {
  const char *column;
  double scale;
  double (*value)(const struct entry *); /* used instead of a column */
};

/* For plots that show a single thread count and a single heap factor. */
struct choice view_choice(const struct view *, size_t workload, size_t entrant);
bool choice_has(const struct choice *, const struct entry *);
/* Does the collector of this entrant support a heap limit? */
bool view_has_limit(const struct view *, const char *entrant);
/* at_factor, or 0 if the entrant has no heap limit. */
double view_factor(const struct view *, const char *entrant);
/* Does a rate set the wall time of this workload? */
bool view_is_paced(const struct view *, const char *workload);
/* The time that says something about a collector: processor time if it is
   paced, else wall time. The title of a panel says which. */
const struct figure *view_time(const struct view *, const char *workload);
const char *view_timed_title(const struct view *, const char *workload);
/* Does it measure the harness, not collectors? */
bool view_is_control(const struct view *, const char *workload);
/* The status of a chosen run that failed, such as "oom". If no run is valid,
   "untrusted". NULL: a run is valid and none failed, or there is no run. */
const char *view_failure(const struct view *, const struct choice *);
/* Is a chosen run valid? */
bool view_has_runs(const struct view *, const struct choice *);
/* A number of any run of a workload under this limit, a negative one matching
   all; NAN if no run has it. */
double view_limited_number(const struct view *, const char *workload,
                           double factor, size_t column);
/* "heap factor 2.5, 15.8 MiB"; "no limit" for factor 0. */
const char *view_limit_text(const struct view *, const char *workload,
                            double factor);
/* The title of a panel that shows a single heap: "rings, limit 15.8 MiB". */
const char *view_limited_title(const struct view *, const char *workload);
/* The median over the chosen runs, with its interval. NAN if one of them
   failed, so that the chart has a gap instead of a median of the lucky runs. */
struct effect view_estimate(const struct view *, const struct choice *,
                            const struct figure *);
/* The same as a mean, which lower-bound overhead needs. */
double view_mean(const struct view *, const struct choice *,
                 const struct figure *);

/* The smallest value. */
double view_least(const struct view *, const struct choice *,
                  const struct figure *);

/* Series in the style of an entrant. */
struct palette_style view_style(const struct view *, const char *entrant);
struct chart_series *view_add_series(const struct view *, struct chart_panel *,
                                     const char *entrant, enum chart_mark);
/* Adds a point with its interval in y and a hover text, such as "rc | heap
   factor 2: 1.20 s (1.10..1.30)". The caller passes the text for x. */
void view_add_point(const struct view *, struct chart_series *, double x,
                    const char *x_words, const struct effect *,
                    const char *unit);
/* For notes, after the points have been added. What a point is, and its
   interval: "medians with 95 % intervals". */
const char *view_spread_text(const struct view *, const struct chart *);
/* "medians": what view_estimate() gives. */
const char *view_middle_text(const struct view *);
/* ", cut at the frame", if an interval is. */
const char *view_cut_text(const struct chart *);
/* "; heap factor 2.5", the one of charts that show a single heap. */
const char *view_heap_text(const struct view *);
/* "; WORDS requests, hyperalloc": workloads that a rate paces. */
const char *view_paced_text(const struct view *, const char *words);
/* "1 thread", "3 threads" */
const char *view_threads_text(const struct view *, double threads);

extern const struct figure figure_wall_s, figure_cpu_s, figure_held_mib;
/* The parts of wall and processor time that are known to be spent
   collecting. */
extern const struct figure figure_collecting_wall_s, figure_collecting_cpu_s;

#endif
