#!/bin/sh
# SPDX-License-Identifier: MIT
# Is every seeded bug noticed? Each patch beside this script breaks one thing;
# its first lines say in which collector and what, what has to be built, which
# tests must fail, and in which preset where that is not release. They must pass
# without it. Fails if a mutant lives on.
# usage: mutants.sh FOLDER [MUTANT...]    from the root of the tree
# FOLDER is emptied: it gets a copy of the tree, and the builds.
set -eu
folder=${1:?usage: mutants.sh FOLDER [MUTANT...]} root=$PWD
shift
[ $# -gt 0 ] || set -- $(ls tests/mutants/*.patch | sed 's|.*/||; s|\.patch$||')
log=$(mktemp)
trap 'rm -f "$log"' EXIT

rm -rf "$folder"
mkdir -p "$folder/tree"
tests/support/copy_tree.sh "$folder/tree"
cd "$folder/tree"

patch_of() { echo "$root/tests/mutants/$1.patch"; }
says() { # mutant, key
  sed -n "s/^$2: //p; /^---/q" "$(patch_of "$1")"
}
preset_of() {
  preset=$(says "$1" Preset)
  echo "${preset:-release}"
}

# $mutant, which is in the tree or not yet. A test that hangs has failed.
build() {
  preset=$(preset_of "$mutant")
  [ -d "../$preset" ] || cmake --preset "$preset" -B "../$preset" >"$log"
  # shellcheck disable=SC2046
  cmake --build "../$preset" -j "$(nproc)" --target $(says "$mutant" Targets) \
    >"$log" 2>&1 && return
  cat "$log"
  exit 2
}
tests_run() {
  ctest --test-dir "../$preset" -R "$(says "$mutant" Tests)" --timeout 60 \
    --no-tests=error --stop-on-failure >"$log" 2>&1
}
first_failed() { # and how, if it took too long
  sed -n '/tests FAILED/{n;s/^[^-]*- //;s/ (Failed)//;s/ (Subprocess aborted)//;p;q;}' "$log"
}

for mutant; do
  build
  tests_run || { echo "$(first_failed) fails without $mutant" && exit 2; }
done

lives_on=0
printf '%-22s %-9s %-32s %s\n' mutant collector 'caught by' seconds
for mutant; do
  patch -s -p1 <"$(patch_of "$mutant")"
  build
  begun=$(date +%s)
  if tests_run; then
    caught='NOTHING' lives_on=1
  else
    caught=$(first_failed)
  fi
  printf '%-22s %-9s %-32s %s\n' "$mutant" "$(says "$mutant" Collector)" \
    "$caught" $(($(date +%s) - begun))
  patch -s -R -p1 <"$(patch_of "$mutant")"
done
exit $lives_on
