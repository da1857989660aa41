package tools

import (
	"math"

	"github.com/aclements/go-moremath/stats"
)

// The thresholds of Bencher are computed as in its lib/bencher_boundary:
// https://bencher.dev/docs/explanation/thresholds/. All of them cut the history to
// the window that they are given. Where the values do not move there is no
// boundary, and so never an alert.

// percentageRuns is the sample size that Bencher's examples of percentages use.
const percentageRuns = 30

// Percentage allows that much above the mean of the newest 30 values.
func Percentage(allowed float64) func(Series) bool {
	return func(s Series) bool {
		mean, _, _ := moments(s.Past[max(0, len(s.Past)-percentageRuns):])
		return s.beyond(mean, mean*allowed)
	}
}

// ZScore takes the values for normal, with mean and deviation known.
func ZScore(boundary float64) func(Series) bool {
	z := normalQuantile(boundary)
	return func(s Series) bool {
		mean, deviation, _ := moments(s.Past)
		return deviation > 0 && s.beyond(mean, z*deviation)
	}
}

// TTest is the prediction interval of a normal value whose mean and deviation are
// estimated.
func TTest(boundary float64) func(Series) bool {
	quantiles := newStudent(boundary)
	return func(s Series) bool {
		mean, deviation, n := moments(s.Past)
		return deviation > 0 && s.beyond(mean, quantiles.at(n-1)*deviation*math.Sqrt(1+1/float64(n)))
	}
}

// LogNormal takes the logarithms for normal. The boundary below is as far from the
// middle as that above.
func LogNormal(boundary float64) func(Series) bool {
	z := normalQuantile(boundary)
	return func(s Series) bool {
		logs := make([]float64, len(s.Past))
		for i, x := range s.Past {
			logs[i] = math.Log(x)
		}
		location, scale := logMoments(logs)
		middle := math.Exp(location)
		return scale > 0 && !math.IsInf(scale, 0) && s.beyond(middle, math.Exp(location+z*scale)-middle)
	}
}

// logMoments do not ask whether all values are equal: rounding then gives a tiny
// deviation more often than not, as it does in the original.
func logMoments(logs []float64) (mean, deviation float64) {
	n := 0.0
	for _, x := range logs {
		if !math.IsNaN(x) {
			mean += x
			n++
		}
	}
	mean /= n
	for _, x := range logs {
		if !math.IsNaN(x) {
			deviation += (x - mean) * (x - mean)
		}
	}
	return mean, math.Sqrt(deviation / (n - 1))
}

// IQR allows so many interquartile ranges above the median.
func IQR(times float64) func(Series) bool {
	return func(s Series) bool {
		q := quartiles(s.Past)
		return s.beyond(q[1], times*(q[2]-q[0]))
	}
}

// DeltaIQR allows the median so many interquartile ranges of the relative steps
// from one value to the next.
func DeltaIQR(times float64) func(Series) bool {
	return func(s Series) bool {
		var steps []float64
		for i := 1; i < len(s.Past); i++ {
			steps = append(steps, math.Abs(s.Past[i]-s.Past[i-1])/math.Abs(s.Past[i-1]))
		}
		q := quartiles(steps)
		middle := quartiles(s.Past)[1]
		return s.beyond(middle, middle*times*(q[2]-q[0]))
	}
}

func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// student are quantiles of Student's t distribution by degrees of freedom.
type student []float64

// mostFreedom is more than the window of any case has values.
const mostFreedom = 128

func newStudent(p float64) student {
	q := make(student, mostFreedom+1)
	for df := 1; df <= mostFreedom; df++ {
		q[df] = studentQuantile(p, float64(df))
	}
	return q
}

func (q student) at(df int) float64 { return q[min(df, mostFreedom)] }

// studentQuantile halves an interval; p is more than a half.
func studentQuantile(p, df float64) float64 {
	t := stats.TDist{V: df}
	low, high := 0.0, 1.0
	for t.CDF(high) < p {
		high *= 2
	}
	for range 60 {
		if mid := (low + high) / 2; t.CDF(mid) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}
