/* SPDX-License-Identifier: MIT */
/* When to collect which generations, and the order of a collection. */
#include "collectors/gen/gen.h"

#include <string.h>

/* Note [Do generations pay]
   Let a full collection trace L bytes and leave room for R. Without minor
   collections each byte that is allocated costs L/R bytes of tracing. With
   them, a share s of it survives, is traced twice on its way to generation 2,
   and fills the room there, so that it costs s (2 + L/R). So minor collections
   pay as long as s (2 + L/R) < L/R. Where they do not, the next collection is
   put off until there is no room, and collects everything; the first one
   after it is a minor one again, to see whether things have changed. When it
   has not, up to GEN_PATIENCE are full ones in a row.
   What survives a collection that was put off has seen so much come and go
   that it goes to generation 2 at once. So nothing has to be remembered after
   it, at the very moment when the heap is full and has no memory for that.
   GEN_CHEAP is for what minor collections save besides: the memory that they
   free is still in the cache. */
#define GEN_CHEAP 0.2
enum { GEN_PATIENCE = 4 };

/* Note [Thrashing]
   Close to its limit a heap that is full of live objects could go on for ever,
   at the price of a full collection for every few objects. When that many full
   collections in a row have left less than a GEN_FRUITLESS_SHARE-th of the
   limit, the program is told that there is no memory. What the program asks
   for itself does not count. */
enum { GEN_FRUITLESS_MOST = 8, GEN_FRUITLESS_SHARE = 64 };

enum {
  /* A full collection comes when less than a quarter of the room that the last
     one left is left: by then it has been put off long enough to be paid
     for. */
  GEN_ROOM_SHARE = 4,
  /* A quarter more than there was, as for the oldest. */
  GEN_MIDDLE_SHARE = 4,
  /* Without a limit a small heap would be collected all the time. */
  GEN_LEAST_GROWTH = 4 << 20,
};

/* Note [Values] in gen.h. After `lost`, or without generations, all that is
   reached is of generation 2. */
static void next_set(struct gen_heap *heap, uint8_t value, uint8_t next) {
  heap->next |= (uint64_t)(next | GEN_START) << 8 * value;
}

static void values_turn(struct gen_heap *heap, bool all_old) {
  uint8_t middle = heap->middle, old = heap->old;
  heap->next = 0;
  heap->middle ^= heap->generation >= 1;
  heap->old ^= heap->generation == 2;
  if (heap->generation >= 1)
    next_set(heap, middle, heap->old);
  if (heap->generation == 2)
    next_set(heap, old, heap->old);
  next_set(heap, GEN_FREE, all_old ? heap->old : heap->middle);
}

/* --- the order of a collection, world stopped ----------------------------- */

static struct gen_block *list_join(struct gen_block *a, struct gen_block *b) {
  while (a) {
    struct gen_block *next = a->next;
    a->next = b;
    b = a;
    a = next;
  }
  return b;
}

/* All blocks that were allocated in since the last collection. */
static struct gen_block *take_young(struct gen_heap *heap) {
  struct gen_block *young = heap->young;
  heap->young = NULL;
  heap->allocating = 0;
  for (gc_mutator *m = heap->base.mutators; m; m = m->next) {
    gc_gen_rooms_leave(gen_mutator_of(m));
    heap->allocating += gen_mutator_of(m)->young != NULL;
    young = list_join(gen_mutator_of(m)->young, young);
    gen_mutator_of(m)->young = NULL;
  }
  return young;
}

static void count_one(gc_ref object, void *data) {
  (void)object;
  ++*(size_t *)data;
}

static size_t young_objects(struct gen_block *young) {
  size_t count = 0;
  for (; young; young = young->next)
    gc_gen_visit_young(young, count_one, &count);
  return count;
}

static size_t all_objects(const struct gen_heap *heap) {
  return heap->space.objects + heap->large.objects;
}

static void mark_frame_root(gc_root *root, void *marker) {
  gc_gen_mark_root(marker, root->ref);
}

static void mark_roots(struct gen_heap *heap) {
  uint64_t begun = gc_phase_begin();
  struct gen_marker *marker = &heap->markers[0];
  gc_gen_mark_begin(heap);
  gc_visit_roots(&heap->base, mark_frame_root, marker);
  gc_gen_watch_mark_immortal(heap, marker);
  gc_gen_remembered_mark(heap, marker);
  gc_phase_end(&heap->base, GC_PHASE_ROOTS, begun);
}

static void mark(struct gen_heap *heap, gc_mutator *m) {
  uint64_t begun = gc_phase_begin();
  gc_gen_mark_all(heap);
  gc_gen_mark_begin(heap);
  gc_gen_watch_finalize(heap, m);
  gc_gen_mark_all(heap);
  gc_phase_end(&heap->base, GC_PHASE_MARK, begun);
}

/* The remembered objects first: those that are dead are still there. */
static void sweep(struct gen_heap *heap, gc_mutator *m,
                  struct gen_block *young) {
  uint64_t begun = gc_phase_begin();
  gc_gen_remembered_renew(heap);
  gc_gen_watch_sweep(heap);
  gc_gen_large_sweep(heap, gen_mutator_of(m));
  gc_gen_sweep(heap, young);
  gc_phase_end(&heap->base, GC_PHASE_SWEEP, begun);
}

/* Returns how many objects died. Where the program asked, it walks over the
   young ones to know how many there were; else only old ones that died are
   counted. */
static size_t collect_generation(gc_mutator *m, int generation) {
  struct gen_heap *heap = gen_of(m->heap);
  bool all_old = !heap->tuned.generations ||
                 (heap->is_put_off && !heap->is_asked); /* Do generations pay */
  if (atomic_exchange(&heap->lost, false) || all_old) {
    generation = 2;
    all_old = true;
  }
  heap->generation = generation;
  struct gen_block *young = take_young(heap);
  size_t promoted = heap->base.pause.bytes_promoted;
  size_t before =
      all_objects(heap) + (heap->is_asked ? young_objects(young) : 0);
  values_turn(heap, all_old);
  mark_roots(heap);
  mark(heap, m);
  sweep(heap, m, young);
  size_t after = all_objects(heap);
  size_t freed = before > after ? before - after : 0;
  heap->base.pause.objects_freed += freed;
  gc_count(m, promoted_bytes, heap->base.pause.bytes_promoted - promoted);
  return freed;
}

/* --- thresholds ----------------------------------------------------------- */

static size_t live_bytes(const struct gen_heap *heap) {
  return heap->space.live + heap->large.live;
}

static bool is_limited(const struct gen_heap *heap) {
  return heap->base.limit != SIZE_MAX;
}

static size_t growth_bytes(const struct gen_heap *heap) {
  size_t percent = gen_threshold(heap, 2);
  size_t growth = heap->full_live / 100 * percent;
  if (percent == 0)
    return SIZE_MAX;
  return growth < GEN_LEAST_GROWTH ? GEN_LEAST_GROWTH : growth;
}

/* Under a limit, garbage among the old may grow as long as there is room for
   it; without one, memory is only as large as the old generation makes it. */
static bool full_is_due(struct gen_heap *heap) {
  if (is_limited(heap))
    return gc_gen_room(heap) < heap->full_room / GEN_ROOM_SHARE;
  size_t live = live_bytes(heap);
  return live > heap->full_live && live - heap->full_live > growth_bytes(heap);
}

/* Every so many times; but not while little has been added to what the last
   collection of generation 1 left in it, which would be traced for nothing. */
static bool middle_is_due(const struct gen_heap *heap) {
  uint64_t every = gen_threshold(heap, 1);
  return every > 0 && heap->minors + 1 >= every &&
         heap->space.middle - heap->middle_left >=
             heap->middle_left / GEN_MIDDLE_SHARE;
}

/* World stopped. */
static int generation_due(struct gen_heap *heap) {
  if (!heap->tuned.generations || heap->is_put_off ||
      (!is_limited(heap) && full_is_due(heap)))
    return 2;
  return middle_is_due(heap) ? 1 : 0;
}

/* Bytes that may be allocated before everything is collected again. */
static size_t full_span(struct gen_heap *heap) {
  if (is_limited(heap))
    return heap->full_room;
  size_t growth = growth_bytes(heap);
  return growth < SIZE_MAX / 4 ? growth : SIZE_MAX / 4;
}

/* Note [Do generations pay] */
static bool generations_pay(struct gen_heap *heap) {
  double live = (double)heap->full_live;
  double per_byte = live / ((double)full_span(heap) + 1);
  return heap->survival * (2 + per_byte) < per_byte + GEN_CHEAP;
}

/* space.lock is held. 0: collect only when memory runs out. */
static size_t nursery_now(const struct gen_heap *heap) {
  const struct gen_space *space = &heap->space;
  size_t bytes = gen_threshold(heap, 0);
  if (bytes == 0 || __builtin_mul_overflow(bytes, space->sharers, &bytes))
    return SIZE_MAX;
  return bytes > space->nursery_least ? bytes : space->nursery_least;
}

/* A thread that is not attached may set the threshold meanwhile. */
static void nursery_renew(struct gen_heap *heap, size_t least) {
  pthread_mutex_lock(&heap->space.lock);
  heap->space.sharers = heap->allocating ? heap->allocating : 1;
  heap->space.nursery_least = least;
  heap->space.nursery = nursery_now(heap);
  pthread_mutex_unlock(&heap->space.lock);
}

/* While the next collection is put off, and without generations, the nursery
   is what may be allocated before everything is collected. */
static size_t nursery_least(struct gen_heap *heap) {
  if (!heap->is_put_off && heap->tuned.generations)
    return 0;
  return is_limited(heap) ? SIZE_MAX : full_span(heap);
}

void gc_gen_nursery_set(struct gen_heap *heap, size_t bytes) {
  pthread_mutex_lock(&heap->space.lock);
  atomic_store(&heap->threshold[0], bytes);
  heap->space.nursery = nursery_now(heap);
  pthread_mutex_unlock(&heap->space.lock);
}

/* The share of what was allocated that is still there, over the last few
   minor collections. */
static void survival_renew(struct gen_heap *heap, size_t claimed) {
  double promoted = (double)heap->base.pause.bytes_promoted;
  double survival = claimed ? promoted / (double)claimed : 0;
  heap->survival += ((survival < 1 ? survival : 1) - heap->survival) / 2;
}

/* Note [Thrashing] */
static void fruitless_renew(struct gen_heap *heap) {
  size_t least = heap->base.limit / GEN_FRUITLESS_SHARE;
  if (!is_limited(heap) || heap->full_room >= least ||
      gc_gen_left(heap) >= least)
    atomic_store(&heap->fruitless, 0);
  else if (!heap->is_asked)
    atomic_fetch_add(&heap->fruitless, 1);
}

/* Without what poor blocks have. To use a byte there costs about as much as to
   trace one, so while there is less room elsewhere than live bytes, using it
   is cheaper than to collect again so much sooner. */
static size_t room_wanted(const struct gen_heap *heap) {
  size_t least = gen_threshold(heap, 0) / 2;
  return heap->full_live > least ? heap->full_live : least;
}

/* Note [Do generations pay] */
static void put_off_renew(struct gen_heap *heap) {
  heap->is_put_off = !generations_pay(heap);
  unsigned more = heap->is_put_off ? 2 * heap->patience + 1 : 0;
  heap->patience = more < GEN_PATIENCE ? more : GEN_PATIENCE;
  heap->put_off_left = heap->patience;
}

static void thresholds_renew(struct gen_heap *heap, size_t claimed) {
  heap->minors = heap->generation == 0 ? heap->minors + 1 : 0;
  bool was_put_off = heap->is_put_off && !heap->is_asked;
  heap->is_put_off = false;
  if (heap->generation > 0)
    heap->middle_left = heap->space.middle;
  if (heap->generation == 2) {
    heap->full_live = live_bytes(heap);
    gc_gen_room_renew(heap, room_wanted(heap));
    heap->full_room = gc_gen_room(heap);
    fruitless_renew(heap);
    heap->is_put_off = was_put_off && --heap->put_off_left > 0;
  } else if (heap->generation == 0) {
    survival_renew(heap, claimed);
    put_off_renew(heap);
  }
  nursery_renew(heap, nursery_least(heap));
}

/* --- stopping for it ------------------------------------------------------ */

static const char *kind_of(int generation) {
  static const char *const kinds[] = {"minor", "middle", "full"};
  return kinds[generation];
}

static size_t collect_once(gc_mutator *m, int generation, bool is_asked) {
  struct gen_heap *heap = gen_of(m->heap);
  heap->is_asked = is_asked;
  size_t claimed = heap->space.claimed;
  size_t freed = collect_generation(m, generation);
  thresholds_renew(heap, claimed);
  heap->base.pause.generation = heap->generation;
  heap->base.pause.kind = kind_of(heap->generation);
  atomic_fetch_add(&heap->collections, 1);
  return freed;
}

/* Whatever generations a program collects by hand, without a limit memory
   grows no more than `growth` allows. */
size_t gc_gen_collect(gc_mutator *m, int generation, const char *cause) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_world_stop(m, kind_of(generation), cause);
  size_t freed = collect_once(m, generation, true);
  if (heap->generation < 2 && !is_limited(heap) && full_is_due(heap))
    freed += collect_once(m, 2, true);
  gc_verify_after_collection(m);
  gc_world_resume(m);
  return freed;
}

/* What stress=N does: every fourth time generation 1 too, every sixteenth
   all. */
void gc_gen_stress(gc_mutator *m) {
  struct gen_heap *heap = gen_of(m->heap);
  size_t turn = __atomic_fetch_add(&heap->stress, 1, __ATOMIC_RELAXED);
  gc_gen_collect(m, turn % 16 == 15 ? 2 : turn % 4 == 3 ? 1 : 0, "stress");
}

/* Another mutator may have collected while this one waited to stop the world;
   then there is nothing to do. */
static void collect_for_room(gc_mutator *m, uint64_t seen, const char *cause) {
  struct gen_heap *heap = gen_of(m->heap);
  gc_world_stop(m, kind_of(0), cause);
  if (atomic_load(&heap->collections) == seen) {
    collect_once(m, generation_due(heap), false);
    if (heap->generation < 2 && is_limited(heap) && full_is_due(heap))
      collect_once(m, 2, false);
    gc_verify_after_collection(m);
  }
  gc_world_resume(m);
}

static bool is_nursery_used_up(struct gen_heap *heap) {
  pthread_mutex_lock(&heap->space.lock);
  bool is_used_up = heap->space.claimed >= heap->space.nursery;
  pthread_mutex_unlock(&heap->space.lock);
  return is_used_up;
}

/* A nursery that is used up is the ordinary case; but other mutators may use up
   the next one too, or all blocks that it allows may have runs that are too
   short. Then everything is collected, and every block may be searched. */
enum gen_tries { GEN_ORDINARY = 0, GEN_FULL = 4, GEN_LAST = 6 };

/* What has been tried for one allocation. */
struct retry {
  gen_attempt *attempt;
  void *request;
  unsigned tries;
  /* As the present try began. */
  uint64_t collections;
  unsigned fruitless;
};

/* World stopped: until the next collection, who allocates may use all there
   is. */
static void all_open(struct gen_heap *heap) {
  nursery_renew(heap, SIZE_MAX);
  heap->space.is_last_resort = true;
}

/* Note [Thrashing] */
static bool thrashes(struct gen_heap *heap, const struct retry *r) {
  unsigned fruitless = atomic_load(&heap->fruitless);
  return fruitless >= GEN_FRUITLESS_MOST && fruitless > r->fruitless;
}

static bool try_ordinary(gc_mutator *m, struct retry *r) {
  struct gen_heap *heap = gen_of(m->heap);
  bool is_ordinary = is_nursery_used_up(heap);
  collect_for_room(m, r->collections, is_ordinary ? "allocation" : "limit");
  r->tries = is_ordinary ? r->tries + 1 : GEN_FULL;
  return !thrashes(heap, r) && r->attempt(m, r->request);
}

/* Tries while the world stands: once it goes on, others may have taken all
   that a collection has left before this thread has its turn, time after
   time. */
static bool try_last(gc_mutator *m, struct retry *r) {
  struct gen_heap *heap = gen_of(m->heap);
  r->tries++;
  if (m->finalize_first && !m->is_finalizing) {
    gc_finalizers_run(m); /* they may hold the last memory there is */
    r->collections = atomic_load(&heap->collections);
  }
  gc_world_stop(m, kind_of(2), "limit");
  bool is_done = false;
  if (atomic_load(&heap->collections) != r->collections) {
    all_open(heap);
    is_done = r->attempt(m, r->request);
  }
  if (!is_done) {
    collect_once(m, 2, false);
    gc_verify_after_collection(m);
    all_open(heap);
    is_done = !thrashes(heap, r) && r->attempt(m, r->request);
  }
  gc_world_resume(m);
  return is_done;
}

bool gc_gen_make_room(gc_mutator *m, gen_attempt *attempt, void *request) {
  struct gen_heap *heap = gen_of(m->heap);
  struct retry r = {.attempt = attempt, .request = request};
  bool is_done;
  do {
    r.collections = atomic_load(&heap->collections);
    r.fruitless = atomic_load(&heap->fruitless);
    gc_shake();
    is_done = r.tries < GEN_FULL ? try_ordinary(m, &r) : try_last(m, &r);
  } while (!is_done && r.tries <= GEN_LAST && !thrashes(heap, &r));
  return is_done;
}
