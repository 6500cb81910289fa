/* SPDX-License-Identifier: MIT */
/* What the collectors of textbooks share: everything but how a cell is taken,
   how an object is reached, and how the rest is freed. They stop the world,
   trace all objects from the roots, and resume the world. */
#ifndef TEXTBOOK_H
#define TEXTBOOK_H

#include <pthread.h>

#include "heap/heap.h"
#include "heap/sweepstakes.h"
#include "heap/verify.h"

struct textbook_immortal {
  gc_root object;
  struct textbook_immortal *next;
};

/* The head of a collector's heap. */
struct textbook {
  gc_heap base;
  pthread_mutex_t lock; /* not needed while the world is stopped */
  gc_ref weaks; /* lock: those that have a target, linked by gc_weak.next */
  struct textbook_immortal *immortals; /* lock */
  /* The last lock to be taken: gc_table_hold may be called with any other. */
  pthread_mutex_t account_lock;
  _Atomic size_t held; /* grows with account_lock; base.tables come on top */
  size_t held_peak;    /* account_lock; tables included */
  size_t threshold;    /* world stopped: collect before holding more */
  size_t growth;       /* constant: per cent */
};

/* A bit of an object's word. The others are the collector's. */
enum { TEXTBOOK_IMMORTAL = 1 << 8 };

/* --- what the collector defines ------------------------------------------- */

/* Takes memory for an object, and returns the object, whose slots and bytes are
   zero. NULL if the heap would hold more than `most` bytes or the system has no
   memory. The mutator runs, or has stopped the world. */
gc_ref gc_textbook_try(gc_mutator *, gc_type, size_t length, size_t most);

/* The others are called in this order, while the world is stopped. */
void gc_textbook_begin(struct textbook *);
/* The object can be reached from a root. Returns its address, which is another
   one if the object has moved. */
gc_ref gc_textbook_reach(struct textbook *, gc_ref object);
/* Reaches all that reached objects lead to. Not through ephemerons. */
void gc_textbook_drain(struct textbook *);
/* The address of an object that has been reached. NULL: it has not. Takes the
   old address and the new one. */
gc_ref gc_textbook_survivor(gc_ref object, void *textbook);
/* Frees what has not been reached; returns how many objects. */
size_t gc_textbook_end(struct textbook *);
/* For the verifier: the bytes that are held for objects, counted anew. */
size_t gc_textbook_bytes(struct textbook *);

/* --- what it may use ------------------------------------------------------ */

/* May the heap hold so many bytes more, `most` in all? Asked before memory is
   taken from the system; the answer may be outdated when it has been taken. */
bool gc_textbook_fits(struct textbook *, size_t bytes, size_t most);
/* Memory for objects has been taken: counts it. False: too much, not counted.
   The collector's tables are counted by heap/table.h. */
bool gc_textbook_hold(struct textbook *, size_t bytes, size_t most);
/* So many bytes have been freed. */
void gc_textbook_give(struct textbook *, size_t bytes);
/* Has the object not been reached? */
bool gc_textbook_is_dead(gc_ref object, void *textbook);
/* Reaches the objects in the slots, except that of an ephemeron. */
void gc_textbook_scan(struct textbook *, gc_ref object);

/* Writes the word of an object, except that bit. */
static inline void textbook_state_set(gc_ref object, uint32_t state) {
  object->word = (object->word & TEXTBOOK_IMMORTAL) | state;
}

/* Makes an object in a cell that is zero. */
static inline gc_ref textbook_object(char *cell, gc_type type, size_t length) {
  gc_ref object = (gc_ref)(cell + gc_cell_prefix(type));
  gc_assert(object->type == 0 && object->word == 0);
  if (gc_cell_prefix(type))
    ((size_t *)object)[-1] = length;
  object->type = type;
  return object;
}

/* --- for the card --------------------------------------------------------- */

int gc_textbook_init(gc_heap *, const char *tuning); /* 0 */
void gc_textbook_finish(gc_heap *);
int gc_textbook_mutator_init(gc_mutator *);
void gc_textbook_mutator_finish(gc_mutator *);
size_t gc_textbook_collect(gc_mutator *, int generation, const char *cause);
size_t gc_textbook_stopped_collect(gc_mutator *); /* world stopped */
const char *gc_textbook_verify_object(gc_heap *, gc_ref, size_t found,
                                      bool all);
size_t gc_textbook_verify_rest(gc_mutator *);
void gc_textbook_stress(gc_mutator *);
size_t gc_textbook_held_bytes(gc_heap *);
bool gc_textbook_table_hold(gc_heap *, size_t bytes, bool over_limit);
void gc_textbook_report(gc_heap *, struct gc_memory_figures *);
void gc_textbook_root_set(gc_mutator *, gc_root *, gc_ref);
void gc_textbook_global_clear(gc_mutator *, gc_root *);
extern const struct gc_tuning_key gc_textbook_tuning[];

#define TEXTBOOK_CARD                                                          \
  .reclaims = true, .reclaims_cycles = true, .precise = true,                  \
  .scans_roots = true, .limits = true, .generations = 1,                       \
  .tuning = gc_textbook_tuning, .mutator_init = gc_textbook_mutator_init,      \
  .mutator_finish = gc_textbook_mutator_finish,                                \
  .collect = gc_textbook_collect, .stress = gc_textbook_stress,                \
  .held_bytes = gc_textbook_held_bytes, .table_hold = gc_textbook_table_hold,  \
  .report = gc_textbook_report, .root_set = gc_textbook_root_set,              \
  .global_clear = gc_textbook_global_clear

#endif
