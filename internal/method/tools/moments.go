package tools

import "math"

// moments are the mean of the values that were measured, their sample standard
// deviation, and how many they are. Equal values have a deviation of exactly 0.
func moments(xs []float64) (mean, deviation float64, n int) {
	least, most, sum := math.Inf(1), math.Inf(-1), 0.0
	for _, x := range xs {
		if !math.IsNaN(x) {
			sum += x
			least, most = min(least, x), max(most, x)
			n++
		}
	}
	mean = sum / float64(n)
	if n < 2 || least == most {
		return mean, 0, n
	}
	squares := 0.0
	for _, x := range xs {
		if !math.IsNaN(x) {
			squares += (x - mean) * (x - mean)
		}
	}
	return mean, math.Sqrt(squares / float64(n-1)), n
}
