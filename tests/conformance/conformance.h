/* SPDX-License-Identifier: MIT */
/* Each file here tests one rule or topic of the interface; main.c lists them.
   Each test has a new heap to which this thread is attached; *state is the
   mutator. */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include <setjmp.h>
#include <stdarg.h>

#include "tests/support/support.h"

#include <cmocka.h>

/* Asserts that as many of `dropped` objects with finalizers have died as the
   card promises. */
#define assert_deaths(dropped)                                                 \
  assert_in_range(test_deaths(), test_least_dead(dropped),                     \
                  test_most_dead(dropped))

/* The same if up to `most` references held one of the objects. */
#define assert_shared_deaths(dropped, most)                                    \
  assert_in_range(test_deaths(), test_least_dead_of_shared(dropped, most),     \
                  test_most_dead(dropped))
#define assert_dead(id)                                                        \
  assert_in_range(test_deaths_of(id), test_least_dead(1), test_most_dead(1))

#define heap_test(f) cmocka_unit_test_setup_teardown(f, heap_open, heap_close)
int heap_open(void **state);
int heap_close(void **state);

/* Runs this program with "--child name". Returns the status from waitpid, and
   in `text` what the child wrote to standard error. */
int child_run(const char *name, char *text, size_t size);
/* Called in the child. They return false for a name that is not theirs. */
bool types_run(const char *name);
bool misuse_run(const char *name);
bool forking_run(const char *name);

/* `level`: the lowest tier of assertions that detects it. */
struct misuse {
  const char *name;
  void (*run)(void);
  int level;
};
/* Those of the files misused_roots.c, misused_objects.c and checked.c; a NULL
   name ends them. */
extern const struct misuse root_misuses[], object_misuses[], checked_misuses[];

/* Each breaks a rule; misuse.c lists them. */
void misuse_resume_without_defer(void);
void misuse_finalizer_that_never_resumes(void);
void misuse_lock_parked(void);
void misuse_serve_a_heap_that_does_not(void);
void misuse_wait_in_a_heap_that_does_not(void);
void misuse_serve_while_deferred(void);
void misuse_wait_in_a_finalizer(void);

/* Each returns how many tests failed. */
int conformance_types(void);
int conformance_objects(void);
int conformance_frames(void);
int conformance_slots(void);
int conformance_arrays(void);
int conformance_immediates(void);
int conformance_globals(void);
int conformance_manyroots(void);
int conformance_rootstacks(void);
int conformance_pins(void);
int conformance_safepoints(void);
int conformance_weak(void);
int conformance_ephemerons(void);
int conformance_external(void);
int conformance_finalizers(void);
int conformance_resurrection(void);
int conformance_deferring(void);
int conformance_serving(void);
int conformance_memory(void);
int conformance_accounts(void);
int conformance_counts(void);
int conformance_heaps(void);
int conformance_parking(void);
int conformance_collect(void);
int conformance_cycles(void);
int conformance_events(void);
int conformance_misuse(void);
int conformance_forking(void);

#endif
