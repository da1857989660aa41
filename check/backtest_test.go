package check_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// shelf is a store in memory, oldest first.
type shelf []collect.Run

func (s shelf) Put(context.Context, collect.Run) error  { panic("not used") }
func (s shelf) Delete(context.Context, ...string) error { panic("not used") }
func (s shelf) List(context.Context, baseline.Filter) iter.Seq2[baseline.Entry, error] {
	return func(yield func(baseline.Entry, error) bool) {
		for _, r := range slices.Backward(s) {
			if !yield(baseline.Entry{Origin: r.Origin, Ref: r.ID}, nil) {
				return
			}
		}
	}
}

func (s shelf) Get(_ context.Context, e baseline.Entry) (collect.Run, error) {
	return s[slices.IndexFunc(s, func(r collect.Run) bool { return r.ID == e.Ref })], nil
}

func (s shelf) fetch(t *testing.T, q baseline.Query) baseline.Baseline {
	t.Helper()
	b, err := baseline.Fetch(context.Background(), s, q)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// whole is the history as backtest reads it.
func (s shelf) whole(t *testing.T) baseline.Baseline {
	return s.fetch(t, baseline.Query{Head: collect.Origin{Time: s[len(s)-1].Time.Add(1)}, Runs: math.MaxInt32})
}

// walk is a history with what real ones have: noise of runs and metrics,
// outliers, a shift, commits measured twice, metrics that come and go.
func walk(seed uint64, runs int) shelf {
	rng := rand.New(rand.NewPCG(seed, 3))
	var s shelf
	for i := range runs {
		r := collect.Run{Origin: collect.Origin{
			ID: fmt.Sprintf("run-%03d", i), Branch: "main", Commit: fmt.Sprint(i - i%7/6),
			Time: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC),
		}}
		shared := 0.04 * rng.NormFloat64()
		for j := range 8 {
			x := 10 * math.Exp(shared+0.02*rng.NormFloat64())
			if rng.IntN(60) == 0 {
				x *= 1.4
			}
			if j == 2 && i > runs*2/3 {
				x *= 1.5
			}
			if j < 7 || i%40 < 20 {
				r.Metrics = append(r.Metrics, metric(fmt.Sprintf("job%d.seconds", j), x))
			}
		}
		if rng.IntN(20) == 0 {
			r.Metrics = r.Metrics[:3]
		}
		r.Metrics = append(r.Metrics, metric("size_mb", float64(5+i/50)))
		s = append(s, r)
	}
	return s
}

// A replay must judge each run just as check did when the run came.
func TestBacktestIsCheck(t *testing.T) {
	t.Parallel()
	alerts := 0
	for seed := range uint64(4) {
		s := walk(seed, 110)
		got := make(map[string][]string)
		b := check.Backtest(s.whole(t), check.Thresholds{}, check.BacktestOptions{Runs: 30, MaxAge: 40 * 24 * time.Hour})
		for _, a := range b.Alerts {
			got[a.Run.ID] = append(got[a.Run.ID], fmt.Sprintf("%s: %s", a.Comparison.Name, a.Comparison.Reason))
		}
		if b.Runs != 104 || b.Stored != 110 {
			t.Fatalf("%d of %d runs replayed, want 104 of 110", b.Runs, b.Stored)
		}
		failing := 0
		for i, head := range s[6:] {
			q := baseline.Query{Head: head.Origin, Runs: 30, MaxAge: 40 * 24 * time.Hour}
			for _, m := range head.Metrics {
				q.Metrics = append(q.Metrics, m.Name)
			}
			r := check.Compare([]collect.Run{head}, s[:i+6].fetch(t, q), check.Thresholds{})
			var want []string
			for _, c := range r.Metrics {
				if c.Status == check.Regressed && c.Level == check.Fail {
					want = append(want, fmt.Sprintf("%s: %s", c.Name, c.Reason))
				}
			}
			if r.Fails {
				failing++
			}
			alerts += len(want)
			if !slices.Equal(got[head.ID], want) {
				t.Errorf("seed %d, %s: the replay alerts on %q, check on %q", seed, head.ID, got[head.ID], want)
			}
		}
		if b.AlertingRuns != failing {
			t.Errorf("seed %d: %d runs alert, check fails %d", seed, b.AlertingRuns, failing)
		}
	}
	if alerts < 10 {
		t.Errorf("only %d alerts: the histories are too tame", alerts)
	}
}

// What is proposed must be what a replay under the proposed rules gives.
func TestProposalIsReplayed(t *testing.T) {
	t.Parallel()
	proposals := 0
	for seed := range uint64(8) {
		h := walk(seed, 130).whole(t)
		b := check.Backtest(h, check.Thresholds{}, check.BacktestOptions{})
		p := b.Proposal
		if p == nil {
			continue
		}
		proposals++
		again := check.Backtest(h, check.Thresholds{Rules: p.Rules}, check.BacktestOptions{})
		if again.AlertingRuns != p.AlertingRuns || len(again.Alerts) != p.Alerts {
			t.Errorf("seed %d: %d alerts in %d runs proposed, %d in %d replayed", seed, p.Alerts, p.AlertingRuns, len(again.Alerts), again.AlertingRuns)
		}
		if p.Alerts >= len(b.Alerts) || p.Lost > 0 {
			t.Errorf("seed %d: %d alerts of %d stay and %d that lasted are lost", seed, p.Alerts, len(b.Alerts), p.Lost)
		}
		for _, m := range again.Metrics {
			if u := p.Rules[0]; m.Name == u.Match && m.MinDetectablePct > p.DetectablePct {
				t.Errorf("seed %d: %s shows %g %%, the proposal promises %g %%", seed, m.Name, m.MinDetectablePct, p.DetectablePct)
			}
		}
	}
	if proposals < 3 {
		t.Errorf("%d proposals of 8 histories, want 3 at least", proposals)
	}
}

func TestBacktestInParallel(t *testing.T) {
	t.Parallel()
	h := walk(1, 90).whole(t)
	want := check.Backtest(h, check.Thresholds{}, check.BacktestOptions{})
	got := check.Backtest(h, check.Thresholds{}, check.BacktestOptions{Each: func(n int, do func(int)) {
		var wait sync.WaitGroup
		for i := range n {
			wait.Go(func() { do(i) })
		}
		wait.Wait()
	}})
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) && !reflect.DeepEqual(got, want) {
		t.Errorf("in parallel:\n%+v\nin turn:\n%+v", got, want)
	}
	newest := check.Backtest(h, check.Thresholds{}, check.BacktestOptions{Newest: 10})
	if newest.Runs != 10 || newest.Oldest.ID != "run-080" {
		t.Errorf("the newest 10 are %d runs from %s on", newest.Runs, newest.Oldest.ID)
	}
}

func TestBacktestLasting(t *testing.T) {
	t.Parallel()
	base := noisy(40, 10)
	tests := []struct {
		name  string
		after []float64 // the head, and what came then
		want  check.Lasting
	}{
		{"stays", []float64{15, 15.1, 14.9, 15, 15.2, 14.8}, check.Lasted},
		{"keeps most", []float64{15, 13, 13.1, 12.9, 13, 13}, check.Lasted},
		{"keeps less than half", []float64{15, 12, 12.1, 11.9, 12, 12}, check.Passed},
		{"is back", []float64{15, 10, 10.1, 9.9, 10, 10}, check.Passed},
		{"near the end", []float64{15, 15, 15, 15, 15}, check.LastingUnknown},
	}
	for _, tt := range tests {
		h := history(map[string][]float64{"a.seconds": slices.Concat(base, tt.after)})
		b := check.Backtest(h, check.Thresholds{}, check.BacktestOptions{Newest: len(tt.after)})
		if len(b.Alerts) == 0 || b.Alerts[0].Run.ID != "40" {
			t.Fatalf("%s: no alert on run 40: %+v", tt.name, b.Alerts)
		}
		if got := b.Alerts[0].Lasting; got != tt.want {
			t.Errorf("%s: lasting %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestBacktestTooShort(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 4, 6} {
		b := check.Backtest(history(map[string][]float64{"a.seconds": noisy(n, 10)}), check.Thresholds{}, check.BacktestOptions{})
		if b.Runs != 0 || b.Needed != 7 || b.Stored != n || b.Proposal != nil {
			t.Errorf("%d runs: %+v", n, b)
		}
	}
	if b := check.Backtest(history(map[string][]float64{"a.seconds": noisy(7, 10)}), check.Thresholds{}, check.BacktestOptions{}); b.Runs != 1 {
		t.Errorf("of 7 runs %d are replayed, want 1", b.Runs)
	}
}
