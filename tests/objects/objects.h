/* SPDX-License-Identifier: MIT */
/* Each file here tests one kind of object; main.c lists them. Each test gets
   its own world: *state is the py that every call takes. */
#ifndef OBJECTS_TEST_H
#define OBJECTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "objects/number.h"
#include "objects/sequence.h"
#include "objects/str.h"
#include "objects/weakref.h"
#include "tests/support/support.h"

#include <cmocka.h>

#define objects_test(f)                                                        \
  cmocka_unit_test_setup_teardown(f, objects_open, objects_close)
int objects_open(void **state);
int objects_close(void **state);

/* A world beside the test's own, in the same heap, with other options. */
struct gc_py objects_world(gc_mutator *, const struct gc_py_options *);

/* A string from a literal. */
#define STR(py, out, text) gc_py_str(py, out, text, strlen(text))

/* object.name = value; it must succeed. */
void objects_setattr(const struct gc_py *, const gc_root *object,
                     const char *name, const gc_root *value);
/* object.name, or NULL. A safepoint. */
gc_ref objects_getattr(const struct gc_py *, const gc_root *object,
                       const char *name);
/* A class whose instances have `data` and `next` and can be referred to
   weakly. */
void objects_node_class(const struct gc_py *, gc_root *out,
                        void (*finalize)(const struct gc_py *,
                                         const gc_root *self));

int objects_numbers(void);
int objects_strs(void);
int objects_sequences(void);
int objects_dicts(void);
int objects_instances(void);
int objects_weakrefs(void);
int objects_weakmaps(void);
int objects_interning(void);
int objects_inspecting(void);
int objects_conforming(void);
int objects_reentering(void);

#endif
