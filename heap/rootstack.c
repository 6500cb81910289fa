/* SPDX-License-Identifier: MIT */
/* Stacks of roots. Invariant: exactly the pages from `bottom` to `end` can be
   accessed, and the account of tables includes them.

   Growth opens more pages of one reservation. So roots keep their addresses,
   and a thread that is stopped during the growth leaves a valid stack. */
#include <stdlib.h>
#include <sys/mman.h>

#include "heap/heap.h"
#include "heap/roots.h"
#include "heap/table.h"

/* Addresses cost nothing. With the sanitizers, too, a thousand stacks fit. */
enum { STACK_BYTES = 1 << 30, STACK_PAGE = 4096 };

static size_t open_bytes(const gc_root_stack *stack) {
  return (size_t)((char *)stack->end - (char *)stack->bottom);
}

gc_root_stack *gc_root_stack_create(gc_mutator *m) {
  gc_root_stack *stack = malloc(sizeof *stack);
  if (stack == NULL)
    return NULL;
  gc_root *bottom = mmap(NULL, STACK_BYTES, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (bottom == MAP_FAILED) {
    free(stack);
    return NULL;
  }
  pthread_mutex_lock(&m->heap->globals_lock);
  *stack = (gc_root_stack){bottom, bottom, bottom, m, m->root_stacks};
  m->root_stacks = stack;
  pthread_mutex_unlock(&m->heap->globals_lock);
  return stack;
}

void gc_root_stack_destroy(gc_mutator *m, gc_root_stack *stack) {
  gc_require(
      stack->mutator == m,
      "gc_root_stack_destroy by a mutator that did not create the stack");
  while (stack->top > stack->bottom) {
    gc_root_stack_top_set(stack, stack->top - 1);
    gc_collector.root_set(m, stack->top, NULL);
  }
  pthread_mutex_lock(&m->heap->globals_lock);
  struct gc_root_stack **at = &m->root_stacks;
  while (*at != stack)
    at = &(*at)->next;
  *at = stack->next;
  pthread_mutex_unlock(&m->heap->globals_lock);
  gc_table_give(m->heap, open_bytes(stack));
  munmap(stack->bottom, STACK_BYTES);
  free(stack);
}

/* Doubles at least, so that the system is called rarely. `least`: bytes. */
static size_t grown_bytes(const gc_root_stack *stack, size_t least) {
  size_t bytes = 2 * open_bytes(stack);
  bytes = bytes > least ? bytes : least;
  bytes = (bytes + STACK_PAGE - 1) / STACK_PAGE * STACK_PAGE;
  return bytes < STACK_BYTES ? bytes : STACK_BYTES;
}

/* Garbage in the heap is no reason to refuse, because this is no safepoint. */
bool gc_root_stack_reserve(gc_root_stack *stack, size_t more) {
  gc_heap *heap = stack->mutator->heap;
  size_t room = STACK_BYTES / sizeof(gc_root), size = gc_root_stack_size(stack);
  size_t opened = open_bytes(stack);
  if (more <= (size_t)(stack->end - stack->top))
    return true;
  if (more > room - size)
    return false;
  size_t bytes = grown_bytes(stack, (size + more) * sizeof(gc_root));
  if (bytes > heap->limit ||
      mprotect(stack->bottom, bytes, PROT_READ | PROT_WRITE) != 0)
    return false;
  gc_table_hold(heap, bytes - opened, true);
  stack->end = stack->bottom + bytes / sizeof(gc_root);
  return true;
}

/* Reads only what is constant. */
bool gc_root_stack_has(const gc_root_stack *stack, const gc_root *root) {
  return root >= stack->bottom &&
         root < stack->bottom + STACK_BYTES / sizeof(gc_root);
}

void gc_visit_root_stacks(const gc_mutator *m, void (*visit)(gc_root *, void *),
                          void *data) {
  for (gc_root_stack *stack = m->root_stacks; stack; stack = stack->next)
    for (gc_root *root = stack->bottom; root < stack->top; root++)
      visit(root, data);
}
