package parse

import "testing"

// counted are keys of the index that no metric expresses.
func counted(more map[string]string) map[string]string {
	all := map[string]string{
		"n":               "benchmarks are not counted",
		"peer_snapshot":   "another program's reading of the same figures",
		"peer_snapshot_n": "benchmarks are not counted",
		"unit":            "no figure",
	}
	return merged(all, more)
}

// indexBenchJSON has the benchmarks whose tools write JSON.
var indexBenchJSON = map[string]indexed{
	"googlebench": {
		format: "googlebench",
		figures: map[string]func(t *testing.T, got figures, want any){
			"benches": benches("name", figure{"real_time", "bench/*.ns_per_op", 1}, figure{"cpu_time", "bench/*.cpu_ns_per_op", 1}),
		},
		beyond: counted(nil),
	},
	"hyperfine": {
		format: "hyperfine",
		figures: map[string]func(t *testing.T, got figures, want any){
			"benches": benches("command", figure{"mean_s", "bench/*.ns_per_op:mean", 1e9},
				figure{"median_s", "bench/*.ns_per_op", 1e9}, figure{"runs", "bench/*.ns_per_op:n", 1}),
		},
		beyond: counted(nil),
	},
	"jmh": {
		format: "jmh",
		figures: map[string]func(t *testing.T, got figures, want any){
			"benches": benches("name", figure{"score", "bench/*.ops_per_s:mean", 1}),
		},
		beyond: counted(nil),
	},
	"benchmarkdotnet": {
		format: "benchmarkdotnet",
		figures: map[string]func(t *testing.T, got figures, want any){
			"benches": benches("name", figure{"mean_ns", "bench/*.ns_per_op:mean", 1}, figure{"allocated_B", "bench/*.bytes_per_op", 1}),
		},
		beyond: counted(nil),
	},
	"pytest-benchmark": {
		format: "pytest-benchmark",
		figures: map[string]func(t *testing.T, got figures, want any){
			"benches": benches("name", figure{"median", "bench/*.ns_per_op", 1e9}),
		},
		beyond: counted(nil),
	},
}
