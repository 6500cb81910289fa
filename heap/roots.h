/* SPDX-License-Identifier: MIT */
/* Roots outside frames: global roots, roots that the program keeps in its own
   way, and stacks of roots. Part of the public interface. */
#ifndef GC_ROOTS_H
#define GC_ROOTS_H

#include "heap/mutator.h"

GC_PUBLIC_BEGIN

/* Global roots: roots outside frames, in memory that the caller owns. A root
   must be empty (all zero) when it is added. From then on any mutator may read
   it with gc_root_get and write it with gc_global_set, until gc_global_remove
   empties and removes it. Any thread, attached or not, may call gc_global_add;
   it stops the program if there is no memory. */
void gc_global_add(gc_heap *, gc_root *);
void gc_global_remove(gc_mutator *, gc_root *);
/* Adds an array of global roots, all of which must be empty; see gc_global_add.
   It costs less memory and time than adding each alone. gc_globals_remove
   empties and removes an array that was added in one call. */
void gc_globals_add(gc_heap *, gc_root *roots, size_t count);
void gc_globals_remove(gc_mutator *, gc_root *roots, size_t count);

/* Calls `visit` with each root of the program that `data` leads to. A collector
   that moves objects then changes the root. */
typedef void gc_roots_show(void *data, void (*visit)(gc_root *, void *),
                           void *visit_data);

/* Roots that the program keeps itself, in tables that change too often to add
   and remove each root. The collector and the verifier call `show`, perhaps
   several times, while the world is stopped. It must show each root once; it
   must not call anything of the interface but gc_root_get, and must not take a
   lock, which a stopped thread may hold. gc_heap_destroy empties the roots that
   are shown then. docs/interface.md says how such roots are written, and what
   `bdw` asks of the tables. Any thread, attached or not, may call these two
   functions. gc_roots_visitor_add stops the program if there is no memory. */
void gc_roots_visitor_add(gc_heap *, gc_roots_show *show, void *data);
/* Removes a visitor with these arguments. When it returns, `show` is not
   running and will not be called again. The roots keep their values. */
void gc_roots_visitor_remove(gc_heap *, gc_roots_show *show, void *data);
/* Does the collector find roots by visiting them? Otherwise it counts them:
   only gc_root_set and its like, or gc_global_set, may write a root. The answer
   never changes. */
bool gc_roots_are_scanned(void);

/* --- stacks of roots ------------------------------------------------------ */

/* A growable stack of roots: the operand stack of a virtual machine, say. It
   belongs to its mutator, as a frame does: no other thread may use it. Its
   roots are like those of frames, and the functions that take such roots take
   these. They keep their addresses as long as they are on the stack, so that a
   finalizer may push and pop. heap/rootstack.h has the operations.

   Invariant: the roots from `top` to `end` are empty.

   The owner writes these fields. Others read them while it is stopped. `bdw`
   may stop it between any two instructions: gc_root_stack_top_set. */
struct gc_root_stack {
  gc_root *top;    /* the first root that is not on the stack */
  gc_root *end;    /* the stack grows before `top` passes it */
  gc_root *bottom; /* constant */
  gc_mutator *mutator;
  struct gc_root_stack *next; /* heap->globals_lock to write */
};
typedef struct gc_root_stack gc_root_stack;

/* Creates an empty stack of the mutator. NULL: no memory. A stack reserves 1
   GiB of addresses, and can hold as many roots as fit there. Its memory counts
   as held by the heap, and no stack grows over the heap's limit. */
gc_root_stack *gc_root_stack_create(gc_mutator *);
/* Empties and frees it. Must be called before gc_detach. */
void gc_root_stack_destroy(gc_mutator *, gc_root_stack *);
/* Makes room for `more` roots. False: no memory, nothing changed. */
bool gc_root_stack_reserve(gc_root_stack *, size_t more);

/* Release: the roots below `top` are written first. A root that is pushed is
   stored at `top` before `top` changes, and a root that is popped is taken
   after; so the library of `bdw` reads the root at `top`, too. */
GC_INLINE void gc_root_stack_top_set(gc_root_stack *stack, gc_root *top) {
  __atomic_store_n(&stack->top, top, __ATOMIC_RELEASE);
}

GC_INLINE size_t gc_root_stack_size(const gc_root_stack *stack) {
  return (size_t)(stack->top - stack->bottom);
}

/* The root number `index`, counted from the bottom; it must be on the stack. */
GC_INLINE gc_root *gc_root_stack_at(const gc_root_stack *stack, size_t index) {
  gc_check(index < gc_root_stack_size(stack),
           "gc_root_stack_at of a root that is not on the stack");
  return &stack->bottom[index];
}

/* The root pushed last; the stack must not be empty. */
GC_INLINE gc_root *gc_root_stack_top(const gc_root_stack *stack) {
  return gc_root_stack_at(stack, gc_root_stack_size(stack) - 1);
}

/* Pushes `count` empty roots. False: no memory, nothing changed. */
GC_INLINE bool gc_root_stack_extend(gc_root_stack *stack, size_t count) {
  if (count > (size_t)(stack->end - stack->top) &&
      !gc_root_stack_reserve(stack, count))
    return false;
  gc_root_stack_top_set(stack, stack->top + count);
  return true;
}

GC_PUBLIC_END

#endif
