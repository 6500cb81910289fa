/* SPDX-License-Identifier: MIT */
/* A notebook on Python's memory management, cell by cell, with the Python-like
   objects of objects/. It prints what the cells print in CPython, as far as the
   collector can know it.

   Usage: python_memory-<collector> */
#include <stdio.h>
#include <string.h>

#include "objects/inspect.h"
#include "objects/intern.h"
#include "objects/number.h"
#include "objects/sequence.h"
#include "objects/weakref.h"

static void say(bool value) {
  puts(value ? "True" : "False");
}

/* x is y */
static bool is(const gc_root *x, const gc_root *y) {
  return gc_root_get(x) == gc_root_get(y);
}

/* In [125]: small integers are shared. */
static void small_integers(const struct gc_py *py) {
  GC_FRAME(py->m, f, x, y);
  gc_py_int(py, &f.x, 256);
  gc_py_int(py, &f.y, 256);
  say(is(&f.x, &f.y));
}

/* In [126]: literals of word characters are interned. */
static void literals(const struct gc_py *py) {
  GC_FRAME(py->m, f, a, b);
  gc_py_literal(py, &f.a, "hello_world");
  gc_py_literal(py, &f.b, "hello_world");
  say(is(&f.a, &f.b));
}

/* In [127]: sys.intern interns any string. */
static void interning(const struct gc_py *py) {
  const char *hello = "\xe4\xbd\xa0\xe5\xa5\xbd";
  GC_FRAME(py->m, f, a, b);
  gc_py_str(py, &f.a, hello, strlen(hello));
  gc_py_intern(py, &f.a, &f.a);
  gc_py_str(py, &f.b, hello, strlen(hello));
  gc_py_intern(py, &f.b, &f.b);
  say(is(&f.a, &f.b));
}

/* In [128]: all empty tuples are one object. */
static void empty_tuples(const struct gc_py *py) {
  GC_FRAME(py->m, f, a, b);
  gc_py_tuple(py, &f.a, NULL, 0);
  gc_py_tuple(py, &f.b, NULL, 0);
  say(is(&f.a, &f.b));
}

/* sys.getrefcount(x) returns one more, because it counts its argument. */
static void say_refcount(const struct gc_py *py, const gc_root *x) {
  size_t count;
  if (gc_py_refcount(py, gc_root_get(x), &count) == GC_PY_OK)
    printf("%zu\n", count + 1);
  else
    puts("(not counted)");
}

/* In [129] to [132]: names change the count; the size of a float. */
static void counts(const struct gc_py *py) {
  GC_FRAME(py->m, f, x, ref);
  gc_py_float(py, &f.x, 0.6394267984578837);
  say_refcount(py, &f.x);
  printf("%zu\n", gc_py_sizeof(gc_root_get(&f.x)));
  gc_root_set(py->m, &f.ref, gc_root_get(&f.x));
  say_refcount(py, &f.x);
  gc_root_clear(py->m, &f.ref);
  say_refcount(py, &f.x);
}

static bool make_node(const struct gc_py *py, gc_root *out,
                      const gc_root *class, int64_t data) {
  GC_FRAME(py->m, f, data);
  gc_ref node = gc_py_instance(py, out, class);
  if (node == NULL || !gc_py_int(py, &f.data, data))
    return false;
  gc_set(py->m, gc_root_get(out), 1, gc_root_get(&f.data));
  gc_set(py->m, gc_root_get(out), 2, gc_py_none(py));
  return true;
}

static enum gc_py_status link(const struct gc_py *py, const gc_root *from,
                              const gc_root *to) {
  GC_FRAME(py->m, f, next);
  if (!gc_py_literal(py, &f.next, "next"))
    return GC_PY_NO_MEMORY;
  return gc_py_setattr(py, from, &f.next, to);
}

/* Creates two nodes that refer to each other. Only a weak reference to one of
   them remains. */
static bool make_cycle(const struct gc_py *py, gc_root *weakref) {
  const char *const attributes[] = {"data", "next", NULL};
  const struct gc_py_class_desc desc = {"Node", attributes, GC_PY_WEAKLY, NULL};
  GC_FRAME(py->m, f, class, node1, node2);
  return gc_py_class(py, &f.class, &desc) != NULL &&
         make_node(py, &f.node1, &f.class, 1) &&
         make_node(py, &f.node2, &f.class, 2) &&
         link(py, &f.node1, &f.node2) == GC_PY_OK &&
         link(py, &f.node2, &f.node1) == GC_PY_OK &&
         gc_py_weakref(py, weakref, &f.node1, NULL) == GC_PY_OK;
}

/* In [133]: the notebook prints gc.garbage, the list of objects that could not
   be freed. */
static bool cycles(const struct gc_py *py) {
  GC_FRAME(py->m, f, weakref, node);
  size_t found;
  if (!make_cycle(py, &f.weakref))
    return false;
  gc_py_collect(py, GC_PY_GENERATIONS - 1, &found);
  bool is_freed = !gc_py_weakref_get(py, &f.node, gc_root_get(&f.weakref));
  puts(is_freed ? "[]" : "(cycles are not freed)");
  return true;
}

static bool play(const struct gc_py *py) {
  small_integers(py);
  literals(py);
  interning(py);
  empty_tuples(py);
  counts(py);
  return cycles(py);
}

int main(void) {
  gc_heap *heap;
  if (gc_heap_create(NULL, &heap) != 0)
    return 4;
  struct gc_py py = {gc_attach(heap), NULL};
  if (py.m == NULL || gc_py_open(py.m, NULL, &py.world) != 0)
    return 4;
  bool ok = play(&py);
  gc_py_close(py.m, py.world);
  gc_detach(py.m);
  gc_heap_destroy(heap);
  return ok ? 0 : 4;
}
