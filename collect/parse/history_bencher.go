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
	Metrics    []struct {
		Report    string
		StartTime time.Time `json:"start_time"`
		Version   struct{ Hash string }
		Metric    struct{ Value *float64 }
	}
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
	for _, m := range e.Metrics {
		if m.Metric.Value == nil || m.StartTime.IsZero() {
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
		run.sheet.benchAs(e.Benchmark.Name, bencherMeasure(slug), *m.Metric.Value)
	}
	return nil
}
