#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and installs the libraries of one collector as shared libraries. Then
# a program must use them, and they must export the functions of the installed
# headers and no others. usage: shared.sh CMAKE COLLECTOR CC
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
prefix=$build/installed

"$1" -S "$here/../.." -B "$build" -DBUILD_SHARED_LIBS=ON \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$3" >/dev/null
"$1" --build "$build" -j 2 --target "libraries-$2" >/dev/null
for component in headers "$2"; do
  "$1" --install "$build" --prefix "$prefix" --component "$component" >/dev/null
done
"$here/outside.sh" "$prefix" "$2" "$3"
"$here/outside.sh" "$prefix" "$2-debug" "$3"

fail() {
  echo "shared.sh: $*" >&2
  exit 1
}
version=$(sed -n 's/^project(sweepstakes VERSION \([0-9.]*\).*/\1/p' "$here/../../CMakeLists.txt")
lib=$(dirname "$(find "$prefix" -name "libsweepstakes-$2.so")")
for library in "$2" "$2-debug" "objects-$2" "objects-$2-debug"; do
  file=$lib/libsweepstakes-$library.so.$version
  soname=libsweepstakes-$library.so.${version%.*}
  objdump -p "$file" | grep -q "SONAME *$soname\$" ||
    fail "$file: its soname is not $soname"
  for symbol in $(nm -D --defined-only "$file" | awk '{ print $3 }'); do
    [ "$symbol" = malloc_conf ] || # jemalloc's name for its options
      grep -rqw "$symbol" "$prefix/include" ||
      fail "$file exports $symbol, which no installed header has"
  done
done

# Of the functions that an installed header declares, a static library may have
# no more than the shared one, unless the header's are internal (memory.h).
nm -D --defined-only "$lib/libsweepstakes-$2.so" | awk '{ print $3 }' | sort \
  >"$build/exported"
nm -g --defined-only "$lib/libsweepstakes-$2.a" | awk 'NF == 3 { print $3 }' |
  sort -u | while read -r symbol; do
  grep -qx "$symbol" "$build/exported" && continue
  for header in $(grep -rlw "$symbol(" "$prefix/include"); do
    [ "${header##*/}" = memory.h ] ||
      fail "$symbol, which ${header##*/} declares, is not exported"
  done
done
