/* SPDX-License-Identifier: MIT */
/* Runs the groups named as arguments, or all. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/conformance/conformance.h"

int heap_open(void **state) {
  *state = test_open(0);
  return 0;
}

/* A failed test has left its frames by longjmp, so its heap has roots whose
   memory is gone: that heap is leaked. */
int heap_close(void **state) {
  gc_mutator *m = *state;
  if (m->frames == NULL)
    test_close(m);
  return 0;
}

static const struct test_suite groups[] = {
    {"types", conformance_types},
    {"objects", conformance_objects},
    {"frames", conformance_frames},
    {"slots", conformance_slots},
    {"arrays", conformance_arrays},
    {"immediates", conformance_immediates},
    {"globals", conformance_globals},
    {"manyroots", conformance_manyroots},
    {"rootstacks", conformance_rootstacks},
    {"pins", conformance_pins},
    {"safepoints", conformance_safepoints},
    {"weak", conformance_weak},
    {"ephemerons", conformance_ephemerons},
    {"external", conformance_external},
    {"finalizers", conformance_finalizers},
    {"resurrection", conformance_resurrection},
    {"deferring", conformance_deferring},
    {"serving", conformance_serving},
    {"memory", conformance_memory},
    {"accounts", conformance_accounts},
    {"counts", conformance_counts},
    {"heaps", conformance_heaps},
    {"parking", conformance_parking},
    {"collect", conformance_collect},
    {"cycles", conformance_cycles},
    {"events", conformance_events},
    {"misuse", conformance_misuse},
    {"forking", conformance_forking},
    {0},
};

/* Runs what child_run asked for. */
static int child_main(const char *name) {
  alarm(60 * (GC_ASAN || GC_TSAN ? 10 : 1));
  if (!types_run(name) && !misuse_run(name) && !forking_run(name))
    return 99;
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--child") == 0)
    return child_main(argv[2]);
  return test_suites_run(groups, argc, argv);
}
