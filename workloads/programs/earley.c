/* SPDX-License-Identifier: MIT */
/* earley: each thread parses a text of `length` tokens with an ambiguous
   grammar, and then makes a list of all its derivation trees; `parses` times.
   The list grows until the end of a parse.

   Marc Feeley, "earley", 1990; with this grammar, which has as many trees as
   there are binary trees with `length` leaves, among William D. Clinger's
   benchmarks of garbage collectors. Published: 742,900 trees for 14 tokens,
   2,674,440 for 15. */
#include "workloads/programs/earley_chart.h"
#include "workloads/programs/lisp.h"

enum { LENGTH, PARSES };

enum { LENGTH_MAX = 20 };

/* --- figures -------------------------------------------------------------- */

/* What the derivation of an s is that has so many tokens; in cells, except for
   numbers of trees. */
struct span {
  uint64_t trees;
  uint64_t depths; /* of the first token, summed over the trees */
  uint64_t held;   /* by the trees, not by the list of them */
  uint64_t peak;   /* while they are derived */
  uint64_t made;   /* all in all */
};

static uint64_t larger(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

/* Trees whose first part is `left`, with what the recursion in `derive` does.
   First it makes a list of trees that lack their second part: two cells, then
   three for each. */
static void span_add(struct span *sum, const struct span *left,
                     const struct span *right) {
  uint64_t pairs = left->trees * right->trees, list = sum->trees + sum->held;
  uint64_t halves = left->held + 3 * left->trees;
  uint64_t made = right->trees + 3 * pairs;
  /* The last cell that is made is not there yet at the last safepoint. */
  sum->peak = larger(sum->peak, list + 2 + larger(left->peak, halves));
  sum->peak = larger(sum->peak, list + halves + right->peak);
  sum->peak = larger(sum->peak, list + halves + right->held + made);
  sum->trees += pairs;
  sum->depths += left->depths * right->trees + pairs;
  sum->held += left->held + right->held + made - pairs;
  sum->made += 2 + left->made + 3 * left->trees + right->made + made;
}

static struct span span_of(const struct workload_setup *setup) {
  static const struct span single = {1, 1, 4, 7, 8};
  struct span spans[LENGTH_MAX + 1] = {[1] = single};
  size_t length = (size_t)setup->param[LENGTH];
  for (size_t i = 2; i <= length; i++)
    for (size_t left = 1; left < i; left++)
      span_add(&spans[i], &spans[left], &spans[i - left]);
  return spans[length];
}

/* The list of all trees is complete at a safepoint. */
static size_t live_bytes(const struct workload_setup *setup) {
  struct span span = span_of(setup);
  uint64_t cells = larger(span.peak, span.trees + span.held);
  return setup->threads * (earley_chart_bytes((size_t)setup->param[LENGTH]) +
                           cells * lisp_size());
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  size_t parse = earley_chart_bytes((size_t)setup->param[LENGTH]) +
                 span_of(setup).made * lisp_size();
  return setup->threads * (size_t)setup->param[PARSES] * parse;
}

/* --- derivation trees ----------------------------------------------------- */

/* A tree is a list: a symbol, then what it was recognised from. For a token
   that is its number. */
static bool push_immediate(struct lisp *lisp, gc_root *list, intptr_t number) {
  GC_FRAME(lisp->m, f, number);
  gc_root_set(lisp->m, &f.number, gc_immediate(number));
  return lisp_push(lisp, list, &f.number);
}

/* Makes a list of one tree, of which nothing is recognised but a token. */
static bool derive_start(struct lisp *lisp, gc_root *trees, gc_ref item) {
  struct earley_item data = *earley_item_of(item);
  intptr_t symbol = earley_head(item);
  GC_FRAME(lisp->m, f, tree);
  return (data.rule != EARLEY_TOKEN ||
          push_immediate(lisp, &f.tree, data.origin)) &&
         push_immediate(lisp, &f.tree, symbol) &&
         lisp_push(lisp, trees, &f.tree);
}

/* Makes a copy of the list, with the cell *last behind it. */
static bool append(struct lisp *lisp, gc_root *out, gc_ref list,
                   const gc_root *last) {
  if (list == NULL) {
    gc_root_set(lisp->m, out, gc_root_get(last));
    return true;
  }
  GC_FRAME(lisp->m, f, list, first, rest);
  gc_root_set(lisp->m, &f.list, list);
  if (!append(lisp, &f.rest, lisp_rest(list), last))
    return false;
  gc_root_set(lisp->m, &f.first, lisp_first(gc_root_get(&f.list)));
  return lisp_cell(lisp, out, &f.first, &f.rest);
}

/* Adds to *trees each of the halves, completed with this tree. */
static bool complete_each(struct lisp *lisp, gc_root *trees, gc_ref halves,
                          gc_ref tree) {
  GC_FRAME(lisp->m, f, halves, last, none, complete);
  gc_root_set(lisp->m, &f.halves, halves);
  gc_root_set(lisp->m, &f.complete, tree);
  if (!lisp_cell(lisp, &f.last, &f.complete, &f.none))
    return false;
  while (gc_root_get(&f.halves) != NULL) {
    gc_ref half = lisp_first(gc_root_get(&f.halves));
    if (!append(lisp, &f.complete, half, &f.last) ||
        !lisp_push(lisp, trees, &f.complete))
      return false;
    gc_root_set(lisp->m, &f.halves, lisp_rest(gc_root_get(&f.halves)));
  }
  return true;
}

static bool derive(struct lisp *lisp, gc_root *trees, gc_ref item);

/* Adds the trees that an item has in one way. */
static bool derive_way(struct lisp *lisp, gc_root *trees, const gc_root *way) {
  GC_FRAME(lisp->m, f, halves, ended);
  if (!derive(lisp, &f.halves, gc_get(gc_root_get(way), EARLEY_WAY_BEFORE)) ||
      !derive(lisp, &f.ended, gc_get(gc_root_get(way), EARLEY_WAY_ENDED)))
    return false;
  while (gc_root_get(&f.ended) != NULL) {
    if (!complete_each(lisp, trees, gc_root_get(&f.halves),
                       lisp_first(gc_root_get(&f.ended))))
      return false;
    gc_root_set(lisp->m, &f.ended, lisp_rest(gc_root_get(&f.ended)));
  }
  return true;
}

/* Makes a list of all trees of an item. */
static bool derive(struct lisp *lisp, gc_root *trees, gc_ref item) {
  if (earley_item_of(item)->dot == 0)
    return derive_start(lisp, trees, item);
  GC_FRAME(lisp->m, f, way);
  gc_ref way = gc_get(item, EARLEY_ITEM_WAYS);
  for (; way != NULL; way = gc_get(gc_root_get(&f.way), EARLEY_WAY_NEXT)) {
    gc_root_set(lisp->m, &f.way, way);
    if (!derive_way(lisp, trees, &f.way))
      return false;
  }
  return true;
}

/* --- the run -------------------------------------------------------------- */

/* The depth of the first token in a tree, or a wrong number. */
static uint64_t depth_of_first(gc_ref tree) {
  uint64_t depth = 0;
  while (lisp_first(tree) == gc_immediate(EARLEY_S)) {
    tree = lisp_first(lisp_rest(tree));
    depth++;
  }
  bool is_first = lisp_first(lisp_rest(tree)) == gc_immediate(0);
  return lisp_first(tree) == gc_immediate(EARLEY_A) && is_first ? depth : 0;
}

/* Counts the trees, and adds the depths of their first tokens to the checksum.
   The cursor *trees ends empty. */
static void read_trees(struct workload_thread *t, gc_root *trees) {
  while (gc_root_get(trees) != NULL) {
    gc_safepoint(t->m);
    gc_ref left = gc_root_get(trees);
    for (unsigned i = 0; i < WORKLOAD_STRIDE && left != NULL; i++) {
      t->figures.ops++;
      t->figures.checksum += 1 + depth_of_first(lisp_first(left));
      left = lisp_rest(left);
    }
    gc_root_set(t->m, trees, left);
  }
}

static bool parse(struct workload_thread *t, struct lisp *lisp) {
  GC_FRAME(t->m, f, states, trees);
  struct earley_chart chart = {.m = t->m, .states = &f.states};
  if (!earley_parse(&chart, (size_t)t->setup->param[LENGTH]) ||
      !derive(lisp, &f.trees, earley_result(&chart, EARLEY_S)))
    return false;
  read_trees(t, &f.trees);
  return true;
}

static bool run(struct workload_thread *t) {
  uint64_t parses = (uint64_t)t->setup->param[PARSES];
  uint64_t length = (uint64_t)t->setup->param[LENGTH];
  struct lisp lisp = lisp_make(t->m);
  for (uint64_t i = 0; i < parses; i++)
    if (!parse(t, &lisp))
      return false;
  uint64_t objects = 1 + earley_items(length) + earley_ways(length);
  lisp_figures(&lisp, &t->figures, parses * objects,
               parses * earley_chart_bytes(length),
               parses * earley_chart_stores(length));
  return true;
}

/* --- the card ------------------------------------------------------------- */

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  struct span span = span_of(main->setup);
  uint64_t parses = (uint64_t)main->setup->param[PARSES];
  bool right =
      workload_checksums_are(threads, parses * (span.trees + span.depths));
  return right ? NULL : "a derivation tree is missing, or is wrong";
}

static const struct workload_param params[] = {
    [LENGTH] = {"length", 1, LENGTH_MAX, {12, 14, 15}, "tokens of the text"},
    [PARSES] = {"parses", 1, 1000000, {1, 2, 5}, "parses per thread"},
    {0},
};

const struct workload workload_earley = {
    .name = "earley",
    .summary = "A parser makes all derivation trees of a text",
    .stresses = "a structure of small cells that grows to the end",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .run = run,
    .check = check,
};
