package collect

import (
	"math"
	"slices"
)

// Scatter says how far the samples of a metric inside one run lie apart. It is
// eight bytes, so that a baseline can hold it for each run and not its samples.
type Scatter struct {
	// Samples is how many there are. 0 and 1 are the same: nothing was repeated.
	Samples int32
	// Part is the robust standard deviation of one sample, as a part of the size of
	// their median: no unit changes it. NaN where the median is 0 and they differ.
	Part float32
}

// NewScatter describes the samples of a metric. Their order does not matter, and
// fewer than half of them cannot make Part absurd.
func NewScatter(samples []float64) Scatter {
	if len(samples) < 2 {
		return Scatter{Samples: int32(len(samples))}
	}
	var few [32]float64
	return scatter(append(few[:0], samples...))
}

// smallSample makes the median deviation of so few normal values right on
// average. The factors are of Croux and Rousseeuw, Time-efficient algorithms for
// two highly robust estimators of scale (1992).
var smallSample = [...]float64{2: 1.196, 3: 1.495, 4: 1.363, 5: 1.206, 6: 1.200, 7: 1.140, 8: 1.129, 9: 1.107}

// scatter is NewScatter of two samples or more, which it overwrites.
func scatter(xs []float64) Scatter {
	slices.Sort(xs)
	mid := middle(xs)
	for i, x := range xs {
		xs[i] = math.Abs(x - mid)
	}
	slices.Sort(xs)
	n := len(xs)
	factor := float64(n) / (float64(n) - 0.8)
	if n < len(smallSample) {
		factor = smallSample[n]
	}
	part := 0.0
	if deviation := middle(xs); deviation > 0 {
		part = min(1.4826*factor*deviation/math.Abs(mid), math.MaxFloat32)
		if mid == 0 {
			part = math.NaN()
		}
	}
	return Scatter{int32(min(n, math.MaxInt32)), float32(part)}
}
