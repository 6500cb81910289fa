/* SPDX-License-Identifier: MIT */
/* A model of a heap: a graph of numbered nodes with the same edges as the real
   objects. It tells which objects must be alive and which may be dead. It does
   not depend on collectors. */
#ifndef SHADOW_H
#define SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The greatest number of slots of objects, and of containers that grow; the
   number of roots of graphs. */
enum { SHADOW_SLOTS = 6, SHADOW_SLOTS_MOST = 24, SHADOW_ROOTS = 24 };

struct shadow_node {
  uint32_t slot[SHADOW_SLOTS_MOST]; /* 0: none */
  uint32_t slots;
  bool is_dead;
  bool is_kept; /* alive as if a root held it */
  /* Of an ephemeron: the value is held as long as it and the key are alive.
     0: it is none. */
  uint32_t key, value;
  bool holds_value; /* work space of shadow_count */
};

struct shadow {
  struct shadow_node *node; /* 1 … count */
  uint32_t count, capacity;
  uint32_t *root, roots;
  /* Work space, by node. */
  bool *reached;
  uint32_t *held, *stack;
};

/* Room for `capacity` nodes. False: no memory. */
bool shadow_init(struct shadow *, uint32_t capacity, uint32_t roots);
void shadow_finish(struct shadow *);

/* The number of a new node; there must be room. */
uint32_t shadow_add(struct shadow *, uint32_t slots);

/* Computes `reached`: is a node reachable from roots? */
void shadow_reach(struct shadow *);
/* Also sets `reached` for a node and all nodes reachable from it. */
void shadow_reach_from(struct shadow *, uint32_t node);
/* Computes `held` for every live node: it is 0 if counting frees the node,
   which means that neither a root nor an unreachable cycle leads to it. */
void shadow_count(struct shadow *);

#endif
