/* SPDX-License-Identifier: MIT */
/* What a heap should look like: a graph of numbered nodes kept beside the real
   one, from which it can be said which objects must live, and which must be
   dead. It knows nothing of collectors. */
#ifndef SHADOW_H
#define SHADOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most slots of objects, and of containers that grow; how many roots graphs
   have. */
enum { SHADOW_SLOTS = 6, SHADOW_SLOTS_MOST = 24, SHADOW_ROOTS = 24 };

struct shadow_node {
  uint32_t slot[SHADOW_SLOTS_MOST]; /* 0: none */
  uint32_t slots;
  bool is_dead;
  bool is_kept; /* by itself, as if a root held it */
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

/* Sets `reached` for what roots lead to. */
void shadow_reach(struct shadow *);
/* Sets it for what a node leads to as well, itself included. */
void shadow_reach_from(struct shadow *, uint32_t node);
/* Says for every node that lives so far whether counting frees it: whether it
   is neither reached, nor hangs by a cycle that is not. Clears `held` for
   those, and sets it for all others. */
void shadow_count(struct shadow *);

#endif
