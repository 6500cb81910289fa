/* SPDX-License-Identifier: MIT */
/* What happens when a mark stack is full.

   Note [Overflow]
   If the slots of an object do not fit on the stack, they are not pushed.
   Instead, the object's block, or the object itself if it is large, is noted
   for another scan: the marker stores the object's bytes, then sets the note,
   then marking->must_rescan. When no marker is busy and marking->must_rescan is
   set, the stopper begins a round. It clears marking->must_rescan, takes each
   note, and traces every reached object in a noted block once more. Before each
   object, its stack is empty, and so has room for the slots of any small
   object, or for a piece of a large one. The bytes contain all that is needed,
   so no memory is allocated. Meanwhile workers mark the edges that the stopper
   shares, and set new notes. No note is lost:
   - The stopper takes a note with an exchange and then reads the bytes. It sees
     a note that was set before the exchange. It also sees the bytes, because
     the exchange acquires the stores that each setter released. For that, the
     setters must use an exchange, too. If a setter used a plain store, this
     store would hide the bytes of the setter before it from the stopper. If the
     stopper used a plain store, this store could reach memory after the stopper
     has read the bytes, and erase a note that was set in between.
   - A note that is set after the exchange stays, and so does a note that the
     stopper passed without seeing it. marking->must_rescan stays set as well,
     because it is cleared only at the beginning of a round, while no marker is
     busy.
   - marking->must_rescan is read after the last marker has run out of edges.
   Each marker took the lock when it ran out, so all its stores are seen. So
   when marking is done, marking->must_rescan is false, and for every note that
   was set, the note has been taken and the block has been read. An object is
   noted only by a marker that has just found it unreached. So there are no more
   rounds than objects, and marking ends. Other markers may store bytes in a
   block while it is read, so bytes are loaded atomically, and with acquire,
   because objects become old while mutators run: Note [Promoting all]. The
   stopper may find an object reached while another marker still traces it: Note
   [Reached twice]. models/overflow.pml is a model of it. A marking that goes on
   while mutators run has notes of its own, so that a collection in between does
   not take them.
 */
#include "collectors/shared/marking/marking.h"

static uint8_t *note_of(const struct marking *marking, gc_ref holder) {
  return blk_in_space(&marking->heap->space, holder)
             ? &blk_of(holder)->must_rescan
             : &blk_large_of(holder)->must_rescan;
}

void gc_mark_note_overflow(struct marker *k, gc_ref holder) {
  __atomic_fetch_or(note_of(k->marking, holder), k->marking->note,
                    __ATOMIC_RELEASE);
  atomic_store_explicit(&k->marking->must_rescan, true, memory_order_relaxed);
}

/* Loads first: most blocks have no note, and an exchange costs more than a
   load. */
bool gc_mark_note_take(const struct marking *marking, uint8_t *note) {
  uint8_t bit = marking->note;
  return (__atomic_load_n(note, __ATOMIC_RELAXED) & bit) &&
         (__atomic_fetch_and(note, (uint8_t)~bit, __ATOMIC_ACQUIRE) & bit);
}

gc_ref gc_mark_reached_next(const struct marking *marking,
                            struct blk_block *block, size_t *granule) {
  char *start = blk_start(block);
  const uint8_t *bytes = gc_blk_byte(start);
  for (size_t i = *granule; i < BLK_GRANULES; i++) {
    uint8_t byte = __atomic_load_n(bytes + i, __ATOMIC_ACQUIRE);
    uint8_t value = byte & BLK_VALUE_MASK;
    if (!(byte & BLK_START) ||
        (value != marking->heap->middle && value != marking->heap->old))
      continue;
    char *cell = start + i * BLK_GRANULE;
    bool is_array = *(uint32_t *)cell < 1 << GC_TYPE_WORDS_SHIFT;
    *granule = i + 1;
    return (gc_ref)(cell + (is_array ? sizeof(size_t) : 0));
  }
  return NULL;
}

static void rescan_block(struct marking *marking, struct blk_block *block) {
  size_t granule = 0;
  gc_ref object;
  while ((object = gc_mark_reached_next(marking, block, &granule)) != NULL) {
    gc_mark_drain(&marking->markers[0]);
    gc_mark_slots_of(&marking->markers[0], object);
  }
}

static void rescan_larges(struct marking *marking) {
  for (int g = 0; g < BLK_LARGE_LISTS; g++)
    for (struct blk_large *l = marking->heap->large.list[g]; l; l = l->next)
      if (gc_mark_note_take(marking, &l->must_rescan)) {
        gc_mark_drain(&marking->markers[0]);
        gc_mark_slots_of(&marking->markers[0], &l->object);
      }
}

void gc_mark_rescan(struct marking *marking) {
  gc_assert_always(gc_world_is_stopped(&marking->heap->base));
  gc_assert_always(atomic_load(&marking->sharing.busy) == 1); /* ourselves */
  atomic_store(&marking->must_rescan, false);
  for (size_t i = 0; i < marking->heap->space.blocks; i++) {
    struct blk_block *block = gc_blk_at(&marking->heap->space, i);
    if (gc_mark_note_take(marking, &block->must_rescan))
      rescan_block(marking, block);
  }
  rescan_larges(marking);
}
