/* SPDX-License-Identifier: MIT */
/* Note [The newest object]: a mutator that may show the object to others
   forgets it. */
#include "collectors/shared/counting/rc_heap.h"
#include "tests/support/support.h"

static void ignore(gc_ref object, void *data) {
  (void)object;
  (void)data;
}

static void visit(gc_mutator *m) {
  CHECK(gc_visit_objects(m, ignore, NULL) == 0);
}

static void park(gc_mutator *m) {
  gc_park(m);
  gc_unpark(m);
}

static void forgets(gc_mutator *m, void (*act)(gc_mutator *)) {
  GC_FRAME(m, f, object);
  gc_ref object = test_make(m, &f.object, test_node, 1);
  CHECK(rc_of(m)->newest == object);
  act(m);
  CHECK(rc_of(m)->newest == NULL);
}

struct scene {
  _Atomic int made, shown;
};

/* Another mutator's: the second makes one, and the first shows it. */
static void make_or_show(struct test_thread *self) {
  struct scene *scene = self->shared;
  gc_mutator *m = self->m;
  GC_FRAME(m, f, object);
  if (self->index == 0) {
    while (!atomic_load(&scene->made))
      gc_safepoint(m);
    visit(m);
    atomic_store(&scene->shown, 1);
    return;
  }
  test_make(m, &f.object, test_node, 1);
  atomic_store(&scene->made, 1);
  while (!atomic_load(&scene->shown))
    gc_safepoint(m);
  CHECK(rc_of(m)->newest == NULL);
}

int main(void) {
  struct scene scene = {0};
  gc_mutator *m = test_open(0);
  forgets(m, visit);
  forgets(m, park);
  test_threads_run(m, 2, make_or_show, &scene);
  test_close(m);
  return 0;
}
