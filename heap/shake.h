/* SPDX-License-Identifier: MIT */
/* Shaking perturbs the schedule, so that races show even on few cores (tuning
   shake=SEED).

   Slow paths call gc_shake() where another thread might interleave; it spins,
   yields or sleeps at random. Each thread has a random generator, seeded with
   the heap's seed and the thread's number. So with one seed a thread makes the
   same decisions in every run, whatever the others do. How often a thread is
   shaken is random too: a race between a slow thread and a fast one shows
   sooner than a race between threads that are all slow. */
#ifndef GC_SHAKE_H
#define GC_SHAKE_H

#include "heap/assert.h"
#include "heap/platform.h"

struct gc_shaker {
  uint64_t state; /* 0: this thread is not shaken */
  uint32_t one_in;
};
extern _Thread_local struct gc_shaker gc_shaker;

/* From now on the calling thread is shaken. No effect if the seed is 0 or the
   thread is shaken already. */
void gc_shake_begin(uint32_t seed, uint32_t number);
void gc_shake_end(void);
/* A random number; 0 if the calling thread is not shaken. */
uint64_t gc_shake_draw(void);
void gc_shake_now(void);

GC_INLINE void gc_shake(void) {
  if (GC_UNLIKELY(gc_shaker.state != 0))
    gc_shake_now();
}

#endif
