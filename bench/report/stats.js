// SPDX-License-Identifier: MIT
// Moderated paired t tests, as bench/stats/moderated.c, family.c and overall.c
// compute them: the intervals of means over the workloads that are shown.
"use strict";

const CONFIDENCE = 0.95, CAUTION = 1, LINES_MIN = 10, EXACT = 1e-9;
// Of verdicts: the least difference that counts, and how far "the same" goes.
const LEAST = 0.02, MARGIN = 0.05;

const sum = list => list.reduce((a, b) => a + b, 0);
const mean = list => sum(list) / list.length;
const isNumber = x => x !== null && !Number.isNaN(x);

// --- special functions ------------------------------------------------------

// The polygamma function of order n, for x > 0: upward recurrence to where the
// asymptotic series is exact.
function polygamma(n, x) {
  const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730,
    7 / 6];
  const factorial = m => m < 2 ? 1 : m * factorial(m - 1);
  const sign = n % 2 === 0 ? -1 : 1;
  let low = 0;
  for (; x < 20; x++)
    low += factorial(n) / x ** (n + 1);
  let high = n === 0 ? -Math.log(x) + 1 / (2 * x)
    : factorial(n - 1) / x ** n + factorial(n) / (2 * x ** (n + 1));
  bernoulli.forEach((b, i) => {
    const k = 2 * (i + 1);
    high += b * factorial(k + n - 1) / (factorial(k) * x ** (k + n));
  });
  return sign * (low + high);
}

function lnGamma(x) {
  let shift = 0;
  for (; x < 20; x++)
    shift -= Math.log(x);
  return shift + (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 +
    1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
}

// The continued fraction of the incomplete beta function, by Lentz's method.
function betaFraction(a, b, x) {
  const tiny = 1e-300;
  let c = 1, d = 1 / (1 - (a + b) * x / (a + 1) || tiny), h = d;
  for (let m = 1; m < 10000; m++) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    let step = 1;
    for (const term of [even, odd]) {
      d = 1 / (1 + term * d || tiny);
      c = 1 + term / c || tiny;
      step *= d * c;
      h *= d * c;
    }
    if (Math.abs(step - 1) < 1e-14) break;
  }
  return h;
}

function incompleteBeta(a, b, x) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) +
    a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? front * betaFraction(a, b, x) / a
    : 1 - front * betaFraction(b, a, 1 - x) / b;
}

// The probability that Student's t exceeds x, for x >= 0.
function tAbove(x, freedom) {
  if (x === Infinity) return 0;
  return incompleteBeta(freedom / 2, 0.5, freedom / (freedom + x * x)) / 2;
}

// The x with tAbove(x) = p, by bisection.
function tQuantile(p, freedom) {
  let low = 0, high = 1;
  while (tAbove(high, freedom) > p)
    high *= 2;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (tAbove(middle, freedom) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function trigammaInverse(y) {
  if (y > 1e7) return 1 / Math.sqrt(y);
  if (y < 1e-6) return 1 / y;
  let x = 0.5 + 1 / y, step = Infinity;
  for (let i = 0; i < 50 && Math.abs(step) > 1e-8 * x; i++) {
    const trigamma = polygamma(1, x);
    step = trigamma * (1 - trigamma / y) / polygamma(2, x);
    x += step;
  }
  return x;
}

// --- lines ------------------------------------------------------------------

// Of one ratio for each block; null where a block has none.
function makeLine(ratios) {
  const logs = ratios.filter(isNumber).map(Math.log);
  const middle = mean(logs);
  const squares = sum(logs.map(x => (x - middle) ** 2));
  return { blocks: logs.length, mean: middle,
    variance: logs.length > 1 ? squares / (logs.length - 1) : NaN };
}

// The mean over rows (workloads) of `blocks` ratios each.
function overallLine(rows, blocks) {
  const line = { blocks: 0, mean: NaN, variance: NaN };
  const used = rows.filter(row => row.some(isNumber));
  if (used.length === 0) return line;
  const moved = Array(blocks).fill(0), weight = Array(blocks).fill(0);
  for (const row of used) {
    const own = makeLine(row), n = own.blocks;
    const scale = n > 1 ? Math.sqrt(n / (n - 1)) : 0;
    row.forEach((ratio, i) => {
      if (!isNumber(ratio)) return;
      moved[i] += scale * (Math.log(ratio) - own.mean) / n;
      weight[i] += 1 / n;
    });
  }
  line.mean = mean(used.map(row => makeLine(row).mean));
  const share = list => sum(list.map(x => (x / used.length) ** 2));
  line.blocks = Math.floor(1 / share(weight) * (1 + 1e-9));
  if (line.blocks > 1)
    line.variance = share(moved) * line.blocks;
  return line;
}

// --- the prior --------------------------------------------------------------

function median(list) {
  const sorted = [...list].sort((a, b) => a - b), half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]
    : (sorted[half - 1] + sorted[half]) / 2;
}

function fitMoments(variances, freedoms) {
  const n = variances.length;
  const halves = freedoms.map(d => d / 2);
  const logs = variances.map((v, i) =>
    Math.log(v) - polygamma(0, halves[i]) + Math.log(halves[i]));
  const middle = mean(logs);
  const noise = mean(halves.map(h => polygamma(1, h)));
  return { mean: middle, noise,
    fourth: mean(halves.map(h => polygamma(3, h))),
    excess: sum(logs.map(x => (x - middle) ** 2)) / (n - 1) - noise };
}

function standardError(m, n) {
  const prior = Math.max(0, m.excess), second = m.noise + prior;
  const fourth = m.fourth +
    (prior > 0 ? polygamma(3, trigammaInverse(prior)) : 0);
  return Math.sqrt(fourth / n + 2 * second * second / (n - 1));
}

function fitPrior(variances, freedoms, caution) {
  const middle = median(variances);
  const floored = variances.map(v =>
    Math.max(v, 1e-5 * (middle > 0 ? middle : 1)));
  const m = fitMoments(floored, freedoms);
  const prior = { freedom: Infinity, variance: mean(floored) };
  if (m.excess > 0) {
    const half = trigammaInverse(m.excess);
    prior.freedom = 2 * half;
    prior.variance = Math.exp(m.mean + polygamma(0, half) - Math.log(half));
  }
  if (caution > 0)
    prior.freedom = 2 * trigammaInverse(Math.max(0, m.excess) +
      caution * standardError(m, floored.length));
  return prior;
}

// --- the test ---------------------------------------------------------------

function moderatedVariance(line, own, prior) {
  if (prior.freedom === Infinity && own >= 0) return prior.variance;
  if (own === 0) return prior.freedom > 0 ? prior.variance : NaN;
  return (prior.freedom * prior.variance + own * line.variance) /
    (prior.freedom + own);
}

function testLine(line, prior, allFreedom) {
  const own = line.blocks > 0 ? line.blocks - 1 : NaN;
  const isExact = line.variance <= EXACT * EXACT;
  line.deviation = isExact ? 0
    : Math.sqrt(moderatedVariance(line, own, prior));
  line.freedom = isExact ? own : Math.min(prior.freedom + own, allFreedom);
  if (isExact) {
    line.p = Math.abs(line.mean) <= EXACT ? 1 : 0;
    return;
  }
  const t = line.mean * Math.sqrt(line.blocks) / line.deviation;
  line.p = Number.isNaN(t) ? NaN : 2 * tAbove(Math.abs(t), line.freedom);
}

// Fits a prior to the lines and tests each of them with it.
function moderate(lines, caution) {
  const noisy = lines.filter(line => line.variance > EXACT * EXACT);
  const freedoms = noisy.map(line => line.blocks - 1);
  const prior = noisy.length < LINES_MIN ? { freedom: 0, variance: 0 }
    : fitPrior(noisy.map(line => line.variance), freedoms, caution);
  for (const line of lines)
    testLine(line, prior, sum(freedoms));
}

// The interval of a line's ratio at confidence 1 - alpha.
function interval(line, alpha) {
  const reach = line.deviation === 0 || Number.isNaN(line.deviation)
    ? line.deviation
    : tQuantile(alpha / 2, line.freedom) * line.deviation /
      Math.sqrt(line.blocks);
  return [Math.exp(line.mean - reach), Math.exp(line.mean + reach)];
}

// The alpha at which a table's intervals agree with Benjamini and Hochberg's
// judgement of all its lines together.
function tableAlpha(lines) {
  const p = lines.map(line => line.p).filter(x => !Number.isNaN(x));
  p.sort((a, b) => a - b);
  let least = 1, marked = 0;
  for (let i = p.length - 1; i >= 0; i--) {
    least = Math.min(least, p[i] * p.length / (i + 1));
    marked += least <= 1 - CONFIDENCE;
  }
  return (1 - CONFIDENCE) * Math.max(1, marked) / Math.max(1, p.length);
}
