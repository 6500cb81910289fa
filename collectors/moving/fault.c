/* SPDX-License-Identifier: MIT */
/* `moving`: finds out which rule was broken, and reports it. A memory fault in
   the region of a heap means that a rule was broken, whichever code faults. All
   other faults are passed to the handler that was installed before. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "collectors/moving/moving.h"

static pthread_mutex_t heaps_lock = PTHREAD_MUTEX_INITIALIZER;
/* Written with heaps_lock held. The handler, which is about to end the program,
   reads it without the lock. */
static struct moving_heap *_Atomic heaps;
static struct sigaction before;

enum { SENTENCE = 400 };

/* Does not use stdio, because the signal may have interrupted a call of stdio.
 */
static _Noreturn void say_and_abort(const char *sentence) {
  size_t length = strlen(sentence);
  while (length > 0) {
    ssize_t written = write(STDERR_FILENO, sentence, length);
    if (written <= 0)
      break;
    sentence += written;
    length -= (size_t)written;
  }
  gc_abort();
}

static const char *name_of(gc_ref object) {
  return gc_type_describe(object->type)->name;
}

static const struct moving_past *find_past(const struct moving_heap *heap,
                                           const char *address) {
  for (int i = 0; i < MOVING_PASTS; i++)
    if (heap->past[i].move != 0 && address >= heap->past[i].begin &&
        address < heap->past[i].end)
      return &heap->past[i];
  return NULL;
}

/* Makes the pages readable; the program does not continue after this. */
static gc_ref find_object(const struct moving_past *past, const char *address) {
  size_t bytes = (size_t)(past->end - past->begin);
  if (!past->has_contents || mprotect(past->begin, bytes, PROT_READ) != 0 ||
      mprotect(past->begin + MOVING_REGION, bytes, PROT_READ) != 0)
    return NULL;
  char *cell = past->begin;
  while (cell < past->end && *moving_shadow(cell) != 0) {
    gc_ref object = moving_cell_object(cell);
    cell += gc_sizeof(object);
    if (address < cell)
      return object;
  }
  return NULL;
}

static void describe_object(char *text, gc_ref object, uint64_t move) {
  if (object->word & MOVING_GONE)
    snprintf(text, SENTENCE,
             "of a \"%s\" at %p that moved to %p at stop %llu: a raw reference "
             "was kept over a safepoint",
             name_of(object), (void *)object,
             (void *)(uintptr_t)*moving_shadow(object),
             (unsigned long long)move);
  else
    snprintf(text, SENTENCE,
             "of a \"%s\" at %p that died at stop %llu: no root or slot held "
             "it then, so a root was cleared too early",
             name_of(object), (void *)object, (unsigned long long)move);
}

static void describe(char *text, const struct moving_heap *heap,
                     const char *address) {
  const struct moving_past *past = find_past(heap, address);
  gc_ref object = past ? find_object(past, address) : NULL;
  if (object != NULL)
    describe_object(text, object, past->move);
  else if (past != NULL)
    snprintf(text, SENTENCE,
             "of an object that moved or died at stop %llu, long ago: a raw "
             "reference was kept over a safepoint",
             (unsigned long long)past->move);
  else if (address >= heap->region && address < heap->region_end)
    snprintf(text, SENTENCE,
             "in the memory for objects, but is not the address of one: a "
             "reference is not the address of a slot or of bytes");
  else
    snprintf(text, SENTENCE,
             "not an address of an object, and never was: an integer or a wild "
             "pointer was stored, it is of another heap, or the GC_FRAME of "
             "this root was jumped over without gc_frames_unwind");
}

_Noreturn void gc_moving_explain(struct moving_heap *heap, const void *address,
                                 const char *use) {
  char what[SENTENCE], sentence[2 * SENTENCE];
  describe(what, heap, address);
  snprintf(sentence, sizeof sentence, "sweepstakes: address %p, %s, is %s\n",
           address, use, what);
  say_and_abort(sentence);
}

/* --- the signal ----------------------------------------------------------- */

static void on_fault(int number, siginfo_t *info, void *context) {
  char *address = info->si_addr;
  (void)context;
  for (struct moving_heap *heap = heaps; heap; heap = heap->next) {
    if (address >= heap->region && address < heap->region + MOVING_REGION)
      gc_moving_explain(heap, address, "used");
    if (address >= heap->region && address < heap->region + 2 * MOVING_REGION)
      gc_moving_explain(heap, address - MOVING_REGION, "stored to");
  }
  sigaction(number, &before, NULL); /* and the instruction is tried again */
}

static void handler_install(void) {
  struct sigaction action = {.sa_sigaction = on_fault,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&action.sa_mask);
  int error = sigaction(SIGSEGV, &action, &before);
  gc_assert_always(error == 0);
}

void gc_moving_watch(struct moving_heap *heap) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, handler_install);
  pthread_mutex_lock(&heaps_lock);
  heap->next = heaps;
  heaps = heap;
  pthread_mutex_unlock(&heaps_lock);
}

void gc_moving_unwatch(struct moving_heap *heap) {
  pthread_mutex_lock(&heaps_lock);
  if (heaps == heap) {
    heaps = heap->next;
  } else {
    struct moving_heap *at = heaps;
    while (at->next != heap) {
      at = at->next;
      gc_assert_always(at != NULL);
    }
    at->next = heap->next;
  }
  pthread_mutex_unlock(&heaps_lock);
}

/* --- objects beside their shadows ----------------------------------------- */

static bool is_in_space(const struct moving_heap *heap, gc_ref object) {
  char *address = (char *)object;
  return address >= heap->begin && address < atomic_load(&heap->at) &&
         (uintptr_t)address % 8 == 0;
}

/* Memory outside the space and its outposts must not be read. */
bool gc_moving_is_object(struct moving_heap *heap, gc_ref object) {
  return (is_in_space(heap, object) ||
          gc_moving_outposts_have(&heap->outposts, object)) &&
         *moving_shadow(object) == moving_seal_of(object);
}

void gc_moving_tell_slot(gc_ref object, size_t slot, gc_ref value,
                         uint64_t stored) {
  fprintf(stderr,
          "sweepstakes: slot %zu of the \"%s\" at %p holds %p, but %p was "
          "stored last: a store without a barrier\n",
          slot, name_of(object), (void *)object, (void *)value,
          (void *)(uintptr_t)stored);
}

static size_t check_slots(gc_ref object) {
  size_t faults = 0;
  for (size_t i = 0, n = gc_slot_count(object); i < n; i++) {
    gc_ref value = gc_slot_load_relaxed(object, i);
    uint64_t stored = *moving_slot_shadow(object, i);
    if (moving_shadow_of(value) == stored)
      continue;
    gc_moving_tell_slot(object, i, value, stored);
    faults++;
  }
  return faults;
}

/* Slots are checked only if header and length are intact, because these tell
   where the slots are and how many there are. */
static size_t check_cell(char *cell, gc_ref previous) {
  gc_ref object = moving_cell_object(cell);
  if (*moving_shadow(object) == moving_seal_of(object))
    return check_slots(object);
  fprintf(stderr,
          "sweepstakes: the header or the length of the object at %p was "
          "written to; before it is the \"%s\" at %p\n",
          (void *)cell, previous ? name_of(previous) : "", (void *)previous);
  return 1;
}

/* If a cell is broken, the beginning of the next one is unknown. */
size_t gc_moving_check(struct moving_heap *heap) {
  size_t faults = 0;
  gc_ref previous = NULL;
  char *end = atomic_load(&heap->at);
  for (char *cell = heap->begin; cell < end && faults == 0;
       cell = gc_object_cell(previous), cell += gc_sizeof(previous)) {
    faults = check_cell(cell, previous);
    previous = moving_cell_object(cell);
  }
  for (size_t i = 0; i < heap->outposts.count && faults == 0; i++)
    faults = check_cell(gc_object_cell(heap->outposts.first[i].object), NULL);
  return faults;
}
