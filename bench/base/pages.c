/* SPDX-License-Identifier: MIT */
#include "bench/base/pages.h"

#include <linux/prctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

bool pages_choice_find(const char *name, enum pages_choice *out) {
  static const char *const names[] = {"system", "never", "always"};
  for (int i = 0; i < 3; i++) {
    *out = (enum pages_choice)i;
    if (strcmp(name, names[i]) == 0)
      return true;
  }
  return false;
}

/* Is the system's setting, which is the word in brackets, "always"? */
static bool are_given_to_all(const char *root) {
  char path[512], line[128] = "";
  snprintf(path, sizeof path, "%s/sys/kernel/mm/transparent_hugepage/enabled",
           root);
  FILE *in = fopen(path, "re");
  if (in == NULL)
    return false;
  bool is_read = fgets(line, sizeof line, in) != NULL;
  fclose(in);
  return is_read && strstr(line, "[always]") != NULL;
}

const char *pages_refusal(enum pages_choice choice, const char *root) {
  if (choice == PAGES_ALWAYS && !are_given_to_all(root))
    return "this system does not give huge pages to every process; 'echo "
           "always >/sys/kernel/mm/transparent_hugepage/enabled' as root "
           "changes that";
  if (choice == PAGES_NEVER && are_given_to_all(root) &&
      prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) < 0)
    return "this system cannot keep huge pages from a process; take "
           "--huge-pages=system";
  return NULL;
}

/* A system that knows no such request has no huge pages that a process gets
   without asking, or pages_refusal has said so. */
bool pages_apply(enum pages_choice choice) {
  if (choice == PAGES_SYSTEM)
    return true;
  prctl(PR_SET_THP_DISABLE, choice == PAGES_NEVER, 0, 0, 0);
  return prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) != (choice == PAGES_ALWAYS);
}
