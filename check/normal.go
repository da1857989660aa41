package check

import "math"

// normalQuantile is the inverse of the standard normal distribution function.
// Its tails stop at 38 standard deviations, where a float64 has no more room.
func normalQuantile(p float64) float64 {
	switch {
	case p <= 0.5:
		return -upperQuantile(p)
	case p < 1:
		return upperQuantile(1 - p)
	}
	return farthest
}

const (
	farthest = 38
	// Below smallTail, 1-2p has lost digits that Erfinv would need.
	smallTail = 1e-6
)

// upperQuantile is the value that a standard normal exceeds with probability p.
func upperQuantile(p float64) float64 {
	switch {
	case p >= 1:
		return -farthest
	case p >= smallTail:
		return min(math.Sqrt2*math.Erfinv(1-2*p), farthest)
	case p < 1e-300:
		return farthest
	}
	// Newton's steps on the logarithm of the tail, which is nearly a parabola,
	// from where its leading term puts it.
	l := math.Log(p)
	z := math.Sqrt(-2*l - math.Log(-4*math.Pi*l))
	for range 4 {
		tail := math.Erfc(z/math.Sqrt2) / 2
		density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
		z += tail / density * (math.Log(tail) - l)
	}
	return z
}
