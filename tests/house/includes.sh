#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the include graph. It must have no cycle, neither of files nor of
# folders, and a folder may include only files of the folders that it may see;
# the table `may` below lists them. In bench/ and collectors/, each subfolder
# counts as a folder of the graph. In the folder of a collector, <collector.h>
# is the file of that collector. Elsewhere it stands for the files of all
# collectors.
. "$(dirname "$0")/sources.sh"

edges=$(mktemp)
folders=$(mktemp)
trap 'rm -f "$edges" "$folders"' EXIT

# from, to, and "chosen" where a program's collector decides what is included:
# one line for each include of a file of ours
code_files | xargs awk -v collectors="$(ls -d collectors/*/collector.h)" '
  match($0, /^[ \t]*#[ \t]*include[ \t]*["<][^">]*[">]/) {
    kind = $0 ~ /include[ \t]*</ ? "<" : "\""
    name = $0
    sub(/^[^"<]*["<]/, "", name)
    sub(/[">].*/, "", name)
    if (name == "collector.h" &&
        FILENAME ~ /^collectors\/[^\/]*\// && FILENAME !~ /\/shared\//) {
      own = FILENAME
      sub(/[^\/]*$/, "collector.h", own)
      print FILENAME, own
    } else if (name == "collector.h") {
      n = split(collectors, all, "\n")
      for (i = 1; i <= n; i++) print FILENAME, all[i], "chosen"
    } else if (kind == "\"") {
      print FILENAME, name
    }
  }' >"$edges"

{
  while read -r from to _; do
    [ -f "$to" ] || echo "$from includes \"$to\", which is not in the tree"
  done <"$edges"

  awk -v folders="$folders" '
    BEGIN {
      # A folder, all that have its parent ("collectors", "bench"), or a file.
      may["heap"] = ""
      may["collectors/shared"] = "collectors/shared heap"
      may["collectors"] = "collectors/shared heap"
      may["objects"] = "heap"
      may["workloads"] = "objects heap"
      may["examples"] = "objects heap"
      may["tests"] = "bench workloads objects collectors collectors/shared heap"
      # The front end links no collector, so it includes no collector code.
      may["bench/base"] = ""
      may["bench/shim"] = ""
      may["bench/stats"] = "bench/base"
      may["bench/plan"] = "bench/stats bench/base workloads/random.h"
      may["bench/rows"] = "bench/plan bench/stats bench/base"
      may["bench/race"] = "bench/rows " may["bench/rows"]
      may["bench/plot"] = may["bench/race"]
      may["bench/report"] = "bench/plot " may["bench/plot"]
      may["bench/front"] = "bench/report bench/race " may["bench/report"]
      may["bench/runner"] = "bench/shim bench/stats bench/base workloads heap"
      may["bench/micro"] = "bench/runner " may["bench/runner"]
      may["bench/peers"] = "workloads objects heap"
      # What programs are written against, and what they are measured by.
      interface["heap/sweepstakes.h"]
    }
    function parent(folder) {
      sub(/\/[^\/]*$/, "", folder)
      return folder
    }
    function folder_of(path,  part, count) {
      count = split(path, part, "/")
      if (part[1] !~ /^(bench|collectors)$/ || count < 3) return part[1]
      if (part[2] != "shared" || count < 4) return part[1] "/" part[2]
      return part[1] "/" part[2] "/" part[3]
    }
    function may_see(from, to, path,  list) {
      list = " " (from in may ? may[from] : may[parent(from)]) " "
      return from == to || index(list, " " to " ") || index(list, " " path " ") ||
        (to ~ /\// && index(list, " " parent(to) " "))
    }
    {
      from = folder_of($1)
      to = folder_of($2)
      if ($3 == "chosen" &&
          ($1 == "heap/sweepstakes.h" || from ~ /^collectors\/shared/)) next
      if (from != to)
        print from, to >folders
      if (!may_see(from, to, $2))
        print $1 " includes " $2 ": " from " may not see " to
      else if ((from ~ /^(workloads|objects|examples)$/) && to == "heap" &&
               !($2 in interface))
        print $1 " includes " $2 ": " from " sees heap/sweepstakes.h alone"
      else if (from == "heap" && $2 in interface)
        print $1 " includes " $2 ": it is compiled once, for all collectors"
    }' "$edges"

  for graph in "$edges" "$folders"; do
    cut -d ' ' -f 1,2 "$graph" | tsort 2>&1 >/dev/null |
      sed 's/^tsort: -: //; s/^tsort: //'
  done
} | report
