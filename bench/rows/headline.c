/* SPDX-License-Identifier: MIT */
#include "bench/rows/headline.h"

#include <math.h>
#include <string.h>

static const struct {
  const char *column, *brief, *name;
} figures[] = {
    {"rsp_p999_ns", "p99.9", "p99.9 response"},
    {"rsp_p99_ns", "p99", "p99 response"},
    {"rsp_p90_ns", "p90", "p90 response"},
    {"rsp_p50_ns", "p50", "p50 response"},
    {"task_clock_ns", "CPU", "CPU time"},
};
enum { PERCENTILES = 4, CPU = PERCENTILES, FIGURES };

static size_t column_of(size_t figure) {
  const char *name = figures[figure].column;
  return run_column_find(name, strlen(name));
}

/* FIGURES: it is another column. */
static size_t figure_of(size_t column) {
  size_t i = 0;
  while (i < FIGURES && column_of(i) != column)
    i++;
  return i;
}

bool headline_is_paced(const struct entry *e) {
  return entry_number(e, RUN_RATE_HZ) > 0;
}

size_t headline_response(void) {
  return column_of(0);
}

size_t headline_lower(size_t column, const struct entry *e) {
  size_t i = figure_of(column);
  while (i < PERCENTILES && isnan(entry_number(e, column_of(i))))
    i++;
  return i < PERCENTILES ? column_of(i) : RUN_COLUMNS;
}

size_t headline_columns(struct span cell, size_t columns[HEADLINE_MAX]) {
  size_t count = 0, response = headline_response();
  bool is_paced = false;
  for (const struct entry *e = cell.begin; e < cell.end; e++) {
    is_paced |= headline_is_paced(e);
    if (e->is_ok)
      response = headline_lower(response, e);
  }
  if (is_paced && response < RUN_COLUMNS)
    columns[count++] = response;
  columns[count++] = is_paced ? column_of(CPU) : RUN_WALL_NS;
  return count;
}

bool headline_is_response(size_t column) {
  return figure_of(column) < PERCENTILES;
}

const char *headline_name(size_t column) {
  size_t i = figure_of(column);
  return i < FIGURES ? figures[i].name : run_columns[column];
}

const char *headline_short(size_t column) {
  size_t i = figure_of(column);
  return i < FIGURES ? figures[i].brief : "";
}
