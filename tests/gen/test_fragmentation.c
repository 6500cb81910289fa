/* SPDX-License-Identifier: MIT */
/* Objects of 16 bytes to 64 KiB come and go in random order, in heaps that are
   little larger than what lives. However the holes lie, memory must be found
   for each object, and without a collection for every few. */
#include "tests/gen/tuned.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "collectors/shared/generational/generational.h"
#include "workloads/random.h"

enum {
  LIVE = 16 << 20, /* bytes that live at most */
  SLOTS = 1 << 14,
  TURNS = 6, /* so many times LIVE is allocated */
};

/* Which sizes come; the shapes take turns, so that each finds the holes that
   the others left. */
struct shape {
  unsigned least_bits, most_bits; /* sizes from 2^least to 2^most */
};
static const struct shape all_sizes[] = {{4, 16}};
static const struct shape turns[] = {{4, 7}, {12, 16}, {8, 10}, {4, 16}};

struct churn {
  gc_mutator *m;
  gc_root *table;
  struct workload_random random;
  size_t live, allocated;
};

static size_t random_size(struct churn *c, const struct shape *shape) {
  uint64_t bits =
      shape->least_bits +
      workload_random_below(&c->random, shape->most_bits - shape->least_bits);
  size_t base = (size_t)1 << bits;
  return base + workload_random_below(&c->random, base);
}

static void slot_clear(struct churn *c, size_t slot) {
  gc_ref old = gc_get(gc_root_get(c->table), slot);
  if (old == NULL)
    return;
  c->live -= gc_sizeof(old);
  gc_set(c->m, gc_root_get(c->table), slot, NULL);
}

/* Puts one object into a random slot, after random others have died for it.
   Whether it is a leaf or has references is random, too. */
static bool step(struct churn *c, const struct shape *shape) {
  size_t size = random_size(c, shape);
  bool is_leaf = workload_random_below(&c->random, 2) == 0;
  gc_type type = is_leaf ? test_blob : test_refs;
  size_t length = is_leaf ? size : size / sizeof(gc_ref);
  size_t bytes = gc_size_for(type, length);
  size_t slot = workload_random_below(&c->random, SLOTS);
  slot_clear(c, slot);
  while (c->live + bytes > LIVE)
    slot_clear(c, workload_random_below(&c->random, SLOTS));
  GC_FRAME(c->m, f, object);
  if (gc_new_array(c->m, &f.object, type, length) == NULL)
    return false;
  gc_set(c->m, gc_root_get(c->table), slot, f.object.ref);
  c->live += bytes;
  c->allocated += bytes;
  return true;
}

/* In a heap of `percent` of what lives, and of what each block needs beside
   its objects. */
static void churn(const struct shape *shapes, size_t count, unsigned percent) {
  struct pauses pauses;
  size_t live = (size_t)LIVE / BLK_SIZE * BLK_COST;
  size_t limit = live / 100 * percent;
  gc_mutator *m = gen_open(&pauses, limit, NULL);
  {
    GC_FRAME(m, f, table);
    struct churn c = {.m = m, .table = &f.table};
    c.random = workload_random_make(test_seed(), 0);
    assert_non_null(gc_new_array(m, &f.table, test_refs, SLOTS));
    c.live = gc_sizeof(f.table.ref);
    for (size_t i = 0; c.allocated < (size_t)TURNS * LIVE; i++)
      if (!step(&c, &shapes[c.allocated / LIVE % count]))
        fail_msg("out of memory at %u %%, after %zu objects, with %zu bytes "
                 "live of a limit of %zu",
                 percent, i, c.live, limit);
    size_t expected = c.allocated / (limit - live);
    print_message("%u %%: %zu full collections, %zu minor ones, %zu expected\n",
                  percent, pauses.count[2], pauses.count[0], expected);
    assert_in_range(pauses.count[2], 0, 3 * expected + 8);
    assert_int_equal(gc_verify(m), 0);
  }
  gen_close(m);
}

static void sizes_mix(void **state) {
  static const unsigned percents[] = {110, 115, 130, 150, 200};
  (void)state;
  for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++)
    churn(all_sizes, 1, percents[i]);
}

/* Nearer to the limit, the last few small objects in each page can leave no
   page free for a large one. Only moving them would help. */
static void sizes_take_turns(void **state) {
  static const unsigned percents[] = {135, 150, 200};
  (void)state;
  for (size_t i = 0; i < sizeof percents / sizeof percents[0]; i++)
    churn(turns, sizeof turns / sizeof turns[0], percents[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_mix),
      cmocka_unit_test(sizes_take_turns),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
