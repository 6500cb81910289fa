/* SPDX-License-Identifier: MIT */
/* Buffers of decrements that wait for a grace period. Note [Grace periods] in
   heap/grace.h is the argument; this file keeps its terms:
   - an entry is written after the exchange that overwrote it;
   - a chunk is sealed, and its epoch asked for, after its last entry;
   - it is applied after that epoch, or at a safepoint of a mutator that found,
     after the last entry was written, that it runs alone: Note [Running
     alone]. A mutator that has stopped the world runs alone. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collectors/shared/counting/rc_heap.h"

/* With more sealed chunks than this, the mutator waits for the grace period. So
   a descheduled thread can delay at most this many chunks of each other
   mutator, and this many times press_bytes. With eight, a short absence causes
   no wait. */
enum { RC_SEALED_MAX = 8 };
/* The same for all mutators together that have parked or detached. It lets four
   parked mutators with full lists pass without a wait. */
enum { RC_ORPHANS_MAX = 32 };

static size_t chunk_size(const struct rc_heap *heap) {
  return sizeof(struct rc_chunk) + heap->chunk_max * sizeof(gc_ref);
}

struct rc_chunk *gc_rc_chunk_new(struct rc_heap *heap) {
  struct rc_chunk *chunk = malloc(chunk_size(heap));
  if (chunk == NULL)
    return NULL;
  gc_rc_table_add(heap, chunk_size(heap));
  return chunk;
}

void gc_rc_chunk_free(struct rc_heap *heap, struct rc_chunk *chunk) {
  if (chunk == NULL)
    return;
  gc_rc_table_sub(heap, chunk_size(heap));
  free(chunk);
}

bool gc_rc_chunk_is_valid(const struct rc_heap *heap,
                          const struct rc_chunk *chunk) {
  if (chunk->count > heap->chunk_max)
    return false;
  for (uint32_t i = 0; i < chunk->count; i++)
    if (!gc_is_object(chunk->entry[i]))
      return false;
  return true;
}

/* One free chunk is kept for the next time that a chunk is sealed. */
static void chunk_retire(struct rc_mutator *rc, struct rc_chunk *chunk) {
  if (rc->spare == NULL)
    rc->spare = chunk;
  else
    gc_rc_chunk_free(rc_heap_of(rc->base.heap), chunk);
}

void gc_rc_chunks_append(struct rc_chunks *chunks, struct rc_chunk *chunk) {
  gc_assert(rc_chunks_is_valid(chunks));
  chunk->next = NULL;
  if (chunks->last)
    chunks->last->next = chunk;
  else
    chunks->first = chunk;
  chunks->last = chunk;
  chunks->count++;
}

struct rc_chunk *gc_rc_chunks_take(struct rc_chunks *chunks) {
  struct rc_chunk *chunk = chunks->first;
  if (chunk == NULL)
    return NULL;
  chunks->first = chunk->next;
  if (chunks->first == NULL)
    chunks->last = NULL;
  chunks->count--;
  gc_assert(rc_chunks_is_valid(chunks));
  return chunk;
}

static void open_chunk(struct rc_mutator *rc, struct rc_chunk *chunk) {
  gc_assert(chunk != NULL && rc->deferred_max > 0);
  rc->open = chunk;
  rc->taken = 0;
  rc->deferred = chunk->entry;
  rc->deferred_count = 0;
}

int gc_rc_defer_init(struct rc_mutator *rc) {
  struct rc_heap *heap = rc_heap_of(rc->base.heap);
  struct rc_chunk *chunk = gc_rc_chunk_new(heap);
  if (chunk == NULL)
    return ENOMEM;
  rc->deferred_max = heap->chunk_max;
  open_chunk(rc, chunk);
  return 0;
}

static void seal(struct rc_mutator *rc, struct rc_chunks *onto) {
  gc_assert(rc->deferred == rc->open->entry);
  gc_assert(rc->deferred_count <= rc->deferred_max);
  rc->open->count = rc->deferred_count;
  rc->open->taken = rc->taken;
  gc_shake();
  rc->open->epoch = gc_grace_request(rc->base.heap);
  gc_assert_slow(gc_rc_chunk_is_valid(rc_heap_of(rc->base.heap), rc->open));
  gc_rc_chunks_append(onto, rc->open);
}

/* Ensures that there is another chunk to open. False: no memory. */
static bool spare_reserve(struct rc_mutator *rc) {
  if (rc->spare == NULL)
    rc->spare = gc_rc_chunk_new(rc_heap_of(rc->base.heap));
  return rc->spare != NULL;
}

static void spare_open(struct rc_mutator *rc) {
  gc_assert(rc->spare != rc->open);
  open_chunk(rc, rc->spare);
  rc->spare = NULL;
}

/* False: there is no memory for another chunk, and nothing is changed. */
static bool seal_and_go_on(struct rc_mutator *rc) {
  if (!spare_reserve(rc))
    return false;
  seal(rc, &rc->sealed);
  gc_assert(rc->sealed.first->epoch <= rc->sealed.last->epoch);
  spare_open(rc);
  gc_poll_set(&rc->base, GC_POLL_COLLECTOR);
  return true;
}

/* Without memory for another chunk the last entry is forgotten: an object
   that is never freed does less harm than a store that can fail. */
GC_COLD void gc_rc_chunk_full(struct rc_mutator *rc) {
  gc_assert(rc->deferred_count == rc->deferred_max);
  if (!seal_and_go_on(rc))
    rc->deferred_count--;
}

/* Without memory for another chunk the open one, which has room, stays. */
void gc_rc_defer_press(struct rc_mutator *rc) {
  if (rc->taken < rc_heap_of(rc->base.heap)->press_bytes)
    return;
  if (rc->deferred_count == 0 || !seal_and_go_on(rc))
    rc->taken = 0;
}

/* --- applying ------------------------------------------------------------ */

/* Headers are likely out of cache: ask for them this far ahead. */
enum { RC_PREFETCH = 8 };

static void entries_apply(gc_mutator *m, const gc_ref *entry, uint32_t count) {
  gc_shake();
  gc_assert(count <= rc_heap_of(m->heap)->chunk_max);
  for (uint32_t i = 0; i < count; i++) {
    gc_assert(gc_is_object(entry[i]));
    if (i + RC_PREFETCH < count)
      __builtin_prefetch(entry[i + RC_PREFETCH], 1);
    gc_count(m, decrements, 1);
    if (rc_let_go(m, entry[i]))
      gc_rc_release(m, entry[i]);
  }
}

/* Releasing objects defers no decrement, so the open chunk does not grow
   meanwhile. */
static void open_apply(gc_mutator *m, struct rc_mutator *from) {
  uint32_t count = from->deferred_count;
  entries_apply(m, from->deferred, count);
  gc_assert(from->deferred_count == count);
  from->deferred_count = 0;
}

static void sealed_apply_all(gc_mutator *m, struct rc_chunks *chunks) {
  struct rc_chunk *chunk;
  while ((chunk = gc_rc_chunks_take(chunks)) != NULL) {
    entries_apply(m, chunk->entry, chunk->count);
    chunk_retire(rc_of(m), chunk);
  }
}

/* Epochs rise along a list, so the first that has not passed ends it. */
static void sealed_apply_passed(gc_mutator *m, struct rc_chunks *chunks) {
  while (chunks->first && gc_grace_has_passed(m->heap, chunks->first->epoch)) {
    struct rc_chunk *chunk = gc_rc_chunks_take(chunks);
    gc_assert(!chunks->first || chunks->first->epoch >= chunk->epoch);
    entries_apply(m, chunk->entry, chunk->count);
    chunk_retire(rc_of(m), chunk);
  }
}

/* --- chunks that mutators left behind ------------------------------------ */

/* Takes the first chunk left behind, if it may be applied. The chunk was left
   under this lock, so its exchanges come before the question whether `m` runs
   alone. An earlier answer would not cover them. */
static struct rc_chunk *orphan_take(gc_mutator *m) {
  struct rc_heap *heap = rc_heap_of(m->heap);
  struct rc_chunk *chunk = NULL;
  pthread_mutex_lock(&heap->orphans_lock);
  struct rc_chunk *first = heap->orphans.first;
  if (first && (gc_runs_alone(m) || gc_grace_has_passed(m->heap, first->epoch)))
    chunk = gc_rc_chunks_take(&heap->orphans);
  atomic_store(&heap->orphan_count, heap->orphans.count);
  pthread_mutex_unlock(&heap->orphans_lock);
  return chunk;
}

static void orphans_apply(gc_mutator *m) {
  struct rc_heap *heap = rc_heap_of(m->heap);
  struct rc_chunk *chunk;
  while (atomic_load(&heap->orphan_count) > 0 &&
         (chunk = orphan_take(m)) != NULL) {
    entries_apply(m, chunk->entry, chunk->count);
    chunk_retire(rc_of(m), chunk);
  }
}

/* Adds the entries of the open chunk to the chunk that was left last, so that a
   mutator that parks often does not leave a chunk for a few entries each time.
   Both had the same bound on memory that may wait. */
static bool open_join(struct rc_mutator *rc, struct rc_chunk *last) {
  struct rc_heap *heap = rc_heap_of(rc->base.heap);
  if (last == NULL || last->count + rc->deferred_count > heap->chunk_max ||
      last->taken + rc->taken > heap->press_bytes)
    return false;
  memcpy(last->entry + last->count, rc->deferred,
         rc->deferred_count * sizeof(gc_ref));
  gc_assert(gc_lock_is_held(&heap->orphans_lock));
  last->count += rc->deferred_count;
  gc_assert_slow(gc_rc_chunk_is_valid(heap, last));
  last->taken += rc->taken;
  return true;
}

/* Note [Leaving]
   A mutator that is about to park or detach gives its chunks to the heap. They
   keep their epochs, except for the last chunk: it may have new entries, so it
   gets a new epoch, requested after them. That request polls every mutator. The
   leaver has no raw reference and acknowledges it at once. So the last mutator
   to acknowledge is another one, or one that waits and continues later. In that
   same safepoint, after its acknowledgement, it looks at the chunks left behind
   and finds that the epoch has passed, because the hint that there are chunks
   is set before the request, and the leaver acknowledges before other mutators
   can look. So some mutator looks at every chunk, unless no mutator runs; a
   mutator that parks looks again at its first safepoint afterwards. Epochs need
   not rise along this list: a chunk waits for those before it. `rc->open` is
   NULL afterwards if the open chunk was given to the heap. */
static void leave(struct rc_mutator *rc) {
  struct rc_heap *heap = rc_heap_of(rc->base.heap);
  struct rc_chunk *chunk;
  gc_shake();
  pthread_mutex_lock(&heap->orphans_lock);
  /* Set before the request for a handshake: a mutator that answers it must see
     this and look at the chunks. */
  atomic_fetch_add(&heap->orphan_count, 1);
  while ((chunk = gc_rc_chunks_take(&rc->sealed)) != NULL)
    gc_rc_chunks_append(&heap->orphans, chunk);
  if (!open_join(rc, heap->orphans.last)) {
    seal(rc, &heap->orphans);
    rc->open = NULL;
  } else {
    gc_shake();
    heap->orphans.last->epoch = gc_grace_request(&heap->base);
  }
  gc_assert(rc->sealed.count == 0 && heap->orphans.count > 0);
  atomic_store(&heap->orphan_count, heap->orphans.count);
  /* Acknowledged before other mutators can look: the last one to acknowledge
     must find that the epoch has passed. */
  gc_grace_acknowledge(&rc->base);
  pthread_mutex_unlock(&heap->orphans_lock);
}

static bool has_buffered(const struct rc_mutator *rc) {
  return rc->deferred_count > 0 || rc->sealed.count > 0;
}

/* Bounds also the chunks of mutators that park again and again. Other mutators
   apply them as soon as the epoch has passed. */
static void wait_if_too_many(gc_mutator *m) {
  struct rc_heap *heap = rc_heap_of(m->heap);
  uint64_t epoch = 0;
  pthread_mutex_lock(&heap->orphans_lock);
  if (heap->orphans.count > RC_ORPHANS_MAX)
    epoch = heap->orphans.first->epoch;
  pthread_mutex_unlock(&heap->orphans_lock);
  if (epoch != 0)
    gc_grace_wait(m, epoch);
}

/* Without memory for another open chunk, all chunks stay with the mutator until
   it unparks. */
void gc_rc_defer_park(gc_mutator *m) {
  struct rc_mutator *rc = rc_of(m);
  rc->newest = NULL; /* Note [The newest object] */
  if (!has_buffered(rc) || !spare_reserve(rc))
    return;
  leave(rc);
  if (rc->open == NULL)
    spare_open(rc);
  else
    open_chunk(rc, rc->open);
  gc_assert(!has_buffered(rc));
  gc_poll_set(m, GC_POLL_COLLECTOR);
  wait_if_too_many(m);
}

void gc_rc_defer_finish(struct rc_mutator *rc) {
  struct rc_heap *heap = rc_heap_of(rc->base.heap);
  if (has_buffered(rc))
    leave(rc);
  gc_assert_always(rc->sealed.count == 0);
  gc_rc_chunk_free(heap, rc->open);
  gc_rc_chunk_free(heap, rc->spare);
}

/* Entries are left only if the heap's last mutator, which would have applied
   them, could not attach for want of memory. The objects that they hold are
   freed with the heap. */
void gc_rc_defer_discard(struct rc_heap *heap) {
  struct rc_chunk *chunk;
  while ((chunk = gc_rc_chunks_take(&heap->orphans)) != NULL)
    gc_rc_chunk_free(heap, chunk);
}

/* --- when ---------------------------------------------------------------- */

void gc_rc_defer_safepoint(gc_mutator *m) {
  struct rc_mutator *rc = rc_of(m);
  if (atomic_load_explicit(&m->poll, memory_order_relaxed) & GC_POLL_COLLECTOR)
    atomic_fetch_and(&m->poll, ~(uint32_t)GC_POLL_COLLECTOR);
  if (gc_runs_alone(m)) {
    gc_alone_try(m);
    sealed_apply_all(m, &rc->sealed);
    open_apply(m, rc);
    gc_assert(!has_buffered(rc));
    orphans_apply(m);
    return;
  }
  sealed_apply_passed(m, &rc->sealed);
  while (rc->sealed.count > RC_SEALED_MAX) {
    gc_grace_wait(m, rc->sealed.first->epoch);
    sealed_apply_passed(m, &rc->sealed);
  }
  gc_assert(rc->sealed.count <= RC_SEALED_MAX);
  orphans_apply(m);
}

/* Finalizers run at the safepoint at which their objects die. */
void gc_rc_drain_alone(gc_mutator *m) {
  if (!gc_runs_alone(m))
    return;
  gc_alone_try(m);
  open_apply(m, rc_of(m));
  if (gc_finalizers_are_due(m))
    gc_safepoint_slow(m);
}

void gc_rc_defer_drain_world(gc_mutator *m) {
  gc_assert_always(gc_world_is_stopped_by(m));
  for (gc_mutator *other = m->heap->mutators; other; other = other->next) {
    sealed_apply_all(m, &rc_of(other)->sealed);
    open_apply(m, rc_of(other));
  }
  orphans_apply(m);
  gc_assert(rc_heap_of(m->heap)->orphans.count == 0);
  if (RC_BIASED)
    gc_rc_merge_world(m);
}
