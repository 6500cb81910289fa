/* SPDX-License-Identifier: MIT */
#include "bench/front/help.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/plan/options.h"

static const struct topic {
  const char *name, *usage, *summary;
  unsigned options;
  const char *more;
} topics[] = {
    {"characterise", "characterise [OPTION...]",
     "tell what kind of program each workload is", IN_CHARACTERISE,
     "Each runs once on a collector with generations, with a heap of three\n"
     "times what lives, and once on one that leaks cycles.\n"},
    {"compare", "compare [A B...] [OPTION...]",
     "how much B differs from A, and how sure that is", IN_COMPARE,
     "A and B are collectors of one campaign, or campaigns: their folders or\n"
     "their names. Without any, all collectors are compared with rc.\n"},
    {"export", "export COLLECTOR [OPTION...]",
     "print a collector's runs as Google Benchmark's JSON", IN_EXPORT, ""},
    {"help", "help [COMMAND]", "what there is, or what a command takes", 0, ""},
    {"list", "list [OPTION...]", "the collectors and workloads there are",
     IN_LIST, ""},
    {"max-rate", "max-rate [OPTION...]",
     "find the highest rate of requests that keeps a bound", IN_MAX_RATE,
     "The 99.9th percentile of the response time is the latency in question.\n"
     "By bisection, to 2 %, of requests where --workloads says no other. What\n"
     "was found is kept in max_rate.csv among the results, and not searched\n"
     "again while commit and machine are the same and nothing has changed.\n"},
    {"merge", "merge --campaign NAME [FOLDER...]",
     "join runs that were done one by one", IN_MERGE,
     "The parts are those that the lines of 'plan' left in the campaign's\n"
     "folder, or the folders that are named.\n"},
    {"min-heap", "min-heap [OPTION...]",
     "find the least heap that a workload comes through with", IN_MIN_HEAP,
     "By bisection, to 1 % or 64 KiB, with gen where --collectors says no\n"
     "other. What was found is kept in min_heap.csv among the results, and "
     "not\n"
     "searched again while the commit is the same and has no changes.\n"},
    {"plan", "plan [OPTION...]",
     "print the runs of a campaign, a command line each", IN_PLAN,
     "Each line does one run, into a folder of its own under the campaign's,\n"
     "and can be run by itself: by GNU parallel, or on another machine.\n"},
    {"plot", "plot [FOLDER... | OPTION...]", "draw the charts of a campaign",
     IN_PLOT,
     "They go into plots/ in the campaign's folder, as SVG and PNG, with the\n"
     "gnuplot script of each. Further campaigns that differ from the first in\n"
     "parameters of workloads are drawn beside it in a chart of their own.\n"},
    {"report", "report [FOLDER | OPTION...]", "write a campaign as one page",
     IN_REPORT,
     "It is report.html in the campaign's folder, with its charts in it, and\n"
     "needs nothing beside it. The charts are drawn anew.\n"},
    {"run", "run [OPTION...]", "run a campaign, and show its table", IN_RUN,
     "Rows are kept as runs finish. Ctrl-C stops at once and keeps them;\n"
     "'run --resume --campaign NAME' goes on from there.\n"},
    {"table", "table [FOLDER | OPTION...]", "show the table of a campaign",
     IN_TABLE, ""},
    {"trust", "trust [FOLDER | OPTION...]",
     "tell what the machine of a campaign can resolve", IN_TRUST,
     "The campaign has a collector beside its twin, which is the same "
     "program:\n"
     "run --collectors rc,rc-twin. Where the two differ, it is the machine.\n"},
};
enum { TOPICS = sizeof topics / sizeof *topics };

static void options_print(unsigned command) {
  if (command == 0)
    return;
  fputs("\noptions, and what holds where they are not given:\n", stdout);
  for (size_t i = 0; i < OPTION_COUNT; i++) {
    const struct option_card *card = &option_cards[i];
    if ((card->commands & command) == 0)
      continue;
    printf("  --%s%s%s\n      %s\n", card->name, card->value != NULL ? " " : "",
           card->value != NULL ? card->value : "", card->help);
  }
}

static void overview_print(void) {
  fputs("sweepstakes races memory managers.\n\nusage:\n", stdout);
  for (size_t i = 0; i < TOPICS; i++)
    printf("  sweepstakes %-27s %s\n", topics[i].usage, topics[i].summary);
  fputs("\nexit status:\n"
        "  0  fine\n"
        "  1  a run crashed or gave a wrong result\n"
        "  2  an unknown name, or a number that will not do\n"
        "  3  a results folder cannot be read or written\n"
        "  4  a heap was too small\n"
        "  5  so many threads cannot be made\n"
        "  6  a program or library is missing, or does not fit\n"
        "  7  interrupted; finished rows are kept\n"
        "  8  a run took too long\n"
        "  9  the machine was too noisy for a run to be trusted\n",
        stdout);
}

int help_print(const char *name) {
  if (name == NULL) {
    overview_print();
    return EXIT_FINE;
  }
  for (size_t i = 0; i < TOPICS; i++) {
    if (strcmp(topics[i].name, name) != 0)
      continue;
    printf("usage: sweepstakes %s\n  %s\n", topics[i].usage, topics[i].summary);
    if (*topics[i].more != '\0')
      printf("\n%s", topics[i].more);
    options_print(topics[i].options);
    return EXIT_FINE;
  }
  return complain(EXIT_USAGE, "there is no command '%s'", name);
}
