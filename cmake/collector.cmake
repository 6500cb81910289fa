# SPDX-License-Identifier: MIT
# The heap is compiled once. Code that includes heap/sweepstakes.h is compiled
# once per collector, because the collector's fast paths are inlined. Relative
# paths are from the root of the tree.

set(COLLECTORS "")         # collectors that a program can choose
set(COLLECTORS_USUAL "")   # those that race if a campaign names none
set(COLLECTORS_BY_NAME "") # the others
set(COLLECTOR_VARIANTS "") # variants of these, only for tests
set(CHECKERS "")           # collectors that find faults and are not measured

set(SWEEPSTAKES_ONLY "" CACHE STRING
    "Collectors and variants to build, separated by commas; empty: all")
string(REPLACE "," ";" only "${SWEEPSTAKES_ONLY}")

# add_workload(path): workloads/<path>.c, whose card is workload_<name>, where
# <name> is the path without folders.
macro(add_workload path)
  list(APPEND WORKLOAD_SOURCES workloads/${path}.c)
  get_filename_component(workload ${path} NAME)
  set(workload_list "${workload_list} WORKLOAD(${workload})")
  set_source_files_properties(workloads/list.c PROPERTIES
    COMPILE_DEFINITIONS "WORKLOADS=${workload_list}")
endmacro()

# add_engine(name SOURCES file.c… [HEADERS file.h…])
# The folder is collectors/shared/<name>: code that several collectors use. It is
# compiled once for each of them. HEADERS are the files there that a collector.h
# includes.
macro(add_engine name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS" ${ARGN})
  list(TRANSFORM arg_SOURCES PREPEND ../shared/${name}/
       OUTPUT_VARIABLE engine_${name}_sources)
  install_collector_headers(shared/${name} ${arg_HEADERS})
endmacro()

# add_collector(name SOURCES file.c… [HEADERS file.h…] [ENGINES engine…]
#               [REQUIRES package…] [CHECKER] [BY_NAME])
# The folder is collectors/<name>. HEADERS are the files there that collector.h
# includes; ENGINES names folders of collectors/shared; REQUIRES names pkg-config
# packages. Adds the targets lib-<name>, which builds libsweepstakes-<name>.a, and
# sweepstakes-<name>, the program, and examples/sweepstakes-scheme-<name>. With
# CHECKER the program is checkers/sweepstakes-<name>, apart from those that are
# measured, and the front end does not use it. With BY_NAME a campaign that names
# no collectors leaves this one out.
macro(add_collector name)
  if(NOT only OR ${name} IN_LIST only)
    _add_collector(${name} ${ARGN})
  endif()
endmacro()

macro(_add_collector name)
  cmake_parse_arguments(arg "CHECKER;BY_NAME" "" "SOURCES;HEADERS;ENGINES;REQUIRES"
                        ${ARGN})
  set(collector_${name}_sources ${arg_SOURCES})
  foreach(engine ${arg_ENGINES})
    list(APPEND collector_${name}_sources ${engine_${engine}_sources})
  endforeach()
  set(collector_${name}_requires ${HEAP_REQUIRES} ${arg_REQUIRES})
  if(arg_CHECKER)
    list(APPEND CHECKERS ${name})
  else()
    list(APPEND COLLECTORS ${name})
  endif()
  if(arg_BY_NAME)
    list(APPEND COLLECTORS_BY_NAME ${name})
  elseif(NOT arg_CHECKER)
    list(APPEND COLLECTORS_USUAL ${name})
  endif()
  _collector_library(${name} ${name} "")
  _collector_program(${name})
  if(arg_CHECKER)
    set_target_properties(sweepstakes-${name} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/checkers)
  else()
    _collector_peers(${name})
  endif()
  install_collector_headers(${name} collector.h ${arg_HEADERS})
  install_collector(${name} "${collector_${name}_requires}")
endmacro()

# add_collector_variant(variant OF name DEFINITIONS macro=value…)
# Compiles the same sources with other constants. Only for tests.
macro(add_collector_variant variant)
  cmake_parse_arguments(arg "" "OF" "DEFINITIONS" ${ARGN})
  if(NOT only OR ${variant} IN_LIST only)
    list(APPEND COLLECTOR_VARIANTS ${variant})
    _collector_library(${variant} ${arg_OF} "${arg_DEFINITIONS}")
  endif()
endmacro()

function(_collector_library name base definitions)
  list(TRANSFORM collector_${base}_sources PREPEND collectors/${base}/
       OUTPUT_VARIABLE sources)
  add_library(lib-${name} STATIC ${sources} $<TARGET_OBJECTS:heap>)
  set_target_properties(lib-${name} PROPERTIES OUTPUT_NAME sweepstakes-${name})
  target_include_directories(lib-${name} PUBLIC collectors/${base})
  target_compile_definitions(lib-${name} PUBLIC ${definitions})
  list(TRANSFORM collector_${base}_requires PREPEND PkgConfig::
       OUTPUT_VARIABLE packages)
  target_link_libraries(lib-${name} PUBLIC ${packages})
  add_library(objects-${name} STATIC EXCLUDE_FROM_ALL ${OBJECTS_SOURCES})
  set_target_properties(objects-${name} PROPERTIES
    OUTPUT_NAME sweepstakes-objects-${name})
  target_link_libraries(objects-${name} PUBLIC lib-${name})
  add_library(workloads-${name} OBJECT EXCLUDE_FROM_ALL ${WORKLOAD_SOURCES})
  target_link_libraries(workloads-${name} PUBLIC lib-${name} m)
  add_library(runner-${name} STATIC EXCLUDE_FROM_ALL ${RUNNER_SOURCES}
              $<TARGET_OBJECTS:workloads-${name}>)
  target_link_libraries(runner-${name} PUBLIC objects-${name} lib-${name} bench
                        scheme-texts)
endfunction()

function(_collector_program name)
  add_executable(sweepstakes-${name} bench/micro/main.c)
  target_link_libraries(sweepstakes-${name} PRIVATE runner-${name} shim)
  install(TARGETS sweepstakes-${name})
  add_executable(sweepstakes-scheme-${name} workloads/programs/scheme/main.c)
  target_link_libraries(sweepstakes-scheme-${name} PRIVATE runner-${name})
  set_target_properties(sweepstakes-scheme-${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/examples)
endfunction()

# The programs that are measured: the collector's, and its peers.
function(_collector_peers name)
  add_dependencies(programs sweepstakes-${name} sweepstakes-scheme-${name})
  # see the scripts in bench/peers
  foreach(peer cycles ephemerons statements tracing)
    add_executable(${peer}-${name} bench/peers/${peer}.c)
    target_link_libraries(${peer}-${name} PRIVATE objects-${name} lib-${name})
    add_dependencies(programs ${peer}-${name})
  endforeach()
endfunction()
