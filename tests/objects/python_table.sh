#!/bin/sh
# SPDX-License-Identifier: MIT
# Each row of the table in docs/python.md names tests, each is there, and no
# behaviour or test of CPython that the objects owe is left out.
# usage: python_table.sh [PAGE]
set -u
page=${1:-docs/python.md}
failed=0

say() {
  echo "$*"
  failed=1
}

# I-5 and W-1, W-5, W-7 are what Python's language needs and no memory manager.
owed=$(
  printf 'I-%s\n' 1 2 3 4 6 8
  seq -f 'R-%g' 5
  seq -f 'G-%g' 4
  seq -f 'A-%g' 15
  seq -f 'F-%g' 6
  printf 'W-%s\n' 2 3 4 6
  seq -f 'T-%02g' 54
)
for row in $owed; do
  grep -q "^| $row |" "$page" || say "no row $row"
done

# row, file, test: one line for each test that is named; "-" where none is
names=$(awk -F'|' '
  /^\| [A-Z]-[0-9]+ / {
    row = $2
    gsub(/ /, "", row)
    if ($6 !~ /`[a-z_\/]+: [a-z_0-9]+`/) print row, "-", "-"
    n = split($6, all, ",")
    for (i = 1; i <= n; i++) {
      gsub(/[` ]/, "", all[i])
      if (split(all[i], part, ":") == 2) print row, part[1], part[2]
    }
  }' "$page")

while read -r row file test; do
  case $file in
  -) say "$row names no test" && continue ;;
  */*) path=tests/$file.c ;;
  *) path=tests/objects/$file.c ;;
  esac
  grep -qE "_test(_setup_teardown)?\($test[,)]|\.name = \"$test\"" "$path" ||
    say "$row: $path has no $test"
done <<END
$names
END
exit $failed
