package check_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
)

func TestRules(t *testing.T) {
	tests := []struct {
		name   string
		past   float64
		metric collect.Metric
		rules  []check.Rule
		status check.Status
		level  check.Level
		better collect.Direction
	}{
		{"a test's duration warns", 1, metric("test.case_seconds[case=a/b,suite=s]", 9), nil, check.Regressed, check.Warn, collect.Lower},
		{"unless a rule says more", 1, metric("test.case_seconds[case=a/b,suite=s]", 9), []check.Rule{{Match: "**.case_seconds[**]", Level: check.Fail}}, check.Regressed, check.Fail, collect.Lower},
		{"a rule without a level leaves it", 1, metric("test.case_seconds[case=a/b,suite=s]", 9), []check.Rule{{Match: "**"}}, check.Regressed, check.Warn, collect.Lower},
		{"the machine is off", 1, metric("system.memory_percent", 9), nil, check.Unchanged, check.Off, collect.None},
		{"load is not judged", 1, metric("cpu.max_load", 9), nil, check.Unchanged, check.Fail, collect.None},
		{"load is judged by rule", 1, metric("cpu.max_load", 9), []check.Rule{{Match: "cpu.*", Better: collect.Lower}}, check.Regressed, check.Fail, collect.Lower},
		{"fewer passed tests warn", 5, metric("test.passed", 4), nil, check.Regressed, check.Warn, collect.Higher},
		{"fewer tests warn", 5, metric("pytest.item_count", 4), nil, check.Regressed, check.Warn, collect.Higher},
		{"more skipped tests warn", 5, metric("test.skipped", 6), nil, check.Regressed, check.Warn, collect.Lower},
		{"more tests are better", 5, metric("test.item_count", 6), nil, check.Improved, check.Warn, collect.Higher},
		{"a failed test fails", 0, metric("test.failed", 1), nil, check.Regressed, check.Fail, collect.Lower},
		{"an error fails", 0, metric("test.errors", 1), nil, check.Regressed, check.Fail, collect.Lower},
		{"a failed suite fails", 1, metric("test.suite_success", 0), nil, check.Regressed, check.Fail, collect.Higher},
		{"a failed command fails", 1, metric("build_wheel.success", 0), nil, check.Regressed, check.Fail, collect.Higher},
		{"a failed build fails", 1, metric("docs.build_success", 0), nil, check.Regressed, check.Fail, collect.Higher},
		{"a benchmark of that name is a benchmark", 5, collect.Metric{Name: "bench/Parser.errors", Better: collect.Lower, Value: 6}, nil, check.Regressed, check.Fail, collect.Lower},
		{"the first rule that fits decides", 1, metric("a.seconds", 9), []check.Rule{{Match: "b"}, {Match: "a.*", Level: check.Warn}, {Match: "a.seconds", Level: check.Off}}, check.Regressed, check.Warn, collect.Lower},
		{"the run says what is better", 1, collect.Metric{Name: "a.seconds", Unit: "s", Better: collect.Higher, Value: 9}, nil, check.Improved, check.Fail, collect.Higher},
		{"a tag says what is better", 1, collect.Metric{Name: "a.seconds", Tags: collect.Tags{"better": "larger"}, Value: 9}, nil, check.Improved, check.Fail, collect.Higher},
		{"a rule's limit goes before the common one", 100, metric("a_mb", 103), []check.Rule{{Match: "a_mb", Limit: &check.Limit{Value: 2}}}, check.Regressed, check.Fail, collect.Lower},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := history(map[string][]float64{tt.metric.Name: steady(10, tt.past)})
			c := check.Thresholds{Rules: tt.rules, Limit: &check.Limit{Value: 5}}
			got := find(t, check.Compare([]collect.Run{run(tt.metric)}, b, c), tt.metric.Name)
			if got.Status != tt.status || got.Level != tt.level || got.Better != tt.better {
				t.Errorf("%s %s %s (%s), want %s %s %s", got.Status, got.Level, got.Better, got.Reason, tt.status, tt.level, tt.better)
			}
		})
	}
}

func TestBudgets(t *testing.T) {
	bounds := []check.Rule{{Match: "*_mb", Max: number(50)}, {Match: "coverage.*", Min: number(80)}}
	tests := []struct {
		name   string
		past   []float64
		metric collect.Metric
		t      check.Thresholds
		again  []float64
		want   check.Status
		reason string
	}{
		{"over, without history", nil, metric("a_mb", 50.1), check.Thresholds{}, nil, check.Regressed, "50.1 MB is over the budget, which is at most 50 MB"},
		{"at the bound", nil, metric("a_mb", 50), check.Thresholds{}, nil, check.New, "within its budget, max 50"},
		{"over, as ever", steady(9, 60), metric("a_mb", 60), check.Thresholds{}, nil, check.Regressed, "over the budget"},
		{"over and worse", steady(9, 49), metric("a_mb", 60), check.Thresholds{}, nil, check.Regressed, "; and +22 %"},
		{"under and better", steady(9, 49), metric("a_mb", 40), check.Thresholds{}, nil, check.Improved, ""},
		{"too low", nil, metric("coverage.line_pct", 79.9), check.Thresholds{}, nil, check.Regressed, "79.9 % is under the budget, which is at least 80 %"},
		{"a re-run is asked for", nil, metric("a_mb", 51), check.Thresholds{Confirm: 1}, nil, check.Suspect, "one more run must agree"},
		{"a re-run agrees", nil, metric("a_mb", 51), check.Thresholds{Confirm: 1}, []float64{52}, check.Regressed, ""},
		{"a re-run does not agree", nil, metric("a_mb", 51), check.Thresholds{Confirm: 1}, []float64{49}, check.New, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.t.Rules = bounds
			looks := []collect.Run{run(tt.metric)}
			for _, x := range tt.again {
				m := tt.metric
				m.Value = x
				looks = append(looks, run(m))
			}
			got := find(t, check.Compare(looks, history(map[string][]float64{tt.metric.Name: tt.past}), tt.t), tt.metric.Name)
			if got.Status != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("%s (%s), want %s (%s)", got.Status, got.Reason, tt.want, tt.reason)
			}
		})
	}
}

func TestLooks(t *testing.T) {
	past := noisy(40, 10)
	nan := math.NaN()
	tests := []struct {
		name    string
		confirm int
		looks   []float64
		want    check.Status
		reason  string
	}{
		{"one look decides", 0, []float64{14}, check.Regressed, ""},
		{"two looks agree", 0, []float64{14, 13}, check.Regressed, ""},
		{"the re-run does not agree", 0, []float64{14, 10}, check.Unchanged, "a re-run did not agree"},
		{"two of three agree", 1, []float64{14, 10, 14}, check.Regressed, ""},
		{"one of three", 1, []float64{14, 10, 10}, check.Unchanged, ""},
		{"two must agree and one has", 2, []float64{14, 14}, check.Suspect, "one more run must agree"},
		{"two must agree and one does not", 2, []float64{14, 14, 10}, check.Unchanged, ""},
		{"two must agree and do", 2, []float64{14, 14, 14}, check.Regressed, ""},
		{"nobody looked yet", 2, []float64{14}, check.Suspect, "2 more runs must agree"},
		{"only the re-run is slow", 1, []float64{10, 14}, check.Unchanged, ""},
		{"the re-run did not measure it", 1, []float64{14, nan}, check.Suspect, "one more run"},
		{"the re-run is not needed", 0, []float64{14, nan}, check.Regressed, ""},
		{"faster", 1, []float64{7}, check.Improved, ""},
		{"faster twice", 1, []float64{7, 7.2}, check.Improved, ""},
		{"faster once", 1, []float64{7, 10}, check.Unchanged, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var looks []collect.Run
			for _, x := range tt.looks {
				var ms []collect.Metric
				if !math.IsNaN(x) {
					ms = append(ms, metric("a.seconds", x))
				}
				looks = append(looks, run(ms...))
			}
			r := check.Compare(looks, history(map[string][]float64{"a.seconds": past}), check.Thresholds{Confirm: tt.confirm})
			got := find(t, r, "a.seconds")
			if got.Status != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("%s (%s), want %s (%s)", got.Status, got.Reason, tt.want, tt.reason)
			}
			if r.Fails != (tt.want == check.Regressed) {
				t.Errorf("Fails = %v for %s", r.Fails, tt.want)
			}
		})
	}
}

func TestWaivers(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	day := func(d int) time.Time { return time.Date(2026, 6, d, 23, 59, 59, 0, time.UTC) }
	ceiling := func(x float64) *check.Limit { return &check.Limit{Value: x} }
	tests := []struct {
		name   string
		head   float64
		waiver check.Waiver
		want   check.Status
		reason string
		note   string
	}{
		{"holds", 120, check.Waiver{Metric: "a_mb", Ceiling: ceiling(30), Until: day(30), Reason: "new checksum", Issue: 12}, check.Waived, "waived until 2026-06-30: new checksum (#12); +20 %", ""},
		{"past its ceiling", 131, check.Waiver{Metric: "a_*", Ceiling: ceiling(30), Until: day(30)}, check.Regressed, "past the ceiling of its waiver, 30%", ""},
		{"without a ceiling", 900, check.Waiver{Metric: "**"}, check.Waived, "", ""},
		{"on its last day", 120, check.Waiver{Metric: "a_mb", Until: day(1)}, check.Waived, "", "the waiver of a_mb ends on 2026-06-01"},
		{"ends soon", 120, check.Waiver{Metric: "a_mb", Until: day(9)}, check.Waived, "", "ends on 2026-06-09"},
		{"expired", 120, check.Waiver{Metric: "a_mb", Until: day(1).AddDate(0, 0, -1)}, check.Regressed, "its waiver expired on 2026-05-31", ""},
		{"of another metric", 120, check.Waiver{Metric: "b"}, check.Regressed, "", ""},
		{"not needed", 100, check.Waiver{Metric: "a_mb", Until: day(2)}, check.Unchanged, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := history(map[string][]float64{"a_mb": steady(10, 100)})
			r := check.Compare([]collect.Run{run(metric("a_mb", tt.head))}, b, check.Thresholds{Waivers: []check.Waiver{tt.waiver}, Now: now})
			got := find(t, r, "a_mb")
			if got.Status != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("%s (%s), want %s (%s)", got.Status, got.Reason, tt.want, tt.reason)
			}
			if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, tt.note) || tt.note == "" && strings.Contains(notes, "waiver") {
				t.Errorf("notes are %q, want one with %q", r.Notes, tt.note)
			}
			if r.Fails != (tt.want == check.Regressed) {
				t.Errorf("Fails = %v for %s", r.Fails, tt.want)
			}
		})
	}
	// A budget is waived by its own distance, with no history at all.
	rules := []check.Rule{{Match: "a_mb", Max: number(50)}}
	for head, want := range map[float64]check.Status{54: check.Waived, 56: check.Regressed} {
		c := check.Thresholds{Rules: rules, Waivers: []check.Waiver{{Metric: "a_mb", Ceiling: ceiling(10)}}, Now: now}
		if got := find(t, check.Compare([]collect.Run{run(metric("a_mb", head))}, baseline.Baseline{}, c), "a_mb"); got.Status != want {
			t.Errorf("%g of 50 MB is %s (%s), want %s", head, got.Status, got.Reason, want)
		}
	}
}

func TestVerdict(t *testing.T) {
	few := append(steady(7, math.NaN()), 1, 1, 1)
	b := history(map[string][]float64{"a_mb": steady(10, 100), "b_mb": steady(10, 100), "few_mb": few, "old_mb": append(steady(5, 1), steady(5, math.NaN())...)})
	same, worse, little := metric("a_mb", 100), metric("a_mb", 110), metric("few_mb", 1)
	other := metric("b_mb", 100)
	tests := []struct {
		name  string
		head  []collect.Metric
		t     check.Thresholds
		want  check.Verdict
		fails bool
		gated string
		note  string
	}{
		{"pass", []collect.Metric{same, other, little}, check.Thresholds{}, check.Pass, false, "", ""},
		{"regression", []collect.Metric{worse, other, little}, check.Thresholds{}, check.Regression, true, "a_mb is regressed", ""},
		{"only a warning", []collect.Metric{worse, other, little}, check.Thresholds{Rules: []check.Rule{{Match: "**", Level: check.Warn}}}, check.Pass, false, "", ""},
		{"suspect", []collect.Metric{worse, other, little}, check.Thresholds{Confirm: 1}, check.SuspectRun, false, "a_mb is suspect", ""},
		{"missing is told", []collect.Metric{same, little}, check.Thresholds{}, check.Pass, false, "", "b_mb is missing"},
		{"missing fails", []collect.Metric{same, little}, check.Thresholds{OnMissing: check.ActFail}, check.Regression, true, "b_mb is missing", ""},
		{"missing is not told", []collect.Metric{same, little}, check.Thresholds{OnMissing: check.ActPass}, check.Pass, false, "", ""},
		{"inconclusive is told", []collect.Metric{same, other, little}, check.Thresholds{OnInconclusive: check.ActWarn}, check.Pass, false, "", "few_mb is inconclusive"},
		{"inconclusive fails", []collect.Metric{same, other, little}, check.Thresholds{OnInconclusive: check.ActFail}, check.InconclusiveRun, true, "few_mb is inconclusive", ""},
		{"nothing could be judged", []collect.Metric{little}, check.Thresholds{OnMissing: check.ActPass}, check.InconclusiveRun, false, "few_mb", ""},
		{"regression goes before all", []collect.Metric{worse, little}, check.Thresholds{OnMissing: check.ActFail, OnInconclusive: check.ActFail}, check.Regression, true, "a_mb is regressed|b_mb is missing|few_mb is inconclusive", ""},
		{"all is new", []collect.Metric{metric("n_mb", 1)}, check.Thresholds{OnMissing: check.ActPass}, check.Pass, false, "", ""},
		{"nothing at all", nil, check.Thresholds{OnMissing: check.ActPass}, check.Pass, false, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := check.Compare([]collect.Run{run(tt.head...)}, b, tt.t)
			if r.Verdict != tt.want || r.Fails != tt.fails {
				t.Errorf("verdict %s, fails %v; want %s, %v", r.Verdict, r.Fails, tt.want, tt.fails)
			}
			if got := strings.Join(r.Gated, "|"); got != tt.gated && !(tt.gated != "" && strings.HasPrefix(got, tt.gated)) {
				t.Errorf("gated by %q, want %q", got, tt.gated)
			}
			if got := strings.Join(r.Notes, "|"); got != tt.note {
				t.Errorf("notes %q, want %q", got, tt.note)
			}
		})
	}
}

func TestOrderAndCounts(t *testing.T) {
	past := map[string][]float64{"gone_mb": steady(10, 1), "system.cpu_percent": steady(10, 1)}
	for _, name := range []string{"b_mb", "c_mb", "same1_mb", "same2_mb", "less_mb", "test.passed"} {
		past[name] = steady(10, 100)
	}
	head := run(metric("same2_mb", 100), metric("system.cpu_percent", 5), metric("less_mb", 90), metric("new_mb", 1),
		metric("b_mb", 101), metric("test.passed", 50), metric("same1_mb", 100), metric("c_mb", 120))
	r := check.Compare([]collect.Run{head}, history(past), check.Thresholds{})
	var names []string
	for _, m := range r.Metrics {
		names = append(names, m.Name)
	}
	want := []string{"c_mb", "b_mb", "test.passed", "gone_mb", "less_mb", "new_mb", "same1_mb", "same2_mb", "system.cpu_percent"}
	if !slices.Equal(names, want) {
		t.Errorf("order is %v, want %v", names, want)
	}
	counts := map[check.Status]int{
		check.Regressed: 3, check.Missing: 1, check.Improved: 1, check.New: 1, check.Unchanged: 2,
		check.Suspect: 0, check.Waived: 0, check.Inconclusive: 0,
	}
	if got := fmt.Sprint(r.Counts); got != fmt.Sprint(counts) {
		t.Errorf("counts are %v, want %v", got, counts)
	}
}

func TestWindow(t *testing.T) {
	b := history(map[string][]float64{"a_mb": steady(4, 1)})
	amd, arm := collect.Runner{Arch: "amd64", Cores: 4, Image: "x"}, collect.Runner{Arch: "arm64", Cores: 4}
	for i := range b.Runs {
		b.Runs[i].Runner, b.Runs[i].Commit = amd, fmt.Sprint("c", i)
	}
	b.Runs[1].Runner = arm
	b.Left = []baseline.LeftOut{{Reason: "the run failed", Runs: 3}}
	head := run(metric("a_mb", 1))
	head.Runner = amd
	head.Runner.Image = "y" // another image is the same kind of machine
	r := check.Compare([]collect.Run{head}, b, check.Thresholds{})
	w := r.Baseline
	if w.Runs != 4 || w.Branch != "main" || w.SameRunner != 3 || w.NewestCommit != "c3" || !w.Oldest.Equal(b.Runs[0].Time) || !w.Newest.Equal(b.Runs[3].Time) {
		t.Errorf("window is %+v", w)
	}
	if got := strings.Join(r.Notes, "|"); got != "1 of 4 baseline runs comes from another kind of machine|3 stored runs left out: the run failed" {
		t.Errorf("notes are %q", got)
	}
	b.Runs[2].Branch = "release"
	if w := check.Compare([]collect.Run{head}, b, check.Thresholds{}).Baseline; w.Branch != "" {
		t.Errorf("branch of runs from two is %q, want none", w.Branch)
	}
}
