/* SPDX-License-Identifier: MIT */
#include "heap/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "heap/figures.h"
#include "heap/weak.h"

struct trace {
  gc_heap *heap;
  struct gc_ptrmap *found; /* object → references seen to it */
  /* Ephemerons whose key has not been found: key → first one, one → next. */
  struct gc_ptrmap pending, later;
  gc_ref *stack;
  size_t depth, capacity;
  size_t broken;
  bool is_out_of_memory;
};

static void complain(struct trace *t, gc_ref object, const char *what) {
  t->broken++;
  fprintf(stderr, "sweepstakes: verifier: object %p: %s\n", (void *)object,
          what);
}

static void push(struct trace *t, gc_ref object) {
  if (t->depth == t->capacity) {
    size_t capacity = t->capacity ? t->capacity * 2 : 1024;
    gc_ref *bigger = realloc(t->stack, capacity * sizeof *bigger);
    if (bigger == NULL) {
      t->is_out_of_memory = true;
      return;
    }
    t->stack = bigger;
    t->capacity = capacity;
  }
  t->stack[t->depth++] = object;
}

/* Counts a reference to `object`; the first one pushes it on the stack. */
static void see(struct trace *t, gc_ref object) {
  const struct gc_verifier *v = gc_collector.verifier;
  if (!gc_is_object(object) || t->is_out_of_memory)
    return;
  void **found = gc_ptrmap_at(t->found, object);
  if (found == NULL) {
    t->is_out_of_memory = true;
  } else if (*found != NULL) {
    *found = (void *)((uintptr_t)*found + 1);
  } else if (v->is_object && !v->is_object(t->heap, object)) {
    complain(t, object, "a reference points to memory that is not an object");
    gc_ptrmap_remove(t->found, object);
  } else {
    *found = (void *)1;
    push(t, object);
  }
}

static void see_root(gc_root *root, void *data) {
  see(data, gc_root_get(root));
}

static void pend(struct trace *t, gc_ref ephemeron, gc_ref key) {
  void **first = gc_ptrmap_at(&t->pending, key);
  void **next = gc_ptrmap_at(&t->later, ephemeron);
  if (first == NULL || next == NULL) {
    t->is_out_of_memory = true;
    return;
  }
  *next = *first;
  *first = ephemeron;
}

/* The value is seen if the key has been found. */
static void see_value(struct trace *t, gc_ref ephemeron) {
  gc_ref key = gc_weak_data(ephemeron)->target;
  if (key == NULL)
    return;
  if (gc_ptrmap_get(t->found, key) != NULL)
    see(t, gc_ephemeron_value(ephemeron));
  else
    pend(t, ephemeron, key);
}

/* The ephemerons that waited for this object to be found. */
static void see_values_of(struct trace *t, gc_ref key) {
  gc_ref ephemeron = gc_ptrmap_remove(&t->pending, key);
  for (; ephemeron; ephemeron = gc_ptrmap_get(&t->later, ephemeron))
    see(t, gc_ephemeron_value(ephemeron));
}

static void see_from(struct trace *t, gc_ref object) {
  see_values_of(t, object);
  if (gc_is_ephemeron(object)) {
    see_value(t, object);
    return;
  }
  for (size_t i = 0, n = gc_slot_count(object); i < n; i++)
    see(t, gc_slot_load(object, i));
}

static void trace_all(struct trace *t) {
  gc_visit_roots(t->heap, see_root, t);
  while (t->depth > 0 && !t->is_out_of_memory)
    see_from(t, t->stack[--t->depth]);
  gc_ptrmap_finish(&t->pending);
  gc_ptrmap_finish(&t->later);
}

static size_t bytes_found(const struct trace *t) {
  size_t bytes = 0;
  for (size_t i = 0; i < t->found->capacity; i++)
    if (t->found->entries[i].key)
      bytes += gc_collector.verifier->size_of(t->found->entries[i].key);
  return bytes;
}

static void check_objects(struct trace *t) {
  const struct gc_verifier *v = gc_collector.verifier;
  bool all = v->object_bytes && v->object_bytes(t->heap) == bytes_found(t);
  for (size_t i = 0; i < t->found->capacity; i++) {
    struct gc_ptrmap_entry *entry = &t->found->entries[i];
    if (entry->key == NULL)
      continue;
    const char *what =
        v->object(t->heap, entry->key, (uintptr_t)entry->value, all);
    if (what)
      complain(t, entry->key, what);
  }
}

/* If the heap is verified regularly, the table is kept for the next time. */
static void trace_finish(struct trace *t) {
  if (t->heap->verify)
    gc_ptrmap_clear(t->found);
  else
    gc_ptrmap_finish(t->found);
  free(t->stack);
}

/* World stopped. */
static struct trace trace_of(gc_mutator *m) {
  const struct gc_verifier *v = gc_collector.verifier;
  struct trace t = {.heap = m->heap, .found = &m->heap->found};
  if (v->prepare)
    v->prepare(m);
  trace_all(&t);
  return t;
}

size_t gc_verify_stopped(gc_mutator *m) {
  const struct gc_verifier *v = gc_collector.verifier;
  uint64_t begun = gc_phase_begin();
  gc_assert_always(gc_world_is_stopped_by(m));
  struct trace t = trace_of(m);
  if (t.is_out_of_memory)
    fputs("sweepstakes: verifier: not enough memory to check all objects\n",
          stderr);
  else if (t.broken == 0)
    check_objects(&t);
  if (v->rest)
    t.broken += v->rest(m);
  trace_finish(&t);
  gc_phase_end(m->heap, GC_PHASE_VERIFY, begun);
  return t.broken;
}

void gc_verify_after_collection(gc_mutator *m) {
  gc_heap *heap = m->heap;
  if (heap->verify == 0 || ++heap->unverified < heap->verify)
    return;
  heap->unverified = 0;
  if (gc_verify_stopped(m) > 0)
    gc_panic(__FILE__, __LINE__, "the verifier finds nothing wrong");
}

size_t gc_verify(gc_mutator *m) {
  gc_world_give_way(m);
  gc_world_stop(m, "verify", "request");
  size_t broken = gc_verify_stopped(m);
  gc_world_resume(m);
  return broken;
}

static uint64_t deaths(gc_heap *heap) {
  const struct gc_verifier *v = gc_collector.verifier;
  return v->deaths ? v->deaths(heap) : 0;
}

/* Overwriting a slot kills no object here: its old value dies only after a
   grace period. */
static void show_all(const struct trace *t, void (*visit)(gc_ref, void *),
                     void *data) {
  uint64_t dead = deaths(t->heap);
  for (size_t i = 0; i < t->found->capacity; i++) {
    if (t->found->entries[i].key == NULL)
      continue;
    visit(t->found->entries[i].key, data);
    gc_require(deaths(t->heap) == dead,
               "an object died during gc_visit_objects: its callback may store "
               "references only in slots and in empty roots");
  }
}

int gc_visit_objects(gc_mutator *m, void (*visit)(gc_ref, void *), void *data) {
  gc_world_give_way(m);
  gc_world_stop(m, "visit", "request");
  struct trace t = trace_of(m);
  if (!t.is_out_of_memory)
    show_all(&t, visit, data);
  trace_finish(&t);
  gc_world_resume(m);
  return t.is_out_of_memory ? ENOMEM : 0;
}
