/* SPDX-License-Identifier: MIT */
/* Lists of the blocks that have room. They change under space.lock, or while
   the world is stopped.

   Note [Lists of blocks]
   Small cells fill all free runs of a block in turn. What matters for them is
   how long the runs are on average, because finding a run costs as much as
   making a few objects. So blocks are in bins by the mean length of their runs.
   A medium cell needs one run that is long enough. So within a bin, blocks are
   in classes by their longest run: four classes for each doubling. `some` has a
   bit for each class that is not empty. Every block in a class above that of
   the cell has room for it, so a block is found in a few steps, however many
   there are. In the class of the cell itself only a few blocks are tried. */
#include <string.h>

#include "collectors/shared/blocks/blocks.h"

enum {
  /* A block with fewer free granules is used last, because searching for its
     few runs costs more than they are worth. */
  BLK_LEAST_FREE = BLK_GRANULES / 32,
  /* Granules: room for dozens of small objects; for a few. */
  BLK_LONG_RUN = 64,
  BLK_SHORT_RUN = 6,
  /* Runs with fewer granules are for small cells alone. */
  BLK_CLASSES_FROM_BITS = 4,
};

void gc_blk_push(struct blk_block **list, struct blk_block *block) {
  gc_assert(!block->is_listed);
  block->next = *list;
  block->is_listed = true;
  *list = block;
}

struct blk_block *gc_blk_pop(struct blk_block **list) {
  struct blk_block *block = *list;
  if (block) {
    gc_assert(block->is_listed);
    *list = block->next;
    block->is_listed = false;
  }
  return block;
}

/* A block with short runs is poor. */
static enum blk_bins bin_of(const struct blk_block *block) {
  gc_assert(block->runs > 0 && block->runs <= blk_free(block));
  size_t free = blk_free(block), mean = free / block->runs;
  if (free < BLK_LEAST_FREE)
    return BLK_SCANT;
  return mean >= BLK_LONG_RUN    ? BLK_RICH
         : mean >= BLK_SHORT_RUN ? BLK_POOR
                                 : BLK_POORER;
}

static unsigned class_of(size_t granules) {
  gc_assert(granules > 0 && granules <= BLK_GRANULES);
  if (granules < 1 << BLK_CLASSES_FROM_BITS)
    return 0;
  unsigned bits = 63u - (unsigned)__builtin_clzll(granules);
  unsigned quarter = granules >> (bits - 2) & 3;
  unsigned class = (bits - BLK_CLASSES_FROM_BITS) * 4 + quarter + 1;
  gc_assert(class < BLK_CLASSES);
  return class;
}

void gc_blk_bins_clear(struct blk_space *space) {
  memset(space->bins, 0, sizeof space->bins);
}

void gc_blk_bins_add_to(struct blk_space *space, enum blk_bins to,
                        struct blk_block *block) {
  struct blk_bin *bin = &space->bins[to];
  unsigned class = class_of(block->longest);
  gc_blk_push(&bin->list[class], block);
  bin->some |= UINT64_C(1) << class;
  bin->bytes += blk_free(block) * BLK_GRANULE;
}

void gc_blk_bins_add(struct blk_space *space, struct blk_block *block) {
  gc_blk_bins_add_to(space, bin_of(block), block);
}

/* Takes the block that `link` points to, of that class. */
static struct blk_block *take(struct blk_bin *bin, unsigned class,
                              struct blk_block **link) {
  struct blk_block *block = gc_blk_pop(link);
  size_t bytes = blk_free(block) * BLK_GRANULE;
  gc_assert(bin->bytes >= bytes);
  bin->bytes -= bytes;
  if (bin->list[class] == NULL)
    bin->some &= ~(UINT64_C(1) << class);
  return block;
}

static struct blk_block *take_from(struct blk_bin *bin, unsigned least) {
  uint64_t some = bin->some >> least << least;
  if (some == 0)
    return NULL;
  unsigned class = (unsigned)__builtin_ctzll(some);
  gc_assert(bin->list[class] != NULL);
  return take(bin, class, &bin->list[class]);
}

static struct blk_block *take_of_class(struct blk_bin *bin, unsigned class,
                                       size_t granules, size_t looks) {
  struct blk_block **link = &bin->list[class];
  while (*link && looks > 0 && (*link)->longest < granules) {
    link = &(*link)->next;
    looks--;
  }
  return *link && looks > 0 ? take(bin, class, link) : NULL;
}

struct blk_block *gc_blk_bin_take(struct blk_bin *bin, size_t granules,
                                  size_t looks) {
  unsigned class = class_of(granules);
  struct blk_block *block = take_of_class(bin, class, granules, looks);
  if (block == NULL && class + 1 < BLK_CLASSES)
    block = take_from(bin, class + 1);
  gc_assert(block == NULL || block->longest >= granules);
  return block;
}

struct blk_block *gc_blk_bin_take_longest(struct blk_bin *bin,
                                          size_t granules) {
  unsigned least = class_of(granules);
  uint64_t some = bin->some >> least << least;
  if (some == 0)
    return NULL;
  unsigned class = 63u - (unsigned)__builtin_clzll(some);
  return take(bin, class, &bin->list[class]);
}
