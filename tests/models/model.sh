#!/bin/sh
# SPDX-License-Identifier: MIT
# Explores all of a model's states, which must show no error, then each of its
# mutations, which must. A mutation is a word after "Mutations:" in the model.
# usage: model.sh MODEL.pml; 77: spin is not here
set -u
model=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
name=$(basename "$model" .pml)
command -v spin >/dev/null || { echo "spin is not here" && exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2

# Deeper than any path here; an error, also one of too little depth, ends it.
explore() { # macro; leaves the answer in the file found
  spin ${1:+"-D$1"} -a "$model" && # gcc doubts the indices in what spin writes
    cc -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=1500 -o pan pan.c &&
    ./pan -m1000000 -b >found 2>&1
}
has() { grep -Eq "$1" found; }
states() { awk '/states, stored/ { print $1 }' found; }
fail() {
  echo "$name: $1"
  cat found
  exit 1
}

: >found
explore '' || fail "spin, cc or pan failed"
has 'errors: 0' && ! has 'not completed|too small|out of memory' ||
  fail "is wrong, or too large"
printf '%-20s holds: %s states\n' "$name" "$(states)"

mutations=$(awk '/Mutations:/ { on = 1 }
  on { sub(/.*Mutations:/, ""); ends = sub(/\*\//, ""); print }
  ends && on { exit }' "$model")
[ -n "$mutations" ] || fail "has no mutations"
for mutation in $mutations; do
  grep -Eq "^#ifn?def $mutation\$" "$model" || fail "has no $mutation"
  explore "$mutation" || fail "$mutation: spin, cc or pan failed"
  has '^pan:1: (assertion violated|invalid end state)' || fail "$mutation is not noticed"
  printf '  %-18s fails: %s\n' "$mutation" "$(sed -n 's/^pan:1: //p' found)"
done
