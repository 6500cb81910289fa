/* SPDX-License-Identifier: MIT */
/* Slots are read while they are overwritten: rule 2. A raw reference is valid
   until the next safepoint of its mutator, whatever others do to the slot from
   which it was loaded. The payload of an object does not change once it is in a
   cell, so it shows whether the object was freed too early. */
#include "tests/stress/stress.h"

enum { CELLS = 64 };
static _Atomic bool is_done;

/* The last id that a reader has seen in each cell. Ids only increase. */
struct seen {
  uint64_t id[CELLS];
};

static void write_cells(gc_mutator *m, uint64_t count, size_t cells) {
  GC_FRAME(m, f, value);
  for (uint64_t i = 0; i < count; i++) {
    test_make(m, &f.value, i % 3 ? test_leaf : test_node, i);
    if (i % 2)
      gc_set_move(m, stress_array(), i % cells, &f.value);
    else
      stress_store(m, i % cells, gc_root_get(&f.value));
  }
}

/* Checks the object twice, with a little time between. Sometimes it roots the
   object, which must then survive a safepoint. */
static void read_cell(gc_mutator *m, gc_root *kept, struct seen *seen,
                      size_t cell, bool keep) {
  gc_ref value = stress_load(cell);
  if (value == NULL)
    return;
  uint64_t id = test_id(value);
  CHECK(id >= seen->id[cell]);
  seen->id[cell] = id;
  for (int i = 0; i < 20; i++)
    gc_spin_hint();
  CHECK(test_id(value) == id);
  if (!keep)
    return;
  gc_root_set(m, kept, value);
  gc_safepoint(m);
  CHECK(test_id(gc_root_get(kept)) == id);
}

static void read_until_done(struct test_thread *self, size_t cells) {
  gc_mutator *m = self->m;
  struct seen seen = {{0}};
  GC_FRAME(m, f, kept);
  for (uint64_t i = 0; !atomic_load(&is_done); i++) {
    size_t cell = workload_random_below(&self->random, cells);
    read_cell(m, &f.kept, &seen, cell, i % 5 == 0);
    if (i % 16 == 0)
      gc_safepoint(m);
  }
}

static void write_or_read(struct test_thread *self) {
  enum { FEW = 2 };
  const uint64_t *count = self->shared;
  if (self->index > 0) {
    read_until_done(self, FEW);
    return;
  }
  write_cells(self->m, *count, FEW);
  atomic_store(&is_done, true);
}

/* One writer, all others read. */
void stress_readers(unsigned threads) {
  uint64_t count = test_scaled(threads == 2 ? 10000000 : 2000000 / threads);
  gc_mutator *m = stress_open(0, CELLS);
  size_t before = test_held(m->heap);
  atomic_store(&is_done, false);
  test_threads_run(m, threads, write_or_read, &count);
  stress_settle(m);
  stress_check_held(m, before);
  stress_close(m);
}

/* --- many raw references at the same time ----------------------------------
 */

static void hold_many(gc_mutator *m, gc_root *kept) {
  gc_ref value[CELLS];
  uint64_t id[CELLS];
  for (size_t i = 0; i < CELLS; i++) {
    value[i] = stress_load(i);
    id[i] = value[i] ? test_id(value[i]) : 0;
  }
  sched_yield();
  for (size_t i = 0; i < CELLS; i++)
    if (value[i] != NULL)
      CHECK(test_id(value[i]) == id[i]);
  gc_root_set(m, kept, value[id[0] % CELLS]);
  gc_safepoint(m);
  if (gc_root_get(kept) != NULL)
    CHECK(test_id(gc_root_get(kept)) == id[id[0] % CELLS]);
}

static void write_or_hold(struct test_thread *self) {
  const uint64_t *count = self->shared;
  GC_FRAME(self->m, f, kept);
  while (self->index > 0 && !atomic_load(&is_done))
    hold_many(self->m, &f.kept);
  if (self->index == 0) {
    write_cells(self->m, *count, CELLS);
    atomic_store(&is_done, true);
  }
}

void stress_held_references(unsigned threads) {
  uint64_t count = test_scaled(1000000);
  gc_mutator *m = stress_open(0, CELLS);
  atomic_store(&is_done, false);
  test_threads_run(m, threads, write_or_hold, &count);
  stress_settle(m);
  stress_close(m);
}

/* --- several writers ------------------------------------------------------ */

/* Overwrites a cell in each of the ways in turn. */
static void overwrite(gc_mutator *m, gc_root *value, uint64_t i) {
  gc_ref array = stress_array();
  if (i % 3 == 0)
    gc_set_move(m, array, 0, value);
  else if (i % 3 == 1)
    gc_set(m, array, 0, gc_root_get(value));
  else
    while (!gc_cas(m, array, 0, gc_get(array, 0), gc_root_get(value)))
      ;
}

static void write_one_cell(struct test_thread *self) {
  uint64_t each = *(const uint64_t *)self->shared;
  GC_FRAME(self->m, f, value);
  for (uint64_t i = 0; i < each; i++) {
    test_make(self->m, &f.value, test_mortal, self->index * each + i);
    overwrite(self->m, &f.value, i);
  }
}

/* All threads write one cell. All values die except the last. */
void stress_writers(unsigned threads) {
  uint64_t each = test_scaled(400000) / threads + 1;
  test_deaths_begin(each * threads);
  gc_mutator *m = stress_open(0, 1);
  test_threads_run(m, threads, write_one_cell, &each);
  test_collect(m);
  CHECK(test_deaths() >= test_least_dead(each * threads - 1));
  CHECK(test_deaths_of(test_id(stress_load(0))) == 0);
  if (gc_collector.counts && threads <= test_count_most())
    CHECK(gc_refcount(stress_load(0)) == 1);
  stress_settle(m);
  stress_check_deaths(each * threads, threads);
  stress_close(m);
}

/* --- published objects ---------------------------------------------------- */

/* A new object is stored in a cell. The thread that created it and those that
   load it overwrite its slots at the same time. */
static void write_into(gc_mutator *m, gc_root *value, uint64_t id,
                       gc_ref into) {
  gc_set_move(m, into, id % 2, value);
}

static void publish_and_write(struct test_thread *self) {
  uint64_t each = *(const uint64_t *)self->shared;
  gc_mutator *m = self->m;
  GC_FRAME(m, f, own, found, value);
  for (uint64_t i = 0; i < each; i++) {
    uint64_t id = self->index * each + i;
    if (i % 50 == 0)
      test_make(m, &f.own, test_node, id);
    gc_root_set(m, &f.found, stress_load(i / 50 % CELLS));
    test_make(m, &f.value, test_mortal, id);
    if (i % 50 == 0)
      stress_store(m, i / 50 % CELLS, gc_root_get(&f.own));
    if (i % 3 == 0 && gc_root_get(&f.found) != NULL)
      write_into(m, &f.value, id, gc_root_get(&f.found));
    else
      write_into(m, &f.value, id, gc_root_get(&f.own));
  }
}

void stress_published(unsigned threads) {
  uint64_t each = test_scaled(1000000) / threads + 1;
  test_deaths_begin(each * threads);
  gc_mutator *m = stress_open(0, CELLS);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, publish_and_write, &each);
  stress_settle(m);
  stress_check_held(m, before);
  stress_check_deaths(each * threads, CONTENDED);
  stress_close(m);
}

/* --- one object, very many references ------------------------------------- */

static void hold_often(struct test_thread *self) {
  enum { COPIES = 1000 };
  gc_mutator *m = self->m;
  GC_FRAME(m, f, copies, root);
  gc_new_array(m, &f.copies, test_refs, COPIES);
  for (uint64_t i = 0; i < test_scaled(2000000) / self->count; i++) {
    gc_ref copies = gc_root_get(&f.copies);
    gc_set(m, copies, i % COPIES, i % 7 ? stress_load(0) : NULL);
    gc_root_set(m, &f.root, gc_get(copies, i * 31 % COPIES));
    gc_safepoint(m);
    if (gc_root_get(&f.root) != NULL)
      CHECK(test_id(gc_root_get(&f.root)) == 0);
  }
}

void stress_hot_references(unsigned threads) {
  test_deaths_begin(1);
  gc_mutator *m = stress_open(0, 1);
  {
    GC_FRAME(m, f, hot);
    test_make(m, &f.hot, test_mortal, 0);
    stress_store(m, 0, gc_root_get(&f.hot));
  }
  test_threads_run(m, threads, hold_often, NULL);
  test_collect(m);
  CHECK(test_deaths() == 0);
  CHECK(test_id(stress_load(0)) == 0);
  if (gc_collector.counts && !test_counts_narrowly())
    CHECK(gc_refcount(stress_load(0)) == 1);
  stress_settle(m);
  stress_check_deaths(1, threads * 1000);
  stress_close(m);
}
