/* SPDX-License-Identifier: MIT */
/* Finalizers that modify an object while it is being modified, during its
   allocations: Note [Looking again]. Every heap here collects at each
   allocation. */
#include <stdio.h>
#include <stdlib.h>

#include "objects/intern.h"
#include "tests/objects/objects.h"

enum { ROUNDS = 120, EACH = 20, THEIRS = 1000000 };

/* What finalizers do, and to what; `theirs` is what they have added. */
static void (*action)(const struct gc_py *, const gc_root *target);
static gc_root target; /* global */
static int64_t current, theirs;
static unsigned runs, acts; /* acts: runs that had a target */

static void act(const struct gc_py *py, const gc_root *self) {
  GC_FRAME(py->m, f, target);
  (void)self;
  runs++;
  gc_root_set(py->m, &f.target, gc_root_get(&target));
  if (gc_root_get(&f.target) == NULL)
    return;
  acts++;
  action(py, &f.target);
}

static int open_stressed(void **state) {
  struct gc_py *py = malloc(sizeof *py);
  CHECK(py != NULL);
  *py = objects_world(test_open_tuned(0, "stress=1"), NULL);
  gc_global_add(py->m->heap, &target);
  runs = acts = 0;
  theirs = 0;
  *state = py;
  return 0;
}

static int close_stressed(void **state) {
  struct gc_py *py = *state;
  if (py->m->frames == NULL)
    gc_global_remove(py->m, &target);
  return objects_close(state);
}

static void begin(const struct gc_py *py, gc_root *class,
                  void (*what)(const struct gc_py *, const gc_root *),
                  gc_ref object) {
  action = what;
  gc_global_set(py->m, &target, object);
  CHECK(gc_py_class(py, class,
                    &(struct gc_py_class_desc){.name = "C", .finalize = act}));
}

/* An object dropped here dies at the next allocation or soon after. */
static void drop_one(const struct gc_py *py, const gc_root *class) {
  GC_FRAME(py->m, f, object);
  CHECK(gc_py_instance(py, &f.object, class) != NULL);
}

static void end(const struct gc_py *py) {
  gc_global_set(py->m, &target, NULL);
  assert_int_equal(gc_verify(py->m), 0);
  if (test_finds_garbage())
    assert_true(runs > 0);
}

/* --- dictionaries --------------------------------------------------------- */

static void dict_put(const struct gc_py *py, const gc_root *dict, int64_t key) {
  GC_FRAME(py->m, f, key);
  CHECK(gc_py_int_new(py, &f.key, key) != NULL);
  CHECK(gc_py_dict_set(py, dict, &f.key, &f.key) == GC_PY_OK);
}

static bool dict_has(const struct gc_py *py, const gc_root *dict, int64_t key) {
  GC_FRAME(py->m, f, key);
  CHECK(gc_py_int_new(py, &f.key, key) != NULL);
  gc_ref value = gc_py_dict_get(gc_root_get(dict), gc_root_get(&f.key));
  return value != NULL && gc_py_int_value(value) == key;
}

static void put_many(const struct gc_py *py, const gc_root *dict) {
  for (int i = 0; i < EACH; i++)
    dict_put(py, dict, THEIRS + theirs++);
}

/* The key is made first, so that nothing but the dictionary allocates. */
static void put_with_a_death(const struct gc_py *py, const gc_root *dict,
                             const gc_root *class, int64_t key) {
  GC_FRAME(py->m, f, key);
  CHECK(gc_py_int_new(py, &f.key, key) != NULL);
  current = key;
  drop_one(py, class);
  CHECK(gc_py_dict_set(py, dict, &f.key, &f.key) == GC_PY_OK);
  assert_true(gc_py_dict_get(gc_root_get(dict), gc_root_get(&f.key)));
}

static void dicts_grow_while_they_grow(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, dict, class);
  begin(py, &f.class, put_many, gc_py_dict(py, &f.dict));
  for (int64_t i = 0; i < ROUNDS; i++)
    put_with_a_death(py, &f.dict, &f.class, i);
  end(py);
  for (int64_t i = 0; i < ROUNDS; i++)
    assert_true(dict_has(py, &f.dict, i));
  for (int64_t i = 0; i < theirs; i++)
    assert_true(dict_has(py, &f.dict, THEIRS + i));
  assert_int_equal(gc_py_dict_length(gc_root_get(&f.dict)), ROUNDS + theirs);
}

static void put_current(const struct gc_py *py, const gc_root *dict) {
  dict_put(py, dict, current);
}

static void a_key_comes_once(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, dict, class);
  begin(py, &f.class, put_current, gc_py_dict(py, &f.dict));
  for (int64_t i = 0; i < ROUNDS; i++)
    put_with_a_death(py, &f.dict, &f.class, i);
  end(py);
  assert_int_equal(gc_py_dict_length(gc_root_get(&f.dict)), ROUNDS);
}

static void clear_dict(const struct gc_py *py, const gc_root *dict) {
  gc_py_dict_clear(py, gc_root_get(dict));
}

static void dicts_are_cleared_while_they_grow(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, dict, class);
  begin(py, &f.class, clear_dict, gc_py_dict(py, &f.dict));
  for (int64_t i = 0; i < ROUNDS; i++) {
    if (i % 10 == 0)
      put_with_a_death(py, &f.dict, &f.class, i);
    else
      dict_put(py, &f.dict, i);
  }
  end(py);
}

static void first_attributes_meet(const struct gc_py *py,
                                  const gc_root *object) {
  GC_FRAME(py->m, f, value);
  gc_py_int(py, &f.value, 1);
  objects_setattr(py, object, "theirs", &f.value);
}

/* The dictionary of an instance is made by the first of the two that needs
   it. */
static void an_instance_keeps_one_dict(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, open, object, class, name, value);
  CHECK(gc_py_class(
      py, &f.open,
      &(struct gc_py_class_desc){.name = "Open", .flags = GC_PY_OPEN}));
  begin(py, &f.class, first_attributes_meet,
        gc_py_instance(py, &f.object, &f.open));
  STR(py, &f.name, "ours");
  gc_py_int(py, &f.value, 2);
  drop_one(py, &f.class);
  CHECK(gc_py_setattr(py, &f.object, &f.name, &f.value) == GC_PY_OK);
  end(py);
  assert_non_null(objects_getattr(py, &f.object, "ours"));
  assert_int_equal(objects_getattr(py, &f.object, "theirs") != NULL, acts > 0);
}

/* --- lists ---------------------------------------------------------------- */

static void append(const struct gc_py *py, const gc_root *list, int64_t value) {
  GC_FRAME(py->m, f, item);
  CHECK(gc_py_int_new(py, &f.item, value) != NULL);
  CHECK(gc_py_list_append(py, list, &f.item));
}

static void append_theirs(const struct gc_py *py, const gc_root *list) {
  append(py, list, THEIRS + theirs++);
}

static void append_with_a_death(const struct gc_py *py, const gc_root *list,
                                const gc_root *class, int64_t value) {
  GC_FRAME(py->m, f, item);
  CHECK(gc_py_int_new(py, &f.item, value) != NULL);
  drop_one(py, class);
  CHECK(gc_py_list_append(py, list, &f.item));
  gc_ref object = gc_root_get(list);
  assert_in_range(gc_py_list_length(object), 1, gc_py_list_capacity(object));
  assert_ptr_equal(gc_py_list_get(object, gc_py_list_length(object) - 1),
                   gc_root_get(&f.item));
}

/* Both kinds of items are there, each in order. */
static void lists_grow_while_they_grow(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, class);
  begin(py, &f.class, append_theirs, gc_py_list(py, &f.list, NULL, 0));
  for (int64_t i = 0; i < ROUNDS; i++)
    append_with_a_death(py, &f.list, &f.class, i);
  end(py);
  gc_ref list = gc_root_get(&f.list);
  assert_int_equal(gc_py_list_length(list), ROUNDS + theirs);
  int64_t next[2] = {0, THEIRS};
  for (size_t i = 0; i < gc_py_list_length(list); i++) {
    int64_t value = gc_py_int_value(gc_py_list_get(list, i));
    assert_int_equal(value, next[value >= THEIRS]++);
  }
}

static void clear_list(const struct gc_py *py, const gc_root *list) {
  gc_py_list_clear(py, gc_root_get(list));
}

static void lists_are_cleared_while_they_grow(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, class);
  begin(py, &f.class, clear_list, gc_py_list(py, &f.list, NULL, 0));
  for (int64_t i = 0; i < ROUNDS; i++) {
    append(py, &f.list, i);
    if (i % 7 == 0)
      append_with_a_death(py, &f.list, &f.class, i);
  }
  end(py);
}

/* The final length is the requested one, whatever happened meanwhile. */
static void a_resize_has_the_last_word(void **state) {
  static const size_t lengths[] = {3, 30, 5, 300, 12, 1};
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, class);
  begin(py, &f.class, append_theirs, gc_py_list(py, &f.list, NULL, 0));
  for (int round = 0; round < 60; round++) {
    size_t length = lengths[round % 6];
    drop_one(py, &f.class);
    CHECK(gc_py_list_resize(py, &f.list, length));
    assert_int_equal(gc_py_list_length(gc_root_get(&f.list)), length);
  }
  end(py);
}

/* Items that a finalizer appends while memory is released stay. */
static void a_pop_takes_one_item(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, list, class, popped);
  begin(py, &f.class, append_theirs, gc_py_list(py, &f.list, NULL, 0));
  CHECK(gc_py_list_resize(py, &f.list, ROUNDS));
  for (int round = 0; round < ROUNDS / 2; round++) {
    drop_one(py, &f.class);
    size_t length = gc_py_list_length(gc_root_get(&f.list));
    int64_t before = theirs;
    CHECK(gc_py_list_pop(py, &f.list, &f.popped));
    assert_int_equal(gc_py_list_length(gc_root_get(&f.list)),
                     length - 1 + (size_t)(theirs - before));
    CHECK(gc_py_list_pop(py, &f.list, &f.popped));
  }
  end(py);
}

/* --- strings and weak references ------------------------------------------ */

static char word[32];

static void intern_word(const struct gc_py *py, const gc_root *kept) {
  GC_FRAME(py->m, f, str);
  CHECK(gc_py_literal(py, &f.str, word) != NULL);
  CHECK(gc_py_list_append(py, kept, &f.str));
}

static void a_string_is_interned_once(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, kept, class, str, again);
  begin(py, &f.class, intern_word, gc_py_list(py, &f.kept, NULL, 0));
  for (int i = 0; i < ROUNDS; i++) {
    snprintf(word, sizeof word, "word_%d", i);
    drop_one(py, &f.class);
    CHECK(gc_py_literal(py, &f.str, word) != NULL);
    CHECK(gc_py_literal(py, &f.again, word) != NULL);
    assert_ptr_equal(gc_root_get(&f.str), gc_root_get(&f.again));
  }
  end(py);
}

static unsigned calls;
static void count_call(const struct gc_py *py, const gc_root *self,
                       const gc_root *weakref) {
  (void)py;
  (void)self;
  (void)weakref;
  calls++;
}

static gc_root kept; /* global: a list */

static void refer(const struct gc_py *py, const gc_root *object) {
  GC_FRAME(py->m, f, list, callback, weakref);
  CHECK(gc_py_closure(py, &f.callback, count_call, NULL) != NULL);
  CHECK(gc_py_weakref(py, &f.weakref, object, &f.callback) == GC_PY_OK);
  gc_root_set(py->m, &f.list, gc_root_get(&kept));
  CHECK(gc_py_list_append(py, &f.list, &f.weakref));
}

static void an_instance_keeps_one_watch(void **state) {
  const struct gc_py *py = *state;
  gc_global_add(py->m->heap, &kept);
  {
    GC_FRAME(py->m, f, list, weakly, object, class);
    gc_global_set(py->m, &kept, gc_py_list(py, &f.list, NULL, 0));
    objects_node_class(py, &f.weakly, NULL);
    calls = 0;
    for (int i = 0; i < EACH; i++) {
      begin(py, &f.class, refer, gc_py_instance(py, &f.object, &f.weakly));
      drop_one(py, &f.class);
      refer(py, &f.object);
    }
    end(py);
    gc_root_clear(py->m, &f.object);
    test_collect(py->m);
    if (test_finds_garbage())
      assert_int_equal(calls, gc_py_list_length(gc_root_get(&f.list)));
  }
  gc_global_remove(py->m, &kept);
}

#define reentering(f)                                                          \
  cmocka_unit_test_setup_teardown(f, open_stressed, close_stressed)

int objects_reentering(void) {
  const struct CMUnitTest tests[] = {
      reentering(dicts_grow_while_they_grow),
      reentering(a_key_comes_once),
      reentering(dicts_are_cleared_while_they_grow),
      reentering(an_instance_keeps_one_dict),
      reentering(lists_grow_while_they_grow),
      reentering(lists_are_cleared_while_they_grow),
      reentering(a_resize_has_the_last_word),
      reentering(a_pop_takes_one_item),
      reentering(a_string_is_interned_once),
      reentering(an_instance_keeps_one_watch),
  };
  return cmocka_run_group_tests_name("reentering", tests, NULL, NULL);
}
