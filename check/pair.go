package check

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// Pairs compares base and head by measurements that were taken alternately on
// one machine, in random order inside each pair. It may be asked after every
// pair whether the answer is clear: the chance that it ever says regression of
// a head that is no more than the limit worse stays below the false-alarm rate
// over the whole family of metrics that gate, and so does the chance that it
// ever passes one that is worse. NewPairs makes one.
//
// It must be fed in the order of measurement, and the coin that decided which
// side came first must not depend on what was measured.
type Pairs struct {
	t      Thresholds
	o      PairOptions
	n      int
	series map[string]*pairSeries
}

// PairOptions are those of the thresholds that concern pairs alone. The zero
// value works.
type PairOptions struct {
	// Clock is the name of the metric that is the command's own time. It gates
	// where the command reports no timing of a benchmark; where it does, those
	// gate and the clock only warns: a benchmark runs as long as it was told to.
	Clock string
	// Decides are patterns of the metrics that gate; then all others only warn,
	// and levels of rules do not count but for Off.
	Decides []string
	// Min is the fewest pairs that decide. 0 means 5.
	Min int
}

const (
	defaultMinPairs = 5
	// DefaultPairLimit is the allowed change in per cent where nothing else is
	// said. None at all could never be shown to be kept.
	DefaultPairLimit = 2
)

// NewPairs returns an empty comparison. Rules that the thresholds have may set
// limit and level of a metric; its budgets, waivers and the rest are not used.
func NewPairs(t Thresholds, o PairOptions) *Pairs {
	t = t.withDefaults(collect.Origin{})
	if t.Limit == nil {
		t.Limit = &Limit{Value: DefaultPairLimit, Kind: Percent}
	}
	o.Min = cmp.Or(max(o.Min, 0), defaultMinPairs)
	return &Pairs{t: t, o: o, series: make(map[string]*pairSeries)}
}

// Add takes in a pair of measurements. What is not finite counts as not measured.
func (p *Pairs) Add(base, head []collect.Metric) {
	p.n++
	other := make(map[string]float64, len(head))
	for _, m := range head {
		if finite(m.Value) {
			other[m.Name] = m.Value
		}
	}
	for _, m := range base {
		if !finite(m.Value) {
			continue
		}
		s := p.of(m)
		if x, ok := other[m.Name]; ok {
			s.add(m.Value, x)
			delete(other, m.Name)
		} else {
			s.alone[0]++
		}
	}
	for _, m := range head {
		if _, ok := other[m.Name]; ok {
			p.of(m).alone[1]++
		}
	}
}

func (p *Pairs) of(m collect.Metric) *pairSeries {
	s := p.series[m.Name]
	if s == nil {
		s = newPairSeries(m, p.t.plan(m))
		p.series[m.Name] = s
	}
	return s
}

// Len is the number of pairs.
func (p *Pairs) Len() int { return p.n }

// level is what a regression of the metric does: as a rule of the user says, or
// Fail for what decides by itself and Warn for all else.
func (p *Pairs) level(s *pairSeries, benched bool) Level {
	name := s.metric.Name
	fits := func(pattern string) bool { return Match(pattern, name) }
	switch {
	case s.plan.level == Off:
		return Off
	case s.plan.better == collect.None: // nothing of it can be worse
		return Warn
	case slices.ContainsFunc(p.o.Decides, fits):
		return Fail
	case len(p.o.Decides) > 0:
		return Warn
	case p.ruled(name):
		return s.plan.level
	}
	if isBenchTime(s.metric) && !p.mirrored(name) || name == p.o.Clock && !benched {
		return Fail
	}
	return Warn
}

// mirrored reports whether a metric is the rate of a time that is there too: it
// tells nothing more.
func (p *Pairs) mirrored(name string) bool {
	bench, ok := strings.CutSuffix(name, ".mb_per_s")
	return ok && p.series[bench+".ns_per_op"] != nil
}

func (p *Pairs) ruled(name string) bool {
	for _, r := range p.t.Rules {
		if Match(r.Match, name) {
			return r.Level != ""
		}
	}
	return false
}

func isBenchTime(m collect.Metric) bool {
	return Match("bench/**", m.Name) && isTiming(m.Name, m.Unit)
}

// benched reports whether any pair timed a benchmark on both sides.
func (p *Pairs) benched() bool {
	for _, s := range p.series {
		if len(s.base) > 0 && isBenchTime(s.metric) {
			return true
		}
	}
	return false
}

// Clear reports whether the answer is clear: a metric that gates is worse than
// its limit, or none of them is.
func (p *Pairs) Clear() bool {
	if p.n < p.o.Min {
		return false
	}
	f := p.family(Fail)
	for _, s := range f.series {
		if f.status(s) == Regressed {
			return true
		}
	}
	for _, s := range f.series {
		if st := f.status(s); st != Unchanged && st != Improved {
			return false
		}
	}
	return true
}

// pairFamily are the metrics of one level that can be judged, by name.
type pairFamily struct {
	series                []*pairSeries
	alpha                 float64
	min                   int
	beyond, worse, better evidences
}

func (p *Pairs) family(level Level) *pairFamily {
	f := &pairFamily{alpha: p.t.FalseAlarmRate, min: p.o.Min}
	benched := p.benched()
	for _, s := range p.series {
		if p.level(s, benched) == level && s.plan.better != collect.None && len(s.base) > 0 {
			f.series = append(f.series, s)
		}
	}
	slices.SortFunc(f.series, func(a, b *pairSeries) int { return cmp.Compare(a.metric.Name, b.metric.Name) })
	var beyond, worse, better []float64
	for _, s := range f.series {
		if !s.still() {
			beyond = append(beyond, s.beyond.evidence())
			worse = append(worse, s.worse.evidence())
			better = append(better, s.better.evidence())
		}
	}
	f.beyond, f.worse, f.better = newEvidences(beyond), newEvidences(worse), newEvidences(better)
	return f
}

// status is what the pairs so far say of a metric of the family. That a
// worsening beyond the limit is ruled out needs no correction for their number:
// the run passes where it is for all of them.
func (f *pairFamily) status(s *pairSeries) Status {
	need := 1 / f.alpha
	switch {
	case len(s.base) < f.min:
		return Inconclusive
	case s.still():
		return s.exactly()
	case f.beyond.adjusted(s.beyond.evidence()) >= need:
		return Regressed
	case s.within.evidence() >= need && f.better.adjusted(s.better.evidence()) >= need:
		return Improved
	case s.within.evidence() >= need:
		return Unchanged
	}
	return Inconclusive
}

// suspect reports whether a metric that is undecided is worse for certain, and by
// more than the limit as far as one can tell.
func (f *pairFamily) suspect(s *pairSeries) bool {
	return len(s.base) >= f.min && f.worse.adjusted(s.worse.evidence()) >= 1/f.alpha && s.estimate() > s.beyond.mu
}

// exactly judges a metric that moved on neither side.
func (s *pairSeries) exactly() Status {
	base, head := s.base[0], s.head[0]
	worse := (head - base) * sign(s.plan.better)
	switch {
	case !differs(base, head):
		return Unchanged
	case s.plan.limit.exceeded(base, worse, s.metric.Unit):
		return Regressed
	case worse < 0:
		return Improved
	}
	return Unchanged
}

// sure is the interval of a metric's difference: each bound holds with the
// family's certainty, at any time, and agrees with the status.
func (f *pairFamily) sure(s *pairSeries) (low, high float64) {
	need := 1 / f.alpha
	if s.still() {
		return s.diffs[0], s.diffs[0]
	}
	return s.bound(1, f.beyond.need(s.beyond.evidence(), need)), s.bound(-1, need)
}

// pairsNeeded is how many pairs tell a change at this distance from the limit, in
// units of a pair's scatter, in nine of ten cases; pairsHalf in every second.
// Both are fits to simulations with normal noise, which the tests repeat: at an
// error rate of 5 %, and in proportion to the logarithm of the evidence that
// another one asks for; at rates below 1 % they are rough.
func pairsNeeded(distance, alpha float64) float64 {
	return 5 + 16.5*strictness(alpha)/(distance*distance)
}

func pairsHalf(distance, alpha float64) float64 {
	return 3.5 + 7.6*strictness(alpha)/(distance*distance)
}

func strictness(alpha float64) float64 { return (1.5 - math.Log(alpha)) / (1.5 - math.Log(0.05)) }

// distanceSeen is the inverse of pairsHalf.
func distanceSeen(pairs int, alpha float64) float64 {
	return math.Sqrt(7.6 * strictness(alpha) / max(float64(pairs)-3.5, 0.5))
}
