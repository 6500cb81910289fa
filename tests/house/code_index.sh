#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/code-index.md has one line for each source file, "- `path`: what it is",
# and none for a file that is gone.
. "$(dirname "$0")/sources.sh"

lists=$(mktemp -d)
trap 'rm -r "$lists"' EXIT
source_files | sort >"$lists/tree"
sed -n 's/^- `\([^`]*\)`: ..*/\1/p' docs/code-index.md | sort >"$lists/index"

{
  comm -23 "$lists/tree" "$lists/index" | uniq |
    sed 's/$/: no line in docs\/code-index.md/'
  comm -13 "$lists/tree" "$lists/index" |
    sed 's/$/: docs\/code-index.md has a line too many for it/'
} | report
