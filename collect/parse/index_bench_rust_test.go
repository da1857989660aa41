package parse

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// indexRust has what cargo bench writes, which is one format.
var indexRust = map[string]indexed{
	"cargo-bench": {
		format: "cargo-bench",
		figures: map[string]func(t *testing.T, got figures, want any){
			"benches": benches("name", figure{"value", "bench/*.ns_per_op", 1}),
		},
		beyond: map[string]string{
			"n":               "benchmarks are not counted",
			"peer_snapshot":   "the same figures once more",
			"peer_snapshot_n": "benchmarks are not counted",
		},
	},
	"criterion-text": {format: "cargo-bench"},
	"iai":            {format: "cargo-bench"},
	"gungraun":       {format: "cargo-bench"},
	"callgrind-text": {format: "cargo-bench"},
	"criterion-estimates": {
		format: "criterion",
		figures: map[string]func(t *testing.T, got figures, want any){
			"median": func(t *testing.T, got figures, want any) { only(t, got, "", want.(map[string]any)["point"]) },
		},
		beyond: map[string]string{
			"mean":           "the median is the metric's value, as of samples",
			"median_abs_dev": "the spread is the check's to find",
			"slope":          "the median is the metric's value, as of samples",
			"std_dev":        "the spread is the check's to find",
			"unit":           "no figure",
		},
	},
	"criterion-sample": {
		format: "criterion",
		figures: map[string]func(t *testing.T, got figures, want any){
			"n":                func(t *testing.T, got figures, want any) { only(t, got, ":n", want) },
			"min":              func(t *testing.T, got figures, want any) { only(t, got, ":min", want) },
			"max":              func(t *testing.T, got figures, want any) { only(t, got, ":max", want) },
			"mean_ns_per_iter": func(t *testing.T, got figures, want any) { only(t, got, ":mean", want) },
		},
		beyond: map[string]string{"mode": "no figure"},
	},
}

// only compares the one benchmark of a file.
func only(t *testing.T, got figures, of string, want any) {
	t.Helper()
	for name := range got {
		if strings.HasSuffix(name, ".ns_per_op") {
			is(name+of)(t, got, want)
			return
		}
	}
	t.Errorf("no ns_per_op in %v", got)
}

// TestTextFixtures compares figures that the index does not have.
func TestTextFixtures(t *testing.T) {
	const bencher = "gungraun/bencherdev-bencher__rust_gungraun_"
	const fib, game = "bench/rust_iai_callgrind::bench_fibonacci_group::bench_fibonacci ", "bench/play_game::bench_play_game_group::bench_play_game_100 some_id."
	const lines = "bench/rust_iai_callgrind::bench::multiple_lines id:"
	for file, want := range map[string]figures{
		"criterion-text/bencherdev-bencher__rust_criterion_failed.txt": {"bench/file.ns_per_op": 2.2311, "bench/tracing_rolling_file.ns_per_op": 27365, "test.suite_success": 0},
		"iai/bencherdev-bencher__rust_iai_change.txt":                  {"bench/iai_benchmark_short.instructions": 1243, "bench/iai_benchmark_long.estimated_cycles": 23447295},
		"catch2/bencherdev-bencher__cpp_catch2_issue_351.txt":          {"bench/Even More Fibonacci/With a long name/Fibonacci 10 with a long name.ns_per_op": 344, "bench/Unit_assignment/Construction/Fibonacci 20.ns_per_op": 41731},
		bencher + "delta.txt":                              {fib + "short:10.instructions": 1734, fib + "long:30.estimated_cycles": 35638724},
		bencher + "with-dhat.txt":                          {fib + "short:10.total_bytes": 29499, fib + "long:30.at_t_gmax_blocks": 18344},
		bencher + "with-summary-and-regressions.txt":       {fib + "short:10.total_read_write": 2362},
		bencher + "name_on_multiple_lines_mixed.txt":       {lines + "two lines.instructions": 7, lines + "last with one line.ram_hits": 16},
		bencher + "json_one_callgrind_all_metrics.txt":     {game + "instructions": 1900, game + "l1_hit_rate": 0.2, game + "lli_miss_rate": 0.6, game + "total_read_write": 2800},
		bencher + "json_one_callgrind_diff.txt":            {game + "d1mr": 6},
		bencher + "json_one_drd_all_metrics.txt":           {game + "drd_errors": 1, game + "drd_suppressed_errors": 3},
		bencher + "json_one_memcheck_all_metrics.txt":      {game + "memcheck_contexts": 0},
		bencher + "json_pretty_mixed_foreign_ndjson.txt":   {game + "d1mr": 6, game + "d1_miss_rate": 0.1},
		bencher + "json_pretty_one_callgrind_indented.txt": {game + "d1mr": 6},
		bencher + "json_truncated_pretty_then_ndjson.txt":  {game + "d1mr": 6, game + "d1_miss_rate": 0.1},
	} {
		data, err := os.ReadFile(filepath.Join(fixtures, file))
		if os.IsNotExist(err) {
			t.Skipf("no fixtures: %v", err)
		}
		sheet := NewSheet("test")
		if _, err := File(bytes.NewReader(data), file, "", sheet); err != nil {
			t.Error(err)
		}
		got := figures{}
		for _, m := range sheet.Metrics() {
			got[m.Name] = m.Value
		}
		for name, v := range want {
			is(name)(t, got, v)
		}
	}
}
