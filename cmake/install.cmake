# SPDX-License-Identifier: MIT
# The files that `cmake --install` installs:
#   include/sweepstakes/             sweepstakes.h, heap/, collectors/<name>/,
#                                    collectors/shared/<engine>/
#   lib/libsweepstakes-<name>.a      and lib/pkgconfig/sweepstakes-<name>.pc
#   bin/                             the front end; one program per collector
#   share/man/man1/                  its manual page
#   share/bash-completion/completions/, share/zsh/site-functions/
# include/sweepstakes/heap is not an include directory, because its assert.h
# would hide the system's. So there is a forwarding sweepstakes.h.

include(GNUInstallDirs)
set(INSTALL_HEADERS ${CMAKE_INSTALL_INCLUDEDIR}/sweepstakes)
set(INSTALL_PC ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# install_heap_headers(file.h…): the headers in heap/ that programs include.
function(install_heap_headers)
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/heap/ OUTPUT_VARIABLE headers)
  install(FILES ${headers} DESTINATION ${INSTALL_HEADERS}/heap)
  set(forward ${CMAKE_BINARY_DIR}/install/sweepstakes.h)
  file(CONFIGURE OUTPUT ${forward} CONTENT "#include \"heap/sweepstakes.h\"\n")
  install(FILES ${forward} DESTINATION ${INSTALL_HEADERS})
endfunction()

# install_collector_headers(folder file.h…): from collectors/<folder>.
function(install_collector_headers folder)
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/collectors/${folder}/
       OUTPUT_VARIABLE headers)
  install(FILES ${headers} DESTINATION ${INSTALL_HEADERS}/collectors/${folder})
endfunction()

# install_collector(name "file.h…" "package…")
function(install_collector name headers packages)
  install_collector_headers(${name} collector.h ${headers})
  install(TARGETS lib-${name} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

  # Paths relative to the .pc file, so that any --prefix works.
  file(RELATIVE_PATH PC_TO_PREFIX /${INSTALL_PC} /)
  string(REGEX REPLACE "/$" "" PC_TO_PREFIX ${PC_TO_PREFIX})
  set(PC_COLLECTOR ${name})
  list(JOIN packages " " PC_REQUIRES)
  list(TRANSFORM SWEEPSTAKES_INTERFACE_DEFINITIONS PREPEND -D
       OUTPUT_VARIABLE definitions)
  list(JOIN definitions " " definitions)
  list(JOIN SWEEPSTAKES_INTERFACE_FLAGS " " PC_LIBS)
  set(PC_CFLAGS "${definitions} ${PC_LIBS}")
  set(pc ${CMAKE_BINARY_DIR}/install/sweepstakes-${name}.pc)
  configure_file(${CMAKE_SOURCE_DIR}/cmake/sweepstakes.pc.in ${pc} @ONLY)
  install(FILES ${pc} DESTINATION ${INSTALL_PC})
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
