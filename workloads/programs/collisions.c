/* SPDX-License-Identifier: MIT */
#include "workloads/programs/collisions.h"

/* --- points --------------------------------------------------------------- */

bool point_new(const struct cd *cd, gc_root *out, struct point p) {
  gc_ref object = counted_new(&cd->c, out, cd->point);
  if (object != NULL)
    *(struct point *)gc_bytes(object) = p;
  return object != NULL;
}

static bool minus(const struct cd *cd, gc_root *out, const gc_root *a,
                  const gc_root *b) {
  return point_new(cd, out, point_minus(point_in(a), point_in(b)));
}

/* *start + *speed * time */
static bool point_after(const struct cd *cd, gc_root *out, const gc_root *start,
                        const gc_root *speed, double time) {
  GC_FRAME(cd->m, f, way);
  return point_new(cd, &f.way, point_times(point_in(speed), time)) &&
         point_new(cd, out, point_plus(point_in(start), point_in(&f.way)));
}

static int point_order(gc_ref a, gc_ref b) {
  const struct point *p = gc_bytes(a), *q = gc_bytes(b);
  if (p->x != q->x)
    return p->x < q->x ? -1 : 1;
  return (p->y > q->y) - (p->y < q->y);
}

/* --- two motions ---------------------------------------------------------- */

/* Where a motion starts and how it moves on. */
static bool motion_read(const struct cd *cd, const gc_root *motion,
                        gc_root *from, gc_root *speed) {
  GC_FRAME(cd->m, f, to);
  slot_load(cd, from, motion, MOTION_FROM);
  slot_load(cd, &f.to, motion, MOTION_TO);
  return minus(cd, speed, &f.to, from);
}

/* If the motions collide, *out gets the point. */
static bool motions_meet(const struct cd *cd, const gc_root *first,
                         const gc_root *second, gc_root *out) {
  GC_FRAME(cd->m, f, from1, from2, speed1, speed2, apart, speed);
  if (!motion_read(cd, first, &f.from1, &f.speed1) ||
      !motion_read(cd, second, &f.from2, &f.speed2) ||
      !minus(cd, &f.apart, &f.from1, &f.from2) ||
      !minus(cd, &f.speed, &f.speed1, &f.speed2))
    return false;
  double time = time_of_collision(point_in(&f.apart), point_in(&f.speed));
  if (time < 0)
    return true;
  if (!point_after(cd, &f.from1, &f.from1, &f.speed1, time) ||
      !point_after(cd, &f.from2, &f.from2, &f.speed2, time) ||
      !point_new(cd, out, point_plus(point_in(&f.from1), point_in(&f.from2))))
    return false;
  struct point middle = point_times(point_in(out), 0.5);
  if (is_in_sight(middle))
    return point_new(cd, out, middle);
  gc_root_clear(cd->m, out);
  return true;
}

static bool pair_test(const struct cd *cd, const gc_root *first,
                      const gc_root *second, const gc_root *collisions) {
  GC_FRAME(cd->m, f, point, collision);
  if (!motions_meet(cd, first, second, &f.point))
    return false;
  if (gc_root_get(&f.point) == NULL)
    return true;
  gc_ref hit = counted_new(&cd->c, &f.collision, cd->collision);
  if (hit == NULL)
    return false;
  gc_ref one = gc_get(gc_root_get(first), MOTION_SIGN);
  gc_ref other = gc_get(gc_root_get(second), MOTION_SIGN);
  counted_set(&cd->c, hit, COLLISION_FIRST, one);
  counted_set(&cd->c, hit, COLLISION_SECOND, other);
  counted_set_move(&cd->c, hit, COLLISION_POINT, &f.point);
  return vector_append(&cd->c, collisions, &f.collision);
}

/* Each pair of motions on one square. */
static bool square_test(const struct cd *cd, const gc_root *motions,
                        const gc_root *collisions) {
  GC_FRAME(cd->m, f, first, second);
  size_t count = vector_size(gc_root_get(motions));
  for (size_t i = 0; i < count; i++)
    for (size_t j = i + 1; j < count; j++) {
      gc_root_set(cd->m, &f.first, vector_at(gc_root_get(motions), i));
      gc_root_set(cd->m, &f.second, vector_at(gc_root_get(motions), j));
      if (!pair_test(cd, &f.first, &f.second, collisions))
        return false;
    }
  return true;
}

/* --- the map of squares --------------------------------------------------- */

/* A motion that is drawn. `drawn` has the squares that it touches, `map` has
   those of all motions. */
struct drawing {
  const struct cd *cd;
  const gc_root *motion;
  struct motion points;
  struct tree drawn, map;
};

static bool map_put(const struct drawing *d, const gc_root *square) {
  const struct cd *cd = d->cd;
  GC_FRAME(cd->m, f, motions, none);
  gc_root_set(cd->m, &f.motions, tree_get(&d->map, gc_root_get(square)));
  if (gc_root_get(&f.motions) == NULL &&
      (!vector_new(&cd->c, &f.motions) ||
       !tree_put(&d->map, square, &f.motions, &f.none)))
    return false;
  return vector_append(&cd->c, &f.motions, d->motion);
}

/* Draws the motion on this square, if it touches it, and on those around. As
   deep in C as squares that one motion touches. */
static bool square_draw(const struct drawing *d, const gc_root *square) {
  const struct cd *cd = d->cd;
  GC_FRAME(cd->m, f, next, known, mark);
  if (!square_is_touched(point_in(square), &d->points))
    return true;
  gc_root_set(cd->m, &f.mark, gc_immediate(1));
  if (!tree_put(&d->drawn, square, &f.mark, &f.known))
    return false;
  if (gc_root_get(&f.known) != NULL)
    return true;
  if (!map_put(d, square))
    return false;
  for (int x = -1; x <= 1; x++)
    for (int y = -1; y <= 1; y++) {
      struct point by = {x * SQUARE_SIZE, y * SQUARE_SIZE, 0};
      if ((x != 0 || y != 0) &&
          (!point_new(cd, &f.next, point_plus(point_in(square), by)) ||
           !square_draw(d, &f.next)))
        return false;
    }
  return true;
}

static bool motion_draw(const struct cd *cd, const gc_root *motion,
                        const gc_root *map) {
  GC_FRAME(cd->m, f, from, to, square, drawn);
  slot_load(cd, &f.from, motion, MOTION_FROM);
  slot_load(cd, &f.to, motion, MOTION_TO);
  struct drawing d = {cd,
                      motion,
                      {point_in(&f.from), point_in(&f.to)},
                      {&cd->c, &f.drawn, point_order},
                      {&cd->c, map, point_order}};
  return tree_new(&cd->c, &f.drawn) &&
         point_new(cd, &f.square, square_of(d.points.from)) &&
         square_draw(&d, &f.square);
}

/* The vectors of squares that several motions touch. */
static bool map_read(const struct cd *cd, const gc_root *map,
                     const gc_root *shared) {
  struct tree tree = {&cd->c, map, point_order};
  GC_FRAME(cd->m, f, node, motions);
  gc_root_set(cd->m, &f.node, tree_first(&tree));
  while (gc_root_get(&f.node) != NULL) {
    slot_load(cd, &f.motions, &f.node, TREE_VALUE);
    if (vector_size(gc_root_get(&f.motions)) > 1 &&
        !vector_append(&cd->c, shared, &f.motions))
      return false;
    gc_root_set(cd->m, &f.node, tree_next(gc_root_get(&f.node)));
  }
  return true;
}

bool collisions_find(const struct cd *cd, const gc_root *motions,
                     const gc_root *collisions) {
  GC_FRAME(cd->m, f, map, shared, item);
  if (!tree_new(&cd->c, &f.map) || !vector_new(&cd->c, &f.shared))
    return false;
  for (size_t i = 0; i < vector_size(gc_root_get(motions)); i++) {
    gc_root_set(cd->m, &f.item, vector_at(gc_root_get(motions), i));
    if (!motion_draw(cd, &f.item, &f.map))
      return false;
  }
  if (!map_read(cd, &f.map, &f.shared))
    return false;
  for (size_t i = 0; i < vector_size(gc_root_get(&f.shared)); i++) {
    gc_root_set(cd->m, &f.item, vector_at(gc_root_get(&f.shared), i));
    if (!square_test(cd, &f.item, collisions))
      return false;
  }
  return true;
}
