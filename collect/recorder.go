package collect

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Options say how a Recorder works. The zero value records for the store
// .plumbline.
type Options struct {
	// Path is the folder of the store that Flush appends to; empty: .plumbline.
	Path string
	// Disabled makes every instrument nil and Flush do nothing.
	Disabled bool
	// Origin is what the runs say of where they come from. ID and Time are the
	// recorder's own.
	Origin Origin
	// MostSeries bounds the series of one name; 0: 1,000. What would be more is
	// counted (see Problems) and not recorded: tags with ids in them would
	// otherwise fill the memory.
	MostSeries int
	// Events say which raw events are kept.
	Events EventOptions
}

const (
	defaultPath   = ".plumbline"
	defaultSeries = 1000
)

// Recorder holds the instruments of a program and makes runs of what they hold.
// All its methods, and all of its instruments', may be called by any number of
// goroutines at once. A nil Recorder is disabled.
type Recorder struct {
	options Options
	start   time.Time

	mu        sync.RWMutex
	namesakes map[string]*namesake
	customs   []custom
	about     map[string]description // by name, of those that Describe told of
	wrong     []error                // problems but for those that instruments count
	writer    writer
	events    *Events
	handlers  atomic.Pointer[[]*delivery]

	lazyProfiler
}

// NewRecorder returns a recorder. Close it at the end, so that what was flushed
// reaches the disk.
func NewRecorder(o Options) *Recorder {
	o.Path = cmp.Or(o.Path, defaultPath)
	if o.MostSeries <= 0 {
		o.MostSeries = defaultSeries
	}
	r := &Recorder{options: o, start: time.Now(), namesakes: map[string]*namesake{}, events: NewEvents(o.Events)}
	r.events.kept = func(e *Event) { r.deliver(Message{Event: e}) }
	return r
}

// off reports whether nothing is recorded.
func (r *Recorder) off() bool { return r == nil || r.options.Disabled }

// Events are the raw events of the program, of which the recorder keeps some.
func (r *Recorder) Events() *Events {
	if r.off() {
		return nil
	}
	return r.events
}

// Counter returns the counter of a name and tags, the same one at each call.
// Tags are sorted into the name, as in http.requests[code=200,route=/].
func (r *Recorder) Counter(name string, tags Tags) *Counter {
	if r.off() {
		return nil
	}
	return find(r, name, tags, newCounter)
}

// UpDownCounter returns the counter of a name and tags that goes both ways.
func (r *Recorder) UpDownCounter(name string, tags Tags) *UpDownCounter {
	if r.off() {
		return nil
	}
	return find(r, name, tags, func() *UpDownCounter { return &UpDownCounter{Counter{cells: make([]cell, stripes)}} })
}

// Gauge returns the gauge of a name and tags.
func (r *Recorder) Gauge(name string, tags Tags) *Gauge {
	if r.off() {
		return nil
	}
	return find(r, name, tags, newGauge)
}

// Timer returns the timer of a name and tags. The name says the unit, as in
// db.query_seconds.
func (r *Recorder) Timer(name string, tags Tags) *Timer {
	if r.off() {
		return nil
	}
	return find(r, name, tags, newTimer)
}

// Histogram returns the histogram of a name and tags.
func (r *Recorder) Histogram(name string, tags Tags) *Histogram {
	if r.off() {
		return nil
	}
	return find(r, name, tags, newHistogram)
}

// Summary returns the summary of a name and tags.
func (r *Recorder) Summary(name string, tags Tags) *Summary {
	if r.off() {
		return nil
	}
	return find(r, name, tags, func() *Summary { return new(Summary) })
}

// Info returns the facts of a name.
func (r *Recorder) Info(name string) *Info {
	if r.off() {
		return nil
	}
	return find(r, name, nil, func() *Info { return new(Info) })
}

// Enum returns the state of a name and tags. The states of the first call count.
func (r *Recorder) Enum(name string, tags Tags, states ...string) *Enum {
	if r.off() {
		return nil
	}
	return find(r, name, tags, func() *Enum { return &Enum{states: slices.Clone(states)} })
}

// CounterVec returns a way to the counters of a name by the values of these
// tags, without allocating. Keep it: making it is not for the hot path.
func (r *Recorder) CounterVec(name string, keys ...string) *Vec[Counter] {
	if r.off() {
		return nil
	}
	return newVec(keys, func(t Tags) *Counter { return r.Counter(name, t) })
}

// GaugeVec is CounterVec for gauges.
func (r *Recorder) GaugeVec(name string, keys ...string) *Vec[Gauge] {
	if r.off() {
		return nil
	}
	return newVec(keys, func(t Tags) *Gauge { return r.Gauge(name, t) })
}

// TimerVec is CounterVec for timers.
func (r *Recorder) TimerVec(name string, keys ...string) *Vec[Timer] {
	if r.off() {
		return nil
	}
	return newVec(keys, func(t Tags) *Timer { return r.Timer(name, t) })
}

// HistogramVec is CounterVec for histograms.
func (r *Recorder) HistogramVec(name string, keys ...string) *Vec[Histogram] {
	if r.off() {
		return nil
	}
	return newVec(keys, func(t Tags) *Histogram { return r.Histogram(name, t) })
}

// Record adds a measurement to the run that the next Flush makes: a repeated
// name is one more sample of one metric, whose value is their median. The newest
// 1,024 of a name are kept.
func (r *Recorder) Record(name string, value float64, tags Tags) {
	if !r.off() {
		find(r, name, tags, func() *samples { return new(samples) }).Observe(value)
	}
}

// Custom is an instrument of the program's own making.
type Custom interface {
	// Metrics are what the instrument holds now.
	Metrics() []Metric
	// Sent is called after the metrics went into a run, for an instrument that
	// begins anew then.
	Sent()
}

type custom struct {
	name string
	Custom
}

// Register adds an instrument of the program's own, in place of one of that
// name; nil removes it.
func (r *Recorder) Register(name string, c Custom) {
	if r.off() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.customs = slices.DeleteFunc(slices.Clone(r.customs), func(have custom) bool { return have.name == name })
	if c != nil {
		r.customs = append(r.customs, custom{name, c})
	}
}

func (r *Recorder) problem(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := slices.ContainsFunc(r.wrong, func(e error) bool { return e.Error() == err.Error() })
	if !known && len(r.wrong) < mostProblems {
		r.wrong = append(r.wrong, err)
	}
}

const mostProblems = 100

// Problems are the mistakes of the program so far, none of which may harm it: a
// name used for two kinds of instruments, more series than the cap, operations
// that an instrument does not have, a custom instrument that panicked. Each is
// told once, with how often it happened.
func (r *Recorder) Problems() error {
	if r.off() {
		return nil
	}
	r.mu.RLock()
	errs := slices.Clone(r.wrong)
	r.mu.RUnlock()
	for _, f := range r.sorted() {
		errs = append(errs, f.problems()...)
	}
	return errors.Join(errs...)
}

// sorted are the namesakes by name.
func (r *Recorder) sorted() []*namesake {
	r.mu.RLock()
	defer r.mu.RUnlock()
	all := make([]*namesake, 0, len(r.namesakes))
	for _, f := range r.namesakes {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *namesake) int { return cmp.Compare(a.name, b.name) })
	return all
}
