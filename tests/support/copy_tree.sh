#!/bin/sh
# SPDX-License-Identifier: MIT
# Copies the files that belong to the tree into an empty folder: what a test may
# change and build. Exit status 77: nobody knows which they are.
# usage: copy_tree.sh FOLDER    from the root of the tree
set -eu
[ -e .git ] || exit 77
git ls-files -co --exclude-standard | while read -r file; do
  [ ! -e "$file" ] || echo "$file"
done | tar -c -T - | tar -x -C "$1"
