/* SPDX-License-Identifier: MIT */
/* The layout of objects and types, the same for every collector.

     array types only          every object
     +----------------+ +--------+--------+--------+-...-+--------+-...
     | length (8)     | | type 4 | word 4 | slot 0 |     | slot n | bytes
     +----------------+ +--------+--------+--------+-...-+--------+-...
     ^ start of the cell ^ gc_ref

   The length is before the header, so that slot i has the same offset in every
   object and gc_get need not read the type. `word` belongs to the collector.
   References come before the data, so that tracing is a loop over slots. */
#ifndef GC_OBJECT_H
#define GC_OBJECT_H

#include "heap/assert.h"
#include "heap/platform.h"

GC_PUBLIC_BEGIN

typedef struct gc_heap gc_heap;
typedef struct gc_mutator gc_mutator;
typedef struct gc_object *gc_ref;
typedef struct {
  gc_ref ref;
} gc_root;
typedef uint32_t gc_type;

struct gc_object {
  gc_type type;
  uint32_t word; /* the collector's; its collector.h says who writes it */
  __extension__ gc_ref slot[]; /* always read and written atomically */
};
GC_STATIC_ASSERT(sizeof(struct gc_object) == 8, "a header is eight bytes");

enum gc_tail { GC_NO_TAIL, GC_REF_TAIL, GC_BYTE_TAIL };

struct gc_type_desc {
  const char *name;
  uint32_t refs;     /* the number of fixed reference slots */
  uint32_t bytes;    /* the size of the fixed data, which follows the slots */
  enum gc_tail tail; /* array types: what gc_new_array repeats */
  /* Called once at a safepoint after the object died, while it is still intact.
     It may allocate, and may resurrect the object. May be NULL. */
  void (*finalize)(gc_mutator *, const gc_root *self);
};

/* Defines a type for the whole process. Any thread may call it. The
   description and its name are copied. Returns 0 if the table is full (4093
   types) or the description is invalid: its `tail` is not an enum gc_tail, or
   its fixed part is over 4 GiB. */
gc_type gc_type_define(const struct gc_type_desc *);
/* The description of a type, owned by the library and valid until the process
   ends. */
const struct gc_type_desc *gc_type_describe(gc_type);

/* A gc_type encodes what fast paths need, so that they read no table:

     31      30..29   28....21    20      19....12   11.....0
     plain   tail     words       leaf    refs       index

   words, refs: the size of the object in 8-byte words (header included, tail
     excluded) and its fixed slots; valid only where `plain` is set.
   leaf: the object has no reference slot, so it cannot be in a cycle.
   plain: allocation and death may take the fast path. It is clear for arrays,
     finalizers, weak references, ephemerons, and sizes that do not fit in the
     fields. It is also clear in type 0, which is no type: the slow path stops
     the program, and the fast path needs no check.
   index: the entry in gc_type_table. */
enum {
  GC_TYPE_INDEX_BITS = 12,
  GC_TYPE_MAX = 1 << GC_TYPE_INDEX_BITS,
  GC_TYPE_FIELD_MAX = 255,
  GC_TYPE_REFS_SHIFT = 12,
  GC_TYPE_WORDS_SHIFT = 21,
  GC_TYPE_TAIL_SHIFT = 29,
};
#define GC_TYPE_LEAF  (UINT32_C(1) << 20)
#define GC_TYPE_PLAIN (UINT32_C(1) << 31)

struct gc_type_info {
  struct gc_type_desc desc;
  gc_type type;
  uint32_t fixed_bytes; /* header, slots and data, rounded up to 8 */
  bool is_weak;         /* weak references and ephemerons */
  bool is_ephemeron;
};

/* An entry is written once, before gc_type_define returns its gc_type. */
extern struct gc_type_info gc_type_table[GC_TYPE_MAX];

GC_INLINE const struct gc_type_info *gc_type_info(gc_type type) {
  return &gc_type_table[type & (GC_TYPE_MAX - 1)];
}

GC_INLINE bool gc_type_is_special(gc_type type) {
  return (type & GC_TYPE_PLAIN) == 0;
}

GC_INLINE bool gc_type_is_leaf(gc_type type) {
  return (type & GC_TYPE_LEAF) != 0;
}

GC_INLINE enum gc_tail gc_type_tail(gc_type type) {
  return (enum gc_tail)(type >> GC_TYPE_TAIL_SHIFT & 3);
}

/* Slots and bytes of types that are not special. */
GC_INLINE size_t gc_type_plain_refs(gc_type type) {
  return type >> GC_TYPE_REFS_SHIFT & 0xff;
}

GC_INLINE size_t gc_type_plain_size(gc_type type) {
  return (size_t)(type >> GC_TYPE_WORDS_SHIFT & 0xff) * 8;
}

/* Stop the program, with a sentence, unless the type is one that gc_new or
   gc_new_array takes. The slow path of allocation asks in every build. */
void gc_type_require_fixed(gc_type type);
void gc_type_require_array(gc_type type);

/* The fast paths ask where assertions are on. */
GC_INLINE void gc_type_check_fixed(gc_type type) {
  if (GC_ASSERT_LEVEL >= 2)
    gc_type_require_fixed(type);
}

GC_INLINE void gc_type_check_array(gc_type type) {
  if (GC_ASSERT_LEVEL >= 2)
    gc_type_require_array(type);
}

GC_INLINE gc_type gc_type_of(gc_ref object) {
  return object->type;
}

/* The number of elements of an array object: slots of a GC_REF_TAIL, bytes of a
   GC_BYTE_TAIL. */
GC_INLINE size_t gc_length(gc_ref object) {
  gc_check(gc_type_tail(object->type) != GC_NO_TAIL,
           "gc_length of an object that is no array");
  return ((const size_t *)object)[-1];
}

/* Reference slots of an object, tail included. */
GC_INLINE size_t gc_slot_count(gc_ref object) {
  gc_type type = object->type;
  if (GC_LIKELY(!gc_type_is_special(type)))
    return gc_type_plain_refs(type);
  size_t refs = gc_type_info(type)->desc.refs;
  if (gc_type_tail(type) == GC_REF_TAIL)
    refs += gc_length(object);
  return refs;
}

/* The data of an object, 8-byte aligned. The pointer is valid as long as the
   reference. */
GC_INLINE void *gc_bytes(gc_ref object) {
  return &object->slot[gc_slot_count(object)];
}

/* The types of all weak references and of all ephemerons; defined by the first
   call. */
gc_type gc_weak_type(void);
gc_type gc_ephemeron_type(void);

/* The bytes of a cell, from its start to the end of the data. `length` is 0 for
   types without a tail. Returns 0 if the size does not fit in a size_t. */
size_t gc_cell_size(gc_type type, size_t length);

/* The same for an object that exists. */
GC_INLINE size_t gc_object_cell_size(gc_ref object) {
  gc_type type = object->type;
  if (GC_LIKELY(!gc_type_is_special(type)))
    return gc_type_plain_size(type);
  bool is_array = gc_type_tail(type) != GC_NO_TAIL;
  return gc_cell_size(type, is_array ? gc_length(object) : 0);
}

GC_INLINE size_t gc_cell_prefix(gc_type type) {
  return gc_type_tail(type) != GC_NO_TAIL ? sizeof(size_t) : 0;
}

/* The cell that holds an object: where its memory begins. */
GC_INLINE void *gc_object_cell(gc_ref object) {
  return (char *)object - gc_cell_prefix(object->type);
}

/* --- what gc_array_resize is made of (array.c, array.h) ------------------- */

/* Stops the program unless it is an array. */
void gc_array_require(gc_ref array);
/* May an array change its length where it is? `cell` is what gc_sizeof says of
   the array, `wanted` what gc_size_for says of the new length. */
bool gc_array_stays(gc_ref array, size_t length, size_t cell, size_t wanted);
/* Changes the length of such an array. New elements are zero. Slots past the
   new end have been emptied before. */
void gc_array_relength(gc_mutator *, gc_ref array, size_t length);
/* The bytes that arrays of this type have in common if the shorter of them has
   this length. */
size_t gc_array_common_bytes(gc_type, size_t shorter);

/* --- immediates ----------------------------------------------------------- */

/* A slot or a root may hold an immediate instead of a reference: a value whose
   lowest bit is set, such as a small integer. It is no object: collectors do
   not follow it or count it, and only the functions that store, load, move and
   compare values take it, and gc_ephemeron_new as a value. References are
   multiples of eight. docs/interface.md, "Immediates". */
GC_INLINE bool gc_is_immediate(gc_ref value) {
  return ((uintptr_t)value & 1) != 0;
}

/* Neither NULL nor an immediate. */
GC_INLINE bool gc_is_object(gc_ref value) {
  return value != NULL && !gc_is_immediate(value);
}

/* An integer as an immediate. It has 63 bits: the highest bit is lost. */
GC_INLINE gc_ref gc_immediate(intptr_t number) {
  return (gc_ref)((uintptr_t)number << 1 | 1);
}

GC_INLINE intptr_t gc_immediate_number(gc_ref immediate) {
  return (intptr_t)immediate >> 1;
}

/* --- slots ---------------------------------------------------------------- */

/* Mutators share slots, so every access is atomic. Loads acquire: a thread that
   loads a reference sees what the storing thread wrote into the object before
   it stored the reference. */
GC_INLINE gc_ref gc_slot_load(gc_ref object, size_t slot) {
  return __atomic_load_n(&object->slot[slot], __ATOMIC_ACQUIRE);
}

GC_INLINE gc_ref gc_slot_load_relaxed(gc_ref object, size_t slot) {
  return __atomic_load_n(&object->slot[slot], __ATOMIC_RELAXED);
}

GC_INLINE void gc_slot_store(gc_ref object, size_t slot, gc_ref value) {
  __atomic_store_n(&object->slot[slot], value, __ATOMIC_RELEASE);
}

/* Sequentially consistent: Note [Running alone] in heap/grace.h needs the
   exchange to be ordered before the reading of heap->running. */
GC_INLINE gc_ref gc_slot_exchange(gc_ref object, size_t slot, gc_ref value) {
  return __atomic_exchange_n(&object->slot[slot], value, __ATOMIC_SEQ_CST);
}

GC_INLINE bool gc_slot_cas(gc_ref object, size_t slot, gc_ref expected,
                           gc_ref desired) {
  return __atomic_compare_exchange_n(&object->slot[slot], &expected, desired,
                                     false, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE);
}

GC_PUBLIC_END

#endif
