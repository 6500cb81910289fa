# SPDX-License-Identifier: MIT
# find_package(sweepstakes COMPONENTS gen objects-gen gen-debug …) gives the
# targets sweepstakes::gen and so on, one for each of the .pc files.
include(CMakeFindDependencyMacro)
find_dependency(PkgConfig)

set(_missing "")
set(_pc_path "$ENV{PKG_CONFIG_PATH}")
set(ENV{PKG_CONFIG_PATH} "${CMAKE_CURRENT_LIST_DIR}/../../pkgconfig:${_pc_path}")
foreach(_component ${sweepstakes_FIND_COMPONENTS})
  if(NOT TARGET sweepstakes::${_component})
    pkg_check_modules(sweepstakes_${_component} QUIET IMPORTED_TARGET GLOBAL
                      sweepstakes-${_component})
    if(sweepstakes_${_component}_FOUND)
      add_library(sweepstakes::${_component} ALIAS
                  PkgConfig::sweepstakes_${_component})
    elseif(sweepstakes_FIND_REQUIRED_${_component})
      string(APPEND _missing " sweepstakes-${_component}")
    endif()
  endif()
endforeach()
set(ENV{PKG_CONFIG_PATH} "${_pc_path}")
if(_missing)
  set(sweepstakes_FOUND FALSE)
  set(sweepstakes_NOT_FOUND_MESSAGE
      "pkg-config does not find these, or libraries that they need:${_missing}")
endif()
