package report

import (
	"fmt"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
)

// headline is the result in one sentence. It never says that nothing got worse
// where nothing was judged.
func (p *Page) headline(q quote) string {
	t, base := &p.tally, p.base(q)
	switch p.Result.Verdict {
	case check.Regression:
		return "regression: " + p.regression(base, q)
	case check.SuspectRun:
		n := t.by[check.Suspect] - t.warned[check.Suspect]
		return fmt.Sprintf("suspect: %s of %s %s worse than %s %s; not confirmed",
			thousands(n), plural(t.total, "metric"), verb(n, "looks", "look"), base, p.allow())
	case check.InconclusiveRun:
		if p.Result.Unread != "" {
			return "inconclusive: " + q(p.Result.Unread)
		}
		s := fmt.Sprintf("inconclusive: %s of %s could not be judged against %s",
			thousands(t.by[check.Inconclusive]), plural(t.total, "metric"), base)
		if p.Result.Fails {
			s += ", which gate.on-inconclusive fails"
		}
		return s
	}
	if t.judged == 0 {
		return "nothing judged: " + p.unjudged(base)
	}
	return "pass: " + p.pass(base)
}

// base names the baseline.
func (p *Page) base(q quote) string {
	w := p.Result.Baseline
	switch {
	case w.Runs == 0:
		return "the limits that need no baseline"
	case w.Branch == "":
		return plural(w.Runs, "earlier run")
	}
	return plural(w.Runs, "run") + " of " + q(w.Branch)
}

func (p *Page) allow() string {
	return verb(p.Result.Baseline.Runs, "allows", "allow")
}

func (p *Page) regression(base string, q quote) string {
	t := &p.tally
	n, warned := t.by[check.Regressed]-t.warned[check.Regressed], t.warned[check.Regressed]
	switch {
	case n > 0 && warned > 0:
		return fmt.Sprintf("%s of %s got worse than %s %s, and %s more that only %s", thousands(n), plural(t.total, "metric"),
			base, p.allow(), thousands(warned), verb(warned, "warns", "warn"))
	case n > 0:
		return fmt.Sprintf("%s of %s got worse than %s %s", thousands(n), plural(t.total, "metric"), base, p.allow())
	case len(p.Result.Gated) == 0:
		return "the run does not pass its gate"
	}
	return q(p.Result.Gated[0])
}

// gated are the reasons of the verdict where the headline does not say them all.
func (p *Page) gated() []string {
	if len(p.Result.Gated) < 2 {
		return nil
	}
	return p.Result.Gated
}

// pass says that what was judged did not get worse, and what else there is.
func (p *Page) pass(base string) string {
	t := &p.tally
	warned, waived := t.warned[check.Regressed]+t.warned[check.Suspect], t.by[check.Waived]
	var s string
	switch n := t.judged - warned - waived; n {
	case 0:
		s = "nothing that gates got"
	case 1:
		s = "1 metric did not get"
	default:
		s = "none of " + plural(n, "metric") + " got"
	}
	s += " worse than " + base + " " + p.allow()
	sep := "; "
	add := func(n int, one, many string) {
		if n > 0 {
			s += sep + thousands(n) + " " + verb(n, one, many)
			sep = ", "
		}
	}
	add(warned, "only warns", "only warn")
	add(waived, "is waived", "are waived")
	add(t.total-t.judged, "was not judged", "were not judged")
	return s
}

// unjudged says why no metric has been judged.
func (p *Page) unjudged(base string) string {
	t := &p.tally
	if t.total == 0 {
		return "the run has no metrics"
	}
	none := p.Result.Baseline.Runs == 0
	var why []string
	add := func(s check.Status, one, many string) {
		if n := t.by[s]; n > 0 {
			why = append(why, plural(n, "metric")+" "+verb(n, one, many))
		}
	}
	add(check.New, "is new", "are new")
	add(check.Inconclusive, "is inconclusive", "are inconclusive")
	add(check.Missing, "is missing", "are missing")
	if len(why) == 0 {
		add(unjudged, "is switched off", "are switched off")
	}
	if none {
		return strings.Join(why, ", ") + ", there is no baseline yet"
	}
	return strings.Join(why, ", ") + " against " + base
}
