/* SPDX-License-Identifier: MIT */
#include "bench/micro/micro.h"

#include <stdlib.h>
#include <string.h>

#include <jemalloc/jemalloc.h>

#include "heap/heap.h"

/* A barrier for the compiler: it cannot remove code before it or move it past
   it. */
GC_INLINE void must_happen(void) {
  __asm__ volatile("" ::: "memory");
}

static gc_type node_type(void) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static gc_type type; /* lock */
  pthread_mutex_lock(&lock);
  if (type == 0)
    type = gc_type_define(&(struct gc_type_desc){
        .name = "micro node", .refs = 2, .bytes = sizeof(uint64_t)});
  gc_type made = type;
  pthread_mutex_unlock(&lock);
  gc_assert_always(made != 0);
  return made;
}

static bool begin_nothing(struct micro_thread *t) {
  (void)t;
  return true;
}

static void clear_roots(struct micro_thread *t) {
  gc_root_clear(t->m, t->scratch);
  gc_root_clear(t->m, t->holder);
  gc_root_clear(t->m, t->item);
  gc_root_clear(t->m, t->other);
}

/* Makes a holder and two items. */
static bool begin_objects(struct micro_thread *t) {
  gc_type type = node_type();
  return gc_new(t->m, t->holder, type) != NULL &&
         gc_new(t->m, t->item, type) != NULL &&
         gc_new(t->m, t->other, type) != NULL;
}

/* --- a node made and dropped ---------------------------------------------- */

static bool new_clear(struct micro_thread *t, size_t count) {
  const struct micro_thread own = *t;
  gc_type type = node_type();
  for (size_t i = 0; i < count; i++) {
    if (gc_new(own.m, own.scratch, type) == NULL)
      return false;
    gc_root_clear(own.m, own.scratch);
    must_happen();
  }
  return true;
}

static bool malloc_free(struct micro_thread *t, size_t count) {
  (void)t;
  size_t size = gc_size_for(node_type(), 0);
  for (size_t i = 0; i < count; i++) {
    uint64_t *memory = mallocx(size, 0);
    if (memory == NULL)
      return false;
    *memory = i;
    must_happen();
    sdallocx(memory, size, 0);
  }
  return true;
}

/* --- a root copied and dropped -------------------------------------------- */

static bool root_copy(struct micro_thread *t, size_t count) {
  const struct micro_thread own = *t;
  for (size_t i = 0; i < count; i++) {
    gc_root_set(own.m, own.scratch, gc_root_get(own.item));
    must_happen();
    gc_root_clear(own.m, own.scratch);
    must_happen();
  }
  return true;
}

static bool count_up_down(struct micro_thread *t, size_t count) {
  struct micro_plain *plain = t->plain;
  for (size_t i = 0; i < count; i++) {
    atomic_fetch_add_explicit(&plain->count[0], 1, memory_order_relaxed);
    must_happen();
    atomic_fetch_sub_explicit(&plain->count[0], 1, memory_order_release);
    must_happen();
  }
  return true;
}

/* --- a list followed ------------------------------------------------------ */

enum { LIST_NODES = 1000000 };

static bool list_append(struct micro_thread *t, gc_type type) {
  if (gc_new(t->m, t->scratch, type) == NULL)
    return false;
  gc_set(t->m, gc_root_get(t->other), 0, gc_root_get(t->scratch));
  gc_root_move(t->m, t->other, t->scratch);
  return true;
}

/* Makes a ring, so that a loop needs no test for the end: `item` is the first
   node, `other` the last. */
static bool begin_list(struct micro_thread *t) {
  gc_type type = node_type();
  if (gc_new(t->m, t->item, type) == NULL)
    return false;
  gc_root_set(t->m, t->other, gc_root_get(t->item));
  for (size_t i = 1; i < LIST_NODES; i++)
    if (!list_append(t, type))
      return false;
  gc_set(t->m, gc_root_get(t->other), 0, gc_root_get(t->item));
  return true;
}

static void end_list(struct micro_thread *t) {
  if (gc_root_get(t->other) != NULL)
    gc_set(t->m, gc_root_get(t->other), 0,
           NULL); /* breaks the ring, which some collectors would leak */
  clear_roots(t);
}

static bool list_chase(struct micro_thread *t, size_t count) {
  gc_ref node = gc_root_get(t->item);
  for (size_t i = 0; i < count; i++)
    node = gc_get(node, 0);
  __asm__ volatile("" ::"r"(node));
  return true;
}

/* The same nodes as a plain C struct, in the same memory. Other memory would
   have other pages and other cache positions, and would measure those. */
struct plain_node {
  uint64_t header;
  struct plain_node *next;
};
_Static_assert(offsetof(struct plain_node, next) ==
                   offsetof(struct gc_object, slot),
               "a plain node lies on an object");

static bool plain_chase(struct micro_thread *t, size_t count) {
  const struct plain_node *node = (const void *)gc_root_get(t->item);
  for (size_t i = 0; i < count; i++)
    node = node->next;
  __asm__ volatile("" ::"r"(node));
  return true;
}

/* --- a slot overwritten --------------------------------------------------- */

/* As many safepoints as in a program that does little else. */
enum { STORES_PER_SAFEPOINT = 64 };

static bool set_overwrite(struct micro_thread *t, size_t count) {
  const struct micro_thread own = *t;
  for (size_t done = 0; done < count; done += STORES_PER_SAFEPOINT) {
    gc_ref holder = gc_root_get(own.holder);
    gc_ref value[2] = {gc_root_get(own.item), gc_root_get(own.other)};
    for (size_t i = 0; i < STORES_PER_SAFEPOINT; i++) {
      gc_set(own.m, holder, 0, value[i & 1]);
      must_happen();
    }
    gc_safepoint(own.m);
  }
  return true;
}

static bool count_and_store(struct micro_thread *t, size_t count) {
  struct micro_plain *plain = t->plain;
  for (size_t i = 0; i < count; i++) {
    atomic_fetch_add_explicit(&plain->count[i & 1], 1, memory_order_relaxed);
    atomic_store_explicit(&plain->slot, &plain->count[i & 1],
                          memory_order_release);
    atomic_fetch_sub_explicit(&plain->count[~i & 1], 1, memory_order_release);
    must_happen();
  }
  return true;
}

/* --- a safepoint with nothing to do --------------------------------------- */

static bool safepoint(struct micro_thread *t, size_t count) {
  gc_mutator *m = t->m;
  for (size_t i = 0; i < count; i++) {
    gc_safepoint(m);
    must_happen();
  }
  return true;
}

static bool nothing(struct micro_thread *t, size_t count) {
  (void)t;
  for (size_t i = 0; i < count; i++)
    must_happen();
  return true;
}

/* --- a bit of everything, on objects of this thread ----------------------- */

static bool private_mix(struct micro_thread *t, size_t count) {
  const struct micro_thread own = *t;
  gc_type type = node_type();
  for (size_t i = 0; i < count; i++) {
    gc_ref node = gc_new(own.m, own.scratch, type);
    if (node == NULL)
      return false;
    *(uint64_t *)gc_bytes(node) = i;
    gc_set(own.m, gc_root_get(own.holder), 0, node);
    gc_root_clear(own.m, own.scratch);
    gc_root_set(own.m, own.item, gc_get(gc_root_get(own.holder), 0));
    must_happen();
  }
  return true;
}

static bool malloc_mix(struct micro_thread *t, size_t count) {
  size_t size = gc_size_for(node_type(), 0);
  struct micro_plain *plain = t->plain;
  uint64_t *old = NULL;
  for (size_t i = 0; i < count; i++) {
    uint64_t *memory = mallocx(size, 0);
    if (memory == NULL)
      return false;
    *memory = i;
    atomic_store_explicit(&plain->slot, memory, memory_order_release);
    if (old != NULL)
      sdallocx(old, size, 0);
    old = memory;
  }
  if (old != NULL)
    sdallocx(old, size, 0);
  return true;
}

/* --- the list ------------------------------------------------------------- */

const struct micro micro_list[] = {
    {.name = "new_clear",
     .words = "new node into a root, clear",
     .reference_words = "mallocx, touch, sdallocx",
     .begin = begin_nothing,
     .ours = new_clear,
     .reference = malloc_free,
     .end = clear_roots,
     .round = 100000,
     .allocates = true},
    {.name = "root_copy",
     .words = "copy a root, clear the copy",
     .reference_words = "atomic inc, dec",
     .begin = begin_objects,
     .ours = root_copy,
     .reference = count_up_down,
     .end = clear_roots,
     .round = 200000},
    {.name = "list_chase",
     .words = "gc_get along 10^6 nodes",
     .reference_words = "C pointers, same nodes",
     .begin = begin_list,
     .ours = list_chase,
     .reference = plain_chase,
     .end = end_list,
     .round = LIST_NODES},
    {.name = "set_overwrite",
     .words = "gc_set over another value",
     .reference_words = "atomic inc, store, dec",
     .begin = begin_objects,
     .ours = set_overwrite,
     .reference = count_and_store,
     .end = clear_roots,
     .round = 2000 * STORES_PER_SAFEPOINT},
    {.name = "safepoint",
     .words = "gc_safepoint, nothing to do",
     .reference_words = "empty loop",
     .begin = begin_nothing,
     .ours = safepoint,
     .reference = nothing,
     .end = clear_roots,
     .round = 4000000},
    {.name = "private_mix",
     .words = "new, set, get, copy; unshared",
     .reference_words = "mallocx, store, sdallocx",
     .begin = begin_objects,
     .ours = private_mix,
     .reference = malloc_mix,
     .end = clear_roots,
     .round = 50000,
     .allocates = true},
    {0},
};

const struct micro *micro_find(const char *name) {
  const struct micro *micro = micro_list;
  while (micro->name != NULL && strcmp(micro->name, name) != 0)
    micro++;
  gc_assert_always(micro->name != NULL);
  return micro;
}

/* --- around them ---------------------------------------------------------- */

/* Extra memory beside the allocation in the loops: a list for each of two
   threads, and unused parts of pieces. */
enum { LISTS = 2, SLACK = 16 << 20 };

enum exit_code micro_heap_create(const struct micro *micro, size_t count,
                                 gc_heap **out) {
  struct gc_options options = {0};
  if (!gc_collector.reclaims) {
    size_t nodes = LISTS * LIST_NODES + (micro->allocates ? count : 0);
    options.heap_bytes = nodes * gc_size_for(node_type(), 0) + SLACK;
  }
  return gc_heap_create(&options, out) == 0 ? EXIT_FINE : EXIT_MEMORY;
}

void micro_enter(const struct micro *micro, gc_mutator *m,
                 void (*body)(struct micro_thread *, bool is_ready, void *),
                 void *data) {
  GC_FRAME(m, f, scratch, holder, item, other);
  struct micro_plain plain = {0};
  struct micro_thread t = {.m = m,
                           .scratch = &f.scratch,
                           .holder = &f.holder,
                           .item = &f.item,
                           .other = &f.other,
                           .plain = &plain};
  body(&t, micro->begin(&t), data);
  micro->end(&t);
}
