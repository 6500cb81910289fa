#!/bin/sh
# SPDX-License-Identifier: MIT
# A runner that was built without Google Benchmark says so in one sentence,
# and does all the rest.
# usage: without_google.sh RUNNER
runner=$1

said=$("$runner" --benchmark_list_tests 2>&1)
code=$?
if [ $code -ne 6 ] || [ "$(printf '%s\n' "$said" | wc -l)" -ne 1 ]; then
  printf 'exit status %s, not 6 and one sentence:\n%s\n' $code "$said"
  exit 1
fi
"$runner" --describe | grep -q '^collector' &&
  "$runner" --run=empty --param=ops=1000 | grep -q '^status ok'
