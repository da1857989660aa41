package rest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// TestIssues: an issue is opened, found among hundreds of others by its label and
// the beginning of its text, changed and closed.
func TestIssues(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	made, err := h.client.CreateIssue(t.Context(), "plumbline", "<!-- m -->", rest.Issue{Title: "slower", Body: "<!-- m --> text"})
	if err != nil || made.Author != "github-actions[bot]" || made.Closed {
		t.Fatalf("CreateIssue = %+v, %v", made, err)
	}
	for i := range 230 {
		h.AddIssue(h.repo, githubtest.Issue{Title: fmt.Sprint(i), Body: "about <!-- m -->", Labels: []string{"plumbline"}, Author: "someone"})
	}
	h.OpenPull(h.repo, "topic", map[string]string{"a": "b"})
	if err := h.client.EditIssue(t.Context(), made.Number, rest.IssueEdit{Body: "<!-- m --> back", Reason: "completed"}); err != nil {
		t.Fatal(err)
	}
	found, err := h.client.Issues(t.Context(), "plumbline", "<!-- m -->")
	if err != nil || len(found) != 1 || found[0].Number != made.Number || !found[0].Closed || found[0].Title != "slower" || found[0].Body != "<!-- m --> back" {
		t.Errorf("Issues = %+v, %v", found, err)
	}
	if h.repo.Issues[0].Reason != "completed" {
		t.Errorf("state_reason %q, want completed", h.repo.Issues[0].Reason)
	}
}

// TestIssueWhoseAnswerIsLost: it is found again and not opened twice.
func TestIssueWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Break(githubtest.Fault{Method: "POST", Path: "*/issues", Times: 1, Do: githubtest.AnswerAfter(502)})
	made, err := h.client.CreateIssue(t.Context(), "plumbline", "mark-1", rest.Issue{Title: "slower", Body: "mark-1"})
	if err != nil || made.Number == 0 || len(h.repo.Issues) != 1 {
		t.Errorf("CreateIssue = %+v, %v; %d issues", made, err, len(h.repo.Issues))
	}
	h.Break(githubtest.Fault{Method: "POST", Path: "*/comments", Times: 1, Do: githubtest.AnswerAfter(502)})
	if _, err := h.client.CommentIssue(t.Context(), made.Number, "text-1", "text-1"); err != nil || len(h.repo.Comments) != 1 {
		t.Errorf("CommentIssue: %v; %d comments", err, len(h.repo.Comments))
	}
}

// TestIssuesRefused says what is missing.
func TestIssuesRefused(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Asking = true
	if err := h.client.MayOpenIssues(t.Context()); err != nil || len(h.repo.Issues) != 0 {
		t.Errorf("MayOpenIssues: %v, %d issues", err, len(h.repo.Issues))
	}
	h.Lock()
	h.repo.IssuesDisabled = true
	h.Unlock()
	_, listErr := h.client.Issues(t.Context(), "plumbline", "")
	for _, err := range []error{listErr, h.client.MayOpenIssues(t.Context()), h.client.EditIssue(t.Context(), 1, rest.IssueEdit{Body: "x"})} {
		if rest.Status(err) != http.StatusGone || !strings.Contains(err.Error(), "issues are disabled in this repository's settings") {
			t.Errorf("with issues disabled: %v", err)
		}
	}
	h.Lock()
	h.repo.IssuesDisabled = false
	h.token.Permissions = map[string]string{"contents": "read"}
	h.Unlock()
	_, createErr := h.client.CreateIssue(t.Context(), "plumbline", "m", rest.Issue{Title: "t", Body: "m"})
	for _, err := range []error{createErr, h.client.MayOpenIssues(t.Context())} {
		if err == nil || !strings.Contains(err.Error(), `the permission "issues: write"`) {
			t.Errorf("without the permission: %v", err)
		}
	}
}

// TestRange: the commits between two, and who wrote them.
func TestRange(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	first := h.AddPush(h.repo, "main", map[string]string{"a": "0"})
	var last *githubtest.Commit
	for i, who := range []string{"ann", "bob", "ann", ""} {
		last = h.AddPush(h.repo, "main", map[string]string{"a": fmt.Sprint(i + 1)})
		h.Lock()
		if last.Author = who; who == "" {
			last.AuthorName = "Cy (no account)"
		}
		h.Unlock()
	}
	got, err := h.client.Range(t.Context(), first.SHA, last.SHA)
	if err != nil || got.Commits != 4 || !slices.Equal(got.Authors, []string{"ann", "bob", "Cy (no account)"}) || !strings.Contains(got.URL, "/o/r/compare/"+first.SHA+"...") {
		t.Errorf("Range = %+v, %v", got, err)
	}
	if _, err := h.client.Range(t.Context(), first.SHA, strings.Repeat("0", 40)); rest.Status(err) != http.StatusNotFound {
		t.Errorf("of a commit that is not there: %v", err)
	}
}
