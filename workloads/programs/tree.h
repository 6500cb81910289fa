/* SPDX-License-Identifier: MIT */
/* Red-black trees (Guibas, Sedgewick, 1978), as maps. No key is removed. */
#ifndef WORKLOADS_PROGRAMS_TREE_H
#define WORKLOADS_PROGRAMS_TREE_H

#include "workloads/programs/containers.h"

enum {
  TREE_LEFT,
  TREE_RIGHT,
  TREE_PARENT,
  TREE_KEY,
  TREE_VALUE,
  TREE_NODE_SLOTS
};

/* Below 0 if a comes before b, 0 if they are the same key. Not a safepoint. */
typedef int tree_order(gc_ref a, gc_ref b);

/* A tree in use. Its nodes are in slot 0 of the object in *holder. */
struct tree {
  const struct containers *c;
  const gc_root *holder;
  tree_order *order;
};

/* Puts an empty tree into *holder. */
bool tree_new(const struct containers *, gc_root *holder);

/* Sets the value of a key. *old gets the value that it had; NULL if the key is
   new. Returns false without memory. */
bool tree_put(const struct tree *, const gc_root *key, const gc_root *value,
              gc_root *old);
/* The value of a key; NULL if it is not there. */
gc_ref tree_get(const struct tree *, gc_ref key);

/* The node with the least key, and the next one; NULL if there is none. */
gc_ref tree_first(const struct tree *);
gc_ref tree_next(gc_ref node);

/* Without keys and values. */
size_t tree_bytes(size_t nodes);

#endif
