/* SPDX-License-Identifier: MIT */
/* A splay tree of objects, each with a key, splayed from the top down (Sleator,
   Tarjan, "Self-adjusting binary search trees", 1985). No function of it is a
   safepoint, and none recurses: a splay tree may be as deep as it is large. */
#ifndef WORKLOAD_SPLAY_TREE_H
#define WORKLOAD_SPLAY_TREE_H

#include "workloads/helpers.h"

/* Slots of a node, which begins its data with the key. In the holder of the
   tree, an object of the same type, the first two take what a splay cuts off,
   and the third the tree. */
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
/* No node of the tree has its key. */
void splay_insert(struct splay_tree *, gc_ref node);
/* A node of the tree has the key. */
void splay_remove(struct splay_tree *, uint64_t key);
/* The greatest key below `key`, which is in the tree; `key` where it is the
   least. */
uint64_t splay_neighbour(struct splay_tree *, uint64_t key);
/* Takes the node with the least key out of a tree that is not empty. */
gc_ref splay_take_least(struct splay_tree *);

#endif
