/* SPDX-License-Identifier: MIT */
/* Heaps and the mutators attached to them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heap/figures.h"
#include "heap/heap.h"
#include "heap/options.h"

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
  pthread_cond_init(&heap->stopped, NULL);
  pthread_cond_init(&heap->resumed, NULL);
  pthread_cond_init(&heap->graced, NULL);
  pthread_mutex_init(&heap->globals_lock, NULL);
  pthread_mutex_init(&heap->finalizable_lock, NULL);
}

static void heap_free(gc_heap *heap) {
  gc_ptrmap_finish(&heap->found);
  gc_ptrmap_finish(&heap->globals);
  gc_ptrmap_finish(&heap->finalizable);
  pthread_mutex_destroy(&heap->finalizable_lock);
  pthread_mutex_destroy(&heap->globals_lock);
  pthread_cond_destroy(&heap->graced);
  pthread_cond_destroy(&heap->resumed);
  pthread_cond_destroy(&heap->stopped);
  pthread_mutex_destroy(&heap->lock);
  free(heap);
}

int gc_options_check(const struct gc_options *options, char *why,
                     size_t why_size) {
  return gc_tuning_check(options->tuning, why, why_size) ? 0 : EINVAL;
}

static void heap_apply(gc_heap *heap, const struct gc_options *options) {
  const char *tuning = options->tuning;
  heap->limit = options->heap_bytes ? options->heap_bytes : SIZE_MAX;
  heap->gc_threads = options->gc_threads ? options->gc_threads : core_count();
  heap->stress = (uint32_t)gc_tuning_get(tuning, "stress");
  heap->shrink = gc_tuning_get(tuning, "shrink") != 0;
  heap->verify = (uint32_t)gc_tuning_get(tuning, "verify");
  heap->shake = (uint32_t)gc_tuning_get(tuning, "shake");
}

int gc_heap_create(const struct gc_options *options, gc_heap **out) {
  static const struct gc_options none_given;
  char why[160];
  options = options ? options : &none_given;
  if (gc_options_check(options, why, sizeof why) != 0)
    return EINVAL;
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

/* Every second mutator is shaken at all its safepoints. That makes them slow,
   and would hide a request that fails to do so; so the others are shaken only
   where they are slow of themselves. */
static void mutator_shake(gc_mutator *m) {
  gc_shake_begin(m->heap->shake, m->number);
  if (gc_shake_draw() % 2 != 0)
    gc_poll_set(m, GC_POLL_SHAKE);
  gc_shake();
}

gc_mutator *gc_attach(gc_heap *heap) {
  gc_mutator *m = struct_new(gc_collector.mutator_size);
  if (m == NULL)
    return NULL;
  m->heap = heap;
  atomic_store(&m->poll, heap->stress ? GC_POLL_STRESS : 0);
  atomic_store(&m->epoch_seen, GC_EPOCH_PARKED);
  if (gc_collector.mutator_init(m) != 0) {
    free(m);
    return NULL;
  }
  pthread_mutex_lock(&heap->lock);
  gc_world_enter(m); /* first: a stopper walks the list without the lock */
  mutator_enter(heap, m);
  pthread_mutex_unlock(&heap->lock);
  mutator_shake(m);
  return m;
}

/* Finalizers may make new work for each other; but each object has one go, so
   this ends as soon as nothing new is made. */
static void settle(gc_mutator *m) {
  do
    gc_safepoint_slow(m);
  while (m->finalize_first != NULL);
}

void gc_detach(gc_mutator *m) {
  gc_heap *heap = m->heap;
  gc_assert_always(m->frames == NULL && !m->is_finalizing);
  settle(m);
  gc_shake();
  gc_collector.mutator_finish(m);
  gc_shake();
  pthread_mutex_lock(&heap->lock);
  gc_world_leave(m);
  mutator_leave(heap, m);
  pthread_mutex_unlock(&heap->lock);
  gc_shake_end();
  free(m);
}

void gc_park(gc_mutator *m) {
  gc_safepoint_slow(m);
  gc_shake();
  pthread_mutex_lock(&m->heap->lock);
  gc_world_leave(m);
  pthread_mutex_unlock(&m->heap->lock);
  gc_shake();
}

void gc_unpark(gc_mutator *m) {
  gc_shake();
  pthread_mutex_lock(&m->heap->lock);
  gc_assert_always(!m->running);
  gc_world_enter(m);
  pthread_mutex_unlock(&m->heap->lock);
  gc_shake();
}

/* --- the end ------------------------------------------------------------- */

static void globals_empty(gc_heap *heap, gc_mutator *m) {
  for (size_t i = 0; i < heap->globals.capacity; i++)
    if (heap->globals.entries[i].key != NULL)
      gc_collector.root_set(m, heap->globals.entries[i].key, NULL);
  gc_ptrmap_finish(&heap->globals);
}

/* Finalizers that make new finalizable objects could keep a heap alive for
   ever; Python gives up in the same way. */
enum { FINAL_ROUNDS = 16 };

static void run_remaining_finalizers(gc_mutator *m) {
  for (int round = 0; round < FINAL_ROUNDS; round++) {
    gc_collector.collect(m, GC_OLDEST, "end");
    gc_finalizers_run(m);
    if (gc_finalizable_queue_all(m) == 0)
      return;
    gc_finalizers_run(m);
  }
}

static void tell_ended(gc_heap *heap) {
  bool leaks = gc_collector.leaked_bytes != NULL;
  if (heap->listener.ended)
    heap->listener.ended(heap->listener.data,
                         leaks ? gc_collector.leaked_bytes(heap) : 0);
}

void gc_heap_destroy(gc_heap *heap) {
  gc_assert_always(heap->attached == 0);
  gc_mutator *m = gc_attach(heap);
  if (m) {
    globals_empty(heap, m);
    run_remaining_finalizers(m);
    gc_detach(m);
  }
  tell_ended(heap);
  gc_collector.heap_finish(heap);
  gc_finalizable_discard(heap);
  heap_free(heap);
}

/* --- global roots -------------------------------------------------------- */

void gc_global_add(gc_heap *heap, gc_root *root) {
  pthread_mutex_lock(&heap->globals_lock);
  gc_assert_always(root->ref == NULL);
  gc_assert_always(gc_ptrmap_reserve(&heap->globals));
  gc_ptrmap_put(&heap->globals, root, root);
  pthread_mutex_unlock(&heap->globals_lock);
}

void gc_global_remove(gc_mutator *m, gc_root *root) {
  gc_heap *heap = m->heap;
  gc_collector.global_clear(m, root);
  pthread_mutex_lock(&heap->globals_lock);
  gc_assert_always(gc_ptrmap_remove(&heap->globals, root) == root);
  pthread_mutex_unlock(&heap->globals_lock);
}

/* --- collecting, figures ------------------------------------------------- */

size_t gc_collect(gc_mutator *m, int generation) {
  gc_assert_always(generation >= 0);
  if (generation > GC_OLDEST)
    generation = GC_OLDEST;
  size_t dead = gc_collector.collect(m, generation, "request");
  gc_finalizers_run(m);
  return dead;
}

static bool has_threshold(int generation) {
  return gc_collector.threshold_get != NULL && generation >= 0 &&
         generation <= GC_OLDEST;
}

uint64_t gc_threshold_get(gc_heap *heap, int generation) {
  return has_threshold(generation)
             ? gc_collector.threshold_get(heap, generation)
             : 0;
}

bool gc_threshold_set(gc_heap *heap, int generation, uint64_t value) {
  return has_threshold(generation) &&
         gc_collector.threshold_set(heap, generation, value);
}

void gc_listen(gc_heap *heap, const struct gc_listener *listener) {
  heap->listener = listener ? *listener : (struct gc_listener){0};
}

void gc_memory_figures(gc_heap *heap, struct gc_memory_figures *out) {
  *out = (struct gc_memory_figures){.held = gc_collector.held_bytes(heap)};
  if (gc_collector.report)
    gc_collector.report(heap, out);
}

static uint64_t greater(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

/* Sums, but for what is a greatest. */
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
