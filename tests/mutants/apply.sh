#!/bin/sh
# SPDX-License-Identifier: MIT
# Every mutant still fits the tree, and says what mutants.sh has to know.
# usage: apply.sh    from the root of the tree
set -u
failed=0
for mutant in tests/mutants/*.patch; do
  patch --dry-run -s -f -p1 <"$mutant" || { echo "$mutant does not fit" && failed=1; }
  for key in Collector Broken Targets Tests; do
    grep -q "^$key: ." "$mutant" || { echo "$mutant has no $key" && failed=1; }
  done
done
exit $failed
