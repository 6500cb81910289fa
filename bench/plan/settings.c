/* SPDX-License-Identifier: MIT */
#include "bench/plan/settings.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/number.h"
#include "bench/base/say.h"
#include "bench/base/suggest.h"
#include "bench/base/text.h"
#include "bench/plan/applies.h"
#include "bench/plan/names.h"
#include "bench/plan/presets.h"
#include "bench/plan/sweep.h"

enum {
  WARMUPS_MAX = 1000,
  SECONDS_MAX = 30 * 24 * 3600,
  HEAP_FACTOR_MAX = 1000,
  RERUNS_MAX = 9, /* one digit after the point in a run's number */
  NAME_MAX_BYTES = 100
};
/* A runner takes longer than this to start. */
static const double TIMEOUT_MIN = 0.01;
/* From the resolution of the clock to a day. */
static const double BOUND_MS_MIN = 1e-3, BOUND_MS_MAX = 86400e3;

/* --- numbers ------------------------------------------------------------- */

static int number_complain(enum number_end end, const char *what,
                           const char *text, double least, double greatest) {
  if (end == NUMBER_NONE)
    return complain(EXIT_USAGE, "%s: '%s' is not a number", what, text);
  return complain(EXIT_USAGE, "%s: %s is out of range, %.16g to %.16g", what,
                  text, least, greatest);
}

static int whole_read(const char *what, const char *text, int64_t least,
                      int64_t greatest, int64_t *out) {
  enum number_end end = number_whole(text, least, greatest, out);
  return end == NUMBER_FINE ? EXIT_FINE
                            : number_complain(end, what, text, (double)least,
                                              (double)greatest);
}

static int real_read(const char *what, const char *text, double least,
                     double greatest, double *out) {
  enum number_end end = number_real(text, least, greatest, out);
  return end == NUMBER_FINE ? EXIT_FINE
                            : number_complain(end, what, text, least, greatest);
}

/* --- one option after the other ------------------------------------------ */

static int size_read(struct settings *s, const char *text) {
  for (s->size = 0; s->size < SIZE_COUNT; s->size++) {
    if (strcmp(size_names[s->size], text) == 0)
      return EXIT_FINE;
  }
  return complain(EXIT_USAGE,
                  "unknown size '%s'; there are quick, default and large",
                  text);
}

static int noise_read(struct settings *s, const char *text) {
  s->noise = noise_limits_find(text);
  if (s->noise != NULL)
    return EXIT_FINE;
  return complain(EXIT_USAGE,
                  "unknown noise '%s'; there are strict, usual and any", text);
}

/* The value must be one of the choices on the option's card. */
static int choice_read(struct settings *s, const struct options *options,
                       enum option_id option, const char **out) {
  const struct option_card *card = &option_cards[option];
  char **choice = text_split(s->pool, card->choices, ' ');
  *out = options->text[option];
  for (; *choice != NULL; choice++) {
    if (strcmp(*choice, *out) == 0)
      return EXIT_FINE;
  }
  return complain(EXIT_USAGE, "--%s: '%s' is not one of: %s", card->name, *out,
                  card->choices);
}

static int machine_read(struct settings *s, const struct options *o) {
  return choice_read(s, o, OPTION_HUGE_PAGES, &s->huge_pages)
             ?: choice_read(s, o, OPTION_PIN, &s->pin)
             ?: choice_read(s, o, OPTION_PREFAULT, &s->prefault);
}

static int seed_read(struct settings *s, const char *text) {
  if (number_seed(text, &s->seed) != NUMBER_FINE)
    return complain(EXIT_USAGE, "--seed: '%s' is not a number of 64 bits",
                    text);
  return EXIT_FINE;
}

static int threads_read(struct settings *s, const char *text) {
  char **piece = text_split(s->pool, text, ',');
  int code = names_unique("number of threads", (const char *const *)piece);
  for (; code == EXIT_FINE && *piece != NULL; piece++) {
    s->threads =
        pool_grow(s->pool, s->threads, s->thread_count, sizeof *s->threads);
    code = whole_read("--threads", *piece, 1, SETTINGS_THREADS_MAX,
                      &s->threads[s->thread_count++]);
  }
  return code;
}

/* "2" and "2.0" are one factor. */
static int heap_factor_is_new(const struct settings *s, const char *text) {
  for (size_t i = 0; i < s->heap_factor_count; i++) {
    if (strtod(s->heap_factors[i], NULL) == strtod(text, NULL))
      return complain(EXIT_USAGE, "the heap factors '%s' and '%s' are the same",
                      s->heap_factors[i], text);
  }
  return EXIT_FINE;
}

/* A preset asks for no limit where no collector can keep one. */
static void heap_factors_settle(const struct settings *s,
                                struct options *options) {
  for (size_t i = 0; i < s->catalog.collector_count; i++) {
    if (catalog_has_limit(&s->catalog.collectors[i]))
      return;
  }
  options->text[OPTION_HEAP_FACTORS] = "0";
}

static int heap_factors_read(struct settings *s, const char *text) {
  char **piece;
  int code = sweep_factors(s->pool, text, &piece)
                 ?: names_unique("heap factor", (const char *const *)piece);
  for (; code == EXIT_FINE && *piece != NULL; piece++) {
    double factor;
    code = real_read("--heap-factors", *piece, 0, HEAP_FACTOR_MAX, &factor)
               ?: heap_factor_is_new(s, *piece);
    s->heap_factors = pool_grow(s->pool, s->heap_factors, s->heap_factor_count,
                                sizeof *s->heap_factors);
    s->heap_factors[s->heap_factor_count++] = *piece;
  }
  return code;
}

static int part_read(struct settings *s, const char *text) {
  int64_t number[3];
  char **piece = text_split(s->pool, text, ':');
  for (size_t i = 0; i < 3; i++) {
    if (piece[i] == NULL)
      return complain(EXIT_USAGE, "--part: '%s' is not RUN:BLOCK:ORDER", text);
    int code = whole_read("--part", piece[i], 1, INT32_MAX, &number[i]);
    if (code != EXIT_FINE)
      return code;
  }
  s->part = (struct settings_part){(size_t)number[0], (size_t)number[1],
                                   (size_t)number[2]};
  return EXIT_FINE;
}

/* An option whose value is one number: `whole` or `real`, the other is NULL. */
struct number_option {
  enum option_id option;
  double least, greatest;
  int64_t *whole;
  double *real;
};

static int number_read(struct pool *pool, const struct number_option *o,
                       const char *text) {
  const char *what = pool_format(pool, "--%s", option_cards[o->option].name);
  if (text == NULL)
    return EXIT_FINE;
  if (o->real != NULL)
    return real_read(what, text, o->least, o->greatest, o->real);
  return whole_read(what, text, (int64_t)o->least, (int64_t)o->greatest,
                    o->whole);
}

static int numbers_read(struct settings *s, const struct options *options) {
  const struct number_option all[] = {
      {OPTION_WARMUPS, 0, WARMUPS_MAX, .whole = &s->warmups},
      {OPTION_BLOCKS, 1, SETTINGS_BLOCKS_MAX, .whole = &s->blocks},
      {OPTION_RERUNS, 0, RERUNS_MAX, .whole = &s->reruns},
      {OPTION_GC_THREADS, 1, SETTINGS_THREADS_MAX, .whole = &s->gc_threads},
      {OPTION_TIMEOUT, TIMEOUT_MIN, SECONDS_MAX, .real = &s->timeout},
      {OPTION_TIME_BUDGET, 0, SECONDS_MAX, .real = &s->time_budget},
      {OPTION_BOUND, BOUND_MS_MIN, BOUND_MS_MAX, .real = &s->bound_ms},
  };
  int code = EXIT_FINE;
  for (size_t i = 0; code == EXIT_FINE && i < sizeof all / sizeof *all; i++)
    code = number_read(s->pool, &all[i], options->text[all[i].option]);
  return code;
}

/* --- collectors, workloads and what is theirs ---------------------------- */

/* The pieces of --exclude; never NULL. */
static const char *const *excluded(const struct settings *s,
                                   const struct options *options) {
  const char *text = options->text[OPTION_EXCLUDE];
  if (text == NULL)
    return pool_alloc(s->pool, sizeof(char *));
  char *list = pool_copy(s->pool, text, strlen(text));
  for (char *at = list; (at = strchr(at, '\n')) != NULL;)
    *at = ',';
  return (const char *const *)text_split(s->pool, list, ',');
}

/* Chooses the names that the option asks for, and makes its text a list of them
   all, which the plan keeps. Exit code. */
static int names_read(struct settings *s, struct options *options,
                      enum option_id option, struct names_request *request,
                      const char *const **out) {
  const char **text = &options->text[option];
  request->asked = *text == NULL
                       ? NULL
                       : (const char *const *)catalog_labels(s->pool, *text);
  request->excluded = excluded(s, options);
  int code = names_choose(s->pool, request, out);
  if (code == EXIT_FINE)
    *text = names_join(s->pool, *out);
  return code;
}

static int collectors_read(struct settings *s, struct options *options) {
  struct names_request request = {.what = "collector",
                                  .known = catalog_collector_names(s->pool),
                                  .usual = catalog_usual_names(s->pool)};
  const char *const *names;
  int code = names_read(s, options, OPTION_COLLECTORS, &request, &names)
                 ?: sweep_labels(options, names, &names)
                 ?: catalog_check_labels(names);
  if (code == EXIT_FINE)
    options->text[OPTION_COLLECTORS] = names_join(s->pool, names);
  for (; code == EXIT_FINE && *names != NULL; names++)
    code = catalog_add(&s->catalog, s->bin_dir, *names);
  return code;
}

static const char *const *workload_names(const struct settings *s) {
  size_t count = s->catalog.workload_count;
  const char **names = pool_alloc(s->pool, (count + 1) * sizeof *names);
  for (size_t i = 0; i < count; i++)
    names[i] = s->catalog.workloads[i].name;
  return names;
}

static int workloads_read(struct settings *s, struct options *options) {
  struct names_request request = {.what = "workload",
                                  .known = workload_names(s)};
  const char *const *names;
  int code = names_read(s, options, OPTION_WORKLOADS, &request, &names);
  for (; code == EXIT_FINE && *names != NULL; names++) {
    s->workloads = pool_grow(s->pool, s->workloads, s->workload_count,
                             sizeof *s->workloads);
    s->workloads[s->workload_count++] = catalog_workload(&s->catalog, *names);
  }
  return code;
}

/* Checks that each pattern of --exclude matches a collector or workload. */
static int excluded_check(const struct settings *s,
                          const struct options *options) {
  const char *const *pattern = excluded(s, options);
  for (; *pattern != NULL; pattern++) {
    if (!names_match_any(*pattern, workload_names(s)) &&
        !names_match_any(*pattern, catalog_collector_names(s->pool)) &&
        strchr(*pattern, ':') == NULL)
      return complain(EXIT_USAGE,
                      "--exclude: no collector or workload matches '%s'%s",
                      *pattern, suggest(s->pool, *pattern, workload_names(s)));
  }
  return EXIT_FINE;
}

static const char *const *param_names(const struct settings *s,
                                      const struct catalog_workload *w) {
  const char **names =
      pool_alloc(s->pool, (w->param_count + 1) * sizeof *names);
  for (size_t i = 0; i < w->param_count; i++)
    names[i] = w->params[i].name;
  return names;
}

/* Finds the workload and the parameter before the equals sign. */
static int param_find(const struct settings *s, const char *text,
                      struct settings_param *out) {
  const char *dot = strchr(text, '.'), *equals = strchr(text, '=');
  if (dot == NULL || equals == NULL || equals < dot)
    return complain(EXIT_USAGE, "--param: '%s' is not WORKLOAD.NAME=N", text);
  const char *workload = pool_copy(s->pool, text, (size_t)(dot - text));
  const char *name = pool_copy(s->pool, dot + 1, (size_t)(equals - dot - 1));
  out->workload = catalog_workload(&s->catalog, workload);
  if (out->workload == NULL)
    return names_known(s->pool, "workload", workload, workload_names(s));
  out->param = catalog_param(out->workload, name);
  if (out->param == NULL)
    return complain(EXIT_USAGE, "the workload '%s' has no parameter '%s'%s",
                    workload, name,
                    suggest(s->pool, name, param_names(s, out->workload)));
  return EXIT_FINE;
}

static int param_read(struct settings *s, const char *text) {
  s->params = pool_grow(s->pool, s->params, s->param_count, sizeof *s->params);
  struct settings_param *p = &s->params[s->param_count++];
  int code = param_find(s, text, p);
  if (code != EXIT_FINE)
    return code;
  const char *what =
      pool_format(s->pool, "--param %s.%s", p->workload->name, p->param->name);
  for (const struct settings_param *q = s->params; q < p; q++) {
    if (q->param == p->param)
      return complain(EXIT_USAGE, "%s is given twice", what);
  }
  const char *value = strchr(text, '=') + 1;
  enum number_end end =
      number_sized(value, p->param->least, p->param->greatest, &p->value);
  return end == NUMBER_FINE
             ? EXIT_FINE
             : number_complain(end, what, value, (double)p->param->least,
                               (double)p->param->greatest);
}

static const char *shared_tuning(const struct settings *s,
                                 const char *collector) {
  const char *base = catalog_base(s->pool, collector);
  for (size_t i = 0; i < s->tuning_count; i++) {
    if (strcmp(s->tunings[i].collector, base) == 0)
      return s->tunings[i].text;
  }
  return NULL;
}

/* The runner checks the keys later, in applies.c. */
static int tuning_read(struct settings *s, const char *text) {
  const char *colon = strchr(text, ':');
  if (colon == NULL || colon[1] == '\0')
    return complain(EXIT_USAGE, "--tuning: '%s' is not COLLECTOR:KEY=N,...",
                    text);
  const char *collector = pool_copy(s->pool, text, (size_t)(colon - text));
  if (shared_tuning(s, collector) != NULL)
    return complain(EXIT_USAGE, "--tuning of '%s' is given twice", collector);
  s->tunings =
      pool_grow(s->pool, s->tunings, s->tuning_count, sizeof *s->tunings);
  s->tunings[s->tuning_count++] =
      (struct settings_tuning){collector, colon + 1};
  return names_known(s->pool, "collector", collector,
                     catalog_collector_names(s->pool));
}

static int each_read(struct settings *s, const char *text,
                     int (*read)(struct settings *, const char *)) {
  int code = EXIT_FINE;
  if (text == NULL)
    return code;
  for (char **piece = text_split(s->pool, text, '\n');
       code == EXIT_FINE && *piece != NULL; piece++)
    code = read(s, *piece);
  return code;
}

/* --- folders and names --------------------------------------------------- */

int settings_bin_dir(const struct options *options, const char **out) {
  *out = options->text[OPTION_BIN_DIR];
  if (*out != NULL)
    return EXIT_FINE;
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length < 0)
    return complain(EXIT_MISSING,
                    "cannot tell where this program is; say --bin-dir");
  path[length] = '\0';
  char *folder = dirname(path);
  *out = pool_copy(options->pool, folder, strlen(folder));
  return EXIT_FINE;
}

static const char *time_stamp(struct pool *pool) {
  char stamp[32];
  time_t now = time(NULL);
  struct tm utc;
  strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
  return pool_copy(pool, stamp, strlen(stamp));
}

static bool name_is_safe(const char *name) {
  return *name != '\0' && *name != '.' && strlen(name) <= NAME_MAX_BYTES &&
         name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

const char *settings_results(const struct options *options) {
  const char *results = options->text[OPTION_RESULTS];
  return results != NULL ? results : "results";
}

int settings_folder(struct settings *s, const struct options *options) {
  s->results = settings_results(options);
  s->campaign = options->text[OPTION_CAMPAIGN];
  if (s->campaign == NULL)
    s->campaign = time_stamp(s->pool);
  if (!name_is_safe(s->campaign))
    return complain(EXIT_USAGE,
                    "--campaign: '%s' is not a name: use letters, digits, '_', "
                    "'-' and '.'",
                    s->campaign);
  s->folder = pool_format(s->pool, "%s/%s", s->results, s->campaign);
  const char *part = options->text[OPTION_PART];
  if (part != NULL)
    s->folder = pool_format(s->pool, "%s/part-%.*s", s->folder,
                            (int)strcspn(part, ":"), part);
  return part != NULL ? part_read(s, part) : EXIT_FINE;
}

static const char *machine_name(const struct settings *s,
                                const struct options *options) {
  char host[HOST_NAME_MAX + 1];
  if (options->text[OPTION_MACHINE] != NULL)
    return options->text[OPTION_MACHINE];
  if (gethostname(host, sizeof host) != 0)
    return "";
  return pool_copy(s->pool, host, strlen(host));
}

static bool is_one_run(const struct settings *s) {
  return s->blocks == 1 && s->catalog.collector_count == 1 &&
         s->workload_count == 1 && s->thread_count == 1 &&
         s->heap_factor_count == 1;
}

static const char *repeated_options(const struct options *options) {
  const enum option_id again[] = {OPTION_RERUNS, OPTION_MACHINE,
                                  OPTION_BIN_DIR};
  const char *all = "";
  for (size_t i = 0; i < sizeof again / sizeof *again; i++) {
    const char *value = options->text[again[i]];
    if (value != NULL)
      all = pool_format(options->pool, "%s %s", all,
                        options_word(options->pool, again[i], value));
  }
  return all;
}

static int part_check(const struct settings *s) {
  if (s->part.run == 0 || is_one_run(s))
    return EXIT_FINE;
  return complain(EXIT_USAGE, "--part goes with a plan of one run");
}

int settings_make(struct settings *s, struct options *options) {
  s->catalog.pool = s->pool;
  s->repeated = repeated_options(options); /* before defaults are filled in */
  s->machine = machine_name(s, options);
  bool is_preset = presets_choose_heap(options);
  const char *const *text = options->text;
  int code = presets_fill(options)
             ?: size_read(s, text[OPTION_SIZE])
             ?: seed_read(s, text[OPTION_SEED])
             ?: threads_read(s, text[OPTION_THREADS])
             ?: numbers_read(s, options)
             ?: noise_read(s, text[OPTION_NOISE])
             ?: machine_read(s, options)
             ?: settings_bin_dir(options, &s->bin_dir)
             ?: collectors_read(s, options)
             ?: workloads_read(s, options)
             ?: excluded_check(s, options);
  if (code == EXIT_FINE && is_preset)
    heap_factors_settle(s, options);
  return code
             ?: heap_factors_read(s, text[OPTION_HEAP_FACTORS])
             ?: each_read(s, text[OPTION_PARAM], param_read)
             ?: each_read(s, text[OPTION_TUNING], tuning_read)
             ?: applies_check(s)
             ?: part_check(s);
}

int64_t settings_param_value(const struct settings *s,
                             const struct catalog_workload *workload,
                             const struct catalog_param *param) {
  int64_t value = param->value[s->size];
  for (size_t i = 0; i < s->param_count; i++) {
    if (s->params[i].workload == workload && s->params[i].param == param)
      value = s->params[i].value;
  }
  return value;
}

const char *settings_tuning(const struct settings *s,
                            const struct catalog_collector *collector) {
  const char *shared = shared_tuning(s, collector->name);
  if (shared == NULL || collector->tuning == NULL)
    return shared != NULL ? shared : collector->tuning;
  return pool_format(s->pool, "%s,%s", shared, collector->tuning);
}
