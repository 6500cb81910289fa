/* SPDX-License-Identifier: MIT */
/* `mark-sweep`, the oldest collector (McCarthy 1960). Each object has a cell
   from calloc, and all objects are in one table. A collection marks those that
   can be reached, then frees the others. Invariant: while mutators run, every
   object is white and in the table. Broken only while the world is stopped. */
#include <stdlib.h>

#include "collectors/shared/textbook/textbook.h"
#include "heap/external.h"
#include "heap/table.h"

/* When the stack overflows, marking searches the heap for grey objects. With
   `shrink` it overflows all the time. */
enum { SWEEP_STACK = 4096, SWEEP_SHRUNK_STACK = 2 };

/* The table is a list of pages. All are full but the last. Objects are not
   linked themselves, because a link would make each of them larger. */
enum { SWEEP_PAGE = 511 };
struct page {
  struct page *next;
  gc_ref objects[SWEEP_PAGE];
};
_Static_assert(sizeof(struct page) == 4096, "no memory is lost to rounding");

/* An entry of the table. `index` may be SWEEP_PAGE: the page is at its end. */
struct entry {
  struct page *page;
  size_t index;
};

struct sweep_heap {
  struct textbook base;
  struct page first;         /* lock: of the table */
  struct entry end;          /* lock: behind the last object */
  size_t count;              /* lock: of objects */
  gc_ref stack[SWEEP_STACK]; /* world stopped: grey objects */
  size_t depth, room;        /* of the stack; `room` is constant */
  bool has_overflowed;    /* world stopped: some grey objects are not in it */
  struct gc_ptrmap known; /* for the verifier: all objects */
};

static struct sweep_heap *sweep_of(void *heap) {
  return heap;
}

static enum sweep_color color_of(gc_ref object) {
  return object->word & SWEEP_COLORS;
}

/* --- the table of objects ------------------------------------------------- */

static struct entry table_begin(struct sweep_heap *heap) {
  return (struct entry){&heap->first, 0};
}

/* Returns the entry and moves on to the next one. */
static gc_ref *table_next(struct entry *entry) {
  if (entry->index == SWEEP_PAGE)
    *entry = (struct entry){entry->page->next, 0};
  gc_assert(entry->page != NULL && entry->index < SWEEP_PAGE);
  return &entry->page->objects[entry->index++];
}

/* The lock is held. Makes room for one more object. False: no memory. */
static bool table_reserve(struct sweep_heap *heap) {
  gc_assert(heap->end.page->next == NULL);
  if (heap->end.index < SWEEP_PAGE)
    return true;
  struct page *page = malloc(sizeof *page);
  if (page == NULL || !gc_table_hold(&heap->base.base, sizeof *page, false)) {
    free(page);
    return false;
  }
  page->next = NULL;
  heap->end.page->next = page;
  heap->end = (struct entry){page, 0};
  return true;
}

/* The table ends here: frees the pages behind it. */
static void table_cut(struct sweep_heap *heap, struct entry end) {
  for (struct page *next, *page = end.page->next; page; page = next) {
    next = page->next;
    gc_table_give(&heap->base.base, sizeof *page);
    free(page);
  }
  end.page->next = NULL;
  heap->end = end;
}

/* --- allocating ----------------------------------------------------------- */

/* NULL: the heap would hold more than `most`, or there is no memory. */
static char *cell_new(struct textbook *heap, size_t bytes, size_t most) {
  char *cell = gc_textbook_fits(heap, bytes, most) ? calloc(1, bytes) : NULL;
  if (cell == NULL || gc_textbook_hold(heap, bytes, most))
    return cell;
  free(cell);
  return NULL;
}

gc_ref gc_textbook_try(gc_mutator *m, gc_type type, size_t length,
                       size_t most) {
  struct sweep_heap *heap = sweep_of(m->heap);
  gc_ref object = NULL;
  pthread_mutex_lock(&heap->base.lock);
  bool has_room = table_reserve(heap);
  char *cell =
      has_room ? cell_new(&heap->base, gc_size_for(type, length), most) : NULL;
  if (cell != NULL) {
    object = textbook_object(cell, type, length);
    gc_assert(color_of(object) == SWEEP_WHITE);
    *table_next(&heap->end) = object;
    heap->count++;
  }
  pthread_mutex_unlock(&heap->base.lock);
  return object;
}

/* --- marking, world stopped ----------------------------------------------- */

void gc_textbook_begin(struct textbook *base) {
  const struct sweep_heap *heap = sweep_of(base);
  gc_assert(gc_world_is_stopped(&base->base)); /* and all objects are white */
  gc_assert_always(heap->depth == 0 && !heap->has_overflowed);
}

/* Marking does not recurse, and it allocates nothing: it must mark a list of a
   million nodes when memory has just run out. */
gc_ref gc_textbook_reach(struct textbook *base, gc_ref object) {
  struct sweep_heap *heap = sweep_of(base);
  if (color_of(object) != SWEEP_WHITE)
    return object;
  textbook_state_set(object, SWEEP_GREY);
  base->base.pause.objects_marked++;
  if (heap->depth < heap->room)
    heap->stack[heap->depth++] = object;
  else
    heap->has_overflowed = true;
  return object;
}

static void mark_from(struct textbook *base, gc_ref object) {
  gc_assert(color_of(object) == SWEEP_GREY);
  textbook_state_set(object, SWEEP_BLACK);
  gc_textbook_scan(base, object);
}

static void stack_drain(struct sweep_heap *heap) {
  while (heap->depth > 0)
    mark_from(&heap->base, heap->stack[--heap->depth]);
}

void gc_textbook_drain(struct textbook *base) {
  struct sweep_heap *heap = sweep_of(base);
  stack_drain(heap);
  while (heap->has_overflowed) {
    heap->has_overflowed = false;
    struct entry entry = table_begin(heap);
    for (size_t i = 0; i < heap->count; i++) {
      gc_ref object = *table_next(&entry);
      if (color_of(object) == SWEEP_GREY) {
        mark_from(base, object);
        stack_drain(heap);
      }
    }
  }
}

gc_ref gc_textbook_survivor(gc_ref object, void *heap) {
  (void)heap;
  return color_of(object) == SWEEP_WHITE ? NULL : object;
}

/* --- sweeping, world stopped ---------------------------------------------- */

/* Returns the bytes. */
static size_t object_free(struct sweep_heap *heap, gc_ref object) {
  size_t bytes = gc_sizeof(object);
  gc_external_drop(&heap->base.base, object);
  free(gc_object_cell(object));
  return bytes;
}

/* Moves the entries of the others together: `to` never overtakes `from`. */
size_t gc_textbook_end(struct textbook *base) {
  struct sweep_heap *heap = sweep_of(base);
  struct entry from = table_begin(heap), to = from;
  size_t dead = 0, bytes = 0;
  for (size_t i = 0; i < heap->count; i++) {
    gc_ref object = *table_next(&from);
    gc_assert(color_of(object) != SWEEP_GREY);
    if (color_of(object) == SWEEP_WHITE) {
      bytes += object_free(heap, object);
      dead++;
    } else {
      textbook_state_set(object, SWEEP_WHITE);
      *table_next(&to) = object;
    }
  }
  heap->count -= dead;
  gc_assert_always(heap->count == base->base.pause.objects_marked);
  gc_textbook_give(base, bytes);
  table_cut(heap, to);
  return dead;
}

/* --- callbacks of the shared verifier ------------------------------------- */

/* Without memory for the table it stays empty, and no address is refused. */
static void sweep_verify_prepare(gc_mutator *m) {
  struct sweep_heap *heap = sweep_of(m->heap);
  struct entry entry = table_begin(heap);
  gc_ptrmap_clear(&heap->known);
  bool ok = gc_ptrmap_reserve(&heap->known);
  for (size_t i = 0; i < heap->count && ok; i++) {
    gc_ref object = *table_next(&entry);
    gc_ptrmap_put(&heap->known, object, object);
    ok = gc_ptrmap_reserve(&heap->known);
  }
  if (!ok)
    gc_ptrmap_finish(&heap->known);
}

static bool sweep_verify_is_object(gc_heap *heap, gc_ref object) {
  const struct gc_ptrmap *known = &sweep_of(heap)->known;
  return known->capacity == 0 || gc_ptrmap_get(known, object) != NULL;
}

static const char *sweep_verify_object(gc_heap *heap, gc_ref object,
                                       size_t found, bool all) {
  return color_of(object) == SWEEP_WHITE
             ? gc_textbook_verify_object(heap, object, found, all)
             : "it is still marked";
}

size_t gc_textbook_bytes(struct textbook *base) {
  struct sweep_heap *heap = sweep_of(base);
  struct entry entry = table_begin(heap);
  size_t bytes = 0;
  for (size_t i = 0; i < heap->count; i++)
    bytes += gc_sizeof(*table_next(&entry));
  return bytes;
}

static const struct gc_verifier sweep_verifier = {
    .prepare = sweep_verify_prepare,
    .is_object = sweep_verify_is_object,
    .object = sweep_verify_object,
    .rest = gc_textbook_verify_rest,
};

/* --- life cycle and identity card ----------------------------------------- */

static int sweep_heap_init(gc_heap *base, const char *tuning) {
  struct sweep_heap *heap = sweep_of(base);
  heap->room = base->shrink ? SWEEP_SHRUNK_STACK : SWEEP_STACK;
  heap->end = table_begin(heap);
  return gc_textbook_init(base, tuning);
}

static void sweep_heap_finish(gc_heap *base) {
  struct sweep_heap *heap = sweep_of(base);
  struct entry entry = table_begin(heap);
  for (size_t i = 0; i < heap->count; i++)
    free(gc_object_cell(*table_next(&entry)));
  table_cut(heap, table_begin(heap));
  gc_ptrmap_finish(&heap->known);
  gc_textbook_finish(base);
}

const struct gc_collector gc_collector = {
    .name = "mark-sweep",
    .summary = "the textbook's: stops the world, one cell for each object",
    TEXTBOOK_CARD,
    .heap_size = sizeof(struct sweep_heap),
    .mutator_size = sizeof(gc_mutator),
    .heap_init = sweep_heap_init,
    .heap_finish = sweep_heap_finish,
    .verifier = &sweep_verifier,
};
