/* SPDX-License-Identifier: MIT */
/* Programs that break the rules of references, each in a separate process.
   The checker ends it with the message for this mistake. Beside each is a
   program that does nearly the same without a mistake. */
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collectors/moving/moving.h"
#include "tests/conformance/conformance.h"

_Static_assert(MOVING_GONE, "this test is about the collector that moves");

/* Volatile, so that the compiler does not remove the reads. */
static volatile uint64_t seen;

/* --- stores past the interface -------------------------------------------- */

static void store_past_set(gc_mutator *m) {
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.value, test_leaf, 1);
  gc_slot_store(gc_root_get(&f.holder), 1, gc_root_get(&f.value));
  gc_safepoint(m);
}

/* No stop detects the mistake; the next store does. */
static void store_past_set_then_set(gc_mutator *m) {
  GC_FRAME(m, f, holder);
  gc_ref holder = test_make(m, &f.holder, test_node, 0);
  gc_slot_store(holder, 0, holder);
  gc_set(m, holder, 0, NULL);
}

static void swap_past_cas(gc_mutator *m) {
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.value, test_leaf, 1);
  CHECK(gc_slot_cas(gc_root_get(&f.holder), 0, NULL, gc_root_get(&f.value)));
  gc_safepoint(m);
}

static void swap_past_cas_then_cas(gc_mutator *m) {
  GC_FRAME(m, f, holder);
  gc_ref holder = test_make(m, &f.holder, test_node, 0);
  CHECK(gc_slot_cas(holder, 0, NULL, holder));
  gc_cas(m, holder, 0, holder, NULL);
}

static void store_in_an_element(gc_mutator *m) {
  GC_FRAME(m, f, array);
  gc_ref array = gc_new_array(m, &f.array, test_refs, 100);
  array->slot[42] = array;
  gc_collect(m, GC_FULL);
}

/* The holder has died. It is still a mistake. */
static void store_in_garbage(gc_mutator *m) {
  GC_FRAME(m, f, holder);
  gc_ref holder = test_make(m, &f.holder, test_node, 0);
  gc_slot_store(holder, 0, holder);
  gc_root_clear(m, &f.holder);
  gc_safepoint(m);
}

static void store_in_time(gc_mutator *m) {
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.holder, test_node, 0);
  test_make(m, &f.value, test_leaf, 1);
  gc_ref holder = gc_root_get(&f.holder);
  gc_set(m, holder, 0, gc_root_get(&f.value));
  CHECK(gc_cas(m, holder, 1, NULL, gc_get(holder, 0)));
  gc_set_move(m, holder, 0, &f.value);
  gc_safepoint(m);
  CHECK(test_id(gc_get(gc_root_get(&f.holder), 1)) == 1);
}

/* --- references kept over a safepoint ------------------------------------- */

static void use_after_a_safepoint(gc_mutator *m) {
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  gc_safepoint(m);
  seen = test_id(object);
}

static void use_after_allocating(gc_mutator *m) {
  GC_FRAME(m, f, object, other);
  gc_ref object = test_make(m, &f.object, test_node, 1);
  test_make(m, &f.other, test_leaf, 2);
  gc_set(m, object, 0, gc_root_get(&f.other));
}

/* Long after, so that its space is no longer remembered as a whole. */
static void use_long_after(gc_mutator *m) {
  GC_FRAME(m, f, object, large);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  for (int i = 0; i < 20; i++)
    gc_new_array(m, &f.large, test_blob, 1 << 20);
  seen = test_id(object);
}

static void write_to_old_bytes(gc_mutator *m) {
  GC_FRAME(m, f, object);
  uint64_t *bytes = gc_bytes(test_make(m, &f.object, test_leaf, 1));
  gc_park(m);
  gc_unpark(m);
  *bytes = 2;
}

static void root_an_old_reference(gc_mutator *m) {
  GC_FRAME(m, f, object, again);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  gc_safepoint(m);
  gc_root_set(m, &f.again, object);
}

static void store_an_old_reference(gc_mutator *m) {
  GC_FRAME(m, f, object, holder);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  test_make(m, &f.holder, test_node, 2);
  gc_set(m, gc_root_get(&f.holder), 0, object);
}

static void expect_an_old_reference(gc_mutator *m) {
  GC_FRAME(m, f, holder);
  gc_ref old = test_make(m, &f.holder, test_node, 1);
  gc_safepoint(m);
  gc_cas(m, gc_root_get(&f.holder), 0, old, NULL);
}

/* Bypasses the interface; the next stop detects it. */
static void write_an_old_reference(gc_mutator *m) {
  GC_FRAME(m, f, object, again);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  gc_safepoint(m);
  gc_root_put(&f.again, object);
  gc_safepoint(m);
}

static void write_a_reference_inside(gc_mutator *m) {
  GC_FRAME(m, f, object, again);
  char *object = (char *)test_make(m, &f.object, test_leaf, 1);
  gc_root_put(&f.again, (gc_ref)(object + 8));
  gc_safepoint(m);
}

static void write_to_an_old_shadow(gc_mutator *m) {
  GC_FRAME(m, f, object);
  char *object = (char *)test_make(m, &f.object, test_leaf, 1);
  gc_safepoint(m);
  *(volatile uint64_t *)(object + MOVING_REGION) = 1;
}

static void use_it_rooted(gc_mutator *m) {
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  gc_safepoint(m);
  CHECK(gc_root_get(&f.object) != object);
  CHECK(test_id(gc_root_get(&f.object)) == 1);
}

/* --- roots cleared too early ---------------------------------------------- */

static void clear_a_root_too_early(gc_mutator *m) {
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  gc_root_clear(m, &f.object);
  gc_safepoint(m);
  seen = test_id(object);
}

/* A root that was never registered. */
static void keep_it_in_no_root(gc_mutator *m) {
  static gc_root unknown;
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_leaf, 1);
  gc_root_move(m, &unknown, &f.object);
  gc_safepoint(m);
  seen = test_id(gc_root_get(&unknown));
}

static gc_ref leave_scope(gc_mutator *m) {
  GC_FRAME(m, f, object);
  return test_make(m, &f.object, test_leaf, 1);
}

static void return_it_out_of_its_scope(gc_mutator *m) {
  gc_ref object = leave_scope(m);
  gc_safepoint(m);
  seen = test_id(object);
}

static void clear_a_root_in_time(gc_mutator *m) {
  GC_FRAME(m, f, object, holder);
  test_make(m, &f.object, test_leaf, 1);
  test_make(m, &f.holder, test_node, 2);
  gc_set(m, gc_root_get(&f.holder), 0, gc_root_get(&f.object));
  gc_root_clear(m, &f.object);
  gc_safepoint(m);
  CHECK(test_id(gc_get(gc_root_get(&f.holder), 0)) == 1);
}

/* --- pins ----------------------------------------------------------------- */

static void pin_an_old_reference(gc_mutator *m) {
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  gc_safepoint(m);
  gc_pin(m, object);
}

static void unpin_twice(gc_mutator *m) {
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  gc_pin(m, object);
  gc_unpin(m, object);
  gc_unpin(m, object);
}

static void use_after_unpinning(gc_mutator *m) {
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  gc_pin(m, object);
  gc_safepoint(m);
  gc_safepoint(m);
  gc_unpin(m, object);
  gc_safepoint(m);
  seen = test_id(object);
}

/* The neighbour's page is open, but the neighbour has moved. */
static void root_a_neighbour_of_a_pinned_object(gc_mutator *m) {
  GC_FRAME(m, f, object, neighbour, again);
  gc_pin(m, test_make(m, &f.object, test_leaf, 1));
  gc_ref neighbour = test_make(m, &f.neighbour, test_leaf, 2);
  gc_safepoint(m);
  gc_root_set(m, &f.again, neighbour);
}

static void clear_the_root_of_a_pinned_object(gc_mutator *m) {
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_leaf, 1);
  gc_pin(m, object);
  gc_safepoint(m);
  gc_root_clear(m, &f.object);
  gc_safepoint(m);
  seen = test_id(object);
}

static void store_past_set_while_pinned(gc_mutator *m) {
  GC_FRAME(m, f, holder, value);
  test_make(m, &f.value, test_leaf, 1);
  gc_pin(m, test_make(m, &f.holder, test_node, 0));
  gc_safepoint(m);
  gc_slot_store(gc_root_get(&f.holder), 1, gc_root_get(&f.value));
  gc_safepoint(m);
}

static void use_it_pinned(gc_mutator *m) {
  GC_FRAME(m, f, object, neighbour);
  gc_ref object = test_make(m, &f.object, test_node, 1);
  gc_pin(m, object);
  gc_ref neighbour = test_make(m, &f.neighbour, test_leaf, 2);
  gc_set(m, object, 0, neighbour);
  gc_safepoint(m);
  CHECK(gc_root_get(&f.object) == object && test_id(object) == 1);
  CHECK(gc_root_get(&f.neighbour) != neighbour);
  CHECK(gc_get(object, 0) == gc_root_get(&f.neighbour));
  gc_unpin(m, object);
  gc_safepoint(m);
  CHECK(gc_root_get(&f.object) != object);
}

/* --- what is none of a heap's objects ------------------------------------- */

/* An address that the heap has not used yet. */
static void root_what_is_no_object(gc_mutator *m) {
  GC_FRAME(m, f, object, again);
  char *object = (char *)test_make(m, &f.object, test_leaf, 1);
  gc_root_set(m, &f.again, (gc_ref)(object + (1 << 28)));
}

static void root_an_integer(gc_mutator *m) {
  GC_FRAME(m, f, object);
  gc_root_set(m, &f.object, (gc_ref)(uintptr_t)44);
}

static void store_past_the_last_slot(gc_mutator *m) {
  GC_FRAME(m, f, object);
  gc_set(m, test_make(m, &f.object, test_node, 1), 2, NULL);
}

/* --- frames that were jumped over ----------------------------------------- */

static jmp_buf outside;

static GC_NOINLINE void enter_and_jump(gc_mutator *m) {
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_leaf, 1);
  longjmp(outside, 1);
}

/* Nothing has overwritten the frame. */
static void jump_over_a_frame(gc_mutator *m) {
  GC_FRAME(m, f, object);
  if (setjmp(outside) == 0)
    enter_and_jump(m);
  gc_safepoint(m);
}

/* There is no safepoint until the scope outside is left. */
static void jump_and_leave(gc_mutator *m) {
  GC_FRAME(m, f, object);
  if (setjmp(outside) == 0)
    enter_and_jump(m);
}

static volatile sig_atomic_t expects_a_fault;

/* The handler is installed before the first heap is made. */
static void on_fault(int number) {
  (void)number;
  exit(expects_a_fault ? 0 : 98);
}

/* The fault goes to the handler that would have received it. */
static void fault_elsewhere(gc_mutator *m) {
  volatile char *page =
      mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  (void)m;
  CHECK(page != MAP_FAILED);
  expects_a_fault = true;
  seen = (uint64_t)*page;
  _exit(97);
}

/* Memory of another owner, at addresses of a destroyed heap, while a younger
   heap exists. */
static void fault_where_a_heap_was(gc_mutator *m) {
  GC_FRAME(m, f, object);
  uintptr_t at = (uintptr_t)test_make(m, &f.object, test_leaf, 1) & -4096;
  test_open(0);
  m->frames = NULL;
  test_close(m);
  volatile char *page =
      mmap((void *)at, 4096, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  CHECK(page == (char *)at);
  expects_a_fault = true;
  seen = (uint64_t)*page;
  _exit(97);
}

/* --- writing past the end ------------------------------------------------- */

static void fill_bytes(gc_mutator *m, size_t bytes) {
  GC_FRAME(m, f, blob, next);
  gc_new_array(m, &f.blob, test_blob, 16);
  gc_new(m, &f.next, test_leaf);
  gc_collect(m, GC_FULL);
  memset(gc_bytes(gc_root_get(&f.blob)), 0xff, bytes);
  gc_safepoint(m);
}

static void write_past_the_bytes(gc_mutator *m) {
  fill_bytes(m, 24);
}

static void fill_all_bytes(gc_mutator *m) {
  fill_bytes(m, 16);
}

/* --- each in its process -------------------------------------------------- */

static const char barrier[] = ": a store without a barrier",
                  kept[] = ": a raw reference was kept over a safepoint",
                  cleared[] = ", so a root was cleared too early";

/* `sentence` is what the checker says; NULL: nothing is wrong. */
static const struct program {
  const char *name;
  void (*run)(gc_mutator *);
  const char *sentence, *type;
} programs[] = {
    {"store past set", store_past_set, barrier, "slot 1 of the \"node\""},
    {"store past set, then set", store_past_set_then_set, barrier,
     "slot 0 of the \"node\""},
    {"swap past cas", swap_past_cas, barrier, "slot 0 of the \"node\""},
    {"swap past cas, then cas", swap_past_cas_then_cas, barrier,
     "slot 0 of the \"node\""},
    {"store in an element", store_in_an_element, barrier,
     "slot 42 of the \"refs\""},
    {"store in garbage", store_in_garbage, barrier, "slot 0 of the \"node\""},
    {"store in time", store_in_time, NULL, NULL},
    {"use after a safepoint", use_after_a_safepoint, kept,
     "used, is of a \"leaf\""},
    {"use after allocating", use_after_allocating, kept,
     "stored to, is of a \"node\""},
    {"use long after", use_long_after, kept, "long ago"},
    {"write to old bytes", write_to_old_bytes, kept, "used, is of a \"leaf\""},
    {"root an old reference", root_an_old_reference, kept,
     "put in a root, is of a \"leaf\""},
    {"store an old reference", store_an_old_reference, kept,
     "stored in a slot, is of a \"leaf\""},
    {"expect an old reference", expect_an_old_reference, kept,
     "expected in a slot, is of a \"node\""},
    {"write an old reference", write_an_old_reference, kept,
     "in a root, is of a \"leaf\""},
    {"write a reference inside", write_a_reference_inside,
     "in the memory for objects, but is not the address", "in a root"},
    {"write to an old shadow", write_to_an_old_shadow, kept,
     "stored to, is of a \"leaf\""},
    {"use it rooted", use_it_rooted, NULL, NULL},
    {"clear a root too early", clear_a_root_too_early, cleared, "\"leaf\""},
    {"keep it in no root", keep_it_in_no_root, cleared, "\"leaf\""},
    {"return it out of its scope", return_it_out_of_its_scope, cleared,
     "\"leaf\""},
    {"clear a root in time", clear_a_root_in_time, NULL, NULL},
    {"pin an old reference", pin_an_old_reference, "kept over a safepoint",
     "gc_pin of a reference"},
    {"unpin twice", unpin_twice, "that is not pinned", "gc_unpin"},
    {"use after unpinning", use_after_unpinning, kept, "used, is of"},
    {"root a neighbour of a pinned object", root_a_neighbour_of_a_pinned_object,
     kept, "put in a root, is of a \"leaf\""},
    {"clear the root of a pinned object", clear_the_root_of_a_pinned_object,
     kept, "used, is of"},
    {"store past set while pinned", store_past_set_while_pinned, barrier,
     "slot 1 of the \"node\""},
    {"use it pinned", use_it_pinned, NULL, NULL},
    {"root what is no object", root_what_is_no_object,
     "in the memory for objects, but is not the address", "put in a root"},
    {"root an integer", root_an_integer,
     "is not an address of an object, and never was", "put in a root"},
    {"jump over a frame", jump_over_a_frame, "a GC_FRAME was jumped over",
     "gc_frames_unwind"},
    {"jump and leave", jump_and_leave, "a GC_FRAME was jumped over",
     "gc_frames_unwind"},
    {"store past the last slot", store_past_the_last_slot,
     "slot 2 of a \"node\", which has 2", "slot"},
    {"fault elsewhere", fault_elsewhere, NULL, NULL},
    {"fault where a heap was", fault_where_a_heap_was, NULL, NULL},
    {"write past the bytes", write_past_the_bytes, "was written to",
     "before it is the \"blob\""},
    {"fill all bytes", fill_all_bytes, NULL, NULL},
};
enum { PROGRAMS = sizeof programs / sizeof programs[0] };

/* The child's side, where every safepoint moves all. */
static _Noreturn void program_run(const char *name) {
  alarm(20 * (GC_ASAN || GC_TSAN ? 10 : 1));
  for (int i = 0; i < PROGRAMS; i++)
    if (strcmp(programs[i].name, name) == 0) {
      signal(SIGSEGV, on_fault);
      gc_mutator *m = test_open(0);
      programs[i].run(m);
      test_close(m);
      _exit(0);
    }
  _exit(99);
}

static bool is_caught(const struct program *program, int status,
                      const char *text) {
  if (program->sentence == NULL)
    return status == 0 && text[0] == '\0';
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
         strstr(text, "sweepstakes: ") == text &&
         strstr(text, program->sentence) != NULL &&
         strstr(text, program->type) != NULL;
}

static void mistakes_are_caught_and_told(void **state) {
  size_t wrong = 0;
  (void)state;
  for (int i = 0; i < PROGRAMS; i++) {
    char text[2000];
    int status = child_run(programs[i].name, text, sizeof text);
    print_message("  %s: %s", programs[i].name, text[0] ? text : "fine\n");
    if (is_caught(&programs[i], status, text))
      continue;
    print_error("%s: status %d, \"%s\"\n", programs[i].name, status, text);
    wrong++;
  }
  assert_int_equal(wrong, 0);
}

/* With `shrink` a heap has few addresses and must reuse them for many moves. */
static void addresses_are_used_again(void **state) {
  enum { MOVES = 10000 };
  size_t again = 0;
  (void)state;
  gc_mutator *m = test_open_tuned(0, "every=1,shrink=1,verify=1");
  {
    GC_FRAME(m, f, node);
    gc_ref first = test_make(m, &f.node, test_node, 7);
    gc_set(m, first, 0, first);
    for (int i = 0; i < MOVES; i++) {
      gc_ref before = gc_root_get(&f.node);
      gc_safepoint(m);
      gc_ref node = gc_root_get(&f.node);
      assert_ptr_not_equal(node, before);
      assert_ptr_equal(gc_get(node, 0), node);
      assert_int_equal(test_id(node), 7);
      again += node == first;
    }
  }
  assert_in_range(again, 1, MOVES / 1000);
  test_close(m);
}

/* The same with objects that are pinned for a while, one on each of many pages,
   so that the addresses must be used again around them. */
static void addresses_are_used_again_around_pins(void **state) {
  enum { MOVES = 15000, PINNED = 40, FOR = 300 };
  (void)state;
  gc_mutator *m = test_open_tuned(0, "every=1,shrink=1");
  {
    GC_FRAME(m, f, node[PINNED], other);
    gc_ref pinned[PINNED] = {NULL};
    for (size_t i = 0; i < MOVES; i++) {
      size_t at = i / FOR % PINNED;
      if (i % FOR == 0) {
        if (pinned[at] != NULL)
          gc_unpin(m, pinned[at]);
        pinned[at] = test_make(m, &f.node[at], test_node, i);
        gc_pin(m, pinned[at]);
        test_make(m, &f.other, test_node, i);
      }
      gc_set(m, pinned[at], 0, gc_root_get(&f.other));
      gc_safepoint(m);
      assert_ptr_equal(gc_root_get(&f.node[at]), pinned[at]);
      assert_ptr_equal(gc_get(pinned[at], 0), gc_root_get(&f.other));
      assert_int_equal(test_id(pinned[at]), i / FOR * FOR);
    }
    for (size_t i = 0; i < PINNED; i++)
      gc_unpin(m, pinned[i]);
    test_expect_whole(m);
  }
  test_close(m);
}

/* No other move is due for a long time. */
static void stress_moves_too(void **state) {
  (void)state;
  gc_mutator *m = test_open_tuned(0, "every=1000000,stress=1");
  {
    GC_FRAME(m, f, node);
    gc_ref before = test_make(m, &f.node, test_node, 7);
    gc_safepoint(m);
    assert_ptr_not_equal(gc_root_get(&f.node), before);
    assert_int_equal(test_id(gc_root_get(&f.node)), 7);
  }
  test_close(m);
}

/* A request for more addresses than exist is refused, and the heap continues
   to work. */
static void addresses_run_out(void **state) {
  (void)state;
  gc_mutator *m = test_open_tuned(0, "shrink=1,verify=1");
  {
    GC_FRAME(m, f, node, large);
    test_make(m, &f.node, test_node, 7);
    assert_null(gc_new_array(m, &f.large, test_blob, 300 << 20));
    assert_non_null(gc_new_array(m, &f.large, test_blob, 1 << 20));
    assert_int_equal(test_id(gc_root_get(&f.node)), 7);
  }
  test_close(m);
}

/* A reference to the old copy of a moved object, as if it had not moved. */
static void what_has_gone_is_seen(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  {
    GC_FRAME(m, f, object);
    gc_ref object = test_make(m, &f.object, test_leaf, 1);
    object->word |= MOVING_GONE;
    test_expect_broken(m, "it has been moved away");
    object->word &= ~(uint32_t)MOVING_GONE;
    test_expect_whole(m);
  }
  test_close(m);
}

/* Destroying the older of two heaps first ends the watch on it. */
static void heaps_go_in_any_order(void **state) {
  gc_mutator *first = test_open(0), *second = test_open(0);
  (void)state;
  test_close(first);
  {
    GC_FRAME(second, f, object);
    test_make(second, &f.object, test_leaf, 1);
    gc_collect(second, GC_FULL);
    assert_int_equal(test_id(gc_root_get(&f.object)), 1);
  }
  test_close(second);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mistakes_are_caught_and_told),
      cmocka_unit_test(addresses_are_used_again),
      cmocka_unit_test(addresses_are_used_again_around_pins),
      cmocka_unit_test(stress_moves_too),
      cmocka_unit_test(addresses_run_out),
      cmocka_unit_test(what_has_gone_is_seen),
      cmocka_unit_test(heaps_go_in_any_order),
  };
  if (argc == 3 && strcmp(argv[1], "--child") == 0)
    program_run(argv[2]);
  return cmocka_run_group_tests_name("catches", tests, NULL, NULL);
}
