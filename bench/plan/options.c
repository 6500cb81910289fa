/* SPDX-License-Identifier: MIT */
#include "bench/plan/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/base/text.h"

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
