/* SPDX-License-Identifier: MIT */
#include "tests/stress/shadow.h"

#include <stdlib.h>
#include <string.h>

bool shadow_init(struct shadow *s, uint32_t capacity, uint32_t roots) {
  size_t n = (size_t)capacity + 1;
  *s = (struct shadow){.capacity = capacity, .roots = roots};
  s->root = calloc(roots, sizeof *s->root);
  s->node = calloc(n, sizeof *s->node);
  s->reached = calloc(n, sizeof *s->reached);
  s->held = calloc(n, sizeof *s->held);
  s->stack = calloc(n, sizeof *s->stack);
  return s->root && s->node && s->reached && s->held && s->stack;
}

void shadow_finish(struct shadow *s) {
  free(s->root);
  free(s->node);
  free(s->reached);
  free(s->held);
  free(s->stack);
}

uint32_t shadow_add(struct shadow *s, uint32_t slots) {
  s->node[++s->count] = (struct shadow_node){.slots = slots};
  return s->count;
}

static size_t reach(struct shadow *s, uint32_t node, size_t depth) {
  if (node == 0 || s->reached[node])
    return depth;
  s->reached[node] = true;
  s->stack[depth] = node;
  return depth + 1;
}

/* Values of ephemerons that are reached, with keys that are reached. */
static size_t reach_values(struct shadow *s, size_t depth) {
  for (uint32_t n = 1; n <= s->count; n++)
    if (s->node[n].key != 0 && s->reached[n] && s->reached[s->node[n].key])
      depth = reach(s, s->node[n].value, depth);
  return depth;
}

static void reach_on(struct shadow *s, size_t depth) {
  do
    while (depth > 0) {
      const struct shadow_node *node = &s->node[s->stack[--depth]];
      for (uint32_t i = 0; i < node->slots; i++)
        depth = reach(s, node->slot[i], depth);
    }
  while ((depth = reach_values(s, depth)) > 0);
}

void shadow_reach_from(struct shadow *s, uint32_t node) {
  reach_on(s, reach(s, node, 0));
}

void shadow_reach(struct shadow *s) {
  size_t depth = 0;
  memset(s->reached, 0, (size_t)s->count + 1);
  for (uint32_t i = 0; i < s->roots; i++)
    depth = reach(s, s->root[i], depth);
  for (uint32_t n = 1; n <= s->count; n++)
    if (s->node[n].is_kept)
      depth = reach(s, n, depth);
  reach_on(s, depth);
}

static void count_holders(struct shadow *s) {
  memset(s->held, 0, ((size_t)s->count + 1) * sizeof *s->held);
  for (uint32_t i = 0; i < s->roots; i++)
    s->held[s->root[i]]++;
  for (uint32_t n = 1; n <= s->count; n++)
    s->held[n] += s->node[n].is_kept;
  for (uint32_t n = 1; n <= s->count; n++)
    for (uint32_t i = 0; !s->node[n].is_dead && i < s->node[n].slots; i++)
      s->held[s->node[n].slot[i]]++;
  for (uint32_t n = 1; n <= s->count; n++) {
    struct shadow_node *node = &s->node[n];
    node->holds_value =
        node->key != 0 && !node->is_dead && !s->node[node->key].is_dead;
    s->held[node->value] += node->holds_value;
  }
}

/* Subtracts one holder. A dead node has dropped its slots already; its holders
   may be dead but not known to be. */
static size_t let_go(struct shadow *s, uint32_t node, size_t depth) {
  if (node == 0 || --s->held[node] > 0 || s->node[node].is_dead)
    return depth;
  s->stack[depth] = node;
  return depth + 1;
}

/* The node dies: so do the values of its ephemerons, and its own. */
static size_t let_values_go(struct shadow *s, uint32_t dead, size_t depth) {
  for (uint32_t n = 1; n <= s->count; n++) {
    struct shadow_node *node = &s->node[n];
    if (!node->holds_value || (n != dead && node->key != dead))
      continue;
    node->holds_value = false;
    depth = let_go(s, node->value, depth);
  }
  return depth;
}

/* Nodes without holders drop their slots, and so on. */
void shadow_count(struct shadow *s) {
  size_t depth = 0;
  count_holders(s);
  for (uint32_t n = 1; n <= s->count; n++)
    if (!s->node[n].is_dead && s->held[n] == 0)
      s->stack[depth++] = n;
  while (depth > 0) {
    uint32_t dead = s->stack[--depth];
    const struct shadow_node *node = &s->node[dead];
    for (uint32_t i = 0; i < node->slots; i++)
      depth = let_go(s, node->slot[i], depth);
    depth = let_values_go(s, dead, depth);
  }
}
