/* SPDX-License-Identifier: MIT */
/* Global roots: single ones, arrays of them, and those that the program shows
   by a visitor. Invariant: no root is registered twice, so that the verifier
   counts each once. Everything here is guarded by heap->globals_lock. */
#include <stdlib.h>
#include <string.h>

#include "heap/heap.h"
#include "heap/lifecycle.h"
#include "heap/roots.h"
#include "heap/table.h"

/* An array of global roots. heap->ranges is sorted by address. */
struct gc_root_range {
  gc_root *first;
  size_t count; /* over 0 */
};

/* A visitor, in the list heap->visitors. */
struct gc_roots_visitor {
  struct gc_roots_visitor *next;
  gc_roots_show *show;
  void *data;
};

/* --- visiting ------------------------------------------------------------- */

void gc_visit_globals(gc_heap *heap, void (*visit)(gc_root *, void *),
                      void *data) {
  for (size_t i = 0; i < heap->globals.capacity; i++)
    if (heap->globals.entries[i].key != NULL)
      visit(heap->globals.entries[i].key, data);
  for (size_t i = 0; i < heap->range_count; i++)
    for (size_t k = 0; k < heap->ranges[i].count; k++)
      visit(&heap->ranges[i].first[k], data);
  for (struct gc_roots_visitor *v = heap->visitors; v; v = v->next)
    v->show(v->data, visit, data);
}

static void root_empty(gc_root *root, void *m) {
  gc_collector.root_set(m, root, NULL);
}

void gc_globals_empty(gc_heap *heap, gc_mutator *m) {
  gc_visit_globals(heap, root_empty, m);
}

void gc_globals_finish(gc_heap *heap) {
  struct gc_roots_visitor *next, *v = heap->visitors;
  for (; v; v = next) {
    next = v->next;
    free(v);
  }
  gc_table_give(heap, heap->range_room * sizeof *heap->ranges);
  free(heap->ranges);
  gc_table_finish(heap, &heap->globals);
}

/* --- arrays of roots ------------------------------------------------------ */

/* The first range that ends after the root. */
static size_t range_find(const gc_heap *heap, const gc_root *root) {
  size_t low = 0, high = heap->range_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const struct gc_root_range *range = &heap->ranges[middle];
    if (range->first + range->count > root)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

static bool ranges_have_any(const gc_heap *heap, const gc_root *roots,
                            size_t count) {
  size_t at = range_find(heap, roots);
  return at < heap->range_count && heap->ranges[at].first < roots + count;
}

bool gc_global_is_known(gc_heap *heap, const gc_root *root) {
  pthread_mutex_lock(&heap->globals_lock);
  bool is_known = gc_ptrmap_get(&heap->globals, root) != NULL ||
                  ranges_have_any(heap, root, 1);
  pthread_mutex_unlock(&heap->globals_lock);
  return is_known;
}

/* False: no memory. */
static bool ranges_reserve(gc_heap *heap) {
  if (heap->range_count < heap->range_room)
    return true;
  size_t room = heap->range_room * 2 + 4;
  struct gc_root_range *ranges =
      realloc(heap->ranges, room * sizeof *heap->ranges);
  if (ranges == NULL)
    return false;
  gc_table_hold(heap, (room - heap->range_room) * sizeof *ranges, true);
  heap->ranges = ranges;
  heap->range_room = room;
  return true;
}

static void range_insert(gc_heap *heap, struct gc_root_range range) {
  struct gc_root_range *at = &heap->ranges[range_find(heap, range.first)];
  size_t after = (size_t)(heap->ranges + heap->range_count - at);
  memmove(at + 1, at, after * sizeof *at);
  *at = range;
  heap->range_count++;
}

static void range_remove(gc_heap *heap, struct gc_root_range *at) {
  size_t after = (size_t)(heap->ranges + heap->range_count - at) - 1;
  memmove(at, at + 1, after * sizeof *at);
  heap->range_count--;
}

static void require_new(gc_heap *heap, const gc_root *roots, size_t count) {
  bool is_known = ranges_have_any(heap, roots, count);
  for (size_t i = 0; i < count; i++) {
    gc_require(roots[i].ref == NULL,
               "gc_global_add of a root that is not empty: add the empty root, "
               "then call gc_global_set");
    is_known = is_known || gc_ptrmap_get(&heap->globals, &roots[i]) != NULL;
  }
  gc_require(!is_known, "gc_global_add of a root that was added already");
}

void gc_globals_add(gc_heap *heap, gc_root *roots, size_t count) {
  gc_require_own(heap);
  if (count == 0)
    return;
  pthread_mutex_lock(&heap->globals_lock);
  require_new(heap, roots, count);
  if (!ranges_reserve(heap))
    gc_misuse("gc_globals_add: no memory for more global roots");
  range_insert(heap, (struct gc_root_range){roots, count});
  pthread_mutex_unlock(&heap->globals_lock);
}

/* NULL: no such range. */
static struct gc_root_range *range_of(gc_heap *heap, const gc_root *roots,
                                      size_t count) {
  size_t at = range_find(heap, roots);
  bool is_it = at < heap->range_count && heap->ranges[at].first == roots &&
               heap->ranges[at].count == count;
  return is_it ? &heap->ranges[at] : NULL;
}

void gc_globals_remove(gc_mutator *m, gc_root *roots, size_t count) {
  gc_heap *heap = m->heap;
  gc_require_attached(m);
  gc_require_own(heap);
  if (count == 0)
    return;
  pthread_mutex_lock(&heap->globals_lock);
  bool is_known = range_of(heap, roots, count) != NULL;
  pthread_mutex_unlock(&heap->globals_lock);
  gc_require(is_known, "gc_globals_remove of roots that gc_globals_add did not "
                       "add in one call");
  for (size_t i = 0; i < count; i++)
    gc_collector.global_clear(m, &roots[i]);
  pthread_mutex_lock(&heap->globals_lock);
  struct gc_root_range *range = range_of(heap, roots, count);
  gc_require(range != NULL, "gc_globals_remove of roots that another thread "
                            "removes at the same time");
  range_remove(heap, range);
  pthread_mutex_unlock(&heap->globals_lock);
}

/* --- single roots --------------------------------------------------------- */

void gc_global_add(gc_heap *heap, gc_root *root) {
  gc_require_own(heap);
  pthread_mutex_lock(&heap->globals_lock);
  require_new(heap, root, 1);
  if (!gc_table_reserve(heap, &heap->globals, true))
    gc_misuse("gc_global_add: no memory for another global root");
  gc_ptrmap_put(&heap->globals, root, root);
  pthread_mutex_unlock(&heap->globals_lock);
}

void gc_global_remove(gc_mutator *m, gc_root *root) {
  gc_heap *heap = m->heap;
  gc_require_attached(m);
  gc_require_own(heap);
  pthread_mutex_lock(&heap->globals_lock);
  bool is_known = gc_ptrmap_get(&heap->globals, root) == root;
  pthread_mutex_unlock(&heap->globals_lock);
  gc_require(is_known, "gc_global_remove of a root that is not a global root");
  gc_collector.global_clear(m, root);
  pthread_mutex_lock(&heap->globals_lock);
  gc_ptrmap_remove(&heap->globals, root);
  gc_table_trim(heap, &heap->globals);
  pthread_mutex_unlock(&heap->globals_lock);
}

/* --- visitors ------------------------------------------------------------- */

void gc_roots_visitor_add(gc_heap *heap, gc_roots_show *show, void *data) {
  gc_require_own(heap);
  struct gc_roots_visitor *visitor = malloc(sizeof *visitor);
  if (visitor == NULL)
    gc_misuse("gc_roots_visitor_add: no memory for another visitor");
  pthread_mutex_lock(&heap->globals_lock);
  *visitor = (struct gc_roots_visitor){heap->visitors, show, data};
  heap->visitors = visitor;
  pthread_mutex_unlock(&heap->globals_lock);
}

void gc_roots_visitor_remove(gc_heap *heap, gc_roots_show *show, void *data) {
  gc_require_own(heap);
  pthread_mutex_lock(&heap->globals_lock);
  struct gc_roots_visitor **at = &heap->visitors, *visitor;
  while ((visitor = *at) != NULL &&
         (visitor->show != show || visitor->data != data))
    at = &visitor->next;
  if (visitor != NULL)
    *at = visitor->next;
  pthread_mutex_unlock(&heap->globals_lock);
  gc_require(visitor != NULL, "gc_roots_visitor_remove of a visitor that was "
                              "not added");
  free(visitor);
}

bool gc_roots_are_scanned(void) {
  return gc_collector.scans_roots;
}
