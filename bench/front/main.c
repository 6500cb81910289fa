/* SPDX-License-Identifier: MIT */
/* sweepstakes: plans campaigns, runs them and shows their results. It links no
   collector: each run is a separate process. */
#include <stdbool.h>
#include <string.h>

#include "bench/base/output.h"
#include "bench/base/say.h"
#include "bench/front/help.h"
#include "bench/front/verbs.h"

static int verb_run(const struct verb *v, char *const *arguments) {
  struct pool pool = {0};
  struct options options = {.pool = &pool, .verb = v->name};
  int code = options_read(&options, v->options, v->operands, arguments);
  say_be_quiet(options.text[OPTION_QUIET] != NULL);
  if (code == EXIT_FINE)
    code = options.text[OPTION_HELP] != NULL ? help_print(v) : v->run(&options);
  pool_free(&pool);
  return code;
}

static bool is_either(const char *word, const char *name, const char *letter) {
  return strcmp(word, name) == 0 || strcmp(word, letter) == 0;
}

/* Without a command, or with --help in its place, the command is help. */
static int command_run(char *const *arguments) {
  const char *name = *arguments != NULL ? *arguments++ : "help";
  if (is_either(name, "--version", "-V"))
    return help_version_print();
  if (is_either(name, "--help", "-h"))
    name = "help";
  const struct verb *v = verb_find(name);
  return v != NULL ? verb_run(v, arguments) : verb_complain(name);
}

int main(int count, char **arguments) {
  int code = command_run(count > 0 ? arguments + 1 : arguments);
  if (output_is_written())
    return code;
  int lost = complain(EXIT_RESULTS, "cannot write all output");
  return code ?: lost;
}
