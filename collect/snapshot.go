package collect

import (
	"cmp"
	"fmt"
	"slices"
)

// What each instrument puts into a run. The suffixes stand behind the name and
// before its tags.
var suffixes = map[string][]string{
	"gauge":        {"", ".min", ".max", ".mean"},
	"distribution": {".count", ".mean", ".p50", ".p90", ".p95", ".p99", ".max"},
	"summary":      {".count", ".p50", ".p90", ".p95", ".p99"},
}

// names are the names of a series' metrics, made once and not at each flush.
func names(base string, s *series) []string {
	var list []string
	switch i := s.instrument.(type) {
	case *Gauge:
		list = suffixes["gauge"]
	case *Histogram, *Timer:
		list = suffixes["distribution"]
	case *Summary:
		list = suffixes["summary"]
	case *Enum:
		out := make([]string, len(i.states))
		for k, state := range i.states {
			out[k] = Name(base, withState(s.tags, state))
		}
		return out
	}
	out := make([]string, len(list))
	for i, suffix := range list {
		out[i] = suffixed(s.name, suffix)
	}
	return out
}

func (c *Counter) metrics(to []Metric, s *series) []Metric {
	return append(to, Metric{Name: s.name, Value: c.Value()})
}

func (c *UpDownCounter) metrics(to []Metric, s *series) []Metric {
	return append(to, Metric{Name: s.name, Value: c.Value()})
}

func (g *Gauge) metrics(to []Metric, s *series) []Metric {
	v := g.Stats()
	if v.Count == 0 {
		return to
	}
	return appendAll(to, s, "", v.Value, v.Min, v.Max, v.Mean)
}

func (h *Histogram) metrics(to []Metric, s *series) []Metric { return h.figures(to, s, "") }

func (t *Timer) metrics(to []Metric, s *series) []Metric { return t.h.figures(to, s, "s") }

func (h *Histogram) figures(to []Metric, s *series, unit Unit) []Metric {
	var room [8 * perOctave]Bucket // enough for most, and not on the heap
	d := h.read(room[:0])
	if d.Count == 0 {
		return to
	}
	return appendAll(to, s, unit, float64(d.Count), d.Mean(),
		d.Quantile(0.50), d.Quantile(0.90), d.Quantile(0.95), d.Quantile(0.99), d.Max)
}

func (v *Summary) metrics(to []Metric, s *series) []Metric {
	st := v.Stats()
	if st.Count == 0 {
		return to
	}
	return appendAll(to, s, "", float64(st.Count), st.P50, st.P90, st.P95, st.P99)
}

func (i *Info) metrics(to []Metric, s *series) []Metric {
	facts := i.Facts()
	if facts == nil {
		return to
	}
	return append(to, Metric{Name: Name(s.name, facts), Value: 1, Better: None})
}

func (e *Enum) metrics(to []Metric, s *series) []Metric {
	now := e.now.Load()
	if now == 0 {
		return to
	}
	for i := range e.states {
		value := 0.0
		if int64(i)+1 == now {
			value = 1
		}
		to = append(to, Metric{Name: s.names[i], Value: value, Better: None})
	}
	return to
}

// appendAll appends the values under the names of the series. A count has no
// unit.
func appendAll(to []Metric, s *series, unit Unit, values ...float64) []Metric {
	for i, x := range values {
		if finite(x) {
			to = append(to, Metric{Name: s.names[i], Value: x, Unit: unit})
		}
	}
	if len(values) > 4 && len(to) >= len(values) {
		to[len(to)-len(values)].Unit = ""
	}
	return to
}

func (c *Counter) refused() int64   { return c.wrong.Load() }
func (g *Gauge) refused() int64     { return g.wrong.Load() }
func (h *Histogram) refused() int64 { return h.wrong.Load() }
func (t *Timer) refused() int64     { return 0 }
func (v *Summary) refused() int64   { return v.wrong.Load() }
func (i *Info) refused() int64      { return 0 }
func (e *Enum) refused() int64      { return e.wrong.Load() }

// samples are what Record was called with since the last flush.
type samples struct {
	Summary
	flushed uint64 // values that are in runs
}

// take returns the values since the last call, the newest 1,024 at most.
func (v *samples) take() []float64 {
	values := v.Values()
	n := v.n.Load()
	fresh := int(min(n-v.flushed, uint64(len(values))))
	v.flushed = n
	return values[len(values)-fresh:]
}

func (v *samples) metrics(to []Metric, s *series) []Metric {
	values := v.take()
	switch len(values) {
	case 0:
		return to
	case 1:
		return append(to, Metric{Name: s.name, Value: values[0]})
	}
	return append(to, Metric{Name: s.name, Value: Median(values), Samples: values})
}

// Metrics returns what all instruments hold, sorted by name. What Record was
// called with is not among it: that is of the run which the next Flush makes.
func (r *Recorder) Metrics() []Metric {
	if r.off() {
		return nil
	}
	return r.collect(func(i instrument) bool { _, ok := i.(*samples); return !ok })
}

func (r *Recorder) collect(want func(instrument) bool) []Metric {
	namesakes := r.sorted()
	n := 0
	for _, f := range namesakes {
		for _, s := range f.list() {
			n += max(len(s.names), 1)
		}
	}
	all := make([]Metric, 0, n)
	for _, f := range namesakes {
		about := r.description(f.name)
		begin := len(all)
		var names []string // of a series that has values
		for _, s := range f.list() {
			if want(s.instrument) {
				first := len(all)
				all = s.metrics(all, s)
				about.apply(all[first:])
				if len(all) > first {
					names = s.names
				}
			}
		}
		transpose(all[begin:], names)
	}
	for _, c := range r.registered() {
		all = append(all, r.custom(c)...)
	}
	return r.unique(all)
}

// transpose puts the metrics of series, which make as many each and are by name,
// in the order of all names where the series differ in the ends of their names
// alone: those of the first suffix, and so on. That is a guess for the sake of
// speed: unique sorts what it is wrong about.
func transpose(metrics []Metric, names []string) {
	k := len(names)
	if k < 2 || len(metrics)%k != 0 {
		return
	}
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	from := slices.Clone(metrics)
	to := metrics[:0]
	for _, i := range order {
		for ; i < len(from); i += k {
			to = append(to, from[i])
		}
	}
}

func (r *Recorder) registered() []custom {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.customs
}

// custom asks an instrument of the program's own. Its panic is a problem and
// harms nobody else.
func (r *Recorder) custom(c custom) (got []Metric) {
	defer func() {
		if p := recover(); p != nil {
			r.problem(fmt.Errorf("custom instrument %q panicked: %v", c.name, p))
			got = nil
		}
	}()
	for _, m := range c.Metrics() {
		if finite(m.Value) {
			got = append(got, m)
		}
	}
	return got
}

// unique sorts metrics and leaves out those whose name is taken, as .max of a
// gauge may be by a gauge of that very name.
func (r *Recorder) unique(all []Metric) []Metric {
	less := func(a, b Metric) int { return cmp.Compare(a.Name, b.Name) }
	ascending := true
	for i := 1; i < len(all) && ascending; i++ {
		ascending = all[i-1].Name < all[i].Name
	}
	if ascending {
		return all
	}
	slices.SortStableFunc(all, less)
	kept := all[:0]
	for i, m := range all {
		if i > 0 && m.Name == all[i-1].Name {
			r.problem(fmt.Errorf("two metrics are called %q: the first counts", m.Name))
			continue
		}
		kept = append(kept, m)
	}
	return kept
}

// problems are the mistakes that the instruments counted.
func (f *namesake) problems() []error {
	var errs []error
	if n := f.dropped.Load(); n > 0 {
		errs = append(errs, fmt.Errorf("metric %q has more than %d series: %d calls for others were not recorded; are its tags ids?", f.name, f.most, n))
	}
	refused := int64(0)
	for _, s := range f.list() {
		refused += s.refused()
	}
	if refused > 0 {
		errs = append(errs, fmt.Errorf("metric %q: %d operations were left out: not finite, a state that it does not have, or lowering a counter", f.name, refused))
	}
	return errs
}
