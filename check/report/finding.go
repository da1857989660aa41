package report

import (
	"fmt"
	"io"
	"strings"
)

// Severity is how much a Finding matters.
type Severity string

// The severities. A problem keeps the gate from speaking, a warning from being
// heard or believed; a note is as it should be in some places.
const (
	Sound   Severity = "ok"
	Noted   Severity = "note"
	Warned  Severity = "warning"
	Problem Severity = "problem"
)

// Finding is something that was looked at.
type Finding struct {
	Severity Severity
	About    string // a word or two: store, token
	What     string // is so
	Do       string // to put it right; empty: there is nothing to do
}

// Findings writes findings in their order, and how many of each weight there are.
func Findings(w io.Writer, all []Finding, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	counts := map[Severity]int{}
	const severity, about = 9, 15
	rest := strings.Repeat(" ", severity+about)
	for _, f := range all {
		counts[f.Severity]++
		head := p.severity(f.Severity, severity) + pad(f.About, about)
		for i, l := range split(clean(f.What, maxFinding), p.width-severity-about) {
			if i > 0 {
				head = rest
			}
			p.line(head + l)
		}
		if f.Do == "" {
			continue
		}
		for i, l := range split(clean(f.Do, maxFinding), p.width-severity-about-3) {
			p.line(rest + map[bool]string{true: "-> ", false: "   "}[i == 0] + l)
		}
	}
	p.line("")
	switch problems, warnings := counts[Problem], counts[Warned]; {
	case problems+warnings == 0:
		p.line("nothing is in the way of the gate")
	default:
		p.line(fmt.Sprintf("%s, %s", plural(problems, "problem"), plural(warnings, "warning")))
	}
	return p.w.Flush()
}

// maxFinding bounds what an error quotes.
const maxFinding = 1000

func (p *printer) severity(s Severity, room int) string {
	text := pad(string(s), room)
	switch s {
	case Problem:
		return p.red(text)
	case Warned:
		return p.yellow(text)
	}
	return text
}
