#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the suite in a build that counts lines. Prints the covered fraction of
# lines and branches for each file and each folder, and the lines of heap/ and
# collectors/ that were missed. A source that is compiled for several
# collectors counts once: a line is covered if one of them executes it. Counts
# of an earlier run are deleted.
# usage: coverage.sh BUILD [ctest's arguments…]
#
# Some tests are left out: tests that build separate trees, check only text, or
# soak; tests that kill their programs, because killed programs write no counts;
# and tests that limit the size of files, because the limit applies to the files
# with the counts, too. Counting makes all tests many times slower. So tests run
# under stress only on rc-cycle, gen and moving, which cover the code of the
# other collectors, and random tests do a fifth of their work. With
# SWEEPSTAKES_SCALE=1 they do all of it.
set -u
build=${1:?usage: coverage.sh BUILD [arguments for ctest]}
shift
cd "$(dirname "$0")/../.." || exit
html=$build/coverage

find "$build" -name '*.gcda' -delete
leave_out='^(docs|house|install|models|mutants)/|^stress/soak'
leave_out=$leave_out'|^cli/(full|unwritten|killed)'
leave_out=$leave_out'|/(none|bdw|rc|rc-narrow|rc-cycle-narrow|rc-biased-narrow)/stress='
export SWEEPSTAKES_SCALE="${SWEEPSTAKES_SCALE:-0.2}"
echo "Random work times $SWEEPSTAKES_SCALE; left out: $leave_out"
ctest --test-dir "$build" -j "$(nproc)" --output-on-failure --no-tests=error \
  -E "$leave_out" "$@" >"$build/coverage.log"
status=$?
sed -n '/% tests passed/,$p' "$build/coverage.log"
mkdir -p "$html"

# One line for each file: name, lines, those covered, branches, those covered.
gcovr --root . --object-directory "$build" -j "$(nproc)" \
  --filter heap/ --filter collectors/ --filter objects/ --filter bench/ \
  --exclude-unreachable-branches --gcov-ignore-parse-errors \
  --csv "$html/files.csv" --sonarqube "$html/lines.xml" \
  --html-details "$html/index.html" >/dev/null || exit
sed 1d "$html/files.csv" | awk -F, '
  function share(part, all) {
    return all ? sprintf("%5.1f", 100 * part / all) : "    -"
  }
  function line(name, n, hit, b, taken) {
    printf "%-36s %6d %6d %s %8d %6d %s\n", name, n, n - hit, share(hit, n),
      b, b - taken, share(taken, b)
  }
  function total(name, i) {
    line(name, sum[name, 1], sum[name, 2], sum[name, 3], sum[name, 4])
  }
  BEGIN {
    printf "%-36s %6s %6s %5s %8s %6s %5s\n", "file", "lines", "missed", "%",
      "branches", "missed", "%"
  }
  {
    line($1, $2, $3, $5, $6)
    n = split($1, part, "/")
    folder = part[1] (part[1] ~ /heap|objects/ ? "" : "/" part[2])
    if (!(folder in known)) { known[folder]; order[++folders] = folder }
    sum[folder, 1] += $2; sum[folder, 2] += $3
    sum[folder, 3] += $5; sum[folder, 4] += $6
  }
  END {
    print ""
    for (i = 1; i <= folders; i++) total(order[i])
  }'
echo
echo "Missed in heap/ and collectors/:"
awk '
  BEGIN { RS = "<" }
  function value(name) {
    match($0, name "=\"[^\"]*\"")
    return substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 3)
  }
  /^file / { file = value("path") }
  /^lineToCover / && /covered="false"/ && file ~ /^(heap|collectors)\// {
    print file, value("lineNumber")
  }' "$html/lines.xml" | while read -r file line; do
  printf '%s:%s:%s\n' "$file" "$line" "$(sed -n "${line}p" "$file")"
done
echo "Line by line: $html/index.html"
exit $status
