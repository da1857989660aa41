package check

import (
	"fmt"
	"strconv"
)

// Against says what a metric is compared with. The zero value is its history, by
// the method of this package. Any other is a plain threshold: the value of the
// newest run, or the mean of the newest few, and the limit. No noise is taken into
// account there, so there is no chance to tell and nothing to promise.
type Against struct {
	// Mean is how many of the newest baseline runs that have the metric are
	// averaged; 1 is the last run alone. 0: the history.
	Mean int
}

// Plain reports whether a plain threshold decides.
func (a Against) Plain() bool { return a.Mean > 0 }

// String is the word that the configuration has for it.
func (a Against) String() string {
	switch a.Mean {
	case 0:
		return "history"
	case 1:
		return "last"
	}
	return "mean:" + strconv.Itoa(a.Mean)
}

// NoNoiseNote says what a plain threshold is worth.
const NoNoiseNote = "plain threshold: no noise was taken into account, so an alert may be chance and silence may be luck"

// comparePlainly judges a metric by its limit alone.
func (c *comparer) comparePlainly(i int) {
	out, p := &c.out[i], c.plans[i]
	if p.limit == nil {
		out.set(Inconclusive, fmt.Sprintf("a plain comparison with %s needs a limit, such as --threshold 20%%", p.against.words(p.against.Mean)))
		return
	}
	newest := out.History[max(0, out.Runs-p.against.Mean):]
	base := 0.0
	for _, x := range newest {
		base += x / float64(len(newest))
	}
	out.setBaseline(base)
	if !finite(base) {
		out.set(Inconclusive, "the mean of the baseline runs is no finite number")
		return
	}
	d, amount := sign(p.better), p.limit.amount(base, out.Unit)
	out.setInterval(base-amount, base+amount)
	out.MinDetectablePct = p.limit.percent(base, out.Unit)
	c.plain = true
	words := out.change() + " against " + p.against.words(len(newest))
	beyond := func(d float64) func(x float64) bool {
		return func(x float64) bool { return exceedsExactly(p.limit, base, x, d, out) }
	}
	switch s := c.settle(c.valuesOf(i), beyond(d)); {
	case s == changed:
		out.set(Regressed, words)
	case s == suspected:
		out.set(Suspect, words+c.confirmText(c.valuesOf(i)))
	case s == gone:
		out.set(Unchanged, words+goneText)
	case beyond(-d)(out.Head):
		out.set(Improved, words)
	default:
		out.set(Unchanged, words+withinText(out.Limit))
	}
}

// words tell what n runs of it are.
func (a Against) words(n int) string {
	if a.Mean == 1 {
		return "the last run"
	}
	return fmt.Sprintf("the mean of the last %s", runs(n))
}

func runs(n int) string {
	if n == 1 {
		return "1 run"
	}
	return strconv.Itoa(n) + " runs"
}

// plainVerdict keeps a plain comparison that found nothing to compare with from
// passing in silence: new metrics alone are no pass.
func (c *comparer) plainVerdict(r *Result) {
	if !c.plain && !c.t.Against.Plain() {
		return
	}
	r.Notes = append(r.Notes, NoNoiseNote)
	judged := 0
	for _, s := range []Status{Regressed, Suspect, Improved, Unchanged, Waived} {
		judged += r.Counts[s]
	}
	if judged == 0 && r.Verdict == Pass {
		r.Verdict = InconclusiveRun
		r.Gated = append(r.Gated, "no metric has a baseline run to be compared with")
	}
}

// meanMost bounds how many runs are averaged.
const meanMost = 1000

// ParseAgainst reads last, mean:N or history.
func ParseAgainst(s string) (Against, error) {
	switch s {
	case "history":
		return Against{}, nil
	case "last":
		return Against{Mean: 1}, nil
	}
	const prefix = "mean:"
	if len(s) > len(prefix) && s[:len(prefix)] == prefix {
		n, err := strconv.Atoi(s[len(prefix):])
		if err == nil && n >= 2 && n <= meanMost && s[len(prefix)] != '+' {
			return Against{Mean: n}, nil
		}
		return Against{}, fmt.Errorf("%q averages no such number of runs; want mean:2 to mean:%d", s, meanMost)
	}
	return Against{}, fmt.Errorf("unknown baseline %q; want last, mean:N such as mean:10, or history", s)
}
