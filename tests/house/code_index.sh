#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that docs/code-index.md names each source file exactly once, and no
# file that does not exist. Its lines have the form "- `path`: what it is" or,
# for files that belong together, "- `path`, `path`: what they are".
. "$(dirname "$0")/sources.sh"

lists=$(mktemp -d)
trap 'rm -r "$lists"' EXIT
source_files | sort >"$lists/tree"
sed -n 's/^- \(`[^:]*`\): ..*/\1/p' docs/code-index.md | tr -d '`' |
  tr -s ', ' '\n' | sort >"$lists/index"

{
  comm -23 "$lists/tree" "$lists/index" |
    sed 's/$/: not in docs\/code-index.md/'
  comm -13 "$lists/tree" "$lists/index" |
    sed 's/$/: in docs\/code-index.md once too often/'
} | report
