/* SPDX-License-Identifier: MIT */
/* What is asked of the system about huge pages. Systems are folders here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/prctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "bench/base/pages.h"

static char root[] = "/tmp/test_pages.XXXXXX";

static int root_make(void **state) {
  char command[128];
  (void)state;
  if (mkdtemp(root) == NULL)
    return -1;
  snprintf(command, sizeof command,
           "mkdir -p %s/sys/kernel/mm/transparent_hugepage", root);
  return system(command);
}

static int root_remove(void **state) {
  char command[128];
  (void)state;
  snprintf(command, sizeof command, "rm -r %s", root);
  return system(command);
}

static void system_set(const char *setting) {
  char path[128];
  snprintf(path, sizeof path, "%s/sys/kernel/mm/transparent_hugepage/enabled",
           root);
  FILE *out = fopen(path, "w");
  assert_non_null(out);
  fputs(setting, out);
  fclose(out);
}

static void choices_have_names(void **state) {
  enum pages_choice choice;
  (void)state;
  assert_true(pages_choice_find("system", &choice));
  assert_int_equal(choice, PAGES_SYSTEM);
  assert_true(pages_choice_find("never", &choice));
  assert_int_equal(choice, PAGES_NEVER);
  assert_true(pages_choice_find("always", &choice));
  assert_int_equal(choice, PAGES_ALWAYS);
  assert_false(pages_choice_find("sometimes", &choice));
}

static void always_takes_a_system_that_does_it(void **state) {
  (void)state;
  assert_non_null(pages_refusal(PAGES_ALWAYS, root)); /* no such file */
  system_set("always [madvise] never\n");
  assert_non_null(strstr(pages_refusal(PAGES_ALWAYS, root), "echo always"));
  system_set("always madvise [never]\n");
  assert_non_null(pages_refusal(PAGES_ALWAYS, root));
  system_set("[always] madvise never\n");
  assert_null(pages_refusal(PAGES_ALWAYS, root));
}

static void never_and_system_are_not_refused(void **state) {
  (void)state;
  system_set("always [madvise] never\n");
  assert_null(pages_refusal(PAGES_NEVER, root));
  assert_null(pages_refusal(PAGES_SYSTEM, root));
}

static void never_holds_for_the_process(void **state) {
  (void)state;
  if (prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) != 0)
    skip(); /* the system knows no such request */
  assert_true(pages_apply(PAGES_SYSTEM));
  assert_int_equal(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 0);
  assert_true(pages_apply(PAGES_NEVER));
  assert_int_not_equal(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 0);
  assert_true(pages_apply(PAGES_ALWAYS));
  assert_int_equal(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(choices_have_names),
      cmocka_unit_test(always_takes_a_system_that_does_it),
      cmocka_unit_test(never_and_system_are_not_refused),
      cmocka_unit_test(never_holds_for_the_process),
  };
  return cmocka_run_group_tests(tests, root_make, root_remove);
}
