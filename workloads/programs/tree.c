/* SPDX-License-Identifier: MIT */
#include "workloads/programs/tree.h"

static gc_type holder_type(void) {
  return workload_type(&(struct gc_type_desc){.name = "tree", .refs = 1});
}

/* The data is 1 if the node is red. */
static gc_type node_type(void) {
  return workload_type(&(struct gc_type_desc){
      .name = "tree node", .refs = TREE_NODE_SLOTS, .bytes = sizeof(uint64_t)});
}

size_t tree_bytes(size_t nodes) {
  return gc_size_for(holder_type(), 0) + nodes * gc_size_for(node_type(), 0);
}

bool tree_new(const struct containers *c, gc_root *holder) {
  return counted_new(c, holder, holder_type()) != NULL;
}

static gc_ref top_of(const struct tree *t) {
  return gc_get(gc_root_get(t->holder), 0);
}

static gc_ref parent_of(gc_ref node) {
  return gc_get(node, TREE_PARENT);
}

static bool is_red(gc_ref node) {
  return node != NULL && *workload_number(node) != 0;
}

static void paint(gc_ref node, bool red) {
  *workload_number(node) = red;
}

/* On which side of its parent is the node? */
static unsigned side_of(gc_ref node) {
  return gc_get(parent_of(node), TREE_LEFT) == node ? TREE_LEFT : TREE_RIGHT;
}

/* --- walking -------------------------------------------------------------- */

/* The node at the end of a path in this direction; NULL only without a node. */
static gc_ref outermost(gc_ref node, unsigned side) {
  for (gc_ref next = node; next != NULL; next = gc_get(node, side))
    node = next;
  return node;
}

gc_ref tree_first(const struct tree *t) {
  return outermost(top_of(t), TREE_LEFT);
}

gc_ref tree_next(gc_ref node) {
  gc_ref right = gc_get(node, TREE_RIGHT);
  if (right != NULL)
    return outermost(right, TREE_LEFT);
  while (parent_of(node) != NULL && side_of(node) == TREE_RIGHT)
    node = parent_of(node);
  return parent_of(node);
}

/* The node with the key, or NULL; then *parent and *side are where it would be.
 */
static gc_ref look(const struct tree *t, gc_ref key, gc_ref *parent,
                   unsigned *side) {
  gc_ref node = top_of(t);
  *parent = NULL;
  *side = TREE_LEFT;
  while (node != NULL) {
    int order = t->order(key, gc_get(node, TREE_KEY));
    if (order == 0)
      return node;
    *parent = node;
    *side = order < 0 ? TREE_LEFT : TREE_RIGHT;
    node = gc_get(node, *side);
  }
  return NULL;
}

gc_ref tree_get(const struct tree *t, gc_ref key) {
  gc_ref parent;
  unsigned side;
  gc_ref node = look(t, key, &parent, &side);
  return node != NULL ? gc_get(node, TREE_VALUE) : NULL;
}

/* --- inserting ------------------------------------------------------------ */

/* Makes `node` the child of `parent`, or the top of the tree. */
static void link_below(const struct tree *t, gc_ref parent, unsigned side,
                       gc_ref node) {
  if (parent == NULL)
    counted_set(t->c, gc_root_get(t->holder), 0, node);
  else
    counted_set(t->c, parent, side, node);
  if (node != NULL)
    counted_set(t->c, node, TREE_PARENT, parent);
}

/* Moves the node down to this side; the child on the other side takes its
   place. */
static void rotate(const struct tree *t, gc_ref node, unsigned side) {
  gc_ref child = gc_get(node, !side), parent = parent_of(node);
  unsigned place = parent != NULL ? side_of(node) : TREE_LEFT;
  link_below(t, node, !side, gc_get(child, side));
  link_below(t, parent, place, child);
  link_below(t, child, side, node);
}

/* No red node may have a red parent. */
static void balance(const struct tree *t, gc_ref node) {
  while (is_red(parent_of(node))) {
    gc_ref parent = parent_of(node), above = parent_of(parent);
    unsigned side = side_of(parent);
    gc_ref uncle = gc_get(above, !side);
    if (is_red(uncle)) {
      paint(parent, false);
      paint(uncle, false);
      paint(above, true);
      node = above;
      continue;
    }
    if (side_of(node) != side) {
      node = parent;
      rotate(t, node, side);
    }
    paint(parent_of(node), false);
    paint(above, true);
    rotate(t, above, !side);
  }
  paint(top_of(t), false);
}

static bool insert(const struct tree *t, const gc_root *key,
                   const gc_root *value, gc_ref parent, unsigned side) {
  GC_FRAME(t->c->t->m, f, parent, node);
  gc_root_set(t->c->t->m, &f.parent, parent);
  gc_ref node = counted_new(t->c, &f.node, node_type());
  if (node == NULL)
    return false;
  counted_set(t->c, node, TREE_KEY, gc_root_get(key));
  counted_set(t->c, node, TREE_VALUE, gc_root_get(value));
  paint(node, true);
  link_below(t, gc_root_get(&f.parent), side, node);
  balance(t, node);
  return true;
}

bool tree_put(const struct tree *t, const gc_root *key, const gc_root *value,
              gc_root *old) {
  gc_ref parent;
  unsigned side;
  gc_ref node = look(t, gc_root_get(key), &parent, &side);
  if (node == NULL) {
    gc_root_clear(t->c->t->m, old);
    return insert(t, key, value, parent, side);
  }
  gc_root_set(t->c->t->m, old, gc_get(node, TREE_VALUE));
  counted_set(t->c, node, TREE_VALUE, gc_root_get(value));
  return true;
}
