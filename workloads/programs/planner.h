/* SPDX-License-Identifier: MIT */
/* The incremental constraint solver DeltaBlue, as deltablue.c uses it. */
#ifndef WORKLOADS_PROGRAMS_PLANNER_H
#define WORKLOADS_PROGRAMS_PLANNER_H

#include "workloads/programs/containers.h"

/* The strongest first. */
enum strength {
  REQUIRED,
  STRONG_PREFERRED,
  PREFERRED,
  STRONG_DEFAULT,
  DEFAULT,
  WEAK_DEFAULT,
  WEAKEST,
};

enum { VARIABLE_CONSTRAINTS, VARIABLE_DETERMINED, VARIABLE_SLOTS };

struct variable_data {
  int64_t value;
  uint64_t mark;          /* the planner's last one that has been here */
  enum strength strength; /* of the weakest constraint that could change it */
  bool stays;             /* is it the same whatever is edited? */
};

/* STAY and EDIT are on one variable; EQUAL says first = second, and SCALE says
   first * factor + offset = second. */
enum kind { STAY, EDIT, EQUAL, SCALE, KINDS };

/* The slots of a constraint, which has the first ones, as its kind needs. */
enum { FIRST, SECOND, FACTOR, OFFSET, CONSTRAINT_SLOTS };

struct planner {
  struct containers c;
  gc_type variable, constraint[KINDS];
  uint64_t mark;
  bool has_failed; /* a required constraint could not be satisfied */
};

struct planner planner_make(struct workload_thread *);

static inline int64_t *variable_value(gc_ref variable) {
  return &((struct variable_data *)gc_bytes(variable))->value;
}

/* These return false without memory. */

bool variable_new(const struct planner *, gc_root *out, int64_t value);
/* Makes a constraint on the variables in `on`, an array of roots, and satisfies
   it if that is possible. */
bool constraint_new(struct planner *, gc_root *out, enum kind, enum strength,
                    const gc_root *on);
/* Removes a constraint, and satisfies others that it has kept from it. */
bool constraint_destroy(struct planner *, const gc_root *constraint);
/* Makes *plan a vector of constraints. Executed in this order, they give all
   variables the values that follow from the one with this edit constraint. */
bool plan_make(struct planner *, gc_root *plan, const gc_root *edit);
void plan_execute(const struct planner *, const gc_root *plan);

#endif
