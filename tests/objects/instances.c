/* SPDX-License-Identifier: MIT */
/* Classes, instances, their attributes and finalizers; closures. */
#include "tests/objects/objects.h"

static void attributes_are_slots(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, node, value);
  objects_node_class(py, &f.class, NULL);
  gc_py_instance(py, &f.node, &f.class);
  assert_ptr_equal(gc_py_class_of(gc_root_get(&f.node)), gc_root_get(&f.class));
  assert_null(objects_getattr(py, &f.node, "data"));
  gc_py_int(py, &f.value, 7);
  objects_setattr(py, &f.node, "data", &f.value);
  objects_setattr(py, &f.node, "next", &f.node);
  gc_ref next = objects_getattr(py, &f.node, "next");
  assert_ptr_equal(next, gc_root_get(&f.node));
  assert_int_equal(gc_py_int_value(objects_getattr(py, &f.node, "data")), 7);
  STR(py, &f.value, "next");
  assert_int_equal(
      gc_py_class_slot(gc_root_get(&f.class), gc_root_get(&f.value)), 2);
  assert_int_equal(
      gc_py_delattr(py, gc_root_get(&f.node), gc_root_get(&f.value)), GC_PY_OK);
  assert_int_equal(
      gc_py_delattr(py, gc_root_get(&f.node), gc_root_get(&f.value)),
      GC_PY_NO_SUCH_KEY);
  assert_null(objects_getattr(py, &f.node, "next"));
}

/* A node with two attributes: CPython takes 48 bytes for the object and more
   than as many again for its values. */
static void two_attributes_take_32_bytes(void **state) {
  const struct gc_py *py = *state;
  const char *const attributes[] = {"data", "next", NULL};
  GC_FRAME(py->m, f, class, node);
  gc_py_class(py, &f.class,
              &(struct gc_py_class_desc){"Node", attributes, 0, NULL});
  assert_int_equal(gc_sizeof(gc_py_instance(py, &f.node, &f.class)), 32);
}

static void other_attributes_need_an_open_class(void **state) {
  const struct gc_py *py = *state;
  const char *const attributes[] = {"data", NULL};
  for (unsigned flags = 0; flags <= (GC_PY_OPEN | GC_PY_WEAKLY); flags++) {
    bool is_open = (flags & GC_PY_OPEN) != 0;
    GC_FRAME(py->m, f, class, object, name, value);
    gc_py_class(py, &f.class,
                &(struct gc_py_class_desc){"C", attributes, flags, NULL});
    gc_py_instance(py, &f.object, &f.class);
    STR(py, &f.name, "other");
    gc_py_int(py, &f.value, 5);
    assert_int_equal(gc_py_setattr(py, &f.object, &f.name, &f.value),
                     is_open ? GC_PY_OK : GC_PY_NO_SUCH_KEY);
    assert_int_equal(objects_getattr(py, &f.object, "other") != NULL, is_open);
    assert_int_equal(
        gc_py_delattr(py, gc_root_get(&f.object), gc_root_get(&f.name)),
        is_open ? GC_PY_OK : GC_PY_NO_SUCH_KEY);
    assert_int_equal(gc_py_setattr(py, &f.object, &f.value, &f.value),
                     GC_PY_WRONG_KIND);
    assert_int_equal(gc_py_setattr(py, &f.value, &f.name, &f.value),
                     GC_PY_WRONG_KIND);
  }
}

static void instances_have_what_their_class_has(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, object, value);
  objects_node_class(py, &f.class, NULL);
  gc_py_instance(py, &f.object, &f.class);
  gc_py_int(py, &f.value, 5);
  objects_setattr(py, &f.class, "shared", &f.value);
  assert_int_equal(gc_py_int_value(objects_getattr(py, &f.object, "shared")),
                   5);
  assert_null(objects_getattr(py, &f.class, "data"));
}

/* More slots than there are types for. */
static void classes_may_be_large(void **state) {
  const struct gc_py *py = *state;
  const char *attributes[41] = {0};
  char names[40][3];
  GC_FRAME(py->m, f, class, object, value);
  for (int i = 0; i < 40; i++) {
    names[i][0] = 'a';
    names[i][1] = (char)('A' + i);
    names[i][2] = 0;
    attributes[i] = names[i];
  }
  gc_py_class(py, &f.class,
              &(struct gc_py_class_desc){"Big", attributes, 0, NULL});
  gc_py_instance(py, &f.object, &f.class);
  for (int i = 0; i < 40; i++) {
    gc_py_int(py, &f.value, 1000 + i);
    objects_setattr(py, &f.object, names[i], &f.value);
  }
  for (int i = 0; i < 40; i++)
    assert_int_equal(gc_py_int_value(objects_getattr(py, &f.object, names[i])),
                     1000 + i);
}

static unsigned finalized;
static void count_finalized(const struct gc_py *py, const gc_root *self) {
  GC_FRAME(py->m, f, kept);
  gc_root_set(py->m, &f.kept, objects_getattr(py, self, "data"));
  CHECK(gc_py_int_value(gc_root_get(&f.kept)) == 1000);
  finalized++;
}

static void finalizers_see_a_whole_instance(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, node, value);
  finalized = 0;
  objects_node_class(py, &f.class, count_finalized);
  gc_py_instance(py, &f.node, &f.class);
  gc_py_int(py, &f.value, 1000);
  objects_setattr(py, &f.node, "data", &f.value);
  gc_root_clear(py->m, &f.value);
  gc_root_clear(py->m, &f.class);
  gc_root_clear(py->m, &f.node);
  test_settle(py->m);
  assert_in_range(finalized, test_least_dead(1), test_most_dead(1));
}

/* T-51: an instance and its class die together, each holding the other. */
static void an_instance_dies_with_its_class(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, node, value);
  finalized = 0;
  objects_node_class(py, &f.class, count_finalized);
  gc_py_instance(py, &f.node, &f.class);
  gc_py_int(py, &f.value, 1000);
  objects_setattr(py, &f.node, "data", &f.value);
  objects_setattr(py, &f.class, "only", &f.node);
  gc_root_clear(py->m, &f.value);
  gc_root_clear(py->m, &f.class);
  gc_root_clear(py->m, &f.node);
  test_collect(py->m);
  bool finds = test_finds_cycles();
  assert_in_range(finalized, finds, gc_collector.reclaims_cycles);
}

static void note_call(const struct gc_py *py, const gc_root *self,
                      const gc_root *argument) {
  gc_ref bound = gc_py_closure_bound(gc_root_get(self));
  gc_py_list_clear(py, bound);
  CHECK(gc_root_get(argument) == bound);
}

static void closures_have_what_they_are_bound_to(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, item, closure);
  gc_py_int(py, &f.item, 7);
  gc_py_list(py, &f.list, &f.item, 1);
  gc_py_closure(py, &f.closure, note_call, &f.list);
  gc_py_call(py, &f.closure, &f.list);
  assert_int_equal(gc_py_list_length(gc_root_get(&f.list)), 0);
  assert_int_equal(gc_py_kind_of(gc_root_get(&f.closure)), GC_PY_CLOSURE);
}

int objects_instances(void) {
  const struct CMUnitTest tests[] = {
      objects_test(attributes_are_slots),
      objects_test(two_attributes_take_32_bytes),
      objects_test(other_attributes_need_an_open_class),
      objects_test(instances_have_what_their_class_has),
      objects_test(classes_may_be_large),
      objects_test(finalizers_see_a_whole_instance),
      objects_test(an_instance_dies_with_its_class),
      objects_test(closures_have_what_they_are_bound_to),
  };
  return cmocka_run_group_tests_name("instances", tests, NULL, NULL);
}
