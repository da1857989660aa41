package check_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// paired feeds pairs of one metric and returns what came out.
func paired(m collect.Metric, t check.Thresholds, o check.PairOptions, values [][2]float64) check.PairResult {
	p := check.NewPairs(t, o)
	for _, v := range values {
		base, head := m, m
		base.Value, head.Value = v[0], v[1]
		p.Add([]collect.Metric{base}, []collect.Metric{head})
	}
	return p.Result()
}

// repeated is the same pair n times.
func repeated(n int, base, head float64) [][2]float64 {
	out := make([][2]float64, n)
	for i := range out {
		out[i] = [2]float64{base, head}
	}
	return out
}

// wobbling are pairs whose head is worse by a factor, with two per cent of noise.
func wobbling(n int, base, factor float64) [][2]float64 {
	rng := rand.New(rand.NewPCG(3, 4))
	out := make([][2]float64, n)
	for i := range out {
		out[i] = [2]float64{base * math.Exp(0.02*rng.NormFloat64()), base * factor * math.Exp(0.02*rng.NormFloat64())}
	}
	return out
}

func clock(name string, unit collect.Unit) collect.Metric {
	return collect.Metric{Name: name, Unit: unit}
}

func TestPairsStatus(t *testing.T) {
	t.Parallel()
	seconds, allocs, rate := clock("bench/A.ns_per_op", "ns/op"), clock("bench/A.allocs_per_op", "allocs/op"), clock("bench/A.mb_per_s", "MB/s")
	points := check.Thresholds{Limit: &check.Limit{Value: 0.5, Kind: check.Points}}
	amount := check.Thresholds{Limit: &check.Limit{Value: 2, Kind: check.Amount, Unit: "us"}}
	for _, c := range []struct {
		name   string
		metric collect.Metric
		t      check.Thresholds
		values [][2]float64
		want   check.Status
	}{
		{"worse", seconds, check.Thresholds{}, wobbling(40, 100, 1.1), check.Regressed},
		{"worse, but no more than the limit", seconds, check.Thresholds{Limit: &check.Limit{Value: 15}}, wobbling(40, 100, 1.1), check.Unchanged},
		{"better", seconds, check.Thresholds{}, wobbling(40, 100, 0.9), check.Improved},
		{"the same", seconds, check.Thresholds{}, wobbling(60, 100, 1), check.Unchanged},
		{"a rate that falls", rate, check.Thresholds{}, wobbling(40, 100, 0.9), check.Regressed},
		{"a rate that rises", rate, check.Thresholds{}, wobbling(40, 100, 1.1), check.Improved},
		{"four pairs", seconds, check.Thresholds{}, wobbling(4, 100, 2), check.Inconclusive},
		{"near the limit", seconds, check.Thresholds{}, wobbling(12, 100, 1.005), check.Inconclusive},
		{"at the limit, worse for certain", seconds, check.Thresholds{}, wobbling(200, 100, 1.0215), check.Suspect},
		{"a count that is one more", allocs, check.Thresholds{}, repeated(5, 10, 11), check.Regressed},
		{"a count that is one less", allocs, check.Thresholds{}, repeated(5, 11, 10), check.Improved},
		{"a count that is the same", allocs, check.Thresholds{}, repeated(5, 10, 10), check.Unchanged},
		{"a count from nothing", allocs, check.Thresholds{}, repeated(5, 0, 1), check.Regressed},
		{"a count that stays nothing", allocs, check.Thresholds{}, repeated(5, 0, 0), check.Unchanged},
		{"a count within the limit", allocs, check.Thresholds{}, repeated(5, 1000, 1010), check.Unchanged},
		{"an exact count in too few pairs", allocs, check.Thresholds{}, repeated(4, 10, 11), check.Inconclusive},
		{"nothing at times, worse", seconds, check.Thresholds{}, append(repeated(3, 0, 5), wobbling(40, 100, 1.2)...), check.Regressed},
		{"negative values", clock("m.seconds", "s"), check.Thresholds{}, wobbling(40, -100, 0.9), check.Regressed},
		{"percentage points, within", clock("coverage.line_pct", "%"), points, repeated(5, 80, 79.6), check.Unchanged},
		{"percentage points, beyond", clock("coverage.line_pct", "%"), points, repeated(5, 80, 79.4), check.Regressed},
		{"an amount, within", seconds, amount, wobbling(40, 1e4, 1.1), check.Unchanged},
		{"an amount, beyond", seconds, amount, wobbling(40, 1e4, 1.3), check.Regressed},
		{"no limit, an exact count", allocs, check.Thresholds{Limit: &check.Limit{}}, repeated(5, 1e6, 1e6+1), check.Regressed},
		{"no limit, worse", seconds, check.Thresholds{Limit: &check.Limit{}}, wobbling(60, 100, 1.05), check.Regressed},
	} {
		r := paired(c.metric, c.t, check.PairOptions{}, c.values)
		if got := r.Metrics[0].Status; got != c.want {
			t.Errorf("%s: %s is %s (%s), %+v; want %s", c.name, c.metric.Name, got, r.Metrics[0].Reason, r.Changes[0], c.want)
		}
	}
}

// TestPairsAbsurd feeds values that have no place: the others must not
// notice, and nothing may panic.
func TestPairsAbsurd(t *testing.T) {
	t.Parallel()
	alone := paired(clock("bench/A.ns_per_op", "ns/op"), check.Thresholds{}, check.PairOptions{}, wobbling(40, 100, 1.1))
	for _, bad := range []float64{0, -1, 1e300, -1e300, math.NaN(), math.Inf(1), math.SmallestNonzeroFloat64} {
		p := check.NewPairs(check.Thresholds{}, check.PairOptions{})
		for i, v := range wobbling(40, 100, 1.1) {
			odd := collect.Metric{Name: "other", Value: 1}
			if i == 7 {
				odd.Value = bad
			}
			p.Add([]collect.Metric{{Name: "bench/A.ns_per_op", Unit: "ns/op", Value: v[0]}, {Name: "other", Value: 1}},
				[]collect.Metric{{Name: "bench/A.ns_per_op", Unit: "ns/op", Value: v[1]}, odd})
		}
		if got := p.Result(); !reflect.DeepEqual(got.Changes[0], alone.Changes[0]) || got.Verdict != alone.Verdict {
			t.Errorf("with another metric that is %g once: %+v, want %+v", bad, got.Changes[0], alone.Changes[0])
		}
		values := wobbling(60, 100, 1.1)
		values[20][1] = bad
		if got := paired(clock("bench/A.ns_per_op", "ns/op"), check.Thresholds{}, check.PairOptions{}, values).Metrics[0].Status; got == check.Improved || got == check.Unchanged {
			t.Errorf("10 %% worse and once %g is %s", bad, got)
		}
	}
}

// TestPairsUnits scales the unit, which must change nothing.
func TestPairsUnits(t *testing.T) {
	t.Parallel()
	want := paired(clock("bench/A.ns_per_op", "ns/op"), check.Thresholds{}, check.PairOptions{}, wobbling(25, 1, 1.03))
	got := paired(clock("bench/A.ns_per_op", "ns/op"), check.Thresholds{}, check.PairOptions{}, wobbling(25, 1<<20, 1.03))
	for _, d := range []float64{
		got.Changes[0].LowPct - want.Changes[0].LowPct, got.Changes[0].HighPct - want.Changes[0].HighPct,
		got.Metrics[0].DeltaPct - want.Metrics[0].DeltaPct, got.Metrics[0].P - want.Metrics[0].P,
	} {
		if !(math.Abs(d) < 1e-6) {
			t.Errorf("in another unit %+v, want %+v", got.Changes[0], want.Changes[0])
		}
	}
}

// TestPairsMonotone makes a change larger: it must never look safer.
func TestPairsMonotone(t *testing.T) {
	t.Parallel()
	low, high, p := math.Inf(-1), math.Inf(-1), 1.0
	for factor := 0.9; factor < 1.2; factor += 0.005 {
		r := paired(clock("bench/A.ns_per_op", "ns/op"), check.Thresholds{}, check.PairOptions{}, wobbling(20, 100, factor))
		c, m := r.Changes[0], r.Metrics[0]
		if c.LowPct < low-1e-6 || c.HighPct < high-1e-6 || m.P > p+1e-12 {
			t.Fatalf("at a factor of %g: bounds %g and %g, p %g; a smaller one has %g, %g, %g", factor, c.LowPct, c.HighPct, m.P, low, high, p)
		}
		if !(c.LowPct < m.DeltaPct && m.DeltaPct < c.HighPct) {
			t.Errorf("at a factor of %g the change of %g is outside of its bounds %g and %g", factor, m.DeltaPct, c.LowPct, c.HighPct)
		}
		low, high, p = c.LowPct, c.HighPct, m.P
	}
}

// TestPairsLevels holds which metrics decide.
func TestPairsLevels(t *testing.T) {
	t.Parallel()
	run := []collect.Metric{
		{Name: "command.seconds", Unit: "s", Value: 1}, {Name: "cpu.user_seconds", Unit: "s", Value: 1},
		{Name: "system.cpu_percent", Unit: "%", Value: 1}, {Name: "cpu.avg_load", Unit: "%", Value: 1},
	}
	bench := append(run[:len(run):len(run)],
		collect.Metric{Name: "bench/A.ns_per_op", Unit: "ns/op", Value: 1}, collect.Metric{Name: "bench/A.allocs_per_op", Unit: "allocs/op", Value: 1},
		collect.Metric{Name: "bench/A.mb_per_s", Unit: "MB/s", Value: 1},
		collect.Metric{Name: "bench/A.us_per_series", Unit: "us/series", Value: 1}) // of no direction that is known
	rate := []collect.Metric{{Name: "bench/A.mb_per_s", Unit: "MB/s", Value: 1}}
	rules := check.Thresholds{Rules: []check.Rule{{Match: "cpu.*", Level: check.Fail}, {Match: "bench/**", Level: check.Off}}}
	clockName := check.PairOptions{Clock: "command.seconds"}
	for _, c := range []struct {
		name   string
		run    []collect.Metric
		t      check.Thresholds
		o      check.PairOptions
		decide map[string]bool
	}{
		{"a command", run, check.Thresholds{}, clockName, map[string]bool{"command.seconds": true}},
		{"a benchmark", bench, check.Thresholds{}, clockName, map[string]bool{"bench/A.ns_per_op": true}},
		{"a rate alone", rate, check.Thresholds{}, clockName, map[string]bool{"bench/A.mb_per_s": true}},
		{"rules", bench, rules, clockName, map[string]bool{"cpu.user_seconds": true, "cpu.avg_load": false, "command.seconds": false}},
		{"a pattern", bench, check.Thresholds{}, check.PairOptions{Decides: []string{"**.allocs_per_op"}}, map[string]bool{"bench/A.allocs_per_op": true}},
	} {
		p := check.NewPairs(c.t, c.o)
		p.Add(c.run, c.run)
		got := 0
		for _, m := range p.Result().Metrics {
			if m.Level == check.Fail {
				got++
				if want, ok := c.decide[m.Name]; !want && ok || !ok && c.name != "rules" {
					t.Errorf("%s: %s decides", c.name, m.Name)
				}
			} else if c.decide[m.Name] {
				t.Errorf("%s: %s does not decide", c.name, m.Name)
			}
		}
		if got == 0 {
			t.Errorf("%s: nothing decides", c.name)
		}
	}
}

// TestPairsOneSided holds what only one side measures.
func TestPairsOneSided(t *testing.T) {
	t.Parallel()
	p := check.NewPairs(check.Thresholds{}, check.PairOptions{})
	for range 6 {
		p.Add([]collect.Metric{{Name: "bench/Gone.ns_per_op", Unit: "ns/op", Value: 1}},
			[]collect.Metric{{Name: "bench/Fresh.ns_per_op", Unit: "ns/op", Value: 2}})
	}
	r := p.Result()
	status := map[string]check.Status{}
	for _, m := range r.Metrics {
		status[m.Name] = m.Status
	}
	want := map[string]check.Status{"bench/Gone.ns_per_op": check.Missing, "bench/Fresh.ns_per_op": check.New}
	if !reflect.DeepEqual(status, want) || r.Verdict != check.InconclusiveRun || r.Fails {
		t.Errorf("%v, %s, fails %v; want %v, inconclusive, false", status, r.Verdict, r.Fails, want)
	}
	if strict := paired(clock("x", ""), check.Thresholds{OnInconclusive: check.ActFail}, check.PairOptions{}, repeated(5, 1, 1)); !strict.Fails {
		t.Error("nothing that gates, where inconclusive fails, does not fail")
	}
}
