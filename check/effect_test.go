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

// slowMachine has ten timings that a run slows down together.
var slowMachine = world{name: "slow machine", metrics: 10, runs: 40, noise: gaussian(0.02), shared: 0.04, level: 100}

// TestRunEffect slows all timings of a run down by 40 %: no single metric is to
// blame, the run as a whole is suspect, and a re-run decides.
func TestRunEffect(t *testing.T) {
	const factor = 1.4
	tests := []struct {
		name   string
		rerun  float64
		want   check.Status
		fails  bool
		reason string
	}{
		{"one run", 0, check.Suspect, false, "cannot tell a slow machine from slow code"},
		{"the re-run agrees", factor, check.Regressed, true, "the re-run agrees"},
		{"the re-run does not", 1, check.Unchanged, false, "did not agree"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range uint64(10) {
				rng := rand.New(rand.NewPCG(seed, 3))
				b := slowMachine.baseline(rng)
				quiet := world{name: "quiet", metrics: 10, noise: gaussian(0.005), level: 100}
				looks := []collect.Run{quiet.look(times(quiet.row(rng), factor))}
				if tt.rerun > 0 {
					looks = append(looks, quiet.look(times(quiet.row(rng), tt.rerun)))
				}
				r := check.Compare(looks, b, check.Thresholds{})
				got := find(t, r, check.RunEffect)
				if got.Status != tt.want || r.Fails != tt.fails || !strings.Contains(got.Reason, tt.reason) {
					t.Errorf("seed %d: %s, fails %v (%s); want %s, %v", seed, got.Status, r.Fails, got.Reason, tt.want, tt.fails)
				}
				if got.Unit != "x" || got.Baseline != 1 || math.Abs(got.Head-factor) > 0.1 {
					t.Errorf("seed %d: the effect is %g%s of %g, want about %gx of 1", seed, got.Head, got.Unit, got.Baseline, factor)
				}
				if n := r.Counts[check.Regressed]; n > 0 && !tt.fails || n > 1 {
					t.Errorf("seed %d: %d metrics regressed with the run", seed, n)
				}
				if notes := strings.Join(r.Notes, "|"); !strings.Contains(notes, "on all 10 timings; that is taken out of each") {
					t.Errorf("seed %d: notes %q do not tell the effect", seed, notes)
				}
			}
		})
	}
}

// TestRegressionOnSlowMachine finds one metric that got 15 % slower in a run that
// is 30 % slower as a whole, and says how much of the change is the run's.
func TestRegressionOnSlowMachine(t *testing.T) {
	w := slowMachine
	w.shared = 0.15
	found := 0
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 8))
		b := w.baseline(rng)
		quiet := world{metrics: 10, noise: gaussian(0.01), level: 130}
		row := quiet.row(rng)
		row[4] *= 1.15
		r := check.Compare([]collect.Run{quiet.look(row)}, b, check.Thresholds{})
		got := find(t, r, "job4.seconds")
		if got.Status == check.Regressed && strings.Contains(got.Reason, "and the whole run's") {
			found++
		}
		if got.Status == check.Regressed && got.Head <= got.High {
			t.Errorf("seed %d: regressed inside of its interval: %+v", seed, got)
		}
	}
	if found < 17 {
		t.Errorf("found in %d of 20 runs, want 17", found)
	}
}

// TestRunEffectObeysRules switches it off, and lets a limit allow it.
func TestRunEffectObeysRules(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	b := slowMachine.baseline(rng)
	quiet := world{metrics: 10, noise: gaussian(0.005), level: 140}
	looks := []collect.Run{quiet.look(quiet.row(rng)), quiet.look(quiet.row(rng))}
	off := check.Compare(looks, b, check.Thresholds{Rules: []check.Rule{{Match: check.RunEffect, Level: check.Off}}})
	for _, m := range off.Metrics {
		if m.Name == check.RunEffect {
			t.Errorf("the run effect is %s though it is off", m.Status)
		}
	}
	allowed := check.Compare(looks, b, check.Thresholds{Limit: &check.Limit{Value: 60}})
	if got := find(t, allowed, check.RunEffect); got.Status != check.Unchanged || allowed.Fails {
		t.Errorf("%s (%s) within a limit of 60 %%", got.Status, got.Reason)
	}
}

// TestShift lets the level of a metric change for good in the middle of its
// history. The head is compared with the level since then, whether it stays there
// or goes back.
func TestShift(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 6))
		w := world{metrics: 3, runs: 45, noise: gaussian(0.02), level: 100}
		b := w.baseline(rng)
		for i := 25; i < 45; i++ {
			b.Values[0][i] *= 1.3
		}
		row := w.row(rng)
		row[0] *= 1.3
		if got := find(t, check.Compare([]collect.Run{w.look(row)}, b, check.Thresholds{}), "job0.seconds"); got.Status != check.Unchanged || math.Abs(got.Baseline-130) > 4 {
			t.Errorf("seed %d: %s against %g (%s), want unchanged against about 130", seed, got.Status, got.Baseline, got.Reason)
		}
	}
}

// TestSamplesAreOneObservation gives the head and the baseline a thousand samples
// in each run: they change nothing.
func TestSamplesAreOneObservation(t *testing.T) {
	b := history(map[string][]float64{"a.seconds": noisy(30, 10)})
	for i, x := range []float64{9.5, 10.1, 10.5, 11.5, 14} {
		bare, full := metric("a.seconds", x), metric("a.seconds", x)
		full.Samples = steady(1000, x)
		want := find(t, check.Compare([]collect.Run{run(bare)}, b, check.Thresholds{}), "a.seconds")
		b.Metrics[0].Samples = steady(1000, 10)
		got := find(t, check.Compare([]collect.Run{run(full)}, b, check.Thresholds{}), "a.seconds")
		if got.Status != want.Status || got.P != want.P || got.Low != want.Low {
			t.Errorf("case %d: %s with samples, %s without", i, got.Status, want.Status)
		}
	}
}

// TestFigures checks what the numbers beside a verdict mean.
func TestFigures(t *testing.T) {
	b := history(map[string][]float64{"a.seconds": noisy(40, 10)})
	at := func(x float64, c check.Thresholds) check.Comparison {
		return find(t, check.Compare([]collect.Run{run(metric("a.seconds", x))}, b, c), "a.seconds")
	}
	base := at(10, check.Thresholds{})
	if base.Runs != 40 || len(base.History) != 40 || math.Abs(base.Baseline-10) > 0.3 {
		t.Errorf("%d runs, %d values, level %g", base.Runs, len(base.History), base.Baseline)
	}
	// The interval and the smallest detectable change are where the status turns.
	if inside, outside := at(base.High*0.999, check.Thresholds{}), at(base.High*1.001, check.Thresholds{}); inside.Status != check.Unchanged || outside.Status != check.Regressed {
		t.Errorf("%s just inside of %g, %s just outside", inside.Status, base.High, outside.Status)
	}
	if got := base.Baseline * (1 + base.MinDetectablePct/100); math.Abs(got-base.High) > 1e-6 {
		t.Errorf("smallest detectable change leads to %g, the interval ends at %g", got, base.High)
	}
	if inside, outside := at(base.Low*1.001, check.Thresholds{}), at(base.Low*0.999, check.Thresholds{}); inside.Status != check.Unchanged || outside.Status != check.Improved {
		t.Errorf("%s just inside of %g, %s just outside", inside.Status, base.Low, outside.Status)
	}
	if got := at(10, check.Thresholds{Limit: &check.Limit{Value: 44}}); got.MinDetectablePct != 44 || got.Limit != "44%" {
		t.Errorf("smallest detectable change %g with a limit of %s", got.MinDetectablePct, got.Limit)
	}
	// P falls as the head gets worse, and is 1 where it did not.
	last := 1.0
	for _, x := range []float64{9, 10.1, 10.3, 10.5, 11, 12, 15, 20} {
		p := at(x, check.Thresholds{}).P
		if p > last || p <= 0 {
			t.Errorf("p of %g is %g after %g", x, p, last)
		}
		last = p
	}
	if last > 1e-3 {
		t.Errorf("p of a doubling is %g", last)
	}
}

// TestOneTimer: what is left of a timer's quantiles when their common course is
// taken out may be nothing at all, and yet they are measurements. They were once
// compared exactly, with an alarm at each run that was a little slower than others.
func TestOneTimer(t *testing.T) {
	alarms := 0
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 33))
		quantiles := []string{"max", "mean", "p50", "p90", "p95", "p99"}
		const runs = 8
		b := baseline.Baseline{Runs: make([]collect.Origin, runs), Values: make([][]float64, len(quantiles))}
		row := func() []float64 {
			level := 10 * math.Exp(0.02*rng.NormFloat64())
			slow := math.Exp(0.01 * math.Abs(rng.NormFloat64()))
			return []float64{level * slow, level, level, level, level, level * slow}
		}
		for range runs {
			for j, x := range row() {
				b.Values[j] = append(b.Values[j], x)
			}
		}
		var head collect.Run
		for j, x := range row() {
			name := "job.run_seconds." + quantiles[j]
			b.Metrics = append(b.Metrics, metric(name, 0))
			head.Metrics = append(head.Metrics, metric(name, x))
		}
		r := check.Compare([]collect.Run{head}, b, check.Thresholds{})
		for _, c := range r.Metrics {
			if strings.Contains(c.Reason, "are the same") || strings.Contains(c.Reason, "is the same") {
				t.Fatalf("seed %d: %s is %s: %s", seed, c.Name, c.Status, c.Reason)
			}
		}
		if r.Verdict == check.Regression {
			alarms++
		}
	}
	if bound := binomialBound(100, 0.05); alarms > bound {
		t.Errorf("%d of 100 clean runs alarm, want %d at most", alarms, bound)
	}
}
