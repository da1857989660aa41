package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// doctor runs plumbline doctor in a step of the run's job that runs a command, with
// a token of these permissions: nil for the one of every run.
func (f *forge) doctor(run *githubtest.Run, may map[string]string) acted {
	f.t.Helper()
	f.Asking = true
	p := githubtest.Place{URL: f.url, Dir: f.t.TempDir(), Job: "unit"}
	if may != nil {
		p.Token = f.AddToken(githubtest.Token{Secret: fmt.Sprintf("ghs_doctor_%d", f.clock.Unix()), Permissions: may, Repo: f.repo, App: githubtest.ActionsApp, Login: "github-actions[bot]"})
	}
	env, err := f.Env(run, p)
	if err != nil {
		f.t.Fatal(err)
	}
	env["GITHUB_TOKEN"] = env["INPUT_GITHUB-TOKEN"]
	for _, name := range []string{"INPUT_GITHUB-TOKEN", "INPUT_CHECK-NAME", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_RUNTIME_URL", "ACTIONS_RESULTS_URL"} {
		delete(env, name) // which only an action gets
	}
	for name, value := range f.override {
		env[name] = value
	}
	f.t.Chdir(p.Workspace(run))
	f.clock = f.clock.Add(time.Minute)
	got := f.command(env, "doctor")
	if secret := env["GITHUB_TOKEN"]; secret != "" && strings.Contains(got.stdout+got.stderr, secret) {
		f.t.Error("the token is told")
	}
	return got
}

// says holds what a doctor printed, as one line of text, against what it should.
func (f *forge) says(name string, got acted, status int, want ...string) {
	f.t.Helper()
	if got.status != status {
		f.t.Errorf("%s: status %d, want %d\n%s%s", name, got.status, status, got.stdout, got.stderr)
	}
	text := strings.Join(strings.Fields(got.stdout), " ")
	for _, w := range want {
		if no, ok := strings.CutPrefix(w, "!"); ok == strings.Contains(text, no) {
			f.t.Errorf("%s: %q is wrong of\n%s", name, w, got.stdout)
		}
	}
}

// TestDoctorInTheAction: mode doctor sees all that the action does, and does
// nothing of it.
func TestDoctorInTheAction(t *testing.T) {
	f := newForge(t)
	f.Asking = true
	doctor := map[string]string{"mode": "doctor"}
	run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
	f.says("without a baseline", f.step(run, nil, doctor), 0, "ok artifacts the run can be kept as one",
		`no workflow run of ci.yml on main that succeeded has an artifact of the suite "ci/unit"`, "-> let the workflow run on pushes to main")
	f.history(8)
	artifacts, checks := len(f.repo.Artifacts), len(f.repo.Checks)
	p := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "new"})
	got := f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), nil, doctor)
	f.says("a pull request", got, 0, "ok event pull_request", "ok token contents: read", "ok token actions: read", "ok token checks: write",
		"ok token pull-requests: write", `ok baseline job "unit" (results): the next run has 8 runs to be compared with`, "nothing is in the way of the gate")
	if len(f.repo.Artifacts) != artifacts || len(f.repo.Checks) != checks || len(f.repo.Comments) > 0 || got.out != "" || got.summary != "" {
		t.Errorf("something was published: outputs %q, summary %q", got.out, got.summary)
	}
	f.override = map[string]string{"ACTIONS_RUNTIME_TOKEN": "garbage"}
	f.says("a token that is none", f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), nil, doctor), 3,
		"problem artifacts keep the run: runs cannot be kept as artifacts: ACTIONS_RUNTIME_TOKEN is not the token of a job")
	f.override = nil
	f.Lock()
	f.repo.Artifacts[artifacts-1].Expired = true
	f.Unlock()
	f.says("expired", f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), nil, doctor), 0, "1 artifact of the name left out: expired", "the next run has 7 runs")
	flow := map[string]string{
		".github/workflows/ci.yml": "name: ci\non: pull_request\njobs: {unit: {steps: [{uses: plumbline-ci/plumbline@v0}]}}\n",
		".plumbline.yml":           "gate: {min-runs: 20}\n",
	}
	f.says("a workflow without push", f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), flow, doctor), 0,
		".github/workflows/ci.yml does not run on pushes to main", "and 20 are needed", "plumbline init --forks")
}

// TestDoctorRights: what the token lacks, and what that costs.
func TestDoctorRights(t *testing.T) {
	f := newForge(t)
	f.history(7)
	p := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "new"})
	run := f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"})
	f.repo.Private = true
	all := map[string]string{"contents": "read", "actions": "read", "checks": "write", "pull_requests": "write"}
	f.says("all", f.doctor(run, all), 0, "!warning token", "!problem", "note artifacts the runner tells the address", "the next run has 7 runs")
	for lacks, row := range map[string]struct {
		status int
		want   string
	}{
		"contents":      {3, "give the job the permission contents: read"},
		"actions":       {3, "problem token without reading what earlier runs measured every verdict is inconclusive"},
		"checks":        {0, "warning token there is not the check of the commit"},
		"pull_requests": {0, "-> give the job the permission pull-requests: write"},
	} {
		may := map[string]string{}
		for name, level := range all {
			if name != lacks {
				may[name] = level
			}
		}
		f.says("without "+lacks, f.doctor(run, may), row.status, row.want)
	}
	f.says("a status", f.doctor(run, map[string]string{"contents": "read", "actions": "read", "statuses": "write", "pull_requests": "write"}), 0,
		"ok token statuses: write, for a commit status in the place of the check")
	f.override = map[string]string{"GITHUB_TOKEN": ""}
	f.says("no token", f.doctor(run, nil), 3, "problem token", "GITHUB_TOKEN: ${{ github.token }}")
}

// TestDoctorOnNotices: what keeps notices from being sent.
func TestDoctorOnNotices(t *testing.T) {
	f := newForge(t)
	f.history(7)
	f.Asking = true
	flow := func(notices string) map[string]string {
		return map[string]string{ConfigFile: "notices: " + notices + "\n"}
	}
	act := func(notices string) acted {
		return f.step(f.AddRun(f.repo, githubtest.Run{Status: "in_progress"}), flow(notices), map[string]string{"mode": "doctor"})
	}
	f.override = map[string]string{"HOOK": "https://hooks.example.com/s3cr3t"}
	f.says("all", act("{issue: true, to: [{slack: HOOK}]}"), 0, "ok token issues: write, for the issue about a regression", "!warning notices", "!s3cr3t")
	f.says("no issue, no address", act("{to: [{slack: NONE}]}"), 0, "warning notices slack (NONE): the variable is not set", "nothing remembers what was told", "!issues: write")
	f.Lock()
	f.repo.IssuesDisabled = true
	f.Unlock()
	f.says("issues disabled", act("{issue: true}"), 0, "warning token there is not the issue about a regression", "issues are disabled in this repository's settings")
	if len(f.repo.Issues) != 0 {
		t.Errorf("the doctor opened %d issues", len(f.repo.Issues))
	}
}

// TestDoctorOnForks: what every fork meets is no fault.
func TestDoctorOnForks(t *testing.T) {
	f := newForge(t)
	f.history(7)
	p := f.ForkPull(f.Fork(f.repo, "stranger"), "topic", map[string]string{"code.go": "new"})
	f.says("a fork", f.doctor(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), nil), 0,
		"note event the pull request is of a fork", "-> plumbline init --forks", "note token no checks: write", "note token no pull-requests: write", "nothing is in the way", "!warning token", "!403")
	f.says("with rights", f.doctor(f.AddRun(f.repo, githubtest.Run{Pull: p, Event: "pull_request_target", Status: "in_progress"}), nil), 0,
		"The configuration of the base counts", "ok token checks: write")
}

// TestDoctorElsewhere: events that nobody knows, servers without artifacts, clocks
// that are off, and a GitHub that does not answer.
func TestDoctorElsewhere(t *testing.T) {
	f := newForge(t)
	f.history(7)
	run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
	f.override = map[string]string{"GITHUB_EVENT_NAME": "release"}
	f.says("a release", f.doctor(run, nil), 0, `warning event "release" is no event that the action is made for`)
	f.override = nil
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		f.ServeHTTP(w, r)
	}))
	defer late.Close()
	right := f.url
	f.url = late.URL
	f.says("another clock", f.doctor(run, nil), 0, "warning clock it is", "off GitHub's")
	f.url = right
	f.Break(githubtest.Fault{Path: "*/actions/artifacts", Do: githubtest.Answer(404)})
	f.says("no answer", f.doctor(run, nil), 3, "problem baseline what earlier runs measured cannot be read")

	f = newForge(t)
	f.GHES = true
	run = f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
	f.says("a server", f.doctor(run, nil), 0, "warning artifacts this server takes no artifacts", "by a cache", "there is no store .plumbline yet")
}
