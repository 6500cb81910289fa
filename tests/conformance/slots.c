/* SPDX-License-Identifier: MIT */
/* Reference slots: a stored value is loaded again, an overwritten one dies, and
   a loaded raw reference stays valid until the next safepoint. */
#include "tests/conformance/conformance.h"

static void a_slot_keeps_what_it_holds(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  for (size_t i = 0; i < 2; i++) {
    test_make(m, &f.value, test_mortal, i);
    gc_set(m, gc_root_get(&f.holder), i, gc_root_get(&f.value));
  }
  gc_root_clear(m, &f.value);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(test_id(gc_get(gc_root_get(&f.holder), i)), i);
  gc_root_clear(m, &f.holder);
  test_settle(m);
  assert_deaths(2);
}

static void an_overwritten_value_dies(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(3);
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  for (size_t i = 0; i < 3; i++) {
    test_make(m, &f.value, test_mortal, i);
    gc_set(m, gc_root_get(&f.holder), 1, gc_root_get(&f.value));
    gc_root_clear(m, &f.value);
    test_settle(m);
    assert_deaths(i);
  }
  assert_int_equal(test_id(gc_get(gc_root_get(&f.holder), 1)), 2);
  gc_set(m, gc_root_get(&f.holder), 1, NULL);
  test_settle(m);
  assert_deaths(3);
}

static void a_slot_is_set_to_what_it_holds(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.value, test_mortal, 0);
  gc_ref holder = gc_root_get(&f.holder);
  gc_set_move(m, holder, 0, &f.value);
  for (int i = 0; i < 3; i++)
    gc_set(m, holder, 0, gc_get(holder, 0));
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_get(gc_root_get(&f.holder), 0)), 0);
  gc_set(m, gc_root_get(&f.holder), 0, NULL);
  test_settle(m);
  assert_deaths(1);
}

/* --- objects that are made with values ----------------------------------- */

static void a_new_object_has_values(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, holder, value[2]);
  for (size_t i = 0; i < 2; i++)
    test_make(m, &f.value[i], test_mortal, i);
  gc_new_with(m, &f.holder, test_node, 0, f.value, 2);
  for (size_t i = 0; i < 2; i++)
    gc_root_clear(m, &f.value[i]);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  for (size_t i = 0; i < 2; i++)
    assert_int_equal(test_id(gc_get(gc_root_get(&f.holder), i)), i);
  gc_root_clear(m, &f.holder);
  test_settle(m);
  assert_deaths(2);
}

/* The new holder takes the place of the old one, whose values die with it. */
static void a_replaced_object_drops_its_values(void **state) {
  enum { TURNS = 20 };
  gc_mutator *m = *state;
  test_deaths_begin(2 * TURNS);
  GC_FRAME(m, f, holder, value[2]);
  for (size_t turn = 0; turn < TURNS; turn++) {
    for (size_t i = 0; i < 2; i++)
      test_make(m, &f.value[i], test_mortal, 2 * turn + i);
    gc_ref holder = gc_new_with(m, &f.holder, test_node, 0, f.value, 2);
    uint64_t *data = gc_bytes(holder);
    assert_true(data[0] == 0 && data[1] == 0);
    data[0] = data[1] = turn + 1;
    gc_root_clear(m, &f.value[0]);
    gc_root_clear(m, &f.value[1]);
    test_settle(m);
    assert_deaths(2 * turn);
    for (size_t i = 0; i < 2; i++)
      assert_int_equal(test_id(gc_get(gc_root_get(&f.holder), i)),
                       2 * turn + i);
  }
  gc_new(m, &f.holder, test_node);
  assert_null(gc_get(gc_root_get(&f.holder), 0));
  test_settle(m);
  assert_deaths(2 * TURNS);
}

/* So often that the halves of biased counts overflow, and with a value that
   stays, one that moves, none, and an immediate. */
static void values_of_many_objects(void **state) {
  enum { TURNS = 400 };
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, holder[TURNS], value[2], number);
  for (size_t i = 0; i < 2; i++)
    test_make(m, &f.value[i], test_mortal, i);
  gc_root_set(m, &f.number, gc_immediate(7));
  for (size_t turn = 0; turn < 2 * TURNS; turn++) {
    gc_root *out = &f.holder[turn % TURNS];
    size_t first = turn / 3 % 2;
    gc_new_with(m, out, test_node, first, f.value, 2 - first);
    gc_ref holder = gc_new_with(m, out, test_node, 1, &f.value[turn % 2], 1);
    assert_null(gc_get(holder, 0));
    assert_ptr_equal(gc_get(holder, 1), gc_root_get(&f.value[turn % 2]));
    if (turn % 5 == 0)
      gc_new_with(m, out, test_node, 0, &f.number, 1);
  }
  for (size_t i = 0; i < 2; i++)
    gc_root_clear(m, &f.value[i]);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  for (size_t i = 0; i < TURNS; i++)
    gc_root_clear(m, &f.holder[i]);
  test_settle(m);
  if (!test_counts_narrowly()) /* a narrow count sticks */
    assert_deaths(2);
}

static void make_list(gc_mutator *m, gc_root *out, size_t count) {
  GC_FRAME(m, f, node);
  for (size_t i = 0; i < count; i++) {
    gc_ref node = test_make(m, &f.node, test_mortal, i);
    gc_set_move(m, node, 0, out);
    gc_root_move(m, out, &f.node);
  }
}

/* head = head.next with the head in a slot. */
static void a_slot_walks_the_list_it_holds(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 20 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, holder, list);
  make_list(m, &f.list, COUNT);
  gc_ref holder = test_make(m, &f.holder, test_node, 0);
  gc_set_move(m, holder, 0, &f.list);
  for (size_t i = COUNT; i-- > 0;) {
    holder = gc_root_get(&f.holder);
    gc_ref head = gc_get(holder, 0);
    assert_int_equal(test_id(head), i);
    gc_set(m, holder, 0, gc_get(head, 0));
    assert_int_equal(test_id(head), i);
    test_settle(m);
    assert_deaths(COUNT - i);
    assert_dead(i);
  }
}

static void moving_empties_the_root(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(2);
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  for (size_t i = 0; i < 2; i++) {
    gc_ref value = test_make(m, &f.value, test_mortal, i);
    gc_set_move(m, gc_root_get(&f.holder), 0, &f.value);
    assert_null(gc_root_get(&f.value));
    assert_ptr_equal(gc_get(gc_root_get(&f.holder), 0), value);
    test_settle(m);
    assert_deaths(i);
  }
  gc_set_move(m, gc_root_get(&f.holder), 0, &f.value);
  assert_null(gc_get(gc_root_get(&f.holder), 0));
  test_settle(m);
  assert_deaths(2);
}

static void moving_in_what_the_slot_holds(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.value, test_mortal, 0);
  gc_set(m, gc_root_get(&f.holder), 0, gc_root_get(&f.value));
  gc_set_move(m, gc_root_get(&f.holder), 0, &f.value);
  test_settle(m);
  assert_int_equal(test_deaths(), 0);
  assert_int_equal(test_id(gc_get(gc_root_get(&f.holder), 0)), 0);
  gc_root_clear(m, &f.holder);
  test_settle(m);
  assert_deaths(1);
}

static void cas_stores_only_over_the_expected(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(3);
  GC_FRAME(m, f, holder, a, b, c);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.a, test_mortal, 0);
  test_make(m, &f.b, test_mortal, 1);
  test_make(m, &f.c, test_mortal, 2);
  gc_ref holder = gc_root_get(&f.holder);
  gc_ref a = gc_root_get(&f.a), b = gc_root_get(&f.b), c = gc_root_get(&f.c);
  assert_false(gc_cas(m, holder, 0, a, b));
  assert_null(gc_get(holder, 0));
  assert_true(gc_cas(m, holder, 0, NULL, a));
  assert_false(gc_cas(m, holder, 0, NULL, b));
  assert_false(gc_cas(m, holder, 0, c, b));
  assert_ptr_equal(gc_get(holder, 0), a);
  assert_true(gc_cas(m, holder, 0, a, b));
  assert_ptr_equal(gc_get(holder, 0), b);
  assert_true(gc_cas(m, holder, 0, b, b));
  assert_ptr_equal(gc_get(holder, 0), b);
}

/* The count must be right after a success and after a failure. */
static void cas_balances(void **state) {
  gc_mutator *m = *state;
  cas_stores_only_over_the_expected(state);
  test_settle(m);
  assert_deaths(3);
}

static void cas_takes_out(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(1);
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.value, test_mortal, 0);
  gc_ref holder = gc_root_get(&f.holder);
  gc_set_move(m, holder, 0, &f.value);
  gc_ref value = gc_get(holder, 0);
  assert_true(gc_cas(m, holder, 0, value, NULL));
  assert_int_equal(test_id(value), 0);
  assert_null(gc_get(holder, 0));
  test_settle(m);
  assert_deaths(1);
}

/* Rule 2: however a slot is overwritten, references loaded before stay valid.
 */
static void overwrite(gc_mutator *m, gc_ref holder, gc_root *empty, int how) {
  if (how == 0)
    gc_set(m, holder, 0, NULL);
  else if (how == 1)
    gc_set_move(m, holder, 0, empty);
  else
    CHECK(gc_cas(m, holder, 0, gc_get(holder, 0), NULL));
}

static void a_loaded_reference_outlives_its_slot(void **state) {
  gc_mutator *m = *state;
  test_deaths_begin(3);
  GC_FRAME(m, f, holder, value, kept);
  for (int how = 0; how < 3; how++) {
    test_make(m, &f.holder, test_node, 0);
    test_make(m, &f.value, test_mortal, (uint64_t)how);
    gc_ref holder = gc_root_get(&f.holder);
    gc_set_move(m, holder, 0, &f.value);
    test_settle(m);
    holder = gc_root_get(&f.holder);
    gc_ref raw = gc_get(holder, 0);
    overwrite(m, holder, &f.value, how);
    assert_int_equal(test_id(raw), how);
    gc_root_set(m, &f.kept, raw);
    test_settle(m);
    assert_int_equal(test_deaths_of((uint64_t)how), 0);
    assert_int_equal(test_id(gc_root_get(&f.kept)), how);
    gc_root_clear(m, &f.kept);
    test_settle(m);
    assert_deaths((size_t)how + 1);
  }
}

/* More stores between two safepoints than any buffer holds. */
static void many_stores_without_a_safepoint(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 100, ROUNDS = 1000 };
  test_deaths_begin(COUNT);
  GC_FRAME(m, f, array, spare);
  gc_new_array(m, &f.array, test_refs, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    test_make(m, &f.spare, test_mortal, i);
    gc_set_move(m, gc_root_get(&f.array), i, &f.spare);
  }
  gc_ref array = gc_root_get(&f.array), first = gc_get(array, 0);
  for (size_t i = 0; i < COUNT * ROUNDS; i++)
    gc_set(m, array, i % COUNT, gc_get(array, (i * 7 + 3) % COUNT));
  assert_int_equal(test_id(first), 0);
  for (size_t i = 0; i < COUNT; i++)
    assert_true(test_is_intact(gc_get(array, i)));
  gc_root_clear(m, &f.array);
  test_settle(m);
  assert_shared_deaths(COUNT, COUNT * ROUNDS);
}

static void many_slots_hold_one_object(void **state) {
  gc_mutator *m = *state;
  enum { COUNT = 10000 };
  test_deaths_begin(1);
  GC_FRAME(m, f, array, value);
  gc_new_array(m, &f.array, test_refs, COUNT);
  test_make(m, &f.value, test_mortal, 0);
  for (size_t i = 0; i < COUNT; i++)
    gc_set(m, gc_root_get(&f.array), i, gc_root_get(&f.value));
  gc_root_clear(m, &f.value);
  for (size_t i = 0; i < COUNT; i++) {
    if (i % 1000 == 0)
      test_settle(m);
    assert_int_equal(test_deaths(), 0);
    gc_set(m, gc_root_get(&f.array), i, NULL);
  }
  test_settle(m);
  assert_shared_deaths(1, COUNT);
}

/* The ways to store. */
enum way { SET, MOVE, CAS, WAYS };

static void store(gc_mutator *m, enum way way, gc_ref holder, size_t slot,
                  gc_root *value) {
  if (way == SET)
    gc_set(m, holder, slot, gc_root_get(value));
  else if (way == MOVE)
    gc_set_move(m, holder, slot, value);
  else
    assert_true(gc_cas(m, holder, slot, NULL, gc_root_get(value)));
  gc_root_clear(m, value);
}

/* Collecting the young generation need not scan the old holders. The larger one
   has slots that are far apart. */
static void what_is_stored_into_the_old_lives(void **state) {
  enum { GENERATIONS = 3, VALUES = WAYS * GENERATIONS };
  gc_mutator *m = *state;
  const size_t lengths[] = {VALUES, 20000};
  test_deaths_begin(2 * VALUES);
  GC_FRAME(m, f, holder, value);
  for (size_t id = 0; id < 2 * VALUES; id++) {
    size_t length = lengths[id / VALUES], nth = id % VALUES;
    size_t slot = nth * (length - 1) / (VALUES - 1);
    if (nth == 0) {
      gc_new_array(m, &f.holder, test_refs, length);
      test_collect(m);
    }
    test_make(m, &f.value, test_mortal, id);
    store(m, nth % WAYS, gc_root_get(&f.holder), slot, &f.value);
    gc_collect(m, (int)nth / WAYS);
    assert_int_equal(test_deaths_of(id), 0);
    assert_int_equal(test_id(gc_get(gc_root_get(&f.holder), slot)), id);
  }
}

int conformance_slots(void) {
  const struct CMUnitTest tests[] = {
      heap_test(a_slot_keeps_what_it_holds),
      heap_test(an_overwritten_value_dies),
      heap_test(a_slot_is_set_to_what_it_holds),
      heap_test(a_new_object_has_values),
      heap_test(a_replaced_object_drops_its_values),
      heap_test(values_of_many_objects),
      heap_test(a_slot_walks_the_list_it_holds),
      heap_test(moving_empties_the_root),
      heap_test(moving_in_what_the_slot_holds),
      heap_test(cas_stores_only_over_the_expected),
      heap_test(cas_balances),
      heap_test(cas_takes_out),
      heap_test(a_loaded_reference_outlives_its_slot),
      heap_test(many_stores_without_a_safepoint),
      heap_test(many_slots_hold_one_object),
      heap_test(what_is_stored_into_the_old_lives),
  };
  return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
