package check

import (
	"math"
	"slices"
)

// A slow machine makes all timings of a run slower together. The run effect is
// the typical residual of the timings of one run; what a metric takes of it is
// its beta, fitted on the past and drawn towards 1.
const (
	leastTimings = 5    // for an effect that all share; with fewer, each is judged by the others
	noisyTiming  = 1e-4 // a timing must move this much, as a logarithm, to tell of the machine
	shrinkage    = 5    // the weight of the prior on beta
	leastFit     = 8    // past runs that a beta is fitted on
	mostBeta     = 2.5
)

// effect is what the runs have in common.
type effect struct {
	past    []float64 // of each baseline run, NaN where none of its timings tells
	head    []float64 // of the looks, likewise
	timings int       // how many metrics tell; below leastTimings there is no effect
	telling []*track  // they themselves
	slow    slowdown  // what they are slower by alike, by which the run is judged
}

// removeEffect takes the run effect out of all timings.
func (s *scaler) removeEffect(tracks []*track, rows, looks int) effect {
	var telling []*track
	for _, t := range tracks {
		if t.timing && t.plain == 0 && s.noisier(t, noisyTiming) {
			telling = append(telling, t)
		}
	}
	e := effect{past: make([]float64, rows), head: make([]float64, looks), timings: len(telling), telling: telling}
	switch {
	case len(telling) >= leastTimings:
		s.common(&e)
	case len(telling) >= 2:
		fewTimings(telling, rows, looks)
	}
	return e
}

// common fits effect and betas in two rounds, the first with every beta 1.
func (s *scaler) common(e *effect) {
	for _, t := range e.telling {
		t.beta = 1
	}
	known := false
	for round := range 2 {
		s.estimate(e)
		if round == 0 {
			e.slow, known = s.alike(e)
		}
		for _, t := range e.telling {
			t.beta, t.known = fitBeta(t.past, e.past)
		}
	}
	if !known {
		e.slow = slowdown{past: measured(e.past), head: slices.Clone(e.head), doubt: slices.Repeat([]float64{1}, len(e.head))}
	}
	for _, t := range e.telling {
		t.takeOut(e.past, e.head)
	}
}

// estimate fills past and head with the medians of residual / beta.
func (s *scaler) estimate(e *effect) {
	columns, scales := make([][]float64, len(e.telling)), make([]float64, len(e.telling))
	for j, t := range e.telling {
		columns[j], scales[j] = t.past, 1/max(t.beta, 0.2)
	}
	s.medians(e.past, columns, scales)
	for j, t := range e.telling {
		columns[j] = t.head
	}
	s.medians(e.head, columns, scales)
}

// medians are those of each row over scaled columns. Eight rows are gathered at
// once: a column's neighbours share a line of the cache.
func (s *scaler) medians(out []float64, columns [][]float64, scales []float64) {
	const block = 8
	m := len(columns)
	s.gathered = grown(s.gathered, block*m)
	for from := 0; from < len(out); from += block {
		var size [block]int
		width := min(block, len(out)-from)
		for j, column := range columns {
			scale := scales[j]
			for i, x := range column[from : from+width] {
				if x == x {
					s.gathered[i*m+size[i&(block-1)]] = x * scale
					size[i&(block-1)]++
				}
			}
		}
		for i, c := range size[:width] {
			out[from+i] = median(s.gathered[i*m : i*m+c])
		}
	}
}

// fitBeta is the slope of a metric's residuals on the run effect, with the
// distance from slope 1 cut at three typical ones, and drawn towards 1. The second
// result is the noise over the slope's own error, squared: how large an effect
// must be until the slope's error matters as much as the noise.
func fitBeta(past, effect []float64) (slope, known float64) {
	sum, n := 0.0, 0
	for i, x := range past {
		if x == x {
			sum += math.Abs(x - effect[i])
			n++
		}
	}
	s := 1.2533 * sum / float64(max(n, 1))
	num, den := shrinkage*s*s, shrinkage*s*s
	if n < leastFit {
		return 1, den
	}
	for i, x := range past {
		if x == x {
			r := effect[i]
			d := min(max(x-r, -3*s), 3*s)
			num += r * (d + r)
			den += r * r
		}
	}
	if den <= 0 {
		return 1, 0
	}
	return min(max(num/den, 0), mostBeta), den
}

// takeOut removes the run effect from a track. A head that is faster than any
// past run owes that to its code: what the machine gets credit for ends at the
// fastest run that was seen. And the further an effect is from those that beta
// was fitted on, the less is known of what it does to this metric.
func (t *track) takeOut(past, head []float64) {
	fastest := 0.0
	for i, r := range past {
		t.past[i] -= t.beta * r
		if r < fastest { // never for NaN
			fastest = r
		}
	}
	for i, r := range head {
		t.over[i] = t.beta * min(r-fastest, 0)
		r = max(r, fastest)
		t.head[i] -= t.beta * r
		if t.known > 0 {
			t.stretch[i] = math.Sqrt(1 + r*r/t.known)
		}
	}
	t.shift = t.beta * max(head[0], fastest)
	recentre(t)
}

// recentre puts the middle of the residuals of a short history back to 0; they
// were taken from medians of what still had the effect in it.
func recentre(t *track) {
	if t.replayed {
		return
	}
	buffer := make([]float64, 0, len(t.past))
	for _, x := range t.past {
		if x == x {
			buffer = append(buffer, x)
		}
	}
	mid := median(buffer)
	for i := range t.past {
		t.past[i] -= mid
	}
	for i := range t.head {
		t.head[i] -= mid
	}
}
