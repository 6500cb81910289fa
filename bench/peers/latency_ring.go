// SPDX-License-Identifier: MIT
// The workload latency_ring in Go: messages of 1 KiB are pushed into a window
// of the newest ones, each push timed.
//
// Usage: latency_ring [THREADS [WINDOW [PUSHES]]]
// Prints microseconds: the worst push, the 99.9th percentile, the median, then
// the milliseconds of all pushes.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const bytes = 1024

func argument(i, otherwise int) int {
	if len(os.Args) <= i {
		return otherwise
	}
	value, err := strconv.Atoi(os.Args[i])
	if err != nil || value < 1 {
		fmt.Fprintln(os.Stderr, "usage: latency_ring [THREADS [WINDOW [PUSHES]]]")
		os.Exit(2)
	}
	return value
}

var window [][]byte

// A byte in each message is its place, as in the workload.
func push(number int) {
	place := number % len(window)
	message := make([]byte, bytes)
	for i := range message {
		message[i] = byte(place)
	}
	window[place] = message
}

func main() {
	threads := argument(1, 1)
	window = make([][]byte, argument(2, 200000))
	pushes := argument(3, 1000000)
	took := make([]int64, pushes)
	var next int64 = -1
	var all sync.WaitGroup
	begun := time.Now()
	for t := 0; t < threads; t++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for {
				number := int(atomic.AddInt64(&next, 1))
				if number >= pushes {
					return
				}
				before := time.Now()
				push(number)
				took[number] = int64(time.Since(before))
			}
		}()
	}
	all.Wait()
	wall := time.Since(begun)
	sort.Slice(took, func(i, k int) bool { return took[i] < took[k] })
	at := func(share float64) float64 {
		return float64(took[int(share*float64(pushes-1))]) / 1e3
	}
	fmt.Printf("%.1f %.1f %.2f %.1f\n", at(1), at(0.999), at(0.5),
		float64(wall)/1e6)
}
