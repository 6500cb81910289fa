/* SPDX-License-Identifier: MIT */
/* One thread at a time runs the program. The others are parked, or poll at
   safepoints, or read objects from globals and create garbage. None of this
   changes the shadow. */
#include <sched.h>

#include "tests/fuzz/fuzz.h"

void fuzz_quiet(struct fuzz_thread *t) {
  uint64_t before;
  do {
    before = atomic_load(&t->fuzz->runs);
    gc_safepoint(t->m);
  } while (atomic_load(&t->fuzz->runs) != before);
}

static void defer(struct fuzz_thread *t) {
  gc_finalizers_defer(t->m);
  t->runs_no_finalizers = true;
}

static void resume(struct fuzz_thread *t) {
  t->runs_no_finalizers = false;
  gc_finalizers_resume(t->m);
}

void fuzz_defer_toggle(struct fuzz_thread *t) {
  t->is_deferring = !t->is_deferring;
  fuzz_say(t, "finalizers are %s", t->is_deferring ? "deferred" : "resumed");
  if (t->is_deferring)
    defer(t);
  else
    resume(t);
}

/* Parks, and sets is_loose if decrements may stay in this thread's buffer until
   it unparks: of values overwritten while other threads run, or by a finalizer
   right before parking. */
static void park(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  fuzz_quiet(t);
  uint64_t before = atomic_load(&f->runs);
  gc_park(t->m);
  f->is_loose |= f->waiters > 0 || atomic_load(&f->runs) != before;
}

/* --- calm ----------------------------------------------------------------- */

void fuzz_calm_begin(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  gc_park(t->m);
  pthread_mutex_lock(&f->lock);
  atomic_store(&f->is_calm, true);
  while (f->busy > 0)
    pthread_cond_wait(&f->changed, &f->lock);
  pthread_mutex_unlock(&f->lock);
  gc_unpark(t->m);
  if (t->is_deferring)
    resume(t);
  fuzz_quiet(t);
}

void fuzz_calm_end(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  if (t->is_deferring)
    defer(t);
  pthread_mutex_lock(&f->lock);
  atomic_store(&f->is_calm, false);
  pthread_cond_broadcast(&f->changed);
  pthread_mutex_unlock(&f->lock);
}

static void stand_by(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  fuzz_quiet(t);
  gc_park(t->m);
  pthread_mutex_lock(&f->lock);
  f->busy--;
  pthread_cond_broadcast(&f->changed);
  while (atomic_load(&f->is_calm))
    pthread_cond_wait(&f->changed, &f->lock);
  f->busy++;
  pthread_mutex_unlock(&f->lock);
  gc_unpark(t->m);
}

/* --- waiting -------------------------------------------------------------- */

enum { HOPS = 8, LINKS = 6, LOOKS = 3 };

/* Takes long enough for the thread with the turn to overwrite the path here. */
static void look_at(gc_ref object) {
  for (int i = 0; i < LOOKS; i++) {
    CHECK(fuzz_is_intact(object));
    sched_yield();
  }
}

/* Follows raw references, without a safepoint. */
static void read_on(struct fuzz_thread *t) {
  unsigned global =
      (unsigned)workload_random_below(&t->random, FUZZ_GLOBALS_FIXED);
  gc_ref at = gc_root_get(&t->fuzz->global[global]);
  for (int hop = 0; hop < HOPS && gc_is_object(at); hop++) {
    look_at(at);
    size_t slots = gc_slot_count(at);
    at = slots == 0 ? NULL
                    : gc_get(at, workload_random_below(&t->random, slots));
  }
}

static void make_garbage(struct fuzz_thread *t, gc_root *list, gc_root *node) {
  for (uint64_t i = 0; i < LINKS; i++) {
    if (test_make(t->m, node, test_node, i) == NULL)
      return;
    gc_set_move(t->m, gc_root_get(node), i % 2, list);
    gc_root_move(t->m, list, node);
  }
  gc_root_clear(t->m, list);
}

static void wait_reading(struct fuzz_thread *t) {
  GC_FRAME(t->m, f, list, node);
  read_on(t);
  make_garbage(t, &f.list, &f.node);
  read_on(t);
}

static void wait_busy(struct fuzz_thread *t, enum fuzz_wait how) {
  struct fuzz *f = t->fuzz;
  while (atomic_load(&f->turn) != t->index) {
    if (how == FUZZ_READING)
      wait_reading(t);
    gc_safepoint(t->m);
    if (atomic_load(&f->is_calm))
      stand_by(t);
    sched_yield();
  }
}

static void turn_set(struct fuzz *f, unsigned to) {
  pthread_mutex_lock(&f->lock);
  atomic_store(&f->turn, to);
  pthread_cond_broadcast(&f->changed);
  pthread_mutex_unlock(&f->lock);
}

static void turn_wait(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  pthread_mutex_lock(&f->lock);
  while (atomic_load(&f->turn) != t->index)
    pthread_cond_wait(&f->changed, &f->lock);
  pthread_mutex_unlock(&f->lock);
}

static void busy_add(struct fuzz *f, int n) {
  pthread_mutex_lock(&f->lock);
  f->busy += (unsigned)n;
  pthread_mutex_unlock(&f->lock);
}

/* --- threads -------------------------------------------------------------- */

static unsigned next_attached(const struct fuzz *f, unsigned from) {
  for (unsigned i = FUZZ_THREADS - 1; i > 0; i--)
    if (i != from && f->thread[i].is_attached)
      return i;
  return 0;
}

void fuzz_detach(struct fuzz_thread *t) {
  struct fuzz *f = t->fuzz;
  fuzz_stack_close(t);
  fuzz_quiet(t);
  uint64_t before = atomic_load(&f->runs);
  gc_detach(t->m);
  f->is_loose |= f->waiters > 0 || atomic_load(&f->runs) != before;
  t->is_attached = t->is_deferring = t->runs_no_finalizers = false;
}

static void *thread_main(void *arg) {
  struct fuzz_thread *t = arg;
  fuzz_thread_enter(t);
  turn_wait(t);
  t->m = gc_attach(t->fuzz->heap);
  CHECK(t->m != NULL);
  fuzz_frame(t);
  fuzz_detach(t);
  turn_set(t->fuzz, next_attached(t->fuzz, t->index));
  return NULL;
}

static void start(struct fuzz_thread *t) {
  if (t->is_started)
    CHECK(pthread_join(t->id, NULL) == 0);
  t->is_started = t->is_attached = true;
  CHECK(pthread_create(&t->id, NULL, thread_main, t) == 0);
}

void fuzz_hand_over(struct fuzz_thread *t, unsigned to, enum fuzz_wait how) {
  struct fuzz *f = t->fuzz;
  if (!f->thread[to].is_attached)
    start(&f->thread[to]);
  if (how == FUZZ_PARKED) {
    park(t);
    turn_set(f, to);
    turn_wait(t);
    gc_unpark(t->m);
  } else {
    busy_add(f, 1);
    f->waiters++;
    f->is_loose = true;
    turn_set(f, to);
    wait_busy(t, how);
    f->waiters--;
    busy_add(f, -1);
  }
}

/* --- frames --------------------------------------------------------------- */

static void hand_to_all(struct fuzz_thread *t) {
  unsigned to;
  while (t->index == 0 && (to = next_attached(t->fuzz, 0)) != 0)
    fuzz_hand_over(t, to, FUZZ_PARKED);
}

static void forget_roots(struct fuzz_thread *t, unsigned first) {
  for (unsigned i = 0; i < FUZZ_FRAME_ROOTS; i++) {
    *fuzz_shadow_root(t, first + i) = 0;
    t->root[first + i] = NULL;
  }
}

void fuzz_frame(struct fuzz_thread *t) {
  GC_FRAME(t->m, f, root[FUZZ_FRAME_ROOTS], spare);
  unsigned first = t->frames++ * FUZZ_FRAME_ROOTS;
  gc_root *outer_spare = t->spare;
  t->spare = &f.spare;
  for (unsigned i = 0; i < FUZZ_FRAME_ROOTS; i++)
    t->root[first + i] = &f.root[i];
  while (!fuzz_is_over(t->fuzz)) {
    uint8_t code = fuzz_byte(t->fuzz) % FUZZ_CODES;
    if (code == FUZZ_LEAVE)
      break;
    if (code != FUZZ_ENTER)
      fuzz_step(t, code);
    else if (t->frames < FUZZ_FRAMES)
      fuzz_frame(t);
  }
  if (fuzz_is_over(t->fuzz))
    hand_to_all(t);
  forget_roots(t, first);
  t->spare = outer_spare;
  t->frames--;
}
