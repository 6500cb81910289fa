#!/usr/bin/env Rscript
# SPDX-License-Identifier: MIT
# Writes tests/bench/limma.h: what bench/stats should find, by R and limma, and
# the variances of a campaign, for test_calibration.c. Debian has them as
# r-base-core and r-bioc-limma. Run it by hand, in the root of the tree:
#   Rscript tests/bench/limma.R results/reference/runs.csv >tests/bench/limma.h
#   clang-format -i tests/bench/limma.h
suppressMessages(library(limma))

# As short as reads back the same.
shortest <- function(x) {
  for (digits in c(6, 15, 16, 17)) {
    text <- sprintf("%.*g", as.integer(digits), x)
    if (as.numeric(text) == x)
      return(text)
  }
}

number <- function(x)
  vapply(x, function(x) if (is.na(x)) "NAN"
                        else if (is.infinite(x)) "INFINITY"
                        else shortest(x), "")
numbers <- function(x) paste0("{", paste(number(x), collapse = ", "), "}")

array <- function(name, x)
  cat("static const double ", name, "[] =\n    ", numbers(x), ";\n", sep = "")

say <- function(...) cat("\n/* ", ..., " */\n", sep = "")

# --- priors alone -------------------------------------------------------------

fits <- list(
  list("same degrees of freedom",
       c(0.0121, 0.0004, 0.0025, 0.0100, 0.0009, 0.0400, 0.0016, 0.0064),
       rep(2, 8)),
  list("different ones",
       c(1e-4, 1e-2, 4e-4, 0.09, 2.5e-3, 0.04, 1e-5, 1e-3),
       c(4, 4, 4, 4, 2, 2, 2, 2)),
  list("one variance for all: infinite freedom",
       c(0.0100, 0.0110, 0.0090, 0.0105, 0.0095), rep(4, 5)),
  list("one that is far too small, and is raised",
       c(1e-2, 2e-2, 1e-12, 3e-2, 1.5e-2, 2.5e-2), rep(3, 6)),
  list("a very wide spread", 10^seq(-9, 3, by = 2), rep(1, 7)),
  list("hardly more than chance",
       qchisq(ppoints(30), 4) / 4 * 1e-2 * exp(rep(c(-0.13, 0.13), 15)),
       rep(4, 30)),
  list("two variances", c(0.01, 0.02), c(2, 2)),
  list("one variance", 0.01, 2))

# The freedom with caution 1: the spread of log variances is wider by one
# standard error of a sample variance, from the cumulants of log chi-squared.
cautious <- function(prior, freedoms) {
  n <- length(freedoms)
  if (n == 1)
    return(0)
  excess <- trigamma(prior$df2 / 2)
  second <- mean(trigamma(freedoms / 2)) + excess
  fourth <- mean(psigamma(freedoms / 2, 3)) + psigamma(prior$df2 / 2, 3)
  error <- sqrt(fourth / n + 2 * second^2 / (n - 1))
  2 * trigammaInverse(excess + error)
}

fits_write <- function() {
  cat("struct limma_fit {\n  const char *name;\n  size_t count;\n",
      "  double variances[30], freedoms[30];\n  double variance, freedom;\n",
      "  double cautious; /* freedom */\n",
      "};\n\nstatic const struct limma_fit limma_fits[] = {\n", sep = "")
  for (f in fits) {
    # limma's value for a single variance is no prior: freedom 0.
    prior <- if (length(f[[2]]) > 1) fitFDist(f[[2]], f[[3]])
             else list(scale = 0, df2 = 0)
    cat("{\"", f[[1]], "\", ", length(f[[2]]), ", ", numbers(f[[2]]), ", ",
        numbers(f[[3]]), ", ", number(prior$scale), ", ", number(prior$df2),
        ", ", number(cautious(prior, f[[3]])), "},\n", sep = "")
  }
  cat("};\n")
}

# --- tables -------------------------------------------------------------------

# Ratios as a file has them, of lines whose variances differ by a prior.
table_make <- function(lines, blocks, freedom, deviation) {
  s <- if (is.infinite(freedom)) rep(deviation, lines)
       else deviation * sqrt(freedom / rchisq(lines, freedom))
  effect <- rep(c(0, 0, 0, 0.05, -0.3), length.out = lines)
  round(exp(matrix(rnorm(lines * blocks, effect, s), lines)), 6)
}

table_write <- function(name, ratios) {
  fit <- eBayes(lmFit(log(ratios), matrix(1, ncol(ratios), 1)))
  low <- high <- rep(NA, nrow(ratios))
  reach <- qt(0.975, fit$df.total) * sqrt(fit$s2.post) * fit$stdev.unscaled
  p <- fit$p.value[, 1]
  cat("\nenum { ", toupper(name), "_LINES = ", nrow(ratios), ", ",
      toupper(name), "_BLOCKS = ", ncol(ratios), " };\n", sep = "")
  array(paste0(name, "_ratios"), t(ratios))
  array(paste0(name, "_prior"), c(fit$s2.prior, fit$df.prior))
  array(paste0(name, "_mean"), fit$coefficients[, 1])
  array(paste0(name, "_deviation"), sqrt(fit$s2.post))
  array(paste0(name, "_freedom"), fit$df.total)
  array(paste0(name, "_t"), fit$t[, 1])
  array(paste0(name, "_p"), p)
  array(paste0(name, "_low"), exp(fit$coefficients[, 1] - reach))
  array(paste0(name, "_high"), exp(fit$coefficients[, 1] + reach))
  array(paste0(name, "_bh"), p.adjust(p, "BH"))
  array(paste0(name, "_holm"), p.adjust(p, "holm"))
}

set.seed(2004)
gaps <- table_make(24, 5, 5, 0.03)
gaps[cbind(c(2, 5, 9, 9, 17, 23), c(5, 1, 4, 5, 2, 3))] <- NA
gaps[4, 2:5] <- NA # one block
gaps[8, 3:5] <- NA # two
gaps[20, ] <- c(1.03, 1.030001, 1.03, 1.030001, 1.03)
even <- table_make(12, 3, Inf, 0.05)
while (is.finite(fitFDist(apply(log(even), 1, var), 2)$df2))
  even <- table_make(12, 3, Inf, 0.05)
few <- table_make(10, 3, 4, 0.05)

# --- plain t tests, and their power -------------------------------------------

plain_write <- function() {
  x <- log(gaps[1, ])
  test <- t.test(x)
  array("plain", c(test$statistic, test$p.value, exp(test$conf.int)))
}

power_write <- function() {
  cat("struct power_vector {\n  double ratio, deviation, alpha, power;\n",
      "  size_t blocks;\n};\n\n",
      "static const struct power_vector power_vectors[] = {\n", sep = "")
  for (v in list(c(1.05, 0.03, 3), c(1.05, 0.03, 5), c(1.05, 0.03, 10),
                 c(0.90, 0.10, 8), c(1.10, 0.02, 2), c(1.02, 0.1, 200)))
    for (alpha in c(0.05, 0.001)) {
      p <- power.t.test(v[3], abs(log(v[1])), v[2], alpha, type = "one.sample",
                        strict = TRUE)
      cat("{", paste(number(c(v[1], v[2], alpha, p$power)), collapse = ", "),
          ", ", v[3], "},\n", sep = "")
    }
  cat("};\n")
}

# --- a campaign ---------------------------------------------------------------

# Of log ratios of wall times to those of rc within blocks, for each workload
# that is not paced and does something.
deviations <- function(file) {
  runs <- read.csv(file)
  runs <- runs[runs$status == "ok" &
               !runs$workload %in% c("empty", "requests", "hyperalloc"), ]
  base <- runs[runs$collector == "rc", ]
  cell <- function(r) paste(r$workload, r$threads, r$heap_factor, r$block)
  ratio <- log(runs$wall_ns / base$wall_ns[match(cell(runs), cell(base))])
  s <- tapply(ratio, paste(runs$workload, runs$threads, runs$heap_factor,
                           runs$collector), sd, na.rm = TRUE)
  sort(s[!is.na(s) & s > 0])
}

cat("/* SPDX-License-Identifier: MIT */\n",
    "/* Recorded by tests/bench/limma.R with ", R.version.string, ", limma ",
    as.character(packageVersion("limma")), ". */\n",
    "#ifndef TESTS_LIMMA_H\n#define TESTS_LIMMA_H\n\n",
    "#include <math.h>\n#include <stddef.h>\n\n", sep = "")
fits_write()
say("Tables, line after line. Gaps, lines of one and two blocks, and one ",
    "that varies far too little.")
table_write("gaps", gaps)
say("Infinite prior freedom: that of all lines together is the limit.")
table_write("even", even)
say("The fewest lines that have a prior.")
table_write("few", few)
say("t.test of the first line of gaps: t, p, interval.")
plain_write()
say("power.t.test, both tails.")
power_write()
say("Deviations of log ratios in the reference campaign, ascending.")
array("campaign_deviations", signif(deviations(commandArgs(TRUE)[1]), 3))
cat("\n#endif\n")
