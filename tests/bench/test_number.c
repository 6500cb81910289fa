/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/base/number.h"

static void whole_numbers(void **state) {
  (void)state;
  static const struct {
    const char *text;
    enum number_end end;
    int64_t value;
  } cases[] = {
      {"0", NUMBER_FINE, 0},
      {"-5", NUMBER_FINE, -5},
      {"007", NUMBER_FINE, 7},
      {"100", NUMBER_FINE, 100},
      {"101", NUMBER_OUT_OF_RANGE, 0},
      {"-6", NUMBER_OUT_OF_RANGE, 0},
      {"9223372036854775808", NUMBER_OUT_OF_RANGE, 0},
      {"", NUMBER_NONE, 0},
      {"-", NUMBER_NONE, 0},
      {"+1", NUMBER_NONE, 0},
      {" 1", NUMBER_NONE, 0},
      {"1 ", NUMBER_NONE, 0},
      {"1.0", NUMBER_NONE, 0},
      {"1k", NUMBER_NONE, 0},
      {"0x10", NUMBER_NONE, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t value = 0;
    assert_int_equal(number_whole(cases[i].text, -5, 100, &value),
                     cases[i].end);
    assert_int_equal(value, cases[i].value);
  }
}

static void whole_numbers_of_any_size(void **state) {
  (void)state;
  int64_t value;
  assert_int_equal(
      number_whole("-9223372036854775808", INT64_MIN, INT64_MAX, &value),
      NUMBER_FINE);
  assert_true(value == INT64_MIN);
  assert_int_equal(
      number_whole("9223372036854775807", INT64_MIN, INT64_MAX, &value),
      NUMBER_FINE);
  assert_true(value == INT64_MAX);
}

static void sizes(void **state) {
  (void)state;
  static const struct {
    const char *text;
    enum number_end end;
    int64_t value;
  } cases[] = {
      {"0", NUMBER_FINE, 0},
      {"12", NUMBER_FINE, 12},
      {"1k", NUMBER_FINE, 1 << 10},
      {"3K", NUMBER_FINE, 3 << 10},
      {"2m", NUMBER_FINE, 2 << 20},
      {"1G", NUMBER_FINE, 1 << 30},
      {"2G", NUMBER_OUT_OF_RANGE, 0},
      {"8589934592G", NUMBER_OUT_OF_RANGE, 0},
      {"99999999999999999999k", NUMBER_OUT_OF_RANGE, 0},
      {"-1k", NUMBER_OUT_OF_RANGE, 0},
      {"1kb", NUMBER_NONE, 0},
      {"k", NUMBER_NONE, 0},
      {"1 k", NUMBER_NONE, 0},
      {"1t", NUMBER_NONE, 0},
      {"", NUMBER_NONE, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t value = 0;
    assert_int_equal(number_sized(cases[i].text, 0, 1 << 30, &value),
                     cases[i].end);
    assert_int_equal(value, cases[i].value);
  }
}

static void seeds(void **state) {
  (void)state;
  static const struct {
    const char *text;
    enum number_end end;
    uint64_t value;
  } cases[] = {
      {"0", NUMBER_FINE, 0},
      {"18446744073709551615", NUMBER_FINE, UINT64_MAX},
      {"18446744073709551616", NUMBER_OUT_OF_RANGE, 0},
      {"0xffffffffffffffff", NUMBER_FINE, UINT64_MAX},
      {"010", NUMBER_FINE, 10},
      {"-1", NUMBER_NONE, 0},
      {"0x", NUMBER_NONE, 0},
      {"0x-1", NUMBER_NONE, 0},
      {"", NUMBER_NONE, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint64_t value = 0;
    assert_int_equal(number_seed(cases[i].text, &value), cases[i].end);
    assert_true(value == cases[i].value);
  }
}

static void real_numbers(void **state) {
  (void)state;
  static const struct {
    const char *text;
    enum number_end end;
    double value;
  } cases[] = {
      {"0", NUMBER_FINE, 0},
      {"1.5", NUMBER_FINE, 1.5},
      {".25", NUMBER_FINE, 0.25},
      {"1e1", NUMBER_FINE, 10},
      {"10.5", NUMBER_OUT_OF_RANGE, 0},
      {"-0.1", NUMBER_OUT_OF_RANGE, 0},
      {"1e999", NUMBER_OUT_OF_RANGE, 0},
      {"nan", NUMBER_NONE, 0},
      {"inf", NUMBER_NONE, 0},
      {"0x1p1", NUMBER_NONE, 0},
      {"1.5x", NUMBER_NONE, 0},
      {"", NUMBER_NONE, 0},
      {" 1", NUMBER_NONE, 0},
      {"1,5", NUMBER_NONE, 0},
      {"e", NUMBER_NONE, 0},
      {"1.5.2", NUMBER_NONE, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double value = 0;
    assert_int_equal(number_real(cases[i].text, 0, 10, &value), cases[i].end);
    assert_true(value == cases[i].value);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_numbers),
      cmocka_unit_test(whole_numbers_of_any_size),
      cmocka_unit_test(sizes),
      cmocka_unit_test(seeds),
      cmocka_unit_test(real_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
