package probe

import (
	"cmp"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v3/mem"
	"github.com/shirou/gopsutil/v3/process"

	"github.com/plumbline-ci/plumbline/collect"
)

// SamplerOptions say how a Sampler works. The zero value looks once a second and
// remembers an hour.
type SamplerOptions struct {
	// Interval is the time between samples; 0: a second. It is 10 ms at least.
	Interval time.Duration
	// Keep is how long a sample is remembered, so that a program may run for
	// months; 0: an hour. What is older counts in no figure.
	Keep time.Duration
}

// Sampler measures the process that it is in, and the machine, while a program
// runs. Register it with a recorder, and each run that is flushed has the figures
// of the time since the run before:
//
//	s := probe.NewSampler(probe.SamplerOptions{})
//	s.Start()
//	defer s.Stop()
//	rec.Register("resources", s)
//
// Processes that this one starts are not measured; [Run] does that. All methods
// may be called by any number of goroutines at once.
type Sampler struct {
	interval, keep time.Duration
	read           func() (Sample, error)

	mu     sync.Mutex
	kept   []Sample
	from   time.Time // of the time that Metrics is about
	stop   chan struct{}
	ended  chan struct{}
	failed error
}

// Sample is what this process and the machine looked like at one moment.
type Sample struct {
	Time        time.Time
	CPU         time.Duration // processor time of this process since it began
	RSS         int64         // bytes of memory of this process
	HostBusy    float64       // seconds that the machine's cores worked since it booted
	HostAll     float64       // seconds that they worked or not
	HostMemory  float64       // per cent of the machine's memory in use
	HostMemUsed float64       // bytes
}

const leastInterval = 10 * time.Millisecond

// NewSampler returns a sampler that does not run yet.
func NewSampler(o SamplerOptions) *Sampler {
	return &Sampler{
		interval: max(cmp.Or(o.Interval, time.Second), leastInterval),
		keep:     cmp.Or(max(o.Keep, 0), time.Hour),
		read:     reader(),
	}
}

// reader returns a function that reads a sample. The process object is kept,
// because making one costs more than asking it.
func reader() func() (Sample, error) {
	var own *process.Process
	return func() (s Sample, err error) {
		if own == nil {
			if own, err = process.NewProcess(int32(os.Getpid())); err != nil {
				return s, err
			}
		}
		t, err := own.Times()
		if err != nil {
			return s, err
		}
		m, err := own.MemoryInfo()
		if err != nil {
			return s, err
		}
		s = Sample{Time: time.Now(), CPU: time.Duration((t.User + t.System) * float64(time.Second)), RSS: int64(m.RSS)}
		if h := hostTimes(); h != nil {
			s.HostBusy, s.HostAll = busyTime(h), allTime(h)
		}
		if v, err := mem.VirtualMemory(); err == nil && v.Total > 0 {
			s.HostMemory, s.HostMemUsed = v.UsedPercent, float64(v.Used)
		}
		return s, nil
	}
}

// Start begins to sample, at once. It does nothing where the sampler runs.
func (s *Sampler) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		return
	}
	s.from = time.Time{}
	s.take()
	if len(s.kept) > 0 {
		s.from = s.kept[len(s.kept)-1].Time // what was before a pause is of another time
	}
	s.stop, s.ended = make(chan struct{}), make(chan struct{})
	go s.run(s.stop, s.ended)
}

func (s *Sampler) run(stop <-chan struct{}, ended chan<- struct{}) {
	defer close(ended)
	tick := time.NewTicker(s.interval)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			s.mu.Lock()
			s.take()
			s.mu.Unlock()
		}
	}
}

// Stop takes a last sample and ends the sampling. What was sampled stays.
func (s *Sampler) Stop() {
	s.mu.Lock()
	stop, ended := s.stop, s.ended
	if stop != nil {
		s.take()
		s.stop, s.ended = nil, nil
		close(stop)
	}
	s.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// take samples once and forgets what is too old. The lock is held.
func (s *Sampler) take() {
	x, err := s.read()
	if s.failed = err; err != nil {
		return
	}
	if n := len(s.kept); n > 0 && !x.Time.After(s.kept[n-1].Time) {
		return
	}
	s.kept = append(s.kept, x)
	oldest := x.Time.Add(-s.keep)
	if i, _ := slices.BinarySearchFunc(s.kept, oldest, func(x Sample, t time.Time) int { return x.Time.Compare(t) }); i > len(s.kept)/2 || i > 1024 {
		s.kept = append(make([]Sample, 0, len(s.kept)), s.kept[i:]...)
	}
}

// Err is why the last sample could not be taken; nil where it was.
func (s *Sampler) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// Samples returns what is remembered, the oldest first.
func (s *Sampler) Samples() []Sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.since(time.Time{}))
}

// Usage returns what this process used up to the newest moments, at most so many,
// the oldest first.
func (s *Sampler) Usage(most int) []collect.Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.kept[max(0, len(s.kept)-max(most, 0)):]
	all := make([]collect.Usage, len(kept))
	for i, x := range kept {
		all[i] = collect.Usage{Time: x.Time, CPU: x.CPU.Seconds(), RSS: x.RSS}
	}
	return all
}

// since are the samples from a time on that are not too old.
func (s *Sampler) since(from time.Time) []Sample {
	if len(s.kept) == 0 {
		return nil
	}
	if oldest := s.kept[len(s.kept)-1].Time.Add(-s.keep); from.Before(oldest) {
		from = oldest
	}
	i, _ := slices.BinarySearchFunc(s.kept, from, func(x Sample, t time.Time) int { return x.Time.Compare(t) })
	return s.kept[i:]
}

// Metrics returns the figures since Start, or since they went into a run, under
// the names that a wrapped command has: cpu.avg_load and cpu.max_load in per cent
// of one core, ram.peak_mb and ram.avg_mb, and system.*. What could not be
// measured is not among them.
func (s *Sampler) Metrics() []collect.Metric {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop != nil {
		s.take()
	}
	return summarize(s.since(s.from))
}

// Sent begins a new time for Metrics. A recorder calls it; see collect.Custom.
func (s *Sampler) Sent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.kept); n > 0 {
		s.from = s.kept[n-1].Time
	}
}

// summarize is what samples come to.
func summarize(all []Sample) []collect.Metric {
	if len(all) == 0 {
		return nil
	}
	first, last := all[0], all[len(all)-1]
	var r Result
	var course series
	var memory, used, own weighted
	for i, x := range all {
		at := x.Time.Sub(first.Time)
		course.add(at, sample{cpu: x.CPU - first.CPU, rss: x.RSS})
		if i > 0 {
			span := x.Time.Sub(all[i-1].Time)
			memory.add(x.HostMemory, span)
			used.add(x.HostMemUsed, span)
			own.add(float64(x.RSS), span)
		}
	}
	r.PeakRSS, r.AvgRSS, r.ProcessRSS = course.peakRSS, own.mean(), own.mean()
	wall := last.Time.Sub(first.Time)
	if wall >= loadWindow {
		r.AvgLoad = reading(percent(last.CPU-first.CPU, wall))
		r.MaxLoad = course.maxLoad(wall, last.CPU-first.CPU, r.AvgLoad)
		r.ProcessCPU = r.AvgLoad
		if all := last.HostAll - first.HostAll; all > 0 {
			r.HostCPU = reading(min(100, max(0, (last.HostBusy-first.HostBusy)/all*100)))
		}
	}
	if last.HostMemUsed > 0 {
		r.HostMem, r.HostMemUsed = memory.mean(), used.mean()
	}
	return r.readings()
}
