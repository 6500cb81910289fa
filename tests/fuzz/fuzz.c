/* SPDX-License-Identifier: MIT */
/* Runs a program, from its first byte to the end of its heap. */
#include "tests/fuzz/fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

uint8_t fuzz_byte(struct fuzz *f) {
  return fuzz_is_over(f) ? 0 : *f->at++;
}

void fuzz_say(struct fuzz_thread *t, const char *format, ...) {
  va_list args;
  if (!t->fuzz->is_told)
    return;
  printf("thread %u: ", t->index);
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  printf("\n");
  fflush(stdout);
}

_Noreturn void fuzz_wrong(const struct fuzz *f, uint32_t node,
                          const char *what) {
  fprintf(stderr, "after %llu steps, node %u: %s\n",
          (unsigned long long)f->steps, node, what);
  test_fail(__FILE__, __LINE__, what);
}

/* --- the heap ------------------------------------------------------------- */

/* The tuning: the environment's, or else the one that the first byte selects.
 */
static const char *tuning_of(uint8_t byte) {
  static const char *const tunings[] = {NULL, "shrink=1", "shrink=1,verify=1",
                                        "stress=5,shrink=1,verify=1"};
  const char *given = getenv("SWEEPSTAKES_TUNING");
  return given ? given : tunings[byte % 4];
}

/* A limit that only large objects reach. */
enum { LIMITED = 4, ALONE = 8, CONTAINERS = 16, LIMIT_BYTES = 16 << 20 };

static gc_heap *heap_new(uint8_t byte) {
  struct gc_options options = {.heap_bytes = byte & LIMITED ? LIMIT_BYTES : 0,
                               .gc_threads = byte & ALONE ? 1 : 2,
                               .tuning = tuning_of(byte)};
  gc_heap *heap = NULL;
  test_types_define();
  fuzz_types_define();
  CHECK(gc_heap_create(&options, &heap) == 0);
  return heap;
}

static void heap_attach(struct fuzz *f) {
  struct fuzz_thread *t = &f->thread[0];
  t->m = gc_attach(f->heap);
  CHECK(t->m != NULL);
  t->is_attached = true;
}

static void globals_add(struct fuzz *f) {
  for (unsigned g = 0; g < FUZZ_GLOBALS_FIXED; g++) {
    gc_global_add(f->heap, &f->global[g]);
    f->is_added[g] = true;
  }
  gc_global_add(f->heap, &f->watchers);
  GC_FRAME(f->thread[0].m, frame, array);
  CHECK(gc_new_array(f->thread[0].m, &frame.array, test_refs, FUZZ_NODES + 1));
  gc_global_set(f->thread[0].m, &f->watchers, gc_root_get(&frame.array));
}

static void globals_remove(struct fuzz *f) {
  for (unsigned g = 0; g < FUZZ_GLOBALS; g++)
    if (f->is_added[g]) {
      gc_global_remove(f->thread[0].m, &f->global[g]);
      *fuzz_shadow_global(f, g) = 0;
      f->is_added[g] = false;
    }
}

/* --- from start to end ---------------------------------------------------- */

static struct fuzz *fuzz_new_run(const uint8_t *program, size_t size) {
  struct fuzz *f = calloc(1, sizeof *f);
  CHECK(f != NULL && shadow_init(&f->shadow, FUZZ_NODES, FUZZ_ROOTS));
  f->at = program;
  f->end = program + size;
  f->is_told = getenv("SWEEPSTAKES_TELL") != NULL;
  pthread_mutex_init(&f->lock, NULL);
  pthread_cond_init(&f->changed, NULL);
  for (unsigned i = 0; i < FUZZ_THREADS; i++) {
    f->thread[i].fuzz = f;
    f->thread[i].index = i;
    f->thread[i].random = workload_random_make(1, i);
  }
  return f;
}

static void threads_join(struct fuzz *f) {
  for (unsigned i = 1; i < FUZZ_THREADS; i++)
    if (f->thread[i].is_started)
      CHECK(pthread_join(f->thread[i].id, NULL) == 0);
}

static void fuzz_free(struct fuzz *f) {
  pthread_cond_destroy(&f->changed);
  pthread_mutex_destroy(&f->lock);
  shadow_finish(&f->shadow);
  free(f);
}

/* Opens a frame, because fuzz_check_all needs a spare root. */
static void check_last(struct fuzz_thread *t) {
  GC_FRAME(t->m, frame, spare);
  t->spare = &frame.spare;
  if (t->is_deferring)
    fuzz_defer_toggle(t);
  fuzz_check_all(t);
  globals_remove(t->fuzz);
  fuzz_check_all(t);
  gc_global_remove(t->m, &t->fuzz->watchers);
  t->spare = NULL;
}

uint64_t fuzz_run(const uint8_t *program, size_t size) {
  struct fuzz *f = fuzz_new_run(program, size);
  struct fuzz_thread *t = &f->thread[0];
  uint8_t byte = fuzz_byte(f);
  f->heap = heap_new(byte);
  fuzz_thread_enter(t);
  heap_attach(f);
  globals_add(f);
  if (byte & CONTAINERS)
    fuzz_containers_open(t);
  for (fuzz_frame(t); !fuzz_is_over(f); fuzz_frame(t)) {
    fuzz_detach(t);
    heap_attach(f);
  }
  threads_join(f);
  fuzz_stack_close(t);
  check_last(t);
  atomic_store(&f->is_ending, true);
  if (f->world != NULL)
    fuzz_containers_close(t);
  gc_detach(t->m);
  gc_heap_destroy(f->heap);
  fuzz_check_end(f);
  uint64_t steps = f->steps;
  fuzz_free(f);
  return steps;
}
