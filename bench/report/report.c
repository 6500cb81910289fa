/* SPDX-License-Identifier: MIT */
#include "bench/report/report.h"

#include <ctype.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/exit_code.h"
#include "bench/base/say.h"
#include "bench/plot/plot.h"
#include "bench/report/html.h"
#include "bench/report/page.h"
#include "bench/rows/summary_words.h"

/* The files of this folder, embedded. */
extern const char page_css[], stats_js[], means_js[], axes_js[], captions_js[],
    draw_js[], place_js[], page_js[];

/* --- frame --------------------------------------------------------------- */

static void head_write(const struct page *p, const char *name,
                       const char *title) {
  fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n",
        p->out);
  html_element(p->out, "title", "", title);
  fprintf(p->out, "\n<style>%s</style></head>\n<body>\n", page_css);
  fputs("<a class=\"skip\" href=\"#main\">To the results</a>\n<header>",
        p->out);
  html_element(p->out, "h1", "", name);
  fputs("</header>\n", p->out);
}

static void link_write(const struct page *p, const char *kind, const char *id,
                       const char *text) {
  fputs("<li><a href=\"#", p->out);
  if (kind != NULL)
    html_id(p->out, kind, id);
  else
    fputs(id, p->out);
  fputs("\">", p->out);
  html_text(p->out, text);
  fputs("</a></li>\n", p->out);
}

static void contents_write(const struct page *p) {
  fputs("<details class=\"contents\" open><summary>Contents</summary><ul>\n",
        p->out);
  link_write(p, NULL, "summary", "Summary");
  if (p->changes != NULL)
    link_write(p, NULL, "changes", "Changes");
  fputs("<li><a href=\"#charts\">Charts</a><ul>\n", p->out);
  for (size_t i = 0; i < p->chart_count; i++) {
    if (!chart_is_empty(&p->charts[i]))
      link_write(p, NULL, p->charts[i].name, caption_title(p, &p->charts[i]));
  }
  fputs("</ul></li>\n<li><a href=\"#workloads\">Workloads</a><ul>\n", p->out);
  for (size_t i = 0; i < p->view->workload_count; i++)
    link_write(p, "workload", p->view->workloads[i], p->view->workloads[i]);
  fputs("</ul></li>\n", p->out);
  link_write(p, NULL, "table", "All results");
  fputs("</ul></details>\n", p->out);
}

/* --- switches ------------------------------------------------------------ */

static void switch_write(const struct page *p, const char *kind,
                         const char *name, bool has_chip) {
  fprintf(p->out,
          "<label><input type=\"checkbox\" checked data-kind=\"%s\" value=\"",
          kind);
  html_text(p->out, name);
  fputs("\">", p->out);
  if (has_chip)
    chip_write(p, name);
  html_text(p->out, name);
  fputs("</label>\n", p->out);
}

static void fieldset_open(const struct page *p, const char *kind,
                          const char *legend) {
  fprintf(p->out,
          "<fieldset><legend>%s</legend><p><button type=\"button\" "
          "data-all=\"%s\">all</button> <button type=\"button\" "
          "data-none=\"%s\">none</button></p>\n",
          legend, kind, kind);
}

static void switches_write(const struct page *p) {
  const struct view *v = p->view;
  fputs("<details class=\"switches\" open><summary>Show</summary>\n", p->out);
  fieldset_open(p, "collector", "Collectors");
  for (size_t i = 0; i < v->entrant_count; i++)
    switch_write(p, "collector", v->entrants[i], true);
  fputs("</fieldset>", p->out);
  fieldset_open(p, "workload", "Workloads");
  for (size_t i = 0; i < v->workload_count; i++)
    switch_write(p, "workload", v->workloads[i], false);
  fputs("</fieldset></details>\n", p->out);
}

static void side_write(const struct page *p) {
  fputs("<nav aria-label=\"Contents and choices\">\n<label "
        "class=\"search\">Search <input type=\"search\" id=\"search\" "
        "placeholder=\"splay gen\"></label> <button type=\"button\" "
        "id=\"theme\">Theme: system</button>\n",
        p->out);
  contents_write(p);
  switches_write(p);
  fputs("</nav>\n", p->out);
}

/* --- the page ------------------------------------------------------------ */

static void scripts_write(const struct page *p) {
  const char *const scripts[] = {stats_js, means_js, axes_js, captions_js,
                                 draw_js,  place_js, page_js};
  data_write(p);
  fputs("<div id=\"hint\" role=\"tooltip\" hidden></div>\n", p->out);
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
    fprintf(p->out, "<script>%s</script>\n", scripts[i]);
}

/* Of a campaign without a row. */
static int empty_write(const struct page *p) {
  struct pool *pool = p->view->pool;
  const char *folder = p->view->folder;
  const char *name =
      basename(pool_copy(pool, folder, strlen(folder))); /* of libgen.h */
  head_write(p, name, name);
  fputs("<main id=\"main\" class=\"empty\">\n", p->out);
  html_element(p->out, "p", "class=\"missing\"",
               "No run of this campaign is finished: runs.csv has no row. So "
               "there are no results, charts and means to show.");
  int code = machine_write(p);
  fputs("</main></body></html>\n", p->out);
  return code;
}

static int results_write(const struct page *p) {
  const char *const *first = p->view->all.begin->fields;
  head_write(p, first[RUN_CAMPAIGN],
             pool_format(p->view->pool, "%s on %s", first[RUN_CAMPAIGN],
                         first[RUN_MACHINE]));
  fputs("<div class=\"page\">", p->out);
  side_write(p);
  fputs("<main id=\"main\">\n", p->out);
  first_write(p);
  changes_write(p);
  figures_write(p);
  workloads_write(p);
  table_write(p);
  int code = machine_write(p);
  fputs("</main></div>\n", p->out);
  scripts_write(p);
  fputs("</body></html>\n", p->out);
  return code;
}

static int page_write(const struct page *p) {
  bool is_empty = p->view->all.begin == p->view->all.end;
  return is_empty ? empty_write(p) : results_write(p);
}

/* --- the file ------------------------------------------------------------ */

static int cannot_write(const char *path) {
  return complain(EXIT_RESULTS, "cannot write %s: %s", path, strerror(errno));
}

static int stream_write(struct page *p, const char *path) {
  p->out = fopen(path, "we");
  if (p->out == NULL)
    return cannot_write(path);
  int code = page_write(p);
  bool is_whole = ferror(p->out) == 0;
  is_whole &= fclose(p->out) == 0;
  return code == EXIT_FINE && !is_whole ? cannot_write(path) : code;
}

/* A file is replaced at once, when all of it is written, so that half a page
   never takes the place of a whole one. A link stays, and so does what is no
   file: a device or a pipe is written to. */
static int file_write(struct page *p, const char *path) {
  struct stat status;
  if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
    return stream_write(p, path);
  char *target = realpath(path, NULL); /* NULL: it is new */
  const char *name =
      pool_format(p->view->pool, "%s", target != NULL ? target : path);
  free(target);
  const char *begun = pool_format(p->view->pool, "%s.new", name);
  int code = stream_write(p, begun);
  if (code == EXIT_FINE && rename(begun, name) != 0)
    code = cannot_write(path);
  if (code != EXIT_FINE)
    unlink(begun);
  return code;
}

/* The setting that the charts show, or else the first. */
static size_t setting_choose(const struct page *p) {
  const struct view *v = p->view;
  size_t chosen = 0;
  for (size_t i = 0; i < p->setting_count; i++) {
    const struct summary_setting *s = &p->settings[i];
    if (s->threads == v->at_threads && s->factor == v->at_factor)
      chosen = i;
  }
  return chosen;
}

static void settings_take(struct page *p) {
  struct summary summary;
  summary_make(&summary, p->view->pool, p->view->all);
  p->setting_count = summary.setting_count + summary.unlimited_count;
  p->settings =
      pool_alloc(p->view->pool, p->setting_count * sizeof *p->settings);
  memcpy(p->settings, summary.settings,
         summary.setting_count * sizeof *p->settings);
  if (summary.unlimited_count > 0)
    memcpy(p->settings + summary.setting_count, summary.unlimited,
           summary.unlimited_count * sizeof *p->settings);
  p->setting = setting_choose(p);
}

static void results_take(struct page *p) {
  const struct view *view = p->view;
  p->charts = plot_charts(view, &p->chart_count);
  qsort(p->charts, p->chart_count, sizeof *p->charts, caption_compare);
  settings_take(p);
  p->versus = (struct versus){.pool = view->pool,
                              .all = view->all,
                              .column = RUN_WALL_NS,
                              .is_headline = true,
                              .sides = view->versus.sides,
                              .side_count = view->versus.side_count};
  versus_compute(&p->versus);
}

static const char *race_text(const struct view *v) {
  return pool_format(v->pool,
                     "%zu collector%s on %zu workload%s: %zu of %td runs are "
                     "valid",
                     v->entrant_count, v->entrant_count == 1 ? "" : "s",
                     v->workload_count, v->workload_count == 1 ? "" : "s",
                     entry_count_status(v->all, "ok"),
                     v->all.end - v->all.begin);
}

/* Adds a sentence, if there are words for it. */
static const char *sentence(struct pool *pool, const char *text,
                            const char *words) {
  if (*words == '\0')
    return text;
  return pool_format(pool, "%s%s%c%s.", text, *text != '\0' ? " " : "",
                     toupper((unsigned char)*words), words + 1);
}

/* For a terminal. */
static const char *sentences_text(const struct page *p) {
  struct pool *pool = p->view->pool;
  const struct summary_setting *s = &p->settings[p->setting];
  const char *best = summary_best(pool, s);
  if (*best == '\0')
    best = "too few results to say who is best";
  best = pool_format(pool, "%s: %s", summary_setting_name(pool, s), best);
  const char *text = sentence(pool, "", race_text(p->view));
  text = sentence(pool, text, best);
  return sentence(pool, text, summary_wins(pool, s));
}

int report_write(const struct view *view, const struct catalog *catalog,
                 const struct versus *changes, const char *path,
                 const char **said) {
  struct page page = {.view = view, .catalog = catalog, .changes = changes};
  *said = "No run of this campaign is finished.";
  if (view->all.begin < view->all.end) {
    results_take(&page);
    *said = sentences_text(&page);
  }
  return file_write(&page, path);
}
