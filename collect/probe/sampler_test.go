package probe

import (
	"errors"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// clockwork gives samples a second apart.
func clockwork(from time.Time, all ...Sample) func() (Sample, error) {
	n := 0
	return func() (Sample, error) {
		if n == len(all) {
			return Sample{}, errors.New("no more")
		}
		x := all[n]
		x.Time = from.Add(time.Duration(n) * time.Second)
		n++
		return x, nil
	}
}

func sampled(o SamplerOptions, all ...Sample) *Sampler {
	s := NewSampler(o)
	s.read = clockwork(time.Unix(1_700_000_000, 0), all...)
	for range all {
		s.take()
	}
	return s
}

func valuesOf(metrics []collect.Metric) map[string]float64 {
	all := map[string]float64{}
	for _, m := range metrics {
		all[m.Name] = math.Round(m.Value*1000) / 1000
	}
	return all
}

func TestSamplerFigures(t *testing.T) {
	s := sampled(SamplerOptions{},
		Sample{CPU: 1 * time.Second, RSS: 10e6, HostBusy: 10, HostAll: 100, HostMemory: 40, HostMemUsed: 4e9},
		Sample{CPU: 1500 * time.Millisecond, RSS: 30e6, HostBusy: 11, HostAll: 102, HostMemory: 50, HostMemUsed: 5e9},
		Sample{CPU: 3 * time.Second, RSS: 20e6, HostBusy: 11, HostAll: 104, HostMemory: 60, HostMemUsed: 6e9},
	)
	got := valuesOf(s.Metrics())
	maxLoad := got["cpu.max_load"]
	delete(got, "cpu.max_load") // is bounded by the machine's cores
	want := map[string]float64{
		"cpu.avg_load": 100, "ram.peak_mb": 30, "ram.avg_mb": 25, "system.cpu_percent": 25, "system.memory_percent": 55,
		"system.memory_used_mb": 5500, "system.process_memory_mb": 25, "system.process_cpu_percent": 100,
	}
	for name, v := range want {
		if got[name] != v {
			t.Errorf("%s = %v, want %v", name, got[name], v)
		}
	}
	if len(got) != len(want) || maxLoad < 100 || maxLoad > 150 {
		t.Errorf("got %v and cpu.max_load %v, want %v and 100 to 150", got, maxLoad, want)
	}
}

// Each run has the time since the one before, and no less than one sample.
func TestSamplerBeginsAnew(t *testing.T) {
	s := sampled(SamplerOptions{}, Sample{RSS: 50e6}, Sample{RSS: 10e6, CPU: time.Second}, Sample{RSS: 10e6, CPU: time.Second})
	s.Sent()
	got := valuesOf(s.Metrics())
	if got["ram.peak_mb"] != 10 {
		t.Errorf("ram.peak_mb = %v, want 10: what was before the run is in it", got["ram.peak_mb"])
	}
	if _, ok := got["cpu.avg_load"]; ok {
		t.Error("there is a load of no time at all")
	}
}

func TestSamplerForgets(t *testing.T) {
	all := make([]Sample, 10_000)
	for i := range all {
		all[i].RSS = int64(20_000-i) * 1e6
	}
	s := sampled(SamplerOptions{Keep: 100 * time.Second}, all...)
	kept := s.Samples()
	if n := len(kept); n != 101 || kept[0].RSS != all[9899].RSS {
		t.Errorf("%d samples are kept, want the 101 of the last 100 seconds", n)
	}
	if got := valuesOf(s.Metrics())["ram.peak_mb"]; got != 10_101 {
		t.Errorf("ram.peak_mb = %v, want 10101: the largest that is not too old", got)
	}
	if n := cap(s.kept); n > 4096 {
		t.Errorf("there is room for %d samples, for 101 that are kept", n)
	}
}

func TestSamplerFails(t *testing.T) {
	s := sampled(SamplerOptions{}, Sample{RSS: 1e6})
	s.take()
	if s.Err() == nil || len(s.Samples()) != 1 {
		t.Errorf("Err = %v with %d samples, want the error and what was sampled before", s.Err(), len(s.Samples()))
	}
	if NewSampler(SamplerOptions{}).Metrics() != nil {
		t.Error("a sampler that never ran has figures")
	}
}

// TestSamplerRuns measures this process: it has memory, and a load while it works.
func TestSamplerRuns(t *testing.T) {
	s := NewSampler(SamplerOptions{Interval: time.Nanosecond})
	if s.interval != leastInterval {
		t.Errorf("the interval is %v, want %v", s.interval, leastInterval)
	}
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			s.Start()
			_, _ = s.Metrics(), s.Samples()
		})
	}
	users.Wait()
	for began := time.Now(); time.Since(began) < 2*loadWindow; {
		_ = math.Sqrt(float64(time.Now().Unix()))
	}
	s.Stop()
	s.Stop()
	got := valuesOf(s.Metrics())
	if err := s.Err(); err != nil || got["ram.peak_mb"] <= 0 || got["ram.peak_mb"] < got["ram.avg_mb"] || got["cpu.max_load"] < got["cpu.avg_load"] || got["cpu.avg_load"] <= 0 {
		t.Errorf("figures of a process that works: %v, %v", got, err)
	}
	n := len(s.Samples())
	s.Start()
	defer s.Stop()
	if got := s.Samples(); len(got) <= n {
		t.Errorf("%d samples after a second start, %d before", len(got), n)
	}
	if _, ok := valuesOf(s.Metrics())["cpu.max_load"]; ok && time.Since(s.Samples()[n].Time) < loadWindow {
		t.Error("the time before the second start is in its figures")
	}
}

func BenchmarkSampler(b *testing.B) {
	s := NewSampler(SamplerOptions{})
	b.ReportAllocs()
	for b.Loop() {
		s.take()
	}
	if s.Err() != nil {
		b.Fatal(s.Err())
	}
}

func TestSamplerTellsUsage(t *testing.T) {
	s := sampled(SamplerOptions{}, Sample{CPU: time.Second, RSS: 1}, Sample{CPU: 2 * time.Second, RSS: 2}, Sample{CPU: 4 * time.Second, RSS: 3})
	got := s.Usage(2)
	if len(got) != 2 || got[0].CPU != 2 || got[1].CPU != 4 || got[1].RSS != 3 || got[1].Time.Sub(got[0].Time) != time.Second {
		t.Errorf("Usage(2) = %+v, want the newest two", got)
	}
	if all := s.Usage(100); len(all) != 3 || len(s.Usage(0)) != 0 {
		t.Errorf("Usage(100) = %+v, and Usage(0) = %+v", all, s.Usage(0))
	}
	rec := collect.NewRecorder(collect.Options{})
	rec.Register("resources", s)
	if u := rec.Status().Usage; len(u) != 3 {
		t.Errorf("the recorder's status has the usage %+v", u)
	}
}
