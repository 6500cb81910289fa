/* SPDX-License-Identifier: MIT */
/* When a cycle begins, and how much mutators mark while it is on.

   Note [Price]
   A cycle must end before memory does. When it begins, some room is left. Every
   byte that is allocated costs so many objects that the marker has reached all
   old ones when half of that room is used. The number of old objects is known
   from the last minor collection; it is at least the number of those that will
   be reached, unless some are marked twice. So the price is never 0. It is
   renewed in each stop, from what is left of both. A mutator pays when it takes
   memory, at most GEN_SLICE objects at a time, which take about 100
   microseconds; the rest it owes. */
#include "collectors/gen-concurrent/concurrent.h"

enum {
  GEN_SLICE = 4096,
  GEN_SHRUNK_SLICE = 8,
  /* At least this share of all objects is taken to be left. */
  GEN_LEAST_SHARE = 16,
  /* Under a limit, a cycle begins when this share of the room is left that the
     last one made. */
  GEN_BEGIN_SHARE = 2,
  /* Without a limit, the heap may grow by so much while a cycle is on. */
  GEN_GROWTH_SHARE = 4,
  GEN_LEAST_ROOM = 4 << 20,
};

bool gc_pacing_is_due(struct concurrent_heap *heap) {
  struct gen_heap *gen = &heap->gen;
  gc_assert_always(gc_world_is_stopped(&gen->blocks.base));
  if (!gc_blk_is_limited(&gen->blocks))
    return gc_gen_full_is_due(gen);
  return gc_blk_room(&gen->blocks) < gen->full_room / GEN_BEGIN_SHARE;
}

/* Bytes that may be allocated before memory runs out. */
static size_t room_of(struct gen_heap *gen) {
  return gc_blk_is_limited(&gen->blocks)
             ? gc_blk_room(&gen->blocks)
             : gen->full_live / GEN_GROWTH_SHARE + GEN_LEAST_ROOM;
}

void gc_pacing_renew(struct concurrent_heap *heap) {
  struct cycle *cycle = &heap->cycle;
  size_t marked = cycle_marker(heap)->marked;
  size_t least = cycle->objects / GEN_LEAST_SHARE + GEN_SLICE;
  size_t left = cycle->objects > marked ? cycle->objects - marked : 0;
  gc_assert_always(gc_world_is_stopped(&heap->gen.blocks.base));
  left = left > least ? left : least;
  cycle->price = (double)left / ((double)room_of(&heap->gen) / 2 + 1);
}

/* The lock is held. */
static void slice(gc_mutator *m, struct concurrent_heap *heap, size_t objects) {
  struct marker *marker = cycle_marker(heap);
  uint64_t begun = gc_now_ns();
  size_t before = marker->marked;
  gc_assert(cycle_is_on(heap));
  if (!gc_mark_slice(marker, objects))
    heap->cycle.is_drained = true;
  gc_tell_slow(m, "slice", begun, marker->marked - before);
}

/* If another thread marks, this one pays later. */
void gc_gen_cycle_pay(gc_mutator *base) {
  struct gen_concurrent_mutator *m = concurrent_mutator_of(base);
  struct concurrent_heap *heap = concurrent_of(base->heap);
  size_t most = base->heap->shrink ? GEN_SHRUNK_SLICE : GEN_SLICE;
  size_t bytes = m->base.blocks.claimed;
  m->base.blocks.claimed = 0;
  if (!cycle_is_on(heap)) {
    m->owed = 0;
    return;
  }
  m->owed += (double)bytes * heap->cycle.price;
  if (m->owed < 1 || pthread_mutex_trylock(&heap->cycle.lock) != 0)
    return;
  size_t objects = m->owed < (double)most ? (size_t)m->owed : most;
  if (!heap->cycle.is_drained)
    slice(base, heap, objects);
  m->owed -= (double)objects;
  gc_cycle_unlock(heap);
}
