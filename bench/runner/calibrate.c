/* SPDX-License-Identifier: MIT */
#include "bench/runner/calibrate.h"

#include <sys/mman.h>

#include "heap/platform.h"
#include "workloads/random.h"

/* A few milliseconds for each round; the best of three counts. A single
   interrupt must not make a run look disturbed. */
enum { ROUNDS = 3, MULTIPLICATIONS = 1 << 21, LOADS = 1 << 17 };

struct line {
  struct line *next;
  char pad[GC_CACHE_LINE - sizeof(struct line *)];
};

enum { LINES = (16 << 20) / sizeof(struct line) };

static uint64_t best_of_rounds(void (*loop)(void *), void *data) {
  uint64_t best = UINT64_MAX;
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t begin = gc_now_ns();
    loop(data);
    uint64_t took = gc_now_ns() - begin;
    best = took < best ? took : best;
  }
  return best;
}

static void multiply(void *data) {
  uint64_t x = *(uint64_t *)data;
  for (int i = 0; i < MULTIPLICATIONS; i++) {
    x = x * UINT64_C(6364136223846793005) + 1;
    __asm__ volatile("" : "+r"(x)); /* keeps x alive */
  }
  *(uint64_t *)data = x;
}

uint64_t calibrate_alu_ns(void) {
  uint64_t x = 1;
  return best_of_rounds(multiply, &x);
}

static void follow(void *data) {
  struct line *line = *(struct line **)data;
  for (int i = 0; i < LOADS; i++) {
    line = line->next;
    __asm__ volatile("" : "+r"(line));
  }
  *(struct line **)data = line;
}

/* Links all lines into one cycle in random order (Sattolo). */
static void link_lines(struct line *lines) {
  struct workload_random random = workload_random_make(1, 0);
  for (int i = 0; i < LINES; i++)
    lines[i].next = &lines[i];
  for (int i = LINES - 1; i > 0; i--) {
    int other = (int)workload_random_below(&random, (uint64_t)i);
    struct line *next = lines[i].next;
    lines[i].next = lines[other].next;
    lines[other].next = next;
  }
}

/* Uses a separate mapping that is unmapped afterwards, so that no figure of the
   run includes it. */
uint64_t calibrate_mem_ns(void) {
  size_t bytes = LINES * sizeof(struct line);
  struct line *lines = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (lines == MAP_FAILED)
    return 0;
  link_lines(lines);
  struct line *start = lines;
  uint64_t best = best_of_rounds(follow, &start);
  munmap(lines, bytes);
  return best;
}
