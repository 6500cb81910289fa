#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that every symbol that a library exports starts with gc_. The options
# of jemalloc have the name that jemalloc looks for.
# usage: symbols.sh FOLDER   the folder that has libsweepstakes-*.a
folder=${1:?usage: $0 FOLDER}

set -- "$folder"/libsweepstakes-*.a
[ -e "$1" ] || {
  echo "$folder: no libsweepstakes-*.a"
  exit 1
}
# Sanitizers add symbols of their own, which start with two underscores.
for library; do
  nm -g --defined-only "$library" | awk -v library="${library##*/}" '
    NF == 3 && $3 !~ /^(gc_|__|malloc_conf$)/ { print library ": " $3 " has no gc_ prefix" }'
done | awk '{ print } END { exit NR > 0 }'
