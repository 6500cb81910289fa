#!/bin/sh
# SPDX-License-Identifier: MIT
# Plays a transcript of the command line and compares what is printed.
# usage: transcript.sh BUILD FILE
#
#   # a remark
#   $ command
#   > its next line
#   what it prints, stdout and stderr together
#   any{*}text in a line
#   {...}                any lines, as few as will do
#   {exit 2}             the exit status, where it is not 0
#
# Carriage returns, which end the lines of CSV files, are not compared.
#
# Commands run one after the other in a folder that is new and empty but for
# fake/, which has fake-runner.sh as the runner of every collector. The build
# comes first in PATH; $source is the root of the tree.
set -u
build=$(cd "$1" && pwd)
transcript=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

mkdir -p "$folder/play/fake" "$folder/steps"
for runner in "$build"/sweepstakes-*; do
  cp "$here/fake-runner.sh" "$folder/play/fake/$(basename "$runner")"
done
PATH=$build:$PATH
source=$here/../..
export PATH source

# steps/N.sh is a command, steps/N.expected what follows it. Empty lines before
# the next command belong to neither.
awk -v steps="$folder/steps" '
  /^# / || /^#$/ { next }
  /^\$ / {
    n++
    empty = ""
    base = sprintf("%s/%03d", steps, n)
    printf "" >(base ".expected")
    print substr($0, 3) >(base ".sh")
    print NR >(base ".line")
    next
  }
  n == 0 { next }
  /^> / { print substr($0, 3) >(base ".sh"); next }
  /^$/ { empty = empty "\n"; next }
  {
    printf "%s%s\n", empty, $0 >(base ".expected")
    empty = ""
  }
' "$transcript"

# Says where two texts first differ; the second has patterns.
compare() {
  awk -v expected="$2" '
    function pattern(text) {
      gsub(/[][\\.^$*+?(){}|]/, "\\\\&", text)
      gsub(/\\\{\\\*\\\}/, ".*", text)
      return "^" text "$"
    }
    function fail(found) {
      print "  expected: " (i <= n ? want[i] : "nothing more")
      print "  found:    " found
      failed = 1
      exit 1
    }
    BEGIN {
      while ((getline line <expected) > 0) want[++n] = line
      i = 1
    }
    {
      while (1) {
        if (i <= n && want[i] == "{...}") { skips = 1; i++; continue }
        if (i <= n && $0 ~ pattern(want[i])) { i++; skips = 0; next }
        if (skips) next
        fail($0)
      }
    }
    END {
      if (failed) exit 1
      while (i <= n && want[i] == "{...}") i++
      if (i <= n) fail("the end")
    }' "$1"
}

failed=0
for step in "$folder"/steps/*.sh; do
  base=${step%.sh}
  wanted=$(sed -n 's/^{exit \([0-9]*\)}$/\1/p' "$base.expected")
  sed '/^{exit [0-9]*}$/d' "$base.expected" >"$base.wanted"
  (cd "$folder/play" && sh "$step") </dev/null >"$base.raw" 2>&1
  status=$?
  tr -d '\r' <"$base.raw" >"$base.output"
  if [ $status -ne "${wanted:-0}" ]; then
    echo "  expected: exit status ${wanted:-0}"
    echo "  found:    exit status $status"
    differs=1
  else
    differs=0
  fi
  compare "$base.output" "$base.wanted" || differs=1
  if [ $differs -ne 0 ]; then
    echo "$(basename "$transcript"), line $(cat "$base.line"):"
    sed 's/^/  $ /' "$step"
    sed 's/^/  | /' "$base.output"
    failed=1
  fi
done
exit $failed
