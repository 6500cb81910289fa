/* SPDX-License-Identifier: MIT */
/* The queue of Michael and Scott (PODC 1996), with as many producers as
   consumers. Objects die on another thread than the one that created them, and
   dead nodes form a chain. */
#include <stdlib.h>

#include "tests/stress/stress.h"

/* Cells. */
enum { HEAD, TAIL, CELLS };
/* A producer waits while there are more items than this in the queue. */
enum { QUEUE_MOST = 1000 };

struct queue {
  uint64_t each;
  unsigned producers;
  _Atomic int64_t length;
  _Atomic uint64_t taken;
  _Atomic uint8_t *seen; /* by id */
};

/* Slot 0 of a node is the next one. */
static void enqueue(gc_mutator *m, gc_root *node) {
  for (;;) {
    gc_ref tail = stress_load(TAIL), next = gc_get(tail, 0);
    if (next != NULL)
      gc_cas(m, stress_array(), TAIL, tail, next);
    else if (gc_cas(m, tail, 0, NULL, gc_root_get(node))) {
      gc_cas(m, stress_array(), TAIL, tail, gc_root_get(node));
      return;
    }
  }
}

/* Stores the payload of the node that becomes the queue's dummy in *out. */
static bool dequeue(gc_mutator *m, gc_root *out) {
  for (;;) {
    gc_ref head = stress_load(HEAD), tail = stress_load(TAIL);
    gc_ref next = gc_get(head, 0);
    if (next == NULL)
      return false;
    if (head == tail)
      gc_cas(m, stress_array(), TAIL, tail, next);
    else if (gc_cas(m, stress_array(), HEAD, head, next)) {
      gc_root_set(m, out, next);
      return true;
    }
  }
}

static void produce(struct test_thread *self, struct queue *queue) {
  GC_FRAME(self->m, f, node);
  for (uint64_t i = 0; i < queue->each; i++) {
    while (atomic_load(&queue->length) > QUEUE_MOST) {
      gc_safepoint(self->m);
      sched_yield();
    }
    uint64_t id = self->index * queue->each + i;
    test_make(self->m, &f.node, id % 4 ? test_node : test_mortal, id);
    enqueue(self->m, &f.node);
    atomic_fetch_add(&queue->length, 1);
  }
}

/* The items of one producer must arrive in order. */
static void consume(struct test_thread *self, struct queue *queue) {
  uint64_t last[queue->producers];
  for (unsigned i = 0; i < queue->producers; i++)
    last[i] = 0;
  GC_FRAME(self->m, f, node);
  while (atomic_load(&queue->taken) < queue->producers * queue->each) {
    gc_safepoint(self->m);
    if (!dequeue(self->m, &f.node)) {
      sched_yield();
      continue;
    }
    uint64_t id = test_id(gc_root_get(&f.node)), from = id / queue->each;
    CHECK(atomic_fetch_add(&queue->seen[id], 1) == 0);
    CHECK(id + 1 > last[from]);
    last[from] = id + 1;
    atomic_fetch_sub(&queue->length, 1);
    atomic_fetch_add(&queue->taken, 1);
  }
}

static void produce_or_consume(struct test_thread *self) {
  struct queue *queue = self->shared;
  if (self->index < queue->producers)
    produce(self, queue);
  else
    consume(self, queue);
}

static void begin(gc_mutator *m) {
  GC_FRAME(m, f, dummy);
  test_make(m, &f.dummy, test_node, 0);
  stress_store(m, HEAD, gc_root_get(&f.dummy));
  stress_store(m, TAIL, gc_root_get(&f.dummy));
}

void stress_queue(unsigned threads) {
  struct queue queue = {.producers = threads / 2};
  queue.each = test_scaled(500000) / threads + 1;
  uint64_t all = queue.each * queue.producers;
  queue.seen = calloc(all, 1);
  CHECK(queue.seen != NULL);
  test_deaths_begin(all);
  gc_mutator *m = stress_open(0, CELLS);
  size_t before = test_held(m->heap);
  begin(m);
  test_threads_run(m, threads, produce_or_consume, &queue);
  CHECK(queue.taken == all);
  for (uint64_t id = 0; id < all; id++)
    CHECK(queue.seen[id] == 1);
  stress_settle(m);
  stress_check_held(m, before);
  stress_check_deaths((all + 3) / 4, CONTENDED);
  stress_close(m);
  free((void *)queue.seen);
}
