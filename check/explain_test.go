package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// An explanation must be of the verdict that check gives, and its arithmetic
// must lead there.
func TestExplainAgreesWithCompare(t *testing.T) {
	onceIsEnough(t)
	t.Parallel()
	methods := make(map[check.Method]int)
	for seed := range uint64(1500) {
		looks, b, thresholds := wildCase(rand.New(rand.NewPCG(seed, 11)))
		r := check.Compare(looks, b, thresholds)
		for _, want := range r.Metrics {
			e, ok := check.Explain(looks, b, thresholds, want.Name)
			if got := spelled(e.Comparison); !ok || got != spelled(want) {
				t.Fatalf("seed %d: explained as\n%s\nwant\n%v", seed, got, want)
			}
			if e.Result.Verdict != r.Verdict || len(e.Result.Metrics) != len(r.Metrics) || len(e.Runs) != len(b.Runs) {
				t.Fatalf("seed %d: the explanation is of another run", seed)
			}
			methods[e.Method]++
		}
	}
	for _, m := range []check.Method{check.NotTested, check.ByCount, check.ByLevel, check.ByNoise} {
		if methods[m] == 0 {
			t.Errorf("no metric was judged by method %q: the cases are too tame", m)
		}
	}
}

// spelled is all that a comparison says, as text: NaN equals itself there.
func spelled(c check.Comparison) string {
	s := check.Samples{}
	if c.Samples != nil {
		s, c.Samples = *c.Samples, nil
	}
	return fmt.Sprint(c, s)
}

func TestExplainArithmetic(t *testing.T) {
	t.Parallel()
	regressed, shifted, effects := 0, 0, 0
	sources := make(map[check.Source]int)
	cases(func(name string, rng *rand.Rand, b baseline.Baseline, w world) {
		head := w.look(w.row(rng))
		head.Metrics[0].Value *= []float64{0.8, 1, 1.05, 1.5}[rng.IntN(4)]
		looks := []collect.Run{head}
		e, _ := check.Explain(looks, b, check.Thresholds{}, head.Metrics[0].Name)
		n := e.Noisy
		if n == nil {
			return
		}
		if e.Comparison.Status == check.Inconclusive {
			return
		}
		sources[n.ScaleFrom]++
		sources[n.ThresholdFrom]++
		if math.Abs(n.Residual/(n.Scale*n.Spread*n.Stretch*n.Unrest)-n.Z) > 1e-9*math.Abs(n.Z)+1e-12 {
			t.Errorf("%s: z is %g, and the figures give %g", name, n.Z, n.Residual/(n.Scale*n.Spread*n.Stretch*n.Unrest))
		}
		if n.ScaleFrom == check.FromTail {
			further := 0
			for _, r := range e.Runs {
				if math.Abs(r.Z) > math.Abs(e.Runs[n.Tail.Run].Z) {
					further++
				}
			}
			if math.Abs(n.Tail.Distance/n.Tail.Scales-n.Scale) > 1e-9*n.Scale || further > 1 || n.Deviation > n.Scale {
				t.Errorf("%s: the scale %g is of %+v, which %d runs pass", name, n.Scale, n.Tail, further)
			}
		}
		if got := n.Z > n.Threshold && n.Worse; got != (e.Comparison.Status == check.Regressed) {
			t.Errorf("%s: z %g against %g, and it is %s", name, n.Z, n.Threshold, e.Comparison.Status)
		}
		if e.Comparison.Status == check.Regressed {
			regressed++
		}
		if n.Shifted {
			shifted++
		}
		if n.EffectPct != 0 {
			effects++
		}
		level := 0
		for _, r := range e.Runs {
			if r.Level && r.Old || (r.Level || r.Old) && math.IsNaN(r.Value) {
				t.Errorf("%s: a run of the level is old, or has no value: %+v", name, r)
			}
			if r.Level {
				level++
			}
		}
		if level == 0 || level > 100 {
			t.Errorf("%s: the level is of %d runs", name, level)
		}
	})
	if regressed < 10 || effects < 10 {
		t.Errorf("%d regressed and %d run effects: the cases are too tame", regressed, effects)
	}
	for _, s := range []check.Source{check.FromDeviation, check.FromTail, check.FromStep, check.FromRank} {
		if sources[s] == 0 {
			t.Errorf("no figure came from %q: %v", s, sources)
		}
	}
}

func TestExplainShift(t *testing.T) {
	t.Parallel()
	past := append(noisy(25, 10), noisy(15, 14)...)
	head := metric("a.seconds", 14)
	e, ok := check.Explain([]collect.Run{run(head)}, history(map[string][]float64{"a.seconds": past}), check.Thresholds{}, "a.seconds")
	if !ok || e.Noisy == nil || !e.Noisy.Shifted {
		t.Fatalf("no shift: %+v", e)
	}
	for i, r := range e.Runs {
		if want := i < 25; r.Old != want || r.Level == want {
			t.Errorf("run %d: old %v, level %v", i, r.Old, r.Level)
		}
	}
	if n := e.Noisy; n.ScaleFrom != check.FromTail || !n.Tail.Fresh || n.Tail.Run < 25 || n.Tail.Run > 29 || n.Tail.Of != 30 {
		t.Errorf("the scale is from %s, %+v; want a run that began the shift", n.ScaleFrom, n.Tail)
	}
	if _, ok := check.Explain([]collect.Run{run(head)}, history(nil), check.Thresholds{}, "b"); ok {
		t.Error("a metric that nobody has is explained")
	}
}

// All metrics explained after one comparison are explained as each by itself.
func TestExplainAllAgreesWithExplain(t *testing.T) {
	onceIsEnough(t)
	t.Parallel()
	stretches := 0
	for seed := range uint64(200) {
		looks, b, thresholds := wildCase(rand.New(rand.NewPCG(seed, 12)))
		all, at := check.ExplainAll(looks, b, thresholds), 0
		for got := range all.All() {
			name := all.Result.Metrics[at].Name
			at++
			want, _ := check.Explain(looks, b, thresholds, name)
			if explained(got) != explained(want) {
				t.Fatalf("seed %d: %s is explained as\n%s\nwant\n%s", seed, name, explained(got), explained(want))
			}
			stretches += len(got.Levels)
			checkStretches(t, &got)
		}
		if at != len(all.Result.Metrics) {
			t.Fatalf("seed %d: %d of %d metrics are explained", seed, at, len(all.Result.Metrics))
		}
	}
	if stretches < 100 {
		t.Errorf("%d levels: the cases are too tame", stretches)
	}
}

// explained is all that an explanation says of its metric, as text.
func explained(e check.Explanation) string {
	s := spelled(e.Comparison)
	if e.Noisy != nil {
		s += fmt.Sprint(*e.Noisy)
	}
	return s + fmt.Sprint(e.Method, e.Looks, e.Measured, e.Runs, e.Levels, e.Allowed, e.Bound, e.Rule, e.BuiltIn, e.FromAccepted)
}

// checkStretches holds the levels against the runs: in order, between values that
// were measured, and the last of them the one that the verdict stands on.
func checkStretches(t *testing.T, e *check.Explanation) {
	t.Helper()
	end := -1
	for _, s := range e.Levels {
		if s.From <= end || s.To < s.From || s.To >= len(e.Runs) || math.IsNaN(e.Runs[s.From].Value) || math.IsNaN(e.Runs[s.To].Value) {
			t.Errorf("%s: levels %v of %d runs", e.Comparison.Name, e.Levels, len(e.Runs))
		}
		end = s.To
	}
	if (e.Method == check.ByLevel || e.Method == check.ByNoise) && (len(e.Levels) == 0 || e.Levels[len(e.Levels)-1].Value != e.Comparison.Baseline) {
		t.Errorf("%s: levels %v, judged against %g", e.Comparison.Name, e.Levels, e.Comparison.Baseline)
	}
}

func TestExplainLevels(t *testing.T) {
	t.Parallel()
	past := append(append(noisy(20, 10), noisy(15, 14)...), noisy(15, 8)...)
	five := check.Limit{Kind: check.Percent, Value: 5}
	e, _ := check.Explain([]collect.Run{run(metric("a.seconds", 8))}, history(map[string][]float64{"a.seconds": past}), check.Thresholds{Limit: &five}, "a.seconds")
	if len(e.Levels) != 3 || e.Levels[0].To != 19 || e.Levels[1].From != 20 || e.Levels[2].From != 35 || e.Levels[2].To != 49 {
		t.Fatalf("levels %+v, want those of 20, 15 and 15 runs", e.Levels)
	}
	for i, want := range []float64{10, 14, 8} {
		if got := e.Levels[i].Value; math.Abs(got-want) > 0.5 {
			t.Errorf("level %d is %g, want about %g", i, got, want)
		}
	}
	if want := 1.05 * e.Comparison.Baseline; math.Abs(e.Allowed-want) > 1e-9 {
		t.Errorf("allowed up to %g, want %g", e.Allowed, want)
	}
}
