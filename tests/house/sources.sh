# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2046
# Sourced by the checks in this folder. Each check takes the root of a tree as
# its first argument, prints one line for each fault, and fails if it has found
# any.

root=${1:?usage: $0 ROOT}
cd "$root" || exit 2

folders() {
  for folder in heap objects collectors workloads bench examples models tests; do
    [ -d $folder ] && echo $folder
  done
}

# Files that the compilers read.
code_files() {
  find $(folders) -name '*.[ch]' -o -name '*.cc' -o -name '*.hpp' | sort
}

# Files that are written by hand and have comments.
source_files() {
  code_files
  find $(folders) cmake .ci -name '*.sh' -o -name '*.py' -o -name '*.cmake' \
    -o -name '*.pml' -o -name '*.R' -o -name CMakeLists.txt -o -path .ci/run 2>/dev/null | sort
  ls Makefile CMakeLists.txt 2>/dev/null
}

# Reads faults; fails if there was one.
report() {
  awk '{ print } END { exit NR > 0 }'
}
