/* SPDX-License-Identifier: MIT */
/* Misuse that only the checked flavour sees, because the check would slow a
   fast path down. misuse.c runs each in a child process. */
#include <pthread.h>

#include "tests/conformance/conformance.h"

/* What the compiler does not see through. */
static gc_ref integer(uintptr_t value) {
  static volatile uintptr_t hidden;
  hidden = value;
  return (gc_ref)hidden;
}

static void run_in_a_thread(void *(*body)(void *), void *data) {
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, body, data), 0);
  pthread_join(thread, NULL);
}

static void cas_past_the_end(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_cas(m, test_make(m, &f.object, test_node, 0), 2, NULL, NULL);
}

static void store_an_integer(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_set(m, test_make(m, &f.object, test_node, 0), 0, integer(44));
}

static void root_an_integer(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_root_set(m, &f.object, integer(4096));
}

/* Aligned, in no page that is mapped. */
static void store_a_wild_pointer(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_set(m, test_make(m, &f.object, test_node, 0), 0, integer(0x123450));
}

static void root_what_is_no_object(void) {
  static uint64_t zeros[4];
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_root_set(m, &f.object, integer((uintptr_t)zeros));
}

static void store_parked(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_node, 0);
  gc_park(m);
  gc_set(m, object, 0, NULL);
}

static void root_parked(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_park(m);
  gc_root_clear(m, &f.object);
}

static gc_mutator *detached(void) {
  gc_mutator *m = test_open(0);
  gc_detach(m);
  return m;
}

static void allocate_detached(void) {
  gc_root object = {NULL};
  gc_new(detached(), &object, test_node);
}

static void safepoint_detached(void) {
  gc_safepoint(detached());
}

static void detach_twice(void) {
  gc_detach(detached());
}

static void park_detached(void) {
  gc_park(detached());
}

struct borrowed {
  gc_heap *heap;
  gc_root *root;
};

static void *use_the_root(void *data) {
  struct borrowed *borrowed = data;
  gc_mutator *m = gc_attach(borrowed->heap);
  gc_root_clear(m, borrowed->root);
  gc_detach(m);
  return NULL;
}

static void use_a_root_of_another(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  struct borrowed borrowed = {m->heap, &f.object};
  gc_park(m);
  run_in_a_thread(use_the_root, &borrowed);
  gc_unpark(m);
}

static void use_a_root_of_no_frame(void) {
  gc_root object = {NULL};
  gc_new(test_open(0), &object, test_node);
}

static void *collect_with_it(void *m) {
  gc_root object = {NULL};
  gc_new(m, &object, test_node);
  return NULL;
}

static void use_a_mutator_elsewhere(void) {
  run_in_a_thread(collect_with_it, test_open(0));
}

const struct misuse checked_misuses[] = {
    {"cas past the end", cas_past_the_end, 2},
    {"store an integer", store_an_integer, 2},
    {"root an integer", root_an_integer, 2},
    {"store a wild pointer", store_a_wild_pointer, 2},
    {"root what is no object", root_what_is_no_object, 2},
    {"store parked", store_parked, 2},
    {"root parked", root_parked, 2},
    {"allocate detached", allocate_detached, 2},
    {"safepoint detached", safepoint_detached, 2},
    {"detach twice", detach_twice, 2},
    {"park detached", park_detached, 2},
    {"use a root of another", use_a_root_of_another, 2},
    {"use a root of no frame", use_a_root_of_no_frame, 2},
    {"use a mutator elsewhere", use_a_mutator_elsewhere, 2},
    {0},
};
