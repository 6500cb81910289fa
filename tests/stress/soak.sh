#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs for the given number of seconds. On every collector in turn it runs random
# graphs, which are compared with a shadow, and then for as long random
# workloads, which check their results, on 8 threads and verified. The graphs of
# a collector run in one process, whose memory must not keep growing.
# usage: soak.sh BUILD SECONDS [SEED]
set -u
build=$1 seconds=$2 seed=${3:-$(date +%s)}
ends=$(($(date +%s) + seconds))
# Turns are short enough that a minute reaches every collector and variant.
turn=$((seconds / 20 > 3 ? seconds / 20 : 3))
draws=0
echo "seed $seed"

draw() { # count: draws a number below it, by a linear congruence
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  drawn=$((seed / 65536 % $1 + 1))
}

checked() { # command...; status 4, out of memory, is allowed
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

# A verification visits the whole heap; young collections visit little of it, and
# passes over cycles less.
verify_each() { # collector: prints after how many collections to verify
  case $1 in rc-cycle* | rc-biased*) echo 64 ;; *) echo 4 ;; esac
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

# The graphs of all collectors come first: a workload may take longer.
until is_over; do
  for part in graphs_run workloads_run; do
    for stress in "$build"/tests/test-stress-main-*; do
      is_over || $part "${stress##*/test-stress-main-}"
    done
  done
done
echo "$draws runs, all correct"
