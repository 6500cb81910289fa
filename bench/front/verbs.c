/* SPDX-License-Identifier: MIT */
#include "bench/front/verbs.h"

#include <stdint.h>
#include <string.h>

#include "bench/base/say.h"
#include "bench/base/suggest.h"
#include "bench/front/commands.h"

const struct verb verbs[] = {
    {.name = "characterise",
     .usage = "[OPTION...]",
     .summary = "show what kind of program each workload is",
     .options = IN_CHARACTERISE,
     .more = "Each workload runs once on a collector with generations, in a "
             "heap of three times its live bytes, and once on a collector that "
             "leaks cycles.",
     .run = characterise_command},
    {.name = "compare",
     .usage = "[A B...] [OPTION...]",
     .summary = "show how much B differs from A, and how surely",
     .options = IN_COMPARE,
     .operands = SIZE_MAX,
     .more = "A and B are collectors of one campaign, or campaigns, by name or "
             "folder. Without them, all collectors are compared with rc.",
     .run = compare_command},
    {.name = "export",
     .usage = "COLLECTOR [OPTION...]",
     .summary = "print a collector's runs as Google Benchmark's JSON",
     .options = IN_EXPORT,
     .operands = 1,
     .run = export_command},
    {.name = "help",
     .usage = "[COMMAND | man | bash | zsh]",
     .summary = "list the commands, or the options of one",
     .options = IN_HELP,
     .operands = 1,
     .more = "'help man' prints the manual page; 'help bash' and 'help zsh' "
             "print completions for these shells. 'make install' installs all "
             "three.",
     .run = help_command},
    {.name = "list",
     .usage = "[NAME...] [OPTION...]",
     .summary = "list collectors and workloads, or show one",
     .options = IN_LIST,
     .operands = SIZE_MAX,
     .run = list_command},
    {.name = "max-rate",
     .usage = "[OPTION...]",
     .summary = "find the highest request rate that keeps a latency bound",
     .options = IN_MAX_RATE,
     .more = "The bound is on the 99.9th percentile of the response time. The "
             "search bisects to 2 %, with the workload requests unless "
             "--workloads names another. Results are kept in max_rate.csv in "
             "the results folder. They are used again while commit and machine "
             "are the same and the tree has no changes.",
     .run = max_rate_command},
    {.name = "merge",
     .usage = "--campaign NAME [FOLDER...]",
     .summary = "join the parts of a campaign that ran one by one",
     .options = IN_MERGE,
     .operands = SIZE_MAX,
     .more = "The parts are what the lines of 'plan' left in the campaign's "
             "folder, or the folders that are named.",
     .run = merge_command},
    {.name = "min-heap",
     .usage = "[OPTION...]",
     .summary = "find the smallest heap in which a workload completes",
     .options = IN_MIN_HEAP,
     .more =
         "The search bisects to 1 % or 64 KiB, with gen unless --collectors "
         "names others. Results are kept in min_heap.csv in the results "
         "folder. "
         "They are used again while the commit is the same and the tree has no "
         "changes. 'run' multiplies the smallest heap of gen by a heap factor. "
         "It knows that of shipped sizes on 1 and 2 threads, and "
         "searches any other before its first run.",
     .run = min_heap_command},
    {.name = "plan",
     .usage = "[OPTION...]",
     .summary = "print one command line for each run of a campaign",
     .options = IN_PLAN,
     .more = "Each line does one run and writes it to its own folder inside "
             "the campaign's. So GNU parallel, or another machine, can do it. "
             "'merge' joins the parts.",
     .run = plan_command},
    {.name = "plot",
     .usage = "[FOLDER... | OPTION...]",
     .summary = "draw the charts of a campaign",
     .options = IN_PLOT,
     .operands = SIZE_MAX,
     .more =
         "The charts go to plots/ in the campaign's folder, as SVG and PNG, "
         "each with its gnuplot script. With several campaigns that differ "
         "in one parameter of a workload, two more charts show time "
         "and pauses against that parameter.",
     .run = plot_command},
    {.name = "recommend",
     .usage = "[FOLDER | OPTION...]",
     .summary = "show which collectors are best for a purpose",
     .options = IN_RECOMMEND,
     .operands = 1,
     .more = "For each number of threads and heap factor, it shows the "
             "collectors that no other one beats in wall time, memory and "
             "pauses together, and says why the others are out.",
     .run = recommend_command},
    {.name = "report",
     .usage = "[[BEFORE] FOLDER | OPTION...]",
     .summary = "write one page with tables and charts",
     .options = IN_REPORT,
     .operands = 2,
     .more = "The page is one file with everything in it. It draws its charts "
             "itself and needs no gnuplot. With two campaigns, the page is of "
             "the second and also says what changed since the first.",
     .run = report_command},
    {.name = "run",
     .usage = "[OPTION...]",
     .summary = "run a campaign and show its table",
     .options = IN_RUN,
     .more = "Each row is written when its run ends. Ctrl-C stops at once and "
             "keeps them; 'run --resume' continues.",
     .run = run_command},
    {.name = "table",
     .usage = "[FOLDER | OPTION...]",
     .summary = "show the table of a campaign",
     .options = IN_TABLE,
     .operands = 1,
     .run = table_command},
    {.name = "trust",
     .usage = "[FOLDER | OPTION...]",
     .summary = "show how small an effect the machine can resolve",
     .options = IN_TRUST,
     .operands = 1,
     .more =
         "The campaign must have a collector and its twin, which is the "
         "same program under another name: run --collectors rc,rc-twin. Any "
         "difference between the two comes from the machine.",
     .run = trust_command},
    {.name = "tune",
     .usage = "[OPTION...]",
     .summary = "show what of this machine disturbs measurements",
     .options = IN_TUNE,
     .more = "Each line has a setting or a figure of the machine and, if it is "
             "bad for measuring, the command that changes it. Most of these "
             "commands take root. Nothing is changed.",
     .run = tune_command},
    {.name = NULL},
};

const struct verb *verb_find(const char *name) {
  const struct verb *v = verbs;
  while (v->name != NULL && strcmp(v->name, name) != 0)
    v++;
  return v->name != NULL ? v : NULL;
}

int verb_complain(const char *name) {
  const char *names[sizeof verbs / sizeof *verbs] = {NULL};
  for (size_t i = 0; verbs[i].name != NULL; i++)
    names[i] = verbs[i].name;
  struct pool pool = {0};
  const char *hint = suggest(&pool, name, names);
  int code = complain(EXIT_USAGE, "unknown command '%s'%s", name,
                      *hint != '\0' ? hint : "; 'sweepstakes help' lists them");
  pool_free(&pool);
  return code;
}
