package check_test

import (
	"slices"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// TestBlindIsNotUnchanged gives a metric a past so wild that twice its level
// would not stand out: what got worse must not pass as unchanged.
func TestBlindIsNotUnchanged(t *testing.T) {
	wild := []float64{1, 9, 2, 30, 1.5, 0.4, 14, 3}
	compare := func(head float64, ts check.Thresholds) check.Comparison {
		b := history(map[string][]float64{"build.seconds": wild})
		return find(t, check.Compare([]collect.Run{run(metric("build.seconds", head))}, b, ts), "build.seconds")
	}
	for _, c := range []struct {
		name string
		head float64
		ts   check.Thresholds
		want check.Status
	}{
		{"worse", 4, check.Thresholds{}, check.Inconclusive},
		{"better", 2, check.Thresholds{}, check.Unchanged},
		{"only warned about", 4, check.Thresholds{Rules: []check.Rule{{Match: "**", Level: check.Warn}}}, check.Unchanged},
		{"a wide limit", 4, check.Thresholds{Limit: &check.Limit{Value: 400}}, check.Unchanged},
	} {
		if got := compare(c.head, c.ts); got.Status != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, got.Status, got.Reason, c.want)
		}
	}
}

// TestUnreadIsNotFirst: a baseline that could not be read is not one that does
// not exist, and a budget holds without one.
func TestUnreadIsNotFirst(t *testing.T) {
	most := 10.0
	for _, row := range []struct {
		name string
		ts   check.Thresholds
		want check.Verdict
	}{
		{"nothing to judge by", check.Thresholds{}, check.InconclusiveRun},
		{"over its budget", check.Thresholds{Rules: []check.Rule{{Match: "**", Max: &most}}}, check.Regression},
	} {
		r := check.Compare([]collect.Run{run(metric("build.seconds", 12))}, history(nil), row.ts)
		notes := len(r.Notes)
		r.Blind("the network is down", check.ActPass)
		if r.Verdict != row.want || r.Unread != "the network is down" || !slices.Contains(r.Gated, r.Unread) || len(r.Notes) != notes-1 {
			t.Errorf("%s: %s, gated %q, notes %q", row.name, r.Verdict, r.Gated, r.Notes)
		}
	}
}
