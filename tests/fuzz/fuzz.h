/* SPDX-License-Identifier: MIT */
/* A byte string is a program over the whole interface, any byte string; it
   runs on the real heap and on a shadow that says what must come of it. See
   docs/fuzzing.md. */
#ifndef FUZZ_H
#define FUZZ_H

#include "objects/world.h"
#include "tests/stress/shadow.h"
#include "tests/support/support.h"

enum {
  FUZZ_THREADS = 4,
  FUZZ_FRAMES = 3, /* nested, of one thread */
  FUZZ_FRAME_ROOTS = 4,
  FUZZ_THREAD_ROOTS = FUZZ_FRAMES * FUZZ_FRAME_ROOTS,
  FUZZ_GLOBALS = 6,
  FUZZ_GLOBALS_FIXED = 4, /* those that are never removed */
  FUZZ_ROOTS = FUZZ_THREADS * FUZZ_THREAD_ROOTS + FUZZ_GLOBALS,
  FUZZ_NODES = 300,
  FUZZ_NODES_SPARE = 8, /* that finalizers leave to the program */
  /* What a step may be, and the two that open and end a frame. */
  FUZZ_CODES = 32,
  FUZZ_ENTER = FUZZ_CODES - 2,
  FUZZ_LEAVE = FUZZ_CODES - 1,
};

/* Python-like ones; the shadow's slots are what is in them. */
enum fuzz_container {
  FUZZ_NO_CONTAINER,
  FUZZ_DICT,
  FUZZ_LIST,
  FUZZ_INSTANCE,
  FUZZ_CONTAINERS
};
enum { FUZZ_ITEMS_OWN = 4 }; /* the most that a list is made with */

/* What the shadow does not say about a node. */
struct fuzz_item {
  gc_type type;
  size_t length, stride; /* of arrays: slots in use are so far apart */
  uint32_t target;       /* of a weak reference: a node */
  uint64_t born;         /* when the world had been stopped so often */
  bool is_weak, is_finalizable, is_watched;
  bool was_dropped; /* no root has led to it at some time */
  uint8_t act;      /* what its finalizer does */
  uint8_t change;   /* and how it changes containers */
  enum fuzz_container container;
  uint8_t key[SHADOW_SLOTS_MOST]; /* of a dictionary or instance, by slot */
  bool was_contained;             /* in a container, at some time */
  _Atomic bool is_finalized;      /* any thread */
};

/* How a thread waits for its turn. */
enum fuzz_wait { FUZZ_PARKED, FUZZ_POLLING, FUZZ_READING, FUZZ_WAITS };

struct fuzz_thread {
  struct fuzz *fuzz;
  unsigned index;
  bool is_attached, is_started;
  pthread_t id;
  gc_mutator *m;
  gc_root *root[FUZZ_THREAD_ROOTS]; /* of the frames that are open */
  unsigned frames;
  gc_root *spare; /* of the innermost one; not in the shadow */
  struct workload_random random;
};

/* Only who has the turn reads or writes what has no other rule. */
struct fuzz {
  const uint8_t *at, *end; /* what is left of the program */
  gc_heap *heap;
  struct shadow shadow;
  struct fuzz_item item[FUZZ_NODES + 1];
  gc_ref ref[FUZZ_NODES + 1]; /* work space: where a node is now */
  bool must[FUZZ_NODES + 1];  /* work space: what must be dead */
  struct fuzz_thread thread[FUZZ_THREADS];
  gc_root global[FUZZ_GLOBALS];
  bool is_added[FUZZ_GLOBALS];
  gc_root watchers;          /* an array of weak references, by node */
  struct gc_py_world *world; /* NULL: a program without containers */
  gc_root class;             /* of their instances; global */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  _Atomic unsigned turn; /* changes under lock */
  _Atomic bool is_calm;  /* changes under lock: who is busy shall park */
  unsigned busy;         /* lock: threads that wait and are not parked */
  unsigned waiters;      /* those, and those that stand by */
  /* A thread that waits may have a buffer of what it has overwritten, which a
     collection will find. */
  bool is_loose;
  _Atomic bool is_ending; /* finalizers only say that they ran */
  _Atomic uint64_t runs;  /* finalizers so far */
  uint64_t steps;
  bool is_told; /* each step goes to stdout */
};

/* Runs a program; what goes wrong aborts. Returns how many steps it had. */
uint64_t fuzz_run(const uint8_t *program, size_t size);

/* --- for the parts of it -------------------------------------------------- */

/* 0 at the end. */
uint8_t fuzz_byte(struct fuzz *);
static inline bool fuzz_is_over(const struct fuzz *f) {
  return f->at == f->end;
}
void fuzz_say(struct fuzz_thread *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void fuzz_wrong(const struct fuzz *, uint32_t node, const char *what);

/* All but what opens and ends frames. */
void fuzz_step(struct fuzz_thread *, uint8_t code);

/* The shadow's roots: those of threads, then globals. */
static inline uint32_t *fuzz_shadow_root(struct fuzz_thread *t, unsigned root) {
  return &t->fuzz->shadow.root[t->index * FUZZ_THREAD_ROOTS + root];
}
static inline uint32_t *fuzz_shadow_global(struct fuzz *f, unsigned global) {
  return &f->shadow.root[FUZZ_THREADS * FUZZ_THREAD_ROOTS + global];
}

/* --- objects (objects.c) --- */

void fuzz_types_define(void);
/* Where the shadow's slot is in the object. */
size_t fuzz_slot(const struct fuzz *, uint32_t node, uint32_t slot);
/* Makes an object of a form that the bytes decide; false where there is no
   room. The shadow's root is set too. */
bool fuzz_new(struct fuzz_thread *, gc_root *out, uint32_t *shadow_out,
              uint8_t form, uint8_t act);
bool fuzz_new_weak(struct fuzz_thread *, gc_root *out, uint32_t *shadow_out,
                   const gc_root *target, uint32_t node);
bool fuzz_new_container(struct fuzz_thread *, gc_root *out,
                        uint32_t *shadow_out, uint8_t form);
/* An object whose bytes are as they were made: for threads that only look. */
bool fuzz_is_intact(gc_ref);
/* Everything that nodes lead to is what it should be; one after the other, up
   to the next safepoint. */
void fuzz_compare_begin(struct fuzz *);
void fuzz_compare_from(struct fuzz *, uint32_t node, gc_ref object);

/* --- containers (containers.c) --- */

void fuzz_containers_open(struct fuzz_thread *);
void fuzz_containers_close(struct fuzz_thread *);
/* `length` is that of a list. NULL: no memory. */
gc_ref fuzz_container_make(struct fuzz_thread *, gc_root *out,
                           enum fuzz_container, size_t length);
/* Any number of operations, in the shadow too; compares afterwards. The root of
   the container must stay as it is. */
void fuzz_container_change(struct fuzz_thread *, const gc_root *container,
                           uint32_t node, const gc_root *value,
                           uint32_t value_node, uint8_t how);
/* Its length and keys. */
void fuzz_container_compare(const struct fuzz *, uint32_t node,
                            gc_ref container);
/* What is in a slot of the shadow's. */
gc_ref fuzz_container_get(const struct fuzz *, uint32_t node, gc_ref container,
                          uint32_t slot);

/* --- finalizers (finalizers.c) --- */

/* On a thread, before it attaches. */
void fuzz_thread_enter(struct fuzz_thread *);
void fuzz_finalize(gc_mutator *, const gc_root *self);

/* --- turns (turns.c) --- */

/* Lets another thread go on, which is attached for it if it is not; returns
   when the turn is back. */
void fuzz_hand_over(struct fuzz_thread *, unsigned to, enum fuzz_wait);
/* Nobody else does anything between these two. Safepoints. */
void fuzz_calm_begin(struct fuzz_thread *);
void fuzz_calm_end(struct fuzz_thread *);
/* Safepoints until no finalizer runs. */
void fuzz_quiet(struct fuzz_thread *);
void fuzz_detach(struct fuzz_thread *);
/* All frames of a thread; returns when the program is over, or the thread's
   part of it. */
void fuzz_frame(struct fuzz_thread *);

/* --- the oracle (oracle.c) --- */

/* Notes what no root leads to now. */
void fuzz_note_dropped(struct fuzz *);
/* What dies by count is dead, where death is prompt. */
void fuzz_check_prompt(struct fuzz_thread *);
/* Collects once, and looks whether what had to die did. */
void fuzz_check_collection(struct fuzz_thread *, int generation);
/* Collects until nothing changes: all garbage is gone. */
void fuzz_check_all(struct fuzz_thread *);
/* The heap is gone. */
void fuzz_check_end(struct fuzz *);

#endif
