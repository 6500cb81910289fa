#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/code-index.md names each source file once, and none that is gone, on a
# line like "- `path`: what it is" or, for those that belong together,
# "- `path`, `path`: what they are".
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
