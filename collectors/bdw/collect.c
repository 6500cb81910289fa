/* SPDX-License-Identifier: MIT */
/* Collections: those that the library starts and those that a mutator asks for.
   The library reports each step with its allocation lock held, in part while
   threads are stopped anywhere, even in malloc. So the steps are only recorded
   then. The thread that collected reports them to the listener when its call
   has returned. */
#include <string.h>

#include "collectors/bdw/bdw_heap.h"
#include "collectors/bdw/library.h"
#include "heap/verify.h"

struct note {
  uint64_t t_request, t_stopped, t_mark, t_marked, t_end;
  uint64_t t_reclaim, t_reclaimed; /* threads run again, but for allocation */
  uint64_t cpu_own, cpu_all;       /* of this thread, of the process */
  size_t bytes_before, bytes_after;
};

/* One call makes one collection, or a second one that finds no more. Further
   ones are reported as part of the last. */
enum { CALL_NOTES = 4 };

/* This thread's call of the library. m is NULL outside a call. */
static _Thread_local struct {
  gc_mutator *m;
  unsigned count;
  struct note notes[CALL_NOTES];
} call;

/* --- noting -------------------------------------------------------------- */

static uint64_t process_cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void note_keep(const struct note *note) {
  if (call.m == NULL)
    return;
  gc_assert(call.count <= CALL_NOTES);
  if (call.count < CALL_NOTES)
    call.notes[call.count++] = *note;
  else
    call.notes[CALL_NOTES - 1].t_end = note->t_end;
}

static void note_begin(struct note *note) {
  gc_bdw_heaps_lock();
  *note = (struct note){.t_request = gc_now_ns(),
                        .bytes_before = gc_bdw_held(NULL)};
}

/* Called when the world has stopped, and again before it starts: the second
   call leaves the CPU time between the two. */
static void note_cpu(struct note *note) {
  note->cpu_own = gc_thread_cpu_ns() - note->cpu_own;
  note->cpu_all = process_cpu_ns() - note->cpu_all;
  gc_assert(note->t_stopped >= note->t_request);
}

static void note_end(struct note *note) {
  gc_assert(note->t_end >= note->t_stopped);
  note->bytes_after = gc_bdw_held(NULL);
  note_keep(note);
}

static void GC_CALLBACK on_event(GC_EventType event) {
  static struct note note; /* allocation lock */
  switch (event) {
  case GC_EVENT_PRE_STOP_WORLD:
    note_begin(&note);
    break;
  case GC_EVENT_POST_STOP_WORLD:
    note.t_stopped = gc_now_ns();
    note_cpu(&note);
    break;
  case GC_EVENT_MARK_START:
    note.t_mark = gc_now_ns();
    break;
  case GC_EVENT_MARK_END:
    note.t_marked = gc_now_ns();
    break;
  case GC_EVENT_PRE_START_WORLD:
    note_cpu(&note);
    break;
  case GC_EVENT_POST_START_WORLD:
    note.t_end = gc_now_ns();
    gc_bdw_heaps_unlock();
    break;
  case GC_EVENT_RECLAIM_START:
    note.t_reclaim = gc_now_ns();
    break;
  case GC_EVENT_RECLAIM_END:
    note.t_reclaimed = gc_now_ns();
    break;
  case GC_EVENT_END:
    note_end(&note);
    break;
  default:
    break;
  }
}

void gc_bdw_collections_watch(void) {
  GC_set_on_collection_event(on_event);
}

/* --- telling ------------------------------------------------------------- */

static void phase_add(struct gc_pause *pause, enum gc_phase phase,
                      uint64_t begin, uint64_t end) {
  pause->phase_ns[phase] += end - begin;
}

/* heap->lock is held and no mutator wants to stop the world, so this pause is
   reported between two others. */
static void pause_tell(gc_mutator *m, const struct note *note) {
  const struct gc_listener *listener = &m->heap->listener;
  gc_assert_always(m->heap->stopper == NULL && m->running);
  gc_assert(gc_lock_is_held(&m->heap->lock));
  gc_assert(note->t_mark >= note->t_stopped && note->t_marked >= note->t_mark);
  gc_assert(note->t_end >= note->t_marked);
  struct gc_pause pause = {.kind = "full",
                           .cause = "allocation",
                           .generation = GC_OLDEST,
                           .by_signal = true,
                           .thread = m->number,
                           .last = GC_NO_MUTATOR,
                           .t_request = note->t_request,
                           .t_stopped = note->t_stopped,
                           .t_end = note->t_end,
                           .cpu_ns = note->cpu_all,
                           .bytes_before = note->bytes_before,
                           .bytes_after = note->bytes_after};
  if (listener->stop_requested)
    listener->stop_requested(listener->data, note->t_request);
  if (listener->stopped)
    listener->stopped(listener->data, note->t_stopped);
  phase_add(&pause, GC_PHASE_MARK, note->t_mark, note->t_marked);
  if (listener->resumed)
    listener->resumed(listener->data, &pause);
  atomic_fetch_add(&m->heap->stops, 1);
}

static void reclaim_tell(gc_mutator *m, const struct note *note) {
  const struct gc_listener *listener = &m->heap->listener;
  const struct gc_slow_event event = {"reclaim", m->number, note->t_reclaim,
                                      note->t_reclaimed, 0};
  if (listener->slow)
    listener->slow(listener->data, &event);
}

/* Reports collections that the library started. */
static void pauses_tell(gc_mutator *m) {
  gc_heap *heap = m->heap;
  pthread_mutex_lock(&heap->lock);
  if (heap->stopper) {
    gc_world_leave(m);
    gc_world_enter(m);
  }
  for (unsigned i = 0; i < call.count; i++)
    pause_tell(m, &call.notes[i]);
  pthread_mutex_unlock(&heap->lock);
  for (unsigned i = 0; i < call.count; i++)
    reclaim_tell(m, &call.notes[i]);
}

/* A collection while we have stopped the world is part of that pause. The CPU
   time of this thread is added at the end of the pause. */
static void phases_add(gc_heap *heap) {
  gc_assert_always(gc_world_is_stopped(heap));
  for (unsigned i = 0; i < call.count; i++) {
    const struct note *note = &call.notes[i];
    phase_add(&heap->pause, GC_PHASE_MARK, note->t_mark, note->t_marked);
    phase_add(&heap->pause, GC_PHASE_SWEEP, note->t_reclaim, note->t_reclaimed);
    gc_assert(note->t_reclaimed >= note->t_reclaim);
    heap->pause.cpu_ns += note->cpu_all - note->cpu_own;
  }
}

/* Objects that were allocated since have no marks. */
static void own_verify(gc_mutator *m) {
  if (m->heap->verify == 0)
    return;
  gc_world_stop(m, "verify", "allocation");
  gc_verify_after_collection(m);
  gc_world_resume(m);
}

/* The depth of the library's frames, without and with a collection. */
enum { CALL_DEPTH = 1 << 10, COLLECTION_DEPTH = 8 << 10 };

/* The library has left references on the stack where the next frames of this
   thread will be. It may find some of them later in words that these frames do
   not write to, as in the frame of a signal or a wait. Such a reference may be
   as old as the last frame of that depth. In a queue it keeps all later
   elements alive; docs/bdw.md has an example. */
static GC_NOINLINE void stack_clear(size_t depth) {
  char below[depth];
  memset(below, 0, depth);
  GC_reachable_here(below);
}

void gc_bdw_call_begin(gc_mutator *m) {
  gc_assert_always(call.m == NULL);
  call.m = m;
  call.count = 0;
}

void gc_bdw_call_end(gc_mutator *m) {
  gc_assert_always(call.m == m);
  call.m = NULL;
  stack_clear(call.count == 0 ? CALL_DEPTH : COLLECTION_DEPTH);
  if (GC_LIKELY(call.count == 0))
    return;
  gc_bdw_external_sweep(bdw_heap_of(m->heap));
  if (GC_should_invoke_finalizers())
    gc_poll_set(m, GC_POLL_COLLECTOR);
  if (gc_world_is_stopped_by(m)) {
    phases_add(m->heap);
  } else {
    pauses_tell(m);
    own_verify(m);
  }
}

/* --- asking -------------------------------------------------------------- */

/* The lock keeps threads of other heaps from collecting, so the marks are those
   of the last collection. */
static void verify(gc_mutator *m) {
  struct bdw_heap *heap = bdw_heap_of(m->heap);
  GC_alloc_lock();
  gc_assert(!heap->has_marks && gc_world_is_stopped_by(m));
  heap->has_marks = true;
  gc_verify_after_collection(m);
  heap->has_marks = false;
  GC_alloc_unlock();
}

void gc_bdw_collection_begin(gc_mutator *m, const char *cause) {
  gc_world_stop(m, "full", cause);
  gc_assert_always(gc_world_is_stopped_by(m));
  m->heap->pause.generation = GC_OLDEST;
  gc_bdw_call_begin(m);
  GC_gcollect();
  gc_bdw_call_end(m);
  if (m->heap->verify)
    verify(m);
}

void gc_bdw_collection_end(gc_mutator *m) {
  gc_assert_always(gc_world_is_stopped_by(m));
  gc_world_resume(m);
  gc_bdw_finalizers_take(m);
}
