/* SPDX-License-Identifier: MIT */
/* For libFuzzer, which has a main of its own. */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *program, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *program, size_t size) {
  fuzz_run(program, size);
  return 0;
}
