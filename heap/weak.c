/* SPDX-License-Identifier: MIT */
#include "heap/weak.h"

#include "heap/shake.h"
#include "heap/table.h"

static gc_ref load_target(struct gc_weak *data) {
  return __atomic_load_n(&data->target, __ATOMIC_ACQUIRE);
}

void gc_weak_table_init(struct gc_weak_table *table, gc_heap *heap) {
  table->heap = heap;
  for (int i = 0; i < GC_WEAK_STRIPES; i++) {
    table->stripes[i].targets = (struct gc_ptrmap){0};
    pthread_mutex_init(&table->stripes[i].lock, NULL);
  }
}

void gc_weak_table_finish(struct gc_weak_table *table) {
  for (int i = 0; i < GC_WEAK_STRIPES; i++) {
    gc_ptrmap_finish(&table->stripes[i].targets);
    pthread_mutex_destroy(&table->stripes[i].lock);
  }
}

struct gc_weak_stripe *gc_weak_stripe_of(struct gc_weak_table *table,
                                         gc_ref target) {
  uintptr_t hash = ((uintptr_t)target >> 4) * UINT64_C(0x9e3779b97f4a7c15);
  return &table->stripes[hash >> 58 & (GC_WEAK_STRIPES - 1)];
}

/* The stripe's lock is held, and its table has room. */
static void chain_add(struct gc_ptrmap *targets, gc_ref target, gc_ref weak) {
  gc_ref first = gc_ptrmap_get(targets, target);
  gc_weak_data(weak)->next = first;
  gc_weak_data(weak)->prev = NULL;
  if (first)
    gc_weak_data(first)->prev = weak;
  gc_ptrmap_put(targets, target, weak);
}

bool gc_weak_bind(struct gc_weak_table *table, gc_ref weak, gc_ref target) {
  struct gc_weak_stripe *stripe = gc_weak_stripe_of(table, target);
  pthread_mutex_lock(&stripe->lock);
  bool ok = gc_table_reserve(table->heap, &stripe->targets, false);
  if (ok) {
    chain_add(&stripe->targets, target, weak);
    __atomic_store_n(&gc_weak_data(weak)->target, target, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&stripe->lock);
  return ok;
}

/* The stripe's lock is held and `weak` is in the chain of `target`. */
static void chain_remove(struct gc_ptrmap *targets, gc_ref target,
                         gc_ref weak) {
  gc_ref next = gc_weak_data(weak)->next, prev = gc_weak_data(weak)->prev;
  if (next)
    gc_weak_data(next)->prev = prev;
  if (prev)
    gc_weak_data(prev)->next = next;
  else if (next)
    gc_ptrmap_put(targets, target, next);
  else
    gc_ptrmap_remove(targets, target);
}

void gc_weak_unbind(struct gc_weak_table *table, gc_ref weak) {
  struct gc_weak *data = gc_weak_data(weak);
  gc_ref target = load_target(data);
  if (target == NULL)
    return;
  struct gc_weak_stripe *stripe = gc_weak_stripe_of(table, target);
  gc_shake();
  pthread_mutex_lock(&stripe->lock);
  if (load_target(data) == target) { /* it may have died since the load above */
    chain_remove(&stripe->targets, target, weak);
    gc_table_trim(table->heap, &stripe->targets);
  }
  pthread_mutex_unlock(&stripe->lock);
}

gc_ref gc_weak_first(struct gc_weak_table *table, gc_ref target) {
  return gc_ptrmap_get(&gc_weak_stripe_of(table, target)->targets, target);
}

void gc_weak_clear(struct gc_weak_table *table, gc_ref target,
                   void (*cleared)(gc_ref ephemeron, void *), void *data_of) {
  struct gc_weak_stripe *stripe = gc_weak_stripe_of(table, target);
  gc_shake();
  pthread_mutex_lock(&stripe->lock);
  gc_ref weak = gc_ptrmap_remove(&stripe->targets, target);
  gc_table_trim(table->heap, &stripe->targets);
  while (weak) {
    struct gc_weak *data = gc_weak_data(weak);
    gc_ref next = data->next;
    if (gc_is_ephemeron(weak))
      cleared(weak, data_of);
    /* After this store the weak reference may die without taking the lock. */
    __atomic_store_n(&data->target, NULL, __ATOMIC_RELEASE);
    gc_shake();
    weak = next;
  }
  pthread_mutex_unlock(&stripe->lock);
}
