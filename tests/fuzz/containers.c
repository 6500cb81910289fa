/* SPDX-License-Identifier: MIT */
/* Containers of programs: Python's dictionaries, lists, and instances that
   accept any attribute. In the shadow each is a node whose slots are its
   values, in order. Finalizers change containers, too, even one that is being
   changed: an operation acts after it has allocated what it needs, so changes
   by finalizers during the operation come before it (Note [Looking again] in
   objects/world.h). */
#include <string.h>

#include "objects/instance.h"
#include "objects/sequence.h"
#include "tests/fuzz/fuzz.h"

/* Keys of dictionaries are small integers, and names of attributes have one
   letter. Both are shared objects, so that only containers allocate. */
enum { KEYS = SHADOW_SLOTS_MOST };

/* --- the world ------------------------------------------------------------ */

void fuzz_containers_open(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  const struct gc_py_class_desc desc = {.name = "Open", .flags = GC_PY_OPEN};
  CHECK(gc_py_open(t->m, NULL, &f->world) == 0);
  gc_global_add(f->heap, &f->class);
  GC_FRAME(t->m, frame, class);
  CHECK(gc_py_class(&(struct gc_py){t->m, f->world}, &frame.class, &desc));
  gc_global_set(t->m, &f->class, gc_root_get(&frame.class));
}

void fuzz_containers_close(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  gc_global_remove(t->m, &f->class);
  gc_py_close(t->m, f->world);
  f->world = NULL;
}

gc_ref fuzz_container_make(struct fuzz_thread *t, gc_root *out,
                           enum fuzz_container kind, size_t length) {
  const struct gc_py py = {t->m, t->fuzz->world};
  GC_FRAME(t->m, frame, item[FUZZ_ITEMS_OWN]);
  if (kind == FUZZ_DICT)
    return gc_py_dict(&py, out);
  if (kind == FUZZ_INSTANCE)
    return gc_py_instance(&py, out, &t->fuzz->class);
  return gc_py_list(&py, out, frame.item, length);
}

/* --- the shadow ----------------------------------------------------------- */

static uint32_t length_of(const struct fuzz *f, uint32_t node) {
  return f->shadow.node[node].slots;
}

static uint32_t entry_of(const struct fuzz *f, uint32_t node, uint8_t key) {
  uint32_t i = 0;
  while (i < length_of(f, node) && f->item[node].key[i] != key)
    i++;
  return i;
}

/* Overwrites the entry, or appends it. */
static void shadow_put(struct fuzz *f, uint32_t node, uint32_t entry,
                       uint8_t key, uint32_t value) {
  struct shadow_node *shadow = &f->shadow.node[node];
  CHECK(entry < SHADOW_SLOTS_MOST);
  shadow->slots += entry == shadow->slots;
  shadow->slot[entry] = value;
  f->item[node].key[entry] = key;
  f->item[value].was_contained = true;
}

static void shadow_remove(struct fuzz *f, uint32_t node, uint32_t entry) {
  struct shadow_node *shadow = &f->shadow.node[node];
  uint8_t *key = &f->item[node].key[entry];
  size_t behind = --shadow->slots - entry;
  memmove(key, key + 1, behind * sizeof *key);
  memmove(&shadow->slot[entry], &shadow->slot[entry + 1],
          behind * sizeof *shadow->slot);
}

static void shadow_resize(struct fuzz *f, uint32_t node, uint32_t length) {
  struct shadow_node *shadow = &f->shadow.node[node];
  for (uint32_t i = shadow->slots; i < length; i++)
    shadow->slot[i] = 0;
  shadow->slots = length;
}

/* --- changing ------------------------------------------------------------- */

struct change {
  struct gc_py py;
  struct fuzz_thread *t;
  const gc_root *container;
  uint32_t node;
  const gc_root *value; /* the value to add; empty: no value, or None */
  uint32_t value_node;
  uint8_t key;
  uint32_t length;
};

static gc_ref key_of(const struct fuzz *f, uint32_t node, uint8_t key) {
  const struct gc_py py = {NULL, f->world};
  bool is_dict = f->item[node].container == FUZZ_DICT;
  return gc_py_shared(&py, is_dict ? (size_t)key - GC_PY_LEAST_SMALL
                                   : (size_t)GC_PY_AT_LETTERS + 'a' + key);
}

/* A finalizer may run during a step that adds an entry; it leaves room for that
   entry. */
static uint32_t length_most(const struct change *c) {
  return SHADOW_SLOTS_MOST - c->t->m->is_finalizing;
}

/* The shadow's entry is searched after the operation: finalizers may have moved
   it. */
static void entry_set(const struct change *c) {
  struct fuzz *f = c->t->fuzz;
  GC_FRAME(c->t->m, frame, key, value);
  if (length_of(f, c->node) >= length_most(c))
    return;
  gc_root_set(c->t->m, &frame.key, key_of(f, c->node, c->key));
  gc_root_set(c->t->m, &frame.value,
              c->value_node ? gc_root_get(c->value) : gc_py_none(&c->py));
  bool is_dict = f->item[c->node].container == FUZZ_DICT;
  enum gc_py_status status = (is_dict ? gc_py_dict_set : gc_py_setattr)(
      &c->py, c->container, &frame.key, &frame.value);
  CHECK(status == GC_PY_OK || status == GC_PY_NO_MEMORY);
  if (status == GC_PY_OK)
    shadow_put(f, c->node, entry_of(f, c->node, c->key), c->key, c->value_node);
}

static void entry_delete(const struct change *c) {
  struct fuzz *f = c->t->fuzz;
  uint32_t entry = entry_of(f, c->node, c->key);
  bool is_there = entry < length_of(f, c->node);
  gc_ref container = gc_root_get(c->container);
  gc_ref key = key_of(f, c->node, c->key);
  enum gc_py_status status = f->item[c->node].container == FUZZ_DICT
                                 ? gc_py_dict_delete(&c->py, container, key)
                                 : gc_py_delattr(&c->py, container, key);
  CHECK(status == (is_there ? GC_PY_OK : GC_PY_NO_SUCH_KEY));
  if (is_there)
    shadow_remove(f, c->node, entry);
}

static void dict_clear(const struct change *c) {
  gc_py_dict_clear(&c->py, gc_root_get(c->container));
  shadow_resize(c->t->fuzz, c->node, 0);
}

static void list_append(const struct change *c) {
  struct fuzz *f = c->t->fuzz;
  GC_FRAME(c->t->m, frame, item);
  if (length_of(f, c->node) >= length_most(c))
    return;
  if (c->value_node)
    gc_root_set(c->t->m, &frame.item, gc_root_get(c->value));
  if (gc_py_list_append(&c->py, c->container, &frame.item))
    shadow_put(f, c->node, length_of(f, c->node), 0, c->value_node);
}

/* The item is removed before finalizers run. */
static void list_pop(const struct change *c) {
  struct fuzz *f = c->t->fuzz;
  GC_FRAME(c->t->m, frame, item);
  uint32_t length = length_of(f, c->node), popped = 0;
  if (length > 0) {
    popped = f->shadow.node[c->node].slot[length - 1];
    shadow_resize(f, c->node, length - 1);
  }
  CHECK(gc_py_list_pop(&c->py, c->container, &frame.item) == (length > 0));
  fuzz_compare_begin(f);
  fuzz_compare_from(f, popped, gc_root_get(&frame.item));
}

static void list_resize(const struct change *c) {
  struct fuzz *f = c->t->fuzz;
  uint32_t most = length_most(c);
  uint32_t length = c->length < most ? c->length : most;
  if (gc_py_list_resize(&c->py, c->container, length))
    shadow_resize(f, c->node, length);
}

/* The bits of `how`: the operation, how often, and the first key. */
enum { ADD_NOTHING, ADD, WHATS = 4, TIMES_SHIFT = 2, KEY_SHIFT = 5 };

static void change(const struct change *c, unsigned what) {
  static void (*const of[FUZZ_CONTAINERS][3])(const struct change *) = {
      [FUZZ_DICT] = {entry_set, entry_delete, dict_clear},
      [FUZZ_LIST] = {list_append, list_pop, list_resize},
      [FUZZ_INSTANCE] = {entry_set, entry_delete, entry_delete}};
  unsigned which = what == ADD_NOTHING ? 0 : what - ADD;
  of[c->t->fuzz->item[c->node].container][which](c);
}

void fuzz_container_change(struct fuzz_thread *t, const gc_root *container,
                           uint32_t node, const gc_root *value,
                           uint32_t value_node, uint8_t how) {
  struct fuzz *f = t->fuzz;
  unsigned what = how % WHATS, times = 1 + (how >> TIMES_SHIFT) % 8;
  unsigned key = (unsigned)(how >> KEY_SHIFT) * 3;
  bool adds = what != ADD_NOTHING && fuzz_is_object(f, value_node);
  struct change c = {.py = {t->m, f->world},
                     .t = t,
                     .container = container,
                     .node = node,
                     .value = value,
                     .value_node = adds ? value_node : 0,
                     .length = key + times};
  fuzz_say(t, "  container %u changes %u times (%02x)", node, times, how);
  for (unsigned i = 0; i < times; i++) {
    c.key = (uint8_t)((key + i) % KEYS);
    change(&c, what);
  }
  fuzz_compare_begin(f);
  fuzz_compare_from(f, node, gc_root_get(container));
}

/* --- looking -------------------------------------------------------------- */

static gc_ref attribute(const struct fuzz *f, uint32_t node, gc_ref container,
                        uint8_t key) {
  return f->item[node].container == FUZZ_DICT
             ? gc_py_dict_get(container, key_of(f, node, key))
             : gc_py_getattr(container, key_of(f, node, key));
}

gc_ref fuzz_container_get(const struct fuzz *f, uint32_t node, gc_ref container,
                          uint32_t slot) {
  const struct gc_py py = {NULL, f->world};
  if (f->item[node].container == FUZZ_LIST)
    return gc_py_list_get(container, slot);
  gc_ref value = attribute(f, node, container, f->item[node].key[slot]);
  return value == gc_py_none(&py) ? NULL : value;
}

/* Checks the fill of a dictionary: if it exceeded the capacity, the other
   checks might not notice. */
static void compare_room(const struct fuzz *f, uint32_t node, gc_ref dict) {
  gc_ref entries = gc_get(dict, GC_PY_DICT_ENTRIES);
  size_t room = entries != NULL ? gc_slot_count(entries) / 2 : 0;
  if (gc_py_dict_data(dict)->fill > room)
    fuzz_wrong(f, node, "has more entries than its capacity");
}

static void compare_order(const struct fuzz *f, uint32_t node, gc_ref dict) {
  gc_ref key, value;
  size_t at = 0;
  for (uint32_t i = 0; gc_py_dict_next(dict, &at, &key, &value); i++)
    if (i >= length_of(f, node) || key != key_of(f, node, f->item[node].key[i]))
      fuzz_wrong(f, node, "has wrong keys or a wrong order of keys");
  if (gc_py_dict_length(dict) != length_of(f, node))
    fuzz_wrong(f, node, "has a wrong number of keys");
}

static void compare_keys(const struct fuzz *f, uint32_t node,
                         gc_ref container) {
  for (uint8_t key = 0; key < KEYS; key++) {
    bool is_there = attribute(f, node, container, key) != NULL;
    if (is_there != (entry_of(f, node, key) < length_of(f, node)))
      fuzz_wrong(f, node, "has a key too many or lacks one");
  }
}

void fuzz_container_compare(const struct fuzz *f, uint32_t node,
                            gc_ref container) {
  if (f->item[node].container == FUZZ_LIST) {
    size_t length = gc_py_list_length(container);
    if (length != length_of(f, node) || length > gc_py_list_capacity(container))
      fuzz_wrong(f, node, "has a wrong length or exceeds its capacity");
    return;
  }
  if (f->item[node].container == FUZZ_DICT) {
    compare_room(f, node, container);
    compare_order(f, node, container);
  }
  compare_keys(f, node, container);
}
