/* SPDX-License-Identifier: MIT */
#include "workloads/lru_stripe.h"

enum { BUCKETS, LIST, STRIPE_SLOTS }; /* of a stripe */

/* The slots of an entry; its data begins with the key. The list is a ring. Its
   head is an entry without a value, between the newest and the oldest. */
enum { CHAIN, NEWER, OLDER, VALUE, ENTRY_SLOTS };

struct lru lru_make(gc_mutator *m) {
  return (struct lru){
      .m = m,
      .stripe = workload_type(
          &(struct gc_type_desc){.name = "stripe", .refs = STRIPE_SLOTS}),
      .entry = workload_type(&(struct gc_type_desc){.name = "cache entry",
                                                    .refs = ENTRY_SLOTS,
                                                    .bytes = sizeof(uint64_t)}),
      .table = workload_table_type(),
      .bytes = workload_bytes_type(),
  };
}

size_t lru_entry_size(size_t value_bytes) {
  struct lru lru = lru_make(NULL);
  return gc_size_for(lru.entry, 0) + gc_size_for(lru.bytes, value_bytes);
}

size_t lru_stripe_size(size_t buckets) {
  struct lru lru = lru_make(NULL);
  return gc_size_for(lru.stripe, 0) + gc_size_for(lru.entry, 0) +
         gc_size_for(lru.table, buckets);
}

static uint64_t *key_of(gc_ref entry) {
  return workload_number(entry);
}

static void put(struct lru *lru, gc_ref object, size_t slot, gc_ref value) {
  gc_set(lru->m, object, slot, value);
  lru->ref_stores++;
}

bool lru_stripe_new(struct lru *lru, gc_root *out, size_t buckets) {
  GC_FRAME(lru->m, f, table, head);
  if (gc_new_array(lru->m, &f.table, lru->table, buckets) == NULL ||
      gc_new(lru->m, &f.head, lru->entry) == NULL)
    return false;
  gc_ref stripe = gc_new(lru->m, out, lru->stripe);
  if (stripe == NULL)
    return false;
  gc_ref head = gc_root_get(&f.head);
  put(lru, head, NEWER, head);
  put(lru, head, OLDER, head);
  gc_set_move(lru->m, stripe, BUCKETS, &f.table);
  gc_set_move(lru->m, stripe, LIST, &f.head);
  lru->ref_stores += 2;
  return true;
}

static size_t bucket_of(gc_ref buckets, uint64_t key) {
  uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
  return (hash >> 32) * gc_length(buckets) >> 32;
}

gc_ref lru_find(gc_ref stripe, uint64_t key) {
  gc_ref buckets = gc_get(stripe, BUCKETS);
  gc_ref entry = gc_get(buckets, bucket_of(buckets, key));
  while (entry != NULL && *key_of(entry) != key)
    entry = gc_get(entry, CHAIN);
  return entry;
}

static void chain_add(struct lru *lru, gc_ref buckets, gc_ref entry) {
  size_t bucket = bucket_of(buckets, *key_of(entry));
  put(lru, entry, CHAIN, gc_get(buckets, bucket));
  put(lru, buckets, bucket, entry);
}

static void chain_remove(struct lru *lru, gc_ref buckets, gc_ref entry) {
  gc_ref before = buckets;
  size_t slot = bucket_of(buckets, *key_of(entry));
  while (gc_get(before, slot) != entry) {
    before = gc_get(before, slot);
    slot = CHAIN;
  }
  put(lru, before, slot, gc_get(entry, CHAIN));
}

static void list_add(struct lru *lru, gc_ref head, gc_ref entry) {
  gc_ref newest = gc_get(head, OLDER);
  put(lru, entry, NEWER, head);
  put(lru, entry, OLDER, newest);
  put(lru, newest, NEWER, entry);
  put(lru, head, OLDER, entry);
}

static void list_remove(struct lru *lru, gc_ref entry) {
  gc_ref newer = gc_get(entry, NEWER), older = gc_get(entry, OLDER);
  put(lru, newer, OLDER, older);
  put(lru, older, NEWER, newer);
}

void lru_touch(struct lru *lru, gc_ref stripe, gc_ref entry) {
  gc_ref head = gc_get(stripe, LIST);
  if (gc_get(head, OLDER) == entry)
    return;
  list_remove(lru, entry);
  list_add(lru, head, entry);
}

void lru_evict(struct lru *lru, gc_ref stripe) {
  gc_ref oldest = gc_get(gc_get(stripe, LIST), NEWER);
  list_remove(lru, oldest);
  chain_remove(lru, gc_get(stripe, BUCKETS), oldest);
}

static bool value_new(struct lru *lru, gc_root *out, uint64_t key,
                      size_t bytes) {
  gc_ref value = gc_new_array(lru->m, out, lru->bytes, bytes);
  if (value == NULL)
    return false;
  uint64_t *words = workload_number(value);
  for (size_t i = 0; i < bytes / sizeof *words; i++)
    words[i] = key + i;
  return true;
}

bool lru_add(struct lru *lru, const gc_root *stripe, uint64_t key,
             size_t bytes) {
  GC_FRAME(lru->m, f, entry, value);
  if (!value_new(lru, &f.value, key, bytes))
    return false;
  gc_ref entry = gc_new(lru->m, &f.entry, lru->entry);
  if (entry == NULL)
    return false;
  *key_of(entry) = key;
  gc_set_move(lru->m, entry, VALUE, &f.value);
  lru->ref_stores++;
  chain_add(lru, gc_get(gc_root_get(stripe), BUCKETS), entry);
  list_add(lru, gc_get(gc_root_get(stripe), LIST), entry);
  return true;
}

bool lru_value_is(gc_ref entry, uint64_t key) {
  gc_ref value = gc_get(entry, VALUE);
  const uint64_t *words = workload_number(value);
  size_t last = gc_length(value) / sizeof *words - 1;
  return words[0] == key && words[last] == key + last;
}

bool lru_stripe_is_valid(gc_ref stripe, size_t entries) {
  gc_ref head = gc_get(stripe, LIST), before = head;
  size_t found = 0;
  for (gc_ref at = gc_get(head, OLDER); at != head; at = gc_get(at, OLDER)) {
    if (++found > entries || gc_get(at, NEWER) != before ||
        lru_find(stripe, *key_of(at)) != at || !lru_value_is(at, *key_of(at)))
      return false;
    before = at;
  }
  return found == entries && gc_get(head, NEWER) == before;
}
