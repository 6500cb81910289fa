/* SPDX-License-Identifier: MIT */
/* The workload `cells` with the library of Anderson, Blelloch and Wei,
   "Concurrent deferred reference counting with constant-time overhead" (PLDI
   2021): with its weak_atomic, whose loads take a count, as ours do. The random
   numbers and the operations are those of workloads/cells.c. Prints the
   milliseconds that the operations took. docs/rc-biased.md says how to build
   it.

   Usage: cdrc CELLS STORES-PER-CENT THREADS OPERATIONS
   The environment variable NUM_THREADS must be larger than THREADS. */
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <cdrc/rc_ptr.h>

#include "workloads/random.h"
#include <external/weak_atomic/weak_atomic.hpp>

namespace {

struct stamped {
  uint64_t id, stamp;
  explicit stamped(uint64_t id) : id(id), stamp(~id) {}
};

using pointer = cdrc::rc_ptr<stamped>;
using cell = weak_atomic<pointer, AcquireRetireLockfree>;

uint64_t play(std::vector<cell> &cells, uint64_t stores, uint64_t ops,
              workload_random random) {
  uint64_t wrong = 0;
  for (uint64_t i = 0; i < ops; i++) {
    uint64_t r = workload_random_next(&random);
    uint64_t at = (r >> 32) * cells.size() >> 32;
    if (static_cast<uint32_t>(r) * UINT64_C(100) >> 32 < stores) {
      cells[at].store(pointer::make_shared(at));
    } else {
      pointer held = cells[at].load();
      wrong += held->id != at || held->stamp != ~at;
    }
  }
  return wrong;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 5)
    return 2;
  std::vector<cell> cells(strtoull(argv[1], nullptr, 10));
  uint64_t stores = strtoull(argv[2], nullptr, 10);
  unsigned count = static_cast<unsigned>(strtoul(argv[3], nullptr, 10));
  uint64_t ops = strtoull(argv[4], nullptr, 10);
  std::atomic<uint64_t> wrong{0};
  for (uint64_t i = 0; i < cells.size(); i++)
    cells[i].store(pointer::make_shared(i));
  std::barrier gate(count + 1);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < count; t++)
    threads.emplace_back([&, t] {
      gate.arrive_and_wait();
      wrong += play(cells, stores, ops, workload_random_make(1, t));
    });
  gate.arrive_and_wait();
  auto begun = std::chrono::steady_clock::now();
  for (auto &thread : threads)
    thread.join();
  std::chrono::duration<double, std::milli> took =
      std::chrono::steady_clock::now() - begun;
  printf("%.1f\n", took.count());
  return wrong != 0;
}
