// SPDX-License-Identifier: MIT
// Scales, ticks, and elements of SVG.
"use strict";

function element(name, attributes = {}, text = null) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    e.setAttribute(key, value);
  if (text !== null) e.textContent = text;
  return e;
}

function svgElement(name, attributes = {}, text = null) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes))
    e.setAttribute(key, typeof value === "number" ? +value.toFixed(2) : value);
  if (text !== null) e.textContent = text;
  return e;
}

// --- numbers in words -------------------------------------------------------

// As bench/base/units.c writes numbers: 0.123, 1.23, 12.3, 123.
function digits(value) {
  if (!isFinite(value)) return "–";
  if (value >= 1e7) return value.toExponential(0);
  const places = value < 0.9995 ? 3 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return value.toFixed(places);
}

// Three digits also of small numbers.
function threeDigits(value) {
  return Math.abs(value) < 0.1 ? String(+value.toPrecision(3)) : digits(value);
}

const timeUnit = ns =>
  [["s", 1e9], ["ms", 1e6], ["us", 1e3]].find(([, size]) =>
    ns >= 0.9995 * size) ?? ["ns", 1];

// "1.2 ms", or "1.1 to 1.3 ms" in the unit of the middle.
function timeText(ns, low = ns, high = ns) {
  const [unit, size] = timeUnit(ns);
  const ends = low === high ? digits(ns / size)
    : `${digits(low / size)} to ${digits(high / size)}`;
  return `${ends} ${unit}`;
}

function bytesText(bytes) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  for (; unit < 3 && bytes >= 1023.5; unit++)
    bytes /= 1024;
  return `${bytes.toFixed(unit > 0 && bytes < 99.5 ? 1 : 0)} ${units[unit]}`;
}

function tickText(value) {
  const size = Math.abs(value);
  if (size >= 1e12 || (size > 0 && size < 1e-4)) return value.toExponential(0);
  if (size >= 1e9) return +(value / 1e9).toPrecision(3) + "G";
  if (size >= 1e6) return +(value / 1e6).toPrecision(3) + "M";
  if (size >= 1e4) return +(value / 1e3).toPrecision(3) + "k";
  return String(+value.toPrecision(4));
}

// --- scales -----------------------------------------------------------------

// Ascending steps for `room` labels.
function linearTicks(least, most, room) {
  const raw = (most - least) / Math.max(1, room);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find(f => f * power >= raw * 0.999);
  const ticks = [];
  for (let i = Math.ceil(least / step - 1e-9); i * step <= most * (1 + 1e-9);
    i++)
    ticks.push(+(i * step).toPrecision(12));
  return ticks;
}

function ticksAt(factors, least, most, skip) {
  const ticks = [];
  for (let p = Math.floor(Math.log10(least)); p <= Math.log10(most); p++)
    for (const f of factors)
      if (p % skip === 0 && f * 10 ** p >= least * 0.999 &&
          f * 10 ** p <= most * 1.001)
        ticks.push(+(f * 10 ** p).toPrecision(6));
  return ticks;
}

function logTicks(least, most, room) {
  const decades = Math.log10(most / least);
  if (decades < 0.35) return linearTicks(least, most, Math.min(room, 4));
  const factors = decades < 1 ? [1, 1.5, 2, 3, 5, 7]
    : decades * 3 <= room ? [1, 2, 5] : decades * 2 <= room ? [1, 3] : [1];
  return ticksAt(factors, least, most,
    Math.max(1, Math.ceil(decades / Math.max(1, room))));
}

// Intervals of few blocks can be absurdly wide: they stretch a logarithmic
// scale this many times beyond the points at most.
const STRETCH = 6;

function scaleEnds(points, intervals, isLog) {
  const fit = list => list.filter(v => isNumber(v ?? null) && isFinite(v) &&
    (!isLog || v > 0));
  const own = fit(points), all = [...own, ...fit(intervals)];
  if (own.length === 0) return [1, 2];
  const least = Math.min(...own), most = Math.max(...own);
  if (!isLog) return [Math.min(...all), Math.max(...all)];
  return [Math.max(Math.min(...all), least / STRETCH),
    Math.min(Math.max(...all), most * STRETCH)];
}

// A scale from values to pixels. Values that cannot be shown give NaN.
function makeScale(points, intervals, isLog, from, to, wanted = {}) {
  let [least, most] = scaleEnds(points, intervals, isLog);
  if (isLog) {
    const pad = least === most ? 1.4 : Math.max((most / least) ** 0.05, 1.03);
    [least, most] = [least / pad, most * pad];
  } else {
    const pad = (most - least) * 0.04 || Math.abs(most) * 0.1 || 1;
    [least, most] = [least - pad, most + pad];
  }
  least = wanted.least ?? least;
  most = wanted.most ?? most;
  const part = isLog ? v => Math.log(v / least) / Math.log(most / least)
    : v => (v - least) / (most - least);
  const scale = v => !isNumber(v ?? null) || (isLog && v <= 0) ? NaN
    : from + (to - from) * part(v);
  // The end of an interval, which may be beyond the frame.
  scale.clip = v => !isNumber(v ?? null) ? NaN
    : scale(Math.min(most, Math.max(least, v)));
  scale.ticks = room => (isLog ? logTicks : linearTicks)(least, most, room);
  scale.ends = [least, most];
  return scale;
}

// --- frame ------------------------------------------------------------------

function xAxis(svg, scale, box, label, ticks, textOf = tickText) {
  for (const value of ticks) {
    const x = scale(value);
    if (!(x >= box.left - 1 && x <= box.right + 1)) continue;
    svg.append(svgElement("line", { class: "grid", x1: x, x2: x, y1: box.top,
      y2: box.bottom }));
    svg.append(svgElement("text", { class: "tick", x, y: box.bottom + 14,
      "text-anchor": "middle" }, textOf(value)));
  }
  svg.append(svgElement("text", { class: "axis",
    x: (box.left + box.right) / 2, y: box.bottom + 30,
    "text-anchor": "middle" }, label));
}

function yAxis(svg, scale, box, label, ticks) {
  for (const value of ticks) {
    const y = scale(value);
    if (!(y >= box.top - 1 && y <= box.bottom + 1)) continue;
    svg.append(svgElement("line", { class: "grid", x1: box.left, x2: box.right,
      y1: y, y2: y }));
    svg.append(svgElement("text", { class: "tick", x: box.left - 5, y: y + 4,
      "text-anchor": "end" }, tickText(value)));
  }
  const y = (box.top + box.bottom) / 2;
  svg.append(svgElement("text", { class: "axis", "text-anchor": "middle",
    transform: `translate(11 ${y.toFixed(1)}) rotate(-90)` }, label));
}
