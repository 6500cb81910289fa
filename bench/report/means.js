// SPDX-License-Identifier: MIT
// Means over the workloads and collectors that are shown, from the ratios of
// each block: as bench/rows/versus.c and summary.c choose their members.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const names = data.collectors.map(collector => collector.name);
const base = names.indexOf(data.base);
const FIGURES = 5, RATIOS = 3;

// The bits of a line; see data.c.
const IS_MEASURED = 1, IS_TO_OTHER = 2, IS_APART = 4, IS_FLOOR = 8;

function readLine([program, collector, threads, factor, bits, family,
  ratios]) {
  return { program, collector, threads, factor, family, ratios,
    workload: data.programs[program],
    isApart: (bits & IS_APART) !== 0, isFloor: (bits & IS_FLOOR) !== 0,
    hasRatio: (bits & IS_MEASURED) !== 0,
    isCounted:
      (bits & (IS_MEASURED | IS_TO_OTHER | IS_APART)) === IS_MEASURED };
}

const allLines = data.lines.map(list => list.map(readLine));
for (const setting of data.settings)
  setting.runs = setting.times.map(
    ([program, collector, isCell, pauses, responses]) =>
      ({ program, collector, isCell: isCell === 1,
        workload: data.programs[program], times: [pauses, responses] }));
const blockCount = data.blocks;

// Everything that is shown.
const shown = {
  collectors: names.map(() => true),
  workloads: data.workloads.map(() => true),
};
const isShown = item =>
  shown.workloads[item.workload] && (item.collector === base ||
    shown.collectors[item.collector]);

function groupBy(list, keyOf) {
  const groups = new Map();
  for (const item of list) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}

// --- members of means -------------------------------------------------------

// The programs that are in the means of a setting: those that all collectors
// completed. One that completed fewer than half of what another completed has
// no say, and neither has a floor.
function chooseMembers(lines) {
  const byCollector = groupBy(lines, line => line.collector);
  const counts = new Map([...byCollector].map(([collector, own]) =>
    [collector, own.some(line => line.isFloor) ? 0 :
      own.filter(line => line.isCounted).length]));
  const most = Math.max(0, ...counts.values());
  const members = [];
  const byProgram = groupBy(lines, line => line.program);
  for (const [program, cell] of byProgram) {
    const isMember = [...counts].every(([collector, count]) => {
      const own = cell.find(line => line.collector === collector);
      const hasSay = count > 0 && 2 * count >= most;
      return !hasSay || (own !== undefined && own.isCounted);
    });
    if (isMember && !cell.some(line => line.isApart)) members.push(program);
  }
  return members;
}

// The means of one setting: a line for each collector, or none.
function makeMeans(lines) {
  const members = chooseMembers(lines);
  const means = [];
  for (const [collector, own] of groupBy(lines, line => line.collector)) {
    const counted = own.filter(line => line.isCounted &&
      members.includes(line.program));
    if (counted.length < 2 || counted.length < members.length) continue;
    means.push({ collector, programs: counted.map(line => line.program),
      line: overallLine(counted.map(line => line.ratios), blockCount) });
  }
  return { members, means,
    of: new Set(lines.filter(line => !line.isApart)
      .map(line => line.program)).size };
}

// If all completed a single workload of the setting, its lines are the means.
function singleMeans(lines, members) {
  if (members.length !== 1) return [];
  return lines.filter(line => line.program === members[0] && line.isCounted)
    .map(line => ({ collector: line.collector, programs: members,
      line: line.tested }));
}

// --- judging ----------------------------------------------------------------

// Tests the lines of a table and its means together; returns alpha.
function judge(lines, means) {
  const tested = lines.filter(line => line.hasRatio);
  for (const line of tested)
    line.tested = makeLine(line.ratios);
  for (const own of groupBy(tested, line => line.family).values())
    moderate(own.map(line => line.tested), CAUTION);
  moderate(means, CAUTION);
  return tableAlpha([...tested.map(line => line.tested), ...means]);
}

// 0: undecided, 1: less, 2: more, 3: the same; as bench/stats/verdict.c says.
function verdictWord(line, alpha) {
  const { ratio, low, high } = effectOf(line, alpha);
  if (high < 1 && ratio <= 1 - LEAST) return 1;
  if (low > 1 && ratio >= 1 + LEAST) return 2;
  return Math.max(high - 1, 1 - low) <= MARGIN ? 3 : 0;
}

function effectOf(line, alpha) {
  const [low, high] = interval(line, alpha);
  return { ratio: Math.exp(line.mean), low, high, blocks: line.blocks };
}

const settingKey = item => item.threads + " " + item.factor;

// The means of one figure by setting and collector: { members, of, effects }.
function computeRatios(figure) {
  const lines = allLines[figure].filter(isShown).map(line => ({ ...line }));
  const settings = new Map([...groupBy(lines, settingKey)]
    .map(([key, own]) => [key, { lines: own, ...makeMeans(own) }]));
  const all = [...settings.values()].flatMap(s => s.means.map(m => m.line));
  const alpha = judge(lines, all);
  for (const setting of settings.values()) {
    for (const line of setting.lines.filter(line => line.hasRatio))
      line.word = verdictWord(line.tested, alpha);
    if (setting.means.length === 0)
      setting.means = singleMeans(setting.lines, setting.members);
    setting.effects = new Map(setting.means.map(m =>
      [m.collector, effectOf(m.line, alpha)]));
  }
  return settings;
}

// --- times ------------------------------------------------------------------

// The times of a collector in a program, or null if a valid run has none.
function takeTimes(setting, collector, program, which) {
  const blocks = Array(blockCount).fill(null);
  let found = 0;
  for (const runs of setting.runs) {
    if (runs.program !== program || runs.collector !== collector) continue;
    for (const [i, value] of runs.times[which].entries()) {
      if (value === null) continue;
      if (value <= 0) return null;
      blocks[i] = value;
      found++;
    }
  }
  return found > 0 ? blocks : null;
}

function computeTimes(setting, collector, which, members) {
  const programs = new Set(setting.runs
    .filter(runs => isShown(runs) && runs.isCell).map(runs => runs.program));
  const rows = [...programs]
    .filter(program => members === null || members.includes(program))
    .map(program => takeTimes(setting, collector, program, which))
    .filter(row => row !== null);
  const line = overallLine(rows, blockCount);
  moderate([line], 0);
  return effectOf(line, 1 - CONFIDENCE);
}

// --- all of it --------------------------------------------------------------

const nothing = { ratio: NaN, low: NaN, high: NaN, blocks: 0 };

// For each setting: how many workloads are in the means, and for each collector
// its five figures.
function computeSummary() {
  const ratios = [0, 1, 2].map(computeRatios);
  return data.settings.map(setting => {
    const key = settingKey(setting);
    const wall = ratios[0].get(key);
    const has = wall !== undefined && wall.means.length > 0;
    const members = has ? wall.means[0].programs : null;
    const figures = names.map((_, collector) => {
      const own = ratios.map(all => {
        const effect = all.get(key)?.effects.get(collector);
        return effect ?? (collector === base && has
          ? { ...nothing, ratio: 1 } : nothing);
      });
      return [...own, computeTimes(setting, collector, 0, members),
        computeTimes(setting, collector, 1, null)];
    });
    const lines = (wall?.lines ?? []).filter(line => line.isCounted);
    return { lines, figures, workloads: has ? members.length : 0,
      of: wall?.of ?? 0 };
  });
}
