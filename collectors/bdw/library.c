/* SPDX-License-Identifier: MIT */
/* Starts the library, and tells it which threads there are, where our roots
   are, and how large it may grow.

   Note [Stopped anywhere]
   The library stops threads by a signal, between any two instructions. So the
   data that it reads while they are stopped must be valid after each of them.
   1. Before it stops a thread, it calls us with its allocation lock held. Then
      we take every heap's lock and globals_lock, and release them when the
      threads run again. So no thread is changing a list of mutators, a table of
      globals or a chain of keepers. No thread that holds one of these locks
      takes the allocation lock.
   2. Queues of finalizers grow under the heap's lock. They shrink by one store,
      after which a node is no longer looked at.
   3. Lists of cells: see gc_bdw_cell_pop.
   4. Stacks of roots: see gc_root_stack_top_set. The list of stacks changes
      under globals_lock.
   5. Visitors of the program read its tables at any moment, too:
      docs/interface.md asks for tables that are valid then.
   6. All other references are on stacks, in registers or in objects, which the
      library scans without our help. */
#include "collectors/bdw/library.h"

#include <errno.h>
#include <setjmp.h>
#include <unistd.h>

#include "collectors/bdw/bdw_heap.h"
#include "heap/roots.h"

/* The share of the limit that is for cells, because the library's tables count,
   too. For a block of 4096 bytes of small cells, it has a header of 336 bytes
   and an entry of 8. */
enum { BDW_USABLE_PERCENT = 92, BDW_PAGE = 4096 };
/* The fewest bytes that the library takes from the system at once. The last
   such piece of its tables may be unused, and does not count. */
enum { BDW_STEP = 64 << 10 };

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static enum { NOT_YET, STARTED, FAILED } start; /* start_lock */
static int kinds[BDW_KINDS];                    /* constant once started */
static size_t tables_at_start;                  /* the same */
static struct bdw_heap *heaps; /* allocation lock: newest first */
static _Atomic size_t limit;   /* allocation lock: 0: none */
/* Written by any thread: bytes of the shared parts' tables, of all heaps
   together, because all heaps share the library's heap. */
static _Atomic size_t shared_tables;
static GC_push_other_roots_proc own_roots_push; /* constant once started */

/* --- threads ------------------------------------------------------------- */

/* Calls of gc_bdw_thread_enter that gc_bdw_thread_leave has not undone yet. */
static _Thread_local unsigned entered;
/* Had other code registered the thread with the library before? */
static _Thread_local bool is_known;

/* The library stops the program if it has no memory for a thread. A full heap
   must not lead to that. */
enum { BDW_ENTRANCE = 1 << 20 };

static void entrance_open(bool is_open) {
  GC_alloc_lock();
  if (limit != 0)
    GC_set_max_heap_size(limit + (is_open ? BDW_ENTRANCE : 0));
  GC_alloc_unlock();
}

/* The end of a stack may be the beginning of the library's memory. The library
   stores that address and takes it for a reference to its first object. So it
   gets a slightly lower address; no frame is that high. */
static bool stack_base_get(struct GC_stack_base *base) {
  if (GC_get_stack_base(base) != GC_SUCCESS)
    return false;
  base->mem_base = (char *)base->mem_base - BDW_GRANULE;
  return true;
}

static pthread_mutex_t entrance_lock = PTHREAD_MUTEX_INITIALIZER;

static bool thread_register(void) {
  struct GC_stack_base base;
  if (!stack_base_get(&base))
    return false;
  pthread_mutex_lock(&entrance_lock);
  entrance_open(true);
  is_known = GC_register_my_thread(&base) != GC_SUCCESS;
  entrance_open(false);
  pthread_mutex_unlock(&entrance_lock);
  return true;
}

bool gc_bdw_thread_enter(void) {
  if (entered == 0 && !thread_register())
    return false;
  entered++;
  return true;
}

void gc_bdw_thread_leave(void) {
  gc_assert_always(entered > 0);
  entered--;
  if (entered == 0 && !is_known)
    GC_unregister_my_thread();
}

/* --- roots --------------------------------------------------------------- */

void gc_bdw_heaps_lock(void) {
  size_t held = gc_bdw_held(NULL);
  for (struct bdw_heap *heap = heaps; heap; heap = heap->next) {
    if (gc_heap_is_inherited(&heap->base))
      continue; /* its locks may be held for ever: Note [Fork] */
    pthread_mutex_lock(&heap->base.lock);
    pthread_mutex_lock(&heap->base.globals_lock);
    if (held > heap->held_peak)
      heap->held_peak = held;
  }
}

void gc_bdw_heaps_unlock(void) {
  for (struct bdw_heap *heap = heaps; heap; heap = heap->next) {
    if (gc_heap_is_inherited(&heap->base))
      continue;
    pthread_mutex_unlock(&heap->base.globals_lock);
    pthread_mutex_unlock(&heap->base.lock);
  }
}

static void root_push(gc_root *root, void *unused) {
  (void)unused;
  GC_push_all_eager(root, root + 1);
}

static void nodes_push(struct gc_finalizable *node) {
  for (; node; node = node->next)
    root_push(&node->self, NULL);
}

/* A free cell looks unreachable: nothing but the list leads to it, and the
   library does not follow the links of kinds without references. */
static void cells_mark(struct bdw_mutator *m) {
  for (size_t kind = 0; kind < BDW_KINDS; kind++)
    for (size_t granules = 0; granules < BDW_GRANULES; granules++)
      for (void **cell = m->cells[kind][granules]; cell; cell = *cell)
        GC_set_mark_bit(cell);
}

/* With the root at `top`: gc_root_stack_top_set. */
static void root_stacks_push(const gc_mutator *m) {
  for (const gc_root_stack *s = m->root_stacks; s; s = s->next) {
    const gc_root *top = s->top, *end = s->end;
    GC_push_all_eager(s->bottom,
                      (void *)(uintptr_t)(top < end ? top + 1 : top));
  }
}

/* The threads are stopped; Note [Stopped anywhere]. */
static void roots_push(void) {
  own_roots_push();
  for (struct bdw_heap *heap = heaps; heap; heap = heap->next) {
    if (gc_heap_is_inherited(&heap->base))
      continue;
    for (gc_mutator *m = heap->base.mutators; m; m = m->next) {
      cells_mark(bdw_of(m));
      nodes_push(m->finalize_first);
      root_stacks_push(m);
    }
    nodes_push(heap->base.left_first);
    for (struct bdw_keeper *keeper = heap->immortal; keeper;
         keeper = keeper->next)
      root_push(&keeper->root, NULL);
    gc_visit_globals(&heap->base, root_push, NULL);
  }
}

/* --- the start ----------------------------------------------------------- */

/* A kind is the number of bytes at the front of a cell that the library scans:
   the header and the references. One cell of each kind is allocated at once,
   because the library sweeps only kinds of which a cell was allocated. */
static bool kinds_make(void) {
  for (int i = 0; i < BDW_KINDS; i++) {
    GC_word bytes = i == 0 ? 0 : 8 + 8 * (GC_word)i;
    kinds[i] =
        i == BDW_KINDS - 1
            ? GC_I_NORMAL
            : (int)GC_new_kind(GC_new_free_list(), bytes | GC_DS_LENGTH, 0, 1);
    void *cell = GC_generic_malloc(BDW_GRANULE, kinds[i]);
    if (cell == NULL)
      return false;
    GC_free(cell);
  }
  return true;
}

static void settings_make(unsigned markers) {
  GC_set_all_interior_pointers(0); /* in objects; on stacks they count */
  GC_set_no_dls(1);                /* static data holds no root of ours */
  GC_set_java_finalization(1);     /* objects behind a dead one are intact */
  GC_set_finalize_on_demand(1);
  GC_set_handle_fork(1);
  GC_set_markers_count(markers);
}

static void GC_CALLBACK nothing_happens(void *cell, void *data) {
  (void)cell;
  (void)data;
}

/* The library stops the program if there is no room for these tables when they
   are first used. Later, without room, they stay as small as they are. */
static bool tables_make(void) {
  void *cell = GC_malloc(BDW_GRANULE), *link = cell;
  if (cell == NULL || GC_register_long_link(&link, cell) != GC_SUCCESS)
    return false;
  GC_unregister_long_link(&link);
  GC_register_finalizer_no_order(cell, nothing_happens, NULL, NULL, NULL);
  GC_register_finalizer_no_order(cell, NULL, NULL, NULL, NULL);
  return true;
}

/* If the library has no memory to start with, it prints a message and ends the
   program. Instead we jump out of it then, and never call it again. */
static jmp_buf no_start;

static void GC_CALLBACK start_fails(const char *words) {
  (void)words;
  longjmp(no_start, 1);
}

static size_t tables_now(const struct GC_prof_stats_s *stats) {
  size_t all = stats->obtained_from_os_bytes, heap = stats->heapsize_full;
  return all > heap ? all - heap : 0;
}

/* The library takes the thread that starts it for the main thread, for its
   whole life. The thread need not be the main thread. So the library gets the
   beginning of this stack, and then forgets the thread, which enters like any
   other. */
static bool library_start(unsigned markers, const struct GC_stack_base *base) {
  struct GC_prof_stats_s stats;
  settings_make(markers);
  GC_set_stackbottom(NULL, base);
  GC_INIT();
  GC_set_warn_proc(GC_ignore_warn_proc);    /* out of memory is an answer */
  GC_register_displacement(sizeof(size_t)); /* objects behind a length */
  GC_clear_roots();
  if (!kinds_make() || !tables_make())
    return false;
  gc_bdw_collections_watch();
  own_roots_push = GC_get_push_other_roots();
  GC_set_push_other_roots(roots_push);
  GC_allow_register_threads();
  GC_unregister_my_thread();
  GC_get_prof_stats(&stats, sizeof stats);
  tables_at_start = tables_now(&stats);
  return true;
}

static bool library_try(unsigned markers, const struct GC_stack_base *base) {
  GC_abort_func usual = GC_get_abort_func();
  GC_set_abort_func(start_fails);
  if (setjmp(no_start) != 0 || !library_start(markers, base))
    return false;
  GC_set_abort_func(usual);
  return true;
}

/* Note [Fork] in heap/fork.c. The library holds its lock over a fork, too. A
   thread that enters takes that lock while it holds ours, so ours must be taken
   first. The system calls the handler that was added last first, so these are
   added when the library has added its own. */
static void before_fork(void) {
  pthread_mutex_lock(&start_lock);
  pthread_mutex_lock(&entrance_lock);
}

static void after_fork(void) {
  pthread_mutex_unlock(&entrance_lock);
  pthread_mutex_unlock(&start_lock);
}

/* False: no memory. */
static bool library_start_once(unsigned markers) {
  struct GC_stack_base base;
  pthread_mutex_lock(&start_lock);
  if (start == NOT_YET && stack_base_get(&base))
    start = library_try(markers, &base) &&
                    pthread_atfork(before_fork, after_fork, after_fork) == 0
                ? STARTED
                : FAILED;
  bool is_started = start == STARTED;
  pthread_mutex_unlock(&start_lock);
  return is_started;
}

/* --- the limit ----------------------------------------------------------- */

/* The newest heap's limit holds. The allocation lock is held. */
static void limit_apply(void) {
  size_t whole = heaps ? heaps->base.limit : SIZE_MAX;
  size_t usable = whole / 100 * BDW_USABLE_PERCENT;
  gc_assert(usable <= whole);
  usable = usable < BDW_PAGE ? BDW_PAGE : usable / BDW_PAGE * BDW_PAGE;
  limit = whole == SIZE_MAX ? 0 : usable;
  GC_set_max_heap_size(limit);
}

static size_t machine_bytes(void) {
  size_t pages = (size_t)sysconf(_SC_PHYS_PAGES);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Without this, the library grows in small steps and collects often before it
   has reached its limit; docs/bdw.md has figures. It takes at least a step at
   once, so a smaller rest is lost. */
static bool heap_expand(void) {
  size_t has = GC_get_heap_size() + GC_get_unmapped_bytes(), may = limit;
  if (may > machine_bytes())
    return true; /* it will grow as it must */
  return may < has + BDW_STEP || GC_expand_hp(may - has) != 0;
}

static size_t used_bytes(void) {
  size_t has = GC_get_heap_size(), free = GC_get_free_bytes();
  return has > free ? has - free : 0;
}

/* The library's heap does not shrink, so that of an earlier heap of ours may
   have left it larger than this one's limit. */
static bool is_over_limit_with(size_t shared) {
  return limit != 0 && used_bytes() + shared > limit;
}

bool gc_bdw_is_over_limit(void) {
  return is_over_limit_with(atomic_load(&shared_tables));
}

bool gc_bdw_table_hold(gc_heap *heap, size_t bytes, bool over_limit) {
  (void)heap;
  size_t shared = atomic_fetch_add(&shared_tables, bytes) + bytes;
  gc_assert(shared >= bytes);
  if (over_limit || !is_over_limit_with(shared))
    return true;
  gc_bdw_table_give(heap, bytes);
  return false;
}

void gc_bdw_table_give(gc_heap *heap, size_t bytes) {
  size_t shared = atomic_fetch_sub(&shared_tables, bytes);
  gc_assert_always(shared >= bytes);
  (void)heap;
  (void)shared;
}

size_t gc_bdw_held(size_t *tables) {
  struct GC_prof_stats_s stats;
  GC_get_prof_stats_unsafe(&stats, sizeof stats);
  size_t now = tables_now(&stats), free = tables_at_start + BDW_STEP;
  now = (now > free ? now - free : 0) + atomic_load(&shared_tables);
  if (tables)
    *tables = now;
  return used_bytes() + now;
}

/* --- heaps --------------------------------------------------------------- */

struct bdw_heap *gc_bdw_heap_find(uintptr_t id) {
  struct bdw_heap *heap = heaps;
  while (heap && heap->id != id)
    heap = heap->next;
  return heap;
}

int gc_bdw_library_enter(struct bdw_heap *heap) {
  static uintptr_t ids; /* allocation lock */
  if (!library_start_once(heap->base.gc_threads))
    return ENOMEM;
  heap->base.gc_threads = (unsigned)GC_get_parallel() + 1;
  GC_alloc_lock();
  gc_assert(heap->id == 0);
  heap->id = ++ids;
  heap->next = heaps;
  heaps = heap;
  limit_apply();
  GC_alloc_unlock();
  if (heap_expand())
    return 0;
  gc_bdw_library_leave(heap);
  return ENOMEM;
}

void gc_bdw_library_leave(struct bdw_heap *heap) {
  GC_alloc_lock();
  struct bdw_heap **at = &heaps;
  while (*at != heap) {
    gc_assert_always(*at != NULL);
    at = &(*at)->next;
  }
  *at = heap->next;
  limit_apply();
  GC_alloc_unlock();
  gc_bdw_table_give(&heap->base, atomic_load(&heap->base.tables));
}

/* --- cells --------------------------------------------------------------- */

void gc_bdw_cells_get(void **list, size_t kind, size_t granules) {
  gc_assert(*list == NULL && kind < BDW_KINDS);
  gc_assert(granules > 0 && granules < BDW_GRANULES && entered > 0);
  GC_generic_malloc_many(granules * BDW_GRANULE, kinds[kind], list);
}

void *gc_bdw_cell_large(size_t kind, size_t bytes) {
  gc_assert(kind < BDW_KINDS && bytes >= BDW_GRANULES * BDW_GRANULE);
  gc_assert(entered > 0);
  return GC_malloc_kind(bytes, kinds[kind]);
}
