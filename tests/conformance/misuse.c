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

static void add_a_global_that_is_not_empty(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_root global = f.object;
  gc_global_add(m->heap, &global);
}

static void remove_a_global_twice(void) {
  gc_mutator *m = test_open(0);
  gc_root global = {NULL};
  gc_global_add(m->heap, &global);
  gc_global_remove(m, &global);
  gc_global_remove(m, &global);
}

static void add_a_global_of_an_array(void) {
  gc_mutator *m = test_open(0);
  static gc_root roots[8];
  gc_globals_add(m->heap, &roots[2], 4);
  gc_global_add(m->heap, &roots[5]);
}

static void add_an_array_with_a_global(void) {
  gc_mutator *m = test_open(0);
  static gc_root roots[8];
  gc_global_add(m->heap, &roots[5]);
  gc_globals_add(m->heap, &roots[2], 4);
}

static void remove_a_part_of_an_array(void) {
  gc_mutator *m = test_open(0);
  static gc_root roots[8];
  gc_globals_add(m->heap, roots, 8);
  gc_globals_remove(m, roots, 7);
}

static void show_nothing(void *data, void (*visit)(gc_root *, void *),
                         void *visit_data) {
  (void)data;
  (void)visit;
  (void)visit_data;
}

static void remove_what_is_no_visitor(void) {
  gc_mutator *m = test_open(0);
  int other;
  gc_roots_visitor_add(m->heap, show_nothing, NULL);
  gc_roots_visitor_remove(m->heap, show_nothing, &other);
}

static void detach_with_a_root_stack(void) {
  gc_mutator *m = test_open(0);
  gc_root_stack_create(m);
  gc_detach(m);
}

static void destroy_the_root_stack_of_another(void) {
  gc_mutator *m = test_open(0);
  gc_root_stack *stack = gc_root_stack_create(m);
  gc_park(m);
  gc_root_stack_destroy(gc_attach(m->heap), stack);
}

static void pop_an_empty_root_stack(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, value);
  gc_root_stack *stack = gc_root_stack_create(m);
  gc_root_stack_push(m, stack, NULL);
  gc_root_stack_pop(m, stack, &f.value);
  gc_root_stack_pop(m, stack, &f.value);
}

static void drop_below_the_bottom(void) {
  gc_mutator *m = test_open(0);
  gc_root_stack *stack = gc_root_stack_create(m);
  gc_root_stack_extend(stack, 5);
  gc_root_stack_drop(m, stack, 6);
}

static void read_past_the_top_of_a_root_stack(void) {
  gc_mutator *m = test_open(0);
  gc_root_stack *stack = gc_root_stack_create(m);
  gc_root_stack_extend(stack, 5);
  gc_root_stack_at(stack, 5);
}

static void read_the_top_of_an_empty_root_stack(void) {
  gc_root_stack_top(gc_root_stack_create(test_open(0)));
}

static void pin_nothing(void) {
  gc_pin(test_open(0), NULL);
}

static void unpin_unpinned(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_node, 0);
  gc_pin(m, object);
  gc_unpin(m, object);
  gc_unpin(m, object);
}

static void resize_nothing(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, array);
  gc_array_resize(m, &f.array, 1);
}

static void resize_what_is_no_array(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, array);
  test_make(m, &f.array, test_node, 0);
  gc_array_resize(m, &f.array, 1);
}

static void read_what_is_not_weak(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object, out);
  test_make(m, &f.object, test_node, 0);
  gc_weak_get(m, &f.out, gc_root_get(&f.object));
}

static void read_nothing_as_weak(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, out);
  gc_weak_get(m, &f.out, NULL);
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

static void weak_reference_to_nothing(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, weak);
  gc_weak_new(m, &f.weak, NULL);
}

static void ephemeron_without_a_key(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_ephemeron_new(m, &f.object, NULL, gc_root_get(&f.object));
}

static void ephemeron_without_a_value(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_ephemeron_new(m, &f.object, gc_root_get(&f.object), NULL);
}

static void read_what_is_no_ephemeron(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object, weak);
  test_make(m, &f.object, test_node, 0);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  gc_ephemeron_get(m, &f.object, gc_root_get(&f.weak));
}

static void add_external_to_nothing(void) {
  gc_external_add(test_open(0), NULL, 10);
}

static void take_off_too_much(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_external_add(m, gc_root_get(&f.object), 10);
  gc_external_sub(m, gc_root_get(&f.object), 11);
}

static void add_a_global_twice(void) {
  gc_mutator *m = test_open(0);
  static gc_root global;
  gc_global_add(m->heap, &global);
  gc_global_add(m->heap, &global);
}

static void remove_what_is_no_global(void) {
  gc_root root = {NULL};
  gc_global_remove(test_open(0), &root);
}

static void unwind_past_the_last(void) {
  gc_mutator *m = test_open(0);
  struct gc_frame *left;
  {
    GC_FRAME(m, f, object);
    left = gc_frames_mark(m);
  }
  gc_frames_unwind(m, left);
}

static jmp_buf jump;

static void jump_over_a_frame(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  if (setjmp(jump) == 0) {
    GC_FRAME(m, g, object);
    longjmp(jump, 1);
  }
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

static void new_of_no_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new(m, &f.object, 0);
}

/* An index past all that these tests define. */
enum { UNDEFINED_TYPE = GC_TYPE_MAX - 1 };

static void new_of_an_undefined_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new(m, &f.object, UNDEFINED_TYPE);
}

static void new_of_an_array_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new(m, &f.object, test_blob);
}

static void array_of_no_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new_array(m, &f.object, 0, 4);
}

static void array_of_no_array_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new_array(m, &f.object, test_node, 4);
}

static void slot_past_the_end(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_get(test_make(m, &f.object, test_node, 0), 2);
}

static void store_past_the_end(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_set(m, test_make(m, &f.object, test_node, 0), 2, NULL);
}

static void length_of_no_array(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_length(test_make(m, &f.object, test_node, 0));
}

enum { SEEN_WHERE_PROMPT = 0 }; /* in every build, if death is prompt */

/* The level of a misuse may be the above, too. */
static const struct misuse misuses[] = {
    {"resume without defer", misuse_resume_without_defer, 2},
    {"a finalizer that never resumes", misuse_finalizer_that_never_resumes, 2},
    {"lock parked", misuse_lock_parked, 1},
    {"serve a heap that does not", misuse_serve_a_heap_that_does_not, 1},
    {"wait in a heap that does not", misuse_wait_in_a_heap_that_does_not, 1},
    {"serve while deferred", misuse_serve_while_deferred, 1},
    {"wait in a finalizer", misuse_wait_in_a_finalizer, 1},
    {"detach in a scope", detach_in_a_scope, 1},
    {"destroy with a mutator", destroy_with_a_mutator, 1},
    {"unpark unparked", unpark_unparked, 1},
    {"safepoint parked", safepoint_parked, 1},
    {"collect a negative generation", collect_a_negative_generation, 1},
    {"add a global that is not empty", add_a_global_that_is_not_empty, 1},
    {"remove a global twice", remove_a_global_twice, 1},
    {"read what is not weak", read_what_is_not_weak, 1},
    {"read nothing as weak", read_nothing_as_weak, 1},
    {"detach from a finalizer", detach_from_a_finalizer, 1},
    {"attach from a finalizer", attach_from_a_finalizer, 1},
    {"park twice", park_twice, 1},
    {"attach twice", attach_twice, 1},
    {"unpark a second", unpark_a_second, 1},
    {"end a thread attached", end_a_thread_attached, 1},
    {"detach elsewhere", detach_elsewhere, 1},
    {"weak reference to nothing", weak_reference_to_nothing, 1},
    {"ephemeron without a key", ephemeron_without_a_key, 1},
    {"ephemeron without a value", ephemeron_without_a_value, 1},
    {"read what is no ephemeron", read_what_is_no_ephemeron, 1},
    {"add external to nothing", add_external_to_nothing, 1},
    {"take off too much", take_off_too_much, 2},
    {"add a global twice", add_a_global_twice, 1},
    {"add a global of an array", add_a_global_of_an_array, 1},
    {"add an array with a global", add_an_array_with_a_global, 1},
    {"remove a part of an array", remove_a_part_of_an_array, 1},
    {"remove what is no visitor", remove_what_is_no_visitor, 1},
    {"detach with a root stack", detach_with_a_root_stack, 1},
    {"destroy the root stack of another", destroy_the_root_stack_of_another, 1},
    {"pin nothing", pin_nothing, 1},
    {"unpin unpinned", unpin_unpinned, 2},
    {"resize nothing", resize_nothing, 1},
    {"resize what is no array", resize_what_is_no_array, 1},
    {"pop an empty root stack", pop_an_empty_root_stack, 2},
    {"drop below the bottom", drop_below_the_bottom, 2},
    {"read past the top of a root stack", read_past_the_top_of_a_root_stack, 2},
    {"read the top of an empty root stack", read_the_top_of_an_empty_root_stack,
     2},
    {"remove what is no global", remove_what_is_no_global, 1},
    {"unwind past the last", unwind_past_the_last, 1},
    {"allocate in a child", allocate_in_a_child, 1},
    {"attach in a child", attach_in_a_child, 1},
    {"detach in a child", detach_in_a_child, 1},
    {"park in a child", park_in_a_child, 1},
    {"destroy in a child", destroy_in_a_child, 1},
    {"collect in a child", collect_in_a_child, 1},
    {"jump over a frame", jump_over_a_frame, 2},
    {"overwrite a root while shown", overwrite_a_root_while_shown,
     SEEN_WHERE_PROMPT},
    {"allocate parked", allocate_parked, 1},
    {"allocate while shown", allocate_while_shown, 1},
    {"allocate in a listener", allocate_in_a_listener, 1},
    {"new of no type", new_of_no_type, 1},
    {"new of an undefined type", new_of_an_undefined_type, 1},
    {"new of an array type", new_of_an_array_type, 1},
    {"array of no type", array_of_no_type, 1},
    {"array of no array type", array_of_no_array_type, 1},
    {"slot past the end", slot_past_the_end, 2},
    {"store past the end", store_past_the_end, 2},
    {"length of no array", length_of_no_array, 2},
};

enum { MISUSES = sizeof misuses / sizeof misuses[0] };

/* Those of this file, then those of checked.c; NULL: no more. */
static const struct misuse *misuse_at(size_t i) {
  const struct misuse *misuse =
      i < MISUSES ? &misuses[i] : &checked_misuses[i - MISUSES];
  return misuse->name ? misuse : NULL;
}

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
  const struct misuse *misuse;
  for (size_t i = 0; (misuse = misuse_at(i)) != NULL; i++)
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
   child of a process that had threads. */
static void a_child_has_its_own_heaps(void **state) {
  char text[2000];
  (void)state;
  if (GC_TSAN)
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

static void misuse_stops_the_program(void **state) {
  (void)state;
  const struct misuse *misuse;
  size_t wrong = 0;
  for (size_t i = 0; (misuse = misuse_at(i)) != NULL; i++) {
    char text[2000];
    if (misuse->level > GC_ASSERT_LEVEL ||
        (misuse->level == SEEN_WHERE_PROMPT && !gc_collector.prompt))
      continue;
    int status = child_run(misuse->name, text, sizeof text);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && is_told(text))
      continue;
    print_error("%s: status %d, \"%s\"\n", misuse->name, status, text);
    wrong++;
  }
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
