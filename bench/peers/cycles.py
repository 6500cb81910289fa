#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Dead cycles in CPython beside ours, by turns, as ratios.

Usage: cycles.py PROGRAM... [-n TURNS]
PROGRAM is cycles-<collector> from the build folder. Each turn runs every
program and then CPython; the ratio is taken within a turn, and the median over
turns is printed with the least and the greatest. The cases are a ring of a
million objects, and pyperformance's gc_collect: 100 cycles of 20 objects.
"""
import argparse
import gc
import os
import statistics
import subprocess
import sys
import time

CASES = {"ring_1000000": (1, 1000000), "cycles_100x20": (100, 20)}


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


def collect_in_python(rings, count):
    """Nanoseconds for each object of one gc.collect()."""
    alive = [make_ring(count) for _ in range(rings)]
    del alive
    begun = time.perf_counter_ns()
    dead = gc.collect()
    took = time.perf_counter_ns() - begun
    assert dead >= rings * count
    return took / (rings * count)


def python_turn():
    gc.collect()
    turn = {}
    for name, (rings, count) in CASES.items():
        rounds = 1 if rings == 1 else 20
        turn[name] = statistics.median(
            collect_in_python(rings, count) for _ in range(rounds))
    return turn


def program_turn(program):
    # The first round makes the heap grow and the caches warm.
    output = subprocess.run([program, "3"], check=True, capture_output=True,
                            text=True).stdout
    values = {}
    for line in output.splitlines():
        name, value = line.split()
        values.setdefault(name, []).append(float(value))
    return {name: statistics.median(v) for name, v in values.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    parser.add_argument("-n", "--turns", type=int, default=9)
    args = parser.parse_args()
    gc.disable()
    # What the interpreter itself holds is not looked at: CPython is measured
    # on these objects alone.
    gc.collect()
    gc.freeze()
    ratios, times = {}, {}
    for _ in range(args.turns):
        ours = {p: program_turn(p) for p in args.programs}
        python = python_turn()
        for case in CASES:
            times.setdefault(("CPython", case), []).append(python[case])
            for program in args.programs:
                key = (os.path.basename(program), case)
                times.setdefault(key, []).append(ours[program][case])
                ratios.setdefault(key, []).append(
                    ours[program][case] / python[case])
    print(f"CPython {sys.version.split()[0]}, {args.turns} turns; "
          "ns for each object, ratio to CPython: median (least-greatest)")
    for key, values in times.items():
        name, case = key
        line = f"{name:20} {case:15} {statistics.median(values):8.1f} ns"
        if key in ratios:
            r = ratios[key]
            line += (f"  {statistics.median(r):6.3f}"
                     f" ({min(r):.3f}-{max(r):.3f})")
        print(line)


if __name__ == "__main__":
    main()
