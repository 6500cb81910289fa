/* SPDX-License-Identifier: MIT */
/* Passes over candidates. Invariant: every dead cycle has an object that is in
   a candidate buffer, of a mutator or of the heap; it may be broken only within
   an operation, and while the world is stopped.

   A pass stops the world, applies all buffered decrements, and runs trial
   deletion over the candidates up to some age. Its cost depends on the number
   of objects that can be reached from candidates, not on the size of the heap.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collectors/shared/trial/cycle.h"
#include "heap/figures.h"

/* --- memory set aside ----------------------------------------------------- */

/* An array keeps pages of up to this many bytes between passes. Faulting a page
   in again costs half a nanosecond for each address. */
enum { ARRAY_KEEPS = 256 << 10 };
/* The largest number of candidates in a batch; further ones form another batch.
 */
enum { BATCH_MAX = 1 << 20 };

/* Reserves only addresses; pages are faulted in when they are touched. If the
   system refuses, the size is halved until it agrees. A pass that finds no room
   gives up. */
static bool array_init(struct cycle_array *array, size_t capacity) {
  for (; capacity >= 1024; capacity /= 2) {
    void *memory = mmap(NULL, capacity * sizeof(gc_ref), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED) {
      *array = (struct cycle_array){.items = memory, .capacity = capacity};
      return true;
    }
  }
  return false;
}

static void array_finish(struct cycle_array *array) {
  if (array->items)
    munmap(array->items, array->capacity * sizeof(gc_ref));
  *array = (struct cycle_array){0};
}

/* Two arrays of the same capacity: the contents of one fit in the other. */
static bool arrays_init(struct cycle_array *one, struct cycle_array *other,
                        size_t capacity) {
  while (array_init(one, capacity)) {
    if (array_init(other, one->capacity) && other->capacity == one->capacity)
      return true;
    capacity = one->capacity / 2;
    array_finish(one);
    array_finish(other);
  }
  return false;
}

static size_t array_bytes(size_t entries) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (entries * sizeof(gc_ref) + page - 1) / page * page;
}

static void array_account(struct rc_heap *heap, struct cycle_array *array,
                          size_t bytes) {
  if (bytes > array->held)
    gc_rc_table_add(heap, bytes - array->held);
  else
    gc_rc_table_sub(heap, array->held - bytes);
  array->held = bytes;
  gc_assert(bytes <= array_bytes(array->capacity));
}

/* After a pass: counts the used pages as held, so that at least the peak has
   them, and gives back unused pages over a bound. */
static void array_trim(struct rc_heap *heap, struct cycle_array *array) {
  cycle_array_note(array);
  gc_assert(cycle_array_is_valid(array));
  size_t used = array_bytes(array->most), keeps = array_bytes(array->count);
  if (used > array->held)
    array_account(heap, array, used);
  keeps = keeps < ARRAY_KEEPS ? ARRAY_KEEPS : keeps;
  if (used <= keeps)
    return;
  madvise((char *)array->items + keeps, used - keeps, MADV_DONTNEED);
  array->most = keeps / sizeof(gc_ref);
  array_account(heap, array, keeps);
}

/* No object that a trial touches is smaller than 16 bytes. */
static size_t objects_at_most(const gc_heap *heap) {
  size_t pages = (size_t)sysconf(_SC_PHYS_PAGES);
  size_t bytes = pages * (size_t)sysconf(_SC_PAGESIZE);
  return (heap->limit < bytes ? heap->limit : bytes) / 16 + 1024;
}

/* --- a pass --------------------------------------------------------------- */

/* Under a budget, a batch is this small, so that the clock is read often.
   Without a budget, all candidates are one batch, and the objects that they
   share are examined once. */
enum { BUDGET_BATCH = 64, BUDGET_PATIENCE = 1 << 14, BUDGET_BACKLOG = 1024 };
struct pass {
  gc_mutator *m;
  int age;
  uint64_t deadline; /* 0: none */
  size_t freed, touched;
  bool is_cut; /* there was more to do */
};

/* Note [Batches under a budget]
   Objects that candidates of different batches share are examined once for each
   batch. So a batch may have twice as many candidates as the last one if that
   one examined more than BUDGET_EACH objects per candidate without freeing
   them: these objects are probably the same for all candidates. Otherwise, or
   if the last batch was given up, it may have half as many. */
enum { BUDGET_EACH = 16 };

static uint64_t batch_most(const struct cycle_heap *heap) {
  uint64_t least = heap->patience > BUDGET_PATIENCE ? heap->patience / 128 : 0;
  return heap->batch_most > least ? heap->batch_most : least;
}

static void batch_renew(struct cycle_heap *heap, struct cycle_result last,
                        size_t count) {
  gc_assert(heap->batch_most >= BUDGET_BATCH);
  bool is_dear = last.touched > last.freed + count * BUDGET_EACH;
  if (is_dear && !last.gave_up && heap->batch_most < heap->batch.capacity)
    heap->batch_most = heap->batch_most * 2;
  else if ((!is_dear || last.gave_up) && heap->batch_most > BUDGET_BATCH)
    heap->batch_most = heap->batch_most / 2;
}

/* Patience doubles each time that a batch is given up. So even a large
   structure is examined in the end, and floating garbage stays bounded. A large
   structure is likely to be met again, so patience decreases slowly. It never
   exceeds the room of the arrays. */
static void patience_renew(struct cycle_heap *heap, struct cycle_result last) {
  gc_assert(heap->patience >= BUDGET_PATIENCE);
  if (last.gave_up && heap->patience < heap->touched.capacity)
    heap->patience *= 2;
  else if (!last.gave_up && last.touched < heap->patience / 4 &&
           heap->patience > BUDGET_PATIENCE)
    heap->patience /= 2;
}

static uint64_t pass_left(const struct pass *pass) {
  uint64_t left = 0;
  for (int age = 0; age <= pass->age; age++)
    left += cycle_heap_of(pass->m->heap)->waiting_count[age];
  return left;
}

/* Are more candidates left than may float? Beyond that number the budget does
   not count, so that bursts do not pile up. They are one batch, as without a
   budget: in small batches, the objects that they share would be examined again
   and again, and their price would put off the next pass. */
static bool is_burst(const struct pass *pass) {
  struct cycle_heap *heap = cycle_heap_of(pass->m->heap);
  return pass_left(pass) >
         BUDGET_BACKLOG + 4 * atomic_load(&heap->threshold[0]);
}

static bool is_too_late(const struct pass *pass) {
  return pass_left(pass) > 0 && !is_burst(pass) &&
         gc_now_ns() >= pass->deadline;
}

/* Processes one batch. False: there is no more to do now. */
static bool pass_step(struct pass *pass) {
  struct cycle_heap *heap = cycle_heap_of(pass->m->heap);
  size_t most = heap->batch.capacity;
  if (pass->deadline && !is_burst(pass) && batch_most(heap) < most)
    most = batch_most(heap);
  if (!gc_cycle_batch_fill(pass->m, pass->age, most))
    return false;
  uint64_t patience = pass->deadline ? heap->patience : UINT64_MAX;
  struct cycle_result result = gc_cycle_trial(pass->m, patience);
  gc_assert(result.freed <= result.touched);
  gc_assert(!result.gave_up || result.freed == 0);
  pass->freed += result.freed;
  pass->touched += result.touched;
  patience_renew(heap, result);
  if (pass->deadline)
    batch_renew(heap, result, heap->batch.count);
  cycle_array_note(&heap->batch);
  if (!result.gave_up)
    heap->batch.count = 0;
  pass->is_cut = pass->deadline && (result.gave_up || is_too_late(pass));
  return !pass->is_cut && !result.gave_up;
}

static size_t pass_vain(const struct pass *pass) {
  return pass->touched > pass->freed ? pass->touched - pass->freed : 0;
}

/* The price of a pass that ran in parts is that of its dearest part. */
static uint64_t pass_price(const struct pass *pass) {
  uint64_t before = cycle_heap_of(pass->m->heap)->price_before;
  return before > pass_vain(pass) ? before : pass_vain(pass);
}

/* The next pass runs when all mutators together have made half as many
   candidates as it will examine, so that the number of waiting candidates
   falls. */
static void pass_cut(struct pass *pass) {
  struct cycle_heap *heap = cycle_heap_of(pass->m->heap);
  gc_assert(pass->deadline != 0);
  heap->unfinished = pass->age;
  heap->price_before = pass_price(pass);
  gc_cycle_pace_step(heap, batch_most(heap) / 2, heap->price_before);
}

static void pass_complete(struct pass *pass) {
  struct cycle_heap *heap = cycle_heap_of(pass->m->heap);
  gc_assert(pass->age >= heap->unfinished);
  gc_cycle_pace_pass(heap, pass->age, pass_price(pass), pass->touched,
                     pass->freed);
  heap->unfinished = 0;
  heap->price_before = 0;
}

static void pass_run(struct pass *pass) {
  struct cycle_heap *heap = cycle_heap_of(pass->m->heap);
  uint64_t begun = gc_phase_begin();
  gc_assert_always(gc_world_is_stopped_by(pass->m));
  gc_assert_always(pass->age >= 0 && pass->age < CYCLE_AGES);
  while (pass_step(pass)) {
  }
  array_trim(&heap->rc, &heap->batch);
  array_trim(&heap->rc, &heap->touched);
  array_trim(&heap->rc, &heap->black);
  pass->m->heap->pause.objects_marked = pass->touched;
  heap->rc.vain = pass_vain(pass);
  if (pass->is_cut)
    pass_cut(pass);
  else
    pass_complete(pass);
  for (gc_mutator *m = heap->rc.base.mutators; m; m = m->next)
    gc_cycle_look_reset(m);
  if (RC_BIASED)
    gc_rc_merge_world(pass->m);
  gc_phase_end(&heap->rc.base, GC_PHASE_CYCLES, begun);
}

static void drain(gc_mutator *m) {
  uint64_t begun = gc_phase_begin();
  gc_rc_defer_drain_world(m);
  gc_phase_end(m->heap, GC_PHASE_DRAIN, begun);
}

const char gc_rc_pause_kind[] = "cycles";

void gc_rc_collect_stopped(gc_mutator *m, int generation) {
  drain(m);
  gc_cycle_gather(m, generation);
  pass_run(&(struct pass){.m = m, .age = generation});
}

/* A pass that candidates or growth asked for. It goes over the age that is due,
   within the budget, and does not make the account exact. */
static void automatic_pass_stopped(gc_mutator *m) {
  gc_heap *heap = m->heap;
  struct cycle_heap *cycle = cycle_heap_of(heap);
  uint64_t before = gc_rc_released(heap);
  struct pass pass = {.m = m, .age = gc_cycle_pace_age(cycle)};
  if (pass.age < cycle->unfinished)
    pass.age = cycle->unfinished;
  if (cycle->budget_ns)
    pass.deadline = gc_now_ns() + cycle->budget_ns;
  gc_cycle_gather(m, pass.deadline ? -1 : pass.age);
  pass_run(&pass);
  heap->pause.generation = pass.age;
  heap->pause.objects_freed = gc_rc_released(heap) - before;
  gc_verify_after_collection(m);
}

static bool is_still_due(gc_mutator *m, uint64_t seen) {
  (void)seen;
  return gc_cycle_is_due(m);
}

/* Another mutator's pass may have come first, while this one waited. */
static void automatic_pass(gc_mutator *m) {
  gc_shake();
  bool is_grown = gc_cycle_pace_has_grown(cycle_heap_of(m->heap));
  const char *cause = is_grown ? "growth" : "candidates";
  if (!gc_world_stop_if(m, gc_rc_pause_kind, cause, is_still_due, 0))
    return;
  drain(m);
  if (gc_cycle_is_due(m))
    automatic_pass_stopped(m);
  gc_world_resume(m);
}

void gc_cycle_safepoint(gc_mutator *m) {
  gc_rc_defer_safepoint(m);
  if (gc_cycle_wants_pass(m))
    automatic_pass(m);
}

/* --- thresholds ----------------------------------------------------------- */

uint64_t gc_cycle_threshold_get(gc_heap *heap, int generation) {
  return atomic_load(&cycle_heap_of(heap)->threshold[generation]);
}

/* The unit is candidates for generation 0, and passes over the next younger
   generation for the others. A new threshold keeps the prices of earlier
   passes. */
void gc_cycle_threshold_set(gc_heap *heap, int generation, uint64_t value) {
  struct cycle_heap *cycle = cycle_heap_of(heap);
  uint64_t before = atomic_exchange(&cycle->threshold[generation], value);
  if (generation > 0 || value == before)
    return;
  pthread_mutex_lock(&heap->lock);
  for (gc_mutator *m = heap->mutators; m; m = m->next)
    gc_cycle_look_reset(m);
  pthread_mutex_unlock(&heap->lock);
}

/* --- for the card ----------------------------------------------------------
 */

void gc_cycle_heap_finish(gc_heap *heap) {
  struct cycle_heap *cycle = cycle_heap_of(heap);
  gc_assert_always(heap->mutators == NULL);
  gc_cycle_candidates_discard(cycle);
  array_finish(&cycle->batch);
  array_finish(&cycle->touched);
  array_finish(&cycle->black);
  gc_rc_heap_finish(heap);
}

int gc_cycle_heap_init(gc_heap *heap, const char *tuning) {
  struct cycle_heap *cycle = cycle_heap_of(heap);
  size_t most = objects_at_most(heap);
  int error = gc_rc_heap_init(heap, tuning);
  if (error != 0)
    return error;
  if (!array_init(&cycle->batch, BATCH_MAX) ||
      !arrays_init(&cycle->touched, &cycle->black, most)) {
    gc_cycle_heap_finish(heap);
    return ENOMEM;
  }
  atomic_store(&cycle->threshold[0], gc_tuning_get(tuning, "candidates"));
  atomic_store(&cycle->threshold[1], gc_tuning_get(tuning, "gen1"));
  atomic_store(&cycle->threshold[2], gc_tuning_get(tuning, "gen2"));
  gc_assert_always(cycle->black.capacity == cycle->touched.capacity);
  cycle->budget_ns = gc_tuning_get(tuning, "budget_us") * 1000;
  cycle->patience = BUDGET_PATIENCE;
  cycle->batch_most = BUDGET_BATCH;
  gc_cycle_pace_init(cycle);
  return 0;
}

int gc_cycle_mutator_init(gc_mutator *m) {
  gc_cycle_look_reset(m);
  rc_of(m)->makes_candidates = true;
  return gc_rc_mutator_init(m);
}

void gc_cycle_mutator_finish(gc_mutator *m) {
  gc_cycle_candidates_finish(m);
  gc_rc_mutator_finish(m);
}
