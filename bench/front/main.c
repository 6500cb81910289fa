/* SPDX-License-Identifier: MIT */
/* sweepstakes: plans campaigns, runs them and shows what came of them. It
   links no collector: each run is a process of its own. */
#include <string.h>

#include "bench/base/output.h"
#include "bench/base/say.h"
#include "bench/front/verbs.h"

static int verb_run(const struct verb *v, char *const *arguments) {
  struct pool pool = {0};
  struct options options = {.pool = &pool};
  int code = options_read(&options, v->options, v->operands, arguments)
                 ?: v->run(&options);
  pool_free(&pool);
  return code;
}

/* Without a command, or with an option in its place, it is help. */
static int command_run(char *const *arguments) {
  const char *name = *arguments != NULL ? *arguments++ : "help";
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
    name = "help";
  const struct verb *v = verb_find(name);
  if (v == NULL)
    return complain(EXIT_USAGE,
                    "unknown command '%s'; 'sweepstakes help' "
                    "names them",
                    name);
  return verb_run(v, arguments);
}

int main(int count, char **arguments) {
  int code = command_run(count > 0 ? arguments + 1 : arguments);
  if (output_is_written())
    return code;
  int lost = complain(EXIT_RESULTS, "cannot write all that was to be printed");
  return code ?: lost;
}
