/* SPDX-License-Identifier: MIT */
#include "bench/race/noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/columns.h"
#include "bench/stats/quantile.h"

/* With fewer runs, the median itself may be wrong. */
enum { MEDIAN_RUNS = 5 };

/* NAN where it was not measured. */
static double figure(const char *const *fields, const char *column) {
  const char *text = fields[run_column_find(column, strlen(column))];
  return text != NULL && *text != '\0' ? strtod(text, NULL) : NAN;
}

static void loop_add(struct pool *pool, struct noise_loop *loop, double ns) {
  if (isnan(ns))
    return;
  loop->ns = pool_grow(pool, loop->ns, loop->count, sizeof *loop->ns);
  loop->ns[loop->count++] = ns;
}

/* A run that does not say its ticks, as of an earlier version, is taken for one
   that is long enough. */
static struct noise_ticks ticks_of(const char *const *fields) {
  enum { MANY = 1000000 };
  double all = figure(fields, "ticks");
  double steal = figure(fields, "steal"), others = figure(fields, "others");
  all = all > 0 ? all : MANY;
  return (struct noise_ticks){all, isnan(steal) ? 0 : steal * all,
                              isnan(others) ? 0 : others * all};
}

void noise_break(struct noise *n) {
  n->tick_count = 0;
}

void noise_add(struct noise *n, const char *const *fields) {
  loop_add(n->pool, &n->alu, figure(fields, "calib_alu_ns"));
  loop_add(n->pool, &n->mem, figure(fields, "calib_mem_ns"));
  n->ticks = pool_grow(n->pool, n->ticks, n->tick_count, sizeof *n->ticks);
  n->ticks[n->tick_count++] = ticks_of(fields);
}

/* The deviation of a time from the median, as a fraction of it; 0: unknown. */
static double loop_off(const struct noise_loop *loop, struct pool *pool,
                       double ns) {
  if (isnan(ns) || loop->count < MEDIAN_RUNS)
    return 0;
  double *sorted = pool_alloc(pool, loop->count * sizeof *sorted);
  memcpy(sorted, loop->ns, loop->count * sizeof *sorted);
  return fabs(ns / quantile_summarize(sorted, loop->count).median - 1);
}

/* Note [Ticks]
   The system counts the time of cores in ticks of 10 ms. A run of 50 ms on two
   cores has ten of them: one tick is 10 % of it, and no tick means little. So a
   share is taken over a window: the run, and as many of the runs right before
   it as it takes until one tick is at most half of the limit. For 20 % these
   are 10 ticks, for 2 % they are 100, which are half a second of two cores. A
   count of ticks is off by up to one, so a window exceeds the limit if its
   ticks less one do. Then no quiet window is rejected for the clock's sake, and
   each that has twice the limit is. At the start of a campaign, a run whose
   window is too short is not judged by its ticks.

   What others on this machine do is measured as the time of the cores that is
   neither idle, nor stolen, nor of the run's own process. Pressure-stall
   information (psi_cpu_us) would not do: it counts every task that waits for a
   core, and the threads of the run itself wait if they are more than the cores.
 */

/* The share of one kind of ticks, in a window of runs that `runs` counts. NAN:
   the window is too short. */
static double window_share(const struct noise *n, const char *const *fields,
                           double limit, size_t kind, size_t *runs) {
  struct noise_ticks own = ticks_of(fields);
  double all = own.all, some = kind == 0 ? own.steal : own.others;
  size_t i = n->tick_count;
  for (; all * limit < 2 && i > 0; i--) {
    const struct noise_ticks *t = &n->ticks[i - 1];
    all += t->all;
    some += kind == 0 ? t->steal : t->others;
  }
  *runs = n->tick_count - i + 1;
  return all * limit < 2 ? NAN : fmax(some - 1, 0) / all;
}

static const char *runs_text(struct pool *pool, size_t runs) {
  return runs == 1 ? ""
                   : pool_format(pool, ", in this run and the %zu before it",
                                 runs - 1);
}

/* NULL: the shares are within the limits. */
static const char *ticks_judge(const struct noise *n, struct pool *pool,
                               const char *const *fields) {
  const struct noise_limits *l = n->limits;
  size_t runs;
  double steal = window_share(n, fields, l->steal, 0, &runs);
  if (steal > l->steal)
    return pool_format(pool, "%.1f %% of the time went to other machines%s",
                       100 * steal, runs_text(pool, runs));
  double others = window_share(n, fields, l->others, 1, &runs);
  if (others > l->others)
    return pool_format(pool, "other programs used %.1f %% of the time%s",
                       100 * others, runs_text(pool, runs));
  return NULL;
}

const char *noise_judge(const struct noise *n, struct pool *pool,
                        const char *const *fields) {
  const struct noise_limits *l = n->limits;
  const char *why = ticks_judge(n, pool, fields);
  double alu = loop_off(&n->alu, pool, figure(fields, "calib_alu_ns"));
  double mem = loop_off(&n->mem, pool, figure(fields, "calib_mem_ns"));
  double hiccup = figure(fields, "hiccup_p99_ns");
  if (why != NULL)
    return why;
  if (alu > l->alu || mem > l->mem)
    return pool_format(pool,
                       "a fixed loop of %s took %.0f %% more or less than in "
                       "other runs",
                       alu > l->alu ? "multiplications" : "loads",
                       100 * (alu > l->alu ? alu : mem));
  if (hiccup > l->hiccup_ns)
    return pool_format(pool, "an idle thread woke up %.1f ms late",
                       hiccup / 1e6);
  return NULL;
}
