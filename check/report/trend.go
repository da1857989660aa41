package report

import (
	"bufio"
	"fmt"
	"io"
	"math"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// shownShifts is how many shifts that do not gate are worth reading at once.
const shownShifts = 15

// Trend writes what a search for lasting shifts found: the result in one
// sentence, then each shift with the commits that it lies between.
func Trend(w io.Writer, r check.TrendResult, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	p.wrap("", trendHeadline(&r), p.width, p.bold)
	shown, more := shownTrend(&r, o.All)
	plainName := func(s string) string { return clean(s, maxName) }
	for i := range shown {
		s := &shown[i]
		paint := p.dim
		switch {
		case s.Gates:
			paint = p.red
		case s.Status == check.Suspect:
			paint = p.yellow
		}
		p.line("")
		p.line(paint(pad(shiftWord(s), 12)) + p.bold(shiftName(s, plainName)) + "  " + shiftChange(s))
		p.wrap(indent, shiftPlace(s, plainName), p.width, func(t string) string { return t })
		if s.Reason != "" {
			p.wrap(indent, clean(s.Reason, maxProse), p.width, p.dim)
		}
		p.line(indent + spark(newestValues(s.History, p.width-len(indent))))
	}
	p.line("")
	if more > 0 {
		p.line(p.dim("and " + plural(more, "older shift") + "; --all lists them"))
	}
	p.labeled("searched", trendSpan(&r))
	for i, n := range r.Notes {
		p.labeled(first(i, "note"), prosaic(n))
	}
	return p.w.Flush()
}

// TrendMarkdown writes the same for a job's summary or a comment.
func TrendMarkdown(w io.Writer, r check.TrendResult) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "## plumbline trend: %s\n\n%s\n", r.Verdict, prose(trendHeadline(&r)))
	shown, more := shownTrend(&r, false)
	if len(shown) > 0 {
		b.WriteString("\n| | metric | change | between |\n|---|---|---|---|\n")
	}
	for i := range shown {
		s := &shown[i]
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", shiftWord(s), shiftName(s, code), inline(shiftChange(s), maxProse), shiftPlace(s, code))
	}
	if more > 0 {
		fmt.Fprintf(b, "\nand %s\n", plural(more, "older shift"))
	}
	fmt.Fprintf(b, "\n%s\n", prose(trendSpan(&r)))
	for _, n := range r.Notes {
		fmt.Fprintf(b, "\n%s\n", prose(n))
	}
	return b.Flush()
}

// shownTrend leaves out older shifts that do not gate, where they are many.
func shownTrend(r *check.TrendResult, all bool) (shown []check.Shift, more int) {
	n := len(r.Shifts)
	if !all {
		n = 0
		for n < len(r.Shifts) && (r.Shifts[n].Gates || n < shownShifts) {
			n++
		}
	}
	return r.Shifts[:n], len(r.Shifts) - n
}

func trendHeadline(r *check.TrendResult) string {
	n, listed := 0, 0
	for i := range r.Shifts {
		if r.Shifts[i].Gates {
			n++
		} else {
			listed++
		}
	}
	others := ""
	if listed > 0 {
		others = "; " + plural(listed, "other shift") + " in the history"
	}
	switch {
	case n > 0:
		return fmt.Sprintf("regression: %s got worse and stayed so since one of the newest %s%s", plural(n, "metric"), plural(r.Newest, "run"), others)
	case r.Verdict == check.SuspectRun:
		return "suspect: all timings together got slower, by the machines or by code that all of them share"
	case r.Verdict == check.InconclusiveRun:
		return "inconclusive: the history is too short for a trend"
	}
	return fmt.Sprintf("pass: nothing got worse for good in the newest %s%s", plural(r.Newest, "run"), others)
}

func trendSpan(r *check.TrendResult) string {
	s := fmt.Sprintf("%s of %s stored", plural(r.Runs, "run"), thousands(r.Stored))
	if r.Runs > 0 && !r.Oldest.Time.IsZero() {
		s += ", " + day(r.Oldest.Time) + " to " + day(r.Last.Time)
	}
	s += "; " + plural(r.Metrics, "metric") + " with enough values"
	if r.Short > 0 {
		s += ", " + thousands(r.Short) + " with too few or without any in the newest run"
	}
	return s
}

func shiftWord(s *check.Shift) string {
	switch {
	case s.Gates && s.Creep:
		return "creeping"
	case s.Gates:
		return "regressed"
	case s.Back:
		return "came back"
	case s.Status == check.Regressed && s.Level == check.Warn:
		return "worse"
	case s.Status == check.Regressed:
		return "older"
	}
	return string(s.Status)
}

func shiftName(s *check.Shift, q quote) string {
	if s.Name == check.RunEffect {
		return "all timings"
	}
	return q(s.Name)
}

// shiftChange is the change with its interval: +7.2 % (95 %: +6.1 to +8.4 %).
func shiftChange(s *check.Shift) string {
	from, to := collect.Distinctly(s.From, s.To, cleanUnit(s.Unit))
	change := from + " → " + to
	if !finite(s.DeltaPct) {
		return change
	}
	change = collect.Signed(s.DeltaPct, 2) + " %  " + change
	if finite(s.Low) && finite(s.High) && math.Abs(s.High-s.Low) > 1e-9 {
		change += "  (95 %: " + collect.Signed(s.Low, 2) + " to " + collect.Signed(s.High, 2) + " %)"
	}
	return change
}

// shiftPlace names the two runs that the shift lies between.
func shiftPlace(s *check.Shift, q quote) string {
	run := func(o collect.Origin, at int) string {
		id := commit(o.Commit)
		if id == "" {
			id = shortID(o.ID)
		}
		return q(id) + " (run " + thousands(at) + ")"
	}
	text := "between " + run(s.Before, s.BeforeAt) + " and " + run(s.After, s.AfterAt)
	if s.Creep {
		return "in small steps " + text
	}
	return text + ", lasting since " + plural(s.Lasting, "run")
}

// newestValues are those that fit.
func newestValues(xs []float64, most int) []float64 { return xs[max(0, len(xs)-most):] }
