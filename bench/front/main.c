/* SPDX-License-Identifier: MIT */
/* sweepstakes: plans campaigns, runs them and shows what came of them. It
   links no collector: each run is a process of its own. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/child.h"
#include "bench/base/output.h"
#include "bench/base/say.h"
#include "bench/front/character.h"
#include "bench/front/compare.h"
#include "bench/front/export.h"
#include "bench/front/help.h"
#include "bench/front/list.h"
#include "bench/front/maxrate.h"
#include "bench/front/merge.h"
#include "bench/front/minheap.h"
#include "bench/front/table.h"
#include "bench/front/trust.h"
#include "bench/plot/plot.h"
#include "bench/race/race.h"
#include "bench/report/report.h"
#include "bench/rows/source.h"

static int help_command(struct options *options) {
  return help_print(options->operand_count > 0 ? options->operands[0] : NULL);
}

static int list_command(struct options *options) {
  return list_print(options);
}

static int plan_command(struct options *options) {
  struct settings settings = {.pool = options->pool};
  int code = settings_folder(&settings, options);
  if (code == EXIT_FINE)
    code = settings_make(&settings, options);
  if (code != EXIT_FINE)
    return code;
  struct plan plan = plan_make(options->pool, &settings);
  return plan_print(&settings, options, &plan);
}

/* --- table --------------------------------------------------------------- */

static int source_show(const struct source *source) {
  return table_print(source->results.pool, &source->results, source->cores);
}

static int table_command(struct options *options) {
  struct source source;
  int code = source_chosen(&source, options);
  return code == EXIT_FINE ? source_show(&source) : code;
}

/* --- run ----------------------------------------------------------------- */

static int campaign_run(const struct settings *settings,
                        const struct options *options) {
  struct pool *pool = options->pool;
  struct plan plan = plan_make(pool, settings);
  struct environment_commit commit =
      environment_commit(pool, settings->bin_dir);
  struct campaign campaign;
  int code = campaign_open(&campaign, pool, settings->folder, options);
  if (code == EXIT_FINE)
    code = environment_write(&campaign, settings, &commit);
  if (code == EXIT_FINE)
    code = race_run(settings, &plan, &campaign, &commit);
  campaign_close(&campaign);
  return code;
}

static bool was_finished(int code) {
  return code == EXIT_FINE || code == EXIT_FAILED || code == EXIT_TIMED_OUT ||
         code == EXIT_MEMORY || code == EXIT_UNTRUSTED;
}

static int run_command(struct options *options) {
  struct settings settings = {.pool = options->pool};
  child_signals_hold();
  int code = settings_folder(&settings, options);
  if (code == EXIT_FINE && options->text[OPTION_RESUME] != NULL)
    code = campaign_take_plan(options, settings.folder);
  if (code == EXIT_FINE)
    code = settings_make(&settings, options);
  if (code != EXIT_FINE)
    return code;
  code = campaign_run(&settings, options);
  struct source source;
  if (was_finished(code) && settings.part.run == 0 &&
      source_load(&source, options->pool, settings.folder) == EXIT_FINE)
    source_show(&source);
  return code;
}

/* --- commands ------------------------------------------------------------ */

static const struct verb {
  const char *name;
  unsigned options; /* which of them it takes */
  size_t operands;  /* how many it takes */
  int (*run)(struct options *);
} commands[] = {
    {"characterise", IN_CHARACTERISE, 0, characterise_command},
    {"compare", IN_COMPARE, SIZE_MAX, compare_command},
    {"export", IN_EXPORT, 1, export_command},
    {"help", 0, 1, help_command},
    {"list", IN_LIST, 0, list_command},
    {"max-rate", IN_MAX_RATE, 0, maxrate_command},
    {"merge", IN_MERGE, SIZE_MAX, merge_command},
    {"min-heap", IN_MIN_HEAP, 0, minheap_command},
    {"plan", IN_PLAN, 0, plan_command},
    {"plot", IN_PLOT, SIZE_MAX, plot_command},
    {"report", IN_REPORT, 1, report_command},
    {"run", IN_RUN, 0, run_command},
    {"table", IN_TABLE, 1, table_command},
    {"trust", IN_TRUST, 1, trust_command},
};

static int command_run(char *const *arguments) {
  const char *name = arguments[0] != NULL ? arguments[0] : "help";
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
    name = "help";
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (strcmp(name, commands[i].name) != 0)
      continue;
    struct pool pool = {0};
    struct options options = {.pool = &pool};
    int code = EXIT_FINE;
    if (arguments[0] != NULL)
      code = options_read(&options, commands[i].options, commands[i].operands,
                          arguments + 1);
    if (code == EXIT_FINE)
      code = commands[i].run(&options);
    pool_free(&pool);
    return code;
  }
  return complain(EXIT_USAGE,
                  "unknown command '%s'; 'sweepstakes help' "
                  "names them",
                  name);
}

int main(int count, char **arguments) {
  int code = command_run(count > 0 ? arguments + 1 : arguments);
  if (output_is_written())
    return code;
  int lost = complain(EXIT_RESULTS, "cannot write all that was to be printed");
  return code == EXIT_FINE ? lost : code;
}
