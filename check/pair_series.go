package check

import (
	"math"

	"github.com/plumbline-ci/plumbline/collect"
)

// pairSeries is one metric's measurements on both sides, pair by pair.
type pairSeries struct {
	metric     collect.Metric // its first
	plan       plan
	base, head []float64 // of the pairs that measured both
	alone      [2]int    // pairs in which only base, only head has it

	// Differences are of logarithms, so that a change is a factor. Where a value
	// is not positive, or the limit is an amount, they are plain.
	plain bool
	ledger
	beyond, within wager // against the limit
	worse, better  wager // against no change
}

func newPairSeries(m collect.Metric, p plan) *pairSeries {
	s := &pairSeries{metric: m, plan: p, plain: p.limit.Kind != Percent}
	s.restart()
	return s
}

// restart judges the pairs anew, by differences of the kind that now fits.
func (s *pairSeries) restart() {
	limit := s.limit()
	s.ledger = ledger{}
	s.beyond, s.within = newWager(limit, 1), newWager(limit, -1)
	s.worse, s.better = newWager(0, 1), newWager(0, -1)
	for k := range s.base {
		s.take(k)
	}
}

func (s *pairSeries) take(k int) {
	d := s.difference(s.base[k], s.head[k])
	scale := s.ledger.add(d)
	for _, w := range []*wager{&s.beyond, &s.within, &s.worse, &s.better} {
		w.bet(d, scale)
	}
}

func (s *pairSeries) add(base, head float64) {
	s.base, s.head = append(s.base, base), append(s.head, head)
	if !s.plain && (base <= 0 || head <= 0) {
		s.plain = true
		s.restart()
		return
	}
	if s.plain && s.limit() != s.beyond.mu {
		s.restart() // a share of the base moves with it
		return
	}
	s.take(len(s.base) - 1)
}

// difference is how much worse head is than base.
func (s *pairSeries) difference(base, head float64) float64 {
	if s.plain {
		return sign(s.plan.better) * (head - base)
	}
	return sign(s.plan.better) * math.Log(head/base)
}

// limit is the allowed difference.
func (s *pairSeries) limit() float64 {
	if s.plain {
		return s.plan.limit.amount(s.level(), s.metric.Unit)
	}
	share := s.plan.limit.Value / 100
	if s.plan.better == collect.Higher {
		return -math.Log1p(-min(share, 1))
	}
	return math.Log1p(share)
}

// level is the base's middle value.
func (s *pairSeries) level() float64 { return collect.Median(s.base) }

// percent turns a difference into a change of the metric in per cent of base:
// positive means larger, not worse. It is NaN where that is no number.
func (s *pairSeries) percent(d float64) float64 {
	d *= sign(s.plan.better)
	if s.plain {
		return ratioPct(d, math.Abs(s.level()))
	}
	if x := 100 * math.Expm1(d); !math.IsInf(x, 0) {
		return x
	}
	return math.NaN()
}

// still reports whether neither side has moved: what is counted, not measured.
func (s *pairSeries) still() bool {
	for k := range s.base {
		if differs(s.base[0], s.base[k]) || differs(s.head[0], s.head[k]) {
			return false
		}
	}
	return true
}

// spread is the standard deviation of a pair's difference.
func (s *pairSeries) spread() float64 { return s.ledger.scale() }
