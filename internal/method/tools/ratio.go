package tools

import "math"

// Ratio is github-action-benchmark's alert-threshold: the head against the value
// before it, turned so that more is worse.
// https://github.com/benchmark-action/github-action-benchmark#alert-threshold-optional
func Ratio(threshold float64) func(Series) bool {
	return func(s Series) bool {
		before := math.NaN()
		for _, x := range s.Past {
			if !math.IsNaN(x) {
				before = x
			}
		}
		if s.Lower {
			return s.Head/before > threshold
		}
		return before/s.Head > threshold
	}
}
