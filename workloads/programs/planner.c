/* SPDX-License-Identifier: MIT */
/* Freeman-Benson, Maloney, Borning, "An Incremental Constraint Solver", CACM 33
   (1), 1990, and Sannella, Maloney, Freeman-Benson, Borning, "Multi-way versus
   One-way Constraints in User Interfaces: Experience with the DeltaBlue
   Algorithm", Software: Practice and Experience 23 (5), 1993. */
#include "workloads/programs/planner.h"

/* Which variable does a constraint set? One on a single variable sets FIRST if
   it is satisfied. */
enum direction { UNSATISFIED, SETS_FIRST, SETS_SECOND };

struct constraint_data {
  enum kind kind;
  enum strength strength;
  enum direction direction;
};

static const uint32_t slots_of_kind[KINDS] = {SECOND, SECOND, FACTOR,
                                              CONSTRAINT_SLOTS};

struct planner planner_make(struct workload_thread *t) {
  struct planner p = {.c = containers_make(t)};
  p.variable = workload_type(
      &(struct gc_type_desc){.name = "variable",
                             .refs = VARIABLE_SLOTS,
                             .bytes = sizeof(struct variable_data)});
  for (unsigned kind = 0; kind < KINDS; kind++)
    p.constraint[kind] = workload_type(
        &(struct gc_type_desc){.name = "constraint",
                               .refs = slots_of_kind[kind],
                               .bytes = sizeof(struct constraint_data)});
  return p;
}

static struct variable_data *variable_of(gc_ref variable) {
  return gc_bytes(variable);
}

static struct constraint_data *data_of(gc_ref constraint) {
  return gc_bytes(constraint);
}

static size_t slot_count(gc_ref constraint) {
  return slots_of_kind[data_of(constraint)->kind];
}

static bool is_satisfied(gc_ref constraint) {
  return data_of(constraint)->direction != UNSATISFIED;
}

static size_t output_slot(gc_ref constraint) {
  return data_of(constraint)->direction == SETS_SECOND ? SECOND : FIRST;
}

static gc_ref output_of(gc_ref constraint) {
  return gc_get(constraint, output_slot(constraint));
}

static enum strength weaker(enum strength a, enum strength b) {
  return a > b ? a : b;
}

/* --- one constraint ------------------------------------------------------- */

/* Sets the variable. */
static void execute(gc_ref constraint) {
  const struct constraint_data *data = data_of(constraint);
  if (data->kind < EQUAL)
    return;
  int64_t *first = variable_value(gc_get(constraint, FIRST));
  int64_t *second = variable_value(gc_get(constraint, SECOND));
  bool is_scaled = data->kind == SCALE;
  int64_t factor = is_scaled ? *variable_value(gc_get(constraint, FACTOR)) : 1;
  int64_t offset = is_scaled ? *variable_value(gc_get(constraint, OFFSET)) : 0;
  if (data->direction == SETS_SECOND)
    *second = *first * factor + offset;
  else
    *first = (*second - offset) / factor;
}

/* Derives the strength of the variable that the constraint sets, and whether it
   stays. One that stays gets its value now, and plans need not set it. */
static void recalculate(gc_ref constraint) {
  const struct constraint_data *data = data_of(constraint);
  struct variable_data *out = variable_of(output_of(constraint));
  out->strength = data->strength;
  out->stays = data->kind != EDIT;
  for (size_t slot = 0; slot < slot_count(constraint); slot++) {
    if (slot == output_slot(constraint))
      continue;
    const struct variable_data *in = variable_of(gc_get(constraint, slot));
    if (slot < FACTOR)
      out->strength = weaker(out->strength, in->strength);
    out->stays = out->stays && in->stays;
  }
  if (out->stays)
    execute(constraint);
}

static bool can_set(gc_ref constraint, size_t slot, uint64_t mark) {
  const struct variable_data *v = variable_of(gc_get(constraint, slot));
  return v->mark != mark && data_of(constraint)->strength < v->strength;
}

/* Chooses the variable to set: one that is not marked, and that no constraint
   as strong as this one sets; of two, the one that is weaker. */
static void direction_choose(gc_ref constraint, uint64_t mark) {
  struct constraint_data *data = data_of(constraint);
  bool first = can_set(constraint, FIRST, mark);
  data->direction = first ? SETS_FIRST : UNSATISFIED;
  if (data->kind < EQUAL)
    return;
  const struct variable_data *v1 = variable_of(gc_get(constraint, FIRST));
  const struct variable_data *v2 = variable_of(gc_get(constraint, SECOND));
  bool second = can_set(constraint, SECOND, mark);
  if (v1->mark != mark && v2->mark != mark) /* the weaker one, or neither */
    first = first && v1->strength > v2->strength;
  if (!first)
    data->direction = second ? SETS_SECOND : UNSATISFIED;
}

static void inputs_mark(gc_ref constraint, uint64_t mark) {
  for (size_t slot = 0; slot < slot_count(constraint); slot++)
    if (slot != output_slot(constraint))
      variable_of(gc_get(constraint, slot))->mark = mark;
}

static bool inputs_are_known(gc_ref constraint, uint64_t mark) {
  for (size_t slot = 0; slot < slot_count(constraint); slot++) {
    gc_ref in = gc_get(constraint, slot);
    if (slot != output_slot(constraint) && variable_of(in)->mark != mark &&
        !variable_of(in)->stays && gc_get(in, VARIABLE_DETERMINED) != NULL)
      return false;
  }
  return true;
}

/* --- what follows from a change ------------------------------------------- */

static gc_ref constraints_on(gc_ref variable) {
  return gc_get(variable, VARIABLE_CONSTRAINTS);
}

/* Does the constraint read the variable? */
static bool consumes(gc_ref constraint, gc_ref variable) {
  return is_satisfied(constraint) &&
         gc_get(variable, VARIABLE_DETERMINED) != constraint;
}

/* Appends the constraints that read the variable to *todo. */
static bool consumers_add(const struct planner *p, const gc_root *variable,
                          const gc_root *todo) {
  GC_FRAME(p->c.t->m, f, constraint);
  size_t count = vector_size(constraints_on(gc_root_get(variable)));
  for (size_t i = 0; i < count; i++) {
    gc_ref at = gc_root_get(variable);
    gc_ref constraint = vector_at(constraints_on(at), i);
    if (!consumes(constraint, at))
      continue;
    gc_root_set(p->c.t->m, &f.constraint, constraint);
    if (!vector_append(&p->c, todo, &f.constraint))
      return false;
  }
  return true;
}

/* Recalculates what depends on the variable that a new constraint sets. */
static bool propagate(struct planner *p, const gc_root *constraint,
                      uint64_t mark) {
  GC_FRAME(p->c.t->m, f, todo, next, out);
  if (!vector_new(&p->c, &f.todo) || !vector_append(&p->c, &f.todo, constraint))
    return false;
  while (vector_size(gc_root_get(&f.todo)) > 0) {
    vector_take(&p->c, gc_root_get(&f.todo), &f.next);
    gc_root_set(p->c.t->m, &f.out, output_of(gc_root_get(&f.next)));
    if (variable_of(gc_root_get(&f.out))->mark == mark) {
      p->has_failed = true; /* a cycle of constraints */
      return true;
    }
    recalculate(gc_root_get(&f.next));
    if (!consumers_add(p, &f.out, &f.todo))
      return false;
  }
  return true;
}

/* Satisfies the constraint, if it can set a variable. Then *overridden gets the
   constraint that has set it until now. */
static bool satisfy(struct planner *p, const gc_root *constraint, uint64_t mark,
                    gc_root *overridden) {
  gc_root_clear(p->c.t->m, overridden);
  gc_ref at = gc_root_get(constraint);
  direction_choose(at, mark);
  if (!is_satisfied(at)) {
    p->has_failed |= data_of(at)->strength == REQUIRED;
    return true;
  }
  inputs_mark(at, mark);
  gc_ref out = output_of(at), before = gc_get(out, VARIABLE_DETERMINED);
  gc_root_set(p->c.t->m, overridden, before);
  if (before != NULL)
    data_of(before)->direction = UNSATISFIED;
  counted_set(&p->c, out, VARIABLE_DETERMINED, at);
  if (!propagate(p, constraint, mark))
    return false;
  variable_of(output_of(gc_root_get(constraint)))->mark = mark;
  return true;
}

/* A constraint that was overridden may override another, which is weaker. */
static bool incremental_add(struct planner *p, const gc_root *constraint) {
  uint64_t mark = ++p->mark;
  GC_FRAME(p->c.t->m, f, next, overridden);
  gc_root_set(p->c.t->m, &f.next, gc_root_get(constraint));
  while (gc_root_get(&f.next) != NULL) {
    if (!satisfy(p, &f.next, mark, &f.overridden))
      return false;
    gc_root_move(p->c.t->m, &f.next, &f.overridden);
  }
  return true;
}

/* Appends the constraints on a variable that are not satisfied to *failed, and
   the variables that the others set to *todo. */
static bool variable_release(const struct planner *p, const gc_root *variable,
                             const gc_root *failed, const gc_root *todo) {
  GC_FRAME(p->c.t->m, f, item);
  size_t count = vector_size(constraints_on(gc_root_get(variable)));
  for (size_t i = 0; i < count; i++) {
    gc_ref at = gc_root_get(variable);
    gc_ref constraint = vector_at(constraints_on(at), i);
    bool is_read = consumes(constraint, at);
    if (!is_read && is_satisfied(constraint))
      continue;
    if (is_read)
      recalculate(constraint);
    gc_root_set(p->c.t->m, &f.item,
                is_read ? output_of(constraint) : constraint);
    if (!vector_append(&p->c, is_read ? todo : failed, &f.item))
      return false;
  }
  return true;
}

/* Nothing sets the variable *out any more. */
static bool release_all(const struct planner *p, gc_root *out,
                        const gc_root *failed) {
  GC_FRAME(p->c.t->m, f, todo);
  struct variable_data *data = variable_of(gc_root_get(out));
  data->strength = WEAKEST;
  data->stays = true;
  counted_set(&p->c, gc_root_get(out), VARIABLE_DETERMINED, NULL);
  if (!vector_new(&p->c, &f.todo) || !vector_append(&p->c, &f.todo, out))
    return false;
  while (vector_size(gc_root_get(&f.todo)) > 0) {
    vector_take(&p->c, gc_root_get(&f.todo), out);
    if (!variable_release(p, out, failed, &f.todo))
      return false;
  }
  return true;
}

static void graph_leave(const struct planner *p, gc_ref constraint) {
  for (size_t slot = 0; slot < slot_count(constraint); slot++)
    vector_remove(&p->c, constraints_on(gc_get(constraint, slot)), constraint);
}

/* The strongest of those that could not be satisfied come first. */
bool constraint_destroy(struct planner *p, const gc_root *constraint) {
  gc_mutator *m = p->c.t->m;
  GC_FRAME(m, f, out, failed, next);
  gc_ref at = gc_root_get(constraint);
  graph_leave(p, at);
  if (!is_satisfied(at))
    return true;
  gc_root_set(m, &f.out, output_of(at));
  data_of(at)->direction = UNSATISFIED;
  if (!vector_new(&p->c, &f.failed) || !release_all(p, &f.out, &f.failed))
    return false;
  for (enum strength s = REQUIRED; s < WEAKEST; s++)
    for (size_t i = 0; i < vector_size(gc_root_get(&f.failed)); i++) {
      gc_root_set(m, &f.next, vector_at(gc_root_get(&f.failed), i));
      if (data_of(gc_root_get(&f.next))->strength == s &&
          !incremental_add(p, &f.next))
        return false;
    }
  return true;
}

/* --- making variables and constraints ------------------------------------- */

bool variable_new(const struct planner *p, gc_root *out, int64_t value) {
  GC_FRAME(p->c.t->m, f, constraints);
  if (!vector_new(&p->c, &f.constraints) ||
      !counted_new(&p->c, out, p->variable))
    return false;
  *variable_of(gc_root_get(out)) = (struct variable_data){
      .value = value, .strength = WEAKEST, .stays = true};
  counted_set_move(&p->c, gc_root_get(out), VARIABLE_CONSTRAINTS,
                   &f.constraints);
  return true;
}

bool constraint_new(struct planner *p, gc_root *out, enum kind kind,
                    enum strength strength, const gc_root *on) {
  gc_ref fresh = counted_new(&p->c, out, p->constraint[kind]);
  if (fresh == NULL)
    return false;
  *data_of(fresh) =
      (struct constraint_data){.kind = kind, .strength = strength};
  for (size_t slot = 0; slot < slots_of_kind[kind]; slot++)
    counted_set(&p->c, fresh, slot, gc_root_get(&on[slot]));
  for (size_t slot = 0; slot < slots_of_kind[kind]; slot++)
    if (!vector_append_in(&p->c, &on[slot], VARIABLE_CONSTRAINTS, out))
      return false;
  return incremental_add(p, out);
}

/* --- plans ---------------------------------------------------------------- */

static bool plan_extend(struct planner *p, gc_root *plan, gc_root *todo,
                        uint64_t mark) {
  GC_FRAME(p->c.t->m, f, next, out);
  vector_take(&p->c, gc_root_get(todo), &f.next);
  gc_root_set(p->c.t->m, &f.out, output_of(gc_root_get(&f.next)));
  if (variable_of(gc_root_get(&f.out))->mark == mark ||
      !inputs_are_known(gc_root_get(&f.next), mark))
    return true;
  if (!vector_append(&p->c, plan, &f.next))
    return false;
  variable_of(gc_root_get(&f.out))->mark = mark;
  return consumers_add(p, &f.out, todo);
}

bool plan_make(struct planner *p, gc_root *plan, const gc_root *edit) {
  uint64_t mark = ++p->mark;
  GC_FRAME(p->c.t->m, f, todo);
  if (!vector_new(&p->c, plan) || !vector_new(&p->c, &f.todo) ||
      (is_satisfied(gc_root_get(edit)) && !vector_append(&p->c, &f.todo, edit)))
    return false;
  while (vector_size(gc_root_get(&f.todo)) > 0)
    if (!plan_extend(p, plan, &f.todo, mark))
      return false;
  gc_safepoint(p->c.t->m);
  return true;
}

void plan_execute(const struct planner *p, const gc_root *plan) {
  size_t size = vector_size(gc_root_get(plan));
  for (size_t i = 0; i < size; i++) {
    execute(vector_at(gc_root_get(plan), i));
    if (i % WORKLOAD_STRIDE == 0)
      gc_safepoint(p->c.t->m);
  }
}
