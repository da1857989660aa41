package main

import (
	"math"
	"slices"
)

const (
	shiftBar     = 4.5  // the rank-sum z that makes a level shift
	shortest     = 8    // values on each side of one
	noisyTiming  = 1e-4 // a timing must move this much, as a logarithm, to tell of the machine
	leastTimings = 5    // for an effect of the run that all timings share
)

// withoutShifts takes level shifts out of each metric, and out of what all
// timings of a run have in common: each stretch between shifts is put at the
// level of the last one. Noise, outliers and the effects of runs stay.
func (h *history) withoutShifts() history {
	out := history{runs: h.runs, metrics: h.metrics, columns: make([][]float64, len(h.columns))}
	worse := make([][]float64, len(h.columns)) // logarithms, more is worse
	for j, m := range h.metrics {
		worse[j] = oriented(h.columns[j], sign(m))
	}
	effect := h.runEffect(worse)
	steady, _ := levelled(effect)
	for j, m := range h.metrics {
		own := slices.Clone(worse[j])
		if timing(m) {
			addTo(own, effect, -1)
		}
		residual, level := levelled(own)
		addTo(residual, filled(h.runs, level), 1)
		if timing(m) {
			addTo(residual, steady, 1)
		}
		out.columns[j] = inUnit(residual, sign(m), whole(h.columns[j]))
	}
	return out
}

// oriented are the logarithms of a column; what has none counts as not measured.
func oriented(column []float64, sign float64) []float64 {
	y := make([]float64, len(column))
	for i, x := range column {
		y[i] = math.NaN()
		if x > 0 {
			y[i] = sign * math.Log(x)
		}
	}
	return y
}

// inUnit turns logarithms back. A metric that never moves has one value exactly,
// and one that is counted has whole ones.
func inUnit(y []float64, sign float64, whole bool) []float64 {
	column := make([]float64, len(y))
	for i := range y {
		column[i] = math.Exp(min(max(sign*y[i], -700), 700))
	}
	if least, most := spread(column); most-least <= 1e-9*math.Abs(most) {
		middle := median(column)
		for i, x := range column {
			if x == x {
				column[i] = middle
			}
		}
	}
	for i, x := range column {
		column[i] = recorded(x, whole)
	}
	return column
}

// runEffect is the median over the noisy timings of each run of how far they are
// from their own medians; 0 where fewer than five timings tell.
func (h *history) runEffect(worse [][]float64) []float64 {
	var telling [][]float64
	for j, m := range h.metrics {
		if !timing(m) {
			continue
		}
		steps := make([]float64, 0, h.runs)
		for i := 1; i < h.runs; i++ {
			steps = append(steps, worse[j][i]-worse[j][i-1])
		}
		if scatter(steps, 0)/math.Sqrt2 > noisyTiming {
			own := slices.Clone(worse[j])
			addTo(own, filled(h.runs, median(own)), -1)
			telling = append(telling, own)
		}
	}
	effect := make([]float64, h.runs)
	if len(telling) < leastTimings {
		return effect
	}
	for i := range effect {
		run := make([]float64, len(telling))
		for j := range telling {
			run[j] = telling[j][i]
		}
		if x := median(run); x == x {
			effect[i] = x
		}
	}
	return effect
}

func addTo(y, x []float64, times float64) {
	for i := range y {
		y[i] += times * x[i]
	}
}
