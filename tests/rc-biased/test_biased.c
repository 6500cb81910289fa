/* SPDX-License-Identifier: MIT */
/* Counts in two halves: who counts where, who merges and who frees. */
#include <pthread.h>
#include <stdio.h>

#include "collectors/rc-biased/owner.h"
#include "tests/support/support.h"

/* --- one mutator -----------------------------------------------------------
 */

static void store_all(gc_mutator *m, gc_ref array, size_t count, gc_ref value) {
  for (size_t i = 0; i < count; i++)
    gc_set(m, array, i, value);
}

/* Counts move to the shared half and back; with so many that it asks for it,
   the word is merged. In each case the object dies with its last reference. */
static void counts_spill(gc_mutator *m, size_t count) {
  GC_FRAME(m, f, array, object);
  CHECK(gc_new_array(m, &f.array, test_refs, count) != NULL);
  gc_ref object = test_make(m, &f.object, test_mortal, 0);
  store_all(m, gc_root_get(&f.array), count, object);
  CHECK(gc_refcount(object) == count + 1);
  bool is_merged = count > RC_SHARED_ASK + RC_OWN_MOST - RC_SPILL;
  CHECK(rc_is_merged(object->word) == is_merged);
  CHECK(is_merged ||
        (rc_shared_of(object->word) > 0) == (count >= RC_OWN_MOST));
  store_all(m, gc_root_get(&f.array), count, NULL);
  test_settle(m);
  CHECK(gc_refcount(object) == 1);
  CHECK(rc_is_merged(object->word) == is_merged);
  CHECK(test_deaths() == 0);
  gc_root_clear(m, &f.object);
  test_settle(m);
  CHECK(test_deaths() == 1);
}

static void halves_spill(void) {
  const size_t counts[] = {1, RC_OWN_MOST - 1, RC_OWN_MOST, RC_OWN_MOST + 1,
                           RC_COUNTS_TO - 1};
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    gc_mutator *m = test_open(0);
    test_deaths_begin(1);
    counts_spill(m, counts[i]);
    test_close(m);
  }
}

/* Large objects have no owner. */
static void large_objects_are_merged(void) {
  gc_mutator *m = test_open(0);
  {
    GC_FRAME(m, f, large, again);
    gc_ref large = gc_new_array(m, &f.large, test_blob, 100000);
    CHECK(rc_is_merged(large->word));
    gc_root_set(m, &f.again, large);
    CHECK(gc_refcount(large) == 2);
  }
  test_close(m);
}

/* --- an owner and another mutator ------------------------------------------
 */

struct scene {
  gc_root array; /* global; what the owner hands over is in slot 0 */
  _Atomic int step;
};

static void step_await(struct test_thread *self, int step) {
  struct scene *scene = self->shared;
  while (atomic_load(&scene->step) < step)
    gc_safepoint(self->m);
}

static gc_ref scene_array(struct test_thread *self) {
  return gc_root_get(&((struct scene *)self->shared)->array);
}

static void step_done(struct test_thread *self) {
  atomic_fetch_add(&((struct scene *)self->shared)->step, 1);
}

static void play(test_body *body) {
  gc_mutator *m = test_open(0);
  struct scene scene = {.array = {NULL}};
  gc_global_add(m->heap, &scene.array);
  {
    GC_FRAME(m, f, array);
    gc_global_set(m, &scene.array, gc_new_array(m, &f.array, test_refs, 4));
  }
  test_threads_run(m, 2, body, &scene);
  gc_global_set(m, &scene.array, NULL);
  gc_global_remove(m, &scene.array);
  test_close(m);
}

/* The array is in place and nothing stops the world, so no safepoint moves or
   frees what these functions use. */
static void hand_over(struct test_thread *self, gc_root *keeps) {
  GC_FRAME(self->m, f, object);
  gc_ref object = test_make(self->m, &f.object, test_node, 1);
  if (keeps)
    gc_root_set(self->m, keeps, object);
  gc_set_move(self->m, scene_array(self), 0, &f.object);
}

/* Empties the slot, and waits until the decrement has been applied. */
static void slot_drop(struct test_thread *self) {
  struct rc_mutator *rc = rc_of(self->m);
  gc_set(self->m, scene_array(self), 0, NULL);
  rc->taken = rc_heap_of(self->heap)->press_bytes;
  gc_rc_defer_press(rc);
  while (rc->deferred_count + rc->sealed.count > 0) {
    gc_poll_set(self->m, GC_POLL_COLLECTOR);
    gc_safepoint(self->m);
  }
}

/* Only the other mutator refers to it: it dies there, without its owner. */
static void sole_holder_frees(struct test_thread *self) {
  if (self->index == 0) {
    hand_over(self, NULL);
    step_done(self);
    step_await(self, 2);
    return;
  }
  GC_FRAME(self->m, f, taken);
  step_await(self, 1);
  gc_root_set(self->m, &f.taken, gc_get(scene_array(self), 0));
  gc_ref object = gc_root_get(&f.taken);
  CHECK(!rc_is_own(self->m, gc_object_cell(object)));
  slot_drop(self);
  CHECK(test_is_stressed() || !rc_is_merged(object->word));
  CHECK(gc_refcount(object) == 1);
  uint64_t before = rc_of(self->m)->released;
  gc_root_clear(self->m, &f.taken);
  CHECK(rc_of(self->m)->released == before + 1);
  step_done(self);
}

/* The other mutator lets go of a count that the owner made: the owner merges.
 */
static void owner_merges(struct test_thread *self) {
  if (self->index == 0) {
    GC_FRAME(self->m, f, kept);
    hand_over(self, &f.kept);
    step_done(self);
    step_await(self, 2);
    gc_safepoint(self->m);
    gc_ref object = gc_root_get(&f.kept);
    /* Under stress the owner may be the stopper that drains all buffers. */
    CHECK(rc_is_merged(object->word) || test_is_stressed());
    CHECK(gc_refcount(object) == 1 && (object->word & RC_QUEUED) == 0);
    return;
  }
  step_await(self, 1);
  slot_drop(self);
  step_done(self);
}

/* Parks, lets the others go on, and waits for that step. */
static void away_until(struct test_thread *self, int step) {
  gc_park(self->m);
  step_done(self);
  while (atomic_load(&((struct scene *)self->shared)->step) < step)
    test_sleep_ms(1);
  gc_unpark(self->m);
}

/* The same while the owner is parked: nobody waits for it. */
static void parked_owner_is_merged_for(struct test_thread *self) {
  if (self->index == 0) {
    GC_FRAME(self->m, f, kept);
    hand_over(self, &f.kept);
    away_until(self, 2);
    CHECK(gc_refcount(gc_root_get(&f.kept)) == 1);
    return;
  }
  step_await(self, 1);
  gc_ref object = gc_get(scene_array(self), 0);
  CHECK(rc_is_own(self->m, gc_object_cell(object)) == false);
  gc_set(self->m, scene_array(self), 0, NULL);
  gc_safepoint(self->m);
  CHECK(rc_is_merged(object->word) && (object->word & RC_QUEUED) == 0);
  CHECK(gc_refcount(object) == 1);
  step_done(self);
}

/* The same if the other one only counts it, often enough. */
static void parked_owner_is_relieved(struct test_thread *self) {
  if (self->index == 0) {
    GC_FRAME(self->m, f, kept);
    hand_over(self, &f.kept);
    away_until(self, 2);
    gc_ref object = gc_root_get(&f.kept);
    CHECK(rc_is_merged(object->word) && gc_refcount(object) == 2);
    return;
  }
  GC_FRAME(self->m, f, taken);
  step_await(self, 1);
  for (int i = 0; i < 1000; i++) {
    gc_root_set(self->m, &f.taken, gc_get(scene_array(self), 0));
    CHECK(gc_refcount(gc_root_get(&f.taken)) == 3);
    gc_root_clear(self->m, &f.taken);
  }
  CHECK(rc_is_merged(gc_get(scene_array(self), 0)->word));
  step_done(self);
}

/* Another mutator makes it immortal; the owner stops counting, too. */
static void others_immortalize(struct test_thread *self) {
  if (self->index == 0) {
    GC_FRAME(self->m, f, kept, again);
    hand_over(self, &f.kept);
    step_done(self);
    step_await(self, 2);
    gc_safepoint(self->m);
    gc_ref object = gc_root_get(&f.kept);
    uint32_t word = object->word;
    CHECK(rc_is_merged(word) && rc_is_frozen(word));
    gc_root_set(self->m, &f.again, object);
    CHECK(object->word == word);
    return;
  }
  step_await(self, 1);
  gc_immortalize(self->m, gc_get(scene_array(self), 0));
  CHECK(rc_is_sticky(rc_word(gc_get(scene_array(self), 0))));
  step_done(self);
}

/* --- cells go home ---------------------------------------------------------
 */

enum { ROUNDS = 40, EACH = 2000 };

static void lists_made(struct test_thread *self) {
  GC_FRAME(self->m, f, list, node);
  for (int i = 0; i < EACH; i++) {
    gc_ref node = test_make(self->m, &f.node, test_node, 1);
    gc_set_move(self->m, node, 0, &f.list);
    gc_root_move(self->m, &f.list, &f.node);
  }
  gc_set_move(self->m, scene_array(self), 0, &f.list);
}

/* One mutator makes lists, the other one drops them; the same memory serves
   again and again. */
static void producer_and_consumer(struct test_thread *self) {
  size_t most = 0;
  for (int round = 0; round < ROUNDS; round++) {
    if (self->index == 0)
      lists_made(self);
    test_meet(self);
    if (self->index == 1)
      slot_drop(self);
    test_meet(self);
    if (round == ROUNDS / 4)
      most = test_held(self->heap);
    CHECK(round < ROUNDS / 4 || test_held(self->heap) <= most + (1 << 20));
  }
}

/* --- owners that end -------------------------------------------------------
 */

enum { SURVIVORS = 64, MADE = 20 };

struct lives {
  gc_root array; /* global */
  gc_heap *heap;
  uint64_t count;
  size_t resident;
};

static size_t owners_of(gc_heap *heap) {
  size_t count = 0;
  for (struct rc_owner *o = biased_heap_of(heap)->owners; o; o = o->next)
    count++;
  return count;
}

static size_t resident(void) {
  size_t pages = 0, whole;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != NULL && fscanf(file, "%zu %zu", &whole, &pages) == 2);
  fclose(file);
  return pages * 4096;
}

/* What it makes stays with others; it copies, and drops, what others made. */
static void *live_shortly(void *data) {
  struct lives *lives = data;
  gc_mutator *m = gc_attach(lives->heap);
  CHECK(m != NULL);
  {
    GC_FRAME(m, f, object, copy);
    for (uint64_t i = 0; i < MADE; i++) {
      size_t slot = (lives->count * MADE + i) % SURVIVORS;
      test_make(m, &f.object, test_node, i);
      gc_ref array = gc_root_get(&lives->array);
      gc_root_set(m, &f.copy, gc_get(array, slot));
      CHECK(gc_root_get(&f.copy) == NULL ||
            test_is_intact(gc_root_get(&f.copy)));
      gc_set(m, array, slot, gc_root_get(&f.object));
    }
  }
  gc_detach(m);
  return NULL;
}

static void live_one_by_one(gc_mutator *m, struct lives *lives, uint64_t most) {
  for (; lives->count < most; lives->count++) {
    pthread_t thread;
    gc_park(m);
    CHECK(pthread_create(&thread, NULL, live_shortly, lives) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    gc_unpark(m);
    if (lives->count == most / 4)
      lives->resident = resident();
  }
}

/* SWEEPSTAKES_SCALE=50 makes it a hundred thousand threads. */
static void short_lives(void) {
  gc_mutator *m = test_open(0);
  struct lives lives = {.heap = m->heap};
  gc_global_add(m->heap, &lives.array);
  {
    GC_FRAME(m, f, array);
    gc_global_set(m, &lives.array,
                  gc_new_array(m, &f.array, test_refs, SURVIVORS));
  }
  live_one_by_one(m, &lives, test_scaled(2000));
  CHECK(GC_SYSTEM_MALLOC || resident() <= lives.resident + (2 << 20));
  CHECK(owners_of(m->heap) == 2);
  CHECK(gc_verify(m) == 0);
  gc_global_set(m, &lives.array, NULL);
  gc_global_remove(m, &lives.array);
  test_close(m);
}

/* The next mutator owns what the last one made. */
static void records_are_inherited(void) {
  gc_mutator *m = test_open(0);
  struct rc_owner *owner = rc_of(m)->owner;
  gc_heap *heap = m->heap;
  gc_root kept = {NULL};
  gc_global_add(heap, &kept);
  {
    GC_FRAME(m, f, object);
    gc_global_set(m, &kept, test_make(m, &f.object, test_node, 7));
  }
  gc_detach(m);
  m = gc_attach(heap);
  CHECK(rc_of(m)->owner == owner);
  CHECK(rc_owns(m, kept.ref) && !rc_is_merged(kept.ref->word));
  gc_global_set(m, &kept, NULL);
  gc_global_remove(m, &kept);
  test_close(m);
}

/* --- no memory, and no cycles ----------------------------------------------
 */

enum { YARD_LIMIT = 4 << 20, YARD_BYTES = 800, YARD_MOST = 1 << 15 };
struct yard {
  gc_root left, made; /* global: objects of the main mutator and of the other */
  size_t count;
};

/* Returns how many slots are filled. */
static size_t yard_fill(gc_mutator *m, gc_ref array, size_t held) {
  GC_FRAME(m, f, object);
  size_t count = 0;
  while (test_held(m->heap) < held) {
    CHECK(gc_new_array(m, &f.object, test_blob, YARD_BYTES) != NULL);
    gc_set_move(m, array, count++, &f.object);
  }
  return count;
}

/* Makes more objects than the limit has room for outside of the cells that the
   parked mutator has left. What is in these is merged from birth on. */
static void others_cells_serve(struct test_thread *self) {
  struct yard *yard = self->shared;
  GC_FRAME(self->m, f, object);
  size_t merged = 0;
  for (size_t i = 0; i < yard->count; i++) {
    gc_ref object = gc_new_array(self->m, &f.object, test_blob, YARD_BYTES);
    CHECK(object != NULL);
    CHECK(rc_is_merged(object->word) != rc_owns(self->m, object));
    merged += rc_is_merged(object->word);
    gc_set_move(self->m, gc_root_get(&yard->made), i, &f.object);
  }
  CHECK(GC_SYSTEM_MALLOC || merged > 0);
  store_all(self->m, gc_root_get(&yard->made), yard->count, NULL);
}

/* Cells of a parked mutator are no loss, and go home afterwards. */
static void parked_owner_leaves_cells(void) {
  gc_mutator *m = test_open(YARD_LIMIT);
  struct yard yard = {{NULL}, {NULL}, 0};
  gc_global_add(m->heap, &yard.left);
  gc_global_add(m->heap, &yard.made);
  {
    GC_FRAME(m, f, array);
    gc_new_array(m, &f.array, test_refs, YARD_MOST);
    gc_global_set(m, &yard.left, gc_root_get(&f.array));
    gc_new_array(m, &f.array, test_refs, YARD_MOST);
    gc_global_set(m, &yard.made, gc_root_get(&f.array));
  }
  size_t all = yard_fill(m, gc_root_get(&yard.left), YARD_LIMIT / 8 * 7);
  for (size_t i = 1; i < all; i += 2)
    gc_set(m, gc_root_get(&yard.left), i, NULL);
  test_settle(m);
  yard.count = all / 8 * 3;
  test_threads_run(m, 1, others_cells_serve, &yard);
  test_settle(m);
  CHECK(gc_verify(m) == 0);
  store_all(m, gc_root_get(&yard.left), all, NULL);
  test_settle(m);
  CHECK(yard_fill(m, gc_root_get(&yard.left), YARD_LIMIT / 8 * 7) * 8 >=
        all * 7);
  gc_global_set(m, &yard.left, NULL);
  gc_global_set(m, &yard.made, NULL);
  gc_global_remove(m, &yard.left);
  gc_global_remove(m, &yard.made);
  test_close(m);
}

/* Dead rings lie between live ones, so their cells are free, and no block is.
   Memory is out many times. Each collection looks at all that lives, because
   rings lead to it, and frees enough. */
static void cells_in_blocks_are_room(void) {
  enum { TURNS = 16 };
  gc_mutator *m = test_open_tuned(YARD_LIMIT, "candidates=0");
  {
    GC_FRAME(m, f, array, ring);
    size_t count = YARD_LIMIT / 2 / gc_size_for(test_node, 0);
    gc_new_array(m, &f.array, test_refs, count);
    for (size_t i = 0; i < TURNS * count; i++) {
      gc_ref ring = test_make(m, &f.ring, test_node, i);
      CHECK(ring != NULL);
      gc_set(m, ring, 0, ring);
      gc_set(m, ring, 1, gc_root_get(&f.array));
      size_t any = (uint32_t)i * UINT32_C(2654435761) >> 8;
      gc_set_move(m, gc_root_get(&f.array), any % count, &f.ring);
    }
  }
  test_close(m);
}

static void cycles_can_be_left(void) {
  gc_mutator *m = test_open_tuned(0, "cycles=0");
  {
    GC_FRAME(m, f, ring);
    gc_ref ring = test_make(m, &f.ring, test_node, 1);
    gc_set(m, ring, 0, ring);
    gc_root_clear(m, &f.ring);
    CHECK(gc_collect(m, GC_FULL) == 0);
  }
  test_close(m);
}

int main(void) {
  test_types_define();
  halves_spill();
  large_objects_are_merged();
  play(sole_holder_frees);
  play(owner_merges);
  play(parked_owner_is_merged_for);
  play(parked_owner_is_relieved);
  play(others_immortalize);
  play(producer_and_consumer);
  records_are_inherited();
  short_lives();
  parked_owner_leaves_cells();
  cells_in_blocks_are_room();
  cycles_can_be_left();
  return 0;
}
