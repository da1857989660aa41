package parse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fixtures are real results of many tools, with figures that were counted
// independently of this program.
const fixtures = "../../../shared/fixtures"

// An indexed format says how the figures of the index become metrics.
type indexed struct {
	format string
	// figures are the keys of expected_json that metrics express.
	figures map[string]func(t *testing.T, got figures, want any)
	// beyond are the keys that they do not express, with the reason.
	beyond map[string]string
	// absent are metrics that must not be there where the key is missing.
	absent map[string]string
}

// figures are metrics by name.
type figures map[string]float64

// index is how the figures of each format become metrics, by family; its files
// are index_FAMILY_test.go.
var index = merged(indexTests, indexCoverage, indexBenchmarks, indexMoreBenchmarks)

// disputed are the figures of the index that are wrong: file and key, then why.
var disputed = merged(disputedTests, disputedCoverage, disputedBenchmarks)

func merged[V any](all ...map[string]V) map[string]V {
	m := map[string]V{}
	for _, one := range all {
		maps.Copy(m, one)
	}
	return m
}

// strangers are files of the index that are not of the format that it says, with
// the reason. They must be refused.
var strangers = map[string]string{
	"mocha-json/EnricoMi-publish-unit-test-result-action__mocha_tests.results.json": "what publish-unit-test-result-action has made " +
		"of a Mocha file: a summary of its own, without tests",
}

// elsewhere says which test reads the formats of the index that are not in index.
var elsewhere = map[string]string{
	"gotest-json": "TestIndexOfGo", "gotest-text": "TestGotestTextFixtures", "gobench": "TestIndexOfGo", "gocover": "TestIndexOfGo",
	"otava-csv": "TestHistories", "series-csv": "TestHistories", "series-json": "TestHistories",
	"gh-event": "none: it is an event of GitHub's and no result",
}

// dispute replaces one expected figure.
type dispute struct {
	key, reason string
	want        any
}

// is compares one metric. An expected 0 is also met by no metric at all: of
// nothing covered there is no percentage, and nothing to compare.
func is(name string) func(*testing.T, figures, any) {
	return func(t *testing.T, got figures, want any) {
		t.Helper()
		w, ok := want.(float64)
		if !ok {
			t.Fatalf("index has %v (%T) for %s, want a number", want, want, name)
		}
		v, there := got[name]
		if !there && w == 0 && strings.HasPrefix(name, "coverage.") {
			return
		}
		if !there || math.Abs(v-w) > 1e-6*max(1, math.Abs(w)) {
			t.Errorf("%s = %v (there: %v), want %v", name, v, there, w)
		}
	}
}

// are compares metrics with a list of figures.
func are(names ...string) func(*testing.T, figures, any) {
	return func(t *testing.T, got figures, want any) {
		t.Helper()
		list, ok := want.([]any)
		if !ok || len(list) != len(names) {
			t.Fatalf("index has %v for %v, want a list of them", want, names)
		}
		for i, name := range names {
			is(name)(t, got, list[i])
		}
	}
}

// TestIndex reads every file of the index whose format is known and compares
// each figure.
func TestIndex(t *testing.T) {
	rows := readIndex(t)
	compared := map[string]int{}
	for _, row := range rows {
		want, known := index[row.format]
		if !known {
			if elsewhere[row.format] == "" {
				t.Errorf("%s: nothing compares files of the format %s", row.path, row.format)
			}
			continue
		}
		for _, format := range []string{"", strings.TrimPrefix(row.format, "xunit-plugin-")} {
			t.Run(fmt.Sprintf("%s/as=%s", row.path, format), func(t *testing.T) {
				compareRow(t, row, want, format)
			})
		}
		compared[row.format]++
	}
	for format := range index {
		if compared[format] == 0 {
			t.Errorf("the index has no file of format %s", format)
		}
		t.Logf("%s: %d files compared", format, compared[format])
	}
}

type indexRow struct{ path, format, expected string }

func readIndex(t *testing.T) []indexRow {
	t.Helper()
	rows := fixtureRows()
	if len(rows) == 0 {
		t.Skipf("no fixtures: %s is missing or empty", filepath.Join(fixtures, "INDEX.tsv"))
	}
	return rows
}

// fixtureRows are the rows of the index, none where it is missing.
func fixtureRows() (rows []indexRow) {
	data, err := os.ReadFile(filepath.Join(fixtures, "INDEX.tsv"))
	if err != nil {
		return nil
	}
	for n, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) < 8 {
			panic(fmt.Sprintf("index line %d has %d columns, want 8", n+1, len(cells)))
		}
		if n > 0 {
			rows = append(rows, indexRow{cells[0], cells[1], cells[6]})
		}
	}
	return rows
}

func compareRow(t *testing.T, row indexRow, want indexed, format string) {
	var expected map[string]any
	if row.expected != "" { // else it must be read, or be one of refused
		if err := json.Unmarshal([]byte(row.expected), &expected); err != nil {
			t.Fatalf("expected_json: %v", err)
		}
	}
	data, err := os.ReadFile(filepath.Join(fixtures, row.path))
	if err != nil {
		t.Fatal(err)
	}
	sheet := NewSheet("test")
	used, err := File(bytes.NewReader(data), row.path, format, sheet)
	why, bad := expected["unparseable"]
	if stranger, is := strangers[row.path]; is {
		why, bad = stranger, true
	}
	if bad {
		if err == nil {
			t.Errorf("File = %v, want an error: %v", sheet.Metrics(), why)
		}
		return
	}
	if why, bad := refused[row.path]; bad {
		if err == nil {
			t.Errorf("File = %v, want an error: %v", sheet.Metrics(), why)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if used != want.format {
		t.Fatalf("format = %s, want %s", used, want.format)
	}
	compareFigures(t, row.path, expected, want, sheet)
}

// compareFigures also knows of metrics with samples their number, least, largest
// and mean value, as NAME:n, NAME:min, NAME:max and NAME:mean.
func compareFigures(t *testing.T, path string, expected map[string]any, want indexed, sheet *Sheet) {
	got := figures{}
	for _, m := range sheet.Metrics() {
		got[m.Name] = m.Value
		samples := m.Samples
		if len(samples) == 0 {
			samples = []float64{m.Value}
		}
		got[m.Name+":n"] = float64(len(samples))
		got[m.Name+":min"], got[m.Name+":max"] = slices.Min(samples), slices.Max(samples)
		for _, v := range samples {
			got[m.Name+":mean"] += v / float64(len(samples))
		}
	}
	for key, value := range expected {
		if d, ok := disputed[path]; ok && d.key == key {
			t.Logf("%s: the index has %v, but %s", key, value, d.reason)
			value = d.want
		}
		compare, expressed := want.figures[key]
		if _, listed := want.beyond[key]; !expressed && !listed {
			t.Errorf("no metric for key %q of the index, and no reason why", key)
		}
		if expressed {
			compare(t, got, value)
		}
	}
	for key, name := range want.absent {
		if _, said := expected[key]; !said {
			if v, there := got[name]; there {
				t.Errorf("%s = %v, want none: the file does not say", name, v)
			}
		}
	}
}
