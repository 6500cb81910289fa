/* SPDX-License-Identifier: MIT */
/* Replaces Google Benchmark on a machine without it. */
#include "bench/shim/shim.h"

#include <stdlib.h>

bool shim_is_available(void) {
  return false;
}

bool shim_initialize(int *argc, char **argv) {
  (void)argc, (void)argv;
  return false;
}

bool shim_register(const struct shim_benchmark *card) {
  (void)card;
  return false;
}

int shim_run_all(void) {
  return -1;
}

/* No benchmark can be registered, so no state ever exists. */
bool shim_keep_running(struct shim_state *state, int64_t count) {
  (void)state, (void)count;
  abort();
}

void shim_set_clock(struct shim_state *state, bool is_running) {
  (void)state, (void)is_running;
  abort();
}

void shim_set_time(struct shim_state *state, double seconds) {
  (void)state, (void)seconds;
  abort();
}

void shim_set_operations(struct shim_state *state, uint64_t count) {
  (void)state, (void)count;
  abort();
}

void shim_fail(struct shim_state *state, const char *why) {
  (void)state, (void)why;
  abort();
}

bool shim_has_failed(const struct shim_state *state) {
  (void)state;
  abort();
}
