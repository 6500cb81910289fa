/* SPDX-License-Identifier: MIT */
#include "bench/plan/option_cards.h"

#include <stddef.h>

/* Commands that read a finished campaign, commands that run workloads, and
   commands that print a table. */
enum {
  ON_CAMPAIGN = IN_TABLE | IN_COMPARE | IN_PLOT | IN_MERGE | IN_TRUST |
                IN_REPORT | IN_EXPORT | IN_RECOMMEND,
  OF_RUNS = IN_PLAN | IN_RUN | IN_MIN_HEAP | IN_CHARACTERISE | IN_MAX_RATE,
  OF_TABLES = IN_TABLE | IN_COMPARE | IN_TRUST | IN_MIN_HEAP | IN_CHARACTERISE |
              IN_MAX_RATE | IN_RECOMMEND | IN_TUNE
};

const struct option_card option_cards[OPTION_COUNT] = {
    [OPTION_COLLECTORS] =
        {"collectors", 'c', "NAME,...", OF_RUNS, false,
         "collectors that race [all but mark-sweep and semispace]. "
         "NAME:KEY=N,... is a variant; NAME-twin "
         "is "
         "the same program once more, for 'trust'; globs and !NAME as for "
         "--workloads"},
    [OPTION_WORKLOADS] = {"workloads", 'w', "NAME,...", OF_RUNS, false,
                          "workloads that they run [all]. 'ring*' stands for "
                          "all names that match, !NAME leaves one out"},
    [OPTION_EXCLUDE] = {"exclude", 'x', "NAME,...", OF_RUNS, true,
                        "workloads and collectors to leave out, with globs"},
    [OPTION_THREADS] = {"threads", 't', "N,...", OF_RUNS, false,
                        "numbers of mutator threads [1,2]"},
    [OPTION_SIZE] = {"size", 's', "SIZE", OF_RUNS, false,
                     "how much work the workloads do: quick, default or large "
                     "[default]",
                     "quick default large"},
    [OPTION_PARAM] = {"param", 'p', "WORKLOAD.NAME=N", OF_RUNS, true,
                      "sets a parameter of a workload; repeatable. N may end "
                      "in k, M or G"},
    [OPTION_HEAP_FACTORS] =
        {"heap-factors", 'H', "F,...", IN_PLAN | IN_RUN | IN_MAX_RATE, false,
         "heap limits as multiples of the workload's smallest heap (see "
         "'min-heap'), the same bytes for all; A..B: a series from A to B; 0: "
         "no limit [0]"},
    [OPTION_TUNING] = {"tuning", 'T', "COLLECTOR:KEY=N,...", OF_RUNS, true,
                       "tunes one collector; repeatable. N may end in k, M or "
                       "G"},
    [OPTION_GC_THREADS] = {"gc-threads", 'g', "N", OF_RUNS, false,
                           "threads of a parallel collector [one per core]"},
    [OPTION_WARMUPS] = {"warmups", 0, "N", IN_PLAN | IN_RUN, false,
                        "untimed iterations before the measured one, at most; "
                        "fewer once they take the same time [5]"},
    [OPTION_BLOCKS] = {"blocks", 'b', "N", IN_PLAN | IN_RUN, false,
                       "how often each combination is run [10]"},
    [OPTION_SEED] = {"seed", 0, "N", OF_RUNS, false,
                     "seed of the order of runs and of every workload [1]"},
    [OPTION_TIMEOUT] = {"timeout", 0, "SECONDS", OF_RUNS, false,
                        "kill a run that takes longer [600]"},
    [OPTION_HUGE_PAGES] =
        {"huge-pages", 0, "WHEN", IN_PLAN | IN_RUN, false,
         "transparent huge pages for a run: system (as the system is set), "
         "never or always [never]",
         "system never always"},
    [OPTION_PIN] = {"pin", 0, "TO", IN_PLAN | IN_RUN, false,
                    "pin each mutator thread to a core: none or cores [none]",
                    "none cores"},
    [OPTION_PREFAULT] =
        {"prefault", 0, "YES|NO", IN_PLAN | IN_RUN, false,
         "touch the memory of the heap before the clock starts: no or yes "
         "[no]",
         "no yes"},
    [OPTION_NOISE] =
        {"noise", 0, "LEVEL", IN_PLAN | IN_RUN, false,
         "noise that a run is still trusted with: strict, usual or "
         "any [usual]",
         "strict usual any"},
    [OPTION_PART] = {"part", 0, "RUN:BLOCK:ORDER", IN_RUN, false,
                     "marks this run as one of a plan (see 'plan')"},
    [OPTION_PRESET] = {"preset", 'P', "NAME", IN_PLAN | IN_RUN, false,
                       "quick or default: sets the options that are not given",
                       "quick default"},
    [OPTION_SWEEP] = {"sweep", 0, "COLLECTOR:KEY=N,N,...", IN_PLAN | IN_RUN,
                      true,
                      "one variant of a collector for each value of a tuning "
                      "key; repeatable for other keys"},
    [OPTION_TIME_BUDGET] = {"time-budget", 0, "SECONDS", IN_RUN, false,
                            "start no combination that would end later; 0: no "
                            "budget [0]"},
    [OPTION_RERUNS] = {"reruns", 0, "N", IN_PLAN | IN_RUN, false,
                       "how often an untrusted run is done again [1]"},
    [OPTION_RESULTS] = {"results", 'r', "DIR", OF_RUNS | ON_CAMPAIGN, false,
                        "the folder of all campaigns [results]"},
    [OPTION_CAMPAIGN] =
        {"campaign", 'C', "NAME", IN_PLAN | IN_RUN | ON_CAMPAIGN, false,
         "the campaign's folder in there [to write: the time in "
         "UTC; to read: the newest that has rows]"},
    [OPTION_RESUME] =
        {"resume", 0, NULL, IN_RUN, false,
         "continue a campaign that stopped [the newest unfinished "
         "one]"},
    [OPTION_MACHINE] = {"machine", 0, "NAME", IN_PLAN | IN_RUN | IN_MAX_RATE,
                        false, "the machine's name in the rows [host name]"},
    [OPTION_BIN_DIR] = {"bin-dir", 0, "DIR", IN_LIST | OF_RUNS, false,
                        "the folder of the runners [that of this program]"},
    [OPTION_BOUND] = {"bound", 0, "MS", IN_MAX_RATE, false,
                      "limit on the 99.9th percentile of the response time "
                      "[10]"},
    [OPTION_METRIC] = {"metric", 'm', "COLUMN", IN_COMPARE | IN_TRUST, false,
                       "the column of runs.csv to compare [wall_ns]"},
    [OPTION_CORRECTION] =
        {"correction", 0, "RULE", IN_COMPARE, false,
         "correction for many lines: bh (Benjamini-Hochberg: of the marked "
         "lines, one in 20 may be false) or holm (none, for claims) [bh]",
         "bh holm"},
    [OPTION_LIMIT] = {"limit", 0, "F", IN_RECOMMEND, false,
                      "only this heap factor; 0: no limit [all]"},
    [OPTION_PAUSE] = {"pause", 0, "MS", IN_RECOMMEND, false,
                      "only collectors whose mean 99.9th percentile of pauses "
                      "is at most so long [any]"},
    [OPTION_FORMAT] = {"format", 'f', "FORMAT", OF_TABLES, false,
                       "text, csv, markdown or json [text]",
                       "text csv markdown json"},
    [OPTION_DRAW] = {"draw", 0, "FOLDER", IN_CHARACTERISE, false,
                     "also draw there how far apart the workloads are"},
    [OPTION_OUTPUT] = {"output", 'o', "FILE", IN_REPORT, false,
                       "where the page goes [report.html in the campaign's "
                       "folder]"},
    [OPTION_QUIET] = {"quiet", 'q', NULL,
                      OF_RUNS | IN_PLOT | IN_REPORT | IN_MERGE, false,
                      "no progress and no closing table; errors are still "
                      "printed"},
    [OPTION_HELP] = {"help", 'h', NULL, IN_ALL, false, "print this help"},
};
