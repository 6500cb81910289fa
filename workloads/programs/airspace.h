/* SPDX-License-Identifier: MIT */
/* The geometry of the benchmark CD: where aircraft are, which squares a motion
   touches, when two motions come close. It uses no object. */
#ifndef WORKLOADS_PROGRAMS_AIRSPACE_H
#define WORKLOADS_PROGRAMS_AIRSPACE_H

#include <stdbool.h>
#include <stdint.h>

struct point {
  double x, y, z;
};

struct motion {
  struct point from, to;
};

static inline struct point point_plus(struct point a, struct point b) {
  return (struct point){a.x + b.x, a.y + b.y, a.z + b.z};
}

static inline struct point point_minus(struct point a, struct point b) {
  return (struct point){a.x - b.x, a.y - b.y, a.z - b.z};
}

static inline struct point point_times(struct point a, double factor) {
  return (struct point){a.x * factor, a.y * factor, a.z * factor};
}

/* Aircraft that stay out of sight do not collide. */
enum { AIRCRAFT_SEEN_MAX = 336 };

/* The sides of a square. */
#define SQUARE_SIZE 2.0

/* Where an aircraft is in a frame. */
struct point aircraft_position(uint64_t aircraft, uint64_t frame);

/* The corner of the square in which a point is. */
struct point square_of(struct point);
/* Does the motion come near the square with this corner? */
bool square_is_touched(struct point corner, const struct motion *);

/* The part of a frame after which two motions come close, from 0 to 1; below 0
   if they do not. `apart` is how far they are apart, `speed` how this changes.
 */
double time_of_collision(struct point apart, struct point speed);
bool is_in_sight(struct point);

/* The collisions of so many aircraft in all frames, without objects: one for
   each square that two colliding motions both touch. */
uint64_t collisions_count(uint64_t aircraft, uint64_t frames);

#endif
