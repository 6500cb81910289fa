/* SPDX-License-Identifier: MIT */
#include "bench/plan/option_cards.h"

#include <stddef.h>

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
