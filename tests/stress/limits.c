/* SPDX-License-Identifier: MIT */
/* Bounds: on garbage in buffers while a thread is slow to reach a safepoint,
   and on the heap when all threads reach its limit at the same time. */
#include <unistd.h>

#include "tests/stress/stress.h"

/* --- a slow thread -------------------------------------------------------- */

/* The limit for garbage in all buffers together: far more than any collector's
   budget, far less than the test allocates. */
enum { BLOB = 1000, SLOW_MS = 300, SLOW_TURNS = 3 };
static const size_t ceiling = (size_t)192 << 20;
static _Atomic bool is_done;

static void read_slowly(struct test_thread *self) {
  for (int i = 0; i < SLOW_TURNS; i++) {
    gc_ref held = stress_load(1);
    size_t length = held ? gc_length(held) : BLOB;
    test_sleep_ms(SLOW_MS);
    CHECK(length == BLOB);
    CHECK(held == NULL || gc_length(held) == BLOB);
    gc_safepoint(self->m);
  }
  atomic_store(&is_done, true);
}

static void churn(struct test_thread *self) {
  GC_FRAME(self->m, f, blob);
  while (!atomic_load(&is_done)) {
    CHECK(gc_new_array(self->m, &f.blob, test_blob, BLOB) != NULL);
    gc_set_move(self->m, stress_array(), self->index, &f.blob);
  }
}

static void churn_beside_a_slow_one(struct test_thread *self) {
  if (self->index == 0)
    read_slowly(self);
  else
    churn(self);
}

/* Uses at least four times as many threads as there are cores. */
void stress_slow_thread(unsigned threads) {
  unsigned cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
  if (!test_finds_garbage())
    return;
  threads = threads == 8 && cores <= 16 ? 4 * cores : threads;
  gc_mutator *m = stress_open(0, threads);
  atomic_store(&is_done, false);
  test_threads_run(m, threads, churn_beside_a_slow_one, NULL);
  struct gc_memory_figures figures;
  gc_memory_figures(m->heap, &figures);
  if (gc_collector.prompt)
    CHECK(figures.held_peak <= ceiling);
  stress_settle(m);
  stress_close(m);
}

/* --- large objects -------------------------------------------------------- */

/* A few overwritten references may hold many bytes. All threads reach
   safepoints quickly here, so the garbage in buffers must stay small in bytes,
   too. */
enum { LARGE = 256 << 10, LARGE_CEILING = 64 << 20 };

static void churn_large(struct test_thread *self) {
  GC_FRAME(self->m, f, blob);
  for (uint64_t i = 0; i < test_scaled(4000) / self->count; i++) {
    CHECK(gc_new_array(self->m, &f.blob, test_blob, LARGE) != NULL);
    gc_set_move(self->m, stress_array(), self->index, &f.blob);
  }
}

void stress_large_garbage(unsigned threads) {
  if (!gc_collector.prompt)
    return;
  gc_mutator *m = stress_open(0, threads);
  test_threads_run(m, threads, churn_large, NULL);
  struct gc_memory_figures figures;
  gc_memory_figures(m->heap, &figures);
  CHECK(figures.held_peak <= (size_t)threads * LARGE_CEILING);
  stress_settle(m);
  stress_close(m);
}

/* --- the limit ------------------------------------------------------------ */

static size_t limit_of(unsigned threads) {
  return (size_t)threads * (test_is_stressed() ? 64 << 10 : 2 << 20);
}

/* One block per mutator, including that of main. */
static size_t slack(unsigned threads) {
  return (threads + 1) * (64 << 10);
}

static size_t list_length(gc_ref at) {
  size_t length = 0;
  for (; at; at = gc_get(at, 0), length++)
    CHECK(test_is_intact(at));
  return length;
}

static uint64_t fill(struct test_thread *self, gc_root *list) {
  gc_mutator *m = self->m;
  uint64_t count = 0;
  GC_FRAME(m, f, node, kept);
  test_make(m, &f.kept, test_leaf, 9);
  while (test_make(m, &f.node, test_node, count) != NULL) {
    gc_set_move(m, gc_root_get(&f.node), 0, list);
    gc_root_move(m, list, &f.node);
    count++;
  }
  CHECK(gc_root_get(&f.node) == NULL);
  if (gc_root_get(&f.kept) != NULL) /* otherwise there was no room for it */
    CHECK(test_id(gc_root_get(&f.kept)) == 9);
  return count;
}

/* All threads fill the heap until allocation fails; then all drop their lists
   and fill it again. */
static void fill_and_drop(struct test_thread *self) {
  _Atomic uint64_t *most = self->shared;
  GC_FRAME(self->m, f, list);
  for (uint64_t i = 0; i < 2 + test_scaled(18); i++) {
    uint64_t count = fill(self, &f.list);
    CHECK(list_length(gc_root_get(&f.list)) == count);
    CHECK(test_held(self->heap) <= limit_of(self->count) + slack(self->count));
    if (i % 5 == 0)
      test_meet(self);
    if (count > atomic_load(most))
      atomic_store(most, count);
    gc_root_clear(self->m, &f.list);
  }
}

static void check_room(gc_mutator *m, size_t limit) {
  size_t size = gc_size_for(test_node, 0), count = 0;
  GC_FRAME(m, f, list, node);
  while (test_make(m, &f.node, test_node, 0) != NULL) {
    gc_set_move(m, gc_root_get(&f.node), 0, &f.list);
    gc_root_move(m, &f.list, &f.node);
    count++;
  }
  CHECK(count * size <= limit);
  if (test_finds_garbage())
    CHECK(count * size >= test_room(limit) / 4 * 3);
}

void stress_limit(unsigned threads) {
  _Atomic uint64_t most = 0;
  if (!gc_collector.limits)
    return;
  gc_mutator *m = stress_open(limit_of(threads), 1);
  test_threads_run(m, threads, fill_and_drop, (void *)&most);
  CHECK(most > 0);
  check_room(m, limit_of(threads));
  stress_settle(m);
  stress_close(m);
}

/* --- garbage under a limit ------------------------------------------------ */

/* The threads together keep a quarter of the limit, and overwrite it
   repeatedly. No allocation may fail, even if a thread is slow. */
enum { KEPT = 16 };

static void churn_in_limit(struct test_thread *self) {
  gc_mutator *m = self->m;
  size_t each = limit_of(self->count) / 4 / self->count / KEPT;
  GC_FRAME(m, f, blob);
  for (uint64_t i = 0; i < test_scaled(20000) / self->count; i++) {
    size_t cell = self->index * KEPT + i % KEPT;
    CHECK(gc_new_array(m, &f.blob, test_blob, each) != NULL);
    gc_set_move(m, stress_array(), cell, &f.blob);
    if (self->index == 0 && i % 1000 == 0)
      test_sleep_ms(20);
  }
}

void stress_limit_churn(unsigned threads) {
  if (!gc_collector.limits || !test_finds_garbage())
    return;
  gc_mutator *m = stress_open(limit_of(threads), threads * KEPT);
  test_threads_run(m, threads, churn_in_limit, NULL);
  stress_settle(m);
  stress_close(m);
}
