package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
)

func backtests() map[string]check.BacktestResult {
	alert := func(c check.Comparison, days int, l check.Lasting) check.Alert {
		o := origin()
		o.Time = o.Time.Add(time.Duration(days) * 24 * time.Hour)
		return check.Alert{Run: o, Comparison: c, Lasting: l}
	}
	slow := compared("bench/github.com/acme/shop/internal/parse.Scan.ns_per_op", check.Regressed, "ns/op", 340, 4.2)
	login := compared("test.case_seconds[suite=auth,case=TestLogin]", check.Regressed, "s", 1.02, 31.4)
	found := check.BacktestResult{
		Stored: 206, Needed: 7, Runs: 200, Oldest: origin(), Newest: origin(), AlertingRuns: 3,
		Alerts: []check.Alert{alert(slow, 1, check.Passed), alert(login, 5, check.Lasted), alert(slow, 9, check.LastingUnknown)},
		Metrics: []check.Backtested{
			{Name: slow.Name, Alerts: 2, Passed: 1, Judged: 200, MinDetectablePct: 3.1},
			{Name: login.Name, Alerts: 1, Lasted: 1, Judged: 180, Inconclusive: 100, MinDetectablePct: 12},
			{Name: "size", Judged: 200},
		},
		Detectable: [3]float64{0, 3.1, 12}, Inconclusive: 1,
		Left: []baseline.LeftOut{{Reason: "failed", Runs: 4}},
		Proposal: &check.Proposal{
			Rules:        []check.Rule{{Match: slow.Name, Limit: &check.Limit{Value: 5}, Level: check.Fail}},
			Costs:        []check.LimitCost{{Spared: 1, SeenPct: 5, BeforePct: 3.1}},
			AlertingRuns: 1, Alerts: 1, Lasted: 1, Least: 5, Most: 5, LeastDetectablePct: 5, DetectablePct: 5,
		},
		PassedRuns: 1, AlarmRate: 0.05,
	}
	calm := check.BacktestResult{Oldest: origin(), Newest: origin(), Stored: 60, Needed: 7, Runs: 54, Metrics: []check.Backtested{{Name: "size", Judged: 54}}, Confirms: true}
	evil := found
	h := compared(attack, check.Regressed, "s", 1, 50)
	evil.Alerts, evil.Metrics = []check.Alert{alert(h, 0, check.Passed), alert(h, 1, check.Passed)}, []check.Backtested{{Name: attack, Alerts: 2, Passed: 2, Judged: 9}}
	evil.Alerts[0].Run.Commit, evil.Alerts[0].Run.ID = attack, attack
	evil.Proposal = &check.Proposal{Rules: []check.Rule{{Match: attack, Limit: &check.Limit{Value: 5}}}, Costs: make([]check.LimitCost, 1)}
	many := found
	many.Metrics = slices.Clone(found.Metrics)
	for i := range 12 {
		many.Metrics = append(many.Metrics, check.Backtested{Name: fmt.Sprintf("test.case_seconds[case=Test%d]", i), Judged: 200, MinDetectablePct: float64(i)})
	}
	many.Alerts = append(slices.Clone(found.Alerts), found.Alerts[0], found.Alerts[0])
	many.Proposal = &check.Proposal{
		Rules:  []check.Rule{found.Proposal.Rules[0], {Match: "size", Limit: &check.Limit{Value: 10}, Against: &check.Against{Mean: 1}}},
		Costs:  []check.LimitCost{{Spared: 1, SeenPct: 5, BeforePct: 5}, {Spared: 1, SeenPct: 10}},
		Alerts: 3, AlertingRuns: 2, Lasted: 0, Lost: 1, Least: 5, Most: 10, LeastDetectablePct: 5, DetectablePct: 10,
	}
	hopeless := found
	hopeless.Metrics, hopeless.Detectable = found.Metrics[:1], [3]float64{3.1, 3.1, 3.1}
	hopeless.Proposal, hopeless.AlarmRate, hopeless.Inconclusive = nil, math.NaN(), 0
	return map[string]check.BacktestResult{
		"backtest": found, "backtest.calm": calm, "backtest.hostile": evil, "backtest.short": {Stored: 4, Needed: 7},
		"backtest.many": many, "backtest.hopeless": hopeless,
	}
}

func TestBacktest(t *testing.T) {
	t.Parallel()
	for name, b := range backtests() {
		golden(t, name+".txt", func(w io.Writer) error { return Backtest(w, b, TextOptions{Width: 80}) })
		golden(t, name+".json", func(w io.Writer) error { return BacktestJSON(w, b) })
	}
}

func TestBacktestHarmless(t *testing.T) {
	t.Parallel()
	var text, js bytes.Buffer
	b := backtests()["backtest.hostile"]
	if err := Backtest(&text, b, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := BacktestJSON(&js, b); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(js.Bytes()) {
		t.Errorf("no JSON: %s", js.String())
	}
	for _, s := range []string{text.String(), js.String()} {
		if strings.ContainsAny(s, "\x1b\a\u202e\u2066\u200b") || strings.Contains(s, "\n::error") || strings.Contains(s, "\n##[") {
			t.Errorf("not harmless: %q", s)
		}
	}
}

// What a replay cannot tell, it says, and does not look like a calm history.
func TestBacktestTooShort(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	if err := Backtest(&text, backtests()["backtest.short"], TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if got, want := text.String(), "nothing to replay: it needs at least 7 runs; there are 4\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
