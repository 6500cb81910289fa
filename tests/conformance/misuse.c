/* SPDX-License-Identifier: MIT */
/* Calls that break a rule which is checked: the program must stop with one
   sentence. Each runs in a child process. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

static void detach_in_a_scope(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_detach(m);
}

static void destroy_with_a_mutator(void) {
  gc_mutator *m = test_open(0);
  gc_heap_destroy(m->heap);
}

static void unpark_unparked(void) {
  gc_unpark(test_open(0));
}

static void safepoint_parked(void) {
  gc_mutator *m = test_open(0);
  gc_park(m);
  gc_collect(m, GC_FULL);
}

static void collect_a_negative_generation(void) {
  gc_collect(test_open(0), -1);
}

static void detach_in_a_finalizer(gc_mutator *m, const gc_root *self) {
  (void)self;
  gc_detach(m);
}

static void attach_in_a_finalizer(gc_mutator *m, const gc_root *self) {
  (void)self;
  gc_detach(gc_attach(m->heap));
}

/* A collector that frees promptly runs the finalizer in gc_detach. */
static void finalize_at_the_end(void (*finalize)(gc_mutator *,
                                                 const gc_root *)) {
  gc_type type = gc_type_define(
      &(struct gc_type_desc){.name = "last", .finalize = finalize});
  gc_heap *heap = test_heap_create(0);
  gc_mutator *m = gc_attach(heap);
  {
    GC_FRAME(m, f, object);
    gc_new(m, &f.object, type);
  }
  gc_detach(m);
  gc_heap_destroy(heap);
}

static void detach_from_a_finalizer(void) {
  finalize_at_the_end(detach_in_a_finalizer);
}

static void attach_from_a_finalizer(void) {
  finalize_at_the_end(attach_in_a_finalizer);
}

static void park_twice(void) {
  gc_mutator *m = test_open(0);
  gc_park(m);
  gc_park(m);
}

static void attach_twice(void) {
  gc_attach(test_open(0)->heap);
}

static void unpark_a_second(void) {
  gc_mutator *m = test_open(0);
  gc_park(m);
  gc_attach(m->heap);
  gc_unpark(m);
}

static void *end_attached(void *heap) {
  gc_attach(heap);
  return NULL;
}

static void thread_run(void *(*body)(void *), void *data) {
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, body, data), 0);
  pthread_join(thread, NULL);
}

static void end_a_thread_attached(void) {
  thread_run(end_attached, test_heap_create(0));
}

static void *detach_it(void *m) {
  gc_detach(m);
  return NULL;
}

static void detach_elsewhere(void) {
  thread_run(detach_it, test_open(0));
}

/* Calls `use` in a child of this child, which must be stopped; then this one
   aborts, too. */
static void in_a_child(void (*use)(gc_mutator *)) {
  gc_mutator *m = test_open(0);
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    use(m);
    _exit(0);
  }
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
    abort();
  _exit(1);
}

static void use_allocate(gc_mutator *m) {
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
}

static void use_attach(gc_mutator *m) {
  gc_attach(m->heap);
}

static void use_destroy(gc_mutator *m) {
  gc_heap_destroy(m->heap);
}

static void use_collect(gc_mutator *m) {
  gc_collect(m, GC_FULL);
}

static void allocate_in_a_child(void) {
  in_a_child(use_allocate);
}

static void attach_in_a_child(void) {
  in_a_child(use_attach);
}

static void detach_in_a_child(void) {
  in_a_child(gc_detach);
}

static void park_in_a_child(void) {
  in_a_child(gc_park);
}

static void destroy_in_a_child(void) {
  in_a_child(use_destroy);
}

static void collect_in_a_child(void) {
  in_a_child(use_collect);
}

static void put_in_root(gc_ref object, void *data) {
  gc_mutator *m = data;
  gc_root_set(m, &gc_frame_roots(m->frames)[0], object);
}

/* With reference counting, the root's object dies while objects are visited. */
static void overwrite_a_root_while_shown(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, last, other);
  test_make(m, &f.last, test_node, 0);
  test_make(m, &f.other, test_node, 1);
  gc_visit_objects(m, put_in_root, m);
}

/* An allocation that takes the fast path. */
static void allocate_parked(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_park(m);
  gc_new(m, &f.object, test_node);
}

static void allocate_one(gc_ref shown, void *data) {
  gc_mutator *m = data;
  GC_FRAME(m, f, object);
  (void)shown;
  gc_new(m, &f.object, test_node);
}

static void allocate_while_shown(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_visit_objects(m, allocate_one, m);
}

static void allocate_when_told(void *data, const struct gc_pause *pause) {
  (void)pause;
  allocate_one(NULL, data);
}

static void allocate_in_a_listener(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_listen(m->heap,
            &(struct gc_listener){.data = m, .resumed = allocate_when_told});
  gc_verify(m);
}

/* After two collections, so that a collector that only tells the last one from
   this one does not see it. The other object keeps its block in place. */
static void pin_what_is_dead(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, kept, object);
  gc_pin(m, test_make(m, &f.kept, test_node, 0));
  gc_ref dead = test_make(m, &f.object, test_node, 1);
  gc_root_clear(m, &f.object);
  for (int i = 0; i < 2; i++)
    gc_collect(m, GC_FULL);
  gc_pin(m, dead);
}

enum {
  SEEN_WHERE_PROMPT = 0,  /* in every build, if death is prompt */
  SEEN_WHERE_MOVING = -1, /* in every build, if objects move */
};

/* The level of a misuse may be the above, too. */
static const struct misuse misuses[] = {
    {"resume without defer", misuse_resume_without_defer, 2},
    {"a finalizer that never resumes", misuse_finalizer_that_never_resumes, 2},
    {"lock parked", misuse_lock_parked, 1},
    {"serve a heap that does not", misuse_serve_a_heap_that_does_not, 1},
    {"wait in a heap that does not", misuse_wait_in_a_heap_that_does_not, 1},
    {"serve while deferred", misuse_serve_while_deferred, 1},
    {"wait in a finalizer", misuse_wait_in_a_finalizer, 1},
    {"pin what is dead", pin_what_is_dead, SEEN_WHERE_MOVING},
    {"detach in a scope", detach_in_a_scope, 1},
    {"destroy with a mutator", destroy_with_a_mutator, 1},
    {"unpark unparked", unpark_unparked, 1},
    {"safepoint parked", safepoint_parked, 1},
    {"collect a negative generation", collect_a_negative_generation, 1},
    {"detach from a finalizer", detach_from_a_finalizer, 1},
    {"attach from a finalizer", attach_from_a_finalizer, 1},
    {"park twice", park_twice, 1},
    {"attach twice", attach_twice, 1},
    {"unpark a second", unpark_a_second, 1},
    {"end a thread attached", end_a_thread_attached, 1},
    {"detach elsewhere", detach_elsewhere, 1},
    {"allocate in a child", allocate_in_a_child, 1},
    {"attach in a child", attach_in_a_child, 1},
    {"detach in a child", detach_in_a_child, 1},
    {"park in a child", park_in_a_child, 1},
    {"destroy in a child", destroy_in_a_child, 1},
    {"collect in a child", collect_in_a_child, 1},
    {"overwrite a root while shown", overwrite_a_root_while_shown,
     SEEN_WHERE_PROMPT},
    {"allocate parked", allocate_parked, 1},
    {"allocate while shown", allocate_while_shown, 1},
    {"allocate in a listener", allocate_in_a_listener, 1},
    {0},
};

/* Each ends with a NULL name. */
static const struct misuse *const lists[] = {misuses, root_misuses,
                                             object_misuses, checked_misuses};
enum { LISTS = sizeof lists / sizeof lists[0] };

/* --- correct use that needs a child process ------------------------------- */

/* A child may create heaps, even if it has inherited others. */
static void make_a_heap_in_a_child(void) {
  gc_mutator *inherited = test_open(0);
  int status = 1;
  pid_t child = fork();
  if (child == 0) {
    gc_mutator *m = test_open(0);
    CHECK(m->heap != inherited->heap);
    {
      GC_FRAME(m, f, list, node);
      for (uint64_t i = 0; i < 10000; i++) {
        gc_ref node = test_make(m, &f.node, test_node, i);
        gc_set_move(m, node, 0, &f.list);
        gc_root_move(m, &f.list, &f.node);
      }
      gc_collect(m, GC_FULL);
      CHECK(test_id(gc_root_get(&f.list)) == 9999);
    }
    test_close(m);
    _exit(0);
  }
  waitpid(child, &status, 0);
  gc_collect(inherited, GC_FULL);
  test_close(inherited);
  exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}

struct late {
  gc_heap *heap;
  _Atomic bool is_running, was_asked;
};

static void note_request(void *data, uint64_t t) {
  (void)t;
  atomic_store(&((struct late *)data)->was_asked, true);
}

static void *run_late(void *data) {
  struct late *late = data;
  gc_mutator *m = gc_attach(late->heap);
  atomic_store(&late->is_running, true);
  while (!atomic_load(&late->was_asked))
    test_sleep_ms(1);
  test_sleep_ms(100);
  gc_detach(m);
  return NULL;
}

/* The stop reports the late mutator, once. */
static void block_unparked(void) {
  struct late late = {.heap = test_heap_tuned(0, "overdue=10")};
  pthread_t thread;
  gc_listen(late.heap, &(struct gc_listener){.data = &late,
                                             .stop_requested = note_request});
  gc_mutator *m = gc_attach(late.heap);
  CHECK(pthread_create(&thread, NULL, run_late, &late) == 0);
  while (!atomic_load(&late.is_running))
    gc_safepoint(m);
  gc_collect(m, GC_FULL);
  gc_park(m);
  pthread_join(thread, NULL);
  gc_unpark(m);
  test_close(m);
  exit(0);
}

struct scene {
  const char *name;
  void (*run)(void);
};

static const struct scene scenes[] = {
    {"make a heap in a child", make_a_heap_in_a_child},
    {"block unparked", block_unparked},
};
enum { SCENES = sizeof scenes / sizeof scenes[0] };

bool misuse_run(const char *name) {
  for (int i = 0; i < LISTS; i++)
    for (const struct misuse *misuse = lists[i]; misuse->name; misuse++)
      if (strcmp(misuse->name, name) == 0) {
        misuse->run();
        return true;
      }
  for (int i = 0; i < SCENES; i++)
    if (strcmp(scenes[i].name, name) == 0) {
      scenes[i].run();
      return true;
    }
  return false;
}

/* The thread sanitizer does not allow new threads (a collector's markers) in a
   child of a process that had threads, and with the address sanitizer the
   child may inherit an allocator that one of them had locked. */
static void a_child_has_its_own_heaps(void **state) {
  char text[2000];
  (void)state;
  if (GC_TSAN || GC_ASAN)
    skip();
  assert_int_equal(child_run("make a heap in a child", text, sizeof text), 0);
  assert_string_equal(text, "");
}

static void a_stop_names_whom_it_waits_for(void **state) {
  char text[2000];
  (void)state;
  assert_int_equal(child_run("block unparked", text, sizeof text), 0);
  const char *named = strstr(text, "mutator 1 (thread ");
  assert_non_null(named);
  assert_null(strstr(named + 1, "mutator 1 (thread "));
  assert_non_null(strstr(text, "gc_park"));
}

/* It is told as a rule that the program broke, not as an invariant of ours. */
static bool is_told(const char *text) {
  return strlen(text) > 0 && strstr(text, "broken invariant") == NULL;
}

static bool must_be_seen(const struct misuse *misuse) {
  return misuse->level == SEEN_WHERE_MOVING ? gc_collector.moves
         : misuse->level == SEEN_WHERE_PROMPT
             ? gc_collector.prompt
             : misuse->level <= GC_ASSERT_LEVEL;
}

static bool stops_the_program(const struct misuse *misuse) {
  char text[2000];
  int status = child_run(misuse->name, text, sizeof text);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && is_told(text))
    return true;
  print_error("%s: status %d, \"%s\"\n", misuse->name, status, text);
  return false;
}

static void misuse_stops_the_program(void **state) {
  (void)state;
  size_t wrong = 0;
  for (int i = 0; i < LISTS; i++)
    for (const struct misuse *misuse = lists[i]; misuse->name; misuse++)
      wrong += must_be_seen(misuse) && !stops_the_program(misuse);
  assert_int_equal(wrong, 0);
}

int conformance_misuse(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(misuse_stops_the_program),
      cmocka_unit_test(a_child_has_its_own_heaps),
      cmocka_unit_test(a_stop_names_whom_it_waits_for),
  };
  return cmocka_run_group_tests_name("misuse", tests, NULL, NULL);
}
