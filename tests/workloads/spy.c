/* SPDX-License-Identifier: MIT */
#include "tests/workloads/spy.h"

#include <stdlib.h>
#include <string.h>

#include "heap/heap.h"
#include "heap/weak.h"
#include "tests/support/support.h"
#include "workloads/helpers.h"

/* A card has no room for data, and one runs at a time. */
static struct spy *spy;
static const struct workload *real;
static unsigned percent;
static bool traces;
static gc_heap *heap;

/* --- what is reachable ---------------------------------------------------- */

struct refs {
  gc_ref *items;
  size_t count, capacity;
};

static void refs_push(struct refs *refs, gc_ref object) {
  if (refs->count == refs->capacity) {
    refs->capacity = refs->capacity * 2 + 64;
    refs->items = realloc(refs->items, refs->capacity * sizeof *refs->items);
    CHECK(refs->items != NULL);
  }
  refs->items[refs->count++] = object;
}

struct trace {
  struct gc_ptrmap seen;
  struct refs pending, ephemerons;
  size_t bytes;
};

static void trace_push(struct trace *trace, gc_ref object) {
  if (!gc_is_object(object) || gc_ptrmap_get(&trace->seen, object) != NULL)
    return;
  CHECK(gc_ptrmap_reserve(&trace->seen));
  gc_ptrmap_put(&trace->seen, object, object);
  trace->bytes += gc_sizeof(object);
  refs_push(gc_is_ephemeron(object) ? &trace->ephemerons : &trace->pending,
            object);
}

static void trace_root(gc_root *root, void *trace) {
  trace_push(trace, gc_root_get(root));
}

static void trace_pending(struct trace *trace) {
  while (trace->pending.count > 0) {
    gc_ref object = trace->pending.items[--trace->pending.count];
    for (size_t i = 0; i < gc_slot_count(object); i++)
      trace_push(trace, gc_get(object, i));
  }
}

/* Values whose keys have been seen. False: there were no more. */
static bool trace_values(struct trace *trace) {
  size_t kept = 0, count = trace->ephemerons.count;
  for (size_t i = 0; i < count; i++) {
    gc_ref ephemeron = trace->ephemerons.items[i];
    gc_ref key = gc_weak_data(ephemeron)->target;
    if (key != NULL && gc_ptrmap_get(&trace->seen, key) != NULL)
      refs_push(&trace->pending, ephemeron);
    else
      trace->ephemerons.items[kept++] = ephemeron;
  }
  trace->ephemerons.count = kept;
  return kept < count;
}

static size_t reachable_bytes(void) {
  struct trace trace = {0};
  gc_visit_roots(heap, trace_root, &trace);
  do
    trace_pending(&trace);
  while (trace_values(&trace));
  gc_ptrmap_finish(&trace.seen);
  free(trace.pending.items);
  free(trace.ephemerons.items);
  return trace.bytes;
}

/* A pause reported afterwards has no stopper: threads run again. */
static void world_stopped(void *data, uint64_t t) {
  (void)data;
  (void)t;
  if (heap->stopper == NULL)
    return;
  spy->stops++;
  size_t now = traces ? reachable_bytes() : 0;
  if (now > spy->reachable_peak)
    spy->reachable_peak = now;
}

/* --- the card ------------------------------------------------------------- */

static size_t live_bytes(const struct workload_setup *setup) {
  return real->live_bytes(setup);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return real->alloc_bytes(setup) / 100 * percent;
}

static bool begin(struct workload_thread *t) {
  heap = t->m->heap;
  gc_listen(heap, &(struct gc_listener){.stopped = world_stopped});
  bool ok = real->begin == NULL || real->begin(t);
  gc_statistics(heap, &spy->counters);
  return ok;
}

static void counters_since(struct gc_counters *then) {
  struct gc_counters now;
  gc_statistics(heap, &now);
  then->objects_allocated = now.objects_allocated - then->objects_allocated;
  then->bytes_allocated = now.bytes_allocated - then->bytes_allocated;
  then->ref_stores = now.ref_stores - then->ref_stores;
}

/* Spoils what one thread has left to be checked, the last. */
static void spoil(struct workload_thread *main,
                  struct workload_thread *threads) {
  struct workload_shared *shared = main->shared;
  threads[main->setup->threads - 1].figures.checksum++;
  if (real->end == workload_shared_end)
    shared->wrong = 1;
  if (strcmp(real->name, "graph") == 0) {
    gc_ref table = gc_root_get(&shared->root);
    gc_set(main->m, gc_get(table, 0), 0, gc_get(gc_get(table, 1), 0));
  }
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  counters_since(&spy->counters);
  CHECK(main->setup->threads <= SPY_THREADS_MAX);
  for (unsigned i = 0; i < main->setup->threads; i++)
    spy->figures[i] = threads[i].figures;
  const char *why = real->check(main, threads);
  struct workload_thread copy[SPY_THREADS_MAX];
  memcpy(copy, threads, main->setup->threads * sizeof *copy);
  spoil(main, copy);
  spy->spoilt = real->check(main, copy);
  return why;
}

static void end(struct workload_thread *t) {
  if (real->end != NULL)
    real->end(t);
  gc_listen(heap, NULL);
}

void spy_trace(struct spy *out, const struct options *options) {
  traces = true;
  spy_run(out, options, 100);
  traces = false;
}

void spy_run(struct spy *out, const struct options *options,
             unsigned alloc_percent) {
  memset(out, 0, sizeof *out);
  spy = out;
  real = options->workload;
  percent = alloc_percent;
  struct workload card = *real;
  card.live_bytes = live_bytes;
  card.alloc_bytes = alloc_bytes;
  card.begin = begin;
  card.check = check;
  card.end = end;
  struct options spied = *options;
  spied.workload = &card;
  spied.warmups_max = 0;
  session_run(&spied, NULL, &out->result);
}

void spy_finish(struct spy *out) {
  session_result_finish(&out->result);
}
