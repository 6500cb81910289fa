/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/conformance/conformance.h"

static void finalize_nothing(gc_mutator *m, const gc_root *self) {
  (void)m;
  (void)self;
}

static void describes_what_was_defined(void **state) {
  (void)state;
  char name[] = "pair";
  gc_type type = gc_type_define(&(struct gc_type_desc){
      name, .refs = 2, .bytes = 3, GC_BYTE_TAIL, finalize_nothing});
  assert_int_not_equal(type, 0);
  name[0] = '?';
  const struct gc_type_desc *desc = gc_type_describe(type);
  assert_string_equal(desc->name, "pair");
  assert_int_equal(desc->refs, 2);
  assert_int_equal(desc->bytes, 3);
  assert_int_equal(desc->tail, GC_BYTE_TAIL);
  assert_ptr_equal(desc->finalize, finalize_nothing);
}

static void equal_descriptions_make_two_types(void **state) {
  (void)state;
  const struct gc_type_desc desc = {.name = "twin", .refs = 1};
  gc_type first = gc_type_define(&desc), second = gc_type_define(&desc);
  assert_int_not_equal(first, 0);
  assert_int_not_equal(second, 0);
  assert_int_not_equal(first, second);
}

/* Sizes whose sum, rounded up, does not fit in 32 bits. */
static void refuses_what_cannot_be(void **state) {
  (void)state;
  const struct gc_type_desc bad[] = {
      {.name = "bytes", .bytes = UINT32_MAX},
      {.name = "rounding", .bytes = UINT32_MAX - 10},
      {.name = "refs", .refs = UINT32_MAX},
      {.name = "wraps to little", .refs = UINT32_C(1) << 29, .bytes = 8},
      {.name = "tail", .tail = (enum gc_tail)3},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_int_equal(gc_type_define(&bad[i]), 0);
}

enum { DEFINERS = 4, EACH = 20 };
static gc_type defined[DEFINERS][EACH];

static void define_some(struct test_thread *self) {
  for (uint32_t i = 0; i < EACH; i++)
    defined[self->index][i] = gc_type_define(&(struct gc_type_desc){
        .name = "racing", .refs = self->index, .bytes = 8 * i});
}

static void threads_define_at_once(void **state) {
  gc_mutator *m = *state;
  test_threads_run(m, DEFINERS, define_some, NULL);
  for (uint32_t i = 0; i < DEFINERS * EACH; i++) {
    gc_type type = defined[i / EACH][i % EACH];
    assert_int_equal(gc_type_describe(type)->refs, i / EACH);
    assert_int_equal(gc_type_describe(type)->bytes, 8 * (i % EACH));
    for (uint32_t k = 0; k < i; k++)
      assert_int_not_equal(type, defined[k / EACH][k % EACH]);
  }
}

/* So many names of this length do not fit: the last ones are truncated. */
static gc_type fill_with_types(size_t *count) {
  gc_type type, last = 0;
  char name[201];
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  struct gc_type_desc desc = {.refs = 1, .name = name};
  for (; (type = gc_type_define(&desc)) != 0; last = type, ++*count) {
    const char *kept = gc_type_describe(type)->name;
    CHECK(strncmp(kept, name, strlen(kept)) == 0);
    CHECK(*count > 0 || strlen(kept) == strlen(name));
  }
  CHECK(strlen(gc_type_describe(last)->name) == 0);
  return last;
}

/* Runs in a child process, because there is one table for the whole process. */
static void fill_table_with(gc_mutator *m) {
  GC_FRAME(m, f, object, weak, target);
  size_t count = 0;
  gc_type last = fill_with_types(&count);
  CHECK(count > 3000);
  CHECK(count < 4096);
  CHECK(gc_new(m, &f.object, last) != NULL);
  CHECK(gc_type_of(gc_root_get(&f.object)) == last);
  CHECK(test_make(m, &f.object, test_node, 7) != NULL);
  CHECK(test_id(gc_root_get(&f.object)) == 7);
  /* The type of weak references may not have been used before. */
  CHECK(gc_weak_new(m, &f.weak, gc_root_get(&f.object)) != NULL);
  CHECK(gc_weak_get(m, &f.target, gc_root_get(&f.weak)) ==
        gc_root_get(&f.object));
}

static void fill_table(void) {
  gc_mutator *m = test_open(0);
  fill_table_with(m);
  test_close(m);
}

/* In a child process, before any type is defined. */
static void ask_for_weak_type(void) {
  gc_type weak = gc_weak_type();
  CHECK(weak != 0);
  test_types_define();
  CHECK(gc_weak_type() == weak);
  CHECK(test_leaf != weak);
}

bool types_run(const char *name) {
  bool fills = strcmp(name, "fill table") == 0;
  if (!fills && strcmp(name, "ask for weak type") != 0)
    return false;
  if (fills)
    fill_table();
  else
    ask_for_weak_type();
  return true;
}

static void expect_quiet_child(const char *name) {
  char text[1000];
  int status = child_run(name, text, sizeof text);
  assert_string_equal(text, "");
  assert_int_equal(status, 0);
}

static void a_full_table_says_so(void **state) {
  (void)state;
  expect_quiet_child("fill table");
}

static void weak_references_have_a_type(void **state) {
  (void)state;
  expect_quiet_child("ask for weak type");
}

int conformance_types(void) {
  const struct CMUnitTest tests[] = {
      heap_test(describes_what_was_defined),
      heap_test(equal_descriptions_make_two_types),
      heap_test(refuses_what_cannot_be),
      heap_test(threads_define_at_once),
      cmocka_unit_test(a_full_table_says_so),
      cmocka_unit_test(weak_references_have_a_type),
  };
  return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
