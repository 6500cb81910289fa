// SPDX-License-Identifier: MIT
// Which charts and panels stand where, and the means in them. A chart is drawn
// when it comes into view, and again when something is hidden or shown.
"use strict";

const charts = new Map(data.charts.map(chart => [chart.name, chart]));
const isFiltered = () =>
  ![...shown.collectors, ...shown.workloads].every(x => x);
const isPanelShown = panel =>
  panel.workload === undefined || shown.workloads[panel.workload];

// What is shown now, and the setting that the reader has chosen.
let summary = computeSummary();
let setting = data.setting;

// --- means in charts --------------------------------------------------------

const geometricMean = list =>
  list.every(isNumber) ? Math.exp(mean(list.map(Math.log))) : null;

const seriesOf = (panel, name) => panel.series.find(s => s.name === name);

// Has the collector a figure at every limit?
function isWhole(panel, name) {
  const { x = [], y = [] } = seriesOf(panel, name) ?? {};
  return y.length > 0 && [...x, ...y].every(isNumber);
}

// Of overhead against heap size: point i of each panel is at the same factor.
// As heap_charts.c, over what is shown.
function overheadMeans(chart) {
  const last = chart.panels.at(-1);
  if (last.workload !== undefined || !isFiltered()) return last;
  const racers = last.series.filter(isSeriesShown);
  const all = chart.panels.filter(panel => panel.mayBeInMean &&
    isPanelShown(panel));
  const panels = all.filter(panel =>
    racers.every(({ name }) => isWhole(panel, name)));
  const title = `geometric mean of the ${panels.length} of ${all.length} ` +
    "that all completed";
  const series = last.series.map(of => {
    const own = panels.map(panel => seriesOf(panel, of.name));
    if (own.length === 0 || !racers.includes(of))
      return { ...of, x: [], y: [], hover: undefined };
    const at = (key, i) => geometricMean(own.map(s => s[key][i] ?? null));
    const points = own[0].y.map((_, i) => i);
    return { ...of, hover: undefined, low: undefined, high: undefined,
      x: points.map(i => at("x", i)), y: points.map(i => at("y", i)) };
  });
  return { ...last, title, series };
}

function settingName(of) {
  const parts = [];
  if (new Set(data.settings.map(s => s.threads)).size > 1)
    parts.push(`${of.threads} threads`);
  if (of.factor > 0) parts.push(`heap ${of.factor}`);
  return parts.map(part => ", " + part).join("");
}

// The forest, with the means over what is shown instead of those over all.
function forestPanel(panel) {
  if (!isFiltered()) return panel;
  const yTics = panel.yTics.filter(name => !name.startsWith("mean of"));
  const first = yTics.length;
  const kept = new Map(yTics.map((name, i) => [panel.yTics.indexOf(name), i]));
  const used = data.settings.map((of, i) => ({ of, result: summary[i] }))
    .filter(({ result }) => result.workloads > 1);
  yTics.push(...used.map(({ of, result }) =>
    `mean of ${result.workloads} of ${result.of}${settingName(of)}`));
  const series = panel.series.map(s => {
    const points = s.y.map((y, i) => ({ x: s.x[i], y: kept.get(Math.round(y)),
      low: s.low?.[i], high: s.high?.[i], hover: s.hover[i] }))
      .filter(point => point.y !== undefined);
    used.forEach(({ result }, i) => {
      const e = result.figures[names.indexOf(s.name)]?.[0];
      if (e && isNumber(e.ratio))
        points.push({ x: e.ratio, y: first + i, low: e.low, high: e.high,
          hover: `${yTics[first + i]}: ${figureText(e, 0)} ` +
            `(${intervalText(e, 0)})` });
    });
    const columns = ["x", "y", "low", "high", "hover"].map(key =>
      [key, points.map(point => point[key])]);
    return { ...s, ...Object.fromEntries(columns) };
  });
  return { ...panel, yTics, series };
}

// Time against memory over all workloads, in the settings with as many threads
// as the chosen one.
function tradeoffChart() {
  const threads = data.settings[setting].threads;
  const panel = { title: "", series: names.map((name, collector) => {
    const points = data.settings.map((of, i) => ({ of, i,
      wall: summary[i].figures[collector][0],
      held: summary[i].figures[collector][2] }))
      .filter(p => p.of.threads === threads && isNumber(p.wall.ratio) &&
        isNumber(p.held.ratio));
    const heap = p => p.of.factor > 0 ? `heap factor ${p.of.factor}`
      : "no limit";
    return { mark: "line", name, x: points.map(p => p.held.ratio),
      y: points.map(p => p.wall.ratio), low: points.map(p => p.wall.low),
      high: points.map(p => p.wall.high),
      label: points.map(p => p.i === setting ? name : ""),
      hover: points.map(p => `${heap(p)}: ${digits(p.wall.ratio)} of the time` +
        ` with ${digits(p.held.ratio)} of the memory`) };
  }) };
  return { name: "tradeoff", title: "Time against memory", logX: true,
    logY: true, reference: true, xLabel: `memory / ${data.base}`,
    yLabel: `time / ${data.base}`, panels: [panel] };
}

// --- panels of a figure -----------------------------------------------------

function overviewPanels(chart) {
  if (chart.name.startsWith("lbo-")) {
    const means = overheadMeans(chart);
    const has = means.workload === undefined &&
      means.series.some(s => isSeriesShown(s) && s.y.some(isNumber));
    return has ? [means] : chart.panels.filter(panel =>
      panel.workload !== undefined && isPanelShown(panel));
  }
  if (chart.name === "forest") return [forestPanel(chart.panels[0])];
  return chart.panels.filter(panel => isPanelShown(panel) &&
    !(chart.name.startsWith("time-") && panel.workload === undefined));
}

const isWide = chart => chart.panels.some(panel =>
  panel.series.some(s => s.mark === "cells" || s.mark === "rows"));

function addPanel(list, chart, panel, title) {
  const box = element("div", { class: "panel" });
  const isAlone = list.classList.contains("single");
  if (title !== "" && !(isAlone && isWide(chart)))
    box.append(element("h4", {}, title));
  list.append(box);
  const width = Math.max(240, Math.floor(box.clientWidth));
  const height = isAlone ? Math.min(360, Math.max(240, width * 0.6)) : 210;
  box.append(drawAny(chart, panel, width, height));
  if (panel.remarks) box.append(makeRemarks(panel));
}

function fillPlot(plot, chart, panels, titleOf) {
  plot.textContent = "";
  if (panels.length === 0) {
    plot.append(element("p", { class: "missing" }, "Nothing is shown."));
    return;
  }
  // The points of this one are labelled with the names of collectors.
  if (chart.name !== "tradeoff") plot.append(makeLegend(panels));
  const list = element("div",
    { class: panels.length === 1 ? "panels single" : "panels" });
  plot.append(list);
  for (const panel of panels)
    addPanel(list, chart, panel, titleOf(panel));
  openSpots(plot);
}

function drawFigure(figure) {
  const chart = figure.id === "tradeoff" ? tradeoffChart()
    : charts.get(figure.dataset.chart);
  const panels = figure.id === "tradeoff" ? chart.panels
    : overviewPanels(chart);
  fillPlot(figure.querySelector(".plot"), chart, panels, panel => panel.title);
  const caption = captions[chart.name]?.(panels) ?? "";
  const place = figure.querySelector("strong");
  if (place) place.textContent = caption;
}

// --- sections of workloads --------------------------------------------------

const sectionCharts = ["lbo-wall", "time-wall", "time-cpu", "pareto", "cost",
  "scaling", "pauses", "mmu-system", "mmu-worst", "latency", "footprint"];

function copyRows(section) {
  const table = document.querySelector("#table table");
  const copy = element("table");
  const head = table.tHead.cloneNode(true);
  for (const th of head.querySelectorAll("th")) {
    th.textContent = th.textContent;
    th.removeAttribute("aria-sort");
  }
  const body = element("tbody");
  for (const row of table.tBodies[0].rows) {
    if (row.dataset.workload !== section.dataset.workload || row.hidden)
      continue;
    const own = row.cloneNode(true);
    own.removeAttribute("id");
    body.append(own);
  }
  copy.append(head, body);
  const box = element("div", { class: "wide", tabindex: 0, role: "region",
    "aria-label": `Results of ${section.dataset.workload}` });
  box.append(copy);
  section.querySelector(".rows").replaceChildren(box);
  openSpots(box);
}

function drawSection(section) {
  const workload = data.workloads.indexOf(section.dataset.workload);
  const plots = section.querySelector(".plots");
  copyRows(section);
  plots.textContent = "";
  const list = element("div", { class: "panels" });
  const used = [];
  plots.append(list);
  for (const name of sectionCharts) {
    const chart = charts.get(name);
    for (const panel of chart?.panels ?? []) {
      if (panel.workload !== workload) continue;
      const rest = panel.title.split(",").slice(1).join(",");
      addPanel(list, chart, panel, chart.title + (rest ? "," + rest : ""));
      used.push(panel);
    }
  }
  if (used.length > 0) list.before(makeLegend(used.filter(panel =>
    !panel.series.some(s => s.mark === "boxes"))));
  openSpots(plots);
}

// --- when -------------------------------------------------------------------

const drawn = new Set();

function drawPlace(place) {
  drawn.add(place);
  if (place.matches("figure")) drawFigure(place);
  else drawSection(place);
}

const places = [...document.querySelectorAll("figure, section.workload")];
const nearby = new IntersectionObserver(entries => {
  for (const entry of entries)
    if (entry.isIntersecting && !drawn.has(entry.target))
      drawPlace(entry.target);
}, { rootMargin: "600px" });

const isNear = place => {
  const { top, bottom } = place.getBoundingClientRect();
  return !place.hidden && bottom > -600 && top < innerHeight + 600;
};

// What is far away is drawn again when it comes into view.
function redraw() {
  drawn.clear();
  for (const place of places.filter(isNear))
    drawPlace(place);
}

function drawAll() {
  for (const place of places)
    if (!drawn.has(place) && !place.hidden) drawPlace(place);
}
