/* SPDX-License-Identifier: MIT */
#include "bench/runner/session.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/runner/gang.h"
#include "bench/runner/prefault.h"
#include "bench/runner/service.h"

struct session {
  const struct options *options;
  const struct session_clock *clock;
  struct session_result *result;
  gc_heap *heap;
  size_t held_empty;     /* bytes held by an empty heap */
  size_t dropped_peak;   /* most bytes that the heap before this one held */
  size_t prefault_bytes; /* of all threads; 0: none */
  gc_type prefault_type;
  gc_root *prefault_shares; /* one for each thread */
  struct workload_thread main;
  struct workload_thread *threads; /* one for each thread of the gang */
  bool *is_complete;               /* did the thread have enough memory? */
  struct service service;          /* for workloads that serve requests */
};

static enum exit_code fail(struct session *s, enum exit_code code,
                           const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum exit_code fail(struct session *s, enum exit_code code,
                           const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(s->result->error, sizeof s->result->error, format, arguments);
  va_end(arguments);
  return s->result->code = code;
}

static enum exit_code fail_for_memory(struct session *s, const char *doing) {
  const struct options *o = s->options;
  if (s->result->heap_bytes == 0)
    return fail(s, EXIT_MEMORY, "out of memory %s %s", doing,
                o->workload->name);
  return fail(s, EXIT_MEMORY,
              "out of memory %s %s: a heap of %zu bytes is too small", doing,
              o->workload->name, s->result->heap_bytes);
}

/* --- the heap ------------------------------------------------------------ */

/* The extra memory of a collector that never frees: a sixteenth of the
   allocation for unused ends of pieces, and one piece for each thread. */
enum { NEVER_FREED_SLACK_SHIFT = 4, NEVER_FREED_PIECE = 512 << 10 };

static size_t never_freed_bytes(const struct options *o) {
  size_t bytes = o->workload->alloc_bytes(&o->setup);
  return bytes + (bytes >> NEVER_FREED_SLACK_SHIFT) +
         ((size_t)o->setup.threads + 2) * NEVER_FREED_PIECE;
}

static size_t heap_bytes(const struct options *o) {
  if (!gc_collector.limits)
    return 0;
  if (!gc_collector.reclaims)
    return never_freed_bytes(o);
  if (o->live_factor <= 0)
    return o->heap_bytes;
  double bytes =
      ceil(o->live_factor * (double)o->workload->live_bytes(&o->setup));
  return bytes < 0x1p63 ? (size_t)bytes : SIZE_MAX;
}

/* Is there enough memory to touch all of the heap before the clock starts? If
   not, touching it would make the system kill this process or another one. */
static bool can_be_touched(const struct session *s) {
  uint64_t available;
  return gc_collector.reclaims || !process_available_memory(&available) ||
         s->result->heap_bytes < available;
}

/* The tuning string was checked before, so the heap limit is the cause: it is
   smaller than the workload needs. */
static enum exit_code fail_for_options(struct session *s,
                                       const struct gc_options *options) {
  char why[160] = "";
  gc_options_check(options, why, sizeof why);
  return fail(s, EXIT_MEMORY, "cannot create a heap for %s: %s",
              s->options->workload->name, why);
}

static enum exit_code heap_make(struct session *s) {
  const struct gc_options options = {
      .heap_bytes = s->result->heap_bytes,
      .gc_threads = (unsigned)s->options->gc_threads,
      .tuning = s->options->tuning,
  };
  int error = can_be_touched(s) ? gc_heap_create(&options, &s->heap) : ENOMEM;
  if (error == ENOMEM)
    return fail(s, EXIT_MEMORY,
                "not enough memory for a heap of %zu bytes for %s",
                s->result->heap_bytes, s->options->workload->name);
  if (error != 0)
    return fail_for_options(s, &options);
  struct gc_listener listener = recorder_listener(&s->result->recorder);
  gc_listen(s->heap, &listener);
  s->result->gc_threads = gc_collector.parallel ? s->heap->gc_threads : 0;
  s->main.m = gc_attach(s->heap);
  if (s->main.m == NULL)
    return fail_for_memory(s, "attaching for");
  s->held_empty = gc_collector.held_bytes(s->heap);
  return EXIT_FINE;
}

static void heap_drop(struct session *s) {
  struct gc_memory_figures figures = {0};
  if (s->heap != NULL)
    gc_memory_figures(s->heap, &figures);
  s->dropped_peak = figures.held_peak;
  if (s->main.m != NULL)
    gc_detach(s->main.m);
  if (s->heap != NULL)
    gc_heap_destroy(s->heap);
  s->main.m = NULL;
  s->heap = NULL;
}

/* Garbage of which the collector frees nothing. */
static bool leaks_cycles(const struct workload *workload) {
  return gc_collector.reclaims && !gc_collector.reclaims_cycles &&
         workload->makes_cycles;
}

static bool leaves_garbage(const struct workload *workload) {
  return !gc_collector.reclaims || workload->makes_world ||
         leaks_cycles(workload);
}

/* --- one iteration ------------------------------------------------------- */

static void thread_prepare(struct session *s, struct workload_thread *t,
                           unsigned index) {
  *t = (struct workload_thread){
      .m = t->m,
      .index = index,
      .setup = &s->options->setup,
      .shared = s->main.shared,
      .random = workload_random_make(s->options->setup.seed, index)};
}

static bool has_requests(const struct session *s) {
  return s->options->workload->service != NULL;
}

static bool thread_work(struct session *s, struct workload_thread *own,
                        uint64_t start) {
  return has_requests(s) ? service_run(&s->service, own, start)
                         : s->options->workload->run(own);
}

/* Each thread works on a private copy, so that its figures and random numbers
   share no cache line with those of another thread. */
static void thread_run(struct gang_thread *thread, void *data) {
  struct session *s = data;
  struct workload_thread own = s->threads[thread->index];
  own.m = thread->m;
  recorder_enter(&s->result->recorder, thread->index);
  s->is_complete[thread->index] = thread_work(s, &own, thread->gang->begin);
  own.m = NULL;
  s->threads[thread->index] = own;
}

/* Most of the limit, so that few collections are forced. Without a limit, what
   a collector needs at least. A collector that never frees has touched all of
   its memory. */
static size_t prefault_bytes(const struct session *s) {
  const struct options *o = s->options;
  size_t limit = s->result->heap_bytes;
  size_t held = gc_collector.held_bytes(s->heap);
  size_t wanted =
      limit > 0 ? limit / 8 * 7 : o->workload->live_bytes(&o->setup);
  return gc_collector.reclaims && wanted > held ? wanted - held : 0;
}

static void thread_ready(struct gang_thread *thread, void *data) {
  const struct session *s = data;
  if (s->prefault_bytes > 0)
    prefault_fill(thread->m, s->prefault_type,
                  s->prefault_bytes / s->options->setup.threads,
                  &s->prefault_shares[thread->index]);
}

static void clock_set(const struct session *s, bool is_running) {
  if (s->clock != NULL)
    s->clock->set(s->clock->data, is_running);
}

/* Starts the threads that sample memory and measure hiccups. */
static enum exit_code watchers_start(struct session *s) {
  struct session_result *r = s->result;
  if (!sampler_start(&r->sampler, s->heap))
    return fail(s, EXIT_THREADS,
                "the thread that samples memory cannot be "
                "created");
  if (!has_requests(s) || hiccup_start(&r->hiccup, s->options->setup.threads))
    return EXIT_FINE;
  sampler_stop(&r->sampler);
  return fail(s, EXIT_THREADS,
              "the thread that measures hiccups cannot be "
              "created");
}

static void watchers_stop(struct session *s) {
  sampler_stop(&s->result->sampler);
  if (has_requests(s))
    hiccup_stop(&s->result->hiccup);
}

static enum exit_code gang_measure(struct session *s, struct gang *gang) {
  struct session_result *r = s->result;
  enum exit_code code = watchers_start(s);
  if (code != EXIT_FINE)
    return code;
  gc_statistics(s->heap, &r->counted[0]);
  recorder_arm(&r->recorder, true);
  clock_set(s, true);
  process_snapshot_begin(&r->before, &r->counters);
  gang_go(gang);
  process_snapshot_end(&r->after, &r->counters);
  clock_set(s, false);
  recorder_arm(&r->recorder, false);
  watchers_stop(s);
  gc_statistics(s->heap, &r->counted[1]);
  gc_memory_figures(s->heap, &r->memory);
  return EXIT_FINE;
}

/* Other heaps are kept from one iteration to the next, so their memory has been
   touched. If this one could not be kept, it shall be no worse off. Less than
   the heap before it held, so that its peak is still that of the workload. A
   conservative collector would take some of the objects for live ones. */
static size_t as_before(const struct session *s) {
  size_t held = gc_collector.held_bytes(s->heap);
  size_t wanted = s->dropped_peak / 16 * 15;
  bool is_exact = gc_collector.reclaims && gc_collector.precise;
  return is_exact && wanted > held ? wanted - held : 0;
}

static void prefault_begin(struct session *s) {
  s->prefault_bytes = 0;
  if ((s->prefault_type = prefault_type()) != 0)
    s->prefault_bytes =
        s->options->prefaults ? prefault_bytes(s) : as_before(s);
  s->dropped_peak = 0;
}

/* All threads are at the gate, or none is left. The main mutator is parked. */
static void prefault_end(struct session *s) {
  if (s->prefault_bytes == 0)
    return;
  gc_unpark(s->main.m);
  prefault_drop(s->main.m, s->prefault_shares, s->options->setup.threads);
  gc_park(s->main.m);
}

/* Runs all threads. The main mutator is parked meanwhile. */
static enum exit_code threads_run(struct session *s, bool is_measured) {
  struct gang gang = {.heap = s->heap,
                      .size = s->options->setup.threads,
                      .prepare = thread_ready,
                      .run = thread_run,
                      .pins = s->options->pins,
                      .data = s};
  char why[128];
  prefault_begin(s);
  enum exit_code code = gang_start(&gang, why, sizeof why);
  prefault_end(s);
  if (code != EXIT_FINE)
    return fail(s, code, "%s", why);
  if (is_measured)
    code = gang_measure(s, &gang);
  else
    gang_go(&gang);
  s->result->begin = gang.begin;
  s->result->end = gang.end;
  gang_finish(&gang);
  return code;
}

static enum exit_code threads_check(struct session *s) {
  const struct workload *w = s->options->workload;
  for (unsigned i = 0; i < s->options->setup.threads; i++)
    if (!s->is_complete[i])
      return fail_for_memory(s, "running");
  const char *why = w->check(&s->main, s->threads);
  if (why != NULL)
    return fail(s, EXIT_FAILED, "%s gave a wrong result: %s", w->name, why);
  return EXIT_FINE;
}

/* A collector may keep empty memory over some collections, to use it again.
   After the measured iteration it has to give it back, so that what is held
   tells what is live. After a warm-up, the next iteration would pay for that.
 */
enum { COLLECTIONS_TO_SETTLE = 5 };

static size_t held_after_collections(struct session *s, bool is_measured) {
  for (int i = 0; i < (is_measured ? COLLECTIONS_TO_SETTLE : 1); i++)
    gc_collect(s->main.m, GC_FULL);
  return gc_collector.held_bytes(s->heap);
}

static enum exit_code iteration_work(struct session *s, bool is_measured) {
  const struct workload *w = s->options->workload;
  s->main.shared = NULL;
  thread_prepare(s, &s->main, 0);
  if (w->begin != NULL && !w->begin(&s->main))
    return fail_for_memory(s, "preparing");
  for (unsigned i = 0; i < s->options->setup.threads; i++)
    thread_prepare(s, &s->threads[i], i);
  service_begin(&s->service);
  gc_park(s->main.m);
  enum exit_code code = threads_run(s, is_measured);
  gc_unpark(s->main.m);
  return code == EXIT_FINE ? threads_check(s) : code;
}

/* A heap that is full of garbage is not too small. */
static void leak_explain(struct session *s) {
  const struct session_result *r = s->result;
  if (r->code == EXIT_MEMORY && leaks_cycles(s->options->workload) &&
      r->heap_bytes > 0 && r->garbage_end > 0)
    fail(s, EXIT_MEMORY,
         "out of memory running %s: %zu of %zu bytes are garbage cycles that "
         "%s never frees",
         s->options->workload->name, r->garbage_end, r->heap_bytes,
         gc_collector.name);
}

/* One iteration: it starts and ends with an empty heap, as far as the collector
   can free it. */
static enum exit_code iterate(struct session *s, bool is_measured) {
  const struct workload *w = s->options->workload;
  if (s->heap == NULL && heap_make(s) != EXIT_FINE)
    return s->result->code;
  enum exit_code code = iteration_work(s, is_measured);
  size_t kept = held_after_collections(s, is_measured);
  if (w->end != NULL)
    w->end(&s->main);
  size_t left = held_after_collections(s, is_measured);
  s->result->live_end = kept > left ? kept - left : 0;
  s->result->garbage_end = left > s->held_empty ? left - s->held_empty : 0;
  leak_explain(s);
  if (leaves_garbage(w))
    heap_drop(s);
  return code;
}

/* --- a run --------------------------------------------------------------- */

enum { STABLE_ITERATIONS = 3 };
static const double stable_difference = 0.02;

/* Do the last three differ by less than 2 %? */
static bool is_stable(const uint64_t *last, unsigned count) {
  if (count < STABLE_ITERATIONS)
    return false;
  uint64_t least = UINT64_MAX, most = 0;
  for (int i = 0; i < STABLE_ITERATIONS; i++) {
    least = last[i] < least ? last[i] : least;
    most = last[i] > most ? last[i] : most;
  }
  return (double)(most - least) < stable_difference * (double)least;
}

static enum exit_code warm_up(struct session *s) {
  uint64_t last[STABLE_ITERATIONS];
  unsigned *count = &s->result->warmups;
  while (*count < s->options->warmups_max && !is_stable(last, *count)) {
    if (iterate(s, false) != EXIT_FINE)
      return s->result->code;
    last[*count % STABLE_ITERATIONS] = s->result->end - s->result->begin;
    ++*count;
  }
  return EXIT_FINE;
}

/* The result is the same for the same threads with any collector. Threads are
   mixed in order. */
static void checksum_mix(uint64_t *sum, uint64_t of_thread) {
  uint64_t state = *sum ^ of_thread;
  *sum = workload_splitmix(&state);
}

static void latencies_measure(struct session *s) {
  struct session_result *r = s->result;
  r->requests = s->service.count;
  r->rate_hz = s->service.rate_hz;
  if (has_requests(s))
    service_measure(&s->service, &r->latency);
}

static void figures_add_up(struct session *s) {
  struct session_result *r = s->result;
  unsigned threads = s->options->setup.threads;
  double squares = 0;
  r->ops_least = UINT64_MAX;
  for (unsigned i = 0; i < threads; i++) {
    const struct workload_figures *f = &s->threads[i].figures;
    r->figures.ops += f->ops;
    r->figures.alloc_objects += f->alloc_objects;
    r->figures.alloc_bytes += f->alloc_bytes;
    r->figures.ref_stores += f->ref_stores;
    checksum_mix(&r->figures.checksum, f->checksum);
    r->ops_least = f->ops < r->ops_least ? f->ops : r->ops_least;
    r->ops_most = f->ops > r->ops_most ? f->ops : r->ops_most;
  }
  double mean = (double)r->figures.ops / threads;
  for (unsigned i = 0; i < threads; i++) {
    double off = (double)s->threads[i].figures.ops - mean;
    squares += off * off;
  }
  r->ops_variation = mean > 0 ? sqrt(squares / threads) / mean : 0;
}

void session_run(const struct options *options,
                 const struct session_clock *clock, struct session_result *r) {
  memset(r, 0, sizeof *r);
  unsigned threads = options->setup.threads;
  struct session s = {.options = options, .clock = clock, .result = r};
  s.threads = calloc(threads, sizeof *s.threads);
  s.is_complete = calloc(threads, sizeof *s.is_complete);
  s.prefault_shares = calloc(threads, sizeof *s.prefault_shares);
  bool has_room =
      !has_requests(&s) ||
      service_init(&s.service, options->workload->service, &options->setup);
  r->counters = process_counters_open();
  r->heap_bytes = heap_bytes(options);
  if (!has_room || s.threads == NULL || s.is_complete == NULL ||
      s.prefault_shares == NULL || !recorder_init(&r->recorder, threads))
    fail(&s, EXIT_MEMORY, "out of memory for the figures of %u threads",
         threads);
  else if (warm_up(&s) == EXIT_FINE && iterate(&s, true) == EXIT_FINE) {
    figures_add_up(&s);
    latencies_measure(&s);
  }
  heap_drop(&s);
  service_finish(&s.service);
  free(s.threads);
  free(s.is_complete);
  free(s.prefault_shares);
}

void session_result_finish(struct session_result *r) {
  sampler_finish(&r->sampler);
  process_counters_close(&r->counters);
  hiccup_finish(&r->hiccup);
  recorder_finish(&r->recorder);
}

const char *session_status(const struct session_result *r) {
  switch (r->code) {
  case EXIT_FINE:
    return "ok";
  case EXIT_MEMORY:
    return "oom";
  case EXIT_FAILED:
    return "wrong";
  default:
    return "crash";
  }
}
