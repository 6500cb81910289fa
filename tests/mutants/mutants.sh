#!/bin/sh
# SPDX-License-Identifier: MIT
# Is every seeded bug noticed? Each patch beside this script breaks one thing;
# its first lines say
#   Collector, Broken  where, and what
#   Targets            what has to be built
#   Tests              which are about it: one must fail, and pass without it
#   Preset             the build, where that is not release
#   Hangs: yes         one of them may also come to no end
# Fails if a mutant survives.
# usage: mutants.sh FOLDER [MUTANT...]    from the root of the tree
# FOLDER is emptied: it gets a copy of the tree, and the builds.
#
# The result must not depend on the speed of the machine. A test that takes too
# long without a mutant, or with a mutant that does not hang, gets more time,
# once. If that is not enough, the result is unknown and counts as a failure. A
# test that hangs with a mutant marked as hanging must end in the same time when
# the bug is removed.
set -u
folder=${1:?usage: mutants.sh FOLDER [MUTANT...]} root=$PWD
shift
[ $# -gt 0 ] || set -- $(ls tests/mutants/*.patch | sed 's|.*/||; s|\.patch$||')
export SHAKE_SECONDS=0 # ctest alone looks at the clock
patient=6

rm -rf "$folder"
mkdir -p "$folder/tree"
tests/support/copy_tree.sh "$folder/tree" || exit
cd "$folder/tree" || exit
log=$folder/log

patch_of() { echo "$root/tests/mutants/$1.patch"; }
says() { # mutant, key
  sed -n "s/^$2: //p; /^---/q" "$(patch_of "$1")"
}

# $mutant, which is in the tree or not yet.
build() {
  preset=$(says "$mutant" Preset)
  preset=${preset:-release}
  { [ -d "../$preset" ] || cmake --preset "$preset" -B "../$preset"; } \
    >"$log" 2>&1 &&
    cmake --build "../$preset" -j "$(nproc)" --target $(says "$mutant" Targets) \
      >"$log" 2>&1 && return
  cat "$log"
  exit 2
}
tests_of_it() {
  ctest --test-dir "../$preset" -N -R "$(says "$mutant" Tests)" |
    sed -n 's/^  Test *#[0-9]*: //p'
}
patience_set() { # how many times what tests may take
  cmake -D "SWEEPSTAKES_PATIENCE=$1" "../$preset" >"$log" 2>&1
}

# test: passes, fails or hangs, in $it
try() {
  ctest --test-dir "../$preset" -R "^$1\$" --no-tests=error \
    --output-on-failure >"$log" 2>&1 && it=passes && return
  it=fails
  ! grep -q '(Timeout)$' "$log" || it=hangs
}
try_patiently() { # test
  patience_set $patient
  try "$1"
  patience_set 1
}

# --- one after the other --------------------------------------------------------

bug_in() { patch -s -p1 <"$(patch_of "$mutant")" || exit 2; }
bug_out() { patch -s -R -p1 <"$(patch_of "$mutant")" || exit 2; }
may_hang() { [ "$(says "$mutant" Hangs)" = yes ]; }

# The first that fails is $caught; $slow are those that came to no end. Where
# that may be the bug's doing, one is enough.
tests_try() {
  tests=$(tests_of_it)
  [ -n "$tests" ] || { echo "$mutant has no tests" && exit 2; }
  for test in $tests; do
    try "$test"
    case $it in
    fails) caught=$test && return ;;
    hangs)
      slow="$slow $test"
      ! may_hang || return
      ;;
    esac
  done
}
slow_try_patiently() {
  for test in $slow; do
    try_patiently "$test"
    [ $it != fails ] || caught=$test
    [ $it != hangs ] || unknown="; $test is too slow"
  done
}

# Is it the bug, and nothing else?
passes_without() { # test
  try "$1"
  [ $it != hangs ] || may_hang || try_patiently "$1"
  [ $it = passes ] || unknown="; $1 $it without it too"
  [ $it = passes ]
}

lives_on=0
printf '%-26s %-9s %-40s %s\n' mutant collector 'caught by' seconds
for mutant; do
  caught='' slow='' unknown='' begun=$(date +%s)
  bug_in
  build
  tests_try
  [ -n "$caught" ] || may_hang || slow_try_patiently
  bug_out
  build
  if [ -n "$caught" ]; then
    passes_without "$caught" || caught=
  elif may_hang && [ -n "$slow" ]; then
    passes_without $slow && caught="$(echo $slow), hangs"
  fi
  [ -n "$caught" ] || lives_on=1
  printf '%-26s %-9s %-40s %s\n' "$mutant" "$(says "$mutant" Collector)" \
    "${caught:-NOTHING$unknown}" $(($(date +%s) - begun))
done
exit $lives_on
