package check

import (
	"math"
	"slices"
)

// A wager tests whether a metric's change is mu or less by betting on the sign
// of each pair's difference from mu. Which side of a pair is measured first is
// our own coin. Under a change of exactly mu, which multiplies whatever the
// command takes at that moment, that coin alone gives the difference its sign:
// whatever was seen before, and however large the difference is, the sign is
// fair. So the stake of a gambler who starts with 1 and bets a part of it on
// each sign is a martingale, and by Ville's inequality it ever reaches 1/alpha
// with probability alpha at most, however often one looks. Nothing is assumed of
// the noise: it may have heavy tails, drift, depend on what was before, or come
// from the order itself. A smaller change than mu only takes from the stake.
//
// The part that is bet is tanh(c z), for z the difference in units of what pairs
// before it scattered: the stake that is optimal for normal noise (Fisher's
// test of symmetry as an e-value; Vovk and Wang, Nonparametric e-tests of
// symmetry, 2024), with z bounded so that no outlier takes all. The best c
// depends on the change that is sought: the stake is spread over several
// (the mixture method of Robbins; Waudby-Smith and Ramdas, Estimating means of
// bounded random variables by betting, 2024, use the same for bounded values).
type wager struct {
	mu   float64
	side float64 // +1 bets on more than mu, -1 on less
	// won is what the stake has become with each boldness, from 1.
	won [len(boldness)]float64
}

func newWager(mu, side float64) wager {
	w := wager{mu: mu, side: side}
	for i := range w.won {
		w.won[i] = 1
	}
	return w
}

// boldness are the constants c. They suit changes of a seventh to twice the
// scatter of a pair; what is larger wins with any of them. Their number costs a
// factor of the stake, and more of them gained nothing.
var boldness = [...]float64{0.15, 0.35, 0.8, 2.5}

const (
	maxDeviation   = 2 // how many scales a difference counts at most
	firstDeviation = 1 // what one counts while the scale is not known
	minScaled      = 2 // pairs that tell a scale
)

// bet takes in a difference. Scale is that of the pairs before it, NaN where
// they do not tell it. It must not depend on the difference itself: the stake
// must be nondecreasing in it.
func (w *wager) bet(d, scale float64) {
	z := w.side * (d - w.mu)
	switch {
	case z == 0:
		return
	case math.IsNaN(scale):
		z = math.Copysign(firstDeviation, z)
	default:
		z = min(max(z/scale, -maxDeviation), maxDeviation) // a scale of 0 gives the bounds
	}
	for i, c := range boldness {
		w.won[i] *= 2 / (1 + math.Exp(-2*c*z)) // 1 + tanh(c z)
	}
}

// evidence is the stake: how much speaks for a change beyond mu. It may be +Inf.
func (w *wager) evidence() float64 {
	sum := 0.0
	for _, x := range w.won {
		sum += x
	}
	return sum / float64(len(w.won))
}

// ledger holds the differences of a metric's pairs, each with the scale that was
// known before it.
type ledger struct {
	diffs, scales []float64
	sorted, work  []float64
}

func (l *ledger) add(d float64) (scale float64) {
	scale = l.scale()
	l.diffs, l.scales = append(l.diffs, d), append(l.scales, scale)
	at, _ := slices.BinarySearch(l.sorted, d)
	l.sorted = slices.Insert(l.sorted, at, d)
	return scale
}

// scale is the standard deviation of the differences so far: by their median
// deviation, which outliers do not move, but never below half of what their mean
// deviation says, for the median of what a coarse clock measured may be 0. Few
// differences understate it.
func (l *ledger) scale() float64 {
	n := len(l.sorted)
	if n < minScaled {
		return math.NaN()
	}
	middle, sum := sortedMedian(l.sorted), 0.0
	l.work = l.work[:0]
	for _, x := range l.sorted {
		dev := math.Abs(x - middle)
		l.work = append(l.work, dev)
		sum += dev
	}
	s := max(1.4826*median(l.work), 0.5*1.2533*sum/float64(n))
	return s * (1 + 1/float64(n))
}

func sortedMedian(xs []float64) float64 {
	n := len(xs)
	return middle(xs[(n-1)/2], xs[n/2])
}

// evidence is what the pairs so far say for a change of more than mu (side +1)
// or of less (-1). It is monotone in mu.
func (l *ledger) evidence(mu, side float64) float64 {
	w := newWager(mu, side)
	for k, d := range l.diffs {
		w.bet(d, l.scales[k])
	}
	return w.evidence()
}

// bisections halve the distance between what is known of a bound so often that
// its first four figures stand.
const bisections = 40

// bound is how far the change is known to reach to one side: the first mu, seen
// from there, that evidence does not speak against with need. It is infinite
// where the pairs do not bound it.
func (l *ledger) bound(side, need float64) float64 {
	return l.root(side, func(mu float64) bool { return l.evidence(mu, side) >= need })
}

// estimate is the change for which as much speaks for more as for less. It is
// between the bounds.
func (l *ledger) estimate() float64 {
	return l.root(1, func(mu float64) bool { return l.evidence(mu, 1) >= l.evidence(mu, -1) })
}

// root finds where refuted, which holds for all mu that are far enough out
// against side, ends to hold.
func (l *ledger) root(side float64, refuted func(mu float64) bool) float64 {
	n := len(l.sorted)
	if n == 0 {
		return math.NaN()
	}
	width := max(l.sorted[n-1]-l.sorted[0], math.Abs(l.sorted[0])*1e-9, math.SmallestNonzeroFloat64)
	// So far out every difference counts in full.
	out, in := l.sorted[0]-(maxDeviation+1)*width, l.sorted[n-1]+(maxDeviation+1)*width
	if side < 0 {
		out, in = in, out
	}
	if !refuted(out) {
		return math.Inf(-int(side))
	}
	for range bisections {
		mid := out + (in-out)/2
		if refuted(mid) {
			out = mid
		} else {
			in = mid
		}
	}
	return out + (in-out)/2
}
