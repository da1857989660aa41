package githubtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

// Each event has the variables and the payload that GitHub gives it.
func TestEnv(t *testing.T) {
	t.Parallel()
	w := start(t)
	own := w.OpenPull(w.repo, "topic", map[string]string{"a": "1"})
	fork := w.Fork(w.repo, "eve")
	foreign := w.ForkPull(fork, "patch", map[string]string{"b": "1"})
	measured := w.AddRun(w.repo, Run{Pull: foreign})
	main := w.repo.Branches["main"]
	for _, row := range []struct {
		name                 string
		run                  Run
		ref, sha, head, base string
		writes               bool
	}{
		{"push", Run{}, "refs/heads/main", main, "", "", true},
		{"pull request", Run{Pull: own}, "refs/pull/1/merge", own.MergeCommitSHA, "topic", "main", true},
		{"pull request of a fork", Run{Pull: foreign}, "refs/pull/2/merge", foreign.MergeCommitSHA, "patch", "main", false},
		{"of Dependabot", Run{Pull: own, Actor: "dependabot[bot]"}, "refs/pull/1/merge", own.MergeCommitSHA, "topic", "main", false},
		{"target of a fork", Run{Pull: foreign, Event: "pull_request_target"}, "refs/heads/main", main, "patch", "main", true},
		{"workflow_run", Run{Event: "workflow_run", Of: measured}, "refs/heads/main", main, "", "", true},
		{"merge_group", Run{Event: "merge_group", HeadBranch: "gh-readonly-queue/main/pr-1", HeadSHA: own.MergeCommitSHA}, "refs/heads/gh-readonly-queue/main/pr-1", own.MergeCommitSHA, "", "", true},
		{"schedule", Run{Event: "schedule"}, "refs/heads/main", main, "", "", true},
		{"dispatch on a branch", Run{Event: "workflow_dispatch", HeadBranch: "topic"}, "refs/heads/topic", own.HeadSHA, "", "", true},
	} {
		run := w.AddRun(w.repo, row.run)
		env, err := w.Env(run, Place{URL: w.server.URL, Dir: t.TempDir(), Inputs: map[string]string{"check-name": "c"}})
		if err != nil {
			t.Fatal(err)
		}
		if env["GITHUB_REF"] != row.ref || env["GITHUB_SHA"] != row.sha || env["GITHUB_HEAD_REF"] != row.head || env["GITHUB_BASE_REF"] != row.base ||
			env["INPUT_CHECK-NAME"] != "c" {
			t.Errorf("%s: %q, want %s at %s", row.name, Environ(env), row.ref, row.sha)
		}
		payload, err := os.ReadFile(env["GITHUB_EVENT_PATH"])
		if err != nil {
			t.Fatal(err)
		}
		if run.Event != "schedule" { // go-github does not know it
			event, err := github.ParseWebHook(run.Event, payload)
			if err != nil {
				t.Errorf("%s: %v", row.name, err)
			}
			checkEvent(t, event, run)
		}
		_, _, err = w.as(&Token{Secret: env["INPUT_GITHUB-TOKEN"]}).Issues.CreateComment(context.Background(), "octo", "app", 1, &github.IssueComment{Body: github.String("b")})
		if (err == nil) != row.writes {
			t.Errorf("%s: a comment: %v, want it to be possible: %v", row.name, err, row.writes)
		}
	}
	w.clean(t)
}

func checkEvent(t *testing.T, event any, run *Run) {
	t.Helper()
	switch e := event.(type) {
	case *github.PullRequestEvent:
		if e.GetPullRequest().GetHead().GetSHA() != run.HeadSHA || e.GetPullRequest().GetHead().GetRepo().GetID() != run.HeadRepo.ID {
			t.Errorf("the event's head is %v, want %s", e.GetPullRequest().GetHead(), run.HeadSHA)
		}
	case *github.PushEvent:
		if e.GetAfter() != run.HeadSHA || e.GetRepo().GetID() != run.Repo().ID {
			t.Errorf("the event pushes %s, want %s", e.GetAfter(), run.HeadSHA)
		}
	case *github.WorkflowRunEvent:
		if e.GetWorkflowRun().GetID() != run.Of.ID || e.GetWorkflowRun().GetHeadRepository().GetID() != run.Of.HeadRepo.ID {
			t.Errorf("the event is of run %d, want %d", e.GetWorkflowRun().GetID(), run.Of.ID)
		}
	case *github.MergeGroupEvent:
		if e.GetMergeGroup().GetHeadSHA() != run.HeadSHA {
			t.Errorf("the event's head is %s, want %s", e.GetMergeGroup().GetHeadSHA(), run.HeadSHA)
		}
	}
}

// A container action has other paths to the same files.
func TestEnvOfAContainer(t *testing.T) {
	t.Parallel()
	w := start(t)
	p := Place{URL: w.server.URL, Dir: t.TempDir(), Container: true, Token: w.Tokens[0]}
	env, err := w.Env(w.run, p)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"GITHUB_WORKSPACE": "/github/workspace", "GITHUB_EVENT_PATH": "/github/workflow/event.json", "HOME": "/github/home",
		"RUNNER_TEMP": "/github/runner_temp", "RUNNER_WORKSPACE": filepath.Join(p.Dir, "app"), "INPUT_GITHUB-TOKEN": w.Tokens[0].Secret,
	} {
		if env[name] != want {
			t.Errorf("%s = %q, want %q", name, env[name], want)
		}
	}
	if got := env["GITHUB_OUTPUT"]; !strings.HasPrefix(got, "/github/file_commands/set_output_") {
		t.Errorf("GITHUB_OUTPUT = %q", got)
	}
	if _, err := os.Stat(p.HostPath(w.run, env["GITHUB_OUTPUT"])); err != nil {
		t.Error(err)
	}
	if v := p.Mounts(w.run); len(v) != 5 || v[0] != p.Workspace(w.run)+":/github/workspace" {
		t.Errorf("Mounts = %q, want five and the workspace first", v)
	}
}

// An Enterprise Server lacks what came later.
func TestGHES(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	w.GHES = true
	w.AddArtifact(w.run, "a", nil)
	client := w.as(w.Tokens[0])
	list, res, err := client.Actions.ListArtifacts(ctx, "octo", "app", nil)
	if err != nil || list.GetTotalCount() != 1 || res.Header.Get("X-Ratelimit-Limit") != "" {
		t.Errorf("ListArtifacts = %v, %v with %v, want one and no limit", list, err, res.Header)
	}
	if status, text, _ := plain(t, "GET", w.server.URL+"/api/v3/repos/octo/app/actions/artifacts", "", "Authorization", "Bearer "+w.Tokens[0].Secret); strings.Contains(text, "digest") {
		t.Errorf("artifacts = %d %s, want no digest", status, text)
	}
	env, err := w.Env(w.run, Place{URL: w.server.URL, Dir: t.TempDir()})
	if _, ok := env["ACTIONS_RESULTS_URL"]; err != nil || ok || env["GITHUB_API_URL"] != w.server.URL+"/api/v3" {
		t.Errorf("Env = %q, %v, want the API below /api/v3 and no artifact service", Environ(env), err)
	}
	w.clean(t)
	if status, _ := w.rpc(t, w.run, "ListArtifacts", ""); status != 404 {
		t.Errorf("the artifact service = %d, want 404", status)
	}
	if _, _, err := client.RateLimit.Get(ctx); err == nil {
		t.Error("there is a rate limit, want 404")
	}
}

func TestJobsOfAttempts(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	job := Job{ID: 1, Attempt: 1, Name: "unit", Status: "completed", Conclusion: "failure", Created: at, Started: at, Completed: at.Add(time.Minute),
		Steps: []Step{{Name: "Set up job", Status: "completed", Conclusion: "success", Started: at, Completed: at.Add(time.Second)}, {Name: "test", Status: "in_progress"}}}
	again := job
	again.ID, again.Attempt = 2, 2
	w.run.Jobs, w.run.Attempt = []*Job{&job, &again}, 2
	for attempt, want := range map[int64]int64{1: 1, 2: 2} {
		got, _, err := w.client.Actions.ListWorkflowJobsAttempt(ctx, "octo", "app", w.run.ID, attempt, nil)
		if err != nil || len(got.Jobs) != 1 || got.Jobs[0].GetID() != want || got.Jobs[0].Steps[0].GetNumber() != 1 || got.Jobs[0].Steps[1].CompletedAt != nil {
			t.Errorf("jobs of attempt %d = %v, %v, want job %d", attempt, got, err, want)
		}
	}
	all, _, err := w.client.Actions.ListWorkflowJobs(ctx, "octo", "app", w.run.ID, &github.ListWorkflowJobsOptions{Filter: "all"})
	if err != nil || all.GetTotalCount() != 2 {
		t.Errorf("all jobs = %v, %v, want 2", all, err)
	}
	w.clean(t)
}
