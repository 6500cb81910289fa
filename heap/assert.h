/* SPDX-License-Identifier: MIT */
/* Three tiers of assertions, all free of side effects, all type-checked when
   they are off:
     gc_assert_always  cheap, guards against corrupting the heap; level 1
     gc_assert         ordinary invariants; on in debug builds; level 2
     gc_assert_slow    those that cost more than the work they check; level 3
   GC_ASSERT_LEVEL chooses; 0 has none at all, to measure what they cost. */
#ifndef GC_ASSERT_H
#define GC_ASSERT_H

#ifndef GC_ASSERT_LEVEL
#define GC_ASSERT_LEVEL 1
#endif

/* Prints the broken invariant and where, then aborts. Never returns. */
_Noreturn void gc_panic(const char *file, int line, const char *what);

/* For a rule of the interface that the program has broken: prints the sentence,
   which says what was wrong and what to do, then aborts. */
_Noreturn void gc_misuse(const char *sentence);

/* abort(), in a build that counts lines after it has written what it counted.
 */
_Noreturn void gc_abort(void);

#define GC_ASSERT_AT_(level, cond)                                             \
  do {                                                                         \
    if (GC_ASSERT_LEVEL >= (level) && __builtin_expect(!(cond), 0))            \
      gc_panic(__FILE__, __LINE__, #cond);                                     \
  } while (0)

/* In every build but the one without assertions. */
#define gc_require(cond, sentence)                                             \
  do {                                                                         \
    if (GC_ASSERT_LEVEL >= 1 && __builtin_expect(!(cond), 0))                  \
      gc_misuse(sentence);                                                     \
  } while (0)

#define gc_assert_always(cond) GC_ASSERT_AT_(1, cond)
#define gc_assert(cond)        GC_ASSERT_AT_(2, cond)
#define gc_assert_slow(cond)   GC_ASSERT_AT_(3, cond)

#define GC_LIKELY(cond)   __builtin_expect(!!(cond), 1)
#define GC_UNLIKELY(cond) __builtin_expect(!!(cond), 0)

#endif
