# SPDX-License-Identifier: MIT
# The files that `cmake --install` installs:
#   include/sweepstakes/             sweepstakes.h, sweepstakes.hpp, heap/,
#                                    objects/, collectors/<name>/,
#                                    collectors/shared/<engine>/
#   lib/libsweepstakes-*             cmake/flavours.cmake says which
#   lib/pkgconfig/sweepstakes-*.pc   one for each library
#   lib/cmake/sweepstakes/           for find_package
#   bin/                             the front end; one program per collector
#   share/man/man1/                  its manual page
#   share/bash-completion/completions/, share/zsh/site-functions/
# The files of each collector are an install component with its name, the headers
# and the package for CMake are the component `headers`.
# include/sweepstakes/heap is not an include directory, because its assert.h
# would hide the system's. So there is a forwarding sweepstakes.h.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(INSTALL_HEADERS ${CMAKE_INSTALL_INCLUDEDIR}/sweepstakes)
set(INSTALL_PC ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(INSTALL_CMAKE ${CMAKE_INSTALL_LIBDIR}/cmake/sweepstakes)

# _install_headers(folder component file.h…): headers of a folder of the tree.
function(_install_headers folder component)
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/${folder}/ OUTPUT_VARIABLE headers)
  install(FILES ${headers} DESTINATION ${INSTALL_HEADERS}/${folder}
          COMPONENT ${component})
endfunction()

# install_heap_headers(file.h…): the headers in heap/ that programs include.
function(install_heap_headers)
  _install_headers(heap headers ${ARGN})
  foreach(header sweepstakes.h sweepstakes.hpp)
    set(made ${CMAKE_BINARY_DIR}/install/${header})
    configure_file(${CMAKE_SOURCE_DIR}/cmake/${header}.in ${made} @ONLY)
    install(FILES ${made} DESTINATION ${INSTALL_HEADERS} COMPONENT headers)
  endforeach()
  set(version ${CMAKE_BINARY_DIR}/install/sweepstakesConfigVersion.cmake)
  write_basic_package_version_file(${version} COMPATIBILITY SameMinorVersion)
  install(FILES ${version} ${CMAKE_SOURCE_DIR}/cmake/sweepstakesConfig.cmake
          DESTINATION ${INSTALL_CMAKE} COMPONENT headers)
endfunction()

# install_objects_headers(file.h…): those of the Python-like objects.
function(install_objects_headers)
  _install_headers(objects headers ${ARGN})
endfunction()

# install_collector_headers(folder file.h…): from collectors/<folder>.
function(install_collector_headers folder)
  _install_headers(collectors/${folder} headers ${ARGN})
endfunction()

# install_pc(collector library "package…" "-Dmacro=value…"): the pkg-config file
# of a library, sweepstakes-<library>.pc.
function(install_pc collector library packages definitions)
  # Paths relative to the .pc file, so that any --prefix works.
  file(RELATIVE_PATH PC_TO_PREFIX /${INSTALL_PC} /)
  string(REGEX REPLACE "/$" "" PC_TO_PREFIX ${PC_TO_PREFIX})
  set(PC_COLLECTOR ${collector})
  set(PC_LIBRARY ${library})
  list(JOIN packages " " PC_REQUIRES)
  list(JOIN definitions " " definitions)
  list(JOIN SWEEPSTAKES_INTERFACE_FLAGS " " PC_LIBS)
  set(PC_CFLAGS "${definitions} ${PC_LIBS}")
  set(pc ${CMAKE_BINARY_DIR}/install/sweepstakes-${library}.pc)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/sweepstakes.pc.in ${pc} @ONLY)
  install(FILES ${pc} DESTINATION ${INSTALL_PC} COMPONENT ${collector})
endfunction()

# install_help(target): the manual page and the completions, which the program
# prints itself.
function(install_help target)
  set(folder ${CMAKE_BINARY_DIR}/install)
  set(share ${CMAKE_INSTALL_DATAROOTDIR})
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${target} help man >${folder}/sweepstakes.1
    COMMAND ${target} help bash >${folder}/sweepstakes
    COMMAND ${target} help zsh >${folder}/_sweepstakes)
  install(FILES ${folder}/sweepstakes.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${folder}/sweepstakes
          DESTINATION ${share}/bash-completion/completions)
  install(FILES ${folder}/_sweepstakes DESTINATION ${share}/zsh/site-functions)
endfunction()
