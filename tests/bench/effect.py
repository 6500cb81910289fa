#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What bench/stats/effect.c should find: the same bootstrap with another
generator of random numbers and ten times the resamples. Prints the numbers that
test_effect.c has; run it by hand after changing them.
"""
import math
import random
import statistics

ONE = [[0.953, 0.971, 0.934, 1.012, 0.961, 0.942, 0.984, 0.921, 0.957, 0.949]]
TWO = [
    [1.031, 1.052, 1.018, 1.044, 1.066, 1.027, 1.039, 1.058, 1.047, 1.022],
    [0.982, 1.011, 1.007, 0.991, 1.023, 0.996, 1.002, 1.014, 0.988, 1.004],
    [1.121, 1.093, 1.142, 1.107, 1.118, 1.131, 1.089, 1.126, 1.101, 1.137],
]


def mean(rows, chosen):
    """The geometric mean of the rows' geometric means."""
    means = [statistics.fmean(math.log(row[i]) for i in chosen) for row in rows]
    return math.exp(statistics.fmean(means))


generator = random.Random(2026)
for name, rows in (("ONE", ONE), ("TWO", TWO)):
    n = len(rows[0])
    means = sorted(mean(rows, generator.choices(range(n), k=n))
                   for _ in range(100_000))
    low, high = means[2_500], means[97_500]
    print(f"{name}: ratio {mean(rows, range(n)):.4f} "
          f"low {low:.4f} high {high:.4f}")
