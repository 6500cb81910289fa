/* SPDX-License-Identifier: MIT */
/* The entry point for libFuzzer, which has its own main. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *program, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *program, size_t size) {
  fuzz_run(program, size);
  return 0;
}
