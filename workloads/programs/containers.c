/* SPDX-License-Identifier: MIT */
#include "workloads/programs/containers.h"

struct containers containers_make(struct workload_thread *t) {
  return (struct containers){
      .t = t,
      .table = workload_table_type(),
      .vector = workload_type(&(struct gc_type_desc){
          .name = "vector", .refs = 1, .bytes = sizeof(struct vector_data)}),
      .map = workload_type(&(struct gc_type_desc){
          .name = "map", .refs = 1, .bytes = sizeof(uint64_t)}),
      .entry = workload_type(&(struct gc_type_desc){
          .name = "map entry", .refs = 3, .bytes = sizeof(uint64_t)})};
}

/* The slots of a table that starts with `least` and doubles when it is full. */
static size_t slots_for(size_t elements, size_t least) {
  size_t slots = elements > 0 ? least : 0;
  while (slots < elements)
    slots *= 2;
  return slots;
}

static size_t slots_of(gc_ref holder) {
  gc_ref table = gc_get(holder, 0);
  return table != NULL ? gc_length(table) : 0;
}

static size_t table_bytes(const struct containers *c, size_t slots) {
  return slots > 0 ? gc_size_for(c->table, slots) : 0;
}

/* --- vectors -------------------------------------------------------------- */

/* Elements that were taken out leave slots in front, which the new table does
   not have. There is no safepoint while elements are copied, as there is none
   in gc_array_resize. */
static bool vector_grow(const struct containers *c, const gc_root *vector) {
  size_t size = vector_size(gc_root_get(vector));
  GC_FRAME(c->t->m, f, table);
  size_t slots = size < VECTOR_LEAST / 2 ? VECTOR_LEAST : 2 * size;
  if (counted_new_array(c, &f.table, c->table, slots) == NULL)
    return false;
  for (size_t i = 0; i < size; i++)
    counted_set(c, gc_root_get(&f.table), i, vector_at(gc_root_get(vector), i));
  counted_set_move(c, gc_root_get(vector), 0, &f.table);
  *vector_data(gc_root_get(vector)) = (struct vector_data){0, size};
  return true;
}

bool vector_reserve(const struct containers *c, const gc_root *vector) {
  gc_ref at = gc_root_get(vector);
  return vector_data(at)->end < slots_of(at) || vector_grow(c, vector);
}

bool vector_append_in(const struct containers *c, const gc_root *holder,
                      size_t slot, const gc_root *element) {
  GC_FRAME(c->t->m, f, vector);
  gc_root_set(c->t->m, &f.vector, gc_get(gc_root_get(holder), slot));
  return vector_append(c, &f.vector, element);
}

void vector_take(const struct containers *c, gc_ref vector, gc_root *out) {
  gc_root_set(c->t->m, out, vector_at(vector, 0));
  counted_set(c, gc_get(vector, 0), vector_data(vector)->first++, NULL);
}

void vector_remove(const struct containers *c, gc_ref vector, gc_ref element) {
  struct vector_data *data = vector_data(vector);
  gc_ref table = gc_get(vector, 0);
  for (size_t i = data->first; i < data->end; i++)
    if (gc_get(table, i) == element) {
      data->end--;
      counted_set(c, table, i, gc_get(table, data->end));
      counted_set(c, table, data->end, NULL);
      return;
    }
}

bool vector_has(gc_ref vector, gc_ref element) {
  for (size_t i = 0; i < vector_size(vector); i++)
    if (vector_at(vector, i) == element)
      return true;
  return false;
}

size_t vector_bytes(const struct containers *c, size_t elements) {
  return gc_size_for(c->vector, 0) +
         table_bytes(c, slots_for(elements, VECTOR_LEAST));
}

/* --- maps ----------------------------------------------------------------- */

static uint64_t entry_hash(gc_ref entry) {
  return *workload_number(entry);
}

/* Mixes the upper bits into the lower ones, which select the slot. */
static size_t slot_of(uint64_t hash, size_t slots) {
  hash *= UINT64_C(0x9e3779b97f4a7c15);
  return hash >> 32 & (slots - 1);
}

bool map_new(const struct containers *c, gc_root *out) {
  return counted_new(c, out, c->map) != NULL;
}

gc_ref map_find(gc_ref map, uint64_t hash, map_same *same, gc_ref wanted) {
  size_t slots = slots_of(map);
  if (slots == 0)
    return NULL;
  gc_ref entry = gc_get(gc_get(map, 0), slot_of(hash, slots));
  while (entry != NULL &&
         (entry_hash(entry) != hash ||
          (same != NULL && !same(gc_get(entry, ENTRY_KEY), wanted))))
    entry = gc_get(entry, ENTRY_NEXT);
  return entry;
}

static void entry_link(const struct containers *c, gc_ref table, gc_ref entry) {
  size_t slot = slot_of(entry_hash(entry), gc_length(table));
  counted_set(c, entry, ENTRY_NEXT, gc_get(table, slot));
  counted_set(c, table, slot, entry);
}

/* An entry is linked in the new table before the old one lets go of it. */
static bool map_grow(const struct containers *c, const gc_root *map) {
  size_t slots = slots_of(gc_root_get(map));
  GC_FRAME(c->t->m, f, table, entry, next);
  if (counted_new_array(c, &f.table, c->table,
                        slots > 0 ? 2 * slots : MAP_LEAST) == NULL)
    return false;
  for (size_t i = 0; i < slots; i++) {
    gc_ref old = gc_get(gc_root_get(map), 0);
    gc_root_set(c->t->m, &f.entry, gc_get(old, i));
    while (gc_root_get(&f.entry) != NULL) {
      gc_ref entry = gc_root_get(&f.entry);
      gc_root_set(c->t->m, &f.next, gc_get(entry, ENTRY_NEXT));
      entry_link(c, gc_root_get(&f.table), entry);
      gc_root_move(c->t->m, &f.entry, &f.next);
    }
  }
  counted_set_move(c, gc_root_get(map), 0, &f.table);
  return true;
}

bool map_add(const struct containers *c, const gc_root *map, uint64_t hash,
             const gc_root *key, const gc_root *value) {
  gc_ref at = gc_root_get(map);
  if (map_size(at) == slots_of(at) && !map_grow(c, map))
    return false;
  GC_FRAME(c->t->m, f, entry);
  gc_ref entry = counted_new(c, &f.entry, c->entry);
  if (entry == NULL)
    return false;
  *workload_number(entry) = hash;
  counted_set(c, entry, ENTRY_KEY, gc_root_get(key));
  counted_set(c, entry, ENTRY_VALUE, gc_root_get(value));
  at = gc_root_get(map);
  entry_link(c, gc_get(at, 0), entry);
  (*workload_number(at))++;
  return true;
}

void map_visit(gc_ref map, void (*visit)(gc_ref entry, void *), void *data) {
  for (size_t i = 0; i < slots_of(map); i++)
    for (gc_ref entry = gc_get(gc_get(map, 0), i); entry != NULL;
         entry = gc_get(entry, ENTRY_NEXT))
      visit(entry, data);
}

size_t map_bytes(const struct containers *c, size_t entries) {
  return gc_size_for(c->map, 0) +
         table_bytes(c, slots_for(entries, MAP_LEAST)) +
         entries * gc_size_for(c->entry, 0);
}
