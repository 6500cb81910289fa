#!/bin/sh
# SPDX-License-Identifier: MIT
# The workload nboyer beside the same program in Guile, compiled to its bytecode
# or native code, and in ECL, compiled to C. Each turn runs all three; in each
# run, one proof that is not timed comes first. Prints the medians over turns with
# minimum and maximum, and ratios, taken within a turn. All print the number of
# rewrites, which must be the published one.
#
# Usage: nboyer.sh PROGRAM [N [TURNS]]    from the root of the tree; needs guile
#   (Debian's guile-3.0) and ecl. PROGRAM is sweepstakes-<collector>.
set -eu
program=$(realpath "${1:?usage: nboyer.sh PROGRAM [N [TURNS]]}")
n=${2:-4}
turns=${3:-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# three lists: the lemmas, the theorem and the bindings
awk '
  /^const char boyer_/ { open = $3 !~ /theorem/; if (open) print "(" }
  /^ *"|= *"/ { match($0, /".*"/); print substr($0, RSTART + 1, RLENGTH - 2) }
  /;$/ && open { print ")"; open = 0 }' workloads/programs/boyer_lemmas.c \
  >"$folder/terms"
cp bench/peers/nboyer.scm bench/peers/nboyer.lisp "$folder"
cd "$folder"
guile --no-auto-compile -c '(use-modules (system base compile))
  (compile-file "nboyer.scm" #:output-file "nboyer.go"
    #:optimization-level 3)' >compile.log 2>&1 || { cat compile.log && exit 1; }
ecl --norc --eval '(progn (compile-file "nboyer.lisp") (quit))' \
  >compile.log 2>&1 || { cat compile.log && exit 1; }

run() { # name command...: prints the name, milliseconds and rewrites
  name=$1
  shift
  "$@" | awk -v name="$name" '
    $1 == "wall_ns" { ms = $2 / 1e6 } $1 == "ops" { rewrites = $2 }
    / ms, rewrites / { ms = $1; rewrites = $4 }
    END { print name, ms, rewrites }'
}

turn=0
while [ "$turn" -lt "$turns" ]; do
  run ours "$program" --run=nboyer --warmups=1 \
    --param=n="$n"
  run guile guile --no-auto-compile -c "(load-compiled \"nboyer.go\")
    ((@ (nboyer) main) $n 1)"
  run ecl ecl --norc --eval "(progn (load \"nboyer.fas\") (main $n 1) (quit))"
  turn=$((turn + 1))
done | awk '
  function add(name, value,   k) {
    for (k = ++count[name]; k > 1 && values[name, k - 1] > value; k--)
      values[name, k] = values[name, k - 1]
    values[name, k] = value
  }
  function show(name, format,   n) {
    n = count[name]
    printf "%-12s " format " (" format " - " format ")\n", name,
           values[name, int((n + 1) / 2)], values[name, 1], values[name, n]
  }
  NR > 1 && $3 != rewrites { print "other rewrites: " $0; exit failed = 1 }
  { rewrites = $3; add($1 " ms", $2) }
  $1 == "ours" { ours = $2 }
  $1 != "ours" { add($1 "/ours", $2 / ours) }
  END {
    if (failed)
      exit 1
    show("ours ms", "%.0f"); show("guile ms", "%.0f"); show("ecl ms", "%.0f")
    show("guile/ours", "%.2f"); show("ecl/ours", "%.2f")
  }'
