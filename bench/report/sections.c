/* SPDX-License-Identifier: MIT */
#include "bench/report/sections.h"

#include <math.h>
#include <string.h>

#include "bench/base/csv.h"
#include "bench/base/exit_code.h"
#include "bench/base/units.h"
#include "bench/report/html.h"
#include "bench/rows/campaign.h"
#include "bench/rows/versus.h"

/* --- about --------------------------------------------------------------- */

static void item(FILE *out, const char *text) {
  fputs("<li>", out);
  html_text(out, text);
  fputs("</li>\n", out);
}

/* "210 ok, 6 oom" */
static const char *outcomes_text(const struct view *v) {
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
  if (v->blocks < 10)
    item(out, pool_format(v->pool,
                          "%zu blocks are enough for a first look only. Use 10 "
                          "blocks to explore and 20 to support a claim.",
                          v->blocks));
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

void section_about(const struct view *v, FILE *out) {
  const char *const *first = v->all.begin->fields;
  fputs("<ul>\n", out);
  item(out,
       pool_format(
           v->pool,
           "%zu runs, each in a separate process. Each block runs every "
           "combination once, in random order: %s. %s.",
           (size_t)(v->all.end - v->all.begin), outcomes_text(v), v->origin));
  item(out,
       pool_format(v->pool, "Compiled with %s; the first run started at %s.",
                   first[RUN_COMPILER], first[RUN_STARTED_UTC]));
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

/* --- results ------------------------------------------------------------- */

struct table {
  const struct view *view;
  FILE *out;
};

static void cell_text(const struct table *t, const char *class,
                      const char *text) {
  fprintf(t->out, "<td class=\"%s\">", class);
  html_text(t->out, text);
  fputs("</td>", t->out);
}

/* The table sorts by `value` and shows `text`; `hover` is shown under the
   mouse. */
static void cell_value(const struct table *t, double value, const char *text,
                       const char *hover) {
  if (isnan(value)) {
    fputs("<td class=\"number\" data-value=\"\"></td>", t->out);
    return;
  }
  fprintf(t->out, "<td class=\"number\" data-value=\"%.9g\"", value);
  if (hover != NULL) {
    fputs(" title=\"", t->out);
    html_text(t->out, hover);
    fputc('"', t->out);
  }
  fputc('>', t->out);
  html_text(t->out, value == 0 ? "0" : text);
  fputs("</td>", t->out);
}

static const char *interval_text(const struct table *t, const struct effect *e,
                                 double alpha, const char *unit) {
  if (isnan(e->low))
    return "too few blocks for an interval";
  return pool_format(t->view->pool, "%.4g %% interval %.4g to %.4g%s, n = %zu",
                     100 * (1 - alpha), e->low, e->high, unit, e->blocks);
}

static void figure_write(const struct table *t, const struct choice *choice,
                         const char *column, double scale, const char *unit) {
  struct figure f = {column, scale, NULL};
  struct effect e = view_estimate(t->view, choice, &f);
  cell_value(t, e.ratio, digits_text(t->view->pool, e.ratio),
             interval_text(t, &e, 1 - EFFECT_CONFIDENCE, unit));
}

static const struct versus_line *line_find(const struct table *t,
                                           const struct choice *choice) {
  for (size_t i = 0; i < t->view->versus.line_count; i++) {
    const struct versus_line *line = &t->view->versus.lines[i];
    if (line->workloads == 0 && choice_has(choice, line->cell) &&
        line->heap->heap_factor == choice->factor)
      return line;
  }
  return NULL;
}

static const char *verdict_class(const struct versus_line *line) {
  if (line == NULL || line->reason != NULL)
    return "same";
  switch (line->verdict.word) {
  case VERDICT_LESS:
    return "faster";
  case VERDICT_MORE:
    return "slower";
  default:
    return "same";
  }
}

static void ratio_write(const struct table *t, const struct versus_line *line,
                        bool is_base) {
  const struct versus *versus = &t->view->versus;
  if (line == NULL) {
    cell_value(t, is_base ? 1 : NAN, "1", NULL);
    cell_text(t, "verdict", "");
    return;
  }
  cell_value(t, line->effect.ratio,
             digits_text(t->view->pool, line->effect.ratio),
             interval_text(t, &line->effect, versus->alpha, ""));
  const char *verdict = versus_verdict(versus, line);
  if (line->instead != NULL)
    verdict =
        pool_format(t->view->pool, "%s (to %s)", verdict, line->instead->name);
  cell_text(t, "verdict", verdict);
}

static void entrant_write(const struct table *t, struct span runs) {
  const struct entry *e = runs.begin;
  struct choice choice = {e->fields[RUN_WORKLOAD], e->entrant, e->threads,
                          e->heap_factor, NULL};
  const struct versus_line *line = line_find(t, &choice);
  fprintf(t->out, "<tr class=\"%s\" data-collector=\"", verdict_class(line));
  html_text(t->out, e->entrant);
  fputs("\" data-workload=\"", t->out);
  html_text(t->out, choice.workload);
  fputs("\">", t->out);
  cell_text(t, "", choice.workload);
  cell_text(t, "number", e->fields[RUN_THREADS]);
  cell_text(t, "number",
            e->heap_factor > 0 ? e->fields[RUN_HEAP_FACTOR] : "none");
  cell_text(t, "", e->entrant);
  size_t ok = 0;
  for (const struct entry *run = runs.begin; run < runs.end; run++)
    ok += run->is_ok;
  cell_text(t, "number",
            pool_format(t->view->pool, "%zu/%td", ok, runs.end - runs.begin));
  figure_write(t, &choice, "wall_ns", 1e-6, " ms");
  ratio_write(t, line, strcmp(e->entrant, t->view->versus.sides[0].name) == 0);
  figure_write(t, &choice, "task_clock_ns", 1e-6, " ms");
  figure_write(t, &choice, "held_peak", 1.0 / (1 << 20), " MiB");
  figure_write(t, &choice, "garbage_end", 1.0 / (1 << 20), " MiB");
  figure_write(t, &choice, "drag_byte_s", 1.0 / (1 << 20), " MiB s");
  figure_write(t, &choice, "pause_max_ns", 1e-6, " ms");
  fputs("</tr>\n", t->out);
}

static void heads_write(const struct table *t) {
  const char *ratio =
      pool_format(t->view->pool, "wall / %s", t->view->versus.sides[0].name);
  const char *const heads[] = {"workload",
                               "threads",
                               "heap limit",
                               "collector",
                               "ok",
                               "wall (ms)",
                               ratio,
                               "verdict",
                               "CPU (ms)",
                               "held (MiB)",
                               "garbage at end (MiB)",
                               "drag (MiB s)",
                               "longest pause (ms)"};
  fputs("<table><thead><tr>", t->out);
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    fputs("<th>", t->out);
    html_text(t->out, heads[i]);
    fputs("</th>", t->out);
  }
  fputs("</tr></thead><tbody>\n", t->out);
}

void section_results(const struct view *v, FILE *out) {
  struct table t = {.view = v, .out = out};
  fputs("<p>Medians over blocks. Point at a number to see its interval. Click "
        "a heading to sort the table.</p>\n",
        out);
  heads_write(&t);
  struct span s = {v->all.begin, v->all.begin};
  while (s.end < v->all.end) {
    s = span_of(s.end, v->all.end, entry_compare_entrants);
    entrant_write(&t, s);
  }
  fputs("</tbody></table>\n", out);
}

/* --- machine ------------------------------------------------------------- */

int section_machine(const struct view *v, FILE *out) {
  struct csv_file file; /* any file, as it is */
  const char *path = campaign_path(v->pool, v->folder, "environment.json");
  int code = csv_load(&file, path);
  if (code != EXIT_FINE || file.size == 0)
    return code;
  fputs("<h2>Machine</h2>\n<details><summary>environment.json</summary><pre>",
        out);
  html_text(out, pool_copy(v->pool, file.text, file.size));
  fputs("</pre></details>\n", out);
  csv_unload(&file);
  return EXIT_FINE;
}
