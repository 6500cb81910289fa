/* SPDX-License-Identifier: MIT */
#include "bench/report/cells.h"

#include <math.h>

#include "bench/base/units.h"
#include "bench/report/html.h"

void cell_text(const struct page *p, const char *class, const char *text) {
  html_element(
      p->out, "td",
      *class != '\0' ? pool_format(p->view->pool, "class=\"%s\"", class) : "",
      text);
}

/* The script finds the unit and the confidence in the heading. */
static void value_write(const struct page *p, double value, const char *text,
                        const char *interval) {
  if (isnan(value)) {
    fputs("<td data-value=\"\"></td>", p->out);
    return;
  }
  fprintf(p->out, "<td data-value=\"%.6g\"%s>", value, interval);
  html_text(p->out, value == 0 ? "0" : text);
  fputs("</td>", p->out);
}

void cell_value(const struct page *p, double value, const char *text) {
  value_write(p, value, text, "");
}

void cell_effect(const struct page *p, const struct effect *e,
                 const char *text) {
  struct pool *pool = p->view->pool;
  value_write(p, e->ratio, text,
              isnan(e->low)
                  ? " data-interval=\"\""
                  : pool_format(pool, " data-interval=\"%.4g %.4g %zu\"",
                                e->low, e->high, e->blocks));
}

static const char *verdict_class(const struct versus_line *line) {
  if (line == NULL)
    return "";
  if (line->reason != NULL)
    return "failed";
  static const char *const classes[] = {[VERDICT_UNDECIDED] = "undecided",
                                        [VERDICT_LESS] = "faster",
                                        [VERDICT_MORE] = "slower",
                                        [VERDICT_SAME] = "same"};
  return classes[line->verdict.word];
}

void cell_line(const struct page *p, const struct versus *versus,
               const struct versus_line *line) {
  struct pool *pool = p->view->pool;
  cell_effect(p, &line->effect, digits_text(pool, line->effect.ratio));
  const char *verdict = versus_verdict(versus, line);
  if (line->reason == NULL && line->column != versus->column)
    verdict =
        pool_format(pool, "%s: %s", headline_short(line->column), verdict);
  if (line->instead != NULL)
    verdict = pool_format(pool, "%s (to %s)", verdict, line->instead->name);
  cell_text(p, pool_format(pool, "verdict %s", verdict_class(line)), verdict);
}

void cells_head(const struct page *p, const struct cell_head *heads,
                size_t count) {
  fputs("<thead><tr>", p->out);
  for (size_t i = 0; i < count; i++) {
    fputs("<th scope=\"col\"", p->out);
    if (heads[i].unit != NULL)
      fprintf(p->out, " data-unit=\"%s\" data-confidence=\"%.4g\"",
              heads[i].unit, 100 * (1 - heads[i].alpha));
    fputs("><button type=\"button\">", p->out);
    html_text(p->out, heads[i].name);
    fputs("</button></th>", p->out);
  }
  fputs("</tr></thead>", p->out);
}
