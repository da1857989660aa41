package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

// tale is a history of six timings and a count, with the run effect of slow
// machines, and a shift of the first timing.
func tale(runs int) (collect.Run, baseline.Baseline) {
	var b baseline.Baseline
	shift := runs / 2
	head := collect.Run{Origin: origin()}
	for i := range runs + 1 {
		o := collect.Origin{ID: fmt.Sprintf("%08x-run", i*7919), Commit: fmt.Sprintf("%040x", 1<<60+i<<32), Time: time.Date(2026, 3, 1+i, 12, 0, 0, 0, time.UTC)}
		if i < runs {
			b.Runs = append(b.Runs, o)
		}
	}
	for j, name := range []string{"build.seconds", "lint.seconds", "docs.seconds", "unit.seconds", "e2e.seconds", "pack.seconds", "size", "test.failed", "ram.peak_mb"} {
		m := collect.Metric{Name: name, Better: collect.Lower}
		col := make([]float64, runs+1)
		for i := range col {
			_, shared := math.Modf(float64(i+1) * 0.6180339887498949)
			_, own := math.Modf(float64((i+1)*(j+2)) * 0.4142135623730951)
			switch {
			case j < 6:
				m.Unit = "s"
				col[i] = 10 * math.Exp(0.1*(shared-0.5)+0.04*(own-0.5))
				if j == 0 && i >= shift {
					col[i] *= 1.3
				}
			case j < 8:
				col[i] = float64(500 * (7 - j))
			default:
				m.Unit = "MB"
				col[i] = 100 * math.Exp(3*(own-0.5))
			}
		}
		m.Value = col[runs]
		head.Metrics = append(head.Metrics, m)
		b.Metrics, b.Values = append(b.Metrics, m), append(b.Values, col[:runs])
	}
	return head, b
}

func explain(t *testing.T, runs int, name string, change float64, th check.Thresholds) check.Explanation {
	t.Helper()
	head, b := tale(runs)
	for i := range head.Metrics {
		if head.Metrics[i].Name == name {
			head.Metrics[i].Value += head.Metrics[i].Value*change + float64(int(change))
		}
	}
	if change < -1 {
		head.Metrics = slices.DeleteFunc(head.Metrics, func(m collect.Metric) bool { return m.Name == name })
	}
	e, ok := check.Explain([]collect.Run{head}, b, th, name)
	if !ok {
		t.Fatalf("nothing about %s", name)
	}
	return e
}

func TestExplain(t *testing.T) {
	t.Parallel()
	most := 20.0
	limited := check.Thresholds{
		Rules:   []check.Rule{{Match: "build.*", Limit: &check.Limit{Value: 5}, Max: &most}, {Match: "lint.*", Level: check.Off}},
		Waivers: []check.Waiver{{Metric: "docs.*", Ceiling: &check.Limit{Value: 80}, Until: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC), Reason: "new theme"}},
	}
	tests := []struct {
		file, metric string
		runs         int
		change       float64
		t            check.Thresholds
		want         check.Status
	}{
		{"noisy", "build.seconds", 50, 0.5, limited, check.Regressed},
		{"unchanged", "unit.seconds", 50, 0, check.Thresholds{}, check.Unchanged},
		{"budget", "build.seconds", 50, 0.9, limited, check.Regressed},
		{"waived", "docs.seconds", 50, 0.6, limited, check.Waived},
		{"off", "lint.seconds", 50, 0.6, limited, check.Unchanged},
		{"still", "size", 50, 0.02, check.Thresholds{}, check.Regressed},
		{"counted", "test.failed", 50, 2, check.Thresholds{}, check.Regressed},
		{"few", "build.seconds", 4, 0.2, check.Thresholds{}, check.Inconclusive},
		{"blind", "ram.peak_mb", 50, 2, check.Thresholds{}, check.Inconclusive},
		{"ruler", "build.seconds", 50, 0.5, check.Thresholds{Ruler: "lint.seconds"}, check.Regressed},
		{"new", "build.seconds", 0, 0, check.Thresholds{}, check.New},
		{"missing", "unit.seconds", 50, -2, check.Thresholds{}, check.Missing},
	}
	for _, tt := range tests {
		e := explain(t, tt.runs, tt.metric, tt.change, tt.t)
		if e.Comparison.Status != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.file, e.Comparison.Status, e.Comparison.Reason, tt.want)
		}
		golden(t, "explain."+tt.file+".txt", func(w io.Writer) error { return Explain(w, e, TextOptions{Width: 100}) })
	}
}

// An explanation tells what is inside runs from what is between them.
func TestExplainSamples(t *testing.T) {
	t.Parallel()
	head, b := tale(50)
	b.Scatter = make([][]collect.Scatter, len(b.Metrics))
	for i := range b.Runs {
		b.Scatter[0] = append(b.Scatter[0], collect.NewScatter([]float64{9.9, 10, 10.1 + float64(i%5)/20}[i%2:]))
	}
	m := &head.Metrics[0]
	m.Samples = []float64{m.Value / 1.2, m.Value, m.Value * 1.2}
	e, ok := check.Explain([]collect.Run{head}, b, check.Thresholds{}, m.Name)
	if !ok {
		t.Fatal("nothing about it")
	}
	golden(t, "explain.samples.txt", func(w io.Writer) error { return Explain(w, e, TextOptions{Width: 100}) })
}

func TestExplainHarmless(t *testing.T) {
	t.Parallel()
	e := explain(t, 50, "build.seconds", 0.2, check.Thresholds{})
	e.Comparison.Name, e.Comparison.Reason, e.Comparison.Limit, e.Rule = attack, attack, attack, attack
	e.Waiver = &check.Waiver{Metric: attack, Reason: attack}
	e.Result.Head.ID, e.Runs[49].ID, e.Runs[49].Commit = attack, attack, attack
	var text bytes.Buffer
	if err := Explain(&text, e, TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if s := text.String(); strings.ContainsAny(s, "\x1b\a\u202e\u2066") || strings.Contains(s, "\n::error") || strings.Contains(s, "##[") {
		t.Errorf("not harmless: %q", s)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"build.seconds", "build.size_mb", "lint.seconds", "bench/Parse.ns_per_op", "coverage.line_pct"}
	for typed, want := range map[string]string{
		"biuld.seconds": "build.seconds", "parse": "bench/Parse.ns_per_op", "coverage.lines_pct": "coverage.line_pct", "qqqqqq": "",
	} {
		got := ""
		if near := Nearest(typed, names, 3); len(near) > 0 {
			got = near[0]
		}
		if got != want {
			t.Errorf("Nearest(%q) begins with %q, want %q", typed, got, want)
		}
	}
	if got := Nearest("build", names, 1); len(got) != 1 {
		t.Errorf("Nearest of at most 1 gives %q", got)
	}
}

func TestThresholdText(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		noisy check.Noisy
		want  string
	}{
		{check.Noisy{ThresholdFrom: check.FromRank, Rank: 2, PastRuns: 39}, "number 2 of the largest z of each of 39 past runs"},
		{check.Noisy{ThresholdFrom: check.FromRank, Rank: 3.5, PastRuns: 39}, "50 % of the way from number 3 to number 4 of the largest z of each of 39 past runs"},
		{check.Noisy{ThresholdFrom: check.FromGauss, PastRuns: 39}, "what chance alone makes; the largest z of 39 past runs are below it"},
		{check.Noisy{ThresholdFrom: check.FromTail, PastRuns: 9}, "read from the tail of the largest z of each of 9 past runs, which are too few for a rank"},
	} {
		if got := thresholdText(&row.noisy); got != row.want {
			t.Errorf("the threshold of %+v is %q, want %q", row.noisy, got, row.want)
		}
	}
}
