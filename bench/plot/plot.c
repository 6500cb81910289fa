/* SPDX-License-Identifier: MIT */
#include "bench/plot/plot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/child.h"
#include "bench/base/say.h"
#include "bench/base/text.h"
#include "bench/plot/charts.h"
#include "bench/rows/campaign.h"

/* A page of a hundred panels takes a few seconds. */
enum { GNUPLOT_SECONDS = 120 };

static const struct card {
  const char *name;
  charts_draw *draw;
} cards[] = {
    {"forest", chart_forest},         {"heat", chart_heat},
    {"scaling", chart_scaling},       {"cost", chart_cost},
    {"time-wall", chart_time_wall},   {"time-cpu", chart_time_cpu},
    {"lbo-wall", chart_lbo_wall},     {"lbo-cpu", chart_lbo_cpu},
    {"pareto", chart_pareto},         {"pauses", chart_pauses},
    {"mmu-system", chart_mmu_system}, {"mmu-worst", chart_mmu_worst},
    {"latency", chart_latency},       {"footprint", chart_footprint},
    {"sweep", chart_sweep},           {"sweep-pauses", chart_sweep_pauses},
    {"tuning", chart_tuning},
};
enum { CARDS = sizeof cards / sizeof *cards };

/* The last non-blank line is the reason; the lines before it quote the
   script. */
static const char *reason_find(struct pool *pool, const char *path) {
  FILE *in = text_open(path);
  const char *reason = "gnuplot gave no reason";
  char *line = NULL;
  size_t capacity = 0;
  while (in != NULL && text_line(&line, &capacity, in) >= 0) {
    size_t length = strcspn(line, "\n");
    if (length > 0 && strspn(line, " ^") < length)
      reason = pool_copy(pool, line, length);
  }
  free(line);
  if (in != NULL)
    fclose(in);
  return reason;
}

static int gnuplot_judge(struct pool *pool, const char *name,
                         const struct child_result *result, int words) {
  if (result->end == CHILD_NOT_STARTED && result->code == ENOMEM)
    return complain(EXIT_MEMORY, "no memory is left to start gnuplot; move "
                                 "pauses.csv out of the campaign's folder to "
                                 "plot all but pauses");
  if (result->end == CHILD_NOT_STARTED)
    return complain(EXIT_MISSING, "gnuplot is not installed; install the "
                                  "package gnuplot-nox");
  if (result->end == CHILD_INTERRUPTED)
    return complain(EXIT_INTERRUPTED, "interrupted while drawing %s", name);
  if (result->end == CHILD_TIMED_OUT)
    return complain(EXIT_FAILED,
                    "cannot draw %s: gnuplot took longer than %d s", name,
                    GNUPLOT_SECONDS);
  if (result->end == CHILD_EXITED && result->code == 0)
    return EXIT_FINE;
  const char *path = pool_format(pool, "/proc/self/fd/%d", words);
  return complain(EXIT_FAILED, "cannot draw %s: %s", name,
                  reason_find(pool, path));
}

static int gnuplot_run(struct pool *pool, const char *name,
                       const char *script) {
  int words = memfd_create("gnuplot", MFD_CLOEXEC);
  if (words < 0)
    return complain(EXIT_MEMORY, "no memory for the messages of gnuplot");
  const char *const arguments[] = {"gnuplot", script, NULL};
  struct child child = {.arguments = arguments,
                        .out = -1,
                        .err = words,
                        .seconds = GNUPLOT_SECONDS};
  struct child_result result = child_run(&child);
  int code = gnuplot_judge(pool, name, &result, words);
  close(words);
  return code;
}

/* Removes pictures that are incomplete or were drawn from older rows. */
static void pictures_remove(struct pool *pool, const char *path) {
  unlink(pool_format(pool, "%s.svg", path));
  unlink(pool_format(pool, "%s.png", path));
}

static int folder_make(const char *folder) {
  if (mkdir(folder, 0777) == 0 || errno == EEXIST)
    return EXIT_FINE;
  return complain(EXIT_RESULTS, "cannot make the folder %s: %s", folder,
                  strerror(errno));
}

/* The script is kept beside its pictures for editing by hand. */
static int chart_draw(const struct chart *c, struct pool *pool,
                      const char *folder) {
  const char *path = campaign_path(pool, folder, c->name);
  const char *script = pool_format(pool, "%s.gp", path);
  FILE *out = fopen(script, "we");
  if (out == NULL)
    return complain(EXIT_RESULTS, "cannot write %s: %s", script,
                    strerror(errno));
  chart_write(c, pool, path, out);
  if (fclose(out) != 0)
    return complain(EXIT_RESULTS, "cannot write %s: %s", script,
                    strerror(errno));
  int code = gnuplot_run(pool, c->name, script);
  if (code == EXIT_FAILED)
    pictures_remove(pool, path);
  return code;
}

int plot_draw_chart(const struct chart *c, struct pool *pool,
                    const char *folder) {
  return folder_make(folder) ?: chart_draw(c, pool, folder);
}

struct chart *plot_charts(const struct view *v, size_t *count) {
  struct chart *charts = pool_alloc(v->pool, CARDS * sizeof *charts);
  *count = CARDS;
  for (size_t i = 0; i < CARDS; i++) {
    charts[i] = (struct chart){.name = cards[i].name, .origin = v->origin};
    if (!cards[i].draw(v, &charts[i]))
      charts[i].count = 0;
  }
  return charts;
}

int plot_draw(const struct view *v, const char *folder,
              const struct plot_drawn **out) {
  size_t all, count = 0;
  const struct chart *charts = plot_charts(v, &all);
  struct plot_drawn *drawn = pool_alloc(v->pool, (all + 1) * sizeof *drawn);
  *out = drawn;
  int code = folder_make(folder), worst = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < all; i++) {
    if (chart_is_empty(&charts[i]))
      continue;
    code = chart_draw(&charts[i], v->pool, folder);
    bool is_missing = code == EXIT_FAILED;
    drawn[count++] = (struct plot_drawn){charts[i].name, is_missing};
    if (is_missing) {
      worst = code;
      code = EXIT_FINE;
    }
  }
  return code ?: worst;
}
