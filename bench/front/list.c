/* SPDX-License-Identifier: MIT */
#include "bench/front/commands.h"

#include <inttypes.h>
#include <string.h>

#include "bench/base/paragraph.h"
#include "bench/base/say.h"
#include "bench/plan/names.h"
#include "bench/plan/settings.h"

/* NAME: of a collector or workload, and of a key with its value. Completion
   for shells reads the lines "  NAME ...". */
enum { NAME_WIDTH = 16, INDENT = 2 + NAME_WIDTH };

/* --- lines ---------------------------------------------------------------- */

static void line_print(const char *name, const char *text) {
  int column = printf("  %-*s ", NAME_WIDTH - 1, name);
  paragraph_print(text, (size_t)column, INDENT);
}

static const char *tuning_name(struct pool *pool,
                               const struct catalog_tuning *t) {
  return pool_format(pool, "%s=%s", t->name, t->initial);
}

static void tuning_print(struct pool *pool, const struct catalog_tuning *t) {
  line_print(tuning_name(pool, t), pool_format(pool, "%s (%s to %s)", t->help,
                                               t->least, t->greatest));
}

/* --- keys that all collectors have ---------------------------------------- */

static bool tuning_is(const struct catalog_tuning *a,
                      const struct catalog_tuning *b) {
  return strcmp(a->name, b->name) == 0 && strcmp(a->initial, b->initial) == 0 &&
         strcmp(a->least, b->least) == 0 &&
         strcmp(a->greatest, b->greatest) == 0 && strcmp(a->help, b->help) == 0;
}

static bool has_tuning(const struct catalog_collector *c,
                       const struct catalog_tuning *t) {
  size_t i = 0;
  while (i < c->tuning_count && !tuning_is(&c->tunings[i], t))
    i++;
  return i < c->tuning_count;
}

static bool is_shared(const struct catalog *catalog,
                      const struct catalog_tuning *t) {
  for (size_t i = 0; i < catalog->collector_count; i++) {
    if (!has_tuning(&catalog->collectors[i], t))
      return false;
  }
  return true;
}

/* Prints the keys of a collector that are shared, or those that are not, after
   a heading. */
static void tunings_print(const struct catalog *catalog,
                          const struct catalog_collector *c, bool shared,
                          const char *heading) {
  for (size_t i = 0; i < c->tuning_count; i++) {
    if (is_shared(catalog, &c->tunings[i]) != shared)
      continue;
    if (heading != NULL)
      printf("\n%s:\n", heading);
    heading = NULL;
    tuning_print(catalog->pool, &c->tunings[i]);
  }
}

/* --- one of them ---------------------------------------------------------- */

/* "counts, reclaims, generations=3"; one generation is none. */
static const char *capabilities_text(struct pool *pool,
                                     const struct catalog_collector *c) {
  const char *text = "";
  for (size_t i = 0; i < c->capability_count; i++) {
    const struct catalog_capability *capability = &c->capabilities[i];
    bool is_count = strcmp(capability->key, "generations") == 0;
    if (capability->value <= is_count)
      continue;
    text = pool_format(pool, "%s%s%s", text, *text != '\0' ? ", " : "",
                       capability->key);
    if (is_count)
      text = pool_format(pool, "%s=%" PRId64, text, capability->value);
  }
  return *text != '\0' ? text : "none";
}

static void collector_print(const struct catalog *catalog,
                            const struct catalog_collector *c) {
  struct pool *pool = catalog->pool;
  const char *keys = "";
  printf("%s: %s\n\n", c->name, c->summary);
  line_print("capabilities", capabilities_text(pool, c));
  tunings_print(catalog, c, false, "Tuning keys (with default and range)");
  for (size_t i = 0; i < c->tuning_count; i++) {
    if (is_shared(catalog, &c->tunings[i]))
      keys = pool_format(pool, "%s%s%s", keys, *keys != '\0' ? ", " : "",
                         c->tunings[i].name);
  }
  if (*keys == '\0')
    return;
  putchar('\n');
  paragraph_print(pool_format(pool,
                              "Tuning keys of every collector, which "
                              "'sweepstakes list' explains: %s",
                              keys),
                  0, 0);
}

static void workload_print(struct pool *pool,
                           const struct catalog_workload *w) {
  printf("%s: %s\n\n", w->name, w->summary);
  line_print("stresses", w->stresses);
  if (w->param_count > 0)
    puts("\nParameters (at size quick, default and large; range):");
  for (size_t i = 0; i < w->param_count; i++) {
    const struct catalog_param *p = &w->params[i];
    line_print(p->name, pool_format(pool,
                                    "%" PRId64 ", %" PRId64 ", %" PRId64
                                    " (%" PRId64 " to %" PRId64 "): %s",
                                    p->value[0], p->value[1], p->value[2],
                                    p->least, p->greatest, p->help));
  }
}

static void name_print(const struct catalog *catalog, const char *name) {
  const struct catalog_workload *w = catalog_workload(catalog, name);
  if (w != NULL)
    workload_print(catalog->pool, w);
  for (size_t i = 0; i < catalog->collector_count; i++) {
    if (strcmp(catalog->collectors[i].name, name) == 0)
      collector_print(catalog, &catalog->collectors[i]);
  }
}

static int names_print(const struct catalog *catalog,
                       const struct options *options) {
  size_t collectors = catalog->collector_count, count = 0;
  size_t all = collectors + catalog->workload_count;
  const char **known = pool_alloc(catalog->pool, (all + 1) * sizeof *known);
  for (; count < all; count++)
    known[count] = count < collectors
                       ? catalog->collectors[count].name
                       : catalog->workloads[count - collectors].name;
  const char **asked =
      pool_alloc(catalog->pool, (options->operand_count + 1) * sizeof *asked);
  memcpy(asked, options->operands, options->operand_count * sizeof *asked);
  static const char *const none[] = {NULL};
  const char *const *name;
  int code = names_choose(catalog->pool,
                          &(struct names_request){"collector or workload",
                                                  known, asked, none, NULL},
                          &name);
  for (size_t i = 0; code == EXIT_FINE && name[i] != NULL; i++) {
    if (i > 0)
      putchar('\n');
    name_print(catalog, catalog_base(catalog->pool, name[i]));
  }
  return code;
}

/* --- all of them ---------------------------------------------------------- */

static int overview_print(const struct catalog *catalog) {
  puts("Collectors:");
  for (size_t i = 0; i < catalog->collector_count; i++)
    line_print(catalog->collectors[i].name, catalog->collectors[i].summary);
  if (catalog->collector_count > 0)
    tunings_print(catalog, &catalog->collectors[0], true,
                  "Tuning keys of every collector (with default and range)");
  puts("\nWorkloads:");
  for (size_t i = 0; i < catalog->workload_count; i++)
    line_print(catalog->workloads[i].name, catalog->workloads[i].summary);
  puts("\n'sweepstakes list NAME' shows a collector's capabilities and tuning "
       "keys, or a\nworkload's parameters.");
  return EXIT_FINE;
}

int list_command(struct options *options) {
  struct catalog catalog = {.pool = options->pool};
  const char *bin_dir;
  int code = settings_bin_dir(options, &bin_dir);
  const char *const *name = catalog_collector_names(options->pool);
  for (; code == EXIT_FINE && *name != NULL; name++)
    code = catalog_add(&catalog, bin_dir, *name);
  if (code != EXIT_FINE)
    return code;
  return options->operand_count > 0 ? names_print(&catalog, options)
                                    : overview_print(&catalog);
}
