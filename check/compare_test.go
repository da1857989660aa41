package check_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// history is a baseline of the given columns, one value a run; NaN is a run
// without the metric.
func history(columns map[string][]float64) baseline.Baseline {
	var b baseline.Baseline
	for name, values := range columns {
		for len(b.Runs) < len(values) {
			at := time.Date(2026, 1, 1+len(b.Runs), 0, 0, 0, 0, time.UTC)
			b.Runs = append(b.Runs, collect.Origin{ID: fmt.Sprint(len(b.Runs)), Branch: "main", Time: at})
		}
		b.Metrics = append(b.Metrics, metric(name, 0))
		b.Values = append(b.Values, values)
	}
	return b
}

// metric is a metric whose unit its name tells.
func metric(name string, value float64) collect.Metric {
	m := collect.Metric{Name: name, Value: value}
	switch {
	case strings.Contains(name, "seconds"):
		m.Unit = "s"
	case strings.HasSuffix(name, "_mb"):
		m.Unit = "MB"
	case strings.HasSuffix(name, "_pct"):
		m.Unit = "%"
	}
	return m
}

func run(metrics ...collect.Metric) collect.Run {
	return collect.Run{
		Origin:  collect.Origin{ID: "head", Time: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)},
		Metrics: metrics,
	}
}

// noisy are n values around level that move by about 2 %, the same each time.
func noisy(n int, level float64) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		// A golden-ratio sequence is spread evenly and in no order.
		_, u := math.Modf(float64(i+1) * 0.6180339887498949)
		xs[i] = level * math.Exp(0.02*3.4*(u-0.5))
	}
	return xs
}

func steady(n int, level float64) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = level
	}
	return xs
}

func find(t *testing.T, r check.Result, name string) check.Comparison {
	t.Helper()
	for _, c := range r.Metrics {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no comparison of %q among %d", name, len(r.Metrics))
	return check.Comparison{}
}

func number(x float64) *float64 { return &x }

func TestStatus(t *testing.T) {
	percent := func(x float64) *check.Limit { return &check.Limit{Value: x} }
	nan := math.NaN()
	few := []float64{1, 1, 1, nan, nan, nan, nan, nan}
	tests := []struct {
		name   string
		past   []float64
		metric collect.Metric
		t      check.Thresholds
		want   check.Status
		reason string // a part of it
	}{
		{"no baseline", nil, metric("a.seconds", 1), check.Thresholds{}, check.New, "no baseline run yet"},
		{"in no run", steady(8, nan), metric("a.seconds", 1), check.Thresholds{}, check.New, "none of the 8"},
		{"too few runs", few, metric("a.seconds", 9), check.Thresholds{}, check.Inconclusive, "measured in 3 of 8 baseline runs; 6 are needed"},
		{"noise", noisy(30, 10), metric("a.seconds", 10.2), check.Thresholds{}, check.Unchanged, "within what 30 baseline runs show"},
		{"slower", noisy(30, 10), metric("a.seconds", 14), check.Thresholds{}, check.Regressed, "+40 %, where 30 baseline runs show 9.61 s to 10.4 s"},
		{"faster", noisy(30, 10), metric("a.seconds", 7), check.Thresholds{}, check.Improved, "-30 %, where 30"},
		{"short history", noisy(9, 10), metric("a.seconds", 14), check.Thresholds{}, check.Regressed, "9 baseline runs"},
		{"less throughput", noisy(30, 10), collect.Metric{Name: "a", Unit: "MB/s", Value: 7}, check.Thresholds{}, check.Regressed, "-30 %, where 30"},
		{"slower within the limit", noisy(30, 10), metric("a.seconds", 14), check.Thresholds{Limit: percent(50)}, check.Unchanged, "within the limit of 50%"},
		{"slower than the limit", noisy(30, 10), metric("a.seconds", 14), check.Thresholds{Limit: percent(20)}, check.Regressed, ""},
		{"past the limit within noise", noisy(30, 10), metric("a.seconds", 10.2), check.Thresholds{Limit: percent(1)}, check.Unchanged, ""},
		{"asked to confirm", noisy(30, 10), metric("a.seconds", 14), check.Thresholds{Confirm: 1}, check.Suspect, "one more run must agree"},
		{"a byte more", steady(8, 1234567), collect.Metric{Name: "a", Unit: "B", Value: 1234568}, check.Thresholds{}, check.Regressed, "the same in all 8"},
		{"a byte less", steady(8, 1234567), collect.Metric{Name: "a", Unit: "B", Value: 1234566}, check.Thresholds{}, check.Improved, ""},
		{"size within the limit", steady(8, 100), metric("a_mb", 100.9), check.Thresholds{Limit: percent(1)}, check.Unchanged, "within the limit of 1%"},
		{"size of exactly the limit", steady(8, 100), metric("a_mb", 101), check.Thresholds{Limit: percent(1)}, check.Unchanged, ""},
		{"size past the limit", steady(8, 100), metric("a_mb", 101.1), check.Thresholds{Limit: percent(1)}, check.Regressed, ""},
		{"coverage in points", steady(8, 80), metric("coverage.line_pct", 79.4), check.Thresholds{Limit: &check.Limit{Value: 0.5, Kind: check.Points}}, check.Regressed, ""},
		{"coverage within points", steady(8, 80), metric("coverage.line_pct", 79.6), check.Thresholds{Limit: &check.Limit{Value: 0.5, Kind: check.Points}}, check.Unchanged, "0.5pp"},
		{"amount in another unit", steady(8, 100), metric("a_mb", 100.6), check.Thresholds{Limit: &check.Limit{Value: 500, Kind: check.Amount, Unit: "kB"}}, check.Regressed, ""},
		{"no better direction", steady(8, 100), metric("cpu.avg_load", 300), check.Thresholds{}, check.Unchanged, "not judged"},
		{"off", steady(8, 1), metric("system.cpu_percent", 90), check.Thresholds{}, check.Unchanged, `"system.**" is off`},
		{"a failed test", steady(1, 0), metric("test.failed", 1), check.Thresholds{}, check.Regressed, "1 instead of 0"},
		{"no number", steady(8, 1), metric("a.seconds", math.Inf(1)), check.Thresholds{}, check.Inconclusive, "no finite number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b baseline.Baseline
			if tt.past != nil {
				b = history(map[string][]float64{tt.metric.Name: tt.past})
			}
			got := find(t, check.Compare([]collect.Run{run(tt.metric)}, b, tt.t), tt.metric.Name)
			if got.Status != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("status %s (%s), want %s (%s)", got.Status, got.Reason, tt.want, tt.reason)
			}
		})
	}
}
