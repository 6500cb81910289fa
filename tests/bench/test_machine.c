/* SPDX-License-Identifier: MIT */
/* What `tune` says of a machine. Machines are folders here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/race/machine.h"

static char root[64];
static struct pool pool;
static struct machine_trait traits[MACHINE_TRAITS];

static int root_make(void **state) {
  (void)state;
  strcpy(root, "/tmp/test_machine.XXXXXX");
  return mkdtemp(root) == NULL;
}

static int root_remove(void **state) {
  (void)state;
  pool_free(&pool);
  return system(pool_format(&pool, "rm -r %s", root));
}

static void file_write(const char *path, const char *text) {
  const char *whole = pool_format(&pool, "%s%s", root, path);
  const char *folder =
      pool_copy(&pool, whole, (size_t)(strrchr(whole, '/') - whole));
  assert_int_equal(system(pool_format(&pool, "mkdir -p %s", folder)), 0);
  FILE *out = fopen(whole, "w");
  assert_non_null(out);
  fputs(text, out);
  fclose(out);
}

static void trait_is(size_t i, const char *now, enum machine_verdict verdict) {
  assert_string_equal(traits[i].now, now);
  assert_int_equal(traits[i].verdict, verdict);
}

static void nothing_is_shown(void **state) {
  (void)state;
  machine_look(&pool, root, traits);
  for (size_t i = 0; i < MACHINE_TRAITS; i++) {
    assert_non_null(traits[i].name);
    assert_non_null(traits[i].change);
    assert_null(traits[i].now);
    assert_int_equal(traits[i].verdict, MACHINE_UNKNOWN);
  }
}

static void a_loud_machine(void **state) {
  (void)state;
  file_write("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
             "powersave\n");
  file_write("/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
  file_write("/sys/devices/system/cpu/smt/active", "1\n");
  file_write("/proc/stat", "cpu  40 0 10 40 0 0 0 10 0 0\ncpu0 1 2\n");
  file_write("/proc/meminfo", "MemTotal: 9 kB\nSwapTotal:  4096 kB\n"
                              "SwapFree:  2048 kB\n");
  file_write("/sys/kernel/mm/transparent_hugepage/enabled",
             "[always] madvise never\n");
  file_write("/proc/sys/kernel/randomize_va_space", "2\n");
  file_write("/proc/loadavg", "3.50 1.00 1.00 1/9 7\n");
  file_write("/proc/pressure/cpu",
             "some avg10=9.00 avg60=12.50 avg300=1.00 total=7\n");
  machine_look(&pool, root, traits);
  trait_is(0, "powersave", MACHINE_LOUD);
  trait_is(1, "on", MACHINE_LOUD);
  assert_non_null(strstr(traits[1].change, "echo 1 >"));
  trait_is(2, "on", MACHINE_LOUD);
  trait_is(3, "10.0 % since boot", MACHINE_LOUD);
  trait_is(4, "2 MiB in use", MACHINE_LOUD);
  trait_is(5, "always", MACHINE_LOUD);
  trait_is(6, "on", MACHINE_LOUD);
  trait_is(7, "3.50", MACHINE_LOUD);
  trait_is(8, "12.5 % of the time", MACHINE_LOUD);
}

static void a_quiet_machine(void **state) {
  (void)state;
  file_write("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
             "performance\n");
  file_write("/sys/devices/system/cpu/cpufreq/boost", "0\n");
  file_write("/sys/devices/system/cpu/smt/active", "0\n");
  file_write("/proc/stat", "cpu  40 0 10 950 0 0 0 0 0 0\n");
  file_write("/proc/meminfo", "SwapTotal:  0 kB\nSwapFree:  0 kB\n");
  file_write("/sys/kernel/mm/transparent_hugepage/enabled",
             "always [madvise] never\n");
  file_write("/proc/sys/kernel/randomize_va_space", "0\n");
  file_write("/proc/loadavg", "0.02 0.00 0.00 1/9 7\n");
  file_write("/proc/pressure/cpu",
             "some avg10=0.00 avg60=0.10 avg300=0.00 total=7\n");
  machine_look(&pool, root, traits);
  trait_is(1, "off", MACHINE_QUIET);
  assert_non_null(strstr(traits[1].change, "boost"));
  trait_is(4, "none", MACHINE_QUIET);
  trait_is(5, "madvise", MACHINE_QUIET);
  for (size_t i = 0; i < MACHINE_TRAITS; i++)
    assert_int_equal(traits[i].verdict, MACHINE_QUIET);
}

/* As some sandboxes show it. */
static void files_without_figures(void **state) {
  (void)state;
  file_write("/proc/stat", "cpu  0 0 0 0 0 0 0 0 0 0\n");
  file_write("/proc/pressure/cpu", "");
  file_write("/sys/kernel/mm/transparent_hugepage/enabled", "\n");
  machine_look(&pool, root, traits);
  assert_null(traits[3].now);
  assert_null(traits[5].now);
  assert_null(traits[8].now);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, root_make, root_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(nothing_is_shown),
      TEST(a_loud_machine),
      TEST(a_quiet_machine),
      TEST(files_without_figures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
