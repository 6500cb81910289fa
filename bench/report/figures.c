/* SPDX-License-Identifier: MIT */
/* Places for charts, with their captions. The scripts draw them from data.c. */
#include <string.h>

#include "bench/report/html.h"
#include "bench/report/page.h"

static void figure_write(const struct page *p, const struct chart *c) {
  fprintf(p->out, "<figure id=\"%s\" data-chart=\"%s\"><h3>", c->name, c->name);
  html_text(p->out, caption_title(p, c));
  fputs("</h3><div class=\"plot\"></div><figcaption>", p->out);
  html_text(p->out, caption_how(c));
  fputs(" <strong></strong>", p->out);
  if (c->note != NULL) {
    fputs(" <small>", p->out);
    html_text(p->out, c->note);
    fputs("; ", p->out);
    html_text(p->out, c->origin);
    fputs(".</small>", p->out);
  }
  fputs("</figcaption></figure>\n", p->out);
}

/* The page says what it has no data for. */
static void missing_write(const struct page *p) {
  const char *text = "";
  for (size_t i = 0; i < p->chart_count; i++) {
    const struct chart *c = &p->charts[i];
    const char *subject = caption_subject(c);
    if (chart_is_empty(c) && *subject != '\0')
      text = pool_format(p->view->pool, "%s%s%s", text,
                         *text != '\0' ? ", " : "", subject);
  }
  if (*text != '\0')
    html_element(
        p->out, "p", "class=\"missing\" id=\"missing\"",
        pool_format(p->view->pool, "This campaign has no data for: %s.", text));
}

void mark_write(const struct page *p) {
  fputs("<p class=\"mark\">Something is hidden: means, counts and captions are "
        "of what is shown; the interval and the verdict of a single workload "
        "are those of the whole campaign.</p>\n",
        p->out);
}

void figures_write(const struct page *p) {
  fputs("<section id=\"charts\"><h2>Charts</h2>\n", p->out);
  missing_write(p);
  mark_write(p);
  for (size_t i = 0; i < p->chart_count; i++) {
    if (!chart_is_empty(&p->charts[i]))
      figure_write(p, &p->charts[i]);
  }
  fputs("</section>\n", p->out);
}

/* --- workloads ----------------------------------------------------------- */

static void what_write(const struct page *p, const char *workload) {
  const struct catalog_workload *w = catalog_workload(p->catalog, workload);
  if (w == NULL)
    return;
  html_element(
      p->out, "p", "class=\"what\"",
      pool_format(p->view->pool, "%s. Stresses: %s.", w->summary, w->stresses));
}

static void params_write(const struct page *p, const char *workload) {
  for (const struct entry *e = p->view->all.begin; e < p->view->all.end; e++) {
    if (strcmp(e->fields[RUN_WORKLOAD], workload) != 0)
      continue;
    if (*e->fields[RUN_PARAMS] != '\0')
      html_element(
          p->out, "p", "class=\"params\"",
          pool_format(p->view->pool, "Parameters: %s", e->fields[RUN_PARAMS]));
    return;
  }
}

void workloads_write(const struct page *p) {
  fputs("<section id=\"workloads\"><h2>Workloads</h2>\n", p->out);
  mark_write(p);
  for (size_t i = 0; i < p->view->workload_count; i++) {
    const char *name = p->view->workloads[i];
    fputs("<section class=\"workload\" id=\"", p->out);
    html_id(p->out, "workload", name);
    fputs("\" data-workload=\"", p->out);
    html_text(p->out, name);
    fputs("\">", p->out);
    html_element(p->out, "h3", "", name);
    what_write(p, name);
    params_write(p, name);
    fputs("<div class=\"rows\"></div><div class=\"plots\"></div></section>\n",
          p->out);
  }
  fputs("</section>\n", p->out);
}
