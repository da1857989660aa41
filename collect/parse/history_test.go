package parse

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// told writes runs in short: name, commit, branch, time and metrics.
func told(runs []collect.Run) string {
	var b strings.Builder
	for _, r := range runs {
		fmt.Fprintf(&b, "%s|%s|%s|%s|%s:", r.ID, r.Name, r.Commit, r.Branch, r.Time.Format("2006-01-02T15:04:05Z07:00"))
		for _, m := range r.Metrics {
			fmt.Fprintf(&b, " %s=%v%s", m.Name, m.Value, m.Unit)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestHistoryKeepsTheGood: each bad entry is told with its place, and the others are
// there with where they come from.
func TestHistoryKeepsTheGood(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text, kind, runs string
		faults                 []string
	}{
		{
			"data.js", "window.BENCHMARK_DATA = {\n\"entries\":{\"A\":[\n" +
				`{"commit":{"id":"a1","url":"https://github.com/o/r/commit/a1"},"date":1700000000000,"tool":"cargo","benches":[{"name":"x","value":1,"unit":"ns/iter"},{"name":"y","value":null,"unit":"ns/iter"}]},` + "\n" +
				`{"commit":{"id":"a2"},"date":"soon","benches":[]},` + "\n" +
				`{"commit":{"id":"a3"},"tool":"cargo","benches":[{"name":"x","value":1,"unit":"ns/iter"}]},` + "\n" +
				`{"commit":{"id":"a4","timestamp":"2023-11-14T22:13:21Z"},"tool":"cargo","benches":[]},` + "\n" +
				`{"commit":{"id":"a5","timestamp":"2023-11-14T22:13:21+01:00"},"tool":"cargo","benches":[{"name":"x","value":3,"unit":"us/iter"}]}` + "\n]}};\n",
			"", "|A|a1||2023-11-14T22:13:20Z: bench/x.ns_per_op=1ns/op\n|A|a5||2023-11-14T21:13:21Z: bench/x.ns_per_op=3000ns/op\n",
			[]string{`f:3:1: run of "A" at commit a1: benchmark "y" has no value: want a number`, `f:4:1: "soon" is no number`, `f:5:1: run of "A" has no "date"`, `f:6:1: run of "A" at commit a4 has no benchmark`},
		},
		{
			"data.js that was cut off", `window.BENCHMARK_DATA = {"lastUpdate":1,"entries":{"A":[{"commit":{"id":"a1"},"date":1700000000000,"tool":"cargo","benches":[{"name":"x","value":1,"unit":"ns/iter"}]},{"commit":`,
			"", "|A|a1||2023-11-14T22:13:20Z: bench/x.ns_per_op=1ns/op\n", []string{"the file ends within a value: it was cut off"},
		},
		{
			"gobenchdata", `[{"Version":"b1","Date":1589695147,"Tags":["ref=refs/pull/7/merge"],"Suites":[{"Pkg":"p","Benchmarks":[{"Name":"BenchmarkA","NsPerOp":1},{"Name":"x"}]}]},` + "\n" + `{"Version":"b2","Suites":[]},{"Version":"b3","Date":"x"}]`,
			"", "||b1|pull/7|2020-05-17T05:59:07Z: bench/p.A.allocs_per_op=0allocs/op bench/p.A.bytes_per_op=0B/op bench/p.A.ns_per_op=1ns/op\n",
			[]string{`f:1:2: run of version "b1" benchmark of "p" has not "Name" and "NsPerOp"`, `f:2:1: run of version "b2" has no "Date"`, `f:2:56: "Date" is string: want a number`},
		},
		{
			"bencher-perf", `{"results":[{"branch":{"name":"main"},"testbed":{"name":"t"},"benchmark":{"name":"b"},"measure":{"slug":"latency"},"metrics":[{"report":"r2","start_time":"2024-01-03T00:00:00Z","version":{"hash":"c2"},"metric":{"value":2}},{"report":"r1","start_time":"2024-01-02T00:00:00Z","metric":{"value":1}},{"report":"r1","start_time":"2024-01-02T00:00:00Z","metric":{"value":3}},{"metric":{}}]},` + "\n{}]}",
			"", "r1|t||main|2024-01-02T00:00:00Z: bench/b.ns_per_op=2ns/op\nr2|t|c2|main|2024-01-03T00:00:00Z: bench/b.ns_per_op=2ns/op\n",
			[]string{`f:1:13: latency of benchmark "b" has a metric without "value" or "start_time"`, `f:2:1: series has no "benchmark" and "measure"`},
		},
		{
			"bencher-perf", `{"project":{"slug":"p"},"start_time":null,"results":[{"branch":{"name":"main"},"testbed":{"name":"t"},"benchmark":{"name":"b"},"variant":{"parameters":{}},"measure":{"slug":"latency","units":"nanoseconds (ns)"},"metrics":[{"report":"r1","iteration":0,"start_time":"2024-01-02T00:00:00Z","version":{"number":0,"hash":null},"metrics":{"value":{"value":1},"lower_value":{"value":0.5}},"metric":{"value":1,"lower_value":0.5},"boundary":null},{"report":"r1","start_time":"2024-01-02T00:00:00Z","metrics":{"allocations":{"value":9}}}]},` +
				`{"branch":{"name":"main"},"testbed":{"name":"t"},"benchmark":{"name":"b"},"variant":{"parameters":{"size_mb":16,"mode":"fast"}},"measure":{"slug":"latency"},"metrics":[{"report":"r1","start_time":"2024-01-02T00:00:00Z","version":{"hash":null},"metrics":{"value":{"value":7}}}]}]}`,
			"", "r1|t||main|2024-01-02T00:00:00Z: bench/b.ns_per_op=1ns/op bench/b.ns_per_op[mode=fast,size_mb=16]=7ns/op\n", nil,
		},
		{
			"conbench", `{"data":[{"run_id":"r","batch_id":"x","timestamp":"2024-01-02T03:04:05","tags":{"id":"9","name":"read","size":10},"stats":{"data":["0.5","0.7",null],"unit":"s"},"error":null,"commit":{"sha":"c","url":"https://github.com/o/r/commit/c","branch":"o:main"}},` + "\n" +
				`{"run_id":"r","batch_id":"x","timestamp":"2024-01-02T03:00:00Z","tags":{"name":"scan"},"stats":{"mean":"3","unit":"i/s"}},{"run_id":"r","timestamp":"2024-01-02T03:00:00Z","tags":{"name":"broken"},"error":{"stack_trace":"x"}},` + "\n" +
				`{"run_id":"r","timestamp":"2024-01-02T03:00:00Z","tags":{"name":"empty"},"stats":{"data":[],"unit":"s"}}],"metadata":{"next_page_cursor":null}}`,
			"", "r||c|main|2024-01-02T03:00:00Z: bench/read.ns_per_op[size=10]=6e+08ns/op bench/scan.items_per_s=3items/s\n",
			[]string{`f:3:1: result of "empty" has no value: want a number`},
		},
		{
			"conbench by lines", `{"run_id":"r","timestamp":"2024-01-02T03:04:05Z","tags":{"name":"n"},"stats":{"data":[1],"unit":"B/s"},"github":{"commit":"c","repository":"https://github.com/o/r"}}` + "\n" + `{"run_id":"s","timestamp":"x","tags":{"name":"n"},"stats":{}}` + "\n",
			"", "r||c||2024-01-02T03:04:05Z: bench/n.mb_per_s=1e-06MB/s\n", []string{`time "x": want one such as 2025-05-30T14:30:45Z`},
		},
		{
			"gobench with configurations", "goos: linux\ncommit: a\ncommit-time: 2024-01-02T03:04:05Z\n\npkg: p\nBenchmarkA-2 1 5 ns/op\nBenchmarkA-2 1 7 ns/op\ncommit: b\ncommit-time: yesterday\nBenchmarkA-2 1 9 ns/op\ncommit: a\ncommit-time: 2024-01-02T03:04:05Z\nBenchmarkA-2 1 6 ns/op\nBenchmarkB-2 1 ",
			"", "||b||0001-01-01T00:00:00Z: bench/p.A.ns_per_op=9ns/op\n||a||2024-01-02T03:04:05Z: bench/p.A.ns_per_op=6ns/op\n",
			[]string{`time yesterday: want one such as`, "f:14:16: "},
		},
		{
			"records and relatives", `{"run_id":"a","timestamp":"2024-01-02T03:04:05Z","metrics":{"x":1},"own":[1]}` + "\n" +
				`{"id":7,"time":1704164645,"sha":"c","ref_name":"main","metrics":{"cpu":{"load":1.5,"ok":true,"none":null},"t":{"value":2,"unit":"s","better":"smaller"},"s":[1,3]}}` + "\n" +
				`{"run_id":"b","metrics":{"x":1}}` + "\n" + `{"run_id":"c","timestamp":"2024-01-02T03:04:05","metrics":{"x":"much"}}` + "\n" +
				`{"timestamp":"2024-01-02 03:04:05.5","metrics":[{"name":"y","value":1,"unit":"MB"}]}` + "\n" + `{"run_id":"torn","timest`,
			"", "a||||2024-01-02T03:04:05Z: x=1\n7||c|main|2024-01-02T03:04:05Z: cpu.load=1.5 cpu.ok=1 t=2s s=2\n||||2024-01-02T03:04:05Z: y=1MB\n",
			[]string{"f: line 3: ", "f: line 4: ", "f: line 6 is torn"},
		},
		{
			"array of records", "[\n" + `{"run_id":"a","timestamp":"2024-01-02T03:04:05Z","own":{` + "\n" + `"k":1},"metrics":{"x":1}},` + "\n" + `{"run_id":"b"}]`,
			"", "a||||2024-01-02T03:04:05Z: x=1\n", []string{"f:4:1: "},
		},
		{
			"table", "# of a service\ntime;commit;a;host;b\n2024.01.01 3:00:00 +0100;c1;1,5;x;\n2024.01.02 3:00:00 +0100;c2;2,5;x;much\nnever;c3;1;x;2\n2024.01.03 3:00:00 +0100;c4\n2024.01.04 3:00:00 +0100;c5;oops;x;7\n",
			"", "||c1||2024-01-01T02:00:00Z: a=1.5\n||c2||2024-01-02T02:00:00Z: a=2.5\n",
			[]string{`f:5: time "never" is no time`, "f:5: row has no time", "f:6: row has 2 cells: want 5", `f:7: "oops" of "a" is no number`, "f:7: row has no number"},
		},
		{"table without time", "commit,a\nc1,1\n", "", "", []string{"f:1:1: no column is called time, timestamp or date"}},
		{"empty file", "", "", "", []string{"f: file is empty"}},
		{"no run", `{"lastUpdate":1,"entries":{}}`, "", "", []string{"f: no run in it"}},
		{"other text", "dear diary\n", "", "", []string{`no known history: it is text that begins with "dear diary"`}},
		{"wrong kind", "dear diary\n", "gobenchdata", "", []string{"f:1:1: is no JSON"}},
		{"unknown kind", "x", "gobenchdate", "", []string{`unknown format "gobenchdate": want auto, `}},
	} {
		for _, packed := range []bool{false, true} {
			text := tt.text
			if packed {
				var b bytes.Buffer
				z := gzip.NewWriter(&b)
				if _, err := z.Write([]byte(text)); err != nil || z.Close() != nil {
					t.Fatal(err)
				}
				text = b.String()
			}
			runs, faults := adopted(t, text, tt.kind, HistoryOptions{})
			if got := told(runs); got != tt.runs {
				t.Errorf("%s: runs\n%s, want\n%s", tt.name, got, tt.runs)
			}
			for i, want := range tt.faults {
				if i >= len(faults) || !strings.Contains(faults[i], want) {
					t.Errorf("%s: errors %q, want one with %q at %d", tt.name, faults, want, i)
				}
			}
			if len(faults) != len(tt.faults) {
				t.Errorf("%s: %d errors %q, want %d", tt.name, len(faults), faults, len(tt.faults))
			}
		}
	}
}

// TestHistoryOfPullRequests: what a pull request measured is said to be of one.
func TestHistoryOfPullRequests(t *testing.T) {
	t.Parallel()
	result := `[{"run_id":"r","run_reason":"%s","timestamp":"2024-01-02T03:04:05Z","tags":{"name":"n"},"stats":{"data":[1],"unit":"s"},"github":{"pr_number":%s}}]`
	report := `{"repository":"o/r","ref":"%s","commit":"c","coverage":{"type":"loc","total":10,"covered":5},"timestamp":"2021-10-13T13:00:05Z"}`
	for text, want := range map[string]string{
		fmt.Sprintf(result, "commit", "null"):       "",
		fmt.Sprintf(result, "pull request", "null"): "pull_request",
		fmt.Sprintf(result, "commit", "7"):          "pull_request",
		fmt.Sprintf(report, "refs/pull/7/merge"):    "pull_request",
		fmt.Sprintf(report, "refs/heads/main"):      "",
		fmt.Sprintf(report, "refs/tags/v1"):         "",
	} {
		runs, faults := adopted(t, text, "", HistoryOptions{})
		if len(faults) > 0 || len(runs) != 1 || runs[0].Event != want {
			t.Errorf("%s: %+v, errors %q, want the event %q", text, runs, faults, want)
		}
	}
}

// TestHistoryStops: whoever wants no more runs gets none.
func TestHistoryStops(t *testing.T) {
	t.Parallel()
	text := "time,a\n2024-01-01,1\nnever,2\n2024-01-03,3\n"
	h, in, err := OpenHistory(strings.NewReader(text), "f", "")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for range h.Runs(in, "f", HistoryOptions{}) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d runs, want 1", n)
	}
}

// TestHistoryRefused: collect says how to adopt what is a history and no run.
func TestHistoryRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		gabFile("cargo", `[]`):                                             "plumbline import github-action-benchmark FILE adopts it",
		"time,commit,a\n2024-01-01,c,1\n":                                  "plumbline import csv FILE adopts it",
		`{"run_id":"a","timestamp":"2024-01-02T03:04:05Z","metrics":{}}`:   "plumbline import jsonl FILE adopts it",
		`{"results":[{"benchmark":{},"measure":{}}]}`:                      "plumbline import bencher-perf FILE adopts it",
		`[{"run_id":"r","stats":{"data":[]}}]`:                             "plumbline import conbench FILE adopts it",
		"[1, 2, 3]":                                                        "plumbline import FORMAT FILE adopts histories that say the time",
		`[{"timestamp":"2024-01-02T03:04:05Z","metrics":{"a":1},"x":"y"}]`: "plumbline import jsonl FILE adopts it",
	} {
		_, err := File(strings.NewReader(text), "f", "", NewSheet(""))
		if err == nil || !strings.Contains(err.Error(), "holds many runs and not one") || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %s", text, err, want)
		}
	}
}

// TestHistoryLarge: of a long history one run is in memory at a time.
func TestHistoryLarge(t *testing.T) {
	t.Parallel()
	entry := `{"commit":{"id":"a1"},"date":1700000000000,"tool":"cargo","benches":[{"name":"x","value":1,"unit":"ns/iter"}]},` + "\n"
	const entries = 20_000
	h, in, err := OpenHistory(repeat(`window.BENCHMARK_DATA = {"entries":{"A":[`, entry, entries, strings.TrimSuffix(entry, ",\n")+"]}}"), "f", "")
	if err != nil {
		t.Fatal(err)
	}
	n, most := 0, 0
	for run, err := range h.Runs(in, "f", HistoryOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		most = max(most, len(run.Metrics))
	}
	if n != entries+1 || most != 1 {
		t.Errorf("%d runs of %d metrics, want %d of 1", n, most, entries+1)
	}
}
