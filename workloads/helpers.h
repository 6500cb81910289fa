/* SPDX-License-Identifier: MIT */
/* Parts that several workloads use: types, stamped objects, chains, perfect
   trees, random distributions.

   Live bytes, everywhere in workloads/, are the bytes that are reachable at a
   safepoint. An object that is created and dropped without a safepoint in
   between does not count. */
#ifndef WORKLOAD_HELPERS_H
#define WORKLOAD_HELPERS_H

#include "workloads/workload.h"

enum {
  /* Steps without allocation between two safepoints. They take some
     microseconds, for which a stop of the world may have to wait. */
  WORKLOAD_STRIDE = 256
};

/* The type of this description, defined by the first call, so that parameters
   may decide the sizes. Any thread may call it. Aborts if there are too many
   types. */
gc_type workload_type(const struct gc_type_desc *);
/* Arrays of references, and of bytes. */
gc_type workload_table_type(void);
gc_type workload_bytes_type(void);

/* Do all threads have this checksum? For workloads in which all threads do the
   same work and the result is known beforehand. */
bool workload_checksums_are(const struct workload_thread *threads,
                            uint64_t expected);

/* Called in a loop that waits for another thread: lets other threads run. A
   safepoint. */
void workload_wait(gc_mutator *);

/* The state that threads share. Workloads put it first in their own struct. */
struct workload_shared {
  gc_root root;           /* global: holds all shared objects */
  _Atomic uint64_t wrong; /* errors that threads have found */
};

/* Creates t->shared, all zero, and returns it. NULL: out of memory. */
void *workload_shared_begin(struct workload_thread *, size_t bytes);
/* The same for a workload without its own struct. False: out of memory. */
bool workload_shared_begin_plain(struct workload_thread *);
/* Frees t->shared, if it was created. */
void workload_shared_end(struct workload_thread *);

/* The first eight bytes of an object's data. */
static inline uint64_t *workload_number(gc_ref object) {
  return gc_bytes(object);
}

/* --- stamped objects ------------------------------------------------------ */

/* The data of an object without slots. It has the object's number twice, so
   that a reader notices freed memory. */
struct workload_stamp {
  uint64_t id, complement;
};

gc_type workload_stamped_type(void);

static inline gc_ref workload_stamped_new(gc_mutator *m, gc_root *out,
                                          gc_type type, uint64_t id) {
  gc_ref object = gc_new(m, out, type);
  if (object != NULL)
    *(struct workload_stamp *)gc_bytes(object) =
        (struct workload_stamp){id, ~id};
  return object;
}

static inline bool workload_stamp_is(gc_ref object, uint64_t id) {
  const struct workload_stamp *stamp = gc_bytes(object);
  return stamp->id == id && stamp->complement == ~id;
}

/* Creates a table of `count * step` slots with a stamped object in each
   `step`th slot, numbered from 0, and stores it in *global, a global root. */
bool workload_stamped_table(gc_mutator *m, gc_root *global, size_t count,
                            size_t step);
size_t workload_stamped_table_bytes(size_t count, size_t step);

/* --- chains: nodes that point at the next with slot 0 --------------------- */

/* A type of nodes with `bytes` of data, at least 8, including a number. */
gc_type workload_link_type(size_t bytes);

/* Appends a new node with number `id` after *tail, and updates *tail. The first
   node goes to *head, too. */
static inline bool workload_chain_append(gc_mutator *m, gc_root *head,
                                         gc_root *tail, gc_type type,
                                         uint64_t id) {
  GC_FRAME(m, f, fresh);
  gc_ref node = gc_new(m, &f.fresh, type);
  if (node == NULL)
    return false;
  *workload_number(node) = id;
  gc_ref last = gc_root_get(tail);
  if (last == NULL)
    gc_root_set(m, head, node);
  else
    gc_set(m, last, 0, node);
  gc_root_move(m, tail, &f.fresh);
  return true;
}

struct workload_chain {
  uint64_t nodes, id_sum;
  bool is_ring; /* the last points at the first */
};

/* Follows a chain from *head to its end, or until it returns to *head, or for
   `most` nodes. May be a safepoint. */
struct workload_chain workload_chain_walk(gc_mutator *m, const gc_root *head,
                                          uint64_t most);

/* 0 + 1 + … + (n - 1), modulo 2^64. */
static inline uint64_t workload_sum_below(uint64_t n) {
  return n % 2 == 0 ? n / 2 * (n - 1) : (n - 1) / 2 * n;
}

/* --- perfect trees: the first `arity` slots of a node are its children ---- */

uint64_t workload_tree_nodes(unsigned arity, unsigned depth);

/* Counts the nodes. The result is workload_tree_nodes if the tree is complete
   and not deeper. A safepoint. */
uint64_t workload_tree_count(gc_mutator *m, gc_ref tree, unsigned arity,
                             unsigned depth);

/* Walks from the root to a leaf, choosing children by `path`, and returns the
   number of nodes. No safepoint. */
static inline unsigned workload_tree_path(gc_ref tree, unsigned arity,
                                          uint64_t path) {
  unsigned nodes = 0;
  for (gc_ref node = tree; node != NULL; path /= arity, nodes++)
    node = gc_get(node, path % arity);
  return nodes;
}

/* --- numbers -------------------------------------------------------------- */

/* Fills `table` with numbers of failures before the first success, where a try
   succeeds with a probability of `percent` / 100. */
void workload_geometric(struct workload_random *, unsigned percent,
                        uint8_t *table, size_t count);

/* A number of bytes, a multiple of 8, from `least` to `greatest`. Each power of
   two is equally likely, and so is each size between two powers. */
size_t workload_random_size(struct workload_random *, size_t least,
                            size_t greatest);

/* A number of bytes from `least` to `greatest`, all equally likely; `least` if
   `greatest` is smaller. */
size_t workload_random_even(struct workload_random *, size_t least,
                            size_t greatest);

/* Draws i from 0 … n-1 with probability proportional to its weight,
   1 / (i + 1)^0.99. */
struct workload_zipf {
  double n, zeta, alpha, eta, first_two;
};
double workload_zipf_weight(uint64_t i);
struct workload_zipf workload_zipf_make(uint64_t n);
uint64_t workload_zipf_next(const struct workload_zipf *,
                            struct workload_random *);

/* Maps 0 … n-1 onto itself, one to one, in an order that looks random. */
uint64_t workload_permute(uint64_t i, uint64_t n, uint64_t key);

#endif
