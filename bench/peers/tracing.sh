#!/bin/sh
# SPDX-License-Identifier: MIT
# The rows of tracing.c as ratios. Each turn runs everything once, and
# ratios are taken within a turn. Prints their median over turns with minimum and maximum.
#
# Usage: tracing.sh BUILD [TURNS]    BUILD has tracing-gen and tracing-bdw
set -eu
build=${1:?usage: tracing.sh BUILD [TURNS]}
turns=${2:-7}
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

run() { # name program case markers [nodes]
  name=$1
  shift
  program=$1
  shift
  "$build/$program" "$@" | sed "s|^|$turn $name |" >>"$rows"
}

turn=0
while [ "$turn" -lt "$turns" ]; do
  for order in ordered shuffled; do
    run "gen/$order/2" tracing-gen "$order" 2
    run "bdw/$order/2" tracing-bdw "$order" 2
    run "gen/$order/1" tracing-gen "$order" 1
  done
  run gen/minor/1e6 tracing-gen minor 2 1000000
  run gen/minor/4e6 tracing-gen minor 2 4000000
  run gen/young tracing-gen young 2
  run gen/barrier tracing-gen barrier 2
  turn=$((turn + 1))
done

awk -v turns="$turns" '
  function sorted(values, n,   i, k, v) {
    for (i = 2; i <= n; i++)
      for (k = i; k > 1 && values[k - 1] > values[k]; k--) {
        v = values[k]; values[k] = values[k - 1]; values[k - 1] = v
      }
  }
  function show(words, expression, aim,   t, values) {
    for (t = 0; t < turns; t++)
      values[t + 1] = ratio(t, expression)
    sorted(values, turns)
    printf "%-52s %7.3f (%.3f - %.3f)   aim %s\n", words,
           values[int((turns + 1) / 2)], values[1], values[turns], aim
  }
  # "a/b" of figures, or one figure
  function ratio(t, expression,   part, n) {
    n = split(expression, part, ":")
    return n == 2 ? figure[t, part[1]] / figure[t, part[2]] \
                  : figure[t, part[1]]
  }
  { figure[$1, $2 " " $3] = $4 }
  END {
    f = " full_ns_per_node"
    show("full mark, allocation order, bdw to gen, 2 markers",
         "bdw/ordered/2" f ":gen/ordered/2" f, ">= 2")
    show("full mark, shuffled, bdw to gen, 2 markers",
         "bdw/shuffled/2" f ":gen/shuffled/2" f, ">= 2")
    show("full mark, allocation order, 1 marker to 2",
         "gen/ordered/1" f ":gen/ordered/2" f, ">= 1.7")
    show("full mark, shuffled, 1 marker to 2",
         "gen/shuffled/1" f ":gen/shuffled/2" f, ">= 1.7")
    show("generation-0 pause to full, 10^6 old",
         "gen/minor/1e6 minor_ns:gen/minor/1e6 full_ns", "<= 0.0333")
    show("generation-0 pause, 4 * 10^6 old to 10^6 old",
         "gen/minor/4e6 minor_ns:gen/minor/1e6 minor_ns", "about 1")
    show("nodes that die young to a bump that zeroes",
         "gen/young young_ratio", "<= 2.5")
    show("write barrier, young holder, over a store, ns",
         "gen/barrier barrier_extra_ns", "<= 1")
  }' "$rows"
