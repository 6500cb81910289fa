/* SPDX-License-Identifier: MIT */
/* The list of workloads is kept in CMakeLists.txt, one add_workload a line,
   and comes here as WORKLOADS: WORKLOAD(empty) WORKLOAD(binary_trees) … */
#include "workloads/workload.h"

#define WORKLOAD(name) extern const struct workload workload_##name;
WORKLOADS
#undef WORKLOAD

#define WORKLOAD(name) &workload_##name,
const struct workload *const workload_list[] = {WORKLOADS NULL};
