/* SPDX-License-Identifier: MIT */
/* Single operations of the interface, each with the plain C that one would
   write in its place. The same in all collectors. */
#ifndef MICRO_MICRO_H
#define MICRO_MICRO_H

#include "bench/base/exit_code.h"
#include "heap/sweepstakes.h"

/* What the yardsticks work on: each on a cache line of its own. */
struct micro_plain {
  _Alignas(GC_CACHE_LINE) _Atomic uint64_t count[2];
  _Alignas(GC_CACHE_LINE) _Atomic(void *) slot;
};

/* What one thread works on. The roots are in a frame of its own. Loops work on
   a copy: a program knows where its roots are and need not look it up. */
struct micro_thread {
  gc_mutator *m;
  gc_root *scratch, *holder, *item, *other;
  struct micro_plain *plain;
};

/* `count` operations, none of which the compiler may leave out. False: out of
   memory. */
typedef bool micro_loop(struct micro_thread *, size_t count);

struct micro {
  const char *name; /* NULL ends the list */
  const char *words, *reference_words;
  bool (*begin)(struct micro_thread *); /* false: out of memory */
  micro_loop *ours, *reference;
  void (*end)(struct micro_thread *);
  /* Operations that take one to three milliseconds: enough for the clock,
     short enough to see the same machine on both sides of a pair. */
  size_t round;
  bool allocates; /* a node each operation */
};

extern const struct micro micro_list[];
const struct micro *micro_find(const char *name);

/* A heap for `count` operations of `micro`, if that is what they need; never
   more than a collector that frees would have. EXIT_FINE or EXIT_MEMORY. */
enum exit_code micro_heap_create(const struct micro *, size_t count,
                                 gc_heap **out);
/* Makes the roots, begins, calls `body`, ends. Where the beginning failed the
   body is called all the same, with false. */
void micro_enter(const struct micro *, gc_mutator *,
                 void (*body)(struct micro_thread *, bool is_ready, void *),
                 void *data);

/* Registers all of them, and their yardsticks, with Google Benchmark. */
bool micro_register(void);
/* Measures each against its yardstick, and the harness against the cheapest
   workload; prints a table. */
enum exit_code micro_table(void);

#endif
