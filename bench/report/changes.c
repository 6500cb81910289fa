/* SPDX-License-Identifier: MIT */
/* What changed since another campaign: each collector against itself. */
#include <stdlib.h>
#include <string.h>

#include "bench/base/units.h"
#include "bench/report/cells.h"
#include "bench/report/html.h"

/* Means first, then what is worse, what is better, and the rest. */
static int rank_of(const struct versus_line *line) {
  if (line->reason != NULL)
    return 5;
  if (line->workloads > 0)
    return 0;
  static const int ranks[] = {[VERDICT_MORE] = 1,
                              [VERDICT_LESS] = 2,
                              [VERDICT_UNDECIDED] = 3,
                              [VERDICT_SAME] = 4};
  return ranks[line->verdict.word];
}

static int compare_lines(const void *left, const void *right) {
  const struct versus_line *a = *(const struct versus_line *const *)left;
  const struct versus_line *b = *(const struct versus_line *const *)right;
  int order = rank_of(a) - rank_of(b);
  return order != 0 ? order : (a > b) - (a < b);
}

static void row_write(const struct page *p, const struct versus_line *line) {
  const struct versus *v = p->changes;
  bool is_mean = line->workloads > 0;
  fputs("<tr data-collector=\"", p->out);
  html_text(p->out, line->cell->entrant);
  fputs("\" data-workload=\"", p->out);
  html_text(p->out, is_mean ? "" : line->cell->fields[RUN_WORKLOAD]);
  fputs("\">", p->out);
  html_element(p->out, "th", "scope=\"row\"", versus_subject(v, line));
  cell_text(p, "", line->cell->entrant);
  cell_text(p, "number", line->cell->fields[RUN_THREADS]);
  cell_text(p, "number",
            line->heap->heap_factor > 0 ? line->heap->fields[RUN_HEAP_FACTOR]
                                        : "none");
  cell_line(p, v, line);
  fputs("</tr>\n", p->out);
}

/* "Of 40 results, 3 are faster, 2 slower, ..." */
static const char *counts_text(const struct versus *v) {
  size_t counts[4] = {0}, of = 0, unpaired = 0;
  for (size_t i = 0; i < v->line_count; i++) {
    const struct versus_line *line = &v->lines[i];
    if (line->workloads > 0)
      continue;
    of++;
    unpaired += line->reason != NULL;
    counts[line->verdict.word] += line->reason == NULL;
  }
  return pool_format(v->pool,
                     "Of %zu results, %zu are faster, %zu slower and %zu the "
                     "same; %zu are undecided and %zu have no pair.",
                     of, counts[VERDICT_LESS], counts[VERDICT_MORE],
                     counts[VERDICT_SAME], counts[VERDICT_UNDECIDED], unpaired);
}

static void lines_write(const struct page *p) {
  const struct versus *v = p->changes;
  const struct versus_line **lines =
      pool_alloc(v->pool, (v->line_count + 1) * sizeof *lines);
  for (size_t i = 0; i < v->line_count; i++)
    lines[i] = &v->lines[i];
  if (v->line_count > 1)
    qsort(lines, v->line_count, sizeof *lines, compare_lines);
  for (size_t i = 0; i < v->line_count; i++)
    row_write(p, lines[i]);
}

void changes_write(const struct page *p) {
  const struct versus *v = p->changes;
  if (v == NULL)
    return;
  const struct cell_head heads[] = {
      {.name = "workload"},   {.name = "collector"},   {.name = "threads"},
      {.name = "heap limit"}, {"ratio", "", v->alpha}, {.name = "verdict"}};
  fputs("<section id=\"changes\">", p->out);
  html_element(p->out, "h2", "",
               pool_format(v->pool, "Changes since %s", v->sides[0].name));
  html_element(
      p->out, "p", "",
      pool_format(v->pool,
                  "Each collector in %s, as a ratio to itself in %s, in the "
                  "same block: below 1 is better. %s",
                  v->sides[1].name, v->sides[0].name, counts_text(v)));
  fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Changes\"><table>",
        p->out);
  cells_head(p, heads, sizeof heads / sizeof *heads);
  fputs("<tbody>\n", p->out);
  lines_write(p);
  fputs("</tbody></table></div></section>\n", p->out);
}
