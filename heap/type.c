/* SPDX-License-Identifier: MIT */
/* The process-wide table of types. An entry is written once, under the lock,
   before gc_type_define returns its gc_type. A reader got its gc_type after
   that, so readers need no lock. */
#include <pthread.h>
#include <string.h>

#include "heap/heap.h"
#include "heap/weak.h"

struct gc_type_info gc_type_table[GC_TYPE_MAX];

static pthread_mutex_t type_lock = PTHREAD_MUTEX_INITIALIZER;

void gc_types_lock(void) {
  pthread_mutex_lock(&type_lock);
}

void gc_types_unlock(void) {
  pthread_mutex_unlock(&type_lock);
}

static uint32_t type_count = 1; /* type_lock; index 0 is invalid */

enum { NAMES_BYTES = GC_TYPE_MAX * 16 };
static char names[NAMES_BYTES]; /* type_lock: copies, never freed */
static size_t names_used;       /* type_lock */

/* Long names are truncated: they are used only in messages. */
static const char *name_copy(const char *name) {
  size_t length = strnlen(name ? name : "", 255);
  if (length > NAMES_BYTES - 1 - names_used)
    length = NAMES_BYTES - 1 - names_used;
  char *copy = names + names_used;
  memcpy(copy, name ? name : "", length);
  copy[length] = '\0';
  names_used += names_used + length + 1 < NAMES_BYTES ? length + 1 : length;
  return copy;
}

/* Header, slots and data, rounded up to a word. Computed in 64 bits, so that
   32-bit fields cannot overflow it. */
static uint64_t fixed_bytes(const struct gc_type_desc *desc) {
  uint64_t data = ((uint64_t)desc->bytes + 7) / 8 * 8;
  return sizeof(struct gc_object) + (uint64_t)desc->refs * 8 + data;
}

static bool desc_is_valid(const struct gc_type_desc *desc) {
  return desc->tail <= GC_BYTE_TAIL && fixed_bytes(desc) <= UINT32_MAX;
}

/* The types that the library defines itself. */
enum built_in { NOT_BUILT_IN, WEAK_REFERENCE, EPHEMERON };

static gc_type type_encode(uint32_t index, const struct gc_type_desc *desc,
                           enum built_in kind) {
  uint64_t words = fixed_bytes(desc) / 8;
  bool fits = words <= GC_TYPE_FIELD_MAX;
  gc_type type = index | (uint32_t)desc->tail << GC_TYPE_TAIL_SHIFT;
  if (fits)
    type |= desc->refs << GC_TYPE_REFS_SHIFT | (uint32_t)words
                                                   << GC_TYPE_WORDS_SHIFT;
  if (fits && kind == NOT_BUILT_IN && !desc->finalize &&
      desc->tail == GC_NO_TAIL)
    type |= GC_TYPE_PLAIN;
  if (desc->refs == 0 && desc->tail != GC_REF_TAIL)
    type |= GC_TYPE_LEAF;
  return type;
}

/* type_lock is held. */
static gc_type type_add(const struct gc_type_desc *desc, enum built_in kind) {
  if (type_count == GC_TYPE_MAX || !desc_is_valid(desc))
    return 0;
  struct gc_type_info *info = &gc_type_table[type_count];
  info->desc = *desc;
  info->desc.name = name_copy(desc->name);
  info->fixed_bytes = (uint32_t)fixed_bytes(desc);
  info->is_weak = kind != NOT_BUILT_IN;
  info->is_ephemeron = kind == EPHEMERON;
  info->type = type_encode(type_count++, desc, kind);
  return info->type;
}

static _Atomic gc_type weak_type, ephemeron_type; /* type_lock to write */

/* type_lock is held. The built-in types are the first ones in the table, so
   that a full table still has them. */
static void built_in_ensure(void) {
  static const struct gc_type_desc weak = {.name = "weak reference",
                                           .bytes = sizeof(struct gc_weak)};
  static const struct gc_type_desc ephemeron = {
      .name = "ephemeron", .refs = 1, .bytes = sizeof(struct gc_ephemeron)};
  if (weak_type != 0)
    return;
  atomic_store(&ephemeron_type, type_add(&ephemeron, EPHEMERON));
  atomic_store(&weak_type, type_add(&weak, WEAK_REFERENCE));
}

gc_type gc_type_define(const struct gc_type_desc *desc) {
  pthread_mutex_lock(&type_lock);
  built_in_ensure();
  gc_type type = type_add(desc, NOT_BUILT_IN);
  pthread_mutex_unlock(&type_lock);
  return type;
}

const struct gc_type_desc *gc_type_describe(gc_type type) {
  return &gc_type_info(type)->desc;
}

static bool is_defined(gc_type type) {
  return type != 0 && gc_type_info(type)->type == type;
}

void gc_type_require_fixed(gc_type type) {
  gc_require(type != 0,
             "gc_new of type 0, which gc_type_define returns where it "
             "fails: check what it returns");
  gc_require(is_defined(type),
             "gc_new of a type that gc_type_define did not return");
  gc_require(gc_type_tail(type) == GC_NO_TAIL,
             "gc_new of an array type: use gc_new_array");
}

void gc_type_require_array(gc_type type) {
  gc_require(type != 0,
             "gc_new_array of type 0, which gc_type_define returns where it "
             "fails: check what it returns");
  gc_require(is_defined(type),
             "gc_new_array of a type that gc_type_define did not return");
  gc_require(gc_type_tail(type) != GC_NO_TAIL,
             "gc_new_array of a type without a tail: use gc_new");
}

size_t gc_cell_size(gc_type type, size_t length) {
  const struct gc_type_info *info = gc_type_info(type);
  size_t fixed = info->fixed_bytes, tail, total;
  if (info->desc.tail == GC_NO_TAIL)
    return fixed;
  /* A byte tail begins right after the data, without padding. */
  if (info->desc.tail == GC_BYTE_TAIL)
    fixed = sizeof(struct gc_object) + info->desc.refs * (size_t)8 +
            info->desc.bytes;
  size_t each = info->desc.tail == GC_REF_TAIL ? sizeof(gc_ref) : 1;
  if (__builtin_mul_overflow(length, each, &tail) ||
      __builtin_add_overflow(tail, fixed + sizeof(size_t) + 7, &total))
    return 0;
  return total / 8 * 8;
}

/* Needs the lock only until the type exists: a thread that loads the variable
   also sees the entry in the table. */
static gc_type built_in_get(_Atomic gc_type *type) {
  if (atomic_load(type) != 0)
    return atomic_load(type);
  pthread_mutex_lock(&type_lock);
  built_in_ensure();
  pthread_mutex_unlock(&type_lock);
  return atomic_load(type);
}

gc_type gc_weak_type(void) {
  return built_in_get(&weak_type);
}

gc_type gc_ephemeron_type(void) {
  return built_in_get(&ephemeron_type);
}
