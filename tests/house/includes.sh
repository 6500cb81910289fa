#!/bin/sh
# SPDX-License-Identifier: MIT
# The include graph has no cycle and points one way: to the layers that a
# folder may see. <collector.h> stands for the one of every collector.
. "$(dirname "$0")/sources.sh"

edges=$(mktemp)
trap 'rm -f "$edges"' EXIT

# from, to: one line for each include of a file of ours
code_files | xargs awk -v collectors="$(ls -d collectors/*/collector.h)" '
  match($0, /^[ \t]*#[ \t]*include[ \t]*["<][^">]*[">]/) {
    kind = $0 ~ /include[ \t]*</ ? "<" : "\""
    name = $0
    sub(/^[^"<]*["<]/, "", name)
    sub(/[">].*/, "", name)
    if (name == "collector.h") {
      n = split(collectors, all, "\n")
      for (i = 1; i <= n; i++) print FILENAME, all[i]
    } else if (kind == "\"") {
      print FILENAME, name
    }
  }' >"$edges"

{
  while read -r from to; do
    [ -f "$to" ] || echo "$from includes \"$to\", which is not in the tree"
  done <"$edges"

  awk '
    BEGIN {
      may["heap"] = " heap "
      may["collectors"] = " collectors heap "
      may["objects"] = " objects heap "
      may["workloads"] = " workloads objects heap "
      may["examples"] = " examples objects heap "
      may["bench"] = " bench workloads objects heap "
      may["tests"] = " tests bench workloads objects collectors heap "
      # What programs are written against, and what they are measured by.
      interface["heap/sweepstakes.h"]
    }
    function folder(path) { return substr(path, 1, index(path, "/") - 1) }
    {
      from = folder($1)
      to = folder($2)
      if ($1 == "heap/sweepstakes.h" && $2 ~ /\/collector\.h$/) next
      if (index(may[from], " " to " ") == 0)
        print $1 " includes " $2 ": " from " may not see " to
      else if ((from ~ /^(workloads|objects|examples)$/) && to == "heap" &&
               !($2 in interface))
        print $1 " includes " $2 ": " from " sees heap/sweepstakes.h alone"
      else if (from == "heap" && $2 in interface)
        print $1 " includes " $2 ": it is compiled once, for all collectors"
    }' "$edges"

  tsort "$edges" 2>&1 >/dev/null | sed 's/^tsort: -: //; s/^tsort: //'
} | report
