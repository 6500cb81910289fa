/* SPDX-License-Identifier: MIT */
/* The functions of `gc` and `sys`. */
#include <stdlib.h>

#include "objects/inspect.h"
#include "tests/objects/objects.h"

static bool list_has(gc_ref list, gc_ref object) {
  for (size_t i = 0; i < gc_py_list_length(list); i++)
    if (gc_py_list_get(list, i) == object)
      return true;
  return false;
}

/* x = random(); sys.getrefcount(x), without the one of the argument. */
static void counts_follow_names(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, x, ref);
  size_t count;
  gc_py_float(py, &f.x, 0.5);
  enum gc_py_status status = gc_py_refcount(py, gc_root_get(&f.x), &count);
  if (!gc_collector.counts) {
    assert_int_equal(status, GC_PY_NOT_IN_COLLECTOR);
    return;
  }
  assert_int_equal(status, GC_PY_OK);
  assert_int_equal(count, 1);
  gc_root_set(py->m, &f.ref, gc_root_get(&f.x));
  gc_py_refcount(py, gc_root_get(&f.x), &count);
  assert_int_equal(count, 2);
  gc_root_clear(py->m, &f.ref);
  gc_py_refcount(py, gc_root_get(&f.x), &count);
  assert_int_equal(count, 1);
}

static void sizes_have_parts_in_them(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, items[3], dict);
  gc_py_list(py, &f.list, NULL, 0);
  size_t empty = gc_py_sizeof(gc_root_get(&f.list));
  assert_int_equal(empty, gc_sizeof(gc_root_get(&f.list)));
  gc_py_list_resize(py, &f.list, 3);
  gc_ref items = gc_get(gc_root_get(&f.list), GC_PY_LIST_STORAGE);
  assert_int_equal(gc_py_sizeof(gc_root_get(&f.list)),
                   empty + gc_sizeof(items));
  gc_py_dict(py, &f.dict);
  for (int i = 0; i < 20; i++) {
    gc_py_int(py, &f.items[0], i);
    gc_py_dict_set(py, &f.dict, &f.items[0], &f.items[0]);
  }
  gc_ref dict = gc_root_get(&f.dict);
  assert_int_equal(gc_py_sizeof(dict), gc_sizeof(dict) +
                                           gc_sizeof(gc_get(dict, 0)) +
                                           gc_sizeof(gc_get(dict, 1)));
}

/* T-26 */
static void containers_are_tracked(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, object, item[1], class);
  assert_false(gc_py_is_tracked(gc_py_none(py)));
  assert_false(gc_py_is_tracked(gc_py_int(py, &f.item[0], 1000)));
  assert_false(gc_py_is_tracked(gc_py_float(py, &f.object, 1)));
  assert_false(gc_py_is_tracked(STR(py, &f.object, "text")));
  assert_false(gc_py_is_tracked(gc_py_tuple(py, &f.object, NULL, 0)));
  assert_true(gc_py_is_tracked(gc_py_tuple(py, &f.object, f.item, 1)));
  assert_true(gc_py_is_tracked(gc_py_list(py, &f.object, NULL, 0)));
  assert_true(gc_py_is_tracked(gc_py_dict(py, &f.object)));
  objects_node_class(py, &f.class, NULL);
  assert_true(gc_py_is_tracked(gc_root_get(&f.class)));
  assert_true(gc_py_is_tracked(gc_py_instance(py, &f.object, &f.class)));
}

static gc_root revived; /* global, while its test runs */
static bool may_revive;
static void revive(const struct gc_py *py, const gc_root *self) {
  if (may_revive)
    gc_global_set(py->m, &revived, gc_root_get(self));
}

/* T-27, T-39: an object stays finalized after resurrection and is not
   finalized again. */
static void finalized_once(void **state) {
  const struct gc_py *py = *state;
  gc_global_add(py->m->heap, &revived);
  may_revive = true;
  {
    GC_FRAME(py->m, f, class, node);
    objects_node_class(py, &f.class, revive);
    gc_py_instance(py, &f.node, &f.class);
    assert_false(gc_py_is_finalized(gc_root_get(&f.node)));
    assert_false(gc_py_is_finalized(gc_py_none(py)));
    gc_root_clear(py->m, &f.node);
    test_settle(py->m);
  }
  gc_ref node = gc_root_get(&revived);
  if (test_finds_garbage())
    assert_non_null(node);
  if (node != NULL)
    assert_true(gc_py_is_finalized(node));
  gc_global_set(py->m, &revived, NULL);
  test_collect(py->m);
  if (test_finds_garbage())
    assert_null(gc_root_get(&revived));
  may_revive = false; /* from here on, at the end of the heap */
  gc_global_remove(py->m, &revived);
}

/* T-25: duplicates are kept, atoms have none. */
static void referents_are_contents(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, a, items[3], object, found);
  gc_py_int(py, &f.a, 1000);
  for (int i = 0; i < 3; i++)
    gc_root_set(py->m, &f.items[i], gc_root_get(&f.a));
  gc_py_list(py, &f.object, f.items, 3);
  assert_int_equal(gc_py_referents(py, &f.found, &f.object), GC_PY_OK);
  assert_int_equal(gc_py_list_length(gc_root_get(&f.found)), 3);
  assert_ptr_equal(gc_py_list_get(gc_root_get(&f.found), 2), gc_root_get(&f.a));
  gc_py_dict(py, &f.object);
  gc_py_dict_set(py, &f.object, &f.a, &f.items[0]);
  gc_py_referents(py, &f.found, &f.object);
  assert_int_equal(gc_py_list_length(gc_root_get(&f.found)), 2);
  gc_py_referents(py, &f.found, &f.a);
  assert_int_equal(gc_py_list_length(gc_root_get(&f.found)), 0);
}

/* T-36, T-38 */
static void objects_can_be_listed(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, item, found, hidden);
  gc_py_list(py, &f.list, NULL, 0);
  gc_py_int(py, &f.item, 1000);
  gc_py_list_append(py, &f.list, &f.list);
  gc_py_list_append(py, &f.list, &f.item);
  assert_int_equal(gc_py_objects(py, &f.found, -1), GC_PY_OK);
  assert_true(list_has(gc_root_get(&f.found), gc_root_get(&f.list)));
  assert_false(list_has(gc_root_get(&f.found), gc_root_get(&f.item)));
  assert_false(list_has(gc_root_get(&f.found), gc_root_get(&f.found)));
  assert_int_equal(gc_py_objects(py, &f.found, 3), GC_PY_WRONG_VALUE);
  assert_int_equal(gc_py_objects(py, &f.found, -1000), GC_PY_WRONG_VALUE);
}

/* T-37: an object is in one generation at a time, and never gets younger. */
static void objects_have_a_generation(void **state) {
  const struct gc_py *py = *state;
  size_t found;
  if (test_is_stressed())
    skip(); /* it can grow older between the two calls */
  GC_FRAME(py->m, f, list, found);
  gc_py_list(py, &f.list, NULL, 0);
  for (int round = 0; round < 4; round++) {
    int generation = -1;
    for (int g = 0; g < GC_PY_GENERATIONS; g++) {
      assert_int_equal(gc_py_objects(py, &f.found, g), GC_PY_OK);
      if (!list_has(gc_root_get(&f.found), gc_root_get(&f.list)))
        continue;
      assert_int_equal(generation, -1);
      generation = g;
    }
    int oldest = (int)gc_collector.generations - 1;
    if (gc_collector.promotes)
      assert_int_equal(generation, round < oldest ? round : oldest);
    assert_in_range(generation, 0, oldest);
    gc_py_collect(py, round < 2 ? round : 2, &found);
  }
}

static void referrers_hold_it(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, target, list, dict, key, other, found);
  gc_py_float(py, &f.target, 0.5);
  gc_py_list(py, &f.list, &f.target, 1);
  gc_py_list(py, &f.other, NULL, 0);
  gc_py_dict(py, &f.dict);
  STR(py, &f.key, "key");
  gc_py_dict_set(py, &f.dict, &f.key, &f.target);
  assert_int_equal(gc_py_referrers(py, &f.found, &f.target), GC_PY_OK);
  gc_ref found = gc_root_get(&f.found);
  assert_int_equal(gc_py_list_length(found), 2);
  assert_true(list_has(found, gc_root_get(&f.list)));
  assert_true(list_has(found, gc_root_get(&f.dict)));
}

/* --- collecting ----------------------------------------------------------- */

/* T-01 to T-03, T-06, T-08, T-11: self-references of every kind. */
static void cycle_make(const struct gc_py *py, int kind) {
  GC_FRAME(py->m, f, a, b, class);
  objects_node_class(py, &f.class, NULL);
  if (kind == 0) {
    gc_py_list(py, &f.a, NULL, 0);
    gc_py_list_append(py, &f.a, &f.a);
  } else if (kind == 1) {
    gc_py_dict(py, &f.a);
    gc_py_int(py, &f.b, 1);
    gc_py_dict_set(py, &f.a, &f.b, &f.a);
  } else if (kind == 2) {
    gc_py_list(py, &f.a, NULL, 0);
    gc_py_tuple(py, &f.b, &f.a, 1);
    gc_py_list_append(py, &f.a, &f.b);
  } else if (kind == 3) {
    gc_py_instance(py, &f.a, &f.class);
    objects_setattr(py, &f.a, "next", &f.a);
  } else if (kind == 4) {
    gc_py_instance(py, &f.a, &f.class);
    gc_py_closure(py, &f.b, NULL, &f.a);
    objects_setattr(py, &f.a, "next", &f.b);
  } else {
    objects_setattr(py, &f.class, "me", &f.class);
  }
}

static void cycles_of_every_kind_are_found(void **state) {
  const struct gc_py *py = *state;
  const size_t least[] = {1, 1, 2, 1, 2, 1};
  size_t found;
  if (test_is_stressed())
    skip(); /* they are found before they are looked for */
  for (int kind = 0; kind < 6; kind++) {
    gc_py_collect(py, 2, &found);
    cycle_make(py, kind);
    assert_int_equal(gc_py_collect(py, 2, &found), GC_PY_OK);
    if (test_finds_cycles())
      assert_true(found >= least[kind]);
    /* Entries dropped by the table of interned strings are freed a little
       later. */
    gc_py_collect(py, 2, &found);
    gc_py_collect(py, 2, &found);
    if (gc_collector.precise)
      assert_int_equal(found, 0);
  }
}

/* A-2, T-34 */
static void generations_and_statistics(void **state) {
  const struct gc_py *py = *state;
  uint64_t before[3], collected, after;
  size_t found;
  assert_int_equal(gc_py_collect(py, 3, &found), GC_PY_WRONG_VALUE);
  assert_int_equal(gc_py_collect(py, -1, &found), GC_PY_WRONG_VALUE);
  assert_int_equal(gc_py_stats(py, 3, &after, &collected), GC_PY_WRONG_VALUE);
  for (int asked = 0; asked < 3; asked++) {
    for (int g = 0; g < 3; g++)
      gc_py_stats(py, g, &before[g], &collected);
    gc_py_collect(py, asked, &found);
    for (int g = 0; g < 3; g++) {
      gc_py_stats(py, g, &after, &collected);
      assert_int_equal(after, before[g] + (g == asked));
    }
  }
}

/* T-44, T-45; and a nested call finds nothing. */
struct heard {
  const struct gc_py *py;
  int starts, stops, generation;
};
static void hear(void *data, bool is_stop, int generation, size_t found) {
  struct heard *heard = data;
  size_t nested = 1;
  *(is_stop ? &heard->stops : &heard->starts) += 1;
  heard->generation = generation;
  CHECK(is_stop || found == 0);
  CHECK(gc_py_collect(heard->py, 2, &nested) == GC_PY_OK && nested == 0);
}

static void callbacks_hear_of_it(void **state) {
  const struct gc_py *py = *state;
  struct heard first = {.py = py}, second = {.py = py};
  size_t found;
  gc_py_callback_add(py, hear, &first);
  gc_py_callback_add(py, hear, &second);
  gc_py_collect(py, 2, &found);
  assert_int_equal(gc_py_callback_remove(py, hear, &first), GC_PY_OK);
  assert_int_equal(gc_py_callback_remove(py, hear, &first), GC_PY_NO_SUCH_KEY);
  gc_py_collect(py, 1, &found);
  assert_int_equal(first.starts, 1);
  assert_int_equal(first.stops, 1);
  assert_int_equal(first.generation, 2);
  assert_int_equal(second.starts, 2);
  assert_int_equal(second.stops, 2);
  assert_int_equal(second.generation, 1);
}

/* T-50 */
static void automatic_collection_can_be_switched_off(void **state) {
  const struct gc_py *py = *state;
  uint64_t before, value;
  bool has = gc_collector.threshold_set != NULL;
  enum gc_py_status expected = has ? GC_PY_OK : GC_PY_NOT_IN_COLLECTOR;
  assert_int_equal(gc_py_is_enabled(py), has);
  assert_int_equal(gc_py_threshold(py, 0, &before), expected);
  assert_int_equal(gc_py_disable(py), expected);
  assert_false(gc_py_is_enabled(py));
  if (has) {
    assert_int_equal(gc_threshold_get(py->m->heap, 0), 0);
    assert_int_equal(gc_py_set_threshold(py, 0, before + 1), GC_PY_OK);
    assert_int_equal(gc_threshold_get(py->m->heap, 0), 0);
    gc_py_threshold(py, 0, &value);
    assert_int_equal(value, before + 1);
  }
  assert_int_equal(gc_py_enable(py), expected);
  assert_int_equal(gc_py_is_enabled(py), has);
  if (has)
    assert_int_equal(gc_threshold_get(py->m->heap, 0), before + 1);
  assert_int_equal(gc_py_threshold(py, 3, &value), GC_PY_WRONG_VALUE);
}

/* Every gc_threshold_set of this program comes here: --wrap in
   tests/CMakeLists.txt. */
static _Atomic unsigned sets;
bool __real_gc_threshold_set(gc_heap *, int generation, uint64_t value);
bool __wrap_gc_threshold_set(gc_heap *, int generation, uint64_t value);
bool __wrap_gc_threshold_set(gc_heap *heap, int generation, uint64_t value) {
  atomic_fetch_add(&sets, 1);
  return __real_gc_threshold_set(heap, generation, value);
}

/* So many that a collector which buffers candidates has gone through them once,
   and has put the next time off. */
static void make_cycles(const struct gc_py *py) {
  GC_FRAME(py->m, f, list);
  for (int i = 0; i < 500; i++) {
    gc_py_list(py, &f.list, NULL, 0);
    gc_py_list_append(py, &f.list, &f.list);
  }
}

/* Nothing is set, not even to what it is; and of the thread nothing changes,
   not where it allocates next, nor when it looks for cycles. */
static void asking_changes_nothing(void **state) {
  const struct gc_py *py = *state;
  size_t size = gc_collector.mutator_size;
  unsigned sets_before = atomic_load(&sets);
  make_cycles(py);
  void *before = malloc(size);
  CHECK(before != NULL);
  memcpy(before, py->m, size);
  uint64_t value;
  gc_py_is_enabled(py);
  for (int g = 0; g < GC_PY_GENERATIONS; g++)
    gc_py_threshold(py, g, &value);
  bool is_same = memcmp(before, py->m, size) == 0;
  free(before);
  assert_true(is_same);
  assert_int_equal(atomic_load(&sets), sets_before);
}

/* One thread sets and the other one asks: no setting is undone. */
static void ask_or_set(struct test_thread *self) {
  const struct gc_py py = {self->m, self->shared};
  for (uint64_t i = 1; i <= 100000; i++) {
    uint64_t value = 0;
    enum gc_py_status status = GC_PY_OK;
    if (self->index == 1)
      gc_py_is_enabled(&py);
    else
      status = gc_py_set_threshold(&py, 2, 1 + i % 100);
    if (self->index == 0 && status == GC_PY_OK)
      CHECK(gc_py_threshold(&py, 2, &value) == GC_PY_OK &&
            value == 1 + i % 100);
    gc_py_threshold(&py, 2, &value);
  }
}

static void threads_ask_and_set(void **state) {
  const struct gc_py *py = *state;
  test_threads_run(py->m, 2, ask_or_set, py->world);
}

static void nothing_can_be_frozen(void **state) {
  assert_int_equal(gc_py_freeze(*state), GC_PY_NOT_IN_COLLECTOR);
  assert_int_equal(gc_py_unfreeze(*state), GC_PY_NOT_IN_COLLECTOR);
}

int objects_inspecting(void) {
  const struct CMUnitTest tests[] = {
      objects_test(counts_follow_names),
      objects_test(sizes_have_parts_in_them),
      objects_test(containers_are_tracked),
      objects_test(finalized_once),
      objects_test(referents_are_contents),
      objects_test(objects_can_be_listed),
      objects_test(objects_have_a_generation),
      objects_test(referrers_hold_it),
      objects_test(cycles_of_every_kind_are_found),
      objects_test(generations_and_statistics),
      objects_test(callbacks_hear_of_it),
      objects_test(automatic_collection_can_be_switched_off),
      objects_test(asking_changes_nothing),
      objects_test(threads_ask_and_set),
      objects_test(nothing_can_be_frozen),
  };
  return cmocka_run_group_tests_name("inspecting", tests, NULL, NULL);
}
