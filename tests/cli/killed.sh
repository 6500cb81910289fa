#!/bin/sh
# SPDX-License-Identifier: MIT
# Kills a campaign outright at random moments and goes on with it each time: no
# row may be lost, doubled, changed or half-written, here or in pauses.csv.
# usage: killed.sh KILLS MOST SEED SWEEPSTAKES OPTION...
#   MOST: the seconds within which a kill falls; OPTION: of `run`
set -u
kills=$1 most=$2 seed=$3 program=$4
shift 4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
campaign=$folder/results/killed
runs=$campaign/runs.csv
pauses=$campaign/pauses.csv
sure=$folder/sure # the whole rows of runs.csv, as they were one kill before
: >"$sure"

fail() {
  echo "seed $seed, kill $kill: $*"
  tail -n 5 "$folder/words"
  exit 1
}

# Before its plan is written there is no campaign to go on with.
go_on() {
  [ ! -e "$campaign/plan.txt" ] || set -- "$@" --resume
  exec "$program" run --results "$folder/results" --campaign killed "$@" \
    >"$folder/table" 2>"$folder/words"
}

rows_compare() {
  [ -e "$runs" ] || return
  head -c "$(stat -c %s "$sure")" "$runs" | cmp -s - "$sure" ||
    fail "a row is lost or changed"
  head -n "$(wc -l <"$runs")" "$runs" >"$sure"
}

# A run that outlived its campaign could write into the next one's files.
run_lives() {
  grep -qsa -- "[-]-record=$campaign/" /proc/[0-9]*/cmdline
}

hits=0
kill=0
for moment in $(awk -v seed="$seed" -v n="$kills" -v most="$most" \
  'BEGIN { srand(seed); while (n-- > 0) print most * rand() }'); do
  kill=$((kill + 1))
  go_on "$@" &
  sleep "$moment"
  kill -KILL $! 2>/dev/null || break # a fast machine: it has ended
  hits=$((hits + 1))
  wait $! 2>/dev/null
  ! run_lives || sleep 1
  ! run_lives || fail "its run lives on"
  rows_compare
done
done=$(grep -c "^[0-9]" "$sure")
[ $hits -ge $((kills / 3)) ] || fail "it had ended before: it takes more blocks"
[ "$done" -ge $((kills / 3)) ] || fail "only $done runs were done: later kills"

(go_on "$@") || fail "it does not reach its end"
rows_compare
planned=$(sed -n 's/^[0-9]* of \([0-9]*\) runs in .*/\1/p' "$folder/words")
awk -F, -v planned="$planned" -v path="$runs" '
  function fail(what) {
    if (++failed < 10) print FILENAME ", line " FNR ": " what
  }
  FNR == 1 {
    fields = NF
    for (i = 1; i <= NF; i++) at[$i] = i
    next
  }
  NF != fields || !/\r$/ { fail("half a row") }
  FILENAME == path {
    if ($3 in has) fail("run " $3 " is there twice")
    has[$3] = 1
    expected[$3] = $at["pause_count"]
    rows++
    next
  }
  !($1 in has) { fail("run " $1 " has no row") }
  found[$1]++ > 0 && $2 != last[$1] + 1 {
    fail("pause " $2 " of run " $1 " is out of its place")
  }
  { last[$1] = $2 }
  END {
    if (rows != planned) fail(rows " rows for " planned " runs")
    for (run in has)
      if (expected[run] != found[run] + 0)
        fail("run " run " has " found[run] + 0 " of " expected[run] " pauses")
    exit failed > 0
  }' "$runs" "$pauses" || fail "that is not what should be there"
echo "$hits kills; $done of $planned runs were done between them"
