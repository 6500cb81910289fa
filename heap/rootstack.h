/* SPDX-License-Identifier: MIT */
/* The operations on stacks of roots: heap/roots.h. They cost what the
   operations on roots of frames cost. Part of the public interface. */
#ifndef GC_ROOTSTACK_H
#define GC_ROOTSTACK_H

#include "heap/roots.h"

GC_PUBLIC_BEGIN

/* Pushes a root with this value, which may be NULL. False: no memory. Not a
   safepoint. */
GC_INLINE bool gc_root_stack_push(gc_mutator *m, gc_root_stack *stack,
                                  gc_ref value) {
  if (GC_UNLIKELY(stack->top == stack->end) && !gc_root_stack_reserve(stack, 1))
    return false;
  gc_root_set(m, stack->top, value);
  gc_root_stack_top_set(stack, stack->top + 1);
  return true;
}

/* Moves the value of the last root to *out, pops the root and returns the
   value. If the stack is empty, *out becomes empty. */
GC_INLINE gc_ref gc_root_stack_pop(gc_mutator *m, gc_root_stack *stack,
                                   gc_root *out) {
  bool has_any = stack->top > stack->bottom;
  gc_check(has_any, "gc_root_stack_pop of an empty stack");
  if (GC_UNLIKELY(!has_any)) {
    gc_root_clear(m, out);
    return NULL;
  }
  gc_root_stack_top_set(stack, stack->top - 1);
  gc_root_move(m, out, stack->top);
  return gc_root_get(out);
}

/* Drops the last `count` roots, or all if there are fewer. */
GC_INLINE void gc_root_stack_drop(gc_mutator *m, gc_root_stack *stack,
                                  size_t count) {
  size_t size = gc_root_stack_size(stack);
  gc_check(count <= size,
           "gc_root_stack_drop of more roots than are on the stack");
  for (count = count < size ? count : size; count > 0; count--) {
    gc_root_stack_top_set(stack, stack->top - 1);
    gc_root_clear(m, stack->top);
  }
}

GC_PUBLIC_END

#endif
