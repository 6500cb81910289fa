#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds programs away from the tree with nothing but a compiler and pkg-config,
# and runs them: outside.c with either spelling of the header, with and without
# an optimizer; the program on the page about the interface; and outside.cc in
# C++.
# usage: outside.sh PREFIX LIBRARY CC    LIBRARY: gen, gen-debug, …
set -eu
library=$2
cc=$3
here=$(cd "$(dirname "$0")" && pwd)
PKG_CONFIG_PATH=$(dirname "$(find "$1" -name "sweepstakes-$2.pc")")
export PKG_CONFIG_PATH
# shared libraries
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
export LD_LIBRARY_PATH

away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
cd "$away"
cp "$here/outside.c" "$here/outside.cc" .
try() { # level, header
  # shellcheck disable=SC2046
  $cc "$1" -Wall -Wextra -Werror -DOUTSIDE_HEADER="$2" outside.c -o outside \
    $(pkg-config --cflags --libs "sweepstakes-$library")
  ./outside
}
try -O2 '<sweepstakes.h>'
try -O2 '"heap/sweepstakes.h"'
try -O0 '<sweepstakes.h>'

awk '/^```c$/ { inside = 1; next } /^```$/ && inside { exit } inside' "$here/../../docs/interface.md" >page.c
# shellcheck disable=SC2046
$cc -O2 -Wall -Wextra -Werror page.c -o page \
  $(pkg-config --cflags --libs "sweepstakes-$library")
[ "$(./page)" = "made a tree" ]

# The program is linked by the C++ compiler of the library's family, because of
# the sanitizers. The others only compile it.
case $cc in *clang*) cxx=clang++ ;; *) cxx=g++ ;; esac
for compiler in g++ clang++; do
  command -v $compiler >/dev/null || continue
  for standard in 17 20; do
    # shellcheck disable=SC2046
    $compiler -std=c++$standard -O2 -Wall -Wextra -Werror -c outside.cc \
      -o outside.o $(pkg-config --cflags "sweepstakes-objects-$library")
    [ $compiler = $cxx ] || continue
    # shellcheck disable=SC2046
    $compiler outside.o -o outside \
      $(pkg-config --libs "sweepstakes-objects-$library")
    ./outside
  done
done
