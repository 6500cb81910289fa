#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the runtime of docs/embedding.md away from the tree, and runs programs
# with every word of its language.
# usage: embedding.sh PREFIX LIBRARY CC    LIBRARY: gen, gen-debug, …
set -eu
page=$(cd "$(dirname "$0")/../.." && pwd)/docs/embedding.md
library=$2
PKG_CONFIG_PATH=$(dirname "$(find "$1" -name "sweepstakes-$library.pc")")
export PKG_CONFIG_PATH
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH") # shared libraries
export LD_LIBRARY_PATH
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
cd "$away"
awk '/^```c pico.c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' \
  "$page" >pico.c
# shellcheck disable=SC2046
$3 -O2 -Wall -Wextra -Wno-unused-parameter -Werror pico.c -o pico \
  $(pkg-config --cflags --libs "sweepstakes-objects-$library")

fail() {
  echo "embedding.sh: $1" >&2
  cat said >&2
  exit 1
}
runs() { # threads, program, what each thread prints
  ./pico "$1" "$2" >said 2>&1 || fail "'$2': status $?"
  [ "$(sort -u said)" = "$3" ] || fail "'$2' did not print '$3'"
  [ "$(wc -l <said)" = "$1" ] || fail "'$2': a thread printed nothing"
}
fails() { # program, sentence
  status=0
  ./pico 2 "$1" >said 2>&1 || status=$?
  [ $status = 1 ] && grep -q "^pico: $2" said ||
    fail "'$1': status $status, not \"$2\""
}
# Repeats words.
repeat() { # count, words
  awk -v n="$1" -v words="$2" 'BEGIN { while (n-- > 0) printf "%s ", words }'
}

runs 4 '20 22 + .' 42
runs 4 '"hello =a :a .' hello
runs 4 '[ "hello note noted .' hello
runs 4 '[ 7 note noted .' 7
runs 4 '[ noted .' none
runs 1 '[ =a :a 7 note :a 1 , 2 , 3 , noted .' 7
runs 2 '"true sh .' 0
runs 4 "[ $(repeat 2000 '1 , "two ,') ." list
runs 4 "$(repeat 200 '[ [ , [ =b :b note =a') 1 ." 1
case $library in
  none*) fails "$(repeat 300 '1024 buffer =a')" 'no memory for a buffer' ;;
  *) runs 4 "$(repeat 300 '1024 buffer =a') 1 ." 1 ;;
esac
fails '[ [ noted note' 'a note needs a value'
fails '1 +' 'the stack is empty'
fails '1 [ +' 'this word needs a number'
fails '1 "text ,' 'this word needs another object'
fails '1 2 plus' 'there is no such word'
