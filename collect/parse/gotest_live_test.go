package parse

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// TestLive keeps what a killed command had printed, and File does not.
func TestLive(t *testing.T) {
	for name, tt := range map[string]struct {
		format Format
		out    string
		metric string
		value  float64
	}{
		"tests":      {gotest, events("start run:A pass:A run:B") + `{"Action":"pa`, "test.passed", 1},
		"benchmarks": {gobench, "BenchmarkA 10 5 ns/op\nBenchmarkB 1", "bench/A.ns_per_op", 5},
	} {
		live, file := NewSheet(""), NewSheet("")
		err := Live(strings.NewReader(tt.out), "standard output", tt.format, live)
		if !errors.Is(err, ErrTorn) || !strings.HasPrefix(err.Error(), "standard output:") {
			t.Errorf("%s: Live = %v, want %v and its place", name, err, ErrTorn)
		}
		expect(t, live.Metrics(), tt.metric, tt.value)
		if _, err := File(strings.NewReader(tt.out), "f", tt.format.Name, file); !errors.Is(err, ErrTorn) || len(file.Metrics()) > 0 {
			t.Errorf("%s: File = %v with %v", name, err, file.Metrics())
		}
	}
	broken := errors.New("pipe is gone")
	sheet := NewSheet("")
	r := io.MultiReader(strings.NewReader("BenchmarkA 10 5 ns/op\n"), &failing{broken})
	if err := Live(r, "f", gobench, sheet); !errors.Is(err, broken) || len(sheet.Metrics()) > 0 {
		t.Errorf("Live = %v with %v, want %v", err, sheet.Metrics(), broken)
	}
}

// TestLiveStreams writes line by line into a pipe without a buffer: the parser
// takes each line when it is there, or the command would stand still.
func TestLiveStreams(t *testing.T) {
	r, w := io.Pipe()
	sheet := NewSheet("")
	done := make(chan error)
	go func() { done <- Live(r, "f", gotest, sheet) }()
	for line := range strings.Lines(events("start run:A pass:A pass")) {
		if _, err := io.WriteString(w, line); err != nil { // returns when it was read
			t.Fatal(err)
		}
	}
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	expect(t, sheet.Metrics(), "test.passed", 1)
}
