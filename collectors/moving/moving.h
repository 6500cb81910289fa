/* SPDX-License-Identifier: MIT */
/* `moving`: the data and functions that its files share.

   Note [Moving everything]
   While mutators run, every object is in one space, cell behind cell from
   `begin` to `at`. A stop of the world checks all of them, copies what roots
   lead to into a space at addresses that no object had before, and takes
   the old space away: its pages may not be touched until the region has been
   used up. So each of three mistakes ends the program, and soon:
   1. A reference kept over a safepoint leads into a space that was taken away:
      using it faults, and gc_moving_explain knows what was there; storing it,
   or putting it in a root, is refused.
   2. An object that no root held any more was not copied. The old space tells
   this mistake from the first one: a copied object is MOVING_GONE there.
   3. A store past the interface changes a slot but not its shadow. The next
      store to that slot compares the two, and each stop all of them.
   The shadow of the byte at `p` is at p + MOVING_REGION:

     objects  | (length) | header | slot 0 | ... | data
     shadows  | tally    | seal   | slot 0 | ... |

     tally   the cell's address and the length, scrambled
     seal    the object's address and type, scrambled; of a copied object in an
             old space, where it went
     slot    what was stored last, +1 while somebody stores
   A write past the end of an object changes a word that has one of these
   shadows. They also show where cells begin: behind the last cell are zeros. A
   slot's shadow is its lock too: two threads may store to one slot without
   further agreement, and have to leave slot and shadow alike. No safepoint lies
   between taking and releasing it, so that at a stop none is taken.

   Tests: tests/moving/ seeds mistakes; all other tests that run on it are
   without.
 */
#ifndef GC_MOVING_H
#define GC_MOVING_H

#include "heap/sweepstakes.h"

#include "heap/heap.h"

/* Address space is free, memory is not: much of the one, so that addresses
   come again late. The sanitizers keep shadows of their own, and have less. */
#define MOVING_REGION ((size_t)1 << (GC_ASAN || GC_TSAN ? 36 : 40))

/* What is remembered of old spaces; and of how many bytes the contents too,
   which tell an object that moved from one that died. */
enum { MOVING_PASTS = 1024, MOVING_KEPT = 8 << 20 };

struct moving_past {
  char *begin, *end; /* end: of its pages */
  uint64_t move;     /* the number of the move that ended it; 0: unused */
  bool has_contents; /* else its pages went back to the system */
};

struct moving_heap {
  gc_heap base;
  char *region, *region_end; /* constant: the objects' addresses */
  pthread_mutex_t lock;
  char *begin;         /* world stopped: the space of all objects */
  _Atomic(char *) at;  /* lock: its end */
  char *ready;         /* lock: its pages can be used up to here */
  size_t objects;      /* lock: in it */
  _Atomic size_t held; /* written with the lock: at - begin */
  size_t held_peak;    /* lock */
  size_t threshold;    /* world stopped: move before holding more */
  gc_ref weaks;        /* lock: those with a target, by gc_weak.next */
  gc_root *immortal;   /* lock */
  size_t immortals, immortal_room;
  uint64_t every;          /* constant: the tuning key */
  uint64_t due;            /* world stopped: move at so many safepoints */
  _Atomic uint64_t passed; /* safepoints since the last move */
  uint64_t moves;          /* world stopped */
  struct moving_past past[MOVING_PASTS]; /* world stopped; a ring, by `moves` */
  uint64_t kept_from;       /* world stopped: the oldest move with contents */
  size_t kept;              /* world stopped: their bytes */
  struct moving_heap *next; /* heaps_lock */
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

/* Any odd number with bits all over: no pointer and no small number looks like
   its products. */
#define MOVING_SCRAMBLE UINT64_C(0x9e3779b97f4a7c15)

GC_INLINE uint64_t moving_tally_of(const char *cell) {
  size_t length = *(const size_t *)cell;
  return ((uint64_t)(uintptr_t)cell + length) * MOVING_SCRAMBLE + 1;
}

GC_INLINE uint64_t moving_seal_of(gc_ref object) {
  return ((uint64_t)(uintptr_t)object ^ object->type) * MOVING_SCRAMBLE;
}

/* What a cell holds, if it is whole; its size is gc_sizeof. */
GC_INLINE gc_ref moving_cell_object(char *cell) {
  bool has_length = *moving_shadow(cell) == moving_tally_of(cell);
  return (gc_ref)(cell + (has_length ? sizeof(size_t) : 0));
}

/* --- the region (region.c) ----------------------------------------------- */

int gc_moving_region_init(struct moving_heap *); /* an errno value */
void gc_moving_region_finish(struct moving_heap *);
/* The next bytes of the space, zero; NULL: no memory. lock, or world stopped.
 */
char *gc_moving_bump(struct moving_heap *, size_t bytes);
/* Begins another space and returns the old one, which is still there. */
struct moving_past gc_moving_space_begin(struct moving_heap *);
/* Takes an old space away. */
void gc_moving_space_end(struct moving_heap *, struct moving_past);

/* --- faults (fault.c) ---------------------------------------------------- */

/* Installs the handler that explains a SIGSEGV in a moving heap. */
void gc_moving_watch(struct moving_heap *);
void gc_moving_unwatch(struct moving_heap *);
/* Reports what was at an address that has no object, and ends the program. */
_Noreturn void gc_moving_explain(struct moving_heap *, const void *address,
                                 const char *use);
/* A slot that differs from its shadow. */
void gc_moving_tell_slot(gc_ref object, size_t slot, gc_ref value,
                         uint64_t stored);
/* May the address be read as an object's? */
bool gc_moving_is_object(struct moving_heap *, gc_ref);
/* World stopped. Compares all objects with their shadows; returns how many
   faults there are, with a sentence to stderr about each. */
size_t gc_moving_check(struct moving_heap *);

/* --- moving (move.c) ----------------------------------------------------- */

/* World stopped by `m`. Returns how many objects were left behind. */
size_t gc_moving_move(gc_mutator *m);
/* World stopped, or nobody there yet: when to move again. */
void gc_moving_due_renew(struct moving_heap *);
/* Makes an object of a cell of zeros, or of a cell's copy. */
gc_ref gc_moving_object_make(char *cell, gc_type, size_t length);

#endif
