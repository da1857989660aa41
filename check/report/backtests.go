package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// SuiteBacktest is what a replay of one suite found. Of the origin its repository,
// type, job and name count.
type SuiteBacktest struct {
	Suite  collect.Origin
	Result check.BacktestResult
}

// backtestSum is what the replays of several suites come to.
type backtestSum struct {
	Suites       int `json:"suites"`
	Repositories int `json:"repositories"`
	Runs         int `json:"replayed_runs"`
	AlertingRuns int `json:"alerting_runs"`
	Alerts       int `json:"alerts"`
	Lasted       int `json:"lasted"`
	Passed       int `json:"passed"`
}

func sumBacktests(all []SuiteBacktest) (s backtestSum) {
	repositories := map[string]bool{}
	for i := range all {
		r := &all[i].Result
		repositories[all[i].Suite.Repository] = true
		s.Runs += r.Runs
		s.AlertingRuns += r.AlertingRuns
		s.Alerts += len(r.Alerts)
		lasted, passed := lasting(r)
		s.Lasted, s.Passed = s.Lasted+lasted, s.Passed+passed
	}
	s.Suites, s.Repositories = len(all), len(repositories)
	return s
}

func lasting(r *check.BacktestResult) (lasted, passed int) {
	for i := range r.Alerts {
		switch r.Alerts[i].Lasting {
		case check.Lasted:
			lasted++
		case check.Passed:
			passed++
		}
	}
	return lasted, passed
}

// Backtests writes what the replays of several suites found: the sum, a line for
// each suite and, where all is asked for, each replay as Backtest writes it.
func Backtests(w io.Writer, all []SuiteBacktest, o TextOptions) error {
	p := newPrinter(w, o.Color, o.Width)
	p.wrap("", backtestsHeadline(sumBacktests(all)), p.width, p.bold)
	if len(all) > 0 {
		p.line("")
		p.suites(all)
	}
	if err := p.w.Flush(); err != nil || !o.All {
		return err
	}
	for i := range all {
		s := &all[i].Suite
		p.line("")
		p.wrap("", clean(s.Repository, maxLabel)+" "+suite(s)+" "+brief(s.Type), p.width, p.bold)
		if err := p.w.Flush(); err != nil {
			return err
		}
		if err := Backtest(w, all[i].Result, o); err != nil {
			return err
		}
	}
	return nil
}

func backtestsHeadline(s backtestSum) string {
	of := fmt.Sprintf("%s of %s in %s", plural(s.Runs, "replayed run"), plural(s.Suites, "suite"), numbered(s.Repositories, "repository", "repositories"))
	switch {
	case s.Suites == 0:
		return "nothing to replay: no run of these repositories may be a baseline"
	case s.AlertingRuns == 0:
		return "none of " + of + " alerts"
	}
	return fmt.Sprintf("%s of %s %s: %s", thousands(s.AlertingRuns), of, verb(s.AlertingRuns, "alerts", "alert"), share(s.AlertingRuns, s.Runs))
}

func numbered(n int, one, several string) string { return thousands(n) + " " + verb(n, one, several) }

func (p *printer) suites(all []SuiteBacktest) {
	t := &table{columns: []column{
		{head: "repository", flex: true}, {head: "suite", yield: 1}, {head: "type", yield: 2}, {head: "runs", right: true},
		{head: "alerting", right: true, paint: p.red}, {head: "alerts", right: true}, {head: "lasted", right: true}, {head: "went away", right: true},
	}}
	for i := range all {
		s, r := &all[i].Suite, &all[i].Result
		lasted, passed := lasting(r)
		t.rows = append(t.rows, []string{
			clean(s.Repository, maxLabel), suite(s), brief(s.Type), thousands(r.Runs),
			thousands(r.AlertingRuns), thousands(len(r.Alerts)), thousands(lasted), thousands(passed),
		})
	}
	t.write(p, p.width)
}

// BacktestsJSON writes the replays of several suites: their sum, and of each what
// BacktestJSON writes.
func BacktestsJSON(w io.Writer, all []SuiteBacktest) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "{\"sum\":%s,\n \"suites\":[", encode(sumBacktests(all)))
	for i := range all {
		if i > 0 {
			b.WriteByte(',')
		}
		s := &all[i].Suite
		var replay bytes.Buffer
		if err := BacktestJSON(&replay, all[i].Result); err != nil {
			return err
		}
		fmt.Fprintf(b, "\n {\"repository\":%s,\"name\":%s,\"job\":%s,\"type\":%s,\"replay\":%s}",
			encode(s.Repository), encode(s.Name), encode(s.Job), encode(s.Type), bytes.TrimSpace(replay.Bytes()))
	}
	b.WriteString("]}\n")
	return b.Flush()
}
