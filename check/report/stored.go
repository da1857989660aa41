package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// MostPart is how many bytes a stored part may have, far more than any that
// Encode writes of what collect accepts.
const MostPart = 4 << 20

// storedPart is a part as one job of a workflow run hands it to the others. It
// has figures and names, and no Markdown: whoever reads it escapes what it shows
// itself, and need not trust who wrote it.
type storedPart struct {
	Stamp    Stamp           `json:"stamp"`
	Verdict  check.Verdict   `json:"verdict"`
	Fails    bool            `json:"fails"`
	Unread   string          `json:"unread,omitempty"`
	Head     storedHead      `json:"head"`
	Baseline check.Window    `json:"baseline"`
	Gated    []string        `json:"gated"`
	Notes    []string        `json:"notes"`
	Run      string          `json:"run"`
	Page     string          `json:"page,omitempty"`
	Judged   int             `json:"judged"`
	Warned   map[string]int  `json:"warned"`
	Sections []storedSection `json:"sections"`
}

type storedHead struct {
	ID      string    `json:"id"`
	Commit  string    `json:"commit"`
	Branch  string    `json:"branch"`
	Time    time.Time `json:"time"`
	Machine bool      `json:"machine"` // whether it says its machine
}

type storedSection struct {
	Status  check.Status   `json:"status"`
	Total   int            `json:"total"`
	Metrics []storedMetric `json:"metrics"`
}

type storedMetric struct {
	jsonMetric
	History []figure `json:"history"`
}

// UnmarshalJSON reads null as a figure that is not known.
func (f *figure) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*f = figure(math.NaN())
		return nil
	}
	return json.Unmarshal(data, (*float64)(f))
}

// digest is the page with no more metrics, history, notes and reasons than a
// comment shows of it, so that a part looks the same whoever renders it.
func (p Page) digest() Page {
	const mostNotes = 20
	sections := make([]Section, 0, len(p.Sections))
	worst := p.worst()
	for _, s := range p.Sections {
		shown := s.Metrics[:min(maxRows, len(s.Metrics))]
		if listed[s.Status] == 0 {
			shown = nil
		}
		metrics := make([]check.Comparison, 0, len(shown))
		for i := range shown {
			c := shown[i]
			runs := sparkColumns
			if &shown[i] == worst {
				runs = chartRuns
			}
			c.Name, c.Reason = clean(c.Name, maxName), clean(c.Reason, maxProse)
			c.Unit, c.Limit = cleanUnit(c.Unit), clean(c.Limit, maxName)
			c.History = c.History[max(0, len(c.History)-runs):]
			metrics = append(metrics, c)
		}
		sections = append(sections, Section{s.Status, metrics, s.Total})
	}
	p.Sections, p.Result.Metrics = sections, nil
	p.Result.Unread = clean(p.Result.Unread, maxProse)
	p.Result.Notes, p.Result.Gated = few(p.Result.Notes, mostNotes), few(p.Result.Gated, mostNotes)
	return p
}

// few are the first of some lines, cleaned.
func few(all []string, most int) []string {
	kept := make([]string, 0, min(most, len(all)))
	for _, s := range all[:min(most, len(all))] {
		kept = append(kept, clean(s, maxProse))
	}
	return kept
}

// Encode writes a part that was made by NewPart for the other jobs of its run.
func (p *Part) Encode() ([]byte, error) {
	if p.page == nil {
		return nil, errors.New("encode a part of a comment: it is no suite's own")
	}
	r := &p.page.Result
	out := storedPart{
		Stamp: p.Stamp, Verdict: r.Verdict, Fails: r.Fails, Unread: r.Unread, Baseline: r.Baseline, Gated: r.Gated, Notes: r.Notes,
		Head: storedHead{clean(r.Head.ID, maxName), clean(r.Head.Commit, maxName), clean(r.Head.Branch, maxName), r.Head.Time, r.Head.Runner != (collect.Runner{})},
		Run:  p.page.Links.Run, Page: p.page.Links.Page, Judged: p.page.tally.judged, Warned: map[string]int{},
	}
	for s, n := range p.page.tally.warned {
		out.Warned[string(s)] = n
	}
	for _, s := range p.page.Sections {
		to := storedSection{Status: s.Status, Total: s.Total}
		for i := range s.Metrics {
			m := storedMetric{jsonMetric: newMetric(&s.Metrics[i])}
			for _, v := range s.Metrics[i].History {
				m.History = append(m.History, figure(v))
			}
			to.Metrics = append(to.Metrics, m)
		}
		out.Sections = append(out.Sections, to)
	}
	return json.Marshal(out)
}

// DecodePart reads a part that Encode wrote. What it says of itself is not to be
// trusted: the caller sets the stamp to what it knows.
func DecodePart(data []byte) (Part, error) {
	var in storedPart
	if len(data) > MostPart {
		return Part{}, fmt.Errorf("read a part of the comment: its %d bytes are more than any has", len(data))
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return Part{}, fmt.Errorf("read a part of the comment: %w", err)
	}
	switch in.Verdict {
	case check.Pass, check.Regression, check.SuspectRun, check.InconclusiveRun:
	default:
		return Part{}, fmt.Errorf("read a part of the comment: no verdict %q", in.Verdict)
	}
	p := Page{Links: Links{Run: in.Run, Page: in.Page}, tally: tally{by: map[check.Status]int{}, warned: map[check.Status]int{}}}
	p.Result = check.Result{
		Verdict: in.Verdict, Fails: in.Fails, Unread: in.Unread, Baseline: in.Baseline, Gated: in.Gated, Notes: in.Notes,
		Head: collect.Origin{ID: in.Head.ID, Commit: in.Head.Commit, Branch: in.Head.Branch, Time: in.Head.Time},
	}
	if in.Head.Machine {
		p.Result.Head.Runner.OS = "known"
	}
	for s, n := range in.Warned {
		p.tally.warned[check.Status(s)] = between(n)
	}
	for _, s := range in.Sections {
		p.add(s)
	}
	p.tally.judged = min(between(in.Judged), p.tally.total)
	return NewPart(in.Stamp, p), nil
}

// between keeps a count from outside within reason.
func between(n int) int { return min(max(n, 0), 10_000_000) }

// add adds a section from outside. Of statuses that there are not, and of a
// second one of the same status, nothing is kept.
func (p *Page) add(in storedSection) {
	known := false
	for _, s := range order {
		known = known || s == in.Status
	}
	if _, twice := p.tally.by[in.Status]; twice || !known {
		return
	}
	out := Section{Status: in.Status}
	for i := range in.Metrics {
		out.Metrics = append(out.Metrics, in.Metrics[i].comparison())
	}
	out.Total = max(between(in.Total), len(out.Metrics))
	p.Sections = append(p.Sections, out)
	p.tally.by[in.Status] = out.Total
	p.tally.total += out.Total
}

func (m *storedMetric) comparison() check.Comparison {
	better, _ := collect.ParseDirection(m.Better)
	c := check.Comparison{
		Name: m.Name, Status: check.Status(m.Status), Level: check.Level(m.Level), Unit: collect.Unit(m.Unit), Better: better,
		Head: float64(m.Head), Baseline: float64(m.Baseline), DeltaPct: float64(m.DeltaPct), P: float64(m.P), Q: float64(m.Q),
		Low: math.NaN(), High: math.NaN(), Limit: m.Limit, MinDetectablePct: float64(m.MinDetectablePct), Runs: m.Runs, Reason: m.Reason,
	}
	if m.Interval != nil {
		c.Low, c.High = float64(m.Interval[0]), float64(m.Interval[1])
	}
	for _, v := range m.History {
		c.History = append(c.History, float64(v))
	}
	return c
}
