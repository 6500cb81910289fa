// SPDX-License-Identifier: MIT
// Draws charts from their data. A chart has panels, a panel has series, and a
// series belongs to a collector or to all of them.
"use strict";

const colourOf = collector => `var(--c${collector})`;
const ownerOf = series => names.indexOf(series.owner ?? series.name ?? "");
const isSeriesShown = series =>
  ownerOf(series) < 0 || shown.collectors[ownerOf(series)];

// Also of what belongs to no collector, such as a phase: lighter in the dark.
const themed = colour => colour === undefined ? "currentColor"
  : `light-dark(${colour}, color-mix(in srgb, ${colour} 62%, white))`;

function strokeOf(series) {
  const owner = names.indexOf(series.name ?? "");
  return owner >= 0 ? colourOf(owner) : themed(series.colour);
}

// --- points -----------------------------------------------------------------

// The percentile that is at x = 1 / (1 - p).
const percentile = x => +(100 * (1 - 1 / x)).toPrecision(7) + " %";

function pointWords(chart, series, i) {
  const name = series.owner ?? series.name ?? "";
  if (series.hover) return `${name}: ${series.hover[i]}`;
  const x = chart.name === "latency" ? percentile(series.x[i])
    : `${threeDigits(series.x[i])} (${chart.xLabel})`;
  return `${name}: ${x}, ${threeDigits(series.y[i])} (${chart.yLabel})`;
}

// What can be pointed at, also with the keyboard: see page.js.
function addSpot(svg, x, y, words, attributes) {
  if (!isFinite(x) || !isFinite(y)) return;
  svg.append(svgElement("circle", { cx: x, cy: y, r: 3.5, class: "spot",
    role: "img", tabindex: -1, "aria-label": words, "data-hint": words,
    ...attributes }));
}

function addPath(svg, series, x, y, attributes) {
  let path = "", isOpen = false;
  series.y.forEach((_, i) => {
    const at = [x(series.x[i]), y(series.y[i])];
    if (!at.every(isFinite)) { isOpen = false; return; }
    const [px, py] = at.map(v => v.toFixed(1));
    path += !isOpen ? `M${px} ${py}`
      : series.mark === "steps" ? `H${px}V${py}` : `L${px} ${py}`;
    isOpen = true;
  });
  if (path !== "")
    svg.append(svgElement("path", { d: path, fill: "none",
      stroke: strokeOf(series), "stroke-width": 1.8,
      "stroke-linejoin": "round", ...attributes }));
}

function addIntervals(svg, series, x, y) {
  series.y.forEach((_, i) => {
    const at = [x(series.x[i]), x(series.x[i]), y.clip(series.low?.[i]),
      y.clip(series.high?.[i])];
    if (at.every(isFinite))
      svg.append(svgElement("line", { x1: at[0], x2: at[1], y1: at[2],
        y2: at[3], stroke: strokeOf(series), "stroke-width": 1.5 }));
  });
}

// Of a dense curve, some points can be pointed at.
function addCurve(svg, chart, series, x, y) {
  addPath(svg, series, x, y, series.mark === "dashed"
    ? { "stroke-dasharray": "5 3", opacity: 0.8 }
    : ownerOf(series) < 0 ? { "stroke-dasharray": "2 3" } : {});
  const step = Math.max(1, Math.ceil(series.y.length / 25));
  for (let i = 0; i < series.y.length; i += step)
    addSpot(svg, x(series.x[i]), y(series.y[i]), pointWords(chart, series, i),
      { class: "spot faint", fill: strokeOf(series) });
}

// Beside a point, on the side that has room, and clear of other labels.
function addLabel(svg, x, y, text) {
  if (!isFinite(x) || !isFinite(y) || text === "") return;
  const width = 9 + 7 * text.length;
  const isRight = x + width < svg.getAttribute("width");
  const left = isRight ? x : x - width;
  const others = [...svg.querySelectorAll(".label")].map(e => e.dataset);
  while (others.some(o => Math.abs(o.y - y) < 11 && left < +o.right &&
      left + width > +o.left))
    y += 11;
  const label = svgElement("text", { class: "label", y: y + 4,
    x: x + (isRight ? 7 : -7),
    "text-anchor": isRight ? "start" : "end" }, text);
  Object.assign(label.dataset, { y, left, right: left + width });
  svg.append(label);
}

function addPoints(svg, chart, series, x, y) {
  if (series.mark === "line") addPath(svg, series, x, y, {});
  addIntervals(svg, series, x, y);
  series.y.forEach((_, i) => {
    addSpot(svg, x(series.x[i]), y(series.y[i]), pointWords(chart, series, i),
      { fill: strokeOf(series) });
    if (series.label) addLabel(svg, x(series.x[i]), y(series.y[i]),
      series.label[i]);
  });
}

function addWords(svg, chart, series, x, y) {
  series.label?.forEach((text, i) =>
    addLabel(svg, x(series.x[i]), y(series.y[i]), text));
}

const markers = {
  words: addWords,
  line: addPoints, points: addPoints, named: addPoints, rows: addPoints,
  plain: addCurve, dashed: addCurve, steps: addCurve,
  front: (svg, chart, series, x, y) =>
    addPath(svg, series, x, y, { stroke: "var(--faint)", "stroke-width": 5,
      opacity: 0.5 }),
};

// --- ordinary panels --------------------------------------------------------

const nines = [[1, "0"], [2, "50"], [10, "90"], [100, "99"], [1e3, "99.9"],
  [1e4, "99.99"], [1e5, "99.999"], [1e6, "99.9999"]];

// What the axes of some charts show, whatever the data.
const special = {
  pauses: { y: { least: 0, most: 100 } },
  "mmu-system": { x: { least: 0.9, most: 1100 }, y: { least: 0, most: 1 } },
  "mmu-worst": { x: { least: 0.9, most: 1100 }, y: { least: 0, most: 1 } },
  latency: { x: { least: 1 },
    xTicks: () => nines.map(([at]) => at),
    xText: at => nines.find(([x]) => x === at)[1] },
  "time-wall": { xTicks: () => [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32, 64] },
  "time-cpu": { xTicks: () => [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32, 64] },
  "lbo-wall": { xTicks: () => [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32, 64] },
  "lbo-cpu": { xTicks: () => [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 32, 64] },
  scaling: { xTicks: (least, most) =>
    [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64].filter(x => x <= most * 1.01) },
};

function newSvg(width, height, title) {
  return svgElement("svg", { width, height, viewBox: `0 0 ${width} ${height}`,
    role: "group", "aria-label": title });
}

function valuesOf(list, keys) {
  return list.flatMap(series => keys.flatMap(key => series[key] ?? []));
}

// Leaves out ticks whose labels would touch.
function spaced(ticks, scale, gap) {
  let last = -Infinity;
  return ticks.filter(value => {
    const x = scale(value);
    if (!(x - last >= gap)) return false;
    last = x;
    return true;
  });
}

// The ends of the axes that the chart itself asks for.
function wantedEnds(chart, panel) {
  const own = special[chart.name] ?? {};
  return {
    ...own,
    x: own.x ?? (chart.zeroX ? { least: 0 } : {}),
    y: own.y ?? (chart.zeroY ? { least: 0, most: panel.yTop } : {}),
  };
}

function drawPanel(chart, panel, width, height) {
  const series = panel.series.filter(isSeriesShown);
  const box = { left: 52, right: width - 10, top: 8, bottom: height - 38 };
  const own = wantedEnds(chart, panel);
  const x = makeScale(valuesOf(series, ["x"]), [], chart.logX, box.left,
    box.right, own.x);
  const y = makeScale(valuesOf(series, ["y"]),
    valuesOf(series, ["low", "high"]), chart.logY, box.bottom, box.top, own.y);
  const svg = newSvg(width, height, `${chart.title}: ${panel.title}`);
  const ticks = (own.xTicks?.(...x.ends) ?? []).filter(value =>
    value >= x.ends[0] && value <= x.ends[1]);
  xAxis(svg, x, box, chart.xLabel, spaced(ticks.length > 1 ? ticks
    : x.ticks((width - 60) / 55), x, 34),
  ticks.length > 1 ? own.xText : tickText);
  yAxis(svg, y, box, chart.yLabel, y.ticks((height - 46) / 28));
  if (chart.reference) addReference(svg, x, y, box);
  if (series.every(s => !s.y.some(isNumber)))
    svg.append(svgElement("text", { class: "axis", x: width / 2,
      y: height / 2, "text-anchor": "middle" }, "no figures"));
  for (const s of series.sort((a, b) =>
    (a.mark !== "front") - (b.mark !== "front")))
    markers[s.mark]?.(svg, chart, s, x, y);
  return svg;
}

// Lines where ratios are 1.
function addReference(svg, x, y, box) {
  svg.append(svgElement("line", { class: "one", x1: x(1), x2: x(1),
    y1: box.top, y2: box.bottom }));
  svg.append(svgElement("line", { class: "one", x1: box.left, x2: box.right,
    y1: y(1), y2: y(1) }));
}

// --- bars -------------------------------------------------------------------

function drawBars(chart, panel, width, height) {
  const series = panel.series.filter(isSeriesShown);
  const owners = panel.xTics.filter(name =>
    shown.collectors[names.indexOf(name)] ?? true);
  const box = { left: 52, right: width - 10, top: 8, bottom: height - 38 };
  const y = makeScale([0, ...valuesOf(series, ["high"])], [], false, box.bottom,
    box.top, { least: 0, most: panel.yTop });
  const svg = newSvg(width, height, `${chart.title}: ${panel.title}`);
  const step = (box.right - box.left) / Math.max(1, owners.length);
  yAxis(svg, y, box, chart.yLabel, y.ticks((height - 46) / 28));
  owners.forEach((name, i) => svg.append(svgElement("text", { class: "tick",
    x: box.left + (i + 0.5) * step, y: box.bottom + 14,
    "text-anchor": "middle" }, name)));
  for (const s of series) {
    const at = owners.indexOf(s.owner);
    const low = y(s.low?.[0] ?? 0), high = y(s.high?.[0] ?? NaN);
    if (at < 0 || !isFinite(low) || !isFinite(high)) continue;
    svg.append(svgElement("rect", { x: box.left + (at + 0.2) * step,
      width: 0.6 * step, y: high, height: Math.max(0, low - high),
      fill: themed(s.colour), role: "img", tabindex: -1, class: "spot bar",
      "aria-label": `${s.owner}: ${s.hover[0]}`,
      "data-hint": `${s.owner}: ${s.hover[0]}` }));
  }
  return svg;
}

// --- rows -------------------------------------------------------------------

// The row names that belong to workloads that are shown.
function isRowShown(name) {
  const workload = data.workloads.indexOf(name.split(/[ ,]/)[0]);
  return workload < 0 || shown.workloads[workload];
}

function drawRows(chart, panel, width) {
  const rows = panel.yTics.map((name, i) => ({ name, i }))
    .filter(row => isRowShown(row.name));
  const series = panel.series.filter(isSeriesShown);
  const lanes = [...new Set(series.map(s => s.name))];
  const marks = 12 + 7 * lanes.length;
  // On a narrow page, names are above their marks.
  const above = width < 560 ? 14 : 0, step = marks + above;
  const longest = Math.max(0, ...rows.map(({ name }) => name.length));
  const left = above > 0 ? 8 : Math.min(width / 2, 24 + 6.1 * longest);
  const box = { left, right: width - 12, top: 6,
    bottom: 6 + rows.length * step };
  const kept = series.map(s => ({ s, points: s.y.map((y, i) => ({ i,
    row: rows.findIndex(row => row.i === Math.round(y)) }))
    .filter(p => p.row >= 0) }));
  const inRows = keys => kept.flatMap(({ s, points }) =>
    points.flatMap(({ i }) => keys.map(key => s[key]?.[i])));
  const x = makeScale([1, ...inRows(["x"])], inRows(["low", "high"]), true,
    box.left, box.right);
  const svg = newSvg(width, box.bottom + 38, chart.title);
  xAxis(svg, x, box, chart.xLabel, spaced(x.ticks((width - left) / 60), x, 30));
  svg.append(svgElement("line", { class: "one", x1: x(1), x2: x(1),
    y1: box.top, y2: box.bottom }));
  rows.forEach((row, i) => {
    const y = box.top + (i + 0.5) * step;
    if (i % 2 === 1)
      svg.prepend(svgElement("rect", { class: "stripe", x: 0, width,
        y: y - step / 2, height: step }));
    svg.append(svgElement("text", above > 0
      ? { class: "tick", x: 2, y: y - step / 2 + 12 }
      : { class: "tick", x: left - 8, y: y + 4, "text-anchor": "end" },
    row.name));
  });
  kept.forEach(({ s, points }) => points.forEach(({ i, row }) => {
    const lane = lanes.indexOf(s.name) / Math.max(1, lanes.length - 1);
    const y = box.top + (row + 0.5) * step + above / 2 +
      (lanes.length > 1 ? (lane - 0.5) * marks * 0.62 : 0);
    const low = x.clip(s.low?.[i]), high = x.clip(s.high?.[i]);
    if (isFinite(low) && isFinite(high))
      svg.append(svgElement("line", { x1: low, x2: high, y1: y, y2: y,
        stroke: strokeOf(s), "stroke-width": 1.5 }));
    addSpot(svg, x(s.x[i]), y, pointWords(chart, s, i), { fill: strokeOf(s) });
  }));
  return svg;
}

// --- heat map ---------------------------------------------------------------

// From blue over white to red; `value` is a binary logarithm.
function heatColour(value) {
  const stops = [[-3, [33, 102, 172]], [-1, [146, 197, 222]],
    [0, [247, 247, 247]], [1, [244, 165, 130]], [3, [178, 24, 43]]];
  const v = Math.max(-3, Math.min(3, value));
  const i = Math.max(1, stops.findIndex(([at]) => at >= v));
  const [low, from] = stops[i - 1], [high, to] = stops[i];
  return from.map((c, k) =>
    Math.round(c + (to[k] - c) * (v - low) / (high - low)));
}

// Dark text on light squares, and light text on dark ones.
function paint(cell, value) {
  const rgb = heatColour(value);
  const [r, g, b] = rgb.map(c => (c / 255) ** 2.2);
  cell.style.background = `rgb(${rgb})`;
  cell.style.color =
    0.2126 * r + 0.7152 * g + 0.0722 * b > 0.2 ? "#111" : "#fff";
}

function heatKey() {
  const key = element("p", { class: "key" }, "Colour: ");
  for (const ratio of [0.125, 0.25, 0.5, 0.71, 1, 1.41, 2, 4, 8]) {
    const step = element("span", {}, digits(ratio));
    paint(step, Math.log2(ratio));
    key.append(step);
  }
  key.append(" of the base's time");
  return key;
}

function drawHeat(chart, panel) {
  const columns = panel.xTics.filter(name =>
    shown.collectors[names.indexOf(name)] ?? true);
  const table = element("table", { class: "heat" });
  const head = table.createTHead().insertRow();
  head.append(element("td"));
  for (const name of columns)
    head.append(element("th", { scope: "col" }, name));
  const body = table.createTBody();
  panel.yTics.forEach((workload, row) => {
    if (!isRowShown(workload)) return;
    const line = body.insertRow();
    line.append(element("th", { scope: "row" }, workload));
    for (const name of columns) {
      const series = panel.series.find(s => s.owner === name);
      const i = series?.y.indexOf(row) ?? -1;
      const cell = line.insertCell();
      if (i < 0) continue;
      cell.textContent = series.label[i];
      if (series.hover?.[i]) cell.dataset.hint = `${name}, ${series.hover[i]}`;
      if (isNumber(series.value?.[i] ?? null)) paint(cell, series.value[i]);
    }
  });
  const box = element("div", { class: "wide", tabindex: 0, role: "region",
    "aria-label": chart.title });
  box.append(table);
  const all = element("div");
  all.append(heatKey(), box);
  return all;
}

// What a panel says in words, such as why a collector has no curve.
function makeRemarks(panel) {
  const list = element("ul", { class: "remarks" });
  for (const [colour, text] of panel.remarks ?? []) {
    const owner = data.collectors.findIndex(c => c.colour === colour);
    if (owner >= 0 && !shown.collectors[owner]) continue;
    const item = element("li");
    if (colour !== null) {
      const chip = element("span", { class: "chip" });
      chip.style.background = owner >= 0 ? colourOf(owner) : themed(colour);
      item.append(chip);
    }
    item.append(text);
    list.append(item);
  }
  return list;
}

// --- a panel of any kind ----------------------------------------------------

function drawAny(chart, panel, width, height) {
  const marks = panel.series.map(series => series.mark);
  if (marks.includes("cells")) return drawHeat(chart, panel);
  if (marks.includes("rows")) return drawRows(chart, panel, width);
  if (marks.includes("boxes")) return drawBars(chart, panel, width, height);
  return drawPanel(chart, panel, width, height);
}

// The names of what is drawn in these panels.
function makeLegend(panels) {
  const seen = new Map();
  for (const series of panels.flatMap(panel => panel.series))
    if (series.name && isSeriesShown(series) && series.mark !== "cells" &&
        series.mark !== "dashed" && series.mark !== "words" &&
        !seen.has(series.name))
      seen.set(series.name, series);
  const legend = element("p", { class: "legend" });
  for (const [name, series] of seen) {
    const item = element("span");
    const chip = element("span", { class: "chip" });
    chip.style.background =
      series.mark === "front" ? "var(--faint)" : strokeOf(series);
    item.append(chip, name);
    legend.append(item);
  }
  return legend;
}
