package parse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// adopted reads all runs of a history, whose kind the content tells where it is
// empty, and all errors.
func adopted(t *testing.T, text, kind string, o HistoryOptions) (runs []collect.Run, faults []string) {
	t.Helper()
	h, in, err := OpenHistory(strings.NewReader(text), "f", kind)
	if err != nil {
		return nil, []string{err.Error()}
	}
	for run, err := range h.Runs(in, "f", o) {
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		runs = append(runs, run)
	}
	return runs, faults
}

func collected(t *testing.T, text, format string) []collect.Metric {
	t.Helper()
	s := NewSheet("")
	if _, err := File(strings.NewReader(text), "f", format, s); err != nil {
		t.Fatal(err)
	}
	return s.Metrics()
}

// continues wants each adopted metric to be one that collect makes of the tool's
// own output, of the same unit, direction and value. Only says of which of the
// collected ones nothing was kept.
func continues(t *testing.T, name string, past, now []collect.Metric, only func(name string) bool) {
	t.Helper()
	byName := map[string]collect.Metric{}
	for _, m := range now {
		byName[m.Name] = m
	}
	for _, m := range past {
		same, ok := byName[m.Name]
		if !ok {
			t.Errorf("%s: %q is adopted, and not what collect makes", name, m.Name)
			continue
		}
		delete(byName, m.Name)
		if m.Unit != same.Unit || m.Better != same.Better {
			t.Errorf("%s: %q is in %q, better %q; collect has %q, %q", name, m.Name, m.Unit, m.Better, same.Unit, same.Better)
		}
		if near := math.Abs(m.Value-same.Value) <= 1e-9*math.Abs(same.Value); !near && only == nil {
			t.Errorf("%s: %q = %v, collect has %v", name, m.Name, m.Value, same.Value)
		}
	}
	for missing := range byName {
		if only == nil || only(missing) {
			t.Errorf("%s: %q is what collect makes, and not adopted", name, missing)
		}
	}
}

// gabFile is data.js with one run.
func gabFile(tool, benches string) string {
	return fmt.Sprintf("window.BENCHMARK_DATA = {\n  \"lastUpdate\": 1700000000000,\n  \"repoUrl\": \"https://github.com/o/r\",\n  \"entries\": {\n    \"Suite\": [\n"+
		`{"commit":{"id":"abc123","timestamp":"2023-11-14T22:00:00+01:00","url":"https://github.com/o/r/commit/abc123"},"date":1700000000123,"tool":%q,"benches":%s}`+
		"\n    ]\n  }\n}", tool, benches)
}

// TestHistoryContinues: what github-action-benchmark kept of a tool's output has the
// names that collect gives that output from now on.
func TestHistoryContinues(t *testing.T) {
	t.Parallel()
	goText := "goos: linux\ngoarch: amd64\npkg: example.com/m\n" +
		"BenchmarkFib10-8   \t 5000000\t       325 ns/op\t      16 B/op\t       2 allocs/op\n" +
		"BenchmarkFib10-8   \t 5000000\t       331 ns/op\t      16 B/op\t       2 allocs/op\n" +
		"BenchmarkRead/size=10-8 \t 100\t 12.5 ns/op\t 80.00 MB/s\t 3 widgets/op\nBenchmarkOne \t 100\t 7 ns/op\nPASS\nok  \texample.com/m\t1s\n"
	goBenches := `[
{"name":"BenchmarkFib10","value":325,"unit":"ns/op\t      16 B/op\t       2 allocs/op","extra":"5000000 times\n8 procs"},
{"name":"BenchmarkFib10 - ns/op","value":325,"unit":"ns/op","extra":"5000000 times\n8 procs"},
{"name":"BenchmarkFib10 - B/op","value":16,"unit":"B/op","extra":"5000000 times\n8 procs"},
{"name":"BenchmarkFib10 - allocs/op","value":2,"unit":"allocs/op","extra":"5000000 times\n8 procs"},
{"name":"BenchmarkFib10","value":331,"unit":"ns/op\t      16 B/op\t       2 allocs/op","extra":"5000000 times\n8 procs"},
{"name":"BenchmarkFib10 - ns/op","value":331,"unit":"ns/op","extra":"5000000 times\n8 procs"},
{"name":"BenchmarkFib10 - B/op","value":16,"unit":"B/op","extra":"5000000 times\n8 procs"},
{"name":"BenchmarkFib10 - allocs/op","value":2,"unit":"allocs/op","extra":"5000000 times\n8 procs"},
{"name":"BenchmarkRead/size=10 - ns/op","value":12.5,"unit":"ns/op","extra":"100 times\n8 procs"},
{"name":"BenchmarkRead/size=10 - MB/s","value":80,"unit":"MB/s","extra":"100 times\n8 procs"},
{"name":"BenchmarkRead/size=10 - widgets/op","value":3,"unit":"widgets/op","extra":"100 times\n8 procs"},
{"name":"BenchmarkOne","value":7,"unit":"ns/op","extra":"100 times"}]`
	for _, tt := range []struct{ tool, format, text, benches string }{
		{"go", "gobench", goText, goBenches},
		{"cargo", "cargo-bench", "test bench_a ... bench:     211,834 ns/iter (+/- 70,126)\n", `[{"name":"bench_a","value":211834,"range":"± 70126","unit":"ns/iter"}]`},
		{"pytest", "pytest-benchmark", `{"benchmarks":[{"fullname":"b.py::test_a","stats":{"mean":0.002,"rounds":3}}]}`, `[{"name":"b.py::test_a","value":500,"unit":"iter/sec","range":"stddev: 0.1","extra":"mean: 2 msec\nrounds: 3"}]`},
		{"benchmarkjs", "benchmarkjs", "fib(10) x 1,431,759 ops/sec ±0.74% (93 runs sampled)\n", `[{"name":"fib(10)","value":1431759,"unit":"ops/sec","range":"±0.74%","extra":"93 samples"}]`},
		{
			"googlecpp", "googlebench", `{"benchmarks":[{"name":"f/8","run_type":"iteration","real_time":2.5,"cpu_time":2,"time_unit":"us"},{"name":"f/8","run_type":"iteration","real_time":3.5,"cpu_time":3,"time_unit":"us"},` +
				`{"name":"f/8_mean","run_name":"f/8","run_type":"aggregate","aggregate_name":"mean","real_time":3,"cpu_time":2.5,"time_unit":"us"},{"name":"f/8_stddev","run_name":"f/8","run_type":"aggregate","aggregate_name":"stddev","real_time":1,"cpu_time":1,"time_unit":"us"}]}`,
			`[{"name":"f/8","value":2.5,"unit":"us/iter","extra":"iterations: 7\ncpu: 2 us\nthreads: 1"},{"name":"f/8","value":3.5,"unit":"us/iter","extra":"iterations: 7\ncpu: 3 us\nthreads: 1"},` +
				`{"name":"f/8_mean","value":3,"unit":"us/iter","extra":"iterations: 2\ncpu: 2.5 us\nthreads: 1"},{"name":"f/8_stddev","value":1,"unit":"us/iter","extra":"iterations: 2\ncpu: 1 us\nthreads: 1"}]`,
		},
		{
			"jmh", "jmh", `[{"benchmark":"p.C.m","mode":"thrpt","params":{"size":"100"},"primaryMetric":{"score":42.5,"scoreUnit":"ops/ms"}}]`,
			`[{"name":"p.C.m ( {\"size\":\"100\"} )","value":42.5,"unit":"ops/ms","extra":"iterations: 5\nforks: 1\nthreads: 1"}]`,
		},
		{
			"benchmarkdotnet", "benchmarkdotnet", `{"HostEnvironmentInfo":{},"Benchmarks":[{"Namespace":"My","Type":"Sorts","Method":"Quick","Parameters":"N=10&Text=a b","Statistics":{"Mean":24.5}}]}`,
			`[{"name":"My.Sorts.Quick(N: 10, Text: \"a b\")","value":24.5,"unit":"ns","range":"± 0.5"}]`,
		},
		{
			"julia", "julia", `[{"Julia":"1.9","BenchmarkTools":"1.0"},[["BenchmarkGroup",{"data":{"fib":["BenchmarkGroup",{"data":{"10":["TrialEstimate",{"time":334.5,"memory":16,"allocs":1}]}}]}}]]]`,
			`[{"name":"fib/10","value":334.5,"unit":"ns","extra":"gctime=0\nmemory=16\nallocs=1\nparams={}"}]`,
		},
		{"benchmarkluau", "luau", "SUCCESS: base64 : 15.041ms +/- 0.636% on luau\n", `[{"name":"base64","value":15.041,"unit":"ms","range":"±0.636%","extra":"luau"}]`},
		{"customSmallerIsBetter", "customSmallerIsBetter", `[{"name":"load","unit":"Percent","value":"50"}]`, `[{"name":"load","unit":"Percent","value":50}]`},
		{"customBiggerIsBetter", "customBiggerIsBetter", `[{"name":"mem","unit":"Megabytes","value":100}]`, `[{"name":"mem","unit":"Megabytes","value":100}]`},
	} {
		runs, faults := adopted(t, gabFile(tt.tool, tt.benches), "", HistoryOptions{Package: "example.com/m"})
		if len(faults) > 0 || len(runs) != 1 {
			t.Errorf("%s: %d runs, errors %q", tt.tool, len(runs), faults)
			continue
		}
		run := runs[0]
		if run.Name != "Suite" || run.Commit != "abc123" || run.Repository != "o/r" || run.Time.UnixMilli() != 1700000000123 {
			t.Errorf("%s: origin %+v", tt.tool, run.Origin)
		}
		continues(t, tt.tool, run.Metrics, collected(t, tt.text, tt.format), nil)
	}
}

// TestHistoryOfPeer takes what github-action-benchmark makes of the fixtures, as its
// own tests have it, and what collect makes of them.
func TestHistoryOfPeer(t *testing.T) {
	t.Parallel()
	tools := map[string]string{"gobench": "go", "cargo-bench": "cargo", "googlebench": "googlecpp", "jmh": "jmh", "pytest-benchmark": "pytest", "luau": "benchmarkluau", "gab-custom": "customSmallerIsBetter"}
	seen := 0
	for _, row := range readIndex(t) {
		var peer struct {
			Benches []json.RawMessage `json:"peer_snapshot"` // the first of them
			N       int               `json:"peer_snapshot_n"`
		}
		tool := tools[row.format]
		if tool == "" || json.Unmarshal([]byte(row.expected), &peer) != nil || peer.Benches == nil {
			continue
		}
		data, err := os.ReadFile(filepath.Join(fixtures, row.path))
		if err != nil {
			t.Fatal(err)
		}
		format := row.format
		if format == "gab-custom" {
			format = tool
		}
		benches, err := json.Marshal(peer.Benches)
		if err != nil {
			t.Fatal(err)
		}
		runs, faults := adopted(t, gabFile(tool, string(benches)), "github-action-benchmark", HistoryOptions{Package: "github.com/example/mypackage"})
		if len(faults) > 0 || len(runs) != 1 {
			t.Errorf("%s: %d runs, errors %q", row.path, len(runs), faults)
			continue
		}
		// The snapshot has not the words beside the value, where the CPU time stands.
		continues(t, row.path, runs[0].Metrics, collected(t, string(data), format), func(name string) bool {
			return len(peer.Benches) == peer.N && !strings.HasSuffix(name, ".cpu_ns_per_op")
		})
		seen++
	}
	if seen < 8 {
		t.Errorf("the index has %d snapshots of github-action-benchmark, want 8", seen)
	}
}

// TestHistorySame: the other histories have the metrics that collect makes of the
// same results.
func TestHistorySame(t *testing.T) {
	t.Parallel()
	perf := `{"results":[{"branch":{"name":"main"},"testbed":{"name":"box"},"benchmark":{"name":"a::b"},"measure":{"name":"Latency","slug":"latency"},"metrics":[{"report":"r1","start_time":"2024-01-02T03:04:05Z","version":{"hash":"abc"},"metric":{"value":12.5}}]},` +
		`{"branch":{"name":"main"},"testbed":{"name":"box"},"benchmark":{"name":"a::b"},"measure":{"name":"Disk","slug":"disk-use"},"metrics":[{"report":"r1","start_time":"2024-01-02T03:04:05Z","version":{"hash":"abc"},"metric":{"value":3}}]}]}`
	gobenchText := "pkg: p\nBenchmarkA-4 \t 10 \t 5 ns/op\n"
	gobenchdataText := `[{"Version":"abc","Date":1589695147,"Tags":["ref=refs/heads/main"],"Suites":[{"Pkg":"p","Benchmarks":[{"Name":"BenchmarkA-4","NsPerOp":5,"Mem":{"BytesPerOp":1,"AllocsPerOp":2,"MBPerSec":3},"Custom":{"x/op":4}}]}]}]`
	octocov := `{"repository":"o/r","ref":"refs/heads/main","commit":"abc","coverage":{"type":"loc","total":10,"covered":5,"files":[]},"code_to_test_ratio":{"code":10,"test":5},"test_execution_time":2000000000,"custom_metrics":[{"key":"k","metrics":[{"key":"m","value":1,"unit":"ms"}]}],"timestamp":"2021-10-13T13:00:05Z"}`
	asv := `{"commit_hash":"abc","date":1378902176000,"params":{"machine":"box"},"python":"2.7","requirements":{"numpy":"1.8"},"results":{"time_a":0.5,"mem_b":NaN,"track_c":3}}`
	for _, tt := range []struct{ kind, text, format, now, name string }{
		{"bencher-perf", perf, "bmf", `{"a::b":{"latency":{"value":12.5},"disk-use":{"value":3}}}`, "box"},
		{"bmf", `{"a::b":{"latency":{"value":12.5}}}`, "bmf", `{"a::b":{"latency":{"value":12.5}}}`, ""},
		{"gobench", gobenchText, "gobench", gobenchText, ""},
		{"gobench", "commit: abc\ndate: 2024-01-02T03:04:05Z\n" + gobenchText, "gobench", gobenchText, ""},
		{"gobenchdata", gobenchdataText, "gobenchdata", gobenchdataText, ""},
		{"octocov", octocov, "octocov-report", octocov, ""},
		{"asv", asv, "asv-json", asv, "box"},
		{"hyperfine", `{"results":[{"command":"x","mean":1,"median":1,"times":[1,1]}]}`, "hyperfine", `{"results":[{"command":"x","mean":1,"median":1,"times":[1,1]}]}`, ""},
	} {
		runs, faults := adopted(t, tt.text, tt.kind, HistoryOptions{})
		if len(faults) > 0 || len(runs) != 1 {
			t.Errorf("%s: %d runs, errors %q", tt.kind, len(runs), faults)
			continue
		}
		if runs[0].Name != tt.name {
			t.Errorf("%s: the suite is %q, want %q", tt.kind, runs[0].Name, tt.name)
		}
		continues(t, tt.kind, runs[0].Metrics, collected(t, tt.now, tt.format), nil)
	}
}

// FuzzHistories gives a kind of history any bytes: what comes out could stand in a
// record, but for the ID and the time that the file does not say.
func FuzzHistories(f *testing.F) {
	f.Add(uint8(0), []byte(gabFile("go", `[{"name":"BenchmarkA (p) - ns/op","value":1,"unit":"ns/op","extra":"1 times\n2 procs"}]`)))
	f.Add(uint8(3), []byte(`{"commit_hash":"a","date":1e12,"params":{"machine":"m"},"requirements":{},"results":{"time_a":1}}`))
	f.Add(uint8(5), []byte(`[{"run_id":"r","timestamp":"2024-01-02","tags":{"name":"n","k":1},"stats":{"data":["1",2],"unit":"i/s"}}]`))
	f.Add(uint8(7), []byte("commit: a\ndate: 2024-01-02\nBenchmarkA-2 1 2 ns/op\ncommit: b\nBenchmarkA-2 1 3 ns/op\n"))
	f.Add(uint8(8), []byte(`{"id":1,"time":1700000000,"metrics":{"a":{"b":true,"c":{"value":1,"unit":"s"}}}}`))
	f.Add(uint8(9), []byte("time;commit;a\n2024.01.01 3:00:00 +0100;x;1,5\n"))
	for _, row := range fixtureRows() {
		data, err := os.ReadFile(filepath.Join(fixtures, row.path))
		if at := slices.IndexFunc(Histories(), func(h History) bool { return h.Fits(row.path, data[:min(len(data), HeadBytes)]) }); err == nil && at >= 0 && len(data) < 64<<10 {
			f.Add(uint8(at), data)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		all := Histories()
		h := all[int(which)%len(all)]
		DetectHistory("", data)
		_, in, err := OpenHistory(bytes.NewReader(data), "f", h.Name)
		if err != nil {
			return
		}
		found := 0
		for run, err := range h.Runs(in, "f", HistoryOptions{}) {
			if found++; err != nil {
				continue
			}
			if run.ID == "" {
				run.ID = "x"
			}
			if !h.OwnIDs {
				slices.SortFunc(run.Metrics, func(a, b collect.Metric) int { return strings.Compare(a.Name, b.Name) })
				checkMetrics(t, "metrics-"+h.Name, run.Metrics)
			}
			if run.Time.IsZero() {
				continue
			}
			if _, err := collect.AppendRecord(nil, run); err != nil {
				t.Errorf("%s: %v", h.Name, err)
			}
		}
		if found == 0 {
			t.Errorf("%s: neither a run nor an error", h.Name)
		}
	})
}
