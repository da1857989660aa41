package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// occasion is an event that starts the step's job.
type occasion struct {
	name    string
	run     githubtest.Run
	at      string // the commit of the check; none for a fork's token
	comment *githubtest.Pull
}

// occasions are all events that the step is for.
func (f *forge) occasions() []occasion {
	f.AddPush(f.repo, "main", map[string]string{"code.go": "not measured yet"})
	fork := f.Fork(f.repo, "stranger")
	head := func(branch string) string { return f.repo.Branches[branch] }
	f.AddPush(f.repo, "topic", map[string]string{"code.go": "topic"})
	f.AddPush(f.repo, "gh-readonly-queue/main/pr-1", map[string]string{"code.go": "queued"})
	own := f.OpenPull(f.repo, "change", map[string]string{"code.go": "change"})
	strange := f.ForkPull(fork, "main", map[string]string{"code.go": "stranger"})
	pushed := f.AddRun(f.repo, githubtest.Run{HeadBranch: "topic", Name: "build", Path: ".github/workflows/build.yml"})
	return []occasion{
		{"push", githubtest.Run{}, head("main"), nil},
		{"push to another branch", githubtest.Run{HeadBranch: "topic"}, head("topic"), nil},
		{"schedule", githubtest.Run{Event: "schedule"}, head("main"), nil},
		{"workflow_dispatch", githubtest.Run{Event: "workflow_dispatch"}, head("main"), nil},
		{"workflow_dispatch on another branch", githubtest.Run{Event: "workflow_dispatch", HeadBranch: "topic"}, head("topic"), nil},
		{"pull_request", githubtest.Run{Pull: own}, own.HeadSHA, own},
		{"pull_request of a fork", githubtest.Run{Pull: strange}, "", nil},
		{"pull_request_target", githubtest.Run{Pull: own, Event: "pull_request_target"}, own.HeadSHA, own},
		{"pull_request_target of a fork", githubtest.Run{Pull: strange, Event: "pull_request_target"}, strange.HeadSHA, strange},
		{"merge_group", githubtest.Run{Event: "merge_group", HeadBranch: "gh-readonly-queue/main/pr-1"}, head("gh-readonly-queue/main/pr-1"), nil},
		{"workflow_run", githubtest.Run{Event: "workflow_run", Of: pushed}, head("topic"), nil},
		{"a second attempt", githubtest.Run{Pull: own, Attempt: 2}, own.HeadSHA, own},
		{"a third attempt of a push", githubtest.Run{Attempt: 3}, head("main"), nil},
	}
}

// act runs the step on an occasion, and says where its checks and how many
// comments are then.
func (f *forge) act(o occasion, ns float64, inputs map[string]string) (got acted, checks string, comments int) {
	f.t.Helper()
	o.run.Status = "in_progress"
	f.Lock()
	f.repo.Checks, f.repo.Comments = nil, nil
	f.Unlock()
	got = f.step(f.AddRun(f.repo, o.run), results(ns, false), inputs)
	f.Lock()
	defer f.Unlock()
	var at []string
	for _, c := range f.repo.Checks {
		at = append(at, c.HeadSHA)
	}
	return got, strings.Join(at, " "), len(f.repo.Comments)
}

// TestActionEvents runs the step on every event that it is for: it finds the
// same baseline, judges, and tells of it at the commit that the change is. One
// with data residency is as github.com.
func TestActionEvents(t *testing.T) {
	for _, server := range []string{"", "https://octo.ghe.com"} {
		f := newForge(t)
		f.history(8)
		if server != "" {
			f.override = map[string]string{"GITHUB_SERVER_URL": server}
		}
		for _, o := range f.occasions() {
			for ns, verdict := range map[float64]string{1002: "pass", 2000: "regression"} {
				got, checks, comments := f.act(o, ns, nil)
				if (got.status == 1) != (verdict == "regression") || got.status > 1 || !strings.Contains(got.out, "verdict="+verdict+"\n") || !strings.Contains(got.out, "baseline-runs=8\n") {
					t.Errorf("%s at %v ns: status %d, outputs\n%s\n%s", o.name, ns, got.status, got.out, got.stdout)
				}
				if checks != o.at {
					t.Errorf("%s: checks at %q, want one at %q", o.name, checks, o.at)
				}
				if want := o.comment != nil && verdict == "regression"; (comments == 1) != want || comments > 1 {
					t.Errorf("%s at %v ns: %d comments, want one: %v", o.name, ns, comments, want)
				}
				if strings.Contains(got.stdout, "::warning::") {
					t.Errorf("%s at %v ns warns:\n%s", o.name, ns, got.stdout)
				}
			}
		}
	}
}

// TestActionEventsOnAnEnterpriseServer: on every event the step says that there
// are no artifacts, and goes on: it measures, tells, and is not red for it.
func TestActionEventsOnAnEnterpriseServer(t *testing.T) {
	f := newForge(t)
	f.GHES = true
	for _, o := range f.occasions() {
		got, checks, comments := f.act(o, 1000, map[string]string{"comment": "always"})
		if got.status != 0 || !strings.Contains(got.out, "baseline-runs=0\n") || !strings.Contains(got.stdout, "GitHub Enterprise Server") || strings.Contains(got.stdout, "::error::") {
			t.Errorf("%s: status %d, outputs\n%s\n%s", o.name, got.status, got.out, got.stdout)
		}
		if checks != o.at || (comments == 1) != (o.comment != nil) || got.summary == "" {
			t.Errorf("%s: checks at %q, want %q; %d comments, want one: %v; summary %q", o.name, checks, o.at, comments, o.comment != nil, got.summary)
		}
	}
}

// TestActionAttempts: what a later attempt measured has an artifact of its own,
// beside that of the first, and counts where the attempt succeeded.
func TestActionAttempts(t *testing.T) {
	f := newForge(t)
	f.history(7)
	f.AddPush(f.repo, "main", map[string]string{"code.go": "flaky"})
	run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
	first := f.step(run, results(5000, false), nil)
	f.Lock()
	run.Attempt = 2
	f.Unlock()
	second := f.step(run, results(1002, false), nil)
	f.Lock()
	run.Status, run.Conclusion = "completed", "success"
	f.Unlock()
	if first.status != 1 || second.status != 0 {
		t.Fatalf("statuses %d and %d, want 1 and 0\n%s", first.status, second.status, second.stdout)
	}
	var names []string
	for _, a := range f.repo.Artifacts[7:] {
		names = append(names, a.Name)
	}
	if len(names) != 2 || names[1] != names[0]+"-attempt-2" {
		t.Errorf("artifacts %q, want one of each attempt", names)
	}
	_, got := f.push(results(1001, false))
	if got.status != 0 || !strings.Contains(got.out, "baseline-runs=8\n") {
		t.Errorf("the next push: status %d, outputs\n%s\nwant the second attempt in the baseline\n%s", got.status, got.out, got.stdout)
	}
}

// TestActionOnServers: an Enterprise Server has no artifact service. The step
// says so and goes on, with the runs in the workspace's folder where there are
// some; it is never red for it. One with data residency is as github.com.
func TestActionOnServers(t *testing.T) {
	f := newForge(t)
	f.GHES = true
	_, got := f.push(results(1000, false))
	if got.status != 0 || !strings.Contains(got.stdout, "GitHub Enterprise Server") || strings.Contains(got.stdout, "::error::") || !strings.Contains(got.out, "baseline-runs=0\n") {
		t.Errorf("a server without artifacts: status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	for i := range 8 { // a cache brings the folder from job to job
		files := results(1000+float64(i%3), i == 7)
		kept, _ := filepath.Glob(filepath.Join(got.env["GITHUB_WORKSPACE"], ".plumbline", "*.jsonl"))
		for _, name := range kept {
			files[".plumbline/"+filepath.Base(name)] = f.text(name)
		}
		_, got = f.push(files)
	}
	if got.status != 1 || !strings.Contains(got.out, "baseline-runs=8\n") || !strings.Contains(got.summary, "`test.failed`") {
		t.Errorf("with runs in the workspace: status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	f = newForge(t)
	f.override = map[string]string{"GITHUB_SERVER_URL": "https://octo.ghe.com"}
	f.history(7)
	p := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "slow"})
	got = f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), results(2000, false), nil)
	if got.status != 1 || !strings.Contains(f.only(p), "https://octo.ghe.com/o/r/actions/runs/") {
		t.Errorf("data residency: status %d, comment\n%s\n%s", got.status, f.only(p), got.stdout)
	}
}

// TestActionAsksLittle: a pull request with a history costs few of the thousand
// requests that all jobs of a repository share in an hour.
func TestActionAsksLittle(t *testing.T) {
	f := newForge(t)
	f.history(52)
	p := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "slow"})
	f.Lock()
	before := f.Remaining
	f.Unlock()
	got := f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), results(1001, false), map[string]string{"comment": "never", "check-name": ""})
	f.Lock()
	used := before - f.Remaining
	f.Unlock()
	if !strings.Contains(got.out, "baseline-runs=50\n") || used > 6 {
		t.Errorf("%d requests, outputs\n%s\nwant at most 6 for 50 runs", used, got.out)
	}
}
