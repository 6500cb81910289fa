/* SPDX-License-Identifier: MIT */
/* The benchmark DeltaBlue by John Maloney and Mario Wolczko (Sun Microsystems
   Laboratories, 1996; in Smalltalk before): the constraint solver of planner.c
   on a chain of equations, and on many equations with a common factor and
   offset. Every variable leads to its constraints, and back, so all of it is in
   cycles: pure counting leaks each graph as a whole. */
#include "workloads/programs/planner.h"

enum { LENGTH, EDITS, ROUNDS };

/* How often a plan is executed when one variable changes. */
enum { CHANGE_TIMES = 10 };

/* --- sizes ---------------------------------------------------------------- */

static size_t constraint_bytes(const struct planner *p, enum kind kind) {
  return gc_size_for(p->constraint[kind], 0);
}

/* Constraints that wait to be planned: a queue of one, then of `length`, while
   the one is gone. */
static size_t todo_bytes(const struct planner *p, size_t length) {
  size_t slots = VECTOR_LEAST;
  while (slots < length)
    slots = slots == VECTOR_LEAST ? 2 * (VECTOR_LEAST - 1) : 2 * slots;
  return gc_size_for(p->c.vector, 0) + gc_size_for(p->c.table, slots);
}

/* Of one thread: the projection has more than the chain. It has two variables
   for each equation, with few constraints, and two variables which are in all
   equations. They have all been edited in the end. */
static size_t live_each(const struct planner *p,
                        const struct workload_setup *setup) {
  size_t length = (size_t)setup->param[LENGTH];
  size_t variable = gc_size_for(p->variable, 0);
  size_t pair = 2 * (variable + vector_bytes(&p->c, VECTOR_LEAST)) +
                constraint_bytes(p, STAY) + constraint_bytes(p, SCALE);
  return length * pair + 2 * (variable + vector_bytes(&p->c, length + 1)) +
         vector_bytes(&p->c, length) + constraint_bytes(p, EDIT) +
         todo_bytes(p, length) + vector_bytes(&p->c, length + 1);
}

static size_t live_bytes(const struct workload_setup *setup) {
  struct planner p = planner_make(NULL);
  return setup->threads * live_each(&p, setup);
}

/* Each constraint that is satisfied needs a list of what follows from it; those
   of a chain are satisfied three times. */
static size_t alloc_bytes(const struct workload_setup *setup) {
  struct planner p = planner_make(NULL);
  size_t lists = 8 * ((size_t)setup->param[LENGTH] + 4);
  return setup->threads * (size_t)setup->param[ROUNDS] *
         (8 * live_each(&p, setup) + lists * todo_bytes(&p, 1));
}

/* --- the chain ------------------------------------------------------------ */

/* v[0] = v[1] = … = v[length], where the last one has a weak wish to stay. */
static bool chain_make(struct planner *p, const gc_root *variables,
                       size_t length) {
  GC_FRAME(p->c.t->m, f, constraint, on[FACTOR]);
  for (size_t i = 0; i <= length; i++) {
    if (!variable_new(p, &f.on[SECOND], 0) ||
        !vector_append(&p->c, variables, &f.on[SECOND]) ||
        (i > 0 && !constraint_new(p, &f.constraint, EQUAL, REQUIRED, f.on)))
      return false;
    gc_root_move(p->c.t->m, &f.on[FIRST], &f.on[SECOND]);
  }
  return constraint_new(p, &f.constraint, STAY, STRONG_DEFAULT, f.on);
}

static bool chain_edit(struct planner *p, const gc_root *variables,
                       const gc_root *first, size_t length) {
  GC_FRAME(p->c.t->m, f, edit, plan);
  if (!constraint_new(p, &f.edit, EDIT, PREFERRED, first) ||
      !plan_make(p, &f.plan, &f.edit))
    return false;
  for (int64_t i = 0; i < p->c.t->setup->param[EDITS]; i++) {
    *variable_value(gc_root_get(first)) = i;
    plan_execute(p, &f.plan);
    gc_ref last = vector_at(gc_root_get(variables), length);
    p->c.t->figures.checksum += (uint64_t)*variable_value(last);
  }
  return constraint_destroy(p, &f.edit);
}

static bool chain_test(struct planner *p, size_t length) {
  GC_FRAME(p->c.t->m, f, variables, first);
  if (!vector_new(&p->c, &f.variables) || !chain_make(p, &f.variables, length))
    return false;
  gc_root_set(p->c.t->m, &f.first, vector_at(gc_root_get(&f.variables), 0));
  return chain_edit(p, &f.variables, &f.first, length);
}

/* --- the projection ------------------------------------------------------- */

static bool change(struct planner *p, const gc_root *variable, int64_t value) {
  GC_FRAME(p->c.t->m, f, edit, plan);
  if (!constraint_new(p, &f.edit, EDIT, PREFERRED, variable) ||
      !plan_make(p, &f.plan, &f.edit))
    return false;
  for (unsigned i = 0; i < CHANGE_TIMES; i++) {
    *variable_value(gc_root_get(variable)) = value;
    plan_execute(p, &f.plan);
  }
  gc_root_clear(p->c.t->m, &f.plan);
  return constraint_destroy(p, &f.edit);
}

/* Adds the values of all results but the last, which was changed itself, to the
   checksum. */
static void results_add(struct planner *p, const gc_root *results,
                        size_t length) {
  for (size_t i = 0; i + 1 < length; i++) {
    gc_ref result = vector_at(gc_root_get(results), i);
    p->c.t->figures.checksum += (uint64_t)*variable_value(result);
    if (i % WORKLOAD_STRIDE == 0)
      gc_safepoint(p->c.t->m);
  }
}

/* Before they are changed. */
enum { FACTOR_FIRST = 10, OFFSET_FIRST = 1000 };

/* Equation i is: i * factor + offset = result. `on` are the variables of a
   constraint, of which the last two exist. */
static bool projection_make(struct planner *p, gc_root *on,
                            const gc_root *results, size_t length) {
  GC_FRAME(p->c.t->m, f, constraint);
  for (size_t i = 1; i <= length; i++)
    if (!variable_new(p, &on[FIRST], (int64_t)i) ||
        !variable_new(p, &on[SECOND], (int64_t)i) ||
        !vector_append(&p->c, results, &on[SECOND]) ||
        !constraint_new(p, &f.constraint, STAY, DEFAULT, on) ||
        !constraint_new(p, &f.constraint, SCALE, REQUIRED, on))
      return false;
  return true;
}

static bool projection_change(struct planner *p, const gc_root *on,
                              const gc_root *results, size_t length) {
  uint64_t *checksum = &p->c.t->figures.checksum;
  if (!change(p, &on[FIRST], 17))
    return false;
  *checksum += (uint64_t)*variable_value(gc_root_get(&on[SECOND]));
  if (!change(p, &on[SECOND], 1050))
    return false;
  *checksum += (uint64_t)*variable_value(gc_root_get(&on[FIRST]));
  if (!change(p, &on[FACTOR], 5))
    return false;
  results_add(p, results, length);
  if (!change(p, &on[OFFSET], 2000))
    return false;
  results_add(p, results, length);
  return true;
}

static bool projection_test(struct planner *p, size_t length) {
  GC_FRAME(p->c.t->m, f, on[CONSTRAINT_SLOTS], results);
  return vector_new(&p->c, &f.results) &&
         variable_new(p, &f.on[FACTOR], FACTOR_FIRST) &&
         variable_new(p, &f.on[OFFSET], OFFSET_FIRST) &&
         projection_make(p, f.on, &f.results, length) &&
         projection_change(p, f.on, &f.results, length);
}

/* --- the run -------------------------------------------------------------- */

static bool run(struct workload_thread *t) {
  size_t length = (size_t)t->setup->param[LENGTH];
  for (int64_t i = 0; i < t->setup->param[ROUNDS]; i++) {
    struct planner p = planner_make(t);
    if (!chain_test(&p, length) || !projection_test(&p, length))
      return false;
    t->figures.checksum += p.has_failed;
  }
  t->figures.ops = 2 * length * (uint64_t)t->setup->param[ROUNDS];
  return true;
}

/* What the benchmark asserts of the values: the end of the chain follows its
   beginning; 17 * 10 + 1000 and (1050 - 1000) / 10; then the results of i * 5 +
   1000 and i * 5 + 2000 for all i but the last. */
static uint64_t expected(const struct workload_setup *setup) {
  uint64_t length = (uint64_t)setup->param[LENGTH];
  uint64_t results = 10 * workload_sum_below(length) + 3000 * (length - 1);
  return (uint64_t)setup->param[ROUNDS] *
         (workload_sum_below((uint64_t)setup->param[EDITS]) + 1170 + 5 +
          results);
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  bool right = workload_checksums_are(threads, expected(main->setup));
  return right ? NULL : "a plan gave a variable a wrong value";
}

static const struct workload_param params[] = {
    [LENGTH] = {"length",
                1,
                10000000,
                {2000, 10000, 100000},
                "equations of the chain and of the projection"},
    [EDITS] = {"edits", 0, 1000000, {100, 100, 100}, "edits of the chain"},
    [ROUNDS] =
        {"rounds", 1, 1000000, {25, 60, 40}, "times that both are built"},
    {0},
};

const struct workload workload_deltablue = {
    .name = "deltablue",
    .summary = "An incremental constraint solver",
    .stresses = "graphs in cycles, which change and die as a whole",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .makes_cycles = true,
    .run = run,
    .check = check,
};
