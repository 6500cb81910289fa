#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds outside.c away from the tree with nothing but a compiler and
# pkg-config, with either spelling of the header, with and without an optimizer,
# and runs it.
# usage: outside.sh PREFIX COLLECTOR CC
set -eu
collector=$2
cc=$3
here=$(cd "$(dirname "$0")" && pwd)
PKG_CONFIG_PATH=$(dirname "$(find "$1" -name "sweepstakes-$2.pc")")
export PKG_CONFIG_PATH

away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
cd "$away"
cp "$here/outside.c" .
try() { # level, header
  # shellcheck disable=SC2046
  $cc "$1" -Wall -Wextra -Werror -DOUTSIDE_HEADER="$2" outside.c -o outside \
    $(pkg-config --cflags --libs "sweepstakes-$collector")
  ./outside
}
try -O2 '<sweepstakes.h>'
try -O2 '"heap/sweepstakes.h"'
try -O0 '<sweepstakes.h>'

# The program on the page about the interface.
awk '/^```c$/ { inside = 1; next } /^```$/ && inside { exit } inside' "$here/../../docs/interface.md" >page.c
# shellcheck disable=SC2046
$cc -O2 -Wall -Wextra -Werror page.c -o page \
  $(pkg-config --cflags --libs "sweepstakes-$collector")
[ "$(./page)" = "made a tree" ]
