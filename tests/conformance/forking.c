/* SPDX-License-Identifier: MIT */
/* A process that forks while its other threads use heaps. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

enum { BUSY_THREADS = 3, FORKS = 60 };

struct busy {
  gc_heap *shared;
  _Atomic bool is_done;
};

static void use_a_new_heap(void) {
  gc_mutator *m = test_open(1 << 20);
  {
    GC_FRAME(m, f, object);
    test_make(m, &f.object, test_node, 0);
  }
  test_close(m);
}

static void *be_busy(void *data) {
  struct busy *busy = data;
  while (!atomic_load(&busy->is_done)) {
    for (int i = 0; i < 20; i++) {
      gc_mutator *m = gc_attach(busy->shared);
      CHECK(m != NULL);
      gc_detach(m);
    }
    use_a_new_heap();
  }
  return NULL;
}

/* A child may create heaps, whatever the other threads were doing. One that
   hangs is ended by its alarm. */
static bool child_can_use_a_heap(void) {
  int status = 1;
  pid_t child = fork();
  if (child == 0) {
    alarm(10);
    use_a_new_heap();
    _exit(0);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void fork_among_busy_threads(void) {
  struct busy busy = {.shared = test_heap_create(0)};
  pthread_t threads[BUSY_THREADS];
  bool ok = true;
  for (int i = 0; i < BUSY_THREADS; i++)
    CHECK(pthread_create(&threads[i], NULL, be_busy, &busy) == 0);
  for (int i = 0; i < FORKS && ok; i++)
    ok = child_can_use_a_heap();
  atomic_store(&busy.is_done, true);
  for (int i = 0; i < BUSY_THREADS; i++)
    pthread_join(threads[i], NULL);
  gc_heap_destroy(busy.shared);
  exit(ok ? 0 : 1);
}

static const char scene[] = "fork among busy threads";

bool forking_run(const char *name) {
  if (strcmp(name, scene) != 0)
    return false;
  fork_among_busy_threads();
  return true;
}

/* The thread sanitizer does not allow new threads (a collector's markers) in a
   child of a process that had threads. In such a child, the address sanitizer's
   own malloc may hang. */
static void a_child_finds_no_lock_held(void **state) {
  char text[2000];
  (void)state;
  if (GC_TSAN || GC_ASAN)
    skip();
  assert_int_equal(child_run(scene, text, sizeof text), 0);
}

int conformance_forking(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_child_finds_no_lock_held),
  };
  return cmocka_run_group_tests_name("forking", tests, NULL, NULL);
}
