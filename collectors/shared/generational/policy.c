/* SPDX-License-Identifier: MIT */
/* The policy: when to collect which generations, and who may use the room that
   a collection leaves. Its inputs are measured: bytes that live, that survive,
   that were allocated since, and the room that is left. */
#include "collectors/shared/generational/generational.h"

/* Note [Do generations pay]
   Let a full collection trace L bytes and leave room for R bytes. Without minor
   collections, each allocated byte costs L/R bytes of tracing. With them, only
   a share s of the allocated bytes survives. These bytes are traced twice on
   their way to generation 2, and they fill the room there. So an allocated byte
   costs s (2 + L/R), and minor collections pay as long as s (2 + L/R) < L/R. If
   they do not pay, the next collection is put off until there is no room, and
   is a full one. The share s is measured all the same: a collection counts the
   survivors among the objects that were allocated last, as many as fit in a
   nursery. A minor collection would have found these survivors. Large objects
   have no such order: the share of all that survive stands for s.
   Survivors of a postponed collection have outlived so many other objects that
   they move to generation 2 at once. So no object must be remembered after it,
   when the heap is full and there may be no memory for the remembered set.
   GEN_CHEAP stands for another saving of minor collections: the memory that
   they free is still in the cache. */
#define GEN_CHEAP 0.2

enum {
  /* A full collection is due when less than a quarter remains of the room that
     the last one left. By then, enough was allocated to pay for it. */
  GEN_ROOM_SHARE = 4,
  /* Generation 1 is collected when it has grown by a quarter. */
  GEN_MIDDLE_SHARE = 4,
  /* Without a limit: least growth before a full collection, so that a small
     heap is not collected all the time. */
  GEN_LEAST_GROWTH = 4 << 20,
};

static size_t over(size_t a, size_t b) {
  return a > b ? a - b : 0;
}

static size_t live_bytes(const struct gen_heap *heap) {
  return heap->blocks.space.live + heap->blocks.large.live +
         atomic_load(&heap->blocks.base.external_bytes);
}

/* The growth that the program wants at least. */
static size_t least_growth(const struct gen_heap *heap) {
  size_t percent = gen_threshold(heap, 2);
  size_t growth = heap->full_live / 100 * percent;
  if (percent == 0)
    return SIZE_MAX;
  return growth < GEN_LEAST_GROWTH ? GEN_LEAST_GROWTH : growth;
}

/* Note [Growth]
   Without a limit, let a share s of the allocated bytes stay, so that a heap of
   L live bytes grows by E bytes while E/s bytes are allocated. Then a full
   collection costs sL/E traced bytes for each allocated one. The memory costs
   E/M, where M is the price: GEN_BALANCE bytes of memory are worth as much as
   the tracing of one byte for each allocated one. The sum is least if
   E² = sLM. Since s is E divided by the bytes A that have been allocated, that
   is when EA = LM. So a small heap grows by a multiple of its size, a large one
   by a part of it, and one in which little survives grows less. This is the
   rule of MemBalancer (Kirisame, Shenoy, Panchekha, OOPSLA 2022), with bytes
   instead of times, so that two runs of a program collect at the same points.
   The threshold of generation 2 is a lower bound. */
#define GEN_BALANCE (64.0 * (1 << 20))

static bool is_grown(const struct gen_heap *heap, double grown,
                     double allocated) {
  return grown > (double)least_growth(heap) &&
         grown * allocated > (double)heap->full_live * GEN_BALANCE;
}

/* Under a limit, old garbage may stay as long as there is room for it. */
bool gc_gen_full_is_due(struct gen_heap *heap) {
  if (gc_blk_is_limited(&heap->blocks))
    return gc_blk_room(&heap->blocks) < heap->full_room / GEN_ROOM_SHARE;
  size_t live = live_bytes(heap);
  size_t allocated =
      heap->blocks.space.allocated + blk_new_bytes(&heap->blocks.space);
  return live > heap->full_live &&
         is_grown(heap, (double)(live - heap->full_live), (double)allocated);
}

/* At every Nth collection, unless little has been added to generation 1 since
   it was last collected: its older objects would be traced for nothing. */
static bool middle_is_due(const struct gen_heap *heap) {
  uint64_t every = gen_threshold(heap, 1);
  gc_assert(heap->blocks.space.middle >= heap->middle_left);
  return every > 0 && heap->minors + 1 >= every &&
         heap->blocks.space.middle - heap->middle_left >=
             heap->middle_left / GEN_MIDDLE_SHARE;
}

/* World stopped. */
int gc_gen_generation_due(struct gen_heap *heap) {
  gc_assert_always(gc_world_is_stopped(&heap->blocks.base));
  if (!heap->tuned.generations || heap->is_put_off ||
      (!gc_blk_is_limited(&heap->blocks) && gc_gen_full_is_due(heap)))
    return 2;
  return middle_is_due(heap) ? 1 : 0;
}

/* Bytes that may be allocated before the next full collection; without a limit
   if all of them stay. */
static size_t full_span(struct gen_heap *heap) {
  size_t span = heap->full_room;
  if (gc_blk_is_limited(&heap->blocks))
    return span;
  span = least_growth(heap);
  while (span < SIZE_MAX / 4 && !is_grown(heap, (double)span + 1, (double)span))
    span += span / 8;
  return span < SIZE_MAX / 4 ? span : SIZE_MAX / 4;
}

/* Note [Do generations pay] */
bool gc_gen_generations_pay(struct gen_heap *heap) {
  double live = (double)heap->full_live;
  double per_byte = live / ((double)full_span(heap) + 1);
  return heap->survival * (2 + per_byte) < per_byte + GEN_CHEAP;
}

/* space.lock is held. With a threshold of 0, collect only when memory runs out.
 */
static size_t nursery_now(const struct gen_heap *heap) {
  const struct blk_space *space = &heap->blocks.space;
  size_t bytes = gen_threshold(heap, 0);
  gc_assert(gc_lock_is_held(&space->lock) && space->sharers > 0);
  if (bytes == 0 || __builtin_mul_overflow(bytes, space->sharers, &bytes))
    return SIZE_MAX;
  size_t most = MARK_WHILE_RUNNING ? gc_gen_cycle_nursery(heap) : SIZE_MAX;
  bytes = bytes < most && !heap->blocks.promotes ? bytes : most;
  return bytes > space->nursery_least ? bytes : space->nursery_least;
}

/* Takes the lock, because a thread that is not attached may set the threshold
   while the world is stopped. */
static void nursery_renew(struct gen_heap *heap, size_t least) {
  gc_assert_always(gc_world_is_stopped(&heap->blocks.base));
  pthread_mutex_lock(&heap->blocks.space.lock);
  heap->blocks.space.sharers = heap->allocating ? heap->allocating : 1;
  heap->blocks.space.nursery_least = least;
  heap->blocks.space.is_due = false;
  heap->blocks.space.nursery = nursery_now(heap);
  pthread_mutex_unlock(&heap->blocks.space.lock);
}

void gc_gen_nursery_open(struct gen_heap *heap) {
  nursery_renew(heap, SIZE_MAX);
}

/* If the next collection is put off, and without generations, the nursery has
   all bytes that may be allocated before a full collection. Without a limit,
   this may be more than the machine has, if the threshold of generation 2 is 0
   or very large. A collection that was put off would then come only when the
   memory is used up. So it is not put off. */
void gc_gen_nursery_renew(struct gen_heap *heap) {
  size_t span = SIZE_MAX;
  if (!gc_blk_is_limited(&heap->blocks)) {
    span = full_span(heap);
    heap->is_put_off = heap->is_put_off && span < gc_blk_room(&heap->blocks);
  }
  bool is_open = heap->is_put_off || !heap->tuned.generations;
  nursery_renew(heap, is_open ? span : 0);
}

void gc_gen_nursery_set(struct gen_heap *heap, size_t bytes) {
  pthread_mutex_lock(&heap->blocks.space.lock);
  atomic_store(&heap->threshold[0], bytes);
  heap->blocks.space.nursery = nursery_now(heap);
  pthread_mutex_unlock(&heap->blocks.space.lock);
}

/* The bytes of a nursery; those of the newest objects that `claimed` has room
   for. */
static size_t recent_bytes(const struct gen_heap *heap, size_t claimed) {
  size_t bytes = gen_threshold(heap, 0), sharers = heap->blocks.space.sharers;
  if (bytes == 0 || __builtin_mul_overflow(bytes, sharers, &bytes))
    return claimed;
  return bytes < claimed ? bytes : claimed;
}

/* Note [Do generations pay] */
void gc_gen_survival_begin(struct gen_heap *heap, struct blk_block *young) {
  size_t claimed = blk_new_bytes(&heap->blocks.space);
  bool is_minor = MARK_WHILE_RUNNING && !heap->is_put_off;
  size_t begun = is_minor ? 0 : claimed - recent_bytes(heap, claimed);
  gc_assert_always(gc_world_is_stopped(&heap->blocks.base));
  for (; young; young = young->next)
    young->is_recent = young->taken_at >= begun;
  heap->marking.recent = heap->marking.large = 0;
}

/* A nursery that is not full counts as much as it is full. */
static void survival_renew(struct gen_heap *heap, size_t claimed) {
  size_t recent = recent_bytes(heap, claimed);
  if (recent == 0)
    return;
  double share = (double)recent / (double)claimed;
  double large = (double)heap->marking.large * share;
  double survival = ((double)heap->marking.recent + large) / (double)recent;
  double nursery = (double)recent_bytes(heap, SIZE_MAX);
  if (MARK_WHILE_RUNNING && nursery > (double)heap->blocks.space.nursery)
    nursery = (double)heap->blocks.space.nursery;
  double weight = (double)recent / nursery / 2;
  weight = weight < 0.5 ? weight : 0.5;
  heap->survival += ((survival < 1 ? survival : 1) - heap->survival) * weight;
  gc_assert(heap->survival >= 0 && heap->survival <= 1);
}

/* Note [Thrashing]
   Close to its limit, a heap full of live objects could continue for a very
   long time, with a full collection for every few new objects. When so many
   full collections in a row have left less than a GEN_FRUITLESS_SHARE-th of the
   limit free, allocation reports out of memory. Collections that the program
   asks for do not count. */
enum { GEN_FRUITLESS_MOST = 8, GEN_FRUITLESS_SHARE = 64 };

static void fruitless_renew(struct gen_heap *heap) {
  size_t least = heap->blocks.base.limit / GEN_FRUITLESS_SHARE;
  if (!gc_blk_is_limited(&heap->blocks) || heap->full_room >= least ||
      gc_blk_left(&heap->blocks) >= least)
    atomic_store(&heap->fruitless, 0);
  else if (!heap->blocks.is_asked)
    atomic_fetch_add(&heap->fruitless, 1);
}

bool gc_gen_thrashes(const struct gen_heap *heap, unsigned seen) {
  unsigned fruitless = atomic_load(&heap->fruitless);
  return fruitless >= GEN_FRUITLESS_MOST && fruitless > seen;
}

/* --- how the room is divided ---------------------------------------------- */

/* Note [Room for large objects]
   Large objects need memory of their own, which blocks would take first if they
   could: a block with one live object is lost to large objects. So the room
   that a full collection leaves is divided in the proportion in which blocks
   and others have grown since the one before it. Blocks leave the others' part,
   the reserve, as far as the others have not grown into it yet. If the
   collection has not left so much outside of blocks, they lend it: Note
   [Exchanging pages]. */
void gc_gen_share_renew(struct gen_heap *heap) {
  struct blk_space *space = &heap->blocks.space;
  size_t others = gc_blk_other_bytes(&heap->blocks);
  double claimed = (double)over(space->claimed, over(others, heap->others));
  double blocks = (double)over(space->live, heap->full_blocks) + claimed;
  double grown = (double)over(others, space->others);
  heap->share = grown > 0 ? grown / (grown + blocks) : 0;
}

/* If a few objects survive in each block, blocks with short runs would never be
   used again where memory is not scarce. Without a limit, the heap would hold
   many times the bytes of live objects; under a limit, no memory would be left
   for large objects. So poor blocks are used before new ones while half of the
   bytes of blocks are free in them. Under a limit, that matters only where more
   than a GEN_OTHERS-th of what is allocated is large. */
enum { GEN_OTHERS = 32 };

static bool is_scattered(const struct gen_heap *heap) {
  const struct blk_heap *space = &heap->blocks;
  size_t blocks = over(atomic_load(&space->held), gc_blk_other_bytes(space));
  bool matters = !gc_blk_is_limited(space) || heap->share * GEN_OTHERS > 1;
  return matters && 2 * gc_blk_poor_bytes(&space->space) > blocks;
}

/* The least room without poor blocks. Using a byte in a poor block costs about
   as much as tracing one. So if other blocks have less room than there are live
   bytes, using poor blocks is cheaper than collecting so much sooner. */
static size_t room_wanted(const struct gen_heap *heap) {
  size_t least = gen_threshold(heap, 0) / 2;
  return heap->full_live > least ? heap->full_live : least;
}

/* Under a limit, it is decided after a full collection whether memory is
   scarce, and how the room is divided. */
static void room_renew(struct gen_heap *heap) {
  struct blk_space *space = &heap->blocks.space;
  space->others = gc_blk_other_bytes(&heap->blocks);
  heap->full_blocks = space->live;
  if (gc_blk_is_limited(&heap->blocks)) {
    space->uses_poor = false;
    heap->is_scarce = gc_blk_room(&heap->blocks) < room_wanted(heap);
    space->uses_poor = heap->is_scarce || is_scattered(heap);
    space->reserve = (size_t)(heap->share * (double)gc_blk_room(&heap->blocks));
    if (!MARK_WHILE_RUNNING)
      gc_blk_reserve(&heap->blocks, space->reserve);
  }
  heap->full_room = gc_blk_room(&heap->blocks);
}

/* --- after a collection --------------------------------------------------- */

void gc_gen_full_renew(struct gen_heap *heap) {
  gc_assert_always(!heap->blocks.space.later.is_on);
  heap->blocks.space.is_out = false;
  heap->full_live = live_bytes(heap);
  room_renew(heap);
  fruitless_renew(heap);
}

void gc_gen_thresholds_renew(struct gen_heap *heap, size_t claimed) {
  heap->others = gc_blk_other_bytes(&heap->blocks);
  heap->blocks.space.uses_poor = heap->is_scarce || is_scattered(heap);
  heap->minors = heap->blocks.generation == 0 ? heap->minors + 1 : 0;
  if (heap->blocks.generation > 0)
    heap->middle_left = heap->blocks.space.middle;
  if (heap->blocks.generation == 2 && !heap->blocks.space.later.is_on)
    gc_gen_full_renew(heap);
  if (!heap->blocks.promotes)
    survival_renew(heap, claimed);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_promote_renew(heap);
  else
    heap->is_put_off = !gc_gen_generations_pay(heap);
  gc_gen_nursery_renew(heap);
}
