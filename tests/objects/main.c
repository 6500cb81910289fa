/* SPDX-License-Identifier: MIT */
/* Runs the groups named as arguments, or all. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/objects/objects.h"

struct gc_py objects_world(gc_mutator *m, const struct gc_py_options *options) {
  struct gc_py py = {m, NULL};
  CHECK(gc_py_open(m, options, &py.world) == 0);
  return py;
}

int objects_open(void **state) {
  struct gc_py *py = malloc(sizeof *py);
  CHECK(py != NULL);
  *py = objects_world(test_open(0), NULL);
  *state = py;
  return 0;
}

/* A failed test has left its frames by longjmp, so its heap is abandoned. */
int objects_close(void **state) {
  struct gc_py *py = *state;
  if (py->m->frames == NULL) {
    gc_py_close(py->m, py->world);
    test_close(py->m);
  }
  free(py);
  return 0;
}

void objects_setattr(const struct gc_py *py, const gc_root *object,
                     const char *name, const gc_root *value) {
  GC_FRAME(py->m, f, name);
  STR(py, &f.name, name);
  CHECK(gc_py_setattr(py, object, &f.name, value) == GC_PY_OK);
}

gc_ref objects_getattr(const struct gc_py *py, const gc_root *object,
                       const char *name) {
  GC_FRAME(py->m, f, name);
  STR(py, &f.name, name);
  return gc_py_getattr(gc_root_get(object), gc_root_get(&f.name));
}

void objects_node_class(const struct gc_py *py, gc_root *out,
                        void (*finalize)(const struct gc_py *,
                                         const gc_root *self)) {
  const char *const attributes[] = {"data", "next", NULL};
  const struct gc_py_class_desc desc = {"Node", attributes, GC_PY_WEAKLY,
                                        finalize};
  CHECK(gc_py_class(py, out, &desc) != NULL);
}

static const struct test_suite groups[] = {
    {"numbers", objects_numbers},       {"strs", objects_strs},
    {"sequences", objects_sequences},   {"dicts", objects_dicts},
    {"instances", objects_instances},   {"weakrefs", objects_weakrefs},
    {"weakmaps", objects_weakmaps},     {"interning", objects_interning},
    {"inspecting", objects_inspecting}, {"conforming", objects_conforming},
    {"reentering", objects_reentering}, {0},
};

int main(int argc, char **argv) {
  return test_suites_run(groups, argc, argv);
}
