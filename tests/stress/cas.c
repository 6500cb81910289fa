/* SPDX-License-Identifier: MIT */
/* gc_cas under contention. While a thread holds a raw reference, its address is
   not reused, so an equal value is the same object: there is no ABA problem,
   and no update is lost. */
#include <stdlib.h>

#include "tests/stress/stress.h"

/* The cell's value counts up; each thread replaces it by a new object. */
static void count_up(struct test_thread *self) {
  const uint64_t *each = self->shared;
  gc_mutator *m = self->m;
  GC_FRAME(m, f, next);
  for (uint64_t i = 0; i < *each; i++) {
    gc_ref next = test_make(m, &f.next, test_leaf, 0), old;
    do {
      old = stress_load(0);
      test_payload_set(next, test_id(old) + 1);
    } while (!gc_cas(m, stress_array(), 0, old, next));
  }
}

void stress_cas_counter(unsigned threads) {
  uint64_t each = test_scaled(2000000) / threads;
  gc_mutator *m = stress_open(0, 1);
  size_t before = test_held(m->heap);
  {
    GC_FRAME(m, f, first);
    test_make(m, &f.first, test_leaf, 0);
    stress_store(m, 0, gc_root_get(&f.first));
  }
  test_threads_run(m, threads, count_up, &each);
  CHECK(test_id(stress_load(0)) == each * threads);
  stress_settle(m);
  stress_check_held(m, before);
  stress_close(m);
}

/* --- Treiber's stack ------------------------------------------------------ */

struct stack_run {
  uint64_t each;
  _Atomic uint8_t *popped; /* by id */
};

static void stack_push(gc_mutator *m, gc_root *node) {
  gc_ref top;
  do {
    top = stress_load(0);
    gc_set(m, gc_root_get(node), 0, top);
  } while (!gc_cas(m, stress_array(), 0, top, gc_root_get(node)));
}

static bool stack_pop(gc_mutator *m, gc_root *out) {
  gc_ref top;
  do {
    top = stress_load(0);
    if (top == NULL)
      return false;
  } while (!gc_cas(m, stress_array(), 0, top, gc_get(top, 0)));
  gc_root_set(m, out, top);
  return true;
}

static void push_and_pop(struct test_thread *self) {
  struct stack_run *run = self->shared;
  gc_mutator *m = self->m;
  GC_FRAME(m, f, node, popped);
  for (uint64_t i = 0; i < run->each; i++) {
    uint64_t id = self->index * run->each + i;
    test_make(m, &f.node, id % 8 ? test_node : test_mortal, id);
    stack_push(m, &f.node);
    if (i % 64 < 32) /* the stack grows and shrinks */
      continue;
    for (int k = 0; k < 2; k++)
      if (stack_pop(m, &f.popped))
        atomic_fetch_add(&run->popped[test_id(gc_root_get(&f.popped))], 1);
  }
  gc_root_clear(m, &f.node);
  while (stack_pop(m, &f.popped)) {
    atomic_fetch_add(&run->popped[test_id(gc_root_get(&f.popped))], 1);
    gc_safepoint(m);
  }
}

void stress_cas_stack(unsigned threads) {
  uint64_t each = test_scaled(1000000) / threads, all = each * threads;
  struct stack_run run = {each, calloc(all, 1)};
  CHECK(run.popped != NULL);
  test_deaths_begin(all);
  gc_mutator *m = stress_open(0, 1);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, push_and_pop, &run);
  CHECK(stress_load(0) == NULL);
  for (uint64_t id = 0; id < all; id++)
    CHECK(run.popped[id] == 1);
  stress_settle(m);
  stress_check_held(m, before);
  stress_check_deaths((all + 7) / 8, CONTENDED);
  stress_close(m);
  free((void *)run.popped);
}
