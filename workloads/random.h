/* SPDX-License-Identifier: MIT */
/* xoshiro256** (Blackman, Vigna, "Scrambled linear pseudorandom number
   generators", 2021), seeded through splitmix64. The same seed gives the same
   numbers everywhere. */
#ifndef WORKLOAD_RANDOM_H
#define WORKLOAD_RANDOM_H

#include <stdint.h>

struct workload_random {
  uint64_t s[4];
};

static inline uint64_t workload_splitmix(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

/* Streams of one seed are independent of each other. */
static inline struct workload_random workload_random_make(uint64_t seed,
                                                          uint64_t stream) {
  uint64_t state = seed ^ stream * UINT64_C(0xd1342543de82ef95);
  struct workload_random r;
  for (int i = 0; i < 4; i++)
    r.s[i] = workload_splitmix(&state);
  return r;
}

static inline uint64_t workload_rotate(uint64_t x, int k) {
  return x << k | x >> (64 - k);
}

static inline uint64_t workload_random_next(struct workload_random *r) {
  uint64_t *s = r->s, result = workload_rotate(s[1] * 5, 7) * 9;
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = workload_rotate(s[3], 45);
  return result;
}

/* Uniform in 0 … n-1, n > 0; the bias is under n / 2^64 (Lemire, 2019). */
static inline uint64_t workload_random_below(struct workload_random *r,
                                             uint64_t n) {
  return (uint64_t)((unsigned __int128)workload_random_next(r) * n >> 64);
}

#endif
