/* SPDX-License-Identifier: MIT */
/* The rooms of a mutator: the search for free runs.

   Note [Free runs]
   A mutator owns its block until it leaves the block or the world stops.
   Meanwhile no other thread reads or writes the block's side bytes. So the
   search for free runs, which is the sweep, needs no lock. The side bytes show
   which objects were alive at the last collection. They do not change while the
   mutator allocates: each run is used once, from its start. When a mutator
   gives up a run, it writes a filler into the unused rest. So a block can be
   read from its start to its cursor: a granule whose side byte is 0 belongs to
   a young object or a filler. The first word there tells which:
   - of an array: its length, less than BLK_TYPE_LEAST, with an upper half of 0;
   - of another object: its header, with the type in the lower half. The type is
     at least BLK_TYPE_LEAST, because it contains the size of a small object;
   - of a filler: 0 in the lower half, and its size, which is not 0, in the
     upper half. */
#include <string.h>

#include "collectors/shared/blocks/blocks.h"

enum {
  /* Bytes that are zeroed at once: few enough to be still in the first-level
     cache when objects are made there, and enough to pay for the call. */
  BLK_ZERO_AHEAD = 4096,
  BLK_SHRUNK_ZERO = 64,
  /* A larger cell goes to the room for medium cells, so that the room for small
     cells need not give up its run. */
  BLK_MEDIUM_OVER = 256,
};

/* --- rooms ---------------------------------------------------------------- */

/* Holds between operations of the owner. */
static bool room_is_valid(const struct blk_room *room) {
  return room->block != NULL && blk_start(room->block) <= room->at &&
         room->at <= room->end && room->end <= room->run_end &&
         room->run_end <= blk_end(room->block);
}

static void fill(char *at, const char *end) {
  gc_assert(at <= end && (size_t)(end - at) % BLK_GRANULE == 0);
  if (at == end)
    return;
  gc_ref filler = (gc_ref)at;
  filler->type = 0;
  filler->word = (uint32_t)((end - at) / BLK_GRANULE);
}

/* Makes room for `size` bytes in the present run. */
static bool run_extend(struct blk_heap *heap, struct blk_room *room,
                       size_t size) {
  if (size > (size_t)(room->run_end - room->at))
    return false;
  gc_assert(room_is_valid(room));
  size_t ahead = heap->base.shrink ? BLK_SHRUNK_ZERO : BLK_ZERO_AHEAD;
  char *end = room->at + (size > ahead ? size : ahead);
  if (end > room->run_end)
    end = room->run_end;
  gc_assert(end >= room->end);
  if (!room->block->is_zero)
    memset(room->end, 0, (size_t)(end - room->end));
  room->end = end;
  return true;
}

/* Goes on to the next group. False: there is none. */
static bool group_next(struct blk_room *room) {
  if (room->groups == BLK_GROUPS)
    return false;
  const uint8_t *bytes = gc_blk_byte(blk_start(room->block));
  room->ahead = blk_free_bits(bytes + (size_t)room->groups * BLK_GROUP);
  room->groups++;
  return true;
}

/* Takes the free granules of the group from bit `i` on, up to the first that is
   used. Returns that one's bit; BLK_GROUP if there is none. */
static unsigned group_take(struct blk_room *room, unsigned i) {
  uint64_t used = ~room->ahead & UINT64_MAX << i;
  unsigned end = used ? (unsigned)__builtin_ctzll(used) : BLK_GROUP;
  room->ahead = used ? room->ahead & UINT64_MAX << end : 0;
  return end;
}

/* Passes by what lies between the last object and `at`. */
static void room_skip(struct blk_room *room, char *at) {
  gc_assert(at >= room->at && at <= blk_end(room->block));
  room->passed += (unsigned)(at - room->at);
  room->at = room->end = at;
}

/* Gives up the present run for the next one. */
static bool run_next(struct blk_room *room) {
  fill(room->at, room->run_end);
  room_skip(room, room->run_end);
  while (room->ahead == 0)
    if (!group_next(room))
      return false;
  const size_t group = (size_t)BLK_GROUP * BLK_GRANULE;
  char *base = blk_start(room->block) + (room->groups - 1) * group;
  unsigned from = (unsigned)__builtin_ctzll(room->ahead);
  unsigned to = group_take(room, from);
  room_skip(room, base + from * BLK_GRANULE);
  for (; to == BLK_GROUP && group_next(room); base += group)
    to = group_take(room, 0);
  room->run_end = base + to * BLK_GRANULE;
  gc_assert(room_is_valid(room));
  return true;
}

/* An empty block is one run. */
static void room_enter(struct blk_room *room, struct blk_block *block) {
  gc_assert(room->block == NULL);
  bool is_empty = blk_free(block) == BLK_GRANULES;
  char *start = blk_start(block);
  *room = (struct blk_room){
      .at = start,
      .end = start,
      .run_end = is_empty ? blk_end(block) : start,
      .block = block,
      .groups = is_empty ? BLK_GROUPS : 0,
  };
}

static void room_leave(struct blk_mutator *m, struct blk_room *room) {
  struct blk_block *block = room->block;
  if (block == NULL)
    return;
  gc_assert(room_is_valid(room));
  size_t free = blk_free(block) * BLK_GRANULE;
  size_t used = (size_t)(room->at - blk_start(block)) - room->passed;
  gc_assert(used <= free);
  m->claimed += used;
  m->passed += free - used;
  block->cursor = room->at;
  block->next = m->young;
  m->young = block;
  *room = (struct blk_room){0};
}

void gc_blk_rooms_leave(struct blk_mutator *m) {
  for (int i = 0; i < BLK_ROOMS; i++)
    room_leave(m, &m->room[i]);
}

static bool block_search(struct blk_heap *heap, struct blk_room *room,
                         size_t size) {
  do
    if (run_extend(heap, room, size))
      return true;
  while (run_next(room));
  return false;
}

/* NULL: there is no block. */
static char *room_new(struct blk_mutator *m, struct blk_room *room,
                      size_t size) {
  struct blk_heap *heap = blk_heap_of(m->base.heap);
  gc_assert(size % BLK_GRANULE == 0 && size <= BLK_SMALL_MAX);
  size_t run = room == &m->room[BLK_MEDIUM] ? size : 0;
  while (room->block == NULL || !block_search(heap, room, size)) {
    room_leave(m, room);
    if (MARK_WHILE_RUNNING)
      gc_blk_promote_left(heap, m);
    gc_shake();
    struct blk_block *block = gc_blk_take(m, run);
    if (block == NULL)
      return NULL;
    room_enter(room, block);
  }
  return gc_blk_bump(room, size);
}

static struct blk_room *room_for(struct blk_mutator *m, gc_type type,
                                 size_t size) {
  if (size > BLK_MEDIUM_OVER)
    return &m->room[BLK_MEDIUM];
  bool is_bytes = gc_type_is_leaf(type) && gc_type_tail(type) != GC_NO_TAIL;
  return is_bytes ? &m->room[BLK_BYTES] : gc_blk_room_for(&m->base, size);
}

char *gc_blk_cell_new(struct blk_mutator *m, gc_type type, size_t size) {
  struct blk_room *room = room_for(m, type, size);
  if (gc_blk_has_room(room, size))
    return gc_blk_bump(room, size);
  return room_new(m, room, size);
}

/* --- blocks that mutators have left --------------------------------------- */

static struct blk_block *list_join(struct blk_block *a, struct blk_block *b) {
  while (a) {
    struct blk_block *next = a->next;
    a->next = b;
    b = a;
    a = next;
  }
  return b;
}

void gc_blk_adopt(struct blk_heap *heap, struct blk_mutator *m) {
  gc_blk_rooms_leave(m);
  gc_blk_passed_add(m);
  pthread_mutex_lock(&heap->orphan_lock);
  gc_blk_larges_leave(heap, m);
  heap->young = list_join(m->young, heap->young);
  m->young = NULL;
  pthread_mutex_unlock(&heap->orphan_lock);
}

struct blk_block *gc_blk_take_young(struct blk_heap *heap,
                                    unsigned *allocating) {
  struct blk_block *young = heap->young;
  gc_assert_always(gc_world_is_stopped(&heap->base));
  heap->young = NULL;
  *allocating = 0;
  for (gc_mutator *each = heap->base.mutators; each; each = each->next) {
    struct blk_mutator *m = blk_mutator_of(each);
    gc_blk_rooms_leave(m);
    gc_blk_passed_add(m);
    gc_blk_larges_leave(heap, m);
    *allocating += m->young != NULL;
    young = list_join(m->young, young);
    m->young = NULL;
  }
  return young;
}

/* --- reading allocated cells ---------------------------------------------- */

void gc_blk_visit_young(struct blk_block *block, void (*visit)(gc_ref, void *),
                        void *data) {
  const uint8_t *bytes = gc_blk_byte(blk_start(block));
  for (char *at = blk_start(block); at < block->cursor;) {
    gc_assert(at < blk_end(block));
    size_t i = (size_t)(at - blk_start(block)) / BLK_GRANULE;
    if (bytes[i] != 0) {
      at += BLK_GRANULE;
      continue;
    }
    gc_ref object;
    at += blk_cell_read(at, &object);
    gc_assert(at <= block->cursor);
    if (object)
      visit(object, data);
  }
}
