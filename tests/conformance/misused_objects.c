/* SPDX-License-Identifier: MIT */
/* Misuse of objects and types: misuse.c runs each in a child process. */
#include "tests/conformance/conformance.h"

static void pin_nothing(void) {
  gc_pin(test_open(0), NULL);
}

static void unpin_unpinned(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_node, 0);
  gc_pin(m, object);
  gc_unpin(m, object);
  gc_unpin(m, object);
}

static void pin_parked(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_node, 0);
  gc_park(m);
  gc_pin(m, object);
}

static void resize_nothing(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, array);
  gc_array_resize(m, &f.array, 1);
}

static void resize_what_is_no_array(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, array);
  test_make(m, &f.array, test_node, 0);
  gc_array_resize(m, &f.array, 1);
}

static void read_what_is_not_weak(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object, out);
  test_make(m, &f.object, test_node, 0);
  gc_weak_get(m, &f.out, gc_root_get(&f.object));
}

static void read_nothing_as_weak(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, out);
  gc_weak_get(m, &f.out, NULL);
}

static void weak_reference_to_nothing(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, weak);
  gc_weak_new(m, &f.weak, NULL);
}

static void ephemeron_without_a_key(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_ephemeron_new(m, &f.object, NULL, gc_root_get(&f.object));
}

static void ephemeron_without_a_value(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_ephemeron_new(m, &f.object, gc_root_get(&f.object), NULL);
}

static void read_what_is_no_ephemeron(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object, weak);
  test_make(m, &f.object, test_node, 0);
  gc_weak_new(m, &f.weak, gc_root_get(&f.object));
  gc_ephemeron_get(m, &f.object, gc_root_get(&f.weak));
}

static void add_external_to_nothing(void) {
  gc_external_add(test_open(0), NULL, 10);
}

static void take_off_too_much(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_external_add(m, gc_root_get(&f.object), 10);
  gc_external_sub(m, gc_root_get(&f.object), 11);
}

static void new_of_no_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new(m, &f.object, 0);
}

/* An index past all that these tests define. */
enum { UNDEFINED_TYPE = GC_TYPE_MAX - 1 };

static void new_of_an_undefined_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new(m, &f.object, UNDEFINED_TYPE);
}

static void new_of_an_array_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new(m, &f.object, test_blob);
}

static void array_of_no_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new_array(m, &f.object, 0, 4);
}

static void array_of_no_array_type(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new_array(m, &f.object, test_node, 4);
}

static void slot_past_the_end(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_get(test_make(m, &f.object, test_node, 0), 2);
}

static void store_past_the_end(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_set(m, test_make(m, &f.object, test_node, 0), 2, NULL);
}

static void values_past_the_end(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object, value[2]);
  gc_new_with(m, &f.object, test_node, 1, f.value, 2);
}

static void value_in_the_root(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_new_with(m, &f.object, test_node, 0, &f.object, 1);
}

static void length_of_no_array(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  gc_length(test_make(m, &f.object, test_node, 0));
}

static void pin_an_immediate(void) {
  gc_pin(test_open(0), gc_immediate(4));
}

static void weak_reference_to_an_immediate(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, weak);
  gc_weak_new(m, &f.weak, gc_immediate(4));
}

static void ephemeron_of_an_immediate(void) {
  gc_mutator *m = test_open(0);
  GC_FRAME(m, f, object);
  test_make(m, &f.object, test_node, 0);
  gc_ephemeron_new(m, &f.object, gc_immediate(4), gc_root_get(&f.object));
}

static void add_external_to_an_immediate(void) {
  gc_external_add(test_open(0), gc_immediate(4), 10);
}

static void immortalize_an_immediate(void) {
  gc_immortalize(test_open(0), gc_immediate(4));
}

static void slot_of_an_immediate(void) {
  volatile intptr_t number = 4; /* else the compiler warns */
  gc_get(gc_immediate(number), 0);
}

const struct misuse object_misuses[] = {
    {"pin nothing", pin_nothing, 1},
    {"unpin unpinned", unpin_unpinned, 2},
    {"pin parked", pin_parked, 1},
    {"resize nothing", resize_nothing, 1},
    {"resize what is no array", resize_what_is_no_array, 1},
    {"read what is not weak", read_what_is_not_weak, 1},
    {"read nothing as weak", read_nothing_as_weak, 1},
    {"weak reference to nothing", weak_reference_to_nothing, 1},
    {"ephemeron without a key", ephemeron_without_a_key, 1},
    {"ephemeron without a value", ephemeron_without_a_value, 1},
    {"read what is no ephemeron", read_what_is_no_ephemeron, 1},
    {"add external to nothing", add_external_to_nothing, 1},
    {"take off too much", take_off_too_much, 2},
    {"new of no type", new_of_no_type, 1},
    {"new of an undefined type", new_of_an_undefined_type, 1},
    {"new of an array type", new_of_an_array_type, 1},
    {"array of no type", array_of_no_type, 1},
    {"array of no array type", array_of_no_array_type, 1},
    {"slot past the end", slot_past_the_end, 2},
    {"store past the end", store_past_the_end, 2},
    {"values past the end", values_past_the_end, 2},
    {"value in the root", value_in_the_root, 2},
    {"length of no array", length_of_no_array, 2},
    {"pin an immediate", pin_an_immediate, 1},
    {"weak reference to an immediate", weak_reference_to_an_immediate, 1},
    {"ephemeron of an immediate", ephemeron_of_an_immediate, 1},
    {"add external to an immediate", add_external_to_an_immediate, 1},
    {"immortalize an immediate", immortalize_an_immediate, 1},
    {"slot of an immediate", slot_of_an_immediate, 2},
    {0},
};
