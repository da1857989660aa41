package report

import (
	"fmt"
	"io"
	"math"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// How many alerts and metrics of a replay are worth reading at once.
const (
	shownAlerts = 15
	shownLoud   = 10
)

// Backtest writes what a replay of the history found: the result in one
// sentence, the alerts, the metrics that alerted most, what could be seen, and
// limits to try.
func Backtest(w io.Writer, b check.BacktestResult, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	p.wrap("", backtestHeadline(&b), p.width, p.bold)
	if b.Runs > 0 {
		p.alerts(&b, o.All)
		p.backtested(&b, o.All)
		p.line("")
		p.replayed(&b)
	}
	for i, l := range b.Left {
		p.labeled(first(i, "left out"), plural(l.Runs, "stored run")+": "+prosaic(l.Reason))
	}
	p.proposal(&b)
	return p.w.Flush()
}

func backtestHeadline(b *check.BacktestResult) string {
	if b.Runs == 0 {
		return fmt.Sprintf("nothing to replay: it needs at least %d runs; there %s %d", b.Needed, verb(b.Stored, "is", "are"), b.Stored)
	}
	if b.AlertingRuns == 0 {
		return "none of " + plural(b.Runs, "replayed run") + " alerts"
	}
	return fmt.Sprintf("%s of %s %s: %s, %s alerts a run", thousands(b.AlertingRuns), plural(b.Runs, "replayed run"),
		verb(b.AlertingRuns, "alerts", "alert"), share(b.AlertingRuns, b.Runs), collect.Figures(float64(len(b.Alerts))/float64(b.Runs), 2))
}

func share(part, whole int) string {
	return collect.Figures(100*float64(part)/float64(whole), 2) + " %"
}

// alerts lists the newest alerts.
func (p *printer) alerts(b *check.BacktestResult, all bool) {
	if len(b.Alerts) == 0 {
		return
	}
	p.line("")
	p.line(p.bold("alerts: " + lastingCounts(b)))
	shown := b.Alerts
	if !all {
		shown = shown[max(0, len(shown)-shownAlerts):]
	}
	if older := len(b.Alerts) - len(shown); older > 0 {
		p.line(indent + p.dim(thousands(older)+" older"))
	}
	t := &table{columns: []column{
		{head: "metric", flex: true}, {head: "run"}, {head: "commit", yield: 1},
		{head: "change", right: true, paint: p.red}, {head: "then"},
	}}
	for i := range shown {
		a := &shown[i]
		r := newRow(&a.Comparison, 0)
		t.rows = append(t.rows, []string{r.name, runDay(a.Run), name(commit(a.Run.Commit)), r.change, lastingWords[a.Lasting]})
		t.notes = append(t.notes, "")
	}
	t.write(p, p.width)
}

func runDay(o collect.Origin) string {
	if o.Time.IsZero() {
		return name(shortID(o.ID))
	}
	return day(o.Time)
}

var lastingWords = map[check.Lasting]string{
	check.Lasted: "lasted", check.Passed: "went away", check.LastingUnknown: "not known yet",
}

func lastingCounts(b *check.BacktestResult) string {
	var n [3]int
	for i := range b.Alerts {
		n[b.Alerts[i].Lasting]++
	}
	s := thousands(n[check.Lasted]) + " lasted, " + thousands(n[check.Passed]) + " went away by " + verb(n[check.Passed], "itself", "themselves")
	if unknown := n[check.LastingUnknown]; unknown > 0 {
		s += ", of " + thousands(unknown) + " it is not known yet"
	}
	return s
}

// backtested lists the metrics with what they show: all of them where they are
// few, else those that alerted more than once.
func (p *printer) backtested(b *check.BacktestResult, all bool) {
	t := &table{columns: []column{
		{head: "metric", flex: true}, {head: "alerts", right: true}, {head: "lasted", right: true},
		{head: "went away", right: true, yield: 2}, {head: "runs", right: true, yield: 3}, {head: "seen from", right: true, yield: 1},
	}}
	title := "metrics that alerted more than once"
	if all = all || len(b.Metrics) <= shownLoud; all {
		title = "metrics"
	}
	more := 0
	for _, m := range b.Metrics {
		switch {
		case m.Alerts < 2 && !all:
		case len(t.rows) >= shownLoud && !all:
			more++
		default:
			t.rows = append(t.rows, []string{
				clean(m.Name, maxName), thousands(m.Alerts), thousands(m.Lasted), thousands(m.Passed), thousands(m.Judged), seenFrom(m.MinDetectablePct),
			})
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

// seenFrom is the smallest worsening that stands out, in a column.
func seenFrom(x float64) string {
	if x == 0 {
		return "any"
	}
	return pct(x)
}

// pct is a share or a change without a sign.
func pct(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return collect.NoFigure
	}
	return collect.Figures(x, 2) + " %"
}

// replayed tells what the replay stands on and what it could see.
func (p *printer) replayed(b *check.BacktestResult) {
	p.labeled("replayed", fmt.Sprintf("%s of %s stored, %s to %s, each judged by the runs before it; the first %d have too few before them",
		plural(b.Runs, "run"), thousands(b.Stored), runDay(b.Oldest), runDay(b.Newest), b.Needed-1))
	if s := falseText(b); s != "" {
		p.labeled("false", s)
	}
	metrics := thousands(len(b.Metrics)) + " that can fail a run"
	if b.Inconclusive > 0 {
		metrics += "; " + thousands(b.Inconclusive) + " " + verb(b.Inconclusive, "was", "were") + " inconclusive more often than not"
	}
	p.labeled("metrics", metrics)
	if s := seenText(b.Detectable, len(b.Metrics)); s != "" {
		p.labeled("seen", s)
	}
	if b.Confirms {
		p.labeled("note", "the configuration asks for re-runs, which a history does not have: each alert here is a suspect that a re-run would confirm or clear")
	}
}

// falseText holds the alerts that came to nothing against what was promised.
func falseText(b *check.BacktestResult) string {
	if b.AlertingRuns == 0 {
		return ""
	}
	s := "no run alerts only on what went away"
	if b.PassedRuns > 0 {
		s = fmt.Sprintf("%s %s only on what went away, %s", plural(b.PassedRuns, "run"), verb(b.PassedRuns, "alerts", "alert"), share(b.PassedRuns, b.Runs))
	}
	if math.IsNaN(b.AlarmRate) {
		return s + "; a plain threshold promises no rate"
	}
	return s + "; the configuration allows " + pct(100*b.AlarmRate) + " of clean runs"
}

// seenText tells what stands out every second time or more often, in quartiles
// over the metrics.
func seenText(q [3]float64, metrics int) string {
	switch {
	case math.IsNaN(q[1]):
		return ""
	case q[2] == 0:
		return "any worsening stands out" + verb(metrics, "", ", in three quarters of the metrics at least")
	case metrics == 1:
		return "a worsening of " + pct(q[1]) + " stands out every second time, a larger one more often"
	case metrics < 4:
		return "a worsening as large as the table says stands out every second time, a larger one more often"
	case pct(q[0]) == pct(q[2]):
		return "all metrics show a worsening of " + pct(q[1]) + " every second time, a larger one more often"
	case q[1] == 0:
		return fmt.Sprintf("half of the metrics or more show any worsening; the quarter that shows least only one of %s or more, and that every second time", pct(q[2]))
	}
	return fmt.Sprintf("half of the metrics show a worsening of %s every second time or more often; the quarter that shows most %s, the quarter that shows least only one of %s or more",
		pct(q[1]), atLeast(q[0]), pct(q[2]))
}

// atLeast is the smallest worsening that shows.
func atLeast(x float64) string {
	if x == 0 {
		return "any"
	}
	return "one of " + pct(x)
}
