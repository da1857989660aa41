package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
)

func stored() []collect.Origin {
	at := time.Date(2026, 4, 5, 14, 30, 0, 0, time.UTC)
	return []collect.Origin{
		{ID: "550e8400-e29b-41d4-a716-446655440000", Time: at, Type: "test", Name: "unit (ubuntu-24.04)", Branch: "fast-parse",
			Commit: "4f3a9c1e5b7d9f1a3c5e7f9b1d3f5a7c9e1b3d5f", Success: collect.Succeeded, Duration: 134.2},
		{ID: "7d444840-9dc0-11d1-b245-5ffdce74fad2", Time: at.Add(-time.Hour), Type: "test", Job: "unit", Branch: "main",
			Commit: "9fceb02d0ae598e95dc970b74767f19372d61af8", Success: collect.Failed, Duration: 0.031},
		{ID: "r1", Type: "build_wheel", Branch: "feature/a-branch-with-a-name-that-nobody-wants-to-type-again", Commit: "HEAD"},
		{ID: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Time: at.Add(-48 * time.Hour), Branch: "feature/a-branch-with-a-name-that-nobody-wants-to-type-again"},
	}
}

func detailed() collect.Run {
	r := collect.Run{Origin: stored()[0]}
	r.Event, r.Repository, r.Workflow, r.Job, r.Attempt = "push", "acme/shop", "ci", "unit", 2
	r.Operation = "go test -bench . ./..."
	r.Runner = collect.Runner{OS: "linux", Arch: "amd64", CPUModel: "AMD EPYC 7763", Cores: 4, Image: "ubuntu-24.04"}
	r.Metrics = []collect.Metric{
		{Name: "container.build_seconds", Unit: "s", Value: 12.3, Tags: collect.Tags{"stage": "build_wheel", "arch": "x"}},
		{Name: "bench/github.com/acme/shop/parse.Fib10.ns_per_op", Unit: "ns/op", Better: collect.Lower, Value: 328.1, Samples: []float64{331.2, 325}},
		{Name: "bench/github.com/acme/shop/parse.Fib10.allocs_per_op", Unit: "allocs/op", Value: 12, Samples: []float64{12, 12, 12}},
		{Name: "coverage.line_pct", Unit: "%", Better: collect.Higher, Value: 99.97},
	}
	return r
}

func TestRunGoldens(t *testing.T) {
	t.Parallel()
	for _, width := range []int{80, 120} {
		golden(t, fmt.Sprintf("ls.%d.txt", width), func(w io.Writer) error { return Runs(w, stored(), TextOptions{Width: width}) })
		golden(t, fmt.Sprintf("show.%d.txt", width), func(w io.Writer) error { return Run(w, detailed(), TextOptions{Width: width}) })
	}
	golden(t, "show.bare.txt", func(w io.Writer) error { return Run(w, collect.Run{Origin: collect.Origin{ID: "r1"}}, TextOptions{}) })
	golden(t, "ls.empty.txt", func(w io.Writer) error { return Runs(w, nil, TextOptions{}) })
}

// Every id of a list finds its run again.
func TestShortIDsAreUnique(t *testing.T) {
	t.Parallel()
	runs := append(stored(), collect.Origin{ID: "550e8400"}, collect.Origin{ID: "550e8400-e29b-41d4-a716-4466aaaa0000"}, collect.Origin{ID: "r"}, collect.Origin{})
	for i, short := range shortIDs(runs) {
		found := 0
		for j := range runs {
			if strings.HasPrefix(runs[j].ID, short) && (runs[j].ID == short || runs[i].ID != short) {
				found++
			}
		}
		if found != 1 || !strings.HasPrefix(runs[i].ID, short) {
			t.Errorf("%q stands for %q and finds %d runs", short, runs[i].ID, found)
		}
	}
}

func FuzzRuns(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, s string) {
		o := collect.Origin{ID: s, Type: s, Name: s, Commit: s, Branch: s, Event: s, Repository: s, Workflow: s, Job: s, Operation: s, Runner: collect.Runner{OS: s, CPUModel: s, Image: s}}
		m := collect.Metric{Name: s, Unit: collect.Unit(s), Value: math.Pi, Samples: []float64{1, 2}, Tags: collect.Tags{s: s}}
		var b bytes.Buffer
		if err := Runs(&b, []collect.Origin{o, {ID: s + "x"}}, TextOptions{Width: 80}); err != nil {
			t.Fatal(err)
		}
		if err := Run(&b, collect.Run{Origin: o, Metrics: []collect.Metric{m}}, TextOptions{Width: 80}); err != nil {
			t.Fatal(err)
		}
		checkLog(t, s, b.String())
	})
}

func BenchmarkRuns(b *testing.B) {
	runs := make([]collect.Origin, 100_000)
	for i := range runs {
		runs[i] = stored()[0]
		runs[i].ID = fmt.Sprintf("%08x-e29b-41d4-a716-446655440000", i*7919)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := Runs(io.Discard, runs, TextOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
