package check_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// acceptedHistory has n runs at 10 s and 500 MB, then k at 13 s and 600 MB, of
// the commits c00, c01 and so on.
func acceptedHistory(n, k int) baseline.Baseline {
	b := history(map[string][]float64{
		"a.seconds": append(noisy(n, 10), noisy(k, 13)...),
		"a_mb":      append(steady(n, 500), steady(k, 600)...),
		"x.errors":  append(steady(n, 0), steady(k, 2)...),
	})
	for i := range b.Runs {
		b.Runs[i].Commit = fmt.Sprintf("c%02d", i)
	}
	return b
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	ceiling := &check.Limit{Value: 40}
	since := func(i int) check.Since {
		return check.Since{Text: fmt.Sprintf("c%02d", i), Commit: fmt.Sprintf("c%02d", i)}
	}
	day := func(d int) check.Since {
		return check.Since{Text: "a day", Time: time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC)}
	}
	own := check.Since{Text: "c99", Commit: "c99"}
	tests := []struct {
		name     string
		old, now int
		head     float64 // of a.seconds; the others follow it
		since    check.Since
		want     check.Status
		reason   string
		note     string
	}{
		{"in its pull request", 30, 0, 13, own, check.Waived, "accepted since c99: new checksum (#7); +", ""},
		{"past the ceiling", 30, 0, 15, own, check.Regressed, "past the ceiling of the level accepted since c99, 40%", ""},
		{"not worse at all", 30, 0, 10, own, check.Unchanged, "", "no worse than before, though worse was accepted since c99"},
		{"by its day", 30, 0, 13, day(31), check.Waived, "accepted since a day", ""},
		{"by a day with runs before the merge", 30, 0, 13, day(28), check.Waived, "accepted since a day", ""},
		{"by a day long ago", 30, 0, 13, day(11), check.Regressed, "the level is accepted since a day", "judged by the runs since then: accepted"},
		{"the first run after", 30, 1, 13, since(30), check.Unchanged, "the level is accepted since c30", "judged by the runs since then: accepted since c30: new checksum (#7)"},
		{"a regression on top of one run", 30, 1, 18, since(30), check.Regressed, "the level is accepted since c30", ""},
		{"a regression on top of four", 30, 4, 16, since(30), check.Regressed, "", ""},
		{"back to what was before", 30, 4, 10, since(30), check.Improved, "", ""},
		{"with few runs in all", 5, 3, 13, since(5), check.Unchanged, "accepted since c05", ""},
		{"with few runs, on top", 8, 3, 26, since(8), check.Regressed, "accepted since c08", ""},
		{"older than the baseline", 0, 30, 13, since(0), check.Unchanged, "", "the whole baseline is since then; the entry can go"},
		{"of an unknown commit", 30, 0, 13, since(77), check.Regressed, "", "neither the head nor a baseline run is of that commit"},
		{"of the future", 30, 0, 13, check.Since{Text: "2027", Time: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}, check.Regressed, "", "the head run is from before that"},
		{"git knows better", 30, 4, 13, check.Since{Text: "d", Commit: "ddd", Within: map[string]bool{"c30": true, "c31": true, "c99": true}}, check.Unchanged, "accepted since d", ""},
		{"the head lacks it", 30, 0, 13, check.Since{Text: "d", Commit: "ddd", Within: map[string]bool{}}, check.Regressed, "", "the head does not contain that commit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := check.Acceptance{Waiver: check.Waiver{Metric: "**", Ceiling: ceiling, Reason: "new checksum", Issue: 7}, Since: tt.since}
			head := run(metric("a.seconds", tt.head))
			head.Commit = "c99"
			r := check.Compare([]collect.Run{head}, acceptedHistory(tt.old, tt.now), check.Thresholds{Accepted: []check.Acceptance{a}, OnMissing: check.ActPass})
			got := find(t, r, "a.seconds")
			if got.Status != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("%s (%s), want %s (%s)", got.Status, got.Reason, tt.want, tt.reason)
			}
			if notes := strings.Join(r.Notes, "; "); !strings.Contains(notes, tt.note) {
				t.Errorf("notes are %q, want one with %q", notes, tt.note)
			}
		})
	}
}

// What has no noise is accepted and watched alike; a budget is not lifted.
func TestAcceptedExactly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		metric string
		now    int
		head   float64
		want   check.Status
	}{
		{"a_mb", 0, 600, check.Waived}, {"a_mb", 1, 600, check.Unchanged}, {"a_mb", 1, 601, check.Regressed},
		{"x.errors", 0, 2, check.Waived}, {"x.errors", 1, 2, check.Unchanged}, {"x.errors", 1, 3, check.Regressed},
		{"a_mb", 0, 701, check.Regressed},
	} {
		a := check.Acceptance{Waiver: check.Waiver{Metric: "**", Reason: "y"}, Since: check.Since{Text: "d", Time: time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)}}
		limits := check.Thresholds{Accepted: []check.Acceptance{a}, Rules: []check.Rule{{Match: "a_mb", Max: number(700)}}}
		got := find(t, check.Compare([]collect.Run{run(metric(tt.metric, tt.head))}, acceptedHistory(30, tt.now), limits), tt.metric)
		if got.Status != tt.want {
			t.Errorf("%s of %v after %d runs is %s (%s), want %s", tt.metric, tt.head, tt.now, got.Status, got.Reason, tt.want)
		}
	}
}

// A replay judges the runs before an accepted change as ever, the run that
// brought it not at all, and those after it by the new level.
func TestBacktestAccepted(t *testing.T) {
	t.Parallel()
	h := acceptedHistory(30, 12)
	alerts := func(a ...check.Acceptance) (runs []string) {
		for _, x := range check.Backtest(h, check.Thresholds{Accepted: a}, check.BacktestOptions{}).Alerts {
			if !slices.Contains(runs, x.Run.Commit) {
				runs = append(runs, x.Run.Commit)
			}
		}
		return runs
	}
	if got := alerts(); !slices.Contains(got, "c30") {
		t.Fatalf("without an acceptance the runs %v alert, want c30 among them", got)
	}
	if got := alerts(check.Acceptance{Waiver: check.Waiver{Metric: "**"}, Since: check.Since{Text: "c30", Commit: "c30"}}); got != nil {
		t.Errorf("with the change accepted the runs %v alert, want none", got)
	}
}

func TestExplainAccepted(t *testing.T) {
	t.Parallel()
	a := check.Acceptance{Waiver: check.Waiver{Metric: "a.*", Reason: "y"}, Since: check.Since{Text: "c30", Commit: "c30"}}
	e, ok := check.Explain([]collect.Run{run(metric("a.seconds", 13))}, acceptedHistory(30, 4), check.Thresholds{Accepted: []check.Acceptance{a}}, "a.seconds")
	if !ok || e.Accepted == nil || !e.FromAccepted {
		t.Fatalf("Explain = %v, accepted %v, from it %v; want all", ok, e.Accepted, e.FromAccepted)
	}
	for i, r := range e.Runs {
		if r.Old != (i < 30) || r.Level != (i >= 30) {
			t.Errorf("run %d: old %v, level %v", i, r.Old, r.Level)
		}
	}
}
