/* SPDX-License-Identifier: MIT */
/* A hash table and a doubly linked list of the same entries, newest first. An
   entry that is used moves to the front; the entry at the back is evicted. One
   thread at a time. Only lru_stripe_new and lru_add are safepoints. */
#ifndef WORKLOAD_LRU_STRIPE_H
#define WORKLOAD_LRU_STRIPE_H

#include "workloads/helpers.h"

struct lru {
  gc_mutator *m;
  gc_type stripe, entry, table, bytes;
  uint64_t ref_stores; /* so far */
};

struct lru lru_make(gc_mutator *);

/* False: out of memory; the same goes for lru_add. */
bool lru_stripe_new(struct lru *, gc_root *out, size_t buckets);
/* An entry with a new value of `bytes` bytes, at the front. */
bool lru_add(struct lru *, const gc_root *stripe, uint64_t key, size_t bytes);
gc_ref lru_find(gc_ref stripe, uint64_t key);
void lru_touch(struct lru *, gc_ref stripe, gc_ref entry);
void lru_evict(struct lru *, gc_ref stripe);

/* Is the value as lru_add wrote it? Checks both ends. */
bool lru_value_is(gc_ref entry, uint64_t key);
/* Are there `entries` entries, linked both ways, and can each be found? */
bool lru_stripe_is_valid(gc_ref stripe, size_t entries);

size_t lru_entry_size(size_t value_bytes);
size_t lru_stripe_size(size_t buckets); /* without entries */

#endif
