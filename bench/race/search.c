/* SPDX-License-Identifier: MIT */
#include "bench/race/search.h"

#include "bench/base/child.h"
#include "bench/base/say.h"
#include "bench/rows/campaign.h"

int search_attempt(struct search *s, const char *heap, struct attempt *a) {
  s->runs++;
  return attempt_run(s->pool, s->settings, &s->cell, heap, a);
}

const char *search_runs(const struct search *s) {
  return s->runs > 0 ? pool_format(s->pool, "%u", s->runs) : "kept";
}

/* --- one cell ------------------------------------------------------------- */

/* All cells of one command. */
struct searches {
  const struct search_card *card;
  const struct settings *settings;
  struct environment_commit commit;
  struct finds finds;
  struct sheet sheet;
};

static int row_find(struct searches *all, struct search *s,
                    const char ***found) {
  const struct search_card *card = all->card;
  const char **row =
      pool_alloc(s->pool, card->finds->column_count * sizeof *row);
  finds_design(s->pool, s->settings, &s->cell, &all->commit, row);
  if (card->design != NULL)
    card->design(s, row);
  *found = finds_find(&all->finds, row);
  if (*found != NULL)
    return EXIT_FINE;
  row[card->finds->design_count] = environment_time(s->pool);
  *found = row;
  return card->find(s, row) ?: finds_add(&all->finds, row);
}

/* The collectors of a cell of a campaign come one after the other. One that has
   no limit is searched once, whatever limits the others are given. */
static int cell_search(struct searches *all, size_t i) {
  const struct settings *s = all->settings;
  struct search search = {.settings = s, .pool = s->pool};
  search.cell.collector =
      &s->catalog.collectors[i % s->catalog.collector_count];
  i /= s->catalog.collector_count;
  bool has_limit = catalog_has_limit(search.cell.collector);
  size_t factor = i % s->heap_factor_count;
  if (!has_limit && factor > 0)
    return EXIT_FINE;
  search.heap_factor = has_limit ? s->heap_factors[factor] : "0";
  i /= s->heap_factor_count;
  search.cell.threads = s->threads[i % s->thread_count];
  search.cell.workload = s->workloads[i / s->thread_count];
  const char **row;
  int code = row_find(all, &search, &row);
  if (code == EXIT_FINE)
    all->card->show(&search, row, sheet_add(&all->sheet));
  return code;
}

/* --- all ------------------------------------------------------------------ */

static int cells_search(struct searches *all) {
  const struct settings *s = all->settings;
  size_t cells = s->workload_count * s->thread_count * s->heap_factor_count *
                 s->catalog.collector_count;
  int worst = EXIT_FINE, code = EXIT_FINE;
  all->commit = environment_commit(s->pool, s->bin_dir);
  for (size_t i = 0; attempt_may_go_on(code) && i < cells; i++) {
    code = cell_search(all, i);
    worst = code != EXIT_FINE ? code : worst;
  }
  say_status_end();
  return worst;
}

static int settings_prepare(struct settings *settings, struct options *options,
                            const struct search_card *card) {
  const char **text = options->text;
  if (text[OPTION_COLLECTORS] == NULL)
    text[OPTION_COLLECTORS] = card->collectors;
  if (text[OPTION_WORKLOADS] == NULL)
    text[OPTION_WORKLOADS] = card->workloads;
  return settings_make(settings, options) ?: card->check(settings);
}

int search_command(struct options *options, const struct search_card *card) {
  struct settings settings = {.pool = options->pool};
  struct searches all = {.card = card, .settings = &settings};
  all.sheet = (struct sheet){.pool = options->pool,
                             .columns = card->columns,
                             .column_count = card->column_count};
  enum sheet_format format;
  child_signals_hold();
  const char *folder = settings_results(options);
  int code = sheet_format_read(options->text[OPTION_FORMAT], &format)
                 ?: settings_prepare(&settings, options, card)
                 ?: campaign_make_folder(options->pool, folder)
                 ?: finds_load(&all.finds, card->finds, options->pool, folder)
                 ?: cells_search(&all);
  if (all.sheet.row_count > 0)
    sheet_write(&all.sheet, format, stdout);
  return code;
}
