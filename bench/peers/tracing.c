/* SPDX-License-Identifier: MIT */
/* Measures what workloads do not separate in a tracing collector: full marks of
   a large heap, minor pauses beside many old objects, allocation of short-lived
   objects, the write barrier. bench/peers/tracing.sh runs it in turn with other
   collectors and prints ratios. Each line is a name and a number.

   Usage: tracing-<collector> CASE MARKERS [NODES]
   CASE is ordered, shuffled, minor, young or barrier. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap/sweepstakes.h"
#include "workloads/random.h"

enum { ROUNDS = 7, PAUSES_MAX = 4096, MINORS = 60 };

static gc_type node_type, array_type;

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, by_value);
  return count ? values[count / 2] : 0;
}

/* --- a large heap --------------------------------------------------------- */

/* The numbers 0 … count-1, in order or shuffled. NULL: out of memory. */
static size_t *make_order(size_t count, bool is_shuffled) {
  struct workload_random random = workload_random_make(1, 0);
  size_t *order = malloc(count * sizeof *order);
  for (size_t i = 0; order && i < count; i++) {
    size_t k = is_shuffled ? workload_random_below(&random, i + 1) : i;
    order[i] = order[k];
    order[k] = i;
  }
  return order;
}

/* Makes a complete binary tree in *out. Node `i` is allocated as number
   order[i]: breadth first in the order of allocation, or spread over the
   heap. */
static bool make_heap(gc_mutator *m, gc_root *out, size_t count,
                      bool is_shuffled) {
  GC_FRAME(m, f, all, node);
  size_t *order = make_order(count, is_shuffled);
  bool ok = order && gc_new_array(m, &f.all, array_type, count);
  for (size_t i = 0; ok && i < count; i++) {
    ok = gc_new(m, &f.node, node_type) != NULL;
    gc_set_move(m, gc_root_get(&f.all), i, &f.node);
  }
  gc_ref all = gc_root_get(&f.all);
  for (size_t i = 1; ok && i < count; i++) {
    gc_ref parent = gc_get(all, order[(i - 1) / 2]);
    gc_set(m, parent, (i - 1) % 2, gc_get(all, order[i]));
  }
  if (ok)
    gc_root_set(m, out, gc_get(all, order[0]));
  free(order);
  return ok;
}

static bool measure_full(gc_mutator *m, size_t count, bool is_shuffled) {
  GC_FRAME(m, f, root);
  double took[ROUNDS];
  if (!make_heap(m, &f.root, count, is_shuffled))
    return false;
  gc_collect(m, GC_FULL);
  for (int i = 0; i < ROUNDS; i++) {
    uint64_t begun = gc_now_ns();
    gc_collect(m, GC_FULL);
    took[i] = (double)(gc_now_ns() - begun) / (double)count;
  }
  printf("full_ns_per_node %.3f\n", median(took, ROUNDS));
  return true;
}

/* --- minor pauses --------------------------------------------------------- */

struct pauses {
  double minor[PAUSES_MAX], full[PAUSES_MAX];
  size_t minors, fulls;
};

static void note_pause(void *data, const struct gc_pause *pause) {
  struct pauses *p = data;
  double took = (double)(pause->t_end - pause->t_request);
  if (pause->generation == 0 && p->minors < PAUSES_MAX)
    p->minor[p->minors++] = took;
  else if (pause->generation >= 2 && p->fulls < PAUSES_MAX)
    p->full[p->fulls++] = took;
}

static bool measure_minor(gc_mutator *m, size_t count) {
  static struct pauses pauses;
  GC_FRAME(m, f, root, young);
  if (!make_heap(m, &f.root, count, false))
    return false;
  for (int i = 0; i < 3; i++)
    gc_collect(m, GC_FULL);
  gc_listen(m->heap,
            &(struct gc_listener){.data = &pauses, .resumed = note_pause});
  for (size_t i = 0; i < 100000000 && pauses.minors < MINORS; i++)
    if (gc_new(m, &f.young, node_type) == NULL)
      return false;
  for (int i = 0; i < ROUNDS; i++)
    gc_collect(m, GC_FULL);
  gc_listen(m->heap, NULL);
  printf("minor_ns %.0f\nfull_ns %.0f\n", median(pauses.minor, pauses.minors),
         median(pauses.full, pauses.fulls));
  return pauses.minors == MINORS;
}

/* --- allocation and the barrier, in turn with plain C -----------------------
 */

enum { TURNS = 31, OPS = 400000 };

static double young_turn(gc_mutator *m, gc_root *root) {
  uint64_t begun = gc_now_ns();
  for (int i = 0; i < OPS; i++)
    if (gc_new(m, root, node_type) == NULL)
      abort();
  return (double)(gc_now_ns() - begun) / OPS;
}

/* As much memory as a nursery can have. The last object is kept in one place,
   as a root would keep it. */
static double bump_turn(gc_mutator *m, gc_root *root) {
  enum { BYTES = 32, BUFFER = 1 << 20 };
  static char buffer[BUFFER] __attribute__((aligned(64)));
  static void *kept;
  char *at = buffer;
  (void)m;
  (void)root;
  uint64_t begun = gc_now_ns();
  for (int i = 0; i < OPS; i++) {
    if (at == buffer + BUFFER)
      at = buffer;
    memset(at, 0, BYTES);
    *(uint64_t *)at = node_type;
    __atomic_store_n(&kept, at, __ATOMIC_RELEASE);
    at += BYTES;
  }
  return (double)(gc_now_ns() - begun) / OPS;
}

static double set_turn(gc_mutator *m, gc_root *root) {
  gc_ref holder = gc_root_get(root);
  uint64_t begun = gc_now_ns();
  for (int i = 0; i < OPS; i++) {
    gc_set(m, holder, i & 1, holder);
    __asm__ volatile("" ::: "memory");
  }
  return (double)(gc_now_ns() - begun) / OPS;
}

static double store_turn(gc_mutator *m, gc_root *root) {
  gc_ref holder = gc_root_get(root);
  (void)m;
  uint64_t begun = gc_now_ns();
  for (int i = 0; i < OPS; i++) {
    *(gc_ref volatile *)&holder->slot[i & 1] = holder;
    __asm__ volatile("" ::: "memory");
  }
  return (double)(gc_now_ns() - begun) / OPS;
}

static bool measure_pair(gc_mutator *m, const char *name,
                         double (*ours)(gc_mutator *, gc_root *),
                         double (*plain)(gc_mutator *, gc_root *)) {
  GC_FRAME(m, f, root);
  double a[TURNS], b[TURNS], ratio[TURNS], extra[TURNS];
  if (gc_new(m, &f.root, node_type) == NULL)
    return false;
  for (int i = -3; i < TURNS; i++) {
    double x = ours(m, &f.root), y = plain(m, &f.root);
    if (i < 0)
      continue;
    a[i] = x;
    b[i] = y;
    ratio[i] = x / y;
    extra[i] = x - y;
  }
  printf("%s_ns %.3f\n%s_plain_ns %.3f\n", name, median(a, TURNS), name,
         median(b, TURNS));
  printf("%s_ratio %.3f\n%s_extra_ns %.3f\n", name, median(ratio, TURNS), name,
         median(extra, TURNS));
  return true;
}

static bool measure(gc_mutator *m, const char *what, size_t count) {
  if (strcmp(what, "ordered") == 0)
    return measure_full(m, count, false);
  if (strcmp(what, "shuffled") == 0)
    return measure_full(m, count, true);
  if (strcmp(what, "minor") == 0)
    return measure_minor(m, count);
  if (strcmp(what, "young") == 0)
    return measure_pair(m, "young", young_turn, bump_turn);
  if (strcmp(what, "barrier") == 0)
    return measure_pair(m, "barrier", set_turn, store_turn);
  fprintf(stderr, "tracing: unknown case \"%s\"\n", what);
  return false;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fputs("usage: tracing CASE MARKERS [NODES]\n", stderr);
    return 2;
  }
  gc_heap *heap;
  struct gc_options options = {.gc_threads = (unsigned)atoi(argv[2])};
  node_type = gc_type_define(
      &(struct gc_type_desc){.name = "node", .refs = 2, .bytes = 8});
  array_type = gc_type_define(
      &(struct gc_type_desc){.name = "array", .tail = GC_REF_TAIL});
  if (gc_heap_create(&options, &heap) != 0)
    return 4;
  gc_mutator *m = gc_attach(heap);
  bool ok =
      m && measure(m, argv[1], argc > 3 ? (size_t)atol(argv[3]) : 5000000);
  if (m)
    gc_detach(m);
  gc_heap_destroy(heap);
  return ok ? 0 : 1;
}
