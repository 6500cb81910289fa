/* SPDX-License-Identifier: MIT */
/* The slow path of allocation: finds the next free run.

   Note [Free runs]
   A mutator owns its block until it leaves the block or the world stops.
   Meanwhile no other thread reads or writes the block's side bytes. So the
   search for free runs, which is the sweep, needs no lock. The side bytes show
   which objects were alive at the last collection. They do not change while the
   mutator allocates: each run is used once, from its start. When a mutator
   gives up a run, it writes a filler into the unused rest. So a block can be
   read from its start to its cursor: a granule whose side byte is 0 belongs to
   a young object or a filler. The first word there tells which:
   - of an array: its length, less than GEN_TYPE_LEAST, with an upper half of 0;
   - of another object: its header, with the type in the lower half. The type is
     at least GEN_TYPE_LEAST, because it contains the size of a small object;
   - of a filler: 0 in the lower half, and its size, which is not 0, in the
     upper half. */
#include "collectors/gen/gen.h"

#include "heap/external.h"

#include <errno.h>
#include <string.h>

#include "heap/sweepstakes.h"
#include "heap/weak.h"

enum {
  /* Bytes that are zeroed at once: few enough to be still in the first-level
     cache when objects are made there, and enough to pay for the call. */
  GEN_ZERO_AHEAD = 4096,
  GEN_SHRUNK_ZERO = 64,
  /* A larger cell goes to the room for medium cells, so that the room for small
     cells need not give up its run. */
  GEN_MEDIUM_OVER = 256,
};

/* --- rooms ---------------------------------------------------------------- */

/* Holds between operations of the owner. */
static bool room_is_valid(const struct gen_room *room) {
  return room->block != NULL && gen_block_start(room->block) <= room->at &&
         room->at <= room->end && room->end <= room->run_end &&
         room->run_end <= gen_block_end(room->block);
}

static void fill(char *at, const char *end) {
  gc_assert(at <= end && (size_t)(end - at) % GEN_GRANULE == 0);
  if (at == end)
    return;
  gc_ref filler = (gc_ref)at;
  filler->type = 0;
  filler->word = (uint32_t)((end - at) / GEN_GRANULE);
}

/* Makes room for `size` bytes in the present run. */
static bool run_extend(struct gen_heap *heap, struct gen_room *room,
                       size_t size) {
  if (size > (size_t)(room->run_end - room->at))
    return false;
  gc_assert(room_is_valid(room));
  size_t ahead = heap->base.shrink ? GEN_SHRUNK_ZERO : GEN_ZERO_AHEAD;
  char *end = room->at + (size > ahead ? size : ahead);
  if (end > room->run_end)
    end = room->run_end;
  gc_assert(end >= room->end);
  if (!room->block->is_zero)
    memset(room->end, 0, (size_t)(end - room->end));
  room->end = end;
  return true;
}

/* Gives up the present run for the next one. */
static bool run_next(struct gen_room *room) {
  struct gen_block *block = room->block;
  char *start = gen_block_start(block);
  const uint8_t *bytes = gc_gen_byte(start);
  fill(room->at, room->run_end);
  size_t from = (size_t)(room->run_end - start) / GEN_GRANULE;
  size_t at = gen_next_free(bytes, from);
  size_t end = at;
  if (at < GEN_BLOCK_GRANULES)
    end = gen_block_free(block) == GEN_BLOCK_GRANULES
              ? GEN_BLOCK_GRANULES
              : gen_next_used(bytes, at);
  room->at = room->end = start + at * GEN_GRANULE;
  room->run_end = start + end * GEN_GRANULE;
  gc_assert(room_is_valid(room));
  return at < end;
}

static void room_enter(struct gen_room *room, struct gen_block *block) {
  gc_assert(room->block == NULL);
  room->block = block;
  room->at = room->end = room->run_end = gen_block_start(block);
}

static void room_leave(struct gen_mutator *m, struct gen_room *room) {
  struct gen_block *block = room->block;
  if (block == NULL)
    return;
  gc_assert(room_is_valid(room));
  block->cursor = room->at;
  block->next = m->young;
  m->young = block;
  *room = (struct gen_room){0};
}

void gc_gen_rooms_leave(struct gen_mutator *m) {
  for (int i = 0; i < GEN_ROOMS; i++)
    room_leave(m, &m->room[i]);
}

static bool block_search(struct gen_heap *heap, struct gen_room *room,
                         size_t size) {
  do
    if (run_extend(heap, room, size))
      return true;
  while (run_next(room));
  return false;
}

/* NULL: there is no block. */
static char *room_new(struct gen_mutator *m, struct gen_room *room,
                      size_t size) {
  struct gen_heap *heap = gen_of(m->base.heap);
  gc_assert(size % GEN_GRANULE == 0 && size <= GEN_SMALL_MAX);
  size_t run = room == &m->room[GEN_MEDIUM] ? size : 0;
  while (room->block == NULL || !block_search(heap, room, size)) {
    room_leave(m, room);
    gc_shake();
    struct gen_block *block = gc_gen_block_take(heap, run);
    if (block == NULL)
      return NULL;
    room_enter(room, block);
  }
  return gc_gen_bump(room, size);
}

static struct gen_room *room_for(struct gen_mutator *m, gc_type type,
                                 size_t size) {
  if (size > GEN_MEDIUM_OVER)
    return &m->room[GEN_MEDIUM];
  bool is_bytes = gc_type_is_leaf(type) && gc_type_tail(type) != GC_NO_TAIL;
  return is_bytes ? &m->room[GEN_BYTES] : gc_gen_room_for(&m->base, size);
}

static char *cell_new(struct gen_mutator *m, gc_type type, size_t size) {
  struct gen_room *room = room_for(m, type, size);
  if (gc_gen_has_room(room, size))
    return gc_gen_bump(room, size);
  return room_new(m, room, size);
}

/* --- the slow path of gc_new ---------------------------------------------- */

static gc_ref bare_try(struct gen_mutator *m, gc_type type, size_t cell_bytes,
                       size_t length) {
  if (cell_bytes > GEN_SMALL_MAX)
    return gc_gen_large_new(m, cell_bytes, length);
  char *cell = cell_new(m, type, gc_gen_round(cell_bytes));
  size_t prefix = gc_cell_prefix(type);
  if (cell == NULL)
    return NULL;
  if (prefix)
    *(size_t *)cell = length;
  return (gc_ref)(cell + prefix);
}

/* An object that cannot be watched is left as garbage. */
static bool finish_special(struct gen_mutator *m, gc_ref object) {
  struct gen_heap *heap = gen_of(m->base.heap);
  if (gc_type_info(object->type)->desc.finalize == NULL)
    return true;
  if (!gc_gen_watch(heap, GEN_FINALIZABLE, object))
    return false;
  return gc_finalizable_add(&heap->base, object);
}

static gc_ref object_try(struct gen_mutator *m, gc_type type, size_t cell_bytes,
                         size_t length) {
  gc_ref object = bare_try(m, type, cell_bytes, length);
  if (object == NULL)
    return NULL;
  object->type = type;
  return !gc_type_is_special(type) || finish_special(m, object) ? object : NULL;
}

struct object_request {
  gc_type type;
  size_t cell_bytes, length;
  gc_ref object;
};

static bool object_attempt(gc_mutator *m, void *data) {
  struct object_request *r = data;
  r->object = object_try(gen_mutator_of(m), r->type, r->cell_bytes, r->length);
  return r->object != NULL;
}

static gc_ref object_new(gc_mutator *m, gc_root *out, gc_type type,
                         size_t length) {
  struct object_request r = {type, gc_cell_size(type, length), length, NULL};
  gc_safepoint(m);
  if (r.cell_bytes == 0)
    return NULL;
  if (!object_attempt(m, &r) && !gc_gen_make_room(m, object_attempt, &r))
    return NULL;
  gc_assert(gc_generation_of(r.object) == 0);
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, gc_sizeof(r.object));
  gc_root_put(out, r.object);
  return r.object;
}

gc_ref gc_gen_new_slow(gc_mutator *m, gc_root *out, gc_type type) {
  gc_type_require_fixed(type);
  return object_new(m, out, type, 0);
}

gc_ref gc_gen_new_array_slow(gc_mutator *m, gc_root *out, gc_type type,
                             size_t length) {
  gc_type_require_array(type);
  return object_new(m, out, type, length);
}

static bool weak_attempt(gc_mutator *m, void *weak) {
  return gc_gen_watch(gen_of(m->heap), GEN_WEAK, gc_root_get(weak));
}

static bool watch_weak(gc_mutator *m, gc_root *weak) {
  return weak_attempt(m, weak) || gc_gen_make_room(m, weak_attempt, weak);
}

/* The target is kept in a root, because allocating is a safepoint. */
gc_ref gc_weak_new(gc_mutator *m, gc_root *out, gc_ref target) {
  gc_weak_require(target);
  GC_FRAME(m, f, target, weak);
  gc_root_set(m, &f.target, target);
  gc_ref weak = gc_gen_new_slow(m, &f.weak, gc_weak_type());
  if (weak == NULL || !watch_weak(m, &f.weak))
    return NULL;
  gc_weak_data(weak)->target = gc_root_get(&f.target);
  gc_root_move(m, out, &f.weak);
  return weak;
}

/* A target dies only while the world is stopped. */
gc_ref gc_weak_get(gc_mutator *m, gc_root *out, gc_ref weak) {
  gc_weak_require_weak(weak);
  gc_ref target = gc_weak_data(weak)->target;
  gc_root_set(m, out, target);
  return target;
}

struct external_request {
  gc_ref object; /* in a root */
  size_t bytes;
  bool is_watched;
};

/* External memory is part of the nursery, as large objects are. */
static bool external_claim(struct gen_heap *heap, size_t bytes) {
  struct gen_space *space = &heap->space;
  pthread_mutex_lock(&space->lock);
  bool ok = space->claimed < space->nursery;
  if (ok) {
    space->claimed += bytes;
    space->external += bytes;
  }
  pthread_mutex_unlock(&space->lock);
  return ok;
}

/* Watched last, so that a refused request leaves no entry. */
static bool external_attempt(gc_mutator *m, void *data) {
  struct gen_heap *heap = gen_of(m->heap);
  const struct external_request *r = data;
  if (!external_claim(heap, r->bytes) ||
      !gc_external_hold(&heap->base, r->object, r->bytes))
    return false;
  if (r->is_watched || gc_gen_watch(heap, GEN_EXTERNAL, r->object))
    return true;
  gc_external_drop(&heap->base, r->object);
  return false;
}

bool gc_external_add(gc_mutator *m, gc_ref object, size_t bytes) {
  gc_external_require(object);
  GC_FRAME(m, f, object);
  gc_root_set(m, &f.object, object);
  gc_safepoint(m);
  if (bytes > m->heap->limit)
    return false;
  struct external_request r = {object, bytes, gc_external_has(m->heap, object)};
  return external_attempt(m, &r) || gc_gen_make_room(m, external_attempt, &r);
}

/* Stops the program if there is no memory to remember the object, because it
   could not be kept alive. The first caller adds it to the list before its next
   safepoint, so before the world can stop. */
void gc_immortalize(gc_mutator *m, gc_ref object) {
  gc_require(gc_is_object(object), "gc_immortalize of NULL or an immediate");
  uint32_t word =
      __atomic_fetch_or(&object->word, GEN_IS_IMMORTAL, __ATOMIC_RELAXED);
  if (word & GEN_IS_IMMORTAL)
    return;
  if (!gc_gen_watch(gen_of(m->heap), GEN_IMMORTAL, object))
    gc_misuse("gc_immortalize: no memory to remember another object");
}

/* --- reading allocated cells ---------------------------------------------- */

enum { GEN_TYPE_LEAST = 1 << GC_TYPE_WORDS_SHIFT };

/* Returns the bytes of a cell or filler. `object` becomes NULL for a filler. */
static size_t cell_read(char *cell, gc_ref *object) {
  gc_ref first = (gc_ref)cell;
  *object = NULL;
  if (first->type == 0 && first->word != 0)
    return (size_t)first->word * GEN_GRANULE;
  bool is_array = first->type < GEN_TYPE_LEAST;
  *object = (gc_ref)(cell + (is_array ? sizeof(size_t) : 0));
  return gc_gen_round(gc_object_cell_size(*object));
}

void gc_gen_visit_young(struct gen_block *block, void (*visit)(gc_ref, void *),
                        void *data) {
  const uint8_t *bytes = gc_gen_byte(gen_block_start(block));
  for (char *at = gen_block_start(block); at < block->cursor;) {
    gc_assert(at < gen_block_end(block));
    size_t i = (size_t)(at - gen_block_start(block)) / GEN_GRANULE;
    if (bytes[i] != 0) {
      at += GEN_GRANULE;
      continue;
    }
    gc_ref object;
    at += cell_read(at, &object);
    gc_assert(at <= block->cursor);
    if (object)
      visit(object, data);
  }
}
