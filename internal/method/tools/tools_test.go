package tools

import (
	"math"
	"slices"
	"testing"
)

var (
	nan   = math.NaN()
	eight = []float64{2, 4, 4, 4, 5, 5, 7, 9} // mean 5, sample deviation sqrt(32/7)
	ten   = []float64{3, 1, 2, 10, 9, 4, 8, 5, 7, 6}
	logs  = []float64{math.Exp(0.9), math.E, math.Exp(1.1)} // of mean 1 and deviation 0.1
	steps = []float64{100, 110, 99, 148.5}                  // relative steps of 0.1, 0.1 and 0.5
	flat  = slices.Repeat([]float64{100}, 20)
)

// The bounds were computed by hand from the published formulas and tables.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name            string
		alerts          func(Series) bool
		past            []float64
		lower           bool
		inside, outside float64
	}{
		{"twice the value before", Ratio(2), []float64{50, 100, nan}, true, 200, 200.1},
		{"half the value before", Ratio(2), []float64{50, 100, nan}, false, 50, 49.9},
		{"the mean of the newest 30", Percentage(0.1), append(slices.Repeat([]float64{1000}, 10), slices.Repeat([]float64{100}, 30)...), true, 109.9, 110.1},
		{"the mean of 20, more is better", Percentage(0.1), flat, false, 90.1, 89.9},
		{"5 + 2.3263 * 2.1381", ZScore(0.99), eight, true, 9.973, 9.975},
		{"5 - 2.3263 * 2.1381", ZScore(0.99), eight, false, 0.027, 0.025},
		{"5 + 2.9980 * 2.1381 * sqrt(9/8)", TTest(0.99), append(eight, nan), true, 11.798, 11.800},
		{"5 - 1.8946 * 2.1381 * sqrt(9/8)", TTest(0.95), eight, false, 0.704, 0.703},
		{"exp(1 + 2.3263 * 0.1)", LogNormal(0.99), logs, true, 3.430, 3.431},
		{"2 e - exp(1 + 2.3263 * 0.1)", LogNormal(0.99), logs, false, 2.007, 2.006},
		{"5.5 + 1.5 * 4.5", IQR(1.5), ten, true, 12.24, 12.26},
		{"5.5 - 1.5 * 4.5", IQR(1.5), ten, false, -1.24, -1.26},
		{"105 * (1 + 3 * 0.2)", DeltaIQR(3), steps, true, 167.9, 168.1},
		{"105 * (1 - 3 * 0.2)", DeltaIQR(3), steps, false, 42.1, 41.9},
	} {
		if s := (Series{Past: row.past, Head: row.inside, Lower: row.lower}); row.alerts(s) {
			t.Errorf("%s: %v alerts, want not", row.name, row.inside)
		}
		if s := (Series{Past: row.past, Head: row.outside, Lower: row.lower}); !row.alerts(s) {
			t.Errorf("%s: %v does not alert", row.name, row.outside)
		}
	}
}

// These see nothing where nothing ever moved.
func TestNoBoundaryWithoutNoise(t *testing.T) {
	t.Parallel()
	for name, alerts := range map[string]func(Series) bool{"z-score": ZScore(0.99), "t-test": TTest(0.99)} {
		if alerts(Series{Past: flat, Head: 1e6, Lower: true}) {
			t.Errorf("%s alerts on a metric that never moved", name)
		}
	}
	if !IQR(3)(Series{Past: flat, Head: 100.1, Lower: true}) {
		t.Error("the IQR of a metric that never moved is not 0")
	}
}

func TestQuantiles(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ p, df, want float64 }{ // NIST's table of critical values
		{0.95, 1, 6.314}, {0.99, 5, 3.365}, {0.975, 10, 2.228}, {0.95, 30, 1.697}, {0.99, 49, 2.405}, {0.999, 20, 3.552},
	} {
		if got := studentQuantile(row.p, row.df); math.Abs(got-row.want) > 5e-4 {
			t.Errorf("quantile %v of t with %v degrees = %v, want %v", row.p, row.df, got, row.want)
		}
	}
	if got := normalQuantile(0.99); math.Abs(got-2.326348) > 1e-6 {
		t.Errorf("normal quantile 0.99 = %v, want 2.326348", got)
	}
	if got, want := quartiles(ten), [3]float64{3.25, 5.5, 7.75}; got != want { // R's quantile(1:10)
		t.Errorf("quartiles of 1 to 10 = %v, want %v", got, want)
	}
}

func TestAllHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, tool := range All() {
		if seen[tool.Name] {
			t.Errorf("two tools are called %q", tool.Name)
		}
		seen[tool.Name] = true
		if !tool.Alerts(Series{Past: eight, Head: 1e9, Lower: true}) {
			t.Errorf("%s does not see 1e9 after values of 2 to 9", tool.Name)
		}
		if tool.Alerts(Series{Past: eight, Head: 5, Lower: true}) != tool.Alerts(Series{Past: eight, Head: 5, Lower: true, Newest: 3}) {
			t.Errorf("%s judges a value differently as one of three", tool.Name)
		}
	}
}
