/* SPDX-License-Identifier: MIT */
#include "bench/stats/overall.h"

#include <math.h>
#include <stdlib.h>

#include "bench/stats/room.h"

/* The contribution of one block to the effect. The error of the effect is the
   sum over blocks of the shifts caused by their noise. */
struct share {
  double moved;  /* shift by the deviations of the block's ratios from the means
                    of their rows */
  double weight; /* weight of the block; all weights add up to 1 */
};

/* Adds the contribution of a row. The deviations from the row's own mean are
   smaller than the noise; the scale corrects this. */
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

/* All rows of a block share its noise, and the noise of different blocks is
   independent. So the variance of the effect is the sum of the squared shifts
   of the blocks (Liang and Zeger, "Longitudinal data analysis using generalized
   linear models", Biometrika 73, 1986, with blocks as clusters). Blocks of
   small weight contribute little information: the effective number of blocks is
   that of equally weighted blocks (Kish). */
static void spread_take(struct moderated_line *line, const struct share *shares,
                        size_t blocks, double rows) {
  double squares = 0, weights = 0;
  for (size_t i = 0; i < blocks; i++) {
    squares += pow(shares[i].moved / rows, 2);
    weights += pow(shares[i].weight / rows, 2);
  }
  /* Slightly above 1, so that 1 / (5 × 0.2²) is 5. */
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
