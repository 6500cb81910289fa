# SPDX-License-Identifier: MIT
# The workloads, one line each, after the files that they share.
set(WORKLOAD_SOURCES
  workloads/demography.c workloads/helpers.c workloads/holes.c workloads/list.c
  workloads/lru_stripe.c workloads/splay_tree.c workloads/world.c
  workloads/programs/boyer_lemmas.c workloads/programs/boyer_rewrite.c
  workloads/programs/boyer_terms.c workloads/programs/earley_chart.c
  workloads/programs/airspace.c workloads/programs/collisions.c
  workloads/programs/containers.c workloads/programs/flow_graph.c
  workloads/programs/json_parser.c workloads/programs/json_text.c
  workloads/programs/loop_finder.c workloads/programs/planner.c
  workloads/programs/tree.c)
foreach(path
    empty binary_trees rings cells hot_object long_list quads splay fifo
    large_objects lru_cache graph boxing interning dictionary queue larson
    phases demographics requests hyperalloc ephemerons
    programs/nboyer programs/earley programs/mperm programs/cyclotron
    programs/havlak programs/deltablue programs/cd programs/json
    programs/latency_ring)
  add_workload(${path})
endforeach()
include(workloads/programs/scheme/sources.cmake) # adds scheme
