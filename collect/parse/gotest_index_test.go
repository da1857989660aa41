package parse

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// indexOfGo compares the files of the three formats of go with the index, whose
// figures are nested deeper than those of the other formats.
var indexOfGo = map[string]struct {
	format  string
	files   int
	compare func(t *testing.T, expected string, all []collect.Metric)
}{
	"gotest-json": {"gotest", 12, compareGotest},
	"gobench":     {"gobench", 7, compareGobench},
	"gocover":     {"gocover", 3, compareGocover},
}

// noEvents has no event in it: five lines of a compiler. Its figures are all 0,
// which as a result would say that there are no tests.
const noEvents = "gotest-json/jstemmer-go-junit-report__testdata_102-broken.gojson.txt"

func TestIndexOfGo(t *testing.T) {
	seen := map[string]int{}
	for _, row := range readIndex(t) {
		of, known := indexOfGo[row.format]
		if !known {
			continue
		}
		seen[row.format]++
		t.Run(row.path, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(fixtures, row.path))
			if err != nil {
				t.Fatal(err)
			}
			if row.path == noEvents {
				if _, err := File(bytes.NewReader(data), row.path, of.format, NewSheet("")); err == nil {
					t.Error("File read a file without any event")
				}
				return
			}
			sheet := NewSheet("")
			if used, err := File(bytes.NewReader(data), row.path, "", sheet); err != nil || used != of.format {
				t.Fatalf("File = %q, %v, want %s", used, err, of.format)
			}
			of.compare(t, row.expected, sheet.Metrics())
		})
	}
	for format, of := range indexOfGo {
		if seen[format] < of.files {
			t.Errorf("%d files of %s in the index, want %d", seen[format], format, of.files)
		}
	}
}

func decodeRow(t *testing.T, expected string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(expected), into); err != nil {
		t.Fatal(err)
	}
}

func compareGotest(t *testing.T, expected string, all []collect.Metric) {
	var want struct {
		Tests    int            `json:"tests_incl_subtests"`
		Final    map[string]int `json:"final_by_test"`
		Leaf     map[string]int
		Packages map[string]int
		Elapsed  float64 `json:"sum_package_elapsed_s"`
	}
	decodeRow(t, expected, &want)
	leaves := 0
	for _, n := range want.Leaf {
		leaves += n
	}
	bad := want.Packages["fail"] > 0
	for name, w := range map[string]float64{
		"test.item_count":    float64(want.Tests),
		"test.passed":        float64(want.Final["pass"]),
		"test.failed":        float64(want.Final["fail"]),
		"test.skipped":       float64(want.Final["skip"]),
		"test.errors":        0,
		"test.leaf_count":    float64(leaves),
		"test.total_seconds": want.Elapsed,
	} {
		expect(t, all, name, w)
	}
	if bad {
		expect(t, all, "test.suite_success", 0)
	} else {
		expect(t, all, "test.suite_success", 1)
	}
}

func expect(t *testing.T, all []collect.Metric, name string, want float64) {
	t.Helper()
	for _, m := range all {
		if m.Name == name {
			if math.Abs(m.Value-want) > 1e-4 { // the index rounds percentages
				t.Errorf("%s = %v, want %v", name, m.Value, want)
			}
			return
		}
	}
	t.Errorf("no %s, want %v", name, want)
}

func compareGobench(t *testing.T, expected string, all []collect.Metric) {
	var want struct {
		Series int
		Units  map[string]int
		First  []struct {
			Pkg, Name, Unit string
			N               int
			Values          []float64
		}
	}
	decodeRow(t, expected, &want)
	if len(all) != want.Series {
		t.Errorf("%d metrics, want %d", len(all), want.Series)
	}
	byName := map[string]collect.Metric{}
	samples := map[string]int{}
	for _, m := range all {
		if m.Samples == nil {
			m.Samples = []float64{m.Value}
		}
		byName[m.Name] = m
		samples[string(m.Unit)] += len(m.Samples)
	}
	for unit, n := range want.Units {
		if samples[unit] != n {
			t.Errorf("%d samples in %s, want %d", samples[unit], unit, n)
		}
	}
	quantity := strings.NewReplacer("B/op", "bytes_per_op", "MB/s", "mb_per_s", "/", "_per_")
	suffix := regexp.MustCompile(`-\d+$`)
	for _, first := range want.First {
		name := suffix.ReplaceAllString(strings.TrimPrefix(first.Name, "Benchmark"), "")
		if first.Pkg != "" {
			name = first.Pkg + "." + name
		}
		name = "bench/" + name + "." + quantity.Replace(first.Unit)
		m, ok := byName[name]
		if !ok || len(m.Samples) != first.N {
			t.Errorf("%s has %d samples, want %d", name, len(m.Samples), first.N)
			continue
		}
		for i, v := range first.Values {
			if m.Samples[i] != v {
				t.Errorf("%s: sample %d = %v, want %v", name, i, m.Samples[i], v)
			}
		}
	}
}

func compareGocover(t *testing.T, expected string, all []collect.Metric) {
	var want struct {
		Covered float64    `json:"stmts_covered"`
		Total   float64    `json:"stmts_total"`
		Percent float64    `json:"percent"`
		Lines   [2]float64 `json:"lines_touched_covered_total"`
	}
	decodeRow(t, expected, &want)
	expect(t, all, "coverage.statements_covered", want.Covered)
	expect(t, all, "coverage.statements_total", want.Total)
	expect(t, all, "coverage.statement_pct", want.Percent)
	expect(t, all, "coverage.lines_covered", want.Lines[0])
	expect(t, all, "coverage.lines_total", want.Lines[1])
}
