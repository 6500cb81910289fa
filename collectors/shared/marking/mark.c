/* SPDX-License-Identifier: MIT */
/* Marking: iterative, parallel, and in memory that was mapped beforehand.

   A mark stack contains edges that are still to be followed, not objects that
   have been reached. An edge that is taken from the stack passes through a
   short queue before its side byte is read. This gives the prefetch time to
   load the byte (Cher, Hosking, Vitek, ASPLOS 2004).

   Note [Reached twice]
   Two markers that follow edges to one object at the same moment may both find
   it unreached and both trace it. They store the same values in its bytes and
   header, and following its slots twice does no harm. An atomic exchange for
   each object would cost more than this rare second tracing. Markers count
   nothing that must be exact: the census does that.

   Note [Overflow]
   If the slots of an object do not fit on the stack, they are not pushed.
   Instead, the object's block, or the object itself if it is large, is noted
   for another scan: the marker stores the object's bytes, then sets the note,
   then marking->must_rescan. When no marker is busy and marking->must_rescan is
   set, the stopper begins a round. It clears marking->must_rescan, takes each
   note, and traces every reached object in a noted block once more. Before each
   object, its stack is empty, and so has room for the slots of any small
   object, or for a piece of a large one. The bytes contain all that is needed,
   so no memory is allocated. Meanwhile workers mark the edges that the stopper
   shares, and set new notes. No note is lost:
   - The stopper takes a note with an exchange and then reads the bytes. It sees
     a note that was set before the exchange. It also sees the bytes, because
     the exchange acquires the stores that each setter released. For that, the
     setters must use an exchange, too. If a setter used a plain store, this
     store would hide the bytes of the setter before it from the stopper. If the
     stopper used a plain store, this store could reach memory after the stopper
     has read the bytes, and erase a note that was set in between.
   - A note that is set after the exchange stays, and so does a note that the
     stopper passed without seeing it. marking->must_rescan stays set as well,
     because it is cleared only at the beginning of a round, while no marker is
     busy.
   - marking->must_rescan is read after the last marker has run out of edges.
   Each marker took the lock when it ran out, so all its stores are seen. So
   when marking is done, marking->must_rescan is false, and for every note that
   was set, the note has been taken and the block has been read. An object is
   noted only by a marker that has just found it unreached. So there are no more
   rounds than objects, and marking ends. Other markers may store bytes in a
   block while it is read, so bytes are loaded atomically. The stopper may find
   an object reached while another marker still traces it: Note [Reached twice].
   models/overflow.pml is a model of it. */
#include "collectors/shared/marking/ephemeron.h"
#include "collectors/shared/marking/sharing.h"

enum {
  /* Edges between the stack and being followed. The cache miss that the
     prefetch hides takes about as long as eight visits. */
  MARK_QUEUE = 32,
  /* Objects between two looks at the other markers: about a microsecond. */
  MARK_LOOK_EVERY = 64,
};

/* --- one marker ----------------------------------------------------------- */

static void prefetch(gc_ref ref) {
  __builtin_prefetch(ref, 0, 3);
  __builtin_prefetch(gc_blk_byte(ref), 1, 3);
}

void gc_mark_note_overflow(struct marker *k, gc_ref holder) {
  uint8_t *note = blk_in_space(&k->marking->heap->space, holder)
                      ? &blk_of(holder)->must_rescan
                      : &blk_large_of(holder)->must_rescan;
  __atomic_exchange_n(note, true, __ATOMIC_RELEASE);
  atomic_store_explicit(&k->marking->must_rescan, true, memory_order_relaxed);
}

/* The data that tracing an object needs, copied so that the compiler can keep
   it in registers. A byte that is stored may alias any data in memory, so the
   compiler would have to load the originals again after each store. For the
   same reason no function that is not inlined gets a pointer to a view. */
struct mark_view {
  gc_ref *top, *end; /* of the marker's stack */
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

/* There is room for the slots. */
GC_INLINE void push_slots(struct mark_view *view, gc_ref holder, size_t first,
                          size_t count) {
  gc_ref *top = view->top;
  gc_assert(count <= (size_t)(view->end - top));
  for (size_t i = 0; i < count; i++) {
    gc_ref value = gc_slot_load_relaxed(holder, first + i);
    *top = value;
    top += gc_is_object(value);
  }
  view->top = top;
}

static GC_NOINLINE void scan_many(struct marker *k, gc_ref holder) {
  gc_assert(marker_is_valid(k));
  if (k->range_count == k->range_capacity)
    gc_mark_note_overflow(k, holder);
  else
    k->ranges[k->range_count++] = (struct mark_range){holder, 0};
}

GC_INLINE void scan_slots(struct marker *k, struct mark_view *view,
                          gc_ref holder, size_t count) {
  if (GC_UNLIKELY(count > MARK_PIECE))
    scan_many(k, holder);
  else if (GC_UNLIKELY(count > (size_t)(view->end - view->top)))
    gc_mark_note_overflow(k, holder);
  else
    push_slots(view, holder, 0, count);
}

/* The stack is empty. */
GC_INLINE void range_scan(struct marker *k, struct mark_view *view) {
  gc_assert(k->range_count > 0 && view->top == k->stack);
  struct mark_range *range = &k->ranges[k->range_count - 1];
  gc_ref holder = range->holder;
  size_t at = range->at, left = gc_slot_count(holder) - at;
  size_t piece = left < MARK_PIECE ? left : MARK_PIECE;
  gc_assert(at < gc_slot_count(holder));
  range->at += piece;
  if (piece == left)
    k->range_count--;
  push_slots(view, holder, at, piece);
}

/* Gives every granule the value. Most objects have two granules. */
GC_INLINE void bytes_set(uint8_t *bytes, size_t granules, uint8_t start) {
  gc_assert(granules > 0 && (start & BLK_START) != 0);
  __atomic_store_n(bytes, start, __ATOMIC_RELAXED);
  for (size_t i = 1; i < granules; i++)
    __atomic_store_n(bytes + i, start & BLK_VALUE_MASK, __ATOMIC_RELAXED);
}

static void note_survivor(struct marker *k, gc_ref object, size_t granules) {
  struct blk_block *block = blk_of(object);
  k->recent += block->is_recent ? granules : 0;
  if (!__atomic_load_n(&block->has_survivors, __ATOMIC_RELAXED))
    __atomic_store_n(&block->has_survivors, true, __ATOMIC_RELAXED);
}

/* The object leaves generation 0, so the barrier must remember it from now on.
   No other thread changes the other flags while the world is stopped. */
GC_INLINE void arm(bool arms, gc_ref object, gc_type type) {
  uint32_t word = __atomic_load_n(&object->word, __ATOMIC_RELAXED);
  if (!gc_type_is_leaf(type) && arms)
    __atomic_store_n(&object->word, word | BLK_ARMED, __ATOMIC_RELAXED);
}

GC_INLINE uint8_t next_value(uint64_t next_values, uint8_t value) {
  gc_assert((value & BLK_VALUE_MASK) <= BLK_OLD + 1);
  return (uint8_t)(next_values >> 8 * (value & BLK_VALUE_MASK));
}

static GC_NOINLINE bool large_reach(struct marker *k, gc_ref object) {
  struct blk_large *large = blk_large_of(object);
  uint8_t value = __atomic_load_n(&large->value, __ATOMIC_RELAXED);
  uint8_t next = next_value(k->marking->next_values, value);
  if (next == 0)
    return false;
  __atomic_store_n(&large->value, next, __ATOMIC_RELAXED);
  if (value == BLK_FREE) {
    k->large += large->bytes;
    arm(k->marking->arms, object, object->type);
  }
  return true;
}

/* Gives the object the value of a reached object. False: it had been reached.
 */
GC_INLINE bool small_reach(struct marker *k, const struct mark_view *view,
                           gc_ref object) {
  uint8_t *bytes = gc_blk_byte(object);
  uint8_t value = __atomic_load_n(bytes, __ATOMIC_RELAXED);
  uint8_t next = next_value(view->next_values, value);
  if (next == 0)
    return false;
  gc_type type = object->type;
  size_t size = gc_blk_round(gc_object_cell_size(object));
  gc_assert(size <= BLK_SMALL_MAX);
  bytes_set(bytes, size / BLK_GRANULE, next);
  if (value == BLK_FREE) {
    note_survivor(k, object, size / BLK_GRANULE);
    arm(view->arms, object, type);
  }
  return true;
}

/* False: it had been reached before. */
GC_INLINE bool visit(struct marker *k, struct mark_view *view, gc_ref object) {
  bool is_small = (uintptr_t)object - view->base < view->bytes;
  if (GC_LIKELY(is_small) ? !small_reach(k, view, object)
                          : !large_reach(k, object))
    return false;
  scan_slots(k, view, object, mark_slots(k->marking, object));
  return true;
}

GC_INLINE struct mark_view view_look_around(const struct mark_view *view,
                                            struct marker *k) {
  view_leave(view, k);
  k->marked += MARK_LOOK_EVERY;
  gc_mark_look_around(k);
  return view_enter(k);
}

static bool is_resolvable(gc_ref object) {
  uint32_t word = __atomic_load_n(&object->word, __ATOMIC_RELAXED);
  return (word & BLK_IS_KEY) || gc_is_ephemeron(object);
}

/* Marks until nothing is left on the stack or in ranges. Only the variant for
   Note [Ephemerons] looks for keys. */
GC_INLINE void drain_as(struct marker *k, const bool resolves) {
  struct mark_view view = view_enter(k);
  gc_ref *bottom = k->stack + k->bottom;
  gc_ref queue[MARK_QUEUE];
  unsigned head = 0, tail = 0, countdown = MARK_LOOK_EVERY;
  for (;;) {
    while (view.top > bottom && head - tail < MARK_QUEUE) {
      gc_ref next = *--view.top;
      prefetch(next);
      queue[head++ % MARK_QUEUE] = next;
    }
    if (head != tail) {
      gc_ref object = queue[tail++ % MARK_QUEUE];
      bool is_new = visit(k, &view, object);
      countdown -= is_new;
      if (resolves && is_new && is_resolvable(object)) {
        view_leave(&view, k);
        gc_ephemeron_resolve(k, object);
        view = view_enter(k);
      }
      if (GC_UNLIKELY(countdown == 0)) {
        view = view_look_around(&view, k);
        bottom = k->stack + k->bottom;
        countdown = MARK_LOOK_EVERY;
      }
      continue;
    }
    view.top = bottom = k->stack;
    k->bottom = 0;
    if (k->range_count == 0)
      break;
    range_scan(k, &view);
  }
  view_leave(&view, k);
  k->marked += MARK_LOOK_EVERY - countdown;
}

static GC_NOINLINE void drain_resolving(struct marker *k) {
  drain_as(k, true);
}

static GC_NOINLINE void drain(struct marker *k) {
  if (GC_UNLIKELY(k->marking->resolves))
    drain_resolving(k);
  else
    drain_as(k, false);
}

void gc_mark_root(struct marker *k, gc_ref root) {
  gc_assert(k->index == 0 && gc_world_is_stopped(&k->marking->heap->base));
  if (!gc_is_object(root))
    return;
  if (k->top == k->capacity)
    drain(k);
  k->stack[k->top++] = root;
}

static void mark_slots_of(struct marker *k, gc_ref holder) {
  size_t count = mark_slots(k->marking, holder);
  gc_assert(marker_is_valid(k));
  if (count > k->capacity - k->top || k->range_count == k->range_capacity)
    drain(k);
  struct mark_view view = view_enter(k);
  scan_slots(k, &view, holder, count);
  view_leave(&view, k);
}

static void mark_card(struct marker *k, gc_ref holder, size_t card) {
  size_t count = blk_card_slots(holder, card);
  if (count > k->capacity - k->top)
    drain(k);
  struct mark_view view = view_enter(k);
  push_slots(&view, holder, card * BLK_CARD_SLOTS, count);
  view_leave(&view, k);
}

void gc_mark_remembered(struct marker *k, gc_ref holder) {
  if (blk_in_space(&k->marking->heap->space, holder)) {
    mark_slots_of(k, holder);
    return;
  }
  const uint8_t *cards = blk_cards(holder);
  gc_assert(__atomic_load_n(&holder->word, __ATOMIC_RELAXED) & BLK_LARGE);
  for (size_t i = 0, n = blk_card_count(holder); i < n; i++)
    if (cards[i])
      mark_card(k, holder, i);
}

/* --- many markers: Note [Sharing work] ------------------------------------ */

static void mark_together(struct marker *k) {
  do
    drain(k);
  while (gc_mark_take_shared(k));
}

void gc_mark_worker(void *data, unsigned i) {
  struct marking *marking = data;
  struct mark_sharing *sharing = &marking->sharing;
  gc_assert_always(i + 1 < marking->heap->base.gc_threads);
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

/* --- Note [Overflow] ------------------------------------------------------ */

/* Loads first: most blocks have no note, and an exchange costs more than a
   load. */
static bool note_take(uint8_t *note) {
  return __atomic_load_n(note, __ATOMIC_RELAXED) &&
         __atomic_exchange_n(note, false, __ATOMIC_ACQUIRE);
}

static void rescan_block(struct marking *marking, struct blk_block *block) {
  char *start = blk_start(block);
  const uint8_t *bytes = gc_blk_byte(start);
  for (size_t i = 0; i < BLK_GRANULES; i++) {
    uint8_t byte = __atomic_load_n(bytes + i, __ATOMIC_RELAXED);
    uint8_t value = byte & BLK_VALUE_MASK;
    if (!(byte & BLK_START) ||
        (value != marking->heap->middle && value != marking->heap->old))
      continue;
    char *cell = start + i * BLK_GRANULE;
    bool is_array = *(uint32_t *)cell < 1 << GC_TYPE_WORDS_SHIFT;
    drain(&marking->markers[0]);
    mark_slots_of(&marking->markers[0],
                  (gc_ref)(cell + (is_array ? sizeof(size_t) : 0)));
  }
}

static void rescan_larges(struct marking *marking) {
  for (int g = 0; g < 3; g++)
    for (struct blk_large *l = marking->heap->large.list[g]; l; l = l->next)
      if (note_take(&l->must_rescan)) {
        drain(&marking->markers[0]);
        mark_slots_of(&marking->markers[0], &l->object);
      }
}

static void rescan(struct marking *marking) {
  gc_assert_always(gc_world_is_stopped(&marking->heap->base));
  gc_assert_always(atomic_load(&marking->sharing.busy) == 1); /* ourselves */
  atomic_store(&marking->must_rescan, false);
  for (size_t i = 0; i < marking->heap->space.blocks; i++) {
    struct blk_block *block = gc_blk_at(&marking->heap->space, i);
    if (note_take(&block->must_rescan))
      rescan_block(marking, block);
  }
  rescan_larges(marking);
}

/* --- all markers ---------------------------------------------------------- */

void gc_mark_begin(struct marking *marking) {
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
    rescan(marking);
  }
  for (unsigned i = 0; i < marking->heap->base.gc_threads; i++) {
    gc_assert(marker_is_idle(&marking->markers[i]));
    marking->heap->base.pause.objects_marked += marking->markers[i].marked;
    marking->recent += marking->markers[i].recent * BLK_GRANULE;
    marking->large += marking->markers[i].large;
    marking->markers[i].marked = marking->markers[i].recent = 0;
    marking->markers[i].large = 0;
  }
}
