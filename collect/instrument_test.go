package collect_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/collect"
)

func TestInstruments(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	r.Counter("http.requests", collect.Tags{"route": "/", "code": "200"}).Add(2)
	r.Counter("http.requests", collect.Tags{"code": "200", "route": "/"}).Inc()
	r.Counter("bytes", nil).Add(0.5)
	jobs := r.UpDownCounter("jobs.active", nil)
	jobs.Inc()
	jobs.Inc()
	jobs.Dec()
	g := r.Gauge("queue.depth", collect.Tags{"queue": "a"})
	for _, x := range []float64{4, -2, 7} {
		g.Set(x)
	}
	g.Add(-1)
	tm := r.Timer("db.query_seconds", nil)
	tm.Observe(250 * time.Millisecond)
	r.Histogram("size_bytes", nil).Observe(100)
	s := r.Summary("lag", nil)
	for i := range 100 {
		s.Observe(float64(i + 1))
	}
	r.Info("build").Set(collect.Tags{"version": "1.2"})
	r.Enum("state", nil, "up", "down").Set("down")
	r.Record("startup_seconds", 1.5, nil) // of the next run, not of these
	want := map[string]float64{
		"http.requests[code=200,route=/]": 3, "bytes": 0.5, "jobs.active": 1,
		"queue.depth[queue=a]": 6, "queue.depth.min[queue=a]": -2, "queue.depth.max[queue=a]": 7, "queue.depth.mean[queue=a]": 3.75,
		"db.query_seconds.count": 1, "db.query_seconds.mean": 0.25, "db.query_seconds.p50": 0.25, "db.query_seconds.p90": 0.25,
		"db.query_seconds.p95": 0.25, "db.query_seconds.p99": 0.25, "db.query_seconds.max": 0.25,
		"size_bytes.count": 1, "size_bytes.mean": 100, "size_bytes.p50": 100, "size_bytes.p90": 100, "size_bytes.p95": 100,
		"size_bytes.p99": 100, "size_bytes.max": 100,
		"lag.count": 100, "lag.p50": 50, "lag.p90": 90, "lag.p95": 95, "lag.p99": 99,
		"build[version=1.2]": 1, "state[state=up]": 0, "state[state=down]": 1,
	}
	if diff := cmp.Diff(want, figures(r.Metrics())); diff != "" {
		t.Errorf("Metrics (-want +got):\n%s", diff)
	}
	if err := r.Problems(); err != nil {
		t.Errorf("Problems = %v, want none", err)
	}
}

func TestNothingYet(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	r.Gauge("g", nil)
	r.Timer("t", nil)
	r.Summary("s", nil)
	r.Info("i")
	r.Enum("e", nil, "a")
	if got := r.Metrics(); len(got) != 0 {
		t.Errorf("Metrics = %v, want none: nothing was measured", got)
	}
	r.Counter("c", nil)
	if got := figures(r.Metrics()); len(got) != 1 || got["c"] != 0 {
		t.Errorf("Metrics = %v, want the counter at 0", got)
	}
}

// TestQuantiles holds the histogram's quantiles to its promise, 3.2 %, on values
// of many sizes.
func TestQuantiles(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for name, draw := range map[string]func() float64{
		"uniform":    random.Float64,
		"log-normal": func() float64 { return math.Exp(3*random.NormFloat64() - 5) },
		"tiny":       func() float64 { return 1e-9 * (1 + random.Float64()) },
		"huge":       func() float64 { return 1e15 * (1 + random.ExpFloat64()) },
		"whole":      func() float64 { return float64(1 + random.IntN(1000)) },
	} {
		r, _ := newRecorder(t)
		h := r.Histogram("h", nil)
		all := make([]float64, 10_000)
		sum := 0.0
		for i := range all {
			all[i] = draw()
			sum += all[i]
			h.Observe(all[i])
		}
		slices.Sort(all)
		d := h.Snapshot()
		if d.Count != 10_000 || d.Min != all[0] || d.Max != all[9999] || math.Abs(d.Sum-sum) > 1e-9*sum {
			t.Errorf("%s: %d values from %v to %v, sum %v; want 10000 from %v to %v, sum %v", name, d.Count, d.Min, d.Max, d.Sum, all[0], all[9999], sum)
		}
		for _, q := range []float64{0.01, 0.5, 0.9, 0.95, 0.99, 0.999} {
			want := all[int(math.Ceil(q*10_000))-1]
			if got := d.Quantile(q); math.Abs(got-want) > 0.032*want {
				t.Errorf("%s: quantile %v = %v, want %v within 3.2 %%", name, q, got, want)
			}
		}
	}
}

func TestOddValues(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	h := r.Histogram("h", nil)
	for _, x := range []float64{0, -5, math.SmallestNonzeroFloat64, math.MaxFloat64, 1, math.NaN(), math.Inf(1)} {
		h.Observe(x)
	}
	if d := h.Snapshot(); d.Count != 5 || d.Min != -5 || d.Max != math.MaxFloat64 || d.Quantile(0) != -5 || d.Quantile(1) != math.MaxFloat64 {
		t.Errorf("histogram: %+v, quantiles %v to %v", d, d.Quantile(0), d.Quantile(1))
	}
	var none collect.Distribution
	if !math.IsNaN(none.Quantile(0.5)) || none.Mean() != 0 {
		t.Error("a distribution without values has a quantile or a mean")
	}
	r.Counter("c", nil).Add(-1)
	r.Counter("c", nil).Add(math.Inf(1))
	r.UpDownCounter("u", nil).Add(math.NaN())
	r.Gauge("g", nil).Set(math.NaN())
	r.Gauge("g", nil).Set(math.MaxFloat64)
	r.Gauge("g", nil).Add(math.MaxFloat64)
	r.Summary("s", nil).Observe(math.NaN())
	r.Enum("e", nil, "a").Set("b")
	err := fmt.Sprint(r.Problems())
	for _, want := range []string{`"h": 2 op`, `"c": 2 op`, `"u": 1 op`, `"g": 2 op`, `"s": 1 op`, `"e": 1 op`} {
		if !strings.Contains(err, want) {
			t.Errorf("Problems do not tell %s:\n%s", want, err)
		}
	}
}

// TestGauge of one writer, whose stack moves, and of several.
func TestGauge(t *testing.T) {
	t.Parallel()
	g := collect.NewRecorder(collect.Options{}).Gauge("g", nil)
	var deep func(n int)
	deep = func(n int) {
		var room [256]byte
		room[n%len(room)]++
		g.Set(float64(n))
		if got := g.Stats().Value; got != float64(n) {
			t.Errorf("set to %d it is %v", n, got)
		}
		if n > 0 {
			deep(n - 1)
		}
		runtime.KeepAlive(&room)
	}
	deep(500)
	g.Add(-2)
	if got, want := g.Stats(), (collect.GaugeStats{Value: -2, Min: -2, Max: 500, Mean: (500*501/2 - 2) / 502.0, Count: 502}); got != want {
		t.Errorf("Stats = %+v, want %+v", got, want)
	}
	const each = 2000
	var wait sync.WaitGroup
	for w := range 4 {
		wait.Go(func() {
			for i := range each {
				g.Set(float64(w*each + i))
			}
		})
	}
	wait.Wait()
	got := g.Stats()
	sum := (500*501/2 - 2) + 4*each*(4*each-1)/2
	if got.Count != 502+4*each || math.Abs(got.Mean*float64(got.Count)-float64(sum)) > 1e-3 || int(got.Value)%each != each-1 {
		t.Errorf("Stats = %+v, want %d values with the sum %d and the last one of a goroutine", got, 502+4*each, sum)
	}
}

// TestMemory holds what 10,000 operations on 100 series leave in memory.
func TestMemory(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	r := collect.NewRecorder(collect.Options{Path: t.TempDir()})
	for i := range 10_000 {
		tags := collect.Tags{"route": strconv.Itoa(i / 4 % 25)}
		switch i % 4 {
		case 0:
			r.Counter("requests", tags).Inc()
		case 1:
			r.Gauge("depth", tags).Set(float64(i))
		case 2:
			r.Histogram("size_bytes", tags).Observe(float64(i * i))
		case 3:
			r.Timer("request_seconds", tags).Observe(time.Duration(i) * time.Microsecond)
		}
	}
	if grown := heap() - before; grown > 2e6 {
		t.Errorf("10,000 operations on 100 series take %d bytes, want 2 MB at most", grown)
	}
	if n := r.Overview().Series; n != 100 {
		t.Errorf("there are %d series, want 100", n)
	}
}
