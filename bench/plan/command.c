/* SPDX-License-Identifier: MIT */
#include "bench/plan/command.h"

void command_add(struct command *c, const char *word) {
  c->words = pool_grow(c->pool, c->words, c->count, sizeof *c->words);
  c->words[c->count++] = word;
  c->words = pool_grow(c->pool, c->words, c->count, sizeof *c->words);
  c->words[c->count] = NULL;
}

static void params_add(struct command *c, const struct settings *s,
                       const struct catalog_workload *workload) {
  for (size_t i = 0; i < s->param_count; i++) {
    if (s->params[i].workload == workload)
      command_add(c, pool_format(c->pool, "--param=%s=%lld",
                                 s->params[i].param->name,
                                 (long long)s->params[i].value));
  }
}

struct command command_begin(struct pool *pool, const struct settings *s,
                             const struct command_cell *cell) {
  struct command c = {.pool = pool};
  const char *tuning = settings_tuning(s, cell->collector);
  command_add(&c, cell->collector->runner);
  command_add(&c, pool_format(pool, "--run=%s", cell->workload->name));
  command_add(&c,
              pool_format(pool, "--threads=%lld", (long long)cell->threads));
  command_add(&c,
              pool_format(pool, "--seed=%llu", (unsigned long long)s->seed));
  command_add(&c, pool_format(pool, "--size=%s", size_names[s->size]));
  params_add(&c, s, cell->workload);
  if (s->gc_threads > 0)
    command_add(
        &c, pool_format(pool, "--gc-threads=%lld", (long long)s->gc_threads));
  if (tuning != NULL)
    command_add(&c, pool_format(pool, "--tuning=%s", tuning));
  command_add(&c, pool_format(pool, "--huge-pages=%s", s->huge_pages));
  command_add(&c, pool_format(pool, "--pin=%s", s->pin));
  command_add(&c, pool_format(pool, "--prefault=%s", s->prefault));
  return c;
}

const char *command_params(struct pool *pool, const struct settings *s,
                           const struct catalog_workload *w) {
  const char *text = "";
  for (size_t i = 0; i < w->param_count; i++)
    text = pool_format(pool, "%s%s%s=%lld", text, i > 0 ? ";" : "",
                       w->params[i].name,
                       (long long)settings_param_value(s, w, &w->params[i]));
  return text;
}
