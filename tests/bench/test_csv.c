/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/base/columns.h"
#include "bench/base/csv.h"
#include "bench/base/exit_code.h"

enum { FIELDS = 3 };
static const char *const rows[][FIELDS] = {
    {"plain", "", "last"},
    {"a,b", "say \"x\"", "\""},
    {"two\nlines", "cr\rlf", "\"\""},
    {"", "", ""},
};
enum { ROWS = sizeof rows / sizeof *rows };

struct text {
  char *bytes;
  size_t size;
  size_t ends[ROWS]; /* of each row */
};

static struct text all_rows(void) {
  struct text t = {0};
  FILE *out = open_memstream(&t.bytes, &t.size);
  assert_non_null(out);
  for (size_t i = 0; i < ROWS; i++) {
    csv_write_row(out, rows[i], FIELDS);
    fflush(out);
    t.ends[i] = t.size;
  }
  fclose(out);
  return t;
}

static void expect_row(const struct csv_row *row, const char *const *fields) {
  assert_int_equal(row->count, FIELDS);
  for (size_t i = 0; i < FIELDS; i++)
    assert_string_equal(row->fields[i], fields[i]);
}

static void what_is_written(void **state) {
  (void)state;
  struct text t = all_rows();
  assert_string_equal(t.bytes, "plain,,last\r\n"
                               "\"a,b\",\"say \"\"x\"\"\",\"\"\"\"\r\n"
                               "\"two\nlines\",\"cr\rlf\",\"\"\"\"\"\"\r\n"
                               ",,\r\n");
  free(t.bytes);
}

/* Wherever a killed writer stops, the complete rows are read unchanged and the
   rest is reported as cut off. */
static void every_cut_is_seen(void **state) {
  (void)state;
  struct text t = all_rows();
  for (size_t size = 0; size <= t.size; size++) {
    /* A copy of exactly this size, so that a sanitizer detects reads beyond
       it. */
    char *bytes = malloc(size + 1);
    memcpy(bytes, t.bytes, size);
    struct csv_file file = {"memory", bytes, size};
    struct pool pool = {0};
    struct csv_reader reader = {.file = &file, .pool = &pool};
    struct csv_row row;
    size_t whole = 0;
    for (size_t i = 0; i < ROWS && t.ends[i] <= size; i++) {
      assert_int_equal(csv_next(&reader, &row), CSV_ROW);
      expect_row(&row, rows[i]);
      assert_int_equal(row.begin, whole);
      assert_int_equal(row.end, t.ends[i]);
      whole = row.end;
    }
    assert_int_equal(csv_next(&reader, &row),
                     whole == size ? CSV_END : CSV_CUT);
    pool_free(&pool);
    free(bytes);
  }
  free(t.bytes);
}

static enum csv_found found_first(const char *text) {
  struct csv_file file = {"memory", text, strlen(text)};
  struct pool pool = {0};
  struct csv_reader reader = {.file = &file, .pool = &pool};
  struct csv_row row;
  enum csv_found found = csv_next(&reader, &row);
  pool_free(&pool);
  return found;
}

static void quotes_out_of_place(void **state) {
  (void)state;
  assert_int_equal(found_first("a\"b,c\r\n"), CSV_BAD);
  assert_int_equal(found_first("\"a\"b,c\r\n"), CSV_BAD);
  assert_int_equal(found_first("a\rb\r\n"), CSV_BAD);
  assert_int_equal(found_first("\"a"), CSV_CUT);
  assert_int_equal(found_first("\"a\"\""), CSV_CUT);
}

static void lines_are_counted(void **state) {
  (void)state;
  static const char text[] = "a,b\n\"c\nd\ne\",f\ng,h\r\n";
  static const size_t lines[] = {1, 2, 5};
  struct csv_file file = {"memory", text, sizeof text - 1};
  struct pool pool = {0};
  struct csv_reader reader = {.file = &file, .pool = &pool};
  struct csv_row row;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    assert_int_equal(csv_next(&reader, &row), CSV_ROW);
    assert_int_equal(row.line, lines[i]);
  }
  assert_int_equal(csv_next(&reader, &row), CSV_END);
  pool_free(&pool);
}

/* --- files ---------------------------------------------------------------- */

struct place {
  char path[32];
  struct csv_log log;
};

static void place_make(struct place *p) {
  strcpy(p->path, "/tmp/test_csv.XXXXXX");
  p->log.fd = mkstemp(p->path);
  p->log.path = p->path;
  assert_true(p->log.fd >= 0);
}

static void place_expect(const struct place *p, const char *text) {
  struct csv_file file;
  assert_int_equal(csv_load(&file, p->path), EXIT_FINE);
  assert_int_equal(file.size, strlen(text));
  assert_memory_equal(file.text, text, file.size);
  csv_unload(&file);
}

static void place_remove(struct place *p) {
  close(p->log.fd);
  unlink(p->path);
}

static void logs_grow_and_are_cut(void **state) {
  (void)state;
  struct place p;
  place_make(&p);
  place_expect(&p, "");
  assert_int_equal(csv_log_append(&p.log, "a,b\r\n", 5), EXIT_FINE);
  assert_int_equal(csv_log_append(&p.log, "c,d\r\n", 5), EXIT_FINE);
  place_expect(&p, "a,b\r\nc,d\r\n");
  assert_int_equal(csv_log_cut(&p.log, 5), EXIT_FINE);
  assert_int_equal(csv_log_append(&p.log, "e,f\r\n", 5), EXIT_FINE);
  place_expect(&p, "a,b\r\ne,f\r\n");
  place_remove(&p);
}

/* If the disk has space for half a row only, nothing of the row is kept. */
static void half_a_row_is_taken_back(void **state) {
  (void)state;
  struct place p;
  place_make(&p);
  assert_int_equal(csv_log_append(&p.log, "a,b\r\n", 5), EXIT_FINE);
  struct rlimit before, small;
  getrlimit(RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 8;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  int code = csv_log_append(&p.log, "c,d\r\n", 5);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(code, EXIT_RESULTS);
  place_expect(&p, "a,b\r\n");
  place_remove(&p);
}

static void a_missing_file_is_empty(void **state) {
  (void)state;
  struct csv_file file;
  assert_int_equal(csv_load(&file, "/tmp/no/such.csv"), EXIT_FINE);
  assert_int_equal(file.size, 0);
  csv_unload(&file);
  assert_int_equal(csv_load(&file, "/dev/null/x"), EXIT_RESULTS);
}

/* --- columns -------------------------------------------------------------- */

static void columns_stand_where_they_are_named(void **state) {
  (void)state;
  static const struct {
    enum run_column column;
    const char *name;
  } named[] = {{RUN_SCHEMA, "schema"},
               {RUN_RUN, "run"},
               {RUN_STARTED_UTC, "started_utc"},
               {RUN_MACHINE, "machine"},
               {RUN_BLOCK, "block"},
               {RUN_WARMUPS, "warmups"},
               {RUN_WORKLOAD, "workload"},
               {RUN_THREADS, "threads"},
               {RUN_RATE_HZ, "rate_hz"},
               {RUN_STATUS, "status"},
               {RUN_ERROR, "error"},
               {RUN_WALL_NS, "wall_ns"},
               {RUN_GARBAGE_END, "garbage_end"},
               {RUN_HUGE_PAGES, "huge_pages"},
               {RUN_CONTENDED, "contended"},
               {RUN_SLOW_NS, "slow_ns"},
               {RUN_GC_NONE, "gc_none"},
               {RUN_CONCURRENT_CYCLES, "concurrent_cycles"},
               {RUN_DEGRADED_CYCLES, "degraded_cycles"},
               {RUN_HICCUP_SUM_NS, "hiccup_sum_ns"}};
  for (size_t i = 0; i < sizeof named / sizeof *named; i++)
    assert_string_equal(run_columns[named[i].column], named[i].name);
  for (size_t i = 0; i < RUN_COLUMNS; i++) {
    assert_non_null(run_columns[i]);
    assert_int_equal(run_column_find(run_columns[i], strlen(run_columns[i])),
                     i); /* so no name occurs twice */
  }
  assert_int_equal(run_column_find("colour", 6), RUN_COLUMNS);
  assert_int_equal(run_column_find("wall_nsx", 7), RUN_WALL_NS);
}

static void a_version_is_known_by_its_columns(void **state) {
  (void)state;
  assert_string_equal(run_schema_of(124)->version, "2");
  assert_string_equal(run_schema_of(148)->version, "3");
  assert_string_equal(run_schema_of(150)->version, "4");
  assert_string_equal(run_schema_of(RUN_COLUMNS)->version, SCHEMA_VERSION);
  assert_string_equal(run_schema_of(147)->version, SCHEMA_VERSION);
  assert_true(run_schema_is_older(run_schema_of(124)));
  assert_true(run_schema_is_older(run_schema_of(148)));
  assert_false(run_schema_is_older(run_schema_of(RUN_COLUMNS)));
  /* An older version ends before the first column that the next one added. */
  assert_string_equal(run_columns[run_schema_of(124)->columns], "huge_pages");
  assert_string_equal(run_columns[run_schema_of(148)->columns],
                      "concurrent_cycles");
  assert_string_equal(run_columns[run_schema_of(150)->columns],
                      "hiccup_sum_ns");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written),
      cmocka_unit_test(every_cut_is_seen),
      cmocka_unit_test(quotes_out_of_place),
      cmocka_unit_test(lines_are_counted),
      cmocka_unit_test(logs_grow_and_are_cut),
      cmocka_unit_test(half_a_row_is_taken_back),
      cmocka_unit_test(a_missing_file_is_empty),
      cmocka_unit_test(columns_stand_where_they_are_named),
      cmocka_unit_test(a_version_is_known_by_its_columns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
