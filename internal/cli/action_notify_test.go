package cli

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// hook is a webhook that remembers what it took.
type hook struct {
	*httptest.Server
	sync.Mutex
	got  []string
	fail int // requests that it refuses first
}

func newHook(t *testing.T) *hook {
	t.Helper()
	h := &hook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		h.Lock()
		defer h.Unlock()
		switch {
		case err != nil:
		case h.fail > 0:
			h.fail--
			http.Error(w, "not now", http.StatusForbidden)
		default:
			h.got = append(h.got, string(body))
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) all() []string {
	h.Lock()
	defer h.Unlock()
	return append([]string(nil), h.got...)
}

const noticesConf = `notices:
  issue: {mention: "@o/perf"}
  to:
    - {webhook: HOOK, token: HOOK_TOKEN}
`

// told is a forge whose repository wants notices.
func newTold(t *testing.T, conf string) (*forge, *hook, func(ns float64) acted) {
	t.Helper()
	f, h := newForge(t), newHook(t)
	f.override = map[string]string{"HOOK": h.URL + "/s3cr3t-path", "HOOK_TOKEN": "t0ken-of-mine"}
	f.history(8)
	return f, h, func(ns float64) acted {
		t.Helper()
		_, got := f.push(with(results(ns, false), ConfigFile, conf))
		if all := got.stdout + got.stderr + got.summary; strings.Contains(all, "s3cr3t-path") || strings.Contains(all, "t0ken-of-mine") {
			t.Errorf("a secret is told:\n%s", all)
		}
		return got
	}
}

// TestActionNotices: a regression on main opens one issue, whose text says what and
// who, and is told once, whatever later runs say of it; what comes on top of it
// is a comment; and with the level the issue is closed. The next shift is another
// issue.
func TestActionNotices(t *testing.T) {
	f, h, push := newTold(t, noticesConf)
	if push(1001); len(f.repo.Issues) != 0 || len(h.all()) != 0 {
		t.Fatalf("with nothing worse: %d issues, notices %q", len(f.repo.Issues), h.all())
	}
	for range 3 {
		if got := push(2000); got.status != 1 || strings.Contains(got.stdout, "::warning::") {
			t.Fatalf("status %d\n%s", got.status, got.stdout)
		}
	}
	if len(f.repo.Issues) != 1 || len(f.repo.Comments) != 0 || len(h.all()) != 1 {
		t.Fatalf("%d issues, %d comments, notices %q; want one, none and one", len(f.repo.Issues), len(f.repo.Comments), h.all())
	}
	i := f.repo.Issues[0]
	for _, want := range []string{"Parse.ns_per_op", "1 commit by `octocat`", "/compare/", "/actions/runs/", "@o/perf", "waivers"} {
		if !strings.Contains(i.Body, want) {
			t.Errorf("the issue does not say %q:\n%s", want, i.Body)
		}
	}
	if i.State != "open" || !strings.HasPrefix(i.Title, "plumbline: regression: 1 metric got worse in ") || fmt.Sprint(i.Labels) != "[plumbline]" {
		t.Errorf("%s, %q, %q", i.State, i.Title, i.Labels)
	}
	if n := h.all()[0]; !strings.Contains(n, `"event":"regression"`) || !strings.Contains(n, `"authors":["octocat"]`) || !strings.Contains(n, `"metric":"bench/example.com/a.Parse.ns_per_op"`) {
		t.Errorf("the notice: %s", n)
	}
	if got := push(1002); got.status != 0 || i.State != "closed" || i.Reason != "completed" || len(f.repo.Comments) != 1 || !strings.Contains(f.repo.Comments[0].Body, "1 metric is back") {
		t.Errorf("back: status %d, issue %s as %q, comments %+v\n%s", got.status, i.State, i.Reason, f.repo.Comments, got.stdout)
	}
	push(1003)
	if n := h.all(); len(n) != 2 || !strings.Contains(n[1], `"event":"recovery"`) {
		t.Errorf("notices %q", n)
	}
	if push(2000); len(f.repo.Issues) != 2 || len(h.all()) != 3 || f.repo.Issues[1].State != "open" {
		t.Errorf("the next shift: %d issues, notices %q", len(f.repo.Issues), h.all())
	}
}

// TestActionNoticesFail: what a channel does not take changes no verdict, is said
// loudly, and is tried again by the next run; and so is an issue that cannot be.
func TestActionNoticesFail(t *testing.T) {
	f, h, push := newTold(t, noticesConf)
	h.fail = 1
	got := push(2000)
	if got.status != 1 || !strings.Contains(got.out, "verdict=regression") || !strings.Contains(got.stdout, "::warning::the verdict stands") ||
		!strings.Contains(got.stdout, "the server answered 403") || !strings.Contains(got.stdout, "webhook (HOOK)") || len(h.all()) != 0 || len(f.repo.Issues) != 1 {
		t.Errorf("refused: status %d, notices %q\n%s", got.status, h.all(), got.stdout)
	}
	if push(2000); len(h.all()) != 1 || len(f.repo.Issues) != 1 {
		t.Errorf("tried again: notices %q, %d issues", h.all(), len(f.repo.Issues))
	}
	f.Lock()
	f.repo.IssuesDisabled = true
	f.Unlock()
	if got := push(1001); got.status != 0 || !strings.Contains(got.stdout, "issues are disabled in this repository's settings") {
		t.Errorf("issues disabled: status %d\n%s", got.status, got.stdout)
	}
	f.Lock()
	f.repo.IssuesDisabled = false
	f.Unlock()
	if push(1001); f.repo.Issues[0].State != "closed" || len(h.all()) != 2 {
		t.Errorf("later: issue %s, notices %q", f.repo.Issues[0].State, h.all())
	}
}

// TestActionNoticesAtNight: what is found in quiet hours is an issue at once, and
// sent by the first run after them.
func TestActionNoticesAtNight(t *testing.T) {
	f, h, _ := newTold(t, "")
	f.clock = time.Date(f.clock.Year(), f.clock.Month(), f.clock.Day(), 23, 0, 0, 0, time.UTC).AddDate(0, 0, -2)
	conf := noticesConf + "  quiet: {from: \"22:00\", until: \"06:30\"}\n"
	push := func(ns float64) acted { _, got := f.push(with(results(ns, false), ConfigFile, conf)); return got }
	f.history(8) // the first ones are of later days
	if got := push(2000); len(f.repo.Issues) != 1 || len(h.all()) != 0 || !strings.Contains(got.stderr, "held until") {
		t.Errorf("at night: %d issues, notices %q\n%s%s", len(f.repo.Issues), h.all(), got.stdout, got.stderr)
	}
	f.clock = f.clock.Add(4 * time.Hour)
	if push(2000); len(h.all()) != 0 {
		t.Errorf("before the morning: notices %q", h.all())
	}
	f.clock = f.clock.Add(4 * time.Hour)
	if push(2000); len(h.all()) != 1 {
		t.Errorf("in the morning: notices %q", h.all())
	}
}

// TestActionNoticesOfTrends: a step that no single run shows is told once it is
// confirmed, once, and ends when the level is back, not with the first lucky run;
// trend: false asks for none of it.
func TestActionNoticesOfTrends(t *testing.T) {
	for _, off := range []bool{false, true} {
		f, h := newForge(t), newHook(t)
		f.override = map[string]string{"HOOK": h.URL, "HOOK_TOKEN": "t"}
		conf := noticesConf
		if off {
			conf += "  trend: false\n"
		}
		noise := rand.New(rand.NewPCG(7, 8))
		push := func(level, spread float64) {
			t.Helper()
			_, got := f.push(with(results(level*(1+spread*(2*noise.Float64()-1)), false), ConfigFile, conf))
			if got.status != 0 || strings.Contains(got.stdout, "::warning::") {
				t.Fatalf("status %d\n%s", got.status, got.stdout)
			}
		}
		for range 24 {
			push(1000, 0.02)
		}
		if len(h.all()) != 0 {
			t.Fatalf("notices of noise: %q", h.all())
		}
		for range 8 {
			push(1030, 0.005)
		}
		want := 1
		if off {
			want = 0
		}
		if n := h.all(); len(n) != want || len(f.repo.Issues) != want || want == 1 && !strings.Contains(n[0], `"lasting_runs":`) {
			t.Fatalf("trend off %v: notices %q, %d issues", off, n, len(f.repo.Issues))
		}
		if off {
			return
		}
		push(1000, 0.02)
		if n := h.all(); len(n) != 1 {
			t.Errorf("after one lucky run: notices %q", n)
		}
		for range 6 {
			push(1000, 0.02)
		}
		if n := h.all(); len(n) != 2 || !strings.Contains(n[1], `"event":"recovery"`) {
			t.Errorf("back: notices %q", n)
		}
	}
}

// TestActionNoticesOfOthers: pull requests, other branches and a configuration
// without a memory tell nobody.
func TestActionNoticesOfOthers(t *testing.T) {
	f, h, push := newTold(t, "notices: {to: [{webhook: HOOK, token: HOOK_TOKEN}]}\n")
	if got := push(2000); got.status != 1 || !strings.Contains(got.stdout, "nothing remembers what was told") || len(h.all()) != 0 {
		t.Errorf("without an issue: status %d, notices %q\n%s", got.status, h.all(), got.stdout)
	}
	files := with(results(2000, false), ConfigFile, noticesConf)
	f.pull(files)
	c := f.AddPush(f.repo, "topic2", map[string]string{"code.go": "slow"})
	f.step(f.AddRun(f.repo, githubtest.Run{HeadBranch: "topic2", HeadSHA: c.SHA, Status: "in_progress"}), files, nil)
	if len(h.all()) != 0 || len(f.repo.Issues) != 0 {
		t.Errorf("of a pull request and a branch: notices %q, %d issues", h.all(), len(f.repo.Issues))
	}
}
