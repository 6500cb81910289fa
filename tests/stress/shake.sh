#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the tests of races once for each seed, on 2, 4 and 8 threads in turn, with
# the schedule shaken (heap/shake.h): without further tuning, with tiny buffers,
# and with collections in between.
# usage: shake.sh BUILD COLLECTOR SEEDS [FIRST]
# SHAKE_SECONDS=N: the time limit of each run; 0: none
set -u
program=$1/tests/test-stress-main-$2 seed=${4:-1}
last=$((seed + $3 - 1))
tests='readers held_references writers published cas_counter cas_stack
  hot_references last_references weak_last handover queue resurrection weak
  weak_table attach subthreads parking parked_handshake left_behind
  large_garbage limit_churn stops globals graph graphs'
log=$(mktemp)
trap 'rm -f "$log"' EXIT

seed_run() {
  case $((seed / 3 % 4)) in
  0) with= ;;
  1) with=,shrink=1 ;;
  2) with=,stress=50,verify=1 ;;
  3) with=,stress=20,shrink=1 ;;
  esac
  set -- "SWEEPSTAKES_TUNING=shake=$seed$with" "SWEEPSTAKES_SEED=$seed" \
    "SWEEPSTAKES_THREADS=$((2 << seed % 3))"
  # shellcheck disable=SC2086
  env "$@" timeout "${SHAKE_SECONDS:-300}" "$program" $tests >"$log" 2>&1 &&
    return
  echo "status $?: $* $program"
  cat "$log"
  exit 1
}

while [ "$seed" -le "$last" ]; do
  seed_run
  seed=$((seed + 1))
done
echo "$3 seeds, all correct"
