package githubtest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

func TestComments(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	p := w.OpenPull(w.repo, "topic", map[string]string{"a.go": "package a\n"})
	for range 35 {
		w.AddComment(w.repo, p.Number, "octocat", "hello")
	}
	made, _, err := w.client.Issues.CreateComment(ctx, "octo", "app", p.Number, &github.IssueComment{Body: github.String("first")})
	if err != nil {
		t.Fatal(err)
	}
	if made.GetUser().GetLogin() != "github-actions[bot]" || made.GetUser().GetType() != "Bot" {
		t.Errorf("the author is %v, want github-actions[bot], a Bot", made.GetUser())
	}
	o := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: 20}}
	var ids []int64
	for {
		list, res, err := w.client.Issues.ListComments(ctx, "octo", "app", p.Number, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range list {
			if len(ids) > 0 && one.GetID() <= ids[len(ids)-1] {
				t.Errorf("comment %d is not after %d", one.GetID(), ids[len(ids)-1])
			}
			ids = append(ids, one.GetID())
		}
		if o.Page = res.NextPage; o.Page == 0 {
			break
		}
	}
	if len(ids) != 36 || ids[35] != made.GetID() {
		t.Errorf("%d comments, want 36 and the new one last", len(ids))
	}
	if _, _, err := w.client.Issues.EditComment(ctx, "octo", "app", made.GetID(), &github.IssueComment{Body: github.String("second")}); err != nil {
		t.Fatal(err)
	}
	got, _, err := w.client.Issues.GetComment(ctx, "octo", "app", made.GetID())
	if err != nil || got.GetBody() != "second" {
		t.Errorf("GetComment = %v, %v, want second", got.GetBody(), err)
	}
	since := time.Now().Add(time.Hour)
	late, _, err := w.client.Issues.ListComments(ctx, "octo", "app", p.Number, &github.IssueListCommentsOptions{Since: &since})
	if err != nil || len(late) != 0 {
		t.Errorf("%d comments since an hour to come, %v, want none", len(late), err)
	}
	if _, err := w.client.Issues.DeleteComment(ctx, "octo", "app", made.GetID()); err != nil || len(w.repo.Comments) != 35 {
		t.Errorf("DeleteComment: %v, %d comments are left, want 35", err, len(w.repo.Comments))
	}
	w.clean(t)
	if _, err := w.client.Issues.DeleteComment(ctx, "octo", "app", ids[0]); err != nil || len(w.Violations()) != 1 {
		t.Errorf("a stranger's comment went with %v and violations %q, want one", err, w.Violations())
	}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	w, ctx, sha := start(t), context.Background(), ""
	sha = w.repo.Branches["main"]
	notes := func(n int) (list []*github.CheckRunAnnotation) {
		for i := range n {
			list = append(list, &github.CheckRunAnnotation{
				Path: github.String("a_test.go"), StartLine: github.Int(i + 1), EndLine: github.Int(i + 1),
				AnnotationLevel: github.String("failure"), Message: github.String("slower"),
			})
		}
		return list
	}
	made, _, err := w.client.Checks.CreateCheckRun(ctx, "octo", "app", github.CreateCheckRunOptions{
		Name: "plumbline", HeadSHA: sha, ExternalID: github.String("x"), Status: github.String("in_progress"),
		Output: &github.CheckRunOutput{Title: github.String("t"), Summary: github.String("s"), Annotations: notes(50)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.client.Checks.UpdateCheckRun(ctx, "octo", "app", made.GetID(), github.UpdateCheckRunOptions{
		Name: "plumbline", Conclusion: github.String("failure"),
		Output: &github.CheckRunOutput{Title: github.String("t2"), Summary: github.String("s2"), Annotations: notes(7)},
	}); err != nil {
		t.Fatal(err)
	}
	k := w.repo.Checks[0]
	if k.Status != "completed" || k.Conclusion != "failure" || k.Title != "t2" || k.ExternalID != "x" || len(k.Annotations) != 57 {
		t.Errorf("the check is %+v with %d annotations, want a failure with 57", k, len(k.Annotations))
	}
	w.AddToken(Token{Secret: "other", App: 7, Permissions: map[string]string{"checks": "write"}})
	w.AddToken(Token{Secret: "pat", Permissions: map[string]string{"checks": "write"}})
	for secret, want := range map[string]string{"other": "Invalid app_id `7`", "pat": "You must authenticate via a GitHub App."} {
		_, _, err := w.as(&Token{Secret: secret}).Checks.UpdateCheckRun(ctx, "octo", "app", made.GetID(), github.UpdateCheckRunOptions{Name: "mine"})
		if err == nil || !strings.Contains(err.Error(), "403 "+want) {
			t.Errorf("an update by %s: %v, want 403 %s", secret, err, want)
		}
	}
	list, _, err := w.client.Checks.ListCheckRunsForRef(ctx, "octo", "app", "main", &github.ListCheckRunsOptions{CheckName: github.String("plumbline")})
	if err != nil || list.GetTotal() != 1 || list.CheckRuns[0].GetOutput().GetAnnotationsCount() != 57 {
		t.Errorf("ListCheckRunsForRef = %v, %v, want one with 57 annotations", list, err)
	}
	some, res, err := w.client.Checks.ListCheckRunAnnotations(ctx, "octo", "app", made.GetID(), nil)
	if err != nil || len(some) != 30 || res.LastPage != 2 {
		t.Errorf("%d annotations on the first of %d pages, %v, want 30 of 2", len(some), res.LastPage, err)
	}
	w.clean(t)
}

func TestStatusesAndIssues(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	sha := w.repo.Branches["main"]
	for _, state := range []string{"pending", "failure"} {
		s := &github.RepoStatus{State: &state, Context: github.String("plumbline"), TargetURL: github.String("https://example.com/1")}
		if _, _, err := w.client.Repositories.CreateStatus(ctx, "octo", "app", sha, s); err != nil {
			t.Fatal(err)
		}
	}
	list, _, err := w.client.Repositories.ListStatuses(ctx, "octo", "app", "main", nil)
	if err != nil || len(list) != 2 || list[0].GetState() != "failure" {
		t.Errorf("ListStatuses = %v, %v, want the failure first of 2", list, err)
	}
	made, _, err := w.client.Issues.Create(ctx, "octo", "app", &github.IssueRequest{Title: github.String("slow"), Labels: &[]string{"plumbline", "bug"}})
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := w.client.Issues.ListByRepo(ctx, "octo", "app", &github.IssueListByRepoOptions{Labels: []string{"bug", "plumbline"}})
	if err != nil || len(found) != 1 || found[0].GetNumber() != made.GetNumber() {
		t.Errorf("ListByRepo = %v, %v, want the one that was made", found, err)
	}
	if _, _, err := w.client.Issues.Edit(ctx, "octo", "app", made.GetNumber(), &github.IssueRequest{State: github.String("closed")}); err != nil {
		t.Fatal(err)
	}
	if one := w.repo.Issues[0]; one.State != "closed" || one.Title != "slow" || len(one.Labels) != 2 {
		t.Errorf("the issue is %+v, want it closed and else as it was", one)
	}
	w.clean(t)
}

// A fork's token reads and does not write, and nobody breaks a rule by trying.
func TestPermissions(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), context.Background()
	fork := w.Fork(w.repo, "eve")
	p := w.ForkPull(fork, "topic", map[string]string{"a.go": "package a\n"})
	c := w.as(w.AddRunToken(w.AddRun(w.repo, Run{Pull: p})))
	forbidden := func(what string, err error) {
		var e *github.ErrorResponse
		if !errors.As(err, &e) || e.Response.StatusCode != http.StatusForbidden || e.Message != notAccessible {
			t.Errorf("%s: %v, want 403 %s", what, err, notAccessible)
		}
	}
	_, _, err := c.Issues.CreateComment(ctx, "octo", "app", p.Number, &github.IssueComment{Body: github.String("b")})
	forbidden("comment", err)
	_, _, err = c.Checks.CreateCheckRun(ctx, "octo", "app", github.CreateCheckRunOptions{Name: "c", HeadSHA: p.HeadSHA})
	forbidden("check", err)
	_, _, err = c.Repositories.CreateStatus(ctx, "octo", "app", p.HeadSHA, &github.RepoStatus{State: github.String("success")})
	forbidden("status", err)
	_, _, err = w.client.Issues.Create(ctx, "eve", "app", &github.IssueRequest{Title: github.String("t")})
	forbidden("another repository", err)
	if _, _, err := c.PullRequests.Get(ctx, "octo", "app", p.Number); err != nil {
		t.Errorf("a fork's token cannot read: %v", err)
	}
	w.repo.Private = true
	some := w.AddToken(Token{Secret: "some", Repo: w.repo, Permissions: map[string]string{"contents": "read"}})
	_, _, err = w.as(some).Actions.ListRepositoryWorkflowRuns(ctx, "octo", "app", nil)
	forbidden("runs of a private repository without actions: read", err)
	other := w.AddToken(Token{Secret: "other", Repo: fork, Permissions: granted})
	if _, res, _ := w.as(other).Repositories.Get(ctx, "octo", "app"); res.StatusCode != http.StatusNotFound {
		t.Errorf("a private repository of another token: %d, want 404", res.StatusCode)
	}
	w.clean(t)
}
