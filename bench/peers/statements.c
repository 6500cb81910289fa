/* SPDX-License-Identifier: MIT */
/* The statements of bench/peers/statements.py with objects of ours. Each makes
   an object, and drops the object of the statement before. Prints a line for
   each statement and each round: its name and nanoseconds for one statement.

   Usage: statements-<collector> ROUNDS
   With 0 rounds: prints the size of a node in bytes. */
#include <stdio.h>
#include <stdlib.h>

#include "objects/inspect.h"
#include "objects/instance.h"
#include "objects/number.h"
#include "objects/sequence.h"
#include "objects/str.h"

enum { STATEMENTS = 100000 };

/* The names in the script. */
struct scope {
  struct gc_py py;
  gc_root *x;                       /* the result of the statement */
  const gc_root *i, *j, *r, *s, *u; /* 1000, 10**6, a float, two strings */
  const gc_root *ab, *su, *us;      /* 1 and 2, s and u, side by side */
  const gc_root *slots, *node;      /* classes */
};

/* x = i - 900 */
GC_INLINE bool small_int(const struct scope *v) {
  int64_t value = gc_py_int_value(gc_root_get(v->i)) - 900;
  return gc_py_int(&v->py, v->x, value) != NULL;
}

/* x = j + i */
GC_INLINE bool large_int(const struct scope *v) {
  int64_t value =
      gc_py_int_value(gc_root_get(v->j)) + gc_py_int_value(gc_root_get(v->i));
  return gc_py_int(&v->py, v->x, value) != NULL;
}

/* x = r + r */
GC_INLINE bool real(const struct scope *v) {
  double value = gc_py_float_value(gc_root_get(v->r));
  return gc_py_float(&v->py, v->x, value + value) != NULL;
}

/* x = s + u */
GC_INLINE bool string(const struct scope *v) {
  return gc_py_str_join(&v->py, v->x, v->s, v->u) != NULL;
}

/* x = (a, b) */
GC_INLINE bool tuple(const struct scope *v) {
  return gc_py_tuple(&v->py, v->x, v->ab, 2) != NULL;
}

/* x = [] */
GC_INLINE bool empty_list(const struct scope *v) {
  return gc_py_list(&v->py, v->x, NULL, 0) != NULL;
}

/* x = [a, b] */
GC_INLINE bool list(const struct scope *v) {
  return gc_py_list(&v->py, v->x, v->ab, 2) != NULL;
}

/* x = Slots() */
GC_INLINE bool slots(const struct scope *v) {
  return gc_py_instance(&v->py, v->x, v->slots) != NULL;
}

/* x = Node(a, b), which sets two attributes */
GC_INLINE bool node(const struct scope *v) {
  gc_ref object = gc_py_instance(&v->py, v->x, v->node);
  if (object == NULL)
    return false;
  gc_set(v->py.m, object, 1, gc_root_get(&v->ab[0]));
  gc_set(v->py.m, object, 2, gc_root_get(&v->ab[1]));
  return true;
}

/* x = (s, u) */
GC_INLINE bool tuple_of_strings(const struct scope *v) {
  return gc_py_tuple(&v->py, v->x, v->su, 2) != NULL;
}

/* x = (s, u); x = (u, s): no item stays where it is. */
GC_INLINE bool tuples_in_turn(const struct scope *v) {
  return gc_py_tuple(&v->py, v->x, v->su, 2) != NULL &&
         gc_py_tuple(&v->py, v->x, v->us, 2) != NULL;
}

/* The compiler knows which statement it is, as if it were written in the
   loop. */
GC_INLINE bool repeat(const struct scope *v, const char *name,
                      bool (*statement)(const struct scope *)) {
  uint64_t begun = gc_now_ns();
  for (int n = 0; n < STATEMENTS; n++)
    if (!statement(v))
      return false;
  printf("%s %.2f\n", name, (double)(gc_now_ns() - begun) / STATEMENTS);
  return true;
}

static bool round_play(const struct scope *v) {
  return repeat(v, "small_int", small_int) &&
         repeat(v, "large_int", large_int) && repeat(v, "float", real) &&
         repeat(v, "str", string) && repeat(v, "tuple", tuple) &&
         repeat(v, "empty_list", empty_list) && repeat(v, "list", list) &&
         repeat(v, "slots_instance", slots) && repeat(v, "node", node) &&
         repeat(v, "tuple_of_strings", tuple_of_strings) &&
         repeat(v, "tuples_in_turn", tuples_in_turn);
}

static bool make_classes(const struct gc_py *py, gc_root *slots,
                         gc_root *node) {
  const char *const names[] = {"data", "next", NULL};
  const struct gc_py_class_desc desc = {"Node", names, 0, NULL};
  return gc_py_class(py, slots, &desc) != NULL &&
         gc_py_class(py, node, &desc) != NULL;
}

static bool play(const struct gc_py *py, int rounds) {
  GC_FRAME(py->m, f, x, i, j, r, ab[2], su[2], us[2], slots, node);
  const struct scope v = {*py,      &f.x, &f.i, &f.j, &f.r,     &f.su[0],
                          &f.su[1], f.ab, f.su, f.us, &f.slots, &f.node};
  bool ok = gc_py_int(py, &f.i, 1000) && gc_py_int(py, &f.j, 1000000) &&
            gc_py_float(py, &f.r, 1.5) && gc_py_int(py, &f.ab[0], 1) &&
            gc_py_int(py, &f.ab[1], 2) &&
            gc_py_str(py, &f.su[0], "hello ", 6) &&
            gc_py_str(py, &f.su[1], "world again!", 12) &&
            make_classes(py, &f.slots, &f.node);
  gc_root_set(py->m, &f.us[0], gc_root_get(&f.su[1]));
  gc_root_set(py->m, &f.us[1], gc_root_get(&f.su[0]));
  for (int i = 0; ok && i < rounds; i++)
    ok = round_play(&v);
  if (rounds == 0 && ok && node(&v))
    printf("%zu\n", gc_py_sizeof(gc_root_get(&f.x)));
  return ok;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 5;
  gc_heap *heap;
  if (gc_heap_create(NULL, &heap) != 0)
    return 4;
  struct gc_py py = {gc_attach(heap), NULL};
  if (py.m == NULL || gc_py_open(py.m, NULL, &py.world) != 0)
    return 4;
  bool ok = play(&py, rounds);
  gc_py_close(py.m, py.world);
  gc_detach(py.m);
  gc_heap_destroy(heap);
  return ok ? 0 : 4;
}
