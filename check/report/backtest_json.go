package report

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// A replay as other programs read it. Every field is always there; what is not
// known is null.
type jsonBacktest struct {
	Stored       int        `json:"stored_runs"`
	Needed       int        `json:"needed_runs"`
	Runs         int        `json:"replayed_runs"`
	Oldest       *time.Time `json:"oldest"`
	Newest       *time.Time `json:"newest"`
	AlertingRuns int        `json:"alerting_runs"`
	AlertsPerRun figure     `json:"alerts_per_run"`
	PassedRuns   int        `json:"runs_whose_alerts_all_passed"`
	AlarmRate    figure     `json:"false_alarm_rate"`
	Confirms     bool       `json:"asks_for_reruns"`
	Inconclusive int        `json:"inconclusive_metrics"`
	// The quartiles over the metrics.
	Detectable [3]figure     `json:"min_detectable_pct"`
	Proposal   *jsonProposal `json:"proposal"`
}

type jsonProposal struct {
	Rules        []jsonRule `json:"rules"`
	AlertingRuns int        `json:"alerting_runs"`
	Alerts       int        `json:"alerts"`
	Lasted       int        `json:"alerts_that_lasted"`
	Lost         int        `json:"lasting_alerts_lost"`
	Detectable   figure     `json:"min_detectable_pct"`
}

type jsonRule struct {
	Match string `json:"match"`
	Limit string `json:"limit"`
	YAML  string `json:"yaml"`
	// What the limit spares and costs; see check.LimitCost.
	Spared int    `json:"alerts_spared"`
	Seen   figure `json:"min_detectable_pct"`
	Before figure `json:"min_detectable_pct_before"`
}

type jsonAlert struct {
	RunID   string     `json:"run_id"`
	Commit  string     `json:"git_commit"`
	Time    *time.Time `json:"timestamp"`
	Lasting *bool      `json:"lasted"`
	Metric  jsonMetric `json:"metric"`
}

type jsonBacktested struct {
	Name         string `json:"name"`
	Alerts       int    `json:"alerts"`
	Lasted       int    `json:"lasted"`
	Passed       int    `json:"passed"`
	Judged       int    `json:"judged_runs"`
	Inconclusive int    `json:"inconclusive_runs"`
	Detectable   figure `json:"min_detectable_pct"`
}

// BacktestJSON writes a replay as one JSON object, with one alert and one metric
// a line. Equal results give equal bytes.
func BacktestJSON(w io.Writer, r check.BacktestResult) error {
	b := bufio.NewWriterSize(w, 64<<10)
	fmt.Fprintf(b, "{\"backtest\":%s,\n \"alerts\":[", encode(newBacktest(&r)))
	for i := range r.Alerts {
		listItem(b, i, newAlert(&r.Alerts[i]))
	}
	b.WriteString("],\n \"metrics\":[")
	for i, m := range r.Metrics {
		listItem(b, i, jsonBacktested{m.Name, m.Alerts, m.Lasted, m.Passed, m.Judged, m.Inconclusive, figure(m.MinDetectablePct)})
	}
	b.WriteString("]}\n")
	return b.Flush() // holds the first error of all writes
}

// listItem writes the i-th value of an array on a line of its own.
func listItem(b *bufio.Writer, i int, v any) {
	if i > 0 {
		b.WriteByte(',')
	}
	b.WriteString("\n  ")
	b.Write(encode(v))
}

func newBacktest(r *check.BacktestResult) jsonBacktest {
	j := jsonBacktest{
		Stored: r.Stored, Needed: r.Needed, Runs: r.Runs, Oldest: originTime(r.Oldest), Newest: originTime(r.Newest),
		AlertingRuns: r.AlertingRuns, AlertsPerRun: figure(float64(len(r.Alerts)) / float64(r.Runs)),
		PassedRuns: r.PassedRuns, AlarmRate: figure(r.AlarmRate),
		Confirms: r.Confirms, Inconclusive: r.Inconclusive,
	}
	for i, x := range r.Detectable {
		j.Detectable[i] = figure(x)
	}
	if p := r.Proposal; p != nil {
		j.Proposal = &jsonProposal{
			AlertingRuns: p.AlertingRuns, Alerts: p.Alerts, Lasted: p.Lasted, Lost: p.Lost, Detectable: figure(p.DetectablePct),
		}
		for i := range p.Rules {
			u := &p.Rules[i]
			j.Proposal.Rules = append(j.Proposal.Rules, jsonRule{
				u.Match, u.Limit.String(), yamlRule(u), p.Costs[i].Spared, figure(p.Costs[i].SeenPct), figure(p.Costs[i].BeforePct),
			})
		}
	}
	return j
}

func originTime(o collect.Origin) *time.Time { return moment(o.Time) }

func newAlert(a *check.Alert) jsonAlert {
	j := jsonAlert{RunID: a.Run.ID, Commit: a.Run.Commit, Time: originTime(a.Run), Metric: newMetric(&a.Comparison)}
	if a.Lasting != check.LastingUnknown {
		lasted := a.Lasting == check.Lasted
		j.Lasting = &lasted
	}
	return j
}
