/* SPDX-License-Identifier: MIT */
/* Buffers of candidates. Note [Candidates] in cycle.h. */
#include "collectors/shared/trial/cycle.h"

static bool chunk_is_buffered(const struct rc_heap *heap,
                              const struct rc_chunk *chunk) {
  if (!gc_rc_chunk_is_valid(heap, chunk))
    return false;
  for (uint32_t i = 0; i < chunk->count; i++)
    if ((rc_word(chunk->entry[i]) & RC_BUFFERED) == 0)
      return false;
  return true;
}

bool gc_cycle_buffer_is_valid(struct cycle_mutator *own) {
  const struct rc_heap *heap = rc_heap_of(own->rc.base.heap);
  uint64_t count = own->open ? own->open->count : 0;
  if (own->open && !chunk_is_buffered(heap, own->open))
    return false;
  for (struct rc_chunk *chunk = own->full.first; chunk; chunk = chunk->next) {
    if (!chunk_is_buffered(heap, chunk))
      return false;
    count += chunk->count;
  }
  return count == own->fresh && rc_chunks_is_valid(&own->full);
}

/* --- becoming a candidate ------------------------------------------------- */

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

/* Note [Closing stores]
   A cycle is closed by the store that makes its last reference, and the holder
   of that store is a member of the cycle. So
   1. the holder of a store that may have closed a cycle becomes a candidate.
   From then on a candidate leads to the whole cycle, until a pass examines the
   candidate. If the cycle lives on, all its members have been examined then,
   and are RC_SEEN. For such objects the rule is that of Bacon and Rajan:
   2. an object that a pass has examined becomes a candidate when it loses a
      count but not its last one, if it may be in a cycle.
   The cycle dies when one of its members loses its last reference from outside:
   by a decrement, or because that reference is moved into a slot of a member.
   Such a move is a store that rule 1 takes for a closing one, since the value
   leads to the holder. Bacon and Rajan have rule 2 for all objects, and no
   other. But most programs close few cycles; here they make no candidates.
   A store into the newest object closes no cycle, because no slot refers to
   that object: Note [The newest object]. Any other store closes one only if the
   value leads to the holder at that moment. So we search the objects that the
   value leads to, SEARCH_MOST at most. If the search ends without the holder,
   the store has closed no cycle. Likewise, an object from which no reference
   leads back to it is in no cycle, and rule 2 passes over it; a later store may
   close one, but then its holder becomes a candidate. Objects whose counts
   stick never die, so they are in no dead cycle, and are not entered. An
   ephemeron's key leads to the value, so making an ephemeron is a store into
   the key; a key or an ephemeron that the search meets may lead anywhere.
   The search comes after the store. Both the store and the loads of the search
   are sequentially consistent. So if several threads close a cycle together,
   the one whose store is the last sees the other references. The objects that
   the search reads are valid until our next safepoint, as any raw reference.
   Tests: tests/cycles/, tests/stress/graph.c. */
enum { SEARCH_MOST = 2, SEARCH_SLOTS = 16 };

/* Objects that references in slots have led to so far. */
struct search {
  gc_ref to, found[SEARCH_MOST];
  size_t count;
};

static bool leads_nowhere(gc_ref object) {
  return (gc_type_is_leaf(object->type) &&
          (rc_flags_now(object) & RC_IS_KEY) == 0) ||
         rc_is_sticky(rc_word(object));
}

/* True: the object is the one that is searched for, or there is no room. */
static bool search_add(struct search *s, gc_ref object) {
  if (object == s->to)
    return true;
  if (leads_nowhere(object))
    return false;
  for (size_t i = 0; i < s->count; i++)
    if (s->found[i] == object)
      return false;
  if (s->count == SEARCH_MOST)
    return true;
  s->found[s->count++] = object;
  return false;
}

static bool search_slots(struct search *s, gc_ref object) {
  size_t slots = gc_slot_count(object);
  if (slots > SEARCH_SLOTS || gc_type_is_special(object->type) ||
      (rc_flags_now(object) & RC_IS_KEY))
    return true;
  for (size_t i = 0; i < slots; i++) {
    gc_ref child = __atomic_load_n(&object->slot[i], __ATOMIC_SEQ_CST);
    if (gc_is_object(child) && search_add(s, child))
      return true;
  }
  return false;
}

/* May references lead from one object to the other, or back to it? */
static bool may_lead_to(gc_ref from, gc_ref to) {
  struct search s;
  s.to = to;
  s.found[0] = from;
  s.count = 1;
  for (size_t i = 0; i < s.count; i++)
    if (search_slots(&s, s.found[i]))
      return true;
  return false;
}

/* The buffer has room. */
static void buffer_add(struct cycle_mutator *own, gc_ref object) {
  gc_mutator *m = &own->rc.base;
  gc_assert(own->open->count < rc_heap_of(m->heap)->chunk_max);
  gc_assert(rc_word(object) & RC_BUFFERED);
  gc_count(m, candidates, 1);
  gc_shake();
  own->open->entry[own->open->count++] = object;
  own->fresh++;
  if (own->fresh > atomic_load_explicit(&own->look_when, memory_order_relaxed))
    gc_poll_set(m, GC_POLL_COLLECTOR);
}

/* A mutator that takes the last count sees the flag, and leaves a husk. So we
   may put the object into our buffer even after we have let go of it: only we
   or a stopper read the buffer. Without memory for the buffer the object does
   not become a candidate; the next decrement makes it one. */
GC_NOINLINE bool gc_rc_let_go_shared(gc_mutator *m, gc_ref object,
                                     uint32_t word) {
  struct cycle_mutator *own = cycle_of(m);
  gc_assert(rc_flags_may_buffer(word) && !rc_is_sticky(word));
  gc_shake();
  if (!may_lead_to(object, object) || !open_has_room(own) ||
      !rc_buffer(object, word))
    return rc_decrement(m, object);
  buffer_add(own, object);
  return !RC_BUFFERING_LETS_GO && rc_decrement(m, object);
}

/* Without memory for the buffer the holder does not become a candidate; the
   next such store makes it one. The words are looked at last: an owner has just
   stored one byte of the value's, and a load of all four waits for that. */
GC_NOINLINE void gc_rc_leads_to(gc_mutator *m, gc_ref holder, gc_ref value) {
  struct cycle_mutator *own = cycle_of(m);
  gc_assert(rc_count_of(rc_word(holder)) != 0);
  gc_shake();
  if (!own->rc.makes_candidates ||
      (value != holder && !may_lead_to(value, holder)) ||
      rc_is_sticky(rc_word(holder)) || rc_is_sticky(rc_word(value)) ||
      !open_has_room(own))
    return;
  if ((rc_flags_set(holder, RC_BUFFERED) & RC_BUFFERED) == 0)
    buffer_add(own, holder);
}

/* The number of entries to search, from the newest back. An object dies soon
   after it became a candidate, or much later. The objects that became
   candidates by its death are in between. */
enum { UNBUFFER_LAST = 4 };

bool gc_rc_unbuffer(gc_mutator *m, gc_ref object) {
  struct cycle_mutator *own = cycle_of(m);
  uint32_t count = own->open ? own->open->count : 0;
  for (uint32_t i = count; i > 0 && count - i < UNBUFFER_LAST; i--) {
    gc_ref *entry = &own->open->entry[i - 1];
    if (*entry != object)
      continue;
    gc_assert(own->fresh > 0);
    *entry = own->open->entry[--own->open->count];
    own->fresh--;
    return true;
  }
  return false;
}

/* --- husks ---------------------------------------------------------------- */

/* Acquire: everything that freed the object's contents comes before, and the
   cell is ours. */
static bool is_husk(gc_ref object) {
  uint32_t word = __atomic_load_n(&object->word, __ATOMIC_ACQUIRE);
  return (word & RC_COLOUR_MASK) == RC_HUSK;
}

static void husk_free(gc_mutator *m, gc_ref object) {
  gc_assert(rc_count_of(rc_word(object)) == 0);
  gc_assert(rc_word(object) & RC_BUFFERED);
  rc_cell_put(rc_of(m), gc_object_cell(object), gc_object_cell_size(object));
}

/* Frees the husks of a chunk and moves its other entries to the open chunk,
   which may be the same one. */
static void chunk_pack(gc_mutator *m, struct rc_chunk *chunk) {
  struct cycle_mutator *own = cycle_of(m);
  uint32_t count = chunk->count;
  chunk->count = 0;
  for (uint32_t i = 0; i < count; i++) {
    gc_ref object = chunk->entry[i];
    if (i + 8 < count)
      __builtin_prefetch(chunk->entry[i + 8]);
    if (is_husk(object)) {
      gc_assert(own->fresh > 0);
      husk_free(m, object);
      own->fresh--;
      continue;
    }
    if (own->open == NULL ||
        own->open->count == rc_heap_of(m->heap)->chunk_max) {
      if (own->open)
        gc_rc_chunks_append(&own->full, own->open);
      own->open = chunk;
    }
    own->open->entry[own->open->count++] = object;
  }
  if (own->open != chunk)
    gc_rc_chunk_free(rc_heap_of(m->heap), chunk);
}

static void buffer_pack(gc_mutator *m) {
  struct cycle_mutator *own = cycle_of(m);
  gc_assert_slow(gc_cycle_buffer_is_valid(own));
  struct rc_chunks chunks = own->full;
  if (own->open)
    gc_rc_chunks_append(&chunks, own->open);
  own->full = (struct rc_chunks){0};
  own->open = NULL;
  struct rc_chunk *chunk;
  while ((chunk = gc_rc_chunks_take(&chunks)) != NULL)
    chunk_pack(m, chunk);
  gc_assert_slow(gc_cycle_buffer_is_valid(own));
}

/* Takes over the candidates of detached mutators. */
static void orphaned_adopt(gc_mutator *m) {
  struct cycle_mutator *own = cycle_of(m);
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  struct rc_chunk *chunk;
  if (atomic_load_explicit(&heap->orphaned_count, memory_order_relaxed) == 0)
    return;
  pthread_mutex_lock(&heap->rc.orphans_lock);
  own->fresh += atomic_exchange(&heap->orphaned_count, 0);
  while ((chunk = gc_rc_chunks_take(&heap->orphaned)) != NULL)
    gc_rc_chunks_append(&own->full, chunk);
  pthread_mutex_unlock(&heap->rc.orphans_lock);
}

/* After this many new candidates the buffer is searched for husks, even if
   passes are rare or turned off: at most a few thousand cells wait. */
enum { LOOK_STEP = 1024 };

/* The buffer is searched again only after half as many new candidates as the
   threshold, and only if a third of its entries are new. So each candidate is
   looked at only a few times. */
static uint64_t look_after(uint64_t fresh, uint64_t limit) {
  uint64_t step = limit != 0 && limit / 2 < LOOK_STEP ? limit / 2 : LOOK_STEP;
  return fresh + (fresh / 2 > step ? fresh / 2 : step);
}

void gc_cycle_look_reset(gc_mutator *m) {
  struct cycle_mutator *own = cycle_of(m);
  uint64_t limit = gc_cycle_pace_candidates(cycle_heap_of(m->heap));
  atomic_store(&own->look_when, look_after(0, limit));
}

bool gc_cycle_is_due(gc_mutator *m) {
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  uint64_t limit = gc_cycle_pace_candidates(heap);
  uint64_t fresh = cycle_of(m)->fresh;
  return (limit != 0 && fresh > limit &&
          gc_cycle_pace_is_believed(heap, fresh)) ||
         gc_cycle_pace_has_grown(heap);
}

bool gc_cycle_wants_pass(gc_mutator *m) {
  struct cycle_mutator *own = cycle_of(m);
  orphaned_adopt(m);
  if (own->fresh <= atomic_load_explicit(&own->look_when, memory_order_relaxed))
    return gc_cycle_pace_has_grown(cycle_heap_of(m->heap));
  buffer_pack(m);
  uint64_t limit = gc_cycle_pace_candidates(cycle_heap_of(m->heap));
  atomic_store(&own->look_when, look_after(own->fresh, limit));
  return gc_cycle_is_due(m);
}

/* --- between passes ------------------------------------------------------- */

/* Room for one more of that age. False: no memory. */
static bool waiting_has_room(struct cycle_heap *heap, int age) {
  struct rc_chunks *chunks = &heap->waiting[age];
  if (chunks->last && chunks->last->count < heap->rc.chunk_max)
    return true;
  struct rc_chunk *chunk = gc_rc_chunk_new(&heap->rc);
  if (chunk == NULL)
    return false;
  chunk->count = 0;
  gc_rc_chunks_append(chunks, chunk);
  return true;
}

/* An entry for which no other chunk has room stays in its chunk. */
static void wait_at_age(struct cycle_heap *heap, struct rc_chunk *from,
                        gc_ref object) {
  int age = cycle_age(object);
  gc_assert(object->word & RC_BUFFERED);
  if (!waiting_has_room(heap, age)) {
    from->entry[from->count++] = object;
    return;
  }
  struct rc_chunk *last = heap->waiting[age].last;
  last->entry[last->count++] = object;
  heap->waiting_count[age]++;
}

/* Entries that stay in their chunk wait with the youngest candidates, so they
   are looked at sooner than necessary, but none is lost when memory has run
   out. */
static void chunk_end(struct cycle_heap *heap, struct rc_chunk *chunk) {
  if (chunk->count == 0) {
    gc_rc_chunk_free(&heap->rc, chunk);
    return;
  }
  gc_assert_slow(chunk_is_buffered(&heap->rc, chunk));
  heap->waiting_count[0] += chunk->count;
  gc_rc_chunks_append(&heap->waiting[0], chunk);
}

static void to_batch(struct cycle_array *batch, gc_ref object) {
  gc_assert(object->word & RC_BUFFERED);
  gc_assert((object->word & RC_COLOUR_MASK) != RC_HUSK);
  object->word &= ~(uint32_t)RC_BUFFERED;
  cycle_push(batch, object);
}

/* Candidates of ages up to `direct` go into the batch at once, as far as it has
   room; the others wait. */
static void chunk_sort(gc_mutator *m, struct rc_chunk *chunk, int direct) {
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  struct cycle_array *batch = &heap->batch;
  uint32_t count = chunk->count;
  gc_assert(count <= heap->rc.chunk_max);
  chunk->count = 0;
  for (uint32_t i = 0; i < count; i++) {
    gc_ref object = chunk->entry[i];
    if (i + 8 < count)
      __builtin_prefetch(chunk->entry[i + 8], 1);
    if (is_husk(object))
      husk_free(m, object);
    else if (cycle_age(object) <= direct && batch->count < batch->capacity)
      to_batch(batch, object);
    else
      wait_at_age(heap, chunk, object);
  }
  chunk_end(heap, chunk);
}

static void chunks_sort(gc_mutator *m, struct rc_chunks *chunks, int direct) {
  struct rc_chunk *chunk;
  while ((chunk = gc_rc_chunks_take(chunks)) != NULL)
    chunk_sort(m, chunk, direct);
}

static void gather_from(gc_mutator *m, struct cycle_mutator *from, int direct) {
  gc_assert_slow(gc_cycle_buffer_is_valid(from));
  chunks_sort(m, &from->full, direct);
  if (from->open)
    chunk_sort(m, from->open, direct);
  from->open = NULL;
  cycle_heap_of(m->heap)->gathered += from->fresh;
  from->fresh = 0;
}

/* A batch that was given up is the first of the next pass. Its objects have
   been marked as buffered in the meantime, so some may be husks. */
static void batch_resume(gc_mutator *m) {
  struct cycle_array *batch = &cycle_heap_of(m->heap)->batch;
  size_t count = batch->count;
  gc_assert(cycle_array_is_valid(batch));
  batch->count = 0;
  for (size_t i = 0; i < count; i++) {
    gc_ref object = batch->items[i];
    if (is_husk(object))
      husk_free(m, object);
    else
      to_batch(batch, object);
  }
}

void gc_cycle_batch_keep(gc_mutator *m) {
  struct cycle_array *batch = &cycle_heap_of(m->heap)->batch;
  gc_assert_always(gc_world_is_stopped_by(m));
  for (size_t i = 0; i < batch->count; i++) {
    gc_assert((batch->items[i]->word & RC_BUFFERED) == 0);
    batch->items[i]->word |= RC_BUFFERED;
  }
}

void gc_cycle_gather(gc_mutator *m, int direct) {
  gc_assert_always(gc_world_is_stopped_by(m));
  gc_assert_always(direct >= -1 && direct < CYCLE_AGES);
  batch_resume(m);
  for (gc_mutator *other = m->heap->mutators; other; other = other->next)
    gather_from(m, cycle_of(other), direct);
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  pthread_mutex_lock(&heap->rc.orphans_lock);
  chunks_sort(m, &heap->orphaned, direct);
  heap->gathered += atomic_exchange(&heap->orphaned_count, 0);
  pthread_mutex_unlock(&heap->rc.orphans_lock);
}

/* Moves the entries of a chunk into the batch. False: the batch is full. */
static bool chunk_to_batch(gc_mutator *m, struct rc_chunk *chunk, size_t most) {
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  while (chunk->count > 0) {
    if (heap->batch.count >= most)
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
  gc_assert_always(age >= 0 && age < CYCLE_AGES);
  gc_assert(most > 0 && most <= heap->batch.capacity);
  for (int i = 0; i <= age; i++) {
    while (heap->waiting[i].first) {
      struct rc_chunk *chunk = heap->waiting[i].first;
      uint32_t before = chunk->count;
      bool emptied = chunk_to_batch(m, chunk, most);
      gc_assert(heap->waiting_count[i] >= before - chunk->count);
      heap->waiting_count[i] -= before - chunk->count;
      if (!emptied)
        return true;
      gc_rc_chunk_free(&heap->rc, gc_rc_chunks_take(&heap->waiting[i]));
    }
  }
  return heap->batch.count > 0;
}

/* --- the end -------------------------------------------------------------- */

void gc_cycle_candidates_finish(gc_mutator *m) {
  struct cycle_mutator *own = cycle_of(m);
  struct cycle_heap *heap = cycle_heap_of(m->heap);
  struct rc_chunk *chunk;
  gc_assert_slow(gc_cycle_buffer_is_valid(own));
  pthread_mutex_lock(&heap->rc.orphans_lock);
  while ((chunk = gc_rc_chunks_take(&own->full)) != NULL)
    gc_rc_chunks_append(&heap->orphaned, chunk);
  if (own->open)
    gc_rc_chunks_append(&heap->orphaned, own->open);
  atomic_fetch_add(&heap->orphaned_count, own->fresh);
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
  chunks_discard(&heap->rc, &heap->orphaned);
}
