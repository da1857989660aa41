package tools

import (
	"math"
	"slices"
)

// The settings of Apache Otava's default analysis.
const otavaWindow = 50

// Change is a change point: the place of the first value of the new level, and the
// mean levels before and after.
type Change struct {
	At            int
	Before, After float64
}

// Otava alerts on a change point among the newest values whose level got worse.
// MaxP is its p-value, and leastChange the relative change that it must have.
// https://github.com/apache/otava
func Otava(maxP, leastChange float64) func(Series) bool {
	return func(s Series) bool {
		y := Filled(append(slices.Clone(s.Past), s.Head))
		return slices.ContainsFunc(ChangePoints(y, maxP, leastChange), func(c Change) bool {
			return c.At >= len(y)-max(1, s.Newest) && c.Worse(s.Lower)
		})
	}
}

// Worse reports whether the level got worse.
func (c Change) Worse(lower bool) bool {
	if lower {
		return c.After > c.Before
	}
	return c.After < c.Before
}

// Filled puts the value before, or that after at the beginning, where one is
// missing.
func Filled(y []float64) []float64 {
	for i := 1; i < len(y); i++ {
		if math.IsNaN(y[i]) {
			y[i] = y[i-1]
		}
	}
	for i := len(y) - 2; i >= 0; i-- {
		if math.IsNaN(y[i]) {
			y[i] = y[i+1]
		}
	}
	return y
}

// ChangePoints are found by splitting at a generous p-value in windows that
// overlap, and then merging what the strict one, or the least change, denies.
func ChangePoints(y []float64, maxP, leastChange float64) []Change {
	generous := maxP * 2
	if maxP < 0.05 {
		generous = maxP * 10
	}
	var points []int
	for start := 0; start < len(y); {
		found := split(y, start, min(start+otavaWindow, len(y)), generous)
		start += otavaWindow / 2
		for _, p := range found {
			start = max(start, p)
			if !slices.Contains(points, p) {
				points = append(points, p)
			}
		}
	}
	slices.Sort(points)
	return merge(y, points, maxP, leastChange)
}

// split cuts y[start:end] at the best place of any part, while the p-value of the
// part's two sides allows it.
func split(y []float64, start, end int, maxP float64) []int {
	bounds := []int{start, end}
	best := map[[2]int]place{} // of parts that were searched before
	for {
		top, part := place{q: math.Inf(-1)}, -1
		for i := range len(bounds) - 1 {
			key := [2]int{bounds[i], bounds[i+1]}
			if key[1]-key[0] < 2 {
				continue
			}
			p, known := best[key]
			if !known {
				p = candidate(y, key[0], key[1])
				best[key] = p
			}
			if p.q > top.q {
				top, part = p, i
			}
		}
		if part < 0 || compare(y, bounds[part], top.at, bounds[part+1]).p > maxP {
			return slices.DeleteFunc(bounds, func(b int) bool { return b == start || b == end })
		}
		bounds = slices.Insert(bounds, part+1, top.at)
	}
}

// merge takes out the weakest point until all are significant, and then those of
// too small a change. As in the original, the point to the left of one that goes
// keeps the figures that it had.
func merge(y []float64, points []int, maxP, leastChange float64) []Change {
	at := slices.Clone(points)
	sides := make([]comparison, len(at))
	refresh := func(from, to int) {
		bounds := slices.Concat([]int{0}, at, []int{len(y)})
		for k := from; k < min(to, len(at)); k++ {
			sides[k] = compare(y, bounds[k], bounds[k+1], bounds[k+2])
		}
	}
	refresh(0, len(at))
	for len(at) > 0 {
		weakest := extreme(sides, func(a, b comparison) bool { return a.p > b.p })
		if sides[weakest].p < maxP {
			weakest = extreme(sides, func(a, b comparison) bool { return a.change() < b.change() })
			if sides[weakest].change() > leastChange {
				break
			}
		}
		at, sides = slices.Delete(at, weakest, weakest+1), slices.Delete(sides, weakest, weakest+1)
		refresh(weakest, weakest+2)
	}
	out := make([]Change, len(at))
	for k := range at {
		out[k] = Change{at[k], sides[k].before, sides[k].after}
	}
	return out
}

// extreme is the first of those that no other is before.
func extreme(sides []comparison, before func(a, b comparison) bool) int {
	best := 0
	for k := range sides {
		if before(sides[k], sides[best]) {
			best = k
		}
	}
	return best
}
