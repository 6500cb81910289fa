# SPDX-License-Identifier: MIT
# Functions that add tests. The names of tests in ctest are
# <folder>/<file>[/<collector>[/<tuning>]], their labels the folder and the
# collector, as in `ctest -L '^rc$'` or `ctest -L '^stress$'`.

# The default time limit of a test, in seconds, for a slow machine with both
# cores busy. Sanitizers make tests that collect at every step more than 25
# times slower, and assertions make others up to 15 times slower. In coverage
# builds five times the limit was too short for some tests.
set(SWEEPSTAKES_TIMEOUT 60)
if(SWEEPSTAKES_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Coverage")
  set(SWEEPSTAKES_TIMEOUT_FACTOR 10)
elseif(SWEEPSTAKES_ASSERT_LEVEL GREATER 1)
  set(SWEEPSTAKES_TIMEOUT_FACTOR 5)
else()
  set(SWEEPSTAKES_TIMEOUT_FACTOR 1)
endif()
set(SWEEPSTAKES_PATIENCE 1 CACHE STRING
    "Factor by which all time limits of tests are multiplied")

string(REPLACE ";" "|" only_regex "${only}")

# add_collector_test(folder/file [SOURCES file.c…] [COLLECTORS name…]
#                    [EXCEPT name…] [DEFINITIONS macro=value…] [TIMEOUT seconds]
#                    [ARGUMENTS word…] [TUNINGS string…] [WRAPS function…]
#                    [RUNNER] [OBJECTS] [MEMORY] [SERIAL] [TUNED] [TUNE_ALL])
# Compiles tests/folder/file.c with cmocka and tests/support for every collector
# and every variant, or for those in COLLECTORS, without those in EXCEPT.
#   SOURCES    further files; paths are from the root of the tree
#   ARGUMENTS  adds one test per word, which passes it to the program
#   TUNINGS    adds all tests once more per string, as SWEEPSTAKES_TUNING
#   TUNED      adds only the tests with TUNINGS
#   TUNE_ALL   TUNINGS also for collectors that do not race unless they are named
#   WRAPS      calls of these functions go to __wrap_function of the program
#   MEMORY     links what refuses memory, tests/support/memory.h
#   RUNNER     links the workloads and the runner, too
#   OBJECTS    links the Python-like objects, too
#   SERIAL     no other test runs at the same time
function(add_collector_test name)
  cmake_parse_arguments(arg "SERIAL;TUNED;TUNE_ALL;RUNNER;OBJECTS;MEMORY" "TIMEOUT"
    "SOURCES;COLLECTORS;EXCEPT;DEFINITIONS;ARGUMENTS;TUNINGS;WRAPS" ${ARGN})
  _expect_all_known(${name} "${arg_UNPARSED_ARGUMENTS}")
  if(NOT arg_COLLECTORS)
    set(arg_COLLECTORS ${COLLECTORS} ${COLLECTOR_VARIANTS})
  endif()
  list(REMOVE_ITEM arg_COLLECTORS ${arg_EXCEPT} "")
  if(only)
    list(FILTER arg_COLLECTORS INCLUDE REGEX "^(${only_regex})$")
  endif()
  if(arg_MEMORY)
    list(APPEND arg_SOURCES tests/support/memory.c)
    list(APPEND arg_WRAPS malloc calloc realloc aligned_alloc free)
  endif()
  list(TRANSFORM arg_WRAPS PREPEND -Wl,--wrap=)
  foreach(collector ${arg_COLLECTORS})
    set(libraries test-support-${collector} lib-${collector})
    if(arg_RUNNER)
      list(PREPEND libraries runner-${collector})
    endif()
    if(arg_OBJECTS)
      list(PREPEND libraries objects-${collector})
    endif()
    _add_test_program(${name}/${collector} tests/${name}.c "${arg_SOURCES}"
                      "${libraries}" "${arg_DEFINITIONS}" program)
    target_link_options(${program} PRIVATE ${arg_WRAPS})
    if(NOT arg_ARGUMENTS)
      _add_collector_runs(${name} "")
    endif()
    foreach(argument ${arg_ARGUMENTS})
      string(REGEX REPLACE "[^/]+$" ${argument} test ${name})
      _add_collector_runs(${test} ${argument})
    endforeach()
  endforeach()
endfunction()

# Adds one test per tuning string, and one without tuning unless TUNED. Uses the
# caller's variables.
function(_add_collector_runs name argument)
  set(runs "")
  if(NOT arg_TUNED)
    list(APPEND runs ${name}/${collector})
    add_test(NAME ${runs} COMMAND ${program} ${argument})
  endif()
  if(collector IN_LIST COLLECTORS_BY_NAME AND NOT arg_TUNE_ALL)
    set(arg_TUNINGS "")
  endif()
  foreach(tuning ${arg_TUNINGS})
    set(test ${name}/${collector}/${tuning})
    add_test(NAME ${test} COMMAND ${program} ${argument})
    set_property(TEST ${test} PROPERTY
                 ENVIRONMENT "SWEEPSTAKES_TUNING=${tuning}")
    list(APPEND runs ${test})
  endforeach()
  foreach(test ${runs})
    _set_test_properties(${test} "${arg_TIMEOUT}")
    set_property(TEST ${test} PROPERTY RUN_SERIAL ${arg_SERIAL})
    set_property(TEST ${test} APPEND PROPERTY LABELS ${collector})
  endforeach()
endfunction()

# add_unit_test(folder/file [SOURCES file.c…] [LIBRARIES target…]
#               [DEFINITIONS macro=value…] [TIMEOUT seconds])
# The same for code that does not depend on a collector.
function(add_unit_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBRARIES;DEFINITIONS"
                        ${ARGN})
  _expect_all_known(${name} "${arg_UNPARSED_ARGUMENTS}")
  _add_test_program(${name} tests/${name}.c "${arg_SOURCES}"
                    "${arg_LIBRARIES}" "${arg_DEFINITIONS}" program)
  add_test(NAME ${name} COMMAND ${program})
  _set_test_properties(${name} "${arg_TIMEOUT}")
endfunction()

# add_script_test(folder/name COMMAND program argument… [TIMEOUT seconds])
# Runs in the root of the tree. Exit status 0: passed, 77: skipped.
function(add_script_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "COMMAND" ${ARGN})
  _expect_all_known(${name} "${arg_UNPARSED_ARGUMENTS}")
  add_test(NAME ${name} COMMAND ${arg_COMMAND}
           WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  _set_test_properties(${name} "${arg_TIMEOUT}")
  if(name MATCHES "^(cli|docs|report)/") # these scripts run the programs
    add_to_folder(${name} programs)
  elseif(name MATCHES "^(house|models|mutants)/")
    add_to_folder(${name})
  endif()
endfunction()

function(_expect_all_known name unknown)
  if(unknown)
    message(FATAL_ERROR "${name}: unknown arguments: ${unknown}")
  endif()
endfunction()

function(_add_test_program name main sources libraries definitions out)
  string(REPLACE "/" "-" target test-${name})
  list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/)
  add_executable(${target} ${CMAKE_SOURCE_DIR}/${main} ${sources})
  target_link_libraries(${target} PRIVATE ${libraries} PkgConfig::cmocka)
  target_compile_definitions(${target} PRIVATE ${definitions})
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_to_folder(${name} ${target})
  set(${out} ${target} PARENT_SCOPE)
endfunction()

# add_to_folder(folder/name target…): the target tests-<folder> builds them. It
# builds what the tests in this folder need.
function(add_to_folder name)
  string(REGEX REPLACE "/.*" "" folder ${name})
  if(NOT TARGET tests-${folder})
    add_custom_target(tests-${folder})
  endif()
  if(ARGN)
    add_dependencies(tests-${folder} ${ARGN})
  endif()
endfunction()

function(_set_test_properties test timeout)
  if(NOT timeout)
    set(timeout ${SWEEPSTAKES_TIMEOUT})
  endif()
  math(EXPR timeout "${timeout} * ${SWEEPSTAKES_TIMEOUT_FACTOR} *
                     ${SWEEPSTAKES_PATIENCE}")
  string(REGEX REPLACE "/.*" "" folder ${test})
  set_tests_properties(${test} PROPERTIES TIMEOUT ${timeout} LABELS ${folder}
                       SKIP_RETURN_CODE 77)
endfunction()
