/* SPDX-License-Identifier: MIT */
#include "heap/memory.h"

#include <errno.h>
#include <jemalloc/jemalloc.h>
#include <stdlib.h>
#include <string.h>

#include "heap/assert.h"
#include "heap/figures.h"

/* Under the address sanitizer all cells are in a list, so that the heap can
   free the cycles that counting leaks; then the sanitizer reports only real
   leaks.
 */
struct gc_memory_cell {
  struct gc_memory_cell *next, *prev;
};

void gc_memory_init(struct gc_memory *memory) {
  *memory = (struct gc_memory){0};
  pthread_mutex_init(&memory->lock, NULL);
}

/* Note [Whole bursts]
   jemalloc takes memory that was freed before it takes new memory, but not out
   of an extent that is much larger than the request: it spares such an extent
   for a large object. When many objects die at once, their extents become one,
   and the next objects would all get new memory, up to ten times as much as
   lives. Each page of it is a page fault, which costs more than the objects in
   it. So we tell jemalloc to use an extent of any size. When such an extent
   reaches 8 MB, jemalloc gives its pages back to the system at once, as it does
   with single requests of that size, and the next objects fault them in again.
   Without the threshold, pages that stay unused go back in the course of
   seconds, like those of any other extent. The symbol is weak: a program that
   has its own settings keeps them. */
__attribute__((weak, visibility("default"))) const char *malloc_conf =
    "lg_extent_max_active_fit:63,oversize_threshold:0";

/* --- cells that are watched ---------------------------------------------- */

static void *watched_new(struct gc_memory *memory, size_t bytes) {
  struct gc_memory_cell *cell = malloc(sizeof *cell + bytes);
  if (cell == NULL)
    return NULL;
  pthread_mutex_lock(&memory->lock);
  *cell = (struct gc_memory_cell){.next = memory->cells};
  if (cell->next)
    cell->next->prev = cell;
  memory->cells = cell;
  pthread_mutex_unlock(&memory->lock);
  return cell + 1;
}

static void watched_free(struct gc_memory *memory, void *memory_cell) {
  struct gc_memory_cell *cell = (struct gc_memory_cell *)memory_cell - 1;
  pthread_mutex_lock(&memory->lock);
  if (cell->next)
    cell->next->prev = cell->prev;
  if (cell->prev)
    cell->prev->next = cell->next;
  else
    memory->cells = cell->next;
  pthread_mutex_unlock(&memory->lock);
  free(cell);
}

static void watched_free_all(struct gc_memory *memory) {
  for (struct gc_memory_cell *next, *c = memory->cells; c; c = next) {
    next = c->next;
    free(c);
  }
}

/* --- arenas --------------------------------------------------------------- */

/* Empty arenas of destroyed heaps, kept for new heaps. Destroying an arena
   would leave its addresses reserved for ever, so a program that creates many
   heaps one after the other would grow. */
static struct {
  pthread_mutex_t lock;
  unsigned *arenas; /* lock */
  size_t count, capacity;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

void gc_memory_pool_lock(void) {
  pthread_mutex_lock(&pool.lock);
}

void gc_memory_pool_unlock(void) {
  pthread_mutex_unlock(&pool.lock);
}

static void arena_control(const char *name, unsigned arena) {
  size_t mib[3], length = 3;
  if (mallctlnametomib(name, mib, &length) == 0) {
    mib[1] = arena;
    mallctlbymib(mib, length, NULL, NULL, NULL, 0);
  }
}

/* Makes room for one more arena. */
static bool arenas_reserve(unsigned **arenas, size_t count, size_t *capacity) {
  if (count < *capacity)
    return true;
  size_t more = *capacity ? *capacity * 2 : 8;
  unsigned *bigger = realloc(*arenas, more * sizeof *bigger);
  if (bigger == NULL)
    return false;
  *arenas = bigger;
  *capacity = more;
  return true;
}

static void arena_retire(unsigned arena) {
  arena_control("arena.0.reset", arena);
  arena_control("arena.0.purge", arena);
  pthread_mutex_lock(&pool.lock);
  bool ok = arenas_reserve(&pool.arenas, pool.count, &pool.capacity);
  if (ok)
    pool.arenas[pool.count++] = arena;
  pthread_mutex_unlock(&pool.lock);
  if (!ok)
    arena_control("arena.0.destroy", arena);
}

static int arena_find(unsigned *out) {
  size_t size = sizeof *out;
  pthread_mutex_lock(&pool.lock);
  bool found = pool.count > 0;
  if (found)
    *out = pool.arenas[--pool.count];
  pthread_mutex_unlock(&pool.lock);
  return found ? 0 : mallctl("arenas.create", out, &size, NULL, 0);
}

void gc_memory_finish(struct gc_memory *memory) {
  gc_assert_always(memory->idle == memory->count);
  for (size_t i = 0; i < memory->count; i++)
    arena_retire(memory->arenas[i]);
  if (GC_ASAN)
    watched_free_all(memory);
  free(memory->arenas);
  pthread_mutex_destroy(&memory->lock);
}

/* lock is held. Appends an arena, which is not idle. */
static int arena_add(struct gc_memory *memory) {
  if (!arenas_reserve(&memory->arenas, memory->count, &memory->capacity))
    return ENOMEM;
  int error = arena_find(&memory->arenas[memory->count]);
  if (error == 0)
    memory->count++;
  return error;
}

/* The idle arenas come first, the borrowed ones after them. The order of the
   borrowed ones does not matter. */
static int arena_borrow(struct gc_memory *memory, unsigned *out) {
  int error = 0;
  pthread_mutex_lock(&memory->lock);
  if (memory->idle > 0)
    *out = memory->arenas[--memory->idle];
  else if ((error = arena_add(memory)) == 0)
    *out = memory->arenas[memory->count - 1];
  pthread_mutex_unlock(&memory->lock);
  return error;
}

static void arena_return(struct gc_memory *memory, unsigned arena) {
  pthread_mutex_lock(&memory->lock);
  size_t i = memory->idle;
  while (memory->arenas[i] != arena)
    i++;
  memory->arenas[i] = memory->arenas[memory->idle];
  memory->arenas[memory->idle++] = arena;
  pthread_mutex_unlock(&memory->lock);
}

int gc_memory_borrow(struct gc_memory *memory, struct gc_memory_source *out) {
  size_t size = sizeof(unsigned);
  *out = (struct gc_memory_source){.memory = memory};
  int error = arena_borrow(memory, &out->arena);
  if (error == 0 &&
      (error = mallctl("tcache.create", &out->cache, &size, NULL, 0)) != 0)
    arena_return(memory, out->arena);
  if (error != 0) {
    *out = (struct gc_memory_source){0};
    return error;
  }
  out->flags = MALLOCX_ARENA(out->arena) | MALLOCX_TCACHE(out->cache);
  return 0;
}

void gc_memory_return(struct gc_memory_source *source) {
  mallctl("tcache.destroy", NULL, NULL, &source->cache, sizeof source->cache);
  arena_return(source->memory, source->arena);
}

/* --- cells --------------------------------------------------------------- */

void *gc_memory_new(struct gc_memory_source *source, size_t bytes) {
  if (GC_ASAN)
    return watched_new(source->memory, bytes);
  if (GC_SYSTEM_MALLOC)
    return malloc(bytes);
  return mallocx(bytes, source->flags);
}

/* jemalloc zeroes large memory by giving its pages back and faulting them in
   anew, which costs several times as much as clearing pages that are there.
   Only memory of this size, of which a program may never use most and which is
   hardly used again, is better left to the system. With 16 MiB, the greatest
   arrays of large_objects, an eighth of its bytes, took as many page faults as
   all else together. */
enum { GC_ZEROED_BY_SYSTEM = 256 << 20 };

void *gc_memory_new_zeroed(struct gc_memory_source *source, size_t bytes) {
  if (!GC_SYSTEM_MALLOC && bytes >= GC_ZEROED_BY_SYSTEM)
    return mallocx(bytes, source->flags | MALLOCX_ZERO);
  void *cell = gc_memory_new(source, bytes);
  return cell ? memset(cell, 0, bytes) : NULL;
}

void gc_memory_free(struct gc_memory_source *source, void *cell, size_t bytes) {
  if (GC_ASAN)
    watched_free(source->memory, cell);
  else if (GC_SYSTEM_MALLOC)
    free(cell);
  else
    sdallocx(cell, bytes, source->flags);
}

static size_t read_figure(const char *name) {
  size_t value = 0, size = sizeof value;
  return mallctl(name, &value, &size, NULL, 0) == 0 ? value : 0;
}

void gc_memory_report(struct gc_memory_figures *out) {
  uint64_t epoch = 1;
  mallctl("epoch", NULL, NULL, &epoch, sizeof epoch);
  out->allocated = read_figure("stats.allocated");
  out->active = read_figure("stats.active");
  out->resident = read_figure("stats.resident");
  out->retained = read_figure("stats.retained");
}
