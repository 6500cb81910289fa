#!/bin/sh
# SPDX-License-Identifier: MIT
# The longest push of latency_ring, beside the same program in Go and OCaml as
# far as they are installed (Debian: golang-go, ocaml-nox). Heaps are three
# times the live bytes; GOGC and o=200 let Go and OCaml grow to as much. Each
# turn runs everything once. Prints medians over turns.
#
# Usage: latency_ring.sh BUILD [TURNS [THREADS [WINDOW [PUSHES]]]]
#   BUILD has sweepstakes-<collector>
set -eu
build=${1:?usage: latency_ring.sh BUILD [TURNS [THREADS [WINDOW [PUSHES]]]]}
turns=${2:-5} threads=${3:-1} window=${4:-200000} pushes=${5:-1000000}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

ours() { # collector: worst, 99.9th percentile, median in µs, wall time in ms
  "$build/sweepstakes-$1" --run=latency_ring --threads="$threads" \
    --param=window="$window" --param=pushes="$pushes" --live-factor=3 \
    --warmups=0 --record="$folder/record" --latency="$folder/latency" &&
    awk -F, 'FNR == NR { split($0, of, " "); figure[of[1]] = of[2]; next }
      $1 == "svc" { at[++n] = $3; count[n] = $4; all += $4 }
      END {
        for (i = 1; i <= n; i++) {
          sum += count[i]
          if (!half && sum >= all / 2) half = at[i]
          if (!most && sum >= all * 0.999) most = at[i]
        }
        printf "%.1f %.1f %.2f %.1f\n", at[n] / 1e3, most / 1e3, half / 1e3,
               figure["wall_ns"] / 1e6
      }' "$folder/record" "$folder/latency"
}

command -v go >/dev/null &&
  (cd "$folder" && GOCACHE="$folder/cache" go build -o ring-go "$here/latency_ring.go")
command -v ocamlfind >/dev/null || command -v ocamlopt >/dev/null &&
  cp "$here/latency_ring.ml" "$folder" &&
  (cd "$folder" && ocamlopt -O3 -o ring-ocaml unix.cmxa latency_ring.ml 2>/dev/null)

turn=0
while [ "$turn" -lt "$turns" ]; do
  for program in "$build"/sweepstakes-*; do
    collector=${program##*/sweepstakes-}
    [ -x "$program" ] && [ -f "$program" ] || continue
    case $collector in none | moving | scheme-*) continue ;; esac
    line=$(ours "$collector") && echo "$collector $line"
  done
  [ ! -x "$folder/ring-go" ] ||
    echo "go $(GOGC=200 "$folder/ring-go" "$threads" "$window" "$pushes")"
  [ ! -x "$folder/ring-ocaml" ] || [ "$threads" -gt 1 ] ||
    echo "ocaml $(OCAMLRUNPARAM=o=200 "$folder/ring-ocaml" "$window" "$pushes")"
  turn=$((turn + 1))
done | sort -k1,1 | awk '
  function median(a, n,   i, k, v) {
    for (i = 2; i <= n; i++)
      for (k = i; k > 1 && a[k - 1] > a[k]; k--) {
        v = a[k]; a[k] = a[k - 1]; a[k - 1] = v
      }
    return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
  }
  function finish(   i) {
    if (!n) return
    printf "%-16s", name
    for (i = 1; i <= 4; i++) {
      for (k = 1; k <= n; k++) one[k] = all[i, k]
      printf " %12.1f", median(one, n)
    }
    printf "\n"
  }
  BEGIN { printf "%-16s %12s %12s %12s %12s\n", "", "worst µs", "99.9 % µs",
                 "median µs", "all, ms" }
  $1 != name { finish(); name = $1; n = 0 }
  { n++; for (i = 1; i <= 4; i++) all[i, n] = $(i + 1) }
  END { finish() }'
