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

void noise_add(struct noise *n, const char *const *fields) {
  loop_add(n->pool, &n->alu, figure(fields, "calib_alu_ns"));
  loop_add(n->pool, &n->mem, figure(fields, "calib_mem_ns"));
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

const char *noise_judge(const struct noise *n, struct pool *pool,
                        const char *const *fields) {
  const struct noise_limits *l = n->limits;
  double steal = figure(fields, "steal");
  double alu = loop_off(&n->alu, pool, figure(fields, "calib_alu_ns"));
  double mem = loop_off(&n->mem, pool, figure(fields, "calib_mem_ns"));
  double hiccup = figure(fields, "hiccup_p99_ns");
  if (steal > l->steal)
    return pool_format(pool, "%.1f %% of the time went to other machines",
                       100 * steal);
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
