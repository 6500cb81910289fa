/* SPDX-License-Identifier: MIT */
#include "workloads/workload.h"

extern const struct workload workload_empty, workload_binary_trees,
    workload_rings, workload_cells, workload_hot_object, workload_long_list,
    workload_quads, workload_splay, workload_fifo, workload_large_objects;

const struct workload *const workload_list[] = {
    &workload_empty,
    &workload_binary_trees,
    &workload_rings,
    &workload_cells,
    &workload_hot_object,
    &workload_long_list,
    &workload_quads,
    &workload_splay,
    &workload_fifo,
    &workload_large_objects,
    NULL,
};
