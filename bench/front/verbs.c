/* SPDX-License-Identifier: MIT */
#include "bench/front/verbs.h"

#include <stdint.h>
#include <string.h>

#include "bench/front/commands.h"

const struct verb verbs[] = {
    {.name = "characterise",
     .usage = "[OPTION...]",
     .summary = "tell what kind of program each workload is",
     .options = IN_CHARACTERISE,
     .more = "Each runs once on a collector with generations, with a heap of "
             "three times what lives, and once on one that leaks cycles.",
     .run = characterise_command},
    {.name = "compare",
     .usage = "[A B...] [OPTION...]",
     .summary = "how much B differs from A, and how sure that is",
     .options = IN_COMPARE,
     .operands = SIZE_MAX,
     .more =
         "A and B are collectors of one campaign, or campaigns: their folders "
         "or their names. Without any, all collectors are compared with rc.",
     .run = compare_command},
    {.name = "export",
     .usage = "COLLECTOR [OPTION...]",
     .summary = "print a collector's runs as Google Benchmark's JSON",
     .options = IN_EXPORT,
     .operands = 1,
     .run = export_command},
    {.name = "help",
     .usage = "[COMMAND]",
     .summary = "what there is, or what a command takes",
     .operands = 1,
     .run = help_command},
    {.name = "list",
     .usage = "[OPTION...]",
     .summary = "the collectors and workloads there are",
     .options = IN_LIST,
     .run = list_command},
    {.name = "max-rate",
     .usage = "[OPTION...]",
     .summary = "find the highest rate of requests that keeps a bound",
     .options = IN_MAX_RATE,
     .more = "The 99.9th percentile of the response time is the latency in "
             "question. By bisection, to 2 %, of requests where --workloads "
             "says no other. What was found is kept in max_rate.csv among the "
             "results, and not searched again while commit and machine are the "
             "same and nothing has changed.",
     .run = max_rate_command},
    {.name = "merge",
     .usage = "--campaign NAME [FOLDER...]",
     .summary = "join runs that were done one by one",
     .options = IN_MERGE,
     .operands = SIZE_MAX,
     .more = "The parts are those that the lines of 'plan' left in the "
             "campaign's folder, or the folders that are named.",
     .run = merge_command},
    {.name = "min-heap",
     .usage = "[OPTION...]",
     .summary = "find the least heap that a workload comes through with",
     .options = IN_MIN_HEAP,
     .more =
         "By bisection, to 1 % or 64 KiB, with gen where --collectors says no "
         "other. What was found is kept in min_heap.csv among the results, and "
         "not searched again while the commit is the same and has no changes.",
     .run = min_heap_command},
    {.name = "plan",
     .usage = "[OPTION...]",
     .summary = "print the runs of a campaign, a command line each",
     .options = IN_PLAN,
     .more = "Each line does one run, into a folder of its own under the "
             "campaign's, and can be run by itself: by GNU parallel, or on "
             "another machine.",
     .run = plan_command},
    {.name = "plot",
     .usage = "[FOLDER... | OPTION...]",
     .summary = "draw the charts of a campaign",
     .options = IN_PLOT,
     .operands = SIZE_MAX,
     .more = "They go into plots/ in the campaign's folder, as SVG and PNG, "
             "with the gnuplot script of each. Further campaigns that differ "
             "from the first in parameters of workloads are drawn beside it in "
             "a chart of their own.",
     .run = plot_command},
    {.name = "report",
     .usage = "[FOLDER | OPTION...]",
     .summary = "write a campaign as one page",
     .options = IN_REPORT,
     .operands = 1,
     .more = "It is report.html in the campaign's folder, with its charts in "
             "it, and needs nothing beside it. The charts are drawn anew.",
     .run = report_command},
    {.name = "run",
     .usage = "[OPTION...]",
     .summary = "run a campaign, and show its table",
     .options = IN_RUN,
     .more = "Rows are kept as runs finish. Ctrl-C stops at once and keeps "
             "them; 'run --resume --campaign NAME' goes on from there.",
     .run = run_command},
    {.name = "table",
     .usage = "[FOLDER | OPTION...]",
     .summary = "show the table of a campaign",
     .options = IN_TABLE,
     .operands = 1,
     .run = table_command},
    {.name = "trust",
     .usage = "[FOLDER | OPTION...]",
     .summary = "tell what the machine of a campaign can resolve",
     .options = IN_TRUST,
     .operands = 1,
     .more = "The campaign has a collector beside its twin, which is the same "
             "program: run --collectors rc,rc-twin. Where the two differ, it "
             "is the machine.",
     .run = trust_command},
    {.name = NULL},
};

const struct verb *verb_find(const char *name) {
  const struct verb *v = verbs;
  while (v->name != NULL && strcmp(v->name, name) != 0)
    v++;
  return v->name != NULL ? v : NULL;
}
