package parse

import (
	"fmt"
	"strings"
	"testing"
)

const criterionSample = `{"sampling_mode":"Linear","iters":[10.0,20.0,30.0],"times":[1000.0,1800.0,3300.0]}`
const criterionEstimates = `{"mean":{"point_estimate":101.5},"median":{"point_estimate":99.5},"std_dev":{"point_estimate":8}}`

// TestCriterionNames reads one benchmark from where Criterion writes it.
func TestCriterionNames(t *testing.T) {
	for _, tt := range []struct{ file, data, want string }{
		{"target/criterion/fib 20/new/sample.json", criterionSample, "bench/fib 20.ns_per_op = 100 [100 90 110]"},
		{"/w/target/criterion/sort/quick/1000/new/estimates.json", criterionEstimates, "bench/sort/quick/1000.ns_per_op = 99.5 []"},
		{`..\target\criterion\sort\quick\main\estimates.json`, criterionEstimates, "bench/sort/quick.ns_per_op = 99.5 []"},
		{"/tmp/artifact/sort/quick/1000/new/sample.json", criterionSample, "bench/sort/quick/1000.ns_per_op = 100 [100 90 110]"},
		{"new/sample.json", criterionSample, "bench/criterion.ns_per_op = 100 [100 90 110]"},
		{"fib_20-estimates.json", criterionEstimates, "bench/fib_20.ns_per_op = 99.5 []"},
		{"target/criterion/fib 20/new/tukey.json", "[80.1,90.2,110.3,120.4]", ""},
		{"target/criterion/fib 20/new/benchmark.json", `{"group_id":"fib 20","full_id":"fib 20","directory_name":"fib 20"}`, ""},
		{"target/criterion/fib 20/base/sample.json", criterionSample, "is in Criterion's folder base, which has no result of this run: want target/criterion/**/new/*.json"},
		{"target/criterion/fib 20/change/estimates.json", criterionEstimates, "is in Criterion's folder change"},
	} {
		sheet := NewSheet("")
		_, err := File(strings.NewReader(tt.data), tt.file, "", sheet)
		got := ""
		for _, m := range sheet.Metrics() {
			got += fmt.Sprintf("%s = %v %v", m.Name, m.Value, m.Samples)
		}
		if err != nil {
			got = err.Error()
		}
		if got != tt.want && (err == nil || !strings.Contains(got, tt.want)) {
			t.Errorf("%s: %s, want %s", tt.file, got, tt.want)
		}
	}
}

// TestCriterionFolder reads the files of one benchmark as a glob names them, and
// its text: the samples are the metric.
func TestCriterionFolder(t *testing.T) {
	sheet := NewSheet("")
	for _, f := range [][2]string{
		{"target/criterion/fib 20/new/estimates.json", criterionEstimates},
		{"target/criterion/fib 20/new/sample.json", criterionSample},
		{"out.txt", "fib 20                  time:   [98.0 ns 102.00 ns 110.00 ns]\n"},
	} {
		if _, err := File(strings.NewReader(f[1]), f[0], "", sheet); err != nil {
			t.Fatal(err)
		}
	}
	all := sheet.Metrics()
	if got, want := fmt.Sprintf("%d %s %v", len(all), all[0].Name, all[0].Samples), "1 bench/fib 20.ns_per_op [100 90 110]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
