/* SPDX-License-Identifier: MIT */
#include "bench/plan/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/base/suggest.h"
#include "bench/base/text.h"

/* --- reading -------------------------------------------------------------

   The C library's getopt_long reads the words. argp, which is built on it,
   would print sentences and exit codes of its own, cannot suggest a name, and
   has no way to write a manual page or completions from its tables. */

/* What getopt_long returns for a long option: one more than any letter. */
enum { LONG_OPTION = UCHAR_MAX + 1 };

struct reading {
  struct options *options;
  unsigned command;
  char *letters;        /* as getopt_long takes them */
  struct option *longs; /* the same */
};

static void letters_add(struct reading *r, const struct option_card *card) {
  if (card->letter == 0)
    return;
  r->letters = pool_format(r->options->pool, "%s%c%s", r->letters, card->letter,
                           card->value != NULL ? ":" : "");
}

static void reading_begin(struct reading *r) {
  size_t count = 0;
  r->letters = ":"; /* a missing value is told apart from an unknown option */
  r->longs =
      pool_alloc(r->options->pool,
                 (OPTION_COUNT + 1) * sizeof *r->longs); /* ends with 0 */
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    const struct option_card *card = &option_cards[i];
    if ((card->commands & r->command) == 0)
      continue;
    letters_add(r, card);
    r->longs[count++] = (struct option){
        .name = card->name,
        .has_arg = card->value != NULL ? required_argument : no_argument,
        .val = LONG_OPTION + (int)i};
  }
  opterr = 0;
  optind = 0; /* the state of an earlier call is forgotten */
}

/* OPTION_COUNT: `found`, which getopt_long returned or left in optopt, is
   none. */
static enum option_id option_found(int found) {
  size_t i = 0;
  if (found >= LONG_OPTION)
    return (enum option_id)(found - LONG_OPTION);
  while (i < OPTION_COUNT && (found == 0 || option_cards[i].letter != found))
    i++;
  return (enum option_id)i;
}

static const char *const *long_names(const struct reading *r) {
  const char **names =
      pool_alloc(r->options->pool, (OPTION_COUNT + 1) * sizeof *names);
  for (size_t i = 0; r->longs[i].name != NULL; i++)
    names[i] = r->longs[i].name;
  return names;
}

/* "--seed, --size and --sweep": the options that begin with `start`. NULL:
   fewer than two do. */
static const char *ambiguous_text(const struct reading *r, const char *start) {
  const char *text = NULL, *last = NULL;
  for (size_t i = 0; r->longs[i].name != NULL; i++) {
    const char *name = r->longs[i].name;
    if (strncmp(name, start, strlen(start)) != 0)
      continue;
    if (last != NULL)
      text = text == NULL
                 ? pool_format(r->options->pool, "--%s", last)
                 : pool_format(r->options->pool, "%s, --%s", text, last);
    last = name;
  }
  return text != NULL ? pool_format(r->options->pool, "%s and --%s", text, last)
                      : NULL;
}

/* An option that only other commands take is not a typing error. */
static int unknown_complain(const struct reading *r, const char *word) {
  struct pool *pool = r->options->pool;
  const char *name = word + strspn(word, "-");
  name = pool_copy(pool, name, strcspn(name, "="));
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if (strcmp(option_cards[i].name, name) == 0)
      return complain(EXIT_USAGE,
                      "'%s' does not take --%s; 'sweepstakes %s --help' lists "
                      "its options",
                      r->options->verb, name, r->options->verb);
  }
  const char *several = ambiguous_text(r, name);
  if (several != NULL)
    return complain(EXIT_USAGE, "'--%s' is ambiguous: %s begin with it", name,
                    several);
  const char *closest = suggest_name(name, long_names(r));
  if (closest != NULL)
    return complain(EXIT_USAGE, "unknown option '--%s'; did you mean '--%s'?",
                    name, closest);
  return complain(EXIT_USAGE,
                  "unknown option '--%s'; 'sweepstakes %s --help' lists the "
                  "options",
                  name, r->options->verb);
}

static int option_refuse(const struct reading *r, int found,
                         char *const *words) {
  enum option_id option = option_found(optopt);
  const struct option_card *card =
      option < OPTION_COUNT ? &option_cards[option] : NULL;
  if (card != NULL && found == ':')
    return complain(EXIT_USAGE, "--%s needs a value: %s", card->name,
                    card->value);
  if (card != NULL && optopt >= LONG_OPTION)
    return complain(EXIT_USAGE, "--%s takes no value", card->name);
  if (optopt != 0)
    return complain(EXIT_USAGE,
                    "unknown option '-%c'; 'sweepstakes %s --help' lists the "
                    "options",
                    optopt, r->options->verb);
  return unknown_complain(r, words[optind - 1]);
}

static int option_give(struct options *options, enum option_id option) {
  const struct option_card *card = &option_cards[option];
  const char *value = optarg != NULL ? optarg : "";
  if (card->value != NULL && *value == '\0')
    return complain(EXIT_USAGE, "--%s needs a value: %s", card->name,
                    card->value);
  const char **text = &options->text[option];
  if (*text == NULL || card->value == NULL)
    *text = value;
  else if (card->repeats)
    *text = pool_format(options->pool, "%s\n%s", *text, value);
  else
    return complain(EXIT_USAGE, "--%s is given twice", card->name);
  return EXIT_FINE;
}

static int operands_read(struct options *o, size_t most, char *const *words) {
  for (; *words != NULL; words++) {
    if (o->operand_count == most)
      return complain(EXIT_USAGE, "unexpected argument '%s'", *words);
    o->operands =
        pool_grow(o->pool, o->operands, o->operand_count, sizeof *o->operands);
    o->operands[o->operand_count++] = *words;
  }
  return EXIT_FINE;
}

/* getopt_long reorders the words, and skips the first. */
static char **words_copy(struct pool *pool, char *const *arguments,
                         int *count) {
  *count = 1;
  for (char *const *a = arguments; *a != NULL; a++)
    ++*count;
  char **words = pool_alloc(pool, ((size_t)*count + 1) * sizeof *words);
  words[0] = "sweepstakes";
  for (int i = 1; i < *count; i++)
    words[i] = arguments[i - 1];
  return words;
}

int options_read(struct options *options, unsigned command, size_t operands_max,
                 char *const *arguments) {
  struct reading r = {.options = options, .command = command};
  int count, found, code = EXIT_FINE;
  char **words = words_copy(options->pool, arguments, &count);
  reading_begin(&r);
  while (code == EXIT_FINE &&
         (found = getopt_long(count, words, r.letters, r.longs, NULL)) >= 0)
    code = found == '?' || found == ':'
               ? option_refuse(&r, found, words)
               : option_give(options, option_found(found));
  if (code != EXIT_FINE || options->text[OPTION_HELP] != NULL)
    return code;
  return operands_read(options, operands_max, words + optind);
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

const char *options_word(struct pool *pool, enum option_id option,
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

/* An empty file would stand for the default plan. */
static int plan_read(struct options *stored, FILE *in, const char *path) {
  char *line = NULL;
  size_t capacity = 0;
  int code = EXIT_FINE;
  bool is_empty = true;
  while (code == EXIT_FINE && text_line(&line, &capacity, in) >= 0) {
    is_empty = false;
    size_t length = strcspn(line, "\n");
    char *const arguments[] = {pool_copy(stored->pool, line, length), NULL};
    code = options_read(stored, IN_RUN, 0, arguments);
    if (code != EXIT_FINE)
      code = complain(EXIT_RESULTS, "%s is not a plan", path);
  }
  free(line);
  if (code == EXIT_FINE && is_empty)
    code = complain(EXIT_RESULTS,
                    "%s is empty: its campaign cannot be resumed without a "
                    "plan; begin another one",
                    path);
  return code;
}

/* An option on the command line must agree with the stored plan. */
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
  struct options stored = {.pool = options->pool, .verb = options->verb};
  int code = plan_read(&stored, in, path);
  fclose(in);
  for (size_t i = 0; code == EXIT_FINE && i < OPTION_PLAN_COUNT; i++)
    code = option_agree(options, &stored, i, path);
  return code;
}
