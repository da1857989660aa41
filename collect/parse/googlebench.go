package parse

import (
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
)

// googlebench reads the JSON of Google Benchmark. A run of a benchmark makes
// ns_per_op of its real time and cpu_ns_per_op of its CPU time; repetitions are
// samples. An aggregate counts only where the repetitions are not said
// (--benchmark_report_aggregates_only): the median, or else the mean. Complexity
// (BigO, RMS) is no result.
//
// Arguments and threads are part of the tool's own name: BM_Sort/1024/threads:2.
// Counters keep their name; bytes_per_second is mb_per_s, items_per_second
// items_per_s, allocs_per_iter allocs_per_op. A benchmark that ended in an error
// makes suite_success 0, as a failed test does; one that skipped itself has no
// result.
var googlebench = Format{
	Name:    "googlebench",
	Aliases: []string{"google-benchmark"},
	From:    "Google Benchmark: --benchmark_out=FILE --benchmark_out_format=json",
	Makes:   []string{"bench/NAME.ns_per_op", "bench/NAME.cpu_ns_per_op", "bench/NAME.mb_per_s", "bench/NAME.items_per_s", "bench/NAME.COUNTER"},
	Match:   matchGooglebench, Parse: parseGooglebench,
}

func matchGooglebench(h *Head) bool {
	o := h.json()
	return o.is("benchmarks", '[') && o.is("benchmarks[].name", '"') && !o.has("benchmarks[].fullname") &&
		(o.has("benchmarks[].real_time") || o.has("benchmarks[].run_type") || o.has("benchmarks[].error_occurred") || o.has("context.library_build_type"))
}

// googleRun is one element of the list: a repetition or an aggregate.
type googleRun map[string]any

func (g googleRun) text(key string) string {
	s, _ := g[key].(string)
	return s
}

func (g googleRun) flag(key string) bool {
	b, _ := g[key].(bool)
	return b
}

// name is that of the benchmark whose run or aggregate it is.
func (g googleRun) name() string {
	if name := g.text("run_name"); name != "" {
		return name
	}
	return strings.TrimSuffix(g.text("name"), "_"+g.aggregate())
}

// aggregate is the kind of aggregate, empty for a run. Before 1.5 only the end of
// the name says it.
func (g googleRun) aggregate() string {
	if kind := g.text("aggregate_name"); kind != "" || g.text("run_type") == "iteration" {
		return kind
	}
	if g.text("run_type") == "aggregate" {
		return "other"
	}
	for _, kind := range []string{"mean", "median", "stddev", "cv", "BigO", "RMS"} {
		if strings.HasSuffix(g.text("name"), "_"+kind) {
			return kind
		}
	}
	return ""
}

func parseGooglebench(r io.Reader, s *Sheet) error {
	g := googleReader{sheet: s, measured: map[string]bool{}, middle: map[string]googleRun{}}
	j := newJSONReader(newNotANumber(r))
	err := j.object(func(key string) error {
		if key != "benchmarks" {
			return nil
		}
		return j.array(func() error {
			var run googleRun
			if err := j.read(&run); err != nil {
				return err
			}
			if run.text("name") == "" && run.text("run_name") == "" {
				return j.errorf(`benchmark without "name"`)
			}
			return g.run(j, run)
		})
	})
	if err != nil {
		return err
	}
	if err := j.end(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(g.middle)) {
		if !g.measured[name] {
			g.put(g.middle[name])
		}
	}
	if !g.found && !g.failed {
		return errNoBenchmark
	}
	return nil
}

type googleReader struct {
	sheet         *Sheet
	found, failed bool
	measured      map[string]bool      // benchmarks with runs
	middle        map[string]googleRun // their medians, or else means
}

func (g *googleReader) run(j *jsonReader, run googleRun) error {
	if run.flag("error_occurred") {
		g.failed = true
		g.sheet.SuiteFailed()
		return nil
	}
	if _, timed := run["real_time"]; run.flag("skipped") || !timed && run["cpu_time"] == nil {
		return nil
	}
	if unit := run.text("time_unit"); unit != "" && measureOf(unit).name != nsPerOp.name {
		return j.errorf("time_unit is %q: want ns, us, ms or s", unit)
	}
	name := run.name()
	switch kind := run.aggregate(); kind {
	case "":
		g.measured[name] = true
		g.put(run)
	case "median", "mean":
		if _, have := g.middle[name]; kind == "median" || !have {
			g.middle[name] = run
		}
	}
	return nil
}

// put puts the times and the counters of a run on the sheet.
func (g *googleReader) put(run googleRun) {
	name, unit := run.name(), run.text("time_unit")
	if unit == "" {
		unit = "ns"
	}
	time := measureOf(unit)
	for key, value := range run {
		v, ok := value.(float64)
		if !ok || googleOwn[key] || math.IsInf(v, 0) {
			continue
		}
		q, known := googleCounters[key]
		switch {
		case key == "real_time":
			q = time
		case key == "cpu_time":
			q = time.named("cpu_ns_per_op")
		case !known:
			q = measure{name: plainQuantity(key), factor: 1}
		}
		g.found = true
		g.sheet.benchAs(name, q, v)
	}
}

// googleOwn are the numbers that say how it was measured.
var googleOwn = map[string]bool{
	"repetitions": true, "repetition_index": true, "threads": true, "iterations": true,
	"family_index": true, "per_family_instance_index": true,
}

// googleCounters are the counters that the library makes itself.
var googleCounters = map[string]measure{
	"bytes_per_second":      measureOf("B/s"),
	"items_per_second":      measureOf("items/s"),
	"allocs_per_iter":       measureOf("allocs/op"),
	"max_bytes_used":        {"max_bytes_used", "B", 1, collect.Lower},
	"total_allocated_bytes": {"total_allocated_bytes", "B", 1, collect.Lower},
	"net_heap_growth":       {"net_heap_growth", "B", 1, collect.Lower},
}
