package check

import "math"

// doubt is how much further than usual the slowdown of a run scatters whose
// timings lie so oddly beside it. It is the scale of Student's multivariate
// distribution with as many degrees of freedom as there are timings: who looks
// like no run before is believed less.
func (c *contrast) doubt(odd, usual float64) float64 {
	n := float64(len(c.tracks))
	return math.Sqrt((n + max(odd, 0)) / (n + max(usual, 0)))
}

// oddity is how far a row is from what past runs were like, its slowdown included:
// the squared Mahalanobis distance x'(I + X'X/n)^-1 x, by way of the few runs.
func (c *contrast) oddity(row []float64) float64 {
	seen := make([]float64, len(c.rows))
	for q, past := range c.rows {
		seen[q] = dot(past, row)
	}
	odd := dot(row, row)
	for q, inverse := range c.inverse {
		part := dot(inverse, seen[:q+1])
		odd -= part * part / float64(len(c.rows))
	}
	return odd
}

// level is the slowdown that the runs since the last lasting shift show, and how
// many these are. It should be 0, but the median of a few of each timing's values is
// a rough guide to the middle of what all share, and all looks are measured from the
// same one. The median of the means of all pairs (Hodges and Lehmann) knows better.
func (c *contrast) level() (slowdown float64, runs int) {
	rows := len(c.tracks[0].col)
	oldest := rows
	for _, t := range c.tracks {
		oldest = min(oldest, t.since)
	}
	var seen, own []float64
	for run := oldest; run < rows; run++ {
		of := func(t *track) float64 {
			if x := t.col[run]; run >= t.since && finite(x) {
				return t.orient(x) - t.level
			}
			return math.NaN()
		}
		own = own[:0]
		for _, t := range c.tracks {
			if x := of(t); x == x {
				own = append(own, x)
			}
		}
		if len(own) >= leastTimings && 2*len(own) >= len(c.tracks) {
			seen = append(seen, dot(c.weights, c.row(median(own), of))/c.weight)
		}
	}
	if len(seen) < leastSide {
		return 0, 0
	}
	return pairedMiddle(seen), len(seen)
}

// pairedMiddle is the median of the means of all pairs, each value with itself too.
func pairedMiddle(xs []float64) float64 {
	means := make([]float64, 0, len(xs)*(len(xs)+1)/2)
	for i, x := range xs {
		for _, y := range xs[:i+1] {
			means = append(means, (x+y)/2)
		}
	}
	return median(means)
}
