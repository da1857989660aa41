package parse

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGotestTextFixtures reads the index's files of this format, for which it has
// no figures: these were counted by hand.
func TestGotestTextFixtures(t *testing.T) {
	for name, want := range map[string]figures{
		"001-pass-fail-skip":           {"item_count": 5, "passed": 2, "failed": 1, "skipped": 2, "suite_success": 0, "total_seconds": 0.461},
		"009-coverage":                 {"item_count": 2, "passed": 2, "suite_success": 1, "total_seconds": 0.16},
		"010-multipkg-coverage":        {"item_count": 3, "passed": 3, "suite_success": 1, "total_seconds": 4.6},
		"013-syntax-error":             {"item_count": 2, "passed": 2, "suite_success": 0, "total_seconds": 0.2},
		"016-repeated-names":           {"item_count": 3, "passed": 3, "suite_success": 1, "total_seconds": 0.001},
		"018-coverpkg":                 {"item_count": 3, "passed": 3, "suite_success": 1, "total_seconds": 4.6},
		"031-syntax-error-test-binary": {"item_count": 2, "passed": 2, "suite_success": 0, "total_seconds": 0.2},
		"032-failed-summary":           {"item_count": 1, "passed": 1, "failed": 0, "suite_success": 0, "total_seconds": 0.005},
		"035-whitespace":               {"item_count": 9, "leaf_count": 8, "passed": 9, "suite_success": 1, "total_seconds": 0.001},
		"037-legacy-fail":              {"item_count": 2, "passed": 1, "failed": 1, "suite_success": 0, "total_seconds": 0.151},
	} {
		path := filepath.Join(fixtures, "gotest-text", "jstemmer-go-junit-report__testdata_"+name+".txt")
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			t.Skipf("no fixtures: %v", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		sheet := NewSheet("")
		if used, err := File(bytes.NewReader(data), name, "", sheet); err != nil || used != "gotest-text" {
			t.Errorf("%s: File = %q, %v, want gotest-text", name, used, err)
		}
		got := values(sheet)
		for metric, v := range want {
			if have, there := got["test."+metric]; !there || have != v {
				t.Errorf("%s: %s = %v (there: %v), want %v", name, metric, have, there, v)
			}
		}
	}
}

// TestGotestTextWithBenchmarks reads tests and benchmarks of one output.
func TestGotestTextWithBenchmarks(t *testing.T) {
	text := "=== RUN   TestAdd\n--- PASS: TestAdd (0.50s)\ngoos: linux\ngoarch: amd64\npkg: example.com/shop\n" +
		"=== RUN   BenchmarkAdd\nBenchmarkAdd\nBenchmarkAdd-8   \t 100\t 12.5 ns/op\nPASS\nok  \texample.com/shop\t1.500s\n"
	sheet := NewSheet("")
	if used, err := File(strings.NewReader(text), "f", "", sheet); err != nil || used != "gotest-text" {
		t.Fatalf("File = %q, %v, want gotest-text", used, err)
	}
	got := values(sheet)
	for name, want := range (figures{"test.item_count": 1, "test.passed": 1, "test.total_seconds": 1.5, "bench/example.com/shop.Add.ns_per_op": 12.5}) {
		if got[name] != want {
			t.Errorf("%s = %v, want %v, in %v", name, got[name], want, got)
		}
	}
}

// TestPartlyBesideCounts adds a file that names only failures to one that has
// all counts.
func TestPartlyBesideCounts(t *testing.T) {
	sum := NewSheet("")
	for _, file := range []string{"ok  \texample.com/shop\t0.500s\n", `<testsuites><testsuite name="s"><testcase name="c" time="1"/></testsuite></testsuites>`} {
		if _, err := File(strings.NewReader(file), "f", "", sum); err != nil {
			t.Fatal(err)
		}
	}
	got := values(sum)
	if got["test.item_count"] != 1 || got["test.total_seconds"] != 1.5 || got["test.suite_success"] != 1 {
		t.Errorf("%v, want one item and 1.5 s", got)
	}
}
