package config

import (
	"github.com/goccy/go-yaml/ast"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

func (d *decoder) file(n ast.Node, c *Config) {
	d.section(n, "the file", []field{
		{"baseline", func(n ast.Node) { d.baseline(n, &c.Baseline, &c.Gate) }},
		{"gate", func(n ast.Node) { d.gate(n, &c.Gate) }},
		{"rules", func(n ast.Node) { d.rules(n, &c.Gate) }},
		{"waivers", func(n ast.Node) { d.waivers(n, &c.Gate) }},
		{"accepted", func(n ast.Node) { d.accepted(n, &c.Gate) }},
		{"retention", func(n ast.Node) { d.retention(n, &c.Retention) }},
		{"notices", func(n ast.Node) { d.notices(n, &c.Notices) }},
	})
}

func (d *decoder) baseline(n ast.Node, b *Baseline, t *check.Thresholds) {
	d.section(n, "baseline", []field{
		{"store", func(n ast.Node) { b.Store, _ = value(d, n, "store", wantStore, storeSpec) }},
		{"branch", func(n ast.Node) { b.Branch, _ = d.text(n, "branch") }},
		{"commit", func(n ast.Node) { b.Commit, _ = value(d, n, "commit", wantCommit, ParseCommit) }},
		{"runs", func(n ast.Node) { b.Runs, _ = d.count(n, "runs", 1, 100_000) }},
		{"max-age", func(n ast.Node) { b.MaxAge, _ = value(d, n, "max-age", wantAge, ParseAge) }},
		{"runner", func(n ast.Node) { b.Runner = d.runner(n) }},
		{"ruler", func(n ast.Node) { t.Ruler, _ = d.text(n, "ruler") }},
	})
}

func (d *decoder) runner(n ast.Node) baseline.RunnerRule {
	s, _ := d.word(n, "runner", string(baseline.PreferRunner), string(baseline.RequireRunner), string(baseline.AnyRunner))
	return baseline.RunnerRule(s)
}

func (d *decoder) gate(n ast.Node, t *check.Thresholds) {
	d.section(n, "gate", []field{
		{"false-alarm-rate", func(n ast.Node) {
			t.FalseAlarmRate, _ = value(d, n, "false-alarm-rate", wantRate, ParseRate)
		}},
		{"min-runs", func(n ast.Node) { t.MinRuns, _ = d.count(n, "min-runs", 2, 10_000) }},
		{"confirm", func(n ast.Node) { t.Confirm, _ = d.count(n, "confirm", 0, 10) }},
		{"threshold", func(n ast.Node) { t.Limit = d.limit(n, "threshold") }},
		{"against", func(n ast.Node) { t.Against, _ = value(d, n, "against", wantAgainst, check.ParseAgainst) }},
		{"on-inconclusive", func(n ast.Node) { t.OnInconclusive = d.action(n, "on-inconclusive") }},
		{"on-missing", func(n ast.Node) { t.OnMissing = d.action(n, "on-missing") }},
	})
}

func (d *decoder) action(n ast.Node, what string) check.Action {
	s, _ := d.word(n, what, string(check.ActPass), string(check.ActWarn), string(check.ActFail))
	return check.Action(s)
}

func (d *decoder) limit(n ast.Node, what string) *check.Limit {
	l, ok := value(d, n, what, wantLimit, ParseLimit)
	if !ok {
		return nil
	}
	return &l
}

// rules reads the rules. Since the first that matches decides, a second one for
// the same pattern is a slip: it would never be used.
func (d *decoder) rules(n ast.Node, t *check.Thresholds) {
	lines := map[string]int{}
	d.list(n, "rules", func(n ast.Node) {
		r, ok := d.rule(n)
		if !ok {
			return
		}
		if first := lines[r.Match]; first != 0 {
			d.fail(n, "rule for %q is never used: the one on line %d comes first; keep one of them", r.Match, first)
			return
		}
		lines[r.Match] = position(n).Line
		t.Rules = append(t.Rules, r)
	})
}

func (d *decoder) rule(n ast.Node) (check.Rule, bool) {
	var r check.Rule
	before := len(d.problems)
	d.section(n, "a rule", []field{
		{"match", func(n ast.Node) { r.Match, _ = d.text(n, "match") }},
		{"better", func(n ast.Node) {
			s, _ := d.word(n, "better", "lower", "higher", "none")
			r.Better, _ = collect.ParseDirection(s)
		}},
		{"limit", func(n ast.Node) { r.Limit = d.limit(n, "limit") }},
		{"against", func(n ast.Node) {
			if v, ok := value(d, n, "against", wantAgainst, check.ParseAgainst); ok {
				r.Against = &v
			}
		}},
		{"max", func(n ast.Node) { r.Max = d.budget(n, "max") }},
		{"min", func(n ast.Node) { r.Min = d.budget(n, "min") }},
		{"level", func(n ast.Node) {
			s, _ := d.word(n, "level", string(check.Fail), string(check.Warn), string(check.Off))
			r.Level = check.Level(s)
		}},
	})
	switch {
	case len(d.problems) > before:
	case r.Match == "":
		d.fail(d.resolve(n), `rule without match; want the metrics that it is for, such as match: "bench/**"`)
	case r.Max != nil && r.Min != nil && *r.Min > *r.Max:
		d.fail(d.resolve(n), "min %g is more than max %g; no value fits between", *r.Min, *r.Max)
	}
	return r, len(d.problems) == before
}

func (d *decoder) budget(n ast.Node, what string) *float64 {
	v, ok := d.number(n, what)
	if !ok {
		return nil
	}
	return &v
}
