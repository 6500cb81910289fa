/* SPDX-License-Identifier: MIT */
/* Dictionaries with strings as keys. Each one grows from nothing; then every
   key is looked up by an equal string, three quarters are deleted, and one more
   key makes the dictionary shrink. It lives until the next dictionary of its
   size replaces it. Sizes are powers of two, and there are as many keys in all
   dictionaries of one size as in those of any other. Each thread has its own
   dictionaries. */
#include "objects/dict.h"
#include "objects/number.h"
#include "objects/str.h"
#include "workloads/helpers.h"
#include "workloads/world.h"

enum { LEAST, GREATEST, SWEEPS };

enum { KEY_ROOM = 64, KEY_LEAST = 12, KEPT_ONE_IN = 4 };

/* A key has KEY_LEAST to over 40 bytes, depending on its index; `table` makes
   the keys of different dictionaries different. */
static size_t key_length(uint64_t i) {
  return KEY_LEAST + i * 7 % 31;
}
static size_t key_write(char *out, uint64_t table, uint64_t i) {
  size_t length = key_length(i);
  uint64_t number = table << 24 | i;
  memset(out, '.', length);
  for (int digit = 0; digit < KEY_LEAST; digit++, number >>= 4)
    out[digit] = "0123456789abcdef"[number & 15];
  return length;
}

/* Never a shared integer. */
static int64_t value_of(uint64_t table, uint64_t i) {
  return GC_PY_GREATEST_SMALL + 1 + (int64_t)(table + i);
}

/* --- sizes ---------------------------------------------------------------- */

static unsigned sizes_of(const struct workload_setup *setup) {
  int64_t least = setup->param[LEAST], greatest = setup->param[GREATEST];
  return greatest > least ? (unsigned)(greatest - least) + 1 : 1;
}

static uint64_t keys_of(const struct workload_setup *setup, unsigned size) {
  return UINT64_C(1) << (setup->param[LEAST] + size);
}

/* The number of dictionaries of a size in one sweep. */
static uint64_t tables_of(const struct workload_setup *setup, unsigned size) {
  return UINT64_C(1) << (sizes_of(setup) - 1 - size);
}

/* The bytes of the keys and values 0, step, 2 * step … below `count`. */
static size_t items_bytes(uint64_t count, uint64_t step) {
  size_t bytes = 0;
  for (uint64_t i = 0; i < count; i += step)
    bytes +=
        gc_py_str_size(key_length(i)) + gc_size_for(gc_py_types.integer, 0);
  return bytes;
}

static size_t grown_bytes(uint64_t keys) {
  return gc_py_dict_size() + gc_py_dict_room_size(keys) + items_bytes(keys, 1);
}

/* The keys that were kept, and key number `keys`, which made it shrink. */
static size_t shrunk_bytes(uint64_t keys) {
  return gc_py_dict_size() + gc_py_dict_room_size(keys / 2) +
         items_bytes(keys, KEPT_ONE_IN) + items_bytes(keys + 1, keys) -
         items_bytes(1, 1);
}

/* At the peak the last dictionary of the largest size is full, and all others
   have shrunk. */
static size_t live_bytes(const struct workload_setup *setup) {
  size_t world = gc_py_world_bytes();
  unsigned last = sizes_of(setup) - 1;
  size_t bytes = gc_size_for(workload_table_type(), last + 1) +
                 grown_bytes(keys_of(setup, last));
  for (unsigned size = 0; size < last; size++)
    bytes += shrunk_bytes(keys_of(setup, size));
  return world + setup->threads * bytes;
}

/* A growing dictionary doubles its storage; looking up and deleting create each
   key once more. */
static size_t alloc_bytes(const struct workload_setup *setup) {
  size_t all = 0, live = live_bytes(setup);
  for (unsigned size = 0; size < sizes_of(setup); size++)
    all += tables_of(setup, size) * 4 * grown_bytes(keys_of(setup, size));
  return live + setup->threads * (size_t)setup->param[SWEEPS] * all;
}

/* --- one dictionary ------------------------------------------------------- */

struct filler {
  struct workload_thread *t;
  struct gc_py py;
  const gc_root *dict;
  uint64_t table, wrong;
};

static bool key_make(struct filler *r, gc_root *out, uint64_t i) {
  char text[KEY_ROOM];
  size_t length = key_write(text, r->table, i);
  r->t->figures.alloc_objects++;
  r->t->figures.alloc_bytes += gc_py_str_size(length);
  return gc_py_str(&r->py, out, text, length) != NULL;
}

static bool item_add(struct filler *r, uint64_t i) {
  GC_FRAME(r->py.m, f, key, value);
  if (!key_make(r, &f.key, i) ||
      !gc_py_int(&r->py, &f.value, value_of(r->table, i)))
    return false;
  r->t->figures.alloc_objects++;
  r->t->figures.alloc_bytes += gc_size_for(gc_py_types.integer, 0);
  r->t->figures.ref_stores += 2;
  return gc_py_dict_set(&r->py, r->dict, &f.key, &f.value) == GC_PY_OK;
}

static bool item_look_up(struct filler *r, uint64_t i) {
  GC_FRAME(r->py.m, f, key);
  if (!key_make(r, &f.key, i))
    return false;
  gc_ref value = gc_py_dict_get(gc_root_get(r->dict), gc_root_get(&f.key));
  if (value == NULL || gc_py_int_value(value) != value_of(r->table, i))
    r->wrong++;
  else
    r->t->figures.checksum += (uint64_t)gc_py_int_value(value);
  return true;
}

static bool item_delete(struct filler *r, uint64_t i) {
  GC_FRAME(r->py.m, f, key);
  if (!key_make(r, &f.key, i))
    return false;
  r->wrong += gc_py_dict_delete(&r->py, gc_root_get(r->dict),
                                gc_root_get(&f.key)) != GC_PY_OK;
  r->t->figures.ref_stores += 2;
  return true;
}

static bool each_item(struct filler *r, uint64_t keys,
                      bool (*act)(struct filler *, uint64_t),
                      bool is_kept_too) {
  for (uint64_t i = 0; i < keys; i++) {
    uint64_t at = workload_permute(i, keys, r->table);
    if ((is_kept_too || at % KEPT_ONE_IN != 0) && !act(r, at))
      return false;
  }
  return true;
}

static bool dictionary_live(struct filler *r, uint64_t keys) {
  if (!each_item(r, keys, item_add, true) ||
      !each_item(r, keys, item_look_up, true) ||
      !each_item(r, keys, item_delete, false) || !item_add(r, keys))
    return false;
  uint64_t left = keys / KEPT_ONE_IN + 1;
  r->wrong += gc_py_dict_length(gc_root_get(r->dict)) != left;
  r->t->figures.ops += 3 * keys - keys / KEPT_ONE_IN + 1;
  return true;
}

/* Replaces the old dictionary by the new one while that is still empty. */
static bool dictionary_replace(struct workload_thread *t, const gc_root *all,
                               unsigned size, uint64_t table) {
  GC_FRAME(t->m, f, dict);
  struct filler r = {
      .t = t, .py = workload_py(t), .dict = &f.dict, .table = table};
  if (gc_py_dict(&r.py, &f.dict) == NULL)
    return false;
  gc_set(t->m, gc_root_get(all), size, gc_root_get(&f.dict));
  t->figures.alloc_objects++;
  t->figures.alloc_bytes += gc_py_dict_size();
  t->figures.ref_stores++;
  bool ok = dictionary_live(&r, keys_of(t->setup, size));
  workload_world_wrong(t, r.wrong);
  return ok;
}

/* --- a run ---------------------------------------------------------------- */

static bool begin(struct workload_thread *t) {
  return workload_world_begin(t, sizeof(struct workload_world), NULL) != NULL;
}

/* The number of a thread's next dictionary, in all sweeps. */
static uint64_t table_first(const struct workload_thread *t) {
  return t->setup->seed % 1000 * 1000 + (uint64_t)t->index * 100000;
}

static bool run(struct workload_thread *t) {
  GC_FRAME(t->m, f, all);
  unsigned sizes = sizes_of(t->setup);
  uint64_t table = table_first(t);
  if (gc_new_array(t->m, &f.all, workload_table_type(), sizes) == NULL)
    return false;
  t->figures.alloc_objects++;
  t->figures.alloc_bytes += gc_size_for(workload_table_type(), sizes);
  for (int64_t sweep = 0; sweep < t->setup->param[SWEEPS]; sweep++)
    for (unsigned size = 0; size < sizes; size++)
      for (uint64_t i = 0; i < tables_of(t->setup, size); i++)
        if (!dictionary_replace(t, &f.all, size, table++))
          return false;
  return true;
}

static uint64_t expected(const struct workload_thread *t) {
  uint64_t sum = 0, table = table_first(t);
  for (int64_t sweep = 0; sweep < t->setup->param[SWEEPS]; sweep++)
    for (unsigned size = 0; size < sizes_of(t->setup); size++)
      for (uint64_t n = tables_of(t->setup, size); n > 0; n--, table++) {
        uint64_t keys = keys_of(t->setup, size);
        sum += keys * (uint64_t)value_of(table, 0) + workload_sum_below(keys);
      }
  return sum;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  for (unsigned i = 0; i < main->setup->threads; i++)
    if (threads[i].figures.checksum != expected(&threads[i]))
      return "a thread did not find all of its values";
  return workload_world_is_right(main) ? NULL : "a key had a wrong value";
}

static const struct workload_param params[] = {
    [LEAST] =
        {"least", 3, 24, {3, 3, 3}, "the smallest dictionary has 2^least keys"},
    [GREATEST] = {"greatest",
                  3,
                  24,
                  {14, 16, 20},
                  "the largest dictionary has 2^greatest keys"},
    [SWEEPS] = {"sweeps", 1, 1000000, {2, 3, 3}, "rounds over all sizes"},
    {0},
};

const struct workload workload_dictionary = {
    .name = "dictionary",
    .summary = "Dictionaries with string keys grow, shrink and die",
    .stresses = "resizing storage, mixed sizes",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .makes_world = true,
    .begin = begin,
    .run = run,
    .check = check,
    .end = workload_world_end,
};
