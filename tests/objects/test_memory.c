/* SPDX-License-Identifier: MIT */
/* Memory runs out at every allocation of the objects, one after the other.
   Each scene is run with its first allocation failing, then its second,
   until none fails. A failure must leave everything unchanged; the scene
   checks this, and so does the verifier. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "objects/inspect.h"
#include "objects/intern.h"
#include "objects/number.h"
#include "objects/sequence.h"
#include "objects/str.h"
#include "objects/weakref.h"
#include "tests/support/support.h"

#include <cmocka.h>

/* Enough for every scene, and little for scenes that use all of it. */
enum { HEAP_BYTES = 4 << 20 };

/* Number of allocations until one fails; 0: none fails. */
static unsigned fail_in;

bool gc_py_test_allocation_fails(void) {
  return fail_in > 0 && --fail_in == 0;
}

/* True: nothing failed. */
typedef bool scene(const struct gc_py *);

static bool play(scene *scene, unsigned k) {
  struct gc_py py = {test_open(HEAP_BYTES), NULL};
  assert_int_equal(gc_py_open(py.m, NULL, &py.world), 0);
  fail_in = k;
  bool whole = scene(&py);
  bool failed = k > 0 && fail_in == 0;
  fail_in = 0;
  assert_int_equal(whole, !failed);
  gc_py_close(py.m, py.world);
  test_close(py.m);
  return whole;
}

static void play_all(scene *scene, unsigned least_failures) {
  unsigned k = 1;
  while (!play(scene, k))
    k++;
  assert_in_range(k, least_failures + 1, 3000);
}

/* --- scenes --------------------------------------------------------------- */

static bool opening(const struct gc_py *py) {
  struct gc_py_world *world = NULL;
  int error = gc_py_open(py->m, NULL, &world);
  assert_int_equal(error == 0, world != NULL);
  if (error == 0)
    gc_py_close(py->m, world);
  return error == 0;
}

static bool numbers(const struct gc_py *py) {
  GC_FRAME(py->m, f, number);
  gc_py_int(py, &f.number, 7);
  if (!gc_py_int(py, &f.number, 1000)) {
    assert_int_equal(gc_py_int_value(gc_root_get(&f.number)), 7);
    return false;
  }
  return gc_py_float(py, &f.number, 0.5) != NULL;
}

static bool strs(const struct gc_py *py) {
  GC_FRAME(py->m, f, a, b);
  if (!gc_py_str(py, &f.a, "first", 5) || !gc_py_str(py, &f.b, "second", 6))
    return false;
  bool joined = gc_py_str_join(py, &f.a, &f.a, &f.b) != NULL;
  assert_true(gc_py_str_is(gc_root_get(&f.a), "firstsecond", joined ? 11 : 5));
  return joined;
}

static bool tuples(const struct gc_py *py) {
  GC_FRAME(py->m, f, tuple, item[2], slice);
  if (!gc_py_float(py, &f.item[0], 1) || !gc_py_tuple(py, &f.tuple, f.item, 2))
    return false;
  return gc_py_tuple_slice(py, &f.slice, &f.tuple, 0, 1) != NULL;
}

/* More items than a list has slots for. */
static bool long_lists(const struct gc_py *py) {
  enum { ITEMS = GC_PY_LIST_OWN + 1 };
  GC_FRAME(py->m, f, list, items[ITEMS]);
  for (int i = 0; i < ITEMS; i++)
    gc_py_int(py, &f.items[i], i);
  bool made = gc_py_list(py, &f.list, f.items, ITEMS) != NULL;
  assert_int_equal(gc_root_get(&f.list) != NULL, made);
  return made;
}

/* A failed append leaves the list as it was; a pop never fails. */
static bool lists(const struct gc_py *py) {
  GC_FRAME(py->m, f, list, item, popped);
  gc_py_int(py, &f.item, 7);
  if (!gc_py_list(py, &f.list, &f.item, 1))
    return false;
  size_t length = 1;
  while (length < 100 && gc_py_list_append(py, &f.list, &f.item))
    length++;
  bool whole = length == 100;
  assert_int_equal(gc_py_list_length(gc_root_get(&f.list)), length);
  unsigned before = fail_in;
  for (; length > 0; length--)
    assert_true(gc_py_list_pop(py, &f.list, &f.popped));
  return whole && (before == 0 || fail_in > 0);
}

/* A failed insertion leaves the dictionary as it was. */
static bool dicts(const struct gc_py *py) {
  GC_FRAME(py->m, f, dict, key, value);
  if (!gc_py_dict(py, &f.dict))
    return false;
  for (int64_t i = 0; i < 60; i++) {
    gc_py_int(py, &f.key, i);
    enum gc_py_status status = gc_py_dict_set(py, &f.dict, &f.key, &f.key);
    bool there = gc_py_dict_get(gc_root_get(&f.dict), gc_root_get(&f.key));
    assert_int_equal(there, status == GC_PY_OK);
    assert_int_equal(gc_py_dict_length(gc_root_get(&f.dict)), i + there);
    if (!there)
      return false;
  }
  return true;
}

static void ignore(const struct gc_py *py, const gc_root *self) {
  (void)py;
  (void)self;
}
static void ignore_call(const struct gc_py *py, const gc_root *self,
                        const gc_root *argument) {
  (void)py;
  (void)self;
  (void)argument;
}

static bool instances(const struct gc_py *py) {
  const char *const names[] = {"data", "next", NULL};
  const struct gc_py_class_desc desc = {"Node", names,
                                        GC_PY_OPEN | GC_PY_WEAKLY, ignore};
  GC_FRAME(py->m, f, class, node, name, value);
  if (!gc_py_class(py, &f.class, &desc) ||
      !gc_py_instance(py, &f.node, &f.class) ||
      !gc_py_str(py, &f.name, "other", 5))
    return false;
  gc_py_int(py, &f.value, 7);
  enum gc_py_status status = gc_py_setattr(py, &f.node, &f.name, &f.value);
  gc_ref value = gc_py_getattr(gc_root_get(&f.node), gc_root_get(&f.name));
  assert_int_equal(value != NULL, status == GC_PY_OK);
  return status == GC_PY_OK;
}

static bool weakrefs(const struct gc_py *py) {
  const struct gc_py_class_desc desc = {"Node", NULL, GC_PY_WEAKLY, ignore};
  GC_FRAME(py->m, f, class, node, closure, weakref);
  if (!gc_py_class(py, &f.class, &desc) ||
      !gc_py_instance(py, &f.node, &f.class) ||
      !gc_py_closure(py, &f.closure, ignore_call, &f.node))
    return false;
  enum gc_py_status status = gc_py_weakref(py, &f.weakref, &f.node, &f.closure);
  assert_int_equal(gc_root_get(&f.weakref) != NULL, status == GC_PY_OK);
  assert_int_equal(gc_py_weakref_count(py, &f.node), status == GC_PY_OK);
  return status == GC_PY_OK;
}

/* More than a first table has room for, in some stripes. */
static bool interning(const struct gc_py *py) {
  enum { WORDS = 260 };
  GC_FRAME(py->m, f, words[WORDS]);
  for (int i = 0; i < WORDS; i++) {
    char text[8] = {'w', (char)('a' + i % 20), (char)('a' + i / 20)};
    size_t before = gc_py_interned_count(py);
    bool made = gc_py_intern_bytes(py, &f.words[i], text, 3) != NULL;
    assert_int_equal(gc_root_get(&f.words[i]) != NULL, made);
    assert_in_range(gc_py_interned_count(py), before, before + made);
    if (!made)
      return false;
  }
  return true;
}

/* The result is cut to length in the end; where that fails it keeps its room,
   and nobody sees it. */
static bool inspecting(const struct gc_py *py) {
  GC_FRAME(py->m, f, list, item, found);
  unsigned before = fail_in;
  gc_py_int(py, &f.item, 7);
  if (!gc_py_list(py, &f.list, &f.item, 1))
    return false;
  bool listed = gc_py_objects(py, &f.found, -1) == GC_PY_OK;
  assert_int_equal(gc_root_get(&f.found) != NULL, listed);
  return listed && gc_py_referents(py, &f.found, &f.list) == GC_PY_OK &&
         gc_py_referrers(py, &f.found, &f.item) == GC_PY_OK &&
         (before == 0 || fail_in > 0);
}

static void opening_a_world(void **state) {
  (void)state;
  play_all(opening, GC_PY_SHARED_COUNT + 1);
}
static void making_numbers(void **state) {
  (void)state;
  play_all(numbers, 2);
}
static void making_strings(void **state) {
  (void)state;
  play_all(strs, 3);
}
static void making_tuples(void **state) {
  (void)state;
  play_all(tuples, 3);
}
static void growing_lists(void **state) {
  (void)state;
  play_all(lists, 12);
}

static void making_long_lists(void **state) {
  (void)state;
  play_all(long_lists, 2);
}

static void growing_dicts(void **state) {
  (void)state;
  play_all(dicts, 1 + 2 + 3 * 2);
}
static void making_instances(void **state) {
  (void)state;
  play_all(instances, 15);
}
static void making_weakrefs(void **state) {
  (void)state;
  play_all(weakrefs, 9);
}

static void interning_strings(void **state) {
  (void)state;
  play_all(interning, 3 * 260 + 16);
}

static void inspecting_objects(void **state) {
  (void)state;
  play_all(inspecting, 2 + 3 * 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(opening_a_world),    cmocka_unit_test(making_numbers),
      cmocka_unit_test(making_strings),     cmocka_unit_test(making_tuples),
      cmocka_unit_test(growing_lists),      cmocka_unit_test(making_long_lists),
      cmocka_unit_test(growing_dicts),      cmocka_unit_test(making_instances),
      cmocka_unit_test(making_weakrefs),    cmocka_unit_test(interning_strings),
      cmocka_unit_test(inspecting_objects),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
