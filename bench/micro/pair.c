/* SPDX-License-Identifier: MIT */
#include "bench/micro/pair.h"

#include <sched.h>
#include <stdio.h>

#include "bench/runner/gang.h"

/* After these rounds, caches, branch predictors and thread caches are warm. */
enum { WARM_ROUNDS = 3, ROUNDS = WARM_ROUNDS + PAIR_ROUNDS };

struct span {
  uint64_t begin, end;
};

struct pairing {
  const struct pair *pair;
  unsigned threads;
  _Atomic uint64_t arrived; /* number of arrivals at meetings so far */
  _Atomic bool
      has_no_memory; /* threads stop working, but still attend all meetings */
  /* Each thread writes its own entry. Read after a meeting. */
  struct span spans[2][PAIR_THREADS_MAX];
  /* Written by the first thread. */
  double left_ns[ROUNDS], right_ns[ROUNDS];
};

struct member {
  struct pairing *pairing;
  unsigned index;
  uint64_t meetings;
};

/* Waits until all threads have arrived. Threads spin, because the clock starts
   right afterwards and waking up takes as long as some rounds. They are parked
   meanwhile. */
static void meet(struct micro_thread *t, struct member *member) {
  struct pairing *p = member->pairing;
  uint64_t awaited = ++member->meetings * p->threads;
  gc_park(t->m);
  atomic_fetch_add(&p->arrived, 1);
  for (unsigned spins = 1; atomic_load(&p->arrived) < awaited; spins++) {
    gc_spin_hint();
    if (spins % 1024 == 0)
      sched_yield(); /* there can be a single core */
  }
  gc_unpark(t->m);
}

/* A single thread waits for no other thread. Its CPU time is its time without
   interference from other programs. Threads that can wait for each other are
   measured in wall time, which includes the waits. */
static uint64_t now(const struct pairing *p) {
  return p->threads == 1 ? gc_thread_cpu_ns() : gc_now_ns();
}

/* Nanoseconds for each operation on each participating thread. */
static double span_ns(const struct span *spans, unsigned threads,
                      size_t count) {
  uint64_t begin = UINT64_MAX, end = 0;
  for (unsigned i = 0; i < threads; i++) {
    begin = spans[i].begin < begin ? spans[i].begin : begin;
    end = spans[i].end > end ? spans[i].end : end;
  }
  return (double)(end - begin) / (double)count;
}

static double run_side(struct micro_thread *t, struct member *member,
                       const struct pair_side *side, struct span *spans) {
  struct pairing *p = member->pairing;
  size_t count = p->pair->micro->round;
  meet(t, member);
  if (member->index < side->threads && !p->has_no_memory) {
    spans[member->index].begin = now(p);
    if (!side->loop(t, count))
      p->has_no_memory = true;
    spans[member->index].end = now(p);
  }
  meet(t, member);
  return span_ns(spans, side->threads, count);
}

static void run_rounds(struct micro_thread *t, bool is_ready, void *data) {
  struct member *member = data;
  struct pairing *p = member->pairing;
  const struct pair *pair = p->pair;
  if (!is_ready)
    p->has_no_memory = true;
  for (int round = 0; round < ROUNDS; round++) {
    double left = 0, right = 0;
    if (round % 2 == 0)
      left = run_side(t, member, &pair->left, p->spans[0]);
    right = run_side(t, member, &pair->right, p->spans[1]);
    if (round % 2 != 0)
      left = run_side(t, member, &pair->left, p->spans[0]);
    if (member->index == 0) {
      p->left_ns[round] = left;
      p->right_ns[round] = right;
    }
  }
}

/* Pins the thread to the `index`th core that this process may use. If that
   fails, the scheduler chooses the core. */
static void pin(unsigned index) {
  cpu_set_t all, one;
  CPU_ZERO(&one);
  if (sched_getaffinity(0, sizeof all, &all) != 0 ||
      (unsigned)CPU_COUNT(&all) <= index)
    return;
  int cpu = 0;
  for (unsigned seen = 0; seen <= index; cpu++)
    seen += CPU_ISSET(cpu, &all) != 0;
  CPU_SET(cpu - 1, &one);
  pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

static void member_run(struct gang_thread *thread, void *data) {
  struct member member = {.pairing = data, .index = thread->index};
  pin(thread->index);
  micro_enter(member.pairing->pair->micro, thread->m, run_rounds, &member);
}

/* --- results -------------------------------------------------------------- */

static double value_of(const struct pair *pair, double left, double right) {
  switch (pair->measure) {
  case PAIR_EXTRA:
    return left - right;
  case PAIR_SPEEDUP:
    return right * pair->left.threads / (left * pair->right.threads);
  default:
    return left / right;
  }
}

static void summarize(struct pairing *p, struct pair_result *out) {
  double value[PAIR_ROUNDS];
  double *left = p->left_ns + WARM_ROUNDS, *right = p->right_ns + WARM_ROUNDS;
  for (int i = 0; i < PAIR_ROUNDS; i++)
    value[i] = value_of(p->pair, left[i], right[i]);
  out->value = quantile_summarize(value, PAIR_ROUNDS);
  out->left_ns = quantile_summarize(left, PAIR_ROUNDS);
  out->right_ns = quantile_summarize(right, PAIR_ROUNDS);
}

static enum exit_code measure(struct pairing *p, gc_heap *heap, char *why,
                              size_t why_size) {
  struct gang gang = {
      .heap = heap, .size = p->threads, .run = member_run, .data = p};
  enum exit_code code = gang_start(&gang, why, why_size);
  if (code != EXIT_FINE)
    return code;
  gang_go(&gang);
  gang_finish(&gang);
  if (!p->has_no_memory)
    return EXIT_FINE;
  snprintf(why, why_size, "out of memory measuring %s", p->pair->micro->name);
  return EXIT_MEMORY;
}

enum exit_code pair_run(const struct pair *pair, struct pair_result *out,
                        char *why, size_t why_size) {
  struct pairing p = {.pair = pair};
  const struct pair_side *left = &pair->left, *right = &pair->right;
  p.threads = left->threads > right->threads ? left->threads : right->threads;
  size_t loops = left->threads + right->threads;
  gc_heap *heap;
  if (micro_heap_create(pair->micro, ROUNDS * loops * pair->micro->round,
                        &heap) != EXIT_FINE) {
    snprintf(why, why_size, "out of memory for the heap of %s",
             pair->micro->name);
    return EXIT_MEMORY;
  }
  enum exit_code code = measure(&p, heap, why, why_size);
  gc_heap_destroy(heap);
  if (code == EXIT_FINE)
    summarize(&p, out);
  return code;
}
