package githubtest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
)

// world is a fake with a repository, and a client of a push run of it.
type world struct {
	*Fake
	repo   *Repo
	run    *Run
	server *httptest.Server
	client *github.Client
}

func start(t *testing.T) *world {
	t.Helper()
	f := New()
	w := &world{Fake: f, repo: f.AddRepo("octo", "app")}
	w.run = f.AddRun(w.repo, Run{Status: "in_progress"})
	w.server = httptest.NewServer(f)
	t.Cleanup(w.server.Close)
	w.client = w.as(f.AddRunToken(w.run))
	return w
}

func (w *world) as(token *Token) *github.Client {
	c := github.NewClient(nil).WithAuthToken(token.Secret)
	prefix := "/"
	if w.GHES {
		prefix = "/api/v3/"
	}
	c.BaseURL, _ = url.Parse(w.server.URL + prefix)
	return c
}

// clean asserts that no request broke the contract.
func (w *world) clean(t *testing.T) {
	t.Helper()
	if v := w.Violations(); len(v) > 0 {
		t.Errorf("violations: %q, want none", v)
	}
}

// plain sends a request as it is.
func plain(t *testing.T, method, address, body string, header ...string) (status int, answer string, h http.Header) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text), res.Header
}

// Every route is an operation that GitHub has, by the list in go-github.
func TestOperationsExist(t *testing.T) {
	t.Parallel()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/google/go-github/v60").Output()
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "openapi_operations.yaml"))
	if err != nil {
		t.Skipf("go-github's module has no list of operations here: %v", err)
	}
	for _, name := range Operations() {
		if !strings.Contains(string(list), "- name: "+name+"\n") {
			t.Errorf("GitHub has no operation %q", name)
		}
	}
	if len(Operations()) < 30 {
		t.Errorf("%d operations, want those of the package's doc", len(Operations()))
	}
}

func TestRunsFilteredAndPaged(t *testing.T) {
	t.Parallel()
	w := start(t)
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 45 {
		w.AddRun(w.repo, Run{Created: day.AddDate(0, 0, i)})
	}
	w.AddRun(w.repo, Run{Conclusion: "failure", Created: day})
	w.AddRun(w.repo, Run{Event: "schedule", Path: ".github/workflows/night.yml", Created: day})
	fork := w.Fork(w.repo, "eve")
	w.AddRun(w.repo, Run{HeadRepo: fork, Event: "push", Created: day.AddDate(0, 0, 60)})
	ctx := context.Background()
	list := func(o github.ListWorkflowRunsOptions) (ids []int64) {
		for {
			page, res, err := w.client.Actions.ListWorkflowRunsByFileName(ctx, "octo", "app", "ci.yml", &o)
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range page.WorkflowRuns {
				if i > 0 && r.GetCreatedAt().After(page.WorkflowRuns[i-1].GetCreatedAt().Time) {
					t.Errorf("run %d is newer than the one before it", r.GetID())
				}
				ids = append(ids, r.GetID())
			}
			if res.NextPage == 0 {
				return ids
			}
			o.Page = res.NextPage
		}
	}
	for _, row := range []struct {
		name string
		o    github.ListWorkflowRunsOptions
		want int
	}{
		{"all of the workflow", github.ListWorkflowRunsOptions{}, 48},
		{"a conclusion, with a fork's main", github.ListWorkflowRunsOptions{Branch: "main", Status: "success", Event: "push"}, 46},
		{"a status", github.ListWorkflowRunsOptions{Status: "in_progress"}, 1},
		{"a sha", github.ListWorkflowRunsOptions{HeadSHA: w.repo.Branches["main"]}, 48},
		{"a range", github.ListWorkflowRunsOptions{Created: "2026-01-01..2026-01-03"}, 4},
		{"since", github.ListWorkflowRunsOptions{Created: "<2026-01-03"}, 3},
	} {
		if got := list(row.o); len(got) != row.want {
			t.Errorf("%s: %d runs, want %d", row.name, len(got), row.want)
		}
	}
	all, _, err := w.client.Actions.ListRepositoryWorkflowRuns(ctx, "octo", "app", nil)
	if err != nil || all.GetTotalCount() != 49 || len(all.WorkflowRuns) != 30 {
		t.Errorf("ListRepositoryWorkflowRuns = %d of %d, %v, want 30 of 49", len(all.WorkflowRuns), all.GetTotalCount(), err)
	}
	w.clean(t)
}

func TestAnswersWithinAThousandRuns(t *testing.T) {
	t.Parallel()
	w := start(t)
	for range 1100 {
		w.AddRun(w.repo, Run{})
	}
	o := &github.ListWorkflowRunsOptions{Event: "push", ListOptions: github.ListOptions{PerPage: 100, Page: 11}}
	got, _, err := w.client.Actions.ListRepositoryWorkflowRuns(context.Background(), "octo", "app", o)
	if err != nil || len(got.WorkflowRuns) != 0 {
		t.Errorf("page 11 with a filter has %d runs, %v, want none", len(got.WorkflowRuns), err)
	}
}
