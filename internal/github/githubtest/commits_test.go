package githubtest

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-github/v60/github"
)

func TestCompareAndCommits(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	root := w.repo.Branches["main"]
	p := w.OpenPull(w.repo, "feature/x", map[string]string{"a.go": "package a\n"})
	w.AddPush(w.repo, "feature/x", map[string]string{"b.go": "package b\n", "README.md": ""})
	for i := range 3 {
		w.AddPush(w.repo, "main", map[string]string{"c.go": fmt.Sprintf("package c // %d\n", i)})
	}
	got, _, err := w.client.Repositories.CompareCommits(ctx, "octo", "app", "main", "feature/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.GetMergeBaseCommit().GetSHA() != root || got.GetAheadBy() != 2 || got.GetBehindBy() != 3 || got.GetStatus() != "diverged" ||
		len(got.Commits) != 2 || got.Commits[1].GetSHA() != p.HeadSHA {
		t.Errorf("compare = %s from %s, %d ahead, %d behind, want diverged from the root, 2 and 3", got.GetStatus(), got.GetMergeBaseCommit().GetSHA(), got.GetAheadBy(), got.GetBehindBy())
	}
	files, _, err := w.client.PullRequests.ListFiles(ctx, "octo", "app", p.Number, nil)
	if err != nil || len(files) != 3 || files[0].GetFilename() != "README.md" || files[0].GetStatus() != "removed" || files[1].GetStatus() != "added" {
		t.Errorf("ListFiles = %v, %v, want README.md removed, a.go and b.go added", files, err)
	}
	list, _, err := w.client.Repositories.ListCommits(ctx, "octo", "app", &github.CommitsListOptions{SHA: "main", ListOptions: github.ListOptions{PerPage: 3}})
	if err != nil || len(list) != 3 || list[0].GetSHA() != w.repo.Branches["main"] || list[1].GetSHA() != list[0].Parents[0].GetSHA() {
		t.Errorf("ListCommits = %v, %v, want 3 from the tip", list, err)
	}
	text, _, _, err := w.client.Repositories.GetContents(ctx, "octo", "app", "c.go", &github.RepositoryContentGetOptions{Ref: "main"})
	if content, _ := text.GetContent(); err != nil || content != "package c // 2\n" {
		t.Errorf("GetContents = %q, %v, want the last one", content, err)
	}
	if _, _, res, _ := w.client.Repositories.GetContents(ctx, "octo", "app", "c.go", &github.RepositoryContentGetOptions{Ref: root}); res.StatusCode != 404 {
		t.Errorf("c.go at the root: %d, want 404", res.StatusCode)
	}
	w.clean(t)
}

func TestCompareShows250(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	root := w.repo.Branches["main"]
	for i := range 260 {
		w.AddPush(w.repo, "main", map[string]string{"n": fmt.Sprint(i)})
	}
	got, _, err := w.client.Repositories.CompareCommits(ctx, "octo", "app", root, "main", nil)
	if err != nil || got.GetTotalCommits() != 260 || len(got.Commits) != 250 {
		t.Errorf("%d of %d commits, %v, want 250 of 260", len(got.Commits), got.GetTotalCommits(), err)
	}
	last, _, err := w.client.Repositories.CompareCommits(ctx, "octo", "app", root, "main", &github.ListOptions{PerPage: 100, Page: 3})
	if err != nil || len(last.Commits) != 60 || last.Commits[59].GetSHA() != w.repo.Branches["main"] {
		t.Errorf("page 3 has %d commits, %v, want 60 up to the tip", len(last.Commits), err)
	}
}

// A commit that only a fork has belongs to no pull request, though the pull
// request is found by its head.
func TestPullsOfForks(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	fork := w.Fork(w.repo, "eve")
	own := w.OpenPull(w.repo, "topic", map[string]string{"a": "1"})
	foreign := w.ForkPull(fork, "topic", map[string]string{"b": "1"})
	numbers := func(sha string) (n []int) {
		list, _, err := w.client.PullRequests.ListPullRequestsWithCommit(ctx, "octo", "app", sha, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			n = append(n, p.GetNumber())
		}
		return n
	}
	if got := numbers(own.HeadSHA); len(got) != 1 || got[0] != own.Number {
		t.Errorf("pulls of a branch's commit = %d, want %d", got, own.Number)
	}
	if got := numbers(foreign.HeadSHA); len(got) != 0 {
		t.Errorf("pulls of a fork's commit = %d, want none", got)
	}
	list, _, err := w.client.PullRequests.List(ctx, "octo", "app", &github.PullRequestListOptions{Head: "eve:topic"})
	if err != nil || len(list) != 1 || list[0].GetHead().GetRepo().GetID() != fork.ID {
		t.Errorf("pulls of eve:topic = %v, %v, want the fork's", list, err)
	}
	merged := w.Merge(w.repo, own)
	if got := numbers(merged.SHA); len(got) != 1 || got[0] != own.Number {
		t.Errorf("pulls of the merge = %d, want %d", got, own.Number)
	}
	run := w.AddRun(w.repo, Run{Pull: foreign})
	gone := w.AddRun(w.repo, Run{Pull: own, HeadDeleted: true})
	for _, r := range []*Run{run, gone} {
		got, _, err := w.client.Actions.GetWorkflowRunByID(ctx, "octo", "app", r.ID)
		if err != nil || len(got.PullRequests) != 0 || got.GetRepository().GetID() == got.GetHeadRepository().GetID() {
			t.Errorf("the run of a fork = %v, %v, want no pull requests and another head repository", got, err)
		}
	}
	w.clean(t)
}
