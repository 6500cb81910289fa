/* SPDX-License-Identifier: MIT */
/* Death by count: an object and all that dies with it, without recursion and
   without memory.

   The dead wait on a stack that runs through their own headers: nobody reads
   a dead object's header any more, so its eight bytes can hold a link.

     63 ............ 18   17 ....... 6   5 ... 0
     address / 8          type's index   flags

   Each is taken off, its children let go, its cell freed: one visit in all,
   so a list of any length is dropped in one pass over it. */
#include "collectors/rc/rc_heap.h"

enum { DEAD_TYPE_SHIFT = 6, DEAD_LINK_SHIFT = 18 };
_Static_assert(DEAD_TYPE_SHIFT + GC_TYPE_INDEX_BITS == DEAD_LINK_SHIFT,
               "the type's index fits");

/* A cascade is timed from its 256th object on: a clock read costs as much as
   a dozen of them, and shorter ones hurt nobody. */
enum { RC_CASCADE_TIMED = 256 };

/* The new top of the stack. */
GC_INLINE gc_ref dead_push(gc_ref stack, gc_ref object) {
  uint64_t link = (uint64_t)(uintptr_t)stack >> 3;
  uint64_t index = object->type & (GC_TYPE_MAX - 1);
  gc_assert(link >> (64 - DEAD_LINK_SHIFT) == 0);
  uint64_t header = link << DEAD_LINK_SHIFT | index << DEAD_TYPE_SHIFT |
                    (object->word & RC_MUTABLE_FLAGS);
  __builtin_memcpy(object, &header, sizeof header);
  return object;
}

/* Gives an object that was on the stack its header back, the count zero.
   Returns the next one. */
GC_INLINE gc_ref dead_pop(gc_ref object) {
  uint64_t header;
  __builtin_memcpy(&header, object, sizeof header);
  object->type = gc_type_info((gc_type)(header >> DEAD_TYPE_SHIFT))->type;
  object->word = header & RC_MUTABLE_FLAGS;
  return (gc_ref)(uintptr_t)(header >> DEAD_LINK_SHIFT << 3);
}

/* A special type's object reached zero. False: its finalizer will run first,
   and the queue holds it with a count of its own. */
static GC_COLD bool special_dies(gc_mutator *m, gc_ref object) {
  const struct gc_type_info *info = gc_type_info(object->type);
  if (info->is_weak)
    gc_weak_unbind(&rc_heap_of(m->heap)->weak, object);
  if (info->desc.finalize == NULL)
    return true;
  struct gc_finalizable *node = gc_finalizable_take(m->heap, object);
  if (node == NULL)
    return true;
  __atomic_store_n(&object->word, (rc_word(object) & RC_MUTABLE_FLAGS) | RC_ONE,
                   __ATOMIC_RELEASE);
  gc_finalizable_queue(m, node);
  return false;
}

static GC_COLD bool dies_with_care(gc_mutator *m, gc_ref object) {
  if (gc_type_is_special(object->type) && !special_dies(m, object))
    return false;
  if (rc_word(object) & RC_HAS_WEAK)
    gc_weak_clear(&rc_heap_of(m->heap)->weak, object);
  return true;
}

/* The count is zero: does the object go, and do its weak references know? */
GC_INLINE bool dies(gc_mutator *m, gc_ref object) {
  bool needs_care =
      gc_type_is_special(object->type) || (rc_word(object) & RC_HAS_WEAK) != 0;
  return GC_LIKELY(!needs_care) || dies_with_care(m, object);
}

/* A candidate buffer may still have the object: then only a husk is left, for
   the buffer's owner to free. Release: all that was done here comes before. */
GC_INLINE void object_free(gc_mutator *m, gc_ref object) {
  size_t bytes = gc_object_cell_size(object);
  uint32_t flags = object->word & RC_MUTABLE_FLAGS;
  gc_count(m, objects_freed, 1);
  gc_count(m, bytes_freed, gc_memory_class(bytes));
  if (RC_CYCLES && (flags & RC_BUFFERED))
    __atomic_store_n(&object->word, flags | RC_HUSK, __ATOMIC_RELEASE);
  else
    rc_cell_put(rc_of(m), gc_object_cell(object), bytes);
}

/* Lets go of the children and frees the object itself. Returns the stack with
   those that died on it. */
GC_INLINE gc_ref object_end(gc_mutator *m, gc_ref stack, gc_ref object) {
  for (size_t i = 0, n = gc_slot_count(object); i < n; i++) {
    gc_ref child = gc_slot_load_relaxed(object, i);
    if (child == NULL)
      continue;
    gc_count(m, decrements, 1);
    if (rc_let_go(m, child) && dies(m, child))
      stack = dead_push(stack, child);
  }
  object_free(m, object);
  return stack;
}

/* The first has gone and left some on the stack. */
static GC_NOINLINE void cascade(gc_mutator *m, gc_ref stack) {
  uint64_t released = 1, begun = 0;
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

void gc_rc_release(gc_mutator *m, gc_ref dead) {
  rc_publish(m, dead); /* its cell may serve another mutator next */
  if (!dies(m, dead))
    return;
  gc_ref stack = object_end(m, NULL, dead);
  if (stack)
    cascade(m, stack);
  else
    rc_of(m)->released++;
}
