/* SPDX-License-Identifier: MIT */
/* Threads that help a collector while the world is stopped and sleep otherwise.
   gc_workers_wake does not wait for them, so a collector must allow for a
   worker that starts after the work is done. */
#ifndef GC_WORKERS_H
#define GC_WORKERS_H

#include <stdint.h>

struct gc_workers;

/* Starts `count` threads, at least one, shaken with the seed `shake`. Each time
   they are woken, thread i calls work(data, i). Wake-ups that arrive while it
   works cause one more call. Returns 0 or an errno value. */
int gc_workers_create(struct gc_workers **out, unsigned count, uint32_t shake,
                      void (*work)(void *data, unsigned i), void *data);
void gc_workers_wake(struct gc_workers *);
/* Nanoseconds of CPU that all workers together have used so far. */
uint64_t gc_workers_cpu_ns(const struct gc_workers *);
/* Waits until running work is done, then ends the threads. NULL is allowed. */
void gc_workers_destroy(struct gc_workers *);

#endif
