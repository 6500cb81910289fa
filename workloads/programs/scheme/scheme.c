/* SPDX-License-Identifier: MIT */
/* Programs in Scheme. Each thread has interpreters, one after another: one for
   each program, which it runs `rounds` times. */
#include "workloads/programs/scheme/scheme.h"
#include "workloads/programs/lisp.h"

enum { PROGRAM, FULL, ROUNDS };

extern const char scheme_gcbench[], scheme_peval[], scheme_metafib[],
    scheme_cpstak[], scheme_nqueens[], scheme_maze[], scheme_strings[];

/* Sizes are in pairs, measured, and bounds for every collector and seed: what
   is live at most, and what a round allocates. The first of two numbers is of
   the small program, the second of the full one. */
static const struct program {
  const char *text;
  int n[2], result[2];
  size_t live[2], allocated[2];
} programs[] = {
    {scheme_gcbench, {4, 12}, {41, 11229}, {1400, 37000}, {1500, 400000}},
    {scheme_peval, {2, 20}, {127, 3565}, {2140, 3100}, {6000, 185000}},
    {scheme_metafib, {5, 16}, {5, 987}, {1330, 1350}, {1600, 330000}},
    {scheme_cpstak, {2, 6}, {3, 7}, {1190, 1190}, {220, 240000}},
    {scheme_nqueens, {4, 8}, {2, 92}, {1230, 1250}, {300, 63000}},
    {scheme_maze, {4, 60}, {46, 10798}, {1430, 25000}, {600, 175000}},
    {scheme_strings, {1, 150}, {50, 7500}, {1650, 2050}, {2800, 430000}},
};
enum { PROGRAMS = sizeof programs / sizeof programs[0] };
enum { OPENED = 3000 }; /* allocated before the first round */

static bool is_chosen(const struct workload_setup *setup, size_t program) {
  int64_t chosen = setup->param[PROGRAM];
  return chosen == 0 || chosen == (int64_t)program + 1;
}

static size_t live_bytes(const struct workload_setup *setup) {
  size_t most = 0;
  for (size_t i = 0; i < PROGRAMS; i++) {
    size_t live = programs[i].live[setup->param[FULL]];
    if (is_chosen(setup, i) && live > most)
      most = live;
  }
  return setup->threads * most * lisp_size();
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  size_t rounds = (size_t)setup->param[ROUNDS], pairs = 0;
  for (size_t i = 0; i < PROGRAMS; i++)
    if (is_chosen(setup, i))
      pairs += OPENED + rounds * programs[i].allocated[setup->param[FULL]];
  return setup->threads * pairs * lisp_size();
}

/* False: out of memory. Another error leaves the checksum wrong. */
static bool program_run(struct workload_thread *t, struct scheme *s,
                        const struct program *program) {
  char call[40];
  snprintf(call, sizeof call, "(main %d)", program->n[t->setup->param[FULL]]);
  s->random = workload_random_next(&t->random);
  bool is_fine = scheme_run_text(s, program->text);
  for (int64_t i = 0; is_fine && i < t->setup->param[ROUNDS]; i++) {
    is_fine = scheme_run_text(s, call);
    if (is_fine && scheme_is_fixnum(gc_root_get(s->result)))
      t->figures.checksum += (uint64_t)scheme_number(gc_root_get(s->result));
  }
  return is_fine || !s->is_out_of_memory;
}

static bool run(struct workload_thread *t) {
  bool is_fine = true;
  for (size_t i = 0; is_fine && i < PROGRAMS; i++) {
    if (!is_chosen(t->setup, i))
      continue;
    struct scheme *s = scheme_open(t->m);
    if (s == NULL)
      return false;
    is_fine = program_run(t, s, &programs[i]);
    struct scheme_figures made = scheme_close(s);
    t->figures.ops += (uint64_t)t->setup->param[ROUNDS];
    t->figures.alloc_objects += made.objects;
    t->figures.alloc_bytes += made.bytes;
    t->figures.ref_stores += made.stores;
  }
  return is_fine;
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  uint64_t expected = 0;
  for (size_t i = 0; i < PROGRAMS; i++)
    if (is_chosen(main->setup, i))
      expected += (uint64_t)(main->setup->param[ROUNDS] *
                             programs[i].result[main->setup->param[FULL]]);
  bool right = workload_checksums_are(threads, expected);
  return right ? NULL : "a Scheme program returned a wrong value";
}

static const struct workload_param params[] = {
    [PROGRAM] = {"program", 0, PROGRAMS, {0, 0, 0}, "its number; 0: all"},
    [FULL] = {"full", 0, 1, {1, 1, 1}, "1: of full size; 0: for tests"},
    [ROUNDS] = {"rounds", 1, 1000000, {1, 10, 60}, "of each program"},
    {0},
};

const struct workload workload_scheme = {
    .name = "scheme",
    .summary = "An interpreter runs programs in Scheme",
    .stresses = "frames and closures that die young; a weak table of symbols",
    .params = params,
    .live_bytes = live_bytes,
    .live_is_bound = true,
    .alloc_bytes = alloc_bytes,
    .run = run,
    .check = check,
};
