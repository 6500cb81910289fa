/* SPDX-License-Identifier: MIT */
#include "bench/stats/overall.h"

#include <math.h>
#include <stdlib.h>

#include "bench/stats/room.h"

/* What one block has in the effect: the effect less the true one is the sum
   over blocks of what the noise of each moves it by. */
struct share {
  double moved; /* by as much as the block's ratios are off their rows' means */
  double weight; /* of the block; those of all blocks together are 1 */
};

/* Adds what a row has in the effect. A row's deviations from its own mean are
   smaller than its noise; the scale makes up for that. */
static void row_add(const struct moderated_line *row, const double *ratios,
                    size_t blocks, struct share *shares) {
  double count = (double)row->blocks;
  double scale = count > 1 ? sqrt(count / (count - 1)) : 0;
  for (size_t i = 0; i < blocks; i++) {
    if (isnan(ratios[i]))
      continue;
    shares[i].moved += scale * (log(ratios[i]) - row->mean) / count;
    shares[i].weight += 1 / count;
  }
}

/* The noise of one block is shared by all its rows, and that of different
   blocks is independent: the variance of the effect is the sum of squares of
   what each block moves it by (Liang and Zeger, "Longitudinal data analysis
   using generalized linear models", Biometrika 73, 1986, with blocks as
   clusters). Blocks of little weight add little to what is known about it:
   there are as many as blocks of equal weight would be (Kish). */
static void spread_take(struct moderated_line *line, const struct share *shares,
                        size_t blocks, double rows) {
  double squares = 0, weights = 0;
  for (size_t i = 0; i < blocks; i++) {
    squares += pow(shares[i].moved / rows, 2);
    weights += pow(shares[i].weight / rows, 2);
  }
  /* A hair over, so that 1 / (5 × 0.2²) is 5. */
  line->blocks = (size_t)(1 / weights * (1 + 1e-9));
  if (line->blocks > 1)
    line->variance = squares * (double)line->blocks;
}

struct moderated_line overall_line(const double *ratios, size_t rows,
                                   size_t blocks) {
  struct moderated_line line = {.mean = NAN, .variance = NAN};
  struct share *shares = room_make(blocks, sizeof *shares);
  double sum = 0, found = 0;
  for (size_t i = 0; i < rows; i++) {
    const double *own = ratios + i * blocks;
    struct moderated_line row = moderated_line_make(own, blocks);
    if (row.blocks == 0)
      continue;
    row_add(&row, own, blocks, shares);
    sum += row.mean;
    found++;
  }
  if (found > 0) {
    line.mean = sum / found;
    spread_take(&line, shares, blocks, found);
  }
  free(shares);
  return line;
}
