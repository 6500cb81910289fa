/* SPDX-License-Identifier: MIT */
/* Dictionaries, compared with a plain array of the expected contents. */
#include <stdio.h>

#include "tests/objects/objects.h"

/* Half of the keys are strings, the other half integers. */
static void make_key(const struct gc_py *py, gc_root *out, uint64_t i) {
  char text[32];
  snprintf(text, sizeof text, "key %llu", (unsigned long long)i);
  if (i % 2 == 0)
    STR(py, out, text);
  else
    gc_py_int(py, out, (int64_t)i - 500);
}

static gc_ref get(const struct gc_py *py, const gc_root *dict, uint64_t i) {
  GC_FRAME(py->m, f, key);
  make_key(py, &f.key, i);
  return gc_py_dict_get(gc_root_get(dict), gc_root_get(&f.key));
}

static void set(const struct gc_py *py, const gc_root *dict, uint64_t i,
                int64_t number) {
  GC_FRAME(py->m, f, key, value);
  make_key(py, &f.key, i);
  gc_py_int(py, &f.value, number);
  assert_int_equal(gc_py_dict_set(py, dict, &f.key, &f.value), GC_PY_OK);
}

static enum gc_py_status drop(const struct gc_py *py, const gc_root *dict,
                              uint64_t i) {
  GC_FRAME(py->m, f, key);
  make_key(py, &f.key, i);
  return gc_py_dict_delete(py, gc_root_get(dict), gc_root_get(&f.key));
}

enum { KEYS = 300 };

static void assert_same(const struct gc_py *py, const gc_root *dict,
                        const int64_t *shadow) {
  size_t used = 0;
  for (uint64_t i = 0; i < KEYS; i++) {
    gc_ref value = get(py, dict, i);
    assert_int_equal(value != NULL, shadow[i] != 0);
    if (value != NULL)
      assert_int_equal(gc_py_int_value(value), shadow[i]);
    used += shadow[i] != 0;
  }
  assert_int_equal(gc_py_dict_length(gc_root_get(dict)), used);
}

static void does_what_an_array_does(void **state) {
  const struct gc_py *py = *state;
  struct workload_random random = workload_random_make(test_seed(), 0);
  int64_t shadow[KEYS] = {0};
  GC_FRAME(py->m, f, dict);
  gc_py_dict(py, &f.dict);
  for (uint64_t step = 1; step <= test_scaled(20000); step++) {
    /* The range of keys grows and shrinks, so that the dictionary is filled
       and emptied. */
    uint64_t i = workload_random_below(&random, step / 37 % KEYS + 1);
    if (workload_random_below(&random, 2) == 0) {
      set(py, &f.dict, i, (int64_t)step);
      shadow[i] = (int64_t)step;
    } else {
      enum gc_py_status status = drop(py, &f.dict, i);
      assert_int_equal(status, shadow[i] ? GC_PY_OK : GC_PY_NO_SUCH_KEY);
      shadow[i] = 0;
    }
    if (step % 500 == 0)
      assert_same(py, &f.dict, shadow);
  }
  assert_same(py, &f.dict, shadow);
}

static void keeps_the_order_of_insertion(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, dict);
  gc_py_dict(py, &f.dict);
  for (uint64_t i = 0; i < 100; i++)
    set(py, &f.dict, i * 7 % 100, (int64_t)i);
  set(py, &f.dict, 7, 1); /* it keeps its position */
  drop(py, &f.dict, 14);
  drop(py, &f.dict, 0);
  set(py, &f.dict, 0, 100); /* comes last now */
  gc_ref key, value;
  size_t at = 0;
  for (int64_t expected = 1; expected <= 100; expected++) {
    if (expected == 2)
      continue;
    assert_true(gc_py_dict_next(gc_root_get(&f.dict), &at, &key, &value));
    assert_int_equal(gc_py_int_value(value), expected);
  }
  assert_false(gc_py_dict_next(gc_root_get(&f.dict), &at, &key, &value));
}

/* 1 == True, 1 is not "1", and a list cannot be a key. */
static void keys_are_equal_as_in_python(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, dict, one, truth, text, list);
  gc_py_dict(py, &f.dict);
  gc_py_int(py, &f.one, 1);
  gc_py_bool(py, &f.truth, true);
  STR(py, &f.text, "1");
  gc_py_list(py, &f.list, NULL, 0);
  gc_py_dict_set(py, &f.dict, &f.one, &f.one);
  gc_py_dict_set(py, &f.dict, &f.truth, &f.text);
  assert_int_equal(gc_py_dict_length(gc_root_get(&f.dict)), 1);
  gc_ref dict = gc_root_get(&f.dict);
  assert_ptr_equal(gc_py_dict_get(dict, gc_root_get(&f.one)),
                   gc_root_get(&f.text));
  assert_null(gc_py_dict_get(dict, gc_root_get(&f.text)));
  assert_null(gc_py_dict_get(dict, gc_root_get(&f.list)));
  assert_int_equal(gc_py_dict_set(py, &f.dict, &f.list, &f.one),
                   GC_PY_WRONG_KIND);
  assert_int_equal(gc_py_dict_delete(py, dict, gc_root_get(&f.text)),
                   GC_PY_NO_SUCH_KEY);
}

static void clearing_lets_values_die(void **state) {
  const struct gc_py *py = *state;
  test_deaths_begin(20);
  GC_FRAME(py->m, f, dict, key, value);
  gc_py_dict(py, &f.dict);
  for (uint64_t id = 0; id < 20; id++) {
    make_key(py, &f.key, id);
    test_make(py->m, &f.value, test_mortal, id);
    gc_py_dict_set(py, &f.dict, &f.key, &f.value);
  }
  gc_root_clear(py->m, &f.value);
  drop(py, &f.dict, 3);
  test_settle(py->m);
  assert_in_range(test_deaths(), test_least_dead(1), test_most_dead(1));
  gc_py_dict_clear(py, gc_root_get(&f.dict));
  test_settle(py->m);
  assert_in_range(test_deaths(), test_least_dead(20), test_most_dead(20));
  set(py, &f.dict, 1, 1);
  assert_int_equal(gc_py_dict_length(gc_root_get(&f.dict)), 1);
}

int objects_dicts(void) {
  const struct CMUnitTest tests[] = {
      objects_test(does_what_an_array_does),
      objects_test(keeps_the_order_of_insertion),
      objects_test(keys_are_equal_as_in_python),
      objects_test(clearing_lets_values_die),
  };
  return cmocka_run_group_tests_name("dicts", tests, NULL, NULL);
}
