/* SPDX-License-Identifier: MIT */
#include "tests/stress/shadow.h"

#include <stdlib.h>
#include <string.h>

bool shadow_init(struct shadow *s, uint32_t capacity) {
  size_t n = (size_t)capacity + 1;
  *s = (struct shadow){.capacity = capacity};
  s->node = calloc(n, sizeof *s->node);
  s->reached = calloc(n, sizeof *s->reached);
  s->held = calloc(n, sizeof *s->held);
  s->stack = calloc(n, sizeof *s->stack);
  return s->node && s->reached && s->held && s->stack;
}

void shadow_finish(struct shadow *s) {
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

void shadow_reach(struct shadow *s) {
  size_t depth = 0;
  memset(s->reached, 0, (size_t)s->count + 1);
  for (int i = 0; i < SHADOW_ROOTS; i++)
    depth = reach(s, s->root[i], depth);
  while (depth > 0) {
    const struct shadow_node *node = &s->node[s->stack[--depth]];
    for (uint32_t i = 0; i < node->slots; i++)
      depth = reach(s, node->slot[i], depth);
  }
}

static void count_holders(struct shadow *s) {
  memset(s->held, 0, ((size_t)s->count + 1) * sizeof *s->held);
  for (int i = 0; i < SHADOW_ROOTS; i++)
    s->held[s->root[i]]++;
  for (uint32_t n = 1; n <= s->count; n++)
    for (uint32_t i = 0; !s->node[n].is_dead && i < s->node[n].slots; i++)
      s->held[s->node[n].slot[i]]++;
}

/* Nodes that nobody holds let go of what they hold, and so on. */
void shadow_count(struct shadow *s) {
  size_t depth = 0;
  count_holders(s);
  for (uint32_t n = 1; n <= s->count; n++)
    if (!s->node[n].is_dead && s->held[n] == 0)
      s->stack[depth++] = n;
  while (depth > 0) {
    const struct shadow_node *node = &s->node[s->stack[--depth]];
    for (uint32_t i = 0; i < node->slots; i++)
      if (node->slot[i] != 0 && --s->held[node->slot[i]] == 0)
        s->stack[depth++] = node->slot[i];
  }
}
