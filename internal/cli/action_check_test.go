package cli

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github"
	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// TestActionChecks: every commit gets a check that says what the step came to.
func TestActionChecks(t *testing.T) {
	f := newForge(t)
	f.history(12)
	first, last := f.repo.Checks[0], f.repo.Checks[11]
	if first.Conclusion != "neutral" || !strings.HasPrefix(first.Title, "nothing judged: ") {
		t.Errorf("without a baseline: %s, %q", first.Conclusion, first.Title)
	}
	if !strings.HasSuffix(last.Name, "/unit") || !strings.HasPrefix(last.Name, "plumbline / ") || last.Conclusion != "success" || last.HeadSHA != f.repo.Branches["main"] {
		t.Errorf("on main: %+v", last)
	}
	pulled := func(inputs map[string]string) *githubtest.Check {
		p, run := f.pullRun()
		before := len(f.repo.Checks)
		got := f.step(run, results(2000, false), inputs)
		if len(f.repo.Checks) != before+1 {
			t.Fatalf("%v: %d checks more, want 1\n%s", inputs, len(f.repo.Checks)-before, got.stdout)
		}
		c := f.repo.Checks[before]
		if c.HeadSHA != p.HeadSHA || !strings.HasPrefix(c.Title, "regression: 1 of ") || !strings.Contains(c.Summary, "Parse.ns_per_op") || !strings.Contains(c.DetailsURL, "/actions/runs/") {
			t.Errorf("%v: %+v", inputs, c)
		}
		return c
	}
	if c := pulled(nil); c.Conclusion != "failure" {
		t.Errorf("a regression: %s", c.Conclusion)
	}
	if c := pulled(map[string]string{"fail-on": "never", "check-name": "gate of NAME"}); c.Conclusion != "neutral" || c.Name != "gate of "+strings.TrimPrefix(last.Name, "plumbline / ") {
		t.Errorf("a regression that fails nothing: %s, %q", c.Conclusion, c.Name)
	}
	before := len(f.repo.Checks)
	_, run := f.pullRun()
	f.step(run, results(1000, false), map[string]string{"check-name": ""})
	if len(f.repo.Checks) != before {
		t.Error("there is a check though check-name is empty")
	}
	queued := f.AddRun(f.repo, githubtest.Run{Event: "merge_group", HeadBranch: "gh-readonly-queue/main/pr-1", HeadSHA: f.repo.Pulls[0].MergeCommitSHA, Status: "in_progress"})
	f.step(queued, results(1000, false), nil)
	if c := f.repo.Checks[len(f.repo.Checks)-1]; c.HeadSHA != queued.HeadSHA || c.Conclusion != "success" {
		t.Errorf("in a merge queue: %+v", c)
	}
}

// TestChecksFallBack: to a commit status, and then to the job's own result, with
// a word about it.
func TestChecksFallBack(t *testing.T) {
	f := newForge(t)
	p, run := f.pullRun()
	personal := f.AddToken(githubtest.Token{Secret: "ghs_personal", Repo: f.repo, Login: "me", Permissions: map[string]string{"statuses": "write"}})
	j := f.publisher(run, "unit", personal)
	if err := j.hub.Check(t.Context(), github.Check{Conclusion: "failure", Title: strings.Repeat("x", 300)}); err != nil {
		t.Error(err)
	}
	if len(f.repo.Statuses) != 1 || f.repo.Statuses[0].State != "failure" || f.repo.Statuses[0].Context != "plumbline / unit" || f.repo.Statuses[0].SHA != p.HeadSHA {
		t.Errorf("statuses: %+v", f.repo.Statuses)
	}
	reader := f.AddToken(githubtest.Token{Secret: "ghs_reader", Repo: f.repo, Login: "me"})
	got := f.stepWith(run, reader)
	if got.status != 0 || strings.Count(got.stdout, "::warning::the verdict stands") != 1 || !strings.Contains(got.summary, "checks&#58;") || !strings.Contains(got.stdout, "statuses: write") {
		t.Errorf("a token that may nothing: status %d\n%s\n%s", got.status, got.stdout, got.summary)
	}
}

// stepWith runs the action with a token of one's own.
func (f *forge) stepWith(run *githubtest.Run, token *githubtest.Token) acted {
	return f.step(run, results(1000, false), map[string]string{"github-token": token.Secret})
}

// TestAnnotations: what got worse is marked where its tags say that it is, if
// there is such a file, and nowhere else.
func TestAnnotations(t *testing.T) {
	f := newForge(t)
	_, run := f.pullRun()
	j := f.publisher(run, "unit", nil)
	if err := os.MkdirAll(filepath.Join(j.step.Dir, "a"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(j.step.Dir, "a", "b_test.go"), []byte("package a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := check.Result{Verdict: check.Regression}
	measured := collect.Run{}
	for name, tags := range map[string]collect.Tags{
		"good": {"file": "a/b_test.go", "line": "7"}, "no line": {"file": "./a/b_test.go"}, "none": nil, "gone": {"file": "a/c_test.go", "line": "7"},
		"outside": {"file": "../../etc/passwd"}, "absolute": {"file": "/etc/passwd"}, "odd line": {"file": "a/b_test.go", "line": "-1"}, "fine": {"file": "a/b_test.go", "line": "9"},
	} {
		c := check.Comparison{Name: name, Status: check.Regressed, Level: check.Fail, Unit: "s", Head: 2, Baseline: 1, DeltaPct: 100}
		if name == "fine" {
			c.Status = check.Unchanged
		}
		r.Metrics = append(r.Metrics, c)
		measured.Metrics = append(measured.Metrics, collect.Metric{Name: name, Tags: tags})
	}
	got := map[string]github.Annotation{}
	for _, a := range j.annotations(r, measured) {
		got[a.Title] = a
	}
	for title, line := range map[string]int{"regressed: good": 7, "regressed: no line": 1} {
		if a := got[title]; a.Path != "a/b_test.go" || a.Start != line || a.End != line || a.Level != "failure" || !strings.HasPrefix(a.Message, "1 s -> 2 s (+100 %") {
			t.Errorf("%s: %+v", title, a)
		}
	}
	if len(got) != 2 {
		t.Errorf("annotations of what has no place: %v", got)
	}
}

// TestFailOnWarning: a metric that only warns fails the step where that is asked.
func TestFailOnWarning(t *testing.T) {
	t.Parallel()
	r := check.Result{Verdict: check.Pass, Metrics: []check.Comparison{{Status: check.Regressed, Level: check.Warn}}}
	if failsStep(github.FailOn{Regression: true}, r) || !failsStep(github.FailOn{Warning: true}, r) {
		t.Error("a warning fails the step by itself, or not where it is asked to")
	}
	r.Metrics[0].Status = check.Unchanged
	if failsStep(github.FailOn{Warning: true}, r) {
		t.Error("nothing regressed and the step fails")
	}
}

// TestAnnotationsInFifties: GitHub refuses more than fifty a request, and the
// check has them all the same, up to a hundred.
func TestAnnotationsInFifties(t *testing.T) {
	for n, want := range map[int]int{1: 1, 50: 50, 51: 51, 130: 100} {
		f := newForge(t)
		_, run := f.pullRun()
		j := f.publisher(run, "unit", nil)
		if err := os.WriteFile(filepath.Join(j.step.Dir, "a_test.go"), []byte("package a\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		r, measured := slower(n), collect.Run{Origin: collect.Origin{ID: "id", Time: time.Unix(1, 0)}}
		for i := range r.Metrics {
			r.Metrics[i].Status, r.Metrics[i].Head, r.Metrics[i].DeltaPct = check.Regressed, 131, 31
			measured.Metrics = append(measured.Metrics, collect.Metric{Name: r.Metrics[i].Name, Tags: collect.Tags{"file": "a_test.go", "line": strconv.Itoa(i + 1)}})
		}
		for _, err := range j.announceResult(r, measured) {
			if err != nil {
				t.Error(err)
			}
		}
		if len(f.repo.Checks) != 1 || len(f.repo.Checks[0].Annotations) != want {
			t.Errorf("%d regressed: checks %+v, want one with %d annotations", n, f.repo.Checks, want)
		}
	}
}

// TestActionFailOn: each outcome fails the step where it is asked to, and no
// other outcome does.
func TestActionFailOn(t *testing.T) {
	f := newForge(t)
	f.history(8)
	outcomes := []string{"regression", "suspect", "inconclusive", "missing", "no-baseline", "warning"}
	junit := map[string]string{"junit.xml": results(1, false)["junit.xml"]}
	warn := "rules:\n  - {match: \"bench/**\", level: warn}\n"
	for _, row := range []struct {
		outcome string
		files   map[string]string
		inputs  map[string]string
	}{
		{"", results(1002, false), nil},
		{"regression", results(2000, false), nil},
		{"suspect", results(2000, false), map[string]string{"confirm": "1"}},
		{"inconclusive", results(1002, false), map[string]string{"baseline-runs": "3"}},
		{"missing", junit, nil},
		{"no-baseline", results(1002, false), map[string]string{"name": "another suite"}},
		{"warning", with(results(2000, false), ConfigFile, warn), nil},
	} {
		others := slices.DeleteFunc(slices.Clone(outcomes), func(o string) bool { return o == row.outcome })
		for failOn, want := range map[string]int{row.outcome: 1, strings.Join(others, ","): 0, "never": 0} {
			if failOn == "" {
				continue
			}
			inputs := map[string]string{"fail-on": failOn, "results": "junit.xml"}
			if row.files["bench.txt"] != "" {
				inputs["results"] += "\nbench.txt"
			}
			maps.Copy(inputs, row.inputs)
			_, run := f.pullRun()
			if got := f.step(run, row.files, inputs); got.status != want {
				t.Errorf("%q with fail-on %q: status %d, want %d, outputs\n%s\n%s", row.outcome, failOn, got.status, want, got.out, got.stdout)
			}
		}
	}
}
