package check_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// mixed is a history on two kinds of machine of which one is 30 % slower, with a
// head that is so many times as slow by its code.
func mixed(rng *rand.Rand, code float64) (collect.Run, baseline.Baseline) {
	const runs = 50
	cols := [3][]float64{}
	var machines []collect.Runner
	for i := range runs + 1 {
		slow, machine := 1.0, epyc
		if rng.IntN(2) == 0 {
			slow, machine = 1.3, xeon
		}
		machines = append(machines, machine)
		worse := 1.0
		if i == runs {
			worse = code
		}
		cols[0] = append(cols[0], 7*slow*math.Exp(0.005*rng.NormFloat64()))
		cols[1] = append(cols[1], 100*slow*worse*math.Exp(0.01*rng.NormFloat64()))
		cols[2] = append(cols[2], 40/slow/worse*math.Exp(0.01*rng.NormFloat64()))
	}
	head, b := run(), baseline.Baseline{Runs: make([]collect.Origin, runs), Alike: 10}
	head.Runner = machines[runs]
	for i := range b.Runs {
		b.Runs[i].Runner = machines[i]
	}
	for j, m := range []collect.Metric{{Name: "bench/calibrate.ns_per_op", Unit: "ns/op"}, {Name: "a.seconds", Unit: "s"}, {Name: "b", Unit: "MB/s", Better: collect.Higher}} {
		m.Value = cols[j][runs]
		head.Metrics = append(head.Metrics, m)
		b.Metrics, b.Values = append(b.Metrics, m), append(b.Values, cols[j][:runs])
	}
	return head, b
}

var ruled = check.Thresholds{Ruler: "bench/calibrate.ns_per_op"}

// Across machines 30 % apart a normalised timing finds +10 %, and alerts on clean
// runs no more often than promised.
func TestRuler(t *testing.T) {
	const runs = 400
	rng := rand.New(rand.NewPCG(1, 5))
	failed, found, foundRate, raw := 0, 0, 0, 0
	for range runs {
		head, b := mixed(rng, 1)
		if check.Compare([]collect.Run{head}, b, ruled).Fails {
			failed++
		}
		head, b = mixed(rng, 1.1)
		r := check.Compare([]collect.Run{head}, b, ruled)
		if find(t, r, "a.seconds").Status == check.Regressed {
			found++
		}
		if find(t, r, "b").Status == check.Regressed {
			foundRate++
		}
		b.Alike = 0
		if find(t, check.Compare([]collect.Run{head}, b, check.Thresholds{}), "a.seconds").Status == check.Regressed {
			raw++
		}
	}
	t.Logf("of %d runs %d clean ones fail; +10 %% found %d times, in a rate %d times; without a ruler %d times", runs, failed, found, foundRate, raw)
	if bound := binomialBound(runs, 0.05); failed > bound || found < 8*runs/10 || foundRate < 8*runs/10 || raw > runs/2 {
		t.Errorf("of %d runs %d clean ones fail, +10 %% found %d and %d times, without a ruler %d times", runs, failed, found, foundRate, raw)
	}
}

// What is normalised, what lacks its ruler, and what an absurd ruler does.
func TestRulerLacking(t *testing.T) {
	for _, absurd := range []float64{math.NaN(), 0, -1, 1e300, 1e-300} {
		head, b := mixed(rand.New(rand.NewPCG(3, 3)), 1)
		c := find(t, check.Compare([]collect.Run{head}, b, ruled), ruled.Ruler)
		if c.Status != check.Unchanged || !strings.Contains(c.Reason, "shown and not judged") {
			t.Errorf("the ruler: %s: %s", c.Status, c.Reason)
		}
		for i := range 5 {
			b.Values[0][i] = absurd
		}
		r := check.Compare([]collect.Run{head}, b, ruled)
		if got := find(t, r, "a.seconds"); got.Status != check.Unchanged || got.Runs != 45 || math.Abs(got.DeltaPct) > 5 {
			t.Errorf("five rulers of %g: %s by %d runs: %s", absurd, got.Status, got.Runs, got.Reason)
		}
		if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "timings are normalised by bench/calibrate") || !strings.Contains(notes, "5 of 50 baseline runs without") {
			t.Errorf("notes: %s", notes)
		}
		head.Metrics[0].Value = absurd
		if got := find(t, check.Compare([]collect.Run{head}, b, ruled), "a.seconds"); got.Status != check.Inconclusive || !strings.Contains(got.Reason, "the head run does not have the ruler") {
			t.Errorf("a head's ruler of %g: %s: %s", absurd, got.Status, got.Reason)
		}
		b.Values[0] = nil
		if got := find(t, check.Compare([]collect.Run{head}, b, ruled), "b"); got.Status != check.Inconclusive || !strings.Contains(got.Reason, "no baseline run has the ruler") {
			t.Errorf("no ruler at all: %s: %s", got.Status, got.Reason)
		}
	}
}

// A replay normalises too.
func TestBacktestRuler(t *testing.T) {
	_, b := mixed(rand.New(rand.NewPCG(5, 3)), 1)
	b.Values[1][45] *= 1.15
	got := check.Backtest(b, ruled, check.BacktestOptions{})
	if len(got.Alerts) != 1 || got.Alerts[0].Comparison.Name != "a.seconds" || got.Alerts[0].Lasting == check.Lasted {
		t.Errorf("%d alerts, want the one slow run, and not to last", len(got.Alerts))
	}
	_, b = mixed(rand.New(rand.NewPCG(5, 3)), 1)
	for i := 40; i < 50; i++ {
		b.Values[1][i] *= 1.15
	}
	got = check.Backtest(b, ruled, check.BacktestOptions{})
	if len(got.Alerts) == 0 || got.Alerts[0].Lasting != check.Lasted {
		t.Errorf("%d alerts, want the slow code of ten runs, and to last", len(got.Alerts))
	}
}

// A step of a coarse clock is no change, whatever a ruler makes of it.
func TestRulerOfCoarseTimings(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 4))
	calm := func() float64 { return 7 * math.Exp(0.01*rng.NormFloat64()) }
	columns := map[string][]float64{"coarse.seconds": steady(50, 0.02)}
	for range 50 {
		columns[ruled.Ruler] = append(columns[ruled.Ruler], calm())
	}
	columns["coarse.seconds"][7], columns["coarse.seconds"][30] = 0.01, 0.03
	head, b := run(metric(ruled.Ruler, calm()), metric("coarse.seconds", 0.03)), history(columns)
	for _, th := range []check.Thresholds{{}, ruled} {
		if got := find(t, check.Compare([]collect.Run{head}, b, th), "coarse.seconds"); got.Status == check.Regressed {
			t.Errorf("ruler %q: one step of the clock is %s (%s)", th.Ruler, got.Status, got.Reason)
		}
	}
	head.Metrics[1].Value = 0.2
	if got := find(t, check.Compare([]collect.Run{head}, b, ruled), "coarse.seconds"); got.Status != check.Regressed {
		t.Errorf("twenty steps of the clock are %s (%s)", got.Status, got.Reason)
	}
}

// A timing of which no run has the ruler is not new.
func TestRulerElsewhere(t *testing.T) {
	head, b := mixed(rand.New(rand.NewPCG(5, 4)), 1)
	elsewhere := steady(50, math.NaN())
	for i := range 10 {
		elsewhere[i], b.Values[0][i] = 3, math.NaN()
	}
	head.Metrics = append(head.Metrics, metric("old.seconds", 3), metric("new.seconds", 3))
	b.Metrics, b.Values = append(b.Metrics, metric("old.seconds", 0)), append(b.Values, elsewhere)
	r := check.Compare([]collect.Run{head}, b, ruled)
	if got := find(t, r, "old.seconds"); got.Status != check.Inconclusive || !strings.Contains(got.Reason, "no baseline run that has it has the ruler") {
		t.Errorf("without a ruler where it was measured: %s: %s", got.Status, got.Reason)
	}
	if got := find(t, r, "new.seconds"); got.Status != check.New {
		t.Errorf("never measured: %s: %s", got.Status, got.Reason)
	}
}
