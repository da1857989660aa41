package collect_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"

	"github.com/plumbline-ci/plumbline/collect"
)

// values are what histograms get: a thousand to a million, in no order.
func values() []float64 {
	v := make([]float64, 4096)
	x := uint64(88172645463325252)
	for i := range v {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		v[i] = 1000 + float64(x%1_000_000)
	}
	return v
}

// BenchmarkRecorder has each instrument beside those of prometheus/client_golang
// and of the OpenTelemetry SDK:
//
//	go test -run - -bench Recorder -cpu 1,2 ./collect
//
// The loops are written out, because a call of a function in each would cost as
// much as what is measured.
func BenchmarkRecorder(b *testing.B) {
	r := collect.NewRecorder(collect.Options{Path: b.TempDir()})
	b.Run("counter", func(b *testing.B) { benchCounters(b, r) })
	b.Run("gauge", func(b *testing.B) { benchGauges(b, r) })
	b.Run("histogram", func(b *testing.B) { benchHistograms(b, r) })
	b.Run("vec", func(b *testing.B) { benchVecs(b, r) })
	b.Run("timer", func(b *testing.B) { benchTimers(b, r) })
}

// loop runs f in parallel; f has the loop.
func loop(b *testing.B, name string, f func(p *testing.PB)) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(f)
	})
}

func meter(b *testing.B) metric.Meter {
	p := sdk.NewMeterProvider(sdk.WithReader(sdk.NewManualReader()))
	b.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	return p.Meter("bench")
}

func benchCounters(b *testing.B, r *collect.Recorder) {
	c, none := r.Counter("c", nil), collect.NewRecorder(collect.Options{Disabled: true}).Counter("c", nil)
	loop(b, "plumbline", func(p *testing.PB) {
		for p.Next() {
			c.Inc()
		}
	})
	loop(b, "disabled", func(p *testing.PB) {
		for p.Next() {
			none.Inc()
		}
	})
	loop(b, "nothing", func(p *testing.PB) {
		for p.Next() {
		}
	})
	pc := prometheus.NewCounter(prometheus.CounterOpts{Name: "c"})
	loop(b, "client_golang", func(p *testing.PB) {
		for p.Next() {
			pc.Inc()
		}
	})
	oc, _ := meter(b).Float64Counter("c")
	loop(b, "otel", func(p *testing.PB) {
		for p.Next() {
			oc.Add(b.Context(), 1)
		}
	})
}

func benchGauges(b *testing.B, r *collect.Recorder) {
	v := values()
	g := r.Gauge("g", nil)
	loop(b, "plumbline", func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			g.Set(v[i&4095])
		}
	})
	pg := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g"})
	loop(b, "client_golang", func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			pg.Set(v[i&4095])
		}
	})
	og, _ := meter(b).Float64Gauge("g")
	loop(b, "otel", func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			og.Record(b.Context(), v[i&4095])
		}
	})
}

func benchHistograms(b *testing.B, r *collect.Recorder) {
	v, bounds := values(), prometheus.ExponentialBuckets(1000, 2, 12)
	h := r.Histogram("h", nil)
	loop(b, "plumbline", func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			h.Observe(v[i&4095])
		}
	})
	ph := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Buckets: bounds})
	loop(b, "client_golang", func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			ph.Observe(v[i&4095])
		}
	})
	oh, _ := meter(b).Float64Histogram("h", metric.WithExplicitBucketBoundaries(bounds...))
	loop(b, "otel", func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			oh.Record(b.Context(), v[i&4095])
		}
	})
}

func benchVecs(b *testing.B, r *collect.Recorder) {
	cv := r.CounterVec("cv", "method", "code")
	loop(b, "plumbline", func(p *testing.PB) {
		for p.Next() {
			cv.With("GET", "200").Inc()
		}
	})
	pv := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cv"}, []string{"method", "code"})
	loop(b, "client_golang", func(p *testing.PB) {
		for p.Next() {
			pv.WithLabelValues("GET", "200").Inc()
		}
	})
	oc, _ := meter(b).Float64Counter("c")
	loop(b, "otel", func(p *testing.PB) {
		for p.Next() {
			oc.Add(b.Context(), 1, metric.WithAttributes(attribute.String("method", "GET"), attribute.String("code", "200")))
		}
	})
}

func benchTimers(b *testing.B, r *collect.Recorder) {
	t := r.Timer("t", nil)
	loop(b, "plumbline", func(p *testing.PB) {
		for p.Next() {
			t.Start().Stop()
		}
	})
	loop(b, "two clock readings", func(p *testing.PB) {
		for p.Next() {
			_ = time.Since(time.Now())
		}
	})
	s := r.Summary("s", nil)
	v := values()
	loop(b, "summary", func(p *testing.PB) {
		for i := 0; p.Next(); i++ {
			s.Observe(v[i&4095])
		}
	})
}

// BenchmarkFlush is the caller's time for a run of 10,000 metrics. The run is
// written by another goroutine, which is waited for outside of the time.
func BenchmarkFlush(b *testing.B) {
	b.Run("counters", func(b *testing.B) {
		benchFlush(b, 10_000, func(r *collect.Recorder, t collect.Tags) { r.Counter("requests", t).Inc() })
	})
	b.Run("gauges", func(b *testing.B) { // each makes 4
		benchFlush(b, 10_000/4, func(r *collect.Recorder, t collect.Tags) { r.Gauge("depth", t).Set(1) })
	})
	b.Run("timers", func(b *testing.B) { // each makes 7
		benchFlush(b, 10_000/7, func(r *collect.Recorder, t collect.Tags) {
			for i := range 100 {
				r.Timer("lag", t).Observe(time.Duration(i) * time.Millisecond)
			}
		})
	})
}

func benchFlush(b *testing.B, series int, record func(*collect.Recorder, collect.Tags)) {
	r := collect.NewRecorder(collect.Options{Path: b.TempDir() + "/store", MostSeries: series})
	for i := range series {
		record(r, collect.Tags{"route": fmt.Sprintf("/%d", i)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Flush("service", nil); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := r.Sync(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
