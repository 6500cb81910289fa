/* SPDX-License-Identifier: MIT */
/* Three tiers of assertions. Their conditions have no side effects, and are
   type-checked even when the tier is off. GC_ASSERT_LEVEL turns on its tier and
   those below it:
     1  gc_assert_always  cheap, prevents a corrupt heap
     2  gc_assert         ordinary invariants; debug builds
     3  gc_assert_slow    costs more than the work that it checks
   Level 0 has no assertions, to measure what they cost. */
#ifndef GC_ASSERT_H
#define GC_ASSERT_H

#include "heap/platform.h"

GC_PUBLIC_BEGIN

#ifndef GC_ASSERT_LEVEL
#define GC_ASSERT_LEVEL 1
#endif

/* Prints the broken invariant and its place, then aborts. */
__attribute__((__noreturn__)) void gc_panic(const char *file, int line,
                                            const char *what);

/* The program has broken a rule of the interface: prints the sentence, which
   says what is wrong and what to do, then aborts. */
__attribute__((__noreturn__)) void gc_misuse(const char *sentence);

/* Calls abort(). A coverage build writes its counters first. */
__attribute__((__noreturn__)) void gc_abort(void);

#define GC_ASSERT_AT_(level, cond)                                             \
  do {                                                                         \
    if (GC_ASSERT_LEVEL >= (level) && __builtin_expect(!(cond), 0))            \
      gc_panic(__FILE__, __LINE__, #cond);                                     \
  } while (0)

/* Checks a rule of the interface, in every build but that of level 0. */
#define gc_require(cond, sentence)                                             \
  do {                                                                         \
    if (GC_ASSERT_LEVEL >= 1 && __builtin_expect(!(cond), 0))                  \
      gc_misuse(sentence);                                                     \
  } while (0)

/* The same in the checked flavour alone: builds with level 2 or more. */
#define gc_check(cond, sentence)                                               \
  do {                                                                         \
    if (GC_ASSERT_LEVEL >= 2 && __builtin_expect(!(cond), 0))                  \
      gc_misuse(sentence);                                                     \
  } while (0)

#define gc_assert_always(cond) GC_ASSERT_AT_(1, cond)
#define gc_assert(cond)        GC_ASSERT_AT_(2, cond)
#define gc_assert_slow(cond)   GC_ASSERT_AT_(3, cond)

#define GC_LIKELY(cond)   __builtin_expect(!!(cond), 1)
#define GC_UNLIKELY(cond) __builtin_expect(!!(cond), 0)

GC_PUBLIC_END

#endif
