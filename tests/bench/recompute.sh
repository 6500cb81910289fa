#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs a small campaign and computes figures of runs.csv and of the latency
# chart a second time, from the rows of the other files.
# usage: recompute.sh BUILD
set -u
sweepstakes=$(cd "$1" && pwd)/sweepstakes
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir results && cd results || exit 1

run() { # campaign, rate
  "$sweepstakes" run -q -r . -C "$1" -c rc,rc-cycle,gen,gen-concurrent,bdw -w rings,requests \
    -s quick -t 2 -b 1 --warmups 0 --noise any -p rings.rings=20000 \
    -p rings.kept=100 -p requests.rate="$2" -p requests.requests=2000 || exit 1
}
run open 4000
run closed 0
if command -v gnuplot >/dev/null; then
  "$sweepstakes" plot -q -r . -C open >/dev/null || exit 1
fi

# Reads a CSV file; $0 is split into f[1] … by its header: f[column[name]].
cat >common.awk <<'END'
function cells(line, out,    n, rest, cell) {
  sub(/\r$/, "", line)
  for (rest = line ","; rest != ""; out[++n] = cell)
    if (rest ~ /^"/) {
      match(rest, /^"([^"]|"")*",/)
      cell = substr(rest, 2, RLENGTH - 3)
      rest = substr(rest, RLENGTH + 1)
    } else {
      cell = substr(rest, 1, index(rest, ",") - 1)
      rest = substr(rest, index(rest, ",") + 1)
    }
  return n
}
FNR == 1 { delete column; n = cells($0, head); for (i = 1; i <= n; i++) column[head[i]] = i; next }
{ cells($0, f) }
function get(name) { return f[column[name]] }
function same(what, got, want, off) {
  if (got == "" || got - want > off || want - got > off) {
    printf "%s: %s is %s, and its rows say %s\n", FILENAME, what, got, want
    failed = 1
  }
  checked++
}
function done(least) {
  if (checked < least) {
    printf "only %d figures were compared\n", checked
    failed = 1
  }
  exit failed
}
END

check() { # least number of figures, program, files: stops at a difference
  least=$1 program=$2
  shift 2
  awk "$(cat common.awk) $program END { done($least) }" "$@" || exit 1
}

# Every pause is in one column, and what collects everything is a full one.
# shellcheck disable=SC2016
check 65 '
  FILENAME ~ /pauses/ {
    pauses[get("run"), get("generation")]++
    ended[get("run")] += get("kind") == "end"
    degraded[get("run")] += get("kind") == "degraded" || \
      (get("kind") == "full" && get("cause") != "request" && get("generation") >= 0)
    next
  }
  {
    run = get("run")
    for (g = 0; g < 3; g++) {
      same(run " gc" g, get("gc" g), pauses[run, g] + 0, 0)
      sum[run] += get("gc" g)
    }
    same(run " gc_none", get("gc_none"), pauses[run, -1] + 0, 0)
    same(run " pause_count", get("pause_count"), sum[run] + get("gc_none"), 0)
    if (get("collector") == "gen-concurrent") {
      same(run " degraded_cycles", get("degraded_cycles"), degraded[run] + 0, 0)
      marked = get("concurrent_cycles") - ended[run]
      same(run " concurrent_cycles", marked >= 0 && marked <= degraded[run], 1, 0)
    } else
      same(run " has cycles", get("concurrent_cycles") get("degraded_cycles") != "", 0, 0)
    if (get("collector") == "bdw") {
      same(run " gc0 of bdw", get("gc0"), 0, 0)
      fulls += get("gc2")
    }
  }
  END { same("full collections of bdw", fulls > 0, 1, 0) }
' open/pauses.csv open/runs.csv 2>&1

# The slow work of threads; their own stops; MMU and BMU from all of them; the
# same, and the longest pause, net of hiccups.
# shellcheck disable=SC2016
cat >utilisation.awk <<'END'
FILENAME ~ /stalls/ && get("kind") == "hiccup" {
  run = get("run"); k = ++hiccups[run]
  lost_from[run, k] = get("t_begin") + 0; lost_upto[run, k] = get("t_end") + 0
  next
}
FILENAME ~ /pauses/ {
  run = get("run"); k = ++pauses[run]
  whole[run, k] = get("t_end") - get("t_request")
  asked[run, k] = get("t_request") + 0; over[run, k] = get("t_end") + 0
  next
}
FILENAME ~ /stalls/ {
  run = get("run"); lane = run SUBSEP get("thread")
  k = ++count[lane]
  from[lane, k] = get("t_begin") + 0; upto[lane, k] = get("t_end") + 0
  if (get("kind") != "stop" && get("kind") != "grace")
    slow[run] += get("t_end") - get("t_begin")
  next
}
# Unites the intervals of a lane into a[1..m], b[1..m], by insertion.
function unite(lane, end,    i, k, m, x, y) {
  m = 0
  for (i = 1; i <= count[lane]; i++) {
    x = from[lane, i] < 0 ? 0 : from[lane, i]
    y = upto[lane, i] > end ? end : upto[lane, i]
    if (x >= y) continue
    for (k = m++; k >= 1 && a[k] > x; k--) { a[k + 1] = a[k]; b[k + 1] = b[k] }
    a[k + 1] = x; b[k + 1] = y
  }
  for (i = k = 1; i <= m; i++)
    if (i > 1 && a[i] <= b[k]) { if (b[i] > b[k]) b[k] = b[i] }
    else { if (i > 1) k++; a[k] = a[i]; b[k] = b[i] }
  return m > 0 ? k : 0
}
# Time taken before t by the lanes first..last of a run.
function taken(first, last, t,    lane, i, sum) {
  for (lane = first; lane <= last; lane++)
    for (i = 1; i <= size[lane] && A[lane, i] < t; i++)
      sum += (B[lane, i] < t ? B[lane, i] : t) - A[lane, i]
  return sum + 0
}
# The time of hiccups between two points.
function lost(run, begin, end,    i, x, y, sum) {
  for (i = 1; i <= hiccups[run]; i++) {
    x = lost_from[run, i] > begin ? lost_from[run, i] : begin
    y = lost_upto[run, i] < end ? lost_upto[run, i] : end
    if (x < y) sum += y - x
  }
  return sum + 0
}
# Takes the hiccups, which are in order, out of the intervals of a lane.
function clean(run, lane,    i, k, n, x, y) {
  for (i = 1; i <= size[lane]; i++) {
    x = A[lane, i]
    for (k = 1; k <= hiccups[run]; k++) {
      if (lost_upto[run, k] <= x || lost_from[run, k] >= B[lane, i]) continue
      if (x < lost_from[run, k]) { a[++n] = x; b[n] = lost_from[run, k] }
      x = lost_upto[run, k]
    }
    if (x < B[lane, i]) { a[++n] = x; b[n] = B[lane, i] }
  }
  size[lane] = n + 0
  for (i = 1; i <= n; i++) { A[lane, i] = a[i]; B[lane, i] = b[i] }
}
# The least utilisation of windows of w, or of any that are as long or longer.
function least(first, last, w, end, longer,    n, i, k, lane, e, worst, u, T) {
  e[n = 1] = 0; e[++n] = end
  for (lane = first; lane <= last; lane++)
    for (i = 1; i <= size[lane]; i++) { e[++n] = A[lane, i]; e[++n] = B[lane, i] }
  for (i = 1; i <= n; i++) T[i] = taken(first, last, e[i])
  worst = 1
  for (i = 1; i <= n; i++) {
    if (e[i] + w <= end && (u = 1 - (taken(first, last, e[i] + w) - T[i]) / w / (last - first + 1)) < worst) worst = u
    if (e[i] >= w && (u = 1 - (T[i] - taken(first, last, e[i] - w)) / w / (last - first + 1)) < worst) worst = u
    for (k = 1; longer && k <= n; k++)
      if (e[k] - e[i] >= w && (u = 1 - (T[k] - T[i]) / (e[k] - e[i]) / (last - first + 1)) < worst) worst = u
  }
  return worst
}
{
  run = get("run"); wall = get("wall_ns") + 0
  same(run " slow_ns", get("slow_ns"), slow[run] + 0, 0)
  for (lane = 0; lane < 2; lane++) {
    size[lane] = unite(run SUBSEP lane, wall)
    for (i = 1; i <= size[lane]; i++) { A[lane, i] = a[i]; B[lane, i] = b[i] }
  }
  if (get("workload") == "requests") {
    same(run " hiccup_sum_ns", get("hiccup_sum_ns"), lost(run, 0, wall), 0)
    most = 0
    for (i = 1; i <= pauses[run]; i++) {
      u = whole[run, i] - lost(run, asked[run, i], over[run, i])
      if (u > most) most = u
    }
    same(run " pause_net_max_ns", get("pause_net_max_ns"), most, 0)
  } else
    same(run " has hiccups", get("hiccup_sum_ns") get("mmu_net_1ms") != "", 0, 0)
  if (size[0] + size[1] > 300) next
  for (i = 1; i <= split("1 5 20 100", ms, " "); i++) {
    w = ms[i] * 1000000
    if (w > wall) continue
    for (longer = 0; longer < 2; longer++) {
      kind = longer ? "bmu" : "mmu"
      u = least(0, 0, w, wall, longer); v = least(1, 1, w, wall, longer)
      same(run " " kind "_worst_" ms[i], get(kind "_worst_" ms[i] "ms"), u < v ? u : v, 1e-6)
      same(run " " kind "_system_" ms[i], get(kind "_system_" ms[i] "ms"), least(0, 1, w, wall, longer), 1e-6)
    }
  }
  if (get("workload") != "requests") next
  clean(run, 0); clean(run, 1)
  for (i = 1; i <= split("1 5 20 100", ms, " "); i++) {
    w = ms[i] * 1000000
    if (w > wall) continue
    u = least(0, 0, w, wall, 0); v = least(1, 1, w, wall, 0)
    same(run " mmu_net_" ms[i], get("mmu_net_" ms[i] "ms"), u < v ? u : v, 1e-6)
  }
}
END
check 34 "$(cat utilisation.awk)" open/stalls.csv open/pauses.csv open/runs.csv

# Requests with a schedule have response times and no metered latency; those
# without have it the other way round, and may be done before the first hiccup
# is measured.
# shellcheck disable=SC2016
latency='
  FILENAME ~ /latency/ {
    key = get("run") SUBSEP get("kind"); k = ++slots[key]
    middle[key, k] = (get("from_ns") + get("to_ns")) / 2
    number[key, k] = get("count"); total[key] += get("count")
    next
  }
  function percentile(key, p,    k, seen) {
    for (k = 1; k < slots[key] && seen + number[key, k] < p * total[key] - 1e-6; k++)
      seen += number[key, k]
    return middle[key, k]
  }
  get("workload") == "requests" {
    run = get("run")
    for (i = 1; i <= split(kinds, kind, " "); i++)
      for (k = 1; k <= split("0.5 0.9 0.99", p, " "); k++) {
        want = percentile(run SUBSEP kind[i], p[k])
        same(run " " kind[i] " " p[k], get(kind[i] "_p" 100 * p[k] "_ns"), want, want / 100)
      }
    for (i = 1; i <= split(none, kind, " "); i++)
      same(run " has " kind[i], (get(kind[i] "_p50_ns") != "") + total[run, kind[i]], 0, 0)
    if (is_paced)
      same(run " has hiccups", total[run, "hiccup"] > 0, 1, 0)
  }'
check 24 "BEGIN { is_paced = 1; kinds = \"svc rsp\"; none = \"met met_full\" } $latency" \
  open/latency.csv open/runs.csv
check 24 "BEGIN { kinds = \"svc met met_full\"; none = \"rsp\" } $latency" \
  closed/latency.csv closed/runs.csv

# The last point of each curve: ten of 2000 requests took longer.
[ -e open/plots/latency.gp ] || exit 0
# shellcheck disable=SC2016
check 4 '
  FILENAME ~ /latency.csv/ && get("kind") == "rsp" {
    run = get("run"); k = ++slots[run]; number[run, k] = get("count")
    middle[run, k] = (get("from_ns") + get("to_ns")) / 2e6
  }
  FILENAME ~ /runs/ && get("workload") == "requests" { name[get("run")] = get("collector") }
  match($0, /"[a-z-]* \| 99.5 % of 2000: .* ms"/) {
    split(substr($0, RSTART + 1, RLENGTH - 5), word, " ")
    drawn[word[1]] = word[length(word)]
  }
  END {
    for (run in name) {
      seen = 0
      for (k = 1; k < slots[run] && seen + number[run, k] < 1990; k++)
        seen += number[run, k]
      same(name[run], drawn[name[run]], middle[run, k], middle[run, k] / 100)
    }
  }
' open/latency.csv open/runs.csv open/plots/latency.gp
