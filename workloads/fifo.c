/* SPDX-License-Identifier: MIT */
/* Each thread has a queue: new objects enter at one end, and the oldest leave
   at the other. So every object lives while `window` bytes are allocated. No
   object dies young and none lives long, the opposite of the generational
   hypothesis.
 */
#include "workloads/helpers.h"

enum { WINDOW, BYTES, OBJECTS };

/* The number of objects in the window. Their size, for this, is the same in
   every collector: the data, a header and a slot. */
static uint64_t queue_length(const struct workload_setup *setup) {
  uint64_t nominal = (uint64_t)setup->param[BYTES] + 16;
  uint64_t length = (uint64_t)setup->param[WINDOW] / nominal;
  uint64_t objects = (uint64_t)setup->param[OBJECTS];
  return length < objects ? length : objects;
}

static size_t live_bytes(const struct workload_setup *setup) {
  gc_type type = workload_link_type((size_t)setup->param[BYTES]);
  return setup->threads * queue_length(setup) * gc_size_for(type, 0);
}

static size_t alloc_bytes(const struct workload_setup *setup) {
  gc_type type = workload_link_type((size_t)setup->param[BYTES]);
  return setup->threads * (size_t)setup->param[OBJECTS] * gc_size_for(type, 0);
}

static bool run(struct workload_thread *t) {
  struct workload_figures *figures = &t->figures;
  gc_type type = workload_link_type((size_t)t->setup->param[BYTES]);
  uint64_t length = queue_length(t->setup);
  uint64_t objects = (uint64_t)t->setup->param[OBJECTS];
  GC_FRAME(t->m, f, head, tail);
  for (uint64_t i = 0; i < objects; i++) {
    if (i >= length) {
      gc_ref oldest = gc_root_get(&f.head);
      figures->checksum += *workload_number(oldest) * i;
      gc_root_set(t->m, &f.head, gc_get(oldest, 0));
    }
    if (!workload_chain_append(t->m, &f.head, &f.tail, type, i))
      return false;
  }
  gc_safepoint(t->m);
  struct workload_chain left = workload_chain_walk(t->m, &f.head, length + 1);
  figures->checksum += left.id_sum + left.nodes;
  figures->ops = figures->alloc_objects = objects;
  figures->alloc_bytes = objects * gc_size_for(type, 0);
  figures->ref_stores = objects - 1;
  return true;
}

/* Object i - length leaves when object i enters; the last ones remain. */
static uint64_t expected(const struct workload_setup *setup) {
  uint64_t length = queue_length(setup), sum = length;
  uint64_t objects = (uint64_t)setup->param[OBJECTS];
  for (uint64_t i = length; i < objects; i++)
    sum += (i - length) * i;
  return sum + workload_sum_below(objects) -
         workload_sum_below(objects - length);
}

static const char *check(struct workload_thread *main,
                         const struct workload_thread *threads) {
  bool right = workload_checksums_are(threads, expected(main->setup));
  return right ? NULL : "objects left the queue out of order";
}

static const struct workload_param params[] = {
    [WINDOW] = {"window",
                1 << 20,
                INT64_C(1) << 40,
                {4 << 20, 32 << 20, 256 << 20},
                "bytes that are allocated while an object lives"},
    [BYTES] = {"bytes", 8, 1 << 16, {48, 48, 48}, "bytes of data per object"},
    [OBJECTS] = {"objects",
                 2,
                 INT64_C(10000000000),
                 {8000000, 20000000, 100000000},
                 "objects per thread"},
    {0},
};

const struct workload workload_fifo = {
    .name = "fifo",
    .summary = "Every object survives the same number of bytes",
    .stresses = "generations: no object dies young",
    .params = params,
    .live_bytes = live_bytes,
    .alloc_bytes = alloc_bytes,
    .run = run,
    .check = check,
};
