/* SPDX-License-Identifier: MIT */
/* A space of blocks for objects of three generations, with side bytes: small
   cells in the free runs of blocks, large objects with memory of their own.

   The invariant: an object of generation 1 or 2 has the current value of its
   generation in the byte of each of its granules, and BLK_START in the first;
   every other byte is BLK_FREE. The invariant is broken only while the
   world is stopped to collect.

   Note [Values]
   A collection of generation g first switches the current values of generations
   1 … g. From then on, an object of these generations whose byte has the
   current value has been reached in this collection. An object whose byte has
   the former value has not. Objects of older generations keep their values and
   count as reached: their marks are sticky. A reached object goes one
   generation up, as `next_values` says. So its bytes change from 0 to
   BLK_MIDDLE, and later from BLK_MIDDLE to BLK_OLD. All other values are dead.
   Before the world resumes, gc_blk_census replaces dead values by 0, so that no
   dead value can become current again. It reads only blocks that had objects of
   generations 0 … g.
   A collector that marks while mutators run switches the values long before it
   knows which objects are dead. Meanwhile `keeps_former` is true: former values
   stay, and count like current ones. */
#ifndef BLOCKS_BLOCKS_H
#define BLOCKS_BLOCKS_H

#include <collector.h>

#include "collectors/shared/blocks/bytes.h"
#include "collectors/shared/blocks/cell.h"
#include "heap/figures.h"
#include "heap/heap.h"

enum {
  BLK_CHUNK_BLOCKS = 1 << (BLK_CHUNK_BITS - BLK_BITS),
  /* The size, in blocks, of the front of a chunk: records and bytes. */
  BLK_CHUNK_FRONT = BLK_CHUNK_BLOCKS / BLK_GRANULE,
  BLK_RECORD_BYTES = 128,
  /* Bytes that a block counts for, with its side bytes and its record. */
  BLK_COST = (1 << BLK_BITS) + BLK_GRANULES + BLK_RECORD_BYTES,
};

/* Blocks by the mean length of their free runs, then by the longest one: Note
   [Lists of blocks]. The room of scant blocks, which are nearly full, does not
   delay a collection. */
enum blk_bins {
  BLK_RICH,
  BLK_POOR,
  BLK_POORER,
  BLK_SCANT,
  BLK_SEARCHED, /* Note [Exchanging pages] */
  BLK_BINS
};
enum { BLK_CLASSES = 33 };
struct blk_bin {
  struct blk_block *list[BLK_CLASSES];
  uint64_t some;
  size_t bytes; /* free bytes in these blocks */
};

struct blk_block {
  struct blk_block *next; /* space.lock: list; owner: its young blocks */
  /* Objects were allocated up to here since the last collection. Written by the
     owner when it leaves the block. */
  char *cursor;
  size_t taken_at; /* space.lock: bytes of new objects before */
  /* Granules and objects as of the last census. */
  uint32_t middle, old;
  uint32_t middle_objects, old_objects;
  uint16_t lent;         /* granules: Note [Exchanging pages] */
  uint32_t runs;         /* free runs; 0 also before the first census */
  uint32_t longest;      /* granules of the longest one, if it has over 16 */
  uint8_t is_listed;     /* space.lock */
  uint8_t idle;          /* full collections in a row that found it empty */
  uint8_t is_zero;       /* never written to since the system gave it */
  uint8_t is_released;   /* not held */
  uint8_t turn;          /* space.lock: Note [Sweeping later] */
  uint8_t has_survivors; /* markers, atomically: a young object was reached */
  uint8_t is_recent;     /* stopper: survivors are counted */
  uint8_t is_promoting;  /* a lock: Note [Promoting all] */
  uint8_t must_rescan; /* enum blk_notes: markers set and clear them, by atomic
                          exchanges: Note [Overflow] */
};
/* Of the markings while the world is stopped; while mutators run. */
enum blk_notes { BLK_NOTE_STOPPED = 1, BLK_NOTE_RUNNING = 2 };
_Static_assert(sizeof(struct blk_block) <= BLK_RECORD_BYTES,
               "records are adjacent");
_Static_assert(BLK_RECORD_BYTES << (BLK_CHUNK_BITS - BLK_BITS) <=
                   BLK_CHUNK / BLK_GRANULE / BLK_GRANULE,
               "the records fit where bytes are not needed");

/* What mutators and the collector's thread are still to sweep: Note [Sweeping
   later]. The stopper switches `is_on`; the rest: space.lock. */
struct blk_later {
  bool is_on;
  uint8_t turn;            /* that of blocks that have been swept */
  bool is_idle_turn;       /* Note [Giving back] */
  size_t next;             /* the first `next` blocks were not looked at yet */
  struct blk_block *fresh; /* Note [Counting later] */
  struct blk_block *empty; /* with `bins`: those that had room before */
  struct blk_bin bins[BLK_BINS];
  size_t taken; /* blocks that are being swept without the lock */
  size_t freed; /* objects */
};

/* What censuses have changed; differences may wrap around. Then bytes and
   objects that survived. */
struct blk_tally {
  size_t objects, live, middle;
  size_t promoted, promoted_objects, survived;
};

/* Note [Sweeping in turns]: what is still to be counted. */
struct blk_sweep {
  struct blk_block *young; /* lock */
  _Atomic size_t next;     /* number of a block */
};

struct blk_space {
  char *map, *base;        /* constant: reserved addresses; the first chunk */
  size_t map_bytes, bytes; /* constant */
  pthread_mutex_t lock;
  struct blk_block *empty, *released; /* lock */
  struct blk_bin bins[BLK_BINS];      /* lock */
  struct blk_later later;
  struct blk_sweep sweep;
  size_t blocks;      /* lock: number of blocks made so far */
  size_t held;        /* lock: number of them that are not released */
  size_t block_most;  /* constant */
  size_t empty_bytes; /* lock: in both lists of empty blocks */
  size_t lent;        /* lock: bytes of lent pages, which are not held */
  /* Stopper: what the collector decides after a collection. Poor blocks are
     used before new ones; blocks leave `reserve` bytes to large objects and
     external memory, less what these have grown beyond `others`; all memory may
     be used, however scarce. */
  bool uses_poor;
  size_t reserve, others;
  bool is_last_resort;
  /* Lock: since the last full collection or cycle, only poor blocks had room,
     or none. It is the time for the next one. */
  bool is_out;
  size_t claimed;   /* lock: bytes handed out since the last collection */
  size_t passed;    /* lock: bytes of them that no object has */
  size_t allocated; /* stopper: the same, from the last full one to then */
  size_t external;  /* lock: bytes of them that are external memory */
  size_t nursery;   /* lock: collect when there are so many new bytes */
  /* Lock: `nursery` is the threshold of generation 0 times `sharers`, but at
     least `nursery_least`. */
  size_t sharers, nursery_least;
  bool is_due; /* lock: collect as soon as there is a new byte */
  /* Stopper: bytes of live objects, those of generation 1 among them, and the
     number of live objects, as of the last census. */
  size_t live, middle, objects;
};

/* Slots of a large object that have a card together. Where stops must be short,
   each slot has a bit of it; elsewhere a card is marked as a whole. */
enum { BLK_CARD_SLOTS = MARK_WHILE_RUNNING ? 8 : 128 };
GC_INLINE uint8_t blk_card_bit(size_t slot) {
  return (uint8_t)(MARK_WHILE_RUNNING ? 1 << slot % BLK_CARD_SLOTS : 1);
}

/* Before every large object; see BLK_LARGE_BYTE. */
struct blk_large {
  struct blk_large *next; /* owner; orphan_lock; the stopper */
  size_t bytes;           /* its size, with this prefix */
  uint8_t value;          /* written by markers; like the byte of a granule */
  uint8_t must_rescan;    /* like that of a block */
  uint8_t ahead[6];       /* Note [Large objects ahead] */
  size_t length;
  struct gc_object object;
};
_Static_assert(offsetof(struct blk_large, object) -
                       offsetof(struct blk_large, value) ==
                   BLK_LARGE_BYTE,
               "gc_generation_of finds the byte");
enum { BLK_LARGE_PREFIX = offsetof(struct blk_large, object) };

/* By generation; for Note [Sweeping later]; for Note [Counting later]. */
enum { BLK_UNSWEPT = 3, BLK_FRESH, BLK_LARGE_LISTS };
struct blk_larges {
  struct gc_memory memory;
  size_t quota_most; /* constant */
  /* Stopper; orphan_lock: all but [1]. */
  struct blk_large *list[BLK_LARGE_LISTS];
  size_t objects; /* the same: their number */
  unsigned taken; /* orphan_lock: lists that are being swept */
  size_t live;    /* space.lock: their bytes, and those of quotas */
};

/* The heap of a collector begins with it. */
struct blk_heap {
  gc_heap base;
  struct blk_space space;
  struct blk_larges large;
  pthread_mutex_t orphan_lock;
  struct blk_block *young; /* orphan_lock: blocks of detached mutators */
  /* Written by the stopper while the world is stopped; read by all threads. */
  uint8_t middle, old;            /* current values */
  uint8_t reached;                /* a bit for each value that counts as so */
  bool keeps_former;              /* Note [Values] */
  int generation;                 /* the generation that is being collected */
  bool is_asked;                  /* the program asked: count exactly */
  bool promotes;                  /* Note [Promoting all] */
  _Atomic size_t held, held_peak; /* all bytes that count */
};

GC_INLINE struct blk_heap *blk_heap_of(gc_heap *heap) {
  return (struct blk_heap *)heap;
}

GC_INLINE struct blk_mutator *blk_mutator_of(gc_mutator *m) {
  return (struct blk_mutator *)m;
}

GC_INLINE bool gc_blk_is_limited(const struct blk_heap *heap) {
  return heap->base.limit != SIZE_MAX;
}

/* --- blocks (space.c) ---------------------------------------------------- */

GC_INLINE struct blk_block *blk_of(const void *object) {
  uintptr_t at = (uintptr_t)object;
  size_t index = (at & (BLK_CHUNK - 1)) >> BLK_BITS;
  gc_assert(index >= BLK_CHUNK_FRONT);
  return (struct blk_block *)((at & -BLK_CHUNK) + index * BLK_RECORD_BYTES);
}

GC_INLINE char *blk_start(const struct blk_block *block) {
  uintptr_t at = (uintptr_t)block;
  uintptr_t index = (at & (BLK_CHUNK - 1)) / BLK_RECORD_BYTES;
  gc_assert(index >= BLK_CHUNK_FRONT && index < BLK_CHUNK_BLOCKS);
  return (char *)((at & -BLK_CHUNK) + (index << BLK_BITS));
}

GC_INLINE char *blk_end(const struct blk_block *block) {
  return blk_start(block) + BLK_SIZE;
}

GC_INLINE size_t blk_free(const struct blk_block *block) {
  size_t used = (size_t)block->middle + block->old + block->lent;
  gc_assert(used <= BLK_GRANULES);
  return BLK_GRANULES - used;
}

/* Bytes of objects that have been made since the last collection, and of what
   mutators may use without asking. space.lock is held, or the world stopped. */
GC_INLINE size_t blk_new_bytes(const struct blk_space *space) {
  gc_assert(space->passed <= space->claimed);
  return space->claimed - space->passed;
}

/* Would the next block exceed the nursery by more than half a block, or is a
   collection due anyway? */
GC_INLINE bool blk_nursery_is_full(const struct blk_space *space) {
  size_t bytes = blk_new_bytes(space);
  return bytes > 0 && (space->is_due || bytes + BLK_SIZE / 2 >= space->nursery);
}

GC_INLINE bool blk_in_space(const struct blk_space *space, const void *p) {
  return (uintptr_t)p - (uintptr_t)space->base < space->bytes;
}

int gc_blk_heap_init(struct blk_heap *);
void gc_blk_heap_finish(struct blk_heap *);
/* Takes a block that has room; the caller owns it. Unless `run` is 0, the block
   has a free run of at least so many bytes. NULL: it is time to collect. */
struct blk_block *gc_blk_take(struct blk_mutator *, size_t run);
/* Counts what the mutator has passed by in blocks that it has left. gc_blk_take
   does it too. */
void gc_blk_passed_add(struct blk_mutator *);
/* Is it time to collect? */
bool gc_blk_nursery_is_used_up(struct blk_heap *);
/* Makes it so for the next block. */
void gc_blk_nursery_close(struct blk_heap *);
/* Free bytes in empty and rich blocks; in poor ones. */
size_t gc_blk_rich_bytes(const struct blk_space *);
size_t gc_blk_poor_bytes(const struct blk_space *);
/* Block number `i`, in the order in which they were made. */
struct blk_block *gc_blk_at(const struct blk_space *, size_t i);
struct blk_block *gc_blk_pop_empty(struct blk_space *);
/* Bytes of large objects and external memory. */
size_t gc_blk_other_bytes(const struct blk_heap *);
/* Counts bytes of blocks as held, if they leave the reserve.
   space.lock is held. */
bool gc_blk_blocks_hold(struct blk_heap *, size_t bytes);
/* Bytes that could be allocated without collecting. */
size_t gc_blk_room(struct blk_heap *);

/* --- sweeping in a stop (sweep.c) ----------------------------------------- */

/* After marking: takes a census of the blocks that may have changed, and makes
   the lists anew. gc_blk_sweep_begin returns about how many blocks there are.
   Then all markers call gc_blk_sweep_some until it returns false. */
size_t gc_blk_sweep_begin(struct blk_heap *, struct blk_block *young);
bool gc_blk_sweep_some(struct blk_heap *, struct blk_tally *);
void gc_blk_sweep_end(struct blk_heap *, struct blk_block *young);
/* Puts a block where those with so much room are. space.lock is held. */
void gc_blk_place(struct blk_heap *, struct blk_block *);
/* The same after a full collection: Note [Giving back]. */
void gc_blk_place_after_full(struct blk_heap *, struct blk_block *,
                             bool is_idle_turn);
/* The sweep of a full collection begins: did enough happen since the last one?
   Then no byte has been claimed. space.lock is held. */
bool gc_blk_idle_turn_begin(struct blk_heap *);

/* Does this minor collection leave counting for later? */
GC_INLINE bool gc_blk_counts_later(const struct blk_heap *heap) {
  return MARK_WHILE_RUNNING && heap->generation == 0 && !heap->is_asked;
}
/* If MARK_WHILE_RUNNING, collectors/shared/running/later.c defines what
   follows; space.lock is held. Sweeps a block. False: none is left. */
bool gc_blk_later_sweep_one(struct blk_heap *);
/* Takes a block that had room before, and sweeps it. */
struct blk_block *gc_blk_later_take(struct blk_heap *, enum blk_bins,
                                    size_t granules);
/* Counts the objects of a block with survivors, if there is one. */
bool gc_blk_later_count_one(struct blk_heap *);
bool gc_blk_is_unswept(const struct blk_space *, const struct blk_block *);
/* promote.c there: Note [Promoting all]. The lock is not held. What is in the
   blocks that the mutator has left becomes old, if the heap promotes all. */
void gc_blk_promote_left(struct blk_heap *, struct blk_mutator *);
/* Sets a flag of any object's header while mutators run; returns the word from
   before. */
uint32_t gc_blk_flag(struct blk_heap *, gc_ref, uint32_t flag);

/* --- giving memory back (pages.c) ---------------------------------------- */

/* Gives back a block without live objects. space.lock is held. */
void gc_blk_give_back(struct blk_heap *, struct blk_block *);
/* Gives empty blocks back to the system until so many bytes could be held; as a
   last resort, free pages, too. */
bool gc_blk_release(struct blk_heap *, size_t bytes);
/* World stopped: the same, with free pages, as far as there are any. */
void gc_blk_reserve(struct blk_heap *, size_t bytes);
/* Mutators run, no marker does: what one block has, for space.reserve. False:
   that is reached, or no block has a free page. */
bool gc_blk_reserve_more(struct blk_heap *);
/* Lends free pages until so many bytes could be held. space.lock is held. */
bool gc_blk_pages_lend(struct blk_heap *, size_t bytes);
/* Takes back what the limit allows of the block's pages. The block is in no
   list; space.lock is held. */
void gc_blk_pages_regain(struct blk_heap *, struct blk_block *);

/* --- lists of blocks (lists.c) -------------------------------------------- */

void gc_blk_push(struct blk_block **list, struct blk_block *);
struct blk_block *gc_blk_pop(struct blk_block **list);
void gc_blk_bins_clear(struct blk_space *);
void gc_blk_bins_add(struct blk_space *, struct blk_block *);
void gc_blk_bins_add_to(struct blk_space *, enum blk_bins, struct blk_block *);
/* Takes a block that has a free run of so many granules, after at most so many
   looks at shorter ones; the one whose run is about the longest, with at least
   so many. NULL: none was found. */
struct blk_block *gc_blk_bin_take(struct blk_bin *, size_t granules,
                                  size_t looks);
struct blk_block *gc_blk_bin_take_longest(struct blk_bin *, size_t granules);

/* --- held bytes (account.c) ---------------------------------------------- */

/* Bytes up to the limit that are not held. */
size_t gc_blk_left(const struct blk_heap *);

/* Counts bytes as held. False: they would exceed the limit. */
bool gc_blk_hold(struct blk_heap *, size_t bytes);
/* Gives empty blocks back until so many bytes could be held. */
bool gc_blk_hold_prepare(struct blk_heap *, size_t bytes);
/* Counts bytes as held, and gives empty blocks back if that is necessary. */
bool gc_blk_hold_hard(struct blk_heap *, size_t bytes);
/* Counts bytes as held even if they exceed the limit. */
void gc_blk_hold_anyway(struct blk_heap *, size_t bytes);
void gc_blk_unhold(struct blk_heap *, size_t bytes);

/* --- the census (census.c) ------------------------------------------------ */

/* Replaces dead values in the bytes of a block by 0, and counts live objects.
 */
void gc_blk_census(struct blk_heap *, struct blk_block *);
/* Counts the free runs of a block anew. */
void gc_blk_runs_renew(struct blk_block *);
/* Takes a census and adds what has changed. Returns the counts before. The
   caller owns the block. */
struct blk_block gc_blk_recount(struct blk_heap *, struct blk_block *,
                                struct blk_tally *);
/* World stopped: the same, and counts survivors. */
void gc_blk_recount_stopped(struct blk_heap *, struct blk_block *,
                            struct blk_tally *);
/* Adds to the totals. space.lock is held. */
void gc_blk_tally_add(struct blk_heap *, const struct blk_tally *);

/* --- verifying (check.c) -------------------------------------------------- */

/* Does the byte say that an old object begins at this address in a block? */
bool gc_blk_is_old_object(const struct blk_heap *, gc_ref);
/* World stopped: compares the bytes of all blocks with the objects in them, and
   the bytes held with the sum of blocks, large objects and `tables`. Prints a
   line for each error and returns their number. */
size_t gc_blk_check(struct blk_heap *, size_t tables);

/* --- rooms (rooms.c) --------------------------------------------- */

/* A small cell for an object of the type; `bytes` is rounded. NULL: it is time
   to collect. */
char *gc_blk_cell_new(struct blk_mutator *, gc_type, size_t bytes);
/* Takes the rooms from `m`. Their blocks go to its list `young`. */
void gc_blk_rooms_leave(struct blk_mutator *m);
/* Leaves all that a mutator allocated to the heap, which it detaches from. */
void gc_blk_adopt(struct blk_heap *, struct blk_mutator *);
/* World stopped: takes all blocks in which objects were allocated since the
   last collection, and counts the mutators that did so. */
struct blk_block *gc_blk_take_young(struct blk_heap *, unsigned *allocating);
/* Calls `visit` with every object allocated in `block` since the last
   collection. */
void gc_blk_visit_young(struct blk_block *block, void (*visit)(gc_ref, void *),
                        void *data);

/* --- large objects (large.c) --------------------------------------------- */

GC_INLINE struct blk_large *blk_large_of(gc_ref object) {
  return (struct blk_large *)((char *)object - BLK_LARGE_PREFIX);
}

/* The cards of a large object, and how many there are. */
GC_INLINE uint8_t *blk_cards(gc_ref object) {
  return (uint8_t *)object + gc_object_cell_size(object);
}

GC_INLINE size_t blk_card_count(gc_ref object) {
  return (gc_slot_count(object) + BLK_CARD_SLOTS - 1) / BLK_CARD_SLOTS;
}

/* The cards of a large array are behind its elements: they are made anew. All
   are marked, because it may be remembered. */
void gc_blk_array_resized(gc_mutator *, gc_ref);

/* The first marked card from `i` on; `count` if there is none. */
GC_INLINE size_t blk_card_next(const uint8_t *cards, size_t i, size_t count) {
  for (uint64_t word; i < count && cards[i] == 0;) {
    bool is_word = i + sizeof word <= count;
    if (is_word)
      __builtin_memcpy(&word, cards + i, sizeof word);
    i += is_word && word == 0 ? sizeof word : 1;
  }
  return i;
}

/* How many slots card `i` of them is for. */
GC_INLINE size_t blk_card_slots(gc_ref object, size_t i) {
  gc_assert(i < blk_card_count(object));
  size_t left = gc_slot_count(object) - i * BLK_CARD_SLOTS;
  return left < BLK_CARD_SLOTS ? left : BLK_CARD_SLOTS;
}

void gc_blk_larges_init(struct blk_heap *);
/* Moves the mutator's large objects to the heap's list and gives its quota
   back. World stopped, or orphan_lock is held. */
void gc_blk_larges_leave(struct blk_heap *, struct blk_mutator *);
/* Makes a large object that is zeroed except for its record and `length`. NULL:
   it is time to collect. */
gc_ref gc_blk_large_new(struct blk_mutator *, size_t cell_bytes, size_t length);
void gc_blk_large_sweep(struct blk_heap *, struct blk_mutator *);
/* What counts as one in gc_blk_later_sweep: as long as sweeping a block. */
enum { BLK_LARGE_GROUP = 8 };
/* World stopped: sweeps those that the last minor collection left. */
void gc_blk_large_fresh_end(struct blk_heap *, struct gc_memory_source *);
/* Sweeps so many groups of those that were left to sweep. False: there were
   none; if `is_busy`, others have taken them, and may put some back. */
bool gc_blk_large_sweep_some(struct blk_heap *, struct gc_memory_source *,
                             size_t groups, bool *is_busy);

/* --- validity (check.c) --------------------------------------------------- */

/* World stopped, after a collection: do the totals agree with the blocks? */
bool gc_blk_heap_is_valid(struct blk_heap *);
/* Called by the owner, or with the lock of the block's list held. */
bool gc_blk_is_valid(const struct blk_block *);

GC_INLINE uint8_t *blk_byte_of(const struct blk_heap *heap, gc_ref object) {
  return blk_in_space(&heap->space, object) ? gc_blk_byte(object)
                                            : &blk_large_of(object)->value;
}

GC_INLINE int blk_age(uint8_t value) {
  return (value & BLK_VALUE_MASK) >> 1;
}

/* Is this known to be reached? Markers may be running. */
GC_INLINE bool blk_is_marked(const struct blk_heap *heap, gc_ref object) {
  uint8_t byte = __atomic_load_n(blk_byte_of(heap, object), __ATOMIC_RELAXED);
  return heap->reached >> (byte & BLK_VALUE_MASK) & 1;
}

/* The bits of blk_heap.reached for old objects: current values; with
   `keeps_former` also the others. */
GC_INLINE uint8_t blk_old_values(const struct blk_heap *heap) {
  uint8_t current = (uint8_t)(1 << heap->middle | 1 << heap->old);
  uint8_t all = 3 << BLK_MIDDLE | 3 << BLK_OLD;
  return heap->keeps_former ? all : current;
}

/* The generation of an object. Markers may be running. */
GC_INLINE int blk_age_of(const struct blk_heap *heap, gc_ref object) {
  return blk_age(__atomic_load_n(blk_byte_of(heap, object), __ATOMIC_RELAXED));
}

/* World stopped, marking done: has the object been reached, or is it older than
   the generations that are being collected? */
GC_INLINE bool blk_is_reached(const struct blk_heap *heap, gc_ref object) {
  gc_assert(gc_world_is_stopped(&heap->base));
  return blk_is_marked(heap, object);
}

/* --- lists of references (refs.c) ----------------------------------------- */

/* These count the bytes as held. Reserving may exceed the limit if the caller
   asks for that. */
bool gc_blk_refs_reserve(struct blk_heap *, struct blk_refs *, size_t more,
                         bool over_limit);
void gc_blk_refs_finish(struct blk_heap *, struct blk_refs *);
/* Gives memory back if `needed` entries take less than a quarter of it. */
void gc_blk_refs_shrink(struct blk_heap *, struct blk_refs *, size_t needed);
#endif
