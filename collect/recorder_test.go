package collect_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// newRecorder returns a recorder with a store of its own, which is closed at the
// end of the test.
func newRecorder(t testing.TB) (*collect.Recorder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "store")
	r := collect.NewRecorder(collect.Options{Path: dir, Origin: collect.Origin{Branch: "main", Job: "unit"}, MostSeries: 50})
	t.Cleanup(func() {
		if left, err := r.Close(context.Background()); err != nil || len(left) > 0 {
			t.Errorf("Close = %d runs left, %v", len(left), err)
		}
	})
	return r, dir
}

// stored reads the runs of a store in the order in which they were written.
func stored(t *testing.T, r *collect.Recorder, dir string) []collect.Run {
	t.Helper()
	if err := r.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var runs []collect.Run
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for run, err := range collect.NewReader(f, name).Runs() {
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, run)
		}
	}
	return runs
}

// figures are a run's metrics as a map.
func figures(ms []collect.Metric) map[string]float64 {
	got := map[string]float64{}
	for _, m := range ms {
		got[m.Name] = math.Round(m.Value*1e6) / 1e6
	}
	return got
}

func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	vec := r.CounterVec("by_id", "id")
	for i := range 200 {
		vec.With(fmt.Sprint(i)).Inc()
		r.Counter("by_tag", collect.Tags{"id": fmt.Sprint(i)}).Inc()
	}
	if n := len(r.Metrics()); n != 100 {
		t.Errorf("%d series, want the 50 of each name", n)
	}
	if err := fmt.Sprint(r.Problems()); !strings.Contains(err, `"by_id" has more than 50 series: 150 calls`) || !strings.Contains(err, `"by_tag"`) {
		t.Errorf("Problems = %s", err)
	}
}

func TestKindsDoNotMix(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	r.Counter("x", nil).Inc()
	r.Gauge("x", nil).Set(7) // harmless, and not recorded
	r.Gauge("y", nil).Set(1)
	r.Gauge("y.max", nil).Set(2)
	if got := figures(r.Metrics()); got["x"] != 1 || got["y.max"] != 1 {
		t.Errorf("Metrics = %v", got)
	}
	err := fmt.Sprint(r.Problems())
	if !strings.Contains(err, `"x" is a Counter and is asked for as a Gauge`) || !strings.Contains(err, `two metrics are called "y.max"`) {
		t.Errorf("Problems = %s", err)
	}
}

func TestVec(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	vec := r.CounterVec("requests", "method", "code")
	for range 3 {
		for _, method := range []string{"GET", "PUT", "POST", "HEAD"} {
			for code := range 10 {
				vec.With(method, fmt.Sprint(code)).Inc()
			}
		}
	}
	vec.With("GET").Inc() // a tag without a value is left out
	got := figures(r.Metrics())
	if len(got) != 41 || got["requests[code=9,method=HEAD]"] != 3 || got["requests[method=GET]"] != 1 {
		t.Errorf("Metrics = %v", got)
	}
	if c := r.Counter("requests", collect.Tags{"code": "9", "method": "HEAD"}); c.Value() != 3 {
		t.Errorf("by its tags the series has %v, want 3: it is the same one", c.Value())
	}
}

// TestVecTellsValuesApart where they are alike: in one byte, wherever it is, in
// the place of the tag, in how many there are, and in how they are cut.
func TestVecTellsValuesApart(t *testing.T) {
	t.Parallel()
	r := collect.NewRecorder(collect.Options{MostSeries: 1 << 16})
	vec := r.CounterVec("calls", "a", "b", "c", "d", "e", "f")
	var lists [][]string
	for size := range 40 {
		for at := range size {
			text := []byte(strings.Repeat("x", size))
			text[at] = 'y'
			lists = append(lists, []string{string(text)}, []string{"", string(text)},
				[]string{"x", "", "", "", string(text)}, []string{"", "", "", "", "", string(text)})
		}
		lists = append(lists, []string{strings.Repeat("x", size), strings.Repeat("x", 40-size)})
	}
	for range 2 { // made, and found
		for i, values := range lists {
			vec.With(values...).Add(float64(i))
		}
	}
	for i, values := range lists {
		if got := vec.With(values...).Value(); got != float64(2*i) {
			t.Errorf("%q has %v, want %d: others have its instrument", values, got, 2*i)
		}
	}
}

// TestMetricsAreSorted also where the names of one instrument's metrics lie
// between those of others.
func TestMetricsAreSorted(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	for i, tags := range []collect.Tags{nil, {"k": "b"}, {"k": "a"}} {
		for _, name := range []string{"lag", "lag.of", "depth", "lagged"} {
			r.Gauge(name+".gauge", tags).Set(float64(i))
			r.Timer(name, tags).Observe(time.Duration(i+1) * time.Second)
			r.Summary(name+"-summary", tags).Observe(float64(i))
		}
	}
	r.Gauge("depth.never", nil)
	got := r.Metrics()
	if want := 4 * 3 * (4 + 7 + 5); len(got) != want || !slices.IsSortedFunc(got, func(a, b collect.Metric) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%d metrics, want %d that are sorted: %v", len(got), want, got)
	}
	for name, want := range map[string]float64{"lag.gauge.max[k=a]": 2, "lag.of.count[k=b]": 1, "lag.of.max[k=b]": 2, "depth.max": 1, "lagged-summary.p50[k=a]": 2} {
		if got := figures(got)[name]; got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
}

// TestNothingIsAllocated for a series that is known. It runs alone: what others
// allocate meanwhile would count.
func TestNothingIsAllocated(t *testing.T) {
	r, _ := newRecorder(t)
	vec, c, g, h, s, tm := r.CounterVec("v", "a", "b"), r.Counter("c", nil), r.Gauge("g", nil), r.Histogram("h", nil), r.Summary("s", nil), r.Timer("t", nil)
	for name, f := range map[string]func(){
		"vec": func() { vec.With("GET", "2").Inc() }, "counter": func() { c.Add(0.5) }, "gauge": func() { g.Set(1) },
		"histogram": func() { h.Observe(3) }, "summary": func() { s.Observe(3) }, "timer": func() { tm.Start().Stop() },
	} {
		f()
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations a call, want none", name, n)
		}
	}
}

// TestFlush: a run has everything once, and what was recorded for it alone.
func TestFlush(t *testing.T) {
	t.Parallel()
	r, dir := newRecorder(t)
	r.Counter("requests", nil).Inc()
	for _, x := range []float64{3, 1, 2} {
		r.Record("startup_seconds", x, collect.Tags{"stage": "a"})
	}
	first, err := r.Flush("service", collect.Tags{"host": "a"})
	if err != nil {
		t.Fatal(err)
	}
	r.Record("startup_seconds", 9, collect.Tags{"stage": "a"})
	second, err := r.Flush("service", nil)
	if err != nil {
		t.Fatal(err)
	}
	runs := stored(t, r, dir)
	if len(runs) != 2 || runs[0].ID != first || runs[1].ID != second || first == second {
		t.Fatalf("%d runs, want %s and %s", len(runs), first, second)
	}
	if m, _ := runs[0].Metric("startup_seconds[stage=a]"); m.Value != 2 || !slices.Equal(m.Samples, []float64{3, 1, 2}) {
		t.Errorf("first run: %+v, want the median of three samples", m)
	}
	if m, _ := runs[1].Metric("startup_seconds[stage=a]"); m.Value != 9 || m.Samples != nil {
		t.Errorf("second run: %+v, want the one value since", m)
	}
	if m, ok := runs[1].Metric("requests"); !ok || m.Value != 1 {
		t.Errorf("second run: counter %+v", m)
	}
	if o := runs[0].Origin; o.Branch != "main" || o.Job != "unit" || o.Type != "service" || string(runs[0].Extra["attributes"]) != `{"host":"a"}` {
		t.Errorf("first run: %+v, %s", o, runs[0].Extra)
	}
}

// TestUnwritable: a store that cannot be written loses no run and stops nobody.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "store")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // a file where the folder is to be
		t.Fatal(err)
	}
	r := collect.NewRecorder(collect.Options{Path: dir})
	r.Counter("c", nil).Inc()
	for range 2 {
		if _, err := r.Flush("x", nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Sync(t.Context()); err == nil || !strings.Contains(err.Error(), "2 runs are not written") {
		t.Errorf("Sync = %v, want the two runs and why", err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := r.Sync(t.Context()); err != nil {
		t.Errorf("Sync after the repair = %v", err)
	}
	if runs := stored(t, r, dir); len(runs) != 2 {
		t.Errorf("%d runs, want both", len(runs))
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	id, err := r.Flush("x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := r.Close(t.Context()); err == nil || len(left) != 1 || left[0].ID != id {
		t.Errorf("Close = %d runs, %v; want the one that is not written", len(left), err)
	}
	if _, err := r.Flush("x", nil); !errors.Is(err, collect.ErrClosed) {
		t.Errorf("Flush after Close = %v, want ErrClosed", err)
	}
}

func TestDisabled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "store")
	for _, r := range []*collect.Recorder{nil, collect.NewRecorder(collect.Options{Path: dir, Disabled: true})} {
		r.Counter("c", nil).Inc()
		r.UpDownCounter("u", nil).Dec()
		r.Gauge("g", nil).Set(1)
		r.Gauge("g", nil).Add(1)
		r.Timer("t", nil).Start().Stop()
		r.Timer("t", nil).Time(func() {})
		r.Histogram("h", nil).Observe(1)
		r.Summary("s", nil).Observe(1)
		r.Info("i").Set(nil)
		r.Enum("e", nil, "a").Set("a")
		r.CounterVec("cv", "a").With("b").Inc()
		r.Record("x", 1, nil)
		r.Register("y", nil)
		if id, err := r.Flush("x", nil); id != "" || err != nil {
			t.Errorf("Flush = %q, %v", id, err)
		}
		if r.Counter("c", nil).Value() != 0 || r.Gauge("g", nil).Stats() != (collect.GaugeStats{}) || r.Enum("e", nil).State() != "" ||
			r.Timer("t", nil).Snapshot().Count != 0 || r.Summary("s", nil).Stats() != (collect.SummaryStats{}) || r.Metrics() != nil || r.Problems() != nil {
			t.Error("something was recorded")
		}
		if left, err := r.Close(t.Context()); left != nil || err != nil {
			t.Errorf("Close = %v, %v", left, err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the store is there: %v", err)
	}
}

// counting is a custom instrument that begins anew with each run.
type counting struct {
	mu    sync.Mutex
	n     float64
	panic bool
}

func (c *counting) Metrics() []collect.Metric {
	if c.panic {
		panic("no")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return []collect.Metric{{Name: "custom.n", Value: c.n}, {Name: "custom.odd", Value: math.NaN()}}
}

func (c *counting) Sent() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n = 0
}

func TestCustom(t *testing.T) {
	t.Parallel()
	r, dir := newRecorder(t)
	c := &counting{n: 3}
	r.Register("mine", c)
	r.Register("bad", &counting{panic: true})
	for range 2 {
		if _, err := r.Flush("x", nil); err != nil {
			t.Fatal(err)
		}
	}
	runs := stored(t, r, dir)
	if a, b := figures(runs[0].Metrics), figures(runs[1].Metrics); a["custom.n"] != 3 || b["custom.n"] != 0 || len(a) != 1 {
		t.Errorf("runs have %v and %v", a, b)
	}
	if err := fmt.Sprint(r.Problems()); !strings.Contains(err, `custom instrument "bad" panicked: no`) {
		t.Errorf("Problems = %s", err)
	}
	r.Register("mine", nil)
	if got := r.Metrics(); len(got) != 0 {
		t.Errorf("after its removal: %v", got)
	}
}

func TestOverview(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t)
	r.Counter("cache.hits", collect.Tags{"of": "a"}).Add(3)
	r.Counter("cache.misses", collect.Tags{"of": "a"}).Inc()
	r.Counter("app.errors", collect.Tags{"kind": "timeout"}).Add(2)
	r.Counter("other_errors", nil).Inc()
	r.Timer("q_seconds", nil).Observe(20 * time.Millisecond)
	o := r.Overview()
	if o.Uptime <= 0 || o.Series != 5 || o.HitRates["cache[of=a]"] != 0.75 || o.Errors["timeout"] != 2 || o.Errors["other_errors"] != 1 ||
		o.Counts["cache.hits[of=a]"] != 3 || math.Abs(o.Durations["q_seconds"].P50-20) > 1e-9 || o.Durations["q_seconds"].Count != 1 {
		t.Errorf("Overview = %+v", o)
	}
}

// TestConcurrent: everything at once, and nothing is lost.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	before := runtime.NumGoroutine()
	dir := filepath.Join(t.TempDir(), "store")
	r := collect.NewRecorder(collect.Options{Path: dir})
	vec := r.CounterVec("by_worker", "worker")
	const workers, each = 8, 500
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := range each {
				r.Counter("all", nil).Inc()
				r.Counter("parts", nil).Add(0.25)
				vec.With(fmt.Sprint(w)).Inc()
				r.Gauge("g", nil).Set(float64(i))
				r.Histogram("h", nil).Observe(float64(i))
				r.Summary("s", nil).Observe(float64(i))
				r.Record("r", 1, nil)
				if i%100 == 0 {
					if _, err := r.Flush("x", nil); err != nil {
						t.Error(err)
					}
					_, _ = r.Metrics(), r.Overview()
				}
			}
		})
	}
	wait.Wait()
	if got := r.Counter("all", nil).Value(); got != workers*each {
		t.Errorf("counted %v, want %d", got, workers*each)
	}
	if got := r.Counter("parts", nil).Value(); got != workers*each/4 {
		t.Errorf("parts add up to %v, want %d", got, workers*each/4)
	}
	if s := r.Gauge("g", nil).Stats(); s.Count != workers*each || s.Min != 0 || s.Max != each-1 {
		t.Errorf("gauge: %+v", s)
	}
	if d := r.Histogram("h", nil).Snapshot(); d.Count != workers*each || d.Min != 0 || d.Max != each-1 {
		t.Errorf("histogram: %d values from %v to %v", d.Count, d.Min, d.Max)
	}
	if left, err := r.Close(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("Close = %d runs left, %v", len(left), err)
	}
	if runs := stored(t, nil, dir); len(runs) != workers*each/100 {
		t.Errorf("%d runs stored, want %d", len(runs), workers*each/100)
	}
	for range 100 { // the writer ends when nothing is left to write
		if runtime.NumGoroutine() <= before+20 {
			return
		}
		runtime.Gosched()
	}
}

func TestFromEnv(t *testing.T) {
	t.Setenv("PLUMBLINE_PATH", "somewhere")
	t.Setenv("PLUMBLINE_DISABLED", "true")
	if o := collect.OptionsFromEnv(); o.Path != "somewhere" || !o.Disabled {
		t.Errorf("OptionsFromEnv = %+v", o)
	}
	collect.Record("x", 1, nil) // Default is made now, and is off
	if id, err := collect.Flush(t.Context(), "x", nil); id != "" || err != nil {
		t.Errorf("Flush = %q, %v", id, err)
	}
}
