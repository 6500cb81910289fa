/* SPDX-License-Identifier: MIT */
/* The data and functions that the files of `gen` share.

   The invariant: an object of generation 1 or 2 has the current value of its
   generation in the byte of each of its granules, and GEN_START in the first;
   every other byte is GEN_FREE. A reference from an older to a younger
   generation is found through a mutator's `remembered`, or through the heap's
   `remembered` or `kept`. The invariant is broken only while the world is
   stopped to collect.

   Note [Values]
   A collection of generation g first switches the current values of generations
   1 … g. From then on, an object of these generations whose byte has the
   current value has been reached in this collection. An object whose byte has
   the former value has not. Objects of older generations keep their values and
   count as reached: their marks are sticky. A reached object goes one
   generation up, as `next_values` says. So its bytes change from 0 to
   GEN_MIDDLE, and later from GEN_MIDDLE to GEN_OLD. All other values are dead.
   Before the world resumes, gc_gen_census replaces dead values by 0, so that no
   dead value can become current again. It reads only blocks that had objects of
   generations 0 … g. */
#ifndef GEN_H
#define GEN_H

#include "collectors/gen/collector.h"
#include "heap/figures.h"
#include "heap/heap.h"
#include "heap/memory.h"
#include "heap/verify.h"
#include "heap/weak.h"
#include "heap/workers.h"

enum {
  GEN_BLOCK_GRANULES = 1 << (GEN_BLOCK_BITS - GEN_GRANULE_BITS),
  GEN_CHUNK_BLOCKS = 1 << (GEN_CHUNK_BITS - GEN_BLOCK_BITS),
  /* The size, in blocks, of the front of a chunk: records and bytes. */
  GEN_CHUNK_FRONT = GEN_CHUNK_BLOCKS / GEN_GRANULE,
  GEN_RECORD_BYTES = 128,
  /* Bytes that a block counts for, with its side bytes and its record. */
  GEN_BLOCK_COST =
      (1 << GEN_BLOCK_BITS) + GEN_BLOCK_GRANULES + GEN_RECORD_BYTES,
};

/* Blocks by the mean length of their free runs, then by the longest one: Note
   [Lists of blocks]. The room of scant blocks, which are nearly full, does not
   delay a collection. */
enum gen_bins {
  GEN_RICH,
  GEN_POOR,
  GEN_POORER,
  GEN_SCANT,
  GEN_SEARCHED, /* Note [Exchanging pages] */
  GEN_BINS
};
enum { GEN_CLASSES = 33 };
struct gen_bin {
  struct gen_block *list[GEN_CLASSES];
  uint64_t some;
  size_t bytes; /* free bytes in these blocks */
};

struct gen_block {
  struct gen_block *next; /* space.lock: list; owner: its young blocks */
  /* Objects were allocated up to here since the last collection. Written by the
     owner when it leaves the block. */
  char *cursor;
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
  uint8_t has_survivors; /* markers, atomically: a young object was reached */
  uint8_t must_rescan;   /* markers set it, the stopper clears it, both by an
                            atomic exchange: Note [Overflow] */
};
_Static_assert(sizeof(struct gen_block) <= GEN_RECORD_BYTES,
               "records are adjacent");
_Static_assert(GEN_RECORD_BYTES << (GEN_CHUNK_BITS - GEN_BLOCK_BITS) <=
                   GEN_CHUNK / GEN_GRANULE / GEN_GRANULE,
               "the records fit where bytes are not needed");

struct gen_space {
  char *map, *base;        /* constant: reserved addresses; the first chunk */
  size_t map_bytes, bytes; /* constant */
  pthread_mutex_t lock;
  struct gen_block *empty, *released; /* lock */
  struct gen_bin bins[GEN_BINS];      /* lock */
  size_t blocks;                      /* lock: number of blocks made so far */
  size_t held;         /* lock: number of them that are not released */
  size_t block_most;   /* constant */
  size_t empty_bytes;  /* lock: in `empty` */
  size_t lent;         /* lock: bytes of lent pages, which are not held */
  bool is_scarce;      /* stopper: too little room without poor blocks */
  bool uses_poor;      /* stopper: poor blocks are used before new ones */
  double share;        /* stopper: Note [Room for large objects] */
  size_t reserve;      /* stopper: the same */
  size_t others;       /* stopper: other_bytes after the last collection */
  size_t full_others;  /* stopper: after the last full one */
  size_t full_blocks;  /* stopper: `live` after the last full one */
  bool is_last_resort; /* stopper: all memory may be used, however scarce */
  size_t claimed;      /* lock: bytes handed out since the last collection */
  size_t allocated;    /* stopper: the same, from the last full one to then */
  size_t external;     /* lock: bytes of them that are external memory */
  size_t nursery;      /* lock: collect when so many bytes are claimed */
  /* Lock: `nursery` is the threshold of generation 0 times `sharers`, but at
     least `nursery_least`. */
  size_t sharers, nursery_least;
  /* Stopper: bytes of live objects, those of generation 1 among them, and the
     number of live objects, as of the last census. */
  size_t live, middle, objects;
};

/* Slots of a large object that are remembered together. */
enum { GEN_CARD_SLOTS = 128 };

/* Before every large object; see GEN_LARGE_BYTE. */
struct gen_large {
  struct gen_large *next; /* owner; orphan_lock; the stopper */
  size_t bytes;           /* its size, with this prefix */
  uint8_t value;          /* written by markers; like the byte of a granule */
  uint8_t must_rescan;    /* like that of a block */
  uint8_t ahead[6];       /* Note [Large objects ahead] */
  size_t length;
  struct gc_object object;
};
_Static_assert(offsetof(struct gen_large, object) -
                       offsetof(struct gen_large, value) ==
                   GEN_LARGE_BYTE,
               "gc_generation_of finds the byte");
enum { GEN_LARGE_PREFIX = offsetof(struct gen_large, object) };

struct gen_larges {
  struct gc_memory memory;
  size_t quota_most;         /* constant */
  struct gen_large *list[3]; /* stopper; orphan_lock: [0]; by generation */
  size_t objects;            /* the same: their number */
  size_t live;               /* space.lock: their bytes, and those of quotas */
};

/* A part of an array that is still to be traced. */
struct gen_range {
  gc_ref holder;
  size_t at;
};

struct gen_marker {
  gc_ref *stack; /* edges to follow: [bottom, top) */
  size_t bottom, top, capacity;
  struct gen_range *ranges;
  size_t range_count, range_capacity;
  unsigned index;
  struct gen_heap *heap;
  size_t marked;
} __attribute__((aligned(GC_CACHE_LINE)));

/* What markers share; see Note [Sharing work]. */
enum { GEN_SHARED = 1024 };
struct gen_sharing {
  pthread_mutex_t lock;
  pthread_cond_t changed;   /* edges are shared, or `busy` is 0 */
  unsigned sleeping;        /* lock */
  gc_ref edges[GEN_SHARED]; /* lock */
  _Atomic size_t count;     /* lock to write */
  _Atomic unsigned busy;    /* lock to write: markers that may have edges */
  _Atomic unsigned hungry;  /* markers that wait for edges; each adds itself */
  bool is_open;             /* lock: workers may join */
  bool has_woken;           /* stopper: the workers have been woken */
  uint64_t cpu_begun;       /* stopper: CPU time of the workers by then */
};

/* Objects that a collection examines separately: weak references, ephemerons,
   objects with finalizers or external memory, immortal objects. Each is in the
   list of its generation. */
enum gen_watch {
  GEN_WEAK,
  GEN_EPHEMERON,
  GEN_FINALIZABLE,
  GEN_EXTERNAL,
  GEN_IMMORTAL,
  GEN_WATCHES
};
struct gen_watched {
  struct gen_refs list[3];
};
enum { GEN_BUCKET_LOCKS = 64 };

struct gen_tuned {
  bool generations;
};

struct gen_heap {
  gc_heap base;
  struct gen_tuned tuned; /* constant */
  /* By generation: bytes of the nursery, collections of generation 0, per cent
     of growth. Written by any thread at any time; that of generation 0 under
     space.lock. */
  _Atomic uint64_t threshold[3];
  struct gen_space space;
  struct gen_larges large;
  pthread_mutex_t watch_lock;
  struct gen_watched watched[GEN_WATCHES]; /* watch_lock; or the stopper */
  /* watch_lock; or the stopper and the markers, with the bucket's lock: Note
     [Ephemerons] */
  struct gen_refs buckets;
  pthread_mutex_t bucket_locks[GEN_BUCKET_LOCKS];

  /* Written by the stopper while the world is stopped; read by all threads. */
  uint8_t middle, old; /* current values */
  /* A table of eight bytes, indexed by an object's value from the lowest byte
     up: the value that the object gets when it is reached, with GEN_START; 0:
     it counts as reached already. */
  uint64_t next_values;
  int generation; /* the generation that is being collected */
  bool is_asked;  /* the program asked: count exactly */

  struct gen_marker *markers; /* constant; heap.gc_threads of them */
  struct gen_sharing sharing;
  /* Written by the stopper before a phase of marking: Note [Ephemerons]. */
  bool resolves;
  struct gc_workers *workers; /* NULL: only the stopper marks */
  /* Some block or large object must be rescanned. Markers set it; the stopper
     clears it while no marker is busy. */
  _Atomic bool must_rescan;

  pthread_mutex_t orphan_lock;
  struct gen_block *young;    /* orphan_lock: blocks of detached mutators */
  struct gen_refs remembered; /* orphan_lock: their remembered sets */
  struct gen_refs kept;       /* stopper: Note [Remembered objects] */
  _Atomic bool lost;          /* a holder could not be remembered */

  _Atomic size_t held, held_peak; /* all bytes that count */
  _Atomic uint64_t collections;
  /* Pacing; written by the stopper. */
  unsigned allocating; /* mutators that allocated before the last collection */
  unsigned minors;     /* since generation 1 was collected */
  size_t middle_left;  /* bytes in generation 1 after it was collected */
  double survival;     /* share of young bytes that survived lately */
  bool is_put_off;     /* the next collection: Note [Do generations pay] */
  unsigned put_off_left;      /* full collections before the next minor one */
  unsigned patience;          /* first value of put_off_left */
  size_t full_live;           /* bytes that the last full collection left */
  size_t full_room;           /* room after the last full collection */
  size_t stress;              /* calls of gc_gen_stress so far */
  _Atomic unsigned fruitless; /* Note [Thrashing] */
  /* For the verifier: young and large objects; remembered holders. */
  struct gc_ptrmap objects, holders;
};

GC_INLINE struct gen_heap *gen_of(gc_heap *heap) {
  return (struct gen_heap *)heap;
}
GC_INLINE uint64_t gen_threshold(const struct gen_heap *heap, int generation) {
  gc_assert(generation >= 0 && generation < 3);
  return atomic_load_explicit(&heap->threshold[generation],
                              memory_order_relaxed);
}
GC_INLINE struct gen_mutator *gen_mutator_of(gc_mutator *m) {
  return (struct gen_mutator *)m;
}

/* --- blocks (space.c) ---------------------------------------------------- */

GC_INLINE struct gen_block *gen_block_of(const void *object) {
  uintptr_t at = (uintptr_t)object;
  size_t index = (at & (GEN_CHUNK - 1)) >> GEN_BLOCK_BITS;
  gc_assert(index >= GEN_CHUNK_FRONT);
  return (struct gen_block *)((at & -GEN_CHUNK) + index * GEN_RECORD_BYTES);
}

GC_INLINE char *gen_block_start(const struct gen_block *block) {
  uintptr_t at = (uintptr_t)block;
  uintptr_t index = (at & (GEN_CHUNK - 1)) / GEN_RECORD_BYTES;
  gc_assert(index >= GEN_CHUNK_FRONT && index < GEN_CHUNK_BLOCKS);
  return (char *)((at & -GEN_CHUNK) + (index << GEN_BLOCK_BITS));
}

GC_INLINE char *gen_block_end(const struct gen_block *block) {
  return gen_block_start(block) + GEN_BLOCK;
}

GC_INLINE size_t gen_block_free(const struct gen_block *block) {
  size_t used = (size_t)block->middle + block->old + block->lent;
  gc_assert(used <= GEN_BLOCK_GRANULES);
  return GEN_BLOCK_GRANULES - used;
}

GC_INLINE bool gen_in_space(const struct gen_space *space, const void *p) {
  return (uintptr_t)p - (uintptr_t)space->base < space->bytes;
}

int gc_gen_space_init(struct gen_heap *);
void gc_gen_space_finish(struct gen_heap *);
/* Takes a block that has room; the caller owns it. Unless `run` is 0, the block
   has a free run of at least so many bytes. NULL: it is time to collect. */
struct gen_block *gc_gen_block_take(struct gen_heap *, size_t run);
/* Is it time to collect? */
bool gc_gen_nursery_is_used_up(struct gen_heap *);
/* Free bytes in empty and rich blocks; in poor ones. */
size_t gc_gen_rich_bytes(const struct gen_space *);
size_t gc_gen_poor_bytes(const struct gen_space *);
/* Block number `i`, in the order in which they were made. */
struct gen_block *gc_gen_block(const struct gen_space *, size_t i);
/* After marking: takes a census of the blocks that may have changed, and makes
   the lists anew. */
void gc_gen_sweep(struct gen_heap *, struct gen_block *young);
struct gen_block *gc_gen_pop_empty(struct gen_space *);
/* After a full collection: decides to use poor blocks if there is less room
   than `wanted` without them. Then divides the room. */
void gc_gen_room_renew(struct gen_heap *, size_t wanted);
/* Before a full collection: measures how its room is to be divided. */
void gc_gen_share_renew(struct gen_heap *);
/* Counts bytes of blocks as held, if Note [Room for large objects] allows it.
   space.lock is held. */
bool gc_gen_blocks_hold(struct gen_heap *, size_t bytes);
/* Bytes that could be allocated without collecting. */
size_t gc_gen_room(struct gen_heap *);

/* --- giving memory back (pages.c) ------------------------------------------
 */

/* Gives back a block without live objects. space.lock is held. */
void gc_gen_block_release(struct gen_heap *, struct gen_block *);
/* Gives empty blocks back to the system until so many bytes could be held; as a
   last resort, free pages, too. */
bool gc_gen_release(struct gen_heap *, size_t bytes);
/* World stopped: the same, with free pages, as far as there are any. */
void gc_gen_reserve(struct gen_heap *, size_t bytes);
/* Lends free pages until so many bytes could be held. space.lock is held. */
bool gc_gen_pages_lend(struct gen_heap *, size_t bytes);
/* Takes back what the limit allows of the block's pages. The block is in no
   list; space.lock is held. */
void gc_gen_pages_regain(struct gen_heap *, struct gen_block *);

/* --- lists of blocks (lists.c) -------------------------------------------- */

void gc_gen_push(struct gen_block **list, struct gen_block *);
struct gen_block *gc_gen_pop(struct gen_block **list);
void gc_gen_bins_clear(struct gen_space *);
void gc_gen_bins_add(struct gen_space *, struct gen_block *);
void gc_gen_bins_add_to(struct gen_space *, enum gen_bins, struct gen_block *);
/* Takes a block of this bin; one that has a free run of so many granules; the
   one whose run is about the longest, with at least so many. NULL: none was
   found. */
struct gen_block *gc_gen_bins_take(struct gen_space *, enum gen_bins);
struct gen_block *gc_gen_bins_take_run(struct gen_space *, enum gen_bins,
                                       size_t granules);
struct gen_block *gc_gen_bins_take_longest(struct gen_space *, enum gen_bins,
                                           size_t granules);

/* --- held bytes (account.c) ---------------------------------------------- */

/* Bytes up to the limit that are not held. */
size_t gc_gen_left(const struct gen_heap *);

/* Counts bytes as held. False: they would exceed the limit. */
bool gc_gen_hold(struct gen_heap *, size_t bytes);
/* Gives empty blocks back until so many bytes could be held. */
bool gc_gen_hold_prepare(struct gen_heap *, size_t bytes);
/* Counts bytes as held, and gives empty blocks back if that is necessary. */
bool gc_gen_hold_hard(struct gen_heap *, size_t bytes);
/* Counts bytes as held even if they exceed the limit. */
void gc_gen_hold_anyway(struct gen_heap *, size_t bytes);
void gc_gen_unhold(struct gen_heap *, size_t bytes);

/* --- the census (census.c) ------------------------------------------------ */

/* Replaces dead values in the bytes of a block by 0, and counts live objects.
 */
void gc_gen_census(struct gen_heap *, struct gen_block *);
/* Counts the free runs of a block anew. */
void gc_gen_runs_renew(struct gen_block *);
/* Takes a census and updates the totals. space.lock is held. */
void gc_gen_recount(struct gen_heap *, struct gen_block *);

/* --- reading bytes eight at a time --------------------------------------- */

#define GEN_EVERY_BYTE UINT64_C(0x0101010101010101)

GC_INLINE uint64_t gen_word(const uint8_t *bytes) {
  uint64_t word;
  __builtin_memcpy(&word, bytes, sizeof word);
  return word;
}

/* The first granule of a block, from `i` on, whose byte is 0. Bytes are less
   than 128, so subtracting one sets the top bit only of a byte that was 0. A
   borrow can change only bytes after the first zero. Bytes of other blocks are
   not read, because they may be changing. */
GC_INLINE size_t gen_next_free(const uint8_t *bytes, size_t i) {
  uint64_t skipped = GEN_EVERY_BYTE & ~(UINT64_MAX << 8 * (i % 8));
  for (i -= i % 8; i < GEN_BLOCK_GRANULES; i += 8, skipped = 0) {
    uint64_t word = gen_word(bytes + i) | skipped;
    uint64_t zeros = (word - GEN_EVERY_BYTE) & (GEN_EVERY_BYTE << 7);
    if (zeros)
      return i + (size_t)__builtin_ctzll(zeros) / 8;
  }
  return GEN_BLOCK_GRANULES;
}

GC_INLINE size_t gen_next_used(const uint8_t *bytes, size_t i) {
  uint64_t mask = UINT64_MAX << 8 * (i % 8);
  for (i -= i % 8; i < GEN_BLOCK_GRANULES; i += 8, mask = UINT64_MAX) {
    uint64_t word = gen_word(bytes + i) & mask;
    if (word)
      return i + (size_t)__builtin_ctzll(word) / 8;
  }
  return GEN_BLOCK_GRANULES;
}

/* --- allocation (allocate.c) --------------------------------------------- */

/* Takes the rooms from `m`. Their blocks go to its list `young`. */
void gc_gen_rooms_leave(struct gen_mutator *m);
/* Calls `visit` with every object allocated in `block` since the last
   collection. */
void gc_gen_visit_young(struct gen_block *block, void (*visit)(gc_ref, void *),
                        void *data);

/* --- large objects (large.c) --------------------------------------------- */

GC_INLINE struct gen_large *gen_large_of(gc_ref object) {
  return (struct gen_large *)((char *)object - GEN_LARGE_PREFIX);
}

/* The cards of a large object, and how many there are. */
GC_INLINE uint8_t *gen_cards(gc_ref object) {
  return (uint8_t *)object + gc_object_cell_size(object);
}

GC_INLINE size_t gen_card_count(gc_ref object) {
  return (gc_slot_count(object) + GEN_CARD_SLOTS - 1) / GEN_CARD_SLOTS;
}

/* The cards of a large array are behind its elements: they are made anew. All
   are marked, because it may be remembered. */
void gc_gen_array_resized(gc_ref);

/* How many slots card `i` of them is for. */
GC_INLINE size_t gen_card_slots(gc_ref object, size_t i) {
  gc_assert(i < gen_card_count(object));
  size_t left = gc_slot_count(object) - i * GEN_CARD_SLOTS;
  return left < GEN_CARD_SLOTS ? left : GEN_CARD_SLOTS;
}

void gc_gen_larges_init(struct gen_heap *);
/* Moves the mutator's large objects to the heap's list and gives its quota
   back. World stopped, or orphan_lock is held. */
void gc_gen_larges_leave(struct gen_heap *, struct gen_mutator *);
/* Makes a large object that is zeroed except for its record and `length`. NULL:
   it is time to collect. */
gc_ref gc_gen_large_new(struct gen_mutator *, size_t cell_bytes, size_t length);
void gc_gen_large_sweep(struct gen_heap *, struct gen_mutator *);

/* --- validity (valid.c) --------------------------------------------------- */

/* World stopped, after a collection: do the totals agree with the blocks? */
bool gc_gen_heap_is_valid(struct gen_heap *);
/* Called by the owner, or with the lock of the block's list held. */
bool gc_gen_block_is_valid(const struct gen_block *);

GC_INLINE bool gen_marker_is_valid(const struct gen_marker *k) {
  return k->bottom <= k->top && k->top <= k->capacity &&
         k->range_count <= k->range_capacity;
}

GC_INLINE bool gen_marker_is_idle(const struct gen_marker *k) {
  return k->bottom == 0 && k->top == 0 && k->range_count == 0;
}

/* --- markers (markers.c) -------------------------------------------------- */

/* Slots of an array that are pushed at once. */
enum { GEN_PIECE = 128 };

/* Bytes that a marker's tables take. */
size_t gc_gen_marker_bytes(const struct gen_marker *);
/* Makes heap.gc_threads markers. If the limit is too small for them, it lowers
   heap.gc_threads first. */
int gc_gen_marking_init(struct gen_heap *);
void gc_gen_marking_finish(struct gen_heap *);

/* --- marking (mark.c) ---------------------------------------------------- */

/* Called by each worker: joins the marking if that is open. */
void gc_gen_worker_mark(void *heap, unsigned i);
void gc_gen_mark_root(struct gen_marker *, gc_ref);
/* The object's slots did not fit on the stack: Note [Overflow]. */
void gc_gen_note_overflow(struct gen_marker *, gc_ref holder);
/* Follows the slots of an object that counts as reached; for a large object,
   only slots with marked cards. */
void gc_gen_mark_remembered(struct gen_marker *, gc_ref holder);
/* Every phase of marking calls gc_gen_mark_begin, then marks roots, then calls
   gc_gen_mark_all. This marks all objects that can be reached, in parallel if
   there is enough to do. */
void gc_gen_mark_begin(struct gen_heap *);
void gc_gen_mark_all(struct gen_heap *);

GC_INLINE uint8_t *gen_byte_of(struct gen_heap *heap, gc_ref object) {
  return gen_in_space(&heap->space, object) ? gc_gen_byte(object)
                                            : &gen_large_of(object)->value;
}

GC_INLINE int gen_age(uint8_t value) {
  return (value & GEN_VALUE_MASK) >> 1;
}

/* World stopped, marking done: has the object been reached, or is it older than
   the generations that are being collected? */
GC_INLINE bool gen_is_reached(struct gen_heap *heap, gc_ref object) {
  gc_assert(gc_world_is_stopped(&heap->base));
  uint8_t value = *gen_byte_of(heap, object) & GEN_VALUE_MASK;
  return value == heap->middle || value == heap->old;
}

/* --- remembered objects (remember.c) ------------------------------------- */

/* These count the bytes as held. Reserving may exceed the limit if the caller
   asks for that. */
bool gc_gen_refs_reserve(struct gen_heap *, struct gen_refs *, size_t more,
                         bool over_limit);
void gc_gen_refs_finish(struct gen_heap *, struct gen_refs *);
/* Gives memory back if `needed` entries take less than a quarter of it. */
void gc_gen_refs_shrink(struct gen_heap *, struct gen_refs *, size_t needed);
void gc_gen_remembered_mark(struct gen_heap *, struct gen_marker *);
void gc_gen_remembered_renew(struct gen_heap *);
void gc_gen_remembered_adopt(struct gen_heap *, struct gen_mutator *);

/* --- watched objects (watch.c) ------------------------------------------- */

/* False: no memory; for immortal objects, only if the system has none. */
bool gc_gen_watch(struct gen_heap *, enum gen_watch, gc_ref);
void gc_gen_watch_finish(struct gen_heap *);
size_t gc_gen_watch_bytes(const struct gen_heap *);
void gc_gen_watch_mark_immortal(struct gen_heap *, struct gen_marker *);
/* Queues dead objects that have a finalizer on `m` and marks them. Returns
   how many. */
size_t gc_gen_watch_finalize(struct gen_heap *, gc_mutator *);
/* Called last: nothing is marked after this. */
void gc_gen_watch_sweep(struct gen_heap *);

/* --- when to collect (pacing.c) ------------------------------------------- */

bool gc_gen_is_limited(const struct gen_heap *);
/* World stopped: is a full collection due? Which generation is due? */
bool gc_gen_full_is_due(struct gen_heap *);
int gc_gen_generation_due(struct gen_heap *);
/* World stopped, after a collection; `claimed` were claimed before it. */
void gc_gen_thresholds_renew(struct gen_heap *, size_t claimed);
/* World stopped: lets mutators claim everything that is left. */
void gc_gen_nursery_open(struct gen_heap *);
/* World stopped: sets the nursery to what may be claimed until a collection. */
void gc_gen_nursery_renew(struct gen_heap *);
/* Changes the threshold of generation 0. */
void gc_gen_nursery_set(struct gen_heap *, size_t bytes);
/* Note [Thrashing]: has thrashing begun since `fruitless` was `seen`? */
bool gc_gen_thrashes(const struct gen_heap *, unsigned seen);

/* --- collecting (collect.c) ----------------------------------------------- */

const char *gc_gen_kind_of(int generation);
/* World stopped. */
size_t gc_gen_collect_once(gc_mutator *, int generation, bool is_asked);
size_t gc_gen_collect(gc_mutator *, int generation, const char *cause);
void gc_gen_stress(gc_mutator *);

/* --- trying again (retry.c) ----------------------------------------------- */

/* An operation that needs memory; false if there is none. This mutator may have
   stopped the world. */
typedef bool gen_attempt(gc_mutator *, void *request);
/* Collects and retries an operation that failed for want of memory, until it
   succeeds. False: no collection helps. */
bool gc_gen_make_room(gc_mutator *, gen_attempt *, void *request);

extern const struct gc_verifier gc_gen_verifier;

#endif
