/* SPDX-License-Identifier: MIT */
/* Frees objects whose count is zero, and all objects that die with them,
   without recursion and without extra memory.

   The dead wait on a stack that is linked through their headers. Only the
   owner of a candidate buffer that still has a dead object reads it (rc-cycle),
   and it reads only the flags. So the flags stay in place, and the rest of the
   header holds a link:

     word  31 ............... 7   6 ... 0    type  31 ......... 12   11 .... 0
           link, its upper part   flags            link, lower 20    index

   Each object is popped, lets go of its children, and its cell is freed. So it
   is visited once, and a list of any length is freed in one pass. */
#include "collectors/shared/counting/rc_heap.h"

#include "heap/external.h"

enum {
  LINK_LOW_BITS = 32 - GC_TYPE_INDEX_BITS,
  LINK_HIGH_SHIFT = 7, /* over the flags */
  LINK_BITS = LINK_LOW_BITS + 32 - LINK_HIGH_SHIFT,
};
_Static_assert(RC_MUTABLE_FLAGS >> LINK_HIGH_SHIFT == 0, "flags stay");
_Static_assert(LINK_BITS + 3 >= 47, "user addresses have 47 bits");

/* A cascade is timed from its 256th object on. A clock read costs as much as a
   dozen objects, and a shorter cascade causes no noticeable delay. */
enum { RC_CASCADE_TIMED = 256 };

static uint32_t dead_flags(gc_ref object) {
  return rc_word(object) & RC_MUTABLE_FLAGS;
}

static void dead_word_set(gc_ref object, uint32_t word) {
  __atomic_store_n(&object->word, word, __ATOMIC_RELAXED);
}

/* The new top of the stack. */
GC_INLINE gc_ref dead_push(gc_ref stack, gc_ref object) {
  uint64_t link = (uint64_t)(uintptr_t)stack >> 3;
  gc_assert(link >> LINK_BITS == 0 && (uintptr_t)stack % 8 == 0);
  gc_assert(stack != object);
  uint32_t low = (uint32_t)link << GC_TYPE_INDEX_BITS;
  uint32_t high = (uint32_t)(link >> LINK_LOW_BITS) << LINK_HIGH_SHIFT;
  dead_word_set(object, high | dead_flags(object));
  object->type = low | (object->type & (GC_TYPE_MAX - 1));
  return object;
}

/* Restores the header of an object that was on the stack, with a count of zero.
   Returns the next object. */
GC_INLINE gc_ref dead_pop(gc_ref object) {
  uint64_t low = object->type >> GC_TYPE_INDEX_BITS;
  uint64_t high = rc_word(object) >> LINK_HIGH_SHIFT;
  object->type = gc_type_info(object->type)->type;
  dead_word_set(object, dead_flags(object));
  gc_assert(rc_count_of(rc_word(object)) == 0);
  return (gc_ref)(uintptr_t)((high << LINK_LOW_BITS | low) << 3);
}

/* The last count of an object of a special type is gone. False: its finalizer
   will run first, and the queue holds one count of it. */
static GC_COLD bool special_dies(gc_mutator *m, gc_ref object) {
  const struct gc_type_info *info = gc_type_info(object->type);
  gc_assert(info->type == object->type);
  if (info->is_weak)
    gc_weak_unbind(&rc_heap_of(m->heap)->weak, object);
  if (info->desc.finalize == NULL)
    return true;
  gc_shake();
  struct gc_finalizable *node = gc_finalizable_take(m->heap, object);
  if (node == NULL)
    return true;
  gc_shake();
  __atomic_store_n(&object->word,
                   (rc_word(object) & RC_MUTABLE_FLAGS) | RC_ONCE,
                   __ATOMIC_RELEASE);
  gc_finalizable_queue(m, node);
  return false;
}

/* Note [Death of a key]
   An ephemeron owns a count of its value. When its key dies, it is cleared
   under the lock of the key's stripe; the value is let go later, because that
   may kill further keys, whose values lead to further ones. Until then the
   ephemeron is on the mutator's list `cleared`, which holds a count of it. The
   count is raised only from a value above zero: an ephemeron whose count is
   zero is about to die on another thread, and lets go of its slot itself.
   RC_HAS_WEAK in its word makes that thread use an atomic decrement: Note [Sole
   holder]. Only the outermost death of a key empties the list. So a chain of
   keys and values of any length needs neither recursion nor memory. No grace
   period is needed: the value in the slot is read only under the lock, by
   gc_ephemeron_get, which raises its count. A reader that takes the lock later
   finds that the ephemeron has been cleared. */
static void ephemeron_cleared(gc_ref ephemeron, void *data) {
  struct rc_mutator *rc = data;
  if (!rc_try_increment(&rc->base, ephemeron))
    return;
  gc_weak_data(ephemeron)->next = rc->cleared;
  rc->cleared = ephemeron;
}

static void value_drop(gc_mutator *m, gc_ref ephemeron) {
  gc_ref value = gc_slot_load(ephemeron, GC_EPHEMERON_VALUE);
  gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, NULL);
  if (gc_is_object(value) && !gc_ephemeron_is_lowered(ephemeron))
    rc_drop(m, value);
  gc_ephemeron_lowered_set(ephemeron, false);
  if (rc_decrement(m, ephemeron))
    gc_rc_release(m, ephemeron);
}

static void cleared_drop(gc_mutator *m) {
  struct rc_mutator *rc = rc_of(m);
  if (rc->is_dropping)
    return;
  rc->is_dropping = true;
  while (rc->cleared) {
    gc_ref ephemeron = rc->cleared;
    rc->cleared = gc_weak_data(ephemeron)->next;
    value_drop(m, ephemeron);
  }
  rc->is_dropping = false;
}

void gc_rc_tables_leave(gc_mutator *m, gc_ref object) {
  gc_weak_clear(&rc_heap_of(m->heap)->weak, object, ephemeron_cleared,
                rc_of(m));
  gc_external_drop(m->heap, object);
  cleared_drop(m);
}

static GC_COLD bool dies_with_care(gc_mutator *m, gc_ref object) {
  if (gc_type_is_special(object->type) && !special_dies(m, object))
    return false;
  if (rc_word(object) & RC_HAS_WEAK)
    gc_rc_tables_leave(m, object);
  return true;
}

/* The count is zero. True: the object dies, and its weak references are
   cleared. */
GC_INLINE bool dies(gc_mutator *m, gc_ref object) {
  gc_assert(rc_count_of(rc_word(object)) <= 1);
  bool needs_care =
      gc_type_is_special(object->type) || (rc_word(object) & RC_HAS_WEAK) != 0;
  if (GC_LIKELY(!needs_care))
    return true;
  return dies_with_care(m, object);
}

/* If a candidate buffer still has the object, the object becomes a husk, which
   the buffer's owner frees; but not if gc_rc_unbuffer finds it among the newest
   entries of our own buffer. Release: everything that was done here comes
   before. */
GC_INLINE void object_free(gc_mutator *m, gc_ref object) {
  size_t bytes = gc_object_cell_size(object);
  uint32_t flags = dead_flags(object);
  gc_assert((flags & RC_COLOUR_MASK) != RC_GREY);
  gc_assert(RC_CYCLES || (flags & RC_BUFFERED) == 0);
  gc_count(m, objects_freed, 1);
  gc_count(m, bytes_freed, gc_memory_class(bytes));
  if (RC_CYCLES && (flags & RC_BUFFERED) && !gc_rc_unbuffer(m, object)) {
    gc_shake();
    flags = (flags & ~(uint32_t)RC_COLOUR_MASK) | RC_HUSK;
    __atomic_store_n(&object->word, flags, __ATOMIC_RELEASE);
  } else {
    rc_cell_put(rc_of(m), gc_object_cell(object), bytes);
  }
}

/* Lets go of the children. Returns the stack with those that died on it. */
GC_INLINE gc_ref object_empty(gc_mutator *m, gc_ref stack, gc_ref object) {
  for (size_t i = 0, n = gc_slot_count(object); i < n; i++) {
    gc_ref child = gc_slot_load_relaxed(object, i);
    if (!gc_is_object(child))
      continue;
    gc_count(m, decrements, 1);
    if (rc_let_go(m, child) && dies(m, child))
      stack = dead_push(stack, child);
  }
  return stack;
}

GC_INLINE gc_ref object_end(gc_mutator *m, gc_ref stack, gc_ref object) {
  stack = object_empty(m, stack, object);
  object_free(m, object);
  return stack;
}

/* The first object let go of its children; those that died are on the stack. */
static GC_NOINLINE void cascade(gc_mutator *m, gc_ref stack) {
  uint64_t released = 1, begun = 0;
  gc_assert(stack != NULL);
  while (stack) {
    gc_ref object = stack;
    stack = dead_pop(object);
    stack = object_end(m, stack, object);
    if (GC_UNLIKELY(++released == RC_CASCADE_TIMED))
      begun = gc_now_ns();
  }
  rc_of(m)->released += released;
  if (GC_STATISTICS && released > m->counters.cascade_max)
    m->counters.cascade_max = released;
  if (GC_UNLIKELY(begun != 0))
    gc_tell_slow(m, "cascade", begun, released);
}

/* An object that dies has let go of what its slots before `slot` hold. */
static GC_NOINLINE void release_from(gc_mutator *m, gc_ref dead, size_t slot) {
  gc_ref stack = NULL;
  for (size_t end = gc_slot_count(dead); slot < end; slot++) {
    gc_ref child = gc_slot_load_relaxed(dead, slot);
    if (!gc_is_object(child))
      continue;
    gc_count(m, decrements, 1);
    if (rc_let_go(m, child) && dies(m, child))
      stack = dead_push(stack, child);
  }
  object_free(m, dead);
  if (stack)
    cascade(m, stack);
  else
    rc_of(m)->released++;
}

static GC_NOINLINE void release_with_care(gc_mutator *m, gc_ref dead) {
  if (dies(m, dead))
    release_from(m, dead, 0);
}

/* Most objects have nothing to do before they die, and no other dies with them.
   Then this function calls no other, and need not save registers. */
void gc_rc_release(gc_mutator *m, gc_ref dead) {
  gc_type type = dead->type;
  gc_assert(rc_count_of(rc_word(dead)) <= 1);
  rc_publish(m, dead); /* its cell may serve another mutator next */
  if (GC_UNLIKELY(gc_type_is_special(type) || dead_flags(dead) != 0)) {
    release_with_care(m, dead);
    return;
  }
  for (size_t slot = 0, end = gc_type_plain_refs(type); slot < end; slot++) {
    gc_ref child = gc_slot_load_relaxed(dead, slot);
    if (!gc_is_object(child))
      continue;
    if (!rc_let_go_quickly(m, child)) {
      release_from(m, dead, slot);
      return;
    }
    gc_count(m, decrements, 1);
  }
  gc_count(m, objects_freed, 1);
  gc_count(m, bytes_freed, gc_memory_class(gc_type_plain_size(type)));
  rc_of(m)->released++;
  rc_cell_put(rc_of(m), dead, gc_type_plain_size(type));
}
