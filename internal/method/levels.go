package main

import (
	"cmp"
	"math"
	"slices"
)

// levelled is how far each value is from the level of its own stretch between
// level shifts, and the level of the newest one.
func levelled(y []float64) (residual []float64, level float64) {
	residual, level = filled(len(y), math.NaN()), math.NaN()
	var at []int
	for i, x := range y {
		if x == x {
			at = append(at, i)
		}
	}
	values := present(y)
	for end := len(values); end > 0; {
		start := newestStretch(values[:end])
		middle := median(values[start:end])
		if end == len(values) {
			level = middle
		}
		for i := start; i < end; i++ {
			residual[at[i]] = values[i] - middle
		}
		end = start
	}
	return residual, level
}

// newestStretch is where the values since the last level shift begin: the series
// is split where the rank sums of both sides differ most, and what is right of
// the split again, as long as they differ enough.
func newestStretch(y []float64) int {
	start := 0
	for {
		k := shift(y[start:])
		if k == 0 {
			return start
		}
		start += k
	}
}

// shift is the split of y with the largest rank-sum z, 0 where that is not large.
func shift(y []float64) int {
	n := float64(len(y))
	if len(y) < 2*shortest {
		return 0
	}
	ranks, ties := midRanks(y)
	spread := n + 1 - ties/(n*(n-1))
	best, at, sum := 0.0, 0, 0.0
	for i, r := range ranks {
		sum += r
		k := float64(i + 1)
		if k < shortest || n-k < shortest || spread <= 0 {
			continue
		}
		if z := math.Abs(sum-k*(n+1)/2) / math.Sqrt(k*(n-k)/12*spread); z > best {
			best, at = z, i+1
		}
	}
	if best < shiftBar {
		return 0
	}
	return at
}

// midRanks are the ranks, the same for equal values, and the sum of t^3 - t over
// the groups of t equal ones.
func midRanks(y []float64) (ranks []float64, ties float64) {
	order := make([]int, len(y))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(y[a], y[b]) })
	ranks = make([]float64, len(y))
	for i := 0; i < len(y); {
		j := i
		for j < len(y) && y[order[j]] == y[order[i]] {
			j++
		}
		for _, q := range order[i:j] {
			ranks[q] = float64(i+j+1) / 2
		}
		t := float64(j - i)
		ties += t*t*t - t
		i = j
	}
	return ranks, ties
}
