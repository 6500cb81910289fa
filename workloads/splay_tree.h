/* SPDX-License-Identifier: MIT */
/* A splay tree of objects, each with a key, splayed from the top down (Sleator,
   Tarjan, "Self-adjusting binary search trees", 1985). No function of it is a
   safepoint, and none recurses: a splay tree may be as deep as it is large. */
#ifndef WORKLOAD_SPLAY_TREE_H
#define WORKLOAD_SPLAY_TREE_H

#include "workloads/helpers.h"

/* The slots of a node; its data begins with the key. The holder of the tree has
   the same type: its first two slots take the subtrees that a splay cuts off,
   the third has the tree. */
enum {
  SPLAY_LEFT,
  SPLAY_RIGHT,
  SPLAY_PAYLOAD,
  SPLAY_TREE = SPLAY_PAYLOAD,
  SPLAY_SLOTS
};

struct splay_tree {
  gc_mutator *m;
  const gc_root *holder;
  uint64_t ref_stores; /* so far */
};

static inline uint64_t splay_key(gc_ref node) {
  return *workload_number(node);
}

/* The node at the top; NULL: the tree is empty. */
gc_ref splay_tree_top(const struct splay_tree *);
bool splay_contains(struct splay_tree *, uint64_t key);
/* Inserts a node whose key is not in the tree. */
void splay_insert(struct splay_tree *, gc_ref node);
/* Removes the node with this key, which must be in the tree. */
void splay_remove(struct splay_tree *, uint64_t key);
/* The greatest key below `key`, which must be in the tree; `key` if it is the
   least. */
uint64_t splay_neighbour(struct splay_tree *, uint64_t key);
/* Removes the node with the least key from a tree that is not empty. */
gc_ref splay_take_least(struct splay_tree *);

#endif
