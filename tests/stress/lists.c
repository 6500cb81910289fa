/* SPDX-License-Identifier: MIT */
/* Long structures dropped on a small stack: death must not recurse. */
#include <limits.h>
#include <pthread.h>

#include "tests/stress/stress.h"

enum { STACK = 256 << 10 };

struct lists {
  gc_heap *heap;
  uint64_t length;
};

static gc_type link_type(void) {
  static gc_type type;
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){.name = "link", .refs = 1});
  return type;
}

/* Every `mortal`th node has a finalizer. */
static void make_list(gc_mutator *m, gc_root *out, uint64_t length,
                      uint64_t mortal) {
  GC_FRAME(m, f, node);
  for (uint64_t i = 0; i < length; i++) {
    if (i % mortal == mortal - 1)
      test_make(m, &f.node, test_mortal, i / mortal);
    else
      gc_new(m, &f.node, link_type());
    gc_set_move(m, gc_root_get(&f.node), 0, out);
    gc_root_move(m, out, &f.node);
  }
}

/* Drops a list from a root. */
static void drop_root(gc_mutator *m, uint64_t length) {
  GC_FRAME(m, f, list);
  make_list(m, &f.list, length, UINT64_MAX);
  gc_root_clear(m, &f.list);
}

/* Drops a list with some finalizers from a slot. */
static void drop_slot(gc_mutator *m, uint64_t length) {
  GC_FRAME(m, f, list, holder);
  gc_new(m, &f.holder, link_type());
  make_list(m, &f.list, length, 100);
  gc_set_move(m, gc_root_get(&f.holder), 0, &f.list);
  gc_collect(m, GC_FULL);
  gc_set(m, gc_root_get(&f.holder), 0, NULL);
  test_settle(m);
}

/* A comb: each node of the list holds another list. */
static void drop_comb(gc_mutator *m, uint64_t length) {
  GC_FRAME(m, f, comb, tooth, node);
  for (uint64_t i = 0; i < length / 100; i++) {
    make_list(m, &f.tooth, 100, UINT64_MAX);
    test_make(m, &f.node, test_node, i);
    gc_set_move(m, gc_root_get(&f.node), 0, &f.comb);
    gc_set_move(m, gc_root_get(&f.node), 1, &f.tooth);
    gc_root_move(m, &f.comb, &f.node);
  }
  gc_root_clear(m, &f.comb);
  test_settle(m);
}

static void *small_main(void *arg) {
  const struct lists *lists = arg;
  gc_mutator *m = gc_attach(lists->heap);
  CHECK(m != NULL);
  drop_root(m, lists->length);
  drop_slot(m, lists->length / 10);
  drop_comb(m, lists->length / 10);
  gc_detach(m);
  return NULL;
}

static void run_on_small_stack(struct lists *lists) {
  pthread_t thread;
  pthread_attr_t attributes;
  CHECK(pthread_attr_init(&attributes) == 0);
  CHECK(pthread_attr_setstacksize(&attributes, STACK) == 0);
  CHECK(pthread_create(&thread, &attributes, small_main, lists) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
  pthread_attr_destroy(&attributes);
}

/* Uses one thread; `threads` only selects the length. */
void stress_long_list(unsigned threads) {
  uint64_t length = test_scaled(threads == 2 ? 10000000 : 1000000);
  test_deaths_begin(length / 1000 + 1);
  gc_mutator *m = stress_open(0, 1);
  struct lists lists = {m->heap, length};
  size_t before = test_held(m->heap);
  gc_park(m);
  run_on_small_stack(&lists);
  gc_unpark(m);
  stress_settle(m);
  stress_check_held(m, before);
  stress_check_deaths(length / 10 / 100, 1);
  stress_close(m);
}
