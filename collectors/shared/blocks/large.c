/* SPDX-License-Identifier: MIT */
/* Large objects are allocated with jemalloc. Each one follows its record and is
   in a list: young ones in that of the mutator that made them, others in that
   of their generation. The cards follow an object, one byte for BLK_CARD_SLOTS
   slots.

   Note [Quota]
   To count each object against the limit and the nursery would take two locks
   for each. So a mutator counts more bytes than it needs, and takes the next
   objects out of this quota without a lock. An object that is larger than the
   greatest quota is counted alone. When the world stops, the mutator's quota
   goes back, so a collection finds exact numbers. Where the limit has no room
   for a quota, exactly the bytes of the object are counted. */
#include <sched.h>
#include <string.h>

#include "collectors/shared/blocks/blocks.h"

/* --- lists ---------------------------------------------------------------- */

/* Note [Large objects ahead]
   The sweep goes through a list, and each object is a cache miss. So that these
   misses overlap, an object also has the address of the one BLK_AHEAD places
   after it. That address is only prefetched. So it does no harm if that object
   has been freed meanwhile, or if six bytes are too few for an address. */
static void ahead_prefetch(const struct blk_large *record) {
  uintptr_t ahead = 0;
  memcpy(&ahead, record->ahead, sizeof record->ahead);
  __builtin_prefetch((void *)ahead, 1, 3);
}

/* Puts the record first. `newest` has the list's BLK_AHEAD first ones. */
static void list_push(struct blk_large **list, struct blk_large **newest,
                      size_t *count, struct blk_large *record) {
  struct blk_large **place = &newest[*count % BLK_AHEAD];
  uintptr_t ahead = (uintptr_t)*place;
  memcpy(record->ahead, &ahead, sizeof record->ahead);
  record->next = *list;
  *list = *place = record;
  ++*count;
}

/* --- sizes ---------------------------------------------------------------- */

/* SIZE_MAX: no object can be so large. */
size_t gc_blk_large_size(size_t cell_bytes) {
  if (cell_bytes > PTRDIFF_MAX / 2)
    return SIZE_MAX;
  size_t cards = cell_bytes / (BLK_CARD_SLOTS * sizeof(gc_ref)) + 1;
  return gc_memory_class(cell_bytes + BLK_LARGE_PREFIX + cards);
}

/* A 256th of the limit, so that it costs no memory that is missed. */
enum { BLK_QUOTA_MOST = 64 << 10, BLK_QUOTA_SHARE = 256 };

void gc_blk_larges_init(struct blk_heap *heap) {
  size_t share = heap->base.limit / BLK_QUOTA_SHARE;
  gc_memory_init(&heap->large.memory);
  heap->large.quota_most = share < BLK_QUOTA_MOST ? share : BLK_QUOTA_MOST;
}

/* --- the quota ------------------------------------------------------------ */

/* False: it is time to collect. */
static bool nursery_claim(struct blk_heap *heap, size_t bytes) {
  struct blk_space *space = &heap->space;
  pthread_mutex_lock(&space->lock);
  bool is_due = blk_nursery_is_full(space);
  if (!is_due) {
    space->claimed += bytes;
    heap->large.live += bytes;
  }
  pthread_mutex_unlock(&space->lock);
  return !is_due;
}

static void nursery_unclaim(struct blk_heap *heap, size_t bytes) {
  struct blk_space *space = &heap->space;
  pthread_mutex_lock(&space->lock);
  gc_assert(space->claimed >= bytes && heap->large.live >= bytes);
  space->claimed -= bytes;
  heap->large.live -= bytes;
  pthread_mutex_unlock(&space->lock);
}

static bool quota_raise(struct blk_heap *heap, struct blk_mutator *m,
                        size_t bytes) {
  if (!gc_blk_hold(heap, bytes))
    return false;
  if (!nursery_claim(heap, bytes)) {
    gc_blk_unhold(heap, bytes);
    return false;
  }
  m->quota += bytes;
  return true;
}

/* What is large and dead is freed before empty blocks are given back. */
static bool hold_prepare(struct blk_heap *heap, struct blk_mutator *m,
                         size_t bytes) {
  bool any = MARK_WHILE_RUNNING, is_busy = false;
  while (any && gc_blk_left(heap) < bytes) {
    any = gc_blk_large_sweep_some(heap, &m->source, 1, &is_busy) || is_busy;
    if (is_busy)
      sched_yield();
  }
  return gc_blk_hold_prepare(heap, bytes);
}

static bool quota_take(struct blk_heap *heap, struct blk_mutator *m,
                       size_t bytes) {
  if (m->quota < bytes && !quota_raise(heap, m, heap->large.quota_most) &&
      (gc_blk_nursery_is_used_up(heap) || !hold_prepare(heap, m, bytes) ||
       !quota_raise(heap, m, bytes)))
    return false;
  gc_assert(m->quota >= bytes);
  m->quota -= bytes;
  return true;
}

static void quota_return(struct blk_heap *heap, struct blk_mutator *m) {
  if (m->quota == 0)
    return;
  nursery_unclaim(heap, m->quota);
  gc_blk_unhold(heap, m->quota);
  m->quota = 0;
}

void gc_blk_larges_leave(struct blk_heap *heap, struct blk_mutator *m) {
  if (m->larges) {
    m->larges_last->next = heap->large.list[0];
    heap->large.list[0] = m->larges;
    m->larges = m->larges_last = NULL;
  }
  heap->large.objects += m->large_count;
  m->large_count = 0;
  quota_return(heap, m);
}

/* --- objects -------------------------------------------------------------- */

static void record_init(struct blk_mutator *m, struct blk_large *record,
                        size_t bytes, size_t length) {
  gc_assert(record->value == BLK_FREE && record->object.word == 0);
  record->bytes = bytes;
  record->length = length;
  record->object.word = BLK_LARGE;
  if (m->larges == NULL)
    m->larges_last = record;
  list_push(&m->larges, m->newest, &m->large_count, record);
}

static struct blk_large *from_quota(struct blk_heap *heap,
                                    struct blk_mutator *m, size_t bytes) {
  if (!quota_take(heap, m, bytes))
    return NULL;
  struct blk_large *record = gc_memory_new_zeroed(&m->source, bytes);
  if (record == NULL)
    m->quota += bytes;
  return record;
}

/* The system may refuse any size, so the memory is requested before its bytes
   are counted. Otherwise a refused request would show in held_peak. */
static struct blk_large *from_memory(struct blk_heap *heap,
                                     struct blk_mutator *m, size_t bytes) {
  if (gc_blk_nursery_is_used_up(heap) || !hold_prepare(heap, m, bytes))
    return NULL;
  struct blk_large *record = gc_memory_new_zeroed(&m->source, bytes);
  if (record == NULL)
    return NULL;
  if (!quota_raise(heap, m, bytes)) {
    gc_memory_free(&m->source, record, bytes);
    return NULL;
  }
  m->quota -= bytes;
  return record;
}

gc_ref gc_blk_large_new(struct blk_mutator *m, size_t cell_bytes,
                        size_t length) {
  struct blk_heap *heap = blk_heap_of(m->base.heap);
  size_t bytes = gc_blk_large_size(cell_bytes);
  gc_assert(cell_bytes > BLK_SMALL_MAX);
  if (bytes == SIZE_MAX)
    return NULL;
  gc_assert(bytes > BLK_LARGE_PREFIX + cell_bytes);
  struct blk_large *record = bytes <= heap->large.quota_most
                                 ? from_quota(heap, m, bytes)
                                 : from_memory(heap, m, bytes);
  if (record == NULL)
    return NULL;
  m->claimed += bytes;
  record_init(m, record, bytes, length);
  return &record->object;
}

/* What a sweep has kept of a generation. */
struct kept {
  struct blk_large *first, *last, *newest[BLK_AHEAD];
  size_t count;
};

/* What a sweep has freed, and what it has kept. */
struct sweep {
  struct blk_heap *heap;
  struct blk_mutator *stopper; /* NULL: mutators run */
  struct gc_memory_source *source;
  size_t objects, bytes; /* freed */
  struct kept kept[3];
};

static void record_free(struct sweep *s, struct blk_large *record) {
  s->objects++;
  s->bytes += record->bytes;
  gc_memory_free(s->source, record, record->bytes);
}

/* The record was in the list of generation `from`. */
static void record_keep(struct sweep *s, struct blk_large *record, int from) {
  int age = blk_age(record->value);
  gc_assert(age >= from && age > 0);
  if (age > from && s->stopper) {
    s->heap->base.pause.bytes_promoted += record->bytes;
    gc_count(&s->stopper->base, promoted_objects, 1);
    gc_count(&s->stopper->base, survived_bytes, from == 0 ? record->bytes : 0);
  }
  struct kept *kept = &s->kept[age];
  if (kept->first == NULL)
    kept->last = record;
  list_push(&kept->first, kept->newest, &kept->count, record);
}

/* World stopped, or orphan_lock is held. */
static void kept_add(struct sweep *s) {
  struct blk_larges *large = &s->heap->large;
  for (int age = 0; age < 3; age++) {
    if (s->kept[age].first == NULL)
      continue;
    s->kept[age].last->next = large->list[age];
    large->list[age] = s->kept[age].first;
  }
  gc_assert_always(large->objects >= s->objects);
  large->objects -= s->objects;
}

/* Sweeps at most so many. Returns the rest of the list. */
static struct blk_large *list_sweep(struct sweep *s, struct blk_large *record,
                                    int from, size_t most) {
  for (struct blk_large *next; record && most > 0; record = next, most--) {
    next = record->next;
    ahead_prefetch(record);
    gc_assert(__atomic_load_n(&record->object.word, __ATOMIC_RELAXED) &
              BLK_LARGE); /* mutators set other flags */
    gc_assert(!(record->must_rescan & BLK_NOTE_STOPPED));
    if (blk_old_values(s->heap) >> (record->value & BLK_VALUE_MASK) & 1)
      record_keep(s, record, from);
    else
      record_free(s, record);
  }
  return record;
}

static void freed_count(const struct sweep *s) {
  struct blk_larges *large = &s->heap->large;
  if (s->objects == 0)
    return;
  pthread_mutex_lock(&s->heap->space.lock);
  gc_assert_always(large->live >= s->bytes);
  large->live -= s->bytes;
  s->heap->space.later.freed += s->objects;
  pthread_mutex_unlock(&s->heap->space.lock);
  gc_blk_unhold(s->heap, s->bytes);
}

/* World stopped. */
void gc_blk_large_sweep(struct blk_heap *heap, struct blk_mutator *m) {
  struct sweep s = {.heap = heap, .stopper = m, .source = &m->source};
  struct blk_large **list = heap->large.list;
  struct blk_large *lists[3] = {list[0], list[1], list[2]};
  gc_assert_always(gc_world_is_stopped_by(&m->base));
  gc_blk_large_fresh_end(heap, &m->source);
  lists[2] = list[2];
  for (int g = 0; g <= heap->generation; g++)
    list[g] = NULL;
  if (gc_blk_counts_later(heap)) {
    list[BLK_FRESH] = lists[0];
    return;
  }
  for (int g = 0; g <= heap->generation; g++)
    list_sweep(&s, lists[g], g, SIZE_MAX);
  kept_add(&s);
  freed_count(&s);
}

/* --- while mutators run: Note [Sweeping later] ---------------------------- */

/* Takes all of a list, or NULL. */
static struct blk_large *list_take(struct blk_larges *large, size_t which) {
  struct blk_large *taken = large->list[which];
  if (taken)
    large->taken++;
  large->list[which] = NULL;
  return taken;
}

/* Nobody has put anything into the list meanwhile. */
static void list_put_back(struct sweep *s, size_t which,
                          struct blk_large *rest) {
  struct blk_larges *large = &s->heap->large;
  pthread_mutex_lock(&s->heap->orphan_lock);
  gc_assert_always(large->taken > 0 && large->list[which] == NULL);
  large->taken--;
  large->list[which] = rest;
  kept_add(s);
  pthread_mutex_unlock(&s->heap->orphan_lock);
}

bool gc_blk_large_sweep_some(struct blk_heap *heap,
                             struct gc_memory_source *source, size_t groups,
                             bool *is_busy) {
  struct sweep s = {.heap = heap, .source = source};
  size_t which = BLK_FRESH;
  pthread_mutex_lock(&heap->orphan_lock);
  struct blk_large *list = list_take(&heap->large, which);
  if (list == NULL)
    list = list_take(&heap->large, which = BLK_UNSWEPT);
  *is_busy = heap->large.taken > 0;
  pthread_mutex_unlock(&heap->orphan_lock);
  if (list == NULL)
    return false;
  gc_shake();
  list_put_back(&s, which, list_sweep(&s, list, 0, groups * BLK_LARGE_GROUP));
  freed_count(&s);
  return true;
}

void gc_blk_large_fresh_end(struct blk_heap *heap,
                            struct gc_memory_source *source) {
  bool is_busy;
  gc_assert(gc_world_is_stopped(&heap->base));
  while (heap->large.list[BLK_FRESH])
    gc_blk_large_sweep_some(heap, source, SIZE_MAX / BLK_LARGE_GROUP, &is_busy);
  gc_assert_always(heap->large.taken == 0);
}

void gc_blk_array_resized(gc_mutator *m, gc_ref array) {
  (void)m;
  if (array->word & BLK_LARGE)
    memset(blk_cards(array), UINT8_MAX, blk_card_count(array));
}
