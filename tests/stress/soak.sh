#!/bin/sh
# SPDX-License-Identifier: MIT
# For so many seconds, every collector in turn: random graphs beside a shadow of
# them, then for as long workloads drawn at random, which check their own
# results, on 8 threads, all verified. The graphs go on in one process, and what
# it holds must not go on growing.
# usage: soak.sh BUILD SECONDS [SEED]
set -u
build=$1 seconds=$2 seed=${3:-$(date +%s)}
ends=$(($(date +%s) + seconds))
# Even a minute comes to every collector, and its narrow variants.
turn=$((seconds / 20 > 3 ? seconds / 20 : 3))
draws=0
echo "seed $seed"

draw() { # of so many; the next number of a linear congruence
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  drawn=$((seed / 65536 % $1 + 1))
}

checked() { # a collector's limit may be met: 4
  "$@" >"$log" 2>&1
  code=$?
  [ $code -eq 0 ] || [ $code -eq 4 ] && return
  echo "status $code: $*"
  cat "$log"
  exit 1
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
is_over() { [ "$(date +%s)" -ge "$ends" ]; }

graphs_run() { # collector
  SWEEPSTAKES_SECONDS=$turn SWEEPSTAKES_TUNING=verify=1 SWEEPSTAKES_SEED=$seed \
    checked "$build/tests/test-stress-main-$1" graphs
  resident=$(sed -n 's/^resident: //p' "$log")
  [ -n "$resident" ] || exit 1
  echo "$1 graphs, resident $resident"
  draws=$((draws + 1))
}

# A verification looks at the whole heap, young collections look at little, and
# passes over cycles at less.
verify_each() { # collector: so many collections
  case $1 in rc-cycle*) echo 64 ;; *) echo 4 ;; esac
}

workload_run() { # collector
  draw "$(echo "$workloads" | wc -l)"
  workload=$(echo "$workloads" | sed -n "${drawn}p")
  checked timeout 300 "$runner" --run="$workload" --threads=8 --size=quick \
    --seed="$seed" --warmups=0 --tuning="verify=$(verify_each "$1")"
  echo "$1 $workload"
  draws=$((draws + 1))
}

workloads_run() { # collector; a variant has no runner
  runner=$build/sweepstakes-$1
  [ -x "$runner" ] || return 0
  workloads=$("$runner" --describe | sed -n 's/^workload\t\([^\t]*\).*/\1/p')
  turn_ends=$(($(date +%s) + turn))
  workload_run "$1"
  until is_over || [ "$(date +%s)" -ge $turn_ends ]; do
    workload_run "$1"
  done
}

# The graphs of all come first: a workload may take longer.
until is_over; do
  for part in graphs_run workloads_run; do
    for stress in "$build"/tests/test-stress-main-*; do
      is_over || $part "${stress##*/test-stress-main-}"
    done
  done
done
echo "$draws runs, all right"
