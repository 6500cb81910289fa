/* SPDX-License-Identifier: MIT */
/* `none`: allocates and never frees, as a lower bound for the cost of the other
   collectors. Invariant: every byte from `at` to `end`, of each mutator and of
   the heap, is zero. It is also faulted in, unless it was lent to tables. The
   invariant is never broken.

   If there is a limit, memory up to the limit is mapped and touched when the
   heap is made, so that a run has no page faults. Without a limit, or if the
   machine has less memory than the limit, memory is mapped and touched one
   segment at a time. */
#include <errno.h>
#include <sys/mman.h>

#include <unistd.h>

#include "heap/external.h"
#include "heap/figures.h"
#include "heap/memory.h"
#include "heap/sweepstakes.h"
#include "heap/verify.h"
#include "heap/weak.h"

/* Bytes that a mutator takes at once: few compared with a run, but enough to
   pay for the lock. With `shrink` it is one page. */
enum { NONE_PIECE = 256 << 10, NONE_SHRUNK_PIECE = 4096 };
/* A piece has so many parts. An object larger than a part does not begin a new
   piece; it gets separate memory. So at most one part is lost at the end of a
   piece. */
enum { NONE_PARTS = 16 };
/* Bytes that are mapped at once if memory is mapped by segments. */
enum { NONE_SEGMENT = 64 << 20 };
enum { NONE_PAGE = 4096 };

struct none_segment {
  struct none_segment *next;
  size_t bytes;
};

struct none_heap {
  gc_heap base;
  pthread_mutex_t memory_lock;
  struct none_segment *segments; /* memory_lock */
  char *at, *end;                /* memory_lock: not handed out yet */
  size_t lent; /* memory_lock: bytes after `end` that were lent to tables */
  _Atomic size_t held;      /* written with memory_lock: bytes of segments, less
                               `lent` */
  _Atomic size_t held_peak; /* tables included */
  size_t piece;
};

static struct none_heap *none_of(gc_heap *heap) {
  return (struct none_heap *)heap;
}

static size_t machine_bytes(void) {
  size_t pages = (size_t)sysconf(_SC_PHYS_PAGES);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static char *map_touched(size_t bytes) {
  char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return NULL;
  if (madvise(memory, bytes, MADV_POPULATE_WRITE) != 0 && errno == EINVAL)
    for (size_t i = 0; i < bytes; i += NONE_PAGE)
      ((volatile char *)memory)[i] = 0;
  return memory;
}

/* memory_lock is held. Returns the bytes over the limit; 0 without a limit. */
static size_t over_limit_by(const struct none_heap *none, size_t tables) {
  size_t all = atomic_load(&none->held) + tables, limit = none->base.limit;
  return all > limit ? all - limit : 0;
}

/* memory_lock is held. The rest of the last segment stays unused. The system
   would let us map more memory than the machine has, and end the program when
   that is touched. */
static bool segment_add(struct none_heap *none, size_t bytes) {
  size_t tables = atomic_load(&none->base.tables);
  if (bytes > none->base.limit || bytes > machine_bytes() ||
      over_limit_by(none, tables + bytes) > 0)
    return false;
  char *memory = map_touched(bytes);
  if (memory == NULL)
    return false;
  struct none_segment *segment = (struct none_segment *)memory;
  *segment = (struct none_segment){none->segments, bytes};
  none->segments = segment;
  none->at = memory + 64;
  none->end = memory + bytes;
  none->lent = 0;
  gc_memory_peak(&none->held_peak,
                 atomic_fetch_add(&none->held, bytes) + bytes + tables);
  return true;
}

/* memory_lock is held. If all memory up to the limit has been mapped, tables
   take their bytes from memory that has not been handed out. */
static void end_lower(struct none_heap *none, size_t bytes) {
  uintptr_t end = (uintptr_t)none->end / NONE_PAGE * NONE_PAGE;
  none->end -= bytes;
  none->lent += bytes;
  atomic_fetch_sub(&none->held, bytes);
  uintptr_t begin =
      ((uintptr_t)none->end + NONE_PAGE - 1) & -(uintptr_t)NONE_PAGE;
  if (begin < end)
    madvise((void *)begin, end - begin, MADV_DONTNEED);
}

static bool none_table_hold(gc_heap *heap, size_t bytes, bool over_limit) {
  struct none_heap *none = none_of(heap);
  (void)bytes; /* part of heap->tables */
  pthread_mutex_lock(&none->memory_lock);
  size_t tables = atomic_load(&heap->tables);
  size_t over = over_limit_by(none, tables);
  bool fits = over <= (size_t)(none->end - none->at);
  if (fits && over > 0)
    end_lower(none, over);
  if (fits || over_limit)
    gc_memory_peak(&none->held_peak, atomic_load(&none->held) + tables);
  pthread_mutex_unlock(&none->memory_lock);
  return fits || over_limit;
}

static void none_table_give(gc_heap *heap, size_t bytes) {
  struct none_heap *none = none_of(heap);
  pthread_mutex_lock(&none->memory_lock);
  size_t all = atomic_load(&none->held) + atomic_load(&heap->tables) - bytes;
  size_t back = all < heap->limit ? heap->limit - all : 0;
  back = back < none->lent ? back : none->lent;
  none->end += back;
  none->lent -= back;
  atomic_fetch_add(&none->held, back);
  pthread_mutex_unlock(&none->memory_lock);
}

static size_t pages_for(size_t bytes) {
  return (bytes + NONE_PAGE - 1) / NONE_PAGE * NONE_PAGE;
}

static bool is_large(const struct none_heap *none, size_t size) {
  return size > none->piece / NONE_PARTS;
}

/* Hands out `least` bytes if that is large, otherwise up to a whole piece.
   NULL: there are not `least` bytes. `end` may be anywhere, because tables of
   any size took bytes from it; but cells begin at multiples of NONE_CELL. */
static char *piece_take(struct none_heap *none, size_t least, size_t *size) {
  pthread_mutex_lock(&none->memory_lock);
  size_t left = (size_t)(none->end - none->at);
  size_t whole = least + 64 > NONE_SEGMENT ? least + 64 : NONE_SEGMENT;
  if (left < least && segment_add(none, pages_for(whole)))
    left = (size_t)(none->end - none->at);
  char *piece = NULL;
  if (least <= left) {
    size_t wanted = is_large(none, least) ? least : none->piece;
    *size = (wanted < left ? wanted : left) / NONE_CELL * NONE_CELL;
    piece = none->at;
    none->at += *size;
  }
  pthread_mutex_unlock(&none->memory_lock);
  return piece;
}

static char *cell_take(gc_mutator *m, size_t size) {
  struct none_mutator *own = (struct none_mutator *)m;
  size_t got;
  if (size > (size_t)(own->end - own->at)) {
    char *piece = piece_take(none_of(m->heap), size, &got);
    if (piece == NULL)
      return NULL;
    if (is_large(none_of(m->heap), size))
      return piece;
    own->at = piece;
    own->end = piece + got;
  }
  char *cell = own->at;
  own->at += size;
  return cell;
}

static gc_ref object_new(gc_mutator *m, gc_root *out, gc_type type,
                         size_t length) {
  size_t bytes = gc_cell_size(type, length);
  char *cell = bytes ? cell_take(m, gc_none_round(bytes)) : NULL;
  if (cell == NULL)
    return NULL;
  gc_ref object = (gc_ref)(cell + gc_cell_prefix(type));
  if (gc_cell_prefix(type))
    ((size_t *)object)[-1] = length;
  object->type = type;
  if (gc_type_describe(type)->finalize && !gc_finalizable_add(m->heap, object))
    return NULL;
  gc_count(m, objects_allocated, 1);
  gc_count(m, bytes_allocated, gc_none_round(bytes));
  gc_root_put(out, object);
  return object;
}

gc_ref gc_none_new_slow(gc_mutator *m, gc_root *out, gc_type type) {
  gc_type_require_fixed(type);
  return object_new(m, out, type, 0);
}

gc_ref gc_none_new_array_slow(gc_mutator *m, gc_root *out, gc_type type,
                              size_t length) {
  gc_type_require_array(type);
  return object_new(m, out, type, length);
}

gc_ref gc_weak_new(gc_mutator *m, gc_root *out, gc_ref target) {
  gc_weak_require(target);
  gc_safepoint(m);
  gc_ref weak = gc_none_new_slow(m, out, gc_weak_type());
  if (weak)
    gc_weak_data(weak)->target = target;
  return weak;
}

gc_ref gc_weak_get(gc_mutator *m, gc_root *out, gc_ref weak) {
  gc_weak_require_weak(weak);
  gc_ref target = gc_weak_data(weak)->target;
  gc_root_set(m, out, target);
  return target;
}

gc_ref gc_ephemeron_new(gc_mutator *m, gc_root *out, gc_ref key, gc_ref value) {
  gc_ephemeron_require(key, value);
  gc_safepoint(m);
  gc_ref ephemeron = gc_none_new_slow(m, out, gc_ephemeron_type());
  if (ephemeron == NULL)
    return NULL;
  gc_weak_data(ephemeron)->target = key;
  gc_slot_store(ephemeron, GC_EPHEMERON_VALUE, value);
  return ephemeron;
}

gc_ref gc_ephemeron_get(gc_mutator *m, gc_root *out, gc_ref ephemeron) {
  gc_ephemeron_require_ephemeron(ephemeron);
  gc_ref value = gc_ephemeron_value(ephemeron);
  gc_root_set(m, out, value);
  return value;
}

bool gc_external_add(gc_mutator *m, gc_ref object, size_t bytes) {
  gc_external_require(object);
  gc_safepoint(m);
  return gc_external_hold(m->heap, object, bytes);
}

void gc_immortalize(gc_mutator *m, gc_ref object) {
  (void)m; /* nothing dies here */
  gc_require(gc_is_object(object), "gc_immortalize of NULL or an immediate");
}

/* In a small heap a piece is a small part of the limit, because neither other
   mutators nor tables can use the memory that one mutator has taken. */
static size_t piece_for(const gc_heap *heap) {
  size_t part = heap->limit / NONE_PARTS / NONE_PAGE * NONE_PAGE;
  return heap->shrink ? NONE_SHRUNK_PIECE
                      : (part < NONE_PIECE ? part : NONE_PIECE);
}

static int none_heap_init(gc_heap *heap, const char *tuning) {
  struct none_heap *none = none_of(heap);
  (void)tuning;
  pthread_mutex_init(&none->memory_lock, NULL);
  none->piece = piece_for(heap);
  if (heap->limit > machine_bytes())
    return 0;
  return segment_add(none, heap->limit / NONE_PAGE * NONE_PAGE) ? 0 : ENOMEM;
}

static void none_heap_finish(gc_heap *heap) {
  struct none_segment *segment = none_of(heap)->segments;
  for (struct none_segment *next; segment; segment = next) {
    next = segment->next;
    munmap(segment, segment->bytes);
  }
  pthread_mutex_destroy(&none_of(heap)->memory_lock);
}

static int none_mutator_init(gc_mutator *m) {
  (void)m;
  return 0;
}

static void none_mutator_finish(gc_mutator *m) {
  (void)m;
}

static size_t none_collect(gc_mutator *m, int generation, const char *cause) {
  gc_world_stop(m, "nothing", cause);
  m->heap->pause.generation = generation;
  gc_verify_after_collection(m);
  gc_world_resume(m);
  return 0;
}

static size_t none_held_bytes(gc_heap *heap) {
  return atomic_load(&none_of(heap)->held) + atomic_load(&heap->tables);
}

static void none_report(gc_heap *heap, struct gc_memory_figures *out) {
  out->held_peak = atomic_load(&none_of(heap)->held_peak);
  out->metadata = atomic_load(&heap->tables);
}

static void none_root_set(gc_mutator *m, gc_root *root, gc_ref value) {
  gc_root_set(m, root, value);
}

static void none_global_clear(gc_mutator *m, gc_root *root) {
  gc_global_set(m, root, NULL);
}

static const char *none_verify_object(gc_heap *heap, gc_ref object,
                                      size_t found, bool all) {
  (void)found;
  (void)all;
  for (struct none_segment *s = none_of(heap)->segments; s; s = s->next)
    if ((char *)object >= (char *)s && (char *)object < (char *)s + s->bytes)
      return gc_type_info(object->type)->type == object->type
                 ? NULL
                 : "its type is not defined";
  return "it lies outside the heap";
}

static const struct gc_verifier none_verifier = {
    .object = none_verify_object,
};

const struct gc_collector gc_collector = {
    .name = "none",
    .summary = "never frees; the floor for cost",
    .precise = true,
    .scans_roots = true,
    .limits = true,
    .generations = 1,
    .heap_size = sizeof(struct none_heap),
    .mutator_size = sizeof(struct none_mutator),
    .heap_init = none_heap_init,
    .heap_finish = none_heap_finish,
    .mutator_init = none_mutator_init,
    .mutator_finish = none_mutator_finish,
    .collect = none_collect,
    .held_bytes = none_held_bytes,
    .table_hold = none_table_hold,
    .table_give = none_table_give,
    .report = none_report,
    .root_set = none_root_set,
    .global_clear = none_global_clear,
    .verifier = &none_verifier,
};
