/* SPDX-License-Identifier: MIT */
#include "workloads/programs/earley_chart.h"

static const struct rule {
  uint16_t head, length;
  uint16_t body[2];
} rules[] = {
    [EARLEY_SINGLE] = {EARLEY_S, 1, {EARLEY_A}},
    [EARLEY_PAIR] = {EARLEY_S, 2, {EARLEY_S, EARLEY_S}},
    [EARLEY_TOKEN] = {EARLEY_A, 0, {0}},
};
enum { GRAMMAR_RULES = EARLEY_TOKEN };

static gc_type item_type(void) {
  return workload_type(&(struct gc_type_desc){
      .name = "item", .refs = 2, .bytes = sizeof(struct earley_item)});
}

static gc_type way_type(void) {
  return workload_type(&(struct gc_type_desc){.name = "way", .refs = 3});
}

enum earley_symbol earley_head(gc_ref item) {
  return rules[earley_item_of(item)->rule].head;
}

static bool is_complete(gc_ref item) {
  const struct earley_item *data = earley_item_of(item);
  return data->dot == rules[data->rule].length;
}

static bool expects(gc_ref item, enum earley_symbol symbol) {
  const struct earley_item *data = earley_item_of(item);
  return !is_complete(item) && rules[data->rule].body[data->dot] == symbol;
}

static gc_ref state_of(const struct earley_chart *chart, size_t state) {
  return gc_get(gc_root_get(chart->states), state);
}

/* --- making the chart ----------------------------------------------------- */

/* Stores in *out the item of this state with these values, or else the last
   item. No safepoint. */
static bool find(const struct earley_chart *chart, gc_root *out,
                 struct earley_item wanted) {
  gc_ref item = state_of(chart, chart->now), last = NULL;
  bool found = false;
  for (; item != NULL && !found; item = gc_get(item, EARLEY_ITEM_NEXT)) {
    const struct earley_item *data = earley_item_of(item);
    found = data->rule == wanted.rule && data->dot == wanted.dot &&
            data->origin == wanted.origin;
    last = item;
  }
  gc_root_set(chart->m, out, last);
  return found;
}

/* Stores in *out the item with these values, which it adds to the end of this
   state if it is new. False, here and below: out of memory. */
static bool add(struct earley_chart *chart, gc_root *out,
                struct earley_item wanted) {
  GC_FRAME(chart->m, f, last);
  if (find(chart, out, wanted))
    return true;
  gc_root_move(chart->m, &f.last, out);
  gc_ref item = gc_new(chart->m, out, item_type());
  if (item == NULL)
    return false;
  *earley_item_of(item) = wanted;
  chart->items++;
  gc_ref last = gc_root_get(&f.last);
  if (last == NULL)
    gc_set(chart->m, gc_root_get(chart->states), chart->now, item);
  else
    gc_set(chart->m, last, EARLEY_ITEM_NEXT, item);
  return true;
}

/* The item `before` expects what `ended` is: moves its dot on. */
static bool advance(struct earley_chart *chart, const gc_root *before,
                    const gc_root *ended) {
  gc_mutator *m = chart->m;
  struct earley_item moved = *earley_item_of(gc_root_get(before));
  moved.dot++;
  GC_FRAME(m, f, item, way);
  if (!add(chart, &f.item, moved) || !gc_new(m, &f.way, way_type()))
    return false;
  gc_ref item = gc_root_get(&f.item), way = gc_root_get(&f.way);
  gc_set(m, way, EARLEY_WAY_NEXT, gc_get(item, EARLEY_ITEM_WAYS));
  gc_set(m, way, EARLEY_WAY_BEFORE, gc_root_get(before));
  gc_set(m, way, EARLEY_WAY_ENDED, gc_root_get(ended));
  gc_set_move(m, item, EARLEY_ITEM_WAYS, &f.way);
  chart->ways++;
  return true;
}

static void move_on(gc_mutator *m, gc_root *item) {
  gc_root_set(m, item, gc_get(gc_root_get(item), EARLEY_ITEM_NEXT));
}

/* No rule is empty, so the state of the origin is an earlier one. */
static bool complete(struct earley_chart *chart, const gc_root *ended) {
  GC_FRAME(chart->m, f, before);
  size_t origin = earley_item_of(gc_root_get(ended))->origin;
  gc_root_set(chart->m, &f.before, state_of(chart, origin));
  for (; gc_root_get(&f.before) != NULL; move_on(chart->m, &f.before))
    if (expects(gc_root_get(&f.before), earley_head(gc_root_get(ended))) &&
        !advance(chart, &f.before, ended))
      return false;
  return true;
}

/* Adds the rules of a symbol, of which nothing has been recognised. */
static bool predict(struct earley_chart *chart, enum earley_symbol symbol) {
  GC_FRAME(chart->m, f, item);
  for (uint16_t rule = 0; rule < GRAMMAR_RULES; rule++) {
    struct earley_item item = {rule, 0, (uint32_t)chart->now};
    if (rules[rule].head == symbol && !add(chart, &f.item, item))
      return false;
  }
  return true;
}

static bool process(struct earley_chart *chart, const gc_root *item) {
  gc_ref object = gc_root_get(item);
  const struct earley_item *data = earley_item_of(object);
  if (is_complete(object))
    return complete(chart, item);
  return predict(chart, rules[data->rule].body[data->dot]);
}

static bool make_state(struct earley_chart *chart) {
  struct earley_item token = {EARLEY_TOKEN, 0, (uint32_t)chart->now - 1};
  GC_FRAME(chart->m, f, item);
  bool ok =
      chart->now == 0 ? predict(chart, EARLEY_S) : add(chart, &f.item, token);
  gc_root_set(chart->m, &f.item, state_of(chart, chart->now));
  for (; ok && gc_root_get(&f.item) != NULL; move_on(chart->m, &f.item))
    ok = process(chart, &f.item);
  return ok;
}

bool earley_parse(struct earley_chart *chart, size_t tokens) {
  if (!gc_new_array(chart->m, chart->states, workload_table_type(), tokens + 1))
    return false;
  for (chart->now = 0; chart->now <= tokens; chart->now++)
    if (!make_state(chart))
      return false;
  return true;
}

gc_ref earley_result(const struct earley_chart *chart,
                     enum earley_symbol symbol) {
  size_t states = gc_length(gc_root_get(chart->states));
  gc_ref item = state_of(chart, states - 1);
  while (item != NULL && !(is_complete(item) && earley_head(item) == symbol &&
                           earley_item_of(item)->origin == 0))
    item = gc_get(item, EARLEY_ITEM_NEXT);
  return item;
}

/* --- figures -------------------------------------------------------------- */

/* In state j > 0: the token, two predictions, and for each origin i < j an s
   that is complete and one s of a pair. In state 0: two predictions. */
uint64_t earley_items(uint64_t tokens) {
  return 2 + tokens * (tokens + 1) + 3 * tokens;
}

/* In state j: one way of the single token, one to each of the j first halves of
   a pair, and for each origin i one way per place between i and j to each pair,
   which makes j * (j - 1) / 2. */
uint64_t earley_ways(uint64_t tokens) {
  uint64_t pairs = (tokens + 1) * tokens * (tokens - 1) / 6;
  return tokens + tokens * (tokens + 1) / 2 + pairs;
}

size_t earley_chart_bytes(size_t tokens) {
  return gc_size_for(workload_table_type(), tokens + 1) +
         earley_items(tokens) * gc_size_for(item_type(), 0) +
         earley_ways(tokens) * gc_size_for(way_type(), 0);
}

uint64_t earley_chart_stores(uint64_t tokens) {
  return earley_items(tokens) + 4 * earley_ways(tokens);
}
