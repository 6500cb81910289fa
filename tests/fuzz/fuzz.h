/* SPDX-License-Identifier: MIT */
/* Every byte string is a program that uses the interface. It runs on the real
   heap and on a shadow, which says what the result must be. See
   docs/fuzzing.md. */
#ifndef FUZZ_H
#define FUZZ_H

#include "objects/world.h"
#include "tests/stress/shadow.h"
#include "tests/support/support.h"

enum {
  FUZZ_THREADS = 4,
  FUZZ_FRAMES = 3, /* nested frames of a thread */
  FUZZ_FRAME_ROOTS = 4,
  FUZZ_THREAD_ROOTS = FUZZ_FRAMES * FUZZ_FRAME_ROOTS,
  FUZZ_GLOBALS = 6,
  FUZZ_GLOBALS_FIXED = 4, /* the first ones, which are never removed */
  FUZZ_STACK = 8,         /* the most roots on a thread's stack of roots */
  FUZZ_ROOTS = FUZZ_THREADS * (FUZZ_THREAD_ROOTS + FUZZ_STACK) + FUZZ_GLOBALS,
  FUZZ_NODES = 300,
  FUZZ_NODES_SPARE = 8, /* nodes that finalizers leave to the program */
  /* The codes of steps; the last two open and end a frame. */
  FUZZ_CODES = 32,
  FUZZ_ENTER = FUZZ_CODES - 2,
  FUZZ_LEAVE = FUZZ_CODES - 1,
};

/* Python-like containers; the slots of their shadow are the items. */
enum fuzz_container {
  FUZZ_NO_CONTAINER,
  FUZZ_DICT,
  FUZZ_LIST,
  FUZZ_INSTANCE,
  FUZZ_CONTAINERS
};
enum { FUZZ_ITEMS_OWN = 4 }; /* the most items of a new list */

/* Facts about a node that the shadow does not have. */
struct fuzz_item {
  gc_type type;
  size_t length, stride; /* arrays: length, and distance of slots in use */
  uint32_t target;       /* of a weak reference: a node */
  uint64_t born;         /* the number of stops when it was created */
  size_t external;       /* bytes */
  int pins;              /* how often it is pinned */
  uintptr_t pinned_at;   /* its address then */
  bool is_weak, is_finalizable, is_watched;
  bool is_immediate; /* no object: the node is fuzz_immediate of its number */
  bool was_dropped;  /* it was unreachable at some time */
  uint8_t act;       /* actions of its finalizer */
  uint8_t change;    /* how the finalizer changes containers */
  enum fuzz_container container;
  uint8_t key[SHADOW_SLOTS_MOST]; /* of a dictionary or instance, by slot */
  bool was_contained;             /* in a container, at some time */
  _Atomic bool is_finalized;      /* any thread */
};

/* The behaviour of a thread that waits for its turn. */
enum fuzz_wait { FUZZ_PARKED, FUZZ_POLLING, FUZZ_READING, FUZZ_WAITS };

struct fuzz_thread {
  struct fuzz *fuzz;
  unsigned index;
  bool is_attached, is_started;
  bool is_deferring;       /* finalizers, until a step resumes them */
  bool runs_no_finalizers; /* the same, but not between calm_begin and _end */
  pthread_t id;
  gc_mutator *m;
  gc_root *root[FUZZ_THREAD_ROOTS]; /* of the frames that are open */
  unsigned frames;
  gc_root_stack *stack; /* NULL: none yet */
  unsigned depth;       /* how many roots are on it */
  gc_root *spare;       /* of the innermost one; not in the shadow */
  struct workload_random random;
};

/* Unless a comment says otherwise, only the thread that has the turn accesses a
   field. */
struct fuzz {
  const uint8_t *at, *end; /* the rest of the program */
  gc_heap *heap;
  struct shadow shadow;
  struct fuzz_item item[FUZZ_NODES + 1];
  gc_ref ref[FUZZ_NODES + 1]; /* work space: the address of a node */
  bool must[FUZZ_NODES + 1];  /* work space: a node must be dead */
  struct fuzz_thread thread[FUZZ_THREADS];
  gc_root global[FUZZ_GLOBALS];
  bool is_added[FUZZ_GLOBALS];
  gc_root watchers;          /* an array of weak references, by node */
  struct gc_py_world *world; /* NULL: a program without containers */
  gc_root class;             /* the class of instances; global */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  _Atomic unsigned turn; /* changes under lock */
  _Atomic bool is_calm;  /* changes under lock: busy threads must park */
  unsigned busy;         /* lock: threads that wait without being parked */
  unsigned waiters;      /* busy threads, and those that parked for calm */
  /* A waiting thread may have overwritten values in its buffer, which only a
     collection finds. */
  bool is_loose;
  _Atomic bool is_ending; /* finalizers only record that they ran */
  _Atomic uint64_t runs;  /* finalizers so far */
  uint64_t steps;
  bool is_told; /* print each step to stdout */
};

/* Runs a program; aborts if it finds a fault. Returns the number of steps. */
uint64_t fuzz_run(const uint8_t *program, size_t size);

/* --- functions of its files ----------------------------------------------- */

/* The next byte of the program; 0 at the end. */
uint8_t fuzz_byte(struct fuzz *);
static inline bool fuzz_is_over(const struct fuzz *f) {
  return f->at == f->end;
}
void fuzz_say(struct fuzz_thread *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void fuzz_wrong(const struct fuzz *, uint32_t node, const char *what);

/* Any step except those that open and end frames. */
void fuzz_step(struct fuzz_thread *, uint8_t code);

/* The shadow's roots: those of threads, globals, stacks. */
static inline uint32_t *fuzz_shadow_root(struct fuzz_thread *t, unsigned root) {
  return &t->fuzz->shadow.root[t->index * FUZZ_THREAD_ROOTS + root];
}
static inline uint32_t *fuzz_shadow_global(struct fuzz *f, unsigned global) {
  return &f->shadow.root[FUZZ_THREADS * FUZZ_THREAD_ROOTS + global];
}

static inline uint32_t *fuzz_shadow_stack(struct fuzz *f, unsigned thread,
                                          unsigned at) {
  return fuzz_shadow_global(f, FUZZ_GLOBALS + thread * FUZZ_STACK + at);
}

static inline bool fuzz_is_object(const struct fuzz *f, uint32_t node) {
  return node != 0 && !f->item[node].is_immediate;
}

/* Every other one is negative. */
static inline gc_ref fuzz_immediate(uint32_t node) {
  intptr_t number = (intptr_t)node << 30 | 0x2b;
  return gc_immediate(node % 2 ? -number : number);
}

/* --- stacks of roots, pins, external memory, immediates (roots.c) --- */

/* `root` and `node`: a root of a frame, and the node that it holds. */
void fuzz_stack_step(struct fuzz_thread *, gc_root *root, uint32_t *node,
                     uint8_t how);
void fuzz_pin_step(struct fuzz_thread *, const gc_root *root, uint32_t node,
                   uint8_t how);
void fuzz_external_step(struct fuzz_thread *, const gc_root *root,
                        uint32_t node, uint8_t how);
/* Puts an immediate in the root. */
void fuzz_immediate_step(struct fuzz_thread *, gc_root *root, uint32_t *node);
void fuzz_stack_close(struct fuzz_thread *);
/* Compares the stacks of all threads with the shadow. */
void fuzz_stack_compare(struct fuzz *);

/* --- objects (objects.c) --- */

void fuzz_types_define(void);
/* The slot of the object for a slot of the shadow. */
size_t fuzz_slot(const struct fuzz *, uint32_t node, uint32_t slot);
/* The number of a new node; there must be room: fuzz_has_room. */
uint32_t fuzz_node_new(struct fuzz *, uint32_t slots);
bool fuzz_has_room(struct fuzz_thread *);
/* Creates an object whose form depends on the bytes, and sets the shadow's
   root, too. False: there is no room. */
bool fuzz_new(struct fuzz_thread *, gc_root *out, uint32_t *shadow_out,
              uint8_t form, uint8_t act);
bool fuzz_new_weak(struct fuzz_thread *, gc_root *out, uint32_t *shadow_out,
                   const gc_root *target, uint32_t node);
/* A value with node `value` for the key with node `key`. */
bool fuzz_new_ephemeron(struct fuzz_thread *, gc_root *out,
                        uint32_t *shadow_out, const gc_root *key_root,
                        uint32_t key, const gc_root *value_root,
                        uint32_t value);
bool fuzz_new_container(struct fuzz_thread *, gc_root *out,
                        uint32_t *shadow_out, uint8_t form);
/* Are the bytes of the object unchanged? For threads that only read. */
bool fuzz_is_intact(gc_ref);
/* Compare objects with the shadow. After fuzz_compare_begin, each call checks
   all objects that a node leads to, until the next safepoint. */
void fuzz_compare_begin(struct fuzz *);
void fuzz_compare_from(struct fuzz *, uint32_t node, gc_ref object);

/* --- containers (containers.c) --- */

void fuzz_containers_open(struct fuzz_thread *);
void fuzz_containers_close(struct fuzz_thread *);
/* `length` is used for lists. NULL: no memory. */
gc_ref fuzz_container_make(struct fuzz_thread *, gc_root *out,
                           enum fuzz_container, size_t length);
/* Performs several operations, on the shadow too, and compares afterwards. The
   root of the container must not change meanwhile. */
void fuzz_container_change(struct fuzz_thread *, const gc_root *container,
                           uint32_t node, const gc_root *value,
                           uint32_t value_node, uint8_t how);
/* Compares length and keys. */
void fuzz_container_compare(const struct fuzz *, uint32_t node,
                            gc_ref container);
/* The item for a slot of the shadow. */
gc_ref fuzz_container_get(const struct fuzz *, uint32_t node, gc_ref container,
                          uint32_t slot);

/* --- finalizers (finalizers.c) --- */

/* Called on a thread before it attaches. */
void fuzz_thread_enter(struct fuzz_thread *);
void fuzz_finalize(gc_mutator *, const gc_root *self);

/* --- turns (turns.c) --- */

/* Gives the turn to another thread, which attaches if necessary. Returns when
   this thread has the turn again. */
void fuzz_hand_over(struct fuzz_thread *, unsigned to, enum fuzz_wait);
/* Begins to defer finalizers on the thread, or resumes them. */
void fuzz_defer_toggle(struct fuzz_thread *);
/* Between these two calls all other threads are parked, and no finalizer is
   deferred. Safepoints. */
void fuzz_calm_begin(struct fuzz_thread *);
void fuzz_calm_end(struct fuzz_thread *);
/* Safepoints until no finalizer runs. */
void fuzz_quiet(struct fuzz_thread *);
void fuzz_detach(struct fuzz_thread *);
/* Runs all frames of a thread; returns when the program ends, or the thread's
   part of it. */
void fuzz_frame(struct fuzz_thread *);

/* --- the oracle (oracle.c) --- */

/* Records the nodes that are unreachable now. */
void fuzz_note_dropped(struct fuzz *);
/* If death is prompt, checks that objects without references are dead. */
void fuzz_check_prompt(struct fuzz_thread *);
/* Collects once, and checks that all objects died that had to. */
void fuzz_check_collection(struct fuzz_thread *, int generation);
/* Collects until nothing changes: all garbage is gone. */
void fuzz_check_all(struct fuzz_thread *);
/* Checks after the heap was destroyed. */
void fuzz_check_end(struct fuzz *);

#endif
