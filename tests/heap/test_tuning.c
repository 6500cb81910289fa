/* SPDX-License-Identifier: MIT */
/* Numbers and tuning strings. Their effect on a heap is tested in
   tests/conformance/heaps.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "heap/tuning.h"
#include "tests/support/support.h"

#include <cmocka.h>

static void sizes_are_read(void **state) {
  (void)state;
  const struct {
    const char *text;
    uint64_t value;
  } good[] = {
      {"0", 0},
      {"7", 7},
      {"007", 7},
      {"12k", 12 << 10},
      {"12K", 12 << 10},
      {"3m", 3 << 20},
      {"3M", 3 << 20},
      {"5g", UINT64_C(5) << 30},
      {"5G", UINT64_C(5) << 30},
      {"0g", 0},
      {"18446744073709551615", UINT64_MAX},
      {"17179869183g", UINT64_C(17179869183) << 30},
  };
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    uint64_t value = 99;
    assert_true(gc_parse_size(good[i].text, strlen(good[i].text), &value));
    assert_int_equal(value, good[i].value);
  }
}

static void nonsense_is_not(void **state) {
  (void)state;
  const char *const bad[] = {"",
                             "k",
                             "-1",
                             "+1",
                             " 1",
                             "1 ",
                             "1kb",
                             "1k1",
                             "0x10",
                             "1.5",
                             "1e3",
                             "18446744073709551616",
                             "1t",
                             "99999999999999999999",
                             "17179869184g"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    uint64_t value;
    assert_false(gc_parse_size(bad[i], strlen(bad[i]), &value));
  }
}

/* The text can continue after the number. */
static void the_length_is_honoured(void **state) {
  (void)state;
  uint64_t value = 0;
  assert_true(gc_parse_size("123k,456", 3, &value));
  assert_int_equal(value, 123);
  assert_true(gc_parse_size("123k,456", 4, &value));
  assert_int_equal(value, 123 << 10);
  assert_false(gc_parse_size("123k,456", 5, &value));
  assert_false(gc_parse_size("123", 0, &value));
}

static void keys_have_initial_values(void **state) {
  (void)state;
  assert_int_equal(gc_tuning_get(NULL, "stress"), 0);
  assert_int_equal(gc_tuning_get("", "stress"), 0);
  const struct gc_tuning_key *lists[] = {gc_collector.tuning, gc_tuning_common};
  for (int i = 0; i < 2; i++)
    for (const struct gc_tuning_key *key = lists[i]; key && key->name; key++)
      assert_int_equal(gc_tuning_get(NULL, key->name), key->initial);
}

static void values_are_found_by_whole_names(void **state) {
  (void)state;
  char why[200];
  const char *tuning = "verify=1,stress=3k,shrink=0";
  assert_true(gc_tuning_check(tuning, why, sizeof why));
  assert_int_equal(gc_tuning_get(tuning, "stress"), 3 << 10);
  assert_int_equal(gc_tuning_get(tuning, "shrink"), 0);
  assert_int_equal(gc_tuning_get(tuning, "verify"), 1);
  assert_false(gc_tuning_check("stres=1", why, sizeof why));
  assert_false(gc_tuning_check("stresss=1", why, sizeof why));
}

/* The message names the error. */
static void the_sentence_names_it(void **state) {
  (void)state;
  char why[200];
  assert_false(gc_tuning_check("verify=1,colour=red", why, sizeof why));
  assert_non_null(strstr(why, "colour"));
  assert_false(gc_tuning_check("stress=many", why, sizeof why));
  assert_non_null(strstr(why, "stress"));
  assert_non_null(strstr(why, "many"));
  assert_false(gc_tuning_check("shrink=2", why, sizeof why));
  assert_non_null(strstr(why, "shrink"));
  assert_non_null(strstr(why, "2"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_are_read),
      cmocka_unit_test(nonsense_is_not),
      cmocka_unit_test(the_length_is_honoured),
      cmocka_unit_test(keys_have_initial_values),
      cmocka_unit_test(values_are_found_by_whole_names),
      cmocka_unit_test(the_sentence_names_it),
  };
  return cmocka_run_group_tests_name("tuning", tests, NULL, NULL);
}
