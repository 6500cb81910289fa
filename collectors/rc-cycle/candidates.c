/* SPDX-License-Identifier: MIT */
/* Buffers of candidates. Note [Candidates] in cycle.h. */
#include "collectors/rc-cycle/cycle.h"

/* --- becoming one --------------------------------------------------------- */

static bool open_has_room(struct cycle_mutator *own) {
  struct rc_heap *heap = rc_heap_of(own->rc.base.heap);
  if (own->open && own->open->count < heap->chunk_max)
    return true;
  struct rc_chunk *chunk = gc_rc_chunk_new(heap);
  if (chunk == NULL)
    return false;
  chunk->count = 0;
  if (own->open)
    gc_rc_chunks_append(&own->full, own->open);
  own->open = chunk;
  return true;
}

/* Without memory for the buffer the object is a candidate no longer; the next
   decrement makes it one again. */
GC_NOINLINE void gc_rc_candidate(gc_mutator *m, gc_ref object) {
  struct cycle_mutator *own = cycle_of(m);
  uint32_t before =
      __atomic_fetch_or(&object->word, RC_BUFFERED, __ATOMIC_RELAXED);
  if (before & RC_BUFFERED)
    return;
  if (!open_has_room(own)) {
    __atomic_fetch_and(&object->word, ~(uint32_t)RC_BUFFERED, __ATOMIC_RELAXED);
    return;
  }
  gc_count(m, candidates, 1);
  own->open->entry[own->open->count++] = object;
  own->fresh++;
  uint64_t when = atomic_load_explicit(&own->ask_when, memory_order_relaxed);
  if (when && own->fresh > when)
    gc_poll_set(m, GC_POLL_COLLECTOR);
}

/* --- husks -----------------------------------------------------------------
 */

/* Acquire: the death that left it is complete, and its cell is ours. */
static bool is_husk(gc_ref object) {
  uint32_t word = __atomic_load_n(&object->word, __ATOMIC_ACQUIRE);
  return (word & RC_COLOUR_MASK) == RC_HUSK;
}

static void husk_free(gc_mutator *m, gc_ref object) {
  gc_assert(rc_count_of(rc_word(object)) == 0);
  rc_cell_put(rc_of(m), gc_object_cell(object), gc_object_cell_size(object));
}

/* Frees the husks of a chunk and closes the gaps. Returns how many. */
static uint32_t chunk_filter(gc_mutator *m, struct rc_chunk *chunk) {
  uint32_t kept = 0, count = chunk->count;
  for (uint32_t i = 0; i < count; i++) {
    if (i + 8 < count)
      __builtin_prefetch(chunk->entry[i + 8]);
    if (is_husk(chunk->entry[i]))
      husk_free(m, chunk->entry[i]);
    else
      chunk->entry[kept++] = chunk->entry[i];
  }
  chunk->count = kept;
  return count - kept;
}

/* Half of the threshold must be new before the buffer is gone through again,
   so that filtering looks at each candidate a few times at most. */
bool gc_cycle_wants_pass(gc_mutator *m) {
  struct cycle_mutator *own = cycle_of(m);
  uint64_t when = atomic_load_explicit(&own->ask_when, memory_order_relaxed);
  if (when == 0 || own->fresh <= when)
    return false;
  uint64_t limit = atomic_load(&cycle_heap_of(m->heap)->ask_when);
  for (struct rc_chunk *chunk = own->full.first; chunk; chunk = chunk->next)
    own->fresh -= chunk_filter(m, chunk);
  own->fresh -= own->open ? chunk_filter(m, own->open) : 0;
  bool is_many = own->fresh > limit;
  atomic_store(&own->ask_when, is_many ? limit : own->fresh + limit / 2 + 1);
  return is_many;
}

/* --- between passes --------------------------------------------------------
 */

/* One entry goes to those that wait at its age. Only a lack of memory loses
   it, and then it is no candidate until its next decrement. */
static void wait_at_age(gc_mutator *m, gc_ref object) {
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  int age = cycle_age(object);
  struct rc_chunks *chunks = &heap->waiting[age];
  if (chunks->last == NULL || chunks->last->count == heap->rc.chunk_max) {
    struct rc_chunk *chunk = gc_rc_chunk_new(&heap->rc);
    if (chunk == NULL) {
      object->word &= ~(uint32_t)RC_BUFFERED;
      return;
    }
    chunk->count = 0;
    gc_rc_chunks_append(chunks, chunk);
  }
  chunks->last->entry[chunks->last->count++] = object;
  heap->waiting_count[age]++;
}

void gc_cycle_wait_again(gc_mutator *m, gc_ref candidate) {
  candidate->word |= RC_BUFFERED;
  wait_at_age(m, candidate);
}

static void to_batch(struct cycle_array *batch, gc_ref object) {
  object->word &= ~(uint32_t)RC_BUFFERED;
  cycle_push(batch, object);
}

/* Those of ages up to `direct` go right into the batch, as far as it has room;
   the others wait. */
static void chunk_sort(gc_mutator *m, struct rc_chunk *chunk, int direct) {
  struct cycle_array *batch = &cycle_heap_of(m->heap)->batch;
  for (uint32_t i = 0; i < chunk->count; i++) {
    gc_ref object = chunk->entry[i];
    if (i + 8 < chunk->count)
      __builtin_prefetch(chunk->entry[i + 8], 1);
    if (is_husk(object))
      husk_free(m, object);
    else if (cycle_age(object) <= direct && batch->count < batch->capacity)
      to_batch(batch, object);
    else
      wait_at_age(m, object);
  }
  gc_rc_chunk_free(rc_heap_of(m->heap), chunk);
}

static void chunks_sort(gc_mutator *m, struct rc_chunks *chunks, int direct) {
  struct rc_chunk *chunk;
  while ((chunk = gc_rc_chunks_take(chunks)) != NULL)
    chunk_sort(m, chunk, direct);
}

static void gather_from(gc_mutator *m, struct cycle_mutator *from, int direct) {
  chunks_sort(m, &from->full, direct);
  if (from->open)
    chunk_sort(m, from->open, direct);
  from->open = NULL;
  from->fresh = 0;
  atomic_store(&from->ask_when, atomic_load(&cycle_heap_of(m->heap)->ask_when));
}

void gc_cycle_gather(gc_mutator *m, int direct) {
  for (gc_mutator *other = m->heap->mutators; other; other = other->next)
    gather_from(m, cycle_of(other), direct);
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  pthread_mutex_lock(&heap->rc.orphans_lock);
  chunks_sort(m, &heap->left, direct);
  pthread_mutex_unlock(&heap->rc.orphans_lock);
}

/* Empties a chunk into the batch; false where it is full first. */
static bool chunk_to_batch(gc_mutator *m, struct rc_chunk *chunk, size_t most) {
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  while (chunk->count > 0) {
    if (heap->batch.count == most)
      return false;
    gc_ref object = chunk->entry[--chunk->count];
    if (is_husk(object)) {
      husk_free(m, object);
      continue;
    }
    to_batch(&heap->batch, object);
  }
  return true;
}

bool gc_cycle_batch_fill(gc_mutator *m, int age, size_t most) {
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  for (int i = 0; i <= age; i++) {
    while (heap->waiting[i].first) {
      struct rc_chunk *chunk = heap->waiting[i].first;
      uint32_t before = chunk->count;
      bool emptied = chunk_to_batch(m, chunk, most);
      heap->waiting_count[i] -= before - chunk->count;
      if (!emptied)
        return true;
      gc_rc_chunk_free(&heap->rc, gc_rc_chunks_take(&heap->waiting[i]));
    }
  }
  return heap->batch.count > 0;
}

/* --- the end ---------------------------------------------------------------
 */

void gc_cycle_candidates_finish(gc_mutator *m) {
  struct cycle_mutator *own = cycle_of(m);
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  struct rc_chunk *chunk;
  pthread_mutex_lock(&heap->rc.orphans_lock);
  while ((chunk = gc_rc_chunks_take(&own->full)) != NULL)
    gc_rc_chunks_append(&heap->left, chunk);
  if (own->open)
    gc_rc_chunks_append(&heap->left, own->open);
  pthread_mutex_unlock(&heap->rc.orphans_lock);
}

static void chunks_discard(struct rc_heap *heap, struct rc_chunks *chunks) {
  struct rc_chunk *chunk;
  while ((chunk = gc_rc_chunks_take(chunks)) != NULL)
    gc_rc_chunk_free(heap, chunk);
}

void gc_cycle_candidates_discard(struct cycle_heap *heap) {
  for (int age = 0; age < CYCLE_AGES; age++)
    chunks_discard(&heap->rc, &heap->waiting[age]);
  chunks_discard(&heap->rc, &heap->left);
}
