/* SPDX-License-Identifier: MIT */
/* Marking in slices, while mutators run.

   Note [Slices]
   One marker marks while mutators run. Whoever holds the lock of its collector
   is the marker: each mutator for a slice, or a thread of the collector. What
   is left to mark is on the stack, in ranges and in notes between two slices.
   Mutators allocate meanwhile, store into slots, and make minor collections.
   These free young objects and no others, so nothing that waits may be young:
   - An object that is claimed before it is pushed is not young, because the
     table of next values says that young objects count as reached.
   - An edge to an object in a block may be pushed before it is claimed. Then
   the object may be young and may be dead when the edge is popped. Its byte is
     read then, and is there as long as the heap is. It is 0, unless the memory
     has become part of an object that survived a minor collection. Such an
     object has the current value, and counts as reached, too.
   - A large object has its byte in its own memory. So an edge to one is claimed
     at once.
   Notes are taken as in Note [Overflow], but step by step: a round goes on
   where the last slice stopped. Only objects of the snapshot are noted, and the
   blocks and lists in which these are do not lose them before marking ends. So
   a place in them stays valid. Mutators put large objects before those of the
   snapshot; so the list is read from the first one of the snapshot on, which
   nobody changes. An object that is noted again behind this place
   is found by the next round. */
#include "collectors/shared/running/running.h"

void gc_mark_log(struct marker *k, gc_ref value) {
  gc_assert(marker_is_valid(k));
  if (!gc_is_object(value))
    return;
  if (k->top == k->capacity)
    gc_mark_aside(k, value);
  else
    gc_mark_push(k, value);
}

/* --- rescanning, one object at a time ------------------------------------- */

/* False: no note is left. */
static bool round_begin(struct marking *marking) {
  if (!atomic_load(&marking->must_rescan))
    return false;
  atomic_store(&marking->must_rescan, false);
  marking->rescan = (struct mark_rescan){.is_on = true,
                                         .blocks = marking->rescan.blocks,
                                         .large = marking->rescan.larges,
                                         .larges = marking->rescan.larges};
  return true;
}

static gc_ref next_in_blocks(struct marking *marking) {
  struct mark_rescan *at = &marking->rescan;
  for (; at->block < at->blocks; at->block++, at->granule = 0) {
    struct blk_block *block = gc_blk_at(&marking->heap->space, at->block);
    if (at->granule == 0 && !gc_mark_note_take(marking, &block->must_rescan))
      continue;
    gc_ref object = gc_mark_reached_next(marking, block, &at->granule);
    if (object)
      return object;
  }
  return NULL;
}

static gc_ref next_in_list(struct marking *marking) {
  struct mark_rescan *at = &marking->rescan;
  while (at->large) {
    struct blk_large *large = at->large;
    at->large = large->next;
    if (gc_mark_note_take(marking, &large->must_rescan))
      return &large->object;
  }
  return NULL;
}

/* The stack is empty. False: nothing is left. */
static bool rescan_step(struct marker *k) {
  struct marking *marking = k->marking;
  gc_assert(marker_is_idle(k));
  if (!marking->rescan.is_on && !round_begin(marking))
    return false;
  gc_ref object = next_in_blocks(marking);
  if (object == NULL)
    object = next_in_list(marking);
  if (object)
    gc_mark_slots_of(k, object);
  else
    marking->rescan.is_on = false;
  return true;
}

/* --- slices --------------------------------------------------------------- */

void gc_mark_slices_begin(struct marking *marking) {
  gc_assert_always(gc_world_is_stopped(&marking->heap->base));
  gc_assert_always(marking->count == 1 && marker_is_idle(marking->markers));
  gc_assert_always(!atomic_load(&marking->must_rescan));
  gc_assert_always(marking->heap->large.list[BLK_FRESH] == NULL);
  marking->rescan =
      (struct mark_rescan){.blocks = marking->heap->space.blocks,
                           .larges = marking->heap->large.list[2]};
  marking->markers[0].marked = 0;
}

bool gc_mark_slice(struct marker *k, size_t objects, gc_mutator *payer) {
  bool is_done = false;
  gc_assert(marker_is_valid(k) && objects > 0);
  k->left = objects;
  k->payer = payer;
  gc_mark_way_resume(k);
  while (!is_done && k->left > 0) {
    gc_mark_drain(k);
    if (marker_is_idle(k))
      is_done = !rescan_step(k);
  }
  gc_mark_way_pause(k);
  return !is_done;
}

void gc_mark_forget(struct marker *k) {
  struct marking *marking = k->marking;
  gc_assert_always(gc_world_is_stopped(&marking->heap->base));
  k->top = k->bottom = k->range_count = 0;
  if (!marking->rescan.is_on && !atomic_load(&marking->must_rescan))
    return;
  atomic_store(&marking->must_rescan, true);
  round_begin(marking);
  for (; marking->rescan.block < marking->rescan.blocks;
       marking->rescan.block++)
    gc_mark_note_take(
        marking,
        &gc_blk_at(&marking->heap->space, marking->rescan.block)->must_rescan);
  while (next_in_list(marking) != NULL) {
  }
  marking->rescan.is_on = false;
}
