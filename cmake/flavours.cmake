# SPDX-License-Identifier: MIT
# The installed libraries of a collector:
#   sweepstakes-<name>                  what the programs here are linked with
#   sweepstakes-<name>-debug            the checked flavour: more assertions
#   sweepstakes-objects-<name>          the Python-like objects
#   sweepstakes-objects-<name>-debug    the same, checked
# Each is an archive; with BUILD_SHARED_LIBS, there is a shared library, too,
# which the linker prefers. The programs here use the archives in any case, so
# what is measured does not depend on it.

option(BUILD_SHARED_LIBS "Build and install shared libraries, too")
set(SWEEPSTAKES_CHECKED_LEVEL 2)
if(SWEEPSTAKES_ASSERT_LEVEL GREATER SWEEPSTAKES_CHECKED_LEVEL)
  set(SWEEPSTAKES_CHECKED_LEVEL ${SWEEPSTAKES_ASSERT_LEVEL})
endif()

add_custom_target(installed) # all that is installed

# Before 1.0 a minor version may change the interface.
set(SWEEPSTAKES_SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

set(kinds STATIC)
if(BUILD_SHARED_LIBS)
  list(APPEND kinds SHARED)
endif()

# The target's name, without lib- or so, in a flavour and of a kind.
function(_flavour_suffix flavour kind out)
  set(suffix ${flavour})
  if(kind STREQUAL SHARED)
    string(APPEND suffix -shared)
  endif()
  set(${out} ${suffix} PARENT_SCOPE)
endfunction()

# Options of a target in a flavour and of a kind.
function(_flavour_options target flavour kind)
  if(flavour STREQUAL -debug)
    target_compile_options(${target} PRIVATE
      -UGC_ASSERT_LEVEL -DGC_ASSERT_LEVEL=${SWEEPSTAKES_CHECKED_LEVEL})
  endif()
  if(kind STREQUAL SHARED)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON
      C_VISIBILITY_PRESET hidden VERSION ${PROJECT_VERSION}
      SOVERSION ${SWEEPSTAKES_SOVERSION})
  endif()
endfunction()

# add_heap_flavours(): the heap's objects for each library that is not `heap`.
function(add_heap_flavours)
  get_target_property(sources heap SOURCES)
  foreach(flavour "" -debug)
    foreach(kind ${kinds})
      _flavour_suffix("${flavour}" ${kind} suffix)
      if(suffix)
        add_library(heap${suffix} OBJECT ${sources})
        target_link_libraries(heap${suffix} PRIVATE PkgConfig::jemalloc)
        _flavour_options(heap${suffix} "${flavour}" ${kind})
      endif()
    endforeach()
  endforeach()
endfunction()

# The library that `like` is, in a flavour and of a kind; it links `libraries`.
function(_flavour_library like flavour kind libraries)
  _flavour_suffix("${flavour}" ${kind} suffix)
  if(suffix)
    get_target_property(sources ${like} SOURCES)
    string(REPLACE OBJECTS:heap OBJECTS:heap${suffix} sources "${sources}")
    get_target_property(output ${like} OUTPUT_NAME)
    add_library(${like}${suffix} ${kind} ${sources})
    set_target_properties(${like}${suffix} PROPERTIES
      OUTPUT_NAME ${output}${flavour})
    target_link_libraries(${like}${suffix} PUBLIC ${libraries})
    _flavour_options(${like}${suffix} "${flavour}" ${kind})
  endif()
endfunction()

# install_collector(name "package…"): all libraries of a collector. The target
# libraries-<name> builds them.
function(install_collector name packages)
  add_custom_target(libraries-${name})
  add_dependencies(installed libraries-${name} sweepstakes-${name})
  list(TRANSFORM packages PREPEND PkgConfig:: OUTPUT_VARIABLE imported)
  foreach(flavour "" -debug)
    foreach(kind ${kinds})
      _flavour_suffix("${flavour}" ${kind} suffix)
      _flavour_library(lib-${name} "${flavour}" ${kind} "${imported}")
      target_include_directories(lib-${name}${suffix} PUBLIC
                                 collectors/${name})
      _flavour_library(objects-${name} "${flavour}" ${kind}
                       lib-${name}${suffix})
      set(targets lib-${name}${suffix} objects-${name}${suffix})
      set_target_properties(${targets} PROPERTIES EXCLUDE_FROM_ALL OFF)
      add_dependencies(libraries-${name} ${targets})
      install(TARGETS ${targets} DESTINATION ${CMAKE_INSTALL_LIBDIR}
              COMPONENT ${name})
    endforeach()
    set(definitions ${SWEEPSTAKES_INTERFACE_DEFINITIONS})
    if(flavour)
      list(TRANSFORM definitions REPLACE "(GC_ASSERT_LEVEL)=.*"
           "\\1=${SWEEPSTAKES_CHECKED_LEVEL}")
    endif()
    list(TRANSFORM definitions PREPEND -D)
    install_pc(${name} ${name}${flavour} "${packages}" "${definitions}")
    install_pc(${name} objects-${name}${flavour} sweepstakes-${name}${flavour} "")
  endforeach()
endfunction()
