/* SPDX-License-Identifier: MIT */
/* A program outside this tree, from the compiler's view: it sees only the
   installed headers and library. It builds trees, collects, and checks that
   they are intact. */
#ifndef OUTSIDE_HEADER
#define OUTSIDE_HEADER <sweepstakes.h>
#endif
#include OUTSIDE_HEADER

#include <assert.h> /* the system's, although the library has one too */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 12, ROUNDS = 8, TREE_NODES = (1 << (DEPTH + 1)) - 1 };

static gc_type node_type;

static void require(bool condition, const char *sentence) {
  if (condition)
    return;
  fprintf(stderr, "outside: %s\n", sentence);
  exit(1);
}

static void make_tree(gc_mutator *m, gc_root *out, int depth) {
  GC_FRAME(m, f, left, right);
  if (depth > 0) {
    make_tree(m, &f.left, depth - 1);
    make_tree(m, &f.right, depth - 1);
  }
  gc_ref node = gc_new(m, out, node_type);
  require(node != NULL, "no memory for a node");
  gc_set_move(m, node, 0, &f.left);
  gc_set_move(m, node, 1, &f.right);
  uint64_t value = (uint64_t)depth;
  memcpy(gc_bytes(node), &value, sizeof value);
}

static size_t count_tree(gc_ref node, int depth) {
  uint64_t value;
  memcpy(&value, gc_bytes(node), sizeof value);
  require(value == (uint64_t)depth, "a node has lost its data");
  if (depth == 0)
    return 1;
  return 1 + count_tree(gc_get(node, 0), depth - 1) +
         count_tree(gc_get(node, 1), depth - 1);
}

static void grow_and_drop(gc_mutator *m) {
  GC_FRAME(m, f, kept, dropped);
  make_tree(m, &f.kept, DEPTH);
  for (int round = 0; round < ROUNDS; round++) {
    make_tree(m, &f.dropped, DEPTH);
    gc_root_clear(m, &f.dropped);
    gc_collect(m, GC_FULL);
    size_t nodes = count_tree(gc_root_get(&f.kept), DEPTH);
    require(nodes == TREE_NODES, "a collection took a node that was held");
  }
  require(gc_verify(m) == 0, "the heap breaks an invariant");
}

int main(void) {
  static const struct gc_type_desc node = {
      .name = "node", .refs = 2, .bytes = sizeof(uint64_t)};
  node_type = gc_type_define(&node);
  require(node_type != 0, "the type could not be defined");
  gc_heap *heap;
  require(gc_heap_create(NULL, &heap) == 0, "no heap");
  gc_mutator *m = gc_attach(heap);
  require(m != NULL, "no mutator");
  grow_and_drop(m);
  gc_detach(m);
  gc_heap_destroy(heap);
  assert(node_type != 0);
  puts("outside: all trees are whole");
  return 0;
}
