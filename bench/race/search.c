/* SPDX-License-Identifier: MIT */
#include "bench/race/search.h"

#include "bench/base/child.h"
#include "bench/base/say.h"
#include "bench/race/limits.h"
#include "bench/rows/campaign.h"

int search_attempt(struct search *s, const char *heap, struct attempt *a) {
  s->runs++;
  return attempt_run(s->pool, s->settings, &s->cell, heap, a);
}

const char *search_runs(const struct search *s) {
  return s->runs > 0 ? pool_format(s->pool, "%u", s->runs) : "kept";
}

/* --- one cell ------------------------------------------------------------- */

int search_row(struct search_store *store, struct search *s,
               const char ***found) {
  const struct search_card *card = store->card;
  const char **row =
      pool_alloc(s->pool, card->finds->column_count * sizeof *row);
  finds_design(s->pool, s->settings, &s->cell, &store->commit, row);
  if (card->design != NULL)
    card->design(s, row);
  *found = finds_find(&store->finds, row);
  if (*found != NULL)
    return EXIT_FINE;
  row[card->finds->design_count] = environment_time(s->pool);
  *found = row;
  return card->find(s, row) ?: finds_add(&store->finds, row);
}

/* All cells of one command. */
struct searches {
  const struct settings *settings;
  struct search_store store;
  struct limits limits;
  struct sheet sheet;
};

/* The limit of a search that runs at heap factors. */
static int limit_find(struct searches *all, struct search *s, size_t workload,
                      size_t threads) {
  struct limits *l = &all->limits;
  int code = limits_find(l, workload, threads, s->heap_factor);
  if (code != EXIT_FINE)
    return code;
  const char *bytes =
      limits_bytes(l, s->pool, workload, threads, s->heap_factor);
  if (bytes == NULL)
    return complain(EXIT_MEMORY, "%s has no smallest heap, so no limit",
                    s->cell.workload->name);
  s->heap = pool_format(s->pool, "--heap-bytes=%s", bytes);
  return EXIT_FINE;
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
  size_t threads = i % s->thread_count, workload = i / s->thread_count;
  search.cell.threads = s->threads[threads];
  search.cell.workload = s->workloads[workload];
  const char **row;
  int code = limit_find(all, &search, workload, threads)
                 ?: search_row(&all->store, &search, &row);
  if (code == EXIT_FINE)
    all->store.card->show(&search, row, sheet_add(&all->sheet));
  return code;
}

/* --- all ------------------------------------------------------------------ */

static int cells_search(struct searches *all) {
  const struct settings *s = all->settings;
  size_t cells = s->workload_count * s->thread_count * s->heap_factor_count *
                 s->catalog.collector_count;
  int worst = EXIT_FINE, code = EXIT_FINE;
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

static int store_load(struct searches *all, const char *folder) {
  const struct settings *s = all->settings;
  struct search_store *store = &all->store;
  store->commit = environment_commit(s->pool, s->bin_dir);
  return finds_load(&store->finds, store->card->finds, s->pool, folder)
             ?: limits_load(&all->limits, s, folder, &store->commit);
}

int search_command(struct options *options, const struct search_card *card) {
  struct settings settings = {.pool = options->pool};
  struct searches all = {.settings = &settings, .store = {.card = card}};
  all.sheet = (struct sheet){.pool = options->pool,
                             .columns = card->columns,
                             .column_count = card->column_count};
  enum sheet_format format;
  child_signals_hold();
  const char *folder = settings_results(options);
  int code = sheet_format_read(options->text[OPTION_FORMAT], &format)
                 ?: settings_prepare(&settings, options, card)
                 ?: campaign_make_folder(options->pool, folder)
                 ?: store_load(&all, folder) ?: cells_search(&all);
  if (all.sheet.row_count > 0)
    sheet_write(&all.sheet, format, stdout);
  return code;
}
