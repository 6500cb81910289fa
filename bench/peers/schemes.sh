#!/bin/sh
# SPDX-License-Identifier: MIT
# Our Scheme beside the interpreters of Guile (its evaluator: nothing is compiled
# to bytecode before) and TinyScheme, on the programs of the workload `scheme`.
# Each turn runs a program in all of them, some rounds in one process, and without
# a round, whose time is subtracted. Prints the medians over turns in milliseconds a
# round, with minimum and maximum. A program that fails has no line; its message
# is printed.
#
# Usage: schemes.sh PROGRAM [TURNS [NAME...]]    from the root of the tree; needs
#   guile (Debian's guile-3.0) and tinyscheme. PROGRAM is
#   sweepstakes-scheme-<collector>; NAME is one of gcbench, peval, ….
set -eu
program=${1:?usage: schemes.sh PROGRAM [TURNS [NAME...]]}
turns=${2:-5}
shift $(($# < 2 ? $# : 2))
names=${*:-gcbench peval metafib cpstak nqueens maze strings}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
GUILE_AUTO_COMPILE=0
export GUILE_AUTO_COMPILE

# the argument of the full size, and rounds that take our Scheme 0.05 to 0.4 s
sizes='gcbench 12 8 peval 20 10 metafib 16 12 cpstak 6 20 nqueens 8 40 maze 60 20
  strings 150 6'

nanoseconds() { # command...
  begin=$(date +%s%N)
  "$@" >"$folder/output" 2>&1 || return 1
  end=$(date +%s%N)
  # TinyScheme ends with 0 after an error
  ! grep -q '^Error' "$folder/output" && echo $((end - begin))
}

measure() { # label command...
  label=$1
  shift
  if whole=$(nanoseconds "$@" "$folder/rounds.scm") &&
    empty=$(nanoseconds "$@" "$folder/empty.scm"); then
    echo "$label $(((whole - empty) / rounds))"
  else
    echo "$label $(grep -m 1 Error "$folder/output")" >&2
  fi
}

for name in $names; do
  # shellcheck disable=SC2086
  set -- $sizes
  while [ "$1" != "$name" ]; do shift 3; done
  size=$2 rounds=$3
  cp "workloads/programs/scheme/$name.scm" "$folder/empty.scm"
  {
    cat "$folder/empty.scm"
    echo "(do ((i 0 (+ i 1))) ((= i $rounds)) (main $size))"
  } >"$folder/rounds.scm"
  turn=0
  while [ "$turn" -lt "$turns" ]; do
    measure "$name/ours" "$program"
    measure "$name/guile" guile
    measure "$name/tinyscheme" tinyscheme
    turn=$((turn + 1))
  done
done | awk '
  !($1 in count) { order[++labels] = $1 }
  {
    for (k = ++count[$1]; k > 1 && ns[$1, k - 1] > $2; k--)
      ns[$1, k] = ns[$1, k - 1]
    ns[$1, k] = $2
  }
  END {
    for (l = 1; l <= labels; l++) {
      name = order[l]
      n = count[name]
      printf "%-20s %8.2f ms (%.2f - %.2f)\n", name,
             ns[name, int((n + 1) / 2)] / 1e6, ns[name, 1] / 1e6,
             ns[name, n] / 1e6
    }
  }'
