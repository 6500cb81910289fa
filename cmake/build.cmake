# SPDX-License-Identifier: MIT
# How everything is compiled. The presets in CMakePresets.json set these.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, Sanitized, Coverage" FORCE)
endif()
set(SWEEPSTAKES_ASSERT_LEVEL 1 CACHE STRING "See heap/assert.h: 0, 1, 2 or 3")
set(SWEEPSTAKES_SANITIZE "" CACHE STRING "What -fsanitize= takes; empty: none")
option(SWEEPSTAKES_FUZZ "Programs for libFuzzer too; needs clang")
option(SWEEPSTAKES_STATISTICS "Count operations; such a build is never timed")

# No -DNDEBUG anywhere: the level above is the only switch for assertions.
foreach(language C CXX)
  set(CMAKE_${language}_FLAGS_RELEASE "-O2 -g")
  set(CMAKE_${language}_FLAGS_DEBUG "-Og -g -fno-omit-frame-pointer")
  set(CMAKE_${language}_FLAGS_SANITIZED "-O1 -g -fno-omit-frame-pointer")
  # Threads count at once; absolute paths, so that tests may run anywhere.
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

# What changes the code that heap/sweepstakes.h inlines, and so has to be the
# same in a library and in the programs that use it. Libraries hand it on, and
# write it into their pkg-config files.
set(SWEEPSTAKES_INTERFACE_DEFINITIONS
    GC_ASSERT_LEVEL=${SWEEPSTAKES_ASSERT_LEVEL}
    GC_STATISTICS=${statistics})
set(SWEEPSTAKES_INTERFACE_FLAGS -pthread ${sanitize})

add_compile_definitions(
  _GNU_SOURCE SWEEPSTAKES_BUILD_TYPE="${CMAKE_BUILD_TYPE}"
  GC_COVERAGE=${coverage}
  ${SWEEPSTAKES_INTERFACE_DEFINITIONS})
add_compile_options(-Wall -Wextra -Werror ${SWEEPSTAKES_INTERFACE_FLAGS})
add_link_options(${SWEEPSTAKES_INTERFACE_FLAGS})
if(SWEEPSTAKES_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
include_directories(${CMAKE_SOURCE_DIR})
