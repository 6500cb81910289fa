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

#include "collectors/gen/gen.h"

enum {
  /* A block with fewer free granules is used last, because searching for its
     few runs costs more than they are worth. */
  GEN_LEAST_FREE = GEN_BLOCK_GRANULES / 32,
  /* Granules: room for dozens of small objects; for a few. */
  GEN_LONG_RUN = 64,
  GEN_SHORT_RUN = 6,
  /* Runs with fewer granules are for small cells alone. */
  GEN_CLASSES_FROM_BITS = 4,
  GEN_LOOKS = 8,
};

void gc_gen_push(struct gen_block **list, struct gen_block *block) {
  gc_assert(!block->is_listed);
  block->next = *list;
  block->is_listed = true;
  *list = block;
}

struct gen_block *gc_gen_pop(struct gen_block **list) {
  struct gen_block *block = *list;
  if (block) {
    gc_assert(block->is_listed);
    *list = block->next;
    block->is_listed = false;
  }
  return block;
}

/* A block with short runs is poor. */
static enum gen_bins bin_of(const struct gen_block *block) {
  gc_assert(block->runs > 0 && block->runs <= gen_block_free(block));
  size_t free = gen_block_free(block), mean = free / block->runs;
  if (free < GEN_LEAST_FREE)
    return GEN_SCANT;
  return mean >= GEN_LONG_RUN    ? GEN_RICH
         : mean >= GEN_SHORT_RUN ? GEN_POOR
                                 : GEN_POORER;
}

static unsigned class_of(size_t granules) {
  gc_assert(granules > 0 && granules <= GEN_BLOCK_GRANULES);
  if (granules < 1 << GEN_CLASSES_FROM_BITS)
    return 0;
  unsigned bits = 63u - (unsigned)__builtin_clzll(granules);
  unsigned quarter = granules >> (bits - 2) & 3;
  unsigned class = (bits - GEN_CLASSES_FROM_BITS) * 4 + quarter + 1;
  gc_assert(class < GEN_CLASSES);
  return class;
}

void gc_gen_bins_clear(struct gen_space *space) {
  memset(space->bins, 0, sizeof space->bins);
}

void gc_gen_bins_add_to(struct gen_space *space, enum gen_bins to,
                        struct gen_block *block) {
  struct gen_bin *bin = &space->bins[to];
  unsigned class = class_of(block->longest);
  gc_gen_push(&bin->list[class], block);
  bin->some |= UINT64_C(1) << class;
  bin->bytes += gen_block_free(block) * GEN_GRANULE;
}

void gc_gen_bins_add(struct gen_space *space, struct gen_block *block) {
  gc_gen_bins_add_to(space, bin_of(block), block);
}

/* Takes the block that `link` points to, of that class. */
static struct gen_block *take(struct gen_bin *bin, unsigned class,
                              struct gen_block **link) {
  struct gen_block *block = gc_gen_pop(link);
  size_t bytes = gen_block_free(block) * GEN_GRANULE;
  gc_assert(bin->bytes >= bytes);
  bin->bytes -= bytes;
  if (bin->list[class] == NULL)
    bin->some &= ~(UINT64_C(1) << class);
  return block;
}

static struct gen_block *take_from(struct gen_bin *bin, unsigned least) {
  uint64_t some = bin->some >> least << least;
  if (some == 0)
    return NULL;
  unsigned class = (unsigned)__builtin_ctzll(some);
  gc_assert(bin->list[class] != NULL);
  return take(bin, class, &bin->list[class]);
}

struct gen_block *gc_gen_bins_take(struct gen_space *space, enum gen_bins bin) {
  return take_from(&space->bins[bin], 0);
}

static struct gen_block *take_of_class(struct gen_bin *bin, unsigned class,
                                       size_t granules, size_t looks) {
  struct gen_block **link = &bin->list[class];
  while (*link && looks > 0 && (*link)->longest < granules) {
    link = &(*link)->next;
    looks--;
  }
  return *link && looks > 0 ? take(bin, class, link) : NULL;
}

struct gen_block *gc_gen_bins_take_run(struct gen_space *space,
                                       enum gen_bins from, size_t granules) {
  struct gen_bin *bin = &space->bins[from];
  unsigned class = class_of(granules);
  size_t looks = space->is_last_resort ? SIZE_MAX : GEN_LOOKS;
  struct gen_block *block = take_of_class(bin, class, granules, looks);
  if (block == NULL && class + 1 < GEN_CLASSES)
    block = take_from(bin, class + 1);
  gc_assert(block == NULL || block->longest >= granules);
  return block;
}

struct gen_block *gc_gen_bins_take_longest(struct gen_space *space,
                                           enum gen_bins from,
                                           size_t granules) {
  struct gen_bin *bin = &space->bins[from];
  unsigned least = class_of(granules);
  uint64_t some = bin->some >> least << least;
  if (some == 0)
    return NULL;
  unsigned class = 63u - (unsigned)__builtin_clzll(some);
  return take(bin, class, &bin->list[class]);
}
