/* SPDX-License-Identifier: MIT */
/* How far the results of a campaign can be trusted. */
#include "bench/report/trust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report/html.h"

static void item(FILE *out, const char *text) {
  html_element(out, "li", "", text);
  fputc('\n', out);
}

/* "210 ok, 6 oom" */
const char *trust_outcomes(const struct view *v) {
  const char **names = NULL;
  size_t *counts = NULL, count = 0;
  for (const struct entry *e = v->all.begin; e < v->all.end; e++) {
    const char *status = e->fields[RUN_STATUS];
    size_t i = 0;
    while (i < count && strcmp(names[i], status) != 0)
      i++;
    if (i == count) {
      names = pool_grow(v->pool, names, count, sizeof *names);
      counts = pool_grow(v->pool, counts, count, sizeof *counts);
      names[count] = status;
      counts[count++] = 0;
    }
    counts[i]++;
  }
  const char *text = "";
  for (size_t i = 0; i < count; i++)
    text = pool_format(v->pool, "%s%s%zu %s", text, i > 0 ? ", " : "",
                       counts[i], names[i]);
  return text;
}

/* --- one line ------------------------------------------------------------ */

static int compare_doubles(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* Half of the ratios of single cells have intervals within this factor; NAN
   if there are no intervals. */
static double usual_reach(const struct view *v) {
  const struct versus *versus = &v->versus;
  double *reaches =
      pool_alloc(v->pool, (versus->line_count + 1) * sizeof *reaches);
  size_t count = 0;
  for (size_t i = 0; i < versus->line_count; i++) {
    const struct effect *e = &versus->lines[i].effect;
    if (versus->lines[i].workloads == 0 && !isnan(e->low) && e->low > 0)
      reaches[count++] = sqrt(e->high / e->low);
  }
  if (count == 0)
    return NAN;
  qsort(reaches, count, sizeof *reaches, compare_doubles);
  return reaches[(count - 1) / 2];
}

static const char *advice(const struct view *v) {
  if (v->blocks < 10)
    return "enough for a first look only";
  return v->blocks < 20 ? "enough to explore" : "enough to support a claim";
}

void trust_line(const struct view *v, FILE *out) {
  double reach = usual_reach(v);
  size_t untrusted = entry_count_status(v->all, "untrusted");
  const char *text = pool_format(v->pool, "%zu block%s: %s.", v->blocks,
                                 v->blocks == 1 ? "" : "s", advice(v));
  if (isnan(reach))
    text = pool_format(v->pool, "%s There are too few for intervals.", text);
  else
    text = pool_format(
        v->pool, "%s Half of the ratios are known %s or better.", text,
        reach < 2 ? pool_format(v->pool, "to ±%.2g %%", 100 * (reach - 1))
                  : pool_format(v->pool, "within a factor of %.3g", reach));
  if (untrusted > 0)
    text =
        pool_format(v->pool, "%s %zu of %td runs were too disturbed to count.",
                    text, untrusted, v->all.end - v->all.begin);
  html_text(out, text);
}

/* --- details ------------------------------------------------------------- */

/* Minimum and maximum of a figure; NAN if it was never measured. */
static void range_find(const struct view *v, const char *column, double *least,
                       double *greatest) {
  *least = *greatest = NAN;
  for (const struct entry *e = v->all.begin; e < v->all.end; e++) {
    double value = entry_figure(e, column);
    *least = fmin(*least, value);
    *greatest = fmax(*greatest, value);
  }
}

/* Rows of earlier versions do not say it. */
static void conditions_write(const struct view *v, FILE *out) {
  const char *const *first = v->all.begin->fields;
  if (*first[RUN_HUGE_PAGES] == '\0')
    return;
  item(out,
       pool_format(v->pool,
                   "Every run had the same of the machine: huge pages: "
                   "%s; pinned to: %s; heap touched before the clock "
                   "starts: %s.",
                   first[RUN_HUGE_PAGES], first[RUN_PIN], first[RUN_PREFAULT]));
}

static void noise_write(const struct view *v, FILE *out) {
  double least, greatest;
  size_t untrusted = entry_count_status(v->all, "untrusted");
  if (untrusted > 0)
    item(out, pool_format(v->pool,
                          "%zu runs are untrusted by rule, whatever their "
                          "result. They were repeated within the limit on "
                          "reruns. No figure here includes them.",
                          untrusted));
  range_find(v, "calib_alu_ns", &least, &greatest);
  if (!isnan(least))
    item(out, pool_format(v->pool,
                          "A fixed loop is timed before each run. Its slowest "
                          "time was %.0f %% longer than its fastest: the speed "
                          "of the processor varies by this much.",
                          100 * (greatest / least - 1)));
  range_find(v, "steal", &least, &greatest);
  if (!isnan(greatest))
    item(out, pool_format(v->pool,
                          "Up to %.1f %% of processor time was stolen in a run "
                          "by other virtual machines on the host.",
                          100 * greatest));
  range_find(v, "others", &least, &greatest);
  if (!isnan(greatest))
    item(out, pool_format(v->pool,
                          "Other programs on this machine used up to %.1f %% "
                          "of processor time in a run.",
                          100 * greatest));
  range_find(v, "load", &least, &greatest);
  if (!isnan(greatest))
    item(out, pool_format(v->pool, "Load average before a run: %.2f to %.2f.",
                          least, greatest));
}

/* Do any two rows differ in a column? */
static bool differs(const struct view *v, enum run_column column) {
  for (const struct entry *e = v->all.begin; e < v->all.end; e++) {
    if (strcmp(e->fields[column], v->all.begin->fields[column]) != 0)
      return true;
  }
  return false;
}

static void doubts_write(const struct view *v, FILE *out) {
  const char *const *first = v->all.begin->fields;
  if (v->blocks < 20)
    item(out, "Use 10 blocks to explore and 20 to support a claim.");
  if (strcmp(first[RUN_BUILD], "Release") != 0 || differs(v, RUN_BUILD))
    item(out,
         "Not all programs are release builds. Times of other builds are not "
         "meaningful.");
  if (strcmp(first[RUN_DIRTY], "1") == 0)
    item(out, "The programs were built with uncommitted changes.");
  if (v->cores > 0 && v->threads[v->thread_count - 1] > (double)v->cores)
    item(out,
         pool_format(v->pool,
                     "Some runs have more than %ld threads on the %ld cores "
                     "of the machine. They are marked as oversubscribed.",
                     v->cores, v->cores));
}

void trust_details(const struct view *v, FILE *out) {
  fputs("<ul>\n", out);
  item(out, "Each block runs every combination once, in random order, each "
            "run in a separate process.");
  item(
      out,
      pool_format(
          v->pool,
          "Ratios are geometric means of ratios within blocks. Their intervals "
          "are at %.4g %% (moderated paired t), so that of the lines marked "
          "faster or slower at most one in 20 is expected to be false. A line "
          "is marked if its interval excludes 1 and its ratio differs from 1 "
          "by at least 2 %%.",
          100 * (1 - v->versus.alpha)));
  conditions_write(v, out);
  noise_write(v, out);
  doubts_write(v, out);
  fputs("</ul>\n", out);
}
