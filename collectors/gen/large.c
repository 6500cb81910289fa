/* SPDX-License-Identifier: MIT */
/* Large objects are allocated with jemalloc. Each one follows its record and is
   in the list of its generation. There are few large objects, so a walk along
   a list costs little compared with tracing or zeroing them. The cards follow
   an object, one byte for GEN_CARD_SLOTS slots. */
#include <string.h>

#include "collectors/gen/gen.h"

/* SIZE_MAX: no object can be so large. */
size_t gc_gen_large_size(size_t cell_bytes) {
  if (cell_bytes > PTRDIFF_MAX / 2)
    return SIZE_MAX;
  size_t cards = cell_bytes / (GEN_CARD_SLOTS * sizeof(gc_ref)) + 1;
  return gc_memory_class(cell_bytes + GEN_LARGE_PREFIX + cards);
}

/* Counts the bytes against the limit and the nursery. False: collect. */
static bool reserve(struct gen_heap *heap, size_t bytes) {
  struct gen_space *space = &heap->space;
  pthread_mutex_lock(&space->lock);
  bool is_due = space->claimed >= space->nursery;
  if (!is_due) {
    space->claimed += bytes;
    space->large_claimed += bytes;
    space->large_grown += bytes;
  }
  pthread_mutex_unlock(&space->lock);
  return !is_due && gc_gen_hold_hard(heap, bytes);
}

/* Checks in advance what reserve() will ask for. */
static bool may_reserve(struct gen_heap *heap, size_t bytes) {
  struct gen_space *space = &heap->space;
  pthread_mutex_lock(&space->lock);
  bool is_due = space->claimed >= space->nursery;
  pthread_mutex_unlock(&space->lock);
  return !is_due && gc_gen_hold_prepare(heap, bytes);
}

static void list_add(struct gen_larges *large, struct gen_large *record) {
  pthread_mutex_lock(&large->lock);
  record->next = large->list[0];
  large->list[0] = record;
  large->live += record->bytes;
  large->objects++;
  pthread_mutex_unlock(&large->lock);
}

/* The system may refuse any size, so the memory is requested before its bytes
   are counted. Otherwise a refused request would show in held_peak. */
gc_ref gc_gen_large_new(struct gen_mutator *m, size_t cell_bytes,
                        size_t length) {
  struct gen_heap *heap = gen_of(m->base.heap);
  size_t bytes = gc_gen_large_size(cell_bytes);
  gc_assert(cell_bytes > GEN_SMALL_MAX);
  if (bytes == SIZE_MAX || !may_reserve(heap, bytes))
    return NULL;
  struct gen_large *record = gc_memory_new_zeroed(&m->source, bytes);
  if (record == NULL)
    return NULL;
  if (!reserve(heap, bytes)) {
    gc_memory_free(&m->source, record, bytes);
    return NULL;
  }
  gc_assert(bytes > GEN_LARGE_PREFIX + cell_bytes);
  gc_assert(record->value == GEN_FREE && record->object.word == 0);
  record->bytes = bytes;
  record->length = length;
  record->object.word = GEN_LARGE;
  list_add(&heap->large, record);
  return &record->object;
}

static void record_free(struct gen_heap *heap, struct gen_mutator *m,
                        struct gen_large *record) {
  size_t bytes = record->bytes;
  gc_assert_always(heap->large.objects > 0 && heap->large.live >= bytes);
  heap->large.live -= bytes;
  heap->large.objects--;
  gc_memory_free(&m->source, record, bytes);
  gc_gen_unhold(heap, bytes);
}

/* World stopped. */
void gc_gen_large_sweep(struct gen_heap *heap, struct gen_mutator *m) {
  struct gen_larges *large = &heap->large;
  gc_assert_always(gc_world_is_stopped_by(&m->base));
  struct gen_large *lists[3] = {large->list[0], large->list[1], large->list[2]};
  for (int g = 0; g <= heap->generation; g++)
    large->list[g] = NULL;
  for (int g = 0; g <= heap->generation; g++)
    for (struct gen_large *next, *record = lists[g]; record; record = next) {
      next = record->next;
      gc_assert(record->object.word & GEN_LARGE);
      gc_assert(!record->must_rescan);
      if (!gen_is_reached(heap, &record->object)) {
        record_free(heap, m, record);
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
}

void gc_gen_array_resized(gc_ref array) {
  if (array->word & GEN_LARGE)
    memset(gen_cards(array), 1, gen_card_count(array));
}
