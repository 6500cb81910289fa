/* SPDX-License-Identifier: MIT */
/* Markers share edges, and notice together that there are none left.

   Note [Sharing work]
   A marker's stack is private, so pushing and popping need no fence. A marker
   that has no more edges adds itself to `hungry` and waits for `sharing.edges`.
   Every marker reads `hungry` after each MARK_LOOK_EVERY objects. If others
   wait, it moves the oldest half of its spare edges there. These edges are near
   the roots and lead to the largest subgraphs. `busy` counts the markers that
   have, or may have, private edges. It goes down when a marker has no more
   edges and up when a marker takes edges, both under the lock. So when `busy`
   is 0 and there are no shared edges, there are no edges at all, and marking is
   done. A worker that wakes too late finds the sharing closed and goes back to
   sleep. models/sharing.pml is a model of it.
   A marker that has waited for a while sleeps, so that it takes no processor
   from the others. What it waits for comes true only with the lock: another
   marker shares edges, or `busy` becomes 0. It looks at both with the lock
   before it sleeps, and whoever changes them then wakes all sleepers. So it
   cannot miss either.

   Note [Work in turns]
   Work that is in parts before marking begins, such as the roots of one
   mutator, or that is no marking, such as the sweep, is done in turns. A marker
   takes turns after it has joined and before it takes shared edges, until none
   is left. So `busy` does not become 0 while a turn is taken or left: the
   marker that would make it 0 has found none, and none is added. */
#include "collectors/shared/marking/sharing.h"

#include <sched.h>

enum {
  /* Waking a thread, and filling its cache, costs as much as marking some ten
     thousand objects. */
  MARK_WAKE_AFTER = 65536,
  MARK_SHRUNK_WAKE = 0,
  /* Edges that a marker keeps for itself when it shares. */
  MARK_KEEP = 16,
  /* Some 20 microseconds: as long as falling asleep and waking take. */
  MARK_SPINS = 1024,
};

/* lock is held. */
static void wake_sleepers(struct mark_sharing *sharing) {
  gc_assert(gc_lock_is_held(&sharing->lock));
  if (sharing->sleeping > 0)
    pthread_cond_broadcast(&sharing->changed);
}

/* Shares the oldest half of the edges that the marker has over MARK_KEEP. */
static void share(struct marker *k) {
  struct mark_sharing *sharing = &k->marking->sharing;
  gc_assert(marker_is_valid(k));
  size_t spare = k->top - k->bottom;
  spare = spare > MARK_KEEP ? (spare - MARK_KEEP + 1) / 2 : 0;
  if (spare == 0)
    return;
  pthread_mutex_lock(&sharing->lock);
  size_t count = atomic_load(&sharing->count);
  gc_assert(count <= MARK_SHARED && atomic_load(&sharing->busy) > 0);
  for (; spare > 0 && count < MARK_SHARED; spare--)
    sharing->edges[count++] = k->stack[k->bottom++];
  atomic_store(&sharing->count, count);
  wake_sleepers(sharing);
  pthread_mutex_unlock(&sharing->lock);
}

/* The stopper opens the sharing only when it has found a lot to do. */
void gc_mark_wake(struct marking *marking) {
  if (marking->workers == NULL || marking->sharing.has_woken)
    return;
  marking->sharing.has_woken = true;
  marking->sharing.cpu_begun = gc_workers_cpu_ns(marking->workers);
  pthread_mutex_lock(&marking->sharing.lock);
  gc_assert_always(!marking->sharing.is_open);
  marking->sharing.is_open = true;
  pthread_mutex_unlock(&marking->sharing.lock);
  gc_workers_wake(marking->workers);
  gc_shake();
}

bool gc_mark_is_a_lot(const struct marking *marking, size_t objects) {
  return objects >
         (marking->heap->base.shrink ? MARK_SHRUNK_WAKE : MARK_WAKE_AFTER);
}

static bool has_a_lot_to_do(const struct marker *k) {
  size_t edges = k->top - k->bottom;
  return edges > MARK_KEEP && gc_mark_is_a_lot(k->marking, k->marked + edges);
}

void gc_mark_look_around(struct marker *k) {
  struct marking *marking = k->marking;
  gc_shake();
  if (k->index == 0 && !marking->sharing.has_woken && has_a_lot_to_do(k))
    gc_mark_wake(marking);
  if (atomic_load_explicit(&marking->sharing.hungry, memory_order_relaxed) >
          0 &&
      atomic_load_explicit(&marking->sharing.count, memory_order_relaxed) == 0)
    share(k);
}

static bool must_wait(struct mark_sharing *sharing) {
  return atomic_load_explicit(&sharing->count, memory_order_relaxed) == 0 &&
         atomic_load(&sharing->busy) > 0;
}

static void sleep_for_edges(struct mark_sharing *sharing) {
  pthread_mutex_lock(&sharing->lock);
  sharing->sleeping++;
  while (must_wait(sharing))
    pthread_cond_wait(&sharing->changed, &sharing->lock);
  sharing->sleeping--;
  pthread_mutex_unlock(&sharing->lock);
}

static void wait_for_edges(struct mark_sharing *sharing) {
  unsigned spins = 0;
  atomic_fetch_add(&sharing->hungry, 1);
  gc_shake();
  for (; spins < MARK_SPINS && must_wait(sharing); spins++)
    gc_spin_hint();
  if (spins == MARK_SPINS)
    sleep_for_edges(sharing);
  atomic_fetch_sub(&sharing->hungry, 1);
}

/* lock is held. */
static size_t take_some(struct marker *k, struct mark_sharing *sharing) {
  size_t count = atomic_load(&sharing->count);
  gc_assert(gc_lock_is_held(&sharing->lock));
  gc_assert(marker_is_idle(k));
  size_t taken = count < k->capacity ? (count + 1) / 2 : k->capacity;
  for (size_t i = 0; i < taken; i++)
    k->stack[k->top++] = sharing->edges[--count];
  atomic_store(&sharing->count, count);
  return taken;
}

/* The marker has no edges left. False: no marker has any. A waiting marker
   reads the number of shared edges without the lock. If others take them first,
   it continues to wait. */
bool gc_mark_take_shared(struct marker *k) {
  struct mark_sharing *sharing = &k->marking->sharing;
  size_t taken = 0;
  bool is_done = false;
  gc_assert(marker_is_idle(k));
  pthread_mutex_lock(&sharing->lock);
  uint32_t busy = atomic_fetch_sub(&sharing->busy, 1);
  gc_assert_always(busy > 0); /* else all would wait for ever */
  if (busy == 1)
    wake_sleepers(sharing);
  while (taken == 0 && !is_done) {
    pthread_mutex_unlock(&sharing->lock);
    wait_for_edges(sharing);
    gc_shake();
    pthread_mutex_lock(&sharing->lock);
    taken = take_some(k, sharing);
    is_done = taken == 0 && atomic_load(&sharing->busy) == 0;
  }
  if (taken > 0)
    atomic_fetch_add(&sharing->busy, 1);
  pthread_mutex_unlock(&sharing->lock);
  return taken > 0;
}

void gc_mark_ask(struct marking *marking) {
  atomic_store(&marking->sharing.hungry, 1);
}

bool gc_mark_take_some(struct marker *k) {
  struct mark_sharing *sharing = &k->marking->sharing;
  gc_assert(marker_is_idle(k));
  if (atomic_load_explicit(&sharing->count, memory_order_relaxed) == 0)
    return false;
  pthread_mutex_lock(&sharing->lock);
  bool any = take_some(k, sharing) > 0;
  if (any)
    atomic_store(&sharing->hungry, 0);
  pthread_mutex_unlock(&sharing->lock);
  return any;
}

/* A worker may have joined after the last one ran dry; it finds no work. The
   stopper reads the clocks of the workers itself. If each worker added its own
   time, a slow one could do so after the pause was reported. */
void gc_mark_sharing_close(struct marking *marking) {
  struct mark_sharing *sharing = &marking->sharing;
  pthread_mutex_lock(&sharing->lock);
  sharing->is_open = false;
  while (atomic_load(&sharing->busy) > 0) {
    pthread_mutex_unlock(&sharing->lock);
    sched_yield();
    pthread_mutex_lock(&sharing->lock);
  }
  gc_assert_always(atomic_load(&sharing->count) == 0);
  pthread_mutex_unlock(&sharing->lock);
  if (sharing->has_woken)
    marking->heap->base.pause.cpu_ns +=
        gc_workers_cpu_ns(marking->workers) - sharing->cpu_begun;
  sharing->has_woken = false;
}
