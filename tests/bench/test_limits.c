/* SPDX-License-Identifier: MIT */
/* Heap limits, and the shipped table of smallest heaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bench/base/csv.h"
#include "bench/race/limits.h"
#include "bench/rows/min_heaps.h"

enum { MIB = 1 << 20 };

static void a_factor_multiplies(void **state) {
  (void)state;
  assert_int_equal(limit_bytes(2.5, 10 * MIB, 1), 25 * MIB);
  assert_int_equal(limit_bytes(1, 10 * MIB, 2), 10 * MIB);
  assert_int_equal(limit_bytes(1.5, 10000001, 1), 15000002);
}

static void no_limit_is_below_the_floor(void **state) {
  (void)state;
  assert_int_equal(limit_bytes(2.5, 65536, 1), 4 * MIB);
  assert_int_equal(limit_bytes(2.5, 65536, 3), 12 * MIB);
  assert_int_equal(limit_bytes(2.5, 5 * MIB, 2), 25 * MIB / 2);
  assert_int_equal(limit_bytes(1.25, 5 * MIB, 2), 8 * MIB);
}

/* One row for each cell, and nothing that is no heap. */
static void the_shipped_table_is_well_formed(void **state) {
  (void)state;
  struct pool pool = {0};
  const struct csv_file file = {"min_heaps.csv", min_heaps_csv,
                                strlen(min_heaps_csv)};
  struct csv_reader reader = {.file = &file, .pool = &pool};
  struct csv_row row;
  assert_int_equal(csv_next(&reader, &row), CSV_ROW);
  assert_string_equal(row.fields[0], "workload");
  assert_string_equal(row.fields[1], "params");
  assert_string_equal(row.fields[2], "threads");
  assert_string_equal(row.fields[3], "min_heap_bytes");
  size_t rows = 0;
  while (csv_next(&reader, &row) == CSV_ROW) {
    assert_int_equal(row.count, 4);
    assert_true(strtod(row.fields[3], NULL) > 0);
    const char *found =
        minheap_shipped(&pool, row.fields[0], row.fields[1], row.fields[2]);
    assert_string_equal(found, row.fields[3]);
    rows++;
  }
  assert_true(rows > 0);
  pool_free(&pool);
}

static void what_is_not_shipped_is_not_known(void **state) {
  (void)state;
  struct pool pool = {0};
  assert_null(minheap_shipped(&pool, "rings", "rings=3", "1"));
  assert_null(minheap_shipped(&pool, "no such workload", "", "1"));
  pool_free(&pool);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_factor_multiplies),
      cmocka_unit_test(no_limit_is_below_the_floor),
      cmocka_unit_test(the_shipped_table_is_well_formed),
      cmocka_unit_test(what_is_not_shipped_is_not_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
