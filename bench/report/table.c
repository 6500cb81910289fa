/* SPDX-License-Identifier: MIT */
/* The table of results: one row for each entrant of each cell. */
#include <math.h>
#include <string.h>

#include "bench/base/csv.h"
#include "bench/base/exit_code.h"
#include "bench/base/units.h"
#include "bench/report/cells.h"
#include "bench/report/html.h"
#include "bench/report/page.h"
#include "bench/rows/campaign.h"

/* --- results ------------------------------------------------------------- */

static void figure_write(const struct page *p, const struct choice *choice,
                         const char *column, double scale) {
  struct figure f = {column, scale, NULL};
  struct effect e = view_estimate(p->view, choice, &f);
  cell_effect(p, &e, digits_text(p->view->pool, e.ratio));
}

/* --- ratios -------------------------------------------------------------- */

/* The first result of a cell. A floor is compared at the heap factor of the
   charts. */
static const struct versus_line *
line_find(const struct page *p, const struct choice *choice, bool is_floor) {
  const struct versus *versus = &p->versus;
  double factor = is_floor ? p->view->at_factor : choice->factor;
  for (size_t i = 0; i < versus->line_count; i++) {
    const struct versus_line *line = &versus->lines[i];
    if (line->workloads == 0 && choice_has(choice, line->cell) &&
        line->heap->heap_factor == factor)
      return line;
  }
  return NULL;
}

static void ratio_write(const struct page *p, const struct versus_line *line,
                        bool is_base) {
  const struct versus *versus = &p->versus;
  if (line == NULL) {
    cell_value(p, is_base ? 1 : NAN, "1");
    cell_text(p, "verdict", is_base ? "base" : "");
    return;
  }
  cell_line(p, versus, line);
}

/* --- rows ---------------------------------------------------------------- */

/* Did the workload run with other parameters, too? */
static bool has_variants(const struct page *p, const struct entry *e) {
  struct span all = entry_workload(p->view->all, e->fields[RUN_WORKLOAD]);
  return strcmp(all.begin->fields[RUN_PARAMS],
                all.end[-1].fields[RUN_PARAMS]) != 0;
}

/* Its own, so that a link to it stays right in the next campaign. */
static void row_open(const struct page *p, const struct entry *e) {
  struct pool *pool = p->view->pool;
  fputs("<tr id=\"", p->out);
  html_id(p->out, "row",
          pool_format(pool, "%s.%s.%s.%s%s%s", e->fields[RUN_WORKLOAD],
                      e->entrant, e->fields[RUN_THREADS],
                      e->heap_factor > 0 ? e->fields[RUN_HEAP_FACTOR] : "0",
                      has_variants(p, e) ? "." : "",
                      has_variants(p, e) ? e->fields[RUN_PARAMS] : ""));
  fputs("\" data-collector=\"", p->out);
  html_text(p->out, e->entrant);
  fputs("\" data-workload=\"", p->out);
  html_text(p->out, e->fields[RUN_WORKLOAD]);
  fputs("\">", p->out);
}

static const char *completed_text(const struct page *p, struct span runs) {
  size_t ok = entry_count_status(runs, "ok");
  return pool_format(p->view->pool, "%zu/%td", ok, runs.end - runs.begin);
}

static void row_write(const struct page *p, struct span runs) {
  const struct entry *e = runs.begin;
  struct choice choice = {e->fields[RUN_WORKLOAD], e->entrant, e->threads,
                          e->heap_factor, e->fields[RUN_PARAMS]};
  const char *base = p->versus.sides[0].name;
  row_open(p, e);
  html_element(p->out, "th", "scope=\"row\"", choice.workload);
  cell_text(p, "", e->entrant);
  cell_text(p, "number", e->fields[RUN_THREADS]);
  cell_text(p, "number",
            e->heap_factor > 0 ? e->fields[RUN_HEAP_FACTOR] : "none");
  cell_text(p, "number", completed_text(p, runs));
  figure_write(p, &choice, "wall_ns", 1e-6);
  ratio_write(p, line_find(p, &choice, e->is_floor),
              strcmp(e->entrant, base) == 0);
  figure_write(p, &choice, "task_clock_ns", 1e-6);
  figure_write(p, &choice, "held_peak", 1.0 / (1 << 20));
  figure_write(p, &choice, "garbage_end", 1.0 / (1 << 20));
  figure_write(p, &choice, "drag_byte_s", 1.0 / (1 << 20));
  figure_write(p, &choice, "pause_max_ns", 1e-6);
  figure_write(p, &choice, "rsp_p999_ns", 1e-6);
  fputs("</tr>\n", p->out);
}

static void heads_write(const struct page *p) {
  const char *ratio =
      pool_format(p->view->pool, "result / %s", p->versus.sides[0].name);
  const double alpha = 1 - EFFECT_CONFIDENCE;
  const struct cell_head heads[] = {{.name = "workload"},
                                    {.name = "collector"},
                                    {.name = "threads"},
                                    {.name = "heap limit"},
                                    {.name = "completed"},
                                    {"time (ms)", " ms", alpha},
                                    {ratio, "", p->versus.alpha},
                                    {.name = "verdict"},
                                    {"CPU (ms)", " ms", alpha},
                                    {"held (MiB)", " MiB", alpha},
                                    {"garbage at end (MiB)", " MiB", alpha},
                                    {"drag (MiB s)", " MiB s", alpha},
                                    {"longest pause (ms)", " ms", alpha},
                                    {"p99.9 response (ms)", " ms", alpha}};
  cells_head(p, heads, sizeof heads / sizeof *heads);
}

void table_write(const struct page *p) {
  fputs("<section id=\"table\"><h2>All results</h2>\n<p>Medians over blocks; "
        "ratios are means within blocks. Point at a number, or reach it with "
        "the arrow keys, to see its interval. A heading sorts the table.</p>\n",
        p->out);
  mark_write(p);
  fputs("<p class=\"found\" role=\"status\"></p>\n"
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"All results\"><table>",
        p->out);
  heads_write(p);
  fputs("<tbody>\n", p->out);
  struct span s = {p->view->all.begin, p->view->all.begin};
  while (s.end < p->view->all.end) {
    s = span_of(s.end, p->view->all.end, entry_compare_entrants);
    row_write(p, s);
  }
  fputs("</tbody></table></div></section>\n", p->out);
}

/* --- machine ------------------------------------------------------------- */

int machine_write(const struct page *p) {
  struct csv_file file; /* any file, as it is */
  const char *path =
      campaign_path(p->view->pool, p->view->folder, "environment.json");
  int code = csv_load(&file, path);
  if (code != EXIT_FINE)
    return code;
  fputs("<section id=\"machine\"><h2>Machine</h2>\n", p->out);
  if (file.size == 0) {
    fputs("<p class=\"missing\">environment.json is missing, so the page does "
          "not say what the machine was.</p>",
          p->out);
  } else {
    fputs("<details><summary>environment.json</summary>", p->out);
    html_element(p->out, "pre", "tabindex=\"0\"",
                 pool_copy(p->view->pool, file.text, file.size));
    fputs("</details>", p->out);
  }
  fputs("</section>\n", p->out);
  csv_unload(&file);
  return EXIT_FINE;
}
