package collect

import (
	"strings"
	"time"
)

// Overview is a summary of all that a recorder holds, for a page or a line in
// the log.
type Overview struct {
	Uptime time.Duration
	Series int
	// Counts are the counters' values by name.
	Counts map[string]float64
	// Durations are the timers by name, in milliseconds.
	Durations map[string]Percentiles
	// Errors are the counters whose name ends in .errors or _errors, by their tag
	// kind, or by their name where they have none.
	Errors map[string]float64
	// HitRates are of the pairs of counters NAME.hits and NAME.misses, by NAME:
	// the share of hits, from 0 to 1.
	HitRates map[string]float64
}

// Percentiles are of a timer, in milliseconds.
type Percentiles struct {
	Count                         int64
	Mean, P50, P90, P95, P99, Max float64
}

// Overview returns the summary.
func (r *Recorder) Overview() Overview {
	o := Overview{
		Counts: map[string]float64{}, Durations: map[string]Percentiles{}, Errors: map[string]float64{}, HitRates: map[string]float64{},
	}
	if r.off() {
		return o
	}
	o.Uptime = time.Since(r.start)
	for _, f := range r.sorted() {
		for _, s := range f.list() {
			o.Series++
			o.add(f.name, s)
		}
	}
	for name := range o.Counts {
		base := seriesBase(name)
		of, ok := strings.CutSuffix(base, ".hits")
		if !ok {
			of, ok = strings.CutSuffix(base, ".misses")
		}
		tags := strings.TrimPrefix(name, base)
		hits, misses := o.Counts[of+".hits"+tags], o.Counts[of+".misses"+tags]
		if ok && hits+misses > 0 {
			o.HitRates[of+tags] = hits / (hits + misses)
		}
	}
	return o
}

func (o *Overview) add(name string, s *series) {
	switch i := s.instrument.(type) {
	case *Counter:
		o.Counts[s.name] = i.Value()
		if CountsErrors(name) {
			o.Errors[kindOf(s.name)] += i.Value()
		}
	case *UpDownCounter:
		o.Counts[s.name] = i.Value()
	case *Timer:
		d := i.Snapshot()
		if d.Count > 0 {
			const ms = 1000
			o.Durations[s.name] = Percentiles{
				Count: d.Count, Mean: ms * d.Mean(), P50: ms * d.Quantile(0.50), P90: ms * d.Quantile(0.90),
				P95: ms * d.Quantile(0.95), P99: ms * d.Quantile(0.99), Max: ms * d.Max,
			}
		}
	}
}

// kindOf is the tag kind of a series' name, or the name.
func kindOf(name string) string {
	_, tags, _ := strings.Cut(name, "[")
	for tag := range strings.SplitSeq(strings.TrimSuffix(tags, "]"), ",") {
		if kind, ok := strings.CutPrefix(tag, "kind="); ok {
			return kind
		}
	}
	return name
}
