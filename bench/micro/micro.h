/* SPDX-License-Identifier: MIT */
/* Single operations of the interface, each with the plain C code that a program
   would use instead. The same for all collectors. */
#ifndef MICRO_MICRO_H
#define MICRO_MICRO_H

#include "bench/base/exit_code.h"
#include "heap/sweepstakes.h"

/* The data of the reference loops, each on a separate cache line. */
struct micro_plain {
  _Alignas(GC_CACHE_LINE) _Atomic uint64_t count[2];
  _Alignas(GC_CACHE_LINE) _Atomic(void *) slot;
};

/* The data of one thread. The roots are in a frame of this thread. Loops work
   on a copy of this struct: a real program knows where its roots are and does
   not look them up. */
struct micro_thread {
  gc_mutator *m;
  gc_root *scratch, *holder, *item, *other;
  struct micro_plain *plain;
};

/* Does `count` operations. The compiler must not remove any. False: out of
   memory. */
typedef bool micro_loop(struct micro_thread *, size_t count);

struct micro {
  const char *name; /* NULL ends the list */
  const char *words, *reference_words;
  bool (*begin)(struct micro_thread *); /* false: out of memory */
  micro_loop *ours, *reference;
  void (*end)(struct micro_thread *);
  /* The number of operations that take one to three milliseconds: long enough
     for the clock, and short enough that both sides of a pair see the machine
     in the same state. */
  size_t round;
  bool allocates; /* one node for each operation */
};

extern const struct micro micro_list[];
const struct micro *micro_find(const char *name);

/* Creates a heap. For a collector that never frees, it is large enough for
   `count` operations of `micro`, but not larger than needed. EXIT_FINE or
   EXIT_MEMORY. */
enum exit_code micro_heap_create(const struct micro *, size_t count,
                                 gc_heap **out);
/* Makes the roots, calls `begin`, calls `body`, then ends. If `begin` failed,
   `body` is still called, with false. */
void micro_enter(const struct micro *, gc_mutator *,
                 void (*body)(struct micro_thread *, bool is_ready, void *),
                 void *data);

/* Registers all micro-benchmarks, and their reference loops, with Google
   Benchmark. */
bool micro_register(void);
/* Measures each micro-benchmark against its reference, and the harness against
   the cheapest workload. Prints a table. */
enum exit_code micro_table(void);

#endif
