/* SPDX-License-Identifier: MIT */
/* `moving`: the data and functions that its files share.

   Note [Moving everything]
   While mutators run, all objects are in one space, cell after cell from
   `begin` to `at`. At a stop of the world, the collector checks all objects. It
   copies the reachable ones into a new space, at addresses that no object had
   before, and closes the old space: its pages cannot be accessed until the
   region has been used up. So each of three mistakes soon ends the program:
   1. A reference was kept over a safepoint. It leads into a closed space. Using
      it causes a fault, and gc_moving_explain reports which object was there.
      Storing it, or putting it in a root, is refused.
   2. A root was cleared too early. The object that it held was not copied. The
      old space distinguishes this mistake from the first one: an object that
      was copied is marked as MOVING_GONE there.
   3. A store bypassed the interface. It changed a slot but not the slot's
      shadow. The next store to this slot compares the two, and each stop
      compares all slots with their shadows.
   The shadow of the byte at `p` is at p + MOVING_REGION:

     objects  | (length) | header | slot 0 | ... | data
     shadows  | tally    | seal   | slot 0 | ... |

     tally   the cell's address and the length, scrambled
     seal    the object's address and type, scrambled; for a copied object in an
             old space, the address of the copy
     slot    the value that was stored last, without its lowest bit, which
             immediates set; +1 while a thread stores
   A write past the end of an object changes a word that has one of these
   shadows. The shadows also show where cells begin; after the last cell they
   are zero. The shadow of a slot is its lock, too, because two threads may
   store to one slot at the same time and must leave slot and shadow equal. No
   thread passes a safepoint while it holds this lock, so no slot is locked at a
   stop.

   Pinned objects stay where they are: Note [Pinned objects] in pinned.c.

   Tests: the programs in tests/moving/ contain these mistakes. All other tests
   that run on `moving` contain none.
 */
#ifndef GC_MOVING_H
#define GC_MOVING_H

#include "heap/sweepstakes.h"

#include "heap/heap.h"

/* Address space costs nothing, unlike memory. So the region is large, and it
   takes long until addresses are used again. It is smaller under a sanitizer,
   whose shadow memory takes address space as well. */
#define MOVING_REGION ((size_t)1 << (GC_ASAN || GC_TSAN ? 36 : 40))

/* How many old spaces are remembered, and how many of their bytes keep their
   contents. The contents tell whether an object moved or died. */
enum { MOVING_PASTS = 1024, MOVING_KEPT = 8 << 20 };

struct moving_past {
  char *begin, *end; /* the end of its pages */
  uint64_t move;     /* the number of the move that ended it; 0: unused */
  bool has_contents; /* else the system has its pages back */
};

/* A pinned object outside the space: Note [Pinned objects]. */
struct moving_outpost {
  gc_ref object;
  char *begin, *end; /* its pages */
};

struct moving_outposts {
  struct moving_outpost *first; /* sorted by address, but not in a move */
  size_t count, room;
  size_t bytes; /* of the objects */
};

struct moving_heap {
  gc_heap base;
  char *region, *region_end; /* constant: the objects' addresses */
  char *window, *window_end; /* world stopped: where new spaces are begun */
  struct moving_outposts outposts; /* world stopped */
  pthread_mutex_t lock;
  char *begin;         /* world stopped: the space of all objects */
  _Atomic(char *) at;  /* lock: the end of its cells */
  char *ready;         /* lock: its pages can be used up to here */
  size_t objects;      /* lock: number of objects in the space */
  _Atomic size_t held; /* written with the lock: at - begin, and outposts */
  size_t held_peak;    /* lock */
  size_t threshold;    /* world stopped: move before holding more */
  gc_ref weaks;        /* lock: weak references with targets, linked */
  gc_root *immortal;   /* lock */
  size_t immortals, immortal_room;
  uint64_t every;          /* constant: the tuning key */
  uint64_t due;            /* world stopped: move after so many safepoints */
  _Atomic uint64_t passed; /* safepoints since the last move */
  uint64_t moves;          /* world stopped */
  struct moving_past past[MOVING_PASTS]; /* world stopped; a ring, by `moves` */
  uint64_t kept_from;       /* world stopped: the oldest move with contents */
  size_t kept;              /* world stopped: bytes of kept contents */
  struct moving_heap *next; /* heaps_lock */
};

struct moving_mutator {
  gc_mutator base;
  struct gc_range stack; /* constant: of its thread */
};

GC_INLINE struct moving_heap *moving_of(gc_heap *heap) {
  return (struct moving_heap *)heap;
}

GC_INLINE uint64_t *moving_shadow(const void *p) {
  return (uint64_t *)((char *)(uintptr_t)p + MOVING_REGION);
}

GC_INLINE uint64_t *moving_slot_shadow(gc_ref object, size_t slot) {
  return moving_shadow(&object->slot[slot]);
}

/* The shadow of a slot that holds this value. */
GC_INLINE uint64_t moving_shadow_of(gc_ref value) {
  return (uintptr_t)value & ~(uint64_t)1;
}

/* An odd number with many bits set: its products look neither like pointers nor
   like small numbers. */
#define MOVING_SCRAMBLE UINT64_C(0x9e3779b97f4a7c15)

GC_INLINE uint64_t moving_tally_of(const char *cell) {
  size_t length = *(const size_t *)cell;
  return ((uint64_t)(uintptr_t)cell + length) * MOVING_SCRAMBLE + 1;
}

GC_INLINE uint64_t moving_seal_of(gc_ref object) {
  return ((uint64_t)(uintptr_t)object ^ object->type) * MOVING_SCRAMBLE;
}

/* The object in a cell that is not damaged. Its gc_sizeof is the size of the
   cell. */
GC_INLINE gc_ref moving_cell_object(char *cell) {
  bool has_length = *moving_shadow(cell) == moving_tally_of(cell);
  return (gc_ref)(cell + (has_length ? sizeof(size_t) : 0));
}

/* --- the region (region.c) ----------------------------------------------- */

int gc_moving_region_init(struct moving_heap *); /* an errno value */
void gc_moving_region_finish(struct moving_heap *);
/* Takes the next bytes of the space, which are zero. NULL: no memory. Called
   with the lock held, or while the world is stopped. */
char *gc_moving_bump(struct moving_heap *, size_t bytes);
/* Begins another space and returns the old one, which is still open. */
struct moving_past gc_moving_space_begin(struct moving_heap *);
/* Closes an old space. */
void gc_moving_space_end(struct moving_heap *, struct moving_past);

/* Gives pages back to the system. They cannot be accessed afterwards. */
void gc_moving_pages_drop(char *begin, size_t bytes);

/* --- pinned objects (pinned.c) ------------------------------------------- */

bool gc_moving_outposts_have(const struct moving_outposts *, gc_ref);
/* World stopped: in a move. */
void gc_moving_outposts_add(struct moving_heap *, gc_ref object);
void gc_moving_outposts_sort(struct moving_outposts *);
/* Calls `act` for the pieces of a range of pages that are not pages of
   outposts. */
void gc_moving_pieces(const struct moving_outposts *, char *begin, char *end,
                      void (*act)(char *begin, size_t bytes));
/* Chooses the part of the region that is used next. World stopped. */
void gc_moving_window_choose(struct moving_heap *);

/* --- faults (fault.c) ---------------------------------------------------- */

/* Installs the handler that explains a SIGSEGV in a moving heap. */
void gc_moving_watch(struct moving_heap *);
void gc_moving_unwatch(struct moving_heap *);
/* Reports which object was at the address before, and ends the program. */
_Noreturn void gc_moving_explain(struct moving_heap *, const void *address,
                                 const char *use);
/* Reports a slot that differs from its shadow. */
void gc_moving_tell_slot(gc_ref object, size_t slot, gc_ref value,
                         uint64_t stored);
/* Is the reference an object of the present space? */
bool gc_moving_is_object(struct moving_heap *, gc_ref);
/* World stopped. Compares all objects with their shadows. Returns the number of
   faults, and writes a sentence about each to stderr. */
size_t gc_moving_check(struct moving_heap *);

/* --- moving (move.c) ----------------------------------------------------- */

/* World stopped by `m`. Returns the number of objects that were not copied. */
size_t gc_moving_move(gc_mutator *m);
/* Sets when the next move is due. Called while the world is stopped, or before
   a mutator is attached. */
void gc_moving_due_renew(struct moving_heap *);
/* Makes an object in a zeroed cell, or in the copy of a cell. */
gc_ref gc_moving_object_make(char *cell, gc_type, size_t length);

#endif
