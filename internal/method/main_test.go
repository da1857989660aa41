package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

var checkDefaults = check.Thresholds{}

// writeCorpus writes histories as a corpus.
func writeCorpus(t *testing.T, suites []*suite) string {
	t.Helper()
	dir := t.TempDir()
	index := "file\tsource_repo\n"
	for _, s := range suites {
		var buf bytes.Buffer
		z := gzip.NewWriter(&buf)
		for i := range s.runs {
			r := collect.Run{Origin: collect.Origin{ID: fmt.Sprint(i), Time: time.Unix(int64(i), 0)}}
			for j, m := range s.metrics {
				m.Value = s.columns[j][i]
				m.Tags = collect.Tags{"better": "smaller"}
				r.Metrics = append(r.Metrics, m)
			}
			line, err := collect.AppendRecord(nil, r)
			if err != nil {
				t.Fatal(err)
			}
			z.Write(append(bytes.TrimSpace(line), '\n'))
		}
		z.Close()
		file := s.name + ".jsonl.gz"
		if err := os.WriteFile(filepath.Join(dir, file), buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		index += file + "\t" + s.repo + "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "INDEX.tsv"), []byte(index), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestReadCorpus(t *testing.T) {
	t.Parallel()
	want := halves()
	want[1].columns = append(want[1].columns, append(filled(leastPoints-1, 5), filled(want[1].runs-leastPoints+1, 1)...))
	want[1].metrics = append(want[1].metrics, collect.Metric{Name: "all there", Unit: "MB", Better: collect.Lower})
	got, err := readCorpus(writeCorpus(t, want))
	if err != nil || len(got) != 3 {
		t.Fatalf("readCorpus = %d histories, %v, want 3", len(got), err)
	}
	s := got[2] // by name: one, three, two
	if s.name != "two" || s.repo != "b/b" || s.runs != 90 || len(s.metrics) != 4 || s.metrics[3].Better != collect.Lower {
		t.Errorf("history %s of %s has %d runs of %d metrics, want two of b/b with 90 of 4", s.name, s.repo, s.runs, len(s.metrics))
	}
	if s.columns[1][7] != want[1].columns[1][7] {
		t.Errorf("value = %v, want %v", s.columns[1][7], want[1].columns[1][7])
	}
}

func TestNewSuiteLeavesOutWhatIsRare(t *testing.T) {
	t.Parallel()
	var runs []collect.Run
	for i := range 60 {
		r := collect.Run{Metrics: []collect.Metric{{Name: "often", Value: float64(i)}}}
		if i >= leastPoints {
			r.Metrics[0].Name = "rare"
		}
		runs = append(runs, r)
	}
	if s := newSuite("x", runs); len(s.metrics) != 1 || s.metrics[0].Name != "often" || s.runs != leastPoints {
		t.Errorf("suite has %d runs of %v, want %d of the metric with %d values", s.runs, s.metrics, leastPoints, leastPoints)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := writeCorpus(t, halves())
	empty := t.TempDir()
	for _, row := range []struct {
		name, args string
		status     int
		stderr     string
	}{
		{"no corpus", "--corpus " + filepath.Join(empty, "none"), exitWork, "no corpus of real histories in"},
		{"an unknown flag", "--nope", exitUsage, "flag provided but not defined: -nope"},
		{"an argument", "corpus", exitUsage, `"corpus": want flags alone`},
		{"a wrong format", "--format html", exitUsage, `--format "html": want text, markdown or json`},
		{"no cases", "--cases 0", exitUsage, "--cases 0: want 1 or more"},
		{"no detector", "--detectors nobody", exitUsage, " | plumbline | "},
		{"a table", "--cases 4 --detectors plumbline --corpus " + dir, 0, "method: 100 % after "},
	} {
		var stdout, stderr bytes.Buffer
		if got := run(strings.Fields(row.args), &stdout, &stderr); got != row.status || !strings.Contains(stderr.String(), row.stderr) {
			t.Errorf("%s: status %d with %q, want %d with %q", row.name, got, stderr.String(), row.status, row.stderr)
		}
		if (stdout.Len() > 0) != (row.status == 0) {
			t.Errorf("%s: status %d and %q on standard output", row.name, row.status, stdout.String())
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	rows := []row{
		{name: "ours", rates: map[figure]rate{cleanFalse: {Median: 0.01, Mean: 0.025, Pooled: 0.03, Worst: 0.11, Cases: 300}, orderPower: {Median: 0.3, Mean: 0.5, Pooled: 0.4}}},
		{name: "theirs (quoted)", quoted: []string{"8/7/6"}},
	}
	for _, r := range quoted() {
		if len(r.quoted) > len(columns()) || !strings.HasSuffix(r.name, "(quoted)") {
			t.Errorf("quoted row %q has %d cells for %d columns", r.name, len(r.quoted), len(columns()))
		}
	}
	print := func(format string) string {
		var b bytes.Buffer
		if err := formats[format](&b, rows); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	lines := strings.Split(print("markdown"), "\n")
	if want := "| ours |  |  |  |  | 1.0/2.5/3.0 | 11 |  |  | 30/50/40 |"; !strings.HasPrefix(lines[2], want) {
		t.Errorf("Markdown row = %q, want %q first", lines[2], want)
	}
	if want := "| theirs (quoted) | 8/7/6 |  |"; !strings.HasPrefix(lines[3], want) {
		t.Errorf("quoted row = %q, want %q first", lines[3], want)
	}
	for i, line := range lines[:4] {
		if got, want := strings.Count(line, "|"), len(columns())+2; got != want {
			t.Errorf("Markdown line %d has %d bars, want %d", i, got, want)
		}
	}
	text := strings.Split(print("text"), "\n")
	if a, b := strings.Index(text[0], "A/A FA"), strings.Index(text[1], "1.0/2.5/3.0"); a != b {
		t.Errorf("in the text the column begins at %d and its cell at %d", a, b)
	}
	var out []struct {
		Detector string
		Figures  map[string]rate
	}
	if err := json.Unmarshal([]byte(print("json")), &out); err != nil || len(out) != 1 || out[0].Figures["random_order_false"] != rows[0].rates[cleanFalse] {
		t.Errorf("JSON = %+v, %v, want the measured row alone, in full", out, err)
	}
}
