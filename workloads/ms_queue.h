/* SPDX-License-Identifier: MIT */
/* The queue of Michael and Scott ("Simple, fast, and practical non-blocking
   and blocking concurrent queue algorithms", PODC 1996). The address of a node
   is not reused while a thread may compare it, so the queue needs no counted
   pointers. Only ms_queue_make is a safepoint. */
#ifndef WORKLOAD_MS_QUEUE_H
#define WORKLOAD_MS_QUEUE_H

#include "workloads/helpers.h"

/* The slots of the table of ends, and those of a node. */
enum { MS_HEAD, MS_TAIL, MS_ENDS };
enum { MS_NEXT, MS_ITEM, MS_NODE_REFS };

static inline gc_type ms_node_type(void) {
  return workload_type(
      &(struct gc_type_desc){.name = "queue node", .refs = MS_NODE_REFS});
}

/* The bytes of an empty queue: the ends and the dummy node. */
static inline size_t ms_queue_bytes(void) {
  return gc_size_for(workload_table_type(), MS_ENDS) +
         gc_size_for(ms_node_type(), 0);
}

/* Stores the ends in *global, a global root. False: out of memory. */
static inline bool ms_queue_make(gc_mutator *m, gc_root *global) {
  GC_FRAME(m, f, ends, node);
  if (gc_new_array(m, &f.ends, workload_table_type(), MS_ENDS) == NULL ||
      gc_new(m, &f.node, ms_node_type()) == NULL)
    return false;
  gc_ref ends = gc_root_get(&f.ends);
  gc_set(m, ends, MS_HEAD, gc_root_get(&f.node));
  gc_set_move(m, ends, MS_TAIL, &f.node);
  gc_global_set(m, global, ends);
  return true;
}

/* Returns the number of references that it stored. */
static inline unsigned ms_enqueue(gc_mutator *m, gc_ref ends, gc_ref node) {
  for (unsigned stores = 0;;) {
    gc_ref tail = gc_get(ends, MS_TAIL), next = gc_get(tail, MS_NEXT);
    if (next != NULL)
      stores += gc_cas(m, ends, MS_TAIL, tail, next);
    else if (gc_cas(m, tail, MS_NEXT, NULL, node))
      return stores + 1 + gc_cas(m, ends, MS_TAIL, tail, node);
  }
}

/* Returns the node that becomes the dummy node and still has the item. NULL:
   the queue is empty. Adds the number of references that it stored to *stores.
 */
static inline gc_ref ms_dequeue(gc_mutator *m, gc_ref ends, uint64_t *stores) {
  for (;;) {
    gc_ref head = gc_get(ends, MS_HEAD), tail = gc_get(ends, MS_TAIL);
    gc_ref next = gc_get(head, MS_NEXT);
    if (next == NULL)
      return NULL;
    size_t end = head == tail ? MS_TAIL : MS_HEAD;
    bool is_done = gc_cas(m, ends, end, head, next);
    *stores += is_done;
    if (is_done && end == MS_HEAD)
      return next;
  }
}

#endif
