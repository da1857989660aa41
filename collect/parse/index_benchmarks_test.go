package parse

import (
	"strings"
	"testing"
)

// indexBenchmarks has each tool's formats in a file index_bench_TOOL_test.go.
var indexBenchmarks = merged(indexRust, indexBenchJSON, indexBenchText)

var disputedBenchmarks = map[string]dispute{}

// refused are files of the index that have no figure to compare, with the
// reason.
var refused = map[string]string{
	"callgrind-text/iai-callgrind-iai-callgrind__benchmark-tests_benches_test_lib_bench_cachegrind_expected_stdout.1": "each of its counts is N/A",
	"cargo-bench/bencherdev-bencher__rust_bench_zero.txt":                                                             "it has no benchmark",
	"gungraun/bencherdev-bencher__rust_gungraun_json_one_callgrind_no_diff_old.txt":                                   "all that it has is of the run before",
	"googlebench/google-benchmark__tools_gbench_Inputs_test4_run.json":                                                "its benchmarks have no times: it was made to test sorting",
}

// figure finds one member of a benchmark in the index among the metrics.
type figure struct {
	key, metric string
	// factor makes a value in the metric's unit of one in the index's.
	factor float64
}

// benches compares the list of benchmarks that the index has of a file. Name is
// the member with the benchmark's name; in a figure's metric * stands for it.
func benches(name string, all ...figure) func(*testing.T, figures, any) {
	return func(t *testing.T, got figures, want any) {
		t.Helper()
		list, ok := want.([]any)
		if !ok || len(list) == 0 {
			t.Fatalf("index has %v, want a list of benchmarks", want)
		}
		for _, one := range list {
			b := one.(map[string]any)
			for _, f := range all {
				v, there := b[f.key].(float64)
				switch named, ok := b[name].(string); {
				case there && ok:
					is(strings.ReplaceAll(f.metric, "*", named))(t, got, v*f.factor*unitNanoseconds(f.metric, b["unit"]))
				case there: // the tool did not say its name in full
					only(t, got, strings.TrimPrefix(f.metric, "bench/*.ns_per_op"), v*f.factor)
				}
			}
		}
	}
}

// unitNanoseconds is what one of the index's units is in nanoseconds, for a time.
func unitNanoseconds(metric string, unit any) float64 {
	switch unit {
	case "us", "ms", "s":
		if strings.HasSuffix(metric, "ns_per_op") {
			return map[any]float64{"us": 1e3, "ms": 1e6, "s": 1e9}[unit]
		}
	}
	return 1
}
