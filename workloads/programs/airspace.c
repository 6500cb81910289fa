/* SPDX-License-Identifier: MIT */
#include "workloads/programs/airspace.h"

#include <math.h>

static const double space_size = 1000, space_height = 10, radius = 1;

/* Pairs fly in parallel, six apart; the two of a pair swing around the same
   line. */
struct point aircraft_position(uint64_t aircraft, uint64_t frame) {
  double time = (double)frame / 10;
  double swing = aircraft % 2 == 0 ? cos(time) : sin(time);
  double line = (double)(aircraft / 2 * 2) * 3;
  return (struct point){time, swing * 2 + line, 10};
}

/* Squares left of 0 and below are one further than the others, as in the
   benchmark. */
static double corner_of(double x) {
  double corner = trunc(x / SQUARE_SIZE) * SQUARE_SIZE;
  return x < 0 ? corner - SQUARE_SIZE : corner;
}

struct point square_of(struct point p) {
  return (struct point){corner_of(p.x), corner_of(p.y), 0};
}

static bool is_from_to(double x, double least, double most) {
  return least <= x && x <= most;
}

/* The times at which one coordinate enters the square and leaves it. */
struct span {
  double enter, leave;
  bool rests, is_inside; /* if it rests: is it in the square all the time? */
};

static struct span span_of(double corner, double from, double to) {
  double margin = radius / 2, speed = to - from;
  double low = corner - margin - from;
  double high = corner + SQUARE_SIZE + margin - from;
  struct span s = {low / speed, high / speed, speed == 0,
                   low <= 0 && 0 <= high};
  return speed < 0 ? (struct span){s.leave, s.enter, false, false} : s;
}

static bool is_inside(const struct span *s) {
  if (s->rests)
    return s->is_inside;
  return is_from_to(1, s->enter, s->leave) ||
         is_from_to(0, s->enter, s->leave) || (0 <= s->enter && s->leave <= 1);
}

static bool overlap(const struct span *a, const struct span *b) {
  return a->rests || b->rests || is_from_to(a->leave, b->enter, b->leave) ||
         is_from_to(a->enter, b->enter, b->leave) ||
         (a->enter <= b->enter && b->leave <= a->leave);
}

bool square_is_touched(struct point corner, const struct motion *m) {
  if (!is_from_to(corner.x, 0, space_size) ||
      !is_from_to(corner.y, 0, space_size))
    return false;
  struct span x = span_of(corner.x, m->from.x, m->to.x);
  struct span y = span_of(corner.y, m->from.y, m->to.y);
  return is_inside(&x) && is_inside(&y) && overlap(&x, &y);
}

static double dot(struct point a, struct point b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

/* Solves |apart + speed * time| = radius. */
double time_of_collision(struct point apart, struct point speed) {
  double a = dot(speed, speed), b = 2 * dot(apart, speed);
  double c = dot(apart, apart) - radius * radius;
  if (a == 0)
    return c <= 0 ? 0 : -1;
  double root = sqrt(b * b - 4 * a * c); /* not a number: never that close */
  double enter = (-b - root) / (2 * a), leave = (-b + root) / (2 * a);
  if (!is_from_to(1, enter, leave) && !is_from_to(0, enter, leave) &&
      !(0 <= enter && leave <= 1))
    return -1;
  return enter > 0 ? enter : 0;
}

bool is_in_sight(struct point p) {
  return is_from_to(p.x, 0, space_size) && is_from_to(p.y, 0, space_size) &&
         is_from_to(p.z, 0, space_height);
}

/* --- counting ------------------------------------------------------------- */

static struct motion motion_in(uint64_t aircraft, uint64_t frame) {
  return (struct motion){aircraft_position(aircraft, frame > 0 ? frame - 1 : 0),
                         aircraft_position(aircraft, frame)};
}

static bool collide(const struct motion *a, const struct motion *b) {
  struct point apart = point_minus(a->from, b->from);
  struct point a_speed = point_minus(a->to, a->from);
  struct point b_speed = point_minus(b->to, b->from);
  double time = time_of_collision(apart, point_minus(a_speed, b_speed));
  struct point at = point_plus(point_plus(a->from, point_times(a_speed, time)),
                               point_plus(b->from, point_times(b_speed, time)));
  return time >= 0 && is_in_sight(point_times(at, 0.5));
}

/* The squares around the first motion are all that it can touch. */
static uint64_t squares_common(const struct motion *a, const struct motion *b) {
  enum { FAR = 2 };
  struct point centre = square_of(a->from);
  uint64_t common = 0;
  for (int x = -FAR; x <= FAR; x++)
    for (int y = -FAR; y <= FAR; y++) {
      struct point corner = {centre.x + x * SQUARE_SIZE,
                             centre.y + y * SQUARE_SIZE, 0};
      common += square_is_touched(corner, a) && square_is_touched(corner, b);
    }
  return common;
}

/* Only the two of a pair come close to each other. */
uint64_t collisions_count(uint64_t aircraft, uint64_t frames) {
  uint64_t seen = aircraft < AIRCRAFT_SEEN_MAX ? aircraft : AIRCRAFT_SEEN_MAX;
  uint64_t count = 0;
  for (uint64_t frame = 0; frame < frames; frame++)
    for (uint64_t i = 0; i + 1 < seen; i += 2) {
      struct motion a = motion_in(i, frame), b = motion_in(i + 1, frame);
      if (collide(&a, &b))
        count += squares_common(&a, &b);
    }
  return count;
}
