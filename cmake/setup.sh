#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing to build, test or check the project: with apt-get,
# as root or through sudo. Silent and quick where nothing is missing.
#
# usage: cmake/setup.sh build|test|ci
#   build  the programs        test  and the tests       ci  and with clang too
set -u

purpose=${1:-build}
packages=

has_program() { command -v "$1" >/dev/null 2>&1; }
has_header() { # c|c++ header
  printf '#include <%s>\n' "$2" | cc -x "$1" -E - >/dev/null 2>&1
}
need() { # package, then a command that succeeds where it is there
  package=$1
  shift
  "$@" || packages="$packages $package"
}

# cc comes first: the headers are looked for with it.
need gcc has_program cc
need libc6-dev has_header c stdio.h
need make has_program make
need cmake has_program cmake
need g++ has_program c++
need pkg-config has_program pkg-config
need libjemalloc-dev has_header c jemalloc/jemalloc.h
need libbenchmark-dev has_header c++ benchmark/benchmark.h
case $purpose in
build) ;;
test | ci)
  need libcmocka-dev has_header c cmocka.h
  need clang-format has_program clang-format
  ;;
*)
  echo "cmake/setup.sh: '$purpose' is none of build, test, ci" >&2
  exit 2
  ;;
esac
if [ "$purpose" = ci ]; then
  need clang has_program clang
  need libclang-rt-14-dev test -e /usr/lib/llvm-14/lib/clang/14.0.6/lib/linux
fi

[ -z "$packages" ] && exit 0

install="apt-get install -y --no-install-recommends$packages"
if ! has_program apt-get; then
  echo "Missing, under the names that Debian gives them:$packages" >&2
  exit 6
elif [ "$(id -u)" -eq 0 ]; then
  root=
elif has_program sudo && sudo -n true 2>/dev/null; then
  root="sudo -n"
else
  echo "Some packages are missing. Run this, then try again:" >&2
  echo "  su -c 'apt-get update && $install'" >&2
  exit 6
fi

echo "Installing:$packages"
export DEBIAN_FRONTEND=noninteractive
# The lists may be there and fresh enough; only where they are not, update.
$root $install </dev/null >/dev/null 2>&1 ||
  { $root apt-get update -qq && $root $install -qq </dev/null; } || {
  echo "apt-get could not install:$packages" >&2
  exit 6
}
