#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds outside.c away from the tree with nothing but a compiler and
# pkg-config, with either spelling of the header, and runs it.
# usage: outside.sh PREFIX COLLECTOR CC
set -eu
collector=$2
cc=$3
source=$(cd "$(dirname "$0")" && pwd)/outside.c
PKG_CONFIG_PATH=$(dirname "$(find "$1" -name "sweepstakes-$2.pc")")
export PKG_CONFIG_PATH

away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
cd "$away"
cp "$source" .
for header in '<sweepstakes.h>' '"heap/sweepstakes.h"'; do
  # shellcheck disable=SC2046
  $cc -O2 -Wall -Wextra -Werror -DOUTSIDE_HEADER="$header" outside.c -o outside \
    $(pkg-config --cflags --libs "sweepstakes-$collector")
  ./outside
done
