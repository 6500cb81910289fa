# SPDX-License-Identifier: MIT
# The Scheme: its workload, its programs as texts in the library `scheme-texts`.
add_workload(programs/scheme/scheme)
list(APPEND WORKLOAD_SOURCES
  workloads/programs/scheme/compiler.c workloads/programs/scheme/machine.c
  workloads/programs/scheme/primitives.c workloads/programs/scheme/reader.c
  workloads/programs/scheme/value.c)
add_library(scheme-texts STATIC)
foreach(text prelude gcbench peval metafib cpstak nqueens maze strings)
  embed_text(scheme-texts
             ${CMAKE_SOURCE_DIR}/workloads/programs/scheme/${text}.scm scheme_${text})
endforeach()
