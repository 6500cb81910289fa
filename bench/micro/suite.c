/* SPDX-License-Identifier: MIT */
/* The micro-benchmarks under Google Benchmark, with its threads and its clock.
   The number of operations is fixed, so that names and heaps are the same for
   every collector. */
#include <pthread.h>
#include <stdio.h>

#include "bench/micro/micro.h"
#include "bench/shim/shim.h"

enum { THREADS_MAX = 2, ROUNDS = 16 };

/* The heap of the running benchmark. The first of its threads creates it and
   the last destroys it. */
static struct {
  pthread_mutex_t lock;
  gc_heap *heap;  /* lock */
  unsigned users; /* lock */
} stage = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct suite_entry {
  const struct micro *micro;
  micro_loop *loop;
  unsigned threads;
};

static gc_heap *stage_enter(const struct suite_entry *entry) {
  size_t count = entry->threads * entry->micro->round * ROUNDS;
  pthread_mutex_lock(&stage.lock);
  if (stage.users == 0 &&
      micro_heap_create(entry->micro, count, &stage.heap) != EXIT_FINE)
    stage.heap = NULL;
  stage.users++;
  gc_heap *heap = stage.heap;
  pthread_mutex_unlock(&stage.lock);
  return heap;
}

static void stage_leave(void) {
  pthread_mutex_lock(&stage.lock);
  if (--stage.users == 0 && stage.heap != NULL)
    gc_heap_destroy(stage.heap);
  pthread_mutex_unlock(&stage.lock);
}

struct running {
  const struct suite_entry *entry;
  struct shim_state *state;
};

/* Parked, because the library can make this thread wait for other threads. */
static bool keep_running(const struct running *r, gc_mutator *m) {
  gc_park(m);
  bool goes_on = shim_keep_running(r->state, (int64_t)r->entry->micro->round);
  gc_unpark(m);
  return goes_on;
}

static void loop(struct micro_thread *t, bool is_ready, void *data) {
  const struct running *r = data;
  if (!is_ready)
    shim_fail(r->state, "out of memory");
  while (keep_running(r, t->m))
    if (!r->entry->loop(t, r->entry->micro->round))
      shim_fail(r->state, "out of memory");
}

static void run(struct shim_state *state, void *data) {
  struct running r = {data, state};
  gc_heap *heap = stage_enter(r.entry);
  gc_mutator *m = heap != NULL ? gc_attach(heap) : NULL;
  if (m == NULL)
    shim_fail(state, "out of memory for a heap");
  else {
    micro_enter(r.entry->micro, m, loop, &r);
    gc_detach(m);
  }
  stage_leave();
}

static bool entry_register(struct suite_entry *entry, const char *suffix) {
  char name[64];
  snprintf(name, sizeof name, "micro/%s%s", entry->micro->name, suffix);
  return shim_register(&(struct shim_benchmark){
      .name = name,
      .run = run,
      .data = entry,
      .threads = entry->threads,
      .iterations = (int64_t)(entry->micro->round * ROUNDS)});
}

bool micro_register(void) {
  enum { MICROS_MAX = 16 };
  static struct suite_entry entries[MICROS_MAX * THREADS_MAX * 2];
  struct suite_entry *entry = entries;
  for (const struct micro *micro = micro_list; micro->name != NULL; micro++)
    for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
      gc_assert_always(entry < entries + MICROS_MAX * THREADS_MAX * 2);
      entry[0] = (struct suite_entry){micro, micro->ours, threads};
      entry[1] = (struct suite_entry){micro, micro->reference, threads};
      if (!entry_register(&entry[0], "") ||
          !entry_register(&entry[1], "/reference"))
        return false;
      entry += 2;
    }
  return true;
}
