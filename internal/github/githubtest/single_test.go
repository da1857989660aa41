package githubtest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

// What is asked for by its id is found, and what is not there is 404.
func TestSingleThings(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	sha := w.repo.Branches["main"]
	p := w.OpenPull(w.repo, "topic", map[string]string{"dir/a.go": "package a\n"})
	a := w.AddArtifact(w.run, "a", nil)
	comment := w.AddComment(w.repo, p.Number, "octocat", "hi")
	k, _, err := w.client.Checks.CreateCheckRun(ctx, "octo", "app", github.CreateCheckRunOptions{Name: "c", HeadSHA: sha})
	if err != nil {
		t.Fatal(err)
	}
	id := func(v interface{ GetID() int64 }, _ *github.Response, err error) int64 {
		if err != nil {
			t.Error(err)
		}
		return v.GetID()
	}
	for _, row := range []struct {
		name      string
		got, want int64
	}{
		{"repository", id(w.client.Repositories.Get(ctx, "OCTO", "App")), w.repo.ID},
		{"run", id(w.client.Actions.GetWorkflowRunByID(ctx, "octo", "app", w.run.ID)), w.run.ID},
		{"attempt", id(w.client.Actions.GetWorkflowRunAttempt(ctx, "octo", "app", w.run.ID, 1, nil)), w.run.ID},
		{"artifact", id(w.client.Actions.GetArtifact(ctx, "octo", "app", a.ID)), a.ID},
		{"pull request", id(w.client.PullRequests.Get(ctx, "octo", "app", p.Number)), p.ID},
		{"comment", id(w.client.Issues.GetComment(ctx, "octo", "app", comment.ID)), comment.ID},
		{"check", id(w.client.Checks.GetCheckRun(ctx, "octo", "app", k.GetID())), w.repo.Checks[0].ID},
	} {
		if row.got != row.want {
			t.Errorf("%s %d, want %d", row.name, row.got, row.want)
		}
	}
	w.clean(t)
	for _, path := range []string{
		"", "x/y", "octo/app/actions/runs/1", "octo/app/actions/runs/x", "octo/app/actions/runs/1/artifacts", "octo/app/actions/runs/1/jobs",
		"octo/app/actions/artifacts/1", "octo/app/actions/artifacts/1/zip", "octo/app/actions/workflows/none.yml/runs", "octo/app/pulls/99",
		"octo/app/pulls/99/files", "octo/app/issues/99/comments", "octo/app/issues/comments/1", "octo/app/check-runs/1", "octo/app/check-runs/1/annotations",
		"octo/app/compare/main...none", "octo/app/compare/main", "octo/app/commits?sha=none", "octo/app/commits/none/statuses",
		"octo/app/contents/none", "octo/app/contents/README.md?ref=none",
	} {
		status, text, _ := plain(t, "GET", w.server.URL+"/repos/"+path, "", "Authorization", "token "+w.Tokens[0].Secret)
		if status != http.StatusNotFound || !strings.Contains(text, `"message"`) {
			t.Errorf("GET %s = %d %s, want 404", path, status, text)
		}
	}
}

func TestCommitsAndFolders(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	fork := w.Fork(w.repo, "eve")
	p := w.ForkPull(fork, "topic", map[string]string{"dir/a.go": "package a\n", "dir/sub/b.go": "package b\n"})
	got, _, err := w.client.Repositories.GetCommit(ctx, "octo", "app", p.HeadSHA[:10], nil)
	if err != nil || got.GetSHA() != p.HeadSHA || len(got.Files) != 2 {
		t.Errorf("GetCommit = %v, %v, want the fork's with two files", got, err)
	}
	diff, _, err := w.client.Repositories.CompareCommits(ctx, "octo", "app", "main", "eve:topic", nil)
	if err != nil || diff.GetStatus() != "ahead" || diff.GetMergeBaseCommit().GetSHA() != w.repo.Branches["main"] {
		t.Errorf("compare with a fork = %v, %v, want one commit ahead", diff.GetStatus(), err)
	}
	for _, ends := range [][3]string{{"main", "main", "identical"}, {p.HeadSHA, "main", "behind"}} {
		diff, _, err := w.client.Repositories.CompareCommits(ctx, "octo", "app", ends[0], ends[1], nil)
		if err != nil || diff.GetStatus() != ends[2] {
			t.Errorf("compare %s with %s = %v, %v, want %s", ends[0], ends[1], diff.GetStatus(), err, ends[2])
		}
	}
	_, entries, _, err := w.client.Repositories.GetContents(ctx, "octo", "app", "dir", &github.RepositoryContentGetOptions{Ref: p.HeadSHA})
	if err != nil || len(entries) != 2 || entries[0].GetName() != "a.go" || entries[1].GetType() != "dir" {
		t.Errorf("the folder has %v, %v, want a file and a folder", entries, err)
	}
	if w.Commit(p.HeadSHA).Files["dir/a.go"] == "" || w.Commit("none") != nil {
		t.Error("Commit finds the wrong one")
	}
	old := p.MergeCommitSHA
	if tip := w.AddPush(fork, "topic", map[string]string{"c": "1"}); p.HeadSHA != tip.SHA || p.MergeCommitSHA == old {
		t.Error("a push does not move the pull request on")
	}
	_, res, err := w.client.Repositories.GetCommit(ctx, "octo", "app", "0000000", nil)
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a commit that is none: %v, want 422", err)
	}
	w.clean(t)
}

// A pull request is an issue too, and told from one.
func TestIssuesHoldPulls(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	w.AddIssue(w.repo, Issue{Title: "i", Labels: []string{"bug"}})
	w.OpenPull(w.repo, "topic", nil)
	list, _, err := w.client.Issues.ListByRepo(ctx, "octo", "app", &github.IssueListByRepoOptions{Direction: "asc"})
	if err != nil || len(list) != 2 || list[0].IsPullRequest() || !list[1].IsPullRequest() {
		t.Errorf("issues = %v, %v, want an issue, then a pull request", list, err)
	}
	for _, o := range []github.IssueListByRepoOptions{{Labels: []string{"bug", "slow"}}, {State: "closed"}, {Creator: "nobody"}} {
		if list, _, err := w.client.Issues.ListByRepo(ctx, "octo", "app", &o); err != nil || len(list) != 0 {
			t.Errorf("issues by %+v = %v, %v, want none", o, list, err)
		}
	}
	w.clean(t)
	_, _, err = w.client.Issues.ListByRepo(ctx, "octo", "app", &github.IssueListByRepoOptions{Sort: "comments"})
	if v := w.Violations(); err != nil || len(v) != 1 {
		t.Errorf("an order that is not kept: %v, violations %q, want one", err, v)
	}
}

func TestSearchRanges(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]bool{
		"": true, "2026-01-02": true, "2026-01-03": false, ">=2026-01-02": true, ">2026-01-02": false, ">2026-01-01": true,
		"<=2026-01-02": true, "<2026-01-02": false, "<2026-01-02T12:00:01Z": true, ">=2026-01-02T12:00:00+01:00": true,
		"2026-01-01..2026-01-02": true, "2026-01-03..*": false, "*..2026-01-02": true, "*..2026-01-01": false,
	} {
		if holds, ok := timeRange(text); !ok || holds(at) != want {
			t.Errorf("timeRange(%q) holds for %v: %v, %v, want %v", text, at, !want, ok, want)
		}
	}
	for _, text := range []string{"x", ">x", "2026-01-01..", "..", "2026-13-01"} {
		if _, ok := timeRange(text); ok {
			t.Errorf("timeRange(%q) is one, want none", text)
		}
	}
}

func TestDeleteArtifact(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	a := w.AddArtifact(w.run, "a", nil)
	c := w.as(w.AddToken(Token{Secret: "pat", Permissions: map[string]string{"actions": "write"}, Login: "octocat"}))
	if _, err := c.Actions.DeleteArtifact(ctx, "octo", "app", a.ID); err != nil || len(w.repo.Artifacts) != 0 {
		t.Errorf("DeleteArtifact: %v, %d are left, want none", err, len(w.repo.Artifacts))
	}
	if res, err := c.Actions.DeleteArtifact(ctx, "octo", "app", a.ID); res.StatusCode != http.StatusNotFound {
		t.Errorf("a second time: %v, want 404", err)
	}
	w.clean(t)
}
