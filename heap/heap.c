/* SPDX-License-Identifier: MIT */
/* Heaps and the mutators attached to them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heap/external.h"
#include "heap/figures.h"
#include "heap/heap.h"
#include "heap/lifecycle.h"
#include "heap/table.h"

/* Zeroed and on its own cache lines. NULL: no memory. */
static void *struct_new(size_t size) {
  size = (size + GC_CACHE_LINE - 1) / GC_CACHE_LINE * GC_CACHE_LINE;
  void *memory = aligned_alloc(GC_CACHE_LINE, size);
  return memory ? memset(memory, 0, size) : NULL;
}

static unsigned core_count(void) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores > 0 ? (unsigned)cores : 1;
}

static void heap_init_locks(gc_heap *heap) {
  pthread_mutex_init(&heap->lock, NULL);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&heap->stopped, &monotonic);
  pthread_condattr_destroy(&monotonic);
  pthread_cond_init(&heap->resumed, NULL);
  pthread_cond_init(&heap->graced, NULL);
  pthread_cond_init(&heap->left, NULL);
  pthread_mutex_init(&heap->globals_lock, NULL);
  pthread_mutex_init(&heap->finalizable_lock, NULL);
  pthread_mutex_init(&heap->pins_lock, NULL);
  pthread_mutex_init(&heap->external_lock, NULL);
}

static void heap_free(gc_heap *heap) {
  gc_ptrmap_finish(&heap->found);
  gc_external_finish(heap);
  gc_ptrmap_finish(&heap->pins);
  pthread_mutex_destroy(&heap->pins_lock);
  gc_registry_finish(&heap->finalizable);
  pthread_mutex_destroy(&heap->finalizable_lock);
  pthread_mutex_destroy(&heap->globals_lock);
  pthread_cond_destroy(&heap->left);
  pthread_cond_destroy(&heap->graced);
  pthread_cond_destroy(&heap->resumed);
  pthread_cond_destroy(&heap->stopped);
  pthread_mutex_destroy(&heap->lock);
  free(heap);
}

int gc_options_check(const struct gc_options *options, char *why,
                     size_t why_size) {
  size_t limit = options->heap_bytes;
  if (limit != 0 && limit < GC_LEAST_HEAP) {
    snprintf(why, why_size,
             "a heap limit of %zu bytes is too small: the minimum is %d", limit,
             GC_LEAST_HEAP);
    return EINVAL;
  }
  return gc_tuning_check(options->tuning, why, why_size) ? 0 : EINVAL;
}

/* The size of a user program's address space. */
#define ADDRESSABLE ((size_t)1 << 47)

static void heap_apply(gc_heap *heap, const struct gc_options *options) {
  const char *tuning = options->tuning;
  heap->limit = options->heap_bytes;
  if (heap->limit == 0 || heap->limit > ADDRESSABLE)
    heap->limit = SIZE_MAX;
  heap->gc_threads = options->gc_threads ? options->gc_threads : core_count();
  heap->stress = (uint32_t)gc_tuning_get(tuning, "stress");
  heap->shrink = gc_tuning_get(tuning, "shrink") != 0;
  heap->verify = (uint32_t)gc_tuning_get(tuning, "verify");
  heap->shake = (uint32_t)gc_tuning_get(tuning, "shake");
  heap->overdue = (uint32_t)gc_tuning_get(tuning, "overdue");
  heap->forks = gc_forks;
  heap->serves_finalizers = options->serves_finalizers;
}

int gc_heap_create(const struct gc_options *options, gc_heap **out) {
  static const struct gc_options none_given;
  char why[160];
  options = options ? options : &none_given;
  if (gc_options_check(options, why, sizeof why) != 0)
    return EINVAL;
  gc_fork_watch();
  gc_heap *heap = struct_new(gc_collector.heap_size);
  if (heap == NULL)
    return ENOMEM;
  heap_init_locks(heap);
  heap_apply(heap, options);
  int error = gc_collector.heap_init(heap, options->tuning);
  if (error != 0)
    heap_free(heap);
  else
    *out = heap;
  return error;
}

/* --- mutators ------------------------------------------------------------ */

/* lock is held, the world not stopped. */
static void mutator_enter(gc_heap *heap, gc_mutator *m) {
  m->number = heap->next_number++;
  m->next = heap->mutators;
  if (m->next)
    m->next->prev = m;
  heap->mutators = m;
  heap->attached++;
  if (atomic_load(&heap->has_left))
    gc_poll_set(m, GC_POLL_FINALIZE);
}

/* lock is held. */
static void mutator_leave(gc_heap *heap, gc_mutator *m) {
  if (m->prev)
    m->prev->next = m->next;
  else
    heap->mutators = m->next;
  if (m->next)
    m->next->prev = m->prev;
  heap->attached--;
  gc_counters_add(&heap->retired, &m->counters);
}

/* Every second mutator is shaken at all its safepoints: GC_POLL_SHAKE makes
   them slow. This would hide a request that fails to set its own poll bit, so
   the other mutators are shaken only at safepoints that are slow anyway. */
static void mutator_shake(gc_mutator *m) {
  gc_shake_begin(m->heap->shake, m->number);
  if (gc_shake_draw() % 2 != 0)
    gc_poll_set(m, GC_POLL_SHAKE);
  gc_shake();
}

/* NULL: no memory. */
static gc_mutator *mutator_new(gc_heap *heap) {
  gc_mutator *m = struct_new(gc_checked_size());
  if (m == NULL)
    return NULL;
  m->heap = heap;
  m->thread_id = gettid();
  atomic_store(&m->poll, heap->stress ? GC_POLL_STRESS : 0);
  atomic_store(&m->epoch_seen, GC_EPOCH_PARKED);
  gc_checked_begin(m);
  if (gc_collector.mutator_init(m) == 0)
    return m;
  free(m);
  return NULL;
}

gc_mutator *gc_attach(gc_heap *heap) {
  gc_require_own(heap);
  gc_thread_require_none(heap);
  gc_mutator *m = mutator_new(heap);
  if (m == NULL)
    return NULL;
  if (gc_thread_add(m) != 0) {
    gc_collector.mutator_finish(m);
    free(m);
    return NULL;
  }
  pthread_mutex_lock(&heap->lock);
  gc_world_enter(m); /* first: a stopper reads the list without the lock */
  mutator_enter(heap, m);
  pthread_mutex_unlock(&heap->lock);
  mutator_shake(m);
  return m;
}

/* Note [Bounded runs] in finalize.c. Most finalizers create no finalizable
   objects, so one round is usually enough. */
enum { LEAVING_ROUNDS = 16 };

/* Runs due finalizers before the mutator parks or detaches. */
static void settle(gc_mutator *m) {
  int rounds = 0;
  do
    gc_safepoint_slow(m);
  while (gc_finalizers_are_due(m) && ++rounds < LEAVING_ROUNDS);
}

void gc_detach(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_require_attached(m);
  gc_require_own(heap);
  gc_require(m->frames == NULL,
             "gc_detach while a GC_FRAME is open: leave its scope first");
  gc_require(m->root_stacks == NULL,
             "gc_detach while a stack of roots exists: call "
             "gc_root_stack_destroy first");
  gc_require(!m->is_finalizing, "gc_detach in a finalizer");
  gc_require(m->running, "gc_detach of a parked mutator: call gc_unpark first");
  gc_thread_require_own(m);
  settle(m);
  gc_shake();
  gc_collector.mutator_finish(m);
  gc_shake();
  pthread_mutex_lock(&heap->lock);
  gc_world_leave(m);
  mutator_leave(heap, m);
  gc_finalizers_leave(m);
  pthread_mutex_unlock(&heap->lock);
  gc_thread_remove(m); /* last: the finalizers above see this thread attached */
  gc_shake_end();
  gc_checked_free(m);
}

void gc_park(gc_mutator *m) {
  gc_require_attached(m);
  gc_require_own(m->heap);
  gc_require(m->running, "gc_park of a mutator that is parked already");
  settle(m);
  if (gc_collector.park)
    gc_collector.park(m);
  gc_poll_set(m, GC_POLL_BARRED);
  gc_shake();
  pthread_mutex_lock(&m->heap->lock);
  gc_world_leave(m);
  gc_finalizers_leave(m);
  pthread_mutex_unlock(&m->heap->lock);
  gc_shake();
}

void gc_unpark(gc_mutator *m) {
  gc_require_attached(m);
  gc_require_own(m->heap);
  gc_require(!m->running, "gc_unpark of a mutator that is not parked");
  gc_thread_require_none(m->heap);
  gc_shake();
  pthread_mutex_lock(&m->heap->lock);
  uint64_t begun = m->heap->stopper != NULL ? gc_now_ns() : 0;
  gc_world_enter(m);
  pthread_mutex_unlock(&m->heap->lock);
  if (gc_collector.unpark)
    gc_collector.unpark(m);
  gc_poll_clear(m, GC_POLL_BARRED);
  gc_shake();
  if (begun != 0)
    gc_tell_slow(m, gc_slow_stop, begun, 0);
}

struct gc_frame *gc_frames_mark(gc_mutator *m) {
  return m->frames;
}

void gc_frames_unwind(gc_mutator *m, struct gc_frame *mark) {
  while (m->frames != mark) {
    struct gc_frame *frame = m->frames;
    gc_require(frame != NULL,
               "gc_frames_unwind to a frame that has been left already");
    for (size_t i = 0; i < frame->count; i++)
      gc_collector.root_set(m, &gc_frame_roots(frame)[i], NULL);
    m->frames = frame->prev;
  }
}

/* --- the end ------------------------------------------------------------- */

/* Finalizers that create new finalizable objects could keep a heap alive for
   ever. Python gives up after some rounds, too. */
enum { FINAL_ROUNDS = 16 };

/* Global roots stay registered meanwhile: a finalizer may set the roots that it
   owns, or remove them. The last round runs no finalizer, so that it frees the
   objects that the last finalizers dropped. */
static void run_remaining_finalizers(gc_heap *heap, gc_mutator *m) {
  uint64_t before;
  int rounds = 0;
  do {
    before = m->finalized;
    gc_globals_empty(heap, m);
    gc_collector.collect(m, GC_OLDEST, "end");
    gc_finalizers_run(m);
    gc_finalizable_queue_all(m);
    gc_finalizers_run(m);
  } while (m->finalized != before && ++rounds < FINAL_ROUNDS);
  gc_globals_empty(heap, m);
}

static void tell_ended(gc_heap *heap) {
  bool leaks = gc_collector.leaked_bytes != NULL;
  if (heap->listener.ended)
    heap->listener.ended(heap->listener.data,
                         leaks ? gc_collector.leaked_bytes(heap) : 0);
}

void gc_heap_destroy(gc_heap *heap) {
  gc_require_own(heap);
  gc_require(heap->attached == 0,
             "gc_heap_destroy while a mutator is attached: every thread must "
             "call gc_detach first");
  gc_mutator *m = gc_attach(heap);
  if (m) {
    m->is_serving = true;
    run_remaining_finalizers(heap, m);
    gc_detach(m);
  }
  gc_globals_finish(heap);
  tell_ended(heap);
  gc_collector.heap_finish(heap);
  heap_free(heap);
}

/* --- collecting, figures ------------------------------------------------- */

size_t gc_collect(gc_mutator *m, int generation) {
  gc_require_attached(m);
  gc_require(generation >= 0, "gc_collect of a negative generation");
  if (generation > GC_OLDEST)
    generation = GC_OLDEST;
  gc_world_give_way(m);
  size_t dead = gc_collector.collect(m, generation, "request");
  gc_finalizers_run(m);
  return dead;
}

uint64_t gc_threshold_greatest(gc_heap *heap, int generation) {
  (void)heap;
  return generation >= 0 && generation < GC_GENERATIONS_MOST
             ? gc_collector.threshold_greatest[generation]
             : 0;
}

bool gc_threshold_exists(gc_heap *heap, int generation) {
  return gc_threshold_greatest(heap, generation) > 0;
}

uint64_t gc_threshold_get(gc_heap *heap, int generation) {
  return gc_threshold_exists(heap, generation)
             ? gc_collector.threshold_get(heap, generation)
             : 0;
}

bool gc_threshold_set(gc_heap *heap, int generation, uint64_t value) {
  if (!gc_threshold_exists(heap, generation) ||
      value > gc_threshold_greatest(heap, generation))
    return false;
  gc_collector.threshold_set(heap, generation, value);
  return true;
}

void gc_listen(gc_heap *heap, const struct gc_listener *listener) {
  heap->listener = listener ? *listener : (struct gc_listener){0};
}

void gc_memory_figures(gc_heap *heap, struct gc_memory_figures *out) {
  *out = (struct gc_memory_figures){.held = gc_collector.held_bytes(heap)};
  if (gc_collector.report)
    gc_collector.report(heap, out);
  out->external = gc_external_bytes(heap);
  out->metadata -=
      out->external < out->metadata ? out->external : out->metadata;
}

static uint64_t greater(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

/* Adds all counters; of the two peaks, keeps the greater. */
void gc_counters_add(struct gc_counters *sum, const struct gc_counters *part) {
  const uint64_t *from = (const uint64_t *)part;
  uint64_t *to = (uint64_t *)sum;
  uint64_t cascade = greater(part->cascade_max, sum->cascade_max);
  uint64_t remembered = greater(part->remembered_peak, sum->remembered_peak);
  for (int i = 0; i < GC_COUNTERS; i++)
    to[i] += from[i];
  sum->cascade_max = cascade;
  sum->remembered_peak = remembered;
}

void gc_statistics(gc_heap *heap, struct gc_counters *out) {
  pthread_mutex_lock(&heap->lock);
  *out = heap->retired;
  for (gc_mutator *m = heap->mutators; m; m = m->next)
    gc_counters_add(out, &m->counters);
  pthread_mutex_unlock(&heap->lock);
}
