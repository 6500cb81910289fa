/* SPDX-License-Identifier: MIT */
#include "bench/rows/versus.h"

#include <string.h>

#include "bench/base/units.h"

static bool is_time(size_t column) {
  const char *name = run_columns[column];
  size_t length = strlen(name);
  return length > 3 && strcmp(name + length - 3, "_ns") == 0;
}

const char *versus_subject(const struct versus *v,
                           const struct versus_line *line) {
  const char *workload = line->cell->fields[RUN_WORKLOAD];
  if (line->workloads == 0 && line->column != v->column)
    return pool_format(v->pool, "%s %s", workload,
                       headline_short(line->column));
  if (line->workloads == 0)
    return workload;
  if (line->workloads == line->of)
    return pool_format(v->pool, "mean of %zu", line->workloads);
  return pool_format(v->pool, "mean of %zu of %zu", line->workloads, line->of);
}

const char *versus_limit(const struct versus *v, const struct versus_line *line,
                         bool in_bytes) {
  double bytes = entry_number(line->heap, RUN_HEAP_BYTES);
  if (line->workloads > 0 || !(bytes > 0))
    return "";
  return in_bytes ? line->heap->fields[RUN_HEAP_BYTES]
                  : digits_text(v->pool, bytes / (1 << 20));
}

const char *versus_figures(const struct versus *v) {
  const char *text = "";
  for (size_t i = 0; i < v->line_count; i++) {
    size_t column = v->lines[i].column;
    const char *brief = pool_format(v->pool, "%s:", headline_short(column));
    if (column != v->column && strstr(text, brief) == NULL)
      text = pool_format(v->pool, "%s%s%s %s", text, *text != '\0' ? ", " : "",
                         brief, run_columns[column]);
  }
  const char *name = run_columns[v->column];
  return *text != '\0' ? pool_format(v->pool, "%s (%s)", name, text) : name;
}

static const char *undecided_text(const struct versus *v, size_t blocks) {
  if (blocks == 0)
    return "undecided";
  return pool_format(v->pool, "undecided (about %zu blocks)", blocks);
}

const char *versus_verdict(const struct versus *v,
                           const struct versus_line *line) {
  if (line->reason != NULL)
    return line->reason;
  switch (line->verdict.word) {
  case VERDICT_LESS:
    return is_time(line->column) ? "faster" : "less";
  case VERDICT_MORE:
    return is_time(line->column) ? "slower" : "more";
  case VERDICT_SAME:
    return pool_format(v->pool, "same within ±%.1f %%",
                       100 * line->verdict.within);
  default:
    return undecided_text(v, line->verdict.blocks);
  }
}

const char *versus_family_name(enum versus_family family) {
  static const char *const names[VERSUS_FAMILIES] = {
      [VERSUS_STEADY] = "steady", [VERSUS_CONTENDED] = "contended",
      [VERSUS_PACED] = "paced",   [VERSUS_RESPONSE] = "response",
      [VERSUS_CPU] = "cpu",       [VERSUS_MEANS] = "mean"};
  return names[family];
}

const char *versus_note(const struct versus *v,
                        const struct versus_line *line) {
  const struct modes *m = &line->modes;
  if (line->reason != NULL || !m->are_two)
    return "";
  return pool_format(v->pool, "%zu blocks at %s, %zu at %s", m->low_count,
                     digits_text(v->pool, m->low), m->high_count,
                     digits_text(v->pool, m->high));
}
