/* SPDX-License-Identifier: MIT */
#include "tests/gen/tuned.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void on_resumed(void *data, const struct gc_pause *pause) {
  struct pauses *pauses = data;
  if (pause->generation >= 0) /* not those of the verifier */
    pauses->count[pause->generation]++;
  if (pause->bytes_after > pauses->held_most)
    pauses->held_most = pause->bytes_after;
}

gc_mutator *gen_open(struct pauses *pauses, size_t heap_bytes,
                     const char *tuning) {
  struct gc_options options = {
      .heap_bytes = heap_bytes, .gc_threads = 2, .tuning = tuning};
  struct gc_listener listener = {.data = pauses, .resumed = on_resumed};
  gc_heap *heap;
  assert_int_equal(gc_heap_create(&options, &heap), 0);
  *pauses = (struct pauses){0};
  gc_listen(heap, &listener);
  gc_mutator *m = gc_attach(heap);
  assert_non_null(m);
  return m;
}

void gen_close(gc_mutator *m) {
  gc_listen(m->heap, NULL);
  test_close(m);
}

gc_ref gen_node_new(gc_mutator *m, gc_root *out) {
  gc_ref node = gc_new(m, out, test_node);
  assert_non_null(node);
  return node;
}

void gen_make_garbage(gc_mutator *m, size_t bytes) {
  GC_FRAME(m, f, garbage);
  for (size_t made = 0; made < bytes; made += gc_sizeof(f.garbage.ref))
    gen_node_new(m, &f.garbage);
}
