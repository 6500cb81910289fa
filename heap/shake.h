/* SPDX-License-Identifier: MIT */
/* Shaking the schedule, so that races show on few cores (tuning shake=SEED).

   Slow paths call gc_shake() where another thread might come in between: now
   and then it spins, yields or sleeps. Each thread draws from a generator of
   its own, seeded with the heap's seed and the thread's number, so a seed
   gives a thread the same decisions again, whatever the others do. How often
   it is shaken is drawn too: a race between a slow thread and a quick one
   shows sooner than one between threads that all are slow. */
#ifndef GC_SHAKE_H
#define GC_SHAKE_H

#include "heap/assert.h"
#include "heap/platform.h"

struct gc_shaker {
  uint64_t state; /* 0: this thread is not shaken */
  uint32_t one_in;
};
extern _Thread_local struct gc_shaker gc_shaker;

/* The calling thread is shaken from here on; seed 0: it is not. One that is
   already goes on as it is. */
void gc_shake_begin(uint32_t seed, uint32_t number);
void gc_shake_end(void);
/* Of a thread that is shaken: a number that is drawn; else 0. */
uint64_t gc_shake_draw(void);
void gc_shake_now(void);

GC_INLINE void gc_shake(void) {
  if (GC_UNLIKELY(gc_shaker.state != 0))
    gc_shake_now();
}

#endif
