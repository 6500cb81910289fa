/* SPDX-License-Identifier: MIT */
/* Marking in slices, while mutators run.

   Note [Slices]
   Markers mark while mutators run. Whoever has the lock of a marker marks with
   it: mutators for a slice, or a thread of the collector. What is left to mark
   is on the stacks, in ranges, shared or noted between two slices. Mutators
   allocate meanwhile, store into slots, and make minor collections. These free
   young objects and no others, so nothing that waits may be young:
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
   where the last slice stopped. Only who has all markers' locks takes a step,
   so `rescan` needs no other lock. Only objects of the snapshot are noted, and
   the blocks and lists in which these are do not lose them before marking ends.
   So a place in them stays valid. Mutators put large objects before those of
   the snapshot; so the list is read from the first one of the snapshot on,
   which nobody changes. An object that is noted again behind this place is
   found by the next round.

   Note [Several markers]
   A marker that has nothing left looks for work in this order: edges that
   others have shared; then half of what a marker has whose lock is free,
   because nobody marks with it now. It tries each lock and waits for none, and
   keeps those of markers that have nothing. If it could not get one, another
   marker is busy: it asks that one to share edges (Note [Sharing work]), and is
   done for now. If it has all locks, no marker has anything. Shared edges are
   looked at again then: nobody else can add any. If there are none, it takes a
   step of the rescan. If no note is left either, all is marked. Edges that a
   mutator logs get into a marker with its lock, so they come before or after
   that, and clear the flag that all is marked. Nobody waits for a lock while it
   has one, but for who takes all in order, and has none before.
   models/slices.pml is a model of it. */
#include "collectors/shared/marking/sharing.h"
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

/* All locks are held, and no marker has an edge. Goes on until this one has
   some, or must pause. False: nothing is left. */
static bool rescan(struct marker *k) {
  struct marking *marking = k->marking;
  while (marker_is_idle(k)) {
    if (!marking->rescan.is_on && !round_begin(marking))
      return false;
    gc_ref object = next_in_blocks(marking);
    if (object == NULL)
      object = next_in_list(marking);
    if (object)
      gc_mark_slots_of(k, object);
    else
      marking->rescan.is_on = false;
    if (marker_must_pause(k)) {
      k->left = 0;
      break;
    }
  }
  return true;
}

/* --- locks ---------------------------------------------------------------- */

struct marker *gc_mark_enter_any(struct marking *marking, unsigned first) {
  for (unsigned i = 0; i < marking->count; i++) {
    struct marker *k = &marking->markers[(first + i) % marking->count];
    if (pthread_mutex_trylock(&k->lock) == 0)
      return k;
  }
  return NULL;
}

/* Who has a lock gives it back after some microseconds if it is wanted: less
   time than falling asleep and waking take. */
enum { MARK_TRIES = 1024 };

static void enter(struct marker *k) {
  for (unsigned i = 0; i < MARK_TRIES; i++) {
    if (pthread_mutex_trylock(&k->lock) == 0)
      return;
    gc_spin_hint();
  }
  pthread_mutex_lock(&k->lock);
}

struct marker *gc_mark_enter(struct marking *marking, unsigned first) {
  struct marker *k = gc_mark_enter_any(marking, first);
  if (k == NULL) {
    k = &marking->markers[first % marking->count];
    enter(k);
  }
  return k;
}

void gc_mark_leave(struct marker *k) {
  pthread_mutex_unlock(&k->lock);
}

void gc_mark_enter_all(struct marking *marking) {
  atomic_fetch_add(&marking->wanted, 1);
  gc_shake();
  for (unsigned i = 0; i < marking->count; i++)
    enter(&marking->markers[i]);
  atomic_fetch_sub(&marking->wanted, 1);
}

void gc_mark_leave_all(struct marking *marking) {
  for (unsigned i = 0; i < marking->count; i++)
    gc_mark_leave(&marking->markers[i]);
}

/* --- Note [Several markers] ----------------------------------------------- */

/* The locks of both are held. False: the other one has nothing. */
static bool take_from(struct marker *k, struct marker *other) {
  size_t edges = other->top - other->bottom, taken = (edges + 1) / 2;
  gc_assert(marker_is_idle(k) && marker_is_valid(other) && k != other);
  if (taken > k->capacity)
    taken = k->capacity;
  for (size_t i = 0; i < taken; i++)
    k->stack[k->top++] = other->stack[other->bottom++];
  if (other->bottom == other->top)
    other->bottom = other->top = 0;
  if (taken == 0 && other->range_count > 0)
    k->ranges[k->range_count++] = other->ranges[--other->range_count];
  return !marker_is_idle(k);
}

/* All locks are held. */
static bool take_from_all(struct marker *k) {
  struct marking *marking = k->marking;
  bool any = gc_mark_take_some(k);
  for (unsigned i = 0; !any && i < marking->count; i++)
    any = i != k->index && take_from(k, &marking->markers[i]);
  return any;
}

/* The marker after `k`. */
static struct marker *after(const struct marker *k, unsigned i) {
  return &k->marking->markers[(k->index + i) % k->marking->count];
}

/* The marker has nothing left. */
static enum mark_left find(struct marker *k) {
  struct marking *marking = k->marking;
  enum mark_left left = gc_mark_take_some(k) ? MARK_LEFT : MARK_DONE;
  unsigned locked = 1;
  for (; left == MARK_DONE && locked < marking->count; locked++) {
    struct marker *other = after(k, locked);
    gc_shake();
    if (pthread_mutex_trylock(&other->lock) != 0) {
      left = MARK_BUSY;
      break;
    }
    left = take_from(k, other) ? MARK_LEFT : MARK_DONE;
  }
  if (left == MARK_DONE && (gc_mark_take_some(k) || rescan(k)))
    left = MARK_LEFT;
  gc_shake();
  if (left == MARK_BUSY)
    gc_mark_ask(marking);
  while (locked-- > 1)
    gc_mark_leave(after(k, locked));
  return left;
}

/* --- slices --------------------------------------------------------------- */

void gc_mark_slices_begin(struct marking *marking) {
  gc_assert_always(gc_world_is_stopped(&marking->heap->base));
  gc_assert_always(!atomic_load(&marking->must_rescan));
  gc_assert_always(marking->heap->large.list[BLK_FRESH] == NULL);
  gc_assert_always(atomic_load(&marking->sharing.count) == 0);
  atomic_store(&marking->sharing.busy, 1); /* any may have edges */
  marking->rescan =
      (struct mark_rescan){.blocks = marking->heap->space.blocks,
                           .larges = marking->heap->large.list[2]};
  for (unsigned i = 0; i < marking->count; i++) {
    gc_assert_always(marker_is_idle(&marking->markers[i]));
    marking->markers[i].marked = 0;
  }
}

size_t gc_mark_count(const struct marking *marking) {
  size_t sum = 0;
  gc_assert(gc_world_is_stopped(&marking->heap->base));
  for (unsigned i = 0; i < marking->count; i++)
    sum += marking->markers[i].marked;
  return sum;
}

enum mark_left gc_mark_slice(struct marker *k, size_t objects,
                             gc_mutator *payer) {
  enum mark_left left = MARK_LEFT;
  gc_assert(marker_is_valid(k) && objects > 0);
  k->left = objects;
  k->payer = payer;
  gc_mark_way_resume(k);
  while (left == MARK_LEFT && k->left > 0) {
    gc_mark_drain(k);
    if (marker_is_idle(k))
      left = find(k);
  }
  gc_mark_way_pause(k);
  return left;
}

enum mark_left gc_mark_alone(struct marking *marking, size_t objects,
                             gc_mutator *payer) {
  struct marker *k = &marking->markers[0];
  bool any = true;
  k->left = objects;
  k->payer = payer;
  gc_mark_way_resume(k);
  while (any && k->left > 0) {
    gc_mark_drain(k);
    any = !marker_is_idle(k) || take_from_all(k) || rescan(k);
  }
  gc_mark_way_pause(k);
  return any ? MARK_LEFT : MARK_DONE;
}

static void notes_forget(struct marking *marking) {
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

void gc_mark_forget(struct marking *marking) {
  gc_assert_always(gc_world_is_stopped(&marking->heap->base));
  for (unsigned i = 0; i < marking->count; i++) {
    struct marker *k = &marking->markers[i];
    k->top = k->bottom = k->range_count = 0;
  }
  atomic_store(&marking->sharing.count, 0);
  if (marking->rescan.is_on || atomic_load(&marking->must_rescan))
    notes_forget(marking);
}
