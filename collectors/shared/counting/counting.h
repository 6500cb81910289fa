/* SPDX-License-Identifier: MIT */
/* The fast paths of every collector with atomic counts and grace periods.
   RC_CYCLES is 1 if the collector also collects cycles.

   Invariant: an object's count is the number of slots, roots and queued
   finalizers that hold it, plus the entries for it in decrement buffers.
   Inside an operation the count may be higher than that, but never lower.

   Words for what happens to a count and to an object:

     increment, decrement  the count word alone, atomically (word.h)
     raise                 a mutator takes a reference: increments
     let go                gives up a reference now; returns whether it was the
                           last, and may make the object a candidate
     drop                  a private root gives up its reference: lets go, and
                           releases the object if it was the last
     defer                 a reference that others may have read is given up
                           after a grace period: an entry in a buffer
     release               an object with a count of zero dies, unless its
                           finalizer has to run first; so do all objects that
                           only it held (release.c)
     vacate                gives up the references of a dead object and reuses
                           its cell at once */
#ifndef RC_COUNTING_H
#define RC_COUNTING_H

#include "collectors/shared/counting/word.h"
#include "heap/check.h"
#include "heap/memory.h"
#include "heap/mutator.h"

GC_PUBLIC_BEGIN

#ifndef RC_CYCLES
#define RC_CYCLES 0
#endif

/* Note [Cells at hand]
   Each mutator keeps the cells that it freed last, in a list for each multiple
   of 16 bytes, and takes cells from there before it asks jemalloc (Bonwick and
   Adams, "Magazines and Vmem", 2001, without the exchange between processors).
   A list holds at most RC_AT_HAND_BYTES, so the loss is bounded; further cells
   go back to jemalloc. Cells at hand count as held by the heap. Builds with a
   sanitizer do not keep cells, because the sanitizer could not see uses of
   freed cells. */
enum {
  RC_GRANULE = 16,
  RC_CLASSES = GC_TYPE_FIELD_MAX * 8 / RC_GRANULE + 2,
  RC_AT_HAND_BYTES = 64 << 10, /* stays in a second-level cache */
};

/* The link is behind the header, which stays in place: a header word of zero
   shows to assertions that the object is gone. */
struct rc_cell {
  uint64_t header;
  struct rc_cell *next;
};

struct rc_list {
  struct rc_cell *first;
  uint32_t room; /* cells that may still be put in */
};

/* Overwritten references whose decrement waits: Note [Grace periods]. */
struct rc_chunk {
  struct rc_chunk *next;
  uint64_t epoch; /* may be applied when this has passed */
  size_t taken;   /* bytes from jemalloc while it was open */
  uint32_t count;
  __extension__ gc_ref entry[];
};

struct rc_chunks {
  struct rc_chunk *first, *last;
  uint32_t count;
};

/* Only the owner uses the fields, and a collector while the world is stopped.
 */
struct rc_mutator {
  gc_mutator base;
  gc_ref newest;    /* Note [The newest object]; NULL: none */
  gc_ref *deferred; /* entries of the open chunk */
  uint32_t deferred_count, deferred_max;
  int64_t quota; /* bytes that may be taken before the heap's account changes */
  size_t taken;  /* bytes from jemalloc since the open chunk was begun */
  struct rc_chunk *open, *spare;
  /* constant: the number of running mutators, a field of the heap */
  const GC_ATOMIC(uint32_t) *runners;
  struct rc_chunks sealed;
  struct gc_memory_source source;
  uint64_t released; /* objects freed so far */
  struct rc_list at_hand[RC_CLASSES];
  /* Note [Death of a key]; linked by the field `next`. */
  gc_ref cleared;
  bool is_dropping;
};

GC_INLINE struct rc_mutator *rc_of(gc_mutator *m) {
  return (struct rc_mutator *)m;
}

gc_ref gc_rc_new_slow(gc_mutator *, gc_root *out, gc_type);
gc_ref gc_rc_new_array_slow(gc_mutator *, gc_root *out, gc_type, size_t length);
/* rc_let_go returned that the object is ours to free. Frees it and all objects
   that die with it. */
void gc_rc_release(gc_mutator *, gc_ref dead);
/* The open chunk is full. */
void gc_rc_chunk_full(struct rc_mutator *);

/* --- safepoint ----------------------------------------------------------- */

/* If no other mutator runs, overwritten values die at once. The slow path asks
   again, in the order that Note [Running alone] needs. */
GC_INLINE void gc_safepoint(gc_mutator *m) {
  bool may_drain =
      rc_of(m)->deferred_count != 0 &&
      atomic_load_explicit(rc_of(m)->runners, memory_order_relaxed) == 1;
  if (GC_UNLIKELY(may_drain) || gc_poll_is_set(m))
    gc_safepoint_slow(m);
}

/* --- letting go ---------------------------------------------------------- */

/* A value was overwritten in a place that other mutators may have read. */
GC_INLINE void rc_defer(gc_mutator *m, gc_ref old) {
  struct rc_mutator *rc = rc_of(m);
  gc_assert(gc_is_object(old) && rc->deferred_count < rc->deferred_max);
  gc_count(m, deferred, 1);
  rc->deferred[rc->deferred_count++] = old;
  if (GC_UNLIKELY(rc->deferred_count == rc->deferred_max))
    gc_rc_chunk_full(rc);
}

/* Lets go of a count that is over one. The same atomic operation makes the
   object a candidate, unless it cannot be in a cycle now. True: the count was
   the last after all. `word` is a recent value. Only if RC_CYCLES is 1. */
bool gc_rc_let_go_shared(gc_mutator *, gc_ref object, uint32_t word);

/* Removes a dead object's buffer entry, if it is easily found. True: it was
   removed, and the cell may be freed. Only if RC_CYCLES is 1. */
bool gc_rc_unbuffer(gc_mutator *, gc_ref object);

/* A value that was moved from a root into a slot of the holder becomes a
   candidate, unless the move cannot have made a dead cycle: Note [Moves]. Only
   if RC_CYCLES is 1. */
void gc_rc_moved(gc_mutator *, gc_ref holder, gc_ref value);

/* Could a pass find a cycle through the object, and is it in no buffer? */
GC_INLINE bool rc_may_be_buffered(gc_ref object, uint32_t word) {
  return RC_CYCLES && (word & RC_BUFFERED) == 0 && !rc_is_sticky(word) &&
         (!gc_type_is_leaf(object->type) || (word & RC_IS_KEY) != 0);
}

/* A count that falls to no less than one may leave a dead cycle behind (Bacon
   and Rajan, ECOOP 2001). Decided before the decrement: after it the object
   may be gone. */
GC_INLINE bool rc_may_be_candidate(gc_ref object, uint32_t word) {
  return rc_count_of(word) > 1 && rc_may_be_buffered(object, word);
}

/* Lets go of a count. True: it was the last, and the caller must release the
   object, whose word may still have a count of one. */
GC_INLINE bool rc_let_go(gc_mutator *m, gc_ref object) {
  uint32_t word = rc_word_acquire(object);
  gc_assert(rc_count_of(word) != 0);
  if (rc_is_sole(word))
    return true;
  /* Without an optimizer too, only RC_CYCLES leaves the call in. */
  if (RC_CYCLES && rc_may_be_candidate(object, word))
    return gc_rc_let_go_shared(m, object, word);
  return rc_was_last(rc_decrement_seen(object, word));
}

/* A private root lets go at once. */
GC_INLINE void rc_drop(gc_mutator *m, gc_ref object) {
  gc_count(m, decrements, 1);
  if (rc_let_go(m, object))
    gc_rc_release(m, object);
}

GC_INLINE void rc_raise(gc_mutator *m, gc_ref object) {
  (void)m;
  gc_count(m, increments, 1);
  rc_increment(object);
}

/* --- roots --------------------------------------------------------------- */

/* Private roots are read and written with plain operations. Only their mutator
   uses them, or a collector while the mutator is stopped, and the lock of the
   stop orders the two. So the compiler may keep a value that it just stored in
   a register, and need not load it again after a locked operation. */
GC_INLINE void gc_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_ref old = root->ref;
  gc_check_root(m, root);
  gc_check_value(value);
  if (gc_is_object(value))
    rc_raise(m, value);
  root->ref = value;
  if (gc_is_object(old))
    rc_drop(m, old);
}

GC_INLINE void gc_root_move(gc_mutator *m, gc_root *to, gc_root *from) {
  gc_ref value = from->ref, old;
  gc_check_root(m, to);
  gc_check_root(m, from);
  if (to == from)
    return;
  old = to->ref;
  from->ref = NULL;
  to->ref = value;
  if (gc_is_object(old))
    rc_drop(m, old);
}

GC_INLINE void gc_root_clear(gc_mutator *m, gc_root *root) {
  gc_ref old = root->ref;
  gc_check_root(m, root);
  root->ref = NULL;
  if (gc_is_object(old))
    rc_drop(m, old);
}

/* --- slots --------------------------------------------------------------- */

/* Note [The newest object]
   No other mutator knows the last object that a mutator has made until it is
   stored in a slot or a global root, or gets a weak reference. Until then its
   own slots need no atomic exchange. Every operation that makes an object
   known forgets `newest` first if it is that object; so does its death. With
   the world stopped gc_rc_settle makes all mutators forget theirs, because
   gc_visit_objects, which calls it first, shows objects that are only in a root
   of another mutator. A mutator that parks forgets its own, so that a thread
   that reads a parked mutator's roots, against the rules, breaks no count. The
   load of an old value stays correct even where it is overwritten twice. */
GC_INLINE void rc_publish(gc_mutator *m, gc_ref object) {
  if (rc_of(m)->newest == object)
    rc_of(m)->newest = NULL;
}

/* Stores a reference whose count the slot takes over. True: no other mutator
   knew the object before, and none knows it now. */
GC_INLINE bool rc_slot_put(gc_mutator *m, gc_ref object, size_t slot,
                           gc_ref value) {
  gc_ref old;
  gc_assert(rc_count_of(rc_word(object)) != 0);
  gc_count(m, ref_stores, 1);
  bool is_private = object == rc_of(m)->newest && object != value;
  rc_publish(m, value);
  if (is_private) {
    old = gc_slot_load_relaxed(object, slot);
    gc_slot_store(object, slot, value);
  } else {
    old = gc_slot_exchange(object, slot, value);
  }
  if (gc_is_object(old))
    rc_defer(m, old);
  return is_private;
}

GC_INLINE void gc_set(gc_mutator *m, gc_ref object, size_t slot, gc_ref value) {
  gc_check_store(m, object, slot, value);
  if (gc_is_object(value))
    rc_raise(m, value);
  rc_slot_put(m, object, slot, value);
}

/* Note [Moves]
   A move from a root into a slot lowers no count, but it can close a cycle and
   let go of it at the same time: a.0 = b, then b.0 = the last root of a. So a
   move counts as letting go of the moved object. There is one exception: the
   holder is the newest object. No slot refers to the newest object, so no cycle
   contains it; a later store of the holder itself would close the cycle. The
   moved object may be read after the store: it is in a slot, and this mutator
   has passed no safepoint since. */
GC_INLINE void gc_set_move(gc_mutator *m, gc_ref object, size_t slot,
                           gc_root *from) {
  gc_ref value = from->ref;
  gc_check_root(m, from);
  gc_check_store(m, object, slot, value);
  from->ref = NULL;
  bool is_private = rc_slot_put(m, object, slot, value);
  if (RC_CYCLES && !is_private && gc_is_object(value) &&
      rc_may_be_buffered(value, rc_word(value)))
    gc_rc_moved(m, object, value);
}

/* The caller holds `desired`, so the decrement cannot take its last count. */
GC_INLINE bool gc_cas(gc_mutator *m, gc_ref object, size_t slot,
                      gc_ref expected, gc_ref desired) {
  gc_check_store(m, object, slot, desired);
  rc_publish(m, desired);
  if (gc_is_object(desired))
    rc_raise(m, desired);
  if (gc_slot_cas(object, slot, expected, desired)) {
    gc_count(m, ref_stores, 1);
    if (gc_is_object(expected))
      rc_defer(m, expected);
    return true;
  }
  gc_count(m, failed_cas, 1);
  if (gc_is_object(desired)) {
    uint32_t before = rc_decrement(desired);
    gc_assert_always(!rc_was_last(before));
    (void)before;
  }
  return false;
}

/* Other mutators may have read a global root, as they may have read a slot. */
GC_INLINE void gc_global_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_check_value(value);
  rc_publish(m, value);
  if (gc_is_object(value))
    rc_raise(m, value);
  gc_ref old = __atomic_exchange_n(&root->ref, value, __ATOMIC_SEQ_CST);
  if (gc_is_object(old))
    rc_defer(m, old);
}

/* --- allocation ---------------------------------------------------------- */

/* Cells are multiples of 16 bytes, 16-byte aligned. The empty asm keeps the
   compiler from turning the loop into a call or a string instruction, both of
   which cost several times more for the few words that objects have. */
GC_INLINE void rc_cell_zero(void *cell, size_t bytes) {
  typedef uint64_t pair __attribute__((vector_size(16), may_alias));
  pair *at = (pair *)cell, *end = (pair *)((char *)cell + bytes);
  const pair zero = {0, 0};
  gc_assert(bytes > 0 && bytes % RC_GRANULE == 0);
  gc_assert((uintptr_t)cell % RC_GRANULE == 0);
  do {
    *at++ = zero;
    __asm__("" : "+r"(at));
  } while (at < end);
}

GC_INLINE size_t rc_granules(size_t bytes) {
  return (bytes + RC_GRANULE - 1) / RC_GRANULE;
}

GC_INLINE gc_ref rc_object_init(gc_mutator *m, gc_root *out, void *cell,
                                gc_type type, size_t prefix) {
  gc_ref object = (gc_ref)((char *)cell + prefix), old = out->ref;
  object->type = type;
  __atomic_store_n(&object->word, RC_ONE, __ATOMIC_RELAXED);
  rc_of(m)->newest = object;
  out->ref = object;
  if (gc_is_object(old))
    rc_drop(m, old);
  return object;
}

/* Lets go of everything that a dead object holds. The caller owns its cell. */
void gc_rc_vacate(gc_mutator *, gc_ref dead);

/* If a new object overwrites the last reference to an object of its type, as in
   x = x + 1, it takes the cell of the old one. Only this root holds the old
   object, for the reason in Note [Sole holder]. Not under the sanitizers, as
   with cells at hand. */
GC_INLINE bool rc_is_replaced(gc_ref old, gc_type type) {
  return !GC_SYSTEM_MALLOC && gc_is_object(old) && old->type == type &&
         rc_word_acquire(old) == RC_ONE;
}

/* Takes the dead object out of the root and returns its cell. */
GC_INLINE struct rc_cell *rc_take_replaced(gc_mutator *m, gc_root *out) {
  gc_ref old = out->ref;
  size_t bytes = gc_type_plain_size(old->type);
  gc_assert(rc_word(old) == RC_ONE);
  gc_count(m, decrements, 1);
  gc_count(m, objects_freed, 1);
  gc_count(m, bytes_freed, gc_memory_class(bytes));
  (void)bytes;
  out->ref = NULL;
  if (gc_type_is_leaf(old->type))
    rc_of(m)->released++;
  else
    gc_rc_vacate(m, old);
  return (struct rc_cell *)old;
}

GC_INLINE gc_ref gc_new(gc_mutator *m, gc_root *out, gc_type type) {
  struct rc_mutator *rc = rc_of(m);
  size_t granules = rc_granules(gc_type_plain_size(type));
  struct rc_list *list = &rc->at_hand[granules];
  gc_check_new(m, out, type);
  gc_safepoint(m);
  if (GC_UNLIKELY(gc_type_is_special(type)))
    return gc_rc_new_slow(m, out, type);
  struct rc_cell *cell = list->first;
  if (rc_is_replaced(out->ref, type)) {
    cell = rc_take_replaced(m, out);
  } else if (GC_LIKELY(cell != NULL)) {
    gc_assert(cell->header == 0);
    list->first = cell->next;
    list->room++;
  } else {
    return gc_rc_new_slow(m, out, type);
  }
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, gc_memory_class(granules * RC_GRANULE));
  rc_cell_zero(cell, granules * RC_GRANULE);
  return rc_object_init(m, out, cell, type, 0);
}

GC_INLINE gc_ref gc_new_array(gc_mutator *m, gc_root *out, gc_type type,
                              size_t length) {
  gc_check_new_array(m, out, type);
  gc_safepoint(m);
  return gc_rc_new_array_slow(m, out, type, length);
}

/* --- questions ----------------------------------------------------------- */

GC_INLINE size_t gc_refcount(gc_ref object) {
  return rc_count_of(rc_word(object));
}

GC_INLINE size_t gc_size_for(gc_type type, size_t length) {
  return gc_memory_class(gc_cell_size(type, length));
}

GC_INLINE size_t gc_sizeof(gc_ref object) {
  return gc_memory_class(gc_object_cell_size(object));
}

GC_INLINE void gc_scope_leave(const struct gc_scope *scope) {
  gc_scope_check(scope);
  gc_root *roots = gc_frame_roots(scope->frame);
  for (size_t i = 0; i < scope->count; i++)
    gc_root_clear(scope->mutator, &roots[i]);
  scope->mutator->frames = scope->frame->prev;
}

GC_PUBLIC_END

#endif
