#!/bin/sh
# SPDX-License-Identifier: MIT
# Opens a report in a headless browser and checks that there are no errors,
# that nothing is fetched, that switches, search, sorting, links and hints work
# with the mouse and the keyboard, that means over what is shown are right, and
# that axe-core finds nothing that makes the page hard to use.
# usage: browser.sh BUILD [SCREENSHOT]
set -u
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
screenshot=${2:-}
command -v chromium >/dev/null || { echo "chromium is not installed"; exit 77; }

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
  --campaign one --machine 'a <b>"&" </script> box' >/dev/null 2>&1 || exit 1
"$build/sweepstakes" report --campaign one >/dev/null || exit 1
report=results/one/report.html

browse() { # arguments: of chromium; what it says goes to `said`
  timeout 60 chromium --headless --no-sandbox --disable-gpu \
    --user-data-dir="$folder/profile" --window-size=1200,1600 \
    --host-resolver-rules='MAP * ~NOTFOUND' --enable-logging=stderr \
    --virtual-time-budget=5000 "$@" 2>said
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
check "names are escaped" has 'a &lt;b&gt;&quot;&amp;&quot; &lt;/script&gt; box' $report

# Copies that a reader's script is appended to; it records what it sees.
play() { # report, then the files that follow it
  cat "$@" >played.html
  browse --dump-dom "file://$folder/played.html" >dom
  check "the browser ran" test -s dom
  check "nothing is on the console" has_not CONSOLE said
  grep CONSOLE said
  sed -n '/<pre id="notes">/,/<\/pre>/s/^note: //p' dom >notes
}
play $report "$here/notes.html" "$here/reader.html"
diff - notes <<END || failed=1
rows 16
cards 2
points of rc yes
sections 2
means are those of the front end: 0 different, compared yes
rows without rc 4
cards without rc 1
points of rc no
points of none yes
rows without rc and steady 2
steady is shown no
rows without workloads 0
rows again 16
rows found 4, 4 of 16 rows
sections found 1
heading has the focus yes
sorted ascending 10.0 20.0
sorted descending 20.0 10.0
hint yes
moved on yes
hint hidden yes
hint of a point none: leaky, N
next point yes
hint by the mouse yes
ids twice 0
links broken 0
links to rows 16
setting 0
theme dark yes
too wide 0
END

# Means over what is shown are those of a campaign that has nothing else.
mkdir two some
awk -F, 'NR == 1 || $18 == 2' "$here/../../results/reference/runs.csv" \
  >two/runs.csv
grep -E '^schema,|,(cells|lru_cache|splay|interning|fifo|quads),' two/runs.csv |
  grep -v ',rc-cycle,' >some/runs.csv
"$build/sweepstakes" report "$here/../../results/reference" \
  -o whole.html >/dev/null || failed=1
for name in two some; do
  "$build/sweepstakes" report $name -o $name.html >/dev/null || failed=1
done
sed -n '/id="data"/,/<\/script>/p' some.html |
  sed 's/id="data"/id="other"/' >other.html
play some.html "$here/notes.html" "$here/words.html"
check "cards filled anew are those of the front end" \
  has 'say the same: yes' notes
sed '1s/.*/subset: 0 different, compared yes/' notes >expected
check "there are words" test "$(wc -l <expected)" -gt 30
play two.html other.html "$here/notes.html" "$here/subset.html" \
  "$here/words.html"
diff expected notes || failed=1
# Ten means and more share a prior.
mkdir many
head -n 1 some/runs.csv >many/runs.csv
for threads in 1 2 3 4; do
  sed -n "s/,\(none\|rc\|rc-cycle\|gen\),,2,/,\1,,$threads,/p" some/runs.csv
done >>many/runs.csv
"$build/sweepstakes" report -q many -o many.html || failed=1
play many.html "$here/notes.html" "$here/same.html"
diff - notes <<END || failed=1
settings 12
means are those of the front end: 0 different, compared yes
END

# On a screen of 1440 x 900, the chart and a card of each of five collectors are
# seen at first.
mkdir five
grep -v ',rc-biased,\|,gen-concurrent,' two/runs.csv >five/runs.csv
"$build/sweepstakes" report -q five -o five.html || failed=1
cat five.html "$here/notes.html" "$here/first.html" >inner.html
sed 's/width: 400px; height: 800px/width: 1440px; height: 900px/' \
  "$here/telephone.html" >desk.html
play desk.html
diff - notes <<END || failed=1
width 1440
seen at first: tradeoff rc none bdw gen rc-cycle
END
check "it is light" test "$(wc -c <whole.html)" -lt 3500000

for page in $report whole.html; do
  cat $page "$here/notes.html" "$here/narrow.html" >inner.html
  play "$here/telephone.html"
  diff - notes <<END || failed=1
width 400
too wide 0
END
done

# Bad input: a page says what it does not have, and shows the rest.
for kind in none one failures markup; do
  mkdir $kind
  case $kind in
  none) grep -E '^schema,|,none,' some/runs.csv >$kind/runs.csv ;;
  one) awk 'NR == 1 || /,vm,1,1,/' some/runs.csv >$kind/runs.csv ;;
  failures) sed 's/,ok,/,crash,/' some/runs.csv >$kind/runs.csv ;;
  markup) sed -e 's|,cells,|,"<img src=x>\&""c""</script>",|' \
    -e 's|,gen,|,g<b>n,|' some/runs.csv >$kind/runs.csv ;;
  esac
  "$build/sweepstakes" report $kind -o $kind.html >/dev/null || failed=1
  play $kind.html "$here/notes.html" "$here/narrow.html"
  diff - notes <<END || failed=1
too wide 0
END
  check "$kind: it says what is missing" has 'This campaign has no data for: ' $kind.html
done

check "names have no elements" has_not '<img src=x>\|g<b>n' markup.html
check "names are shown" has 'g&lt;b&gt;n' markup.html

# axe-core is only needed here, so it is fetched here.
axe=$build/axe/node_modules/axe-core/axe.min.js
[ -f "$axe" ] || timeout 60 npm install --silent --prefix "$build/axe" \
  axe-core@4.14.1 >/dev/null 2>&1
if [ -f "$axe" ]; then
  { echo '<script>' && cat "$axe" && echo '</script>'; } >axe.html
  play $report "$here/notes.html" axe.html "$here/accessible.html"
  diff - notes <<END || { sed -n '/<pre id="notes">/,/<\/pre>/p' dom; failed=1; }
light: 0 violations, passes more than 10
dark: 0 violations, passes more than 10
END
else
  echo "axe-core is not installed and npm cannot fetch it: accessibility is not checked"
fi

if [ -n "$screenshot" ]; then
  browse --screenshot="$screenshot" "file://$folder/$report"
fi
exit $failed
