/* SPDX-License-Identifier: MIT */
/* A program outside this tree that breaks one rule, which the checked flavour
   sees. usage: checked RULE */
#include <sweepstakes.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static gc_type node_type;

static void slot(gc_mutator *m) {
  GC_FRAME(m, f, node);
  gc_get(gc_new(m, &f.node, node_type), 2);
}

static void parked(gc_mutator *m) {
  GC_FRAME(m, f, node);
  gc_park(m);
  gc_new(m, &f.node, node_type);
}

static void detached(gc_mutator *m) {
  gc_root node = {NULL};
  gc_detach(m);
  gc_new(m, &node, node_type);
}

/* Volatile: the compiler would warn of the access. */
static void integer(gc_mutator *m) {
  GC_FRAME(m, f, node);
  volatile uintptr_t number = 44;
  gc_set(m, gc_new(m, &f.node, node_type), 0, (gc_ref)number);
}

struct borrowed {
  gc_heap *heap;
  gc_root *root;
};

static void *borrow(void *data) {
  struct borrowed *borrowed = data;
  gc_mutator *m = gc_attach(borrowed->heap);
  gc_root_clear(m, borrowed->root);
  gc_detach(m);
  return NULL;
}

static gc_heap *heap;

static void root(gc_mutator *m) {
  GC_FRAME(m, f, node);
  struct borrowed borrowed = {heap, &f.node};
  pthread_t thread;
  gc_park(m);
  pthread_create(&thread, NULL, borrow, &borrowed);
  pthread_join(thread, NULL);
  gc_unpark(m);
}

static const struct {
  const char *name;
  void (*run)(gc_mutator *);
} rules[] = {
    {"slot", slot},       {"parked", parked}, {"detached", detached},
    {"integer", integer}, {"root", root},
};

int main(int argc, char **argv) {
  static const struct gc_type_desc node = {.name = "node", .refs = 2};
  node_type = gc_type_define(&node);
  if (argc != 2 || node_type == 0 || gc_heap_create(NULL, &heap) != 0)
    return 2;
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
    if (strcmp(rules[i].name, argv[1]) == 0)
      rules[i].run(gc_attach(heap));
  puts("no rule was broken");
  return 1;
}
