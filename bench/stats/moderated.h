/* SPDX-License-Identifier: MIT */
/* Moderated paired t tests: many lines, few blocks.

   Three to five blocks are too few to estimate a variance. Most of the p value
   of a plain t test is caution against a variance that is small by chance. But
   the lines of a table are measured in the same way, and together they show
   which variances occur. Smyth ("Linear models and empirical Bayes methods for
   assessing differential expression in microarray experiments", Statistical
   Applications in Genetics and Molecular Biology 3, 2004) fits a scaled inverse
   chi-squared prior to the variances of all lines, shrinks each line's variance
   towards it, and adds the prior's degrees of freedom to the line's own. With
   caution 0, the numbers are those of R's limma 3.54.

   limma takes the prior's degrees of freedom as known, from thousands of lines.
   A table has tens. If their variances look alike by chance, the estimate is
   too high, and lines with a large variance are marked falsely. With
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
      separate families: the means (their variances are smaller), workloads
      that are paced by a set rate (their wall time hardly varies), and lines
      that are bimodal (see below);
   3. verdict_table() (bench/stats/verdict.h) on all lines of the table.

   Bimodal lines. Two threads that contend on a virtual machine take one of two
   times, as the hypervisor places them. With few blocks, all blocks of a line
   may show the same mode by chance, and the line gives no hint of it. A prior
   fitted to steady lines makes this worse, because it assumes small variances.
   Measured with 20 bimodal lines (modes 0.25 apart, equally likely) and 60
   others, all of deviation 0.03 within a mode, and no true effect; shares of
   the bimodal lines:

     blocks   p < 0.05             marked in a table of all 80
              pooled  own family   pooled  own family
        3     24.8 %    17.9 %      9.1 %     0.1 %
        5      7.4 %     6.1 %      5.9 %     0.5 %
       10      8.0 %     5.3 %      0.5 %     0.2 %

   The steady lines lose instead: the bimodal ones widen the prior (1.4, 2.9 and
   4.1 % have p < 0.05). So lines of contending threads are a separate family
   and need at least five blocks. modes_find() (bench/stats/modes.h) tells
   whether a line shows its two modes. */
#ifndef BENCH_MODERATED_H
#define BENCH_MODERATED_H

#include <stdbool.h>
#include <stddef.h>

/* The `caution` to pass to moderate(). */
#define MODERATED_CAUTION 1.0

/* With fewer lines a prior is not useful, and plain t tests are made. */
enum { MODERATED_LINES_MIN = 10 };

/* The distribution of variances: variance × freedom / chi-squared(freedom). */
struct moderated_prior {
  double variance;
  double freedom; /* 0: no prior; INFINITY: all lines have this variance */
  size_t lines;   /* number of lines it was fitted to */
};

struct moderated_line {
  /* The measurements, as logarithms of ratios. */
  size_t blocks;
  double mean;     /* NAN without a block */
  double variance; /* of one block; NAN with one block */
  /* Set by moderate(). NAN if there is no variance to use. */
  struct moderated_prior prior;
  double deviation; /* the square root of the moderated variance */
  double freedom;
  double t, p;
  double low, high; /* of the ratio exp(mean), at EFFECT_CONFIDENCE */
};

/* Makes a line from one ratio for each block; NAN where a block has none. */
struct moderated_line moderated_line_make(const double *ratios, size_t blocks);

/* Fits the prior of variances that have these degrees of freedom, which must be
   positive. With caution 0 the result is that of limma's fitFDist. With a
   larger caution its freedom is lower: the excess spread of the variances is
   raised by `caution` standard errors. */
struct moderated_prior moderated_prior_fit(const double *variances,
                                           const double *freedoms, size_t count,
                                           double caution);

/* Fits a prior and tests each line with it. Lines without any variation (counts
   of a deterministic program) are no evidence about noise: they are left out of
   the fit, and their mean is exact, with p 0 or 1. A line of one block takes
   the variance of the prior. */
void moderate(struct moderated_line *lines, size_t count, double caution);

/* Half the width of the interval of `mean` at confidence 1 - alpha. */
double moderated_reach(const struct moderated_line *, double alpha);

#endif
