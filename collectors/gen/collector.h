/* SPDX-License-Identifier: MIT */
/* The fast paths of `gen`: bump allocation into free runs, and a write barrier
   that tests the header of the holder, whose cache line the store needs anyway.

   The header's word:
            31..6 unused, 5 key, 4 immortal, 3 noted, 2 large, 1 kept, 0 armed
   `armed`: the object is old and has slots, and the barrier has work to do. The
            barrier tests only this flag. The collector sets it while the world
            is stopped. For a small object, the mutator that remembers the
            object clears the flag, atomically.
   `kept`:  the object is in the heap's set of old objects that refer to
            generation 1. Written by the collector while the world is stopped.
   `large`: the object is not in a block; constant.
   `noted`: the object is large and in a mutator's remembered set. That mutator
            sets the flag, atomically; the collector clears it. The object stays
            armed, because each store to it must mark a card.
   `immortal`: gc_immortalize has been called. The first mutator that calls it
            sets the flag, atomically. It is never cleared.
   `key`:   an ephemeron with this key has been made. The mutator that makes it
            sets the flag, atomically. It is never cleared. */
#ifndef GC_COLLECTOR_H
#define GC_COLLECTOR_H

#include "heap/check.h"
#include "heap/memory.h"
#include "heap/mutator.h"
#include "heap/object.h"
#include "heap/uncounted.h"

GC_PUBLIC_BEGIN

enum gen_flags {
  GEN_ARMED = 1,
  GEN_KEPT = 2,
  GEN_LARGE = 4,
  GEN_NOTED = 8,
  GEN_IS_IMMORTAL = 16,
  GEN_IS_KEY = 32,
};

/* Memory comes in chunks aligned to their size. The first sixteenth of a
   chunk has one byte for each 16-byte granule of the chunk, so that the byte
   of an object is found by arithmetic alone:

     chunk  +---------+------------------+---------+-...-+---------+
            | records | granule bytes    | block k |     | block n |
            +---------+------------------+---------+-...-+---------+

   The bytes for the first sixteenth itself are not needed; the records of the
   blocks are stored there. */
enum {
  GEN_GRANULE_BITS = 4,
  GEN_GRANULE = 1 << GEN_GRANULE_BITS,
  GEN_CHUNK_BITS = 22,
  GEN_BLOCK_BITS = 15,
};
#define GEN_CHUNK ((uintptr_t)1 << GEN_CHUNK_BITS)
#define GEN_BLOCK ((uintptr_t)1 << GEN_BLOCK_BITS)

/* A larger cell is a large object, with its own memory. This is small enough
   that even a fragmented block has free runs this long. */
#define GEN_SMALL_MAX (GEN_BLOCK / 64)

/* The byte of a granule: the generation of the object there, and GEN_START in
   the first byte of the object. Generations 1 and 2 have two values each. One
   of the two is current; during marking, the other one means "not reached yet".
   The bytes of young objects are 0, like those of free granules. */
enum gen_value {
  GEN_FREE = 0,
  GEN_MIDDLE = 2, /* and 3 */
  GEN_OLD = 4,    /* and 5 */
  GEN_LENT = 6,   /* the system has the page */
  GEN_VALUE_MASK = 7,
  GEN_START = 8,
};

struct gen_block;
struct gen_large;

/* Where a mutator allocates: [at, end) is zeroed, [end, run_end) is free. */
struct gen_room {
  char *at, *end, *run_end;
  struct gen_block *block; /* NULL: no room at all */
};

/* The rooms are for cells of up to 32 bytes; for larger cells up to a limit in
   allocate.c; for arrays of bytes up to this limit; for all cells over it. */
enum { GEN_TINY, GEN_SMALL, GEN_BYTES, GEN_MEDIUM, GEN_ROOMS };
enum { GEN_TINY_MAX = 32 };

struct gen_refs {
  gc_ref *items;
  size_t count, capacity;
};

/* Note [Large objects ahead] */
enum { GEN_AHEAD = 8 };

struct gen_mutator {
  gc_mutator base;
  /* Owner; the stopper while the world is stopped. Objects of different kinds
     rarely live equally long and are rarely used together, so each kind has its
     own room. In one room, dead objects of one kind would leave holes between
     live ones of another, which would lie on more cache lines. */
  struct gen_room room[GEN_ROOMS];
  struct gen_block *young;        /* blocks that this mutator has left */
  struct gen_refs remembered;     /* old holders that were written to */
  struct gc_memory_source source; /* of large objects */
  /* Owner: those made since the last collection, newest first, and how many;
     bytes that are counted as theirs already: Note [Quota]. */
  struct gen_large *larges, *larges_last, *newest[GEN_AHEAD];
  size_t large_count, quota;
};

gc_ref gc_gen_new_slow(gc_mutator *, gc_root *out, gc_type);
gc_ref gc_gen_new_array_slow(gc_mutator *, gc_root *out, gc_type,
                             size_t length);
void gc_gen_remember(gc_mutator *, gc_ref holder, size_t slot, gc_ref value);
size_t gc_gen_large_size(size_t cell_bytes);

GC_INLINE uint8_t *gc_gen_byte(const void *object) {
  uintptr_t at = (uintptr_t)object;
  return (uint8_t *)((at & -GEN_CHUNK) +
                     ((at & (GEN_CHUNK - 1)) >> GEN_GRANULE_BITS));
}

GC_INLINE size_t gc_gen_round(size_t bytes) {
  return (bytes + GEN_GRANULE - 1) & ~(size_t)(GEN_GRANULE - 1);
}

GC_INLINE void gc_safepoint(gc_mutator *m) {
  if (gc_poll_is_set(m))
    gc_safepoint_slow(m);
}

/* `size` is rounded. */
GC_INLINE bool gc_gen_has_room(const struct gen_room *room, size_t size) {
  return size <= (size_t)(room->end - room->at);
}

GC_INLINE char *gc_gen_bump(struct gen_room *room, size_t size) {
  char *cell = room->at;
  gc_assert(size % GEN_GRANULE == 0 && gc_gen_has_room(room, size));
  room->at = cell + size;
  return cell;
}

/* The rest of the header, and all bytes after it, are 0 already. */
GC_INLINE gc_ref gc_gen_found(gc_mutator *m, gc_root *out, char *at,
                              gc_type type, size_t size) {
  gc_ref object = (gc_ref)at;
  gc_assert((uintptr_t)at % sizeof(size_t) == 0 && size <= GEN_SMALL_MAX);
  gc_assert(object->word == 0);
  object->type = type;
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, size);
  (void)m;
  (void)size;
  gc_root_put(out, object);
  return object;
}

GC_INLINE struct gen_room *gc_gen_room_for(gc_mutator *m, size_t size) {
  struct gen_mutator *gen = (struct gen_mutator *)m;
  return &gen->room[size <= GEN_TINY_MAX ? GEN_TINY : GEN_SMALL];
}

/* Tests with one comparison that the type is plain and its size small. As a
   signed number, only a plain type is negative. Its size is right below the
   sign bit, because the bits for the tail are 0 in a plain type. */
GC_INLINE bool gc_gen_is_small(gc_type type) {
  uint32_t over = (uint32_t)(GEN_SMALL_MAX / 8 + 1) << GC_TYPE_WORDS_SHIFT;
  return (int32_t)type < (int32_t)(GC_TYPE_PLAIN | over);
}

/* The slow path does everything again, including the safepoint, so that the
   fast path keeps no value over a call. */
GC_INLINE gc_ref gc_new(gc_mutator *m, gc_root *out, gc_type type) {
  gc_check_new(m, out, type);
  size_t size = gc_gen_round(gc_type_plain_size(type));
  struct gen_room *room = gc_gen_room_for(m, size);
  if (gc_poll_is_set(m) || GC_UNLIKELY(!gc_gen_is_small(type)) ||
      GC_UNLIKELY(!gc_gen_has_room(room, size)))
    return gc_gen_new_slow(m, out, type);
  return gc_gen_found(m, out, gc_gen_bump(room, size), type, size);
}

/* Rounding to granules covers the padding between data and tail, so one formula
   is right for both kinds of tail. */
GC_INLINE size_t gc_gen_array_size(const struct gc_type_info *info,
                                   gc_type type, size_t length) {
  size_t fixed =
      2 * sizeof(size_t) + (size_t)info->desc.refs * 8 + info->desc.bytes;
  unsigned shift = gc_type_tail(type) == GC_REF_TAIL ? 3 : 0;
  return gc_gen_round(fixed + (length << shift));
}

GC_INLINE gc_ref gc_new_array(gc_mutator *m, gc_root *out, gc_type type,
                              size_t length) {
  struct gen_mutator *gen = (struct gen_mutator *)m;
  const struct gc_type_info *info = gc_type_info(type);
  gc_check_new_array(m, out, type);
  if (gc_poll_is_set(m) || GC_UNLIKELY(length > GEN_SMALL_MAX) ||
      GC_UNLIKELY(info->desc.finalize != NULL) ||
      GC_UNLIKELY(gc_type_tail(type) == GC_NO_TAIL))
    return gc_gen_new_array_slow(m, out, type, length);
  size_t size = gc_gen_array_size(info, type, length);
  struct gen_room *room = &gen->room[GEN_BYTES];
  if (GC_LIKELY(!gc_type_is_leaf(type)))
    room = gc_gen_room_for(m, size);
  if (GC_UNLIKELY(size > GEN_SMALL_MAX) ||
      GC_UNLIKELY(!gc_gen_has_room(room, size)))
    return gc_gen_new_array_slow(m, out, type, length);
  char *cell = gc_gen_bump(room, size);
  *(size_t *)cell = length;
  return gc_gen_found(m, out, cell + sizeof(size_t), type, size);
}

/* Called after a store: collections of younger generations must find the new
   references of old objects. GEN_BROKEN_BARRIER is for the test that shows that
   the verifier notices a broken barrier. */
#ifndef GEN_BROKEN_BARRIER
#define GEN_BROKEN_BARRIER 0
#endif
GC_INLINE void gc_gen_barrier(gc_mutator *m, gc_ref holder, size_t slot,
                              gc_ref value) {
  uint32_t word = __atomic_load_n(&holder->word, __ATOMIC_RELAXED);
  if (!GEN_BROKEN_BARRIER && GC_UNLIKELY(word & GEN_ARMED))
    gc_gen_remember(m, holder, slot, value);
}

GC_INLINE void gc_set(gc_mutator *m, gc_ref object, size_t slot, gc_ref value) {
  gc_check_store(m, object, slot, value);
  gc_count(m, ref_stores, 1);
  gc_slot_store(object, slot, value);
  gc_gen_barrier(m, object, slot, value);
}

GC_INLINE bool gc_cas(gc_mutator *m, gc_ref object, size_t slot,
                      gc_ref expected, gc_ref desired) {
  gc_check_store(m, object, slot, desired);
  gc_count(m, ref_stores, 1);
  bool done = gc_slot_cas(object, slot, expected, desired);
  if (done)
    gc_gen_barrier(m, object, slot, desired);
  else
    gc_count(m, failed_cas, 1);
  return done;
}

GC_INLINE size_t gc_size_for(gc_type type, size_t length) {
  size_t bytes = gc_cell_size(type, length);
  return bytes > GEN_SMALL_MAX ? gc_gen_large_size(bytes) : gc_gen_round(bytes);
}

GC_INLINE size_t gc_sizeof(gc_ref object) {
  size_t bytes = gc_object_cell_size(object);
  return bytes > GEN_SMALL_MAX ? gc_gen_large_size(bytes) : gc_gen_round(bytes);
}

/* The byte of a large object is right before its length. */
enum { GEN_LARGE_BYTE = 16 };

GC_INLINE int gc_generation_of(gc_ref object) {
  bool is_large = __atomic_load_n(&object->word, __ATOMIC_RELAXED) & GEN_LARGE;
  const uint8_t *byte =
      is_large ? (const uint8_t *)object - GEN_LARGE_BYTE : gc_gen_byte(object);
  return (*byte & GEN_VALUE_MASK) >> 1;
}

GC_PUBLIC_END

#endif
