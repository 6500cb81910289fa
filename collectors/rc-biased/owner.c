/* SPDX-License-Identifier: MIT */
/* Mutators take, leave and return to their records: Note [Owners that end]. */
#include <errno.h>

#include "collectors/rc-biased/owner.h"

/* Bytes of empty blocks that a mutator leaves to the next one. */
enum { LEFT_EMPTY = 256 << 10 };

static struct rc_owner *idle_take(struct biased_heap *heap) {
  pthread_mutex_lock(&heap->owners_lock);
  struct rc_owner *owner = heap->idle;
  if (owner)
    heap->idle = owner->next_idle;
  pthread_mutex_unlock(&heap->owners_lock);
  return owner;
}

static struct rc_owner *owner_new(struct biased_heap *heap) {
  struct rc_owner *owner = gc_biased_region_new(&heap->cycle.rc.base);
  if (owner == NULL)
    return NULL;
  pthread_mutex_init(&owner->lock, NULL);
  atomic_store(&owner->is_away, true);
  pthread_mutex_lock(&heap->owners_lock);
  owner->next = heap->owners;
  heap->owners = owner;
  pthread_mutex_unlock(&heap->owners_lock);
  return owner;
}

static void away_set(struct rc_owner *owner, gc_mutator *m, bool is_away) {
  pthread_mutex_lock(&owner->lock);
  gc_assert(atomic_load(&owner->is_away) != is_away);
  owner->mutator = m;
  atomic_store(&owner->is_away, is_away);
  if (owner->queue.count > 0)
    gc_poll_set(m, GC_POLL_COLLECTOR);
  pthread_mutex_unlock(&owner->lock);
}

int gc_biased_owner_begin(gc_mutator *m) {
  struct biased_heap *heap = biased_heap_of(m->heap);
  struct rc_owner *owner = idle_take(heap);
  if (owner == NULL)
    owner = owner_new(heap);
  if (owner == NULL)
    return ENOMEM;
  gc_assert(owner->mutator == NULL);
  rc_of(m)->owner = owner;
  away_set(owner, m, false);
  return 0;
}

/* Becomes away, unless something is queued. `m` is the mutator that the record
   has from then on; or NULL. */
static bool away_try(struct rc_mutator *rc, gc_mutator *m) {
  struct rc_owner *owner = rc->owner;
  pthread_mutex_lock(&owner->lock);
  /* A mutator that never ran leaves a queue that it found to the next. */
  bool may = owner->queue.count == 0 || !rc->base.running;
  if (may) {
    owner->mutator = m;
    atomic_store(&owner->is_away, true);
    gc_biased_take_home(owner);
    if (m == NULL)
      gc_biased_trim(rc_heap_of(rc->base.heap), owner, LEFT_EMPTY);
  }
  pthread_mutex_unlock(&owner->lock);
  return may;
}

/* What is merged may free cells of others, which have to go home, too. */
static void leave(gc_mutator *m, gc_mutator *stays) {
  struct rc_mutator *rc = rc_of(m);
  gc_assert(!atomic_load(&rc->owner->is_away));
  do {
    gc_shake();
    if (m->running)
      gc_biased_merge(m, rc->owner);
    if (stays == NULL)
      gc_rc_cells_return(rc, 0);
  } while (!away_try(rc, stays));
  gc_biased_send_home(rc);
}

void gc_biased_owner_leave(gc_mutator *m) {
  leave(m, m);
}

void gc_biased_owner_return(gc_mutator *m) {
  gc_shake();
  away_set(rc_of(m)->owner, m, false);
}

/* Puts all cells at hand back into their blocks. */
void gc_biased_owner_end(gc_mutator *m) {
  struct biased_heap *heap = biased_heap_of(m->heap);
  struct rc_owner *owner = rc_of(m)->owner;
  leave(m, NULL);
  pthread_mutex_lock(&heap->owners_lock);
  owner->next_idle = heap->idle;
  heap->idle = owner;
  pthread_mutex_unlock(&heap->owners_lock);
}

void gc_biased_owners_finish(struct biased_heap *heap) {
  struct rc_chunk *chunk;
  while (heap->owners) {
    struct rc_owner *owner = heap->owners;
    heap->owners = owner->next;
    gc_assert_always(owner->mutator == NULL);
    while ((chunk = gc_rc_chunks_take(&owner->queue)) != NULL)
      gc_rc_chunk_free(&heap->cycle.rc, chunk);
    pthread_mutex_destroy(&owner->lock);
    gc_biased_region_free(owner);
  }
  pthread_mutex_destroy(&heap->owners_lock);
}
