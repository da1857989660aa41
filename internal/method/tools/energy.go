package tools

import (
	"math"

	"github.com/aclements/go-moremath/mathx"
)

// place is a candidate for a change point and its statistic.
type place struct {
	at int
	q  float64
}

// candidate is the split of y[start:end] of the largest E-divisive statistic, over
// all lengths of its right side: Matteson and James (2014), A nonparametric
// approach for multiple change point analysis of multivariate data, with the
// exponent 1.
func candidate(y []float64, start, end int) place {
	n := end - start
	sums := distances(y[start:end])
	within := make([]float64, n+1) // sum of all distances among the first so many
	for k := 1; k < n; k++ {
		within[k+1] = within[k] + sums[k][k]
	}
	best := place{q: math.Inf(-1)}
	for tau := 1; tau < n; tau++ {
		across, right, left := 0.0, 0.0, float64(tau)
		for k := tau; k < n; k++ {
			across += sums[k][tau]
			right += sums[k][k] - sums[k][tau]
			m := float64(k + 1 - tau)
			all := left + m
			q := 2 / all * across
			if tau > 1 {
				q -= 2 * m / all / (left - 1) * within[tau]
			}
			if m > 1 {
				q -= 2 * left / all / (m - 1) * right
			}
			if q > best.q {
				best = place{start + tau, q}
			}
		}
	}
	return best
}

// distances has, for value k, the sums of its distances to the first 0, 1, ... k
// values.
func distances(y []float64) [][]float64 {
	sums := make([][]float64, len(y))
	cells := make([]float64, len(y)*(len(y)+1)/2)
	for k := range y {
		sums[k], cells = cells[:k+1], cells[k+1:]
		for i := range k {
			sums[k][i+1] = sums[k][i] + math.Abs(y[i]-y[k])
		}
	}
	return sums
}

// comparison is the test between the two sides of a change point.
type comparison struct{ p, before, after float64 }

// compare is a t-test of y[a:b] against y[b:c]. As in the original, the deviations
// are divided by n and then pooled as if by n-1; equal sides without any deviation
// have p = 1, others p = 0.
func compare(y []float64, a, b, c int) comparison {
	left, right := populationMoments(y[a:b]), populationMoments(y[b:c])
	out := comparison{p: 1, before: left.mean, after: right.mean}
	df := left.n + right.n - 2
	if df <= 0 {
		return out
	}
	pooled := ((left.n-1)*left.variance + (right.n-1)*right.variance) / df
	deviation := math.Sqrt(pooled * (1/left.n + 1/right.n))
	switch {
	case deviation > 0:
		t := (left.mean - right.mean) / deviation
		out.p = mathx.BetaInc(df/(df+t*t), df/2, 0.5)
	case left.mean != right.mean:
		out.p = 0
	}
	return out
}

type population struct{ n, mean, variance float64 }

func populationMoments(xs []float64) population {
	p := population{n: float64(len(xs))}
	for _, x := range xs {
		p.mean += x
	}
	p.mean /= p.n
	for _, x := range xs {
		p.variance += (x - p.mean) * (x - p.mean)
	}
	p.variance /= p.n
	return p
}

// change is the relative change, whichever side it is taken of.
func (c comparison) change() float64 {
	of := func(a, b float64) float64 {
		if a == 0 {
			return 0
		}
		return math.Abs(b/a - 1)
	}
	return max(of(c.before, c.after), of(c.after, c.before))
}
