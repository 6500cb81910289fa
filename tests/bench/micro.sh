#!/bin/sh
# SPDX-License-Identifier: MIT
# Measures the single operations of a collector, on one thread and two. The
# table must have all its rows.
# usage: micro.sh BUILD COLLECTOR
set -eu
table=$("$1/sweepstakes-$2" --micro)
for row in 'new node into a root' 'copy a root' gc_get gc_set gc_safepoint \
  'unshared, 2 threads' harness; do
  case $table in
  *"$row"*) ;;
  *)
    echo "micro.sh: no row has \"$row\":" >&2
    echo "$table" >&2
    exit 1
    ;;
  esac
done
