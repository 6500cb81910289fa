/* SPDX-License-Identifier: MIT */
/* Marking: iterative, parallel, and in memory that was mapped beforehand.

   A mark stack contains edges, which are addresses of objects that are to be
   visited. To claim an object, a marker gives its first side byte the value of
   a reached object. To visit it, a marker reads its header, gives its other
   side bytes the value, and pushes what its slots refer to. There are two ways
   to do this, and a marker chooses: Note [Ways]. Either it claims before it
   pushes: an edge to an object that has been reached costs no place on the
   stack and no look at the object. Or it claims before it visits. Then the edge
   passes through a queue first, so that the prefetches of byte and header have
   time (Cher, Hosking, Vitek, ASPLOS 2004).

   Note [Reached twice]
   Two markers that find edges to one object at the same moment may both claim
   and both visit it. They store the same values in its bytes and
   header, and following its slots twice does no harm. An atomic exchange for
   each object would cost more than this rare second tracing. Markers count
   nothing that must be exact: the census does that. */
#include <collector.h>

#include "collectors/shared/marking/ephemeron.h"
#include "collectors/shared/marking/sharing.h"

enum {
  /* Bits of an edge: the object has been claimed; it was in generation 0. */
  MARK_CLAIMED = 1,
  MARK_YOUNG = 2,
  /* Edges between the stack and the visit. The cache miss that the prefetch
     hides takes about as long as eight visits. */
  MARK_QUEUE = 32,
  /* Objects between two looks at the other markers: about a microsecond. */
  MARK_LOOK_EVERY = 64,
};

/* --- one marker ----------------------------------------------------------- */

/* The data that tracing an object needs, copied so that the compiler can keep
   it in registers. A byte that is stored may alias any data in memory, so the
   compiler would have to load the originals again after each store. For the
   same reason no function that is not inlined gets a pointer to a view. */
struct mark_view {
  uintptr_t *top, *end; /* of the marker's stack */
  uintptr_t base, bytes;
  uint64_t next_values; /* the heap's */
  bool arms;
};

GC_INLINE struct mark_view view_enter(const struct marker *k) {
  const struct marking *marking = k->marking;
  return (struct mark_view){.top = k->stack + k->top,
                            .end = k->stack + k->capacity,
                            .base = (uintptr_t)marking->heap->space.base,
                            .bytes = marking->heap->space.bytes,
                            .next_values = marking->next_values,
                            .arms = marking->arms};
}

GC_INLINE void view_leave(const struct mark_view *view, struct marker *k) {
  k->top = (size_t)(view->top - k->stack);
}

GC_INLINE uint8_t next_value(uint64_t next_values, uint8_t value) {
  gc_assert((value & BLK_VALUE_MASK) <= BLK_OLD + 1);
  return (uint8_t)(next_values >> 8 * (value & BLK_VALUE_MASK));
}

GC_INLINE gc_ref object_of(uintptr_t edge) {
  return (gc_ref)(edge & ~(uintptr_t)(MARK_CLAIMED | MARK_YOUNG));
}

GC_INLINE bool is_small(const struct mark_view *view, gc_ref object) {
  return (uintptr_t)object - view->base < view->bytes;
}

/* Claims the object that the byte belongs to. Returns an edge to it, or 0 if it
   had been reached. */
GC_INLINE uintptr_t claim(const struct mark_view *view, gc_ref object,
                          uint8_t *byte) {
  uint8_t value = __atomic_load_n(byte, __ATOMIC_RELAXED);
  uint8_t next = next_value(view->next_values, value);
  if (next == 0)
    return 0;
  __atomic_store_n(byte, next, __ATOMIC_RELAXED);
  return (uintptr_t)object | MARK_CLAIMED |
         (value == BLK_FREE ? MARK_YOUNG : 0);
}

/* There is room for the edge. */
GC_INLINE void push_claimed(struct mark_view *view, gc_ref value) {
  uintptr_t edge = 0;
  if (GC_LIKELY((int)is_small(view, value) & !gc_is_immediate(value)))
    edge = claim(view, value, gc_blk_byte(value));
  else if (gc_is_object(value))
    edge = claim(view, value, &blk_large_of(value)->value);
  if (edge == 0)
    return;
  __builtin_prefetch(value, 0, 3);
  *view->top++ = edge;
}

/* How slots are pushed: as they are, or claimed. */
enum mark_way { MARK_WIDE, MARK_DEEP };

/* What another thread has stored there, perhaps just now, is complete. */
GC_INLINE gc_ref slot_load(gc_ref holder, size_t slot) {
  return MARK_WHILE_RUNNING ? gc_slot_load(holder, slot)
                            : gc_slot_load_relaxed(holder, slot);
}

/* There is room for the slots. An edge that has not been claimed may lead to a
   young object, and may stay on the stack while that object dies, if mutators
   run: Note [Slices]. */
GC_INLINE void push_slots(struct mark_view *view, const enum mark_way way,
                          gc_ref holder, size_t first, size_t count) {
  gc_assert(count <= (size_t)(view->end - view->top));
  for (size_t i = 0; i < count; i++) {
    gc_ref value = slot_load(holder, first + i);
    if (way == MARK_DEEP || (MARK_WHILE_RUNNING && !is_small(view, value)))
      push_claimed(view, value);
    else {
      *view->top = (uintptr_t)value;
      view->top += gc_is_object(value);
    }
  }
}

static GC_NOINLINE void scan_many(struct marker *k, gc_ref holder) {
  gc_assert(marker_is_valid(k));
  if (k->range_count == k->range_capacity)
    gc_mark_note_overflow(k, holder);
  else
    k->ranges[k->range_count++] = (struct mark_range){holder, 0};
}

GC_INLINE void scan_slots(struct marker *k, struct mark_view *view,
                          const enum mark_way way, gc_ref holder,
                          size_t count) {
  if (GC_UNLIKELY(count > MARK_PIECE))
    scan_many(k, holder);
  else if (GC_UNLIKELY(count > (size_t)(view->end - view->top)))
    gc_mark_note_overflow(k, holder);
  else
    push_slots(view, way, holder, 0, count);
}

/* While mutators run, the array may have become shorter. */
static size_t range_left(const struct mark_range *range) {
  size_t count = gc_slot_count(range->holder);
  gc_assert(MARK_WHILE_RUNNING || range->at < count);
  return range->at < count ? count - range->at : 0;
}

/* The stack is empty. */
static void range_scan(struct marker *k) {
  struct mark_view view = view_enter(k);
  gc_assert(k->range_count > 0 && k->top == 0);
  struct mark_range *range = &k->ranges[k->range_count - 1];
  gc_ref holder = range->holder;
  size_t at = range->at, left = range_left(range);
  size_t piece = left < MARK_PIECE ? left : MARK_PIECE;
  range->at += piece;
  if (piece == left)
    k->range_count--;
  push_slots(&view, MARK_DEEP, holder, at, piece);
  view_leave(&view, k);
}

/* Gives the other granules the value of the first. Most objects have two. */
GC_INLINE void bytes_set(uint8_t *bytes, size_t granules) {
  uint8_t value = __atomic_load_n(bytes, __ATOMIC_RELAXED) & BLK_VALUE_MASK;
  gc_assert(granules > 0 && value != BLK_FREE);
  for (size_t i = 1; i < granules; i++)
    __atomic_store_n(bytes + i, value, __ATOMIC_RELAXED);
}

/* `granules` is 0 for a large object. */
static void note_survivor(struct marker *k, gc_ref object, size_t granules) {
  if (granules == 0) {
    k->large += blk_large_of(object)->bytes;
    return;
  }
  struct blk_block *block = blk_of(object);
  k->recent += block->is_recent ? granules : 0;
  if (!__atomic_load_n(&block->has_survivors, __ATOMIC_RELAXED))
    __atomic_store_n(&block->has_survivors, true, __ATOMIC_RELAXED);
}

/* The object leaves generation 0, so the barrier must remember it from now on.
   No other thread changes the other flags while the world is stopped. */
GC_INLINE void arm(bool arms, gc_ref object) {
  uint32_t word = __atomic_load_n(&object->word, __ATOMIC_RELAXED);
  if (!gc_type_is_leaf(object->type) && arms)
    __atomic_store_n(&object->word, word | BLK_ARMED, __ATOMIC_RELAXED);
}

/* What the header says: granules, 0 for a large object, and slots to follow. */
struct mark_extent {
  size_t granules, slots;
};

static GC_NOINLINE struct mark_extent special_extent(const struct marker *k,
                                                     gc_ref object) {
  gc_type type = object->type;
  const struct gc_type_info *info = gc_type_info(type);
  size_t size = gc_type_tail(type) == GC_NO_TAIL
                    ? gc_blk_round(info->fixed_bytes)
                    : gc_blk_array_size(info, type, gc_length(object));
  bool is_small = blk_in_space(&k->marking->heap->space, object);
  return (struct mark_extent){is_small ? size / BLK_GRANULE : 0,
                              mark_slots(k->marking, object)};
}

GC_INLINE struct mark_extent
extent_of(const struct marker *k, const struct mark_view *view, gc_ref object) {
  gc_type type = object->type;
  if (GC_UNLIKELY((int)gc_type_is_special(type) | !is_small(view, object)))
    return special_extent(k, object);
  return (struct mark_extent){gc_blk_round(gc_type_plain_size(type)) /
                                  BLK_GRANULE,
                              gc_type_plain_refs(type)};
}

/* The edge has been claimed. */
GC_INLINE void visit(struct marker *k, struct mark_view *view,
                     const enum mark_way way, uintptr_t edge) {
  gc_ref object = object_of(edge);
  struct mark_extent extent = extent_of(k, view, object);
  gc_assert(extent.granules <= BLK_SMALL_MAX / BLK_GRANULE);
  if (GC_LIKELY(extent.granules > 1))
    bytes_set(gc_blk_byte(object), extent.granules);
  if (edge & MARK_YOUNG) {
    note_survivor(k, object, extent.granules);
    arm(view->arms, object);
  }
  scan_slots(k, view, way, object, extent.slots);
}

/* Claims the object of an edge from the stack. 0: it had been reached. */
GC_INLINE uintptr_t claimed(const struct mark_view *view, uintptr_t edge) {
  gc_ref object = object_of(edge);
  if (GC_LIKELY(edge & MARK_CLAIMED))
    return edge;
  return claim(view, object,
               is_small(view, object) ? gc_blk_byte(object)
                                      : &blk_large_of(object)->value);
}

/* Note [Slices] */
GC_INLINE bool slice_is_over(const struct marker *k) {
  return MARK_WHILE_RUNNING && k->left == 0;
}

static void slice_shorten(struct marker *k) {
  bool is_over = k->left < MARK_LOOK_EVERY || marker_must_pause(k);
  k->left -= is_over ? k->left : MARK_LOOK_EVERY;
}

GC_INLINE struct mark_view view_look_around(const struct mark_view *view,
                                            struct marker *k) {
  view_leave(view, k);
  k->marked += MARK_LOOK_EVERY;
  if (MARK_WHILE_RUNNING)
    slice_shorten(k);
  gc_mark_way_renew(k);
  gc_mark_look_around(k);
  return view_enter(k);
}

static bool is_resolvable(gc_ref object) {
  uint32_t word = __atomic_load_n(&object->word, __ATOMIC_RELAXED);
  return (word & BLK_IS_KEY) || gc_is_ephemeron(object);
}

/* Marks until the stack is empty or the way changes. Only the variant for
   Note [Ephemerons] looks for keys. */
GC_INLINE void drain_deep(struct marker *k, const bool resolves) {
  struct mark_view view = view_enter(k);
  uintptr_t *bottom = k->stack + k->bottom;
  unsigned countdown = MARK_LOOK_EVERY;
  while (view.top > bottom) {
    uintptr_t edge = claimed(&view, *--view.top);
    if (edge == 0)
      continue;
    visit(k, &view, MARK_DEEP, edge);
    if (resolves && is_resolvable(object_of(edge))) {
      view_leave(&view, k);
      gc_ephemeron_resolve(k, object_of(edge));
      view = view_enter(k);
    }
    if (GC_UNLIKELY(--countdown == 0)) {
      view = view_look_around(&view, k);
      bottom = k->stack + k->bottom;
      countdown = MARK_LOOK_EVERY;
      if (k->is_wide || slice_is_over(k))
        break;
    }
  }
  view_leave(&view, k);
  k->marked += MARK_LOOK_EVERY - countdown;
}

static GC_NOINLINE void drain_resolving(struct marker *k) {
  k->is_wide = false;
  drain_deep(k, true);
}

static GC_NOINLINE void drain_plain(struct marker *k) {
  drain_deep(k, false);
}

/* When the way changes, the edges in the queue go back to the stack, which
   keeps room for them. */
static GC_NOINLINE void drain_wide(struct marker *k) {
  struct mark_view view = view_enter(k);
  uintptr_t *bottom = k->stack + k->bottom, queue[MARK_QUEUE];
  unsigned head = 0, tail = 0, countdown = MARK_LOOK_EVERY;
  view.end -= MARK_QUEUE;
  for (;;) {
    while (view.top > bottom && head - tail < MARK_QUEUE) {
      uintptr_t next = *--view.top;
      __builtin_prefetch(object_of(next), 0, 3);
      __builtin_prefetch(gc_blk_byte(object_of(next)), 1, 3);
      queue[head++ % MARK_QUEUE] = next;
    }
    if (head == tail)
      break;
    uintptr_t edge = claimed(&view, queue[tail++ % MARK_QUEUE]);
    if (edge == 0)
      continue;
    visit(k, &view, MARK_WIDE, edge);
    if (GC_UNLIKELY(--countdown == 0)) {
      view = view_look_around(&view, k);
      view.end -= MARK_QUEUE;
      bottom = k->stack + k->bottom;
      countdown = MARK_LOOK_EVERY;
      if (!k->is_wide || slice_is_over(k))
        break;
    }
  }
  while (head != tail)
    *view.top++ = queue[tail++ % MARK_QUEUE];
  view_leave(&view, k);
  k->marked += MARK_LOOK_EVERY - countdown;
}

void gc_mark_drain(struct marker *k) {
  if (k->left == SIZE_MAX)
    k->turn_left = 0;
  while (!slice_is_over(k)) {
    if (k->marking->resolves)
      drain_resolving(k);
    else if (k->is_wide && k->capacity - k->top > MARK_QUEUE)
      drain_wide(k);
    else
      drain_plain(k);
    if (k->top > k->bottom)
      continue;
    k->top = k->bottom = 0;
    if (k->range_count == 0)
      break;
    range_scan(k);
  }
}

void gc_mark_push(struct marker *k, gc_ref value) {
  struct mark_view view = view_enter(k);
  push_claimed(&view, value);
  view_leave(&view, k);
}

void gc_mark_aside(struct marker *k, gc_ref object) {
  struct mark_view view = view_enter(k);
  uint8_t *byte = blk_byte_of(k->marking->heap, object);
  if (claim(&view, object, byte) == 0)
    return;
  gc_assert(blk_age(*byte) > 0);
  if (is_small(&view, object))
    bytes_set(byte, special_extent(k, object).granules);
  gc_mark_note_overflow(k, object);
}

void gc_mark_root(struct marker *k, gc_ref root) {
  gc_assert(gc_world_is_stopped(&k->marking->heap->base));
  if (k->top == k->capacity)
    gc_mark_drain(k);
  gc_mark_push(k, root);
}

void gc_mark_slots_of(struct marker *k, gc_ref holder) {
  size_t count = mark_slots(k->marking, holder);
  gc_assert(marker_is_valid(k));
  if (count > k->capacity - k->top || k->range_count == k->range_capacity)
    gc_mark_drain(k);
  struct mark_view view = view_enter(k);
  scan_slots(k, &view, MARK_DEEP, holder, count);
  view_leave(&view, k);
}

static void mark_card(struct marker *k, gc_ref holder, size_t card) {
  size_t count = blk_card_slots(holder, card);
  if (count > k->capacity - k->top)
    gc_mark_drain(k);
  struct mark_view view = view_enter(k);
  size_t first = card * BLK_CARD_SLOTS;
  if (!MARK_WHILE_RUNNING)
    push_slots(&view, MARK_DEEP, holder, first, count);
  for (size_t i = 0; MARK_WHILE_RUNNING && i < count; i++)
    if (blk_cards(holder)[card] & blk_card_bit(i))
      push_slots(&view, MARK_DEEP, holder, first + i, 1);
  view_leave(&view, k);
}

void gc_mark_remembered(struct marker *k, gc_ref holder) {
  if (blk_in_space(&k->marking->heap->space, holder)) {
    gc_mark_slots_of(k, holder);
    return;
  }
  const uint8_t *cards = blk_cards(holder);
  gc_assert(__atomic_load_n(&holder->word, __ATOMIC_RELAXED) & BLK_LARGE);
  size_t n = blk_card_count(holder);
  for (size_t i = 0; (i = blk_card_next(cards, i, n)) < n; i++)
    mark_card(k, holder, i);
}

/* --- many markers: Note [Sharing work] ------------------------------------ */

static void turns_take(struct marker *k) {
  const struct mark_sharing *sharing = &k->marking->sharing;
  while (sharing->turn && sharing->turn(k, sharing->turn_data))
    gc_mark_look_around(k);
}

void gc_mark_turns(struct marking *marking) {
  turns_take(&marking->markers[0]);
}

static void mark_together(struct marker *k) {
  turns_take(k);
  do
    gc_mark_drain(k);
  while (gc_mark_take_shared(k));
}

void gc_mark_worker(void *data, unsigned i) {
  struct marking *marking = data;
  struct mark_sharing *sharing = &marking->sharing;
  gc_assert_always(i + 1 < marking->count);
  gc_shake();
  pthread_mutex_lock(&sharing->lock);
  bool joins = sharing->is_open;
  atomic_fetch_add(&sharing->busy, joins);
  pthread_mutex_unlock(&sharing->lock);
  if (!joins)
    return;
  gc_shake();
  mark_together(&marking->markers[i + 1]);
}

/* --- all markers ---------------------------------------------------------- */

void gc_mark_begin(struct marking *marking) {
  gc_mark_begin_with(marking, NULL, NULL);
}

void gc_mark_begin_with(struct marking *marking,
                        bool (*turn)(struct marker *, void *data), void *data) {
  marking->sharing.turn = turn;
  marking->sharing.turn_data = data;
  gc_assert_always(gc_world_is_stopped(&marking->heap->base));
  gc_assert_always(!marking->sharing.has_woken);
  gc_assert_always(atomic_load(&marking->sharing.busy) == 0);
  atomic_store(&marking->sharing.busy, 1);
}

void gc_mark_all(struct marking *marking) {
  for (;;) {
    mark_together(&marking->markers[0]);
    gc_mark_sharing_close(marking);
    if (!atomic_load(&marking->must_rescan))
      break;
    gc_mark_begin(marking);
    gc_mark_rescan(marking);
  }
  for (unsigned i = 0; i < marking->count; i++) {
    gc_assert(marker_is_idle(&marking->markers[i]));
    marking->heap->base.pause.objects_marked += marking->markers[i].marked;
    marking->recent += marking->markers[i].recent * BLK_GRANULE;
    marking->large += marking->markers[i].large;
    marking->markers[i].marked = marking->markers[i].recent = 0;
    marking->markers[i].large = 0;
  }
}
