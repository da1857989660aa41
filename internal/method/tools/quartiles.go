package tools

import (
	"math"
	"slices"
)

// quartiles of the values that were measured, by linear interpolation between
// order statistics (Hyndman and Fan's seventh definition, as R and NumPy have it).
func quartiles(xs []float64) (q [3]float64) {
	s := slices.DeleteFunc(slices.Clone(xs), math.IsNaN)
	slices.Sort(s)
	for i := range q {
		q[i] = quantile(s, float64(i+1)/4)
	}
	return q
}

func quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := p * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}
