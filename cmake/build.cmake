# SPDX-License-Identifier: MIT
# Compiler options and build settings. CMakePresets.json sets the variables.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, Sanitized, Coverage" FORCE)
endif()
set(SWEEPSTAKES_ASSERT_LEVEL 1 CACHE STRING "See heap/assert.h: 0, 1, 2 or 3")
set(SWEEPSTAKES_SANITIZE "" CACHE STRING "The value of -fsanitize=; empty: none")
option(SWEEPSTAKES_FUZZ "Build the programs for libFuzzer; needs clang")
option(SWEEPSTAKES_STATISTICS "Count operations; such a build is never timed")

# -DNDEBUG is not used: only the level above turns assertions on and off.
foreach(language C CXX)
  set(CMAKE_${language}_FLAGS_RELEASE "-O2 -g")
  set(CMAKE_${language}_FLAGS_DEBUG "-Og -g -fno-omit-frame-pointer")
  set(CMAKE_${language}_FLAGS_SANITIZED "-O1 -g -fno-omit-frame-pointer")
  # Atomic counters, because threads count at the same time; absolute paths, so
  # that tests may run in any folder.
  set(CMAKE_${language}_FLAGS_COVERAGE
      "-Og -g --coverage -fprofile-update=atomic -fprofile-abs-path")
endforeach()
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(statistics 0)
if(SWEEPSTAKES_STATISTICS)
  set(statistics 1)
endif()
set(coverage 0)
if(CMAKE_BUILD_TYPE STREQUAL "Coverage")
  set(coverage 1)
endif()
if(SWEEPSTAKES_SANITIZE)
  set(sanitize -fsanitize=${SWEEPSTAKES_SANITIZE} -fno-sanitize-recover=all)
endif()

# Definitions that change the code which heap/sweepstakes.h inlines. They must
# be the same in a library and in the programs that use it, so libraries pass
# them on, also in their pkg-config files.
set(SWEEPSTAKES_INTERFACE_DEFINITIONS
    GC_ASSERT_LEVEL=${SWEEPSTAKES_ASSERT_LEVEL}
    GC_STATISTICS=${statistics})
set(SWEEPSTAKES_INTERFACE_FLAGS -pthread ${sanitize})

add_compile_definitions(
  _GNU_SOURCE SWEEPSTAKES_BUILD_TYPE="${CMAKE_BUILD_TYPE}"
  GC_COVERAGE=${coverage}
  ${SWEEPSTAKES_INTERFACE_DEFINITIONS})
# Warnings are errors for developers and in CI alone (CMakePresets.json, .ci/run):
# a newer compiler that warns of more must not break a user's build.
add_compile_options(-Wall -Wextra ${SWEEPSTAKES_INTERFACE_FLAGS})
add_link_options(${SWEEPSTAKES_INTERFACE_FLAGS})
if(SWEEPSTAKES_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
include_directories(${CMAKE_SOURCE_DIR})
