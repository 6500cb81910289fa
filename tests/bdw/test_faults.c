/* SPDX-License-Identifier: MIT */
/* `bdw` when the library or the system has no memory, and when several heaps
   share the library. This program is linked so that requests for memory come to
   the functions below, which can refuse them. */
#include "collectors/bdw/bdw_heap.h"
#include "collectors/bdw/library.h"
#include "tests/support/memory.h"
#include "tests/support/support.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static bool refuses;

bool memory_refuses(enum memory_request request) {
  return refuses && request == MEMORY_ALIGNED_ALLOC;
}

int __real_GC_expand_hp(size_t);
int __wrap_GC_expand_hp(size_t);
int __wrap_GC_expand_hp(size_t bytes) {
  return refuses ? 0 : __real_GC_expand_hp(bytes);
}

/* Without memory, the library registers no finalizer and reports no error. This
   function does the same. */
void __real_GC_register_finalizer_no_order(void *, GC_finalization_proc, void *,
                                           GC_finalization_proc *, void **);
void __wrap_GC_register_finalizer_no_order(void *, GC_finalization_proc, void *,
                                           GC_finalization_proc *, void **);
void __wrap_GC_register_finalizer_no_order(void *cell, GC_finalization_proc f,
                                           void *data,
                                           GC_finalization_proc *earlier,
                                           void **earlier_data) {
  if (!refuses)
    __real_GC_register_finalizer_no_order(cell, f, data, earlier, earlier_data);
}

static void a_heap_without_memory(void **state) {
  const struct gc_options options = {.heap_bytes = 64 << 20};
  gc_heap *heap = NULL;
  (void)state;
  test_close(test_open(0)); /* starts the library */
  long before = memory_blocks;
  refuses = true;
  int error = gc_heap_create(&options, &heap);
  refuses = false;
  assert_int_equal(error, ENOMEM);
  assert_null(heap);
  assert_int_equal(memory_blocks, before);
}

static void no_room_for_a_heap(void **state) {
  struct bdw_heap *heap = bdw_heap_of(test_heap_create(0));
  (void)state;
  struct bdw_heap other = {.base = {.limit = (size_t)1 << 30, .gc_threads = 1}};
  refuses = true;
  int error = gc_bdw_library_enter(&other);
  refuses = false;
  assert_int_equal(error, ENOMEM);
  assert_null(gc_bdw_heap_find(other.id));
  assert_ptr_equal(gc_bdw_heap_find(heap->id), heap);
  gc_heap_destroy(&heap->base);
}

static void no_room_for_a_finalizer(void **state) {
  gc_mutator *m = test_open(0);
  (void)state;
  test_deaths_begin(2);
  {
    GC_FRAME(m, f, kept, mortal);
    gc_ref kept = test_make(m, &f.kept, test_mortal, 0);
    long before = memory_blocks;
    refuses = true;
    gc_ref none = gc_new(m, &f.kept, test_mortal);
    refuses = false;
    assert_null(none);
    assert_ptr_equal(gc_root_get(&f.kept), kept);
    assert_int_equal(memory_blocks, before);
    assert_non_null(test_make(m, &f.mortal, test_mortal, 1));
  }
  test_close(m);
  assert_int_equal(test_deaths(), 2);
  test_deaths_check();
}

/* --- heaps that share the library ----------------------------------------- */

enum { MORTALS = 100 };

static void make_mortals(gc_heap *heap) {
  gc_mutator *m = gc_attach(heap);
  {
    GC_FRAME(m, f, mortal);
    for (int i = 0; i < MORTALS; i++)
      assert_non_null(test_make(m, &f.mortal, test_mortal, (uint64_t)i));
  }
  gc_detach(m);
}

/* A collection by a mutator of another heap finds dead objects. Their
   finalizers wait for a mutator of their own heap. That heap is destroyed when
   no memory is available, so none can attach, and the finalizers do not run. */
static void a_heap_goes_with_its_dead(void **state) {
  (void)state;
  test_deaths_begin(MORTALS);
  long before = memory_blocks;
  gc_heap *first = test_heap_create(0), *second = test_heap_create(0);
  uintptr_t id = bdw_heap_of(first)->id;
  make_mortals(first);
  gc_mutator *m = gc_attach(second);
  size_t ran = test_deaths();
  test_collect(m);
  assert_non_null(first->left_first);
  refuses = true;
  gc_heap_destroy(first);
  refuses = false;
  assert_null(gc_bdw_heap_find(id));
  assert_int_equal(test_deaths(), ran);
  test_close(m);
  assert_int_equal(test_deaths(), ran);
  assert_int_equal(memory_blocks, before);
}

/* --- the last memory ------------------------------------------------------ */

/* A dead object whose finalizer has not run holds the memory that the next
   allocation needs. Stale references may keep a few such objects alive. */
static void what_finalizers_hold_makes_room(void **state) {
  enum { LIMIT = 16 << 20, ROUNDS = 20 };
  gc_mutator *m = test_open(LIMIT);
  size_t made = 0;
  (void)state;
  test_deaths_begin(ROUNDS);
  {
    GC_FRAME(m, f, holder, large);
    for (unsigned i = 0; i < ROUNDS; i++) {
      if (gc_new_array(m, &f.large, test_blob, LIMIT / 2) == NULL)
        continue;
      made++;
      assert_non_null(test_make(m, &f.holder, test_mortal, i));
      gc_set_move(m, gc_root_get(&f.holder), 0, &f.large);
      gc_root_clear(m, &f.holder);
    }
  }
  test_close(m);
  assert_in_range(made, ROUNDS * 3 / 4, ROUNDS);
}

/* --- many collections in one call ----------------------------------------- */

static struct gc_pause last;
static size_t pauses;

static void on_resumed(void *data, const struct gc_pause *pause) {
  (void)data;
  last = *pause;
  pauses++;
}

/* One call makes more collections than there are notes for. The last note
   covers all the remaining ones. */
static void a_call_that_collects_often(void **state) {
  const struct gc_listener listener = {.resumed = on_resumed};
  gc_mutator *m = test_open(0);
  (void)state;
  pauses = 0;
  gc_listen(m->heap, &listener);
  gc_bdw_call_begin(m);
  for (int i = 0; i < 6; i++)
    GC_gcollect();
  uint64_t before = gc_now_ns();
  GC_gcollect();
  gc_bdw_call_end(m);
  gc_listen(m->heap, NULL);
  assert_int_equal(pauses, 4);
  assert_true(last.t_stopped < before);
  assert_true(last.t_end > before);
  test_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_heap_without_memory),
      cmocka_unit_test(no_room_for_a_heap),
      cmocka_unit_test(no_room_for_a_finalizer),
      cmocka_unit_test(a_heap_goes_with_its_dead),
      cmocka_unit_test(what_finalizers_hold_makes_room),
      cmocka_unit_test(a_call_that_collects_often),
  };
  test_types_define();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
