/* SPDX-License-Identifier: MIT */
/* Cells in blocks, and the rooms in which mutators allocate them: what the
   inline half of a collector needs of the space of blocks. */
#ifndef BLOCKS_CELL_H
#define BLOCKS_CELL_H

#include "heap/memory.h"
#include "heap/mutator.h"
#include "heap/object.h"

GC_PUBLIC_BEGIN

/* The flags of the header's word that blocks and marking use. The others are
   the collector's.
   `armed`: the object is old and has slots, and the barrier has work to do. The
            marker that reaches a young object sets the flag.
   `large`: the object is not in a block; constant.
   `key`:   an ephemeron with this key has been made. The mutator that makes it
            sets the flag, atomically. It is never cleared. */
enum blk_flags { BLK_ARMED = 1, BLK_LARGE = 4, BLK_IS_KEY = 32 };

/* Memory comes in chunks aligned to their size. The first sixteenth of a
   chunk has one byte for each 16-byte granule of the chunk, so that the byte
   of an object is found by arithmetic alone:

     chunk  +---------+------------------+---------+-...-+---------+
            | records | granule bytes    | block k |     | block n |
            +---------+------------------+---------+-...-+---------+

   The bytes for the first sixteenth itself are not needed; the records of the
   blocks are stored there. */
enum {
  BLK_GRANULE_BITS = 4,
  BLK_GRANULE = 1 << BLK_GRANULE_BITS,
  BLK_CHUNK_BITS = 22,
  BLK_BITS = 15,
};
#define BLK_CHUNK ((uintptr_t)1 << BLK_CHUNK_BITS)
#define BLK_SIZE  ((uintptr_t)1 << BLK_BITS)

/* A larger cell is a large object, with its own memory. This is small enough
   that even a fragmented block has free runs this long. */
#define BLK_SMALL_MAX (BLK_SIZE / 64)

/* The byte of a granule: the generation of the object there, and BLK_START in
   the first byte of the object. Generations 1 and 2 have two values each. One
   of the two is current; during marking, the other one means "not reached yet".
   The bytes of young objects are 0, like those of free granules. */
enum blk_value {
  BLK_FREE = 0,
  BLK_MIDDLE = 2, /* and 3 */
  BLK_OLD = 4,    /* and 5 */
  BLK_LENT = 6,   /* the system has the page */
  BLK_VALUE_MASK = 7,
  BLK_START = 8,
};

struct blk_block;
struct blk_large;

/* Where a mutator allocates: [at, end) is zeroed, [end, run_end) is free. */
struct blk_room {
  char *at, *end, *run_end;
  struct blk_block *block; /* NULL: no room at all */
  unsigned groups;         /* of granules, that the search has read */
  unsigned passed; /* bytes before `at` that were not free or not used */
  uint64_t ahead;  /* of the last one: free granules after the run */
};

/* The rooms are for cells of up to 32 bytes; for larger cells up to a limit in
   allocate.c; for arrays of bytes up to this limit; for all cells over it. */
enum { BLK_TINY, BLK_SMALL, BLK_BYTES, BLK_MEDIUM, BLK_ROOMS };
enum { BLK_TINY_MAX = 32 };

struct blk_refs {
  gc_ref *items;
  size_t count, capacity;
};

/* Note [Large objects ahead] */
enum { BLK_AHEAD = 8 };

struct blk_mutator {
  gc_mutator base;
  /* Owner; the stopper while the world is stopped. Objects of different kinds
     rarely live equally long and are rarely used together, so each kind has its
     own room. In one room, dead objects of one kind would leave holes between
     live ones of another, which would lie on more cache lines. */
  struct blk_room room[BLK_ROOMS];
  struct blk_block *young;        /* blocks that this mutator has left */
  struct gc_memory_source source; /* of large objects */
  /* Owner: those made since the last collection, newest first, and how many;
     bytes that are counted as theirs already: Note [Quota]. */
  struct blk_large *larges, *larges_last, *newest[BLK_AHEAD];
  size_t large_count, quota;
  /* Owner: bytes of objects in blocks that it has left, and large ones; the
     collector resets it. Bytes in these blocks that no object has, but which
     still count as claimed. */
  size_t claimed, passed;
};

/* The bytes that a large object takes; SIZE_MAX: no object can be so large. */
size_t gc_blk_large_size(size_t cell_bytes);

GC_INLINE uint8_t *gc_blk_byte(const void *object) {
  uintptr_t at = (uintptr_t)object;
  return (uint8_t *)((at & -BLK_CHUNK) +
                     ((at & (BLK_CHUNK - 1)) >> BLK_GRANULE_BITS));
}

GC_INLINE size_t gc_blk_round(size_t bytes) {
  return (bytes + BLK_GRANULE - 1) & ~(size_t)(BLK_GRANULE - 1);
}

/* `size` is rounded. */
GC_INLINE bool gc_blk_has_room(const struct blk_room *room, size_t size) {
  return size <= (size_t)(room->end - room->at);
}

GC_INLINE char *gc_blk_bump(struct blk_room *room, size_t size) {
  char *cell = room->at;
  gc_assert(size % BLK_GRANULE == 0 && gc_blk_has_room(room, size));
  room->at = cell + size;
  return cell;
}

/* The rest of the header, and all bytes after it, are 0 already. */
GC_INLINE gc_ref gc_blk_found(gc_mutator *m, gc_root *out, char *at,
                              gc_type type, size_t size) {
  gc_ref object = (gc_ref)at;
  gc_assert((uintptr_t)at % sizeof(size_t) == 0 && size <= BLK_SMALL_MAX);
  gc_assert(object->word == 0);
  object->type = type;
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, size);
  (void)m;
  (void)size;
  gc_root_put(out, object);
  return object;
}

GC_INLINE struct blk_room *gc_blk_room_for(gc_mutator *m, size_t size) {
  struct blk_mutator *blk = (struct blk_mutator *)m;
  return &blk->room[size <= BLK_TINY_MAX ? BLK_TINY : BLK_SMALL];
}

/* Tests with one comparison that the type is plain and its size small. As a
   signed number, only a plain type is negative. Its size is right below the
   sign bit, because the bits for the tail are 0 in a plain type. */
GC_INLINE bool gc_blk_is_small(gc_type type) {
  uint32_t over = (uint32_t)(BLK_SMALL_MAX / 8 + 1) << GC_TYPE_WORDS_SHIFT;
  return (int32_t)type < (int32_t)(GC_TYPE_PLAIN | over);
}

/* Rounding to granules covers the padding between data and tail, so one formula
   is right for both kinds of tail. */
GC_INLINE size_t gc_blk_array_size(const struct gc_type_info *info,
                                   gc_type type, size_t length) {
  size_t fixed =
      2 * sizeof(size_t) + (size_t)info->desc.refs * 8 + info->desc.bytes;
  unsigned shift = gc_type_tail(type) == GC_REF_TAIL ? 3 : 0;
  return gc_blk_round(fixed + (length << shift));
}

GC_INLINE size_t gc_blk_size_for(gc_type type, size_t length) {
  size_t bytes = gc_cell_size(type, length);
  return bytes > BLK_SMALL_MAX ? gc_blk_large_size(bytes) : gc_blk_round(bytes);
}

GC_INLINE size_t gc_blk_sizeof(gc_ref object) {
  size_t bytes = gc_object_cell_size(object);
  return bytes > BLK_SMALL_MAX ? gc_blk_large_size(bytes) : gc_blk_round(bytes);
}

/* The byte of a large object is right before its length. */
enum { BLK_LARGE_BYTE = 16 };

GC_INLINE int gc_blk_generation_of(gc_ref object) {
  bool is_large = __atomic_load_n(&object->word, __ATOMIC_RELAXED) & BLK_LARGE;
  const uint8_t *byte =
      is_large ? (const uint8_t *)object - BLK_LARGE_BYTE : gc_blk_byte(object);
  return (__atomic_load_n(byte, __ATOMIC_RELAXED) & BLK_VALUE_MASK) >> 1;
}

GC_PUBLIC_END

#endif
