package artifact

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

var noon = time.Date(2026, 5, 30, 12, 0, 0, 0, time.UTC)

func record(id string, minute int) string {
	return fmt.Sprintf(`{"run_id":%q,"timestamp":%q,"metrics":{"m":1}}`+"\n", id, noon.Add(time.Duration(minute)*time.Minute).Format(time.RFC3339))
}

// place is a GitHub with a repository, and a search in it for a run that is
// under way.
type place struct {
	*githubtest.Fake
	repo   *githubtest.Repo
	search *Search
}

func newPlace(t *testing.T) *place {
	t.Helper()
	f := githubtest.New()
	repo := f.AddRepo("o", "r")
	token := f.AddToken(githubtest.Token{Secret: "t", Permissions: map[string]string{"contents": "read", "actions": "read"}, Repo: repo, App: githubtest.ActionsApp})
	server := httptest.NewServer(f)
	t.Cleanup(func() {
		server.Close()
		for _, v := range f.Violations() {
			t.Errorf("against GitHub's contract: %s", v)
		}
	})
	c, err := rest.New(rest.Options{URL: server.URL, Repository: "o/r", Token: token.Secret, Agent: "plumbline/test", Unit: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return &place{f, repo, &Search{Repo: c, Name: Name("unit", 1), Workflow: "ci.yml", Runs: 50, Trust: Trust{Repository: repo.ID, Branch: "main"}}}
}

// ran adds a finished run of main with an artifact: its own record, and those of
// the earlier runs that it knew.
func (p *place) ran(n int, knows ...*githubtest.Run) *githubtest.Run {
	run := p.AddRun(p.repo, githubtest.Run{})
	index := Index{}
	history := ""
	for _, k := range knows {
		id := fmt.Sprintf("run-%d", k.ID)
		index[id] = Source{Run: k.ID}
		history += record(id, int(k.ID))
	}
	text, err := json.Marshal(index)
	if err != nil {
		panic(err)
	}
	p.AddArtifact(run, Name("unit", n), map[string]string{
		RunFile: record(fmt.Sprintf("run-%d", run.ID), int(run.ID)), HistoryFile: history, IndexFile: string(text),
	})
	return run
}

// find searches as a run that begins now.
func (p *place) find(t *testing.T) Found {
	t.Helper()
	p.search.Trust.Self = p.AddRun(p.repo, githubtest.Run{Status: "in_progress"}).ID
	found, err := p.search.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestFindRolls(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	var runs []*githubtest.Run
	for range 60 {
		runs = append(runs, p.ran(1, runs...))
	}
	p.Lock()
	before := p.Remaining
	p.Unlock()
	found := p.find(t)
	if found.History.Runs() != 60 || found.Newest.ID != runs[59].ID {
		t.Errorf("%d runs, newest %d, want all 60 and %d", found.History.Runs(), found.Newest.ID, runs[59].ID)
	}
	p.Lock()
	defer p.Unlock()
	if used := before - p.Remaining; used > 4 {
		t.Errorf("%d requests, want at most 4", used)
	}
}

// TestFindUnites: runs beside each other do not know of one another, and none
// of them is lost.
func TestFindUnites(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first := p.ran(1)
	a, b := p.ran(1, first), p.ran(1, first)
	found := p.find(t)
	for _, r := range []*githubtest.Run{first, a, b} {
		if !found.History.Has(r.ID) {
			t.Errorf("run %d is lost", r.ID)
		}
	}
	if got := strings.Count(string(found.History.JSONL()), "\n"); got != 3 {
		t.Errorf("%d records, want 3: none twice", got)
	}
}

func TestFindLaterAttempts(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	run := p.ran(2)
	p.Lock()
	run.Attempt = 2
	p.Unlock()
	if found := p.find(t); found.Newest.ID != run.ID {
		t.Errorf("newest %d, want the run whose second attempt succeeded", found.Newest.ID)
	}
}

// TestTrust breaks one rule at a time: each by itself keeps an artifact out.
func TestTrust(t *testing.T) {
	t.Parallel()
	for reason, harm := range map[string]func(p *place, run *githubtest.Run, a *githubtest.Artifact){
		"":                  func(*place, *githubtest.Run, *githubtest.Artifact) {},
		"of a fork's code":  func(p *place, r *githubtest.Run, _ *githubtest.Artifact) { r.HeadRepo = p.Fork(p.repo, "stranger") },
		"of a fork's code ": func(_ *place, r *githubtest.Run, _ *githubtest.Artifact) { r.HeadDeleted = true },
		"made by a fork":    func(_ *place, _ *githubtest.Run, a *githubtest.Artifact) { a.HeadRepoID = 4711 },
		"made by a fork ":   func(_ *place, _ *githubtest.Run, a *githubtest.Artifact) { a.RepoID = 4711 },
		"of an event that is not of accepted code":   func(_ *place, r *githubtest.Run, _ *githubtest.Artifact) { r.Event = "pull_request" },
		"of an event that is not of accepted code ":  func(_ *place, r *githubtest.Run, _ *githubtest.Artifact) { r.Event = "pull_request_target" },
		"of an event that is not of accepted code  ": func(_ *place, r *githubtest.Run, _ *githubtest.Artifact) { r.Event = "workflow_run" },
		"of another branch":                          func(_ *place, _ *githubtest.Run, a *githubtest.Artifact) { a.HeadBranch = "topic" },
		"of another commit than its workflow run":    func(_ *place, _ *githubtest.Run, a *githubtest.Artifact) { a.HeadSHA = strings.Repeat("0", 40) },
		"expired":                      func(_ *place, _ *githubtest.Run, a *githubtest.Artifact) { a.Expired = true },
		"newer than this workflow run": func(p *place, r *githubtest.Run, _ *githubtest.Artifact) { p.search.Trust.Self = r.ID - 1 },
		"of this very workflow run":    func(p *place, r *githubtest.Run, _ *githubtest.Artifact) { p.search.Trust.Self = r.ID },
		"of another workflow":          func(p *place, _ *githubtest.Run, _ *githubtest.Artifact) { p.search.Trust.Workflow = 4711 },
		"no list has it: another workflow": func(_ *place, r *githubtest.Run, _ *githubtest.Artifact) {
			r.Path, r.WorkflowID = ".github/workflows/x.yml", 4711
		},
		"no list has it: failed":            func(_ *place, r *githubtest.Run, _ *githubtest.Artifact) { r.Conclusion = "failure" },
		"no list has it: under way":         func(_ *place, r *githubtest.Run, _ *githubtest.Artifact) { r.Status, r.Conclusion = "in_progress", "" },
		"no list has it: another name":      func(_ *place, _ *githubtest.Run, a *githubtest.Artifact) { a.Name = "plumbline-unit2" },
		"no list has it: a run of a branch": func(_ *place, r *githubtest.Run, _ *githubtest.Artifact) { r.HeadBranch = "topic" },
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			run := p.ran(1)
			p.search.Trust.Self = run.ID + 1000
			harm(p, run, p.repo.Artifacts[0])
			found, err := p.search.Find(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if (found.History.Runs() == 1) != (reason == "") {
				t.Errorf("%d runs of history", found.History.Runs())
			}
			why := strings.TrimSpace(reason)
			if why != "" && !strings.HasPrefix(why, "no list") && found.Left[why] != 1 {
				t.Errorf("left out for %v, want %q", found.Left, why)
			}
		})
	}
}

// TestRules: those rules that GitHub's lists already keep hold by themselves.
func TestRules(t *testing.T) {
	t.Parallel()
	run := rest.WorkflowRun{ID: 5, HeadRepository: 1, Repository: 1, Event: "push", Branch: "main", WorkflowID: 3, Status: "completed", Conclusion: "success", Commit: "c"}
	var a rest.Artifact
	a.Run.ID, a.Run.Repository, a.Run.HeadRepository, a.Run.Branch, a.Run.Commit = 5, 1, 1, "main", "c"
	trust := Trust{Repository: 1, Branch: "main", Workflow: 3, Self: 9}
	if why := trust.distrust(run, a); why != "" {
		t.Fatalf("a good artifact: %s", why)
	}
	for want, change := range map[string]func(r *rest.WorkflowRun, a *rest.Artifact, t *Trust){
		"of a workflow run that did not succeed":  func(r *rest.WorkflowRun, _ *rest.Artifact, _ *Trust) { r.Conclusion = "failure" },
		"of a workflow run that did not succeed ": func(r *rest.WorkflowRun, _ *rest.Artifact, _ *Trust) { r.Status = "in_progress" },
		"of another branch":                       func(r *rest.WorkflowRun, _ *rest.Artifact, _ *Trust) { r.Branch = "x" },
		"of another workflow":                     func(r *rest.WorkflowRun, _ *rest.Artifact, _ *Trust) { r.WorkflowID = 4 },
		"of another workflow run than it says":    func(_ *rest.WorkflowRun, a *rest.Artifact, _ *Trust) { a.Run.ID = 6 },
		"of a fork's code":                        func(_ *rest.WorkflowRun, _ *rest.Artifact, t *Trust) { t.Repository = 0 },
	} {
		r, a, trust := run, a, trust
		change(&r, &a, &trust)
		if got := trust.distrust(r, a); got != strings.TrimSpace(want) {
			t.Errorf("distrust = %q, want %q", got, want)
		}
	}
}

// TestFindPassesBy: what cannot be read is told, and the next one serves.
func TestFindPassesBy(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(a *githubtest.Artifact){
		"corrupt":   func(a *githubtest.Artifact) { a.Zip = []byte("nonsense"); a.Digest = "" },
		"digest":    func(a *githubtest.Artifact) { a.Digest = "sha256:" + strings.Repeat("0", 64) },
		"oversized": func(a *githubtest.Artifact) { a.Size = MostZip + 1 },
		"crowded": func(a *githubtest.Artifact) {
			a.Zip = githubtest.Zip(map[string]string{HistoryFile: strings.Repeat(record("x", 0)+"\n", mostLines+1)})
			a.Digest = ""
		},
		"odd member": func(a *githubtest.Artifact) { a.Zip = githubtest.Zip(map[string]string{"../x": ""}); a.Digest = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			good := p.ran(1)
			p.ran(1, good)
			harm(p.repo.Artifacts[1])
			found := p.find(t)
			if found.Newest.ID != good.ID || len(found.Problems) != 1 {
				t.Errorf("newest %d, problems %q; want the run before, and one told", found.Newest.ID, found.Problems)
			}
		})
	}
}

func TestNewestKeepsTheNewest(t *testing.T) {
	t.Parallel()
	h := NewHistory()
	for i := range 10 {
		if !h.Add([]byte(record(fmt.Sprint(i), i)), Source{Run: int64(i)}) {
			t.Fatal("a good record was refused")
		}
	}
	if h.Add([]byte("no record"), Source{}) {
		t.Error("a line that is no record was taken")
	}
	if got := h.Newest(3, 1<<20); got.Runs() != 3 || !got.Has(9) || !got.Has(7) || got.Has(6) {
		t.Errorf("Newest(3) has %s", got.JSONL())
	}
	if got := h.Newest(10, len(record("0", 0))*2); got.Runs() != 2 || !got.Has(9) {
		t.Errorf("two records' bytes: %s", got.JSONL())
	}
}
