// SPDX-License-Identifier: MIT
// Written for Google Benchmark 1.7.1, as Debian 12 has it.
#include "bench/shim/shim.h"

#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

benchmark::State &state_of(struct shim_state *state) {
  return *reinterpret_cast<benchmark::State *>(state);
}

// Calls `body`; an exception becomes a line on stderr and `otherwise`.
template <typename Result, typename Body>
Result guarded(const char *doing, Result otherwise, Body body) {
  try {
    return body();
  } catch (const std::exception &error) {
    std::fprintf(stderr, "Google Benchmark failed while %s: %s\n", doing,
                 error.what());
  } catch (...) {
    std::fprintf(stderr, "Google Benchmark failed while %s\n", doing);
  }
  return otherwise;
}

} // namespace

bool shim_is_available(void) {
  return true;
}

bool shim_initialize(int *argc, char **argv) {
  return guarded("reading its flags", false, [=] {
    benchmark::Initialize(argc, argv); // keeps pointers into argv
    return !benchmark::ReportUnrecognizedArguments(*argc, argv);
  });
}

bool shim_register(const struct shim_benchmark *card) {
  return guarded("registering a benchmark", false, [=] {
    auto run = card->run;
    auto data = card->data;
    auto *made = benchmark::RegisterBenchmark(
        card->name, [run, data](benchmark::State &state) {
          run(reinterpret_cast<struct shim_state *>(&state), data);
        });
    made->Iterations(card->iterations);
    if (card->is_self_timed) // on one thread, and nothing about it in the name
      made->UseManualTime()->MeasureProcessCPUTime();
    else
      made->UseRealTime()->Threads(static_cast<int>(card->threads));
    return true;
  });
}

int shim_run_all(void) {
  return guarded("running", -1, [=] {
    return static_cast<int>(benchmark::RunSpecifiedBenchmarks());
  });
}

bool shim_keep_running(struct shim_state *state, int64_t count) {
  return guarded("timing", false,
                 [=] { return state_of(state).KeepRunningBatch(count); });
}

void shim_set_clock(struct shim_state *state, bool is_running) {
  guarded("setting its clock", false, [=] {
    if (is_running)
      state_of(state).ResumeTiming();
    else
      state_of(state).PauseTiming();
    return true;
  });
}

void shim_set_time(struct shim_state *state, double seconds) {
  guarded("taking a time", false, [=] {
    state_of(state).SetIterationTime(seconds);
    return true;
  });
}

// The one counter that the library's writers agree on; others make its CSV
// writer abort.
void shim_set_operations(struct shim_state *state, uint64_t count) {
  guarded("taking a count", false, [=] {
    state_of(state).SetItemsProcessed(static_cast<int64_t>(count));
    return true;
  });
}

void shim_fail(struct shim_state *state, const char *why) {
  guarded("taking an error", false, [=] {
    state_of(state).SkipWithError(why);
    return true;
  });
}

bool shim_has_failed(const struct shim_state *state) {
  return reinterpret_cast<const benchmark::State *>(state)->error_occurred();
}
