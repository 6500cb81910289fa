#!/bin/sh
# SPDX-License-Identifier: MIT
# The benefit of immortal integers: threads take and drop the same small
# integers, in turn immortal and counted. The ratio is taken within a turn.
# Prints its median over turns with minimum and maximum, and the medians of both
# times.
#
# Usage: boxing.sh PROGRAM [TURNS [THREADS]]    PROGRAM is sweepstakes-<collector>
set -eu
program=${1:?usage: boxing.sh PROGRAM [TURNS [THREADS]]}
turns=${2:-5}
threads=${3:-4}

# nanoseconds for one integer on one thread, with `mortal` 0 or 1
take() {
  "$program" --run=boxing --size=quick --threads="$threads" --warmups=2 \
    --param=small=100 --param=mortal="$1" |
    awk -v threads="$threads" '
      $1 == "wall_ns" { wall = $2 } $1 == "ops" { ops = $2 }
      END { if (!ops) exit 1; print wall * threads / ops }'
}

turn=0
while [ "$turn" -lt "$turns" ]; do
  immortal=$(take 0)
  mortal=$(take 1)
  echo "$immortal $mortal"
  turn=$((turn + 1))
done | awk -v name="$(basename "$program")" -v threads="$threads" '
  function insert(values, n, v,   k) {
    for (k = n; k > 1 && values[k - 1] > v; k--) values[k] = values[k - 1]
    values[k] = v
  }
  {
    n++
    insert(immortal, n, $1)
    insert(mortal, n, $2)
    insert(ratio, n, $1 / $2)
  }
  END {
    half = int((n + 1) / 2)
    printf "%s, %d threads: immortal %.2f ns, mortal %.2f ns, " \
           "ratio %.3f (%.3f - %.3f)\n", name, threads, immortal[half],
           mortal[half], ratio[half], ratio[1], ratio[n]
  }'
