#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds checked.c away from the tree with the checked flavour of a collector.
# Each broken rule must stop it with the sentence about this rule.
# usage: checked.sh PREFIX COLLECTOR CC
set -eu
here=$(cd "$(dirname "$0")" && pwd)
PKG_CONFIG_PATH=$(dirname "$(find "$1" -name "sweepstakes-$2-debug.pc")")
export PKG_CONFIG_PATH
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
cp "$here/checked.c" "$away"
cd "$away"
# shellcheck disable=SC2046
$3 -O2 -Wall -Wextra -Werror checked.c -o checked \
  $(pkg-config --cflags --libs "sweepstakes-$2-debug")
ulimit -c 0

expect() { # rule, sentence
  status=0
  ./checked "$1" >said 2>&1 || status=$?
  if [ $status -ne 134 ] || [ "$(grep -c ^sweepstakes: said)" -ne 1 ] ||
    ! grep -q "^sweepstakes: .*$2" said; then
    echo "checked.sh: $1: status $status, not \"$2\":" >&2
    cat said >&2
    exit 1
  fi
}
expect slot 'slot 2 of a "node", which has 2'
expect parked 'use of a parked mutator: call gc_unpark first'
expect detached 'use of a detached mutator'
expect root 'belongs to mutator 0, but mutator 1 uses it'
case $2 in
  moving) expect integer 'an integer or a wild pointer was stored' ;;
  *) expect integer '0x2c, stored as a reference, is an integer' ;;
esac
