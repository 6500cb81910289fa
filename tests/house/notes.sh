#!/bin/sh
# SPDX-License-Identifier: MIT
# A long argument is written once, below a line that contains only
# "Note [Its name]". Other comments cite it by that name. Checks that each cited
# Note exists, and that no two Notes have the same name.
. "$(dirname "$0")/sources.sh"

source_files | grep -v '^tests/house/' | xargs awk '
  function lone(line) { return line ~ /^[ \t\/*#]*Note \[[^]]+\]$/ }
  function tag(text) {
    sub(/.*Note \[/, "", text)
    sub(/\].*/, "", text)
    return text
  }
  FNR == 1 { open = "" }
  lone($0) {
    name = tag($0)
    if (name in defined)
      print FILENAME ":" FNR ": Note [" name "] stands in " defined[name] " too"
    defined[name] = FILENAME
    open = ""
    next
  }
  {
    # A citation may be broken over two lines.
    line = $0
    sub(/^[ \t\/*#]+/, "", line)
    text = open " " line
    open = ""
    while (match(text, /Note \[[^]]*\]/)) {
      name = tag(substr(text, RSTART, RLENGTH))
      cited[name] = FILENAME ":" FNR
      text = substr(text, RSTART + RLENGTH)
    }
    if (text ~ /Note( \[[^]]*)?$/) open = text
  }
  END {
    for (name in cited)
      if (!(name in defined))
        print cited[name] ": there is no Note [" name "]"
  }' | report
