/* SPDX-License-Identifier: MIT */
/* Threads that attach and detach: the remaining threads find the garbage that
   they leave, and no thread waits for detached or parked ones. */
#include <pthread.h>

#include "tests/stress/stress.h"

enum { CELLS = 16, LIFE = 300 };

/* A short life: stores new objects in cells, overwrites others, and ends with
   full buffers. `first` is the id of the first object. */
static void live_shortly(gc_mutator *m, uint64_t first) {
  GC_FRAME(m, f, object, kept);
  for (uint64_t i = 0; i < LIFE; i++) {
    test_make(m, &f.object, test_mortal, first + i);
    gc_root_set(m, &f.kept, stress_load(i % CELLS));
    gc_set_move(m, stress_array(), i % CELLS, &f.object);
    if (gc_root_get(&f.kept) != NULL)
      CHECK(test_is_intact(gc_root_get(&f.kept)));
  }
}

struct lives {
  uint64_t each;
  gc_heap *heap;
  _Atomic uint64_t begun;
};

static void attach_and_live(struct lives *lives) {
  gc_mutator *m = gc_attach(lives->heap);
  CHECK(m != NULL);
  live_shortly(m, atomic_fetch_add(&lives->begun, 1) * LIFE);
  gc_detach(m);
}

/* With its own mutator parked, a thread attaches others. */
static void attach_often(struct test_thread *self) {
  struct lives *lives = self->shared;
  gc_park(self->m);
  for (uint64_t i = 0; i < lives->each; i++)
    attach_and_live(lives);
  gc_unpark(self->m);
}

static void run_lives(unsigned threads, uint64_t each, unsigned per_turn,
                      test_body *body) {
  uint64_t objects = each * threads * per_turn * LIFE;
  test_deaths_begin(objects);
  gc_mutator *m = stress_open(0, CELLS);
  struct lives lives = {.each = each, .heap = m->heap};
  test_threads_run(m, threads, body, &lives);
  CHECK(lives.begun == each * threads * per_turn);
  stress_settle(m);
  CHECK(test_deaths() >=
        test_least_dead_of_shared(objects, threads * per_turn));
  stress_check_deaths(objects, threads * (per_turn + 1));
  stress_close(m);
}

void stress_attach(unsigned threads) {
  run_lives(threads, test_scaled(2000) / threads + 1, 1, attach_often);
}

/* --- threads that make threads -------------------------------------------- */

static void *grandchild_main(void *lives) {
  attach_and_live(lives);
  return NULL;
}

static void *child_main(void *lives) {
  pthread_t grandchild;
  CHECK(pthread_create(&grandchild, NULL, grandchild_main, lives) == 0);
  attach_and_live(lives);
  CHECK(pthread_join(grandchild, NULL) == 0);
  return NULL;
}

/* The new threads run while the one that created them allocates. */
static void make_threads(struct test_thread *self) {
  struct lives *lives = self->shared;
  pthread_t child;
  for (uint64_t i = 0; i < lives->each; i++) {
    CHECK(pthread_create(&child, NULL, child_main, lives) == 0);
    live_shortly(self->m, atomic_fetch_add(&lives->begun, 1) * LIFE);
    gc_park(self->m);
    CHECK(pthread_join(child, NULL) == 0);
    gc_unpark(self->m);
  }
}

void stress_subthreads(unsigned threads) {
  run_lives(threads, test_scaled(600) / threads + 1, 3, make_threads);
}

/* --- parking -------------------------------------------------------------- */

static _Atomic bool is_done;

static void overwrite_cells(struct test_thread *self, uint64_t count) {
  GC_FRAME(self->m, f, object);
  for (uint64_t i = 0; i < count; i++) {
    test_make(self->m, &f.object, test_node, i);
    gc_set_move(self->m, stress_array(), i % CELLS, &f.object);
  }
}

/* Loads right after it unparks, and holds the references until it parks again.
   A grace period that is requested in between must not pass meanwhile. */
static void park_and_read(struct test_thread *self) {
  gc_ref value[CELLS];
  uint64_t id[CELLS];
  while (!atomic_load(&is_done)) {
    gc_park(self->m);
    gc_unpark(self->m);
    for (size_t i = 0; i < CELLS; i++)
      if ((value[i] = stress_load(i)) != NULL)
        id[i] = test_id(value[i]);
    if (workload_random_below(&self->random, 4) == 0)
      sched_yield();
    for (size_t i = 0; i < CELLS; i++)
      if (value[i] != NULL)
        CHECK(test_id(value[i]) == id[i]);
  }
}

static void write_or_park(struct test_thread *self) {
  if (self->index > 0) {
    park_and_read(self);
    return;
  }
  overwrite_cells(self, test_scaled(1000000));
  atomic_store(&is_done, true);
}

void stress_parking(unsigned threads) {
  gc_mutator *m = stress_open(0, CELLS);
  size_t before = test_held(m->heap);
  atomic_store(&is_done, false);
  test_threads_run(m, threads, write_or_park, NULL);
  stress_settle(m);
  stress_check_held(m, before);
  stress_close(m);
}

/* --- parked for the whole of many handshakes ------------------------------ */

/* The first thread parks while its roots hold objects. The others fill many
   buffers meanwhile, and must not wait for it. */
static void sleep_or_write(struct test_thread *self) {
  gc_mutator *m = self->m;
  GC_FRAME(m, f, object, holder);
  test_meet(self);
  if (self->index > 0) {
    overwrite_cells(self, test_scaled(2000000) / self->count);
    test_meet(self);
    return;
  }
  test_make(m, &f.holder, test_node, 1);
  test_make(m, &f.object, test_node, 2);
  gc_set_move(m, gc_root_get(&f.holder), 0, &f.object);
  gc_root_set(m, &f.object, stress_load(0));
  test_meet(self);
  CHECK(test_id(gc_get(gc_root_get(&f.holder), 0)) == 2);
  if (gc_root_get(&f.object) != NULL)
    CHECK(test_is_intact(gc_root_get(&f.object)));
}

void stress_parked_handshake(unsigned threads) {
  gc_mutator *m = stress_open(0, CELLS);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, sleep_or_write, NULL);
  stress_settle(m);
  stress_check_held(m, before);
  stress_close(m);
}

/* --- left by one thread while another is busy ------------------------------
 */

/* One thread drops a long list, at once if it runs alone. Meanwhile readers
   begin to run and load the object in a cell. Then a writer begins to run,
   overwrites the cell, and detaches or parks. The old object must live until
   the readers' next safepoint. */
enum { LEFT_LIST = 20000, LEFT_LOOKS = 2000 };

static struct {
  uint64_t rounds;
  _Atomic uint64_t begun, ended; /* rounds; the dropper */
  _Atomic uint64_t loaded;       /* loads by readers, over all rounds */
  _Atomic uint64_t gone;         /* readers and writers that are done */
} left;

static void drop_list(gc_mutator *m, const gc_root *holder) {
  GC_FRAME(m, f, list, node);
  for (uint64_t i = 0; i < LEFT_LIST; i++) {
    gc_ref node = test_make(m, &f.node, test_node, i);
    gc_set_move(m, node, 0, &f.list);
    gc_root_move(m, &f.list, &f.node);
  }
  gc_set_move(m, gc_root_get(holder), 0, &f.list);
  gc_set(m, gc_root_get(holder), 0, NULL);
  atomic_fetch_add(&left.begun, 1);
  gc_safepoint(m);
  atomic_fetch_add(&left.ended, 1);
}

static void drop_lists(struct test_thread *self) {
  gc_mutator *m = self->m;
  GC_FRAME(m, f, holder);
  test_make(m, &f.holder, test_node, 0);
  for (uint64_t round = 1; round <= left.rounds; round++) {
    drop_list(m, &f.holder);
    while (atomic_load(&left.gone) < round * (self->count - 1)) {
      gc_safepoint(m);
      sched_yield();
    }
  }
}

/* The loop is bounded, because the dropper may wait for this thread's next
   safepoint. */
static void read_one(struct test_thread *self, uint64_t round) {
  gc_unpark(self->m);
  gc_ref object = stress_load(0);
  atomic_fetch_add(&left.loaded, 1);
  for (int i = 0; i < LEFT_LOOKS && atomic_load(&left.ended) < round; i++) {
    CHECK(object == NULL || test_is_intact(object));
    sched_yield();
  }
  CHECK(object == NULL || test_is_intact(object));
  gc_park(self->m);
}

static void overwrite_one(gc_mutator *m, uint64_t round) {
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, round);
  gc_set_move(m, stress_array(), 0, &f.object);
}

static void write_and_go(struct test_thread *self, uint64_t round) {
  while (atomic_load(&left.loaded) < round * (self->count - 2))
    sched_yield();
  if (round % 2 != 0) {
    gc_mutator *m = gc_attach(self->heap);
    CHECK(m != NULL);
    overwrite_one(m, round);
    gc_detach(m);
  } else {
    gc_unpark(self->m);
    overwrite_one(self->m, round);
    gc_park(self->m);
  }
}

static void drop_read_or_write(struct test_thread *self) {
  if (self->index == 0) {
    drop_lists(self);
    return;
  }
  gc_park(self->m);
  for (uint64_t round = 1; round <= left.rounds; round++) {
    while (atomic_load(&left.begun) < round)
      sched_yield();
    if (self->index == 1)
      write_and_go(self, round);
    else
      read_one(self, round);
    atomic_fetch_add(&left.gone, 1);
  }
  gc_unpark(self->m);
}

void stress_left_behind(unsigned threads) {
  left.rounds = test_scaled(600);
  atomic_store(&left.begun, 0);
  atomic_store(&left.ended, 0);
  atomic_store(&left.loaded, 0);
  atomic_store(&left.gone, 0);
  gc_mutator *m = stress_open(0, 1);
  test_threads_run(m, threads + 1, drop_read_or_write, NULL);
  stress_settle(m);
  stress_close(m);
}
