/* SPDX-License-Identifier: MIT */
/* Reads the side bytes of a block, eight at a time, and the cells that have
   none yet. */
#ifndef BLOCKS_BYTES_H
#define BLOCKS_BYTES_H

#include "collectors/shared/blocks/cell.h"

enum { BLK_GRANULES = 1 << (BLK_BITS - BLK_GRANULE_BITS) };

#define BLK_EVERY_BYTE UINT64_C(0x0101010101010101)
typedef uint64_t blk_word_alias __attribute__((may_alias));

/* Atomically, because a marker may replace the value of an object meanwhile by
   another one that is not 0. */
GC_INLINE uint64_t blk_word(const uint8_t *bytes) {
  gc_assert((uintptr_t)bytes % sizeof(uint64_t) == 0);
  return __atomic_load_n((const blk_word_alias *)bytes, __ATOMIC_RELAXED);
}

/* A block's granules in groups: as many as a word has bits. */
enum { BLK_GROUP = 64, BLK_GROUPS = BLK_GRANULES / BLK_GROUP };

/* A bit for each granule of a group: is its byte 0? A byte is less than 128, so
   adding 127 sets its top bit unless it was 0. The product gathers the lowest
   bits of all eight bytes in the top byte: no two terms meet in one bit. */
GC_INLINE uint64_t blk_free_bits(const uint8_t *bytes) {
  uint64_t used = 0;
  for (unsigned i = 0; i < BLK_GROUP; i += 8) {
    uint64_t word = blk_word(bytes + i) + 127 * BLK_EVERY_BYTE;
    uint64_t low = word >> 7 & BLK_EVERY_BYTE;
    used |= low * UINT64_C(0x0102040810204080) >> 56 << i;
  }
  return ~used;
}

/* The first granule of a block, from `i` on, whose byte is 0. Bytes are less
   than 128, so subtracting one sets the top bit only of a byte that was 0. A
   borrow can change only bytes after the first zero. Bytes of other blocks are
   not read, because they may be changing. */
GC_INLINE size_t blk_next_free(const uint8_t *bytes, size_t i) {
  uint64_t skipped = BLK_EVERY_BYTE & ~(UINT64_MAX << 8 * (i % 8));
  for (i -= i % 8; i < BLK_GRANULES; i += 8, skipped = 0) {
    uint64_t word = blk_word(bytes + i) | skipped;
    uint64_t zeros = (word - BLK_EVERY_BYTE) & (BLK_EVERY_BYTE << 7);
    if (zeros)
      return i + (size_t)__builtin_ctzll(zeros) / 8;
  }
  return BLK_GRANULES;
}

GC_INLINE size_t blk_next_used(const uint8_t *bytes, size_t i) {
  uint64_t mask = UINT64_MAX << 8 * (i % 8);
  for (i -= i % 8; i < BLK_GRANULES; i += 8, mask = UINT64_MAX) {
    uint64_t word = blk_word(bytes + i) & mask;
    if (word)
      return i + (size_t)__builtin_ctzll(word) / 8;
  }
  return BLK_GRANULES;
}

enum { BLK_TYPE_LEAST = 1 << GC_TYPE_WORDS_SHIFT };
/* Returns the bytes of a cell or filler: Note [Free runs]. `object` becomes
   NULL for a filler. Other mutators may set flags of its header, or give an
   array another length for which its cell is as large. */
GC_INLINE size_t blk_cell_read(char *cell, gc_ref *object) {
  uint64_t first = __atomic_load_n((uint64_t *)cell, __ATOMIC_RELAXED);
  uint32_t type = (uint32_t)first;
  bool is_array = type < BLK_TYPE_LEAST;
  *object = NULL;
  if (type == 0 && first != 0)
    return (size_t)(first >> 32) * BLK_GRANULE;
  *object = (gc_ref)(cell + (is_array ? sizeof(size_t) : 0));
  gc_type of = (*object)->type;
  return gc_blk_round(!gc_type_is_special(of)
                          ? gc_type_plain_size(of)
                          : gc_cell_size(of, is_array ? first : 0));
}

#endif
