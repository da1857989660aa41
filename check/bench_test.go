package check_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// simulated is a baseline of metrics x runs with noise of 3 % in each metric and
// of 5 % in each run, and a head run like it.
func simulated(metrics, runs int) (collect.Run, baseline.Baseline) {
	rng := rand.New(rand.NewPCG(1, 2))
	effects := make([]float64, runs+1)
	for i := range effects {
		effects[i] = 0.05 * rng.NormFloat64()
	}
	b := baseline.Baseline{Runs: make([]collect.Origin, runs)}
	head := run()
	for j := range metrics {
		m := collect.Metric{Name: fmt.Sprintf("bench/pkg.Case%d.ns_per_op", j), Unit: "ns/op", Better: collect.Lower}
		level := math.Exp(10 * rng.Float64())
		col := make([]float64, runs+1)
		for i := range col {
			col[i] = level * math.Exp(0.03*rng.NormFloat64()+effects[i])
		}
		m.Value = col[runs]
		head.Metrics = append(head.Metrics, m)
		b.Metrics = append(b.Metrics, m)
		b.Values = append(b.Values, col[:runs])
	}
	return head, b
}

func BenchmarkCompare(b *testing.B) {
	for _, size := range []struct{ metrics, runs int }{{250, 50}, {10_000, 50}, {10_000, 200}} {
		b.Run(fmt.Sprintf("%dx%d", size.metrics, size.runs), func(b *testing.B) {
			head, base := simulated(size.metrics, size.runs)
			b.ReportAllocs()
			for b.Loop() {
				check.Compare([]collect.Run{head}, base, check.Thresholds{})
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*size.metrics), "us/series")
		})
	}
}

func BenchmarkBacktest(b *testing.B) {
	for _, size := range []struct{ metrics, runs int }{{250, 200}, {10_000, 200}} {
		b.Run(fmt.Sprintf("%dx%d", size.metrics, size.runs), func(b *testing.B) {
			_, base := simulated(size.metrics, size.runs)
			b.ReportAllocs()
			for b.Loop() {
				check.Backtest(base, check.Thresholds{}, check.BacktestOptions{Each: onAllCores})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size.metrics*size.runs), "ns/verdict")
		})
	}
}

func onAllCores(n int, do func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	wait.Wait()
}
