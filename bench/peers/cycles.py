#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the collection of dead cycles in CPython and in ours, as ratios.

Usage: cycles.py PROGRAM... [-n TURNS] [-c CASE]
PROGRAM is cycles-<collector> from the build folder. Each turn runs every
program and then CPython. Ratios are taken within a turn; their median over
turns is printed with minimum and maximum. The cases:
  ring_1000000    one dead ring of a million objects
  cycles_100x20   pyperformance's gc_collect: 100 cycles of 20 objects
  beside_N        1000 dead rings of two objects, beside N live objects
  let_go_P        the same beside a million live objects; P per cent of their
                  rings have lost a reference but live on; by live object
"""
import argparse
import gc
import os
import statistics
import subprocess
import sys
import time

LIVE_RING = 100
# Live objects, percentage dropped, dead rings, objects in each, repeats.
CASES = {
    "ring_1000000": (0, 0, 1, 1000000, 1),
    "cycles_100x20": (0, 0, 100, 20, 20),
    "beside_50000": (50000, 0, 1000, 2, 5),
    "beside_5000000": (5000000, 0, 1000, 2, 1),
    "let_go_0": (1000000, 0, 1000, 2, 1),
    "let_go_10": (1000000, 10, 1000, 2, 1),
    "let_go_50": (1000000, 50, 1000, 2, 1),
    "let_go_100": (1000000, 100, 1000, 2, 1),
}


class Node:
    __slots__ = ("next", "other", "data")


def make_ring(count):
    first = Node()
    ring = first
    for _ in range(count - 1):
        node = Node()
        node.next = ring
        ring = node
    first.next = ring
    return ring


def collect_in_python(name, live):
    """Nanoseconds for each object of one gc.collect()."""
    _, percent, rings, count, _ = CASES[name]
    for i, ring in enumerate(live):
        if i % 100 < percent:
            taken = ring
    taken = None
    dropped = [make_ring(count) for _ in range(rings)]
    del dropped, taken
    begun = time.perf_counter_ns()
    dead = gc.collect()
    took = time.perf_counter_ns() - begun
    assert dead >= rings * count
    by_live = name.startswith("let_go")
    return took / (len(live) * LIVE_RING if by_live else rings * count)


def python_turn(cases):
    turn = {}
    for name in cases:
        live = [make_ring(LIVE_RING)
                for _ in range(CASES[name][0] // LIVE_RING)]
        gc.collect()
        turn[name] = statistics.median(
            collect_in_python(name, live) for _ in range(CASES[name][-1]))
    return turn


def program_turn(program, case):
    # The first round makes the heap grow and the caches warm.
    output = subprocess.run([program, "3"] + case, check=True,
                            capture_output=True, text=True).stdout
    values = {}
    for line in output.splitlines():
        name, value = line.split()
        values.setdefault(name, []).append(float(value))
    return {name: statistics.median(v) for name, v in values.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    parser.add_argument("-n", "--turns", type=int, default=9)
    parser.add_argument("-c", "--case", choices=CASES, help="this one alone")
    args = parser.parse_args()
    case = [args.case] if args.case else []
    gc.disable()
    # Objects of the interpreter itself are excluded: CPython is measured
    # on these objects alone.
    gc.collect()
    gc.freeze()
    ratios, times = {}, {}
    for _ in range(args.turns):
        ours = {p: program_turn(p, case) for p in args.programs}
        python = python_turn(case or CASES)
        for name in python:
            times.setdefault(("CPython", name), []).append(python[name])
            for program in args.programs:
                key = (os.path.basename(program), name)
                times.setdefault(key, []).append(ours[program][name])
                ratios.setdefault(key, []).append(
                    ours[program][name] / python[name])
    print(f"CPython {sys.version.split()[0]}, {args.turns} turns; "
          "ns for each object, ratio to CPython: median (least-greatest)")
    for key, values in times.items():
        program, name = key
        line = f"{program:20} {name:15} {statistics.median(values):8.1f} ns"
        if key in ratios:
            r = ratios[key]
            line += (f"  {statistics.median(r):6.3f}"
                     f" ({min(r):.3f}-{max(r):.3f})")
        print(line)


if __name__ == "__main__":
    main()
