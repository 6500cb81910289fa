#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares the code on a page with the files of the tree. A block that begins
# with
#   ```LANGUAGE PATH
# is the whole file if it is a C file. Otherwise the file must have the lines of
# the block, one after the other.
# usage: same.sh PAGE    from the root of the tree
set -eu
page=${1:?usage: same.sh PAGE}

awk -v page="$page" '
  function file_text(path,  line, all) {
    while ((getline line <path) > 0) all = all line "\n"
    close(path)
    return all
  }
  /^```/ && !inside {
    inside = 1
    path = $2
    text = ""
    next
  }
  /^```$/ {
    inside = 0
    if (path == "") next
    blocks++
    all = file_text(path)
    if (path ~ /\.[ch]$/ ? text != all : !index("\n" all, "\n" text)) {
      print page ": the block of " path " is not what the file has"
      failed = 1
    }
    next
  }
  inside { text = text $0 "\n" }
  END {
    if (!blocks) print page ": no block names a file"
    exit failed || !blocks
  }' "$page"
