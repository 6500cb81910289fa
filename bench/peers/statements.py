#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Statements that make an object and drop another, in CPython and in ours.

Usage: statements.py PROGRAM... [-n TURNS]
PROGRAM is statements-<collector> from the build folder. Each turn runs every
program and then CPython, and takes the minimum of many short rounds of each
statement. Ratios are taken within a turn; their median over turns is printed
with minimum and maximum. CPython's statements are repeated sixteen times in the
body of the loop, so that the cost of the loop is negligible. Its names are
local.
"""
import argparse
import os
import statistics
import subprocess
import sys
import timeit

SETUP = """
i = 1000; j = 10 ** 6; r = 1.5; a = 1; b = 2
s = "".join(["hello", " "]); u = "".join(["world ", "again!"])
"""
STATEMENTS = {
    "small_int": "x = i - 900",
    "large_int": "x = j + i",
    "str": "x = s + u",
    "tuple": "x = (a, b)",
    "empty_list": "x = []",
    "list": "x = [a, b]",
    "slots_instance": "x = Slots()",
    "node": "x = Node(a, b)",
    "float": "x = r + r",
    "tuple_of_strings": "x = (s, u)",
    "tuples_in_turn": "x = (s, u); x = (u, s)",
}
UNROLLED = 16
LOOPS = 2000
ROUNDS = 40


class Slots:
    __slots__ = ("data", "next")


class Node:
    def __init__(self, data, next):
        self.data = data
        self.next = next


def python_turn():
    turn = {}
    for name, statement in STATEMENTS.items():
        timer = timeit.Timer("; ".join([statement] * UNROLLED), SETUP,
                             globals={"Slots": Slots, "Node": Node})
        least = min(timer.repeat(ROUNDS, LOOPS))
        turn[name] = least * 1e9 / (LOOPS * UNROLLED)
    return turn


def program_turn(program):
    output = subprocess.run([program, str(ROUNDS)], check=True,
                            capture_output=True, text=True).stdout
    values = {}
    for line in output.splitlines():
        name, value = line.split()
        values.setdefault(name, []).append(float(value))
    return {name: min(v) for name, v in values.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="+", metavar="PROGRAM")
    parser.add_argument("-n", "--turns", type=int, default=7)
    args = parser.parse_args()
    python, ours = [], {program: [] for program in args.programs}
    for _ in range(args.turns):
        for program in args.programs:
            ours[program].append(program_turn(program))
        python.append(python_turn())
    print(f"CPython {sys.version.split()[0]}, {args.turns} turns; ns for a "
          "statement; times faster than CPython: median (least-greatest)")
    for name, statement in STATEMENTS.items():
        print(f"{statement:16} CPython {statistics.median(t[name] for t in python):7.1f}")
        for program, turns in ours.items():
            ratios = [p[name] / t[name] for p, t in zip(python, turns)]
            print(f"{'':16} {os.path.basename(program):20} "
                  f"{statistics.median(t[name] for t in turns):7.1f}"
                  f"  {statistics.median(ratios):6.2f}"
                  f" ({min(ratios):.2f}-{max(ratios):.2f})")


if __name__ == "__main__":
    main()
