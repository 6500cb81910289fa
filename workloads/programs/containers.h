/* SPDX-License-Identifier: MIT */
/* What published programs are written with: growable vectors and hash maps on
   the heap. Their elements are references or immediates. How much a program
   allocates and stores depends on its data, so everything here is counted in
   the figures of the thread. */
#ifndef WORKLOADS_PROGRAMS_CONTAINERS_H
#define WORKLOADS_PROGRAMS_CONTAINERS_H

#include "workloads/helpers.h"

struct containers {
  struct workload_thread *t;
  gc_type table, vector, map, entry;
};

/* Without a thread, it is good only for asking for sizes. */
struct containers containers_make(struct workload_thread *);

/* --- allocation and stores, counted --------------------------------------- */

static inline gc_ref counted_new(const struct containers *c, gc_root *out,
                                 gc_type type) {
  gc_ref object = gc_new(c->t->m, out, type);
  c->t->figures.alloc_objects++;
  c->t->figures.alloc_bytes += gc_size_for(type, 0);
  return object;
}

static inline gc_ref counted_new_array(const struct containers *c, gc_root *out,
                                       gc_type type, size_t length) {
  gc_ref object = gc_new_array(c->t->m, out, type, length);
  c->t->figures.alloc_objects++;
  c->t->figures.alloc_bytes += gc_size_for(type, length);
  return object;
}

static inline void counted_set(const struct containers *c, gc_ref object,
                               size_t slot, gc_ref value) {
  gc_set(c->t->m, object, slot, value);
  c->t->figures.ref_stores++;
}

static inline void counted_set_move(const struct containers *c, gc_ref object,
                                    size_t slot, gc_root *from) {
  gc_set_move(c->t->m, object, slot, from);
  c->t->figures.ref_stores++;
}

/* --- vectors, which are queues, too --------------------------------------- */

enum { VECTOR_LEAST = 4 }; /* slots of the first table of a vector */

/* The elements are in the slots from `first` up to `end` of the table. */
struct vector_data {
  uint64_t first, end;
};

static inline struct vector_data *vector_data(gc_ref vector) {
  return gc_bytes(vector);
}

static inline size_t vector_size(gc_ref vector) {
  const struct vector_data *data = vector_data(vector);
  return data->end - data->first;
}

static inline gc_ref vector_at(gc_ref vector, size_t i) {
  return gc_get(gc_get(vector, 0), vector_data(vector)->first + i);
}

/* An element that is an immediate. */
static inline size_t vector_number_at(gc_ref vector, size_t i) {
  return (size_t)gc_immediate_number(vector_at(vector, i));
}

/* An empty vector has no table. Returns false without memory. */
static inline bool vector_new(const struct containers *c, gc_root *out) {
  return counted_new(c, out, c->vector) != NULL;
}

/* Makes room for one more element. A safepoint if the table is full. Returns
   false without memory. */
bool vector_reserve(const struct containers *, const gc_root *vector);

static inline void vector_put(const struct containers *c, gc_ref vector,
                              gc_ref element) {
  counted_set(c, gc_get(vector, 0), vector_data(vector)->end++, element);
}

static inline bool vector_append(const struct containers *c,
                                 const gc_root *vector,
                                 const gc_root *element) {
  if (!vector_reserve(c, vector))
    return false;
  vector_put(c, gc_root_get(vector), gc_root_get(element));
  return true;
}

static inline bool vector_append_number(const struct containers *c,
                                        const gc_root *vector, size_t number) {
  if (!vector_reserve(c, vector))
    return false;
  vector_put(c, gc_root_get(vector), gc_immediate((intptr_t)number));
  return true;
}

/* Appends to the vector in that slot of `holder`. */
bool vector_append_in(const struct containers *, const gc_root *holder,
                      size_t slot, const gc_root *element);

/* Takes the first element out and puts it into *out. The vector must not be
   empty. */
void vector_take(const struct containers *, gc_ref vector, gc_root *out);

/* Takes the first element that is `element` out, if there is one; the last
   takes its place. */
void vector_remove(const struct containers *, gc_ref vector, gc_ref element);

bool vector_has(gc_ref vector, gc_ref element);

/* The bytes of a vector to which `elements` were appended. */
size_t vector_bytes(const struct containers *, size_t elements);

/* --- maps ----------------------------------------------------------------- */

enum { MAP_LEAST = 8 }; /* slots of the first table of a map */

enum { ENTRY_NEXT, ENTRY_KEY, ENTRY_VALUE };

/* Do an entry's key and the wanted one agree? They have the same hash. */
typedef bool map_same(gc_ref key, gc_ref wanted);

bool map_new(const struct containers *, gc_root *out);
/* The entry of a key, or NULL. Without `same`, keys are told by their hashes
   alone. Not a safepoint. */
gc_ref map_find(gc_ref map, uint64_t hash, map_same *same, gc_ref wanted);
/* Adds an entry for a key that has none. */
bool map_add(const struct containers *, const gc_root *map, uint64_t hash,
             const gc_root *key, const gc_root *value);

static inline uint64_t map_size(gc_ref map) {
  return *workload_number(map);
}

/* Calls `visit` with each entry. Neither may be a safepoint. */
void map_visit(gc_ref map, void (*visit)(gc_ref entry, void *), void *data);

/* The bytes of a map with that many entries, without keys and values. */
size_t map_bytes(const struct containers *, size_t entries);

#endif
