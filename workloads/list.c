/* SPDX-License-Identifier: MIT */
/* The list of workloads is in CMakeLists.txt, one add_workload per line. CMake
   defines WORKLOADS from it: WORKLOAD(empty) WORKLOAD(binary_trees) … */
#include "workloads/workload.h"

#define WORKLOAD(name) extern const struct workload workload_##name;
WORKLOADS
#undef WORKLOAD

#define WORKLOAD(name) &workload_##name,
const struct workload *const workload_list[] = {WORKLOADS NULL};
