/* SPDX-License-Identifier: MIT */
#include "bench/plan/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/base/text.h"

/* Those that look at a campaign that there is, and those that run workloads. */
enum {
  ON_CAMPAIGN = IN_TABLE | IN_COMPARE | IN_PLOT | IN_MERGE | IN_TRUST |
                IN_REPORT | IN_EXPORT,
  OF_RUNS = IN_PLAN | IN_RUN | IN_MIN_HEAP | IN_CHARACTERISE | IN_MAX_RATE
};

const struct option_card option_cards[OPTION_COUNT] = {
    [OPTION_COLLECTORS] = {"collectors", "NAME,...", OF_RUNS, false,
                           "which collectors race; all. NAME:KEY=N,... is a "
                           "variant, NAME-twin is NAME once more, for 'trust'"},
    [OPTION_WORKLOADS] = {"workloads", "NAME,...", OF_RUNS, false,
                          "which workloads they run; all"},
    [OPTION_THREADS] = {"threads", "N,...", OF_RUNS, false,
                        "on how many threads; 1,2"},
    [OPTION_SIZE] = {"size", "SIZE", OF_RUNS, false,
                     "how long the workloads are: quick, default or large"},
    [OPTION_PARAM] = {"param", "WORKLOAD.NAME=N", OF_RUNS, true,
                      "a parameter of a workload; may be given again"},
    [OPTION_HEAP_FACTORS] = {"heap-factors", "F,...",
                             IN_PLAN | IN_RUN | IN_MAX_RATE, false,
                             "heap limits, as multiples of the workload's "
                             "live bytes; 0 is no limit"},
    [OPTION_TUNING] = {"tuning", "COLLECTOR:KEY=N,...", OF_RUNS, true,
                       "tunes one collector; may be given again"},
    [OPTION_GC_THREADS] = {"gc-threads", "N", OF_RUNS, false,
                           "threads of a parallel collector; one per core"},
    [OPTION_WARMUPS] = {"warmups", "N", IN_PLAN | IN_RUN, false,
                        "untimed iterations of a run at most; it stops "
                        "earlier once they take the same time"},
    [OPTION_BLOCKS] = {"blocks", "N", IN_PLAN | IN_RUN, false,
                       "how often everything is run"},
    [OPTION_SEED] = {"seed", "N", OF_RUNS, false,
                     "of the order and of every workload; 1"},
    [OPTION_TIMEOUT] = {"timeout", "SECONDS", OF_RUNS, false,
                        "kill a run that takes longer"},
    [OPTION_NOISE] = {"noise", "HOW", IN_PLAN | IN_RUN, false,
                      "how much of it makes a run untrusted: strict, usual or "
                      "any"},
    [OPTION_PART] = {"part", "RUN:BLOCK:ORDER", IN_RUN, false,
                     "this is one run of a plan (see 'plan')"},
    [OPTION_PRESET] = {"preset", "NAME", IN_PLAN | IN_RUN, false,
                       "quick or default: sets what is not given"},
    [OPTION_TIME_BUDGET] = {"time-budget", "SECONDS", IN_RUN, false,
                            "begin nothing that would end later; 0 is none"},
    [OPTION_RERUNS] = {"reruns", "N", IN_PLAN | IN_RUN, false,
                       "how often an untrusted run is done again; 1"},
    [OPTION_RESULTS] = {"results", "DIR", OF_RUNS | ON_CAMPAIGN, false,
                        "the folder of all campaigns; results"},
    [OPTION_CAMPAIGN] = {"campaign", "NAME", IN_PLAN | IN_RUN | ON_CAMPAIGN,
                         false,
                         "its folder in there; the time in UTC, or where "
                         "results are shown the newest"},
    [OPTION_RESUME] = {"resume", NULL, IN_RUN, false,
                       "go on with the campaign where it stopped"},
    [OPTION_MACHINE] = {"machine", "NAME", IN_PLAN | IN_RUN | IN_MAX_RATE,
                        false,
                        "what the rows call this machine; its host name"},
    [OPTION_BIN_DIR] = {"bin-dir", "DIR", IN_LIST | OF_RUNS, false,
                        "where the runners are; beside this program"},
    [OPTION_BOUND] = {"bound", "MS", IN_MAX_RATE, false,
                      "what the 99.9th percentile of the response time must "
                      "not exceed; 10"},
    [OPTION_METRIC] = {"metric", "COLUMN", IN_COMPARE | IN_TRUST, false,
                       "which column of runs.csv; wall_ns"},
    [OPTION_FORMAT] = {"format", "FORMAT",
                       IN_COMPARE | IN_TRUST | IN_MIN_HEAP | IN_CHARACTERISE |
                           IN_MAX_RATE,
                       false, "text, csv or markdown; text"},
    [OPTION_DRAW] = {"draw", "FOLDER", IN_CHARACTERISE, false,
                     "draws how far apart the workloads lie"},
};

/* --- reading ------------------------------------------------------------- */

/* OPTION_COUNT where `command` has no such option. */
static enum option option_find(unsigned command, const char *name,
                               size_t length) {
  size_t i = 0;
  while (i < OPTION_COUNT && !((option_cards[i].commands & command) != 0 &&
                               strlen(option_cards[i].name) == length &&
                               memcmp(option_cards[i].name, name, length) == 0))
    i++;
  return (enum option)i;
}

static int option_give(struct options *options, enum option option,
                       const char *value) {
  const struct option_card *card = &option_cards[option];
  const char **text = &options->text[option];
  if (*text == NULL)
    *text = value;
  else if (card->repeats)
    *text = pool_format(options->pool, "%s\n%s", *text, value);
  else
    return complain(EXIT_USAGE, "--%s is given twice", card->name);
  return EXIT_FINE;
}

/* Reads "--name=value", or "--name" and the value from `next`, which is then
   stepped over. */
static int option_read(struct options *options, unsigned command,
                       const char *word, char *const **next) {
  const char *name = word + 2;
  size_t length = strcspn(name, "=");
  enum option option = option_find(command, name, length);
  if (option == OPTION_COUNT)
    return complain(EXIT_USAGE, "unknown option '--%.*s'", (int)length, name);
  bool joined = name[length] == '=';
  if (option_cards[option].value == NULL) {
    if (joined)
      return complain(EXIT_USAGE, "--%s takes no value",
                      option_cards[option].name);
    return option_give(options, option, "");
  }
  if (joined)
    return option_give(options, option, name + length + 1);
  if (**next == NULL)
    return complain(EXIT_USAGE, "--%s needs a value: %s",
                    option_cards[option].name, option_cards[option].value);
  return option_give(options, option, *(*next)++);
}

static int operand_read(struct options *o, size_t most, const char *word) {
  if (o->operand_count == most)
    return complain(EXIT_USAGE, "'%s' is one word too many", word);
  o->operands =
      pool_grow(o->pool, o->operands, o->operand_count, sizeof *o->operands);
  o->operands[o->operand_count++] = word;
  return EXIT_FINE;
}

int options_read(struct options *options, unsigned command, size_t operands_max,
                 char *const *arguments) {
  int code = EXIT_FINE;
  while (code == EXIT_FINE && *arguments != NULL) {
    const char *word = *arguments++;
    code = strncmp(word, "--", 2) == 0
               ? option_read(options, command, word, &arguments)
               : operand_read(options, operands_max, word);
  }
  return code;
}

/* --- for a shell ---------------------------------------------------------- */

const char *options_quoted(struct pool *pool, const char *word) {
  if (word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789._-+=:,/@%")] == '\0')
    return word;
  const char *quoted = "'";
  for (const char *quote; (quote = strchr(word, '\'')); word = quote + 1)
    quoted =
        pool_format(pool, "%s%.*s'\\''", quoted, (int)(quote - word), word);
  return pool_format(pool, "%s%s'", quoted, word);
}

const char *options_word(struct pool *pool, enum option option,
                         const char *value) {
  return options_quoted(
      pool, pool_format(pool, "--%s=%s", option_cards[option].name, value));
}

/* --- a plan in a file ---------------------------------------------------- */

void options_write_plan(const struct options *options, FILE *out) {
  for (size_t i = 0; i < OPTION_PLAN_COUNT; i++) {
    if (options->text[i] == NULL)
      continue;
    char **values = text_split(options->pool, options->text[i], '\n');
    for (; *values != NULL; values++)
      fprintf(out, "--%s=%s\n", option_cards[i].name, *values);
  }
}

static int plan_read(struct options *stored, FILE *in, const char *path) {
  char *line = NULL;
  size_t capacity = 0;
  int code = EXIT_FINE;
  while (code == EXIT_FINE && text_line(&line, &capacity, in) >= 0) {
    size_t length = strcspn(line, "\n");
    char *const arguments[] = {pool_copy(stored->pool, line, length), NULL};
    code = options_read(stored, IN_RUN, 0, arguments);
    if (code != EXIT_FINE)
      code = complain(EXIT_RESULTS, "%s is not a plan", path);
  }
  free(line);
  return code;
}

/* The same option on the command line and in the plan of old. */
static int option_agree(struct options *options, const struct options *stored,
                        size_t option, const char *path) {
  const char *asked = options->text[option], *kept = stored->text[option];
  if (asked != NULL && (kept == NULL || strcmp(asked, kept) != 0))
    return complain(EXIT_USAGE,
                    "a resumed campaign keeps its plan: --%s is not what %s "
                    "says",
                    option_cards[option].name, path);
  options->text[option] = kept;
  return EXIT_FINE;
}

int options_take_plan(struct options *options, const char *path) {
  FILE *in = fopen(path, "re");
  if (in == NULL)
    return complain(EXIT_RESULTS, "there is nothing to resume: %s: %s", path,
                    strerror(errno));
  struct options stored = {.pool = options->pool};
  int code = plan_read(&stored, in, path);
  fclose(in);
  for (size_t i = 0; code == EXIT_FINE && i < OPTION_PLAN_COUNT; i++)
    code = option_agree(options, &stored, i, path);
  return code;
}
