/* SPDX-License-Identifier: MIT */
/* The remembered set: old objects that may refer to younger ones.

   Note [Remembered objects]
   A reference from an older to a younger generation comes about in two ways.
   1. A mutator stores it. The barrier finds the holder armed, disarms it and
      puts it in the mutator's `remembered`, where it stays until the next
      collection; further stores to it are found when that one scans it.
      Disarming is a read-modify-write, so of two mutators that store to one
      holder at once only one remembers it; which one does not matter, for
      the world stops, and the stores are seen, before anybody looks.
   2. A collection moves the holder up and not what it refers to. Objects go
      one generation up at a collection, so the holder was older before, and
      then it is in some `remembered`, for the reason above; or it is of
      generation 2, its slot leads to generation 1 now and led to generation 0
      before, and again it is in some `remembered`.
   So what has to be known after a collection is found by looking once more at
   what was remembered before it: holders of generation 2 that now refer to
   generation 1 go into `kept`. A minor collection adds to `kept`; any other
   empties generation 1 into 2, so it starts `kept` anew.
   Large objects are remembered by cards: the barrier marks the card of the
   slot, which stays marked as long as it leads to a younger generation when
   the collector looks. All that is said above is true of each card, and
   only marked cards are looked at.
   If there is no memory to remember a holder, `lost` makes the next collection
   a full one that promotes everything to generation 2, after which no
   reference leads from old to young. */
#include "collectors/gen/gen.h"

#include <stdlib.h>

enum { GEN_REFS_FIRST = 64, GEN_SHRUNK_REMEMBERED = 64 };

static bool refs_resize(struct gen_refs *refs, size_t capacity) {
  gc_assert(refs->count <= capacity && capacity > 0);
  gc_ref *bigger = realloc(refs->items, capacity * sizeof *bigger);
  if (bigger == NULL)
    return false;
  refs->items = bigger;
  refs->capacity = capacity;
  return true;
}

static bool refs_hold(struct gen_heap *heap, size_t bytes, bool over_limit) {
  if (over_limit)
    gc_gen_hold_anyway(heap, bytes);
  return over_limit || gc_gen_hold_hard(heap, bytes);
}

bool gc_gen_refs_reserve(struct gen_heap *heap, struct gen_refs *refs,
                         size_t more, bool over_limit) {
  if (more <= refs->capacity - refs->count)
    return true;
  size_t capacity = refs->capacity ? refs->capacity * 2 : GEN_REFS_FIRST;
  gc_assert_always(more <= capacity - refs->count);
  size_t bytes = (capacity - refs->capacity) * sizeof *refs->items;
  if (!refs_hold(heap, bytes, over_limit))
    return false;
  bool ok = refs_resize(refs, capacity);
  if (!ok)
    gc_gen_unhold(heap, bytes);
  return ok;
}

void gc_gen_refs_finish(struct gen_heap *heap, struct gen_refs *refs) {
  gc_gen_unhold(heap, refs->capacity * sizeof *refs->items);
  free(refs->items);
  *refs = (struct gen_refs){0};
}

void gc_gen_refs_shrink(struct gen_heap *heap, struct gen_refs *refs,
                        size_t needed) {
  size_t capacity = refs->capacity;
  gc_assert_always(refs->count <= needed);
  if (needed == 0)
    gc_gen_refs_finish(heap, refs);
  else if (needed < capacity / 4 && refs_resize(refs, needed))
    gc_gen_unhold(heap, (capacity - needed) * sizeof *refs->items);
}

/* The only place that may fail is where `lost` makes up for it. With `shrink`
   there is never memory for more than a few. */
static bool refs_add(struct gen_heap *heap, struct gen_refs *refs, gc_ref ref) {
  bool is_full = heap->base.shrink && refs->count == GEN_SHRUNK_REMEMBERED;
  bool ok = !is_full && gc_gen_refs_reserve(heap, refs, 1, false);
  gc_assert(!ok || refs->count < refs->capacity);
  if (ok)
    refs->items[refs->count++] = ref;
  else
    atomic_store(&heap->lost, true);
  return ok;
}

static uint32_t word_or(gc_ref holder, uint32_t flags) {
  return __atomic_fetch_or(&holder->word, flags, __ATOMIC_RELAXED);
}

static uint32_t word_clear(gc_ref holder, uint32_t flags) {
  return __atomic_fetch_and(&holder->word, ~flags, __ATOMIC_RELAXED);
}

/* Into a mutator's buffer; armed again where that fails, so that it is not
   forgotten for good. */
static void remember(struct gen_heap *heap, struct gen_refs *refs,
                     gc_ref holder) {
  if (refs_add(heap, refs, holder))
    return;
  word_clear(holder, GEN_NOTED);
  word_or(holder, GEN_ARMED);
}

/* True for one of the mutators that store to a holder at the same time: the one
   that must remember it. The card of a large holder is marked before the store
   is complete. */
static bool is_first_to_note(gc_ref holder, size_t slot) {
  uint32_t word = __atomic_load_n(&holder->word, __ATOMIC_RELAXED);
  if (!(word & GEN_LARGE))
    return word_clear(holder, GEN_ARMED) & GEN_ARMED;
  gc_assert(slot / GEN_CARD_SLOTS < gen_card_count(holder));
  __atomic_store_n(gen_cards(holder) + slot / GEN_CARD_SLOTS, 1,
                   __ATOMIC_RELAXED);
  return !(word & GEN_NOTED) && !(word_or(holder, GEN_NOTED) & GEN_NOTED);
}

/* Ages change only while the world is stopped, so that comparing them is
   good until the next collection. */
void gc_gen_remember(gc_mutator *m, gc_ref holder, size_t slot, gc_ref value) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_assert(m->running && slot < gc_slot_count(holder));
  gc_shake();
  if (value == NULL ||
      gen_age(*gen_byte_of(heap, value)) >= gen_age(*gen_byte_of(heap, holder)))
    return;
  if (!is_first_to_note(holder, slot))
    return;
  gc_shake();
  gc_count(m, barrier_slow, 1);
  remember(heap, &gen_mutator_of(m)->remembered, holder);
}

/* A mutator detaches. */
void gc_gen_remembered_adopt(struct gen_heap *heap, struct gen_mutator *m) {
  pthread_mutex_lock(&heap->orphan_lock);
  for (size_t i = 0; i < m->remembered.count; i++)
    remember(heap, &heap->remembered, m->remembered.items[i]);
  pthread_mutex_unlock(&heap->orphan_lock);
  gc_gen_refs_finish(heap, &m->remembered);
}

/* --- world stopped -------------------------------------------------------- */

/* Holders of a generation that is being collected are no roots: if they live
   they are traced, and if not, they keep nothing alive. Workers may mark
   already what roots lead to, and store bytes. One that has just reached a
   holder of such a generation may have given it an older age: then its slots
   are traced twice, which is right for what lives. */
static void refs_mark(struct gen_heap *heap, struct gen_marker *marker,
                      const struct gen_refs *refs) {
  for (size_t i = 0; i < refs->count; i++) {
    gc_ref holder = refs->items[i];
    uint8_t byte = __atomic_load_n(gen_byte_of(heap, holder), __ATOMIC_RELAXED);
    if (gen_age(byte) > heap->generation)
      gc_gen_mark_remembered(marker, holder);
  }
}

void gc_gen_remembered_mark(struct gen_heap *heap, struct gen_marker *marker) {
  size_t count = heap->remembered.count + heap->kept.count;
  gc_assert_always(gc_world_is_stopped(&heap->base));
  refs_mark(heap, marker, &heap->remembered);
  for (gc_mutator *m = heap->base.mutators; m; m = m->next) {
    refs_mark(heap, marker, &gen_mutator_of(m)->remembered);
    count += gen_mutator_of(m)->remembered.count;
  }
  if (heap->generation == 1)
    refs_mark(heap, marker, &heap->kept);
  gc_mutator *stopper = heap->base.stopper;
  if (GC_STATISTICS && count > stopper->counters.remembered_peak)
    stopper->counters.remembered_peak = count;
}

static bool slots_lead_to_middle(struct gen_heap *heap, gc_ref holder,
                                 size_t first, size_t count) {
  gc_assert(first + count <= gc_slot_count(holder));
  for (size_t i = first; i < first + count; i++) {
    gc_ref value = gc_slot_load_relaxed(holder, i);
    if (value && gen_age(*gen_byte_of(heap, value)) == 1)
      return true;
  }
  return false;
}

/* Cleans the cards that need no looking at any more. */
static bool cards_renew(struct gen_heap *heap, gc_ref holder, bool is_old) {
  uint8_t *cards = gen_cards(holder);
  bool any = false;
  for (size_t i = 0, n = gen_card_count(holder); i < n; i++)
    if (cards[i]) {
      cards[i] =
          is_old && slots_lead_to_middle(heap, holder, i * GEN_CARD_SLOTS,
                                         gen_card_slots(holder, i));
      any |= cards[i];
    }
  return any;
}

/* Only the old can be older than anything, now. */
static bool leads_to_middle(struct gen_heap *heap, gc_ref holder) {
  bool is_old = gen_age(*gen_byte_of(heap, holder)) == 2;
  if (holder->word & GEN_LARGE)
    return cards_renew(heap, holder, is_old);
  return is_old && slots_lead_to_middle(heap, holder, 0, gc_slot_count(holder));
}

static void holder_renew(struct gen_heap *heap, gc_ref holder) {
  if (!gen_is_reached(heap, holder))
    return; /* dead: nobody looks at its header again */
  gc_assert(gen_age(*gen_byte_of(heap, holder)) > 0);
  holder->word = (holder->word & ~(uint32_t)GEN_NOTED) | GEN_ARMED;
  if (leads_to_middle(heap, holder) && !(holder->word & GEN_KEPT) &&
      refs_add(heap, &heap->kept, holder))
    holder->word |= GEN_KEPT;
}

/* Also of `kept` itself: what is added to it then was read before. */
static void refs_renew(struct gen_heap *heap, struct gen_refs *refs) {
  size_t count = refs->count;
  refs->count = 0;
  for (size_t i = 0; i < count; i++)
    holder_renew(heap, refs->items[i]);
}

static void refs_trim(struct gen_heap *heap, struct gen_refs *refs) {
  gc_gen_refs_shrink(heap, refs, refs->count);
}

static void renew_all(struct gen_heap *heap,
                      void (*renew)(struct gen_heap *, struct gen_refs *)) {
  renew(heap, &heap->remembered);
  for (gc_mutator *m = heap->base.mutators; m; m = m->next)
    renew(heap, &gen_mutator_of(m)->remembered);
}

/* After marking and before anything is freed. */
void gc_gen_remembered_renew(struct gen_heap *heap) {
  gc_assert_always(gc_world_is_stopped(&heap->base));
  if (heap->generation > 0) {
    for (size_t i = 0; i < heap->kept.count; i++)
      heap->kept.items[i]->word &= ~(uint32_t)GEN_KEPT;
    refs_renew(heap, &heap->kept);
  }
  renew_all(heap, refs_renew);
  gc_assert(heap->remembered.count == 0);
  if (heap->generation == 2) {
    renew_all(heap, refs_trim);
    refs_trim(heap, &heap->kept);
  }
}
