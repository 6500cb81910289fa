/* SPDX-License-Identifier: MIT */
#include "objects/world.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "objects/intern.h"
#include "objects/number.h"
#include "objects/sequence.h"
#include "objects/str.h"
#include "objects/weakref.h"

struct gc_py_types gc_py_types;
uint8_t gc_py_kinds[GC_TYPE_MAX];

static const char *const kind_names[] = {
    [GC_PY_OTHER] = "object",     [GC_PY_STORAGE] = "storage",
    [GC_PY_NONE] = "NoneType",    [GC_PY_BOOL] = "bool",
    [GC_PY_INT] = "int",          [GC_PY_FLOAT] = "float",
    [GC_PY_STR] = "str",          [GC_PY_TUPLE] = "tuple",
    [GC_PY_LIST] = "list",        [GC_PY_DICT] = "dict",
    [GC_PY_CLASS] = "type",       [GC_PY_INSTANCE] = "instance",
    [GC_PY_CLOSURE] = "function", [GC_PY_WEAKREF] = "weakref"};

const char *gc_py_kind_name(enum gc_py_kind kind) {
  return kind_names[kind];
}

/* --- types ---------------------------------------------------------------- */

static bool types_complete = true;

static gc_type define(enum gc_py_kind kind, struct gc_type_desc desc) {
  if (desc.name == NULL)
    desc.name = gc_py_kind_name(kind);
  gc_type type = gc_type_define(&desc);
  if (type == 0)
    types_complete = false;
  else
    gc_py_kinds[type & (GC_TYPE_MAX - 1)] = (uint8_t)kind;
  return type;
}

static gc_type define_leaf(enum gc_py_kind kind, uint32_t bytes) {
  return define(kind, (struct gc_type_desc){.bytes = bytes});
}

static void define_slots(struct gc_py_slots_types *types, enum gc_py_kind kind,
                         struct gc_type_desc desc) {
  for (uint32_t n = 1; n <= GC_PY_SLOTS_SMALL; n++) {
    desc.refs = n;
    types->of[n] = define(kind, desc);
  }
  desc.refs = 0;
  desc.tail = GC_REF_TAIL;
  types->of[0] = define(kind, desc);
}

static void define_strs(gc_type *types) {
  enum { HEAD = sizeof(struct gc_py_str) };
  for (uint32_t n = 1; n <= GC_PY_WORDS_SMALL; n++)
    types[n] = define_leaf(GC_PY_STR, HEAD + 8 * n);
  types[0] = define(GC_PY_STR,
                    (struct gc_type_desc){.bytes = HEAD, .tail = GC_BYTE_TAIL});
}

static gc_type define_fixed(enum gc_py_kind kind, uint32_t refs, size_t bytes) {
  return define(kind,
                (struct gc_type_desc){.refs = refs, .bytes = (uint32_t)bytes});
}

static void define_instances(struct gc_py_types *t) {
  define_slots(&t->instance, GC_PY_INSTANCE, (struct gc_type_desc){0});
  define_slots(&t->mortal, GC_PY_INSTANCE,
               (struct gc_type_desc){.bytes = sizeof(struct gc_py_mortal),
                                     .finalize = gc_py_instance_finalize});
  t->klass =
      define_fixed(GC_PY_CLASS, GC_PY_CLASS_SLOTS, sizeof(struct gc_py_class));
  t->closure =
      define_fixed(GC_PY_CLOSURE, GC_PY_CLOSURE_SLOTS, sizeof(gc_py_code *));
}

static void define_weakrefs(struct gc_py_types *t) {
  t->weakref = define_fixed(GC_PY_WEAKREF, GC_PY_WEAKREF_SLOTS, 0);
  t->watcher = define_fixed(GC_PY_OTHER, GC_PY_WATCHER_SLOTS, 0);
  t->watch = define(GC_PY_OTHER,
                    (struct gc_type_desc){.name = "watch",
                                          .refs = GC_PY_WATCH_SLOTS,
                                          .bytes = sizeof(struct gc_py_watch),
                                          .finalize = gc_py_watch_finalize});
}

static void define_types(void) {
  struct gc_py_types *t = &gc_py_types;
  const struct gc_type_desc plain = {0};
  t->none = define(GC_PY_NONE, plain);
  t->boolean = define_leaf(GC_PY_BOOL, sizeof(int64_t));
  t->integer = define_leaf(GC_PY_INT, sizeof(int64_t));
  t->real = define_leaf(GC_PY_FLOAT, sizeof(double));
  t->bytes = define(GC_PY_STORAGE, (struct gc_type_desc){.tail = GC_BYTE_TAIL});
  for (uint32_t n = 0; n <= GC_PY_LIST_OWN; n++)
    t->list[n] =
        define_fixed(GC_PY_LIST, GC_PY_LIST_SLOTS + n, sizeof(uint64_t));
  t->dict =
      define_fixed(GC_PY_DICT, GC_PY_DICT_SLOTS, sizeof(struct gc_py_dict));
  define_strs(t->str);
  define_slots(&t->tuple, GC_PY_TUPLE, plain);
  define_slots(&t->storage, GC_PY_STORAGE, plain);
  t->intern_entry =
      define_fixed(GC_PY_OTHER, GC_PY_ENTRY_SLOTS, sizeof(uint32_t));
  define_instances(t);
  define_weakrefs(t);
}

/* --- shared objects ------------------------------------------------------- */

static gc_ref make_letter(const struct gc_py *py, gc_root *out, unsigned c) {
  size_t length = c < 0x80 ? 1 : 2;
  gc_ref str = gc_py_str_blank(py, out, length);
  if (str == NULL)
    return NULL;
  char *bytes = ((struct gc_py_str *)gc_py_leaf_data(str))->bytes;
  bytes[0] = (char)(c < 0x80 ? c : 0xc0 | c >> 6);
  if (length == 2)
    bytes[1] = (char)(0x80 | (c & 0x3f));
  return str;
}

static gc_ref make_bool(const struct gc_py *py, gc_root *out, bool value) {
  gc_ref object = gc_py_new(py, out, gc_py_types.boolean);
  if (object != NULL)
    *(int64_t *)gc_py_leaf_data(object) = value;
  return object;
}

static gc_ref make_shared(const struct gc_py *py, gc_root *out, int at) {
  if (at < GC_PY_SMALL_COUNT)
    return gc_py_int_new(py, out, at + GC_PY_LEAST_SMALL);
  if (at >= GC_PY_AT_LETTERS)
    return make_letter(py, out, (unsigned)(at - GC_PY_AT_LETTERS));
  if (at == GC_PY_AT_EMPTY_TUPLE)
    return gc_py_new_array(py, out, gc_py_types.tuple.of[0], 0);
  if (at == GC_PY_AT_EMPTY_STR)
    return gc_py_new_array(py, out, gc_py_types.str[0], 0);
  if (at == GC_PY_AT_NONE)
    return gc_py_new(py, out, gc_py_types.none);
  return make_bool(py, out, at == GC_PY_AT_TRUE);
}

static bool make_all_shared(const struct gc_py *py) {
  GC_FRAME(py->m, f, all, one);
  if (!gc_py_new_array(py, &f.all, gc_py_types.storage.of[0],
                       GC_PY_SHARED_COUNT))
    return false;
  for (int at = 0; at < GC_PY_SHARED_COUNT; at++) {
    gc_ref object = make_shared(py, &f.one, at);
    if (object == NULL)
      return false;
    gc_set_move(py->m, gc_root_get(&f.all), (size_t)at, &f.one);
  }
  gc_global_set(py->m, &py->world->shared, gc_root_get(&f.all));
  return true;
}

/* Called only when nothing can fail any more, because it cannot be undone. */
static void immortalize_shared(const struct gc_py *py) {
  for (size_t at = 0; at < GC_PY_SHARED_COUNT; at++)
    gc_immortalize(py->m, gc_py_shared(py, at));
}

/* The size of the object that make_shared creates. */
static size_t shared_bytes(int at) {
  if (at < GC_PY_SMALL_COUNT)
    return gc_size_for(gc_py_types.integer, 0);
  if (at >= GC_PY_AT_LETTERS)
    return gc_py_str_size(at < GC_PY_AT_LETTERS + 0x80 ? 1 : 2);
  if (at == GC_PY_AT_EMPTY_TUPLE)
    return gc_py_slots_size(&gc_py_types.tuple, 0);
  if (at == GC_PY_AT_EMPTY_STR)
    return gc_py_str_size(0);
  return gc_size_for(
      at == GC_PY_AT_NONE ? gc_py_types.none : gc_py_types.boolean, 0);
}

/* --- worlds --------------------------------------------------------------- */

static pthread_mutex_t closed_lock = PTHREAD_MUTEX_INITIALIZER;
static struct gc_py_world *closed; /* closed_lock: a list, newest first */

static void world_put(struct gc_py_world *world) {
  atomic_store(&world->serial, 0);
  pthread_mutex_lock(&closed_lock);
  world->next_closed = closed;
  closed = world;
  pthread_mutex_unlock(&closed_lock);
}

/* A world that is all zero, except for its serial. */
static struct gc_py_world *world_take(void) {
  static _Atomic uint64_t serials;
  pthread_mutex_lock(&closed_lock);
  struct gc_py_world *world = closed;
  if (world != NULL)
    closed = world->next_closed;
  pthread_mutex_unlock(&closed_lock);
  if (world == NULL)
    world = calloc(1, sizeof *world);
  if (world == NULL)
    return NULL;
  memset(&world->heap, 0, sizeof *world - offsetof(struct gc_py_world, heap));
  atomic_store(&world->serial, atomic_fetch_add(&serials, 1) + 1);
  return world;
}

static struct gc_py_world *world_new(gc_heap *heap,
                                     const struct gc_py_options *options) {
  struct gc_py_world *world = world_take();
  if (world == NULL)
    return NULL;
  world->heap = heap;
  if (options != NULL)
    world->options = *options;
  world->small_ints = world->options.no_small_ints ? 0 : GC_PY_SMALL_COUNT;
  world->interned = gc_py_interned_new(heap);
  if (world->interned == NULL) {
    world_put(world);
    return NULL;
  }
  gc_global_add(heap, &world->shared);
  return world;
}

static bool types_ensure(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, define_types);
  return types_complete;
}

size_t gc_py_world_bytes(void) {
  if (!types_ensure())
    return 0;
  size_t bytes = gc_py_slots_size(&gc_py_types.storage, GC_PY_SHARED_COUNT);
  for (int at = 0; at < GC_PY_SHARED_COUNT; at++)
    bytes += shared_bytes(at);
  return bytes;
}

int gc_py_open(gc_mutator *m, const struct gc_py_options *options,
               struct gc_py_world **out) {
  if (!types_ensure())
    return EAGAIN;
  struct gc_py_world *world = world_new(m->heap, options);
  if (world == NULL)
    return ENOMEM;
  const struct gc_py py = {m, world};
  if (!make_all_shared(&py)) {
    gc_py_close(m, world);
    return ENOMEM;
  }
  if (!world->options.mortal)
    immortalize_shared(&py);
  *out = world;
  return 0;
}

void gc_py_close(gc_mutator *m, struct gc_py_world *world) {
  gc_py_interned_free(m, world->interned);
  gc_global_remove(m, &world->shared);
  world_put(world);
}
