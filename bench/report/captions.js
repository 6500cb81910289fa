// SPDX-License-Identifier: MIT
// What the shown part of the campaign says, in words: who is best, and what the
// charts show.
"use strict";

// --- the best ---------------------------------------------------------------

const highOf = ({ ratio, high }) => isNumber(high) ? high : ratio;
const lowOf = ({ ratio, low }) => isNumber(low) ? low : ratio;

// ["gen"], or ["gen", "bdw"] if intervals do not tell them apart; []: they tell
// none apart; null: fewer than two have the figure, or a single block tells
// nothing; as summary_words.c.
function bestOf(entries) {
  const known = entries.filter(({ effect }) => isNumber(effect.ratio));
  if (known.length < 2 || known.some(({ effect }) =>
    !isNumber(effect.low) && effect.ratio !== 1)) return null;
  const best = known.reduce((a, b) => b.effect.ratio < a.effect.ratio ? b : a);
  const others = known.filter(entry => entry !== best &&
    lowOf(entry.effect) <= highOf(best.effect));
  return others.length + 1 === known.length ? []
    : [best, ...others].map(entry => entry.name);
}

// "least wall time gen or bdw; memory rc; undecided in p99.9 pause", of the
// collectors that are shown.
function bestText(of, result) {
  const cards = of.cards.filter(card => !card.floor &&
    shown.collectors[card.collector]);
  const parts = [], open = [];
  const figures = ["wall time", "CPU time", "memory", "p99.9 pause",
    of.response];
  figures.forEach((figure, i) => {
    const best = bestOf(cards.map(({ collector }) =>
      ({ name: names[collector], effect: result.figures[collector][i] })));
    if (best !== null && best.length === 0) open.push(figure);
    if (best !== null && best.length > 0)
      parts.push((parts.length ? "" : "least ") +
        `${figure} ${best.join(" or ")}`);
  });
  if (open.length > 0) parts.push("undecided in " + open.join(", "));
  return parts.join("; ");
}

// --- who wins ---------------------------------------------------------------

// The collectors with a limit, in their order, with their ratios of a workload.
function racersOf(lines) {
  const ratios = new Map(shown.collectors[base] ? [[base, 0]] : []);
  for (const line of lines)
    if (!line.isFloor && !ratios.has(line.collector))
      ratios.set(line.collector, line.tested.mean);
  return [...ratios].sort((a, b) => a[0] - b[0]);
}

function countsText(winners) {
  const counts = groupBy(winners, collector => collector);
  return [...counts].sort((a, b) => a[0] - b[0])
    .map(([collector, own]) => `${names[collector]} on ${own.length}`)
    .join(", ");
}

// "Of 19 workloads, fastest: gen on 9, ...; slowest: rc on 2, ..."
function winnersText() {
  const races = [...groupBy(summary[data.setting].lines,
    line => line.workload).values()].map(racersOf)
    .filter(racers => racers.length > 1);
  if (races.length === 0) return "";
  const pick = isBetter => countsText(races.map(racers =>
    racers.reduce((a, b) => isBetter(b[1], a[1]) ? b : a)[0]));
  return `Of ${races.length} workload${races.length > 1 ? "s" : ""}, ` +
    `fastest: ${pick((a, b) => a < b)}; slowest: ${pick((a, b) => a > b)}.`;
}

// --- extremes ---------------------------------------------------------------

// The greatest value of `key` among the points that `has` chooses.
function greatest(panels, key, has = () => true, sign = 1) {
  let most = null;
  for (const panel of panels)
    for (const series of panel.series.filter(isSeriesShown))
      series[key].forEach((value, i) => {
        if (isNumber(value) && has(series, i) &&
            (most === null || sign * value > sign * most.value))
          most = { name: series.name, title: panel.title, value };
      });
  return most;
}

// Means over workloads under each heap limit.
function lowestText(panels) {
  const means = panels.find(panel => panel.workload === undefined);
  if (means === undefined) return ""; // a single workload
  const least = means.series.filter(isSeriesShown)
    .map(({ name, y }) => [name, Math.min(...y.filter(isNumber))])
    .filter(([, value]) => isFinite(value));
  if (least.length === 0)
    return "No workload was completed by all, so there are no means.";
  return "Lowest means over workloads: " + least.map(([name, value]) =>
    `${name} ${digits(value)}`).join(", ") + ".";
}

function extremeText(what, extreme, textOf) {
  return extreme === null ? "" : `${what} ${textOf(extreme.value)}, by ` +
    `${extreme.name} (${extreme.title}).`;
}

const milliseconds = value => timeText(1e6 * value);

// In a window of 10 ms.
function utilisedText(panels) {
  const least = greatest(panels, "y", (series, i) => series.x[i] === 10, -1);
  return least === null ? "" : "In its worst 10 ms, the program had " +
    `${(100 * least.value).toFixed(0)} % with ${least.name} (${least.title}).`;
}

const captions = {
  forest: winnersText,
  heat: winnersText,
  "lbo-wall": lowestText,
  "lbo-cpu": lowestText,
  "mmu-system": utilisedText,
  "mmu-worst": utilisedText,
  pauses: panels => extremeText("The longest pause is",
    greatest(panels, "x"), milliseconds),
  latency: panels => extremeText("The highest latency is",
    greatest(panels, "y"), milliseconds),
  footprint: panels => extremeText("The largest is", greatest(panels, "y"),
    value => bytesText(value * 2 ** 20)),
};
