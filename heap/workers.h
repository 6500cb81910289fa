/* SPDX-License-Identifier: MIT */
/* Threads that help a collector while the world is stopped, and sleep else.
   A collector whose work may be done before a thread has woken must cope
   with one that comes late: waking does not wait for anybody. */
#ifndef GC_WORKERS_H
#define GC_WORKERS_H

#include <stdint.h>

struct gc_workers;

/* `count` threads, at least one, shaken from the seed `shake`; thread i calls
   work(data, i) each time they are woken, once for all the times it was woken
   while it worked. Returns 0 or an errno value. */
int gc_workers_create(struct gc_workers **out, unsigned count, uint32_t shake,
                      void (*work)(void *data, unsigned i), void *data);
void gc_workers_wake(struct gc_workers *);
/* Nanoseconds of CPU that all have used since they were made, those that are
   running included. */
uint64_t gc_workers_cpu_ns(const struct gc_workers *);
/* Waits for work that is being done; NULL is fine. */
void gc_workers_destroy(struct gc_workers *);

#endif
