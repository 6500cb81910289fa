/* SPDX-License-Identifier: MIT */
#include "bench/plan/presets.h"

#include <string.h>

#include "bench/base/say.h"

static const struct preset {
  const char *name;
  const char *text[OPTION_COUNT];
} presets[] = {
    /* Takes less than six minutes: the budget, and a last run that is killed.
       Without one-thread runs, and without the programs (workloads/programs),
       it completes the three blocks that a comparison needs. */
    {"quick",
     {[OPTION_SIZE] = "quick",
      [OPTION_WORKLOADS] = "!nboyer,!earley,!mperm,!cyclotron,!havlak,"
                           "!deltablue,!cd,!json,!scheme",
      [OPTION_THREADS] = "2",
      [OPTION_HEAP_FACTORS] = "2.5",
      [OPTION_WARMUPS] = "1",
      [OPTION_BLOCKS] = "5",
      [OPTION_TIMEOUT] = "50",
      [OPTION_TIME_BUDGET] = "300"}},
    {"default",
     {[OPTION_SIZE] = "default",
      [OPTION_THREADS] = "1,2",
      [OPTION_HEAP_FACTORS] = "0,2.5",
      [OPTION_WARMUPS] = "5",
      [OPTION_BLOCKS] = "10",
      [OPTION_TIMEOUT] = "600",
      [OPTION_TIME_BUDGET] = "0"}},
};

/* The defaults in every preset. */
static const char *const always[OPTION_COUNT] = {
    [OPTION_SEED] = "1",           [OPTION_BOUND] = "10",
    [OPTION_HUGE_PAGES] = "never", [OPTION_PIN] = "none",
    [OPTION_PREFAULT] = "no",      [OPTION_NOISE] = "usual",
    [OPTION_RERUNS] = "1"};

bool presets_choose_heap(const struct options *options) {
  return options->text[OPTION_HEAP_FACTORS] == NULL &&
         options->text[OPTION_PRESET] != NULL;
}

int presets_fill(struct options *options) {
  const char *name = options->text[OPTION_PRESET];
  if (name == NULL && options->text[OPTION_HEAP_FACTORS] == NULL)
    options->text[OPTION_HEAP_FACTORS] = "0";
  const struct preset *preset = &presets[1];
  if (name != NULL && strcmp(name, presets[0].name) == 0)
    preset = &presets[0];
  else if (name != NULL && strcmp(name, presets[1].name) != 0)
    return complain(EXIT_USAGE,
                    "unknown preset '%s'; there are quick and default", name);
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    if (options->text[i] == NULL)
      options->text[i] = preset->text[i] != NULL ? preset->text[i] : always[i];
  }
  return EXIT_FINE;
}
