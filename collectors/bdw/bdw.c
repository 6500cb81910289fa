/* SPDX-License-Identifier: MIT */
/* `bdw`: the Boehm-Demers-Weiser library behind the interface. Invariant: at
   any moment the library can find every object that a root leads to: from
   stacks and registers, from the places that Note [Stopped anywhere] in
   library.c lists, or from other objects. It is never broken, because the
   library may look at any moment. */
#include <errno.h>
#include <stdlib.h>

#include "collectors/bdw/bdw_heap.h"
#include "collectors/bdw/library.h"
#include "heap/figures.h"
#include "heap/sweepstakes.h"
#include "heap/table.h"
#include "heap/verify.h"
#include "heap/weak.h"

/* The library's blocks, and the largest cell that shares one. */
enum { BDW_BLOCK = 4096, BDW_SMALL_MAX = BDW_BLOCK / 2 };

/* --- sizes --------------------------------------------------------------- */

/* Rounds sizes above those of our lists: as many cells as fit in a block, each
   an even number of granules. The library rounds them in the same way. */
static size_t round_medium(size_t bytes) {
  enum { BLOCK_GRANULES = BDW_BLOCK / BDW_GRANULE };
  size_t granules = (bytes + 2 * BDW_GRANULE - 1) / (2 * BDW_GRANULE) * 2;
  size_t number = BLOCK_GRANULES / granules;
  gc_assert(number > 0);
  return BLOCK_GRANULES / number / 2 * 2 * BDW_GRANULE;
}

size_t gc_bdw_round(size_t bytes) {
  size_t granules = bytes / BDW_GRANULE + (bytes % BDW_GRANULE != 0);
  if (granules < BDW_GRANULES)
    return granules * BDW_GRANULE;
  if (bytes <= BDW_SMALL_MAX)
    return round_medium(bytes);
  size_t blocks = bytes / BDW_BLOCK + (bytes % BDW_BLOCK != 0);
  return blocks > SIZE_MAX / BDW_BLOCK ? SIZE_MAX : blocks * BDW_BLOCK;
}

/* --- allocating ---------------------------------------------------------- */

/* References are behind the header. If there are any, the length before the
   header counts as one more word for the library to scan. */
static size_t kind_of(gc_type type) {
  size_t refs = gc_type_info(type)->desc.refs;
  if (gc_type_tail(type) == GC_REF_TAIL)
    return BDW_KINDS - 1;
  return gc_bdw_kind(refs ? refs + (gc_cell_prefix(type) != 0) : 0);
}

static void **list_of(gc_mutator *m, size_t kind, size_t bytes) {
  size_t granules = bytes / BDW_GRANULE;
  gc_assert(kind < BDW_KINDS && bytes % BDW_GRANULE == 0);
  return granules < BDW_GRANULES ? &bdw_of(m)->cells[kind][granules] : NULL;
}

static void *cell_get(gc_mutator *m, size_t kind, size_t bytes) {
  void **list = list_of(m, kind, bytes);
  void *cell = NULL;
  if (list == NULL)
    cell = gc_bdw_cell_large(kind, bytes);
  else if (*list == NULL)
    gc_bdw_cells_get(list, kind, bytes / BDW_GRANULE);
  if (!gc_bdw_is_over_limit())
    return list ? gc_bdw_cell_pop(list) : cell;
  if (list)
    *list = NULL;
  return NULL;
}

static void *cell_try(gc_mutator *m, size_t kind, size_t bytes) {
  gc_bdw_call_begin(m);
  void *cell = cell_get(m, kind, bytes);
  gc_bdw_call_end(m);
  return cell;
}

/* Allocates before the world resumes. Afterwards other mutators might take all
   the memory that the collection has freed. */
static void *cell_try_collecting(gc_mutator *m, size_t kind, size_t bytes) {
  gc_bdw_collection_begin(m, "limit");
  gc_assert(gc_world_is_stopped_by(m));
  void *cell = cell_try(m, kind, bytes);
  if (cell == NULL)
    gc_finalizers_gather(m);
  gc_bdw_collection_end(m);
  return cell;
}

/* Further collections free the objects that finalizers have let go of. */
static GC_NOINLINE void *cell_try_hard(gc_mutator *m, size_t kind,
                                       size_t bytes) {
  void *cell = cell_try(m, kind, bytes);
  unsigned rounds = 0;
  if (cell != NULL)
    return cell;
  do
    cell = cell_try_collecting(m, kind, bytes);
  while (cell == NULL && gc_finalizers_help(m, &rounds));
  return cell;
}

static void *cell_take(gc_mutator *m, gc_type type, size_t bytes) {
  size_t limit = m->heap->limit < PTRDIFF_MAX ? m->heap->limit : PTRDIFF_MAX;
  if (bytes == 0 || bytes > limit)
    return NULL;
  size_t kind = kind_of(type);
  void **list = list_of(m, kind, bytes);
  void *cell = list ? gc_bdw_cell_pop(list) : NULL;
  return GC_LIKELY(cell != NULL) ? cell : cell_try_hard(m, kind, bytes);
}

/* Retries as for a cell. */
bool gc_bdw_try_hard(gc_mutator *m, bdw_attempt *attempt, void *request) {
  bool is_done = attempt(m, request);
  unsigned rounds = 0;
  if (is_done)
    return true;
  do {
    gc_bdw_collection_begin(m, "limit");
    is_done = attempt(m, request);
    if (!is_done)
      gc_finalizers_gather(m);
    gc_bdw_collection_end(m);
  } while (!is_done && gc_finalizers_help(m, &rounds));
  return is_done;
}

static bool finalizer_attempt(gc_mutator *m, void *object) {
  gc_bdw_call_begin(m);
  bool added = gc_bdw_finalizable_add(m->heap, object);
  gc_bdw_call_end(m);
  return added;
}

/* The slow path of the safepoint has run before this call: see gc_new. */
static gc_ref object_new(gc_mutator *m, gc_root *out, gc_type type,
                         size_t length) {
  size_t bytes = gc_bdw_round(gc_cell_size(type, length));
  size_t *cell = cell_take(m, type, bytes);
  if (cell == NULL)
    return NULL;
  gc_ref object = (gc_ref)((char *)cell + gc_cell_prefix(type));
  gc_assert((uintptr_t)cell % BDW_GRANULE == 0);
  gc_assert_slow(GC_base(cell) == cell && GC_size(cell) >= bytes);
  *cell = length; /* over the list's link; or the header, if it is first */
  object->type = type;
  object->word = 0;
  if (gc_type_describe(type)->finalize &&
      !gc_bdw_try_hard(m, finalizer_attempt, object))
    return NULL;
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, bytes);
  gc_root_put(out, object);
  return object;
}

gc_ref gc_bdw_new_slow(gc_mutator *m, gc_root *out, gc_type type) {
  gc_type_require_fixed(type);
  return object_new(m, out, type, 0);
}

gc_ref gc_bdw_new_array_slow(gc_mutator *m, gc_root *out, gc_type type,
                             size_t length) {
  gc_type_require_array(type);
  return object_new(m, out, type, length);
}

/* --- weak references ----------------------------------------------------- */

/* The library clears the word when the target of `weak` has died. */
static bool link_register(gc_mutator *m, gc_ref weak, gc_ref *word) {
  struct gc_weak *data = gc_weak_data(weak);
  gc_assert(data->target != NULL);
  gc_bdw_call_begin(m);
  int error =
      GC_register_long_link((void **)word, gc_object_cell(data->target));
  gc_bdw_call_end(m);
  return error == GC_SUCCESS;
}

static bool link_attempt(gc_mutator *m, void *weak) {
  return link_register(m, weak, &gc_weak_data(weak)->target);
}

/* The target is in a data word, which the library does not scan. */
gc_ref gc_weak_new(gc_mutator *m, gc_root *out, gc_ref target) {
  gc_weak_require(target);
  GC_FRAME(m, f, target, weak);
  gc_root_set(m, &f.target, target);
  gc_safepoint(m);
  gc_ref weak = gc_bdw_new_slow(m, &f.weak, gc_weak_type());
  if (weak == NULL)
    return NULL;
  gc_weak_data(weak)->target = target;
  if (!gc_bdw_try_hard(m, link_attempt, weak))
    return NULL;
  gc_root_move(m, out, &f.weak);
  return weak;
}

/* The library decides which objects are dead, lets threads run, and only then
   clears links, all with the lock held. Without the lock we could read a link
   in between. */
static void *GC_CALLBACK target_read(void *data) {
  return ((struct gc_weak *)data)->target;
}

gc_ref gc_weak_get(gc_mutator *m, gc_root *out, gc_ref weak) {
  gc_weak_require_weak(weak);
  gc_ref target = GC_call_with_alloc_lock(target_read, gc_weak_data(weak));
  gc_root_set(m, out, target);
  return target;
}

/* --- ephemerons ---------------------------------------------------------- */

static bool value_attempt(gc_mutator *m, void *ephemeron) {
  gc_ref object = ephemeron;
  return link_register(m, object, &object->slot[GC_EPHEMERON_VALUE]);
}

/* The library scans the slot. When the key dies, it clears both words at the
   same time, as links. It has no ephemerons: a value that leads to its key
   keeps the key alive. */
gc_ref gc_ephemeron_new(gc_mutator *m, gc_root *out, gc_ref key, gc_ref value) {
  gc_ephemeron_require(key, value);
  GC_FRAME(m, f, key, value, ephemeron);
  gc_root_set(m, &f.key, key);
  gc_root_set(m, &f.value, value);
  gc_safepoint(m);
  gc_ref ephemeron = gc_bdw_new_slow(m, &f.ephemeron, gc_ephemeron_type());
  if (ephemeron == NULL)
    return NULL;
  gc_weak_data(ephemeron)->target = key;
  gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, value);
  if (!gc_bdw_try_hard(m, link_attempt, ephemeron) ||
      !gc_bdw_try_hard(m, value_attempt, ephemeron))
    return NULL;
  gc_root_move(m, out, &f.ephemeron);
  return ephemeron;
}

static void *GC_CALLBACK value_read(void *ephemeron) {
  return gc_ephemeron_value(ephemeron);
}

gc_ref gc_ephemeron_get(gc_mutator *m, gc_root *out, gc_ref ephemeron) {
  gc_ephemeron_require_ephemeron(ephemeron);
  gc_ref value = GC_call_with_alloc_lock(value_read, ephemeron);
  gc_root_set(m, out, value);
  return value;
}

/* --- immortality --------------------------------------------------------- */

/* The header's word: the object has a keeper. Set by the mutator that makes
   it, atomically. */
enum { BDW_IMMORTAL = 1 };

/* Keepers may exceed the limit. Stops the program if the system has no memory,
   because the object could not be kept alive. */
void gc_immortalize(gc_mutator *m, gc_ref object) {
  struct bdw_heap *heap = bdw_heap_of(m->heap);
  gc_require(gc_is_object(object), "gc_immortalize of NULL or an immediate");
  if (__atomic_fetch_or(&object->word, BDW_IMMORTAL, __ATOMIC_RELAXED) != 0)
    return;
  struct bdw_keeper *keeper = malloc(sizeof *keeper);
  if (keeper == NULL)
    gc_misuse("gc_immortalize: no memory to remember another object");
  gc_table_hold(m->heap, sizeof *keeper, true);
  pthread_mutex_lock(&heap->base.globals_lock);
  *keeper = (struct bdw_keeper){heap->immortal, {object}};
  heap->immortal = keeper;
  pthread_mutex_unlock(&heap->base.globals_lock);
}

static void keepers_free(struct bdw_heap *heap) {
  for (struct bdw_keeper *next, *keeper = heap->immortal; keeper;
       keeper = next) {
    next = keeper->next;
    free(keeper);
  }
}

/* --- callbacks of the verifier ------------------------------------------- */

/* The start of the cell that the library thinks this points into. */
static char *cell_of(gc_ref object) {
  return GC_base(object);
}

static bool bdw_verify_is_object(gc_heap *heap, gc_ref object) {
  char *cell = cell_of(object);
  (void)heap;
  return cell != NULL && (uintptr_t)object % sizeof(size_t) == 0 &&
         (char *)object - cell <= (ptrdiff_t)sizeof(size_t);
}

static const char *bdw_verify_object(gc_heap *heap, gc_ref object, size_t found,
                                     bool all) {
  (void)found;
  (void)all;
  if (gc_type_info(object->type)->type != object->type)
    return "its type is not defined";
  if (gc_object_cell(object) != (void *)cell_of(object))
    return "it is not at the beginning of its cell";
  if (gc_object_cell_size(object) > GC_size(cell_of(object)))
    return "it is larger than its cell";
  if (bdw_heap_of(heap)->has_marks && !GC_is_marked(cell_of(object)))
    return "the library has not marked it";
  return NULL;
}

static const struct gc_verifier bdw_verifier = {
    .object = bdw_verify_object,
    .is_object = bdw_verify_is_object,
};

/* --- the card ------------------------------------------------------------ */

static int bdw_heap_init(gc_heap *heap, const char *tuning) {
  (void)tuning;
  pthread_mutex_init(&bdw_heap_of(heap)->watches_lock, NULL);
  return gc_bdw_library_enter(bdw_heap_of(heap));
}

/* Collects, so that the remaining objects of this heap do not count against the
   next one. */
static void bdw_heap_finish(gc_heap *heap) {
  struct bdw_heap *bdw = bdw_heap_of(heap);
  gc_assert_always(heap->mutators == NULL);
  gc_bdw_external_finish(bdw);
  gc_bdw_library_leave(bdw);
  keepers_free(bdw);
  if (!gc_bdw_thread_enter())
    return;
  GC_gcollect();
  gc_bdw_thread_leave();
}

static int bdw_mutator_init(gc_mutator *m) {
  (void)m;
  return gc_bdw_thread_enter() ? 0 : ENOMEM;
}

/* Empties the lists. The library then finds that their cells are free. */
static void bdw_mutator_finish(gc_mutator *m) {
  for (size_t kind = 0; kind < BDW_KINDS; kind++)
    for (size_t granules = 0; granules < BDW_GRANULES; granules++)
      bdw_of(m)->cells[kind][granules] = NULL;
  gc_bdw_thread_leave();
}

/* The library does not count the objects that it finds. */
static size_t bdw_collect(gc_mutator *m, int generation, const char *cause) {
  gc_assert_always(generation == 0 && m->running);
  (void)generation;
  gc_bdw_collection_begin(m, cause);
  gc_bdw_collection_end(m);
  return 0;
}

static void bdw_stress(gc_mutator *m) {
  bdw_collect(m, GC_OLDEST, "stress");
}

static size_t bdw_held_bytes(gc_heap *heap) {
  (void)heap;
  return gc_bdw_held(NULL);
}

static void bdw_report(gc_heap *heap, struct gc_memory_figures *out) {
  size_t peak = atomic_load(&bdw_heap_of(heap)->held_peak);
  out->held_peak = peak > out->held ? peak : out->held;
  gc_bdw_held(&out->metadata);
}

static void bdw_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_root_set(m, root, value);
}

static void bdw_global_clear(gc_mutator *m, gc_root *root) {
  gc_global_set(m, root, NULL);
}

const struct gc_collector gc_collector = {
    .name = "bdw",
    .summary = "the Boehm-Demers-Weiser library, conservative mark-sweep",
    .reclaims = true,
    .reclaims_cycles = true,
    .parallel = true,
    .scans_roots = true,
    .limits = true,
    .generations = 1,
    .heap_size = sizeof(struct bdw_heap),
    .mutator_size = sizeof(struct bdw_mutator),
    .heap_init = bdw_heap_init,
    .heap_finish = bdw_heap_finish,
    .mutator_init = bdw_mutator_init,
    .mutator_finish = bdw_mutator_finish,
    .safepoint = gc_bdw_finalizers_take,
    .stress = bdw_stress,
    .collect = bdw_collect,
    .held_bytes = bdw_held_bytes,
    .table_hold = gc_bdw_table_hold,
    .table_give = gc_bdw_table_give,
    .report = bdw_report,
    .root_set = bdw_root_set,
    .global_clear = bdw_global_clear,
    .verifier = &bdw_verifier,
};
