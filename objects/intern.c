/* SPDX-License-Identifier: MIT */
#include "objects/intern.h"

#include <stdlib.h>

enum { TABLE_LEAST = 16 }; /* all sizes of tables are powers of two */

/* The string to search for. The bytes are outside the heap, or in a string that
   the caller holds and that does not move, since no safepoint comes between. */
struct wanted {
  const char *bytes;
  size_t length;
  uint32_t hash;
};

static struct gc_py_intern_stripe *stripe_of(const struct gc_py *py,
                                             uint32_t hash) {
  return &py->world->interned->stripe[gc_py_intern_stripe(hash)];
}

/* The number of slots of the table. */
static size_t stripe_size(const struct gc_py_intern_stripe *stripe) {
  gc_ref table = gc_root_get(&stripe->table);
  return table != NULL ? gc_slot_count(table) : 0;
}

static uint32_t *hash_of(gc_ref entry) {
  return gc_bytes(entry);
}

/* Stores the entry's string in *out. False: the string has died. */
static bool entry_get(const struct gc_py *py, gc_root *out, gc_ref entry) {
  gc_ref held = gc_get(entry, GC_PY_ENTRY_STR);
  if (!py->world->options.immortal_strings)
    return gc_weak_get(py->m, out, held) != NULL;
  gc_root_set(py->m, out, held);
  return true;
}

/* --- the stripe's lock is held -------------------------------------------- */

static void entry_drop(const struct gc_py *py, gc_ref before, size_t slot) {
  gc_ref entry = gc_get(before, slot);
  gc_set(py->m, before, slot, gc_get(entry, GC_PY_ENTRY_NEXT));
}

/* Removes entries with this hash whose string has died, so that a string never
   has more than one entry. */
static bool find(const struct gc_py *py, struct gc_py_intern_stripe *stripe,
                 gc_root *out, const struct wanted *wanted) {
  gc_ref table = gc_root_get(&stripe->table);
  if (table == NULL)
    return false;
  gc_ref before = table;
  size_t slot = wanted->hash & (gc_slot_count(table) - 1);
  for (gc_ref entry; (entry = gc_get(before, slot)) != NULL;) {
    if (*hash_of(entry) == wanted->hash) {
      if (!entry_get(py, out, entry)) {
        entry_drop(py, before, slot);
        stripe->entries--;
        continue;
      }
      if (gc_py_str_is(gc_root_get(out), wanted->bytes, wanted->length))
        return true;
    }
    before = entry;
    slot = GC_PY_ENTRY_NEXT;
  }
  return false;
}

static void push(const struct gc_py *py, gc_ref table, gc_ref entry) {
  size_t at = *hash_of(entry) & (gc_slot_count(table) - 1);
  gc_set(py->m, entry, GC_PY_ENTRY_NEXT, gc_get(table, at));
  gc_set(py->m, table, at, entry);
}

static size_t chain_sweep(const struct gc_py *py, gc_ref before, size_t slot) {
  GC_FRAME(py->m, f, str);
  size_t dropped = 0;
  for (gc_ref entry; (entry = gc_get(before, slot)) != NULL;) {
    if (entry_get(py, &f.str, entry)) {
      before = entry;
      slot = GC_PY_ENTRY_NEXT;
    } else {
      entry_drop(py, before, slot);
      dropped++;
    }
  }
  return dropped;
}

static void sweep(const struct gc_py *py, struct gc_py_intern_stripe *stripe) {
  gc_ref table = gc_root_get(&stripe->table);
  for (size_t i = 0, count = stripe_size(stripe); i < count; i++)
    stripe->entries -= chain_sweep(py, table, i);
}

/* The size of the table that is needed before an entry can be added; 0: there
   is room. A full table is swept first, and grows unless the sweep leaves it
   half empty. So sweeping costs each added entry only a few steps. */
static size_t size_wanted(const struct gc_py *py,
                          struct gc_py_intern_stripe *stripe) {
  size_t size = stripe_size(stripe);
  if (size == 0)
    return TABLE_LEAST;
  if (stripe->entries < size)
    return 0;
  sweep(py, stripe);
  return stripe->entries * 2 > size ? 2 * size : 0;
}

static void table_replace(const struct gc_py *py,
                          struct gc_py_intern_stripe *stripe, gc_ref fresh) {
  gc_ref table = gc_root_get(&stripe->table);
  for (size_t i = 0, count = stripe_size(stripe); i < count; i++) {
    gc_ref entry = gc_get(table, i), next;
    for (; entry != NULL; entry = next) {
      next = gc_get(entry, GC_PY_ENTRY_NEXT);
      push(py, fresh, entry);
    }
  }
  gc_global_set(py->m, &stripe->table, fresh);
}

/* --- adding --------------------------------------------------------------- */

static gc_ref entry_new(const struct gc_py *py, gc_root *out,
                        const gc_root *str, uint32_t hash) {
  GC_FRAME(py->m, f, held);
  if (py->world->options.immortal_strings)
    gc_root_set(py->m, &f.held, gc_root_get(str));
  else if (!gc_py_new_weak(py, &f.held, gc_root_get(str)))
    return NULL;
  gc_ref entry = gc_py_new(py, out, gc_py_types.intern_entry);
  if (entry == NULL)
    return NULL;
  *hash_of(entry) = hash;
  gc_set_move(py->m, entry, GC_PY_ENTRY_STR, &f.held);
  return entry;
}

/* If the stripe needs a larger table, creates one in *out. False: no memory. */
static bool room_prepare(const struct gc_py *py,
                         struct gc_py_intern_stripe *stripe, gc_root *out) {
  pthread_mutex_lock(&stripe->lock);
  size_t size = size_wanted(py, stripe);
  pthread_mutex_unlock(&stripe->lock);
  return size == 0 ||
         gc_py_new_slots(py, out, &gc_py_types.storage, size) != NULL;
}

/* Adds the entry and returns true. If another thread has added an equal string
   meanwhile, stores that in *out and returns false. Uses the new table `fresh`
   only if the stripe still has no room. */
static bool add(const struct gc_py *py, struct gc_py_intern_stripe *stripe,
                gc_ref entry, gc_ref fresh, gc_root *out,
                const struct wanted *wanted) {
  pthread_mutex_lock(&stripe->lock);
  bool found = find(py, stripe, out, wanted);
  if (!found) {
    size_t size = stripe_size(stripe);
    if (fresh != NULL && gc_slot_count(fresh) > size && stripe->entries >= size)
      table_replace(py, stripe, fresh);
    push(py, gc_root_get(&stripe->table), entry);
    stripe->entries++;
  }
  pthread_mutex_unlock(&stripe->lock);
  return !found;
}

static bool find_locked(const struct gc_py *py, gc_root *out,
                        const struct wanted *wanted) {
  struct gc_py_intern_stripe *stripe = stripe_of(py, wanted->hash);
  pthread_mutex_lock(&stripe->lock);
  bool found = find(py, stripe, out, wanted);
  pthread_mutex_unlock(&stripe->lock);
  return found;
}

/* Adds `str`, which was not found before: Note [Interning and locks]. */
static gc_ref insert(const struct gc_py *py, gc_root *out, const gc_root *str) {
  GC_FRAME(py->m, f, entry, table, str);
  uint32_t hash = gc_py_str_hash(gc_root_get(str));
  struct gc_py_intern_stripe *stripe = stripe_of(py, hash);
  if (!entry_new(py, &f.entry, str, hash) ||
      !room_prepare(py, stripe, &f.table))
    return NULL;
  gc_ref object = gc_root_get(str);
  const struct wanted wanted = {gc_py_str_bytes(object),
                                gc_py_str_length(object), hash};
  bool added = add(py, stripe, gc_root_get(&f.entry), gc_root_get(&f.table),
                   &f.str, &wanted);
  if (added && py->world->options.immortal_strings)
    gc_immortalize(py->m, object);
  gc_root_set(py->m, out, added ? object : gc_root_get(&f.str));
  return gc_root_get(out);
}

/* --- what programs call --------------------------------------------------- */

gc_ref gc_py_intern(const struct gc_py *py, gc_root *out, const gc_root *str) {
  GC_FRAME(py->m, f, found);
  gc_ref object = gc_root_get(str);
  size_t length = gc_py_str_length(object);
  size_t at = gc_py_str_shared_at(gc_py_str_bytes(object), length);
  if (at != 0)
    return gc_py_share(py, out, at);
  const struct wanted wanted = {gc_py_str_bytes(object), length,
                                gc_py_str_hash(object)};
  if (!find_locked(py, &f.found, &wanted))
    return insert(py, out, str);
  gc_root_move(py->m, out, &f.found);
  return gc_root_get(out);
}

gc_ref gc_py_intern_bytes(const struct gc_py *py, gc_root *out,
                          const char *bytes, size_t length) {
  GC_FRAME(py->m, f, str);
  const struct wanted wanted = {bytes, length, gc_py_hash_bytes(bytes, length)};
  if (find_locked(py, &f.str, &wanted)) {
    gc_root_move(py->m, out, &f.str);
    return gc_root_get(out);
  }
  if (!gc_py_str(py, &f.str, bytes, length))
    return NULL;
  return gc_py_intern(py, out, &f.str);
}

static bool is_word(const char *text) {
  return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "abcdefghijklmnopqrstuvwxyz0123456789_")] == 0;
}

gc_ref gc_py_literal(const struct gc_py *py, gc_root *out, const char *text) {
  if (is_word(text))
    return gc_py_intern_bytes(py, out, text, strlen(text));
  return gc_py_str(py, out, text, strlen(text));
}

bool gc_py_is_interned(const struct gc_py *py, const gc_root *str) {
  GC_FRAME(py->m, f, found);
  gc_ref object = gc_root_get(str);
  size_t length = gc_py_str_length(object);
  size_t at = gc_py_str_shared_at(gc_py_str_bytes(object), length);
  const struct wanted wanted = {gc_py_str_bytes(object), length,
                                gc_py_str_hash(object)};
  if (at != 0)
    return gc_py_shared(py, at) == object;
  return find_locked(py, &f.found, &wanted) && gc_root_get(&f.found) == object;
}

size_t gc_py_interned_count(const struct gc_py *py) {
  size_t count = 0;
  for (int i = 0; i < GC_PY_INTERN_STRIPES; i++) {
    struct gc_py_intern_stripe *stripe = &py->world->interned->stripe[i];
    pthread_mutex_lock(&stripe->lock);
    sweep(py, stripe);
    count += stripe->entries;
    pthread_mutex_unlock(&stripe->lock);
  }
  return count;
}

size_t gc_py_intern_stripe_bytes(size_t most, bool immortal_strings) {
  size_t size = TABLE_LEAST;
  while (size < most)
    size *= 2;
  size_t entry = gc_size_for(gc_py_types.intern_entry, 0) +
                 (immortal_strings ? 0 : gc_size_for(gc_weak_type(), 0));
  return most == 0
             ? 0
             : gc_py_slots_size(&gc_py_types.storage, size) + most * entry;
}

/* --- the table ------------------------------------------------------------ */

struct gc_py_interned *gc_py_interned_new(gc_heap *heap) {
  struct gc_py_interned *interned =
      aligned_alloc(GC_CACHE_LINE, sizeof *interned);
  if (interned == NULL)
    return NULL;
  memset(interned, 0, sizeof *interned);
  for (int i = 0; i < GC_PY_INTERN_STRIPES; i++) {
    pthread_mutex_init(&interned->stripe[i].lock, NULL);
    gc_global_add(heap, &interned->stripe[i].table);
  }
  return interned;
}

void gc_py_interned_free(gc_mutator *m, struct gc_py_interned *interned) {
  for (int i = 0; i < GC_PY_INTERN_STRIPES; i++) {
    gc_global_remove(m, &interned->stripe[i].table);
    pthread_mutex_destroy(&interned->stripe[i].lock);
  }
  free(interned);
}
