/* SPDX-License-Identifier: MIT */
/* Interned strings. */
#include <stdio.h>

#include "objects/intern.h"
#include "tests/objects/objects.h"

static bool literals_are_one(const struct gc_py *py, const char *text) {
  GC_FRAME(py->m, f, a, b);
  gc_py_literal(py, &f.a, text);
  gc_py_literal(py, &f.b, text);
  assert_true(gc_py_str_is(gc_root_get(&f.a), text, strlen(text)));
  bool is_one = gc_root_get(&f.a) == gc_root_get(&f.b);
  assert_int_equal(gc_py_is_interned(py, &f.a), is_one);
  return is_one;
}

/* I-3 */
static void literals_of_word_characters_are_interned(void **state) {
  const char *const words[] = {"hello_world", "0abc", "_", "Z9", "", "x"};
  const char *const others[] = {"a b", "hello!", "\xc3\xa9xy", "a-b", "a\n"};
  char many[5001];
  memset(many, 'a', sizeof many);
  many[5000] = 0;
  assert_true(literals_are_one(*state, many));
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    assert_true(literals_are_one(*state, words[i]));
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    assert_false(literals_are_one(*state, others[i]));
}

/* I-4: the first becomes the one. */
static void interning_gives_the_first(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, a, b, found);
  STR(py, &f.a, "made at run time");
  STR(py, &f.b, "made at run time");
  assert_false(gc_py_is_interned(py, &f.a));
  gc_py_intern(py, &f.found, &f.a);
  assert_ptr_equal(gc_root_get(&f.found), gc_root_get(&f.a));
  gc_py_intern(py, &f.found, &f.b);
  assert_ptr_equal(gc_root_get(&f.found), gc_root_get(&f.a));
  assert_true(gc_py_is_interned(py, &f.a));
  assert_false(gc_py_is_interned(py, &f.b));
  assert_int_equal(gc_py_interned_count(py), 1);
}

enum { WORDS = 20000 };

static void intern_number(const struct gc_py *py, gc_root *out, uint64_t i) {
  char text[32];
  int length = snprintf(text, sizeof text, "word_%llu", (unsigned long long)i);
  CHECK(gc_py_intern_bytes(py, out, text, (size_t)length) != NULL);
}

/* I-6: many are interned and dropped. */
static size_t left_of_many(const struct gc_py *py, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) {
    GC_FRAME(py->m, f, word);
    intern_number(py, &f.word, i);
  }
  test_settle(py->m);
  return gc_py_interned_count(py);
}

static void they_die_like_others(void **state) {
  uint64_t count = test_scaled(WORDS);
  size_t left = left_of_many(*state, count);
  if (test_finds_garbage())
    assert_int_equal(left, 0);
  else if (!gc_collector.reclaims)
    assert_int_equal(left, count);
}

static void or_stay_for_ever(void **state) {
  const struct gc_py *py = *state;
  uint64_t count = test_scaled(WORDS);
  const struct gc_py_options options = {.immortal_strings = true};
  struct gc_py immortal = objects_world(py->m, &options);
  assert_int_equal(left_of_many(&immortal, count), count);
  assert_int_equal(left_of_many(&immortal, count), count);
  gc_py_close(immortal.m, immortal.world);
}

static void attribute_names_are_interned(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, class, name);
  objects_node_class(py, &f.class, NULL);
  gc_py_literal(py, &f.name, "next");
  gc_ref names = gc_get(gc_root_get(&f.class), GC_PY_CLASS_ATTRIBUTES);
  assert_ptr_equal(gc_py_tuple_get(names, 1), gc_root_get(&f.name));
}

/* Threads intern the same words; all must get the same strings, which they
   see in a table where the first one puts each. Words come and go. */
enum { SHARED = 64 };
struct shared {
  struct gc_py_world *world;
  gc_root table; /* global */
};

static void intern_all(struct test_thread *self) {
  struct shared *shared = self->shared;
  const struct gc_py py = {self->m, shared->world};
  for (uint64_t i = test_scaled(50000); i > 0; i--) {
    GC_FRAME(py.m, f, word);
    uint64_t at = workload_random_below(&self->random, SHARED);
    intern_number(&py, &f.word, at);
    gc_ref word = gc_root_get(&f.word), table = gc_root_get(&shared->table);
    gc_ref other = gc_get(table, at);
    CHECK(other == NULL || other == word);
    if (other == NULL)
      gc_cas(py.m, table, at, NULL, word);
    intern_number(&py, &f.word, 1000 + i % 100);
  }
}

static void threads_get_the_same(void **state) {
  const struct gc_py *py = *state;
  for (int immortal = 0; immortal < 2; immortal++) {
    const struct gc_py_options options = {.immortal_strings = immortal};
    struct gc_py own = objects_world(py->m, &options);
    struct shared shared = {own.world, {NULL}};
    gc_global_add(py->m->heap, &shared.table);
    {
      GC_FRAME(py->m, f, table);
      gc_global_set(py->m, &shared.table,
                    gc_new_array(py->m, &f.table, test_refs, SHARED));
    }
    test_threads_run(py->m, 4, intern_all, &shared);
    gc_global_remove(py->m, &shared.table);
    gc_py_close(own.m, own.world);
  }
}

int objects_interning(void) {
  const struct CMUnitTest tests[] = {
      objects_test(literals_of_word_characters_are_interned),
      objects_test(interning_gives_the_first),
      objects_test(they_die_like_others),
      objects_test(or_stay_for_ever),
      objects_test(attribute_names_are_interned),
      objects_test(threads_get_the_same),
  };
  return cmocka_run_group_tests_name("interning", tests, NULL, NULL);
}
