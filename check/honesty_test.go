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

// world makes runs whose metrics do not change: rows of values, one a run.
type world struct {
	name    string
	metrics int
	runs    int
	// noise is the deviation of one value, as a logarithm; shared is that of what
	// all metrics of a run have in common.
	noise  func(rng *rand.Rand) float64
	shared float64
	// restless is how many times as far one run in three scatters; 0: no run does.
	restless float64
	step     float64 // what values are rounded to
	level    float64
}

func gaussian(sd float64) func(*rand.Rand) float64 {
	return func(rng *rand.Rand) float64 { return sd * rng.NormFloat64() }
}

// heavy is Student's t with three degrees of freedom: one value in a hundred is
// beyond 4.5 deviations.
func heavy(sd float64) func(*rand.Rand) float64 {
	return func(rng *rand.Rand) float64 {
		chi := 0.0
		for range 3 {
			x := rng.NormFloat64()
			chi += x * x
		}
		return sd * rng.NormFloat64() / math.Sqrt(chi/3)
	}
}

// spiky is calm but for one value in fifty, which is up to twice as large.
func spiky(sd float64) func(*rand.Rand) float64 {
	return func(rng *rand.Rand) float64 {
		x := sd * rng.NormFloat64()
		if rng.IntN(50) == 0 {
			x += 0.7 * rng.Float64()
		}
		return x
	}
}

var worlds = []world{
	{name: "gaussian", metrics: 8, runs: 50, noise: gaussian(0.03), level: 100},
	{name: "heavy tails", metrics: 8, runs: 50, noise: heavy(0.03), level: 100},
	{name: "spikes", metrics: 8, runs: 50, noise: spiky(0.02), level: 100},
	{name: "slow machines", metrics: 8, runs: 50, noise: gaussian(0.02), shared: 0.1, level: 100},
	{name: "few timings on slow machines", metrics: 3, runs: 50, noise: gaussian(0.02), shared: 0.1, level: 100},
	{name: "restless runs", metrics: 16, runs: 50, noise: gaussian(0.02), restless: 4, level: 100},
	{name: "steps of 0.01 s", metrics: 8, runs: 50, noise: gaussian(0.3), step: 0.01, level: 0.03},
	{name: "many metrics", metrics: 30, runs: 40, noise: heavy(0.03), shared: 0.05, level: 100},
	{name: "20 runs", metrics: 8, runs: 20, noise: gaussian(0.03), level: 100},
	{name: "12 runs", metrics: 8, runs: 12, noise: gaussian(0.03), level: 100},
	{name: "6 runs", metrics: 8, runs: 6, noise: gaussian(0.03), level: 100},
}

// row is one run. Times 1 + worse it is a run of slower code.
func (w world) row(rng *rand.Rand) []float64 {
	effect, scatter := w.shared*rng.NormFloat64(), 1.0
	if w.restless > 0 && rng.IntN(3) == 0 {
		scatter = w.restless
	}
	return w.scattered(rng, effect, scatter)
}

func (w world) scattered(rng *rand.Rand, effect, scatter float64) []float64 {
	xs := make([]float64, w.metrics)
	for j := range xs {
		xs[j] = w.level * math.Exp(w.noise(rng)*scatter+effect)
		if w.step > 0 {
			xs[j] = math.Round(xs[j]/w.step) * w.step
		}
	}
	return xs
}

func (w world) baseline(rng *rand.Rand) baseline.Baseline {
	b := baseline.Baseline{Runs: make([]collect.Origin, w.runs)}
	for j := range w.metrics {
		b.Metrics = append(b.Metrics, metric(fmt.Sprintf("job%d.seconds", j), 0))
		b.Values = append(b.Values, make([]float64, w.runs))
	}
	for i := range w.runs {
		for j, x := range w.row(rng) {
			b.Values[j][i] = x
		}
	}
	return b
}

func (w world) look(values []float64) collect.Run {
	var ms []collect.Metric
	for j, x := range values {
		ms = append(ms, metric(fmt.Sprintf("job%d.seconds", j), x))
	}
	return run(ms...)
}

// clean counts the runs of unchanged code that fail the gate.
func (w world) clean(runs, looks int, t check.Thresholds) (failed int) {
	rng := rand.New(rand.NewPCG(11, uint64(len(w.name))))
	for range runs {
		b := w.baseline(rng)
		var all []collect.Run
		for range looks {
			all = append(all, w.look(w.row(rng)))
		}
		if check.Compare(all, b, t).Fails {
			failed++
		}
	}
	return failed
}

// binomialBound is the count that a binomial variable passes with probability
// 1e-4 at most, by its normal approximation.
func binomialBound(n int, p float64) int {
	return int(float64(n)*p + 3.72*math.Sqrt(float64(n)*p*(1-p)))
}

// TestFalseAlarms holds the promise of the gate: the share of clean runs that
// fail is no more than the configured rate.
func TestFalseAlarms(t *testing.T) {
	const runs = 400
	for _, w := range worlds {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			for _, rate := range []float64{0.01, 0.05} {
				got := w.clean(runs, 1, check.Thresholds{FalseAlarmRate: rate})
				if bound := binomialBound(runs, rate); got > bound {
					t.Errorf("%d of %d clean runs fail at a rate of %g, want %d at most", got, runs, rate, bound)
				}
				t.Logf("rate %g: %d of %d", rate, got, runs)
			}
			for again := 1; again <= 2; again++ {
				got := w.clean(runs, 1+again, check.Thresholds{Confirm: again})
				if bound := binomialBound(runs, 0.02); got > bound {
					t.Errorf("%d of %d clean runs fail after %d re-runs, want %d at most", got, runs, again, bound)
				}
				t.Logf("re-runs %d: %d of %d", again, got, runs)
			}
		})
	}
}

// TestFalseAlarmsHasPower makes sure that the test above can fail: a gate that
// is twice as loose as promised does not pass it.
func TestFalseAlarmsHasPower(t *testing.T) {
	onceIsEnough(t)
	const runs = 1500
	for _, w := range worlds[:1] {
		if got := w.clean(runs, 1, check.Thresholds{FalseAlarmRate: 0.1}); got <= binomialBound(runs, 0.05) {
			t.Errorf("%s: %d of %d clean runs fail at a rate of 0.1, which passes for 0.05", w.name, got, runs)
		}
	}
}
