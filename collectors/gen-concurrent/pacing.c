/* SPDX-License-Identifier: MIT */
/* When a cycle begins, and how much mutators mark and sweep for it.

   Note [Price]
   A cycle must end before memory does. When it begins, some room is left. Every
   byte that is allocated costs so many objects that the marker has reached all
   old ones when half of that room is used. The number of old objects is known
   from the last minor collection; it is at least the number of those that will
   be reached, unless some are marked twice. So the price is never 0. It is
   renewed in each stop, from what is left of both; the half stays where it was
   when the cycle began. If it were half of what is left each time, it would
   never be reached. A mutator pays when it has filled a block, at most
   GEN_SLICE objects at a time, which take about 100 microseconds; the rest it
   owes. What a stop has cut off is not paid, nor what the marker did not find.
   Several mutators pay at the same time: Note [Several markers]. While the
   thread marks, or others have all markers, it owes all. If it owes too much,
   it pays one slice after the other until it owes less, or memory might run out
   first. Too much is a third of what is left, if the thread marks on a
   processor that would be idle otherwise: it does most of the work, and each
   stop forgives the debts, which become a part of the price. If no processor is
   idle, debts stay, and too much is a third of all objects for all mutators
   together. If memory runs out all the same, the mutator that wants some marks
   and sweeps in slices, until the cycle has ended and all is swept. Giving
   pages back takes long, so it is not done in a stop, either: between two
   cycles, a mutator lends those of one block each time it takes memory, until
   there is as much outside of blocks as Note [Room for large objects] wants.
   Sweeping has a price in the same way, in blocks and groups of large objects,
   so that it ends long before the next cycle is due. */
#include "collectors/gen-concurrent/concurrent.h"

#include "heap/sweepstakes.h"

/* Note [Short stops]
   A minor collection takes about as long as its survivors are many, and as many
   slots of old objects were stored to. Both grow with the nursery. So it is
   measured how long the world is stopped for each byte of the nursery, and the
   nursery gets so many bytes that the next stop takes as long as the goal says.
   Each stop also costs what stopping and waking threads takes, and a colder
   cache. So if stops take more than a GEN_STOPS_SHARE-th of the time that
   mutators run between them, the goal goes up, from GEN_STOP_NS to at most
   GEN_STOP_MOST_NS; when they take less than half of that, it goes down again.
   A program that allocates at a moderate rate keeps the shortest stops. Where
   mutators take long to stop, because other programs have the processors, a
   stop may take as long once more; otherwise the program would mostly wait for
   stops. One stop that took long counts at most twice what was expected. Under
   a limit, several minor collections must also fit in the room, because both
   stops of a cycle are in one. */
enum {
  GEN_STOP_NS = 45000,
  GEN_STOP_MOST_NS = 300000,
  GEN_STOPS_SHARE = 8,
  GEN_STOP_WEIGHT = 4, /* a stop counts as much as all before it by 1 to 3 */
  GEN_LOOKS = 4,
  GEN_MINORS_MOST = 32,
  GEN_LEAST_NURSERY = 256 << 10,
  GEN_LEAST_IN_ROOM = 64 << 10,
};

enum {
  GEN_SLICE = 4096,
  GEN_GROUP_BYTES = BLK_LARGE_GROUP * BLK_SMALL_MAX,
  GEN_SHRUNK_SLICE = 8,
  /* Blocks, or groups of large objects, of about a microsecond each. */
  GEN_SWEEP_SLICE = 64,
  GEN_SHRUNK_SWEEP = 1,
  GEN_SWEEP_PART = 8, /* then a mutator looks whether it is to stop */
  /* All is swept when this share of the room is used. */
  GEN_SWEEP_SHARE = 2,
  /* Mutators may owe this share of the work. */
  GEN_PATIENCE_SHARE = 3,
  /* At least this share of all objects is taken to be left. */
  GEN_LEAST_SHARE = 16,
  /* A cycle that is late ends within this share of the room that is left. */
  GEN_LATE_SHARE = 8,
  /* Without a limit, the heap may grow by so much while a cycle is on. */
  GEN_GROWTH_SHARE = 4,
  GEN_LEAST_ROOM = 4 << 20,
};

/* Note [Begin]
   Under a limit, a cycle should begin as late as it can, because each one costs
   the same. But it must end before memory runs out. So the share of the room
   that is left when it begins is such that GEN_LEFT_AT_END of the room is left
   when it ends: it goes up when a cycle has left less, and down when one has
   left more. */
#define GEN_LEFT_AT_END 0.125

/* Note [Short heaps]
   Where a full collection takes no longer than a long stop may take, a cycle
   would only cost more. So such a heap is collected as that of `gen` is, while
   the world is stopped. It is known how much lived after the last cycle or full
   collection. If all that is allocated until the next one stays, that is at
   most GEN_SHORT_GROWTH times as much more. */
enum {
  GEN_OBJECT_NS = 10,
  GEN_LARGE_NS = 40,
  GEN_BLOCK_NS = 400,
  GEN_SHORT_GROWTH = 4,
};

static bool is_short(const struct gen_heap *gen) {
  size_t ns = gc_gen_objects(gen) * GEN_OBJECT_NS +
              gen->blocks.large.objects * GEN_LARGE_NS +
              gen->blocks.space.held * GEN_BLOCK_NS;
  return ns <= GEN_STOP_MOST_NS && gc_blk_is_limited(&gen->blocks) &&
         gen->full_room <= GEN_SHORT_GROWTH * gen->full_live &&
         !gen->blocks.base.shrink;
}

static size_t at_least(size_t bytes, size_t least) {
  return bytes > least ? bytes : least;
}

/* Bytes that may be allocated before memory runs out. */
static size_t room_of(const struct gen_heap *gen) {
  return gc_blk_is_limited(&gen->blocks)
             ? gc_blk_room((struct blk_heap *)&gen->blocks)
             : gen->full_live / GEN_GROWTH_SHARE + GEN_LEAST_ROOM;
}

/* Room that is left when the next cycle is to begin. */
static size_t begin_room(const struct gen_heap *gen) {
  const struct cycle *cycle = &((const struct concurrent_heap *)gen)->cycle;
  double share = cycle->is_short ? 0.25 : cycle->begin_share;
  return (size_t)((double)gen->full_room * share);
}

/* Until the next cycle may have to begin. While one is on, it must be able to
   end several times before memory runs out. */
static size_t bytes_until_look(const struct gen_heap *gen) {
  const struct blk_space *space = &gen->blocks.space;
  size_t room = room_of(gen), begin = begin_room(gen);
  if (!gc_blk_is_limited(&gen->blocks))
    return room / GEN_LOOKS;
  if (gen->blocks.keeps_former || space->later.is_on)
    return at_least(room / GEN_LOOKS, gen->full_room / GEN_MINORS_MOST);
  return at_least(room > begin ? room - begin : 0,
                  gen->full_room / GEN_MINORS_MOST);
}

size_t gc_gen_cycle_nursery(const struct gen_heap *gen) {
  const struct cycle *cycle = &((const struct concurrent_heap *)gen)->cycle;
  double goal = at_least((size_t)cycle->goal_ns, GEN_STOP_NS);
  double seen = cycle->stop_ns[gen->blocks.promotes];
  double stop_ns = seen > 0 ? seen : cycle->stop_ns[0];
  double most = stop_ns > 0 ? (goal + cycle->wait_ns) / stop_ns : 0;
  size_t bytes = most < 0x1p62 ? (size_t)most : (size_t)1 << 62;
  size_t until = at_least(bytes_until_look(gen), GEN_LEAST_IN_ROOM);
  bytes = at_least(bytes, GEN_LEAST_NURSERY);
  return bytes < until ? bytes : until;
}

/* Note [Do generations pay]: decided by a minor collection, until the cycle
   after it has ended or a full collection has. */
void gc_gen_cycle_promote_renew(struct gen_heap *gen) {
  struct cycle *cycle = &((struct concurrent_heap *)gen)->cycle;
  bool is_full = gen->blocks.generation == 2;
  if (gen->blocks.keeps_former || gen->blocks.space.later.is_on) {
    cycle->is_short = gen->is_put_off = false;
  } else if (is_full || !gen->blocks.promotes) {
    cycle->is_short = !cycle->is_flat && is_short(gen);
    gen->is_put_off = cycle->is_short && !gc_gen_generations_pay(gen);
    gen->blocks.promotes = cycle->is_flat;
  }
  if (!is_full && !gen->is_put_off && !gc_gen_generations_pay(gen))
    gen->blocks.promotes = true;
}

static void expect(double *expected, double seen) {
  if (*expected > 0 && seen > 2 * *expected)
    seen = 2 * *expected;
  *expected += (seen - *expected) / (*expected > 0 ? GEN_STOP_WEIGHT : 1);
}

/* `stopped`: how long the world has been stopped. */
static void goal_renew(struct cycle *cycle, uint64_t request, double stopped) {
  double run = cycle->run_ns;
  if (cycle->stopped_at > 0)
    expect(&cycle->run_ns, (double)(request - cycle->stopped_at));
  cycle->stopped_at = gc_now_ns();
  if (stopped * GEN_STOPS_SHARE > run && cycle->goal_ns < GEN_STOP_MOST_NS)
    cycle->goal_ns += at_least((size_t)cycle->goal_ns, GEN_STOP_NS) / 8.0;
  else if (stopped * GEN_STOPS_SHARE * 2 < run)
    cycle->goal_ns -= cycle->goal_ns / 8;
}

void gc_gen_cycle_measure(struct gen_heap *gen, size_t claimed) {
  const struct gc_pause *pause = &gen->blocks.base.pause;
  const uint64_t *ns = pause->phase_ns;
  struct cycle *cycle = &((struct concurrent_heap *)gen)->cycle;
  if (claimed < GEN_LEAST_IN_ROOM || gen->blocks.generation > 0)
    return;
  uint64_t stopped =
      ns[GC_PHASE_ROOTS] + ns[GC_PHASE_MARK] + ns[GC_PHASE_SWEEP];
  double *stop_ns = &cycle->stop_ns[gen->blocks.promotes];
  expect(stop_ns, (double)stopped / (double)claimed);
  expect(&cycle->wait_ns, (double)(pause->t_stopped - pause->t_request));
  goal_renew(cycle, pause->t_request,
             cycle->wait_ns + *stop_ns * (double)claimed);
}

bool gc_pacing_is_due(struct concurrent_heap *heap) {
  struct gen_heap *gen = &heap->gen;
  gc_assert_always(gc_world_is_stopped(&gen->blocks.base));
  gc_assert(!cycle_is_sweeping(heap));
  if (!gc_blk_is_limited(&gen->blocks))
    return gc_gen_full_is_due(gen);
  return gen->blocks.space.is_out ||
         gc_blk_room(&gen->blocks) <= begin_room(gen);
}

/* Note [Begin] */
void gc_pacing_ended(struct concurrent_heap *heap, bool is_degraded) {
  struct cycle *cycle = &heap->cycle;
  double share = cycle->begin_share + 0.25;
  if (!is_degraded) {
    double room = (double)heap->gen.full_room + 1;
    double left = (double)room_of(&heap->gen) / room;
    share = cycle->begin_share + (GEN_LEFT_AT_END - left) / 4;
  }
  cycle->begin_share = share < GEN_LEFT_AT_END ? GEN_LEFT_AT_END
                       : share > 0.5           ? 0.5
                                               : share;
}

/* What all mutators owe together. At the beginning they owe nothing. */
static double debts_renew(struct concurrent_heap *heap, bool forgives) {
  double sum = 0;
  for (gc_mutator *m = heap->gen.blocks.base.mutators; m; m = m->next) {
    double *owed = &concurrent_mutator_of(m)->owed;
    *owed = forgives ? 0 : *owed;
    sum += *owed;
  }
  return sum;
}

void gc_pacing_renew(struct concurrent_heap *heap) {
  struct cycle *cycle = &heap->cycle;
  size_t marked = gc_mark_count(&cycle->marking);
  double objects = (double)cycle->objects + GEN_SLICE;
  double left = objects - (double)marked, least = objects / GEN_LEAST_SHARE;
  double sharers = heap->gen.allocating ? heap->gen.allocating : 1;
  gc_assert_always(gc_world_is_stopped(&heap->gen.blocks.base));
  cycle->patience = (gc_cycle_thread_helps(heap) ? left : objects / sharers) /
                    GEN_PATIENCE_SHARE;
  left -= debts_renew(heap, gc_cycle_thread_helps(heap) || marked == 0);
  left = left > least ? left : least;
  size_t room = room_of(&heap->gen), end = cycle->end_room;
  size_t until = at_least(room > end ? room - end : 0, room / GEN_LATE_SHARE);
  cycle->price = left / ((double)until + 1);
}

void gc_pacing_begin(struct concurrent_heap *heap) {
  atomic_store(&heap->cycle.credit, 0);
  heap->cycle.objects = gc_gen_objects(&heap->gen);
  heap->cycle.end_room = room_of(&heap->gen) / 2;
  gc_pacing_renew(heap);
}

void gc_pacing_sweep(struct concurrent_heap *heap) {
  const struct blk_heap *blocks = &heap->gen.blocks;
  size_t most = blocks->space.blocks + blocks->large.objects / BLK_LARGE_GROUP;
  gc_assert_always(gc_world_is_stopped(&blocks->base));
  atomic_store(&heap->cycle.credit, 0);
  heap->cycle.price =
      (double)most * GEN_SWEEP_SHARE / ((double)room_of(&heap->gen) + 1);
}

/* Needs no lock: Note [Sweeping later]. */
static void sweep_slice(gc_mutator *m, struct concurrent_heap *heap,
                        size_t count) {
  uint64_t begun = gc_now_ns();
  size_t done = 0, some = 1;
  while (some > 0 && done < count && !gc_poll_is_set(m)) {
    size_t part = count - done < GEN_SWEEP_PART ? count - done : GEN_SWEEP_PART;
    some =
        gc_blk_later_sweep(&heap->gen.blocks, &blk_mutator_of(m)->source, part);
    done += some;
  }
  if (done > 0)
    gc_tell_slow(m, "sweep", begun, 0);
}

/* The marker's lock is held; or, if it is NULL, all are. */
static enum mark_left slice(gc_mutator *m, struct marker *k, size_t objects,
                            size_t *done) {
  struct concurrent_heap *heap = concurrent_of(m->heap);
  struct marker *used = k ? k : cycle_marker(heap, 0);
  uint64_t begun = gc_now_ns();
  size_t before = used->marked;
  gc_assert(cycle_is_on(heap));
  enum mark_left left = k ? gc_mark_slice(k, objects, m)
                          : gc_mark_alone(&heap->cycle.marking, objects, m);
  *done = used->marked - before;
  if (left == MARK_DONE)
    gc_cycle_drained(heap);
  if (*done > 0)
    gc_tell_slow(m, "slice", begun, *done);
  return left;
}

/* What the thread has done for this mutator. */
static double credit_take(struct cycle *cycle, double owed) {
  size_t has = atomic_load_explicit(&cycle->credit, memory_order_relaxed), take;
  do
    take = owed < (double)has ? (size_t)owed : has;
  while (take > 0 && !atomic_compare_exchange_weak_explicit(
                         &cycle->credit, &has, has - take, memory_order_relaxed,
                         memory_order_relaxed));
  return (double)take;
}

static void pay_by_sweeping(gc_mutator *base) {
  struct gen_concurrent_mutator *m = concurrent_mutator_of(base);
  size_t most = base->heap->shrink ? GEN_SHRUNK_SWEEP : GEN_SWEEP_SLICE;
  size_t count = m->owed < (double)most ? (size_t)m->owed : most;
  if (count > 0)
    sweep_slice(base, concurrent_of(base->heap), count);
  m->owed -= (double)count;
}

static bool help_to_mark(gc_mutator *m, struct concurrent_heap *heap) {
  size_t done;
  if (atomic_load(&heap->cycle.is_drained))
    return false;
  gc_cycle_lock(heap);
  slice(m, NULL, m->heap->shrink ? GEN_SHRUNK_SLICE : GEN_SLICE, &done);
  gc_cycle_unlock(heap);
  return true;
}

static bool help_to_sweep(gc_mutator *m, struct concurrent_heap *heap) {
  uint64_t begun = gc_now_ns();
  if (gc_blk_later_sweep(&heap->gen.blocks, &blk_mutator_of(m)->source,
                         GEN_SWEEP_SLICE) == 0)
    return false;
  gc_tell_slow(m, "sweep", begun, 0);
  return true;
}

bool gc_gen_cycle_help(gc_mutator *m) {
  struct concurrent_heap *heap = concurrent_of(m->heap);
  gc_safepoint(m);
  return cycle_is_on(heap) ? help_to_mark(m, heap)
                           : cycle_is_sweeping(heap) && help_to_sweep(m, heap);
}

/* Note [Counting later]: all young large objects are dealt with when as many
   bytes as they have at least are allocated. */
static void fresh_free(gc_mutator *m, size_t bytes) {
  bool is_busy;
  gc_blk_large_sweep_some(blk_heap_of(m->heap), &blk_mutator_of(m)->source,
                          bytes / GEN_GROUP_BYTES + 1, &is_busy);
}

static enum mark_left pay_a_slice(gc_mutator *base, struct marker *k,
                                  size_t most) {
  struct gen_concurrent_mutator *m = concurrent_mutator_of(base);
  size_t done, objects = m->owed < (double)most ? (size_t)m->owed : most;
  enum mark_left left = slice(base, k, objects ? objects : 1, &done);
  bool is_paid = (double)done >= m->owed ||
                 atomic_load(&concurrent_of(base->heap)->cycle.is_drained);
  m->owed = is_paid ? 0 : m->owed - (double)done;
  return left;
}

/* If it is late and others have all that is left, they pause. */
static void pay_late(gc_mutator *base, size_t most) {
  struct concurrent_heap *heap = concurrent_of(base->heap);
  struct marker *k = gc_mark_enter(&heap->cycle.marking, base->number);
  enum mark_left left = pay_a_slice(base, k, most);
  gc_mark_leave(k);
  if (left != MARK_BUSY)
    return;
  gc_cycle_lock(heap);
  pay_a_slice(base, NULL, most);
  gc_cycle_unlock(heap);
}

static void pay_by_marking(gc_mutator *base, size_t most) {
  const struct gen_concurrent_mutator *m = concurrent_mutator_of(base);
  struct cycle *cycle = &concurrent_of(base->heap)->cycle;
  if (m->owed < cycle->patience && !atomic_load(&cycle->is_helped)) {
    struct marker *k = gc_mark_enter_any(&cycle->marking, base->number);
    if (k == NULL)
      return;
    pay_a_slice(base, k, most);
    gc_mark_leave(k);
  }
  while (m->owed >= 1 && m->owed >= cycle->patience && !gc_poll_is_set(base))
    pay_late(base, most);
}

/* Note [Price] */
void gc_gen_cycle_pay(gc_mutator *base) {
  struct gen_concurrent_mutator *m = concurrent_mutator_of(base);
  struct concurrent_heap *heap = concurrent_of(base->heap);
  size_t most = base->heap->shrink ? GEN_SHRUNK_SLICE : GEN_SLICE;
  size_t bytes = m->base.blocks.claimed;
  if (bytes < BLK_SIZE && !base->heap->shrink)
    return;
  if (bytes > 0)
    fresh_free(base, bytes);
  m->base.blocks.claimed = 0;
  gc_cycle_thread_wake(heap);
  if (!cycle_is_on(heap) && !cycle_is_sweeping(heap)) {
    if (atomic_load_explicit(&heap->cycle.lends, memory_order_relaxed) &&
        !gc_blk_reserve_more(&heap->gen.blocks))
      atomic_store(&heap->cycle.lends, false);
    m->owed = 0;
    return;
  }
  m->owed += (double)bytes * heap->cycle.price;
  m->owed -= credit_take(&heap->cycle, m->owed);
  if (cycle_is_sweeping(heap)) {
    pay_by_sweeping(base);
    return;
  }
  if (m->owed >= 1)
    pay_by_marking(base, most);
}
