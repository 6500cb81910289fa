/* SPDX-License-Identifier: MIT */
/* Earley's parser (Jay Earley, "An Efficient Context-Free Parsing Algorithm",
   Communications of the ACM 13(2), 1970) for the ambiguous grammar s → a | s s.
   It makes a chart: a table of states, one before each token and one at the
   end. A state is a list of items. An item is a rule of which a part has been
   recognised, from the state `origin` on; it has a list of ways, one for each
   choice of items that led to it. */
#ifndef WORKLOAD_EARLEY_CHART_H
#define WORKLOAD_EARLEY_CHART_H

#include "workloads/helpers.h"

enum earley_symbol { EARLEY_S, EARLEY_A };
/* The last is not of the grammar: it recognises a token. */
enum earley_rule { EARLEY_SINGLE, EARLEY_PAIR, EARLEY_TOKEN };

enum { EARLEY_ITEM_NEXT, EARLEY_ITEM_WAYS };
enum { EARLEY_WAY_NEXT, EARLEY_WAY_BEFORE, EARLEY_WAY_ENDED };

/* The bytes of an item. */
struct earley_item {
  uint16_t rule;
  uint16_t dot; /* how many symbols of the rule are recognised */
  uint32_t origin;
};

struct earley_chart {
  gc_mutator *m;
  gc_root *states;      /* a table of the first items */
  size_t now;           /* the state that is being made */
  uint64_t items, ways; /* so far */
};

static inline struct earley_item *earley_item_of(gc_ref item) {
  return gc_bytes(item);
}

/* The symbol that the item's rule is for. */
enum earley_symbol earley_head(gc_ref item);

/* Parses `tokens` times a. False: out of memory. */
bool earley_parse(struct earley_chart *, size_t tokens);
/* The item of a symbol that was recognised from the first token to the last, or
   NULL. */
gc_ref earley_result(const struct earley_chart *, enum earley_symbol);

/* The figures of a chart for so many tokens. */
uint64_t earley_items(uint64_t tokens);
uint64_t earley_ways(uint64_t tokens);
size_t earley_chart_bytes(size_t tokens);
/* Stores into items, ways and the table. */
uint64_t earley_chart_stores(uint64_t tokens);

#endif
