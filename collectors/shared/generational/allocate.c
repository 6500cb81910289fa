/* SPDX-License-Identifier: MIT */
/* The slow path of allocation. */
#include "collectors/shared/generational/generational.h"

#include "heap/external.h"

#include <errno.h>
#include <string.h>

#include "heap/sweepstakes.h"
#include "heap/weak.h"

/* --- the slow path of gc_new ---------------------------------------------- */

static gc_ref bare_try(struct gen_mutator *m, gc_type type, size_t cell_bytes,
                       size_t length) {
  if (cell_bytes > BLK_SMALL_MAX)
    return gc_blk_large_new(&m->blocks, cell_bytes, length);
  char *cell = gc_blk_cell_new(&m->blocks, type, gc_blk_round(cell_bytes));
  size_t prefix = gc_cell_prefix(type);
  if (cell == NULL)
    return NULL;
  if (prefix)
    *(size_t *)cell = length;
  return (gc_ref)(cell + prefix);
}

/* An object that cannot be watched is left as garbage. */
static bool finish_special(struct gen_mutator *m, gc_ref object) {
  struct gen_heap *heap = gen_of(m->blocks.base.heap);
  if (gc_type_info(object->type)->desc.finalize == NULL)
    return true;
  if (!gc_watch(&heap->marking, WATCH_FINALIZABLE, object))
    return false;
  return gc_finalizable_add(&heap->blocks.base, object);
}

static gc_ref object_try(struct gen_mutator *m, gc_type type, size_t cell_bytes,
                         size_t length) {
  gc_ref object = bare_try(m, type, cell_bytes, length);
  if (object == NULL)
    return NULL;
  object->type = type;
  return !gc_type_is_special(type) || finish_special(m, object) ? object : NULL;
}

struct object_request {
  gc_type type;
  size_t cell_bytes, length;
  gc_ref object;
};

static bool object_attempt(gc_mutator *m, void *data) {
  struct object_request *r = data;
  r->object = object_try(gen_mutator_of(m), r->type, r->cell_bytes, r->length);
  return r->object != NULL;
}

static gc_ref object_new(gc_mutator *m, gc_root *out, gc_type type,
                         size_t length) {
  struct object_request r = {type, gc_cell_size(type, length), length, NULL};
  gc_safepoint(m);
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_pay(m);
  if (r.cell_bytes == 0)
    return NULL;
  if (!object_attempt(m, &r) && !gc_gen_make_room(m, object_attempt, &r))
    return NULL;
  gc_assert(gc_generation_of(r.object) == 0);
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, gc_sizeof(r.object));
  gc_root_put(out, r.object);
  return r.object;
}

gc_ref gc_gen_new_slow(gc_mutator *m, gc_root *out, gc_type type) {
  gc_type_require_fixed(type);
  return object_new(m, out, type, 0);
}

gc_ref gc_gen_new_array_slow(gc_mutator *m, gc_root *out, gc_type type,
                             size_t length) {
  gc_type_require_array(type);
  return object_new(m, out, type, length);
}

struct external_request {
  gc_ref object; /* in a root */
  size_t bytes;
  bool is_watched;
};

/* External memory is part of the nursery, as large objects are. */
static bool external_claim(struct gen_heap *heap, size_t bytes) {
  struct blk_space *space = &heap->blocks.space;
  pthread_mutex_lock(&space->lock);
  bool ok = !blk_nursery_is_full(space);
  if (ok) {
    space->claimed += bytes;
    space->external += bytes;
  }
  pthread_mutex_unlock(&space->lock);
  return ok;
}

/* Watched last, so that a refused request leaves no entry. */
static bool external_attempt(gc_mutator *m, void *data) {
  struct gen_heap *heap = gen_of(m->heap);
  const struct external_request *r = data;
  if (!external_claim(heap, r->bytes) ||
      !gc_external_hold(&heap->blocks.base, r->object, r->bytes))
    return false;
  if (r->is_watched || gc_watch(&heap->marking, WATCH_EXTERNAL, r->object))
    return true;
  gc_external_drop(&heap->blocks.base, r->object);
  return false;
}

bool gc_external_add(gc_mutator *m, gc_ref object, size_t bytes) {
  gc_external_require(object);
  GC_FRAME(m, f, object);
  gc_root_set(m, &f.object, object);
  gc_safepoint(m);
  if (bytes > m->heap->limit)
    return false;
  gen_mutator_of(m)->blocks.claimed += bytes;
  if (MARK_WHILE_RUNNING)
    gc_gen_cycle_pay(m);
  struct external_request r = {object, bytes, gc_external_has(m->heap, object)};
  return external_attempt(m, &r) || gc_gen_make_room(m, external_attempt, &r);
}

/* Stops the program if there is no memory to remember the object, because it
   could not be kept alive. The first caller adds it to the list before its next
   safepoint, so before the world can stop. */
void gc_immortalize(gc_mutator *m, gc_ref object) {
  gc_require(gc_is_object(object), "gc_immortalize of NULL or an immediate");
  if (gc_gen_flag(gen_of(m->heap), object, GEN_IS_IMMORTAL) & GEN_IS_IMMORTAL)
    return;
  if (!gc_watch(&gen_of(m->heap)->marking, WATCH_IMMORTAL, object))
    gc_misuse("gc_immortalize: no memory to remember another object");
}
