/* SPDX-License-Identifier: MIT */
/* The checks of heap/check.h. In the checked flavour each mutator has a record
   behind the collector's struct. */
#include "heap/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "heap/heap.h"
#include "heap/roots.h"

/* Constant, except for `is_detached`. */
struct checked {
  pthread_t thread;
  struct gc_range stack; /* of this thread; empty: not known */
  _Atomic bool is_detached;
};

static size_t collector_size(void) {
  size_t unit = _Alignof(struct checked);
  return (gc_collector.mutator_size + unit - 1) / unit * unit;
}

static struct checked *checked_of(const gc_mutator *m) {
  return (struct checked *)((char *)(uintptr_t)m + collector_size());
}

static _Noreturn __attribute__((format(printf, 1, 2))) void
stop(const char *format, ...) {
  char sentence[300];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  gc_misuse(sentence);
}

/* --- mutators ------------------------------------------------------------- */

size_t gc_checked_size(void) {
  return collector_size() + (GC_IS_CHECKED ? sizeof(struct checked) : 0);
}

void gc_checked_begin(gc_mutator *m) {
  if (!GC_IS_CHECKED)
    return;
  struct checked *checked = checked_of(m);
  checked->thread = pthread_self();
  checked->stack = gc_thread_stack();
}

/* Detached mutators are freed late, so that a use of one is seen. */
enum { KEPT = 64 };
static gc_mutator *_Atomic kept[KEPT]; /* a ring */
static _Atomic size_t kept_at;

void gc_checked_free(gc_mutator *m) {
  if (GC_IS_CHECKED) {
    atomic_store(&checked_of(m)->is_detached, true);
    gc_poll_set(m, GC_POLL_BARRED);
    m = atomic_exchange(&kept[atomic_fetch_add(&kept_at, 1) % KEPT], m);
  }
  free(m);
}

void gc_require_attached(const gc_mutator *m) {
  if (GC_IS_CHECKED && atomic_load(&checked_of(m)->is_detached))
    stop("use of a detached mutator: after gc_detach call gc_attach again");
}

void gc_require_usable(const gc_mutator *m) {
  gc_require_attached(m);
  if (GC_IS_CHECKED && !pthread_equal(checked_of(m)->thread, pthread_self()))
    stop("use of a mutator by a thread that did not attach it: every thread "
         "needs its own");
  if (!m->running)
    stop("use of a parked mutator: call gc_unpark first");
}

/* --- roots ---------------------------------------------------------------- */

static bool is_in_a_frame(const gc_mutator *m, const gc_root *root) {
  for (struct gc_frame *frame = m->frames; frame; frame = frame->prev) {
    const gc_root *first = gc_frame_roots(frame);
    if (root >= first && root < first + frame->count)
      return true;
  }
  return false;
}

static bool is_in_a_root_stack(const gc_mutator *m, const gc_root *root) {
  const gc_root_stack *stack = m->root_stacks;
  while (stack && !gc_root_stack_has(stack, root))
    stack = stack->next;
  return stack != NULL;
}

static bool is_on_stack(const gc_mutator *m, const void *address) {
  struct gc_range stack = checked_of(m)->stack;
  return (const char *)address >= stack.begin &&
         (const char *)address < stack.end;
}

/* The mutator, except `m`, on whose stack or stack of roots the root is; NULL:
   none. */
static const gc_mutator *other_owner(const gc_mutator *m, const gc_root *root) {
  gc_heap *heap = m->heap;
  pthread_mutex_lock(&heap->lock);
  pthread_mutex_lock(&heap->globals_lock);
  const gc_mutator *other = heap->mutators;
  while (other && (other == m || !(is_on_stack(other, root) ||
                                   is_in_a_root_stack(other, root))))
    other = other->next;
  pthread_mutex_unlock(&heap->globals_lock);
  pthread_mutex_unlock(&heap->lock);
  return other;
}

/* A frame's root of another mutator is known by its thread's stack, because its
   frames may change now. The search takes time proportional to the number of
   newer frames.
 */
void gc_require_root(const gc_mutator *m, const gc_root *root) {
  if (!GC_IS_CHECKED || is_in_a_frame(m, root) || is_in_a_root_stack(m, root) ||
      gc_global_is_known(m->heap, root))
    return;
  if (is_on_stack(m, root))
    stop("the root at %p is in no open GC_FRAME of this mutator: its scope has "
         "ended, or it was never declared",
         (const void *)root);
  const gc_mutator *other = other_owner(m, root);
  if (other != NULL)
    stop("the root at %p belongs to mutator %u, but mutator %u uses it: only "
         "its own thread may read and write a root that is not global",
         (const void *)root, other->number, m->number);
}

/* --- references ----------------------------------------------------------- */

enum { PAGE_BITS = 12, KNOWN_PAGES = 64, LEAST_ADDRESS = 1 << 16 };

/* Remembers pages, because the system call is slow. */
static bool is_mapped(uintptr_t address) {
  static _Thread_local uintptr_t known[KNOWN_PAGES];
  uintptr_t page = address >> PAGE_BITS;
  unsigned char residence;
  if (known[page % KNOWN_PAGES] == page)
    return true;
  if (mincore((void *)(page << PAGE_BITS), 1, &residence) != 0 &&
      errno == ENOMEM)
    return false;
  known[page % KNOWN_PAGES] = page;
  return true;
}

static bool is_type(gc_type type) {
  return type != 0 && gc_type_info(type)->type == type;
}

void gc_require_reference(gc_ref value, const char *use) {
  uintptr_t address = (uintptr_t)value;
  if (!gc_is_object(value))
    return;
  if (address % 8 != 0 || address < LEAST_ADDRESS || !is_mapped(address))
    stop("%#zx, %s as a reference, is an integer or a wild pointer: only the "
         "address of an object, or NULL, is a reference",
         (size_t)address, use);
  if (!is_type(value->type))
    stop("%p, %s as a reference, is no object: it has died, or the address is "
         "wrong",
         (void *)value, use);
}

void gc_require_slot(gc_ref object, size_t slot) {
  gc_require_reference(object, "accessed");
  if (object == NULL)
    stop("access to slot %zu of NULL", slot);
  if (gc_is_immediate(object))
    stop("access to slot %zu of the immediate %#zx, which is no object", slot,
         (size_t)object);
  size_t slots = gc_slot_count(object);
  if (slot >= slots)
    stop("slot %zu of a \"%s\", which has %zu: the first slot is 0", slot,
         gc_type_describe(object->type)->name, slots);
}

void gc_require_values(const gc_root *out, gc_type type, size_t first,
                       const gc_root *values, size_t count) {
  const struct gc_type_desc *desc = gc_type_describe(type);
  if (first > desc->refs || count > desc->refs - first)
    stop("gc_new_with of %zu values from slot %zu of a \"%s\", which has %u",
         count, first, desc->name, desc->refs);
  for (size_t i = 0; i < count; i++) {
    gc_require_reference(gc_root_get(&values[i]), "stored");
    if (&values[i] == out)
      stop("gc_new_with into the root of its value %zu", i);
  }
}
