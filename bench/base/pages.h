/* SPDX-License-Identifier: MIT */
/* Transparent huge pages: whether a run may have them. The choice holds for the
   whole process, so it is the same for every collector, whatever allocator it
   uses. No collector asks the system for huge pages. */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stdbool.h>

enum pages_choice {
  PAGES_SYSTEM, /* as the system is set */
  PAGES_NEVER,  /* none for this process */
  PAGES_ALWAYS  /* the system gives them to every process */
};

/* False: there is no such choice. */
bool pages_choice_find(const char *name, enum pages_choice *out);

/* Why this system cannot do it, in a sentence; NULL: it can. `root` comes
   before the paths of /sys: "", or the folder of a test. */
const char *pages_refusal(enum pages_choice, const char *root);

/* Makes the choice hold for this process. False: the system refuses. */
bool pages_apply(enum pages_choice);

#endif
