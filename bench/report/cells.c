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

void cell_value(const struct page *p, double value, const char *text,
                const char *hint) {
  if (isnan(value)) {
    fputs("<td class=\"number\" data-value=\"\"></td>", p->out);
    return;
  }
  fprintf(p->out, "<td class=\"number\" data-value=\"%.6g\"", value);
  if (hint != NULL) {
    fputs(" data-hint=\"", p->out);
    html_text(p->out, hint);
    fputc('"', p->out);
  }
  fputc('>', p->out);
  html_text(p->out, value == 0 ? "0" : text);
  fputs("</td>", p->out);
}

const char *cell_interval(const struct page *p, const struct effect *e,
                          double alpha, const char *unit) {
  struct pool *pool = p->view->pool;
  if (isnan(e->low))
    return "too few blocks for an interval";
  return pool_format(pool, "%.4g %% interval %.4g to %.4g%s, n = %zu",
                     100 * (1 - alpha), e->low, e->high, unit, e->blocks);
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
  cell_value(p, line->effect.ratio, digits_text(pool, line->effect.ratio),
             cell_interval(p, &line->effect, versus->alpha, ""));
  const char *verdict = versus_verdict(versus, line);
  if (line->reason == NULL && line->column != versus->column)
    verdict =
        pool_format(pool, "%s: %s", headline_short(line->column), verdict);
  if (line->instead != NULL)
    verdict = pool_format(pool, "%s (to %s)", verdict, line->instead->name);
  cell_text(p, pool_format(pool, "verdict %s", verdict_class(line)), verdict);
}

void cells_head(const struct page *p, const char *const *heads, size_t count) {
  fputs("<thead><tr>", p->out);
  for (size_t i = 0; i < count; i++) {
    fputs("<th scope=\"col\"><button type=\"button\">", p->out);
    html_text(p->out, heads[i]);
    fputs("</button></th>", p->out);
  }
  fputs("</tr></thead>", p->out);
}
