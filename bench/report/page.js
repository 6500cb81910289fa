// SPDX-License-Identifier: MIT
// What the reader can do: hide and show, search, sort, point, link, print.
"use strict";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const find = selector => document.querySelector(selector);

// --- hints ------------------------------------------------------------------

const hint = find("#hint");

function showHint(target, x, y) {
  hint.textContent = target.dataset.hint;
  hint.hidden = false;
  hint.style.left = Math.max(4,
    Math.min(x + 12, innerWidth - hint.offsetWidth - 8)) + "px";
  hint.style.top = (y + hint.offsetHeight + 24 > innerHeight
    ? y - hint.offsetHeight - 12 : y + 16) + "px";
  target.setAttribute("aria-describedby", "hint");
}

function hideHint() {
  hint.hidden = true;
  for (const target of all("[aria-describedby=hint]"))
    target.removeAttribute("aria-describedby");
}

document.addEventListener("mouseover", event => {
  const target = event.target.closest("[data-hint]");
  if (target) showHint(target, event.clientX, event.clientY);
  else hideHint();
});
document.addEventListener("focusin", event => {
  hideHint();
  if (!event.target.matches("[data-hint]")) return;
  const place = event.target.getBoundingClientRect();
  showHint(event.target, place.left, place.bottom);
});
document.addEventListener("focusout", hideHint);

// The intervals of a table's numbers, in words.
function fillHints(table) {
  const heads = table.tHead.rows[0].cells;
  for (const cell of all("td[data-interval]", table)) {
    const { unit, confidence } = heads[cell.cellIndex].dataset;
    const [low, high, blocks] = cell.dataset.interval.split(" ");
    cell.dataset.hint = blocks === undefined
      ? "too few blocks for an interval"
      : `${confidence} % interval ${low} to ${high}${unit}, n = ${blocks}`;
  }
}

// --- moving among what has a hint -------------------------------------------

// Of each table and each drawing, one element can be reached with the tab key;
// arrow keys go on from there.
function openSpots(root) {
  const groups = [...(root.matches("table, svg") ? [root] : []),
    ...all("table, svg", root)];
  for (const group of groups)
    all("[data-hint]", group).forEach((spot, i) =>
      spot.setAttribute("tabindex", i === 0 ? 0 : -1));
}

function spotBeside(spot, group, key) {
  const spots = all("[data-hint]", group).filter(s => !s.closest("[hidden]"));
  const cell = spot.closest("td");
  const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  if (cell === null || key === "ArrowLeft" || key === "ArrowRight")
    return spots[spots.indexOf(spot) + step];
  const column = spots.filter(s => s.cellIndex === cell.cellIndex);
  return column[column.indexOf(spot) + step];
}

document.addEventListener("keydown", event => {
  if (event.key === "Escape") hideHint();
  const spot = event.target.closest?.("[data-hint]");
  if (!spot || !event.key.startsWith("Arrow")) return;
  const next = spotBeside(spot, spot.closest("table, svg"), event.key);
  event.preventDefault();
  if (!next) return;
  spot.setAttribute("tabindex", -1);
  next.setAttribute("tabindex", 0);
  next.focus();
});

// --- cards ------------------------------------------------------------------

// An interval this wide says nothing.
const WIDE = 1e4;
// How many workloads a card names as its wins, and as its losses.
const NAMED_MAX = 4;

function intervalText({ ratio, low, high }, figure) {
  if (!isNumber(low)) return "";
  if (!(high < WIDE * low)) return "hardly known";
  return figure < RATIOS ? `${digits(low)} to ${digits(high)}`
    : timeText(ratio, low, high);
}

function figureText({ ratio }, figure) {
  if (!isNumber(ratio)) return "–";
  return figure < RATIOS ? digits(ratio) : timeText(ratio);
}

// Has any collector that is shown this figure, beside the base, which is 1?
const isKnown = (all, figure) => all.some((figures, collector) =>
  shown.collectors[collector] && isNumber(figures[figure].ratio) &&
  (figure >= RATIOS || collector !== base));

function fillFigures(card, results, collector) {
  for (const place of all("[data-figure]", card)) {
    const figure = +place.dataset.figure, effect = results[collector][figure];
    place.hidden = !isKnown(results, figure);
    place.querySelector("b").textContent = figureText(effect, figure);
    place.querySelector("small").textContent = intervalText(effect, figure);
  }
}

// The results of a collector with one verdict, from the largest effect on:
// "cells 0.29".
function namedResults(lines, word) {
  const own = lines.filter(line => line.word === word)
    .map(line => [data.workloads[line.workload], line.tested.mean]);
  own.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  return own.map(([name, log]) => `${name} ${digits(Math.exp(log))}`);
}

// Where a collector wins, in a line; the front end writes the same (first.c).
function winsText(lines) {
  const words = [[1, "faster"], [2, "slower"], [3, "same"], [0, "undecided"]];
  return words.map(([word, text]) => {
    const named = namedResults(lines, word);
    const first = word !== 1 && word !== 2 ? ""
      : ` (${named[0]}${named.length > 1 ? ", ..." : ""})`;
    return named.length > 0 ? `${text} on ${named.length}${first}` : "";
  }).filter(text => text !== "").join(", ");
}

function fillWins(card, lines) {
  const more = card.querySelector("details"), wins = winsText(lines);
  more.hidden = wins === "";
  more.querySelector(".wins").textContent = wins;
  for (const [word, text] of [[1, "faster"], [2, "slower"]]) {
    const named = namedResults(lines, word);
    const list = named.slice(0, NAMED_MAX).join(", ");
    more.querySelector(`.most.${text}`).textContent = list === "" ? ""
      : `${text}: ${list}${named.length > NAMED_MAX ? ", ..." : ""}`;
  }
}

function fillCard(card, result) {
  const collector = names.indexOf(card.dataset.collector);
  card.hidden = !shown.collectors[collector];
  fillFigures(card, result.figures, collector);
  fillWins(card, result.lines.filter(line => line.collector === collector));
}

function fillCards() {
  for (const place of all(".setting")) {
    const i = +place.dataset.setting, result = summary[i];
    for (const card of all(".card", place))
      fillCard(card, result);
    place.querySelector(".best").textContent =
      bestText(data.settings[i], result);
    place.querySelector(".scope").textContent = result.workloads === 0
      ? "No workload was completed by enough collectors for means."
      : "Time, CPU and memory are geometric means over " +
        `${result.workloads} of ${result.of} workloads, as ratios to ` +
        `${data.base}: below 1 is better.`;
  }
}

function chooseSetting() {
  setting = +find("#setting").value;
  for (const place of all(".setting"))
    place.hidden = +place.dataset.setting !== setting;
  const tradeoff = find("#tradeoff");
  if (drawn.has(tradeoff)) drawPlace(tradeoff);
}

// --- hiding and searching ---------------------------------------------------

const rows = all("#table tbody tr");
const search = find("#search");

function showRows() {
  const words = search.value.toLowerCase().split(/\s+/).filter(w => w !== "");
  const has = text => words.every(word => text.toLowerCase().includes(word));
  const found = new Set();
  for (const row of rows) {
    const isOn = shown.collectors[names.indexOf(row.dataset.collector)] &&
      shown.workloads[data.workloads.indexOf(row.dataset.workload)];
    row.hidden = !isOn || !has(row.textContent);
    if (!row.hidden) found.add(row.dataset.workload);
  }
  for (const section of all("section.workload")) {
    const name = section.dataset.workload;
    const what = section.querySelector(".what")?.textContent ?? "";
    const isOn = shown.workloads[data.workloads.indexOf(name)];
    section.hidden = !isOn || (words.length > 0 && !has(name + " " + what) &&
      !found.has(name));
    const link = find(`.contents a[href="#${CSS.escape(section.id)}"]`);
    if (link) link.parentNode.hidden = section.hidden;
  }
  for (const row of all("#changes tbody tr"))
    row.hidden = !shown.collectors[names.indexOf(row.dataset.collector)] ||
      (row.dataset.workload === "" ? shown.workloads.includes(false)
        : !shown.workloads[data.workloads.indexOf(row.dataset.workload)]) ||
      !has(row.textContent);
  const count = rows.filter(row => !row.hidden).length;
  find(".found").textContent = count < rows.length
    ? `${count} of ${rows.length} rows` : "";
}

function applySwitches() {
  for (const [kind, list] of [["collector", names],
    ["workload", data.workloads]])
    for (const box of all(`input[data-kind=${kind}]`))
      shown[kind + "s"][list.indexOf(box.value)] = box.checked;
  document.body.classList.toggle("filtered", isFiltered());
  summary = computeSummary();
  fillCards();
  showRows();
  redraw();
}

for (const box of all("input[data-kind]"))
  box.addEventListener("change", applySwitches);
for (const button of all("[data-all], [data-none]"))
  button.addEventListener("click", () => {
    const kind = button.dataset.all ?? button.dataset.none;
    for (const box of all(`input[data-kind=${kind}]`))
      box.checked = button.dataset.all !== undefined;
    applySwitches();
  });
search.addEventListener("input", () => {
  showRows();
  redraw();
});
find("#setting").addEventListener("change", chooseSetting);

// --- sorting ----------------------------------------------------------------

function sortKey(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value ?? cell.textContent;
}

// Compares numbers by size; an empty cell (not measured) is greater than all.
function compareKeys(a, b) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const difference = a - b;
  return Number.isNaN(difference) ? a.localeCompare(b) : difference;
}

for (const button of all("th button"))
  button.addEventListener("click", () => {
    const head = button.closest("th"), body = head.closest("table").tBodies[0];
    const falls = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.cells)
      other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const sorted = [...body.rows].sort((a, b) =>
      compareKeys(sortKey(a, head.cellIndex), sortKey(b, head.cellIndex)));
    body.append(...(falls ? sorted.reverse() : sorted));
    openSpots(head.closest("table"));
  });

// --- links ------------------------------------------------------------------

function addLink(place, id, name) {
  place.append(" ", element("a", { class: "link", href: "#" + id,
    "aria-label": `Link to ${name}` }, "#"));
}

for (const place of all("figure[id], section[id]")) {
  const head = place.querySelector("h2, h3");
  if (head) addLink(head, place.id, head.textContent);
}
for (const row of rows)
  addLink(row.cells[0], row.id, row.cells[0].textContent + ", " +
    row.cells[1].textContent);

// The parts that are on the screen, the first of them marked in the contents.
const visible = new Set();
const followed = new IntersectionObserver(entries => {
  for (const { target, isIntersecting } of entries)
    if (isIntersecting) visible.add(target);
    else visible.delete(target);
  const marked = linked.find(({ place }) => visible.has(place));
  for (const { link } of linked)
    link.removeAttribute("aria-current");
  marked?.link.setAttribute("aria-current", "true");
}, { rootMargin: "-10% 0px -60%" });
const linked = all(".contents a").map(link => ({ link,
  place: document.getElementById(link.getAttribute("href").slice(1)) }))
  .filter(({ place }) => place && !place.matches("#charts, #workloads"));
for (const { place } of linked)
  followed.observe(place);

// --- the rest ---------------------------------------------------------------

const themes = ["system", "light", "dark"];
find("#theme").addEventListener("click", event => {
  const root = document.documentElement;
  const at = themes.indexOf(root.dataset.theme ?? "system");
  const next = themes[(at + 1) % themes.length];
  root.dataset.theme = next;
  event.target.textContent = "Theme: " + next;
});

if (matchMedia("(max-width: 900px)").matches)
  for (const part of all("nav details"))
    part.open = false;

// On paper, nothing is behind a click.
addEventListener("beforeprint", () => {
  for (const part of all("#summary details"))
    part.open = true;
  drawAll();
});
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  redraw();
});

data.collectors.forEach(({ colour }, i) =>
  document.documentElement.style.setProperty(`--c${i}`, themed(colour)));
find(".choice").hidden = data.settings.length < 2;
for (const table of all("#changes table, #table table")) {
  fillHints(table);
  openSpots(table);
}
redraw();
for (const place of places)
  nearby.observe(place);
