/* SPDX-License-Identifier: MIT */
/* The collision detector of the benchmark CD: which of the motions of a frame
   collide? cd.c has the frames. */
#ifndef WORKLOADS_PROGRAMS_COLLISIONS_H
#define WORKLOADS_PROGRAMS_COLLISIONS_H

#include "workloads/programs/airspace.h"
#include "workloads/programs/tree.h"

enum { MOTION_SIGN, MOTION_FROM, MOTION_TO, MOTION_SLOTS };
enum { COLLISION_FIRST, COLLISION_SECOND, COLLISION_POINT, COLLISION_SLOTS };

/* A motion is so short that it touches at most so many squares, two in each
   direction. */
enum { SQUARES_MAX = 4 };

struct cd {
  struct containers c;
  gc_mutator *m;
  gc_type point, sign, report, motion, collision;
  const gc_root *signs, *positions; /* a vector; a tree, by sign */
};

static inline struct point point_in(const gc_root *root) {
  return *(const struct point *)gc_bytes(gc_root_get(root));
}

/* Stores a slot of an object in a root. */
static inline void slot_load(const struct cd *cd, gc_root *out,
                             const gc_root *object, size_t slot) {
  gc_root_set(cd->m, out, gc_get(gc_root_get(object), slot));
}

/* These return false without memory. */
bool point_new(const struct cd *, gc_root *out, struct point);
/* Appends a collision to the vector for each pair of motions that collide, and
   each square that both touch. */
bool collisions_find(const struct cd *, const gc_root *motions,
                     const gc_root *collisions);

#endif
