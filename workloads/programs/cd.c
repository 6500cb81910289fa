/* SPDX-License-Identifier: MIT */
/* The collision detector of Kalibera, Hagelberg, Pizlo, Plsek, Titzer, Vitek,
   "CDx: A Family of Real-time Java Benchmarks", JTRES 2009, in the form that
   Pizlo gave it for JetStream (2015) and that Marr, Daloze and Moessenboeck use
   ("Are We Fast Yet?", DLS 2016). In each frame a radar reports where aircraft
   are. Each motion is drawn on a map of squares, a red-black tree; motions that
   share a square may collide. All but the last positions is garbage after the
   frame. */
#include "workloads/programs/collisions.h"

#include <stdio.h>
#include <string.h>

enum { AIRCRAFT, FRAMES, ROUNDS };

enum { REPORT_SIGN, REPORT_POSITION, REPORT_SLOTS };

/* The text of a call sign; aircraft differ in it. */
struct sign {
  char text[16];
};

static struct cd cd_make(struct workload_thread *t) {
  struct gc_type_desc point = {.name = "point", .bytes = sizeof(struct point)};
  struct gc_type_desc sign = {.name = "sign", .bytes = sizeof(struct sign)};
  struct gc_type_desc report = {.name = "report", .refs = REPORT_SLOTS};
  struct gc_type_desc motion = {.name = "motion", .refs = MOTION_SLOTS};
  struct gc_type_desc hit = {.name = "collision", .refs = COLLISION_SLOTS};
  return (struct cd){.c = containers_make(t),
                     .m = t != NULL ? t->m : NULL,
                     .point = workload_type(&point),
                     .sign = workload_type(&sign),
                     .report = workload_type(&report),
                     .motion = workload_type(&motion),
                     .collision = workload_type(&hit)};
}

/* --- sizes: upper bounds -------------------------------------------------- */

/* For each square that a motion touches, drawing makes those around it. */
enum { AROUND = 8, POINTS_PER_TEST = 12 };

struct sizes {
  size_t aircraft, seen, point, report, motion, node;
};

static struct sizes sizes_of(const struct cd *cd,
                             const struct workload_setup *setup) {
  size_t aircraft = (size_t)setup->param[AIRCRAFT];
  return (struct sizes){
      .aircraft = aircraft,
      .seen = aircraft < AIRCRAFT_SEEN_MAX ? aircraft : AIRCRAFT_SEEN_MAX,
      .point = gc_size_for(cd->point, 0),
      .report = gc_size_for(cd->report, 0),
      .motion = gc_size_for(cd->motion, 0),
      .node = tree_bytes(1)};
}

/* Signs and positions of aircraft; of a frame: the reports, the tree of signs
   that were seen, and motions. */
static size_t aircraft_bytes(const struct cd *cd, const struct sizes *s) {
  return 3 * vector_bytes(&cd->c, s->aircraft) +
         s->aircraft * (gc_size_for(cd->sign, 0) + 2 * s->node + s->report +
                        s->motion + 2 * s->point);
}

/* The map of squares, with vectors of motions, and the collisions. */
static size_t squares_bytes(const struct cd *cd, const struct sizes *s) {
  size_t squares = SQUARES_MAX * s->seen;
  size_t square = s->node + s->point + vector_bytes(&cd->c, 2);
  size_t hit = gc_size_for(cd->collision, 0) + s->point;
  return squares * square + squares / 2 * hit +
         2 * vector_bytes(&cd->c, squares);
}

static size_t live_bytes(const struct workload_setup *setup) {
  struct cd cd = cd_make(NULL);
  struct sizes s = sizes_of(&cd, setup);
  return setup->threads * (aircraft_bytes(&cd, &s) + squares_bytes(&cd, &s));
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  struct cd cd = cd_make(NULL);
  struct sizes s = sizes_of(&cd, setup);
  size_t draw = s.node + SQUARES_MAX * (2 * AROUND * s.point + s.node);
  size_t tests = SQUARES_MAX * POINTS_PER_TEST * s.point;
  size_t frame = 2 * (aircraft_bytes(&cd, &s) + squares_bytes(&cd, &s)) +
                 s.aircraft * (s.point + s.node) + s.seen * (draw + tests);
  return setup->threads * (size_t)setup->param[ROUNDS] *
         (size_t)setup->param[FRAMES] * frame;
}

/* --- a frame -------------------------------------------------------------- */

static int sign_order(gc_ref a, gc_ref b) {
  return strcmp(gc_bytes(a), gc_bytes(b));
}

static bool report_make(const struct cd *cd, const gc_root *frame, size_t i,
                        uint64_t number) {
  GC_FRAME(cd->m, f, position, report);
  if (!point_new(cd, &f.position, aircraft_position(i, number)) ||
      !counted_new(&cd->c, &f.report, cd->report))
    return false;
  gc_ref report = gc_root_get(&f.report);
  counted_set(&cd->c, report, REPORT_SIGN,
              vector_at(gc_root_get(cd->signs), i));
  counted_set_move(&cd->c, report, REPORT_POSITION, &f.position);
  return vector_append(&cd->c, frame, &f.report);
}

/* A new aircraft has not moved. */
static bool report_read(const struct cd *cd, const gc_root *report,
                        const struct tree *seen, const gc_root *motions) {
  struct tree positions = {&cd->c, cd->positions, sign_order};
  GC_FRAME(cd->m, f, sign, to, from, motion, none);
  slot_load(cd, &f.sign, report, REPORT_SIGN);
  slot_load(cd, &f.to, report, REPORT_POSITION);
  if (!tree_put(&positions, &f.sign, &f.to, &f.from) ||
      !tree_put(seen, &f.sign, &f.to, &f.none))
    return false;
  if (gc_root_get(&f.from) == NULL)
    gc_root_set(cd->m, &f.from, gc_root_get(&f.to));
  gc_ref motion = counted_new(&cd->c, &f.motion, cd->motion);
  if (motion == NULL)
    return false;
  counted_set_move(&cd->c, motion, MOTION_SIGN, &f.sign);
  counted_set_move(&cd->c, motion, MOTION_FROM, &f.from);
  counted_set_move(&cd->c, motion, MOTION_TO, &f.to);
  return vector_append(&cd->c, motions, &f.motion);
}

/* Every aircraft has reported, so none is removed. */
static bool all_were_seen(const struct cd *cd, const struct tree *seen) {
  struct tree positions = {&cd->c, cd->positions, sign_order};
  GC_FRAME(cd->m, f, node);
  gc_root_set(cd->m, &f.node, tree_first(&positions));
  for (size_t i = 1; gc_root_get(&f.node) != NULL; i++) {
    gc_ref node = gc_root_get(&f.node);
    if (tree_get(seen, gc_get(node, TREE_KEY)) == NULL)
      return false;
    gc_root_set(cd->m, &f.node, tree_next(node));
    if (i % WORKLOAD_STRIDE == 0)
      gc_safepoint(cd->m);
  }
  return true;
}

static bool reports_read(const struct cd *cd, const gc_root *frame,
                         const gc_root *motions) {
  GC_FRAME(cd->m, f, seen, report);
  struct tree seen = {&cd->c, &f.seen, sign_order};
  if (!tree_new(&cd->c, &f.seen))
    return false;
  for (size_t i = 0; i < vector_size(gc_root_get(frame)); i++) {
    gc_root_set(cd->m, &f.report, vector_at(gc_root_get(frame), i));
    if (!report_read(cd, &f.report, &seen, motions))
      return false;
  }
  cd->c.t->figures.checksum += !all_were_seen(cd, &seen);
  return true;
}

static bool frame_run(const struct cd *cd, uint64_t number) {
  GC_FRAME(cd->m, f, frame, motions, collisions);
  size_t aircraft = vector_size(gc_root_get(cd->signs));
  if (!vector_new(&cd->c, &f.frame) || !vector_new(&cd->c, &f.motions) ||
      !vector_new(&cd->c, &f.collisions))
    return false;
  for (size_t i = 0; i < aircraft; i++)
    if (!report_make(cd, &f.frame, i, number))
      return false;
  if (!reports_read(cd, &f.frame, &f.motions) ||
      !collisions_find(cd, &f.motions, &f.collisions))
    return false;
  gc_safepoint(cd->m);
  cd->c.t->figures.checksum += vector_size(gc_root_get(&f.collisions));
  return true;
}

/* --- the run -------------------------------------------------------------- */

static bool signs_make(const struct cd *cd) {
  GC_FRAME(cd->m, f, sign);
  for (int64_t i = 0; i < cd->c.t->setup->param[AIRCRAFT]; i++) {
    gc_ref sign = counted_new(&cd->c, &f.sign, cd->sign);
    if (sign == NULL)
      return false;
    struct sign *data = gc_bytes(sign);
    snprintf(data->text, sizeof data->text, "foo%d", (int)i);
    if (!vector_append(&cd->c, cd->signs, &f.sign))
      return false;
  }
  return true;
}

static bool simulate(struct cd *cd) {
  GC_FRAME(cd->m, f, signs, positions);
  cd->signs = &f.signs;
  cd->positions = &f.positions;
  if (!vector_new(&cd->c, &f.signs) || !tree_new(&cd->c, &f.positions) ||
      !signs_make(cd))
    return false;
  for (int64_t i = 0; i < cd->c.t->setup->param[FRAMES]; i++)
    if (!frame_run(cd, (uint64_t)i))
      return false;
  return true;
}

static bool run(struct workload_thread *t) {
  const int64_t *param = t->setup->param;
  for (int64_t i = 0; i < param[ROUNDS]; i++) {
    struct cd cd = cd_make(t);
    if (!simulate(&cd))
      return false;
  }
  t->figures.ops =
      (uint64_t)param[AIRCRAFT] * (uint64_t)(param[FRAMES] * param[ROUNDS]);
  return true;
}

/* The collisions that were published for 200 frames. */
static const struct {
  int64_t aircraft;
  uint64_t collisions;
} published[] = {
    {1000, 14484}, {500, 14484}, {250, 10830}, {100, 4305}, {10, 390}};

static uint64_t expected(const struct workload_setup *setup) {
  int64_t aircraft = setup->param[AIRCRAFT], frames = setup->param[FRAMES];
  for (size_t i = 0; i < sizeof published / sizeof *published; i++)
    if (published[i].aircraft == aircraft && frames == 200)
      return published[i].collisions;
  return collisions_count((uint64_t)aircraft, (uint64_t)frames);
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  uint64_t rounds = (uint64_t)main->setup->param[ROUNDS];
  bool right = workload_checksums_are(threads, rounds * expected(main->setup));
  return right ? NULL : "the number of collisions is wrong";
}

static const struct workload_param params[] = {
    [AIRCRAFT] = {"aircraft",
                  2,
                  1000000,
                  {500, 1000, 100000},
                  "aircraft, of which two fly together"},
    [FRAMES] = {"frames", 1, 1000000, {200, 200, 200}, "reports of the radar"},
    [ROUNDS] = {"rounds", 1, 1000000, {1, 4, 2}, "flights, one after another"},
    {0},
};

const struct workload workload_cd = {
    .name = "cd",
    .summary = "Detects collisions of aircraft, frame by frame",
    .stresses = "short frames of small objects; trees with parents",
    .params = params,
    .live_bytes = live_bytes,
    .live_is_bound = true,
    .alloc_bytes = alloc_bytes,
    .makes_cycles = true,
    .run = run,
    .check = check,
};
