/* SPDX-License-Identifier: MIT */
/* Only the thread that drops the last reference frees the object: races for the
   last reference, and objects that are passed from thread to thread. */
#include "tests/stress/stress.h"

enum { BATCH = 500 };

/* The state that the threads of a test share. */
struct batches {
  uint64_t count;
  _Atomic uint64_t arrived;
};

/* Starts all threads within nanoseconds by spinning. A thread that slept at a
   barrier would wake after the others are done. No thread parks here. */
static void start_together(struct test_thread *self, struct batches *b) {
  uint64_t before = atomic_fetch_add(&b->arrived, 1);
  uint64_t all = (before / self->count + 1) * self->count;
  for (unsigned i = 1; atomic_load(&b->arrived) < all; i++)
    if (i % 1024 == 0)
      sched_yield();
}

/* Fills the cells with one batch. The objects of every second batch have no
   finalizer, so they die on the fast path. */
static void make_batch(gc_mutator *m, uint64_t batch) {
  GC_FRAME(m, f, object);
  for (size_t i = 0; i < BATCH; i++) {
    if (batch % 2 == 0)
      test_make(m, &f.object, test_mortal, batch / 2 * BATCH + i);
    else
      test_make(m, &f.object, test_node, i);
    gc_set_move(m, stress_array(), i, &f.object);
  }
}

static void empty_cells(gc_mutator *m) {
  for (size_t i = 0; i < BATCH; i++)
    stress_store(m, i, NULL);
}

/* Two threads process each object at the same time; otherwise they would hardly
   ever race. More threads would wait for each other too long. */
static void keep_together(struct test_thread *self, struct batches *b) {
  if (self->count == 2)
    start_together(self, b);
}

/* All threads root the batch, the cells are cleared, then all threads clear
   their roots at the same time; for some batches in opposite orders. */
static void drop_together(struct test_thread *self) {
  struct batches *batches = self->shared;
  gc_mutator *m = self->m;
  GC_FRAME(m, f, root[BATCH]);
  for (uint64_t batch = 0; batch < batches->count; batch++) {
    if (self->index == 0)
      make_batch(m, batch);
    test_meet(self);
    for (size_t i = 0; i < BATCH; i++)
      gc_root_set(m, &f.root[i], stress_load(i));
    test_meet(self);
    if (self->index == 0)
      empty_cells(m);
    if (batch % 4 < 2)
      test_meet(self); /* otherwise the cells' references race, too */
    start_together(self, batches);
    for (size_t i = 0; i < BATCH; i++) {
      bool backwards = batch % 4 == 1 && self->index % 2;
      keep_together(self, batches);
      gc_ref kept = gc_root_get(&f.root[backwards ? BATCH - 1 - i : i]);
      CHECK(test_is_intact(kept));
      gc_root_clear(m, &f.root[backwards ? BATCH - 1 - i : i]);
    }
  }
}

void stress_last_references(unsigned threads) {
  struct batches batches = {test_scaled(2000) / threads * 2 + 2, 0};
  size_t mortals = batches.count / 2 * BATCH;
  test_deaths_begin(mortals);
  gc_mutator *m = stress_open(0, BATCH);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, drop_together, &batches);
  stress_settle(m);
  stress_check_held(m, before);
  stress_check_deaths(mortals, threads + 1);
  stress_close(m);
}

/* --- the last reference, and a weak one ----------------------------------- */

/* Only the first thread holds the batch; the cells hold weak references. */
static void make_weak_batch(gc_mutator *m, gc_root *root, uint64_t batch) {
  GC_FRAME(m, f, weak);
  for (size_t i = 0; i < BATCH; i++) {
    test_make(m, &root[i], (batch + i) % 3 ? test_leaf : test_mortal,
              batch * BATCH + i);
    gc_weak_new(m, &f.weak, gc_root_get(&root[i]));
    gc_set_move(m, stress_array(), i, &f.weak);
  }
}

/* A target that gc_weak_get returned must stay alive. */
static void read_weak_batch(struct test_thread *self, gc_root *root) {
  for (size_t i = 0; i < BATCH; i++) {
    gc_ref weak = stress_load(i);
    keep_together(self, self->shared);
    gc_weak_get(self->m, &root[i], weak);
  }
}

static void drop_batch(struct test_thread *self, gc_root *root) {
  for (size_t i = 0; i < BATCH; i++) {
    keep_together(self, self->shared);
    gc_root_clear(self->m, &root[i]);
  }
}

static void check_batch(gc_mutator *m, gc_root *root, uint64_t batch) {
  gc_safepoint(m);
  for (size_t i = 0; i < BATCH; i++) {
    if (gc_root_get(&root[i]) != NULL)
      CHECK(test_id(gc_root_get(&root[i])) == batch * BATCH + i);
    gc_root_clear(m, &root[i]);
  }
}

static void drop_and_read_weak(struct test_thread *self) {
  struct batches *batches = self->shared;
  gc_mutator *m = self->m;
  GC_FRAME(m, f, root[BATCH]);
  for (uint64_t batch = 0; batch < batches->count; batch++) {
    if (self->index == 0)
      make_weak_batch(m, f.root, batch);
    test_meet(self);
    start_together(self, batches);
    if (self->index == 0)
      drop_batch(self, f.root);
    else
      read_weak_batch(self, f.root);
    check_batch(m, f.root, batch);
    test_meet(self);
  }
}

void stress_weak_last(unsigned threads) {
  struct batches batches = {test_scaled(1600) / threads / 3 * 3 + 3, 0};
  test_deaths_begin(batches.count * BATCH);
  gc_mutator *m = stress_open(0, BATCH);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, drop_and_read_weak, &batches);
  stress_settle(m);
  stress_check_held(m, before);
  stress_check_deaths(batches.count * BATCH / 3, threads + 1);
  stress_close(m);
}

/* --- from thread to thread ------------------------------------------------ */

struct post {
  uint64_t each;
  _Atomic uint64_t received;
};

/* At most this many letters are in transit from one thread to the next. */
enum { BOXES = 64 };

static size_t box_of(unsigned sender, uint64_t letter) {
  return sender * BOXES + letter % BOXES;
}

static bool send(struct test_thread *self, gc_root *letter, uint64_t id) {
  gc_mutator *m = self->m;
  size_t box = box_of(self->index, id);
  if (stress_load(box) != NULL)
    return false;
  test_make(m, letter, id % 2 ? test_mortal : test_node, id);
  gc_set_move(m, stress_array(), box, letter);
  CHECK(gc_root_get(letter) == NULL);
  return true;
}

/* Half of the letters are rooted before the box is emptied, half after. */
static bool receive(struct test_thread *self, gc_root *kept,
                    uint64_t expected) {
  gc_mutator *m = self->m;
  size_t box = box_of((self->index + 1) % self->count, expected);
  gc_ref letter = stress_load(box);
  if (letter == NULL)
    return false;
  if (expected % 2) {
    gc_root_set(m, kept, letter);
    stress_store(m, box, NULL);
  } else {
    stress_store(m, box, NULL);
    gc_root_set(m, kept, letter);
  }
  gc_safepoint(m);
  CHECK(test_id(gc_root_get(kept)) == expected);
  return true;
}

/* Each thread fills its boxes, and its neighbour empties them. */
static void send_and_receive(struct test_thread *self) {
  struct post *post = self->shared;
  uint64_t each = post->each, sent = 0, received = 0;
  uint64_t mine = self->index * each;
  uint64_t theirs = (self->index + 1) % self->count * each;
  GC_FRAME(self->m, f, letter, kept);
  while (sent < each || received < each) {
    bool moved = sent < each && send(self, &f.letter, mine + sent);
    sent += moved;
    if (received < each && receive(self, &f.kept, theirs + received)) {
      received++;
      moved = true;
    }
    gc_safepoint(self->m);
    if (!moved)
      sched_yield();
  }
  atomic_fetch_add(&post->received, received);
}

void stress_handover(unsigned threads) {
  struct post post = {test_scaled(200000) / threads / 2 * 2 + 2, 0};
  uint64_t all = post.each * threads;
  test_deaths_begin(all);
  gc_mutator *m = stress_open(0, threads * BOXES);
  size_t before = test_held(m->heap);
  test_threads_run(m, threads, send_and_receive, &post);
  CHECK(post.received == all);
  stress_settle(m);
  stress_check_held(m, before);
  stress_check_deaths(all / 2, 4);
  stress_close(m);
}
