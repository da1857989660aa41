package check_test

import (
	"math"
	"slices"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

func TestParseAgainst(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"history", "last", "mean:2", "mean:1000"} {
		if a, err := check.ParseAgainst(s); err != nil || a.String() != s {
			t.Errorf("ParseAgainst(%q) = %v, %v; want it back", s, a, err)
		}
	}
	for _, s := range []string{"", "first", "mean", "mean:", "mean:1", "mean:0", "mean:-3", "mean:+3", "mean:1001", "mean:x", "last:3", "Last"} {
		if a, err := check.ParseAgainst(s); err == nil {
			t.Errorf("ParseAgainst(%q) = %v, want an error", s, a)
		}
	}
}

// onePast is a baseline of one metric.
func onePast(m collect.Metric, values ...float64) baseline.Baseline {
	return baseline.Baseline{Runs: make([]collect.Origin, len(values)), Metrics: []collect.Metric{m}, Values: [][]float64{values}}
}

func TestPlainThreshold(t *testing.T) {
	t.Parallel()
	last, mean3 := check.Against{Mean: 1}, check.Against{Mean: 3}
	limit := &check.Limit{Value: 20}
	for _, row := range []struct {
		name    string
		against check.Against
		past    []float64
		head    float64
		want    check.Status
		base    float64
	}{
		{"just the limit", last, []float64{1, 10}, 12, check.Unchanged, 10},
		{"more than the limit", last, []float64{1, 10}, 12.1, check.Regressed, 10},
		{"less by more than it", last, []float64{30, 10}, 7.9, check.Improved, 10},
		{"the mean, which an outlier moves", mean3, []float64{0, 10, 10, 40}, 23, check.Unchanged, 20},
		{"the mean of fewer", mean3, []float64{10, 20}, 19, check.Regressed, 15},
		{"gaps are passed over", last, []float64{10, math.NaN()}, 13, check.Regressed, 10},
		{"from zero any is more", last, []float64{0}, 1, check.Regressed, 0},
		{"nothing to compare with", last, []float64{math.NaN()}, 1, check.New, math.NaN()},
		{"no number", last, []float64{10}, math.Inf(1), check.Inconclusive, 10},
	} {
		r := check.Compare([]collect.Run{run(metric("job.seconds", row.head))}, onePast(metric("job.seconds", 0), row.past...),
			check.Thresholds{Limit: limit, Against: row.against})
		got := find(t, r, "job.seconds")
		if got.Status != row.want || got.Baseline != row.base && !(math.IsNaN(got.Baseline) && math.IsNaN(row.base)) {
			t.Errorf("%s: %s against %g, want %s against %g", row.name, got.Status, got.Baseline, row.want, row.base)
		}
		if !math.IsNaN(got.P) || !math.IsNaN(got.Q) {
			t.Errorf("%s: p %g, q %g; a plain threshold has none", row.name, got.P, got.Q)
		}
		if !slices.Contains(r.Notes, check.NoNoiseNote) {
			t.Errorf("%s: no note says that noise was not looked at: %q", row.name, r.Notes)
		}
		if row.want == check.New && r.Verdict != check.InconclusiveRun {
			t.Errorf("%s: verdict %s, want inconclusive", row.name, r.Verdict)
		}
	}
}

// A plain threshold without a limit, or for one rule alone.
func TestPlainThresholdRules(t *testing.T) {
	t.Parallel()
	past := onePast(metric("job.seconds", 0), 10, 10, 10)
	head := []collect.Run{run(metric("job.seconds", 30))}
	r := check.Compare(head, past, check.Thresholds{Against: check.Against{Mean: 1}})
	if got := find(t, r, "job.seconds"); got.Status != check.Inconclusive || r.Verdict != check.InconclusiveRun {
		t.Errorf("without a limit: %s, verdict %s; want inconclusive", got.Status, r.Verdict)
	}
	rule := check.Rule{Match: "job.*", Limit: &check.Limit{Value: 5}, Against: &check.Against{Mean: 1}}
	if r = check.Compare(head, past, check.Thresholds{Rules: []check.Rule{rule}}); find(t, r, "job.seconds").Status != check.Regressed {
		t.Errorf("by a rule of its own: %+v, want regressed", r.Metrics)
	}
	rule.Against = &check.Against{}
	all := check.Thresholds{Against: check.Against{Mean: 1}, Rules: []check.Rule{rule}}
	if got := find(t, check.Compare(head, past, all), "job.seconds"); got.Status != check.Inconclusive {
		t.Errorf("a rule that asks for history, with three runs: %s, want inconclusive", got.Status)
	}
}
