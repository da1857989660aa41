package check

import (
	"math"
	"slices"
	"sort"
)

// Proposal is a set of limits, and what a replay under them gave.
type Proposal struct {
	// Rules are to stand before those that there are. Each is of one metric.
	Rules                []Rule
	Costs                []LimitCost // one a rule
	AlertingRuns, Alerts int
	Lasted               int // alerts that lasted and are still raised
	Lost                 int // alerts that lasted and are raised no more
	// Least and Most are the smallest and the largest limit, in per cent.
	Least, Most float64
	// LeastDetectablePct and DetectablePct are the smallest and the largest of
	// LimitCost.SeenPct.
	LeastDetectablePct, DetectablePct float64
}

// LimitCost is what one limit spares, and at what price.
type LimitCost struct {
	Spared int // alerts that passed and are raised no more
	// SeenPct is the change for the worse that the metric needs in order to stand
	// out every second time and be past its limit; BeforePct is that without the
	// limit, NaN where it was never known.
	SeenPct, BeforePct float64
}

// mostRules is how many rules a person reads and pastes.
const mostRules = 8

// limitSteps are the limits that people write. Past the last of them a limit
// hides what it was set up to find.
var limitSteps = []float64{1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 40, 50}

// propose seeks limits that would have kept still what passed by itself, and
// replays under them. Nil where there is nothing of the kind.
func (r *replayer) propose(b *BacktestResult, steps []step) *Proposal {
	p := &Proposal{}
	for _, m := range loudest(b.Metrics) {
		if rule, ok := r.limitRule(m.Name, b.Alerts); ok && len(p.Rules) < mostRules {
			p.Rules = append(p.Rules, rule)
		}
	}
	if len(p.Rules) == 0 {
		return nil
	}
	again := *r
	again.t.Rules = append(slices.Clone(p.Rules), r.t.Rules...)
	again.plan()
	again.todo = touched(steps)
	changed := make(map[int]step)
	for _, s := range again.judge() {
		changed[s.run] = s
	}
	after := slices.Clone(steps)
	for i := range after {
		if s, ok := changed[after[i].run]; ok {
			after[i] = s
		}
	}
	sum := again.summarize(after)
	if len(sum.Alerts) >= len(b.Alerts) {
		return nil
	}
	p.AlertingRuns, p.Alerts = sum.AlertingRuns, len(sum.Alerts)
	p.Lasted = lasted(sum.Alerts)
	p.Lost = lasted(b.Alerts) - p.Lasted
	p.figures(b)
	return p
}

// loudest are the metrics with alerts that passed, the most of them first.
func loudest(metrics []Backtested) []Backtested {
	loud := slices.DeleteFunc(slices.Clone(metrics), func(m Backtested) bool { return m.Passed == 0 })
	sort.SliceStable(loud, func(i, j int) bool { return loud[j].Passed < loud[i].Passed })
	return loud
}

// limitRule is the rule that applies to a metric now, with the smallest limit
// past all of its alerts that passed. There is none where even the largest is
// not enough, where it would hide an alert that lasted, or where the user's is of
// another kind.
func (r *replayer) limitRule(name string, alerts []Alert) (Rule, bool) {
	passed, lasted := alertRange(name, alerts)
	rule := Rule{}
	if at := slices.IndexFunc(r.t.Rules, func(u Rule) bool { return Match(u.Match, name) }); at >= 0 {
		rule = r.t.Rules[at]
	}
	now := rule.Limit
	if now == nil {
		now = r.t.Limit
	}
	if now != nil && (now.Kind != Percent || now.Value >= passed) || rule.Max != nil || rule.Min != nil {
		return Rule{}, false
	}
	for _, step := range limitSteps {
		if step >= passed {
			rule.Match, rule.Limit = name, &Limit{Value: step}
			return rule, step < lasted
		}
	}
	return Rule{}, false
}

// alertRange is the largest change of a metric's alerts that passed, and the
// smallest of those that lasted, in per cent for the worse; infinite where that
// is not known or there is none.
func alertRange(name string, alerts []Alert) (passed, lasted float64) {
	lasted = math.Inf(1)
	for i := range alerts {
		c := &alerts[i].Comparison
		worse := c.DeltaPct * sign(c.Better)
		switch {
		case c.Name != name:
		case alerts[i].Lasting == Lasted && finite(worse):
			lasted = min(lasted, worse)
		case alerts[i].Lasting == Passed && finite(worse):
			passed = max(passed, worse)
		case alerts[i].Lasting == Passed:
			passed = math.Inf(1)
		}
	}
	return passed, lasted
}

// touched are the runs whose alerts a wider limit may change: those that fail. It
// makes no verdict stricter.
func touched(steps []step) []int {
	var runs []int
	for _, s := range steps {
		if s.fails {
			runs = append(runs, s.run)
		}
	}
	return runs
}

// figures fills the range of the limits, and what they still show. A rule leaves
// what stands out as it is, so that a metric's figure is the larger of the two.
func (p *Proposal) figures(b *BacktestResult) {
	p.Least, p.LeastDetectablePct = math.Inf(1), math.Inf(1)
	for _, u := range p.Rules {
		at := slices.IndexFunc(b.Metrics, func(m Backtested) bool { return m.Name == u.Match })
		m := &b.Metrics[at]
		c := LimitCost{Spared: m.Passed, SeenPct: u.Limit.Value, BeforePct: m.MinDetectablePct}
		if finite(c.BeforePct) {
			c.SeenPct = max(c.SeenPct, c.BeforePct)
		}
		p.Costs = append(p.Costs, c)
		p.Least, p.Most = min(p.Least, u.Limit.Value), max(p.Most, u.Limit.Value)
		p.LeastDetectablePct, p.DetectablePct = min(p.LeastDetectablePct, c.SeenPct), max(p.DetectablePct, c.SeenPct)
	}
}

func lasted(alerts []Alert) int {
	n := 0
	for i := range alerts {
		if alerts[i].Lasting == Lasted {
			n++
		}
	}
	return n
}
