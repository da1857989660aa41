package report

import (
	"math"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// row is a comparison in words, each of them empty where the result says nothing.
// Of these, name, limit and reason are text from outside: clean, and not yet
// escaped for any medium.
type row struct {
	name           string
	baseline, head string
	change         string // +31 %, +0.5 pp
	direction      string // worse, better
	expected       string // ≤ 1.1 s
	limit          string // 5%
	q              string
	past, now      string // the sparkline: history, and head
	reason         string
}

func newRow(c *check.Comparison, sparkWidth int) row {
	r := row{
		name: clean(c.Name, maxName), change: change(c), direction: direction(c), expected: expected(c),
		limit: clean(c.Limit, maxName), reason: clean(c.Reason, maxProse),
	}
	r.baseline, r.head = collect.Distinctly(c.Baseline, c.Head, cleanUnit(c.Unit))
	if c.Level == check.Warn && c.Status == check.Regressed {
		r.reason = join(r.reason, "this metric only warns")
	}
	if c.Status != check.Improved { // p and q are about the worse alone
		r.q = probability(c.Q)
	}
	r.past, r.now = trend(c.History, c.Head, sparkWidth)
	return r
}

// longUnit is what follows the number in both baseline and head, with its space,
// where it is long enough to be said once: 12 -> 13 allocs/op.
func (r *row) longUnit() string {
	_, unit, _ := strings.Cut(r.head, " ")
	if len(unit) < 4 || strings.ContainsAny(unit, "0123456789") || !strings.HasSuffix(r.baseline, " "+unit) {
		return ""
	}
	return " " + unit
}

// direction says what the change means, where the metric has a better and a worse.
func direction(c *check.Comparison) string {
	diff := c.Head - c.Baseline
	switch {
	case !(diff > 0) && !(diff < 0):
		return ""
	case c.Better == collect.Lower && diff > 0, c.Better == collect.Higher && diff < 0:
		return "worse"
	case c.Better == collect.Lower, c.Better == collect.Higher:
		return "better"
	}
	return ""
}

// beyondUse is how many times the larger of head and baseline a bound may be
// before it says only that nobody knows; its figure would be read as a mistake.
const beyondUse = 100

// expected gives the bound that counts: what a run like those of the baseline
// would show at worst or, where the head is better than all that, at best.
func expected(c *check.Comparison) string {
	low, high := collect.Distinctly(c.Low, c.High, cleanUnit(c.Unit))
	if most := max(math.Abs(c.Head), math.Abs(c.Baseline)); most > 0 && c.High > beyondUse*most {
		high = "any"
	}
	improved := c.Status == check.Improved
	switch {
	case c.Better == collect.None:
		if finite(c.Low) && finite(c.High) {
			return low + " to " + high
		}
	case (c.Better == collect.Higher) == improved && high == "any":
		return high
	case (c.Better == collect.Higher) == improved && finite(c.High):
		return "≤ " + high
	case (c.Better == collect.Lower) == improved && finite(c.Low):
		return "≥ " + low
	}
	return ""
}

// change writes by how much the head differs.
func change(c *check.Comparison) string { return clean(c.Change(), maxLabel) }

func probability(p float64) string {
	switch {
	case !finite(p):
		return ""
	case p < 0.0001:
		return "<0.0001"
	case p < 0.001:
		return collect.Figures(p, 1)
	}
	return collect.Figures(p, 2)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
