package parse

import (
	"errors"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// errNoBenchmark says that a file is what it should be and measured nothing.
var errNoBenchmark = errors.New("has no benchmark: want a result in it")

// bench puts what a tool measured of one benchmark on the sheet, as
// bench/NAME.QUANTITY: samples in the tool's unit.
func (s *Sheet) bench(name, unit string, samples ...float64) {
	s.benchAs(name, measureOf(unit), samples...)
}

// benchAs is bench for a quantity that is known.
func (s *Sheet) benchAs(name string, q measure, samples ...float64) {
	s.benchTagged(name, nil, q, samples...)
}

// benchTagged is benchAs for one of several series of a benchmark, which tags
// tell apart: bench/NAME.QUANTITY[k=v,k2=v2].
func (s *Sheet) benchTagged(name string, tags collect.Tags, q measure, samples ...float64) {
	if len(samples) > 0 {
		s.Add(q.metric(name, tags, samples))
	}
}

// benchEstimate puts a figure on the sheet that a tool made of samples which it
// does not say here. Where another file says the samples, they win.
func (s *Sheet) benchEstimate(name string, q measure, v float64) {
	if m := q.metric(name, nil, []float64{v}); !notFinite(m.Samples[0]) {
		s.estimate(m)
	}
}

// estimate keeps a metric aside for as long as nobody has its samples.
func (s *Sheet) estimate(m collect.Metric) { join(&s.estimates, m) }

// metric makes the metric of samples in the tool's unit.
func (q measure) metric(name string, tags collect.Tags, samples []float64) collect.Metric {
	scaled := make([]float64, len(samples))
	for i, v := range samples {
		scaled[i] = v * q.factor
	}
	full := "bench/" + CleanName(name) + "." + q.name
	if len(tags) > 0 {
		clean := collect.Tags{}
		for k, v := range tags {
			clean[CleanName(tagKey.Replace(k))] = CleanName(v)
		}
		tags, full = clean, collect.Name(full, clean)
	}
	if len(full) > 3*MaxNameBytes {
		full = CleanName(full)
	}
	return collect.Metric{Name: full, Unit: q.unit, Better: q.better, Tags: tags, Samples: scaled}
}

// tagKey takes out of a tag's key what would end it in a name.
var tagKey = strings.NewReplacer(" ", "_", ".", "_", "[", "_", "]", "_", "=", "_", ",", "_")

// named is a measure under another name: cpu_ns_per_op beside ns_per_op.
func (q measure) named(name string) measure {
	q.name = name
	return q
}

// The measures that several tools have beside the time of an operation.
var (
	nsPerOp     = measureOf("ns")
	bytesPerOp  = measureOf("B")
	secondsUser = measureOf("s").named("user_ns_per_op")
	secondsSys  = measureOf("s").named("system_ns_per_op")
	maxRSS      = measure{"max_rss_bytes", "B", 1, collect.Lower}
)

// mostSamples is how many samples of one benchmark a run keeps where a tool has
// tens of thousands, for each run is stored.
const mostSamples = 1000

// fewer makes at most n samples of more: each is the median of a stretch of them,
// in their order, and all stretches are equally long, or differ by one.
func fewer(samples []float64, n int) []float64 {
	if len(samples) <= n {
		return samples
	}
	medians := make([]float64, n)
	for i := range medians {
		from, to := i*len(samples)/n, (i+1)*len(samples)/n
		medians[i] = sampled(collect.Metric{}, samples[from:to]).Value
	}
	return medians
}
