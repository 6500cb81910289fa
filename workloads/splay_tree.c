/* SPDX-License-Identifier: MIT */
#include "workloads/splay_tree.h"

static void put(struct splay_tree *tree, gc_ref object, size_t slot,
                gc_ref value) {
  gc_set(tree->m, object, slot, value);
  tree->ref_stores++;
}

/* Moves the node with `key`, or one that would be its neighbour, to the top of
   the tree at `top`, and makes that the tree. The subtrees that are cut off on
   the way down are collected at two hooks, one for each side. */
static gc_ref splay(struct splay_tree *tree, gc_ref top, uint64_t key) {
  gc_ref holder = gc_root_get(tree->holder), node = top;
  gc_ref hook[2] = {holder, holder};
  while (key != splay_key(node)) {
    unsigned side = key < splay_key(node) ? SPLAY_LEFT : SPLAY_RIGHT;
    gc_ref child = gc_get(node, side);
    if (child == NULL)
      break;
    if (key != splay_key(child) &&
        (key < splay_key(child)) == (side == SPLAY_LEFT)) {
      put(tree, node, side, gc_get(child, !side));
      put(tree, child, !side, node);
      node = child;
      if (gc_get(node, side) == NULL)
        break;
    }
    put(tree, hook[side], side, node);
    hook[side] = node;
    node = gc_get(node, side);
  }
  for (unsigned side = SPLAY_LEFT; side <= SPLAY_RIGHT; side++) {
    put(tree, hook[side], side, gc_get(node, !side));
    put(tree, node, !side, gc_get(holder, side));
    put(tree, holder, side, NULL);
  }
  put(tree, holder, SPLAY_TREE, node);
  return node;
}

gc_ref splay_tree_top(const struct splay_tree *tree) {
  return gc_get(gc_root_get(tree->holder), SPLAY_TREE);
}

bool splay_contains(struct splay_tree *tree, uint64_t key) {
  gc_ref top = splay_tree_top(tree);
  return top != NULL && splay_key(splay(tree, top, key)) == key;
}

void splay_insert(struct splay_tree *tree, gc_ref node) {
  gc_ref top = splay_tree_top(tree);
  if (top != NULL) {
    top = splay(tree, top, splay_key(node));
    unsigned side = splay_key(node) < splay_key(top) ? SPLAY_LEFT : SPLAY_RIGHT;
    put(tree, node, !side, top);
    put(tree, node, side, gc_get(top, side));
    put(tree, top, side, NULL);
  }
  put(tree, gc_root_get(tree->holder), SPLAY_TREE, node);
}

void splay_remove(struct splay_tree *tree, uint64_t key) {
  gc_ref top = splay(tree, splay_tree_top(tree), key);
  gc_ref left = gc_get(top, SPLAY_LEFT), right = gc_get(top, SPLAY_RIGHT);
  if (left == NULL)
    put(tree, gc_root_get(tree->holder), SPLAY_TREE, right);
  else
    put(tree, splay(tree, left, key), SPLAY_RIGHT, right);
}

uint64_t splay_neighbour(struct splay_tree *tree, uint64_t key) {
  gc_ref top = splay(tree, splay_tree_top(tree), key), greatest = NULL;
  for (gc_ref node = gc_get(top, SPLAY_LEFT); node != NULL;
       node = gc_get(node, SPLAY_RIGHT))
    greatest = node;
  return greatest != NULL ? splay_key(greatest) : key;
}

gc_ref splay_take_least(struct splay_tree *tree) {
  gc_ref least = splay(tree, splay_tree_top(tree), 0);
  put(tree, gc_root_get(tree->holder), SPLAY_TREE, gc_get(least, SPLAY_RIGHT));
  return least;
}
