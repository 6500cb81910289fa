/* SPDX-License-Identifier: MIT */
/* When a pass is due, and over which age.

   Note [Pacing]
   The program pays for freed objects when it allocates them. The other objects
   that a pass examines (objects touched minus objects freed) must be paid for
   by the work of the mutators. Otherwise a program whose heap only grows takes
   quadratic time. So each pass has a price, the number of objects that it
   examined without freeing them, and the next pass over the same age waits
   until the price is paid: by candidates, each of which pays for
   PACE_PER_CANDIDATE objects, or by growth, each PACE_BYTES of which pay for
   one object. Then a list that only grows is examined each time that it is
   longer by a constant factor, and all passes together take time linear in its
   length. This is the credit of incremental collectors (Baker, "List processing
   in real time on a serial computer", CACM 1978; Lua's and CPython's pacing of
   full collections), with a measured price in place of the size of the heap. A
   pass that finds garbage only has no price, so that small heaps are collected
   each time the threshold is reached.

   A pass is asked for
   - by the candidates of one mutator, when there are more than the threshold
     and they pay its share of the price;
   - by growth, when the heap has grown since the last pass by a quarter and
     PACE_LEAST_GROWTH bytes more, and this growth pays the price. Growth is
     needed because a few large cycles make few candidates. The quarter makes
     such passes rare in a heap that grows.
   The pass goes over the oldest age that is due. An age is due
   - by growth, when the heap has grown since the last pass over this age, and a
     pass over the next younger age did not free enough; or
   - by number, when as many passes over the next younger age have been made as
     the threshold says, and candidates or growth have paid the age's price.

   Candidates are only suspects. After passes that freed next to nothing, each
   candidate pays for fewer objects, down to a part of 2^PACE_DOUBT_MOST, until
   a pass frees something again (Nim's ORC adapts its threshold likewise). So a
   program that keeps changing a live structure spends less on passes. What
   growth pays does not change, and counts for young candidates too as long as
   they are doubted. So as much garbage waits as before, unless it takes the
   place of objects that died: then the heap is no larger for it. Growth alone
   asks later, when the heap has up to doubled.

   A pass that its budget stopped early continues after half as many new
   candidates as its next batch takes, so that the backlog falls. These
   candidates pay for the parts of the pass, so its price is that of its dearest
   part. */
#include "collectors/shared/trial/cycle.h"

enum {
  /* If each candidate is in a ring of two objects, fewer garbage objects wait
     than live objects are examined. Under a budget the number is larger,
     because more candidates are made while a pass runs in parts. */
  PACE_PER_CANDIDATE = 2,
  PACE_PER_CANDIDATE_BUDGET = 4,
  /* If objects are small, garbage may take as much memory as the objects that a
     pass examines without freeing them. */
  PACE_BYTES = 32,
  PACE_LEAST_GROWTH = 4 << 20,
  /* A pass is vain if it frees less than this share of what it examines. */
  PACE_VAIN_SHARE = 16,
  PACE_DOUBT_MOST = 3,
};

static uint64_t per_candidate(const struct cycle_heap *heap) {
  return heap->budget_ns ? PACE_PER_CANDIDATE_BUDGET : PACE_PER_CANDIDATE;
}

/* Bytes to grow by before growth alone asks for a pass over an age. In doubt
   the heap may double. */
static size_t growth_due(size_t held, uint64_t price, unsigned doubt) {
  size_t share = held / 4 << (doubt < 2 ? doubt : 2);
  size_t least = PACE_LEAST_GROWTH + share, paying = price * PACE_BYTES;
  return paying > least ? paying : least;
}

static size_t growth_since(struct cycle_heap *heap, int age) {
  gc_assert(age >= 0 && age < CYCLE_AGES);
  size_t held = gc_rc_held_bytes(&heap->rc.base);
  size_t before = heap->pace[age].held;
  return held > before ? held - before : 0;
}

uint64_t gc_cycle_pace_candidates(struct cycle_heap *heap) {
  uint64_t threshold = atomic_load(&heap->threshold[0]);
  uint64_t step = atomic_load(&heap->step);
  uint64_t paying = atomic_load(&heap->paying);
  if (threshold == 0)
    return 0;
  if (step != 0)
    return step;
  return threshold > paying ? threshold : paying;
}

bool gc_cycle_pace_has_grown(struct cycle_heap *heap) {
  return atomic_load(&heap->threshold[0]) != 0 &&
         gc_rc_held_bytes(&heap->rc.base) > atomic_load(&heap->rc.ask_held);
}

static bool is_paid(struct cycle_heap *heap, int age) {
  const struct cycle_pace *pace = &heap->pace[age];
  gc_assert(heap->gathered >= pace->gathered);
  uint64_t made = heap->gathered - pace->gathered;
  uint64_t paid = made * per_candidate(heap) >> pace->doubt;
  return paid + growth_since(heap, age) / PACE_BYTES >= pace->price;
}

/* Requires a pass over the next younger age first, because that is cheaper. */
static bool has_grown(struct cycle_heap *heap, int age) {
  const struct cycle_pace *pace = &heap->pace[age];
  return pace->passes > 0 &&
         growth_since(heap, age) >
             growth_due(pace->held, pace->price, pace->doubt);
}

/* Passes over an age are automatic if neither its threshold nor that of a
   younger age is 0. They are due when as many passes have been made over each
   younger age as the thresholds say. */
int gc_cycle_pace_age(struct cycle_heap *heap) {
  gc_assert_always(gc_world_is_stopped(&heap->rc.base));
  bool is_counted = true;
  int due = 0;
  for (int age = 1; age < CYCLE_AGES; age++) {
    uint64_t threshold = atomic_load(&heap->threshold[age]);
    if (threshold == 0)
      break;
    is_counted =
        is_counted && heap->pace[age].passes >= threshold && is_paid(heap, age);
    if (is_counted || has_grown(heap, age))
      due = age;
  }
  return due;
}

/* One mutator does not know how many candidates the others have. */
static uint64_t share_of_one(struct cycle_heap *heap, uint64_t candidates) {
  uint64_t mutators = 0;
  for (gc_mutator *m = heap->rc.base.mutators; m; m = m->next)
    mutators++;
  gc_assert_always(mutators > 0);
  atomic_store(&heap->sharers, mutators);
  return candidates / mutators;
}

static void growth_ask(struct cycle_heap *heap, uint64_t price) {
  size_t held = gc_rc_held_bytes(&heap->rc.base);
  atomic_store(&heap->rc.ask_held,
               held + growth_due(held, price, heap->pace[0].doubt));
}

bool gc_cycle_pace_is_believed(struct cycle_heap *heap, uint64_t candidates) {
  unsigned doubt = atomic_load(&heap->doubt);
  size_t held = gc_rc_held_bytes(&heap->rc.base);
  size_t before = atomic_load(&heap->held_then);
  uint64_t grown = held > before ? (held - before) / PACE_BYTES : 0;
  uint64_t paid = candidates * per_candidate(heap) >> doubt;
  gc_assert(doubt <= PACE_DOUBT_MOST);
  return doubt == 0 || atomic_load(&heap->step) != 0 ||
         paid + grown / atomic_load(&heap->sharers) >=
             atomic_load(&heap->paying) * per_candidate(heap);
}

void gc_cycle_pace_step(struct cycle_heap *heap, uint64_t candidates,
                        uint64_t price) {
  uint64_t each = share_of_one(heap, candidates);
  atomic_store(&heap->step, each > 0 ? each : 1);
  growth_ask(heap, price);
}

static void doubt_renew(struct cycle_pace *pace, uint64_t touched,
                        uint64_t freed) {
  bool is_vain = freed < touched / PACE_VAIN_SHARE;
  if (!is_vain)
    pace->doubt = 0;
  else if (pace->doubt < PACE_DOUBT_MOST)
    pace->doubt++;
}

void gc_cycle_pace_pass(struct cycle_heap *heap, int age, uint64_t price,
                        uint64_t touched, uint64_t freed) {
  size_t held = gc_rc_held_bytes(&heap->rc.base);
  gc_assert_always(gc_world_is_stopped(&heap->rc.base));
  gc_assert_always(age >= 0 && age < CYCLE_AGES);
  for (int i = 0; i <= age; i++) {
    heap->pace[i].passes = 0;
    heap->pace[i].gathered = heap->gathered;
    heap->pace[i].held = held;
    doubt_renew(&heap->pace[i], touched, freed);
  }
  heap->pace[age].price = price;
  if (age + 1 < CYCLE_AGES)
    heap->pace[age + 1].passes++;
  atomic_store(&heap->step, 0);
  uint64_t paying = heap->pace[0].price / per_candidate(heap);
  atomic_store(&heap->doubt, heap->pace[0].doubt);
  atomic_store(&heap->held_then, heap->pace[0].held);
  atomic_store(&heap->paying, share_of_one(heap, paying));
  growth_ask(heap, heap->pace[0].price);
}

void gc_cycle_pace_init(struct cycle_heap *heap) {
  atomic_store(&heap->rc.ask_held, growth_due(0, 0, 0));
}
