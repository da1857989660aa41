package parse

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// indexMoreBenchmarks are the tools whose benchmarks the index lists by name.
var indexMoreBenchmarks = map[string]indexed{
	"bmf": {
		format: "bmf",
		figures: map[string]func(*testing.T, figures, any){
			"n": benchCount(),
			"benches": func(t *testing.T, got figures, want any) {
				for name, measures := range want.(map[string]any) {
					is("bench/"+name+".ns_per_op")(t, got, measures.(map[string]any)["latency"])
				}
			},
		},
	},
	"gab-custom": {
		format: "gab-custom",
		figures: map[string]func(*testing.T, figures, any){
			"n":               benchCount(),
			"benches":         gabBenches,
			"peer_snapshot":   gabBenches,
			"peer_snapshot_n": benchCount(),
		},
	},
	"luau": {
		format: "luau",
		figures: map[string]func(*testing.T, figures, any){
			"peer_snapshot": func(t *testing.T, got figures, want any) {
				eachBench(want, func(b map[string]any) {
					is("bench/"+b["name"].(string)+".ns_per_op")(t, got, b["value"].(float64)*timeUnits[b["unit"].(string)])
				})
			},
			"peer_snapshot_n": benchCount(),
		},
	},
	"vitest-bench": {
		format: "vitest-bench",
		figures: map[string]func(*testing.T, figures, any){
			"n": benchCount(),
			"benches": func(t *testing.T, got figures, want any) {
				eachBench(want, func(b map[string]any) {
					is("bench/"+b["name"].(string)+".ns_per_op")(t, got, b["mean_ms"].(float64)*1e6)
					if hz := b["hz"].(float64); math.Abs(hz*b["mean_ms"].(float64)-1000) > 1e-6 {
						t.Errorf("hz %v is not 1 over the mean %v: no metric has it", hz, b["mean_ms"])
					}
				})
			},
		},
	},
	"octocov-custom-metrics": {format: "octocov-custom-metrics"},
	"asv-json":               {format: "asv-json"},
	"asv-text":               {format: "asv-text"},
	"benchmarkjs":            {format: "benchmarkjs"},
	"dart-bench":             {format: "dart-bench"},
	"gobenchdata":            {format: "gobenchdata"},
	"js-time":                {format: "js-time"},
	"julia":                  {format: "julia"},
	"ruby-bench":             {format: "ruby-bench"},
}

func eachBench(want any, do func(map[string]any)) {
	for _, b := range want.([]any) {
		do(b.(map[string]any))
	}
}

// benchCount compares how many benchmarks there are.
func benchCount() func(*testing.T, figures, any) {
	return func(t *testing.T, got figures, want any) {
		names := map[string]bool{}
		for name := range got {
			names[name[:strings.LastIndexByte(name, '.')]] = true
		}
		if float64(len(names)) != want {
			t.Errorf("%d benchmarks, want %v: %v", len(names), want, got)
		}
	}
}

// gabBenches compares values by the units of the index.
func gabBenches(t *testing.T, got figures, want any) {
	eachBench(want, func(b map[string]any) {
		q := measureOf(b["unit"].(string))
		is("bench/"+b["name"].(string)+"."+q.name)(t, got, b["value"].(float64)*q.factor)
	})
}

// TestMoreIndex compares the files for which the index has no figures with those
// that stand in them.
func TestMoreIndex(t *testing.T) {
	want := map[string]figures{
		"asv-json": {
			"bench/time_coordinates.time_latitude.ns_per_op[numpy=1.8,python=2.7]":         454027.8911590576,
			"bench/time_units.mem_unit.bytes_per_op[numpy=1.8,python=2.7]":                 344,
			"bench/time_other.time_parameterized.ns_per_op[numpy=1.8,param1=3,python=2.7]": 3e9,
			"bench/time_secondary.track_value.value[numpy=1.8,python=2.7]":                 42,
		},
		"asv-text": {
			"bench/benchmarks.MemSuite.mem_list.bytes_per_op[env=virtualenv-py2.7]":  2420,
			"bench/benchmarks.TimeSuite.time_xrange.ns_per_op[env=virtualenv-py2.7]": 30300,
			"bench/benchmarks.TimeSuite.time_keys3.ns_per_op[env=virtualenv-py3.6]":  9070,
		},
		"benchmarkjs": {"bench/text encoder utf8.ops_per_s": 28.33, "bench/sha512 native from string utf16.ops_per_s": 29.76},
		"dart-bench":  {"bench/Template.ns_per_op": 1000, "bench/ForLoop.ns_per_op": 2000},
		"gobenchdata": {
			"bench/go.bobheadxi.dev/gobenchdata/demo.Fib10/Fib().ns_per_op[procs=1]": 419,
			"bench/go.bobheadxi.dev/gobenchdata/demo.Fib10/Fib().mb_per_s[procs=2]":  15,
		},
		"js-time": {
			"bench/default.ns_per_op": 7617e6, "bench/benchmark 2.ns_per_op": 9034e6,
			"bench/benchmark 3: The Third - timer/timerEnd.ns_per_op": 8827e6,
		},
		"julia":                  {"bench/fib/20.ns_per_op": 31028, "bench/fib/10.ns_per_op": 246.03846153846155, "bench/fib/10.allocs_per_op": 0},
		"octocov-custom-metrics": {"bench/benchmark_0.NsPerOp": 676.5, "bench/benchmark_1.N": 1500},
		"octocov-report":         {"coverage.lines_total": 1202, "coverage.lines_covered": 1147, "code.test_ratio": 13924.0 / 1832},
		"ruby-bench":             {"bench/for.ns_per_op": 952039e3, "bench/>avg.ns_per_op": 961255e3},
	}
	for _, row := range readIndex(t) {
		figures, ok := want[row.format]
		if !ok {
			continue
		}
		sheet := fixtureSheet(t, row.path)
		got := sheetFigures(sheet)
		for name, v := range figures {
			t.Run(row.format, func(t *testing.T) { is(name)(t, got, v) })
		}
		delete(want, row.format)
	}
	if len(want) > 0 {
		t.Errorf("the index has no file for %v", want)
	}
}

// TestHistories refuses files that hold many runs.
func TestHistories(t *testing.T) {
	seen := 0
	for _, row := range readIndex(t) {
		switch row.format {
		case "series-json", "series-csv", "otava-csv":
			seen++
			_, err := File(openFixture(t, row.path), row.path, "", NewSheet(""))
			if err == nil || !strings.Contains(err.Error(), "holds many runs and not one") {
				t.Errorf("%s: %v, want an error that says that it is a history", row.path, err)
			}
		}
	}
	if seen < 6 {
		t.Errorf("the index has %d histories, want 6", seen)
	}
}

func openFixture(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join(fixtures, path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func fixtureSheet(t *testing.T, path string) *Sheet {
	t.Helper()
	s := NewSheet("")
	if _, err := File(openFixture(t, path), path, "", s); err != nil {
		t.Fatal(err)
	}
	return s
}

func sheetFigures(s *Sheet) figures {
	got := figures{}
	for _, m := range s.Metrics() {
		got[m.Name] = m.Value
	}
	return got
}
