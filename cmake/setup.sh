#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the packages that are missing to build, test or check the project,
# with apt-get, as root or with sudo. Silent and quick if none is missing.
#
# usage: cmake/setup.sh build|test|coverage|ci
#   build     packages to build the programs
#   test      and to run the tests
#   coverage  and to measure coverage
#   ci        those of test, clang, and a browser for the test of the report
set -u

purpose=${1:-build}
packages=

has_program() { command -v "$1" >/dev/null 2>&1; }
has_header() { # c|c++ header
  printf '#include <%s>\n' "$2" | cc -x "$1" -E - >/dev/null 2>&1
}
has_clang_runtime() { test -d "$(clang -print-resource-dir 2>/dev/null)/lib/linux"; }
need() { # package, then a command that succeeds if it is installed
  package=$1
  shift
  "$@" || packages="$packages $package"
}

# cc comes first: has_header uses it.
need gcc has_program cc
need libc6-dev has_header c stdio.h
need make has_program make
need cmake has_program cmake
need g++ has_program c++
need pkg-config has_program pkg-config
need libjemalloc-dev has_header c jemalloc/jemalloc.h
need libgc-dev has_header c gc.h
need libgsl-dev has_header c gsl/gsl_statistics.h
need libcsv-dev has_header c csv.h
need gnuplot-nox has_program gnuplot
need libbenchmark-dev has_header c++ benchmark/benchmark.h
case $purpose in
build) ;;
test | coverage | ci)
  need libcmocka-dev has_header c cmocka.h
  need clang-format has_program clang-format
  need spin has_program spin
  need patch has_program patch
  ;;
*)
  echo "cmake/setup.sh: unknown purpose '$purpose'; use build, test," \
    "coverage or ci" >&2
  exit 2
  ;;
esac
[ "$purpose" != coverage ] || need gcovr has_program gcovr
if [ "$purpose" = ci ]; then
  need clang has_program clang
  need chromium has_program chromium
  need libclang-rt-14-dev has_clang_runtime
  need ninja-build has_program ninja
fi

[ -z "$packages" ] && exit 0

if ! has_program apt-get; then
  echo "Some packages are missing (Debian's names):$packages" >&2
  exit 6
elif [ "$(id -u)" -eq 0 ]; then
  as_root=
elif has_program sudo && sudo -n true 2>/dev/null; then
  as_root='sudo -n'
else
  echo 'Some packages are missing. Run this line as root, then try again:' >&2
  echo "  apt-get update && apt-get install -y$packages" >&2
  exit 6
fi

apt_get() { # install or update
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -qq \
    --no-install-recommends "$@" </dev/null >/dev/null
}

# The package lists are updated only if installing with the present ones fails.
echo "Installing:$packages"
# shellcheck disable=SC2086
apt_get install $packages 2>/dev/null ||
  { apt_get update && apt_get install $packages; } || {
  echo "apt-get could not install:$packages" >&2
  exit 6
}
