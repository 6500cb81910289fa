/* SPDX-License-Identifier: MIT */
#include "bench/runner/describe.h"

#include <inttypes.h>
#include <stdio.h>

#include "bench/runner/say.h"
#include "heap/heap.h"
#include "workloads/workload.h"

static void describe_collector(const struct gc_collector *c) {
  const struct {
    const char *key;
    unsigned value;
  } capability[] = {
      {"counts", c->counts},
      {"reclaims", c->reclaims},
      {"reclaims_cycles", c->reclaims_cycles},
      {"prompt", c->prompt},
      {"moves", c->moves},
      {"concurrent", c->concurrent},
      {"parallel", c->parallel},
      {"precise", c->precise},
      {"limits", c->limits},
      {"generations", c->generations},
  };
  printf("collector\t%s\t%s\n", c->name, c->summary);
  for (size_t i = 0; i < sizeof capability / sizeof *capability; i++)
    printf("capability\t%s\t%u\n", capability[i].key, capability[i].value);
}

/* A collector without tuning keys has no list. */
static void describe_tuning(const struct gc_tuning_key *key) {
  for (; key != NULL && key->name != NULL; key++)
    printf("tuning\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%s\n", key->name,
           key->initial, key->least, key->greatest, key->help);
}

static void describe_workload(const struct workload *w) {
  printf("workload\t%s\t%s\t%s\n", w->name, w->summary, w->stresses);
  for (const struct workload_param *p = w->params; p->name != NULL; p++)
    printf("param\t%s\t%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64
           "\t%" PRId64 "\t%s\n",
           w->name, p->name, p->least, p->greatest, p->value[WORKLOAD_QUICK],
           p->value[WORKLOAD_DEFAULT], p->value[WORKLOAD_LARGE], p->help);
}

void describe(void) {
  describe_collector(&gc_collector);
  describe_tuning(gc_collector.tuning);
  describe_tuning(gc_tuning_common);
  for (int i = 0; workload_list[i] != NULL; i++)
    describe_workload(workload_list[i]);
  printf("build\t%s\t%s\t%d\t%d\n", runner_compiler, runner_build,
         GC_ASSERT_LEVEL, GC_STATISTICS);
}
