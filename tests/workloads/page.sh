#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/workloads.md has a paragraph for each workload, with all its parameters,
# and for nothing else.
#
# Usage: page.sh RUNNER    from the root of the tree
set -eu
runner=${1:?usage: page.sh RUNNER}
"$runner" --describe | awk -F '\t' -v page=docs/workloads.md '
  # A paragraph is of the workload whose name stands in front in bold.
  BEGIN {
    while ((getline line < page) > 0) {
      if (match(line, /^\*\*`[a-z_]+`\*\*/))
        of = substr(line, 4, RLENGTH - 6)
      else if (line == "" || line ~ /^#/)
        of = ""
      if (of != "")
        text[of] = text[of] " " line
    }
  }
  $1 == "workload" {
    known[$2] = 1
    if (!($2 in text)) { print page ": nothing of " $2; bad = 1 }
  }
  $1 == "param" && index(text[$2], "`" $3 "`") == 0 {
    print page ": nothing of the parameter " $3 " of " $2; bad = 1
  }
  END {
    for (of in text)
      if (!(of in known)) { print page ": there is no " of; bad = 1 }
    exit bad
  }'
