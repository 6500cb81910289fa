/* SPDX-License-Identifier: MIT */
/* Large objects are allocated with jemalloc. Each one follows its record and is
   in a list: young ones in that of the mutator that made them, others in that
   of their generation. The cards follow an object, one byte for GEN_CARD_SLOTS
   slots.

   Note [Quota]
   To count each object against the limit and the nursery would take two locks
   for each. So a mutator counts more bytes than it needs, and takes the next
   objects out of this quota without a lock. An object that is larger than the
   greatest quota is counted alone. When the world stops, the mutator's quota
   goes back, so a collection finds exact numbers. Where the limit has no room
   for a quota, exactly the bytes of the object are counted. */
#include <string.h>

#include "collectors/gen/gen.h"

/* SIZE_MAX: no object can be so large. */
size_t gc_gen_large_size(size_t cell_bytes) {
  if (cell_bytes > PTRDIFF_MAX / 2)
    return SIZE_MAX;
  size_t cards = cell_bytes / (GEN_CARD_SLOTS * sizeof(gc_ref)) + 1;
  return gc_memory_class(cell_bytes + GEN_LARGE_PREFIX + cards);
}

/* A 256th of the limit, so that it costs no memory that is missed. */
enum { GEN_QUOTA_MOST = 64 << 10, GEN_QUOTA_SHARE = 256 };

void gc_gen_larges_init(struct gen_heap *heap) {
  size_t share = heap->base.limit / GEN_QUOTA_SHARE;
  gc_memory_init(&heap->large.memory);
  heap->large.quota_most = share < GEN_QUOTA_MOST ? share : GEN_QUOTA_MOST;
}

/* --- the quota ------------------------------------------------------------ */

/* False: it is time to collect. */
static bool nursery_claim(struct gen_heap *heap, size_t bytes) {
  struct gen_space *space = &heap->space;
  pthread_mutex_lock(&space->lock);
  bool is_due = space->claimed >= space->nursery;
  if (!is_due) {
    space->claimed += bytes;
    heap->large.live += bytes;
  }
  pthread_mutex_unlock(&space->lock);
  return !is_due;
}

static void nursery_unclaim(struct gen_heap *heap, size_t bytes) {
  struct gen_space *space = &heap->space;
  pthread_mutex_lock(&space->lock);
  gc_assert(space->claimed >= bytes && heap->large.live >= bytes);
  space->claimed -= bytes;
  heap->large.live -= bytes;
  pthread_mutex_unlock(&space->lock);
}

static bool quota_raise(struct gen_heap *heap, struct gen_mutator *m,
                        size_t bytes) {
  if (!gc_gen_hold(heap, bytes))
    return false;
  if (!nursery_claim(heap, bytes)) {
    gc_gen_unhold(heap, bytes);
    return false;
  }
  m->quota += bytes;
  return true;
}

static bool quota_take(struct gen_heap *heap, struct gen_mutator *m,
                       size_t bytes) {
  if (m->quota < bytes && !quota_raise(heap, m, heap->large.quota_most) &&
      (gc_gen_nursery_is_used_up(heap) || !gc_gen_hold_prepare(heap, bytes) ||
       !quota_raise(heap, m, bytes)))
    return false;
  gc_assert(m->quota >= bytes);
  m->quota -= bytes;
  return true;
}

static void quota_return(struct gen_heap *heap, struct gen_mutator *m) {
  if (m->quota == 0)
    return;
  nursery_unclaim(heap, m->quota);
  gc_gen_unhold(heap, m->quota);
  m->quota = 0;
}

void gc_gen_larges_leave(struct gen_heap *heap, struct gen_mutator *m) {
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

static void record_init(struct gen_mutator *m, struct gen_large *record,
                        size_t bytes, size_t length) {
  gc_assert(record->value == GEN_FREE && record->object.word == 0);
  record->bytes = bytes;
  record->length = length;
  record->object.word = GEN_LARGE;
  record->next = m->larges;
  if (m->larges == NULL)
    m->larges_last = record;
  m->larges = record;
  m->large_count++;
}

static struct gen_large *from_quota(struct gen_heap *heap,
                                    struct gen_mutator *m, size_t bytes) {
  if (!quota_take(heap, m, bytes))
    return NULL;
  struct gen_large *record = gc_memory_new_zeroed(&m->source, bytes);
  if (record == NULL)
    m->quota += bytes;
  return record;
}

/* The system may refuse any size, so the memory is requested before its bytes
   are counted. Otherwise a refused request would show in held_peak. */
static struct gen_large *from_memory(struct gen_heap *heap,
                                     struct gen_mutator *m, size_t bytes) {
  if (gc_gen_nursery_is_used_up(heap) || !gc_gen_hold_prepare(heap, bytes))
    return NULL;
  struct gen_large *record = gc_memory_new_zeroed(&m->source, bytes);
  if (record == NULL)
    return NULL;
  if (!quota_raise(heap, m, bytes)) {
    gc_memory_free(&m->source, record, bytes);
    return NULL;
  }
  m->quota -= bytes;
  return record;
}

gc_ref gc_gen_large_new(struct gen_mutator *m, size_t cell_bytes,
                        size_t length) {
  struct gen_heap *heap = gen_of(m->base.heap);
  size_t bytes = gc_gen_large_size(cell_bytes);
  gc_assert(cell_bytes > GEN_SMALL_MAX);
  if (bytes == SIZE_MAX)
    return NULL;
  gc_assert(bytes > GEN_LARGE_PREFIX + cell_bytes);
  struct gen_large *record = bytes <= heap->large.quota_most
                                 ? from_quota(heap, m, bytes)
                                 : from_memory(heap, m, bytes);
  if (record == NULL)
    return NULL;
  record_init(m, record, bytes, length);
  return &record->object;
}

/* The number and bytes of those that were freed. */
struct freed {
  size_t objects, bytes;
};

static void record_free(struct gen_mutator *m, struct gen_large *record,
                        struct freed *freed) {
  freed->objects++;
  freed->bytes += record->bytes;
  gc_memory_free(&m->source, record, record->bytes);
}

static void freed_count(struct gen_heap *heap, const struct freed *freed) {
  struct gen_larges *large = &heap->large;
  gc_assert_always(large->objects >= freed->objects);
  gc_assert_always(large->live >= freed->bytes);
  large->objects -= freed->objects;
  large->live -= freed->bytes;
  gc_gen_unhold(heap, freed->bytes);
}

/* World stopped. */
void gc_gen_large_sweep(struct gen_heap *heap, struct gen_mutator *m) {
  struct gen_larges *large = &heap->large;
  gc_assert_always(gc_world_is_stopped_by(&m->base));
  struct freed freed = {0};
  struct gen_large *lists[3] = {large->list[0], large->list[1], large->list[2]};
  for (int g = 0; g <= heap->generation; g++)
    large->list[g] = NULL;
  for (int g = 0; g <= heap->generation; g++)
    for (struct gen_large *next, *record = lists[g]; record; record = next) {
      next = record->next;
      gc_assert(record->object.word & GEN_LARGE);
      gc_assert(!record->must_rescan);
      if (!gen_is_reached(heap, &record->object)) {
        record_free(m, record, &freed);
        continue;
      }
      int age = gen_age(record->value);
      gc_assert(age >= g && age > 0);
      if (age > g) {
        heap->base.pause.bytes_promoted += record->bytes;
        gc_count(&m->base, promoted_objects, 1);
        gc_count(&m->base, survived_bytes, g == 0 ? record->bytes : 0);
      }
      record->next = large->list[age];
      large->list[age] = record;
    }
  freed_count(heap, &freed);
}

void gc_gen_array_resized(gc_ref array) {
  if (array->word & GEN_LARGE)
    memset(gen_cards(array), 1, gen_card_count(array));
}
