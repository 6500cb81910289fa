/* SPDX-License-Identifier: MIT */
/* Collecting on demand, and automatic collection. */
#include <pthread.h>

#include "objects/inspect.h"
#include "objects/intern.h"

static struct gc_py_collecting *of(const struct gc_py *py) {
  return &py->world->collecting;
}

static bool is_generation(int generation) {
  return generation >= 0 && generation < GC_PY_GENERATIONS;
}

/* --- collecting ----------------------------------------------------------- */

static void tell(const struct gc_py *py, bool is_stop, int generation,
                 size_t found) {
  struct gc_py_collecting *c = of(py);
  for (int i = 0; i < GC_PY_CALLBACKS_MOST && c->callback[i].call; i++)
    c->callback[i].call(c->callback[i].data, is_stop, generation, found);
}

static void count(const struct gc_py *py, int generation) {
  for (int g = 0; g <= generation; g++)
    atomic_store(&of(py)->since[g], 0);
  if (generation + 1 < GC_PY_GENERATIONS)
    atomic_fetch_add(&of(py)->since[generation + 1], 1);
}

static size_t collect(const struct gc_py *py, int generation) {
  struct gc_py_stats *stats = &of(py)->stats[generation];
  tell(py, false, generation, 0);
  bool is_full = generation == GC_PY_GENERATIONS - 1;
  size_t found = gc_collect(py->m, is_full ? GC_FULL : generation);
  if (is_full)
    gc_py_interned_count(py); /* drops the entries of dead strings */
  count(py, generation);
  atomic_fetch_add(&stats->collections, 1);
  atomic_fetch_add(&stats->collected, found);
  tell(py, true, generation, found);
  return found;
}

enum gc_py_status gc_py_collect(const struct gc_py *py, int generation,
                                size_t *found) {
  *found = 0;
  if (!is_generation(generation))
    return GC_PY_WRONG_VALUE;
  if (atomic_exchange(&of(py)->is_running, true))
    return GC_PY_OK;
  *found = collect(py, generation);
  atomic_store(&of(py)->is_running, false);
  return GC_PY_OK;
}

enum gc_py_status gc_py_stats(const struct gc_py *py, int generation,
                              uint64_t *collections, uint64_t *collected) {
  if (!is_generation(generation))
    return GC_PY_WRONG_VALUE;
  *collections = atomic_load(&of(py)->stats[generation].collections);
  *collected = atomic_load(&of(py)->stats[generation].collected);
  return GC_PY_OK;
}

enum gc_py_status gc_py_count(const struct gc_py *py, int generation,
                              uint64_t *count) {
  if (!is_generation(generation))
    return GC_PY_WRONG_VALUE;
  *count = atomic_load(&of(py)->since[generation]);
  return generation > 0 ? GC_PY_OK : GC_PY_NOT_IN_COLLECTOR;
}

/* --- thresholds ----------------------------------------------------------- */

/* Guards the heap's thresholds together with the copies of them in `kept`.
   Never held over a safepoint. */
static pthread_mutex_t thresholds_lock = PTHREAD_MUTEX_INITIALIZER;

static bool has_threshold(const struct gc_py *py, int generation) {
  return gc_threshold_exists(py->world->heap, generation);
}

static enum gc_py_status is_threshold(const struct gc_py *py, int generation) {
  if (!is_generation(generation))
    return GC_PY_WRONG_VALUE;
  return has_threshold(py, generation) ? GC_PY_OK : GC_PY_NOT_IN_COLLECTOR;
}

enum gc_py_status gc_py_threshold(const struct gc_py *py, int generation,
                                  uint64_t *value) {
  if (!is_generation(generation))
    return GC_PY_WRONG_VALUE;
  pthread_mutex_lock(&thresholds_lock);
  *value = of(py)->is_disabled ? of(py)->kept[generation]
                               : gc_threshold_get(py->world->heap, generation);
  pthread_mutex_unlock(&thresholds_lock);
  return is_threshold(py, generation);
}

enum gc_py_status gc_py_set_threshold(const struct gc_py *py, int generation,
                                      uint64_t value) {
  enum gc_py_status status = is_threshold(py, generation);
  if (status != GC_PY_OK)
    return status;
  if (value > gc_threshold_greatest(py->world->heap, generation))
    return GC_PY_WRONG_VALUE;
  pthread_mutex_lock(&thresholds_lock);
  if (of(py)->is_disabled)
    of(py)->kept[generation] = value;
  else
    gc_threshold_set(py->world->heap, generation, value);
  pthread_mutex_unlock(&thresholds_lock);
  return GC_PY_OK;
}

/* thresholds_lock is held. */
static void disable(const struct gc_py *py) {
  for (int g = 0; g < GC_PY_GENERATIONS; g++) {
    of(py)->kept[g] = gc_threshold_get(py->world->heap, g);
    gc_threshold_set(py->world->heap, g, 0);
  }
}

/* thresholds_lock is held. */
static void enable(const struct gc_py *py) {
  for (int g = 0; g < GC_PY_GENERATIONS; g++)
    gc_threshold_set(py->world->heap, g, of(py)->kept[g]);
}

static enum gc_py_status set_disabled(const struct gc_py *py, bool is_disabled,
                                      void (*change)(const struct gc_py *)) {
  if (!has_threshold(py, 0))
    return GC_PY_NOT_IN_COLLECTOR;
  pthread_mutex_lock(&thresholds_lock);
  if (of(py)->is_disabled != is_disabled) {
    of(py)->is_disabled = is_disabled;
    change(py);
  }
  pthread_mutex_unlock(&thresholds_lock);
  return GC_PY_OK;
}

enum gc_py_status gc_py_disable(const struct gc_py *py) {
  return set_disabled(py, true, disable);
}

enum gc_py_status gc_py_enable(const struct gc_py *py) {
  return set_disabled(py, false, enable);
}

bool gc_py_is_enabled(const struct gc_py *py) {
  pthread_mutex_lock(&thresholds_lock);
  bool is_disabled = of(py)->is_disabled;
  pthread_mutex_unlock(&thresholds_lock);
  return has_threshold(py, 0) && !is_disabled;
}

/* --- callbacks ------------------------------------------------------------ */

enum gc_py_status gc_py_callback_add(const struct gc_py *py,
                                     gc_py_callback *call, void *data) {
  struct gc_py_collecting *c = of(py);
  int i = 0;
  while (i < GC_PY_CALLBACKS_MOST && c->callback[i].call != NULL)
    i++;
  if (i == GC_PY_CALLBACKS_MOST)
    return GC_PY_NO_MEMORY;
  c->callback[i].call = call;
  c->callback[i].data = data;
  return GC_PY_OK;
}

enum gc_py_status gc_py_callback_remove(const struct gc_py *py,
                                        gc_py_callback *call, void *data) {
  struct gc_py_collecting *c = of(py);
  int i = 0;
  while (i < GC_PY_CALLBACKS_MOST &&
         (c->callback[i].call != call || c->callback[i].data != data))
    i++;
  if (i == GC_PY_CALLBACKS_MOST)
    return GC_PY_NO_SUCH_KEY;
  for (; i + 1 < GC_PY_CALLBACKS_MOST; i++)
    c->callback[i] = c->callback[i + 1];
  c->callback[i].call = NULL;
  return GC_PY_OK;
}
