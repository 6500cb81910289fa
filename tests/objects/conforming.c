/* SPDX-License-Identifier: MIT */
/* Those of CPython's own tests that the other files do not cover;
   docs/python.md lists them. */
#include "objects/inspect.h"
#include "objects/intern.h"
#include "tests/objects/objects.h"

/* A full collection; with nothing else to find it finds what the caller says,
   and of the parts of dictionaries at least so many. */
static void check_found(const struct gc_py *py, size_t least) {
  size_t found;
  assert_int_equal(gc_py_collect(py, 2, &found), GC_PY_OK);
  if (test_finds_cycles() && !test_is_stressed())
    assert_true(found >= least);
}

/* No garbage is left, once the table of interned strings has dropped its
   dead entries. */
static void check_clean(const struct gc_py *py) {
  size_t found;
  for (int i = 0; i < 3; i++)
    gc_py_collect(py, 2, &found);
  if (gc_collector.precise)
    assert_int_equal(found, 0);
}

/* T-07: instances in themselves, then their classes, then a class that holds
   an instance of its own. */
static void instances_then_their_classes(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, classes[3], node);
  check_clean(py);
  for (int i = 0; i < 3; i++) {
    objects_node_class(py, &f.classes[i], NULL);
    gc_py_instance(py, &f.node, &f.classes[i]);
    objects_setattr(py, &f.node, "next", &f.node);
    gc_root_clear(py->m, &f.node);
    check_found(py, 1);
  }
  for (int i = 0; i < 3; i++) {
    objects_setattr(py, &f.classes[i], "me", &f.classes[i]);
    gc_root_clear(py->m, &f.classes[i]);
    check_found(py, 1);
  }
  objects_node_class(py, &f.classes[0], NULL);
  gc_py_instance(py, &f.node, &f.classes[0]);
  objects_setattr(py, &f.classes[0], "only", &f.node);
  gc_root_clear(py->m, &f.node);
  gc_root_clear(py->m, &f.classes[0]);
  check_found(py, 2);
  check_clean(py);
}

/* T-11: a function and the dictionary of its globals. T-13: one that holds its
   own frame. */
static void functions_hold_themselves(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, function, globals, name);
  check_clean(py);
  gc_py_dict(py, &f.globals);
  gc_py_closure(py, &f.function, NULL, &f.globals);
  gc_py_literal(py, &f.name, "f");
  gc_py_dict_set(py, &f.globals, &f.name, &f.function);
  gc_root_clear(py->m, &f.function);
  gc_root_clear(py->m, &f.globals);
  check_found(py, 2);
  gc_py_list(py, &f.globals, NULL, 0);
  gc_py_closure(py, &f.function, NULL, &f.globals);
  gc_py_list_append(py, &f.globals, &f.function);
  gc_root_clear(py->m, &f.function);
  gc_root_clear(py->m, &f.globals);
  check_found(py, 1);
}

/* T-53: what is collected with the class is still whole for the finalizer, and
   it may change the class. */
static unsigned changed;
static void change_class(const struct gc_py *py, const gc_root *self) {
  GC_FRAME(py->m, f, class, name, value);
  gc_root_set(py->m, &f.class, gc_py_class_of(gc_root_get(self)));
  CHECK(gc_py_literal(py, &f.name, "changed") != NULL);
  CHECK(gc_py_int(py, &f.value, 1000) != NULL);
  CHECK(gc_py_setattr(py, &f.class, &f.name, &f.value) == GC_PY_OK);
  CHECK(gc_py_getattr(gc_root_get(self), gc_root_get(&f.name)) ==
        gc_root_get(&f.value));
  changed++;
}

static void finalizers_may_change_their_class(void **state) {
  const struct gc_py *py = *state;
  {
    GC_FRAME(py->m, f, class, node, weakref, found);
    changed = 0;
    objects_node_class(py, &f.class, change_class);
    gc_py_instance(py, &f.node, &f.class);
    gc_py_weakref(py, &f.weakref, &f.class, NULL);
    objects_setattr(py, &f.class, "only", &f.node);
    gc_root_clear(py->m, &f.node);
    gc_root_clear(py->m, &f.class);
    test_collect(py->m);
    if (test_finds_cycles()) {
      assert_int_equal(changed, 1);
      assert_null(gc_py_weakref_get(py, &f.found, gc_root_get(&f.weakref)));
    }
  }
  test_collect(py->m);
}

/* No finalizer and no callback is called once the world is closed, not even
   when its memory serves another one. */
static void note_late(const struct gc_py *py, const gc_root *self) {
  (void)py;
  (void)self;
  changed++;
}
static void note_late_call(const struct gc_py *py, const gc_root *self,
                           const gc_root *weakref) {
  (void)weakref;
  note_late(py, self);
}

static void what_outlives_its_world_dies_quietly(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, node, closure, weakref);
  struct gc_py other = objects_world(py->m, NULL);
  changed = 0;
  objects_node_class(&other, &f.class, note_late);
  gc_py_instance(&other, &f.node, &f.class);
  gc_py_closure(&other, &f.closure, note_late_call, NULL);
  gc_py_weakref(&other, &f.weakref, &f.node, &f.closure);
  gc_py_close(py->m, other.world);
  struct gc_py next = objects_world(py->m, NULL);
  assert_ptr_equal(next.world, other.world);
  gc_root_clear(py->m, &f.node);
  test_collect(py->m);
  assert_int_equal(changed, 0);
  gc_py_close(py->m, next.world);
}

/* T-43: an object that does not belong to this layer. */
static void strangers_have_no_referents(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, stranger, leaf, found);
  test_make(py->m, &f.stranger, test_node, 1);
  test_make(py->m, &f.leaf, test_leaf, 2);
  gc_set(py->m, gc_root_get(&f.stranger), 0, gc_root_get(&f.leaf));
  assert_int_equal(gc_py_referents(py, &f.found, &f.stranger), GC_PY_OK);
  assert_int_equal(gc_py_list_length(gc_root_get(&f.found)), 0);
  assert_false(gc_py_is_tracked(gc_root_get(&f.stranger)));
}

/* T-17, T-18, A-4 */
static void counts_follow_collections(void **state) {
  const struct gc_py *py = *state;
  const uint64_t expected[3][2] = {{1, 0}, {0, 1}, {0, 0}};
  uint64_t count;
  size_t found;
  gc_py_collect(py, 2, &found);
  for (int asked = 0; asked < 3; asked++) {
    gc_py_collect(py, asked, &found);
    for (int older = 1; older < 3; older++) {
      assert_int_equal(gc_py_count(py, older, &count), GC_PY_OK);
      assert_int_equal(count, expected[asked][older - 1]);
    }
  }
  assert_int_equal(gc_py_count(py, 0, &count), GC_PY_NOT_IN_COLLECTOR);
  assert_int_equal(gc_py_count(py, 3, &count), GC_PY_WRONG_VALUE);
}

/* T-09, T-10, T-14, T-46: no finalizer makes a cycle uncollectable, and what
   is found dead is not kept. */
static void nothing_found_dead_is_kept(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, found);
  assert_int_equal(gc_py_save_all(py, true), GC_PY_NOT_IN_COLLECTOR);
  assert_int_equal(gc_py_garbage(py, &f.found), GC_PY_NOT_IN_COLLECTOR);
  assert_null(gc_root_get(&f.found));
}

/* T-47: a reference that was not counted is reported. */
static void a_count_too_low_is_told(void **state) {
  const struct gc_py *py = *state;
  if (!gc_collector.counts)
    skip();
  GC_FRAME(py->m, f, holder, item);
  test_make(py->m, &f.holder, test_node, 1);
  test_make(py->m, &f.item, test_leaf, 2);
  gc_slot_store(gc_root_get(&f.holder), 0, gc_root_get(&f.item));
  char said[256];
  size_t broken = test_verify(py->m, said, sizeof said);
  gc_slot_store(gc_root_get(&f.holder), 0, NULL);
  assert_int_equal(broken, 1);
  assert_non_null(strstr(said, "its count is lower than the references to it"));
  assert_int_equal(gc_verify(py->m), 0);
}

/* T-54: requesting a freeze, collecting and undoing the freeze have no side
   effects. */
static void freezing_does_no_harm(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, item);
  size_t found;
  gc_py_list(py, &f.list, &f.item, 1);
  assert_int_equal(gc_py_freeze(py), GC_PY_NOT_IN_COLLECTOR);
  gc_py_collect(py, 2, &found);
  assert_int_equal(gc_py_unfreeze(py), GC_PY_NOT_IN_COLLECTOR);
  assert_int_equal(gc_py_list_length(gc_root_get(&f.list)), 1);
}

int objects_conforming(void) {
  const struct CMUnitTest tests[] = {
      objects_test(instances_then_their_classes),
      objects_test(functions_hold_themselves),
      objects_test(finalizers_may_change_their_class),
      objects_test(what_outlives_its_world_dies_quietly),
      objects_test(strangers_have_no_referents),
      objects_test(counts_follow_collections),
      objects_test(nothing_found_dead_is_kept),
      objects_test(a_count_too_low_is_told),
      objects_test(freezing_does_no_harm),
  };
  return cmocka_run_group_tests_name("conforming", tests, NULL, NULL);
}
