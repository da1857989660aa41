package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// proposal tells what other limits would have made of the same history, and
// what a re-run would do about the rest.
func (p *printer) proposal(b *check.BacktestResult) {
	passed := 0
	for i := range b.Alerts {
		if b.Alerts[i].Lasting == check.Passed {
			passed++
		}
	}
	if passed == 0 {
		return
	}
	r := b.Proposal
	if r == nil {
		p.labeled("limits", "none of up to 50 % on a single metric would have kept still what went away and hidden nothing that lasted")
		p.rerun(b, passed)
		return
	}
	for _, c := range r.Costs {
		passed -= c.Spared
	}
	p.rerun(b, passed)
	p.labeled("limits", proposalText(b))
	p.line("")
	p.line("rules:")
	lines, width := make([]string, len(r.Rules)), 0
	for i := range r.Rules {
		lines[i] = "  - " + yamlRule(&r.Rules[i])
		width = max(width, columns(lines[i]))
	}
	for i, l := range lines {
		p.line(pad(l, width) + "  # " + costText(r.Costs[i]))
	}
}

// rerun advises the way that keeps what limits would hide.
func (p *printer) rerun(b *check.BacktestResult, passed int) {
	if passed <= 0 || b.Confirms {
		return
	}
	left := plural(passed, "alert") + " went away by " + verb(passed, "itself", "themselves")
	if b.Proposal != nil {
		left = "the limits below leave " + plural(passed, "alert") + " that went away by " + verb(passed, "itself", "themselves")
	}
	p.labeled("re-runs", left+"; where gate.confirm asks for it, what is suspect is measured once more, and alerts only if it shows again")
}

func proposalText(b *check.BacktestResult) string {
	r := b.Proposal
	limits := pct(r.Least)
	if r.Least != r.Most {
		limits += " to " + pct(r.Most)
	}
	s := fmt.Sprintf("with %s on %s you would have had %s in %s instead of %s",
		limits, verb(len(r.Rules), "this metric", "these "+strconv.Itoa(len(r.Rules))+" metrics"),
		plural(r.Alerts, "alert"), plural(b.Runs, "run"), thousands(len(b.Alerts)))
	switch {
	case r.Lost > 0:
		s += fmt.Sprintf(", missed %s that lasted", plural(r.Lost, "alert"))
	case r.Lasted > 0:
		s += ", missed none that lasted"
	}
	seen := pct(r.DetectablePct)
	if r.LeastDetectablePct != r.DetectablePct {
		seen = pct(r.LeastDetectablePct) + " to " + seen + ", as each line says,"
	}
	it := verb(len(r.Rules), "it", "them")
	return s + fmt.Sprintf(", and still seen changes of %s over %s every second time or more often. Put %s before your own rules:", it, seen, it)
}

// costText is a comment of YAML.
func costText(c check.LimitCost) string {
	s := "spares " + plural(c.Spared, "alert") + "; sees " + pct(c.SeenPct)
	switch {
	case c.SeenPct == c.BeforePct:
		return s + " as before"
	case c.BeforePct == 0:
		return s + ", before any"
	case finite(c.BeforePct):
		return s + ", before " + pct(c.BeforePct)
	}
	return s
}

// yamlRule is a rule as the configuration spells it. A quoted Go string is one of
// YAML too; the bracket of "##[command]" is escaped for the logs of runners.
func yamlRule(u *check.Rule) string {
	parts := []string{"match: " + strings.ReplaceAll(strconv.Quote(u.Match), "##[", `##\u005b`)}
	if u.Better != collect.Unknown {
		parts = append(parts, "better: "+u.Better.String())
	}
	if u.Limit != nil {
		parts = append(parts, "limit: "+u.Limit.String())
	}
	if u.Against != nil {
		parts = append(parts, "against: "+u.Against.String())
	}
	if u.Level != "" {
		parts = append(parts, "level: "+string(u.Level))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
