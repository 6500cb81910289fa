#!/bin/sh
# SPDX-License-Identifier: MIT
# Opens a report in a headless browser and checks that there are no errors,
# that nothing is fetched, and that clicks and the mouse work.
# usage: browser.sh BUILD [SCREENSHOT]
set -u
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
screenshot=${2:-}
command -v chromium >/dev/null || { echo "chromium is not installed"; exit 77; }
command -v gnuplot >/dev/null || { echo "gnuplot is not installed"; exit 77; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/fake"
for collector in none rc gen; do # gen: the yardstick of heap limits
  cp "$here/../cli/fake-runner.sh" "$folder/fake/sweepstakes-$collector"
done
cd "$folder" || exit 1
"$build/sweepstakes" run --bin-dir fake --collectors none,rc \
  --workloads steady,leaky --threads 1,2 --heap-factors 0,1.5,2 --blocks 3 \
  --campaign '<b>' >/dev/null 2>&1 && exit 1 # no such name
"$build/sweepstakes" run --bin-dir fake --collectors none,rc \
  --workloads steady,leaky --threads 1,2 --heap-factors 0,1.5,2 --blocks 3 \
  --campaign one --machine 'a <b>"&" box' >/dev/null 2>&1 || exit 1
"$build/sweepstakes" report --campaign one >/dev/null || exit 1
report=results/one/report.html

browse() { # arguments: of chromium; what it says goes to `said`
  timeout 60 chromium --headless --no-sandbox --disable-gpu \
    --user-data-dir="$folder/profile" --window-size=1200,1600 \
    --host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr \
    --virtual-time-budget=2000 "$@" 2>said
}
failed=0
check() { # words, then a command
  what=$1
  shift
  "$@" || { echo "not so: $what"; failed=1; }
}
has() { grep -q -- "$1" "$2"; }
has_not() { ! grep -q -- "$1" "$2"; }

# What the page itself asks for: nothing but names of namespaces.
grep -o '[a-z]*://[^"'"'"' )<]*' $report | sort -u |
  grep -v 'http://www.w3.org/' >addresses
check "it needs nothing from elsewhere" test ! -s addresses
check "names are escaped" has 'a &lt;b&gt;&quot;&amp;&quot; box' $report

# A copy whose script acts as a reader and records what is visible.
cat $report "$here/reader.html" >played.html
browse --dump-dom "file://$folder/played.html" >dom
check "the browser ran" test -s dom
check "nothing is on the console" has_not CONSOLE said
sed -n 's/^note: //p' dom >notes
diff - notes <<END || failed=1
rows 16
curves of rc seen
rows without rc 4
curves of rc hidden
curves of none seen
rows without rc and steady 2
panels covered
rows again 16
panels uncovered
sorted by wall 10.0 20.0
sorted back 20.0 10.0
hint rc | 
hint hidden
END
[ $failed -eq 0 ] || cat said | grep CONSOLE

if [ -n "$screenshot" ]; then
  browse --screenshot="$screenshot" "file://$folder/$report"
fi
exit $failed
