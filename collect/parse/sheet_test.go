package parse

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/collect"
)

// values are the metrics of a sheet by name.
func values(s *Sheet) map[string]float64 {
	all := map[string]float64{}
	for _, m := range s.Metrics() {
		all[m.Name] = m.Value
	}
	return all
}

func TestSheetSaysNothingOfNothing(t *testing.T) {
	if m := NewSheet("").Metrics(); len(m) > 0 {
		t.Errorf("empty sheet has %v", m)
	}
}

// TestPrefix keeps pytest's counts apart from those of other tools, unless the
// user gave a prefix.
func TestPrefix(t *testing.T) {
	for _, tt := range []struct {
		prefix string
		want   map[string]float64
	}{
		{"", map[string]float64{"pytest.item_count": 2, "test.item_count": 1, "pytest.coverage_pct": 50}},
		{"pytest", map[string]float64{"pytest.item_count": 3, "pytest.coverage_pct": 50}},
		{"unit", map[string]float64{"unit.item_count": 3}},
	} {
		sum := NewSheet(tt.prefix)
		for _, tool := range []string{Pytest, "junit", Pytest} {
			file := sum.fresh()
			file.Case(Case{Name: "a"})
			file.Tool(tool) // it may become known after the first case
			file.Line("a.py", 1, true)
			file.Line("a.py", 2, false)
			sum.Merge(file)
		}
		got := values(sum)
		for _, name := range []string{"pytest.item_count", "test.item_count", "unit.item_count", "pytest.coverage_pct"} {
			v, there := got[name]
			if want, wanted := tt.want[name]; there != wanted || v != want {
				t.Errorf("prefix %q: %s = %v (there: %v), want %v (there: %v)", tt.prefix, name, v, there, want, wanted)
			}
		}
	}
}

func TestCasesOfOneNameAreSamples(t *testing.T) {
	sum := NewSheet("")
	for _, seconds := range []float64{3, 1, 2} {
		file := sum.fresh()
		file.Case(Case{Suite: "s", Name: "c", Seconds: seconds, Timed: true})
		file.Case(Case{Suite: "s", Name: "untimed"})
		file.Case(Case{Suite: "s", Name: "skipped", Seconds: 0, Timed: true, Outcome: Skipped})
		sum.Merge(file)
	}
	got := values(sum)
	if n := got["test.item_count"]; n != 9 {
		t.Errorf("item_count = %v, want 9", n)
	}
	for _, m := range sum.Metrics() {
		if strings.Contains(m.Name, "case_seconds") && m.Name != "test.case_seconds[case=c,suite=s]" {
			t.Errorf("metric %s, want none for a case without a time or that did not run", m.Name)
		}
		if m.Name == "test.case_seconds[case=c,suite=s]" && (m.Value != 2 || !reflect.DeepEqual(m.Samples, []float64{3, 1, 2})) {
			t.Errorf("%s = %v of %v, want 2 of [3 1 2]", m.Name, m.Value, m.Samples)
		}
	}
}

// TestTotalSeconds takes the total that a file says before the sum of its cases,
// file by file.
func TestTotalSeconds(t *testing.T) {
	sum := NewSheet("")
	said, counted, silent := sum.fresh(), sum.fresh(), sum.fresh()
	said.Seconds(10)
	said.Case(Case{Name: "outer", Seconds: 9, Timed: true, Group: true})
	said.Case(Case{Name: "inner", Seconds: 8, Timed: true})
	said.Tool(GoTest)
	counted.Case(Case{Name: "a", Seconds: 0.5, Timed: true})
	counted.Case(Case{Name: "b", Seconds: math.NaN(), Timed: true})
	silent.Case(Case{Name: "c"})
	if v, there := values(silent)["test.total_seconds"]; there {
		t.Errorf("total_seconds = %v of a file without times, want none", v)
	}
	for _, file := range []*Sheet{counted, said, silent} {
		sum.Merge(file)
	}
	got := values(sum)
	if got["test.total_seconds"] != 10.5 || got["test.item_count"] != 5 || got["test.leaf_count"] != 4 {
		t.Errorf("total_seconds, item_count, leaf_count = %v, %v, %v, want 10.5, 5, 4",
			got["test.total_seconds"], got["test.item_count"], got["test.leaf_count"])
	}
}

func TestSuiteSuccess(t *testing.T) {
	for name, tt := range map[string]struct {
		write func(*Sheet)
		want  float64
		none  bool
	}{
		"passed":         {write: func(s *Sheet) { s.Case(Case{}) }, want: 1},
		"skipped":        {write: func(s *Sheet) { s.Case(Case{Outcome: Skipped}) }, want: 1},
		"failed":         {write: func(s *Sheet) { s.Case(Case{}); s.Case(Case{Outcome: Failed}) }},
		"errored":        {write: func(s *Sheet) { s.Case(Case{Outcome: Errored}) }},
		"suite failed":   {write: func(s *Sheet) { s.Case(Case{}); s.SuiteFailed() }},
		"build failed":   {write: func(s *Sheet) { s.SuiteFailed() }},
		"nothing tested": {write: func(s *Sheet) { s.Tool("junit") }, none: true},
	} {
		s := NewSheet("")
		tt.write(s)
		if got, there := values(s)["test.suite_success"]; got != tt.want || there == tt.none {
			t.Errorf("%s: suite_success = %v (there: %v), want %v", name, got, there, tt.want)
		}
	}
	s := NewSheet("")
	s.SuiteFailed() // as a benchmark file does that ends in FAIL
	if m := s.Metrics(); len(m) != 1 {
		t.Errorf("a failure alone gives %v, want suite_success and no counts", m)
	}
}

func TestAddMakesSamples(t *testing.T) {
	a, b := NewSheet(""), NewSheet("")
	a.Add(collect.Metric{Name: "bench/A.ns_per_op", Unit: "ns/op", Better: collect.Lower, Value: 4, Tags: collect.Tags{"k": "v"}})
	a.Add(collect.Metric{Name: "bench/A.ns_per_op", Value: 1})
	b.Add(collect.Metric{Name: "bench/A.ns_per_op", Samples: []float64{2, 3, math.Inf(1)}})
	b.Add(collect.Metric{Name: "bench/B.ns_per_op", Value: math.NaN()})
	b.Add(collect.Metric{Name: "bench/C.ns_per_op", Samples: []float64{math.MaxFloat64, math.MaxFloat64}})
	a.Merge(b)
	want := []collect.Metric{
		{Name: "bench/A.ns_per_op", Unit: "ns/op", Better: collect.Lower, Value: 2.5, Samples: []float64{4, 1, 2, 3}, Tags: collect.Tags{"k": "v"}},
		{Name: "bench/C.ns_per_op", Value: math.MaxFloat64, Samples: []float64{math.MaxFloat64, math.MaxFloat64}},
	}
	if got := a.Metrics(); !reflect.DeepEqual(got, want) {
		t.Errorf("Metrics = %+v\nwant %+v", got, want)
	}
}

// TestCoverageIsAUnion says the same source twice, in both orders.
func TestCoverageIsAUnion(t *testing.T) {
	unit := func(s *Sheet) {
		s.Line("a.c", 1, true)
		s.Line("a.c", 2, false)
		s.Line("a.c", 2_000_000_000, false)
		s.Branches("a.c", 2, 1, 4)
		s.Function("a.c", "f", 1, false)
		s.Statements("a.c", Span{1, 1, 2, 9}, 3, false)
	}
	integration := func(s *Sheet) {
		s.Line("a.c", 2, true)
		s.Line("a.c", 1, false)
		s.Line("b.c", 1, false)
		s.Branches("a.c", 2, 2, 2)
		s.Function("a.c", "f", 1, true)
		s.Statements("a.c", Span{1, 1, 2, 9}, 3, true)
		s.Statements("a.c", Span{3, 1, 3, 9}, 1, false)
	}
	want := map[string]float64{
		"coverage.line_pct": 50, "coverage.lines_covered": 2, "coverage.lines_total": 4,
		"coverage.branch_pct": 50, "coverage.branches_covered": 2, "coverage.branches_total": 4,
		"coverage.function_pct": 100, "coverage.functions_covered": 1, "coverage.functions_total": 1,
		"coverage.statement_pct": 75, "coverage.statements_covered": 3, "coverage.statements_total": 4,
	}
	for _, order := range [][]func(*Sheet){{unit, integration}, {integration, unit}, {unit, integration, unit}} {
		sum := NewSheet("")
		for _, write := range order {
			file := sum.fresh()
			write(file)
			sum.Merge(file)
		}
		if got := values(sum); !reflect.DeepEqual(got, want) {
			t.Errorf("Metrics = %v\nwant %v", got, want)
		}
	}
}

func TestCleanName(t *testing.T) {
	long := strings.Repeat("ü", 400)
	for _, tt := range []struct{ name, want string }{
		{"plain", "plain"},
		{"grün €", "grün €"},
		{"tab\tnew\nline\x00\x7f\u0085", "tab new line   "},
		{"bad\xff\xfeutf8", "bad\ufffdutf8"},
	} {
		if got := CleanName(tt.name); got != tt.want {
			t.Errorf("CleanName(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
	a, b := CleanName(long+"a"), CleanName(long+"b")
	if a == b || len(a) > MaxNameBytes || len(a) < MaxNameBytes-4 || !strings.HasPrefix(long, a[:400]) {
		t.Errorf("long names become %q and %q, want two of at most %d bytes", a, b, MaxNameBytes)
	}
	if again := CleanName(long + "a"); again != a {
		t.Errorf("CleanName gave %q, then %q", a, again)
	}
}

func TestParseSeconds(t *testing.T) {
	for _, tt := range []struct {
		text string
		want float64
		ok   bool
	}{
		{"1.5", 1.5, true}, {"0.", 0, true}, {".5", 0.5, true}, {" 2\n", 2, true}, {"1e-05", 1e-05, true}, {"-1.5", -1.5, true},
		{"1,234.5", 1234.5, true}, {"12,345,678", 12345678, true}, {"0,25", 0.25, true}, {"1,234", 1.234, true}, {"2,503.1", 2503.1, true},
		{"", 0, false}, {" ", 0, false}, {"abc", 0, false}, {"NaN", 0, false}, {"Inf", 0, false}, {"0x1p-2", 0, false}, {"1_000", 0, false},
		{"1,2,3", 0, false}, {"1,23.5", 0, false}, {"1.2.3", 0, false}, {"1s", 0, false}, {"1e999", 0, false}, {",", 0, false},
	} {
		got, ok := parseSeconds([]byte(tt.text))
		if fmt.Sprint(got, ok) != fmt.Sprint(tt.want, tt.ok) {
			t.Errorf("parseSeconds(%q) = %v, %v, want %v, %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}
