#!/bin/sh
# SPDX-License-Identifier: MIT
# Searches for programs that show a fault, for the given number of seconds. It
# starts from the corpus and the programs of earlier runs in BUILD/fuzz-kept.
# usage: fuzz.sh libfuzzer|afl BUILD COLLECTOR SECONDS
# Exit status 1: a program was found, and its path was printed.
set -eu
how=$1 build=$2 collector=$3 seconds=$4
corpus=tests/fuzz/corpus
kept=$build/fuzz-kept/$how-$collector
mkdir -p "$kept"

libfuzzer() {
  # Longer programs find fewer faults per second. A program that runs for a
  # minute hangs.
  "$build/fuzz-$collector" -max_total_time="$seconds" -max_len=512 \
    -timeout=60 -print_final_stats=1 -artifact_prefix="$kept-" \
    "$kept" "$corpus"
}

afl() {
  export AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 \
    AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
  afl-fuzz -i "$corpus" -o "$kept" -V "$seconds" -t 20000 -- \
    "$build/tests/test-fuzz-main-$collector" -
  found=$(find "$kept"/default/crashes "$kept"/default/hangs -name 'id:*')
  [ -z "$found" ] || {
    echo "$found"
    exit 1
  }
}

case $how in
libfuzzer | afl) $how ;;
*)
  echo "fuzz.sh: unknown fuzzer '$how'; use libfuzzer or afl" >&2
  exit 2
  ;;
esac
