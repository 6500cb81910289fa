/* SPDX-License-Identifier: MIT */
/* Moderated paired t tests: many lines, few blocks.

   Three to five blocks do not tell a variance, and most of the p value of a
   plain t test is the fear of a variance that is small by luck. But the lines
   of a table are measured in the same way, and together they tell which
   variances occur. Smyth ("Linear models and empirical Bayes methods for
   assessing differential expression in microarray experiments", Statistical
   Applications in Genetics and Molecular Biology 3, 2004) fits a scaled inverse
   chi-squared prior to the variances of all lines, shrinks each line's variance
   towards it, and adds the prior's degrees of freedom to the line's own. With
   caution 0, the numbers are those of R's limma 3.54.

   limma takes the prior's degrees of freedom as known, from thousands of lines.
   A table has tens. Where chance makes their variances look alike, the estimate
   is too high, and lines with a large variance are marked falsely. With
   MODERATED_CAUTION the estimate is lowered by one standard error. Measured on
   20,000 tables of 72 lines without any effect, with the variances of
   results/reference, by Benjamini and Hochberg at 5 %:

     blocks   lines with p < 0.05     tables that mark any line
              caution 0  caution 1    caution 0  caution 1
        3        5.5 %      4.2 %       13.3 %      2.6 %
        5        5.1 %      4.7 %        6.2 %      4.2 %
       10        5.1 %      5.0 %        5.6 %      5.0 %

   How to use it, for one metric:
   1. make a line for each cell: moderated_line_make(), and one for each mean
      over workloads: overall_line() (bench/stats/overall.h);
   2. moderate() each family of lines that one prior can describe. These are
      families of their own: the means (their variances are smaller), workloads
      that are paced by a set rate (their wall time hardly varies), and lines
      that are bimodal (see below);
   3. verdict_table() (bench/stats/verdict.h) on all lines of the table.

   Bimodal lines. Two threads that contend on a virtual machine take one of two
   times, as the hypervisor places them. With few blocks, all blocks of a line
   may show the same mode by luck, and nothing in the line tells. A prior that
   was fitted to steady lines makes it worse: it says that variances are small.
   Measured with 20 bimodal lines (modes 0.25 apart, equally likely) and 60
   others, all of deviation 0.03 within a mode, and no true effect; shares of
   the bimodal lines:

     blocks   p < 0.05             marked in a table of all 80
              pooled  own family   pooled  own family
        3     24.8 %    17.9 %      9.1 %     0.1 %
        5      7.4 %     6.1 %      5.9 %     0.5 %
       10      8.0 %     5.3 %      0.5 %     0.2 %

   The steady lines lose instead: the bimodal ones widen the prior (1.4, 2.9 and
   4.1 % have p < 0.05). So lines of contending threads are a family of their
   own, and want five blocks or more. */
#ifndef BENCH_MODERATED_H
#define BENCH_MODERATED_H

#include <stdbool.h>
#include <stddef.h>

/* For moderate(). */
#define MODERATED_CAUTION 1.0

/* With fewer lines the prior is not worth having, and plain t tests are made.
 */
enum { MODERATED_LINES_MIN = 10 };

/* That variances are drawn from: variance × freedom / chi-squared(freedom). */
struct moderated_prior {
  double variance;
  double freedom; /* 0: no prior; INFINITY: all lines have this variance */
  size_t lines;   /* that it was fitted to */
};

struct moderated_line {
  /* What was measured, as logarithms of ratios. */
  size_t blocks;
  double mean;     /* NAN without a block */
  double variance; /* of one block; NAN with one block */
  /* What moderate() fills in; NAN where there is no variance to go by. */
  struct moderated_prior prior;
  double deviation; /* the square root of the moderated variance */
  double freedom;
  double t, p;
  double low, high; /* of the ratio exp(mean), at EFFECT_CONFIDENCE */
};

/* From one ratio for each block; NAN where a block has none. */
struct moderated_line moderated_line_make(const double *ratios, size_t blocks);

/* The prior of variances that have these degrees of freedom, which are more
   than 0. With caution 0 it is that of limma's fitFDist. Else its freedom is
   lower, as if true variances were spread more widely than they seem, by so
   many standard errors of that. */
struct moderated_prior moderated_prior_fit(const double *variances,
                                           const double *freedoms, size_t count,
                                           double caution);

/* Fits a prior and tests each line with it. Lines that do not vary at all
   (counts of a deterministic program) are no evidence about noise: they take no
   part in the fit, and their mean is exact, with p 0 or 1. A line of one block
   takes the prior's variance. */
void moderate(struct moderated_line *lines, size_t count, double caution);

/* Half the width of the interval of `mean` at confidence 1 - alpha. */
double moderated_reach(const struct moderated_line *, double alpha);

#endif
