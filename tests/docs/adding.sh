#!/bin/sh
# SPDX-License-Identifier: MIT
# Does what a page says, in a copy of the tree: writes its blocks into the files
# that they name, then runs its commands. A block begins with
#   ```LANGUAGE PATH               all of a new file
#   ```LANGUAGE PATH after TEXT    lines that go behind the first one with TEXT
#   ```sh                          commands for the root of the tree
# usage: adding.sh PAGE    from the root of the tree
set -eu
page=$PWD/${1:?usage: adding.sh PAGE}
tree=$(mktemp -d)
trap 'rm -rf "$tree" "$tree.sh"' EXIT
tests/support/copy_tree.sh "$tree"
cd "$tree"

awk -v page="${page##*/}" -v commands="$tree.sh" '
  function fail(what) {
    print page ": " what
    exit failed = 1
  }
  function file_create() {
    if ((getline line <path) >= 0) fail(path " is there already")
    system("mkdir -p \"$(dirname " path ")\"")
    printf "%s", text >path
    close(path)
  }
  function file_insert(  all, found) {
    while ((getline line <path) > 0) {
      all = all line "\n"
      if (!found && index(line, after)) {
        all = all text
        found = 1
      }
    }
    close(path)
    if (!found) fail(path " has no line with \"" after "\"")
    printf "%s", all >path
    close(path)
  }
  /^```/ && !inside {
    inside = 1
    path = $2
    after = index($0, " after ") ? substr($0, index($0, " after ") + 7) : ""
    text = ""
    next
  }
  /^```$/ {
    inside = 0
    if (path == "") printf "%s", text >commands
    else if (after == "") file_create()
    else file_insert()
    next
  }
  inside { text = text $0 "\n" }
  END { exit failed }' "$page"
sh -eux "$tree.sh"
