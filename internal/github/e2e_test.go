package github_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// TestAction plays the life of a repository with the plain program, under the
// variables of a container action. TestImage plays it with the image.
func TestAction(t *testing.T) {
	t.Parallel()
	play(newScene(t, buildProgram(t), ""))
}

// measured is what go test -json and its cover profile tell: a benchmark that
// takes so long and makes so many allocations.
func measured(ns, allocs int) map[string]string {
	const event = `{"Time":"2026-05-30T12:00:00Z","Action":%q,"Package":"example.com/a"%s}` + "\n"
	var b strings.Builder
	fmt.Fprintf(&b, event, "run", `,"Test":"TestA"`)
	fmt.Fprintf(&b, event, "pass", `,"Test":"TestA","Elapsed":0.25`)
	fmt.Fprintf(&b, event, "output", fmt.Sprintf(`,"Output":"BenchmarkParse-4 \t 1000\t %d ns/op\t 64 B/op\t %d allocs/op\n"`, ns, allocs))
	fmt.Fprintf(&b, event, "pass", `,"Elapsed":1.5`)
	return map[string]string{
		"gotest.json":  b.String(),
		"coverage.out": "mode: set\nexample.com/a/a.go:3.1,5.2 2 1\nexample.com/a/a.go:7.1,9.2 2 0\n",
	}
}

// chapter is what is seen of one workflow run after it has ended.
type chapter struct {
	Name, Verdict, Comment, Check, Run string
	Status                             int
}

// play builds a history and then lets pull requests come and go. It returns
// what everybody sees, in a form that does not depend on who ran the steps.
func play(s *scene) (told []chapter) {
	for i := range 7 {
		j, got := s.push(measured(1000+i*7%5, 2))
		if got.status != 0 || got.outputs["regressed"] != "0" || got.outputs["baseline-runs"] != fmt.Sprint(i) {
			s.t.Fatalf("push %d: status %d, outputs %v\n%s", i, got.status, got.outputs, got.log)
		}
		told = append(told, s.chapter("push", j, got))
	}
	p := s.OpenPull(s.repo, "topic", map[string]string{"a.go": "slow"})
	for _, push := range []struct {
		name                      string
		ns, allocs                int
		verdict, check, says, not string // what the comment says, and what not
	}{
		{"a pull request that regresses", 2000, 3, "regression", "failure", "2 allocs/op | 3 allocs/op", "4 allocs/op"},
		{"a second push to it", 3000, 4, "regression", "failure", "2 allocs/op | 4 allocs/op", "3 allocs/op"},
		{"the push that fixes it", 1003, 2, "pass", "success", "got worse than 7 runs of", "regression: "},
	} {
		s.AddPush(s.repo, "topic", map[string]string{"a.go": push.name})
		j := s.job(s.AddRun(s.repo, githubtest.Run{Pull: p, Status: "in_progress"}), measured(push.ns, push.allocs))
		got := j.act(nil, nil)
		if want := map[bool]int{true: 1}[push.verdict == "regression"]; got.status != want || got.outputs["verdict"] != push.verdict {
			s.t.Errorf("%s: status %d, outputs %v, want %d and %s\n%s", push.name, got.status, got.outputs, want, push.verdict, got.log)
		}
		if gate := fmt.Sprintf(`"gate_passed":%v`, push.verdict == "pass"); !strings.Contains(s.stored(j), gate) {
			s.t.Errorf("%s: the artifact's run has no %s:\n%s", push.name, gate, s.stored(j))
		}
		if !strings.Contains(got.summary, push.says) {
			s.t.Errorf("%s: the summary does not say %q:\n%s", push.name, push.says, got.summary)
		}
		c := s.chapter(push.name, j, got)
		s.seen(c, push.check, push.says, push.not)
		told = append(told, c)
	}
	if n := len(s.repo.Comments); n != 1 {
		s.t.Errorf("%d comments, want the same one for all pushes", n)
	}
	j, got := s.fork()
	told = append(told, s.chapter("a fork's pull request", j, got))
	s.setup()
	s.cancelled()
	return told
}

// seen holds the one comment and the one check against what they should say.
func (s *scene) seen(c chapter, check, says, not string) {
	s.t.Helper()
	if strings.Count(c.Comment, " by github-actions[bot]: ") != 1 || !strings.Contains(c.Comment, says) || strings.Contains(c.Comment, not) {
		s.t.Errorf("%s: comments\n%s\nwant one with %q and without %q", c.Name, c.Comment, says, not)
	}
	if !strings.HasPrefix(c.Check, "plumbline / ci/test "+check+": ") || strings.Count(c.Check, "plumbline / ") != 1 || !strings.Contains(c.Check, says) {
		s.t.Errorf("%s: checks\n%s\nwant one, %s, with %q", c.Name, c.Check, check, says)
	}
}

// push lets main go on by a commit whose job measures the results.
func (s *scene) push(files map[string]string) (*stage, acted) {
	s.t.Helper()
	s.AddPush(s.repo, "main", map[string]string{"a.go": fmt.Sprint(len(s.repo.Runs))})
	run := s.AddRun(s.repo, githubtest.Run{Status: "in_progress"})
	j := s.job(run, files)
	got := j.act(nil, nil)
	s.Lock()
	defer s.Unlock()
	run.Status, run.Conclusion = "completed", map[bool]string{true: "success", false: "failure"}[got.status == 0]
	return j, got
}

// fork is a pull request of a stranger, whose token can only read: its step
// still measures, judges and keeps, and is red for what it measured alone.
func (s *scene) fork() (*stage, acted) {
	s.t.Helper()
	p := s.ForkPull(s.Fork(s.repo, "stranger"), "main", map[string]string{"a.go": "slower"})
	comments := len(s.repo.Comments)
	j := s.job(s.AddRun(s.repo, githubtest.Run{Pull: p, Status: "in_progress"}), measured(2000, 3))
	got := j.act(nil, nil)
	if got.status != 1 || got.outputs["verdict"] != "regression" || !strings.Contains(got.summary, "allocs") || s.stored(j) == "" {
		s.t.Errorf("a fork that regresses: status %d, outputs %v, summary\n%s\n%s", got.status, got.outputs, got.summary, got.log)
	}
	if c := s.chapter("", j, got); c.Comment+c.Check != "" || len(s.repo.Comments) != comments {
		s.t.Errorf("a token that can only read left a comment or a check:\n%s%s", c.Comment, c.Check)
	}
	if strings.Contains(got.log, "::warning") || strings.Contains(got.log, "::error") {
		s.t.Errorf("a fork's run warns of what forks can never do:\n%s", got.log)
	}
	good := s.job(s.AddRun(s.repo, githubtest.Run{Pull: p, Status: "in_progress"}), measured(1002, 2))
	if got := good.act(nil, nil); got.status != 0 || got.outputs["verdict"] != "pass" {
		s.t.Errorf("a fork that does not regress: status %d, outputs %v\n%s", got.status, got.outputs, got.log)
	}
	return j, got
}

// stored is the run in the artifact that a job left, empty where it left none.
func (s *scene) stored(j *stage) string {
	s.Lock()
	defer s.Unlock()
	text := ""
	for _, a := range s.repo.Artifacts {
		if a.RunID == j.run.ID {
			text = githubtest.Unzip(a.Zip)["run.jsonl"]
		}
	}
	return text
}

// setup puts the program on the PATH, and later steps of the job use it from
// there: those of the host, and those of a job with a container. What they
// measured the action then judges.
func (s *scene) setup() {
	s.t.Helper()
	j := s.job(s.AddRun(s.repo, githubtest.Run{Status: "in_progress"}), measured(1001, 2))
	got := j.act(map[string]string{"mode": "setup"}, nil)
	if got.status != 0 {
		s.t.Fatalf("setup: status %d\n%s", got.status, got.log)
	}
	env := map[string]string{}
	for name, v := range got.env {
		if !strings.HasPrefix(name, "INPUT_") && !strings.HasPrefix(name, "ACTIONS_") { // as a step of the host has it
			env[name] = strings.ReplaceAll(j.place.HostPath(j.run, v), "/github/workspace", j.place.Workspace(j.run))
		}
	}
	name := s.find(j, got, "")
	if name == "" {
		s.t.Fatalf("no folder of GITHUB_PATH has the program on the host:\n%s", j.text(got.env["GITHUB_PATH"]))
	}
	cmd := exec.Command(name, "run", "--type", "build", "--", name, "version")
	cmd.Dir, cmd.Env = j.place.Workspace(j.run), githubtest.Environ(env)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("a later step: %v\n%s", err, out)
	}
	if s.image != "" {
		s.find(j, got, "/github/home") // see there
	}
	if got = j.act(nil, nil); got.status != 0 || !strings.Contains(s.stored(j), `"build.seconds":`) {
		s.t.Errorf("the action after a step that used the program: status %d, stored\n%s\n%s", got.status, s.stored(j), got.log)
	}
	if os.Geteuid() == 0 {
		if left := j.notOwned(); len(left) > 0 {
			s.t.Errorf("files that do not belong to the workspace's owner:\n%s", strings.Join(left, "\n"))
		}
	}
}

// find is the program in a folder of GITHUB_PATH, where the last line counts
// most. With home it is run in a container that has the runner's home there, as
// a job with a container has.
func (s *scene) find(j *stage, got acted, home string) string {
	s.t.Helper()
	lines := strings.Fields(j.text(got.env["GITHUB_PATH"]))
	for i := range lines {
		dir := lines[len(lines)-1-i]
		name := filepath.Join(dir, "plumbline")
		if home != "" && strings.HasPrefix(dir, home) {
			out := docker(s.t, "run", "--rm", "--network", "none", "-v", filepath.Join(j.place.Dir, "_temp", "_github_home")+":"+home, "--entrypoint", name, s.image, "version")
			if !strings.Contains(out, "plumbline") {
				s.t.Errorf("%s version in a container printed %q", name, out)
			}
			return name
		}
		if info, err := os.Stat(name); home == "" && err == nil && info.Mode().Perm() == 0o755 {
			return name
		}
	}
	if home != "" {
		s.t.Errorf("no folder of GITHUB_PATH is in %s: %q", home, lines)
	}
	return ""
}

// cancelled is a job that is cancelled while GitHub does not answer: before the
// runner kills it the step has told what it knows.
func (s *scene) cancelled() {
	if runtime.GOOS == "windows" {
		return // which has no way to interrupt another process
	}
	s.t.Helper()
	j := s.job(s.AddRun(s.repo, githubtest.Run{Status: "in_progress"}), measured(1001, 2))
	waiting, once := make(chan struct{}), sync.Once{}
	s.Lock()
	s.hold = func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/artifacts") {
			once.Do(func() { close(waiting) })
			<-r.Context().Done()
		}
	}
	s.Unlock()
	got := j.act(nil, waiting)
	s.Lock()
	s.hold = func(*http.Request) {}
	s.Unlock()
	if got.status != 0 || got.outputs["verdict"] != "inconclusive" || got.outputs["run-id"] == "" || !strings.Contains(got.summary, "baseline could not be read") {
		s.t.Errorf("a cancelled job: status %d, outputs %v, summary\n%s\n%s", got.status, got.outputs, got.summary, got.log)
	}
}

// chapter is what is seen after a step, without what differs from day to day.
func (s *scene) chapter(name string, j *stage, got acted) chapter {
	s.t.Helper()
	c := chapter{Name: name, Status: got.status, Verdict: got.outputs["verdict"], Run: s.stored(j)}
	s.Lock()
	defer s.Unlock()
	for _, m := range s.repo.Comments {
		if p := j.run.Pull; p != nil && m.Number == p.Number {
			c.Comment += fmt.Sprintf("%d by %s: %s\n", m.ID, m.Author, m.Body)
		}
	}
	for _, k := range s.repo.Checks {
		if k.HeadSHA == j.run.HeadSHA {
			c.Check += fmt.Sprintf("%s %s: %s\n%s\n%s\n", k.Name, k.Conclusion, k.Title, k.Summary, k.Text)
		}
	}
	for _, text := range []*string{&c.Comment, &c.Check, &c.Run} {
		*text = everyday(*text, s.url)
	}
	return c
}

// varying is what two plays of the same life do not have in common: ids and
// times of runs, whole or short.
var varying = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|run ` + "`[0-9a-f]+`" +
	`|\d{4}-\d\d-\d\d(T[0-9:.]+Z)?|\d{1,2} [A-Z][a-z]{2} \d{4}( \d\d:\d\d UTC)?|"hostname":"[^"]*",?`)

// marker is where a comment keeps, in base64, what later jobs read.
var marker = regexp.MustCompile(`(<!-- plumbline:part )([A-Za-z0-9+/=]+)`)

// everyday is the text without what varies, with its markers in plain words.
func everyday(text, url string) string {
	text = marker.ReplaceAllStringFunc(text, func(m string) string {
		part := marker.FindStringSubmatch(m)
		if plain, err := base64.StdEncoding.DecodeString(part[2]); err == nil {
			return part[1] + string(plain)
		}
		return m
	})
	return varying.ReplaceAllString(strings.ReplaceAll(text, url, "URL"), "…")
}

// TestEveryday holds for what two plays may differ in, and for what not.
func TestEveryday(t *testing.T) {
	page := func(url, id, at, verdict string) string {
		mark := base64.StdEncoding.EncodeToString([]byte(`{"says":"` + verdict + `","address":"` + url + `/o/r/actions/runs/7"}`))
		return "<!-- plumbline:part " + mark + " -->\n- head: run `" + id + "`, commit `849a254`, " + at + " UTC\n{since: 2026-11-21}"
	}
	want := everyday(page("http://127.0.0.1:41067", "88430ce1", "21 Nov 2026 23:59", "pass"), "http://127.0.0.1:41067")
	if got := everyday(page("http://127.0.0.1:9", "5", "22 Nov 2026 00:00", "pass"), "http://127.0.0.1:9"); got != want {
		t.Errorf("another port, id and day: %s\nwant %s", got, want)
	}
	if got := everyday(page("http://127.0.0.1:9", "5", "22 Nov 2026 00:00", "regression"), "http://127.0.0.1:9"); got == want || !strings.Contains(got, "849a254") {
		t.Errorf("another verdict in the marker is the same: %s", got)
	}
}

// sameLife compares two plays.
func sameLife(t *testing.T, want, got []chapter) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the program (-) and the image (+) do not tell the same:\n%s", diff)
	}
}
