#!/bin/sh
# SPDX-License-Identifier: MIT
# The notebook on Python's memory prints what it prints in CPython, where the
# collector can know it. A float takes 16 bytes here, and 24 there.
# usage: python_memory.sh PROGRAM COUNTS CYCLES
#   COUNTS yes or no, CYCLES yes, no or perhaps
if [ "$2" = yes ]; then one=2 two=3; else one='(not counted)' two=$one; fi
output=$("$1") || exit 1
freed='[]' kept='(cycles are not freed)'
case $3 in
yes) garbage=$freed ;;
no) garbage=$kept ;;
*) garbage=$(echo "$output" | grep -Fx -e "$freed" -e "$kept") ;;
esac
expected=$(printf '%s\n' True True True True \
  "$one" 16 "$two" "$one" "$garbage")
[ "$output" = "$expected" ] && exit 0
printf 'expected:\n%s\nbut:\n%s\n' "$expected" "$output"
exit 1
