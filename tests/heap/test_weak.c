/* SPDX-License-Identifier: MIT */
/* The table of weak references. To count what an unbind reads, each weak
   reference lies in a page of its own, and all pages but those that an unbind
   may touch are closed: a walk along the chain ends in a fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "heap/lifecycle.h"
#include "heap/weak.h"

#include <cmocka.h>

enum { WEAKS = 64 };

static struct {
  gc_heap *heap;
  struct gc_weak_table table;
  char *pages;
  size_t page;
  gc_ref target;
} chain;

static gc_ref weak_at(size_t i) {
  return (gc_ref)(chain.pages + i * chain.page);
}

/* All weak references refer to one target; the first is the oldest. */
static int chain_make(void **state) {
  (void)state;
  chain.page = (size_t)sysconf(_SC_PAGESIZE);
  chain.pages = mmap(NULL, (WEAKS + 1) * chain.page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(chain.pages != MAP_FAILED);
  assert_int_equal(gc_heap_create(NULL, &chain.heap), 0);
  gc_weak_table_init(&chain.table, chain.heap);
  chain.target = weak_at(WEAKS);
  for (size_t i = 0; i < WEAKS; i++) {
    weak_at(i)->type = gc_weak_type();
    assert_true(gc_weak_bind(&chain.table, weak_at(i), chain.target));
  }
  return 0;
}

static int chain_drop(void **state) {
  (void)state;
  gc_weak_table_finish(&chain.table);
  gc_heap_destroy(chain.heap);
  return munmap(chain.pages, (WEAKS + 1) * chain.page);
}

static void page_protect(size_t i, int protection) {
  assert_int_equal(mprotect(weak_at(i), chain.page, protection), 0);
}

/* Only the weak reference and its two neighbours may be accessed. */
static void unbind_alone(size_t i, size_t before, size_t after) {
  for (size_t k = 0; k < WEAKS; k++)
    if (k != i && k != before && k != after)
      page_protect(k, PROT_NONE);
  gc_weak_unbind(&chain.table, weak_at(i));
  for (size_t k = 0; k < WEAKS; k++)
    page_protect(k, PROT_READ | PROT_WRITE);
}

static size_t still_bound(void) {
  size_t count = 0;
  for (size_t i = 0; i < WEAKS; i++)
    count += gc_weak_data(weak_at(i))->target != NULL;
  return count;
}

static void oldest_first(void **state) {
  (void)state;
  for (size_t i = 0; i < WEAKS; i++)
    unbind_alone(i, i, i + 1);
  gc_weak_clear(&chain.table, chain.target, NULL, NULL);
  assert_int_equal(still_bound(), WEAKS);
}

static void newest_first(void **state) {
  (void)state;
  for (size_t i = WEAKS; i-- > 0;)
    unbind_alone(i, i ? i - 1 : i, i);
  gc_weak_clear(&chain.table, chain.target, NULL, NULL);
  assert_int_equal(still_bound(), WEAKS);
}

/* The remaining weak references are cleared with the target, and no others. */
static void every_other(void **state) {
  (void)state;
  for (size_t i = 1; i < WEAKS; i += 2)
    unbind_alone(i, i - 1, i + 1);
  gc_weak_clear(&chain.table, chain.target, NULL, NULL);
  assert_int_equal(still_bound(), WEAKS / 2);
  for (size_t i = 0; i < WEAKS; i += 2)
    assert_null(gc_weak_data(weak_at(i))->target);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(oldest_first, chain_make, chain_drop),
      cmocka_unit_test_setup_teardown(newest_first, chain_make, chain_drop),
      cmocka_unit_test_setup_teardown(every_other, chain_make, chain_drop),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
