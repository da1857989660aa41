package check

import (
	"cmp"
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// PairResult is what pairs tell. In its comparisons Head and Baseline are the
// middle values of the two sides, DeltaPct is the change inside the pairs, P is
// the chance that a head no more than the limit worse ever shows as much (valid
// whenever it is read) and Q the same over the metrics of one level.
type PairResult struct {
	Result
	Pairs   int
	Changes []Change // in the order of Result.Metrics
	// Needed is how many pairs would rule out a worsening beyond the limit, were
	// there no change, in nine of ten cases, for the metric that gates and needs
	// most, which is Noisiest. 0 where that is not known.
	Needed   int
	Noisiest string
	NoisePct float64 // its scatter of a pair, in per cent; NaN where unknown
	LimitPct float64 // its limit
}

// Change is what is known of one metric's change.
type Change struct {
	// LowPct and HighPct bound the change in per cent of base, positive is
	// larger. Each bound holds at any time but for the false-alarm rate; a change
	// that is not bounded has an infinite one, and where a per cent means nothing
	// both are NaN.
	LowPct, HighPct float64
	NoisePct        float64 // the scatter of a pair, in per cent of base
	Exact           bool    // neither side moved
}

// Result returns what the pairs so far tell.
func (p *Pairs) Result() PairResult {
	r := PairResult{Pairs: p.n, NoisePct: math.NaN(), LimitPct: math.NaN()}
	var all []judged
	seen := make(map[string]bool)
	for _, level := range []Level{Fail, Warn} {
		f := p.family(level)
		for _, s := range f.series {
			all = append(all, f.judge(s, level))
			seen[s.metric.Name] = true
			if level == Fail {
				r.plan(s, f.alpha)
			}
		}
	}
	benched := p.benched()
	for name, s := range p.series {
		if !seen[name] {
			all = append(all, p.shown(s, p.level(s, benched)))
		}
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := &all[i], &all[j]
		return cmp.Or(cmp.Compare(rank(&a.Comparison), rank(&b.Comparison)), cmp.Compare(size(&b.Comparison), size(&a.Comparison)),
			strings.Compare(a.Name, b.Name)) < 0
	})
	r.fill(all)
	r.Baseline.Runs = p.n
	r.draw(p.t.OnInconclusive)
	return r
}

type judged struct {
	Comparison
	Change
}

func (r *PairResult) fill(all []judged) {
	r.Counts = make(map[Status]int)
	for _, s := range statuses {
		r.Counts[s] = 0
	}
	for i := range all {
		r.Metrics = append(r.Metrics, all[i].Comparison)
		r.Changes = append(r.Changes, all[i].Change)
		if all[i].Level != Off {
			r.Counts[all[i].Status]++
		}
	}
}

// plan keeps the metric that needs most pairs.
func (r *PairResult) plan(s *pairSeries, alpha float64) {
	if s.still() || s.beyond.mu <= 0 || !finite(s.beyond.mu) {
		return
	}
	spread := s.spread()
	if n := math.Ceil(pairsNeeded(s.beyond.mu/spread, alpha)); finite(n) && n < math.MaxInt32 && int(n) > r.Needed {
		r.Needed, r.Noisiest = int(n), s.metric.Name
		r.NoisePct, r.LimitPct = s.share(spread), s.share(s.beyond.mu)
	}
}

// share is a size of differences in per cent.
func (s *pairSeries) share(d float64) float64 {
	if s.plain {
		return ratioPct(d, math.Abs(s.level()))
	}
	return 100 * math.Expm1(d)
}

// comparison has the figures of both sides, before any test.
func (s *pairSeries) comparison(level Level) judged {
	m := s.metric
	m.Value = collect.Median(s.head)
	c := newComparison(m, &s.plan)
	c.Level, c.Runs = level, len(s.base)
	c.setBaseline(s.level())
	return judged{c, Change{LowPct: math.NaN(), HighPct: math.NaN(), NoisePct: math.NaN()}}
}

// judge fills in what the family's tests say.
func (f *pairFamily) judge(s *pairSeries, level Level) judged {
	j := s.comparison(level)
	low, high := f.sure(s)
	j.LowPct, j.HighPct = s.percentBounds(low, high)
	j.Exact = s.still()
	j.NoisePct = s.share(s.spread())
	j.P, j.Q = 1, 1
	if !j.Exact {
		e := s.beyond.evidence()
		j.P, j.Q = min(1, 1/e), min(1, 1/f.beyond.adjusted(e))
		j.DeltaPct = s.percent(s.estimate())
		j.MinDetectablePct = s.share(s.beyond.mu + distanceSeen(len(s.base), f.alpha)*s.spread())
	}
	j.Status = f.status(s)
	if j.Status == Inconclusive && f.suspect(s) {
		j.Status = Suspect
	}
	j.Reason = f.reason(s, &j)
	return j
}

// percentBounds are bounds of the difference as a change in per cent of base.
func (s *pairSeries) percentBounds(low, high float64) (lowPct, highPct float64) {
	if sign(s.plan.better) < 0 {
		low, high = high, low
	}
	return s.percentBound(low), s.percentBound(high)
}

func (s *pairSeries) percentBound(d float64) float64 {
	signed := d * sign(s.plan.better)
	switch {
	case !math.IsInf(signed, 0):
		return s.percent(d)
	case signed < 0 && !s.plain:
		return -100 // a factor of 0
	}
	return signed
}

// reason says in words why the status is what it is.
func (f *pairFamily) reason(s *pairSeries, j *judged) string {
	limit := s.plan.limit.String()
	switch {
	case len(s.base) < f.min:
		return fmt.Sprintf("measured in %d pairs; it takes %d at least", len(s.base), f.min)
	case j.Exact:
		return "the same in every pair of each side"
	case j.Status == Regressed:
		return fmt.Sprintf("worse by more than %s for certain", limit)
	case j.Status == Suspect:
		return fmt.Sprintf("worse for certain, but whether by more than %s is not", limit)
	case j.Status == Improved:
		return "better for certain"
	case j.Status == Unchanged:
		return fmt.Sprintf("a worsening of more than %s is ruled out", limit)
	case j.Level == Warn:
		return fmt.Sprintf("neither a worsening of more than %s nor its absence is shown yet", limit)
	}
	return fmt.Sprintf("the pairs leave open whether it is worse by more than %s", limit)
}

// shown is a metric that is not judged.
func (p *Pairs) shown(s *pairSeries, level Level) judged {
	j := s.comparison(level)
	switch {
	case len(s.base) == 0 && s.alone[1] > 0:
		j.Baseline, j.DeltaPct = math.NaN(), math.NaN()
		j.Head = s.metric.Value
		j.set(New, "only head has it")
	case len(s.base) == 0:
		j.Head, j.DeltaPct = math.NaN(), math.NaN()
		j.Baseline = s.metric.Value
		j.set(Missing, "only base has it")
	case level == Off:
		j.set(Unchanged, offText(s.plan.why))
	default:
		j.set(Unchanged, "shown and not judged: neither more nor less of it is better")
	}
	return j
}

// draw sets the verdict. It passes only where all that gates has passed.
func (r *PairResult) draw(onInconclusive Action) {
	by := make(map[Status][]string)
	gating := 0
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if m.Level != Fail {
			continue
		}
		if m.Status != New && m.Status != Missing {
			gating++
		}
		by[m.Status] = append(by[m.Status], m.Name)
	}
	r.Verdict = Pass
	switch {
	case len(by[Regressed]) > 0:
		r.Verdict, r.Fails = Regression, true
		r.Gated = append(r.Gated, listed(by[Regressed], "regressed"))
	case len(by[Suspect]) > 0:
		r.Verdict = SuspectRun
		r.Gated = append(r.Gated, listed(by[Suspect], "suspect"))
	case gating == 0:
		r.Verdict, r.Fails = InconclusiveRun, onInconclusive == ActFail
		r.Gated = append(r.Gated, "no metric that gates was measured on both sides")
	case len(by[Inconclusive]) > 0:
		r.Verdict, r.Fails = InconclusiveRun, onInconclusive == ActFail
		r.Gated = append(r.Gated, listed(by[Inconclusive], "inconclusive"))
	}
}
