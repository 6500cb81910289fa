#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes one call of a program fail: the first of its kind, in another process
# the second, until the program makes no more. Each time the program must end
# with a documented status, not by a signal. If it succeeds, no result may be
# missing. If it fails, its last line must report the failure, and the work can
# be repeated without loss.
# usage: refused.sh BUILD LIBRARY SCENE [STEP]
#   LIBRARY  refuse.c, as one that can be preloaded
#   SCENE    see below
#   STEP     refuse only each STEPth call of a kind, of requests for memory
#            each that is due after five times as many, and of those that the
#            library behind `bdw` makes all
# With SENTENCES in the environment it prints what was said.
set -u
build=$(cd "$1" && pwd)
library=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
scene=$3
step=${4:-1}
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit

# --- scenes ---------------------------------------------------------------------
# Each scene does something, repeats the part that failed, and prints the final
# state without the parts that vary.

with= # words before the program
sweepstakes() {
  env $with "$build/sweepstakes" "$@"
}

race() {
  sweepstakes "$@" --bin-dir fake --collectors none,rc --workloads steady \
    --threads 1 --blocks 2 --machine box
}

# Which fields of each row are filled.
rows_shape() {
  tr -d '\r' <"$1" |
    awk -F, '{ for (i = 1; i <= NF; i++) printf "%d", $i != ""; print "" }'
}

# WHAT:ERRNO
calls='fork:11 dup2:24 execvp:13 memfd_create:24 open:24 flock:37 mkdir:28
  rename:28 fsync:5 ftruncate:5 lseek:29 write:28 stat:12 mmap:12 pread:5'
again() { act; }
clean() { :; }
shape() { cat out; }
program=sweepstakes
case $scene in
run)
  act() { race run --campaign c; }
  again() { race run --campaign c --resume || act; }
  clean() { rm -rf results/c; }
  shape() {
    rows_shape results/c/runs.csv
    rows_shape results/c/pauses.csv
    # Unknown properties of a machine are null there.
    sed -n 's/^ *\("[a-z_]*"\):.*/\1/p' results/c/environment.json
    cat results/c/plan.txt
  }
  ;;
merge)
  act() { sweepstakes merge --campaign c; }
  again() { test -e results/c/runs.csv || act; }
  clean() { rm -f results/c/*.*; }
  shape() { cat results/c/*.*; }
  ;;
table) act() { sweepstakes table done; } ;;
compare) act() { sweepstakes compare --campaign done --format csv; } ;;
export) act() { sweepstakes export rc --campaign done; } ;;
report)
  act() { sweepstakes report done; }
  clean() { rm -f results/done/*.html; }
  shape() { cat results/done/*.html; }
  ;;
runner-*)
  program=sweepstakes-${scene#runner-}
  act() {
    env $with "$build/$program" --run=rings --size=quick --param=rings=200 \
      --warmups=1 --threads=2 --record=record --pauses=pauses
  }
  clean() { rm -f record pauses; }
  # What no run lacks, and what none lacks without a word; other columns depend
  # on how long it took, or on what the system tells.
  shape() {
    grep -oE '^(status ok|exit_code 0|checksum .*|wall_ns|user_ns|ops|alloc_objects|pause_count|live_end)' \
      record
    for column in rss_peak rss_mean drag_byte_s calib_mem_ns; do
      grep -ohw $column record words | head -n 1
    done
  }
  calls='pthread_create:11 open:24 mmap:12 mallocx:12 mallctl:12 pread:5
    gc_mmap:12'
  ;;
*)
  echo "unknown scene '$scene'" >&2
  exit 2
  ;;
esac

prepare() {
  mkdir -p fake results
  for collector in none rc; do
    cp "$here/../cli/fake-runner.sh" "fake/sweepstakes-$collector"
  done
  case $scene in
  run | runner-*) ;;
  merge) race plan --campaign c >lines && sh -e lines ;;
  *) race run --campaign done ;;
  esac >/dev/null 2>&1
}

# --- one refusal after the other ------------------------------------------------

failed=0
wrong() { # what is wrong
  echo "$scene, $what, call $k, errno $error: $*; exit status $status"
  sed 's/^/  | /' words
  failed=1
}

# The system's message for $error.
cause() {
  case $error in
  5) echo Input/output error ;;
  11) echo Resource temporarily unavailable ;;
  12) echo Cannot allocate memory ;;
  13) echo Permission denied ;;
  24) echo Too many open files ;;
  28) echo No space left on device ;;
  29) echo Illegal seek ;;
  37) echo No locks available ;;
  esac
}

judge() {
  if [ "$status" -gt 9 ]; then
    wrong "no such exit status"
  elif [ "$status" -ne 0 ]; then
    # Google Benchmark looks at caches before main, and has words of its own.
    tail -n 1 words |
      grep -E '^(sweepstakes[a-z-]*: |Failed to read from file )...' >>sentences ||
      wrong "no sentence"
    # The C library's own message for lack of memory varies.
    told=$(sed -n '$s/.*: \([A-Z].*\)/\1/p' words)
    [ "${told:-$(cause)}" = "$(cause)" ] || [ "$what" = memory ] ||
      wrong "another cause"
    again >out 2>words.again || wrong "not done again: $(tail -n 1 words.again)"
  fi
  shape >found 2>&1
  diff expected found >lost || wrong "something is missing: $(head -n 4 lost)"
}

try() { # what, errno, step
  what=$1 error=$2 k=1
  while :; do
    rm -f sign
    clean
    with="LD_PRELOAD=$library REFUSE_IN=$program REFUSE_WHAT=$what"
    with="$with REFUSE_CALL=$k REFUSE_ERROR=$error REFUSE_SIGN=$folder/sign"
    act >out 2>words
    status=$?
    with=
    [ -e sign ] || return
    tried=$((tried + 1))
    judge
    k=$((k + $3))
  done
}

PATH=$build:$PATH
prepare && clean && act >out 2>words || {
  cat words
  echo "$scene does not work at all"
  exit 1
}
shape >expected
tried=0
for kind in $calls memory:12; do
  before=$tried
  case $kind in
  memory* | mallocx*) try ${kind%:*} ${kind#*:} $((step * 5 - 4)) ;;
  gc_mmap*) try ${kind%:*} ${kind#*:} 1 ;;
  *) try ${kind%:*} ${kind#*:} "$step" ;;
  esac
  echo "$scene, ${kind%:*}: $((tried - before)) refused"
done
if [ "$tried" -eq 0 ]; then
  echo "$scene was refused nothing: is $library there?"
  failed=1
fi
[ -z "${SENTENCES-}" ] || sort sentences | uniq -c
exit $failed
