/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "bench/base/child.h"
#include "bench/base/pages.h"
#include "bench/base/say.h"
#include "bench/front/commands.h"
#include "bench/front/table.h"
#include "bench/race/race.h"
#include "bench/rows/source.h"
#include "bench/rows/unfinished.h"

static int campaign_run(const struct settings *settings,
                        const struct options *options) {
  struct pool *pool = options->pool;
  struct plan plan = plan_make(pool, settings);
  struct environment_commit commit =
      environment_commit(pool, settings->bin_dir);
  struct campaign campaign;
  int code = campaign_open(&campaign, pool, settings->folder, options)
                 ?: environment_write(&campaign, settings, &commit, plan.count)
                 ?: race_run(settings, &plan, &campaign, &commit);
  campaign_close(&campaign);
  return code;
}

static bool was_finished(int code) {
  return code == EXIT_FINE || code == EXIT_FAILED || code == EXIT_TIMED_OUT ||
         code == EXIT_MEMORY || code == EXIT_UNTRUSTED;
}

static int settings_prepare(struct settings *settings,
                            struct options *options) {
  const char **text = options->text;
  bool resumes = text[OPTION_RESUME] != NULL;
  int code = EXIT_FINE;
  if (resumes && text[OPTION_CAMPAIGN] == NULL)
    code = unfinished_newest(options->pool, settings_results(options),
                             &text[OPTION_CAMPAIGN]);
  code = code ?: settings_folder(settings, options);
  if (code == EXIT_FINE && resumes)
    code = campaign_take_plan(options, settings->folder);
  return code ?: settings_make(settings, options);
}

/* Asks the machine for what the runs are to get, before anything is written. */
static int machine_check(const struct settings *s) {
  enum pages_choice pages = PAGES_SYSTEM;
  pages_choice_find(s->huge_pages, &pages);
  const char *why = pages_refusal(pages, "");
  if (why != NULL)
    return complain(EXIT_USAGE, "--huge-pages=%s: %s", s->huge_pages, why);
  cpu_set_t set;
  if (strcmp(s->pin, "cores") == 0 &&
      (sched_getaffinity(0, sizeof set, &set) != 0 ||
       sched_setaffinity(0, sizeof set, &set) != 0))
    return complain(EXIT_USAGE,
                    "--pin=cores: this system refuses to pin threads: %s",
                    strerror(errno));
  return EXIT_FINE;
}

int run_command(struct options *options) {
  struct settings settings = {.pool = options->pool};
  child_signals_hold();
  int code = settings_prepare(&settings, options) ?: machine_check(&settings);
  if (code != EXIT_FINE)
    return code;
  code = campaign_run(&settings, options);
  struct source source;
  if (was_finished(code) && settings.part.run == 0 && !say_is_quiet() &&
      source_load(&source, options->pool, settings.folder) == EXIT_FINE)
    table_print(&source, SHEET_TEXT, false);
  return code;
}
