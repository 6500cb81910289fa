/* SPDX-License-Identifier: MIT */
/* A lock-free queue between producers and consumers. Items are created on one
   thread and die on another, and a dequeued node refers to all later nodes. The
   queue is full from the beginning, so that the number of live bytes is known.
 */
#include <stdlib.h>

#include "workloads/helpers.h"
#include "workloads/ms_queue.h"

enum { LENGTH, BYTES, ITEMS, PRODUCERS };

struct queue {
  struct workload_shared shared; /* root: a table of head and tail */
  _Atomic int64_t room;          /* items that may still be added */
  _Atomic int64_t left;          /* items to take that no thread has claimed */
  _Atomic uint64_t put_sum, taken_sum; /* of their numbers */
  _Atomic bool has_failed;             /* a thread failed: the others stop */
};

static gc_type item_type(const struct workload_setup *setup) {
  return workload_type(&(struct gc_type_desc){
      .name = "item", .bytes = (uint32_t)setup->param[BYTES]});
}

/* The first threads are producers. A single thread is producer and consumer. */
static unsigned producers(const struct workload_setup *setup) {
  unsigned share = (unsigned)setup->param[PRODUCERS];
  unsigned count = (unsigned)((uint64_t)setup->threads * share / 100);
  if (count >= setup->threads && setup->threads > 1)
    count = setup->threads - 1;
  return count > 0 ? count : 1;
}

static uint64_t items_of_all(const struct workload_setup *setup) {
  return producers(setup) * (uint64_t)setup->param[ITEMS];
}

static size_t pair_bytes(const struct workload_setup *setup) {
  return gc_size_for(ms_node_type(), 0) + gc_size_for(item_type(setup), 0);
}

/* A producer claims room before it creates an item; the consumer returns it
   when it drops the item. The queue has one more node, the dummy. */
static size_t live_bytes(const struct workload_setup *setup) {
  return ms_queue_bytes() + (size_t)setup->param[LENGTH] * pair_bytes(setup);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return live_bytes(setup) + items_of_all(setup) * pair_bytes(setup);
}

struct worker {
  struct workload_thread *t;
  struct queue *queue;
  gc_type node, item;
  bool takes, has_claim;
  uint64_t to_make, number; /* of the next item */
  uint64_t *last;           /* taken, of each producer and of begin, plus one */
};

/* --- putting in and taking out -------------------------------------------- */

/* Decrements a count that is above 0. False: it is 0. */
static bool claim(_Atomic int64_t *count) {
  int64_t now = atomic_load(count);
  while (now > 0 && !atomic_compare_exchange_weak(count, &now, now - 1))
    ;
  return now > 0;
}

static bool put(struct worker *w) {
  struct workload_figures *figures = &w->t->figures;
  GC_FRAME(w->t->m, f, item, node);
  if (workload_stamped_new(w->t->m, &f.item, w->item, w->number) == NULL ||
      gc_new(w->t->m, &f.node, w->node) == NULL)
    return false;
  gc_set_move(w->t->m, gc_root_get(&f.node), MS_ITEM, &f.item);
  gc_ref ends = gc_root_get(&w->queue->shared.root);
  figures->ref_stores += ms_enqueue(w->t->m, ends, gc_root_get(&f.node)) + 1;
  figures->checksum += w->number++;
  figures->alloc_objects += 2;
  figures->ops++;
  w->to_make--;
  return true;
}

/* Items of one producer must leave in the order in which it added them. */
static void inspect(struct worker *w, gc_ref item) {
  uint64_t id = *workload_number(item);
  uint64_t from = id / (uint64_t)w->t->setup->param[ITEMS];
  if (from > producers(w->t->setup))
    from = producers(w->t->setup); /* begin may have added more items */
  bool right = workload_stamp_is(item, id) && id >= w->last[from];
  if (right)
    w->last[from] = id + 1;
  w->queue->shared.wrong += !right;
  w->queue->taken_sum += id;
}

static bool take(struct worker *w) {
  gc_safepoint(w->t->m);
  struct workload_figures *figures = &w->t->figures;
  gc_ref ends = gc_root_get(&w->queue->shared.root);
  gc_ref node = ms_dequeue(w->t->m, ends, &figures->ref_stores);
  if (node == NULL)
    return false;
  GC_FRAME(w->t->m, f, item);
  gc_root_set(w->t->m, &f.item, gc_get(node, MS_ITEM));
  gc_set(w->t->m, node, MS_ITEM, NULL);
  figures->ref_stores++;
  figures->ops++;
  inspect(w, gc_root_get(&f.item));
  gc_root_clear(w->t->m, &f.item);
  w->queue->room++;
  w->has_claim = false;
  return true;
}

/* A claimed item always arrives: the queue is not empty for ever before all
   items have been taken. */
static bool try_to_take(struct worker *w) {
  if (w->takes && !w->has_claim)
    w->has_claim = claim(&w->queue->left);
  return w->has_claim && take(w);
}

static bool is_done(const struct worker *w) {
  return w->queue->has_failed || (w->to_make == 0 && !w->has_claim &&
                                  (!w->takes || w->queue->left == 0));
}

static bool work(struct worker *w) {
  while (!is_done(w)) {
    if (w->to_make > 0 && claim(&w->queue->room)) {
      if (!put(w)) {
        w->queue->has_failed = true;
        return false;
      }
    } else if (!try_to_take(w)) {
      workload_wait(w->t->m);
    }
  }
  return !w->queue->has_failed;
}

/* Producer number producers() is the main thread before the start. */
static struct worker worker_make(struct workload_thread *t, unsigned producer) {
  uint64_t items = (uint64_t)t->setup->param[ITEMS];
  return (struct worker){.t = t,
                         .queue = t->shared,
                         .node = ms_node_type(),
                         .item = item_type(t->setup),
                         .number = producer * items};
}

static bool begin(struct workload_thread *t) {
  struct queue *queue = workload_shared_begin(t, sizeof *queue);
  struct worker w = worker_make(t, producers(t->setup));
  if (queue == NULL || !ms_queue_make(t->m, &queue->shared.root))
    return false;
  for (int64_t i = 0; i < t->setup->param[LENGTH]; i++)
    if (!put(&w))
      return false;
  queue->put_sum = t->figures.checksum;
  queue->left = (int64_t)items_of_all(t->setup);
  return true;
}

static bool run(struct workload_thread *t) {
  unsigned makers = producers(t->setup);
  struct worker w = worker_make(t, t->index);
  w.takes = t->index >= makers || t->setup->threads == 1;
  w.to_make = t->index < makers ? (uint64_t)t->setup->param[ITEMS] : 0;
  w.last = calloc(makers + 1, sizeof *w.last);
  if (w.last == NULL)
    w.queue->has_failed = true;
  bool ok = work(&w);
  free(w.last);
  t->figures.alloc_bytes = t->figures.alloc_objects / 2 * pair_bytes(t->setup);
  w.queue->put_sum += t->figures.checksum;
  return ok;
}

/* All other threads have ended, so none waits for a safepoint. */
static uint64_t sum_that_waits(const struct queue *queue, int64_t *count) {
  uint64_t sum = 0;
  gc_ref node = gc_get(gc_root_get(&queue->shared.root), MS_HEAD);
  for (node = gc_get(node, MS_NEXT); node;
       node = gc_get(node, MS_NEXT), ++*count)
    sum += *workload_number(gc_get(node, MS_ITEM));
  return sum;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  const struct queue *queue = main->shared;
  int64_t count = 0;
  uint64_t sum = queue->taken_sum + sum_that_waits(queue, &count);
  (void)threads;
  if (queue->shared.wrong)
    return "items left the queue out of order, or changed";
  bool are_all = sum == queue->put_sum && count == main->setup->param[LENGTH];
  return are_all ? NULL : "items were lost";
}

static const struct workload_param params[] = {
    [LENGTH] =
        {"length", 1, 100000000, {1000, 10000, 1000000}, "items in the queue"},
    [BYTES] = {"bytes", 16, 1 << 16, {64, 64, 64}, "bytes of data per item"},
    [ITEMS] = {"items",
               1,
               INT64_C(10000000000),
               {3000000, 10000000, 50000000},
               "items per producer"},
    [PRODUCERS] =
        {"producers", 1, 99, {50, 50, 50}, "per cent of threads that produce"},
    {0},
};

const struct workload workload_queue = {
    .name = "queue",
    .summary = "Producers hand items to consumers through a lock-free queue",
    .stresses = "hand-over between threads, long chains",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .is_contended = true,
    .begin = begin,
    .run = run,
    .check = check,
    .end = workload_shared_end,
};
