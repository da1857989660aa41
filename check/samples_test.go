package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// sampling makes runs of few metrics with several samples in each.
type sampling struct {
	name            string
	runs, metrics   int
	past, head      int     // samples in each run
	between, inside float64 // deviations, as logarithms
	// wild is the chance of a run whose samples lie five times as far apart.
	wild float64
}

func (w sampling) samples(rng *rand.Rand, n int) []float64 {
	level, inside := 100*math.Exp(w.between*rng.NormFloat64()), w.inside
	if rng.Float64() < w.wild {
		inside *= 5
	}
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = level * math.Exp(inside*rng.NormFloat64())
	}
	return xs
}

func (w sampling) history(rng *rand.Rand) baseline.Baseline {
	b := baseline.Baseline{Runs: make([]collect.Origin, w.runs)}
	for j := range w.metrics {
		values, inside := make([]float64, w.runs), make([]collect.Scatter, w.runs)
		for i := range w.runs {
			xs := w.samples(rng, w.past)
			values[i], inside[i] = collect.Median(xs), collect.NewScatter(xs)
		}
		b.Metrics = append(b.Metrics, collect.Metric{Name: fmt.Sprintf("job%d.seconds", j)})
		b.Values, b.Scatter = append(b.Values, values), append(b.Scatter, inside)
	}
	return b
}

func (w sampling) run(rng *rand.Rand) collect.Run {
	r := run()
	for j := range w.metrics {
		xs := w.samples(rng, w.head)
		r.Metrics = append(r.Metrics, collect.Metric{Name: fmt.Sprintf("job%d.seconds", j), Value: collect.Median(xs), Samples: xs})
	}
	return r
}

// bare is the same without samples.
func bare(r collect.Run, b baseline.Baseline) (collect.Run, baseline.Baseline) {
	r.Metrics, b.Scatter = slices.Clone(r.Metrics), nil
	for i := range r.Metrics {
		r.Metrics[i].Samples = nil
	}
	return r, b
}

// TestFalseAlarmsWithSamples holds the gate's promise where runs have samples:
// as many in the head as in the baseline, fewer, and such as now and then lie far
// apart. In the worlds that are unfair to the head, the medians alone would break
// it.
func TestFalseAlarmsWithSamples(t *testing.T) {
	const runs = 500
	for _, w := range []sampling{
		{name: "runs differ most", runs: 50, metrics: 4, past: 5, head: 5, between: 0.04, inside: 0.01},
		{name: "samples differ most", runs: 50, metrics: 4, past: 5, head: 5, between: 0.002, inside: 0.04},
		{name: "two samples", runs: 30, metrics: 4, past: 2, head: 2, between: 0.01, inside: 0.03},
		{name: "wild runs", runs: 50, metrics: 4, past: 5, head: 5, between: 0.01, inside: 0.02, wild: 0.05},
		{name: "unfair: one sample", runs: 50, metrics: 4, past: 9, head: 1, between: 0.005, inside: 0.03},
		{name: "unfair: three samples", runs: 30, metrics: 4, past: 25, head: 3, between: 0.005, inside: 0.03},
		{name: "few runs", runs: 7, metrics: 4, past: 5, head: 5, between: 0.01, inside: 0.03},
	} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(8, uint64(len(w.name))))
			with, without := 0, 0
			for range runs {
				head, b := w.run(rng), w.history(rng)
				if check.Compare([]collect.Run{head}, b, check.Thresholds{}).Fails {
					with++
				}
				head, b = bare(head, b)
				if check.Compare([]collect.Run{head}, b, check.Thresholds{}).Fails {
					without++
				}
			}
			bound := binomialBound(runs, 0.05)
			if with > bound || with > without {
				t.Errorf("%d of %d clean runs fail, %d without samples; want %d at most", with, runs, without, bound)
			}
			if strings.HasPrefix(w.name, "unfair") && without <= bound {
				t.Errorf("only %d of %d clean runs fail without samples: the test tells nothing", without, runs)
			}
			t.Logf("%d of %d fail, %d without samples", with, runs, without)
		})
	}
}

// Samples as all runs have them take nothing from what is found.
func TestPowerWithSamples(t *testing.T) {
	w := sampling{runs: 50, metrics: 4, past: 5, head: 5, between: 0.02, inside: 0.02}
	rng := rand.New(rand.NewPCG(4, 4))
	with, without := 0, 0
	for range 300 {
		head, b := w.run(rng), w.history(rng)
		m := &head.Metrics[0]
		m.Value, m.Samples = 1.12*m.Value, times(m.Samples, 1.12)
		if find(t, check.Compare([]collect.Run{head}, b, check.Thresholds{}), m.Name).Status == check.Regressed {
			with++
		}
		name := m.Name
		head, b = bare(head, b)
		if find(t, check.Compare([]collect.Run{head}, b, check.Thresholds{}), name).Status == check.Regressed {
			without++
		}
	}
	t.Logf("of 300 slowdowns of 12 %%, %d found with samples and %d without", with, without)
	if with < 95*without/100 || without < 150 {
		t.Errorf("of 300 slowdowns, %d found with samples and %d without", with, without)
	}
}

// The further the head's samples lie apart, and the fewer they are, the wider its
// test; never is it narrower than without samples.
func TestSamplesOnlyWiden(t *testing.T) {
	w := sampling{runs: 40, metrics: 2, past: 5, head: 5, between: 0.01, inside: 0.02}
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 6))
		head, b := w.run(rng), w.history(rng)
		look := func(n int, spread float64) check.Comparison {
			m := &head.Metrics[0]
			m.Samples = nil
			for i := range n {
				m.Samples = append(m.Samples, m.Value*(1+spread*(float64(i)-float64(n-1)/2)))
			}
			return find(t, check.Compare([]collect.Run{head}, b, check.Thresholds{}), m.Name)
		}
		plainHead, plainPast := bare(head, b)
		least := find(t, check.Compare([]collect.Run{plainHead}, plainPast, check.Thresholds{}), "job0.seconds").MinDetectablePct
		last := 0.0
		for _, spread := range []float64{0, 1e-9, 0.01, 0.03, 0.1, 0.3} {
			c := look(5, spread)
			if c.Samples.Widened < max(last, 1) || c.MinDetectablePct < least*(1-1e-12) {
				t.Errorf("seed %d: samples %g apart widen by %g to %g %%; want at least %g and %g %%", seed, spread, c.Samples.Widened, c.MinDetectablePct, last, least)
			}
			last = c.Samples.Widened
		}
		if last < 2 {
			t.Errorf("seed %d: samples 30 %% apart widen by %g alone", seed, last)
		}
		for n, last := 9, 1.0; n > 0; n-- {
			c := look(n, 0)
			if c.Samples.Widened < last {
				t.Errorf("seed %d: %d samples widen by %g, and more by %g", seed, n, c.Samples.Widened, last)
			}
			last = c.Samples.Widened
		}
	}
}

// Neither the unit nor the order of samples matters, and one absurd sample
// changes no other metric, nor this one's verdict.
func TestSamplesAreScaleFree(t *testing.T) {
	w := sampling{runs: 30, metrics: 3, past: 5, head: 5, between: 0.01, inside: 0.03, wild: 0.2}
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 16))
		head, b := w.run(rng), w.history(rng)
		for i := range head.Metrics {
			m := &head.Metrics[i]
			m.Value, m.Samples = m.Value*(1+float64(i)), times(m.Samples, 1+float64(i))
		}
		want := check.Compare([]collect.Run{head}, b, check.Thresholds{})
		for _, unit := range []float64{1024, 1.0 / 4096} {
			scaled := baseline.Baseline{Runs: b.Runs, Metrics: b.Metrics, Scatter: b.Scatter}
			for _, col := range b.Values {
				scaled.Values = append(scaled.Values, times(col, unit))
			}
			other := run()
			for _, m := range head.Metrics {
				m.Value, m.Samples = m.Value*unit, times(m.Samples, unit)
				rng.Shuffle(len(m.Samples), func(i, j int) { m.Samples[i], m.Samples[j] = m.Samples[j], m.Samples[i] })
				other.Metrics = append(other.Metrics, m)
			}
			got := check.Compare([]collect.Run{other}, scaled, check.Thresholds{})
			for _, m := range want.Metrics {
				g := find(t, got, m.Name)
				if g.Status != m.Status || math.Abs(g.Samples.Widened-m.Samples.Widened) > 1e-6 {
					t.Errorf("seed %d: x %g gives %s, widened by %g; want %s, %g", seed, unit, g.Status, g.Samples.Widened, m.Status, m.Samples.Widened)
				}
			}
		}
		m := &head.Metrics[2]
		m.Samples = slices.Clone(m.Samples)
		slices.Sort(m.Samples)
		for _, absurd := range []float64{1e300, math.MaxFloat64} {
			m.Samples[4] = absurd // the median stays
			got := check.Compare([]collect.Run{head}, b, check.Thresholds{})
			for _, m := range want.Metrics {
				if g := find(t, got, m.Name); g.Status != m.Status {
					t.Errorf("seed %d: a sample of %g makes %s %s, want %s", seed, absurd, m.Name, g.Status, m.Status)
				}
			}
		}
	}
}

// Runs are told from what is inside them, and samples never stand in for runs.
func TestSamplesAndRuns(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	tests := []struct {
		w               sampling
		runs, between   [2]float64 // per cent, at least and at most
		advice, reasons string
	}{
		{sampling{runs: 60, metrics: 1, past: 10, head: 10, between: 0.04, inside: 0.003}, [2]float64{2.6, 5.5}, [2]float64{2.6, 5.5}, "more repetitions will not help, more runs will", ""},
		{sampling{runs: 60, metrics: 1, past: 4, head: 4, between: 0.0002, inside: 0.04}, [2]float64{1.6, 3.6}, [2]float64{0, 2}, "16 repetitions in each would bring runs to ±1", ""},
		{sampling{runs: 3, metrics: 1, past: 100, head: 100, between: 0.01, inside: 0.01}, [2]float64{}, [2]float64{}, "", "samples inside a run (100 in the head) do not stand in for runs"},
	}
	for _, tt := range tests {
		c := check.Compare([]collect.Run{tt.w.run(rng)}, tt.w.history(rng), check.Thresholds{}).Metrics[0]
		s := c.Samples
		if s.Head != tt.w.head || s.Baseline != tt.w.past || math.Abs(s.BaselinePct-100*tt.w.inside) > 40*tt.w.inside {
			t.Errorf("%+v: %+v", tt.w, s)
		}
		if tt.runs != ([2]float64{}) && (s.RunsPct < tt.runs[0] || s.RunsPct > tt.runs[1] || s.BetweenPct < tt.between[0] || s.BetweenPct > tt.between[1]) {
			t.Errorf("%+v: runs ±%g %%, without samples ±%g %%; want %v, %v", tt.w, s.RunsPct, s.BetweenPct, tt.runs, tt.between)
		}
		if got := s.Advice(); !strings.Contains(got, tt.advice) || tt.advice == "" && got != "" {
			t.Errorf("%+v: advice %q, want %q", tt.w, got, tt.advice)
		}
		if !strings.Contains(c.Reason, tt.reasons) || tt.reasons != "" && c.Status != check.Inconclusive {
			t.Errorf("%+v: %s: %s", tt.w, c.Status, c.Reason)
		}
	}
}

// A head that is less certain says why.
func TestLessCertainReason(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	w := sampling{runs: 40, metrics: 1, past: 9, head: 9, between: 0.001, inside: 0.02}
	b := w.history(rng)
	one := run(metric("job0.seconds", 104))
	if c := check.Compare([]collect.Run{one}, b, check.Thresholds{}).Metrics[0]; !strings.Contains(c.Reason, "it has 1 sample where baseline runs have 9, so it is less certain") {
		t.Errorf("one sample: %s", c.Reason)
	}
	if c := check.Compare([]collect.Run{one}, b, check.Thresholds{}).Metrics[0]; c.Status != check.Inconclusive {
		t.Errorf("one sample, and it would stand out: %s: %s", c.Status, c.Reason)
	}
	w.inside = 0.3
	if c := check.Compare([]collect.Run{w.run(rng)}, b, check.Thresholds{}).Metrics[0]; !strings.Contains(c.Reason, "so it is less certain") || c.Status == check.Regressed {
		t.Errorf("wild samples: %s: %s", c.Status, c.Reason)
	}
	b.Scatter = nil
	if c := check.Compare([]collect.Run{w.run(rng)}, b, check.Thresholds{}).Metrics[0]; !strings.Contains(c.Reason, "its own samples lie") {
		t.Errorf("samples in the head alone: %s: %s", c.Status, c.Reason)
	}
}
