#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that heap/, objects/ and workloads/ name no collector, neither in a
# string nor by one of its identifiers. The code there must read properties of
# the collector from its card, gc_collector, instead.
. "$(dirname "$0")/sources.sh"

neutral=$(code_files | grep -E '^(heap|objects|workloads)/')
words=$(mktemp)
trap 'rm -f "$words"' EXIT

for card in collectors/*/collector.h; do
  collector=$(basename "$(dirname "$card")")
  prefix=$(echo "$collector" | tr - _)
  upper=$(echo "$prefix" | tr '[:lower:]' '[:upper:]')
  {
    echo "\"$collector\""
    echo "collectors/$collector"
    grep -rohwE "($prefix|$upper)_[A-Za-z0-9_]+" collectors |
      sort -u
  } >"$words"
  # shellcheck disable=SC2086
  grep -nwFf "$words" $neutral /dev/null | sed "s/\$/   <- names $collector/"
done | report
