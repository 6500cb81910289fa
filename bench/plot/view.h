/* SPDX-License-Identifier: MIT */
/* A campaign as the plots look at it: what there is of everything, and the
   numbers of any choice of it. */
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
/* The same for timeline.csv. */
struct view_sample {
  const struct entry *entry;
  double t, resident, held;
};

struct view {
  struct pool *pool;
  struct span all;    /* of the campaign that is looked at */
  struct span family; /* and of those that vary its parameters */
  const char *folder; /* of the campaign */
  const char *origin; /* blocks, campaign, machine and commit, in words */
  long cores;         /* 0: not known */
  size_t blocks;
  const char **workloads, **entrants; /* in the order of legends */
  size_t workload_count, entrant_count;
  double *threads, *factors; /* ascending */
  size_t thread_count, factor_count;
  /* Of those plots that can only show one of each. A collector without a limit
     has view_factor in place of the latter. */
  double at_threads, at_factor;
  struct versus versus; /* wall times against the yardstick's */
  struct view_pause *pauses;
  size_t pause_count;
  struct view_sample *samples;
  size_t sample_count;
};

/* Looks at the first of `count` campaigns, with its pauses and its timeline.
   Exit code. */
int view_make(struct view *, struct pool *, const struct source *,
              size_t count);

/* For view_make. Exit code. */
int view_read_companions(struct view *);

/* What a choice leaves open is NULL or negative. With parameters it is one
   from the whole family. */
struct choice {
  const char *workload, *entrant;
  double threads, factor;
  const char *params;
};

/* A number of a run that came through; NAN: not measured. */
struct figure {
  const char *column;
  double scale;
  double (*value)(const struct entry *); /* in place of a column */
};

bool choice_has(const struct choice *, const struct entry *);
/* Can its collector have one, whatever the others have? */
bool view_has_limit(const struct view *, const char *entrant);
/* at_factor, or 0 where the entrant has no limit. */
double view_factor(const struct view *, const char *entrant);
/* The median over its runs and the interval of that. NAN where one of its
   runs did not come through: a gap and not a lucky few. */
struct effect view_estimate(const struct view *, const struct choice *,
                            const struct figure *);
/* The same with a mean, as lower-bound overhead wants it. */
double view_mean(const struct view *, const struct choice *,
                 const struct figure *);

/* The usual beginnings. */
struct palette_style view_style(const struct view *, const char *entrant);
struct chart_series *view_add_series(const struct view *, struct chart_panel *,
                                     const char *entrant, enum chart_mark);
/* A point with its interval in y, and with words: "rc | 2 x live: 1.20 s
   (1.10..1.30)". Those of x are the caller's. */
void view_add_point(const struct view *, struct chart_series *, double x,
                    const char *x_words, const struct effect *,
                    const char *unit);
/* "1 thread", "3 threads" */
const char *view_threads_text(const struct view *, double threads);

extern const struct figure figure_wall_s, figure_cpu_s, figure_held_mib;
/* The parts of wall and processor time that are known to be the
   collector's. */
extern const struct figure figure_collecting_wall_s, figure_collecting_cpu_s;

#endif
