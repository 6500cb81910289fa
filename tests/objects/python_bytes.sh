#!/bin/sh
# SPDX-License-Identifier: MIT
# A node with two attributes takes at most half of what it takes in CPython.
# usage: python_bytes.sh PROGRAM   statements-<collector>
command -v python3 >/dev/null || exit 77
ours=$("$1" 0) || exit 1
theirs=$(python3 - <<'EOF'
import gc, tracemalloc
class Node:
    def __init__(self, data, next):
        self.data = data
        self.next = next
COUNT = 10000
nodes = [Node(1, None) for _ in range(COUNT)]  # the class has its keys now
gc.disable()
tracemalloc.start()
before = tracemalloc.get_traced_memory()[0]
for i in range(COUNT):
    nodes[i] = Node(1, None)
print((tracemalloc.get_traced_memory()[0] - before) // COUNT)
EOF
) || exit 1
echo "a node takes $ours bytes, and $theirs in CPython"
[ "$((2 * ours))" -le "$theirs" ]
