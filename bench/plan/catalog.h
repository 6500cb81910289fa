/* SPDX-License-Identifier: MIT */
/* The collectors and workloads, as the runners describe them. */
#ifndef PLAN_CATALOG_H
#define PLAN_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/base/pool.h"

struct catalog_capability {
  const char *key;
  int64_t value;
};

struct catalog_tuning {
  const char *name, *initial, *least, *greatest, *help;
};

struct catalog_collector {
  const char *label; /* as it was asked for: the name, a colon, tuning */
  const char *name, *tuning; /* tuning: its own, or NULL */
  const char *summary;
  const char *runner; /* the path of its executable */
  struct catalog_capability *capabilities;
  size_t capability_count;
  struct catalog_tuning *tunings;
  size_t tuning_count;
  const char *compiler, *build_type, *assert_level, *statistics;
};

enum { SIZE_COUNT = 3 };
extern const char *const size_names[SIZE_COUNT]; /* quick, default, large */

struct catalog_param {
  const char *name, *help;
  int64_t least, greatest, value[SIZE_COUNT];
};

struct catalog_workload {
  const char *name, *summary, *stresses;
  struct catalog_param *params;
  size_t param_count;
};

struct catalog {
  struct pool *pool;
  struct catalog_collector *collectors;
  size_t collector_count;
  struct catalog_workload *workloads;
  size_t workload_count;
};

/* The collectors this front end was built for; ends with NULL. */
const char *const *catalog_collector_names(struct pool *);
/* Those of them that race if a campaign names none. */
const char *const *catalog_usual_names(struct pool *);

/* The end of a twin's name. A twin is the same program as its collector under
   another name, so any difference between the two comes from the machine. */
#define CATALOG_TWIN "-twin"
/* The name of the collector that `label` stands for: without "-twin", and
   without the tuning that makes it a variant. */
const char *catalog_base(struct pool *, const char *label);

/* The labels in a list; ends with NULL. "gen,gen:a=1,b=2,rc" has three: a piece
   with a value but no name belongs to the tuning before it. */
char **catalog_labels(struct pool *, const char *text);
/* Has each variant a key with a value? Exit code. */
int catalog_check_labels(const char *const *labels);

/* Asks the runner of one collector in `folder`. Exit code. */
int catalog_add(struct catalog *, const char *folder, const char *label);
/* Asks the runner whether it takes this tuning. Exit code. */
int catalog_check_tuning(struct pool *, const struct catalog_collector *,
                         const char *tuning);

/* Is a capability of this key there, and not 0? */
bool catalog_can(const struct catalog_collector *, const char *key);
/* Can the collector keep a heap limit? One that never frees memory cannot. */
bool catalog_has_limit(const struct catalog_collector *);

/* NULL where there is none. */
const struct catalog_workload *catalog_workload(const struct catalog *,
                                                const char *name);
const struct catalog_param *catalog_param(const struct catalog_workload *,
                                          const char *name);

#endif
