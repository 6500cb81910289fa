/* SPDX-License-Identifier: MIT */
#include "heap/shake.h"

#include <sched.h>

_Thread_local struct gc_shaker gc_shaker;

/* The longest spin takes a few microseconds, like a handshake. The longest
   sleep takes longer than a collection of a small heap. */
enum { SHAKE_SPINS = 1 << 8, SHAKE_SLEEP_NS = 1 << 16 };

/* Steele, Lea and Flood's mixing of 64 bits (OOPSLA 2014). */
static uint64_t mix(uint64_t x) {
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

void gc_shake_begin(uint32_t seed, uint32_t number) {
  static const uint32_t often[] = {8, 32, 128, 512};
  if (seed == 0 || gc_shaker.state != 0)
    return;
  gc_shaker.state = mix((uint64_t)seed << 32 | number) | 1;
  gc_shaker.one_in = often[gc_shake_draw() % 4];
}

void gc_shake_end(void) {
  gc_shaker.state = 0;
}

/* The state is odd and the steps are even, so the state is never 0. */
uint64_t gc_shake_draw(void) {
  if (gc_shaker.state == 0)
    return 0;
  gc_shaker.state += UINT64_C(0x9e3779b97f4a7c16);
  return mix(gc_shaker.state);
}

static void spin(uint64_t turns) {
  for (; turns > 0; turns--)
    gc_spin_hint();
}

GC_COLD void gc_shake_now(void) {
  uint64_t drawn = gc_shake_draw();
  if (drawn % gc_shaker.one_in != 0)
    return;
  drawn = gc_shake_draw();
  uint64_t amount = drawn >> 8;
  switch (drawn % 8) {
  case 0:
    nanosleep(&(struct timespec){0, (long)(amount % SHAKE_SLEEP_NS)}, NULL);
    break;
  case 1:
  case 2:
  case 3:
    sched_yield();
    break;
  default:
    spin(amount % SHAKE_SPINS);
  }
}
