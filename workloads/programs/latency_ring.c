/* SPDX-License-Identifier: MIT */
/* latency_ring: messages are pushed into a window that holds the newest ones;
   each push replaces the oldest. All that a push does is to make one message.
   So a push that takes long was held up by the memory manager, and the longest
   one shows the longest time that the program stood still.

   After James Fisher, "Low latency, large working set, and GHC's garbage
   collector: pick two of three", 2016, and Gabriel Scherer, "Measuring GC
   latencies in Haskell, OCaml, Racket", 2016: 200,000 messages of 1 KiB in the
   window, 1,000,000 pushes. */
#include <string.h>

#include "workloads/helpers.h"

enum { WINDOW, PUSHES, BYTES, RATE };

static size_t message_bytes(const struct workload_setup *setup) {
  return gc_size_for(workload_bytes_type(), (size_t)setup->param[BYTES]);
}

/* A thread drops the old message before its next safepoint. Others may find
   both alive. */
static size_t live_bytes(const struct workload_setup *setup) {
  size_t window = (size_t)setup->param[WINDOW];
  size_t pushes = (size_t)setup->param[PUSHES];
  size_t messages = pushes > window ? window + setup->threads - 1 : pushes;
  return gc_size_for(workload_table_type(), window) +
         messages * message_bytes(setup);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  return gc_size_for(workload_table_type(), (size_t)setup->param[WINDOW]) +
         (size_t)setup->param[PUSHES] * message_bytes(setup);
}

static bool begin(struct workload_thread *t) {
  struct workload_shared *shared = workload_shared_begin(t, sizeof *shared);
  GC_FRAME(t->m, f, window);
  if (shared == NULL || gc_new_array(t->m, &f.window, workload_table_type(),
                                     (size_t)t->setup->param[WINDOW]) == NULL)
    return false;
  gc_global_set(t->m, &shared->root, gc_root_get(&f.window));
  return true;
}

/* Every byte of a message has the lowest byte of its place in the window. */
static bool message_is(gc_ref message, size_t place) {
  const uint8_t *bytes = gc_bytes(message);
  return bytes[0] == (uint8_t)place &&
         bytes[gc_length(message) - 1] == (uint8_t)place;
}

static bool push(struct workload_thread *t, uint64_t number) {
  struct workload_shared *shared = t->shared;
  size_t bytes = (size_t)t->setup->param[BYTES];
  size_t place = number % (uint64_t)t->setup->param[WINDOW];
  GC_FRAME(t->m, f, message);
  gc_ref message = gc_new_array(t->m, &f.message, workload_bytes_type(), bytes);
  if (message == NULL)
    return false;
  memset(gc_bytes(message), (uint8_t)place, bytes);
  gc_ref window = gc_root_get(&shared->root), old = gc_get(window, place);
  shared->wrong += old != NULL && !message_is(old, place);
  gc_set_move(t->m, window, place, &f.message);
  t->figures.checksum += number;
  t->figures.alloc_objects++;
  t->figures.alloc_bytes += message_bytes(t->setup);
  t->figures.ref_stores++;
  t->figures.ops++;
  return true;
}

static uint64_t count(const struct workload_setup *setup) {
  return (uint64_t)setup->param[PUSHES];
}

static double rate_hz(const struct workload_setup *setup) {
  return (double)setup->param[RATE];
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  struct workload_shared *shared = main->shared;
  gc_ref window = gc_root_get(&shared->root);
  uint64_t pushed = 0;
  for (unsigned i = 0; i < main->setup->threads; i++)
    pushed += threads[i].figures.ops;
  if (pushed != count(main->setup))
    return "messages were lost";
  for (size_t place = 0; place < gc_length(window); place++) {
    gc_ref message = gc_get(window, place);
    shared->wrong +=
        message == NULL ? place < pushed : !message_is(message, place);
  }
  return shared->wrong ? "the contents of a message have changed" : NULL;
}

static const struct workload_param params[] = {
    [WINDOW] = {"window",
                1,
                100000000,
                {20000, 200000, 1000000},
                "messages that live"},
    [PUSHES] = {"pushes",
                1,
                INT64_C(1000000000),
                {100000, 1000000, 5000000},
                "messages of all threads together"},
    [BYTES] = {"bytes", 1, 1 << 24, {1024, 1024, 1024}, "bytes of a message"},
    [RATE] = {"rate",
              0,
              10000000,
              {0, 0, 0},
              "pushes per second; 0: one after the other"},
    {0},
};

const struct workload workload_latency_ring = {
    .name = "latency_ring",
    .summary = "Messages are pushed into a window of the newest ones",
    .stresses = "the longest time that the program stands still",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .is_contended = true,
    .begin = begin,
    .service = &(const struct workload_service){.count = count,
                                                .rate_hz = rate_hz,
                                                .serve = push},
    .check = check,
    .end = workload_shared_end,
};
