package check

import (
	"math"
	"slices"
)

// readings are values as they were measured: no ruler has been held against them.
type readings struct{ col, looks []float64 }

// track is one metric on its way through the comparison from history. All its
// figures are oriented: larger is worse, whatever the metric's direction.
type track struct {
	at     int // its place among the comparisons
	name   string
	sign   float64
	timing bool
	col    []float64 // the baseline's values, NaN where a run has none
	looks  []float64 // the head run's value and the re-runs', NaN likewise
	count  int       // baseline runs that have the metric

	// plain is 0 where figures are logarithms. A metric with zero or negative
	// values is compared on the plain scale, in parts of its typical size: plain.
	plain float64

	level   float64 // what the head is compared with
	base    float64 // the same in the metric's unit
	cut     int     // the level is of baseline runs from here on, where any is known
	from    int     // the place of the first of these among the values; 0: no cut
	before  float64 // the level before the cut; NaN: not known
	settled int     // runs that the level is the median of
	since   int     // the first baseline run since the last lasting shift, of a replayed track
	spread  float64 // how much more the head scatters for that: sqrt(1 + 1.57/settled)

	past    []float64 // a run's residual from the level known before it; then z; see comparer.old
	head    []float64 // the same of the looks, but never z
	known   float64   // how well beta is known; see fitBeta
	stretch []float64 // of the looks: how much more they scatter for that
	over    []float64 // of the looks: the share of the run effect that was left in
	unrest  []float64 // of the looks: how much more their runs scatter than others
	beta    float64   // how much of the run effect this metric takes
	shift   float64   // what the run effect took out of the head
	samples *samples  // inside the runs; nil: none
	raw     readings  // col and looks as they were measured

	step     float64 // the resolution: the smallest step that values of this kind make
	noise    float64 // 1.4826 median of |past|
	worst    float64 // the largest |past|
	tail     float64 // the one that stands for the tail, and whose it is
	tailAt   int     // its place in past
	scale    float64 // the robust scale with its tail
	exact    bool    // no noise: compared exactly
	replayed bool    // past was judged by the level before it
}

// The oriented value of what has no logarithm: a value of zero or less where
// all the history is positive. It is as extreme as a float64 can be.
var lnSmallest = math.Log(math.SmallestNonzeroFloat64)

func (t *track) orient(x float64) float64 {
	switch {
	case t.plain > 0:
		return t.sign * min(max(x/t.plain, -math.MaxFloat64/4), math.MaxFloat64/4)
	case x > 0:
		return t.sign * math.Log(x)
	}
	return t.sign * lnSmallest
}

// value undoes orient.
func (t *track) value(y float64) float64 {
	if t.plain > 0 {
		return t.sign * y * t.plain
	}
	return math.Exp(t.sign * y)
}

// worse is a residual as a change in the metric's unit, positive for the worse.
func (t *track) worse(u float64) float64 {
	if t.plain > 0 {
		return u * t.plain
	}
	return t.sign * t.base * math.Expm1(t.sign*u)
}

// chooseScale sets plain: the history decides, not the head, so that a head that
// gets ever worse never changes the yardstick.
func (t *track) chooseScale() {
	positive := true
	for _, x := range t.col {
		positive = positive && (x > 0 || !finite(x))
	}
	if positive {
		return
	}
	sizes := measured(t.col)
	for i, x := range sizes {
		sizes[i] = math.Abs(x)
	}
	// The typical size, not the largest: one absurd value must not hide the rest.
	if t.plain = median(sizes); t.plain == 0 {
		t.plain = slices.Max(sizes)
	}
	if t.plain == 0 {
		t.plain = 1
	}
}

// resolution finds the step of quantised values: a test's seconds in steps of
// 0.01, a benchmark's whole nanoseconds. What a ruler makes of them has none, and
// is as coarse as they are. It is the largest power of ten that
// every value is a multiple of, which no change of unit by a power of ten moves.
func (t *track) resolution() {
	power, known := 0, false
	ok := true
	for _, x := range t.raw.col {
		power, known, ok = coarser(x, power, known)
		if !ok {
			return
		}
	}
	if !known { // nothing but zeros so far: the head is the only hint
		for _, x := range t.raw.looks {
			if power, known, ok = coarser(x, power, known); !ok {
				return
			}
		}
	}
	switch {
	case !known:
	case t.plain > 0:
		t.step = math.Pow10(-power) / t.plain
	default:
		t.step = math.Pow10(-power) / t.base
	}
}

// coarser raises power until x is a whole number of 10^-power.
func coarser(x float64, power int, known bool) (int, bool, bool) {
	if x == 0 || !finite(x) {
		return power, known, true
	}
	if !known {
		power = -int(math.Floor(math.Log10(math.Abs(x))))
	}
	for ; ; power++ {
		if power < -300 || power > 300 {
			return 0, false, false
		}
		scaled := math.Abs(x) * math.Pow10(power)
		// Nine digits are all that a value is trusted with.
		if math.Abs(scaled-math.Round(scaled)) <= 1e-9*scaled {
			return power, true, true
		}
	}
}

// coarse reports whether a timing's steps are so large that they hide its noise.
// It may look as if it never moved, and yet its next step means nothing.
func (t *track) coarse() bool { return t.timing && stepShare*t.step > leastScale }

// measured are the values that are there.
func measured(looks []float64) []float64 {
	out := make([]float64, 0, len(looks))
	for _, x := range looks {
		if finite(x) {
			out = append(out, x)
		}
	}
	return out
}

func count(xs []float64) int {
	n := 0
	for _, x := range xs {
		if finite(x) {
			n++
		}
	}
	return n
}

func finite(x float64) bool { return x-x == 0 }

// newTrack prepares a metric that is judged from history.
func newTrack(at int, p *plan, col, looks []float64) track {
	t := track{
		at: at, sign: sign(p.better), timing: p.timing, col: col, looks: looks, count: count(col),
		before: math.NaN(), raw: readings{col, looks},
	}
	if p.accepted != nil {
		t.cut = p.accepted.cut
	}
	t.chooseScale()
	return t
}
