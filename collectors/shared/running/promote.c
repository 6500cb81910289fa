/* SPDX-License-Identifier: MIT */
/* Objects become old without being traced.

   Note [Promoting all]
   Where most young objects survive, a minor collection traces them for nothing,
   and marking traces them again. While the heap promotes all, there is no minor
   collection: what a mutator has allocated in a block becomes old when it
   leaves the block, and the rest in the next stop, which takes constant time
   for each mutator. So objects are young only in blocks that mutators own. The
   mutator reads the block once, as Note [Free runs] says, gives the objects the
   current value of old ones, and arms them.
   Nobody may collect young objects alone now, because an old object may lead to
   a young one and not be remembered: a collection that the program asks for is
   a full one. So a store remembers nothing, and disarms nothing while no cycle
   is on. In a stop that promotes, no object stays young, so the heap may
   go back to minor collections, and a cycle may begin or end as after a minor
   collection.
   While mutators run: the owner of a block stores bytes of its own young
   objects only. A marker stores those of older objects in the block, and reads
   those of young ones. It finds 0 or the current value, and both count as
   reached. If it scans the block once more, as in Note [Overflow], it reads
   promoted objects, too; so their first byte is stored after all that it reads
   of them, with release. Another mutator may set flags of a young object's
   header, which happens rarely, so it takes the block's lock for that. Then the
   owner needs that lock once for the block, and no atomic operation for each
   object. Other mutators disarm an object only after it has been armed. An
   object that is armed later than another mutator stores to it needs no log: it
   is not in the snapshot. The block has the turn of blocks that have been
   swept, and is in no list, until its new counts are complete. */
#include "collectors/shared/running/running.h"

static void block_lock(struct blk_block *block) {
  while (__atomic_exchange_n(&block->is_promoting, 1, __ATOMIC_ACQUIRE))
    gc_spin_hint();
}

static void block_unlock(struct blk_block *block) {
  __atomic_store_n(&block->is_promoting, 0, __ATOMIC_RELEASE);
}

uint32_t gc_blk_flag(struct blk_heap *heap, gc_ref object, uint32_t flag) {
  bool is_small = blk_in_space(&heap->space, object);
  struct blk_block *block = is_small ? blk_of(object) : NULL;
  if (block)
    block_lock(block);
  uint32_t word = __atomic_fetch_or(&object->word, flag, __ATOMIC_RELAXED);
  if (block)
    block_unlock(block);
  return word;
}

/* Neighbours are often of one type. If that is guessed, the processor need not
   wait for a header to know where the next one is. */
struct guess {
  gc_type type; /* plain; or no_type */
  bool is_leaf;
  size_t bytes;
};

/* A plain type has no tail. */
static const gc_type no_type = UINT32_MAX;

static size_t cell_read(struct guess *guess, char *cell, gc_ref *object) {
  *object = (gc_ref)cell;
  gc_type type = __atomic_load_n((gc_type *)cell, __ATOMIC_RELAXED);
  if (GC_LIKELY(type == guess->type))
    return guess->bytes;
  size_t bytes = blk_cell_read(cell, object);
  if (*object)
    guess->is_leaf = gc_type_is_leaf((*object)->type);
  bool is_plain = *object == (gc_ref)cell && !gc_type_is_special(type);
  guess->type = is_plain ? type : no_type;
  guess->bytes = bytes;
  return bytes;
}

/* The block's lock is held. */
static void object_promote(gc_ref object, bool is_leaf, uint8_t old,
                           uint8_t *bytes, size_t granules) {
  uint32_t word = __atomic_load_n(&object->word, __ATOMIC_RELAXED);
  gc_assert(granules > 0 && granules <= BLK_SMALL_MAX / BLK_GRANULE);
  if (!is_leaf)
    __atomic_store_n(&object->word, word | BLK_ARMED, __ATOMIC_RELAXED);
  __atomic_store_n(bytes, old | BLK_START, __ATOMIC_RELEASE);
  for (size_t i = 1; i < granules; i++)
    __atomic_store_n(bytes + i, old, __ATOMIC_RELAXED);
}

/* Objects were made from `at` to `end`. Counts them and their granules. */
static void run_promote(struct blk_block *block, uint8_t old, char *at,
                        const char *end) {
  struct guess guess = {.type = no_type};
  uint8_t *bytes = gc_blk_byte(at);
  uint32_t count = 0, used = 0;
  while (at < end) {
    gc_ref object;
    size_t size = cell_read(&guess, at, &object);
    size_t granules = size / BLK_GRANULE;
    if (object) {
      object_promote(object, guess.is_leaf, old, bytes, granules);
      count++;
      used += (uint32_t)granules;
    }
    at += size;
    bytes += granules;
  }
  gc_assert(used <= blk_free(block));
  block->old += used;
  block->old_objects += count;
}

static void block_promote(const struct blk_heap *heap,
                          struct blk_block *block) {
  char *start = blk_start(block), *cursor = block->cursor;
  const uint8_t *bytes = gc_blk_byte(start);
  size_t most = (size_t)(cursor - start) / BLK_GRANULE, from, to;
  gc_assert(block->middle == 0 && !block->has_survivors);
  gc_assert(cursor >= start && cursor <= blk_end(block));
  for (to = 0; (from = blk_next_free(bytes, to)) < most;) {
    to = blk_next_used(bytes, from);
    to = to < most ? to : most;
    run_promote(block, heap->old, start + from * BLK_GRANULE,
                start + to * BLK_GRANULE);
  }
  block->cursor = start;
  block->is_zero = false;
  gc_blk_runs_renew(block);
}

/* Returns what has changed. */
static struct blk_tally promote(const struct blk_heap *heap,
                                struct blk_block *block) {
  size_t objects = block->old_objects, granules = block->old;
  gc_assert(heap->promotes && !block->is_listed);
  block_lock(block);
  block_promote(heap, block);
  block_unlock(block);
  return (struct blk_tally){.objects = block->old_objects - objects,
                            .live = (block->old - granules) * BLK_GRANULE};
}

/* The block stays where it is until the next stop: if others could take it
   before, they would look for the same few runs again and again. */
void gc_blk_promote_left(struct blk_heap *heap, struct blk_mutator *m) {
  struct blk_block *block = m->young;
  if (!heap->promotes || block == NULL)
    return;
  struct blk_tally sum = promote(heap, block);
  gc_count(&m->base, promoted_objects, sum.objects);
  gc_count(&m->base, promoted_bytes, sum.live);
  pthread_mutex_lock(&heap->space.lock);
  gc_blk_tally_add(heap, &sum);
  pthread_mutex_unlock(&heap->space.lock);
}

/* --- in a stop ------------------------------------------------------------ */

static void larges_promote(struct blk_heap *heap) {
  struct blk_large **list = heap->large.list, *last = NULL;
  for (struct blk_large *l = list[0]; l; last = l, l = l->next) {
    l->value = heap->old | BLK_START;
    heap->base.pause.bytes_promoted += l->bytes;
    if (!gc_type_is_leaf(l->object.type))
      l->object.word |= BLK_ARMED;
  }
  if (last == NULL)
    return;
  last->next = list[2];
  list[2] = list[0];
  list[0] = NULL;
}

void gc_blk_promote_all(struct blk_heap *heap, struct blk_block *young) {
  struct blk_tally all = {0};
  gc_assert_always(gc_world_is_stopped(&heap->base) && heap->promotes);
  for (; young; young = young->next) {
    if (young->cursor == blk_start(young))
      continue;
    struct blk_tally sum = promote(heap, young);
    all.objects += sum.objects;
    all.live += sum.live;
  }
  heap->base.pause.bytes_promoted += all.live;
  pthread_mutex_lock(&heap->space.lock);
  gc_blk_tally_add(heap, &all);
  pthread_mutex_unlock(&heap->space.lock);
  larges_promote(heap);
}
