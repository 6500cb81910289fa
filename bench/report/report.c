/* SPDX-License-Identifier: MIT */
#include "bench/report/report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/csv.h"
#include "bench/base/say.h"
#include "bench/plot/palette.h"
#include "bench/report/html.h"
#include "bench/report/sections.h"

extern const char page_css[], page_js[];

struct report {
  const struct view *view;
  const char *plots;
  const struct plot_drawn *drawn;
  FILE *out;
};

/* --- check boxes --------------------------------------------------------- */

static void switch_write(const struct report *r, const char *kind,
                         const char *name, const char *colour) {
  fprintf(r->out,
          "<label><input type=\"checkbox\" checked data-kind=\"%s\" "
          "value=\"",
          kind);
  html_text(r->out, name);
  fputs("\">", r->out);
  if (colour != NULL)
    fprintf(r->out, "<span class=\"chip\" style=\"background:%s\"></span>",
            colour);
  html_text(r->out, name);
  fputs("</label>\n", r->out);
}

static void switches_write(const struct report *r) {
  const struct view *v = r->view;
  fputs("<nav><fieldset><legend>collectors</legend>\n", r->out);
  for (size_t i = 0; i < v->entrant_count; i++)
    switch_write(r, "collector", v->entrants[i],
                 view_style(v, v->entrants[i]).colour);
  fputs("</fieldset><fieldset><legend>workloads</legend>\n", r->out);
  for (size_t i = 0; i < v->workload_count; i++)
    switch_write(r, "workload", v->workloads[i], NULL);
  fputs("</fieldset></nav>\n", r->out);
}

/* --- charts -------------------------------------------------------------- */

/* The position of each panel; the script uses it to cover the panel. */
static void panels_write(const struct report *r, const struct chart *c) {
  fputs(" data-panels=\"[", r->out);
  const char *between = "";
  for (size_t i = 0; i < c->count; i++) {
    struct chart_place p = chart_panel_place(c, i);
    /* "name, service" belongs to the workload of that name. */
    const char *title = c->panels[i].title;
    const char *workload = pool_copy(r->view->pool, title, strcspn(title, ","));
    fprintf(r->out, "%s{&quot;workload&quot;: ", between);
    html_json(r->out, workload);
    fprintf(r->out,
            ", &quot;x&quot;: %.0f, &quot;y&quot;: %.0f, &quot;width&quot;: "
            "%.0f, &quot;height&quot;: %.0f}",
            p.x, p.y, p.width, p.height);
    between = ", ";
  }
  fputs("]\"", r->out);
}

/* The name of each curve's collector. */
static void curves_write(const struct report *r, const struct chart *c) {
  fputs(" data-curves=\"[", r->out);
  const char **names = chart_curves(c, r->view->pool);
  for (size_t i = 0; names[i] != NULL; i++) {
    fputs(i > 0 ? ", " : "", r->out);
    html_json(r->out, names[i]);
  }
  fputs("]\"", r->out);
}

static int picture_write(const struct report *r, const char *name) {
  const char *path = pool_format(r->view->pool, "%s/%s.svg", r->plots, name);
  struct csv_file file; /* csv_load reads any file */
  int code = csv_load(&file, path);
  if (code != EXIT_FINE)
    return code;
  /* An embedded picture must not have its XML declaration. */
  const char *begin = memmem(file.text, file.size, "<svg", 4);
  if (begin != NULL)
    fwrite(begin, 1, file.size - (size_t)(begin - file.text), r->out);
  else
    code = complain(EXIT_RESULTS, "%s is not an SVG picture", path);
  csv_unload(&file);
  return code;
}

static void missing_write(const struct report *r, const struct plot_drawn *d) {
  fprintf(r->out, "<p id=\"%s\">Missing: the chart \"", d->name);
  html_text(r->out, d->chart.title);
  fputs("\" could not be drawn.</p>\n", r->out);
}

static int charts_write(const struct report *r) {
  int code = EXIT_FINE;
  for (const struct plot_drawn *d = r->drawn;
       code == EXIT_FINE && d->name != NULL; d++) {
    if (d->is_missing) {
      missing_write(r, d);
      continue;
    }
    fprintf(r->out, "<figure id=\"%s\"", d->name);
    curves_write(r, &d->chart);
    panels_write(r, &d->chart);
    fputs(">\n", r->out);
    code = picture_write(r, d->name);
    fputs("</figure>\n", r->out);
  }
  return code;
}

/* --- the page ------------------------------------------------------------ */

static void head_write(const struct report *r) {
  const char *const *first = r->view->all.begin->fields;
  const char *title = pool_format(r->view->pool, "%s on %s",
                                  first[RUN_CAMPAIGN], first[RUN_MACHINE]);
  fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<title>",
        r->out);
  html_text(r->out, title);
  fprintf(r->out, "</title>\n<style>%s</style></head>\n<body><h1>", page_css);
  html_text(r->out, title);
  fputs("</h1>\n", r->out);
}

static int page_write(const struct report *r) {
  head_write(r);
  section_about(r->view, r->out);
  switches_write(r);
  fputs("<h2>Results</h2>\n", r->out);
  section_results(r->view, r->out);
  fputs("<h2>Charts</h2>\n", r->out);
  int code = charts_write(r) ?: section_machine(r->view, r->out);
  fprintf(r->out,
          "<div id=\"hint\"></div>\n<script>%s</script>\n</body></html>\n",
          page_js);
  return code;
}

static int cannot_write(const char *path) {
  return complain(EXIT_RESULTS, "cannot write %s: %s", path, strerror(errno));
}

static int stream_write(struct report *r, const char *path) {
  r->out = fopen(path, "we");
  if (r->out == NULL)
    return cannot_write(path);
  int code = page_write(r);
  bool is_whole = ferror(r->out) == 0;
  is_whole &= fclose(r->out) == 0;
  return code == EXIT_FINE && !is_whole ? cannot_write(path) : code;
}

/* A file is replaced at once, when all of it is written, so that half a page
   never takes the place of a whole one. A link stays, and so does what is no
   file: a device or a pipe is written to. */
static int file_write(struct report *r, const char *path) {
  struct stat status;
  if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
    return stream_write(r, path);
  char *target = realpath(path, NULL); /* NULL: it is new */
  const char *name =
      pool_format(r->view->pool, "%s", target != NULL ? target : path);
  free(target);
  const char *begun = pool_format(r->view->pool, "%s.new", name);
  int code = stream_write(r, begun);
  if (code == EXIT_FINE && rename(begun, name) != 0)
    code = cannot_write(path);
  if (code != EXIT_FINE)
    unlink(begun);
  return code;
}

int report_write(const struct view *view, const char *plots,
                 const struct plot_drawn *drawn, const char *path) {
  struct report report = {.view = view, .plots = plots, .drawn = drawn};
  return file_write(&report, path);
}
