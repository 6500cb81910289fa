/* SPDX-License-Identifier: MIT */
#include "bench/runner/options.h"

#include <stdio.h>
#include <string.h>

#include "bench/base/number.h"
#include "bench/runner/say.h"
#include "heap/tuning.h"

/* More threads than any system can create. The system's own limit is detected
   and reported separately when the threads are created. */
enum { THREADS_MAX = 1000000, GC_THREADS_MAX = 1024 };
/* Warm-up does at most five iterations by default, and stops when the last
   three agree. */
enum { WARMUPS_INITIAL = 5, WARMUPS_MAX = 1000 };
static const double live_factor_max = 1e6;

static const char *const size_names[] = {"quick", "default", "large"};

struct options options_initial(const struct workload *workload,
                               unsigned threads, enum workload_size size) {
  struct options o = {.workload = workload,
                      .setup = {.threads = threads, .seed = 1},
                      .warmups_max = WARMUPS_INITIAL};
  for (int i = 0; workload->params[i].name != NULL; i++)
    o.setup.param[i] = workload->params[i].value[size];
  return o;
}

const struct workload *options_workload(const char *name) {
  for (int i = 0; workload_list[i] != NULL; i++)
    if (strcmp(workload_list[i]->name, name) == 0)
      return workload_list[i];
  return NULL;
}

/* The value after `name`, such as "--threads="; NULL if the argument is another
   option. */
static const char *value_of(const char *argument, const char *name) {
  size_t length = strlen(name);
  return strncmp(argument, name, length) == 0 ? argument + length : NULL;
}

/* The last value given for `name`; NULL if none was given. */
static const char *last_value(int argc, char **argv, const char *name) {
  const char *last = NULL;
  for (int i = 1; i < argc; i++) {
    const char *value = value_of(argv[i], name);
    last = value != NULL ? value : last;
  }
  return last;
}

/* --- one option each ------------------------------------------------------ */

static enum exit_code whole_judge(const char *what, const char *text,
                                  int64_t least, int64_t greatest,
                                  enum number_end end) {
  switch (end) {
  case NUMBER_NONE:
    return complain(EXIT_USAGE, "%s is '%s', which is not a whole number", what,
                    text);
  case NUMBER_OUT_OF_RANGE:
    return complain(EXIT_USAGE, "%s is %s, but must be from %lld to %lld", what,
                    text, (long long)least, (long long)greatest);
  default:
    return EXIT_FINE;
  }
}

static enum exit_code whole_take(const char *what, const char *text,
                                 int64_t least, int64_t greatest,
                                 int64_t *out) {
  return whole_judge(what, text, least, greatest,
                     number_whole(text, least, greatest, out));
}

static enum exit_code take_threads(struct options *o, const char *text) {
  int64_t threads = 0;
  enum exit_code code = whole_take("--threads", text, 1, THREADS_MAX, &threads);
  o->setup.threads = (unsigned)threads;
  return code;
}

static enum exit_code take_seed(struct options *o, const char *text) {
  if (number_seed(text, &o->setup.seed) != NUMBER_FINE)
    return complain(EXIT_USAGE,
                    "--seed is '%s', which is not a whole number from 0 to "
                    "18446744073709551615",
                    text);
  return EXIT_FINE;
}

static enum exit_code take_heap_bytes(struct options *o, const char *text) {
  if (!gc_parse_size(text, strlen(text), &o->heap_bytes))
    return complain(EXIT_USAGE,
                    "--heap-bytes is '%s', which is not a number of bytes, "
                    "as 65536 or 64m",
                    text);
  return EXIT_FINE;
}

static enum exit_code take_live_factor(struct options *o, const char *text) {
  if (number_real(text, 0, live_factor_max, &o->live_factor) != NUMBER_FINE)
    return complain(EXIT_USAGE,
                    "--live-factor is '%s', which is not a number from 0 to %g",
                    text, live_factor_max);
  return EXIT_FINE;
}

static enum exit_code take_gc_threads(struct options *o, const char *text) {
  return whole_take("--gc-threads", text, 0, GC_THREADS_MAX, &o->gc_threads);
}

static enum exit_code take_tuning(struct options *o, const char *text) {
  char why[256];
  if (!gc_tuning_check(text, why, sizeof why))
    return complain(EXIT_USAGE, "--tuning: %s", why);
  o->tuning = text;
  return EXIT_FINE;
}

static enum exit_code take_warmups(struct options *o, const char *text) {
  return whole_take("--warmups", text, 0, WARMUPS_MAX, &o->warmups_max);
}

static enum exit_code take_huge_pages(struct options *o, const char *text) {
  if (pages_choice_find(text, &o->huge_pages))
    return EXIT_FINE;
  return complain(EXIT_USAGE,
                  "--huge-pages is '%s', but must be system, never or always",
                  text);
}

/* Is `text` the second of two words? */
static enum exit_code take_either(const char *what, const char *text,
                                  const char *no, const char *yes, bool *out) {
  *out = strcmp(text, yes) == 0;
  if (*out || strcmp(text, no) == 0)
    return EXIT_FINE;
  return complain(EXIT_USAGE, "%s is '%s', but must be %s or %s", what, text,
                  no, yes);
}

static enum exit_code take_pin(struct options *o, const char *text) {
  return take_either("--pin", text, "none", "cores", &o->pins);
}

static enum exit_code take_prefault(struct options *o, const char *text) {
  return take_either("--prefault", text, "no", "yes", &o->prefaults);
}

static enum exit_code take_record(struct options *o, const char *text) {
  o->record = text;
  return EXIT_FINE;
}

static enum exit_code take_pauses(struct options *o, const char *text) {
  o->pauses = text;
  return EXIT_FINE;
}

static enum exit_code take_timeline(struct options *o, const char *text) {
  o->timeline = text;
  return EXIT_FINE;
}

static enum exit_code take_stalls(struct options *o, const char *text) {
  o->stalls = text;
  return EXIT_FINE;
}

static enum exit_code take_latency(struct options *o, const char *text) {
  o->latency = text;
  return EXIT_FINE;
}

/* "NAME=VALUE" */
static enum exit_code take_param(struct options *o, const char *text) {
  const struct workload_param *param = o->workload->params;
  size_t length = strcspn(text, "=");
  while (param->name != NULL && (strlen(param->name) != length ||
                                 memcmp(param->name, text, length) != 0))
    param++;
  if (param->name == NULL)
    return complain(EXIT_USAGE, "workload %s has no parameter '%.*s'",
                    o->workload->name, (int)length, text);
  if (text[length] == '\0')
    return complain(EXIT_USAGE, "--param=%s lacks '=' and a value", text);
  char what[64];
  snprintf(what, sizeof what, "parameter %s", param->name);
  const char *value = text + length + 1;
  int64_t *out = &o->setup.param[param - o->workload->params];
  return whole_judge(what, value, param->least, param->greatest,
                     number_sized(value, param->least, param->greatest, out));
}

/* Accepts an option that was parsed in an earlier pass, because other options
   depend on it. */
static enum exit_code take_nothing(struct options *o, const char *text) {
  (void)o, (void)text;
  return EXIT_FINE;
}

static const struct option {
  const char *name;
  enum exit_code (*take)(struct options *, const char *text);
} options[] = {
    {"--run=", take_nothing},
    {"--size=", take_nothing},
    {"--threads=", take_threads},
    {"--seed=", take_seed},
    {"--param=", take_param},
    {"--heap-bytes=", take_heap_bytes},
    {"--live-factor=", take_live_factor},
    {"--gc-threads=", take_gc_threads},
    {"--tuning=", take_tuning},
    {"--warmups=", take_warmups},
    {"--huge-pages=", take_huge_pages},
    {"--pin=", take_pin},
    {"--prefault=", take_prefault},
    {"--record=", take_record},
    {"--pauses=", take_pauses},
    {"--timeline=", take_timeline},
    {"--latency=", take_latency},
    {"--stalls=", take_stalls},
};

/* --- all options ---------------------------------------------------------- */

static enum exit_code size_parse(const char *text, enum workload_size *out) {
  *out = WORKLOAD_DEFAULT;
  if (text == NULL)
    return EXIT_FINE;
  for (unsigned i = 0; i < sizeof size_names / sizeof *size_names; i++)
    if (strcmp(text, size_names[i]) == 0) {
      *out = (enum workload_size)i;
      return EXIT_FINE;
    }
  return complain(EXIT_USAGE,
                  "--size is '%s', but must be quick, default or "
                  "large",
                  text);
}

static enum exit_code take_one(struct options *o, const char *argument) {
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    const char *value = value_of(argument, options[i].name);
    if (value != NULL)
      return options[i].take(o, value);
  }
  return complain(EXIT_USAGE, "unknown option '%s' with --run", argument);
}

enum exit_code options_parse(struct options *o, int argc, char **argv) {
  const char *name = last_value(argc, argv, "--run=");
  const struct workload *workload = name ? options_workload(name) : NULL;
  if (workload == NULL)
    return complain(EXIT_USAGE,
                    "unknown workload '%s'; --describe lists "
                    "them",
                    name ? name : "");
  enum workload_size size;
  enum exit_code code = size_parse(last_value(argc, argv, "--size="), &size);
  if (code != EXIT_FINE)
    return code;
  *o = options_initial(workload, 1, size);
  for (int i = 1; i < argc && code == EXIT_FINE; i++)
    code = take_one(o, argv[i]);
  if (code == EXIT_FINE && o->heap_bytes > 0 && o->live_factor > 0)
    code = complain(EXIT_USAGE,
                    "--heap-bytes and --live-factor cannot both be given");
  return code;
}
