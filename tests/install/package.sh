#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds outside.c in a project that finds the installed libraries with
# find_package, and runs it. usage: package.sh CMAKE PREFIX COLLECTOR CC
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

configure() { # collector, folder
  "$cmake" -S "$here/package" -B "$build/$2" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=Release -DCOLLECTOR="$1" \
    -DOUTSIDE="$here/outside.c"
}
cmake=$1 prefix=$2 cc=$4
configure "$3" found >/dev/null
"$cmake" --build "$build/found" >/dev/null
for program in "$3" "$3-debug" "objects-$3"; do
  "$build/found/outside-$program"
done

# A component that is not installed is named.
if configure none-such missing >"$build/log" 2>&1; then
  echo "package.sh: a component that is not installed was found" >&2
  exit 1
fi
grep -q 'sweepstakes-none-such' "$build/log"
