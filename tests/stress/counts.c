/* SPDX-License-Identifier: MIT */
/* Who drops the last reference frees, and nobody else: races for the end of an
   object, and objects that go from hand to hand. */
#include "tests/stress/stress.h"

enum { BATCH = 500 };

/* What the threads of one test share. */
struct batches {
  uint64_t count;
  _Atomic uint64_t arrived;
};

/* Starts all within nanoseconds: who sleeps at a barrier wakes after the other
   is through. Nobody parks here. */
static void start_together(struct test_thread *self, struct batches *b) {
  uint64_t before = atomic_fetch_add(&b->arrived, 1);
  uint64_t all = (before / self->count + 1) * self->count;
  for (unsigned i = 1; atomic_load(&b->arrived) < all; i++)
    if (i % 1024 == 0)
      sched_yield();
}

/* Fills the cells with one batch. Every other one has no finalizer, and so the
   short way to die. */
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

/* Two threads go from object to object together, or they would hardly ever
   meet; more would wait for each other too long. */
static void keep_together(struct test_thread *self, struct batches *b) {
  if (self->count == 2)
    start_together(self, b);
}

/* All threads root the batch, the cells let go, then all let go at once; half
   of the batches are dropped in opposite directions. */
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
      test_meet(self); /* else the cells' own references race too */
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

/* The first thread holds the batch alone; the cells hold weak references. */
static void make_weak_batch(gc_mutator *m, gc_root *root, uint64_t batch) {
  GC_FRAME(m, f, weak);
  for (size_t i = 0; i < BATCH; i++) {
    test_make(m, &root[i], (batch + i) % 3 ? test_leaf : test_mortal,
              batch * BATCH + i);
    gc_weak_new(m, &f.weak, gc_root_get(&root[i]));
    gc_set_move(m, stress_array(), i, &f.weak);
  }
}

/* What a weak reference gave has to live on. */
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

/* So many letters may be on their way from one thread to the next. */
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

/* Half are held before the box is emptied, half after. */
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

/* Each has boxes that it fills and its neighbour empties. */
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
