/* SPDX-License-Identifier: MIT */
/* Allocation: when to collect, when to give up, and the account of what is
   held. */
#include <stdlib.h>

#include "collectors/shared/textbook/textbook.h"
#include "heap/external.h"
#include "heap/figures.h"
#include "heap/table.h"
#include "heap/weak.h"

static struct textbook *textbook_of(gc_mutator *m) {
  return (struct textbook *)m->heap;
}

/* --- what is held --------------------------------------------------------- */

size_t gc_textbook_held_bytes(gc_heap *heap) {
  return atomic_load(&((struct textbook *)heap)->held) +
         atomic_load(&heap->tables);
}

bool gc_textbook_fits(struct textbook *heap, size_t bytes, size_t most) {
  size_t held = gc_textbook_held_bytes(&heap->base);
  return held <= most && bytes <= most - held;
}

/* One lock covers the test of the limit and the change of the account.
   Otherwise two threads together might exceed the limit. */
bool gc_textbook_hold(struct textbook *heap, size_t bytes, size_t most) {
  pthread_mutex_lock(&heap->account_lock);
  bool fits = gc_textbook_fits(heap, bytes, most);
  if (fits) {
    size_t held = atomic_fetch_add(&heap->held, bytes) + bytes +
                  atomic_load(&heap->base.tables);
    heap->held_peak = held > heap->held_peak ? held : heap->held_peak;
  }
  pthread_mutex_unlock(&heap->account_lock);
  return fits;
}

void gc_textbook_give(struct textbook *heap, size_t bytes) {
  size_t held = atomic_fetch_sub(&heap->held, bytes);
  gc_assert_always(bytes <= held);
}

/* The shared code has added `bytes` to the tables already. */
bool gc_textbook_table_hold(gc_heap *base, size_t bytes, bool over_limit) {
  gc_assert(bytes <= atomic_load(&base->tables));
  return gc_textbook_hold((struct textbook *)base, 0,
                          over_limit ? SIZE_MAX : base->limit);
}

void gc_textbook_report(gc_heap *base, struct gc_memory_figures *out) {
  struct textbook *heap = (struct textbook *)base;
  gc_memory_report(out);
  pthread_mutex_lock(&heap->account_lock);
  out->held_peak = heap->held_peak;
  out->metadata = atomic_load(&base->tables);
  pthread_mutex_unlock(&heap->account_lock);
}

/* --- new objects ---------------------------------------------------------- */

/* If its finalizer cannot be recorded, the object is left as garbage. */
static gc_ref object_try(gc_mutator *m, gc_type type, size_t length,
                         size_t most) {
  gc_assert(most <= m->heap->limit);
  gc_ref object = gc_textbook_try(m, type, length, most);
  bool is_finalizable = gc_type_describe(type)->finalize != NULL;
  return object && is_finalizable && !gc_finalizable_add(m->heap, object)
             ? NULL
             : object;
}

/* Another mutator may have collected while this one waited to stop the world,
   so this one tries before it collects. It allocates before the world resumes,
   so that other mutators cannot take the freed memory first. */
static gc_ref object_collecting(gc_mutator *m, gc_type type, size_t length) {
  gc_world_stop(m, "full", "allocation");
  gc_ref object = object_try(m, type, length, textbook_of(m)->threshold);
  if (object == NULL) {
    gc_textbook_stopped_collect(m);
    object = object_try(m, type, length, m->heap->limit);
  }
  if (object == NULL)
    gc_finalizers_gather(m);
  gc_world_resume(m);
  return object;
}

/* Collects again after finalizers ran, for the memory that they released. They
   may be those of other mutators. */
static gc_ref object_take(gc_mutator *m, gc_type type, size_t length) {
  size_t bytes = gc_cell_size(type, length);
  if (bytes == 0 || bytes > PTRDIFF_MAX || bytes > m->heap->limit)
    return NULL;
  gc_ref object = object_try(m, type, length, textbook_of(m)->threshold);
  unsigned rounds = 0;
  if (object != NULL)
    return object;
  do
    object = object_collecting(m, type, length);
  while (object == NULL && gc_finalizers_help(m, &rounds));
  return object;
}

/* The root stays as it was if there is no memory. */
gc_ref gc_textbook_new(gc_mutator *m, gc_root *out, gc_type type,
                       size_t length) {
  gc_ref object = object_take(m, type, length);
  if (object == NULL)
    return NULL;
  gc_assert(object->type == type && gc_is_object(object));
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, gc_sizeof(object));
  gc_root_put(out, object);
  return object;
}

/* --- weak references, ephemerons ------------------------------------------ */

/* Allocation is a safepoint, so the target is rooted first. */
static gc_ref weak_new(gc_mutator *m, gc_root *out, gc_type type,
                       gc_ref target) {
  struct textbook *heap = textbook_of(m);
  GC_FRAME(m, f, target);
  gc_root_set(m, &f.target, target);
  gc_safepoint(m);
  gc_ref weak = gc_textbook_new(m, out, type, 0);
  if (weak == NULL)
    return NULL;
  pthread_mutex_lock(&heap->lock);
  *gc_weak_data(weak) =
      (struct gc_weak){.target = gc_root_get(&f.target), .next = heap->weaks};
  heap->weaks = weak;
  pthread_mutex_unlock(&heap->lock);
  return weak;
}

gc_ref gc_weak_new(gc_mutator *m, gc_root *out, gc_ref target) {
  gc_weak_require(target);
  return weak_new(m, out, gc_weak_type(), target);
}

/* A weak reference to the key, with the value in a slot. No safepoint lies
   between the two stores. */
gc_ref gc_ephemeron_new(gc_mutator *m, gc_root *out, gc_ref key, gc_ref value) {
  gc_ephemeron_require(key, value);
  GC_FRAME(m, f, value);
  gc_root_set(m, &f.value, value);
  gc_ref ephemeron = weak_new(m, out, gc_ephemeron_type(), key);
  if (ephemeron != NULL)
    gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, gc_root_get(&f.value));
  return ephemeron;
}

/* Needs no lock: a target dies only while the world is stopped. */
gc_ref gc_weak_get(gc_mutator *m, gc_root *out, gc_ref weak) {
  gc_weak_require_weak(weak);
  gc_ref target = gc_weak_data(weak)->target;
  gc_root_set(m, out, target);
  return target;
}

gc_ref gc_ephemeron_get(gc_mutator *m, gc_root *out, gc_ref ephemeron) {
  gc_ephemeron_require_ephemeron(ephemeron);
  gc_ref value = gc_ephemeron_value(ephemeron);
  gc_root_set(m, out, value);
  return value;
}

/* --- external memory, immortal objects ------------------------------------ */

static bool external_collecting(gc_mutator *m, gc_root *object, size_t bytes) {
  gc_world_stop(m, "full", "limit");
  gc_textbook_stopped_collect(m);
  bool ok = gc_external_hold(m->heap, gc_root_get(object), bytes);
  if (!ok)
    gc_finalizers_gather(m);
  gc_world_resume(m);
  return ok;
}

/* External memory is part of the tables, so it makes a collection due when the
   next object is allocated. */
bool gc_external_add(gc_mutator *m, gc_ref object, size_t bytes) {
  gc_external_require(object);
  GC_FRAME(m, f, object);
  gc_root_set(m, &f.object, object);
  gc_safepoint(m);
  bool ok = gc_external_hold(m->heap, gc_root_get(&f.object), bytes);
  unsigned rounds = 0;
  if (ok)
    return true;
  do
    ok = external_collecting(m, &f.object, bytes);
  while (!ok && gc_finalizers_help(m, &rounds));
  return ok;
}

/* False: it is immortal already. */
static bool immortal_link(struct textbook *heap, struct textbook_immortal *new,
                          gc_ref object) {
  pthread_mutex_lock(&heap->lock);
  bool is_mortal = !(object->word & TEXTBOOK_IMMORTAL);
  if (is_mortal) {
    *new = (struct textbook_immortal){{object}, heap->immortals};
    heap->immortals = new;
    object->word |= TEXTBOOK_IMMORTAL;
  }
  pthread_mutex_unlock(&heap->lock);
  return is_mortal;
}

/* It cannot fail, so its entry may exceed the limit. Without memory it stops
   the program: an object that is not recorded would not live on. */
void gc_immortalize(gc_mutator *m, gc_ref object) {
  gc_require(gc_is_object(object), "gc_immortalize of NULL or an immediate");
  struct textbook_immortal *new = malloc(sizeof *new);
  if (new == NULL)
    gc_misuse("gc_immortalize: no memory to remember another object");
  bool is_held = gc_table_hold(m->heap, sizeof *new, true);
  gc_assert_always(is_held);
  if (immortal_link(textbook_of(m), new, object))
    return;
  gc_table_give(m->heap, sizeof *new);
  free(new);
}

/* --- callbacks of the shared code ----------------------------------------- */

void gc_textbook_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_root_set(m, root, value);
}

void gc_textbook_global_clear(gc_mutator *m, gc_root *root) {
  gc_global_set(m, root, NULL);
}
