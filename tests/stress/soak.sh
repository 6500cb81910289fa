#!/bin/sh
# SPDX-License-Identifier: MIT
# For so many seconds, every collector in turn: a workload drawn at random and
# random graphs beside a shadow of them, on 8 threads, verified. The graphs go
# on in one process, and what it holds must not go on growing.
# usage: soak.sh BUILD SECONDS [SEED]
set -u
build=$1 seconds=$2 seed=${3:-$(date +%s)}
ends=$(($(date +%s) + seconds))
turn=$((seconds / 10 > 3 ? seconds / 10 : 3))
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
while [ "$(date +%s)" -lt "$ends" ]; do
  for stress in "$build"/tests/test-stress-main-*; do
    [ "$(date +%s)" -lt "$ends" ] || break
    collector=${stress##*/test-stress-main-}
    SWEEPSTAKES_SECONDS=$turn SWEEPSTAKES_TUNING=verify=1 \
      SWEEPSTAKES_SEED=$seed checked "$stress" graphs
    resident=$(sed -n 's/^resident: //p' "$log")
    [ -n "$resident" ] || exit 1
    echo "$collector graphs, resident $resident"
    draws=$((draws + 1))
    runner=$build/sweepstakes-$collector
    [ -x "$runner" ] || continue
    workloads=$("$runner" --describe | sed -n 's/^workload\t\([^\t]*\).*/\1/p')
    draw "$(echo "$workloads" | wc -l)"
    workload=$(echo "$workloads" | sed -n "${drawn}p")
    checked timeout 300 "$runner" --run="$workload" --threads=8 --size=quick \
      --seed="$seed" --warmups=0 --tuning=verify=1
    echo "$collector $workload"
    draws=$((draws + 1))
  done
done
echo "$draws runs, all right"
