package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/plumbline-ci/plumbline/check"
)

// The data of a page, which page.js turns into series and words. A page of a
// thousand metrics has some fifty thousand values: the runs are told once, a value
// has the figures that can be seen in a chart, and what many metrics say alike is
// told once in texts.
type webRuns struct {
	Statuses []check.Status `json:"statuses"` // in the order of importance
	Commits  string         `json:"commits"`  // what the address of a commit begins with
	Runs     []webRun       `json:"runs"`
	Head     webRun         `json:"head"`
}

type webRun struct {
	ID     string `json:"id"`
	Commit string `json:"c,omitempty"`
	Time   string `json:"t,omitempty"`
	Other  int    `json:"o,omitempty"` // 1: on another kind of machine
}

// webMetric is one metric. What is left out is not known or as most have it.
type webMetric struct {
	Name     string          `json:"n"`
	Unit     string          `json:"u,omitempty"`
	Better   string          `json:"b,omitempty"` // empty: lower
	Status   int             `json:"s"`
	Level    string          `json:"l,omitempty"` // empty: fail
	Head     string          `json:"h,omitempty"`
	Baseline string          `json:"e,omitempty"`
	Change   string          `json:"c,omitempty"`
	DeltaPct json.RawMessage `json:"p,omitempty"`
	Means    string          `json:"d,omitempty"` // worse, better
	Expected string          `json:"x,omitempty"`
	Reason   int             `json:"r,omitempty"` // a text, counted from 1
	Facts    []webFact       `json:"f,omitempty"`
	Values   json.RawMessage `json:"v,omitempty"`
	Looks    json.RawMessage `json:"y,omitempty"`
	Levels   json.RawMessage `json:"k,omitempty"` // from, to, value and the change before it: 1 worse, 2 better, 0 neither
	Band     json.RawMessage `json:"j,omitempty"`
	Limit    json.RawMessage `json:"m,omitempty"`
	Window   int             `json:"w,omitempty"` // the first run of the level
}

// webFact is a label and what it says, both of texts.
type webFact [2]int

// webTexts are the texts that metrics share.
type webTexts struct {
	at  map[string]int
	all []string
}

// of is the number of a text, 0 of an empty one.
func (t *webTexts) of(s string) int {
	if s == "" {
		return 0
	}
	if n := t.at[s]; n > 0 {
		return n
	}
	t.all = append(t.all, s)
	t.at[s] = len(t.all)
	return len(t.all)
}

// webData writes the data.
func (p *Page) webData(b *bufio.Writer, all check.Explained) {
	texts := &webTexts{at: make(map[string]int)}
	var e lineEncoder
	runs := webRuns{Statuses: order, Head: newWebRun(pointOf(&all.Result))}
	if webAddress(p.Links.Commits) {
		runs.Commits = p.Links.Commits
	}
	sep := ""
	b.WriteString(`{"metrics":[`)
	for x := range all.All() {
		s := NewSeries(&x)
		if sep == "" {
			for _, point := range s.Points {
				runs.Runs = append(runs.Runs, newWebRun(point))
			}
		}
		b.WriteString(sep + "\n")
		b.Write(e.encode(newWebMetric(&x, &s, texts)))
		sep = ","
	}
	b.WriteString("],\n\"texts\":")
	b.Write(e.encode(append([]string{}, texts.all...)))
	b.WriteString(",\n")
	b.Write(e.encode(runs)[1:]) // without its brace
}

// pointOf is the head run of a result.
func pointOf(r *check.Result) Point { return newPoint(&r.Head, math.NaN()) }

func newWebRun(p Point) webRun {
	r := webRun{ID: shortID(p.Run), Commit: p.Commit}
	if p.Time != nil {
		r.Time = p.Time.UTC().Format(time.RFC3339)
	}
	if p.Other {
		r.Other = 1
	}
	if !isHash(p.Commit) {
		r.Commit = clean(p.Commit, commitLength)
	}
	return r
}

func newWebMetric(e *check.Explanation, s *Series, texts *webTexts) webMetric {
	c := &e.Comparison
	r := newRow(c, 0)
	m := webMetric{
		Name: r.name, Unit: s.Unit, Status: statusIndex(s.Status), Head: r.head, Baseline: r.baseline, Change: r.change,
		Means: r.direction, Expected: r.expected, Reason: texts.of(r.reason), Facts: webFacts(e, texts),
		Values: webValues(s.Points), Looks: webValues(s.Head), Levels: webLevels(s),
	}
	if s.Better != "lower" {
		m.Better = s.Better
	}
	if c.Level != check.Fail {
		m.Level = string(c.Level)
	}
	if finite(c.DeltaPct) {
		m.DeltaPct = appendShort(nil, &c.DeltaPct, 4)
	}
	if s.Band != nil {
		m.Band = append(appendShort(append(appendShort([]byte("["), s.Band.Low, 5), ','), s.Band.High, 5), ']')
	}
	if s.Limit != nil {
		m.Limit = appendShort(nil, s.Limit, 5)
	}
	for m.Window < len(s.Points)-1 && !s.Points[m.Window].Level {
		m.Window++
	}
	return m
}

func statusIndex(s check.Status) int {
	for i, o := range order {
		if o == s {
			return i
		}
	}
	return len(order) - 1
}

// webValues are the values of points, nothing where there is none.
func webValues(points []Point) json.RawMessage {
	text, some := []byte("["), false
	for i := range points {
		if i > 0 {
			text = append(text, ',')
		}
		text = appendShort(text, points[i].Value, 5)
		some = some || points[i].Value != nil
	}
	if !some {
		return nil
	}
	return append(text, ']')
}

func webLevels(s *Series) json.RawMessage {
	if len(s.Levels) == 0 {
		return nil
	}
	text := []byte("[")
	for i := range s.Levels {
		l := &s.Levels[i]
		if i > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, "[%d,%d,", l.From, l.To)
		text = appendShort(text, &l.Value, 5)
		if i > 0 {
			text = fmt.Appendf(text, ",%d", map[check.Status]int{check.Regressed: 1, check.Improved: 2}[s.Changes[i-1].Status])
		}
		text = append(text, ']')
	}
	return append(text, ']')
}

// appendShort writes a number with so many figures, null where there is none.
func appendShort(text []byte, x *float64, figures int) []byte {
	if x == nil {
		return append(text, "null"...)
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(*x, 'e', figures-1, 64), 64)
	if err != nil {
		short = *x // the largest numbers round to infinity
	}
	return appendFigure(text, figure(short))
}

// webFacts are what else is said of a metric, as its explanation says it.
func webFacts(e *check.Explanation, texts *webTexts) []webFact {
	c := &e.Comparison
	var facts []webFact
	say := func(label, text string) {
		if text != "" {
			facts = append(facts, webFact{texts.of(label), texts.of(text)})
		}
	}
	if c.Runs > 0 && finite(c.Baseline) {
		say("baseline", baselineText(e))
	}
	limit, waivers := limitText(e), waiverTexts(e)
	say("limit", limit)
	for _, w := range waivers {
		say(w.label, w.text)
	}
	if c.NormalisedBy != "" {
		say("normalised by", clean(c.NormalisedBy, maxName))
	}
	if len(e.Looks) > 1 {
		say("re-runs", plural(len(e.Looks)-1, "re-run")+map[check.Confirmation]string{
			check.Confirmed: ", which agree", check.Cleared: ", which do not agree", check.Unconfirmed: ", which do not decide",
		}[c.Confirmation])
	}
	if finite(c.P) {
		say("p", probability(c.P)+" (q "+probability(c.Q)+")")
	}
	say("seen", detectableText(c))
	if c.Samples != nil {
		say("samples", samplesText(c.Samples))
	}
	return facts
}

// baselineText says what the level is of.
func baselineText(e *check.Explanation) string {
	elsewhere := 0
	for i := range e.Runs {
		if e.Runs[i].Other && finite(e.Runs[i].Value) {
			elsewhere++
		}
	}
	s := exactly(e.Comparison.Baseline, e.Comparison.Unit) + levelText(e)
	if elsewhere > 0 {
		s += "; " + plural(elsewhere, "run") + " on another kind of machine"
	}
	return s
}
