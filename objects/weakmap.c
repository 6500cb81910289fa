/* SPDX-License-Identifier: MIT */
#include "objects/weakmap.h"

enum { TABLE_LEAST = 16 }; /* all sizes of tables are powers of two */

/* --- types ---------------------------------------------------------------- */

static gc_type table_type, entry_type; /* constant after types_once */
static pthread_once_t types_once = PTHREAD_ONCE_INIT;

static void types_make(void) {
  table_type = gc_type_define(
      &(struct gc_type_desc){.name = "weak map's table", .tail = GC_REF_TAIL});
  entry_type =
      gc_type_define(&(struct gc_type_desc){.name = "weak map's entry",
                                            .refs = GC_WEAKMAP_SLOTS,
                                            .bytes = sizeof(uint64_t)});
  gc_require(table_type != 0 && entry_type != 0,
             "gc_weakmap_init: there are too many types");
}

static uint64_t *hash_of(gc_ref entry) {
  return gc_bytes(entry);
}

static size_t size_for(size_t entries) {
  size_t size = TABLE_LEAST;
  while (size < entries)
    size *= 2;
  return size;
}

size_t gc_weakmap_table_size(size_t entries) {
  pthread_once(&types_once, types_make);
  return gc_size_for(table_type, size_for(entries));
}

size_t gc_weakmap_entry_size(void) {
  pthread_once(&types_once, types_make);
  return gc_size_for(entry_type, 0) + gc_size_for(gc_ephemeron_type(), 0);
}

/* --- the map -------------------------------------------------------------- */

void gc_weakmap_init(gc_heap *heap, struct gc_weakmap *map) {
  pthread_once(&types_once, types_make);
  *map = (struct gc_weakmap){.entries = 0};
  pthread_mutex_init(&map->lock, NULL);
  gc_global_add(heap, &map->table);
}

void gc_weakmap_finish(gc_mutator *m, struct gc_weakmap *map) {
  gc_global_remove(m, &map->table);
  pthread_mutex_destroy(&map->lock);
}

static size_t table_size(const struct gc_weakmap *map) {
  gc_ref table = gc_root_get(&map->table);
  return table != NULL ? gc_slot_count(table) : 0;
}

/* Fibonacci hashing: the caller's hashes may be small numbers in order. */
static size_t bucket_of(gc_ref table, uint64_t hash) {
  uint64_t mixed = hash * UINT64_C(0x9e3779b97f4a7c15);
  return mixed >> 20 & (gc_slot_count(table) - 1);
}

/* --- the lock is held ----------------------------------------------------- */

/* A slot that leads to an entry: of the table, or of the entry before. */
struct place {
  gc_ref holder;
  size_t slot;
};

static gc_ref entry_at(struct place place) {
  return gc_get(place.holder, place.slot);
}

static struct place place_next(gc_ref entry) {
  return (struct place){entry, GC_WEAKMAP_NEXT};
}

static gc_ref ephemeron_of(gc_ref entry) {
  return gc_get(entry, GC_WEAKMAP_EPHEMERON);
}

static bool has_key(gc_mutator *m, gc_ref entry, gc_ref key) {
  GC_FRAME(m, f, key);
  return gc_weak_get(m, &f.key, ephemeron_of(entry)) == key;
}

/* Entries of dead keys are left for the next sweep. */
static bool find(gc_mutator *m, const struct gc_weakmap *map, gc_ref key,
                 uint64_t hash, struct place *found) {
  gc_ref table = gc_root_get(&map->table);
  if (table == NULL)
    return false;
  struct place place = {table, bucket_of(table, hash)};
  for (gc_ref entry; (entry = entry_at(place)) != NULL;
       place = place_next(entry))
    if (*hash_of(entry) == hash && has_key(m, entry, key)) {
      *found = place;
      return true;
    }
  return false;
}

static void entry_drop(gc_mutator *m, struct gc_weakmap *map,
                       struct place place) {
  gc_ref entry = entry_at(place);
  gc_set(m, place.holder, place.slot, gc_get(entry, GC_WEAKMAP_NEXT));
  map->entries--;
}

static void chain_sweep(gc_mutator *m, struct gc_weakmap *map,
                        struct place place) {
  for (gc_ref entry; (entry = entry_at(place)) != NULL;) {
    GC_FRAME(m, f, key);
    if (gc_weak_get(m, &f.key, ephemeron_of(entry)) == NULL)
      entry_drop(m, map, place);
    else
      place = place_next(entry);
  }
}

static void sweep(gc_mutator *m, struct gc_weakmap *map) {
  gc_ref table = gc_root_get(&map->table);
  for (size_t i = 0, size = table_size(map); i < size; i++)
    chain_sweep(m, map, (struct place){table, i});
}

static void push(gc_mutator *m, gc_ref table, gc_ref entry) {
  size_t at = bucket_of(table, *hash_of(entry));
  gc_set(m, entry, GC_WEAKMAP_NEXT, gc_get(table, at));
  gc_set(m, table, at, entry);
}

/* The size of the table that is needed before an entry can be added; 0: there
   is room. A full table is swept first, and grows unless the sweep leaves it
   half empty. So sweeping costs each added entry only a few steps. */
static size_t size_wanted(gc_mutator *m, struct gc_weakmap *map) {
  size_t size = table_size(map);
  if (size == 0)
    return TABLE_LEAST;
  if (map->entries < size)
    return 0;
  sweep(m, map);
  return map->entries * 2 > size ? 2 * size : 0;
}

static void table_replace(gc_mutator *m, struct gc_weakmap *map, gc_ref fresh) {
  gc_ref table = gc_root_get(&map->table);
  for (size_t i = 0, size = table_size(map); i < size; i++) {
    gc_ref entry = gc_get(table, i), next;
    for (; entry != NULL; entry = next) {
      next = gc_get(entry, GC_WEAKMAP_NEXT);
      push(m, fresh, entry);
    }
  }
  gc_global_set(m, &map->table, fresh);
}

/* --- setting -------------------------------------------------------------- */

/* Makes an entry whose ephemeron has key and value. */
static gc_ref entry_new(gc_mutator *m, gc_root *out, const gc_root *key,
                        uint64_t hash, const gc_root *value) {
  GC_FRAME(m, f, ephemeron);
  if (!gc_ephemeron_new(m, &f.ephemeron, gc_root_get(key), gc_root_get(value)))
    return NULL;
  gc_ref entry = gc_new(m, out, entry_type);
  if (entry == NULL)
    return NULL;
  *hash_of(entry) = hash;
  gc_set_move(m, entry, GC_WEAKMAP_EPHEMERON, &f.ephemeron);
  return entry;
}

/* Adds the entry, or gives its ephemeron to the entry that the key has already.
   Returns the size of the table that is needed first; 0: done. `fresh` holds a
   table of the size that an earlier call has asked for. */
static size_t entry_put(gc_mutator *m, struct gc_weakmap *map, gc_ref key,
                        const gc_root *entry, const gc_root *fresh) {
  gc_ref new_entry = gc_root_get(entry), table = gc_root_get(fresh);
  struct place place;
  if (find(m, map, key, *hash_of(new_entry), &place)) {
    gc_set(m, entry_at(place), GC_WEAKMAP_EPHEMERON, ephemeron_of(new_entry));
    return 0;
  }
  size_t wanted = size_wanted(m, map);
  if (wanted != 0 && table != NULL && gc_slot_count(table) == wanted) {
    table_replace(m, map, table);
    wanted = 0;
  }
  if (wanted == 0) {
    push(m, gc_root_get(&map->table), new_entry);
    map->entries++;
  }
  return wanted;
}

bool gc_weakmap_set(gc_mutator *m, struct gc_weakmap *map, const gc_root *key,
                    uint64_t hash, const gc_root *value) {
  GC_FRAME(m, f, entry, fresh);
  if (entry_new(m, &f.entry, key, hash, value) == NULL)
    return false;
  for (;;) {
    pthread_mutex_lock(&map->lock);
    size_t wanted = entry_put(m, map, gc_root_get(key), &f.entry, &f.fresh);
    pthread_mutex_unlock(&map->lock);
    if (wanted == 0)
      return true;
    if (gc_new_array(m, &f.fresh, table_type, wanted) == NULL)
      return false;
  }
}

bool gc_weakmap_reserve(gc_mutator *m, struct gc_weakmap *map, size_t entries) {
  GC_FRAME(m, f, table);
  if (gc_new_array(m, &f.table, table_type, size_for(entries)) == NULL)
    return false;
  pthread_mutex_lock(&map->lock);
  if (table_size(map) == 0)
    gc_global_set(m, &map->table, gc_root_get(&f.table));
  pthread_mutex_unlock(&map->lock);
  return true;
}

/* --- looking -------------------------------------------------------------- */

gc_ref gc_weakmap_get(gc_mutator *m, struct gc_weakmap *map, gc_root *out,
                      const gc_root *key, uint64_t hash) {
  struct place place;
  gc_ref value = NULL;
  pthread_mutex_lock(&map->lock);
  if (find(m, map, gc_root_get(key), hash, &place))
    value = gc_ephemeron_get(m, out, ephemeron_of(entry_at(place)));
  pthread_mutex_unlock(&map->lock);
  if (value == NULL)
    gc_root_clear(m, out);
  return value;
}

bool gc_weakmap_remove(gc_mutator *m, struct gc_weakmap *map,
                       const gc_root *key, uint64_t hash) {
  struct place place;
  pthread_mutex_lock(&map->lock);
  bool has = find(m, map, gc_root_get(key), hash, &place);
  if (has)
    entry_drop(m, map, place);
  pthread_mutex_unlock(&map->lock);
  return has;
}

size_t gc_weakmap_size(gc_mutator *m, struct gc_weakmap *map) {
  pthread_mutex_lock(&map->lock);
  sweep(m, map);
  size_t entries = map->entries;
  pthread_mutex_unlock(&map->lock);
  return entries;
}

/* The key is read first: while it is rooted, it and the value live. */
static void visit_chain(gc_mutator *m, gc_ref entry,
                        void (*visit)(gc_ref, gc_ref, void *), void *data) {
  for (; entry != NULL; entry = gc_get(entry, GC_WEAKMAP_NEXT)) {
    GC_FRAME(m, f, key, value);
    gc_ref ephemeron = ephemeron_of(entry);
    if (gc_weak_get(m, &f.key, ephemeron) != NULL)
      visit(gc_root_get(&f.key), gc_ephemeron_get(m, &f.value, ephemeron),
            data);
  }
}

void gc_weakmap_visit(gc_mutator *m, struct gc_weakmap *map,
                      void (*visit)(gc_ref key, gc_ref value, void *data),
                      void *data) {
  pthread_mutex_lock(&map->lock);
  gc_ref table = gc_root_get(&map->table);
  for (size_t i = 0, size = table_size(map); i < size; i++)
    visit_chain(m, gc_get(table, i), visit, data);
  pthread_mutex_unlock(&map->lock);
}
