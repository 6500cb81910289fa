/* SPDX-License-Identifier: MIT */
/* What the cards in verbs.c run: a function for each command, in a file of the
   command's name. Each returns an exit code. */
#ifndef FRONT_COMMANDS_H
#define FRONT_COMMANDS_H

#include "bench/base/exit_code.h"
#include "bench/plan/options.h"

/* Prints what kind of program each workload is, in figures that depend little
   or not at all on the collector. */
int characterise_command(struct options *);
/* Prints how collectors of one campaign, or several campaigns, differ from
   the first of them. */
int compare_command(struct options *);
/* Prints the runs of one collector as Google Benchmark would have, so that its
   own tools read them. */
int export_command(struct options *);
/* Prints the help of one command, or lists all commands. */
int help_command(struct options *);
/* Lists collectors, common tuning keys and workloads, or shows those that are
   named. */
int list_command(struct options *);
/* Finds the highest rate of requests whose 99.9th percentile of the response
   time stays within a bound, by bisection, and keeps it for later. */
int max_rate_command(struct options *);
/* Joins the parts of a campaign that ran one by one. */
int merge_command(struct options *);
/* Finds the smallest heap limit in which each workload completes, by
   bisection, and keeps it for later. */
int min_heap_command(struct options *);
/* Prints the runs of a campaign, and runs none. */
int plan_command(struct options *);
/* Draws all charts that a campaign has rows for. */
int plot_command(struct options *);
/* Prints which collectors are best for a purpose, and why the others are not.
 */
int recommend_command(struct options *);
/* Writes a campaign as one page. */
int report_command(struct options *);
/* Runs a campaign, and shows its table. */
int run_command(struct options *);
/* Shows the table of a campaign. */
int table_command(struct options *);
/* Prints what of this machine disturbs measurements, and how to change it. */
int tune_command(struct options *);
/* Compares collectors with their twins and prints how small an effect this
   machine can show. EXIT_UNTRUSTED if twins differ. */
int trust_command(struct options *);

#endif
