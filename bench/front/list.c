/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <string.h>

#include "bench/base/say.h"
#include "bench/plan/settings.h"

static void capabilities_print(const struct catalog_collector *c) {
  const char *separator = "";
  printf("  %-14s", "");
  for (size_t i = 0; i < c->capability_count; i++) {
    const struct catalog_capability *capability = &c->capabilities[i];
    /* One generation is none. */
    if (capability->value == (strcmp(capability->key, "generations") == 0))
      continue;
    printf("%s%s", separator, capability->key);
    if (capability->value != 1)
      printf("=%lld", (long long)capability->value);
    separator = ", ";
  }
  putchar('\n');
}

static void collector_print(const struct catalog_collector *c) {
  printf("  %-12s  %s\n", c->name, c->summary);
  capabilities_print(c);
  for (size_t i = 0; i < c->tuning_count; i++) {
    const struct catalog_tuning *t = &c->tunings[i];
    printf("  %-14s%s=%s  (%s to %s) %s\n", "", t->name, t->initial, t->least,
           t->greatest, t->help);
  }
}

static void workload_print(const struct catalog_workload *w) {
  printf("  %-12s  %s\n  %-14sstresses: %s\n", w->name, w->summary, "",
         w->stresses);
  for (size_t i = 0; i < w->param_count; i++) {
    const struct catalog_param *p = &w->params[i];
    printf("  %-14s%s=%lld|%lld|%lld  (%lld to %lld) %s\n", "", p->name,
           (long long)p->value[0], (long long)p->value[1],
           (long long)p->value[2], (long long)p->least, (long long)p->greatest,
           p->help);
  }
}

static void catalog_print(const struct catalog *catalog) {
  puts("collectors, what each can do, and its tuning");
  for (size_t i = 0; i < catalog->collector_count; i++)
    collector_print(&catalog->collectors[i]);
  puts("\nworkloads, and their parameters at size quick|default|large");
  for (size_t i = 0; i < catalog->workload_count; i++)
    workload_print(&catalog->workloads[i]);
}

int list_command(struct options *options) {
  struct catalog catalog = {.pool = options->pool};
  const char *bin_dir;
  int code = settings_bin_dir(options, &bin_dir);
  const char *const *name = catalog_collector_names(options->pool);
  for (; code == EXIT_FINE && *name != NULL; name++)
    code = catalog_add(&catalog, bin_dir, *name);
  if (code == EXIT_FINE)
    catalog_print(&catalog);
  return code;
}
