// SPDX-License-Identifier: MIT
// The interactive parts of the page: the table can be sorted, collectors and
// workloads can be hidden, and points show their values under the mouse.
"use strict";

const hint = document.getElementById("hint");

// gnuplot's SVG calls these functions.
const gnuplot_svg = {
  showHypertext(event, text) {
    hint.textContent = text;
    hint.style.display = "block";
    const right = innerWidth - hint.offsetWidth - 8;
    hint.style.left = Math.min(event.clientX + 14, right) + "px";
    hint.style.top = event.clientY + 14 + "px";
  },
  hideHypertext() { hint.style.display = "none"; },
};

// --- hiding -----------------------------------------------------------------

function isOff(kind, name) {
  return [...document.querySelectorAll(`input[data-kind=${kind}]`)]
    .some(box => box.value === name && !box.checked);
}

function showRows() {
  for (const row of document.querySelectorAll("tbody tr"))
    row.classList.toggle("off", isOff("collector", row.dataset.collector) ||
      isOff("workload", row.dataset.workload));
}

// Each curve is a group of the SVG; groups and names have the same order.
function curvesOf(figure) {
  const names = JSON.parse(figure.dataset.curves);
  return [...figure.querySelectorAll("svg g[id*=_plot_]")]
    .map((group, i) => ({ group, name: names[i] }));
}

function showCurves() {
  for (const figure of document.querySelectorAll("figure[data-curves]"))
    for (const { group, name } of curvesOf(figure))
      group.classList.toggle("off", isOff("collector", name));
}

// A panel cannot be removed from a chart, so a white rectangle covers it.
function coverPanels() {
  for (const cover of document.querySelectorAll(".cover"))
    cover.remove();
  for (const figure of document.querySelectorAll("figure[data-panels]")) {
    const svg = figure.querySelector("svg");
    for (const panel of JSON.parse(figure.dataset.panels)) {
      if (!isOff("workload", panel.workload)) continue;
      const cover =
        document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const side of ["x", "y", "width", "height"])
        cover.setAttribute(side, panel[side]);
      cover.setAttribute("fill", "white");
      cover.classList.add("cover");
      svg.append(cover);
    }
  }
}

for (const box of document.querySelectorAll("input[data-kind]"))
  box.addEventListener("change", () => {
    showRows();
    showCurves();
    coverPanels();
  });

// --- sorting ----------------------------------------------------------------

function key(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value ?? cell.textContent;
}

// Compares numbers by size; an empty cell (not measured) is greater than all.
function compare(a, b) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const difference = a - b;
  return Number.isNaN(difference) ? a.localeCompare(b) : difference;
}

for (const head of document.querySelectorAll("th"))
  head.addEventListener("click", () => {
    const body = head.closest("table").tBodies[0];
    const falls = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.cells)
      other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const rows = [...body.rows].sort((a, b) =>
      compare(key(a, head.cellIndex), key(b, head.cellIndex)));
    body.append(...(falls ? rows.reverse() : rows));
  });
