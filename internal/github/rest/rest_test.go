package rest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// hub is a GitHub with one repository and a client for it.
type hub struct {
	*githubtest.Fake
	repo   *githubtest.Repo
	token  *githubtest.Token
	client *rest.Repo
	said   []string
}

func newHub(t *testing.T) *hub {
	t.Helper()
	h := &hub{Fake: githubtest.New()}
	h.repo = h.AddRepo("o", "r")
	h.token = h.AddRunToken(h.AddRun(h.repo, githubtest.Run{}))
	server := httptest.NewServer(h.Fake)
	t.Cleanup(func() {
		server.Close()
		for _, v := range h.Violations() {
			t.Errorf("against GitHub's contract: %s", v)
		}
	})
	h.client = h.with(t, server.URL, h.token.Secret)
	return h
}

func (h *hub) with(t *testing.T, url, token string) *rest.Repo {
	t.Helper()
	c, err := rest.New(rest.Options{
		URL: url, Repository: "o/r", Token: token, Agent: "plumbline/test", Unit: time.Millisecond,
		Log: func(msg string) { h.said = append(h.said, msg) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, o := range []rest.Options{
		{Repository: "o", Token: "t"}, {Repository: "o/r/x", Token: "t"}, {Repository: "/r", Token: "t"},
		{Repository: "o/r"}, {Repository: "o/r", Token: "t", URL: "ftp://x"}, {Repository: "o/r", Token: "t", URL: "::"},
	} {
		if _, err := rest.New(o); err == nil {
			t.Errorf("New(%+v) took it", o)
		}
	}
}

// TestReadsAreTriedAgain: whatever goes wrong with a request that only reads, it
// is sent again, and the answer is the true one.
func TestReadsAreTriedAgain(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(-time.Minute)
	for name, harm := range map[string]githubtest.Harm{
		"502": githubtest.Answer(502), "503": githubtest.Answer(503), "dropped": githubtest.Drop(false),
		"primary 403": githubtest.PrimaryLimit(403, soon), "primary 429": githubtest.PrimaryLimit(429, soon),
		"secondary 403": githubtest.SecondaryLimit(403, 1), "secondary 429": githubtest.SecondaryLimit(429, 1),
		"secondary 429 without a time": githubtest.SecondaryLimit(429, -1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHub(t)
			fault := h.Break(githubtest.Fault{Do: harm, Times: 2})
			runs, err := h.client.Runs(t.Context(), "ci.yml", "main")
			if err != nil || len(runs) != 1 || runs[0].Commit == "" {
				t.Fatalf("Runs = %v, %v, want the one run", runs, err)
			}
			if !h.Heal(fault) {
				t.Error("nothing went wrong: the test shows nothing")
			}
			if len(h.said) == 0 {
				t.Error("nobody was told of the wait")
			}
		})
	}
}

// TestTimeBudget: a limit that lasts longer than there is time is an error at
// once, and no wait.
func TestTimeBudget(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Break(githubtest.Fault{Do: githubtest.SecondaryLimit(429, 3_600_000)})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := h.client.Runs(ctx, "ci.yml", "main")
	if rest.Status(err) != 429 || ctx.Err() != nil {
		t.Errorf("Runs = %v, context %v, want the limit's error before the time is over", err, ctx.Err())
	}
}

// TestReserve: the last fifty requests of the hour are the other jobs'.
func TestReserve(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Lock()
	h.Remaining = 50
	h.Unlock()
	if _, err := h.client.Runs(t.Context(), "ci.yml", "main"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.client.Runs(t.Context(), "ci.yml", "main"); !errors.Is(err, rest.ErrReserve) {
		t.Errorf("Runs = %v, want ErrReserve", err)
	}
	h.Lock()
	defer h.Unlock()
	if h.Remaining != 49 {
		t.Errorf("%d requests are left, want 49: the second was to stay at home", h.Remaining)
	}
}

// TestWritesHappenOnce: where the answer to a write is lost, it is done all the
// same once, and neither never nor twice.
func TestWritesHappenOnce(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]githubtest.Harm{
		"lost before": githubtest.Drop(false), "lost after": githubtest.Drop(true),
		"502 before": githubtest.Answer(502), "502 after": githubtest.AnswerAfter(502), "limited": githubtest.SecondaryLimit(403, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHub(t)
			p := h.OpenPull(h.repo, "topic", map[string]string{"a": "1"})
			fault := h.Break(githubtest.Fault{Method: "POST", Do: harm, Times: 2})
			if _, err := h.client.CreateComment(t.Context(), p.Number, "<!-- mark 17 --> hello", "mark 17"); err != nil {
				t.Fatal(err)
			}
			if !h.Heal(fault) {
				t.Error("nothing went wrong: the test shows nothing")
			}
			h.Break(githubtest.Fault{Method: "POST", Do: harm, Times: 1})
			check := rest.Check{
				Name: "plumbline / unit", Commit: p.HeadSHA, Conclusion: "failure", Title: "1 metric regressed", Summary: "…", Key: "17/1",
				Annotations: many(120),
			}
			if err := h.client.CreateCheck(t.Context(), check); err != nil {
				t.Fatal(err)
			}
			h.Lock()
			defer h.Unlock()
			if len(h.repo.Comments) != 1 || len(h.repo.Checks) != 1 || len(h.repo.Checks[0].Annotations) != 120 {
				t.Errorf("%d comments, checks %+v; want one of each with 120 annotations", len(h.repo.Comments), h.repo.Checks)
			}
		})
	}
}

func many(n int) []rest.Annotation {
	all := make([]rest.Annotation, n)
	for i := range all {
		all[i] = rest.Annotation{Path: "a.go", Start: i + 1, End: i + 1, Level: "failure", Title: "slower", Message: "it is"}
	}
	return all
}

func TestComments(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	p := h.OpenPull(h.repo, "topic", map[string]string{"a": "1"})
	for range 150 {
		h.AddComment(h.repo, p.Number, "someone", "hello")
	}
	made, err := h.client.CreateComment(t.Context(), p.Number, "<!-- x --> one", "x")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.client.EditComment(t.Context(), made.ID, "<!-- x --> two"); err != nil {
		t.Fatal(err)
	}
	all, err := h.client.Comments(t.Context(), p.Number, "<!-- x -->")
	if err != nil || len(all) != 1 || all[0].Body != "<!-- x --> two" || !all[0].Bot || all[0].Author != "github-actions[bot]" {
		t.Errorf("Comments = %+v, %v, want the one of page two", all, err)
	}
	for range 2 { // the second finds nothing left to delete, which is as good
		if err := h.client.DeleteComment(t.Context(), made.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// TestForkTokens: what a fork's token may not do is an error that says so.
func TestForkTokens(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	fork := h.Fork(h.repo, "stranger")
	p := h.ForkPull(fork, "main", map[string]string{"a": "1"})
	run := h.AddRun(h.repo, githubtest.Run{Pull: p})
	server := httptest.NewServer(h.Fake)
	t.Cleanup(server.Close)
	c := h.with(t, server.URL, h.AddRunToken(run).Secret)
	_, err := c.CreateComment(t.Context(), p.Number, "<!-- x -->", "x")
	if !rest.Forbidden(err) || !strings.Contains(err.Error(), "pull-requests: write") {
		t.Errorf("CreateComment = %v, want one that names the permission", err)
	}
	if err := c.SetStatus(t.Context(), rest.Check{Name: "plumbline", Commit: p.HeadSHA, Conclusion: "failure", Title: "x"}); !rest.Forbidden(err) {
		t.Errorf("SetStatus = %v, want forbidden", err)
	}
	found, err := h.client.PullOf(t.Context(), rest.WorkflowRun{
		Commit: p.HeadSHA, Branch: "main", HeadOwner: "stranger", HeadRepository: fork.ID,
	})
	if err != nil || found == nil || found.Number != p.Number {
		t.Errorf("PullOf = %+v, %v, want #%d", found, err, p.Number)
	}
	for _, run := range []rest.WorkflowRun{
		{Commit: "0123", Branch: "main", HeadOwner: "stranger", HeadRepository: fork.ID},
		{Commit: p.HeadSHA, Branch: "main", HeadOwner: "stranger", HeadRepository: 4711},
		{Commit: p.HeadSHA, Branch: "main"},
	} {
		if found, err := h.client.PullOf(t.Context(), run); found != nil || err != nil {
			t.Errorf("PullOf(%+v) = %+v, %v, want none", run, found, err)
		}
	}
}

func TestMergeBase(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	base := h.AddPush(h.repo, "main", map[string]string{"a": "1"})
	p := h.OpenPull(h.repo, "topic", map[string]string{"b": "1"})
	h.AddPush(h.repo, "main", map[string]string{"a": "2"})
	got, err := h.client.MergeBase(t.Context(), "main", p.HeadSHA)
	if err != nil || got.SHA != base.SHA {
		t.Errorf("MergeBase = %+v, %v, want %s", got, err, base.SHA)
	}
	before, err := h.client.Ancestors(t.Context(), got.SHA)
	if err != nil || len(before) != 2 || before[0].SHA != base.SHA {
		t.Errorf("Ancestors = %+v, %v, want two from %s on", before, err, base.SHA)
	}
}

// TestDownload: the zip comes whole or not at all, and the token stays at home.
func TestDownload(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	made := h.AddArtifact(h.repo.Runs[0], "plumbline-unit", map[string]string{"run.jsonl": strings.Repeat("x", 1000)})
	list := func() rest.Artifact {
		all, err := h.client.Artifacts(t.Context(), "plumbline-unit")
		if err != nil || len(all) != 1 {
			t.Fatalf("Artifacts = %v, %v, want one", all, err)
		}
		return all[0]
	}
	a := list()
	data, err := h.client.Download(t.Context(), a, 1<<20)
	if err != nil || string(data) != string(made.Zip) {
		t.Fatalf("Download = %d bytes, %v, want %d", len(data), err, len(made.Zip))
	}
	fault := h.Break(githubtest.Fault{Path: "*blob*", Do: githubtest.Truncate(), Times: 1})
	if data, err := h.client.Download(t.Context(), a, 1<<20); err != nil || len(data) != len(made.Zip) {
		t.Errorf("after a cut: %d bytes, %v", len(data), err)
	}
	if !h.Heal(fault) {
		t.Error("nothing was cut: the test shows nothing")
	}
	if _, err := h.client.Download(t.Context(), a, 10); err == nil {
		t.Error("a zip of more bytes than allowed was taken")
	}
	lying := a
	lying.Size = 1
	if _, err := h.client.Download(t.Context(), lying, 10); err == nil {
		t.Error("a zip that is longer than it says was taken")
	}
	lying = a
	lying.Digest = "sha256:" + strings.Repeat("0", 64)
	if _, err := h.client.Download(t.Context(), lying, 1<<20); err == nil {
		t.Error("a zip with another digest was taken")
	}
	h.Lock()
	made.Expired = true
	h.Unlock()
	for _, a := range []rest.Artifact{a, list()} {
		if _, err := h.client.Download(t.Context(), a, 1<<20); !errors.Is(err, rest.ErrGone) {
			t.Errorf("Download of an expired artifact = %v, want ErrGone", err)
		}
	}
}

// TestErrorsArePlain: neither a signature nor the same address twice.
func TestErrorsArePlain(t *testing.T) {
	t.Parallel()
	err := rest.Plain(&url.Error{Op: "Get", URL: "https://a.example/b?sig=s", Err: &url.Error{Op: "Get", URL: "https://a.example/b?sig=s", Err: io.EOF}})
	if got := err.Error(); got != "Get a.example/b: EOF" || !errors.Is(err, io.EOF) {
		t.Errorf("Plain = %q", got)
	}
	if _, err := newHub(t).client.Runs(t.Context(), "", "main"); err == nil || !strings.Contains(err.Error(), "GITHUB_WORKFLOW_REF") {
		t.Errorf("Runs without a workflow = %v", err)
	}
}

// TestNoTokenElsewhere: a redirect to another host gets no token.
func TestNoTokenElsewhere(t *testing.T) {
	t.Parallel()
	var got string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Authorization") }))
	t.Cleanup(other.Close)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/there", http.StatusMovedPermanently)
	}))
	t.Cleanup(api.Close)
	c := (&hub{}).with(t, api.URL, "secret-token")
	if _, err := c.Runs(t.Context(), "ci.yml", "main"); err == nil || strings.Contains(err.Error(), "secret-token") {
		t.Errorf("Runs = %v, want an error without the token", err)
	}
	if got != "" {
		t.Errorf("the other host got %q", got)
	}
}

// TestFile: a file is read as it is at a ref, and what may not be read is not
// taken for what is not there.
func TestFile(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.AddPush(h.repo, "main", map[string]string{"a/b.yml": "one"})
	first := h.repo.Branches["main"]
	h.AddPush(h.repo, "main", map[string]string{"a/b.yml": "two"})
	for ref, want := range map[string]string{first: "one", "main": "two", "refs/heads/main": "two"} {
		if got, ok, err := h.client.File(t.Context(), "a/b.yml", ref); string(got) != want || !ok || err != nil {
			t.Errorf("File at %s = %q, %v, %v, want %q", ref, got, ok, err, want)
		}
	}
	if got, ok, err := h.client.File(t.Context(), "c.yml", "main"); ok || err != nil {
		t.Errorf("a file that is not there: %q, %v, %v", got, ok, err)
	}
	for _, c := range [][2]string{{"a", "main"}, {"a/b.yml", "nowhere"}, {"../x", "main"}} {
		if got, ok, err := h.client.File(t.Context(), c[0], c[1]); ok || err == nil {
			t.Errorf("File(%q) = %q, %v, %v, want an error", c, got, ok, err)
		}
	}
	h.Lock()
	h.repo.Private, h.token.Permissions = true, map[string]string{"actions": "read"}
	h.Unlock()
	if _, ok, err := h.client.File(t.Context(), "a/b.yml", "main"); ok || !rest.Forbidden(err) || !strings.Contains(err.Error(), "contents: read") {
		t.Errorf("without the permission: %v, %v", ok, err)
	}
}

// TestRefusalsAreFinal: what GitHub refuses is asked for once, so that no loop of
// ours eats the requests of others.
func TestRefusalsAreFinal(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 405, 409, 410, 422} {
		var asked atomic.Int32
		api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked.Add(1)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"message":"no"}`)
		}))
		c := (&hub{}).with(t, api.URL, "t")
		_, readErr := c.Runs(t.Context(), "ci.yml", "main")
		_, writeErr := c.CreateComment(t.Context(), 1, "<!-- x -->", "x")
		api.Close()
		if rest.Status(readErr) != status || writeErr == nil || asked.Load() != 2 {
			t.Errorf("%d: %d requests, want one to read and one to write; %v, %v", status, asked.Load(), readErr, writeErr)
		}
	}
}

// TestRights: asking tells what the token may do, and does nothing.
func TestRights(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	h.Asking = true
	p := h.OpenPull(h.repo, "topic", map[string]string{"a": "1"})
	ask := func() [3]bool {
		return [3]bool{
			h.client.MayCheck(t.Context()) == nil, h.client.MaySetStatus(t.Context(), p.HeadSHA) == nil, h.client.MayComment(t.Context(), p.Number) == nil,
		}
	}
	if _, known := h.client.Ahead(); known {
		t.Error("the clock is known before the first answer")
	}
	if got := ask(); got != [3]bool{true, true, true} {
		t.Errorf("with all rights: %v", got)
	}
	for _, name := range []string{"checks", "statuses", "pull_requests"} {
		h.Lock()
		h.token.Permissions = map[string]string{"checks": "write", "statuses": "write", "pull_requests": "write"}
		h.token.Permissions[name] = "read"
		h.Unlock()
		if got, want := ask(), [3]bool{name != "checks", name != "statuses", name != "pull_requests"}; got != want {
			t.Errorf("without %s: %v, want %v", name, got, want)
		}
	}
	if err := h.client.MayComment(t.Context(), p.Number); err == nil || !strings.Contains(err.Error(), "pull-requests: write") {
		t.Errorf("MayComment = %v, want an error that names the permission", err)
	}
	if d, known := h.client.Ahead(); !known || d.Abs() > time.Hour {
		t.Errorf("Ahead = %v, %v, want this very clock", d, known)
	}
	h.Lock()
	defer h.Unlock()
	if len(h.repo.Checks)+len(h.repo.Statuses)+len(h.repo.Comments) > 0 {
		t.Error("asking wrote something")
	}
}
