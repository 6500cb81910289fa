/* SPDX-License-Identifier: MIT */
/* sweepstakes: plans campaigns, runs them and shows what came of them. It
   links no collector: each run is a process of its own. */
#include <stdio.h>
#include <string.h>

#include "bench/front/child.h"
#include "bench/front/help.h"
#include "bench/front/list.h"
#include "bench/front/newest.h"
#include "bench/front/race.h"
#include "bench/front/say.h"
#include "bench/front/table.h"

static int operand_refuse(const struct options *options) {
  return complain(EXIT_USAGE, "'%s' is one word too many", options->operand);
}

static int help_command(struct options *options) {
  return help_print(options->operand);
}

static int list_command(struct options *options) {
  return options->operand != NULL ? operand_refuse(options)
                                  : list_print(options);
}

static int plan_command(struct options *options) {
  if (options->operand != NULL)
    return operand_refuse(options);
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

static int folder_show(struct pool *pool, const char *folder) {
  struct results results;
  int code =
      results_load(&results, pool, campaign_path(pool, folder, "runs.csv"));
  if (code != EXIT_FINE)
    return code;
  if (results.is_cut)
    say("%s: the last row is cut off, and is left out", results.path);
  return table_print(pool, &results, environment_cores(pool, folder));
}

static int table_command(struct options *options) {
  if (options->operand != NULL)
    return folder_show(options->pool, options->operand);
  struct settings settings = {.pool = options->pool};
  int code = settings_folder(&settings, options);
  const char *folder = settings.folder;
  if (code == EXIT_FINE && options->text[OPTION_CAMPAIGN] == NULL)
    code = newest_campaign(options->pool, settings.results, &folder);
  return code == EXIT_FINE ? folder_show(options->pool, folder) : code;
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
  if (options->operand != NULL)
    return operand_refuse(options);
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
  if (was_finished(code) && settings.part.run == 0)
    folder_show(options->pool, settings.folder);
  return code;
}

/* --- commands ------------------------------------------------------------ */

static const struct command {
  const char *name;
  unsigned options; /* which of them it takes */
  int (*run)(struct options *);
} commands[] = {
    {"help", 0, help_command},          {"list", IN_LIST, list_command},
    {"plan", IN_PLAN, plan_command},    {"run", IN_RUN, run_command},
    {"table", IN_TABLE, table_command},
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
      code = options_read(&options, commands[i].options, arguments + 1);
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
  return command_run(count > 0 ? arguments + 1 : arguments);
}
