package report

import (
	"io"
	"strings"

	"github.com/plumbline-ci/plumbline/check"
)

// TextOptions say how text is to look. The zero value is for a file or a log.
type TextOptions struct {
	Color bool // escape sequences of colour; for terminals only
	Width int  // columns; 0 means 100
	All   bool // list every metric, unchanged ones too
}

// listed is how many metrics of a status are worth reading at once; the rest are
// counted. Of those that are not here none is listed.
var listed = map[check.Status]int{
	check.Regressed: 50, check.Suspect: 50, check.Waived: 20, check.Improved: 20,
	check.Missing: 20, check.New: 10, check.Inconclusive: 10,
}

// Text writes a page for a terminal or a log: the result in one sentence, then
// what changed with its figures, then the counts, where it all comes from, and
// what to do next.
func Text(w io.Writer, page Page, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	p.wrap("", page.headline(name), p.width, p.verdict(page.Result.Verdict))
	for _, s := range page.Sections {
		limit := listed[s.Status]
		if o.All {
			limit = len(s.Metrics)
		}
		if limit > 0 {
			p.section(s, limit)
		}
	}
	p.line("")
	p.labeled("metrics", thousands(page.tally.total)+page.counts())
	if s := page.subject(name); s != "" {
		p.labeled("head", s)
	}
	p.labeled("baseline", page.span(name))
	for i, g := range page.gated() {
		p.labeled(first(i, "gate"), prosaic(g))
	}
	for i, n := range page.Result.Notes {
		p.labeled(first(i, "note"), prosaic(n))
	}
	for i, n := range page.next() {
		p.labeled(first(i, "next"), n)
	}
	if page.Links.Run != "" {
		p.labeled("run", clean(page.Links.Run, maxProse))
	}
	if page.Links.Docs != "" {
		p.labeled("docs", clean(page.Links.Docs, maxProse))
	}
	return p.w.Flush()
}

// name and prosaic quote text from outside for a terminal.
func name(s string) string    { return clean(s, maxLabel) }
func prosaic(s string) string { return clean(s, maxProse) }

// first gives the label to the first of several lines only.
func first(i int, label string) string {
	if i == 0 {
		return label
	}
	return ""
}

func (p *printer) verdict(v check.Verdict) func(string) string {
	code := "1;32"
	switch v {
	case check.Regression:
		code = "1;31"
	case check.SuspectRun, check.InconclusiveRun:
		code = "1;33"
	}
	return func(s string) string { return p.paint(code, s) }
}

// section lists the metrics of one status, at most limit of them.
func (p *printer) section(s Section, limit int) {
	p.line("")
	p.line(p.bold(s.title()))
	shown := s.Metrics[:min(limit, len(s.Metrics))]
	reason := ""
	if reasoned(s.Status) {
		reason = common(s.Metrics)
	}
	if reason != "" {
		p.wrap(indent, reason, p.width, p.dim)
	}
	t := p.table(s.Status, shown, reasoned(s.Status) && reason == "")
	t.write(p, p.width)
	if rest := s.Total - len(shown); rest > 0 {
		p.line(indent + p.dim("and "+thousands(rest)+" more"))
	}
}

// reasoned reports whether the reasons of a status tell what figures do not.
func reasoned(s check.Status) bool {
	return s != check.Improved && s != check.Unchanged && s != check.New
}

// common is the reason that all metrics share; with a single metric it is that
// metric's own matter and stands below its row.
func common(metrics []check.Comparison) string {
	for i := range metrics {
		if metrics[i].Reason != metrics[0].Reason {
			return ""
		}
	}
	if len(metrics) < 2 {
		return ""
	}
	return prosaic(metrics[0].Reason)
}

// table sets out comparisons of one status.
func (p *printer) table(s check.Status, metrics []check.Comparison, reasons bool) *table {
	spark := min(max(p.width/5-6, 10), 26) // 10 columns of 80, 18 of 120
	rows := make([]row, len(metrics))
	before, after := 0, 0
	for i := range metrics {
		rows[i] = newRow(&metrics[i], spark)
		if unit := rows[i].longUnit(); s != check.Missing && unit != "" {
			rows[i].baseline = strings.TrimSuffix(rows[i].baseline, unit)
			rows[i].expected = strings.TrimSuffix(rows[i].expected, unit)
		}
		before, after = max(before, columns(rows[i].baseline)), max(after, columns(rows[i].head))
	}
	t := &table{columns: p.columns(s), rows: make([][]string, len(rows)), notes: make([]string, len(rows))}
	for i := range rows {
		r := &rows[i]
		values := padLeft(r.baseline, before) + " -> " + pad(r.head, after)
		switch s {
		case check.New:
			values = padLeft(r.head, after)
		case check.Missing:
			values = padLeft(r.baseline, before)
		}
		t.rows[i] = []string{r.name, values, r.change, r.expected, r.limit, r.q, r.past + r.now}
		if reasons {
			t.notes[i] = r.reason
		}
	}
	return t
}

// columns are those of a table of one status, its values in the status's colour.
func (p *printer) columns(s check.Status) []column {
	values, hue := "baseline -> head", func(s string) string { return s }
	switch s {
	case check.New:
		values = "head"
	case check.Missing:
		values = "baseline"
	case check.Regressed:
		hue = p.red
	case check.Suspect, check.Waived:
		hue = p.yellow
	case check.Improved:
		hue = p.green
	}
	return []column{
		{head: "metric", flex: true},
		{head: values},
		{head: "change", right: true, paint: hue},
		{head: "expected", right: true, yield: 2},
		{head: "limit", yield: 1},
		{head: "q", yield: 4, paint: p.dim},
		{head: "history", yield: 3, paint: func(cell string) string {
			past, now, ok := strings.Cut(cell, "│")
			if !ok {
				return p.dim(cell)
			}
			return p.dim(past+"│") + hue(now)
		}},
	}
}
