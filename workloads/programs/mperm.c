/* SPDX-License-Identifier: MIT */
/* mperm: each thread has a queue of `queue` lists. A list has all permutations
   of the numbers from 1 to `length`. In each of `rounds` rounds the oldest
   `removed` lists leave the queue, and as many enter. All objects of a list die
   together, and those that are about to die are always the oldest.

   Lars T. Hansen, William D. Clinger and Eugene M. Luks, "MpermNKL", 1994-2000,
   from the benchmarks of Larceny: M rounds, N long, K lists, L removed; 10, 9,
   2, 1 is "10perm9". The permutations come by reversals of prefixes (Shmuel
   Zaks, "A new algorithm for generation of permutations", BIT 24, 1984), and
   each shares the rest of the list with the one before. So the 362,880
   permutations of nine numbers have 1,349,288 cells. */
#include "workloads/programs/lisp.h"

enum { ROUNDS, LENGTH, QUEUE, REMOVED };

/* --- sizes ---------------------------------------------------------------- */

/* The numbers from `above` + 1 to `n`, multiplied. */
static uint64_t falling(uint64_t n, uint64_t above) {
  return n == above ? 1 : n * falling(n - 1, above);
}

/* A prefix of i numbers is reversed falling(n, i) * (i - 1) times. That makes i
   cells, and one for the list of permutations. */
static uint64_t cells_of_list(uint64_t n) {
  uint64_t cells = n + 1;
  for (uint64_t i = 2; i <= n; i++)
    cells += falling(n, i) * (i - 1) * (i + 1);
  return cells;
}

/* Of a thread that has made this many lists and dropped none. */
static size_t bytes_of(const struct workload_setup *setup, uint64_t lists) {
  uint64_t cells = lists * cells_of_list((uint64_t)setup->param[LENGTH]);
  return gc_size_for(workload_table_type(), (size_t)setup->param[QUEUE]) +
         cells * lisp_size();
}

/* With more removed than there are, the whole queue is. */
static uint64_t removed_of(const struct workload_setup *setup) {
  int64_t removed = setup->param[REMOVED], queue = setup->param[QUEUE];
  return (uint64_t)(removed < queue ? removed : queue);
}

/* All lists that a thread makes. */
static uint64_t lists_of(const struct workload_setup *setup) {
  uint64_t removed = removed_of(setup);
  return (uint64_t)setup->param[QUEUE] - removed +
         (uint64_t)setup->param[ROUNDS] * removed;
}

static size_t live_bytes(const struct workload_setup *setup) {
  return setup->threads * bytes_of(setup, (uint64_t)setup->param[QUEUE]);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return setup->threads * bytes_of(setup, lists_of(setup));
}

/* --- permutations --------------------------------------------------------- */

struct maker {
  struct lisp lisp;
  gc_root *permutation; /* the last one */
  gc_root *list;        /* of all so far, the last one first */
};

static bool push_number(struct maker *maker, gc_root *list, gc_ref number) {
  GC_FRAME(maker->lisp.m, f, number);
  gc_root_set(maker->lisp.m, &f.number, number);
  return lisp_push(&maker->lisp, list, &f.number);
}

static bool add_to_list(struct maker *maker) {
  GC_FRAME(maker->lisp.m, f, permutation);
  gc_root_set(maker->lisp.m, &f.permutation, gc_root_get(maker->permutation));
  return lisp_push(&maker->lisp, maker->list, &f.permutation);
}

/* Reverses the first n numbers of the permutation. */
static bool reverse(struct maker *maker, uint64_t n) {
  gc_mutator *m = maker->lisp.m;
  GC_FRAME(m, f, reversed, left);
  gc_ref tail = gc_root_get(maker->permutation);
  for (uint64_t i = 0; i < n; i++)
    tail = lisp_rest(tail);
  gc_root_set(m, &f.reversed, tail);
  gc_root_set(m, &f.left, gc_root_get(maker->permutation));
  for (uint64_t i = 0; i < n; i++) {
    if (!push_number(maker, &f.reversed, lisp_first(gc_root_get(&f.left))))
      return false;
    gc_root_set(m, &f.left, lisp_rest(gc_root_get(&f.left)));
  }
  gc_root_move(m, maker->permutation, &f.reversed);
  return add_to_list(maker);
}

/* Adds all others that permute the first n numbers of the permutation. */
static bool permute(struct maker *maker, uint64_t n) {
  if (n < 2)
    return true;
  for (uint64_t i = 1; i < n; i++)
    if (!permute(maker, n - 1) || !reverse(maker, n))
      return false;
  return permute(maker, n - 1);
}

/* Makes a list in a slot of the queue. */
static bool make_list(struct lisp *lisp, uint64_t n, const gc_root *queue,
                      size_t slot) {
  GC_FRAME(lisp->m, f, permutation, list);
  struct maker maker = {*lisp, &f.permutation, &f.list};
  for (uint64_t i = n; i > 0; i--)
    if (!push_number(&maker, &f.permutation, gc_immediate((intptr_t)i)))
      return false;
  bool ok = add_to_list(&maker) && permute(&maker, n);
  *lisp = maker.lisp;
  gc_set_move(lisp->m, gc_root_get(queue), slot, &f.list);
  return ok;
}

/* --- the queue ------------------------------------------------------------ */

/* Adds the numbers of up to `WORKLOAD_STRIDE` permutations to *sum. Returns
   what is left of the list. */
static gc_ref sum_stride(gc_ref list, uint64_t *sum) {
  for (unsigned i = 0; i < WORKLOAD_STRIDE && list != NULL; i++) {
    for (gc_ref left = lisp_first(list); left != NULL; left = lisp_rest(left))
      *sum += (uint64_t)gc_immediate_number(lisp_first(left));
    list = lisp_rest(list);
  }
  return list;
}

/* The sum of all numbers of the first lists in the queue. */
static uint64_t sum_of(gc_mutator *m, const gc_root *queue, size_t lists) {
  uint64_t sum = 0;
  GC_FRAME(m, f, left);
  for (size_t i = 0; i < lists; i++) {
    gc_root_set(m, &f.left, gc_get(gc_root_get(queue), i));
    while (gc_root_get(&f.left) != NULL) {
      gc_root_set(m, &f.left, sum_stride(gc_root_get(&f.left), &sum));
      gc_safepoint(m);
    }
  }
  return sum;
}

static void remove_lists(gc_mutator *m, const gc_root *queue, size_t removed) {
  gc_ref table = gc_root_get(queue);
  size_t length = gc_length(table);
  for (size_t i = 0; i < length; i++) {
    bool is_kept = i + removed < length;
    gc_set(m, table, i, is_kept ? gc_get(table, i + removed) : NULL);
  }
}

static bool run(struct workload_thread *t) {
  uint64_t n = (uint64_t)t->setup->param[LENGTH];
  size_t length = (size_t)t->setup->param[QUEUE];
  size_t removed = removed_of(t->setup), made = length - removed;
  struct lisp lisp = lisp_make(t->m);
  GC_FRAME(t->m, f, queue);
  if (!gc_new_array(t->m, &f.queue, workload_table_type(), length))
    return false;
  for (size_t i = 0; i < made; i++)
    if (!make_list(&lisp, n, &f.queue, i))
      return false;
  for (int64_t round = 0; round < t->setup->param[ROUNDS]; round++) {
    for (size_t i = length - removed; i < length; i++, made++)
      if (!make_list(&lisp, n, &f.queue, i))
        return false;
    t->figures.checksum += sum_of(t->m, &f.queue, removed);
    remove_lists(t->m, &f.queue, removed);
  }
  t->figures.checksum += sum_of(t->m, &f.queue, length - removed);
  t->figures.ops = made * falling(n, 0);
  uint64_t moved = (uint64_t)t->setup->param[ROUNDS] * length;
  lisp_figures(&lisp, &t->figures, 1, bytes_of(t->setup, 0), made + moved);
  return true;
}

/* --- the card ------------------------------------------------------------- */

/* The published check: the sum of a list is n! * n * (n + 1) / 2. */
static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  uint64_t n = (uint64_t)main->setup->param[LENGTH];
  uint64_t sum = falling(n, 0) * (n * (n + 1) / 2);
  bool right = workload_checksums_are(threads, lists_of(main->setup) * sum);
  return right ? NULL : "a permutation was lost, or it changed";
}

static const struct workload_param params[] = {
    [ROUNDS] = {"rounds", 1, 1 << 30, {200, 400, 200}, "M: rounds"},
    [LENGTH] = {"length", 1, 12, {7, 8, 9}, "N: numbers to permute"},
    [QUEUE] = {"queue", 1, 1 << 20, {10, 10, 10}, "K: lists in the queue"},
    [REMOVED] =
        {"removed", 1, 1 << 20, {1, 1, 1}, "L: lists replaced per round"},
    {0},
};

const struct workload workload_mperm = {
    .name = "mperm",
    .summary = "A queue of lists of permutations; the oldest die",
    .stresses = "generations: all objects live equally long",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .run = run,
    .check = check,
};
