#!/bin/sh
# SPDX-License-Identifier: MIT
# Stands in for a runner where a test needs one that misbehaves: what it does
# follows from the workload it is asked to run. Called as sweepstakes-NAME.
collector=${0##*/sweepstakes-}

# Under a kilobyte, so that full.txt can limit files to that.
describe() {
  printf 'collector\t%s\ta stand-in called %s\n' "$collector" "$collector"
  printf 'capability\tcounts\t%s\n' $((1 - is_gen))
  printf 'capability\treclaims\t%s\n' "$frees"
  printf 'capability\treclaims_cycles\t%s\n' "$is_gen"
  printf 'capability\tparallel\t%s\n' "$is_gen"
  printf 'capability\tlimits\t%s\n' "$frees"
  printf 'capability\tgenerations\t%s\n' 3
  printf 'tuning\tstress\t0\t0\t1000\tact at every Nth safepoint\n'
  printf 'build\tcc 1.0\tRelease\t1\t0\n'
  for workload in steady slow wrong oom crash hang leaky mute rude hopeless racy roomy busy noisy restless throttled garbled shortened; do
    printf 'workload\t%s\tis %s\tbench\n' "$workload" "$workload"
  done
  printf 'param\tsteady\tlength\t1\t1000\t10\t20\t30\thow long it is\n'
  printf 'param\tbusy\trate\t0\t1000000\t8000\t8000\t8000\tof requests\n'
  printf 'param\tbusy\trequests\t1\t1000000\t20000\t20000\t20000\tin all\n'
}

# $1: wall time in ms
record() {
  cat >>"$record" <<END
exit_code 0
checksum 00c0ffee
warmups 3
params length=10
wall_ns ${1}000000
garbage_end 0
END
  [ "$frees" = 0 ] || echo "heap_bytes ${heap:-0}" >>"$record"
  [ "$pauses" != /dev/null ] || echo "held_peak 6000000" >>"$record"
}

# $1: a factor with up to six digits behind its point, of a million bytes
heap_of() {
  fraction=000000
  [ "${1%.*}" = "$1" ] || fraction=$(printf %.6s "${1#*.}000000")
  heap=${1%.*}$fraction
}

pause() { # seq
  echo "$1,full,-1,0,100,200,300,4096,1024,12,3,0,request,10,20,30,40,0,0,0,0,-1" >>"$pauses"
  echo "pause_count $1" >>"$record"
}

# Of these a run takes three million bytes.
is_too_small() {
  case $workload in
  steady | leaky) [ "${heap:-0}" -gt 0 ] && [ "$heap" -lt 3000000 ] ;;
  *) false ;;
  esac
}

run() {
  if is_too_small; then
    echo "status oom" >>"$record"
    exit 4
  fi
  case $workload in
  steady)
    record "$time"
    printf '%s\n' 0,4096,1024 10000000,8192,2048 >"$timeline"
    echo "status ok" >>"$record"
    pause 1
    pause 2
    exit 0
    ;;
  slow)
    pause 1
    sleep 0.05
    record "$time"
    echo "status ok" >>"$record"
    exit 0
    ;;
  wrong)
    record "$time"
    echo "status wrong" >>"$record"
    echo "error the sum is 4, not 5" >>"$record"
    exit 1
    ;;
  oom)
    echo "status oom" >>"$record"
    echo "error a heap of 64 KiB is too small for 1 MiB of live objects" \
      >>"$record"
    exit 4
    ;;
  crash)
    pause 1
    printf '2,full,-1,' >>"$pauses"
    echo "heap/object.c:12: broken invariant" >&2
    kill -SEGV $$
    ;;
  hang)
    echo $$ >pid
    while :; do sleep 1; done
    ;;
  noisy) # every second run loses time to others; restless: all of them do
    echo >>tries
    record "$time"
    echo "status ok" >>"$record"
    echo "steal 0.$((5 * ($(wc -l <tries) % 2)))" >>"$record"
    pause 1
    exit 0
    ;;
  restless)
    record "$time"
    printf 'status ok\nsteal 0.5\n' >>"$record"
    exit 0
    ;;
  throttled) # the seventh run has a slow processor
    echo >>tries
    record "$time"
    echo "calib_alu_ns $(($(wc -l <tries) == 7 ? 1200000 : 1000000))" >>"$record"
    echo "status ok" >>"$record"
    exit 0
    ;;
  garbled) # its third pause has a field too few; a fourth follows
    record "$time"
    echo "status ok" >>"$record"
    pause 1
    pause 2
    echo "3,full" >>"$pauses"
    pause 4
    exit 0
    ;;
  shortened) # the timeline ends within a line
    record "$time"
    echo "status ok" >>"$record"
    printf '%s\n' 0,4096,1024 >"$timeline"
    printf '%s' 10000000,81 >>"$timeline"
    exit 0
    ;;
  leaky)
    record "$time"
    echo "status ok" >>"$record"
    echo "garbage_end 12582912" >>"$record"
    exit 0
    ;;
  mute) exit 0 ;;
  rude)
    echo "colour blue" >>"$record"
    exit 0
    ;;
  hopeless)
    echo "1000 threads cannot be made: out of memory" >&2
    exit 5
    ;;
  roomy) # a megabyte lives, and it takes one and a half
    echo "heap_bytes ${heap:-0}"
    if [ "${heap:-0}" -gt 0 ] && [ "$heap" -lt 1500000 ]; then
      echo "status oom"
      exit 4
    fi
    printf '%s\n' "alloc_objects 100000" "alloc_bytes 4000000" \
      "held_peak 6000000" \
      "wall_ns 1000000000" "ref_stores 250000" "promoted_bytes 400000"
    [ "$collector" = gen ] || echo "garbage_end 1000000"
    echo "status ok"
    exit 0
    ;;
  busy) # keeps up with 30000 a second; each third run is late if the file
    # hiccups exists, and is not if the file lucky exists; if the file tired
    # exists, it keeps up with 28000 in long runs; takes 2 MB, or the bytes in
    # the file need
    echo "held_peak 6000000"
    if [ "${heap:-0}" -gt 0 ] && [ "$heap" -lt "$(cat need 2>/dev/null || echo 2000000)" ]; then
      echo "status oom"
      exit 4
    fi
    echo "$rate $requests" >>tries
    late=1000000
    [ "$rate" -le 30000 ] || late=900000000
    [ -e tired ] && [ "$rate" -gt 28000 ] && [ "$requests" -gt $((5 * rate)) ] &&
      late=900000000
    if [ $(($(wc -l <tries) % 3)) -eq 0 ]; then
      [ -e hiccups ] && late=900000000
      [ -e lucky ] && late=1000000
    fi
    [ "$requests" -lt 10000 ] || echo "rsp_p999_ns $late"
    echo "rate_hz $rate"
    echo "status ok"
    exit 0
    ;;
  racy)
    record "$time"
    echo "checksum $collector" >>"$record"
    echo "status ok" >>"$record"
    exit 0
    ;;
  esac
}

is_gen=0
[ "$collector" = gen ] && is_gen=1
frees=$is_gen
[ "$collector" = rc ] && frees=1
time=20
[ "$collector" = rc ] || time=10
requests=20000
record=/dev/stdout pauses=/dev/null timeline=/dev/null
for argument; do
  value=${argument#*=}
  case $argument in
  --describe) describe || exit 3; exit ;;
  --check-tuning=*nurzery*)
    echo "--tuning: unknown key 'nurzery'" >&2
    exit 2
    ;;
  --check-tuning=*) exit 0 ;;
  --run=*) workload=$value ;;
  --param=rate=*) rate=${value#*=} ;;
  --param=requests=*) requests=${value#*=} ;;
  --record=*) record=$value ;;
  --pauses=*) pauses=$value ;;
  --timeline=*) timeline=$value ;;
  --tuning=*stress=*) time=$((time + ${value##*stress=})) ;; # at its end
  --heap-bytes=*) heap=$value ;;
  --live-factor=*) [ "$value" = 0 ] || heap_of "$value" ;;
  esac
done
run
