/* SPDX-License-Identifier: MIT */
/* Marking of objects in blocks, and what a collection does with weak
   references, ephemerons and other objects that it examines separately. */
#ifndef MARKING_MARKING_H
#define MARKING_MARKING_H

#include "collectors/shared/blocks/blocks.h"
#include "heap/weak.h"
#include "heap/workers.h"

/* A part of an array that is still to be traced. */
struct mark_range {
  gc_ref holder;
  size_t at;
};

struct marker {
  /* While mutators run, its holder is the marker: Note [Slices]. */
  pthread_mutex_t lock;
  uintptr_t *stack; /* edges: [bottom, top) */
  size_t bottom, top, capacity;
  struct mark_range *ranges;
  size_t range_count, range_capacity;
  unsigned index;
  struct marking *marking;
  size_t marked;
  struct blk_tally tally; /* Note [Sweeping in turns] */
  size_t left; /* how many more it may mark before it pauses; SIZE_MAX: all */
  /* The mutator that marks, which pauses if the world is to stop; or NULL. */
  gc_mutator *payer;
  /* Young objects that it has reached: granules in recent blocks; bytes of
     large objects. */
  size_t recent, large;
  /* Note [Ways]: calls of gc_mark_way_renew left of the present turn; wide
     turns left; when the turn began or went on, and how long it had taken until
     then; how long wide turns take. */
  bool is_wide;
  unsigned turn_left, turns_left;
  uint64_t turn_begun, turn_ns, wide_ns;
} __attribute__((aligned(GC_CACHE_LINE)));

/* What markers share; see Note [Sharing work]. */
enum { MARK_SHARED = 1024 };
struct mark_sharing {
  pthread_mutex_t lock;
  pthread_cond_t changed;       /* edges are shared, or `busy` is 0 */
  unsigned sleeping;            /* lock */
  uintptr_t edges[MARK_SHARED]; /* lock */
  _Atomic size_t count;         /* lock to write */
  _Atomic unsigned busy;        /* lock to write: markers that may have edges */
  _Atomic unsigned hungry; /* markers that wait for edges; each adds itself */
  bool is_open;            /* lock: workers may join */
  /* Written by the stopper before it opens: Note [Work in turns]. */
  bool (*turn)(struct marker *, void *data);
  void *turn_data;
  bool has_woken;     /* stopper: the workers have been woken */
  uint64_t cpu_begun; /* stopper: CPU time of the workers by then */
};

/* Objects that a collection examines separately: weak references, ephemerons,
   objects with finalizers or external memory, immortal objects. Each is in the
   list of its generation. */
enum watch_kind {
  WATCH_WEAK,
  WATCH_EPHEMERON,
  WATCH_FINALIZABLE,
  WATCH_EXTERNAL,
  WATCH_IMMORTAL,
  WATCHES
};
struct watch_lists {
  struct blk_refs list[3];
};
enum { MARK_BUCKET_LOCKS = 64 };

/* How far a round of rescanning has got. */
struct mark_rescan {
  bool is_on;
  size_t blocks;            /* how many there were when marking began */
  size_t block, granule;    /* the next one; not 0: the note has been taken */
  struct blk_large *larges; /* the old ones when marking began, and all after */
  struct blk_large *large;  /* the next one */
};

/* What marks a heap. */
struct marking {
  struct blk_heap *heap;      /* constant */
  bool arms;                  /* constant: reached objects get BLK_ARMED */
  unsigned count;             /* constant: of markers */
  uint8_t note;               /* constant: its bit in must_rescan */
  struct marker *markers;     /* constant */
  struct gc_workers *workers; /* NULL: only the stopper marks */
  struct mark_sharing sharing;
  /* Some block or large object must be rescanned. Markers set it; the stopper
     clears it while no marker is busy. */
  _Atomic bool must_rescan;
  struct mark_rescan rescan; /* who has all locks: Note [Slices] */
  _Atomic unsigned wanted;   /* threads that wait until all markers pause */
  /* Written by the stopper before a phase of marking: Note [Ephemerons]. */
  bool resolves;
  /* Written by the stopper before marking: a table of eight bytes, indexed by
     an object's value from the lowest byte up: the value that the object gets
     when it is reached, with BLK_START; 0: it counts as reached already. */
  uint64_t next_values;
  /* Bytes of young objects that have been reached: in recent blocks; of large
     objects. The stopper sets them to 0 before a collection. */
  size_t recent, large;
  pthread_mutex_t watch_lock;
  struct watch_lists watched[WATCHES]; /* watch_lock; or the stopper */
  /* watch_lock; or the stopper and the markers, with the bucket's lock: Note
     [Ephemerons] */
  struct blk_refs buckets;
  pthread_mutex_t bucket_locks[MARK_BUCKET_LOCKS];
};

GC_INLINE bool marker_is_valid(const struct marker *k) {
  return k->bottom <= k->top && k->top <= k->capacity &&
         k->range_count <= k->range_capacity;
}

GC_INLINE bool marker_is_idle(const struct marker *k) {
  return k->bottom == 0 && k->top == 0 && k->range_count == 0;
}

/* While mutators run: somebody waits until all markers pause, or the world is
   to stop and the marker is a mutator. */
GC_INLINE bool marker_must_pause(const struct marker *k) {
  return atomic_load(&k->marking->wanted) > 0 ||
         (k->payer && gc_poll_is_set(k->payer));
}

/* --- markers (markers.c) -------------------------------------------------- */

/* Slots of an array that are pushed at once. */
enum { MARK_PIECE = 128 };

/* How many markers the heap should have: so many, or fewer if the limit is too
   small for them. */
unsigned gc_marking_count(const struct blk_heap *, unsigned most);
/* Makes so many markers; `arms`: reached objects get BLK_ARMED; `note` is its
   own of enum blk_notes. */
int gc_marking_init(struct marking *, struct blk_heap *, unsigned count,
                    bool arms, uint8_t note);
/* Makes a thread for each marker but the first. */
int gc_marking_start_workers(struct marking *);
/* Also after gc_marking_init has failed. */
void gc_marking_finish(struct marking *);
/* Bytes of all tables, of markers and of watched objects. */
size_t gc_marking_bytes(const struct marking *);

/* --- ways of marking (ways.c) --------------------------------------------- */

/* About what a wide turn takes anywhere. */
enum { MARK_WIDE_NS = 50000 };
/* Called after each few objects: measures, and chooses the way. */
void gc_mark_way_renew(struct marker *);
/* Between two slices, time does not count. */
void gc_mark_way_pause(struct marker *);
void gc_mark_way_resume(struct marker *);

/* --- marking (mark.c) ---------------------------------------------------- */

/* Called by each worker: joins the marking if that is open. */
void gc_mark_worker(void *marking, unsigned i);
void gc_mark_root(struct marker *, gc_ref);
/* Reaches an object, if the value is one. There is room on the stack. */
void gc_mark_push(struct marker *, gc_ref value);
/* Follows the slots of an object that counts as reached; for a large object,
   only slots with marked cards. */
void gc_mark_remembered(struct marker *, gc_ref holder);
/* Every phase of marking calls gc_mark_begin, then marks roots, then calls
   gc_mark_all. This marks all objects that can be reached, in parallel if
   there is enough to do. */
void gc_mark_begin(struct marking *);
/* The same. All markers that join call `turn`, which does a part of the work of
   this phase, until it returns false: Note [Work in turns]. */
void gc_mark_begin_with(struct marking *,
                        bool (*turn)(struct marker *, void *data), void *data);
/* The stopper takes turns; afterwards none is left. */
void gc_mark_turns(struct marking *);
/* So many objects, or as much work as marking them, are worth waking workers
   for. */
bool gc_mark_is_a_lot(const struct marking *, size_t objects);
/* The stopper lets the workers join, unless they have been woken. */
void gc_mark_wake(struct marking *);
void gc_mark_all(struct marking *);

/* Marks what is on the marker's stack and in its ranges, at most `left`. */
void gc_mark_drain(struct marker *);
/* Follows the slots of an object that counts as reached. The stack has room
   for them, or becomes empty first. */
void gc_mark_slots_of(struct marker *, gc_ref holder);
/* Reaches an object, but notes it as in Note [Overflow] instead of using the
   stack. */
void gc_mark_aside(struct marker *, gc_ref);

/* --- objects that did not fit on a stack (overflow.c) --------------------- */

/* The object's slots did not fit on the stack: Note [Overflow]. */
void gc_mark_note_overflow(struct marker *, gc_ref holder);
/* Takes the note of this marking. False: there is none. */
bool gc_mark_note_take(const struct marking *, uint8_t *note);
/* The next reached object in a block, from this granule on, which moves behind
   its start. NULL: there is none. */
gc_ref gc_mark_reached_next(const struct marking *, struct blk_block *,
                            size_t *granule);
/* World stopped, no marker busy: a round of rescanning. */
void gc_mark_rescan(struct marking *);

/* --- watched objects (watch.c) ------------------------------------------- */

/* False: no memory; for immortal objects, only if the system has none. */
bool gc_watch(struct marking *, enum watch_kind, gc_ref);
void gc_watch_init(struct marking *);
void gc_watch_finish(struct marking *);
size_t gc_watch_bytes(const struct marking *);
void gc_watch_mark_immortal(struct marking *, struct marker *);
/* Queues dead objects that have a finalizer on `m` and marks them. Returns
   how many. */
size_t gc_watch_finalize(struct marking *, gc_mutator *);
/* Called last: nothing is marked after this. */
void gc_watch_sweep(struct marking *);

#endif
