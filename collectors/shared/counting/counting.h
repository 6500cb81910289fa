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

#include "collectors/shared/counting/mutator.h"
#include "collectors/shared/counting/word.h"
#include "heap/check.h"

GC_PUBLIC_BEGIN

/* The safepoint has been passed. */
gc_ref gc_rc_new_slow(gc_mutator *, gc_root *out, gc_type);
/* gc_new in all cases. */
gc_ref gc_rc_new(gc_mutator *, gc_root *out, gc_type);
gc_ref gc_rc_new_array_slow(gc_mutator *, gc_root *out, gc_type, size_t length);
/* rc_let_go returned that the object is ours to free. Frees it and all objects
   that die with it. */
void gc_rc_release(gc_mutator *, gc_ref dead);
/* The open chunk is full. */
void gc_rc_chunk_full(struct rc_mutator *);
/* A safepoint without a poll bit: applies the open chunk, if `m` runs alone. */
void gc_rc_drain_alone(gc_mutator *);

/* --- safepoint ----------------------------------------------------------- */

/* If no other mutator runs, overwritten values die at once. The function asks
   again, in the order that Note [Running alone] needs. */
GC_INLINE bool rc_drains_alone(gc_mutator *m) {
  return GC_UNLIKELY(rc_of(m)->deferred_count != 0) &&
         atomic_load_explicit(rc_of(m)->runners, memory_order_relaxed) == 1;
}

GC_INLINE void gc_safepoint(gc_mutator *m) {
  if (gc_poll_is_set(m))
    gc_safepoint_slow(m);
  else if (rc_drains_alone(m))
    gc_rc_drain_alone(m);
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

/* Removes a dead object's buffer entry, if it is easily found. True: it was
   removed, and the cell may be freed. Only if RC_CYCLES is 1. */
bool gc_rc_unbuffer(gc_mutator *, gc_ref object);

/* The holder, which is in no buffer, now leads to the value: it becomes a
   candidate if that may have closed a cycle. Only if RC_CYCLES is 1. */
void gc_rc_leads_to(gc_mutator *, gc_ref holder, gc_ref value);

/* Called after the store: Note [Closing stores] in candidates.c. The value is
   in the cache already, because its count was raised. */
GC_INLINE void rc_stored(gc_mutator *m, gc_ref holder, gc_ref value) {
  if (RC_CYCLES && gc_is_object(value) &&
      (!gc_type_is_leaf(value->type) || (rc_flags_now(value) & RC_IS_KEY)) &&
      (rc_flags_now(holder) & RC_BUFFERED) == 0)
    gc_rc_leads_to(m, holder, value);
}

/* A private root lets go at once. */
GC_INLINE void rc_drop(gc_mutator *m, gc_ref object) {
  gc_count(m, decrements, 1);
  if (rc_let_go(m, object))
    gc_rc_release(m, object);
}

GC_INLINE void rc_raise(gc_mutator *m, gc_ref object) {
  gc_count(m, increments, 1);
  rc_increment(m, object);
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

/* Stores a reference whose count the slot takes over. */
GC_INLINE void rc_slot_put(gc_mutator *m, gc_ref object, size_t slot,
                           gc_ref value) {
  gc_ref old;
  /* Otherwise gcc warns of a store into NULL where the value is the object. */
  if (!gc_is_object(object))
    __builtin_unreachable();
  gc_assert(rc_count_of(rc_word(object)) != 0);
  gc_count(m, ref_stores, 1);
  bool is_private = object == rc_of(m)->newest && object != value;
  if (is_private) {
    old = gc_slot_load_relaxed(object, slot);
    gc_slot_store(object, slot, value);
  } else {
    rc_publish(m, value);
    old = gc_slot_exchange(object, slot, value);
    rc_stored(m, object, value);
  }
  if (gc_is_object(old))
    rc_defer(m, old);
}

GC_INLINE void gc_set(gc_mutator *m, gc_ref object, size_t slot, gc_ref value) {
  gc_check_store(m, object, slot, value);
  if (gc_is_object(value))
    rc_raise(m, value);
  rc_slot_put(m, object, slot, value);
}

/* gc_set into an empty slot of an object that was just made: no mutator knows
   it, and its slot holds nothing. */
GC_INLINE void rc_slot_init(gc_mutator *m, gc_ref object, size_t slot,
                            gc_ref value) {
  gc_check_store(m, object, slot, value);
  gc_assert(object == rc_of(m)->newest && object != value);
  gc_assert(gc_slot_load_relaxed(object, slot) == NULL);
  gc_count(m, ref_stores, 1);
  if (gc_is_object(value))
    rc_raise(m, value);
  gc_slot_store(object, slot, value);
}

GC_INLINE void gc_set_move(gc_mutator *m, gc_ref object, size_t slot,
                           gc_root *from) {
  gc_ref value = from->ref;
  gc_check_root(m, from);
  gc_check_store(m, object, slot, value);
  from->ref = NULL;
  rc_slot_put(m, object, slot, value);
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
    rc_stored(m, object, desired);
    if (gc_is_object(expected))
      rc_defer(m, expected);
    return true;
  }
  gc_count(m, failed_cas, 1);
  if (gc_is_object(desired)) {
    bool was_last = rc_decrement(m, desired);
    gc_assert_always(!was_last);
    (void)was_last;
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

/* The root is empty. */
GC_INLINE gc_ref rc_object_init(gc_mutator *m, gc_root *out, void *cell,
                                gc_type type, size_t prefix, uint32_t word) {
  gc_ref object = (gc_ref)((char *)cell + prefix);
  gc_assert(!gc_is_object(out->ref));
  object->type = type;
  __atomic_store_n(&object->word, word, __ATOMIC_RELAXED);
  rc_of(m)->newest = object;
  out->ref = object;
  return object;
}

GC_INLINE struct rc_list *rc_at_hand(gc_mutator *m, gc_type type) {
  return &rc_of(m)->at_hand[rc_granules(gc_type_plain_size(type))];
}

/* The root is empty, and there is a cell at hand. */
GC_INLINE gc_ref rc_new_at_hand(gc_mutator *m, gc_root *out, gc_type type) {
  size_t granules = rc_granules(gc_type_plain_size(type));
  struct rc_list *list = rc_at_hand(m, type);
  struct rc_cell *cell = list->first;
  gc_assert(cell->header == 0);
  list->first = cell->next;
  list->room++;
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, gc_memory_class(granules * RC_GRANULE));
  rc_cell_zero(cell, granules * RC_GRANULE);
  return rc_object_init(m, out, cell, type, 0, RC_BORN);
}

/* Note [Renewed objects]
   If a new object overwrites the last reference to an object of its type, as in
   x = x + 1, it takes the place of the old one: neither the root nor the header
   changes. Only this root holds the old object, for the reason in Note [Sole
   holder]. Not under the sanitizers, as with cells at hand. */
GC_INLINE bool rc_is_replaced(gc_mutator *m, gc_ref old, gc_type type) {
  return !GC_SYSTEM_MALLOC && GC_LIKELY(old->type == type) &&
         GC_LIKELY(rc_word_acquire(old) == RC_BORN) &&
         GC_LIKELY(rc_is_own(m, old));
}

/* For a few words. The empty asm is that of rc_cell_zero. */
GC_INLINE void rc_words_zero(gc_ref *at, const gc_ref *end) {
  do {
    *at++ = NULL;
    __asm__("" : "+r"(at));
  } while (at < end);
}

/* The last step of renewal: the contents are right already. */
GC_INLINE gc_ref rc_renewed(gc_mutator *m, gc_ref object) {
  size_t bytes = gc_type_plain_size(object->type);
  gc_assert(rc_word(object) == RC_BORN);
  gc_count(m, decrements, 1);
  gc_count(m, objects_freed, 1);
  gc_count(m, bytes_freed, gc_memory_class(bytes));
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, gc_memory_class(bytes));
  (void)bytes;
  rc_of(m)->released++;
  rc_of(m)->newest = object;
  return object;
}

/* An object without slots has at least a word after its header. */
GC_INLINE gc_ref rc_renew_leaf(gc_mutator *m, gc_ref object, gc_type type) {
  gc_assert(gc_type_is_leaf(type) && object->type == type);
  rc_words_zero(object->slot, &object->slot[gc_type_plain_size(type) / 8 - 1]);
  return rc_renewed(m, object);
}

/* Its slots are right already. */
GC_INLINE gc_ref rc_renew_data(gc_mutator *m, gc_ref object) {
  size_t refs = gc_type_plain_refs(object->type);
  size_t words = gc_type_plain_size(object->type) / 8 - 1;
  gc_assert(refs <= words);
  if (refs < words)
    rc_words_zero(&object->slot[refs], &object->slot[words]);
  return rc_renewed(m, object);
}

/* Finishes the renewal of an object, whose slots before `slot` are right. */
gc_ref gc_rc_renew_from(gc_mutator *, gc_ref object, size_t slot, size_t first,
                        const gc_root *values, size_t count);

/* Lets go of what is in a slot, and stores a value, unless that takes a call.
   False: then the slot may be empty now. An instance often takes the place of
   one of the same class: a value that stays need not be counted. */
GC_INLINE bool rc_slot_renew(gc_mutator *m, gc_ref object, size_t slot,
                             gc_ref value) {
  gc_ref old = gc_slot_load_relaxed(object, slot);
  if (old == value)
    return true;
  if (gc_is_object(old)) {
    if (GC_UNLIKELY(!rc_let_go_quickly(m, old)))
      return false;
    gc_count(m, decrements, 1);
  }
  if (gc_is_object(value)) {
    if (GC_UNLIKELY(!rc_increment_quickly(m, value))) {
      gc_slot_store(object, slot, NULL);
      return false;
    }
    gc_count(m, increments, 1);
  }
  gc_slot_store(object, slot, value);
  return true;
}

/* A replaced object dies, and is new. The slots from `first` on get the values,
   all others are empty. The values are in roots, which stay as they are. */
GC_INLINE gc_ref rc_renew(gc_mutator *m, gc_ref object, size_t first,
                          const gc_root *values, size_t count) {
  size_t slot = 0, end = gc_type_plain_refs(object->type);
  gc_assert(!gc_type_is_special(object->type) && first + count <= end);
  for (; slot < first; slot++)
    if (!rc_slot_renew(m, object, slot, NULL))
      return gc_rc_renew_from(m, object, slot, first, values, count);
  for (; slot < first + count; slot++)
    if (!rc_slot_renew(m, object, slot, values[slot - first].ref))
      return gc_rc_renew_from(m, object, slot, first, values, count);
  for (; slot < end; slot++)
    if (!rc_slot_renew(m, object, slot, NULL))
      return gc_rc_renew_from(m, object, slot, first, values, count);
  return rc_renew_data(m, object);
}

/* The same without values. */
gc_ref gc_rc_renew_empty(gc_mutator *, gc_ref object);

/* The two usual cases: the root is empty, or its object is renewed. No value
   lives across a call, so that the compiler need not save any. */
GC_INLINE gc_ref gc_new(gc_mutator *m, gc_root *out, gc_type type) {
  gc_ref old = out->ref;
  gc_check_new(m, out, type);
  if (gc_poll_is_set(m) || rc_drains_alone(m) ||
      GC_UNLIKELY(gc_type_is_special(type)))
    return gc_rc_new(m, out, type);
  if (gc_is_object(old)) {
    if (GC_UNLIKELY(!rc_is_replaced(m, old, type)))
      return gc_rc_new(m, out, type);
    if (gc_type_is_leaf(type))
      return rc_renew_leaf(m, old, type);
    return gc_rc_renew_empty(m, old);
  }
  if (GC_UNLIKELY(rc_at_hand(m, type)->first == NULL))
    return gc_rc_new(m, out, type);
  return rc_new_at_hand(m, out, type);
}

/* In a renewed object the values take the places of those that were there. */
GC_INLINE gc_ref gc_new_with(gc_mutator *m, gc_root *out, gc_type type,
                             size_t first, const gc_root *values,
                             size_t count) {
  gc_ref old = out->ref;
  gc_check_new_with(m, out, type, first, values, count);
  if (!gc_poll_is_set(m) && !rc_drains_alone(m) && gc_is_object(old) &&
      !gc_type_is_special(type) && rc_is_replaced(m, old, type))
    return rc_renew(m, old, first, values, count);
  gc_ref object = gc_new(m, out, type);
  if (GC_UNLIKELY(object == NULL))
    return NULL;
  for (size_t i = 0; i < count; i++)
    rc_slot_init(m, object, first + i, values[i].ref);
  return object;
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
