/* SPDX-License-Identifier: MIT */
#include "bench/plan/plan.h"

#include "bench/front/commands.h"

int plan_command(struct options *options) {
  struct settings settings = {.pool = options->pool};
  int code =
      settings_folder(&settings, options) ?: settings_make(&settings, options);
  if (code != EXIT_FINE)
    return code;
  struct plan plan = plan_make(options->pool, &settings);
  return plan_print(&settings, options, &plan);
}
