/* SPDX-License-Identifier: MIT */
/* The slow paths that all counting collectors share. The invariant is in
   counting.h. */
#include <sched.h>

#include "collectors/shared/counting/rc_heap.h"
#include "heap/external.h"
#include "heap/figures.h"
#include "heap/sweepstakes.h"
#include "heap/verify.h"

/* Entries in a chunk of decrements. A handshake costs about a microsecond for
   each mutator, so a thousand entries make it a nanosecond each. */
enum { RC_CHUNK_ENTRIES = 1020, RC_CHUNK_SHRUNK = 4 };
/* Bytes of quota taken at once: a shared addition for every 64 KiB. */
enum { RC_QUOTA_STEP = 64 << 10, RC_QUOTA_SHRUNK = 256 };
/* After this many bytes from jemalloc, a chunk is sealed even if it is not
   full. That makes a thousand handshakes for four gigabytes, and eight chunks
   delay at most 32 MiB. */
enum { RC_PRESS_BYTES = 4 << 20, RC_PRESS_SHRUNK = 4096 };

/* --- collecting ---------------------------------------------------------- */

uint64_t gc_rc_released(gc_heap *heap) {
  uint64_t sum = 0;
  for (gc_mutator *m = heap->mutators; m; m = m->next)
    sum += rc_of(m)->released;
  return sum;
}

/* Bytes of free cells that each mutator keeps when the program asks for a
   collection: two thousand cells of 32 bytes. So short work between frequent
   collections need not go to jemalloc. */
enum { RC_KEEPS_AT_HAND = 64 << 10 };

static void cells_return_all(gc_mutator *m, size_t keep) {
  gc_assert_always(gc_world_is_stopped_by(m));
  for (gc_mutator *other = m->heap->mutators; other; other = other->next)
    gc_rc_cells_return(rc_of(other), keep);
  if (RC_BIASED)
    gc_rc_homes_settle(m, keep);
}

/* The caller may then show objects to other mutators: Note [The newest object].
 */
void gc_rc_settle(gc_mutator *m) {
  gc_assert_always(gc_world_is_stopped_by(m));
  for (gc_mutator *other = m->heap->mutators; other; other = other->next)
    rc_of(other)->newest = NULL;
  gc_rc_defer_drain_world(m);
  cells_return_all(m, 0);
}

/* An operation that needs memory; false if there is none. */
typedef bool rc_attempt(gc_mutator *, void *request);

/* The operation that failed for want of memory, and whether a retry succeeded.
 */
struct rc_try {
  rc_attempt *attempt;
  void *request;
  bool is_done;
};

/* One stop of the world. A failed operation is retried before any other mutator
   runs, because that one might fill the heap again. */
static size_t collect_once(gc_mutator *m, int generation, const char *cause,
                           struct rc_try *failed) {
  gc_heap *heap = m->heap;
  gc_assert_always(generation >= 0 && generation <= GC_OLDEST);
  gc_assert(failed == NULL || !failed->is_done);
  gc_world_stop(m, gc_rc_pause_kind, cause);
  uint64_t before = gc_rc_released(heap);
  size_t free_before = gc_rc_free_in_blocks(rc_heap_of(heap));
  heap->pause.generation = generation;
  gc_rc_collect_stopped(m, generation);
  cells_return_all(m, failed ? 0 : RC_KEEPS_AT_HAND);
  gc_assert_always(gc_rc_released(heap) >= before);
  size_t dead = gc_rc_released(heap) - before;
  heap->pause.objects_freed = dead;
  gc_verify_after_collection(m);
  if (failed && !gc_rc_is_thrashing(rc_heap_of(heap), free_before))
    failed->is_done = failed->attempt(m, failed->request);
  if (failed && !failed->is_done)
    gc_finalizers_gather(m);
  gc_world_resume(m);
  return dead;
}

/* A dead object with a finalizer waits until its finalizer has run. So a second
   collection frees the objects that the finalizers let go of. */
size_t gc_rc_collect(gc_mutator *m, int generation, const char *cause) {
  size_t dead = collect_once(m, generation, cause, NULL);
  if (gc_finalizers_are_due(m)) {
    gc_finalizers_run(m);
    dead += collect_once(m, generation, cause, NULL);
  }
  return dead;
}

void gc_rc_stress(gc_mutator *m) {
  collect_once(m, GC_OLDEST, "stress", NULL);
}

/* --- allocating ---------------------------------------------------------- */

/* Collects and retries after an attempt has failed. All memory may be held by
   entries in buffers, by dead cycles and by objects that wait for finalizers.
   The first collection frees the memory of the first two. Further ones free the
   objects that finalizers have let go of. */
static bool try_hard(gc_mutator *m, rc_attempt *attempt, void *request) {
  struct rc_try t = {attempt, request, false};
  unsigned rounds = 0;
  do
    collect_once(m, GC_OLDEST, "limit", &t);
  while (!t.is_done && gc_finalizers_help(m, &rounds));
  return t.is_done;
}

struct cell_request {
  size_t bytes, prefix;
  bool is_finalizable;
  void *cell;
};

/* This mutator's quota may contain all free bytes up to the limit. */
static bool add_finalizer(gc_mutator *m, gc_ref object) {
  if (gc_finalizable_add(m->heap, object))
    return true;
  gc_rc_quota_return(rc_of(m));
  return gc_finalizable_add(m->heap, object);
}

static bool cell_attempt(gc_mutator *m, void *data) {
  struct cell_request *r = data;
  r->cell = gc_rc_cell_take(rc_of(m), r->bytes);
  gc_assert((uintptr_t)r->cell % RC_GRANULE == 0);
  if (r->cell == NULL || !r->is_finalizable ||
      add_finalizer(m, (gc_ref)((char *)r->cell + r->prefix)))
    return r->cell != NULL;
  rc_cell_put(rc_of(m), r->cell, r->bytes);
  return false;
}

/* The safepoint has been passed. */
static gc_ref object_new(gc_mutator *m, gc_root *out, gc_type type,
                         size_t length) {
  size_t bytes = gc_cell_size(type, length), prefix = gc_cell_prefix(type);
  bool is_finalizable = gc_type_describe(type)->finalize != NULL;
  struct cell_request r = {bytes, prefix, is_finalizable, NULL};
  gc_rc_defer_press(rc_of(m));
  if (bytes == 0 || !(cell_attempt(m, &r) || try_hard(m, cell_attempt, &r)))
    return NULL;
  void *cell = r.cell;
  if (prefix)
    *(size_t *)cell = length;
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, gc_memory_class(bytes));
  gc_root_clear(m, out);
  return rc_object_init(m, out, cell, type, prefix, rc_born(m, cell, bytes));
}

gc_ref gc_rc_new_slow(gc_mutator *m, gc_root *out, gc_type type) {
  gc_type_require_fixed(type);
  return object_new(m, out, type, 0);
}

gc_ref gc_rc_new_array_slow(gc_mutator *m, gc_root *out, gc_type type,
                            size_t length) {
  gc_type_require_array(type);
  return object_new(m, out, type, length);
}

/* --- weak references ----------------------------------------------------- */

struct weak_request {
  gc_ref weak, target; /* in roots */
};

static bool weak_attempt(gc_mutator *m, void *data) {
  struct weak_request *r = data;
  struct gc_weak_table *table = &rc_heap_of(m->heap)->weak;
  if (gc_weak_bind(table, r->weak, r->target))
    return true;
  gc_rc_quota_return(rc_of(m));
  return gc_weak_bind(table, r->weak, r->target);
}

static bool weak_bind(gc_mutator *m, gc_ref weak, gc_ref target,
                      uint32_t flags) {
  struct weak_request r = {weak, target};
  rc_publish(m, target);
  gc_assert(rc_count_of(rc_word(target)) != 0);
  rc_flags_set(target, flags);
  gc_shake();
  return weak_attempt(m, &r) || try_hard(m, weak_attempt, &r);
}

/* Making a weak reference may stop the world, and then the raw `target` is no
   longer valid. So a root keeps it. */
gc_ref gc_weak_new(gc_mutator *m, gc_root *out, gc_ref target) {
  gc_weak_require(target);
  GC_FRAME(m, f, target, weak);
  gc_root_set(m, &f.target, target);
  gc_safepoint(m);
  if (gc_rc_new_slow(m, &f.weak, gc_weak_type()) == NULL)
    return NULL;
  gc_ref weak = gc_root_get(&f.weak);
  if (!weak_bind(m, weak, target, RC_HAS_WEAK))
    return NULL;
  gc_root_move(m, out, &f.weak);
  return weak;
}

/* The ephemeron's slot holds a count of the value. The ephemeron is published:
   the death of its key, on another thread, raises its count. */
static void ephemeron_fill(gc_mutator *m, gc_ref ephemeron, gc_ref value) {
  rc_publish(m, ephemeron);
  rc_publish(m, value);
  if (gc_is_object(value))
    rc_raise(m, value);
  gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, value);
  rc_flags_set(ephemeron, RC_HAS_WEAK);
}

gc_ref gc_ephemeron_new(gc_mutator *m, gc_root *out, gc_ref key, gc_ref value) {
  gc_ephemeron_require(key, value);
  GC_FRAME(m, f, key, value, ephemeron);
  gc_root_set(m, &f.key, key);
  gc_root_set(m, &f.value, value);
  gc_safepoint(m);
  if (gc_rc_new_slow(m, &f.ephemeron, gc_ephemeron_type()) == NULL)
    return NULL;
  gc_ref ephemeron = gc_root_get(&f.ephemeron);
  ephemeron_fill(m, ephemeron, value);
  if (!weak_bind(m, ephemeron, key, RC_HAS_WEAK | RC_IS_KEY))
    return NULL;
  rc_stored(m, key, value); /* the key leads to the value now */
  gc_root_move(m, out, &f.ephemeron);
  return ephemeron;
}

/* Reads the target once, under the lock: Note [Weak reads and death] in
   heap/weak.h. True: *found is final. A target with a finalizer and a count of
   zero is on its way from its last holder to the queue, or to death. Which of
   the two is known soon. To answer NULL now would be wrong if a later read
   finds the target. */
static bool target_try(gc_mutator *m, struct gc_weak *data, gc_ref target,
                       gc_ref *found) {
  struct gc_weak_table *table = &rc_heap_of(m->heap)->weak;
  struct gc_weak_stripe *stripe = gc_weak_stripe_of(table, target);
  pthread_mutex_lock(&stripe->lock);
  bool is_bound = __atomic_load_n(&data->target, __ATOMIC_RELAXED) == target;
  gc_shake();
  bool is_raised = is_bound && rc_try_increment(m, target);
  gc_assert(!is_raised || rc_count_of(rc_word(target)) != 0);
  bool is_final = is_raised || !is_bound ||
                  gc_type_describe(target->type)->finalize == NULL;
  pthread_mutex_unlock(&stripe->lock);
  *found = is_raised ? target : NULL;
  return is_final;
}

static gc_ref target_raise(gc_mutator *m, struct gc_weak *data) {
  gc_ref target = __atomic_load_n(&data->target, __ATOMIC_ACQUIRE), found;
  if (target == NULL)
    return NULL;
  gc_shake();
  while (!target_try(m, data, target, &found))
    sched_yield();
  return found;
}

/* The root takes over the count of `raised`, which may be no object. */
static gc_ref raised_put(gc_mutator *m, gc_root *out, gc_ref raised) {
  gc_ref old = out->ref;
  gc_count(m, increments, gc_is_object(raised));
  out->ref = raised;
  if (gc_is_object(old))
    rc_drop(m, old);
  return raised;
}

gc_ref gc_weak_get(gc_mutator *m, gc_root *out, gc_ref weak) {
  gc_weak_require_weak(weak);
  gc_check_root(m, out);
  return raised_put(m, out, target_raise(m, gc_weak_data(weak)));
}

/* An ephemeron that has a key has a count of its value: Note [Death of a key].
   The key may be dying; then this reading comes before its death. */
static gc_ref value_raise(gc_mutator *m, gc_ref ephemeron) {
  struct gc_weak_table *table = &rc_heap_of(m->heap)->weak;
  struct gc_weak *data = gc_weak_data(ephemeron);
  gc_ref key = __atomic_load_n(&data->target, __ATOMIC_ACQUIRE), value = NULL;
  if (key == NULL)
    return NULL;
  struct gc_weak_stripe *stripe = gc_weak_stripe_of(table, key);
  gc_shake();
  pthread_mutex_lock(&stripe->lock);
  if (__atomic_load_n(&data->target, __ATOMIC_RELAXED) == key) {
    value = gc_slot_load(ephemeron, GC_EPHEMERON_VALUE);
    if (gc_is_object(value))
      rc_increment(m, value);
  }
  pthread_mutex_unlock(&stripe->lock);
  return value;
}

gc_ref gc_ephemeron_get(gc_mutator *m, gc_root *out, gc_ref ephemeron) {
  gc_ephemeron_require_ephemeron(ephemeron);
  gc_check_root(m, out);
  return raised_put(m, out, value_raise(m, ephemeron));
}

/* --- external memory ----------------------------------------------------- */

struct external_request {
  gc_ref object; /* in a root */
  size_t bytes;
};

/* This mutator's quota may contain all free bytes up to the limit. */
static bool external_attempt(gc_mutator *m, void *data) {
  struct external_request *r = data;
  if (gc_external_hold(m->heap, r->object, r->bytes))
    return true;
  gc_rc_quota_return(rc_of(m));
  return gc_external_hold(m->heap, r->object, r->bytes);
}

/* Bytes count for the open chunk as those from jemalloc do, so that few objects
   that hold much do not wait for many others. */
bool gc_external_add(gc_mutator *m, gc_ref object, size_t bytes) {
  gc_external_require(object);
  struct rc_heap *heap = rc_heap_of(m->heap);
  struct external_request r = {object, bytes};
  GC_FRAME(m, f, object);
  gc_root_set(m, &f.object, object);
  gc_safepoint(m);
  rc_flags_set(object, RC_HAS_WEAK);
  if (bytes > m->heap->limit ||
      !(external_attempt(m, &r) || try_hard(m, external_attempt, &r)))
    return false;
  rc_of(m)->taken += bytes;
  gc_rc_defer_press(rc_of(m));
  if (atomic_load(&heap->held) > atomic_load(&heap->ask_held))
    gc_poll_set(m, GC_POLL_COLLECTOR);
  return true;
}

/* --- immortality --------------------------------------------------------- */

void gc_immortalize(gc_mutator *m, gc_ref object) {
  gc_require(gc_is_object(object), "gc_immortalize of NULL or an immediate");
  rc_publish(m, object);
  gc_assert(rc_count_of(rc_word(object)) != 0);
  if (!rc_is_sticky(rc_immortalize(m, object)))
    atomic_fetch_add(&rc_heap_of(m->heap)->immortal_bytes, gc_sizeof(object));
}

/* --- callbacks of the verifier ------------------------------------------- */

static const char *rc_verify_object(gc_heap *heap, gc_ref object, size_t found,
                                    bool all) {
  uint32_t word = rc_word(object);
  (void)heap;
  if (gc_type_info(object->type)->type != object->type)
    return "its type is not defined";
  if (rc_is_sticky(word))
    return NULL;
  if (rc_count_of(word) < found)
    return "its count is lower than the references to it";
  if (all && rc_count_of(word) > found)
    return "its count is higher than the references to it";
  return NULL;
}

static size_t rc_tables(struct rc_heap *rc) {
  return atomic_load(&rc->table_bytes) + atomic_load(&rc->base.tables) +
         gc_rc_free_in_blocks(rc);
}

static size_t rc_object_bytes(gc_heap *heap) {
  struct rc_heap *rc = rc_heap_of(heap);
  return atomic_load(&rc->held) - rc_tables(rc);
}

static size_t rc_size_of(gc_ref object) {
  return gc_sizeof(object);
}

const struct gc_verifier gc_rc_verifier = {
    .prepare = gc_rc_settle,
    .object = rc_verify_object,
    .object_bytes = rc_object_bytes,
    .size_of = rc_size_of,
    .deaths = gc_rc_released,
};

/* --- the card ------------------------------------------------------------ */

int gc_rc_heap_init(gc_heap *heap, const char *tuning) {
  struct rc_heap *rc = rc_heap_of(heap);
  (void)tuning;
  rc->chunk_max = heap->shrink ? RC_CHUNK_SHRUNK : RC_CHUNK_ENTRIES;
  rc->press_bytes = heap->shrink ? RC_PRESS_SHRUNK : RC_PRESS_BYTES;
  rc->quota_step = heap->shrink ? RC_QUOTA_SHRUNK : RC_QUOTA_STEP;
  atomic_store(&rc->ask_held, SIZE_MAX);
  gc_memory_init(&rc->memory);
  gc_weak_table_init(&rc->weak, heap);
  pthread_mutex_init(&rc->orphans_lock, NULL);
  return 0;
}

void gc_rc_heap_finish(gc_heap *heap) {
  struct rc_heap *rc = rc_heap_of(heap);
  gc_assert_always(heap->mutators == NULL);
  gc_rc_defer_discard(rc);
  gc_assert(rc->orphans.count == 0);
  pthread_mutex_destroy(&rc->orphans_lock);
  gc_weak_table_finish(&rc->weak);
  gc_memory_finish(&rc->memory);
}

int gc_rc_mutator_init(gc_mutator *m) {
  struct rc_mutator *rc = rc_of(m);
  rc->runners = &m->heap->running;
  int error = gc_memory_borrow(&rc_heap_of(m->heap)->memory, &rc->source);
  if (error != 0)
    return error;
  gc_rc_cells_init(rc);
  error = gc_rc_defer_init(rc);
  if (error != 0)
    gc_memory_return(&rc->source);
  return error;
}

void gc_rc_mutator_finish(gc_mutator *m) {
  gc_rc_defer_finish(rc_of(m));
  gc_rc_cells_return(rc_of(m), 0);
  gc_assert_always(rc_of(m)->quota == 0);
  gc_memory_return(&rc_of(m)->source);
}

size_t gc_rc_held_bytes(gc_heap *heap) {
  return atomic_load(&rc_heap_of(heap)->held);
}

/* No mutator is left, so there is no quota: all held bytes are objects, and
   none of them is reachable. Immortal objects do not count as leaked. */
size_t gc_rc_leaked_bytes(gc_heap *heap) {
  gc_assert(heap->mutators == NULL);
  gc_assert(rc_object_bytes(heap) >=
            atomic_load(&rc_heap_of(heap)->immortal_bytes));
  return rc_object_bytes(heap) - atomic_load(&rc_heap_of(heap)->immortal_bytes);
}

void gc_rc_report(gc_heap *heap, struct gc_memory_figures *out) {
  struct rc_heap *rc = rc_heap_of(heap);
  out->held_peak = atomic_load(&rc->held_peak);
  out->metadata = rc_tables(rc);
  gc_memory_report(out);
}

void gc_rc_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_root_set(m, root, value);
}

void gc_rc_global_clear(gc_mutator *m, gc_root *root) {
  gc_global_set(m, root, NULL);
}
