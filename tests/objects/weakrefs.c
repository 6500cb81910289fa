/* SPDX-License-Identifier: MIT */
/* Weak references and their callbacks. Events are written into a log, one
   letter for each event. */
#include "tests/objects/objects.h"

static char log_text[16];
static void note(char event) {
  size_t length = strlen(log_text);
  CHECK(length + 1 < sizeof log_text);
  log_text[length] = event;
}
static void log_clear(void) {
  memset(log_text, 0, sizeof log_text);
}

/* A callback sees its weak reference, and sees it dead. */
static void note_callback(const struct gc_py *py, const gc_root *self,
                          const gc_root *weakref) {
  GC_FRAME(py->m, f, target);
  gc_ref number = gc_py_closure_bound(gc_root_get(self));
  CHECK(gc_py_kind_of(gc_root_get(weakref)) == GC_PY_WEAKREF);
  CHECK(!gc_py_weakref_get(py, &f.target, gc_root_get(weakref)));
  note((char)gc_py_int_value(number));
}

static void note_death(const struct gc_py *py, const gc_root *self) {
  (void)py;
  CHECK(gc_py_kind_of(gc_root_get(self)) == GC_PY_INSTANCE);
  note('d');
}

/* A weak reference whose callback notes `event`. */
static void make(const struct gc_py *py, gc_root *out, const gc_root *target,
                 char event) {
  GC_FRAME(py->m, f, number, closure);
  gc_py_int(py, &f.number, event);
  gc_py_closure(py, &f.closure, note_callback, &f.number);
  assert_int_equal(gc_py_weakref(py, out, target, &f.closure), GC_PY_OK);
}

static void gives_the_target_until_it_dies(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, node, weakref, target);
  objects_node_class(py, &f.class, NULL);
  gc_py_instance(py, &f.node, &f.class);
  assert_int_equal(gc_py_weakref(py, &f.weakref, &f.node, NULL), GC_PY_OK);
  assert_ptr_equal(gc_py_weakref_get(py, &f.target, gc_root_get(&f.weakref)),
                   gc_root_get(&f.node));
  gc_root_clear(py->m, &f.target);
  gc_root_clear(py->m, &f.node);
  test_settle(py->m);
  gc_ref target = gc_py_weakref_get(py, &f.target, gc_root_get(&f.weakref));
  if (test_finds_garbage())
    assert_null(target);
  else if (!gc_collector.reclaims)
    assert_non_null(target);
}

/* W-2, R-3: death by count finalizes, then calls back, the newest first. */
static void callbacks_come_newest_first(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, node, first, second);
  log_clear();
  objects_node_class(py, &f.class, note_death);
  gc_py_instance(py, &f.node, &f.class);
  make(py, &f.first, &f.node, '1');
  make(py, &f.second, &f.node, '2');
  assert_int_equal(gc_py_weakref_count(py, &f.node), 2);
  assert_string_equal(log_text, "");
  gc_root_clear(py->m, &f.node);
  test_collect(py->m);
  if (gc_collector.counts)
    assert_string_equal(log_text, "d21");
  else if (test_finds_garbage())
    assert_true(strcmp(log_text, "d21") == 0 || strcmp(log_text, "21d") == 0);
}

/* W-4 */
static void a_dead_weakref_never_calls_back(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, node, gone, stays);
  log_clear();
  objects_node_class(py, &f.class, NULL);
  gc_py_instance(py, &f.node, &f.class);
  make(py, &f.gone, &f.node, '1');
  make(py, &f.stays, &f.node, '2');
  gc_root_clear(py->m, &f.gone);
  test_settle(py->m);
  if (test_finds_garbage())
    assert_int_equal(gc_py_weakref_count(py, &f.node), 1);
  gc_root_clear(py->m, &f.node);
  test_collect(py->m);
  if (test_finds_garbage())
    assert_string_equal(log_text, "2");
}

/* T-28: two self-loops with callbacks; T-48: reads of other trash see None. */
static void loops_call_back_once(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, node[2], weakref[2]);
  log_clear();
  objects_node_class(py, &f.class, NULL);
  for (int i = 0; i < 2; i++) {
    gc_py_instance(py, &f.node[i], &f.class);
    objects_setattr(py, &f.node[i], "next", &f.node[i]);
    make(py, &f.weakref[i], &f.node[i], 'c');
  }
  for (int i = 0; i < 2; i++)
    gc_root_clear(py->m, &f.node[i]);
  test_collect(py->m);
  if (test_finds_cycles())
    assert_string_equal(log_text, "cc");
  else if (!gc_collector.reclaims_cycles)
    assert_string_equal(log_text, "");
}

/* W-6 */
static void not_everything_can_be_a_target(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, object, closure, class, weakref);
  gc_py_int(py, &f.object, 1000);
  assert_int_equal(gc_py_weakref(py, &f.weakref, &f.object, NULL),
                   GC_PY_WRONG_KIND);
  gc_py_list(py, &f.object, NULL, 0);
  assert_int_equal(gc_py_weakref(py, &f.weakref, &f.object, NULL),
                   GC_PY_WRONG_KIND);
  gc_py_class(py, &f.class, &(struct gc_py_class_desc){.name = "Slots"});
  gc_py_instance(py, &f.object, &f.class);
  assert_int_equal(gc_py_weakref(py, &f.weakref, &f.object, NULL),
                   GC_PY_WRONG_KIND);
  assert_int_equal(gc_py_weakref(py, &f.weakref, &f.class, NULL), GC_PY_OK);
  gc_py_closure(py, &f.closure, note_callback, NULL);
  assert_int_equal(gc_py_weakref(py, &f.weakref, &f.closure, NULL), GC_PY_OK);
  assert_int_equal(gc_py_weakref(py, &f.weakref, &f.closure, &f.closure),
                   GC_PY_WRONG_KIND);
}

/* Threads put weak references with callbacks on one instance; each is called
   back once. */
enum { EACH = 20, THREADS = 4 };
static _Atomic unsigned calls;
static void count_call(const struct gc_py *py, const gc_root *self,
                       const gc_root *weakref) {
  (void)py;
  (void)self;
  CHECK(gc_root_get(weakref) != NULL);
  atomic_fetch_add(&calls, 1);
}

struct shared {
  const struct gc_py *py;
  gc_root node, kept; /* global */
};

static void refer(struct test_thread *self) {
  struct shared *shared = self->shared;
  const struct gc_py py = {self->m, shared->py->world};
  GC_FRAME(py.m, f, node, closure, weakref);
  gc_root_set(py.m, &f.node, gc_root_get(&shared->node));
  gc_py_closure(&py, &f.closure, count_call, NULL);
  for (size_t i = 0; i < EACH; i++) {
    CHECK(gc_py_weakref(&py, &f.weakref, &f.node, &f.closure) == GC_PY_OK);
    gc_set(py.m, gc_root_get(&shared->kept), self->index * EACH + i,
           gc_root_get(&f.weakref));
  }
}

static void threads_refer_to_one_instance(void **state) {
  const struct gc_py *py = *state;
  struct shared shared = {py, {NULL}, {NULL}};
  atomic_store(&calls, 0);
  gc_global_add(py->m->heap, &shared.node);
  gc_global_add(py->m->heap, &shared.kept);
  {
    GC_FRAME(py->m, f, class, node, kept);
    objects_node_class(py, &f.class, NULL);
    gc_global_set(py->m, &shared.node, gc_py_instance(py, &f.node, &f.class));
    gc_global_set(py->m, &shared.kept,
                  gc_new_array(py->m, &f.kept, test_refs, EACH * THREADS));
  }
  test_threads_run(py->m, THREADS, refer, &shared);
  gc_global_remove(py->m, &shared.node);
  test_collect(py->m);
  if (test_finds_garbage() && !test_counts_narrowly())
    assert_int_equal(calls, EACH * THREADS);
  gc_global_remove(py->m, &shared.kept);
}

/* An instance that its finalizer resurrected can get new weak references. */
static gc_root saved; /* global */
static void bring_back(const struct gc_py *py, const gc_root *self) {
  note('d');
  gc_global_set(py->m, &saved, gc_root_get(self));
}

static void resurrected_targets_call_back(void **state) {
  const struct gc_py *py = *state;
  log_clear();
  gc_global_add(py->m->heap, &saved);
  {
    GC_FRAME(py->m, f, class, node, first, second);
    objects_node_class(py, &f.class, bring_back);
    gc_py_instance(py, &f.node, &f.class);
    objects_setattr(py, &f.node, "next", &f.node);
    make(py, &f.first, &f.node, '1');
    gc_root_clear(py->m, &f.node);
    test_collect(py->m);
    bool is_back = gc_root_get(&saved) != NULL;
    assert_true(is_back || !test_finds_cycles());
    gc_root_set(py->m, &f.node, gc_root_get(&saved));
    gc_global_set(py->m, &saved, NULL);
    if (is_back)
      make(py, &f.second, &f.node, '2');
    gc_root_clear(py->m, &f.node);
    test_collect(py->m);
    if (test_finds_cycles()) {
      assert_int_equal(strlen(log_text), 3);
      assert_true(strchr(log_text, 'd') && strchr(log_text, '1') &&
                  strchr(log_text, '2'));
    }
  }
  gc_global_remove(py->m, &saved);
}

/* Weak references that died leave no watchers behind, but for a few. */
static size_t watchers_of(gc_ref node, gc_ref class) {
  gc_ref at = gc_get(node, gc_py_class_data(class)->watch);
  size_t count = 0, slot = GC_PY_WATCH_FIRST;
  while (at != NULL && (at = gc_get(at, slot)) != NULL) {
    count++;
    slot = GC_PY_WATCHER_NEXT;
  }
  return count;
}

/* The number of watchers does not depend on the number of temporary weak
   references. */
static void watchers_go_with_their_weakrefs(void **state) {
  enum { TEMPORARY = 400, STEP = 100, KEPT = 40, MOST = 2 * KEPT + 16 };
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, node, kept[KEPT], gone);
  objects_node_class(py, &f.class, NULL);
  gc_py_instance(py, &f.node, &f.class);
  log_clear();
  for (int i = 0; i < KEPT; i++)
    make(py, &f.kept[i], &f.node, 'k');
  for (int n = TEMPORARY; n <= 4 * TEMPORARY; n *= 2) {
    for (int i = 0; i < n; i++) {
      make(py, &f.gone, &f.node, 'g');
      gc_root_clear(py->m, &f.gone);
      if (i % STEP == 0)
        test_settle(py->m);
    }
    size_t count = watchers_of(gc_root_get(&f.node), gc_root_get(&f.class));
    if (test_finds_garbage())
      assert_in_range(count, KEPT, 2 * (KEPT + STEP) + 16);
    if (gc_collector.prompt)
      assert_in_range(count, KEPT, MOST);
  }
  test_collect(py->m);
  size_t count = gc_py_weakref_count(py, &f.node);
  if (test_finds_garbage())
    assert_int_equal(count, KEPT);
  assert_int_equal(watchers_of(gc_root_get(&f.node), gc_root_get(&f.class)),
                   count);
}

int objects_weakrefs(void) {
  const struct CMUnitTest tests[] = {
      objects_test(gives_the_target_until_it_dies),
      objects_test(callbacks_come_newest_first),
      objects_test(a_dead_weakref_never_calls_back),
      objects_test(loops_call_back_once),
      objects_test(not_everything_can_be_a_target),
      objects_test(threads_refer_to_one_instance),
      objects_test(resurrected_targets_call_back),
      objects_test(watchers_go_with_their_weakrefs),
  };
  return cmocka_run_group_tests_name("weakrefs", tests, NULL, NULL);
}
