#!/bin/sh
# SPDX-License-Identifier: MIT
# Each row of the table in docs/python.md names tests, and each is there.
awk -F'|' '
  /^\| behaviour/ { inside = 1; getline; next }
  !inside || !/^\|/ { next }
  $5 !~ /`[a-z]+: [a-z_0-9]+`/ { print "no test:" $2; failed = 1; next }
  {
    count = split($5, names, ",")
    for (i = 1; i <= count; i++) {
      gsub(/[` ]/, "", names[i])
      split(names[i], part, ":")
      file = "tests/objects/" part[1] ".c"
      if (system("grep -q \"objects_test(" part[2] ")\" " file) != 0) {
        print file " has no " part[2]
        failed = 1
      }
    }
    rows++
  }
  END { exit failed || rows == 0 }' docs/python.md
