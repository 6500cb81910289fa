#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What bench/stats/effect.c should find, by numpy: another generator of random
numbers, fifty times the resamples, and the t distribution by integration.
Prints the numbers that test_effect.c has; run it by hand after changing them.
"""
import math

import numpy as np

ONE = [[0.953, 0.971, 0.934, 1.012, 0.961, 0.942, 0.984, 0.921, 0.957]]
TWO = [
    [1.031, 1.052, 1.018, 1.044, 1.066, 1.027, 1.039, 1.058],
    [0.982, 1.011, 1.007, 0.991, 1.023, 0.996, 1.002, 1.014],
    [1.121, 1.093, 1.142, 1.107, 1.118, 1.131, 1.089, 1.126],
]


def means(rows, chosen):
    """The geometric mean of medians for each line of chosen blocks."""
    logs = [np.log(np.median(np.array(row)[chosen], axis=-1)) for row in rows]
    return np.exp(np.mean(logs, axis=0))


def t_test(rows):
    logs = np.mean(np.log(np.array(rows)), axis=0)
    n = len(logs)
    spread = np.std(logs, ddof=1)
    t = abs(np.mean(logs)) / (spread / math.sqrt(n))
    nu = n - 1
    x = np.linspace(0, t, 2_000_001)
    scale = math.gamma((nu + 1) / 2) / (
        math.sqrt(nu * math.pi) * math.gamma(nu / 2))
    density = scale * (1 + x * x / nu) ** (-(nu + 1) / 2)
    return spread, 1 - 2 * np.trapz(density, x)


random = np.random.default_rng(2026)
for name, rows in (("ONE", ONE), ("TWO", TWO)):
    n = len(rows[0])
    chosen = random.integers(0, n, size=(500_000, n))
    low, high = np.quantile(means(rows, chosen), [0.025, 0.975])
    spread, p = t_test(rows)
    ratio = means(rows, np.arange(n))
    print(f"{name}: ratio {ratio:.4f} low {low:.4f} high {high:.4f} "
          f"spread {spread:.5f} p {p:.3g}")
