/* SPDX-License-Identifier: MIT */
/* Nodes are allocated from pages. A page is aligned to its size, so that the
   address of a node gives its page. Invariant: in the list of pages, those with
   a free node come before those without. */
#include "heap/registry.h"

#include <stdlib.h>

#include "heap/table.h"

enum {
  PAGE_BYTES = 4096,
  CHAINS_FIRST = 16, /* the initial number of chains, and the smallest */
  CHAIN_NODES = 2,   /* the greatest average length of a chain */
  /* With less than one node per this many chains, the table shrinks. */
  CHAINS_SPARSE = 4,
};

struct gc_node_page {
  struct gc_node_page *next, *prev;
  struct gc_finalizable *free; /* linked by `next` */
  size_t used;                 /* nodes that are not free */
  struct gc_finalizable node[];
};
enum {
  PAGE_NODES = (PAGE_BYTES - offsetof(struct gc_node_page, node)) /
               sizeof(struct gc_finalizable),
};

/* --- pages ---------------------------------------------------------------- */

static struct gc_node_page *page_of(struct gc_finalizable *node) {
  return (struct gc_node_page *)((uintptr_t)node & -(uintptr_t)PAGE_BYTES);
}

static void page_link(struct gc_registry *r, struct gc_node_page *page,
                      struct gc_node_page *prev) {
  page->prev = prev;
  page->next = prev ? prev->next : r->first;
  *(prev ? &prev->next : &r->first) = page;
  *(page->next ? &page->next->prev : &r->last) = page;
}

static void page_unlink(struct gc_registry *r, struct gc_node_page *page) {
  *(page->prev ? &page->prev->next : &r->first) = page->next;
  *(page->next ? &page->next->prev : &r->last) = page->prev;
}

static void page_push_free(struct gc_node_page *page,
                           struct gc_finalizable *node) {
  node->next = page->free;
  page->free = node;
}

static struct gc_node_page *page_new(gc_heap *heap) {
  struct gc_node_page *page = aligned_alloc(PAGE_BYTES, PAGE_BYTES);
  if (page == NULL)
    return NULL;
  if (!gc_table_hold(heap, PAGE_BYTES, false)) {
    free(page);
    return NULL;
  }
  *page = (struct gc_node_page){0};
  for (size_t i = PAGE_NODES; i-- > 0;)
    page_push_free(page, &page->node[i]);
  page_link(&heap->finalizable, page, NULL);
  return page;
}

/* Frees a page whose nodes are all free, unless no other page has a free node.
 */
static void page_retire(gc_heap *heap, struct gc_node_page *page) {
  struct gc_registry *r = &heap->finalizable;
  bool has_other = page->prev || (page->next && page->next->free);
  if (page->used > 0 || !has_other)
    return;
  page_unlink(r, page);
  free(page);
  gc_table_give(heap, PAGE_BYTES);
}

static struct gc_finalizable *node_new(gc_heap *heap) {
  struct gc_registry *r = &heap->finalizable;
  struct gc_node_page *page = r->first;
  if (page == NULL || page->free == NULL)
    page = page_new(heap);
  if (page == NULL)
    return NULL;
  struct gc_finalizable *node = page->free;
  page->free = node->next;
  page->used++;
  if (page->free == NULL) {
    page_unlink(r, page);
    page_link(r, page, r->last);
  }
  return node;
}

static void node_free(gc_heap *heap, struct gc_finalizable *node) {
  struct gc_registry *r = &heap->finalizable;
  struct gc_node_page *page = page_of(node);
  if (page->free == NULL) {
    page_unlink(r, page);
    page_link(r, page, NULL);
  }
  page_push_free(page, node);
  page->used--;
  page_retire(heap, page);
}

/* --- chains --------------------------------------------------------------- */

/* Fibonacci hashing: the high bits of the product are the well mixed ones. */
static struct gc_finalizable **chain_of(struct gc_registry *r, gc_ref object) {
  uint64_t hash = (uint64_t)(uintptr_t)object * UINT64_C(0x9e3779b97f4a7c15);
  return &r->chains[hash >> 20 & (r->capacity - 1)];
}

static void chain_add(struct gc_registry *r, struct gc_finalizable *node) {
  struct gc_finalizable **chain = chain_of(r, node->self.ref);
  node->next = *chain;
  *chain = node;
}

static void chains_move(struct gc_registry *r, struct gc_finalizable **chains,
                        size_t capacity) {
  struct gc_registry old = *r;
  r->chains = chains;
  r->capacity = capacity;
  for (size_t i = 0; i < old.capacity; i++)
    for (struct gc_finalizable *next, *node = old.chains[i]; node;
         node = next) {
      next = node->next;
      chain_add(r, node);
    }
  free(old.chains);
}

static bool chains_resize(gc_heap *heap, size_t capacity) {
  struct gc_registry *r = &heap->finalizable;
  struct gc_finalizable **chains = calloc(capacity, sizeof *chains);
  if (chains == NULL)
    return false;
  if (!gc_table_hold(heap, capacity * sizeof *chains, false)) {
    free(chains);
    return false;
  }
  gc_table_give(heap, r->capacity * sizeof *chains);
  chains_move(r, chains, capacity);
  return true;
}

static bool chains_reserve(gc_heap *heap) {
  const struct gc_registry *r = &heap->finalizable;
  if (r->count < r->capacity * CHAIN_NODES)
    return true;
  return chains_resize(heap, r->capacity ? r->capacity * 2 : CHAINS_FIRST);
}

/* If there is no memory for the smaller table, the table stays as it is. */
static void chains_trim(gc_heap *heap) {
  const struct gc_registry *r = &heap->finalizable;
  size_t capacity = r->capacity;
  while (capacity > CHAINS_FIRST && r->count < capacity / CHAINS_SPARSE)
    capacity /= 2;
  if (capacity < r->capacity)
    chains_resize(heap, capacity);
}

/* --- nodes in chains ------------------------------------------------------ */

bool gc_registry_add(gc_heap *heap, gc_ref object) {
  struct gc_registry *r = &heap->finalizable;
  struct gc_finalizable *node = chains_reserve(heap) ? node_new(heap) : NULL;
  if (node == NULL)
    return false;
  node->self.ref = object;
  gc_registry_put(r, node);
  return true;
}

void gc_registry_put(struct gc_registry *r, struct gc_finalizable *node) {
  gc_assert_always(r->capacity > 0);
  chain_add(r, node);
  r->count++;
}

struct gc_finalizable *gc_registry_take(struct gc_registry *r, gc_ref object) {
  if (r->capacity == 0)
    return NULL;
  struct gc_finalizable **link = chain_of(r, object);
  while (*link && (*link)->self.ref != object)
    link = &(*link)->next;
  struct gc_finalizable *node = *link;
  if (node == NULL)
    return NULL;
  *link = node->next;
  r->count--;
  return node;
}

static void chain_take_all(struct gc_finalizable **link,
                           struct gc_finalizable **taken,
                           bool (*wanted)(gc_ref, void *), void *data) {
  while (*link) {
    struct gc_finalizable *node = *link;
    if (!wanted(node->self.ref, data)) {
      link = &node->next;
      continue;
    }
    *link = node->next;
    node->next = *taken;
    *taken = node;
  }
}

struct gc_finalizable *gc_registry_take_all(struct gc_registry *r,
                                            bool (*wanted)(gc_ref, void *),
                                            void *data) {
  struct gc_finalizable *taken = NULL;
  for (size_t i = 0; i < r->capacity; i++)
    chain_take_all(&r->chains[i], &taken, wanted, data);
  for (struct gc_finalizable *node = taken; node; node = node->next)
    r->count--;
  return taken;
}

void gc_registry_free(gc_heap *heap, struct gc_finalizable *node) {
  node_free(heap, node);
  chains_trim(heap);
}

void gc_registry_finish(struct gc_registry *r) {
  for (struct gc_node_page *next, *page = r->first; page; page = next) {
    next = page->next;
    free(page);
  }
  free(r->chains);
  *r = (struct gc_registry){0};
}
