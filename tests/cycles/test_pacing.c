/* SPDX-License-Identifier: MIT */
/* How many objects automatic passes examine, and how much garbage they leave.
   These are the guarantees of Note [Pacing] and Note [Thrashing when
   counting]. */
#include <string.h>

#include "tests/support/support.h"

/* What the listener has counted. */
static struct {
  size_t passes, looked_at, freed;
  size_t full; /* caused by lack of memory */
} seen;

static void on_resumed(void *data, const struct gc_pause *pause) {
  (void)data;
  seen.passes += pause->generation >= 0;
  seen.looked_at += pause->objects_marked;
  seen.freed += pause->objects_freed;
  seen.full += strcmp(pause->cause, "limit") == 0;
}

static gc_mutator *open_heard(size_t heap_bytes, const char *tuning) {
  static const struct gc_listener listener = {.resumed = on_resumed};
  gc_mutator *m = test_open_tuned(heap_bytes, tuning);
  memset(&seen, 0, sizeof seen);
  gc_listen(m->heap, &listener);
  return m;
}

static void close_heard(gc_mutator *m) {
  gc_listen(m->heap, NULL);
  test_close(m);
}

/* Adds a node at the head of the list, which is linked both ways, so that each
   node but the newest is a candidate. False: out of memory. */
static bool list_grow(gc_mutator *m, gc_root *list) {
  GC_FRAME(m, f, node);
  if (test_make(m, &f.node, test_node, 1) == NULL)
    return false;
  gc_set(m, gc_root_get(&f.node), 0, gc_root_get(list));
  if (gc_root_get(list) != NULL)
    gc_set(m, gc_root_get(list), 1, gc_root_get(&f.node));
  gc_root_set(m, list, gc_root_get(&f.node));
  return true;
}

/* --- a heap that grows ---------------------------------------------------- */

static size_t looked_at_while_growing(size_t nodes, const char *tuning) {
  gc_mutator *m = open_heard(0, tuning);
  {
    GC_FRAME(m, f, list);
    for (size_t i = 0; i < nodes; i++)
      CHECK(list_grow(m, &f.list));
  }
  size_t looked_at = seen.looked_at;
  close_heard(m);
  return looked_at;
}

/* In a list that only grows, each node becomes a candidate once, and a pass
   reaches all nodes from there. Still, however long the list becomes, the
   passes examine no more than a constant number of objects for each node. */
static void growing_costs_in_proportion(const char *tuning, size_t each) {
  enum { NODES = 20000 };
  for (size_t n = NODES; n <= 8 * NODES; n *= 2)
    CHECK(looked_at_while_growing(n, tuning) <= each * n);
}

/* --- a few large cycles --------------------------------------------------- */

/* Arrays of a megabyte that refer to themselves. There are far fewer of them
   than the threshold of candidates, but the heap must never hold many. */
static void large_cycles_are_found(void) {
  enum { CYCLES = 200, SLOTS = 1 << 17, MOST = 16 << 20 };
  gc_mutator *m = open_heard(0, "candidates=700");
  size_t most = 0;
  for (int i = 0; i < CYCLES; i++) {
    GC_FRAME(m, f, array);
    CHECK(gc_new_array(m, &f.array, test_refs, SLOTS) != NULL);
    gc_set(m, gc_root_get(&f.array), 0, gc_root_get(&f.array));
    size_t held = test_held(m->heap);
    most = held > most ? held : most;
  }
  CHECK(most <= MOST);
  close_heard(m);
}

/* The same with automatic collections turned off: no pass may run. */
static void turned_off_growth_asks_nothing(void) {
  enum { CYCLES = 20, SLOTS = 1 << 17 };
  gc_mutator *m = open_heard(0, "candidates=0");
  for (int i = 0; i < CYCLES; i++) {
    GC_FRAME(m, f, array);
    CHECK(gc_new_array(m, &f.array, test_refs, SLOTS) != NULL);
    gc_set(m, gc_root_get(&f.array), 0, gc_root_get(&f.array));
  }
  CHECK(seen.passes == 0);
  close_heard(m);
}

/* --- close to a limit ----------------------------------------------------- */

static void drop_ring(gc_mutator *m) {
  GC_FRAME(m, f, a, b);
  if (test_make(m, &f.a, test_node, 1) == NULL ||
      test_make(m, &f.b, test_node, 2) == NULL)
    return;
  gc_set(m, gc_root_get(&f.a), 0, gc_root_get(&f.b));
  gc_set(m, gc_root_get(&f.b), 0, gc_root_get(&f.a));
}

/* A list grows slowly while rings die. As the heap fills up, each pass leaves
   less room. Returns how many passes ran for lack of memory until an allocation
   failed. */
static size_t full_passes_until_refused(size_t heap_bytes) {
  enum { RINGS_TO_A_NODE = 8 };
  gc_mutator *m = open_heard(heap_bytes, "candidates=700");
  {
    GC_FRAME(m, f, list);
    while (list_grow(m, &f.list))
      for (int i = 0; i < RINGS_TO_A_NODE; i++)
        drop_ring(m);
  }
  size_t full = seen.full;
  close_heard(m);
  return full;
}

/* One object in seventeen leaks. So each pass over a full heap leaves 16/17 of
   the room that the pass before it left, and about 17 ln 64 = 71 passes leave
   more than a 64th of the heap, whatever its size. After them, a few passes are
   fruitless. The test allows twice this number. */
static void a_leak_ends_soon(void) {
  enum { MOST = 160 };
  for (size_t bytes = 1 << 20; bytes <= 4 << 20; bytes *= 2)
    CHECK(full_passes_until_refused(bytes) <= MOST);
}

/* --- thresholds ----------------------------------------------------------- */

/* Setting a threshold to its current value changes nothing: the passes over a
   growing list examine the same number of objects. */
static void the_same_threshold_changes_nothing(void) {
  enum { NODES = 20000, EVERY = 10 };
  size_t expected = looked_at_while_growing(NODES, "candidates=20");
  gc_mutator *m = open_heard(0, "candidates=20");
  {
    GC_FRAME(m, f, list);
    for (int i = 0; i < NODES; i++) {
      CHECK(list_grow(m, &f.list));
      for (int g = 0; i % EVERY == 0 && g <= GC_OLDEST; g++)
        CHECK(gc_threshold_set(m->heap, g, gc_threshold_get(m->heap, g)));
    }
  }
  CHECK(seen.looked_at == expected);
  close_heard(m);
}

int main(void) {
  test_types_define();
  the_same_threshold_changes_nothing();
  growing_costs_in_proportion("candidates=20", 8);
  growing_costs_in_proportion("candidates=20,budget_us=1", 20);
  large_cycles_are_found();
  turned_off_growth_asks_nothing();
  a_leak_ends_soon();
  return 0;
}
