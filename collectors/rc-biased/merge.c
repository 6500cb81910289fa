/* SPDX-License-Identifier: MIT */
/* The slow half of counting: what changes a whole word, and the queues by which
   others ask an owner to merge.

   Note [Merging]
   Merging adds both halves up into one count that all threads share, in one
   atomic operation on the word. Only these merge:
   1. The owner, when its half would fall to zero, because it holds nothing any
      more (or too little to move back: Note [Room in the halves]). The
      operation that takes the last count of the own half is the one that
   merges, so exactly one thread sees the sum fall to zero: this one, or a later
   one that lowers the merged count.
   2. The owner, for an object in its queue; the stopper, with the world
   stopped, for all queues.
   3. A thread that has the lock of an owner that is away: Note [Owners that
      end].
   The owner's earlier stores come before its own atomic operation. In the other
   cases the owner does not run, and the merging thread took a lock after it.

   Note [Queued to the owner]
   A thread that is not the owner may find that the shared half falls below
   zero: it lets go of a count that the owner made. The sum may then be zero,
   and only the owner knows. So the object is queued to the owner, who merges it
   at its next safepoint. The atomic operation that takes the shared half below
   zero also sets RC_QUEUED, if it is not set. So of all threads exactly one
   queues the object (if decrement and claim were two operations, the object
   could be freed in between: scheme-rs, PR 328). While RC_QUEUED is set, nobody
   frees the object, not even a thread that sees the merged count fall to zero.
   Whoever takes it from the queue clears the flag and merges in one operation,
   and frees the object if the sum is zero. So an entry is always that of an
   object. The entry is made under the lock of the owner, in the same section as
   the claim, so nobody sees the flag without the entry who looks with the lock.
   The owner looks when its poll bit is set, which is done in this section too,
   and before it goes away. If it is away already, the object is merged at once.
   Without memory for an entry the flag stays clear. Then the object is queued
   by the next decrement; if there is none, it is never freed. That does less
   harm than a decrement that can fail. An object whose shared half has become
   large is queued for the same treatment by the thread that raised it.

   Note [Objects of those who are away]
   What a thread makes for others before it waits for them, such as a table of a
   main thread, would stay biased to an owner who does not count, while each
   copy by the others takes an exchange of the whole word, which fails if two do
   it at once. Merged words need one addition. So a thread that counts such an
   object merges it by rule 3 of Note [Merging], but only each RC_OFFERth time
   that it counts an object of another owner. For where threads that block hand
   objects over, most are counted once, and the lock costs more than it saves:
   if each was merged, queue took 1.2 times as long. What is counted often is
   merged soon all the same. */
#include "collectors/rc-biased/owner.h"

enum { RC_OFFER = RC_NARROW ? 4 : 64 };

/* An atomic operation on the whole word. Release and acquire: as in
   rc_decrement_seen of atomic.h. */
static bool word_cas(gc_ref object, uint32_t *word, uint32_t next) {
  gc_shake();
  return __atomic_compare_exchange_n(&object->word, word, next, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static uint32_t flags_of(uint32_t word) {
  return word & (RC_MUTABLE_FLAGS | RC_QUEUED);
}

static uint32_t merged(uint32_t word) {
  if (rc_is_merged(word))
    return word;
  if (rc_is_sticky(word))
    return RC_IMMORTAL | flags_of(word);
  return RC_MERGED | rc_count_of(word) << RC_SHIFT | flags_of(word);
}

/* Called where Note [Merging] allows it. */
static void word_merge(gc_ref object) {
  uint32_t word = rc_word_acquire(object);
  while (!rc_is_merged(word) && !word_cas(object, &word, merged(word))) {
  }
}

/* --- queues ----------------------------------------------------------------
 */

static struct rc_owner *owner_of(gc_ref object) {
  return rc_cell_owner(gc_object_cell(object));
}

/* The lock is held. False: no memory. */
static bool queue_has_room(struct rc_heap *heap, struct rc_owner *owner) {
  struct rc_chunk *last = owner->queue.last;
  gc_assert(gc_lock_is_held(&owner->lock));
  if (last && last->count < heap->chunk_max)
    return true;
  struct rc_chunk *chunk = gc_rc_chunk_new(heap);
  if (chunk == NULL)
    return false;
  chunk->count = 0;
  gc_rc_chunks_append(&owner->queue, chunk);
  atomic_store_explicit(&owner->queued, owner->queue.count,
                        memory_order_relaxed);
  return true;
}

/* The lock is held, and there is room. */
static void queue_add(struct rc_owner *owner, gc_ref object) {
  struct rc_chunk *last = owner->queue.last;
  gc_assert(rc_word(object) & RC_QUEUED);
  gc_assert(!atomic_load(&owner->is_away) && owner->mutator != NULL);
  last->entry[last->count++] = object;
  gc_poll_set(owner->mutator, GC_POLL_COLLECTOR);
}

/* Claims the object with `flag`, and lowers the shared half by `lowers` in the
   same operation. False: the word has changed, and needs no claim. */
static bool claim(gc_ref object, uint32_t lowers, uint32_t flag) {
  uint32_t word = rc_word_acquire(object);
  while (!rc_is_merged(word) && (word & RC_QUEUED) == 0) {
    if (lowers > 0 && rc_shared_of(word) > 0)
      return false;
    if (word_cas(object, &word, (word - lowers) | flag))
      return true;
  }
  return false;
}

/* Merges an object of an owner who is away, or claims and queues it. False: the
   word has to be looked at again, because it is merged or has changed. */
static bool queue_or_merge(gc_mutator *m, gc_ref object, uint32_t lowers) {
  struct rc_owner *owner = owner_of(object);
  struct rc_heap *heap = rc_heap_of(m->heap);
  bool is_done = false;
  gc_shake();
  pthread_mutex_lock(&owner->lock);
  if (atomic_load(&owner->is_away))
    word_merge(object);
  else if (!queue_has_room(heap, owner))
    is_done = claim(object, lowers, 0);
  else if ((is_done = claim(object, lowers, RC_QUEUED)) == true)
    queue_add(owner, object);
  pthread_mutex_unlock(&owner->lock);
  return is_done;
}

/* Takes an object from the queue. True: it is dead. */
static bool unqueue(gc_ref object) {
  uint32_t word = rc_word_acquire(object), next;
  do {
    gc_assert(word & RC_QUEUED);
    next = merged(word) & ~(uint32_t)RC_QUEUED;
  } while (!word_cas(object, &word, next));
  return rc_count_of(next) == 0;
}

static struct rc_chunks queue_take(struct rc_owner *owner) {
  pthread_mutex_lock(&owner->lock);
  struct rc_chunks chunks = owner->queue;
  owner->queue = (struct rc_chunks){0};
  atomic_store_explicit(&owner->queued, 0, memory_order_relaxed);
  pthread_mutex_unlock(&owner->lock);
  return chunks;
}

bool gc_biased_merge(gc_mutator *m, struct rc_owner *owner) {
  struct rc_chunks chunks = queue_take(owner);
  struct rc_chunk *chunk;
  bool any = chunks.count > 0;
  while ((chunk = gc_rc_chunks_take(&chunks)) != NULL) {
    for (uint32_t i = 0; i < chunk->count; i++)
      if (unqueue(chunk->entry[i]))
        gc_rc_release(m, chunk->entry[i]);
    gc_rc_chunk_free(rc_heap_of(m->heap), chunk);
  }
  return any;
}

void gc_rc_merge_world(gc_mutator *m) {
  struct biased_heap *heap = biased_heap_of(m->heap);
  bool any;
  gc_assert_always(gc_world_is_stopped_by(m));
  do {
    pthread_mutex_lock(&heap->owners_lock);
    struct rc_owner *owner = heap->owners;
    pthread_mutex_unlock(&heap->owners_lock);
    any = false;
    for (; owner; owner = owner->next)
      any |= gc_biased_merge(m, owner);
  } while (any);
}

/* --- increments ------------------------------------------------------------
 */

/* The own half is full: Note [Room in the halves]. */
static void spill(gc_ref object) {
  uint32_t word = rc_word_acquire(object), next;
  do {
    gc_assert(!rc_is_merged(word));
    bool stays = rc_shared_of(word) + RC_SPILL < RC_SHARED_ASK;
    next = stays ? word - RC_SPILL * (RC_OWN_ONE - RC_ONE) : merged(word);
  } while (!word_cas(object, &word, next));
}

/* Note [Objects of those who are away] */
static void merge_if_away(gc_ref object) {
  struct rc_owner *owner = owner_of(object);
  if (!atomic_load_explicit(&owner->is_away, memory_order_relaxed))
    return;
  gc_shake();
  pthread_mutex_lock(&owner->lock);
  if (atomic_load(&owner->is_away))
    word_merge(object);
  pthread_mutex_unlock(&owner->lock);
}

static void shared_increment(gc_mutator *m, gc_ref object, uint32_t word) {
  if (rc_is_frozen(word))
    return;
  if (++rc_of(m)->counted_others % RC_OFFER == 0)
    merge_if_away(object);
  word = __atomic_fetch_add(&object->word, RC_ONE, __ATOMIC_RELAXED);
  if (!rc_is_merged(word) && (word & RC_QUEUED) == 0 &&
      rc_shared_of(word) + 1 >= RC_SHARED_ASK)
    queue_or_merge(m, object, 0);
}

GC_NOINLINE void gc_rc_increment_slow(gc_mutator *m, gc_ref object) {
  uint32_t word = rc_word(object);
  if (GC_LIKELY(rc_is_merged(word))) {
    if (GC_LIKELY(!rc_is_frozen(word)))
      __atomic_fetch_add(&object->word, RC_ONE, __ATOMIC_RELAXED);
  } else if (rc_owns(m, object)) {
    spill(object);
    rc_increment(m, object);
  } else {
    shared_increment(m, object, word);
  }
}

/* --- decrements ------------------------------------------------------------
 */

/* The own half is one, and falls. If there are many counts in the shared half,
   the owner has put them there, and takes some back. */
static uint32_t own_last(uint32_t word) {
  gc_assert(word >> RC_OWN_SHIFT == 1);
  gc_assert(rc_shared_of(word) >= 0);
  if (rc_shared_of(word) >= RC_SPILL && !rc_is_sticky(word))
    return word - RC_OWN_ONE + RC_SPILL * (RC_OWN_ONE - RC_ONE);
  uint32_t next = merged(word);
  return rc_is_sticky(next) ? next : next - RC_ONE;
}

/* The word after a decrement; 0: others must queue it. */
static uint32_t lowered(uint32_t word, bool is_own) {
  if (is_own)
    return word >> RC_OWN_SHIFT > 1 ? word - RC_OWN_ONE : own_last(word);
  bool may = rc_is_merged(word) || rc_shared_of(word) > 0 || (word & RC_QUEUED);
  return may ? word - RC_ONE : 0;
}

static GC_NOINLINE bool let_go_biased(gc_mutator *m, gc_ref object,
                                      bool may_buffer) {
  uint32_t word = rc_word_acquire(object);
  for (;;) {
    bool is_own = !rc_is_merged(word) && rc_owns(m, object);
    gc_assert(rc_count_of(word) != 0);
    if (rc_is_sole(word))
      return true;
    if (rc_is_sticky(word) && !is_own)
      return false;
    uint32_t next = lowered(word, is_own);
    if (may_buffer && rc_flags_may_buffer(word) && !rc_is_dead(next) &&
        !rc_is_sticky(word))
      return gc_rc_let_go_shared(m, object, word);
    if (next != 0 && word_cas(object, &word, next))
      return rc_is_dead(next);
    if (next == 0 && queue_or_merge(m, object, RC_ONE))
      return false;
    word = next == 0 ? rc_word_acquire(object) : word;
  }
}

/* A merged word stays merged, so one subtraction does, as in atomic.h. Another
   thread than the owner gives up a count that it made itself in one try. */
GC_INLINE bool let_go(gc_mutator *m, gc_ref object, bool may_buffer) {
  uint32_t word = rc_word_acquire(object);
  gc_assert(rc_count_of(word) != 0);
  bool is_suspect =
      may_buffer && rc_flags_may_buffer(word) && rc_count_of(word) > 1;
  if (!rc_is_merged(word)) {
    bool is_simple = !is_suspect && !rc_owns(m, object) &&
                     rc_shared_of(word) > 0 && !rc_is_sticky(word);
    return !(is_simple && word_cas(object, &word, word - RC_ONE)) &&
           let_go_biased(m, object, may_buffer);
  }
  if (rc_is_sole(word))
    return true;
  if (rc_is_sticky(word))
    return false;
  if (is_suspect)
    return gc_rc_let_go_shared(m, object, word);
  gc_shake();
  return rc_is_dead(
      __atomic_sub_fetch(&object->word, RC_ONE, __ATOMIC_ACQ_REL));
}

GC_NOINLINE bool gc_rc_decrement_slow(gc_mutator *m, gc_ref object) {
  return let_go(m, object, false);
}

GC_NOINLINE bool gc_rc_let_go_slow(gc_mutator *m, gc_ref object) {
  return let_go(m, object, true);
}

/* --- immortality -----------------------------------------------------------
 */

/* Another thread than the owner freezes the shared half, and asks the owner to
   merge, so that it stops counting, too. */
uint32_t gc_rc_immortalize(gc_mutator *m, gc_ref object) {
  uint32_t word = rc_word_acquire(object), next;
  bool may_merge;
  do {
    may_merge = rc_is_merged(word) || rc_owns(m, object);
    next = may_merge ? RC_IMMORTAL | flags_of(word) : word | RC_SHARED_IMMORTAL;
  } while (!word_cas(object, &word, next));
  if (!may_merge)
    queue_or_merge(m, object, 0);
  return word;
}
