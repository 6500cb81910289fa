/* SPDX-License-Identifier: MIT */
/* `mark-sweep`, the oldest collector (McCarthy 1960). Each object has a cell
   from calloc, and all objects are in one list. A collection marks those that
   can be reached, then frees the others. Invariant: while mutators run, every
   object is white and in the list. Broken only while the world is stopped. */
#include <stdio.h>
#include <stdlib.h>

#include "collectors/shared/textbook/textbook.h"
#include "heap/external.h"

/* When the stack overflows, marking searches the heap for grey objects. With
   `shrink` it overflows all the time. */
enum { SWEEP_STACK = 4096, SWEEP_SHRUNK_STACK = 2 };

struct sweep_heap {
  struct textbook base;
  gc_ref objects;            /* lock: all objects, newest first */
  gc_ref stack[SWEEP_STACK]; /* world stopped: grey objects */
  size_t depth, room;        /* of the stack; `room` is constant */
  bool has_overflowed;    /* world stopped: some grey objects are not in it */
  struct gc_ptrmap known; /* for the verifier: all objects */
};

static struct sweep_heap *sweep_of(void *heap) {
  return heap;
}

static gc_ref *next_of(gc_ref object) {
  return (gc_ref *)gc_object_cell(object) - 1;
}

static enum sweep_color color_of(gc_ref object) {
  return object->word & SWEEP_COLORS;
}

static void color_set(gc_ref object, enum sweep_color color) {
  object->word = (object->word & ~(uint32_t)SWEEP_COLORS) | color;
}

/* --- allocating ----------------------------------------------------------- */

gc_ref gc_textbook_try(gc_mutator *m, gc_type type, size_t length,
                       size_t most) {
  struct sweep_heap *heap = sweep_of(m->heap);
  size_t bytes = gc_size_for(type, length);
  gc_ref object = NULL;
  pthread_mutex_lock(&heap->base.lock);
  bool fits = gc_textbook_fits(&heap->base, bytes, most);
  char *cell = fits ? calloc(1, bytes) : NULL;
  if (cell != NULL) {
    object = textbook_object(cell + sizeof(gc_ref), type, length);
    *next_of(object) = heap->objects;
    heap->objects = object;
    gc_textbook_hold(&heap->base, atomic_load(&heap->base.held) + bytes);
  }
  pthread_mutex_unlock(&heap->base.lock);
  return object;
}

/* --- marking, world stopped ----------------------------------------------- */

void gc_textbook_begin(struct textbook *heap) {
  (void)heap; /* all objects are white */
}

/* Marking does not recurse, and it allocates nothing: it must mark a list of a
   million nodes when memory has just run out. */
gc_ref gc_textbook_reach(struct textbook *base, gc_ref object) {
  struct sweep_heap *heap = sweep_of(base);
  if (color_of(object) != SWEEP_WHITE)
    return object;
  color_set(object, SWEEP_GREY);
  base->base.pause.objects_marked++;
  if (heap->depth < heap->room)
    heap->stack[heap->depth++] = object;
  else
    heap->has_overflowed = true;
  return object;
}

static void mark_from(struct textbook *base, gc_ref object) {
  color_set(object, SWEEP_BLACK);
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
    for (gc_ref object = heap->objects; object; object = *next_of(object))
      if (color_of(object) == SWEEP_GREY) {
        mark_from(base, object);
        stack_drain(heap);
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
  free(next_of(object));
  return bytes;
}

size_t gc_textbook_end(struct textbook *base) {
  struct sweep_heap *heap = sweep_of(base);
  gc_ref *link = &heap->objects;
  size_t dead = 0, bytes = 0;
  while (*link != NULL) {
    gc_ref object = *link;
    if (color_of(object) != SWEEP_WHITE) {
      color_set(object, SWEEP_WHITE);
      link = next_of(object);
    } else {
      *link = *next_of(object);
      bytes += object_free(heap, object);
      dead++;
    }
  }
  gc_textbook_hold(base, atomic_load(&base->held) - bytes);
  return dead;
}

/* --- callbacks of the shared verifier ------------------------------------- */

/* Without memory for the table it stays empty, and no address is refused. */
static void sweep_verify_prepare(gc_mutator *m) {
  struct sweep_heap *heap = sweep_of(m->heap);
  gc_ref object = heap->objects;
  gc_ptrmap_clear(&heap->known);
  bool ok = gc_ptrmap_reserve(&heap->known);
  for (; object && ok; object = *next_of(object)) {
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

static size_t complain(const char *what) {
  fprintf(stderr, "sweepstakes: verifier: %s\n", what);
  return 1;
}

static size_t sweep_verify_rest(gc_mutator *m) {
  struct sweep_heap *heap = sweep_of(m->heap);
  size_t bytes = 0, marked = 0, broken = 0;
  for (gc_ref object = heap->objects; object; object = *next_of(object)) {
    bytes += gc_sizeof(object);
    marked += color_of(object) != SWEEP_WHITE;
  }
  if (bytes != atomic_load(&heap->base.held))
    broken += complain("the bytes held are not those of the objects");
  if (marked > 0)
    broken += complain("some objects are still marked");
  return broken;
}

static const struct gc_verifier sweep_verifier = {
    .prepare = sweep_verify_prepare,
    .is_object = sweep_verify_is_object,
    .object = gc_textbook_verify_object,
    .rest = sweep_verify_rest,
};

/* --- life cycle and identity card ----------------------------------------- */

static int sweep_heap_init(gc_heap *base, const char *tuning) {
  sweep_of(base)->room = base->shrink ? SWEEP_SHRUNK_STACK : SWEEP_STACK;
  return gc_textbook_init(base, tuning);
}

static void sweep_heap_finish(gc_heap *base) {
  struct sweep_heap *heap = sweep_of(base);
  for (gc_ref next, object = heap->objects; object; object = next) {
    next = *next_of(object);
    free(next_of(object));
  }
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
