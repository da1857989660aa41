package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// Ending says why measuring ended.
type Ending string

// The endings, as JSON spells them.
const (
	EndedClear    Ending = "clear"
	EndedByBudget Ending = "budget"
	EndedByPairs  Ending = "pairs"
	EndedBySignal Ending = "signal"
)

// Side is a state of the code that was measured.
type Side struct {
	Ref, Commit string
	Dirty       bool // with changes that are not committed
}

// PairPage is a comparison of pairs with how it was measured.
type PairPage struct {
	check.PairResult
	Base, Head Side
	Ended      Ending
	Took, Each time.Duration // all pairs; one
	Budget     time.Duration
	Seed       uint64
	Clock      string  // the metric that is the command's own time
	Alpha      float64 // the false-alarm rate; 0 is the usual
	Allowed    int     // pairs that there could be in all
	Warmup     int
	MinPairs   int
	MaxPairs   int
}

// PairText writes a comparison of pairs for a terminal or a log: the result in
// one sentence, then the metrics that decide and those that only warn, then how it
// was measured and what to do next.
func PairText(w io.Writer, page PairPage, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	p.wrap("", page.headline(), p.width, p.verdict(page.Verdict))
	p.pairTable(&page, "these decide", o.All, func(m *check.Comparison) bool { return m.Level == check.Fail })
	p.pairTable(&page, "these only warn", o.All, func(m *check.Comparison) bool {
		return m.Level != check.Fail && (o.All || page.notable(m))
	})
	p.line("")
	p.labeled("pairs", page.measured())
	p.labeled("base", name(page.Base.Ref)+", commit "+name(commit(page.Base.Commit)))
	p.labeled("head", page.headText())
	for i, n := range page.notes() {
		p.labeled(first(i, "note"), n)
	}
	for i, n := range page.next() {
		p.labeled(first(i, "next"), n)
	}
	return p.w.Flush()
}

// notable reports whether a metric that does not decide is worth a row: what
// changed, and what people look at.
func (p *PairPage) notable(m *check.Comparison) bool {
	switch {
	case m.Level == check.Off:
		return false
	case m.Status == check.Unchanged, m.Status == check.Inconclusive:
		return usual[m.Name] || m.Name == p.Clock
	}
	return true
}

var usual = map[string]bool{"cpu.user_seconds": true, "cpu.system_seconds": true, "ram.peak_mb": true}

// mostPairRows is how many rows of a table are worth reading at once.
const mostPairRows = 50

func (p *printer) pairTable(page *PairPage, title string, all bool, in func(*check.Comparison) bool) {
	t := &table{columns: []column{
		{head: "metric", flex: true}, {head: "base -> head"}, {head: "change", right: true},
		{head: page.certainty() + " sure", yield: 1}, {head: "noise", right: true, yield: 3}, {head: "limit", yield: 2},
		{head: "status", paint: p.status},
	}}
	more := 0
	for i := range page.Metrics {
		switch {
		case !in(&page.Metrics[i]):
		case len(t.rows) >= mostPairRows && !all:
			more++
		default:
			t.rows = append(t.rows, page.row(i))
		}
	}
	if len(t.rows) == 0 {
		return
	}
	p.line("")
	p.line(p.bold(title))
	t.write(p, p.width)
	if more > 0 {
		p.line(indent + p.dim("and "+thousands(more)+" more"))
	}
}

// status paints a cell that is a status.
func (p *printer) status(cell string) string {
	switch check.Status(strings.TrimSpace(cell)) {
	case check.Regressed:
		return p.red(cell)
	case check.Suspect:
		return p.yellow(cell)
	case check.Improved:
		return p.green(cell)
	case check.Unchanged:
		return cell
	}
	return p.dim(cell)
}

func (p *PairPage) certainty() string {
	return collect.Figures(100-100*cmp.Or(p.Alpha, 0.05), 7) + " %"
}

func (p *PairPage) row(i int) []string {
	m, c := &p.Metrics[i], &p.Changes[i]
	base, head := collect.Distinctly(m.Baseline, m.Head, cleanUnit(m.Unit))
	noise := "none"
	if !c.Exact {
		noise = strings.TrimPrefix(changePct(c.NoisePct), "+")
	}
	return []string{
		clean(m.Name, maxName), base + " -> " + head, changePct(m.DeltaPct), bounds(c), noise, clean(m.Limit, maxName), string(m.Status),
	}
}

// bounds writes the interval of a change.
func bounds(c *check.Change) string {
	low, high := changePct(c.LowPct), changePct(c.HighPct)
	switch {
	case c.Exact:
		return "exact"
	case !finite(c.LowPct) && !finite(c.HighPct):
		return ""
	case !finite(c.HighPct):
		high = "any"
	}
	if !finite(c.LowPct) || c.LowPct <= -100 {
		low = "any"
	}
	if low == high && low == "any" {
		return "not known"
	}
	return low + " to " + high
}

// changePct writes a change with two figures, and never finer than a hundredth of
// a per cent.
func changePct(v float64) string {
	switch {
	case !finite(v):
		return ""
	case v > -0.1 && v < 0.1:
		return collect.Signed(math.Round(v*100)/100, 2) + " %"
	}
	return collect.Signed(v, 2) + " %"
}

func (p *PairPage) measured() string {
	warm := "without a warm-up"
	if p.Warmup > 0 {
		warm = fmt.Sprintf("after %d of each side to warm up", p.Warmup)
	}
	return fmt.Sprintf("%s in %s, %s; --seed %d repeats their order", thousands(p.Pairs), inWords(p.Took), warm, p.Seed)
}

func (p *PairPage) headText() string {
	s := "the working folder"
	if p.Head.Commit != "" {
		s += ", commit " + name(commit(p.Head.Commit))
	}
	if p.Head.Dirty {
		s += " with changes that are not committed"
	}
	return s
}

func inWords(d time.Duration) string { return collect.Quantity(d.Seconds(), "s") }
