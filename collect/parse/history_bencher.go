package parse

import (
	"cmp"
	"fmt"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

// bencherPerf reads the answer of Bencher's perf query. Each report is a run of a
// testbed, which is the suite; its iterations are samples. Metrics are named as the
// format bmf names them.
var bencherPerf = History{
	Name:    "bencher-perf",
	Aliases: []string{"bencher-query"},
	From:    "bencher perf --format json, the API's /v0/projects/PROJECT/perf",
	Match: func(h *Head) bool {
		o := h.json()
		return o.has("results[].benchmark", "results[].measure") || o.has("results[].branch", "results[].testbed")
	},
	read: readBencherPerf,
}

type bencherNamed struct{ Name, Slug string }

// bencherSeries is one measure of one benchmark on one branch and testbed.
type bencherSeries struct {
	Branch, Testbed, Benchmark, Measure bencherNamed

	MetricKind bencherNamed `json:"metric_kind"` // the measure, before it was called so
	// Variant tells series of one benchmark apart, by parameters such as a size.
	Variant struct{ Parameters map[string]any }
	Metrics []bencherMetric
}

type bencherMetric struct {
	Report    string
	StartTime time.Time `json:"start_time"`
	Version   struct{ Hash string }
	Metric    struct{ Value *float64 }
	// Metrics are newer: the value is one of several by name, and may be missing.
	Metrics map[string]struct{ Value *float64 }
}

// value is what was measured; nil where only figures of other names were.
func (m bencherMetric) value() *float64 { return cmp.Or(m.Metric.Value, m.Metrics["value"].Value) }

func (e *bencherSeries) tags() collect.Tags {
	tags := collect.Tags{}
	for k, v := range e.Variant.Parameters {
		if text, ok := plainValue(v); ok {
			tags[k] = text
		}
	}
	return tags
}

func readBencherPerf(in *pastReader) error {
	j := newJSONReader(in.r)
	var all pastRuns
	there := false
	err := j.object(func(key string) error {
		if key != "results" {
			return nil
		}
		there = true
		return j.array(func() error { return bencherSeriesOf(in, j, &all) })
	})
	if err == nil && !there {
		return j.errorf(`has no "results": want the answer of Bencher's perf query`)
	}
	if put := all.put(in); put != nil {
		return put
	}
	return j.done(err)
}

func bencherSeriesOf(in *pastReader, j *jsonReader, all *pastRuns) error {
	var e bencherSeries
	ok, raw, err := in.entry(j, &e)
	if err != nil || !ok {
		return err
	}
	slug := cmp.Or(e.Measure.Slug, e.Measure.Name, e.MetricKind.Slug, e.MetricKind.Name)
	if e.Benchmark.Name == "" || slug == "" {
		return in.fault(j.inside(raw, fmt.Errorf(`series has no "benchmark" and "measure" with their names`)))
	}
	tags := e.tags()
	for _, m := range e.Metrics {
		value := m.value()
		if value == nil && len(m.Metrics) > 0 {
			continue
		}
		if value == nil || m.StartTime.IsZero() {
			if err := in.fault(j.inside(raw, fmt.Errorf(`%s of benchmark %.100q has a metric without "value" or "start_time"`, slug, e.Benchmark.Name))); err != nil {
				return err
			}
			continue
		}
		id := m.Report
		if id == "" {
			id = m.Version.Hash + m.StartTime.Format(time.RFC3339Nano)
		}
		run, made := all.of(id + "\x00" + e.Branch.Name + "\x00" + e.Testbed.Name)
		if made {
			run.Origin = collect.Origin{ID: id, Name: e.Testbed.Name, Branch: e.Branch.Name, Commit: m.Version.Hash, Time: m.StartTime.UTC()}
		}
		run.sheet.benchTagged(e.Benchmark.Name, tags, bencherMeasure(slug), *value)
	}
	return nil
}
