#!/bin/sh
# SPDX-License-Identifier: MIT
# The check of docs/python.md detects a missing row, a row without a test, and a
# test that does not exist.
page=$(mktemp)
trap 'rm -f "$page"' EXIT
failed=0

# how to change the page, the expected message
expect() {
  sed "$1" docs/python.md >"$page"
  tests/objects/python_table.sh "$page" 2>&1 | grep -qF "$2" && return
  echo "not noticed: $2"
  failed=1
}

expect '/^| T-20 /d' 'no row T-20'
expect '/^| T-11 /s/`[^`]*`/none/' 'T-11 names no test'
expect 's/short_strings_are_shared/no_such_test/' \
  'I-2: tests/objects/strs.c has no no_such_test'
exit $failed
