package report

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// stepped is a history of a metric that went from 10 to 14 after twenty runs, the
// last five of the others without it.
func stepped() (collect.Run, baseline.Baseline) {
	m := collect.Metric{Name: "a\u202e.seconds", Unit: "s", Value: 25}
	b := baseline.Baseline{Metrics: []collect.Metric{m}, Values: [][]float64{nil}}
	for i := range 40 {
		o := collect.Origin{
			ID: fmt.Sprintf("run-%d", i), Commit: fmt.Sprintf("%040x", i), Time: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC),
			Runner: collect.Runner{OS: "linux", Arch: map[bool]string{true: "arm64", false: "amd64"}[i == 3]},
		}
		b.Runs = append(b.Runs, o)
		x := 10 + 4*float64(i/20) + 0.1*float64(i*7%5)
		if i == 30 {
			x = nan
		}
		b.Values[0] = append(b.Values[0], x)
	}
	head := collect.Run{Origin: collect.Origin{ID: "head", Runner: collect.Runner{OS: "linux", Arch: "amd64"}}, Metrics: []collect.Metric{m}}
	return head, b
}

func TestSeriesOfVerdict(t *testing.T) {
	t.Parallel()
	head, b := stepped()
	again := collect.Run{Origin: collect.Origin{ID: "again", RerunOf: "head"}, Metrics: []collect.Metric{{Name: "a\u202e.seconds", Unit: "s", Value: 25.1}}}
	five := check.Limit{Kind: check.Percent, Value: 5}
	all := check.ExplainAll([]collect.Run{head, again}, b, check.Thresholds{Limit: &five, Confirm: 1})
	for e := range all.All() {
		if e.Comparison.Name == check.RunEffect {
			continue
		}
		s := NewSeries(&e)
		if s.Label != "a.seconds" || s.Better != "lower" || s.Status != check.Regressed || len(s.Points) != 40 || len(s.Head) != 2 {
			t.Errorf("series %q of %d points, %d looks, %s", s.Label, len(s.Points), len(s.Head), s.Status)
		}
		if len(s.Levels) != 2 || s.Levels[1].From != 20 || s.Levels[1].Value != e.Comparison.Baseline {
			t.Errorf("levels %+v, want one from the 21st run on at %g", s.Levels, e.Comparison.Baseline)
		}
		if len(s.Changes) != 1 || s.Changes[0].At != 20 || s.Changes[0].Before != 19 || s.Changes[0].Status != check.Regressed {
			t.Errorf("changes %+v, want one for the worse at the 21st run", s.Changes)
		}
		if s.Points[30].Value != nil || !s.Points[3].Other || s.Points[4].Other || !s.Points[0].Old || s.Points[0].Level || !s.Points[39].Level {
			t.Error("a run that did not measure it, one of another machine or one of an older level is not told")
		}
		if s.Band == nil || s.Band.High == nil || *s.Band.High >= 25 || s.Limit == nil || math.Abs(*s.Limit-1.05*e.Comparison.Baseline) > 1e-9 {
			t.Errorf("band %+v and limit %v", s.Band, s.Limit)
		}
		if text, err := json.Marshal(s); err != nil || !json.Valid(text) {
			t.Errorf("as JSON: %s, %v", text, err)
		}
	}
}

func TestSeriesOfHistory(t *testing.T) {
	t.Parallel()
	_, b := stepped()
	r := check.Trend(b, check.Thresholds{}, check.TrendOptions{})
	s := NewHistorySeries(b.Metrics[0], b.Values[0], History{b.Runs, r.Shifts})
	if len(s.Points) != 40 || len(s.Head) != 0 || s.Status != "" || !s.Points[3].Other {
		t.Errorf("%d points, %d looks, status %q", len(s.Points), len(s.Head), s.Status)
	}
	if len(s.Levels) != 2 || s.Levels[0].To != 19 || s.Levels[1].From != 20 || s.Levels[1].To != 39 {
		t.Errorf("levels %+v, want twenty runs each", s.Levels)
	}
	if len(s.Changes) != 1 || s.Changes[0].Status != check.Regressed || s.Changes[0].DeltaPct == nil || math.Abs(*s.Changes[0].DeltaPct-39) > 3 {
		t.Errorf("changes %+v, want one of +39 %%", s.Changes)
	}
	if s := NewHistorySeries(b.Metrics[0], nil, History{Runs: b.Runs}); len(s.Points) != 40 || s.Points[0].Value != nil || s.Levels != nil {
		t.Errorf("without values: %+v", s)
	}
}
