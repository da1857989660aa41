package collect

import (
	"math"
	"slices"
	"sync/atomic"
)

// keptValues is how many values a Summary and Record keep, the newest.
const keptValues = 1024

// Summary keeps the newest values, 1,024 of them, and tells their quantiles
// exactly. For the distribution of all values there is Histogram. A nil Summary
// takes nothing.
type Summary struct {
	n     atomic.Uint64 // values taken
	sum   atomic.Uint64 // float64
	ring  [keptValues]atomic.Uint64
	wrong atomic.Int64
}

// Observe takes a value. What is not finite is left out and counted (see
// Recorder.Problems).
func (s *Summary) Observe(x float64) {
	if s == nil {
		return
	}
	if x-x != 0 {
		s.wrong.Add(1)
		return
	}
	addFloat(&s.sum, x)
	// Complemented, a word of zero is a place that nothing was written to yet.
	s.ring[(s.n.Add(1)-1)%keptValues].Store(^math.Float64bits(x))
}

// SummaryStats are statistics over the values that were kept.
type SummaryStats struct {
	Count              int64   // of all values, those that were not kept too
	Sum                float64 // of the same
	P50, P90, P95, P99 float64
}

// Stats returns the quantiles, each the smallest value that at least this share
// of the kept values does not exceed. They are 0 where there is no value.
func (s *Summary) Stats() SummaryStats {
	if s == nil {
		return SummaryStats{}
	}
	out := SummaryStats{Count: int64(s.n.Load()), Sum: math.Float64frombits(s.sum.Load())}
	values := s.Values()
	if len(values) == 0 {
		return out
	}
	slices.Sort(values)
	at := func(q float64) float64 { return values[int(math.Ceil(q*float64(len(values))))-1] }
	out.P50, out.P90, out.P95, out.P99 = at(0.50), at(0.90), at(0.95), at(0.99)
	return out
}

// Values returns the kept values, the oldest first.
func (s *Summary) Values() []float64 {
	if s == nil {
		return nil
	}
	n := s.n.Load()
	first := n - min(n, keptValues)
	values := make([]float64, 0, n-first)
	for i := first; i < n; i++ {
		if u := s.ring[i%keptValues].Load(); u != 0 {
			values = append(values, math.Float64frombits(^u))
		}
	}
	return values
}
