package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github"
	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// publisher is a leg of a run that has its result already.
func (f *forge) publisher(run *githubtest.Run, suite string, token *githubtest.Token) *job {
	f.t.Helper()
	env, err := f.Env(run, githubtest.Place{URL: f.url, Dir: f.t.TempDir(), Job: "unit", Inputs: map[string]string{"name": suite}, Token: token})
	if err != nil {
		f.t.Fatal(err)
	}
	step, err := github.NewStep(func(key string) string { return env[key] }, io.Discard)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = step.Close() }) // the folder goes anyway
	return &job{app: &app{}, step: step, hub: step.Connect("test"), budget: newBudget(f.t.Context(), time.Minute)}
}

// slower is a result of n metrics, the first of which regressed.
func slower(n int) check.Result {
	r := check.Result{Verdict: check.Regression, Fails: true, Baseline: check.Window{Runs: 42, Branch: "main"}, Counts: map[check.Status]int{}}
	for i := range n {
		c := check.Comparison{
			Name: fmt.Sprintf("bench/acme/pkg%03d.Case%d.ns_per_op", i/100, i), Status: check.Improved, Level: check.Fail, Unit: "ns/op", Better: collect.Lower,
			Head: 80, Baseline: 100, DeltaPct: -20, Low: 95, High: 105, History: []float64{99, 101, 100},
		}
		if i == 0 {
			c.Status, c.Head, c.DeltaPct = check.Regressed, 131, 31
		}
		r.Metrics = append(r.Metrics, c)
		r.Counts[c.Status]++
	}
	return r
}

// announceResult keeps a result and announces it, as finish does.
func (j *job) announceResult(r check.Result, run collect.Run) []error {
	page := report.NewPage(r, report.Links{Run: j.step.RunURL()})
	part := report.NewPart(j.step.Stamp(), page)
	return append(j.announce(page, run, part), j.keepJudged(run, page, part, nil))
}

func (f *forge) pullRun() (*githubtest.Pull, *githubtest.Run) {
	p := f.OpenPull(f.repo, fmt.Sprint("topic", len(f.repo.Pulls)), map[string]string{"code.go": "slow"})
	return p, f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"})
}

// TestRacingLegs: all legs of a matrix end at once, and none knows of another.
// There is one comment, and it has all of them.
func TestRacingLegs(t *testing.T) {
	for _, n := range []int{2, 5} {
		f := newForge(t)
		p, run := f.pullRun()
		var wait sync.WaitGroup
		for i := range n {
			j := f.publisher(run, fmt.Sprint("leg", i), nil)
			wait.Go(func() {
				page := report.NewPage(slower(3), report.Links{})
				part := report.NewPart(j.step.Stamp(), page)
				measured := collect.Run{Origin: collect.Origin{ID: fmt.Sprint("id", i), Time: time.Unix(1, 0)}, Metrics: []collect.Metric{{Name: "m"}}}
				if err := j.keepJudged(measured, page, part, nil); err != nil {
					t.Error(err)
				}
				for _, err := range j.announce(page, measured, part) {
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if got := len(report.ReadComment(f.only(p))); got != n {
			t.Errorf("the comment has %d of %d legs:\n%s", got, n, f.only(p))
		}
		if got := len(f.repo.Checks); got != n {
			t.Errorf("%d checks, want %d", got, n)
		}
	}
}

// TestPublishingFaults: whatever goes wrong once, there is one comment and one
// check in the end; and what goes wrong for good is told.
func TestPublishingFaults(t *testing.T) {
	harms := map[string]githubtest.Harm{
		"lost before": githubtest.Drop(false), "lost after": githubtest.Drop(true), "502": githubtest.Answer(502), "502 after": githubtest.AnswerAfter(502),
		"limited": githubtest.SecondaryLimit(403, 1), "garbage": githubtest.Garbage(), "half": githubtest.Truncate(),
	}
	for name, harm := range harms {
		for what, fault := range map[string]githubtest.Fault{
			"comment": {Method: "POST", Path: "*/comments", Do: harm, Times: 1}, "list": {Method: "GET", Path: "*/comments", Do: harm, Times: 1},
			"edit": {Method: "PATCH", Path: "*/comments/*", Do: harm, Times: 1}, "check": {Method: "POST", Path: "*/check-runs", Do: harm, Times: 1},
		} {
			t.Run(what+" "+name, func(t *testing.T) {
				t.Parallel() // what is tried again waits a second
				f := newForge(t)
				p, run := f.pullRun()
				if what == "edit" {
					f.publisher(run, "first", nil).announceResult(slower(2), collect.Run{})
				}
				set := f.Break(fault)
				f.publisher(run, "unit", nil).announceResult(slower(2), collect.Run{})
				if !f.Heal(set) {
					t.Error("nothing went wrong: the test shows nothing")
				}
				f.publisher(run, "unit", nil).announceResult(slower(2), collect.Run{})
				if body := f.only(p); !strings.Contains(body, "<code>unit</code>") {
					t.Errorf("the comment does not tell of the suite:\n%s", body)
				}
			})
		}
	}
}

// TestStrangersComments: a marker in a comment of somebody else, person or bot,
// makes it none of ours.
func TestStrangersComments(t *testing.T) {
	for _, login := range []string{"mallory", "other-app[bot]"} {
		f := newForge(t)
		p, run := f.pullRun()
		forged := report.Comment([]report.Part{report.NewPart(report.Stamp{Suite: "forged", Workflow: "ci.yml", Commit: "0", Run: 1 << 60, Number: 1 << 30}, report.NewPage(check.Result{Verdict: check.Pass}, report.Links{}))}, report.MaxMarkdownBytes)
		f.AddComment(f.repo, p.Number, login, forged)
		f.publisher(run, "unit", nil).announceResult(slower(2), collect.Run{})
		all := f.comments(p)
		if len(all) != 2 || all[0].Body != forged || strings.Contains(all[1].Body, "forged") {
			t.Errorf("%s: %d comments, the last of which says\n%s", login, len(all), all[len(all)-1].Body)
		}
	}
}

// TestOwnApp: an app of one's own cannot ask for its name, and still has one
// comment.
func TestOwnApp(t *testing.T) {
	f := newForge(t)
	p, run := f.pullRun()
	token := f.AddToken(githubtest.Token{
		Secret: "ghs_own", Repo: f.repo, App: 77, Login: "perf[bot]", Permissions: map[string]string{"pull_requests": "write", "checks": "write", "contents": "read", "actions": "read"},
	})
	for range 2 {
		for _, err := range f.publisher(run, "unit", token).announceResult(slower(2), collect.Run{}) {
			if err != nil && !strings.Contains(err.Error(), "keep the run") {
				t.Error(err)
			}
		}
	}
	f.only(p)
}

// TestLargestComment: 50,000 metrics and 60 suites fit, and where GitHub takes
// less, less is sent.
func TestLargestComment(t *testing.T) {
	f := newForge(t)
	p, run := f.pullRun()
	for _, err := range f.publisher(run, "large", nil).announceResult(slower(50_000), collect.Run{}) {
		if err != nil && !strings.Contains(err.Error(), "keep the run") {
			t.Error(err)
		}
	}
	body := f.only(p)
	if n := len([]rune(body)); n > 65_536 || !strings.Contains(body, "49,999 improved") {
		t.Errorf("%d characters:\n%.500s", n, body)
	}
	if n := len(f.repo.Checks[0].Summary); n > 65_535 || n == 0 {
		t.Errorf("a summary of %d bytes", n)
	}
	set := f.Break(githubtest.Fault{Method: "PATCH", Path: "*/comments/*", Do: githubtest.Answer(422), Times: 2})
	f.publisher(run, "next", nil).announceResult(slower(5000), collect.Run{})
	if !f.Heal(set) || len(f.only(p)) > 17_000 || len(report.ReadComment(f.only(p))) != 2 {
		t.Errorf("after 422 there are %d bytes", len(f.only(p)))
	}
}
