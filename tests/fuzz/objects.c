/* SPDX-License-Identifier: MIT */
/* The objects of programs: creating them, and comparing them with the shadow.
 */
#include <string.h>

#include "heap/weak.h"
#include "tests/fuzz/fuzz.h"

/* --- types ---------------------------------------------------------------- */

enum { SHAPES = 8, REF_ARRAY = 6, BYTE_ARRAY = 7, FAR = 40, WATCHED = 128 };

static const struct gc_type_desc shapes[SHAPES] = {
    {.name = "leaf", .bytes = 16},
    {.name = "one", .refs = 1, .bytes = 16},
    {.name = "two", .refs = 2, .bytes = 16},
    {.name = "three", .refs = 3, .bytes = 16},
    {.name = "four", .refs = 4, .bytes = 24},
    {.name = "wide", .refs = 2, .bytes = 400},
    {.name = "array", .refs = 1, .bytes = 16, .tail = GC_REF_TAIL},
    {.name = "bytes", .bytes = 16, .tail = GC_BYTE_TAIL},
};
static gc_type types[2][SHAPES]; /* without a finalizer, and with one */

void fuzz_types_define(void) {
  for (int shape = 0; shape < SHAPES && types[1][shape] == 0; shape++) {
    struct gc_type_desc desc = shapes[shape];
    types[0][shape] = gc_type_define(&desc);
    desc.finalize = fuzz_finalize;
    types[1][shape] = gc_type_define(&desc);
    CHECK(types[0][shape] != 0 && types[1][shape] != 0);
  }
}

/* --- making --------------------------------------------------------------- */

size_t fuzz_slot(const struct fuzz *f, uint32_t node, uint32_t slot) {
  const struct fuzz_item *item = &f->item[node];
  return slot == 0 || item->stride == 0 ? slot : 1 + (slot - 1) * item->stride;
}

uint32_t fuzz_node_new(struct fuzz *f, uint32_t slots) {
  uint32_t node = shadow_add(&f->shadow, slots);
  f->item[node].born = atomic_load(&f->heap->stops);
  return node;
}

/* Creates a weak reference, which the program does not see, to observe the
   death of the object. If there is no memory, the object is not watched. */
static void watch(struct fuzz_thread *t, uint32_t node, const gc_root *object) {
  struct fuzz *f = t->fuzz;
  if (gc_weak_new(t->m, t->spare, gc_root_get(object)) == NULL)
    return;
  gc_set_move(t->m, gc_root_get(&f->watchers), node, t->spare);
  f->item[node].is_watched = true;
}

bool fuzz_has_room(struct fuzz_thread *t) {
  const struct shadow *s = &t->fuzz->shadow;
  return s->count + (t->m->is_finalizing ? FUZZ_NODES_SPARE : 0) < s->capacity;
}

/* The smallest arrays have one granule, the largest 128 KiB. */
static size_t length_of(int shape, uint8_t act, struct fuzz_item *item) {
  if (shape == BYTE_ARRAY)
    return (size_t)(act >> 4) << (act & 13);
  item->stride = act & 8 ? FAR : 1;
  return act % SHADOW_SLOTS * item->stride;
}

static uint32_t slots_of(int shape, const struct fuzz_item *item) {
  if (shape == REF_ARRAY)
    return 1 + (uint32_t)(item->length / item->stride);
  return shapes[shape].refs;
}

bool fuzz_new(struct fuzz_thread *t, gc_root *out, uint32_t *shadow_out,
              uint8_t form, uint8_t act) {
  struct fuzz *f = t->fuzz;
  int shape = form % SHAPES;
  bool is_finalizable = form / SHAPES % 2 != 0;
  struct fuzz_item item = {.type = types[is_finalizable][shape],
                           .act = act,
                           .change = act,
                           .is_finalizable = is_finalizable};
  if (!fuzz_has_room(t))
    return false;
  if (shape >= REF_ARRAY)
    item.length = length_of(shape, act, &item);
  gc_ref object = shape >= REF_ARRAY
                      ? gc_new_array(t->m, out, item.type, item.length)
                      : gc_new(t->m, out, item.type);
  if (object == NULL)
    return false;
  uint32_t node = fuzz_node_new(f, slots_of(shape, &item));
  item.born = f->item[node].born;
  f->item[node] = item;
  test_payload_set(object, node);
  *shadow_out = node;
  if (form & WATCHED)
    watch(t, node, out);
  return true;
}

bool fuzz_new_weak(struct fuzz_thread *t, gc_root *out, uint32_t *shadow_out,
                   const gc_root *target, uint32_t node) {
  struct fuzz *f = t->fuzz;
  if (!fuzz_has_room(t) || gc_weak_new(t->m, out, gc_root_get(target)) == NULL)
    return false;
  uint32_t weak = fuzz_node_new(f, 0);
  f->item[weak].type = gc_weak_type();
  f->item[weak].is_weak = true;
  f->item[weak].target = node;
  *shadow_out = weak;
  return true;
}

bool fuzz_new_ephemeron(struct fuzz_thread *t, gc_root *out,
                        uint32_t *shadow_out, const gc_root *key_root,
                        uint32_t key, const gc_root *value_root,
                        uint32_t value) {
  struct fuzz *f = t->fuzz;
  if (!fuzz_has_room(t) || gc_ephemeron_new(t->m, out, gc_root_get(key_root),
                                            gc_root_get(value_root)) == NULL)
    return false;
  uint32_t node = fuzz_node_new(f, 0);
  f->item[node].type = gc_ephemeron_type();
  f->item[node].is_weak = true;
  f->item[node].target = f->shadow.node[node].key = key;
  f->shadow.node[node].value = value;
  *shadow_out = node;
  return true;
}

bool fuzz_new_container(struct fuzz_thread *t, gc_root *out,
                        uint32_t *shadow_out, uint8_t form) {
  struct fuzz *f = t->fuzz;
  enum fuzz_container kind =
      (enum fuzz_container)(1 + form % (FUZZ_CONTAINERS - 1));
  uint32_t length = kind == FUZZ_LIST ? form / 4 % (FUZZ_ITEMS_OWN + 1) : 0;
  if (!fuzz_has_room(t))
    return false;
  gc_ref object = fuzz_container_make(t, out, kind, length);
  if (object == NULL)
    return false;
  uint32_t node = fuzz_node_new(f, length);
  f->item[node].type = gc_type_of(object);
  f->item[node].container = kind;
  *shadow_out = node;
  if (form & WATCHED)
    watch(t, node, out);
  return true;
}

/* --- looking -------------------------------------------------------------- */

/* Containers and their parts have no payload that could be checked. */
bool fuzz_is_intact(gc_ref object) {
  return gc_is_weak(object) || gc_py_kind_of(object) != GC_PY_OTHER ||
         test_is_intact(object);
}

static void compare_size(struct fuzz *f, uint32_t node, gc_ref object) {
  const struct fuzz_item *item = &f->item[node];
  bool is_array = gc_type_tail(item->type) != GC_NO_TAIL;
  if (is_array && gc_length(object) != item->length)
    fuzz_wrong(f, node, "has a wrong length");
  if (gc_sizeof(object) != gc_size_for(item->type, item->length))
    fuzz_wrong(f, node, "has different gc_sizeof and gc_size_for");
}

/* An object is young until the world stops, unless the collector works while
   mutators run. How many generations it moves up is the collector's choice. */
static void compare_age(struct fuzz *f, uint32_t node, gc_ref object) {
  bool is_new = !gc_collector.concurrent &&
                atomic_load(&f->heap->stops) == f->item[node].born;
  int generation = gc_generation_of(object);
  if (generation < 0 || generation > (is_new ? 0 : GC_OLDEST))
    fuzz_wrong(f, node, "has an impossible generation");
}

static void compare_bytes(const struct fuzz *f, uint32_t node, gc_ref object) {
  if (!test_is_intact(object) || test_id(object) != node)
    fuzz_wrong(f, node, "has other bytes than were stored");
}

/* At the end of the heap the keys have died. */
static bool is_opaque(const struct fuzz *f, uint32_t node) {
  return f->item[node].container && f->world == NULL;
}

static void compare(struct fuzz *f, uint32_t node, gc_ref object) {
  const struct fuzz_item *item = &f->item[node];
  if (gc_type_of(object) != item->type)
    fuzz_wrong(f, node, "has a wrong type");
  compare_size(f, node, object);
  compare_age(f, node, object);
  if (item->pins > 0 && item->pinned_at != (uintptr_t)object)
    fuzz_wrong(f, node, "is pinned, but it has moved");
  if (!item->container && !item->is_weak)
    compare_bytes(f, node, object);
  if (item->container && !is_opaque(f, node))
    fuzz_container_compare(f, node, object);
}

/* Records the address of a node the first time; it must be the same later. */
static size_t arrive(struct fuzz *f, uint32_t node, gc_ref object,
                     size_t depth) {
  if ((node == 0) != (object == NULL))
    fuzz_wrong(f, node, "a reference is wrongly NULL, or should be NULL");
  if (f->item[node].is_immediate && object != fuzz_immediate(node))
    fuzz_wrong(f, node, "is an immediate that has changed");
  if (f->item[node].is_immediate)
    return depth;
  if (node == 0 || f->ref[node] == object)
    return depth;
  if (f->ref[node] != NULL)
    fuzz_wrong(f, node, "is at two different addresses");
  f->ref[node] = object;
  compare(f, node, object);
  f->shadow.stack[depth] = node;
  return depth + 1;
}

void fuzz_compare_begin(struct fuzz *f) {
  memset(f->ref, 0, sizeof f->ref);
}

static gc_ref held_by(const struct fuzz *f, uint32_t node, uint32_t slot) {
  if (f->item[node].container)
    return fuzz_container_get(f, node, f->ref[node], slot);
  return gc_get(f->ref[node], fuzz_slot(f, node, slot));
}

void fuzz_compare_from(struct fuzz *f, uint32_t node, gc_ref object) {
  size_t depth = arrive(f, node, object, 0);
  while (depth > 0) {
    uint32_t holder = f->shadow.stack[--depth];
    const struct shadow_node *shadow = &f->shadow.node[holder];
    for (uint32_t i = 0; i < shadow->slots && !is_opaque(f, holder); i++)
      depth = arrive(f, shadow->slot[i], held_by(f, holder, i), depth);
  }
}
