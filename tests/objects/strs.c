/* SPDX-License-Identifier: MIT */
/* Strings. */
#include "tests/objects/objects.h"

/* I-2: the empty one and U+0000 to U+00FF; U+0100 not. */
static void short_strings_are_shared(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, a, b);
  for (unsigned c = 0; c <= 0x101; c++) {
    char text[2] = {(char)c};
    if (c >= 0x80) {
      text[0] = (char)(0xc0 | c >> 6);
      text[1] = (char)(0x80 | (c & 0x3f));
    }
    gc_ref a = gc_py_str(py, &f.a, text, c < 0x80 ? 1 : 2);
    gc_ref b = gc_py_str(py, &f.b, text, c < 0x80 ? 1 : 2);
    assert_int_equal(gc_root_get(&f.a) == b, c <= 0xff);
    assert_true(gc_py_str_equal(gc_root_get(&f.a), b));
    assert_int_equal(gc_py_str_points(b), 1);
    (void)a;
  }
  assert_ptr_equal(STR(py, &f.a, ""), STR(py, &f.b, ""));
  assert_true(STR(py, &f.a, "ab") != NULL);
  assert_true(STR(py, &f.b, "ab") != gc_root_get(&f.a));
}

/* Of every length around those where the type changes. */
static void bytes_are_kept(void **state) {
  const struct gc_py *py = *state;
  char text[300];
  for (size_t i = 0; i < sizeof text; i++)
    text[i] = (char)('a' + i % 26);
  for (size_t n = 0; n < sizeof text; n++) {
    GC_FRAME(py->m, f, str, other);
    gc_py_str(py, &f.str, text, n);
    gc_py_str(py, &f.other, text, n);
    gc_ref str = gc_root_get(&f.str);
    assert_int_equal(gc_py_kind_of(str), GC_PY_STR);
    assert_int_equal(gc_py_str_length(str), n);
    assert_true(gc_py_str_is(str, text, n));
    assert_int_equal(gc_py_str_hash(str),
                     gc_py_str_hash(gc_root_get(&f.other)));
    assert_in_range(gc_sizeof(str), n + 16, n + 40 + n / 4);
  }
}

static void others_are_not_equal(void **state) {
  const struct gc_py *py = *state;
  const char *texts[] = {"abc", "abd", "ab", "abcd", "", "a", "\xc3\xa9"};
  GC_FRAME(py->m, f, a, b);
  for (int i = 0; i < 7; i++)
    for (int k = 0; k < 7; k++) {
      STR(py, &f.a, texts[i]);
      STR(py, &f.b, texts[k]);
      gc_ref a = gc_root_get(&f.a), b = gc_root_get(&f.b);
      assert_int_equal(gc_py_str_equal(a, b), i == k);
      assert_int_equal(gc_py_str_hash(a) == gc_py_str_hash(b), i == k);
      assert_true(gc_py_str_hash(a) != 0);
    }
}

static void characters_are_counted(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, str);
  STR(py, &f.str, "\xe4\xbd\xa0\xe5\xa5\xbd"); /* two of three bytes each */
  assert_int_equal(gc_py_str_length(gc_root_get(&f.str)), 6);
  assert_int_equal(gc_py_str_points(gc_root_get(&f.str)), 2);
}

static void strings_join(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, a, b, empty, ab);
  STR(py, &f.a, "hello, ");
  STR(py, &f.b, "world");
  STR(py, &f.empty, "");
  gc_ref ab = gc_py_str_join(py, &f.ab, &f.a, &f.b);
  assert_true(gc_py_str_is(ab, "hello, world", 12));
  ab = gc_py_str_join(py, &f.ab, &f.a, &f.empty);
  assert_ptr_equal(ab, gc_root_get(&f.a));
  ab = gc_py_str_join(py, &f.ab, &f.empty, &f.b);
  assert_ptr_equal(ab, gc_root_get(&f.b));
  /* The result may take the place of a half. */
  gc_py_str_join(py, &f.a, &f.a, &f.a);
  assert_true(gc_py_str_is(gc_root_get(&f.a), "hello, hello, ", 14));
}

static void too_long_is_an_answer(void **state) {
  const struct gc_py *py = *state;
  GC_FRAME(py->m, f, str);
  STR(py, &f.str, "kept");
  assert_null(gc_py_str_blank(py, &f.str, (size_t)GC_PY_STR_MOST + 1));
  assert_null(gc_py_str_blank(py, &f.str, SIZE_MAX));
  assert_true(gc_py_str_is(gc_root_get(&f.str), "kept", 4));
}

int objects_strs(void) {
  const struct CMUnitTest tests[] = {
      objects_test(short_strings_are_shared),
      objects_test(bytes_are_kept),
      objects_test(others_are_not_equal),
      objects_test(characters_are_counted),
      objects_test(strings_join),
      objects_test(too_long_is_an_answer),
  };
  return cmocka_run_group_tests_name("strs", tests, NULL, NULL);
}
