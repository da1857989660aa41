package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// shownRuns is how many baseline runs an explanation lists.
const shownRuns = 20

// Explain writes all that the verdict on one metric stands on: what came out,
// the values, how they were judged, and the runs they are from.
func Explain(w io.Writer, e check.Explanation, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	c := &e.Comparison
	p.wrap("", string(c.Status)+": "+clean(c.Name, maxName), p.width, p.bold)
	p.wrap(indent, prosaic(c.Reason), p.width, func(s string) string { return s })
	p.line("")
	p.values(&e)
	p.method(&e)
	p.samples(&e)
	p.bounds(&e)
	for i, n := range e.Result.Notes {
		p.labeled(first(i, "note"), prosaic(n))
	}
	p.labeled("so", conclusion(&e))
	p.baselineRuns(&e, o.All)
	return p.w.Flush()
}

// exactly is a value with as many figures as an argument needs.
func exactly(x float64, u collect.Unit) string { return collect.Precisely(x, cleanUnit(u), 5) }

// values tells what was measured.
func (p *printer) values(e *check.Explanation) {
	c := &e.Comparison
	head := exactly(c.Head, c.Unit) + measuredText(e, 0)
	for k := 1; k < len(e.Looks); k++ {
		head += ", then " + exactly(e.Looks[k], c.Unit) + measuredText(e, k) + " in a re-run"
	}
	page := Page{Result: e.Result}
	if s := page.subject(name); s != "" {
		head += " (" + s + ")"
	}
	p.labeled("head", head)
	if c.Runs == 0 {
		p.labeled("baseline", "no baseline run has it")
		return
	}
	s := exactly(c.Baseline, c.Unit)
	if c.NormalisedBy != "" {
		s += " normalised"
	}
	s += levelText(e)
	if ch := change(c); ch != "" {
		s += "; the head is " + ch
		if d := direction(c); d != "" {
			s += ", " + d
		}
	}
	p.labeled("baseline", s+" ("+c.Better.String()+" is better)")
	past, now := trend(c.History, c.Head, p.width-12)
	p.labeled("history", past+now)
}

// measuredText is a look before the ruler, where there is one.
func measuredText(e *check.Explanation, look int) string {
	if look >= len(e.Measured) {
		return ""
	}
	s := " (measured " + exactly(e.Measured[look], e.Comparison.Unit) + ")"
	if look == 0 {
		s = " normalised by " + name(e.Comparison.NormalisedBy) + s
	}
	return s
}

// levelText says which runs the level is of.
func levelText(e *check.Explanation) string {
	if e.Method == check.ByCount {
		return ", the newest baseline run's value"
	}
	level, old, all, since := 0, 0, 0, collect.Origin{}
	low, high := math.Inf(1), math.Inf(-1)
	for i := range e.Runs {
		r := &e.Runs[i]
		switch {
		case r.Old:
			old++
		case since.ID == "" && finite(r.Value):
			since = r.Origin
		}
		if finite(r.Value) {
			all++
		}
		if r.Level {
			level++
			low, high = min(low, r.Value), max(high, r.Value)
		}
	}
	if level == 0 {
		return ", the median of " + plural(e.Comparison.Runs, "run")
	}
	s := ", the median of the newest " + plural(level, "run")
	if low < high {
		u := e.Comparison.Unit
		s += ", which are " + exactly(low, u) + " to " + exactly(high, u)
	}
	if old == 0 {
		return s + "; no lasting shift was found in " + plural(all, "run")
	}
	what := "a lasting shift"
	if e.FromAccepted {
		what = "the accepted change"
	}
	return s + fmt.Sprintf("; since %s at %s, and the %s from before it do not count", what, runLabel(since), plural(old, "run"))
}

func runLabel(o collect.Origin) string {
	s := "run " + name(shortID(o.ID))
	if o.Commit != "" {
		s += " (commit " + name(commit(o.Commit)) + ")"
	}
	return s
}

// method tells how the metric was judged, with the arithmetic.
func (p *printer) method(e *check.Explanation) {
	c := &e.Comparison
	switch e.Method {
	case check.ByNoise:
		p.arithmetic(e)
	case check.ByCount:
		p.labeled("test", "counted, not measured: any change for the worse is real, without asking for noise")
	case check.ByLevel:
		s := "its values do not move by themselves, so it is compared with their level exactly"
		if e.Bound > 0 {
			s += "; " + pct(e.Bound) + " worse is what is let through"
		}
		p.labeled("test", s)
	default:
		p.labeled("test", "none")
	}
	if finite(c.P) {
		p.labeled("p", fmt.Sprintf("%s: how often clean runs show as much; q = %s over the metrics of its level", probability(c.P), probability(c.Q)))
	}
}

// bounds tells limit, waiver and what could have been seen.
func (p *printer) bounds(e *check.Explanation) {
	p.labeled("limit", limitText(e))
	for _, w := range waiverTexts(e) {
		p.labeled(w.label, w.text)
	}
	if s := detectableText(&e.Comparison); s != "" {
		p.labeled("seen", s)
	}
}

// limitText is the limit, whose it is, and what passing it does.
func limitText(e *check.Explanation) string {
	limit := "none: all that stands out counts"
	if e.Comparison.Limit != "" {
		limit = clean(e.Comparison.Limit, maxName)
	}
	switch {
	case e.Rule != "":
		limit += ", by the rule " + name(e.Rule)
	case e.BuiltIn != "":
		limit += ", by the built-in rule " + e.BuiltIn
	}
	return limit + "; level " + string(e.Comparison.Level)
}

// detectableText is the smallest change that would have been seen.
func detectableText(c *check.Comparison) string {
	switch x := c.MinDetectablePct; {
	case x == 0:
		return "any change for the worse"
	case finite(x):
		return "a change for the worse of " + pct(x) + " is found every second time, a larger one more often"
	}
	return ""
}

// labelled is a text with what it is about.
type labelled struct{ label, text string }

// waiverTexts are what lets a change pass.
func waiverTexts(e *check.Explanation) []labelled {
	var all []labelled
	if w := e.Waiver; w != nil {
		all = append(all, labelled{"waiver", waiverText(w, "of "+name(w.Metric))})
	}
	if a := e.Accepted; a != nil {
		all = append(all, labelled{"accepted", waiverText(&a.Waiver, "of "+name(a.Metric)+", since "+name(a.Since.Text))})
	}
	return all
}

func waiverText(w *check.Waiver, s string) string {
	if w.Ceiling != nil {
		s += ", up to " + w.Ceiling.String()
	}
	if !w.Until.IsZero() {
		s += ", until " + day(w.Until)
	}
	why := prosaic(w.Reason)
	if w.Issue > 0 {
		why += fmt.Sprintf(" (#%d)", w.Issue)
	}
	return join(s, why)
}

// conclusion says what the metric does to the run.
func conclusion(e *check.Explanation) string {
	c := &e.Comparison
	s := "the metric is " + string(c.Status)
	switch {
	case c.Level == check.Off:
		return s + ": its level is off, it is shown and not judged"
	case c.Level == check.Warn:
		return s + "; it only warns"
	case c.Status == check.Regressed:
		return s + " and fails the run"
	case c.Status == check.Suspect:
		return s + "; a re-run of the same code decides"
	}
	return s + ", which does not fail the run" + unlessAsked[c.Status]
}

var unlessAsked = map[check.Status]string{
	check.Missing:      " unless gate.on-missing says so",
	check.Inconclusive: " unless gate.on-inconclusive says so",
}

// baselineRuns lists the newest runs that were compared with.
func (p *printer) baselineRuns(e *check.Explanation, all bool) {
	if len(e.Runs) == 0 {
		return
	}
	shown := e.Runs
	if !all {
		shown = shown[max(0, len(shown)-shownRuns):]
	}
	p.line("")
	p.line(p.bold("baseline runs, oldest first"))
	if more := len(e.Runs) - len(shown); more > 0 {
		p.line(indent + p.dim(thousands(more)+" older"))
	}
	t := &table{columns: []column{
		{head: "run", flex: true}, {head: "commit", yield: 1}, {head: "time", yield: 2}, {head: "value", right: true},
		{head: "measured", right: true}, {head: "without run effect", right: true}, {head: "z", right: true}, {head: "samples", right: true}, {head: ""},
	}}
	for i := range shown {
		t.rows = append(t.rows, explainedRun(e, &shown[i]))
	}
	t.write(p, p.width)
}

// explainedRun is a row of the table of runs.
func explainedRun(e *check.Explanation, r *check.ExplainedRun) []string {
	u := e.Comparison.Unit
	cells := []string{name(shortID(r.ID)), name(commit(r.Commit)), "", exactly(r.Value, u), "", "", "", inside(r.Samples), ""}
	if !r.Time.IsZero() {
		cells[2] = minute(r.Time)
	}
	if finite(r.Measured) {
		cells[4] = exactly(r.Measured, u)
	}
	if finite(r.Adjusted) {
		cells[5] = exactly(r.Adjusted, u)
	}
	if finite(r.Z) {
		cells[6] = collect.Signed(r.Z, 2)
	}
	if r.Old {
		cells[8] = "before the " + map[bool]string{false: "shift", true: "change"}[e.FromAccepted]
	}
	return cells
}

// Nearest are the names that a mistyped one may stand for, at most n, the
// likeliest first: those that hold it, then those with most of its letters in
// a row.
func Nearest(typed string, names []string, n int) []string {
	typed = strings.ToLower(typed)
	scores := make(map[string]int, len(names))
	for _, s := range names {
		lower := strings.ToLower(s)
		scores[s] = longestShared(typed, lower) * 1000 / max(len(lower), len(typed), 1)
		if strings.Contains(lower, typed) {
			scores[s] += 1000
		}
	}
	return best(scores, n)
}
