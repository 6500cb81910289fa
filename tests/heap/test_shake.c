/* SPDX-License-Identifier: MIT */
/* The random numbers of a shaken thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "heap/heap.h"
#include "heap/sweepstakes.h"

#include <cmocka.h>

enum { DRAWS = 100 };

static void draw_all(uint64_t *drawn, uint32_t seed, uint32_t number) {
  gc_shake_begin(seed, number);
  for (int i = 0; i < DRAWS; i++)
    drawn[i] = gc_shake_draw();
  gc_shake_end();
}

static void a_seed_gives_the_same_again(void **state) {
  uint64_t first[DRAWS], again[DRAWS], other[DRAWS];
  (void)state;
  draw_all(first, 7, 3);
  draw_all(again, 7, 3);
  assert_memory_equal(first, again, sizeof first);
  draw_all(other, 7, 4);
  assert_true(memcmp(first, other, sizeof first) != 0);
  draw_all(other, 8, 3);
  assert_true(memcmp(first, other, sizeof first) != 0);
}

static void without_a_seed_nothing_is_drawn(void **state) {
  (void)state;
  gc_shake_begin(0, 3);
  assert_int_equal(gc_shake_draw(), 0);
  gc_shake();
}

/* A thread that attaches to a second heap keeps its random sequence. */
static void who_is_shaken_goes_on(void **state) {
  uint64_t drawn[DRAWS];
  (void)state;
  draw_all(drawn, 7, 3);
  gc_shake_begin(7, 3);
  assert_int_equal(gc_shake_draw(), drawn[0]);
  gc_shake_begin(9, 1);
  assert_int_equal(gc_shake_draw(), drawn[1]);
  gc_shake_end();
  assert_int_equal(gc_shake_draw(), 0);
}

/* Some seeds leave the safepoints of a mutator alone. Detaching ends the
   shaking. */
static void heaps_shake_their_mutators(void **state) {
  unsigned slow = 0;
  (void)state;
  for (unsigned seed = 1; seed <= 20; seed++) {
    gc_heap *heap;
    char tuning[32];
    snprintf(tuning, sizeof tuning, "shake=%u", seed);
    assert_int_equal(
        gc_heap_create(&(struct gc_options){.tuning = tuning}, &heap), 0);
    gc_mutator *m = gc_attach(heap);
    assert_true(gc_shake_draw() != 0);
    slow += (atomic_load(&m->poll) & GC_POLL_SHAKE) != 0;
    gc_detach(m);
    assert_int_equal(gc_shake_draw(), 0);
    gc_heap_destroy(heap);
  }
  assert_true(slow > 0 && slow < 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_seed_gives_the_same_again),
      cmocka_unit_test(without_a_seed_nothing_is_drawn),
      cmocka_unit_test(who_is_shaken_goes_on),
      cmocka_unit_test(heaps_shake_their_mutators),
  };
  return cmocka_run_group_tests_name("shake", tests, NULL, NULL);
}
