/* SPDX-License-Identifier: MIT */
/* The remembered set: old objects that may refer to younger ones.

   Note [Remembered objects]
   A reference from an older to a younger generation arises in two ways.
   1. A mutator stores it. The barrier finds that the holder is armed, disarms
      it, and adds it to the mutator's `remembered`. There it stays until the
      next collection, which scans the holder and so finds further stores to it.
      Disarming is an atomic read-modify-write. So if two mutators store to one
      holder at the same time, only one of them remembers it. It does not matter
      which one, because the world stops, and the stores are visible, before any
      thread reads the set.
   2. A collection leaves it. Generation 0 is empty after the collection, so the
      holder is of generation 2 then, and the object that it refers to is of
      generation 1. If this object was of generation 0 before, the reference was
      stored since the last collection. Objects go up by at most one generation,
      so the holder was older, and it is in some `remembered`. If the object was
      of generation 1 before, the collection was a minor one, so the holder was
      of generation 2, and it is in some `remembered` or in `kept` already.
   So to find these references after a collection, it is enough to look again at
   the holders that were remembered before it. Holders of generation 2 that now
   refer to generation 1 go into `kept`. A minor collection adds to `kept`. Any
   other collection moves all objects of generation 1 to generation 2, so it
   makes `kept` anew.
   For a large object, the barrier also marks the card of the slot. The
   collector clears the card when it looks at the holder again and no slot of
   the card leads to a younger generation. The argument above holds for each
   card, and only the slots of marked cards are read.
   If there is no memory to remember a holder, `lost` makes the next collection
   a full one that promotes everything to generation 2. After it no reference
   leads from old to young. */
#include "collectors/shared/generational/generational.h"

enum { GEN_SHRUNK_REMEMBERED = 64 };

/* With `shrink` there is room for a few entries only. */
static bool refs_have_room(struct gen_heap *heap, struct blk_refs *refs) {
  bool is_full =
      heap->blocks.base.shrink && refs->count == GEN_SHRUNK_REMEMBERED;
  return !is_full && gc_blk_refs_reserve(&heap->blocks, refs, 1, false);
}

/* If this fails, `lost` makes up for it. */
static bool refs_add(struct gen_heap *heap, struct blk_refs *refs, gc_ref ref) {
  bool ok = refs_have_room(heap, refs);
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

/* Release: Note [Logged before disarmed] of a collector that marks while
   mutators run. */
static uint32_t word_clear(gc_ref holder, uint32_t flags) {
  return __atomic_fetch_and(&holder->word, ~flags, __ATOMIC_RELEASE);
}

/* Adds the holder to a remembered set. If that fails, arms it again, so that a
   later store can add it. */
static void remember(struct gen_heap *heap, struct blk_refs *refs,
                     gc_ref holder) {
  if (refs_add(heap, refs, holder))
    return;
  word_clear(holder, GEN_NOTED);
  word_or(holder, BLK_ARMED);
}

static void card_mark(uint8_t *card, uint8_t bit) {
  if (!MARK_WHILE_RUNNING)
    __atomic_store_n(card, bit, __ATOMIC_RELAXED);
  else if (!(__atomic_load_n(card, __ATOMIC_RELAXED) & bit))
    __atomic_fetch_or(card, bit, __ATOMIC_RELAXED);
}

/* True for one of the mutators that store to a holder at the same time: the one
   that must remember it. The card of a large holder is marked before the store
   is complete. */
static bool is_first_to_note(gc_ref holder, size_t slot) {
  uint32_t word = __atomic_load_n(&holder->word, __ATOMIC_RELAXED);
  if (!(word & BLK_LARGE))
    return word_clear(holder, BLK_ARMED) & BLK_ARMED;
  gc_assert(slot / BLK_CARD_SLOTS < blk_card_count(holder));
  card_mark(blk_cards(holder) + slot / BLK_CARD_SLOTS, blk_card_bit(slot));
  return !(word & GEN_NOTED) && !(word_or(holder, GEN_NOTED) & GEN_NOTED);
}

/* Ages change only while the world is stopped, so that comparing them is valid
   until the next collection. */
void gc_gen_remember(gc_mutator *m, gc_ref holder, size_t slot, gc_ref value) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_assert(m->running && slot < gc_slot_count(holder));
  gc_shake();
  if (!gc_is_object(value) ||
      blk_age_of(&heap->blocks, value) >= blk_age_of(&heap->blocks, holder))
    return;
  if (!is_first_to_note(holder, slot))
    return;
  gc_shake();
  gc_count(m, barrier_slow, 1);
  remember(heap, &gen_mutator_of(m)->remembered, holder);
}

/* The holder may stay armed: then later stores to it come here again. */
void gc_gen_remember_any(gc_mutator *m, gc_ref holder, size_t slot,
                         gc_ref value) {
  struct gen_heap *heap = gen_of(m->heap);
  struct blk_refs *refs = &gen_mutator_of(m)->remembered;
  bool is_young = gc_is_object(value) && blk_age_of(&heap->blocks, value) == 0;
  uint32_t word = __atomic_load_n(&holder->word, __ATOMIC_RELAXED);
  if (is_young)
    gc_gen_remember(m, holder, slot, value);
  else if (!(word & BLK_LARGE) && refs_have_room(heap, refs) &&
           is_first_to_note(holder, slot))
    remember(heap, refs, holder);
}

/* Called when a mutator detaches. */
void gc_gen_remembered_adopt(struct gen_heap *heap, struct gen_mutator *m) {
  pthread_mutex_lock(&heap->blocks.orphan_lock);
  for (size_t i = 0; i < m->remembered.count; i++)
    remember(heap, &heap->remembered, m->remembered.items[i]);
  pthread_mutex_unlock(&heap->blocks.orphan_lock);
  gc_blk_refs_finish(&heap->blocks, &m->remembered);
}

/* --- world stopped -------------------------------------------------------- */

/* Holders of a generation that is being collected are not roots: live ones are
   traced anyway, and dead ones keep nothing alive. Workers may be marking
   already, and storing bytes. If a worker has just reached such a holder and
   given it an older age, its slots are traced twice. That is right, because the
   holder is alive. */
static void refs_mark(struct gen_heap *heap, struct marker *marker,
                      const struct blk_refs *refs) {
  for (size_t i = 0; i < refs->count; i++) {
    gc_ref holder = refs->items[i];
    if (blk_age_of(&heap->blocks, holder) > heap->blocks.generation)
      gc_mark_remembered(marker, holder);
  }
}

void gc_gen_remembered_mark_of(struct gen_mutator *m, struct marker *marker) {
  refs_mark(gen_of(m->blocks.base.heap), marker, &m->remembered);
}

void gc_gen_remembered_mark(struct gen_heap *heap, struct marker *marker) {
  size_t count = heap->remembered.count + heap->kept.count;
  gc_assert_always(gc_world_is_stopped(&heap->blocks.base));
  refs_mark(heap, marker, &heap->remembered);
  for (gc_mutator *m = heap->blocks.base.mutators; m; m = m->next)
    count += gen_mutator_of(m)->remembered.count;
  if (heap->blocks.generation == 1)
    refs_mark(heap, marker, &heap->kept);
  gc_mutator *stopper = heap->blocks.base.stopper;
  if (GC_STATISTICS && count > stopper->counters.remembered_peak)
    stopper->counters.remembered_peak = count;
}

static bool slots_lead_to_middle(struct gen_heap *heap, gc_ref holder,
                                 size_t first, size_t count) {
  gc_assert(first + count <= gc_slot_count(holder));
  for (size_t i = first; i < first + count; i++) {
    gc_ref value = gc_slot_load_relaxed(holder, i);
    if (gc_is_object(value) && blk_age_of(&heap->blocks, value) == 1)
      return true;
  }
  return false;
}

/* Clears the cards that no longer lead to generation 1. */
static bool cards_renew(struct gen_heap *heap, gc_ref holder, bool is_old) {
  uint8_t *cards = blk_cards(holder);
  bool any = false;
  size_t n = blk_card_count(holder);
  for (size_t i = 0; (i = blk_card_next(cards, i, n)) < n; i++) {
    cards[i] = is_old && slots_lead_to_middle(heap, holder, i * BLK_CARD_SLOTS,
                                              blk_card_slots(holder, i));
    any |= cards[i];
  }
  return any;
}

/* After marking, only objects of generation 2 can be older than others. */
static bool leads_to_middle(struct gen_heap *heap, gc_ref holder) {
  bool is_old = GEN_HAS_MIDDLE && blk_age_of(&heap->blocks, holder) == 2;
  if (holder->word & BLK_LARGE)
    return cards_renew(heap, holder, is_old);
  return is_old && slots_lead_to_middle(heap, holder, 0, gc_slot_count(holder));
}

static void holder_renew(struct gen_heap *heap, gc_ref holder) {
  if (!blk_is_reached(&heap->blocks, holder))
    return; /* dead: nobody looks at its header again */
  gc_assert(blk_age_of(&heap->blocks, holder) > 0);
  holder->word = (holder->word & ~(uint32_t)GEN_NOTED) | BLK_ARMED;
  if (leads_to_middle(heap, holder) && !(holder->word & GEN_KEPT) &&
      refs_add(heap, &heap->kept, holder))
    holder->word |= GEN_KEPT;
}

/* `refs` may be `kept` itself: new entries take only places that have been
   read. */
static void refs_renew(struct gen_heap *heap, struct blk_refs *refs) {
  size_t count = refs->count;
  refs->count = 0;
  for (size_t i = 0; i < count; i++)
    holder_renew(heap, refs->items[i]);
}

static void refs_trim(struct gen_heap *heap, struct blk_refs *refs) {
  gc_blk_refs_shrink(&heap->blocks, refs, refs->count);
}

static void renew_all(struct gen_heap *heap,
                      void (*renew)(struct gen_heap *, struct blk_refs *)) {
  renew(heap, &heap->remembered);
  for (gc_mutator *m = heap->blocks.base.mutators; m; m = m->next)
    renew(heap, &gen_mutator_of(m)->remembered);
}

/* After marking and before anything is freed. */
void gc_gen_remembered_renew(struct gen_heap *heap) {
  gc_assert_always(gc_world_is_stopped(&heap->blocks.base));
  if (heap->blocks.generation > 0) {
    for (size_t i = 0; i < heap->kept.count; i++)
      heap->kept.items[i]->word &= ~(uint32_t)GEN_KEPT;
    refs_renew(heap, &heap->kept);
  }
  renew_all(heap, refs_renew);
  gc_assert(heap->remembered.count == 0);
  if (heap->blocks.generation == 2) {
    renew_all(heap, refs_trim);
    refs_trim(heap, &heap->kept);
  }
}
