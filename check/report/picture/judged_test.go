package picture

import (
	"math"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

func TestColorsOfMetrics(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, row := range []struct {
		name            string
		status          check.Status
		level           check.Level
		unit            collect.Unit
		better          collect.Direction
		base, head, top float64
		want            Color
		message         string
	}{
		{"fails", check.Regressed, check.Fail, "s", collect.Lower, 1, 1.34, 1.1, Red, "1.34 s"},
		{"warns", check.Regressed, check.Warn, "s", collect.Lower, 1, 1.34, 1.1, Orange, "1.34 s"},
		{"suspect", check.Suspect, check.Fail, "s", collect.Lower, 1, 1.34, 1.1, Orange, "1.34 s"},
		{"waived", check.Waived, check.Fail, "s", collect.Lower, 1, 1.34, 1.1, Yellow, "1.34 s"},
		{"stable without a limit", check.Unchanged, check.Fail, "s", collect.Lower, 1, 1.01, nan, BrightGreen, "1.01 s"},
		{"far from its budget", check.Unchanged, check.Fail, "MB", collect.Lower, 30, 31, 50, BrightGreen, "31 MB"},
		{"past half of the way", check.Unchanged, check.Fail, "MB", collect.Lower, 30, 42, 50, Green, "42 MB"},
		{"near its budget", check.Unchanged, check.Fail, "MB", collect.Lower, 30, 49, 50, Yellow, "49 MB"},
		{"near its least", check.Unchanged, check.Fail, "ops/s", collect.Higher, 100, 91, 90, Yellow, "91 ops/s"},
		{"better", check.Improved, check.Fail, "s", collect.Lower, 1, 0.5, 1.1, BrightGreen, "500 ms"},
		{"new", check.New, check.Fail, "s", collect.Lower, nan, 1, nan, Blue, "1 s"},
		{"few runs", check.Inconclusive, check.Fail, "s", collect.Lower, 1, 1, nan, Blue, "1 s"},
		{"not judged", check.Unchanged, check.Off, "s", collect.Lower, 1, 1, nan, Blue, "1 s"},
		{"high coverage", check.Unchanged, check.Fail, "%", collect.Higher, 95, 95, 94.5, BrightGreen, "95 %"},
		{"fair coverage", check.Unchanged, check.Fail, "%", collect.Higher, 75, 75, 74.5, YellowGreen, "75 %"},
		{"poor coverage", check.Improved, check.Fail, "%", collect.Higher, 20, 30, 19.5, Red, "30 %"},
		{"high coverage that fell", check.Regressed, check.Fail, "%", collect.Higher, 99, 95, 98.5, Red, "95 %"},
		{"a share of what is bad", check.Unchanged, check.Fail, "%", collect.Lower, 3, 3, nan, BrightGreen, "3 %"},
		{"missing", check.Missing, check.Warn, "s", collect.Lower, 1, nan, nan, "", Unknown},
		{"no figure", check.Unchanged, check.Fail, "s", collect.Lower, 1, nan, nan, "", Unknown},
	} {
		got := OfMetric(&check.Explanation{Allowed: row.top, Comparison: check.Comparison{
			Name: "m", Status: row.status, Level: row.level, Unit: row.unit, Better: row.better, Baseline: row.base, Head: row.head,
		}})
		if want := (Badge{"m", row.message, row.want}); got != want {
			t.Errorf("%s: %v, want %v", row.name, got, want)
		}
	}
}

func TestColorsOfVerdicts(t *testing.T) {
	t.Parallel()
	counts := func(s check.Status, n int) check.Result {
		return check.Result{Verdict: check.Pass, Counts: map[check.Status]int{s: n}}
	}
	failed, one, suspect, few, budget, blind := counts(check.Regressed, 2), counts(check.Regressed, 1), counts(check.Suspect, 1), counts(check.Inconclusive, 3), counts(check.New, 1), counts(check.New, 1)
	failed.Verdict, one.Verdict, suspect.Verdict, few.Verdict, budget.Verdict = check.Regression, check.Regression, check.SuspectRun, check.InconclusiveRun, check.Regression
	blind.Blind("the store is out of reach", check.ActPass)
	for _, row := range []struct {
		r    check.Result
		want Badge
	}{
		{failed, Badge{"plumbline", "2 regressions", Red}},
		{one, Badge{"plumbline", "1 regression", Red}},
		{budget, Badge{"plumbline", "regression", Red}},
		{suspect, Badge{"plumbline", "suspect", Orange}},
		{few, Badge{"plumbline", "inconclusive", ""}},
		{blind, Badge{"plumbline", Unknown, ""}},
		{counts(check.Unchanged, 4), Badge{"plumbline", "pass", BrightGreen}},
		{counts(check.Waived, 1), Badge{"plumbline", "pass", Yellow}},
		{counts(check.New, 4), Badge{"plumbline", "no baseline yet", ""}},
		{check.Result{Verdict: check.Pass}, Badge{"plumbline", Unknown, ""}},
	} {
		if got := OfVerdict(&row.r); got != row.want {
			t.Errorf("%s of %v: %v, want %v", row.r.Verdict, row.r.Counts, got, row.want)
		}
	}
}
