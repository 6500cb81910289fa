#!/bin/sh
# SPDX-License-Identifier: MIT
# Copies the source tree into an empty folder, where a test may change and build
# it. Exit status 77: this is not a git work tree, so its files are not known.
# usage: copy_tree.sh FOLDER    from the root of the tree
set -eu
[ -e .git ] || exit 77
git ls-files -co --exclude-standard | while read -r file; do
  [ ! -e "$file" ] || echo "$file"
done | tar -c -T - | tar -x -C "$1"
