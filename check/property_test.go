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

// badness orders the statuses of a metric that is judged.
var badness = map[check.Status]int{check.Improved: 0, check.Unchanged: 1, check.Inconclusive: 2, check.Suspect: 3, check.Regressed: 4}

// TestPower asks that what the gate is for is found: the share of runs in which
// one metric of eight got 20 % worse, with noise of 3 %, by one look, with a
// re-run and with two. Where 2 % of all values are up to twice as large, one look
// cannot tell a slowdown from such a spike; the re-run can.
func TestPower(t *testing.T) {
	onceIsEnough(t)
	const runs = 300
	floors := map[string]struct{ alone, confirmed, twice, faster int }{
		"gaussian":                     {290, 290, 290, 290},
		"heavy tails":                  {110, 170, 235, 110},
		"spikes":                       {10, 95, 235, 230},
		"slow machines":                {290, 290, 280, 280},
		"restless runs":                {225, 215, 215, 230},
		"few timings on slow machines": {280, 280, 275, 270},
		"20 runs":                      {240, 260, 240, 240},
		"12 runs":                      {180, 155, 270, 180},
		"6 runs":                       {45, 65, 200, 50},
	}
	for _, w := range worlds {
		floor, ok := floors[w.name]
		if !ok {
			continue
		}
		rng, once := rand.New(rand.NewPCG(21, 4)), rand.New(rand.NewPCG(21, 5))
		alone, confirmed, twice, faster := 0, 0, 0, 0
		status := func(b baseline.Baseline, want check.Status, looks ...collect.Run) int {
			if find(t, check.Compare(looks, b, check.Thresholds{Confirm: len(looks) - 1}), "job0.seconds").Status == want {
				return 1
			}
			return 0
		}
		for range runs {
			b := w.baseline(rng)
			row, again := w.row(rng), w.row(rng)
			better := append([]float64{}, row...)
			row[0], again[0], better[0] = row[0]*1.2, again[0]*1.2, better[0]/1.2
			alone += status(b, check.Regressed, w.look(row))
			confirmed += status(b, check.Regressed, w.look(row), w.look(again))
			third := w.row(once)
			third[0] *= 1.2
			twice += status(b, check.Regressed, w.look(row), w.look(again), w.look(third))
			faster += status(b, check.Improved, w.look(better))
		}
		t.Logf("%s: of %d slowdowns of 20 %%, %d found by one look, %d with a re-run and %d with two; %d speed-ups", w.name, runs, alone, confirmed, twice, faster)
		if alone < floor.alone || confirmed < floor.confirmed || twice < floor.twice || faster < floor.faster {
			t.Errorf("%s: found %d, %d, %d, %d of %d; want %+v", w.name, alone, confirmed, twice, faster, runs, floor)
		}
	}
}

// cases are histories of many shapes, each with a metric that the property is
// about as its first.
func cases(f func(name string, rng *rand.Rand, b baseline.Baseline, w world)) {
	shapes := append([]world{}, worlds...)
	shapes = append(shapes,
		world{name: "constant", metrics: 5, runs: 30, noise: gaussian(0), level: 7},
		world{name: "with zeros", metrics: 3, runs: 30, noise: gaussian(1), step: 1, level: 1},
		world{name: "one metric", metrics: 1, runs: 25, noise: heavy(0.05), level: 3},
	)
	for _, w := range shapes {
		for seed := range uint64(12) {
			rng := rand.New(rand.NewPCG(seed, 77))
			f(fmt.Sprintf("%s/%d", w.name, seed), rng, w.baseline(rng), w)
		}
	}
}

// neverSafer judges ever larger changes, none of which may look better than one
// before it, and returns how bad the last ones looked.
func neverSafer(t *testing.T, name, change string, factors []float64, judge func(factor float64) check.Comparison) int {
	t.Helper()
	last := -1
	for _, f := range factors {
		got := judge(f)
		at, ok := badness[got.Status]
		if !ok || at < last {
			t.Errorf("%s: x %g is %s after a smaller %s was worse (%s)", name, f, got.Status, change, got.Reason)
		}
		last = max(last, at)
	}
	return last
}

func TestLargerShiftNeverLooksSafer(t *testing.T) {
	onceIsEnough(t)
	factors := []float64{0, 1e-300, 0.01, 0.5, 0.7, 0.9, 0.97, 1, 1.01, 1.03, 1.1, 1.2, 1.3, 1.5, 2, 5, 100, 1e6, 1e300, math.MaxFloat64}
	regressed := 0
	cases(func(name string, rng *rand.Rand, b baseline.Baseline, w world) {
		row := w.row(rng)
		value := row[0]
		for _, t2 := range []check.Thresholds{{}, {Limit: &check.Limit{Value: 10}}, {Confirm: 1}} {
			last := neverSafer(t, name, "shift", factors, func(f float64) check.Comparison {
				row[0] = min(max(value, 1e-3)*f, math.MaxFloat64)
				return find(t, check.Compare([]collect.Run{w.look(row)}, b, t2), "job0.seconds")
			})
			if last == badness[check.Regressed] {
				regressed++
			}
		}
	})
	if regressed == 0 {
		t.Error("no shift regressed at all: the test tells nothing")
	}
}

// TestLargerFallNeverLooksSafer is the same where higher is better, down to zero
// and below.
func TestLargerFallNeverLooksSafer(t *testing.T) {
	onceIsEnough(t)
	factors := []float64{100, 2, 1.2, 1, 0.97, 0.9, 0.7, 0.5, 0.1, 1e-3, 1e-9, 1e-200, 0, -1, -1e9, -1e300}
	regressed := 0
	cases(func(name string, rng *rand.Rand, b baseline.Baseline, w world) {
		row := w.row(rng)
		value := max(row[0], 1e-3)
		better := check.Thresholds{Rules: []check.Rule{{Match: "job0.*", Better: collect.Higher}}}
		last := neverSafer(t, name, "fall", factors, func(f float64) check.Comparison {
			row[0] = value * f
			return find(t, check.Compare([]collect.Run{w.look(row)}, b, better), "job0.seconds")
		})
		if last == badness[check.Regressed] {
			regressed++
		}
	})
	if regressed == 0 {
		t.Error("no fall regressed at all: the test tells nothing")
	}
}

// TestUnitsDoNotMatter compares the same runs in seconds and in milliseconds.
func TestUnitsDoNotMatter(t *testing.T) {
	cases(func(name string, rng *rand.Rand, b baseline.Baseline, w world) {
		row := w.row(rng)
		for j := range row {
			row[j] *= []float64{1, 1.5, 0.5}[j%3]
		}
		want := check.Compare([]collect.Run{w.look(row)}, b, check.Thresholds{})
		for _, unit := range []float64{1000, 1e-3, 1e6, 1024} {
			scaled := baseline.Baseline{Runs: b.Runs, Metrics: b.Metrics}
			for _, col := range b.Values {
				scaled.Values = append(scaled.Values, times(col, unit))
			}
			if w.step > 0 && unit == 1024 {
				continue // steps are decimal
			}
			got := check.Compare([]collect.Run{w.look(times(row, unit))}, scaled, check.Thresholds{})
			for _, m := range want.Metrics {
				if g := find(t, got, m.Name); g.Status != m.Status {
					t.Errorf("%s: %s is %s, and %s with values x %g (%s; %s)", name, m.Name, m.Status, g.Status, unit, m.Reason, g.Reason)
				}
			}
		}
	})
}

func times(xs []float64, f float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = x * f
	}
	return out
}

// TestOrderDoesNotMatter shuffles the metrics of head and baseline.
func TestOrderDoesNotMatter(t *testing.T) {
	cases(func(name string, rng *rand.Rand, b baseline.Baseline, w world) {
		row := w.row(rng)
		row[0] *= 1.4
		head := w.look(row)
		want := check.Compare([]collect.Run{head}, b, check.Thresholds{})
		rng.Shuffle(len(head.Metrics), func(i, j int) { head.Metrics[i], head.Metrics[j] = head.Metrics[j], head.Metrics[i] })
		rng.Shuffle(len(b.Metrics), func(i, j int) {
			b.Metrics[i], b.Metrics[j] = b.Metrics[j], b.Metrics[i]
			b.Values[i], b.Values[j] = b.Values[j], b.Values[i]
		})
		got := check.Compare([]collect.Run{head}, b, check.Thresholds{})
		if len(got.Metrics) != len(want.Metrics) {
			t.Fatalf("%s: %d metrics, want %d", name, len(got.Metrics), len(want.Metrics))
		}
		for i, m := range want.Metrics {
			if g := got.Metrics[i]; g.Name != m.Name || g.Status != m.Status || g.Reason != m.Reason {
				t.Errorf("%s: place %d is %s %s, want %s %s", name, i, g.Name, g.Status, m.Name, m.Status)
			}
		}
	})
}

// TestAbsurdValue puts one wild value into the head or the past of one metric:
// what is clearly worse and what is clearly better keep their statuses.
func TestAbsurdValue(t *testing.T) {
	onceIsEnough(t)
	w := worlds[0]
	for _, absurd := range []float64{0, math.Copysign(0, -1), -5, 1e300, -1e300, math.MaxFloat64, 5e-324, math.NaN(), math.Inf(1)} {
		for _, where := range []int{-1, 0, 20, 49} { // the head, or a past run
			for seed := range uint64(20) {
				rng := rand.New(rand.NewPCG(seed, 5))
				b, row := w.baseline(rng), w.row(rng)
				row[0], row[1] = row[0]*2, row[1]/2
				want := check.Compare([]collect.Run{w.look(row)}, b, check.Thresholds{})
				if where < 0 {
					row[7] = absurd
				} else {
					b.Values[7][where] = absurd
				}
				got := check.Compare([]collect.Run{w.look(row)}, b, check.Thresholds{})
				for j := range 2 {
					name := fmt.Sprintf("job%d.seconds", j)
					g, m := find(t, got, name), find(t, want, name)
					if g.Status != m.Status || j == 0 && g.Status != check.Regressed {
						t.Errorf("%g in place %d makes %s %s, want %s", absurd, where, name, g.Status, m.Status)
					}
				}
			}
		}
	}
}

func TestEqualNeverRegresses(t *testing.T) {
	cases(func(name string, rng *rand.Rand, b baseline.Baseline, w world) {
		for _, col := range b.Values {
			for i := range col {
				col[i] = col[0]
			}
		}
		r := check.Compare([]collect.Run{w.look(column(b, 0))}, b, check.Thresholds{})
		if r.Verdict != check.Pass || r.Fails {
			t.Errorf("%s: equal runs give %s", name, r.Verdict)
		}
		for _, m := range r.Metrics {
			if m.Status != check.Unchanged {
				t.Errorf("%s: %s is %s (%s)", name, m.Name, m.Status, m.Reason)
			}
		}
	})
}

func column(b baseline.Baseline, i int) []float64 {
	row := make([]float64, len(b.Values))
	for j := range row {
		row[j] = b.Values[j][i]
	}
	return row
}

func TestImprovementsNeverGate(t *testing.T) {
	improved := 0
	cases(func(name string, rng *rand.Rand, b baseline.Baseline, w world) {
		row := times(w.row(rng), 0.25)
		r := check.Compare([]collect.Run{w.look(row)}, b, check.Thresholds{})
		if r.Fails || r.Verdict != check.Pass {
			t.Errorf("%s: all metrics at a quarter give %s %v", name, r.Verdict, r.Gated)
		}
		improved += r.Counts[check.Improved]
	})
	if improved == 0 {
		t.Error("nothing improved at all: the test tells nothing")
	}
}

// TestOldRunsChangeNothing asks that what came before the newest hundred values of
// each metric has no say: the figures are the same with those runs and without.
func TestOldRunsChangeNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	head, long := simulated(40, 230)
	short := long
	short.Runs, short.Values = long.Runs[100:], nil
	for j, col := range long.Values {
		if j%8 == 0 { // some are not in every run
			for k := range col {
				if k >= 100 && k < 130 && rng.IntN(2) == 0 {
					col[k] = math.NaN()
				}
			}
		}
		short.Values = append(short.Values, col[100:])
	}
	for j := range head.Metrics {
		head.Metrics[j].Value *= []float64{1, 1, 1, 1.2, 0.7}[j%5]
	}
	for _, looks := range [][]collect.Run{{head}, {head, head}} {
		want, got := check.Compare(looks, short, check.Thresholds{}), check.Compare(looks, long, check.Thresholds{})
		if len(got.Metrics) != len(want.Metrics) {
			t.Fatalf("%d metrics, want %d", len(got.Metrics), len(want.Metrics))
		}
		for i, w := range want.Metrics {
			g := got.Metrics[i]
			g.Runs, g.History, g.Reason = w.Runs, w.History, w.Reason // these tell of all runs
			if fmt.Sprint(g) != fmt.Sprint(w) {
				t.Errorf("with 100 older runs:\n%+v\nwithout:\n%+v", g, w)
			}
		}
	}
}
