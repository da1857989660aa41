package check

import (
	"cmp"

	"github.com/plumbline-ci/plumbline/collect"
)

// builtin is what plumbline knows of the metrics that it makes itself. The
// first row that fits counts, where the user's rules left something open.
type builtin struct {
	match  string
	better collect.Direction // where the run does not say
	level  Level
	// exact metrics are counted, not measured: any change for the worse against
	// the newest baseline run is real, and no noise is asked for.
	exact bool
}

// Hundreds of test durations would blunt the gate if they were part of its
// family, and a deleted test must be said but not turn a merge red: both warn.
var builtins = []builtin{
	{match: "**.case_seconds[**]", level: Warn},
	{match: "**.case_seconds", level: Warn},
	{match: "system.**", level: Off},
	// Whole seconds of machines that nobody chose, in a queue that nobody controls.
	{match: "job.seconds[**]", level: Warn},
	{match: "step.seconds[**]", level: Warn},
	{match: "job.queue_seconds[**]", better: collect.None, level: Off},
	{match: "cpu.avg_load", better: collect.None},
	{match: "cpu.max_load", better: collect.None},
	{match: "bench/**"}, // a benchmark may be called Parser.errors
	{match: "**.passed", better: collect.Higher, level: Warn, exact: true},
	{match: "**.item_count", better: collect.Higher, level: Warn, exact: true},
	{match: "**.leaf_count", better: collect.Higher, level: Warn, exact: true},
	{match: "**.skipped", better: collect.Lower, level: Warn, exact: true},
	{match: "**.flaky", better: collect.Lower, level: Warn, exact: true},
	{match: "**.failed", better: collect.Lower, exact: true},
	{match: "**.errors", better: collect.Lower, exact: true},
	{match: "**.suite_success", better: collect.Higher, exact: true},
	{match: "**_success", better: collect.Higher, exact: true},
	{match: "**.success", better: collect.Higher, exact: true},
}

// plan is what applies to one metric: the user's rule, then the built-in one,
// then what the metric itself says.
type plan struct {
	level    Level
	better   collect.Direction
	limit    *Limit
	max, min *float64
	exact    bool
	timing   bool
	against  Against
	why      string // the pattern that set the level, empty for the default
	accepted *acceptance
}

func (t *Thresholds) plan(m collect.Metric) plan {
	var user Rule
	for _, r := range t.Rules {
		if Match(r.Match, m.Name) {
			user = r
			break
		}
	}
	var own builtin
	for _, b := range builtins {
		if Match(b.match, m.Name) {
			own = b
			break
		}
	}
	p := plan{
		level: cmp.Or(user.Level, own.level, Fail), limit: user.Limit, max: user.Max, min: user.Min, exact: own.exact,
		timing: isTiming(m.Name, m.Unit),
	}
	switch {
	case user.Level != "":
		p.why = user.Match
	case own.level != "":
		p.why = own.match
	}
	if p.limit == nil {
		p.limit = t.Limit
	}
	p.against = t.Against
	if user.Against != nil {
		p.against = *user.Against
	}
	p.better = cmp.Or(user.Better, said(m), own.better)
	if p.better == collect.Unknown {
		p.better = m.Direction()
	}
	return p
}

// said is the direction that the run itself gives.
func said(m collect.Metric) collect.Direction {
	if m.Better != collect.Unknown {
		return m.Better
	}
	d, _ := collect.ParseDirection(m.Tags["better"])
	return d
}

// sign turns a value so that more is worse: +1 where lower is better.
func sign(d collect.Direction) float64 {
	switch d {
	case collect.Lower:
		return 1
	case collect.Higher:
		return -1
	}
	return 0
}
