package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// runs are what every format is tested with: a run with all there is, one with
// text that is hard to write, and one without metrics.
func runs() []collect.Run {
	at := time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.UTC)
	full := collect.Run{Origin: collect.Origin{
		ID: "550e8400-e29b-41d4-a716-446655440000", Time: at, Type: "build_wheel", Name: "wheel", Commit: "abc123", Branch: "main",
		Event: "push", Repository: "o/r", Workflow: "ci", Job: "unit", Attempt: 1, Operation: "make wheel", Duration: 12.3, Success: collect.Succeeded,
		Runner: collect.Runner{OS: "linux", Arch: "amd64", CPUModel: "AMD EPYC 7763", Cores: 4, Image: "ubuntu-24.04"},
	}}
	full.Metrics = []collect.Metric{
		{Name: "container.build_seconds", Unit: "s", Value: 12.3, Tags: collect.Tags{"stage": "build_wheel"}},
		{Name: "bench/Fib10.ns_per_op", Unit: "ns/op", Better: collect.Lower, Value: 328.1, Samples: []float64{325, 331.2}},
		{Name: "tiny", Value: -1e-300}, {Name: "huge", Value: 1e300, Samples: []float64{-1, 1e300, 2e300}},
	}
	hard := collect.Run{Origin: collect.Origin{ID: "=1+1", Time: at.Add(time.Hour), Type: "@SUM(A1)", Branch: "-2+3", Commit: "+cmd|' /C calc'!A0", Success: collect.Failed}}
	hard.Metrics = []collect.Metric{
		{Name: `test.case_seconds[suite=a,case="q"]`, Unit: "s", Value: 0}, {Name: "two\nlines", Value: 1}, {Name: "\t=HYPERLINK(\"http://e\")", Unit: "=x", Value: 2},
		{Name: "＝1", Value: 3}, {Name: "a=b", Value: 4}, {Name: "ログイン", Value: 5},
	}
	return []collect.Run{full, hard, {Origin: collect.Origin{ID: "bare", Time: at}}}
}

// each yields runs and then, if there is one, an error.
func each(all []collect.Run, end error) iter.Seq2[collect.Run, error] {
	return func(yield func(collect.Run, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
		if end != nil {
			yield(collect.Run{}, end)
		}
	}
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		for name, all := range map[string][]collect.Run{f.Name: runs(), f.Name + ".none": nil} {
			var got bytes.Buffer
			if err := f.Write(&got, each(all, nil)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")) // a checkout on Windows
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s differs; got:\n%s", path, got.String())
			}
		}
	}
}

// What JSONL and JSON write holds the same runs that went in.
func TestRecordsComeBack(t *testing.T) {
	t.Parallel()
	var lines, array bytes.Buffer
	if err := JSONL(&lines, each(runs(), nil)); err != nil {
		t.Fatal(err)
	}
	if err := JSON(&array, each(runs(), nil)); err != nil {
		t.Fatal(err)
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(array.Bytes(), &elements); err != nil {
		t.Fatal(err)
	}
	want, i := runs(), 0
	for line := range strings.Lines(lines.String()) {
		r, err := collect.Decode([]byte(strings.TrimSuffix(line, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Metrics) == 0 {
			r.Metrics = nil
		}
		if !reflect.DeepEqual(r, want[i]) {
			t.Errorf("run %d comes back as %+v, want %+v", i, r, want[i])
		}
		if got := string(elements[i]) + "\n"; got != line {
			t.Errorf("element %d of the array is %q, want %q", i, got, line)
		}
		i++
	}
	if i != len(want) || len(elements) != i {
		t.Errorf("%d lines and %d elements, want %d", i, len(elements), len(want))
	}
}

// A spreadsheet finds no formula in any cell, and every other reader the values.
func TestCSVIsSafe(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := CSV(&b, each(runs(), nil)); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(rows), 1+4+6; got != want {
		t.Fatalf("%d rows, want %d", got, want)
	}
	for i, row := range rows[1:] {
		for j, cell := range row {
			if head := csvHead[j]; head == "value" || head == "samples" {
				continue // ours: numbers, which may be negative
			}
			if t1 := strings.TrimSpace(cell); t1 != "" && strings.ContainsAny(t1[:1], "=+-@") {
				t.Errorf("row %d, %s: %q is a formula", i+1, csvHead[j], cell)
			}
		}
	}
	if got, want := rows[2][9], "325 331.2"; got != want {
		t.Errorf("samples = %q, want %q", got, want)
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "=1", " =1", "\t+1", "\"", "a,b", "a\r\nb", "\ufeff=1", "'=1", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := collect.Run{Origin: collect.Origin{ID: s, Type: s, Branch: s}, Metrics: []collect.Metric{{Name: s, Unit: collect.Unit(s), Value: 1}}}
		var b bytes.Buffer
		if err := CSV(&b, each([]collect.Run{r}, nil)); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%q writes %d rows, %v", s, len(rows), err)
		}
		want := strings.ReplaceAll(s, "\r\n", "\n") // as the reader of CSV has it
		if got := strings.TrimPrefix(rows[1][0], "'"); got != want && rows[1][0] != want {
			t.Errorf("%q comes back as %q", s, got)
		}
	})
}

// The first error ends an export, whatever its side.
func TestErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("line 3 is torn")
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.Write(&b, each(runs(), broken)); !errors.Is(err, broken) {
			t.Errorf("%s returns %v, want %v", f.Name, err, broken)
		}
		if !strings.Contains(b.String(), "bench/Fib10.ns_per_op") {
			t.Errorf("%s does not write the runs before the error", f.Name)
		}
		r, w := io.Pipe()
		r.Close()
		if err := f.Write(w, each(runs(), nil)); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s into a closed pipe returns %v", f.Name, err)
		}
	}
}

// Memory does not grow with the number of runs, but where all values of a metric
// must stand together.
func TestStreams(t *testing.T) {
	run := runs()[0]
	for i := range 1000 {
		run.Metrics = append(run.Metrics, collect.Metric{Name: fmt.Sprint("metric ", i), Value: float64(i)})
	}
	for _, f := range Formats() {
		var most uint64
		endless := func(yield func(collect.Run, error) bool) {
			for i := range 300 {
				if i%100 == 99 {
					var m runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapAlloc)
				}
				run.Time = run.Time.Add(time.Minute)
				if !yield(run, nil) {
					return
				}
			}
		}
		n := &counter{}
		if err := f.Write(n, endless); err != nil {
			t.Fatal(err)
		}
		// 300 runs are 5 MB and more; a heap of a fifth of that keeps none.
		least, limit := uint64(5e6), n.bytes/5
		switch f.Name {
		case "prometheus":
			least, limit = 1e5, 5e6 // of the newest run alone
		case "openmetrics":
			least, limit = 30e6, n.bytes/3 // 16 bytes a value, as they grow, of 150 and more
		}
		if n.bytes < least || most > limit {
			t.Errorf("%s: a heap of %d bytes while writing %d", f.Name, most, n.bytes)
		}
	}
}

type counter struct{ bytes uint64 }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += uint64(len(p))
	return len(p), nil
}

func BenchmarkFormats(b *testing.B) {
	run := runs()[0]
	for i := range 1000 {
		run.Metrics = append(run.Metrics, collect.Metric{Name: fmt.Sprint("metric ", i), Value: float64(i)})
	}
	all := make([]collect.Run, 100)
	for i := range all {
		all[i] = run
	}
	for _, f := range Formats() {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Write(io.Discard, each(all, nil)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
