/* SPDX-License-Identifier: MIT */
#include "bench/plan/applies.h"

#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"

static int params_check(const struct settings *s) {
  for (size_t i = 0; i < s->param_count; i++) {
    const struct settings_param *p = &s->params[i];
    bool is_run = false;
    for (size_t j = 0; j < s->workload_count; j++)
      is_run |= s->workloads[j] == p->workload;
    if (!is_run)
      return complain(EXIT_USAGE,
                      "--param %s.%s applies to nothing: add %s to "
                      "--workloads, or leave the option out",
                      p->workload->name, p->param->name, p->workload->name);
  }
  return EXIT_FINE;
}

static bool collector_races(const struct settings *s, const char *base) {
  for (size_t i = 0; i < s->catalog.collector_count; i++) {
    const char *name = s->catalog.collectors[i].name;
    if (strcmp(catalog_base(s->pool, name), base) == 0)
      return true;
  }
  return false;
}

/* If a runner refused its tuning later, the first run with it would fail. */
static int tunings_check(const struct settings *s) {
  for (size_t i = 0; i < s->tuning_count; i++) {
    const char *name = s->tunings[i].collector;
    if (!collector_races(s, name))
      return complain(EXIT_USAGE,
                      "--tuning of '%s' applies to nothing: add %s to "
                      "--collectors, or leave the option out",
                      name, name);
  }
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < s->catalog.collector_count; i++) {
    const struct catalog_collector *c = &s->catalog.collectors[i];
    const char *tuning = settings_tuning(s, c);
    if (tuning != NULL)
      code = catalog_check_tuning(s->pool, c, tuning);
  }
  return code;
}

static int gc_threads_check(const struct settings *s) {
  for (size_t i = 0; i < s->catalog.collector_count; i++) {
    if (catalog_can(&s->catalog.collectors[i], "parallel"))
      return EXIT_FINE;
  }
  if (s->gc_threads == 0)
    return EXIT_FINE;
  return complain(EXIT_USAGE,
                  "--gc-threads applies to nothing: add a collector that works "
                  "in parallel to --collectors, or leave the option out");
}

/* A collector without a limit always runs with 0. */
static int heap_factors_check(const struct settings *s) {
  bool any = false;
  for (size_t i = 0; i < s->catalog.collector_count; i++)
    any |= catalog_has_limit(&s->catalog.collectors[i]);
  for (size_t i = 0; !any && i < s->heap_factor_count; i++) {
    if (strtod(s->heap_factors[i], NULL) > 0)
      return complain(EXIT_USAGE,
                      "--heap-factors applies to nothing: add a collector that "
                      "keeps to a limit to --collectors, or leave the option "
                      "out");
  }
  return EXIT_FINE;
}

int applies_check(const struct settings *s) {
  int code = params_check(s);
  if (code == EXIT_FINE)
    code = gc_threads_check(s);
  if (code == EXIT_FINE)
    code = heap_factors_check(s);
  return code == EXIT_FINE ? tunings_check(s) : code;
}
