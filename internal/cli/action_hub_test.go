package cli

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// forge is a GitHub on which the action runs as a process would, in one job of
// one workflow.
type forge struct {
	*githubtest.Fake
	t     *testing.T
	repo  *githubtest.Repo
	url   string
	clock time.Time
	// override has variables of the steps that are not as the runner sets them.
	override map[string]string
	jobLists atomic.Int32 // requests for the jobs of a workflow run
}

// acted is what a step left behind.
type acted struct {
	status                       int
	stdout, stderr, out, summary string
	env                          map[string]string
}

func newForge(t *testing.T) *forge {
	t.Helper()
	f := &forge{Fake: githubtest.New(), t: t, clock: time.Now().Add(-24 * time.Hour).Truncate(time.Second)}
	f.Now = func() time.Time { return f.clock }
	f.repo = f.AddRepo("o", "r")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/jobs") {
			f.jobLists.Add(1)
		}
		f.Fake.ServeHTTP(w, r)
	}))
	f.url = server.URL
	t.Cleanup(func() {
		server.Close()
		for _, v := range f.Violations() {
			t.Errorf("against GitHub's contract: %s", v)
		}
	})
	return f
}

// results is what the job measured: a benchmark and a test.
func results(ns float64, failed bool) map[string]string {
	test := `<testcase classname="a" name="TestA" time="0.1"/>`
	if failed {
		test = `<testcase classname="a" name="TestA" time="0.1"><failure message="no"/></testcase>`
	}
	return map[string]string{
		"bench.txt": fmt.Sprintf("pkg: example.com/a\nBenchmarkParse-4 1000 %v ns/op 64 B/op 2 allocs/op\n", ns),
		"junit.xml": `<testsuites><testsuite name="a">` + test + `</testsuite></testsuites>`,
	}
}

// step runs the action in a run's job, whose earlier steps left the files and
// ran the commands.
func (f *forge) step(run *githubtest.Run, files, inputs map[string]string, before ...[]string) acted {
	f.t.Helper()
	p := githubtest.Place{URL: f.url, Dir: f.t.TempDir(), Job: "unit", Inputs: inputs}
	env, err := f.Env(run, p)
	if err != nil {
		f.t.Fatal(err)
	}
	maps.Copy(env, f.override)
	for name, text := range files {
		name = filepath.Join(p.Workspace(run), name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			f.t.Fatal(err)
		}
	}
	f.t.Chdir(p.Workspace(run)) // where earlier steps work
	f.clock = f.clock.Add(time.Minute)
	for _, args := range before {
		if got := f.command(env, args...); got.status != 0 {
			f.t.Fatalf("%q: status %d\n%s", args, got.status, got.stderr)
		}
	}
	got := f.command(env, "action")
	got.out, got.summary = f.text(env["GITHUB_OUTPUT"]), f.text(env["GITHUB_STEP_SUMMARY"])
	for _, secret := range []string{env["INPUT_GITHUB-TOKEN"], env["ACTIONS_RUNTIME_TOKEN"], "sig="} {
		if secret != "" && strings.Contains(got.stdout+got.stderr+got.out+got.summary, secret) {
			f.t.Errorf("a secret is told: %s", secret)
		}
	}
	return got
}

// command runs plumbline as a step of the job would.
func (f *forge) command(env map[string]string, args ...string) acted {
	var stdout, stderr bytes.Buffer
	status := Main(f.t.Context(), Env{
		Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		Getenv: func(key string) string { return env[key] }, Now: f.Now,
	})
	return acted{status: status, stdout: stdout.String(), stderr: stderr.String(), env: env}
}

func (f *forge) text(name string) string {
	f.t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(data)
}

// push lets main go on by a commit whose job measures the results.
func (f *forge) push(files map[string]string) (*githubtest.Run, acted) {
	f.t.Helper()
	f.AddPush(f.repo, "main", map[string]string{"code.go": fmt.Sprint(f.clock)})
	run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
	got := f.step(run, files, nil)
	f.Lock()
	defer f.Unlock()
	run.Status, run.Conclusion = "completed", "success"
	if got.status != 0 {
		run.Conclusion = "failure"
	}
	return run, got
}

// history pushes so many good commits.
func (f *forge) history(n int) {
	f.t.Helper()
	for i := range n {
		if _, got := f.push(results(1000+float64(i*7%5), false)); got.status != 0 {
			f.t.Fatalf("push %d: status %d\n%s%s", i, got.status, got.stdout, got.stderr)
		}
	}
}

func (f *forge) pull(files map[string]string) acted {
	f.t.Helper()
	p := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "slow"})
	return f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), files, nil)
}

func TestActionOnGitHub(t *testing.T) {
	f := newForge(t)
	f.history(12)
	if got := f.pull(results(1002, false)); got.status != 0 || !strings.Contains(got.out, "verdict=pass") || !strings.Contains(got.out, "baseline-runs=12") {
		t.Errorf("an unchanged pull request: status %d, outputs\n%s\n%s%s", got.status, got.out, got.stdout, got.stderr)
	}
	got := f.pull(results(2000, true))
	if got.status != 1 || !strings.Contains(got.out, "verdict=regression") {
		t.Errorf("a pull request that is slower: status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	for _, want := range []string{"merge base with main", "12 runs"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("the log does not say %q:\n%s", want, got.stdout)
		}
	}
}

// TestActionQuarantines: what the gate refused on main is not the level of
// tomorrow, even where the workflow went on and succeeded.
func TestActionQuarantines(t *testing.T) {
	f := newForge(t)
	f.history(12)
	for i := range 3 {
		run, got := f.push(results(2000, true))
		if got.status != 1 {
			t.Fatalf("regression %d on main: status %d\n%s", i, got.status, got.stdout)
		}
		f.Lock()
		run.Conclusion = "success" // continue-on-error
		f.Unlock()
	}
	if _, got := f.push(results(1001, false)); got.status != 0 || !strings.Contains(got.out, "baseline-runs=12") {
		t.Errorf("back to normal: status %d, outputs\n%s", got.status, got.out)
	}
}

// TestActionLeavesOutWhatCameLater: main got slower after the pull request was
// begun. It is judged by what it began from.
func TestActionLeavesOutWhatCameLater(t *testing.T) {
	f := newForge(t)
	f.history(12)
	p := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "fast"})
	for range 5 {
		f.AddPush(f.repo, "main", map[string]string{"code.go": fmt.Sprint(f.clock)})
		run := f.AddRun(f.repo, githubtest.Run{})
		f.step(run, results(500, false), nil)
	}
	got := f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), results(1002, false), nil)
	if got.status != 0 || !strings.Contains(got.out, "baseline-runs=12") {
		t.Errorf("status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
}

// TestActionOnABranch: a branch without a pull request is judged by what it was
// made from too, and a commit that main shares nothing with by main's newest.
func TestActionOnABranch(t *testing.T) {
	f := newForge(t)
	f.history(12)
	c := f.AddPush(f.repo, "topic", map[string]string{"code.go": "fast"})
	for range 5 {
		f.AddPush(f.repo, "main", map[string]string{"code.go": fmt.Sprint(f.clock)})
		f.step(f.AddRun(f.repo, githubtest.Run{}), results(500, false), nil)
	}
	got := f.step(f.AddRun(f.repo, githubtest.Run{HeadBranch: "topic", HeadSHA: c.SHA, Status: "in_progress"}), results(1002, false), nil)
	if got.status != 0 || !strings.Contains(got.out, "baseline-runs=12") {
		t.Errorf("status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	f.Break(githubtest.Fault{Path: "*/compare/*", Do: githubtest.Answer(404)})
	got = f.step(f.AddRun(f.repo, githubtest.Run{HeadBranch: "topic", HeadSHA: c.SHA, Status: "in_progress"}), results(502, false), nil)
	if !strings.Contains(got.out, "baseline-runs=17") || !strings.Contains(got.stdout, "knows no merge base") {
		t.Errorf("status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
}

// TestActionWithoutGitHub: whatever GitHub does not answer, the verdict is not
// green for it, and the build not red.
func TestActionWithoutGitHub(t *testing.T) {
	for name, fault := range map[string]githubtest.Fault{
		"runs": {Path: "/repos/*/runs", Do: githubtest.Answer(404)}, "artifacts": {Path: "*/actions/artifacts", Do: githubtest.Answer(403)},
		"garbage": {Path: "/repos/*", Do: githubtest.Garbage()}, "blobs": {Method: "GET", Path: "/blob/*", Do: githubtest.ExpiredSAS()},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(t)
			f.history(7)
			f.Break(fault)
			_, got := f.push(results(5000, false))
			if got.status != 0 || !strings.Contains(got.out, "verdict=inconclusive") || !strings.Contains(got.stdout, "::warning::the baseline could not be read") {
				t.Errorf("status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
			}
			if got := f.step(f.AddRun(f.repo, githubtest.Run{Status: "in_progress"}), results(5000, false), map[string]string{"fail-on": "regression,inconclusive"}); got.status != 1 {
				t.Errorf("fail-on inconclusive: status %d", got.status)
			}
		})
	}
}

// TestExplainArtifact: what a pull request uploaded tells why, with nothing else
// at hand, and only by runs that it was compared with.
func TestExplainArtifact(t *testing.T) {
	f := newForge(t)
	f.history(12)
	p := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "slow"})
	f.push(results(1900, false)) // after the pull request left main
	run := f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"})
	if got := f.step(run, results(2000, false), nil); got.status != 1 {
		t.Fatalf("status %d\n%s", got.status, got.stdout)
	}
	name := filepath.Join(t.TempDir(), "artifact.zip")
	if err := os.WriteFile(name, f.repo.Artifacts[len(f.repo.Artifacts)-1].Zip, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	got := f.command(nil, "explain", "bench/example.com/a.Parse.ns_per_op", "--history", name)
	for _, want := range []string{"regressed: bench/example.com/a.Parse.ns_per_op\n", "where 12 baseline runs show", "(run "} {
		if got.status != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("explain: status %d, want %q in\n%s%s", got.status, want, got.stdout, got.stderr)
		}
	}
	if got := f.command(nil, "check", "--history", name); got.status != 1 {
		t.Errorf("check: status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
}

// TestActionPinned: the baseline is what one release measured, which is older
// than all that the newest artifact carries.
func TestActionPinned(t *testing.T) {
	f := newForge(t)
	tagged := f.AddPush(f.repo, "main", map[string]string{"code.go": "release"})
	for i := range 7 { // a nightly measures it again
		run := f.AddRun(f.repo, githubtest.Run{})
		if got := f.step(run, results(1000+float64(i*7%5), false), map[string]string{"baseline-runs": "1"}); got.status != 0 {
			t.Fatalf("status %d\n%s", got.status, got.stdout)
		}
	}
	f.Lock()
	f.repo.Tags = map[string]string{"v1": tagged.SHA}
	for _, a := range f.repo.Artifacts {
		files := githubtest.Unzip(a.Zip)
		a.Zip, a.Digest = githubtest.Zip(map[string]string{"run.jsonl": files["run.jsonl"]}), ""
	}
	f.Unlock()
	for range 4 { // main has been slower since, and nobody minded
		f.AddPush(f.repo, "main", map[string]string{"code.go": fmt.Sprint(f.clock)})
		if got := f.step(f.AddRun(f.repo, githubtest.Run{}), results(1300, false), map[string]string{"fail-on": "never", "baseline-runs": "1"}); got.status != 0 {
			t.Fatalf("status %d\n%s", got.status, got.stdout)
		}
	}
	pull := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "as slow"})
	act := func(inputs map[string]string) acted {
		return f.step(f.AddRun(f.repo, githubtest.Run{Pull: pull, Status: "in_progress"}), results(1301, false), inputs)
	}
	for _, pin := range []string{"v1", tagged.SHA, tagged.SHA[:9]} {
		got := act(map[string]string{"baseline-commit": pin, "name": ""})
		if got.status != 1 || !strings.Contains(got.out, "baseline-runs=7\n") || !strings.Contains(got.stdout, "pinned to "+pin) {
			t.Errorf("pinned to %s: status %d, outputs\n%s\n%s", pin, got.status, got.out, got.stdout)
		}
	}
	got := act(map[string]string{"baseline-commit": "v9"})
	if got.status != 0 || !strings.Contains(got.out, "verdict=inconclusive") || !strings.Contains(got.stdout, `the repository has no such tag or commit`) {
		t.Errorf("a tag that is not there: status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
}

// TestActionTakesEarlierSteps: what plumbline measured in earlier steps of the
// job is judged with the result files, and has its own history.
// TestActionTakesEarlierSteps: what plumbline measured in earlier steps of the
// job is judged with the result files, and has its own history.
func TestActionTakesEarlierSteps(t *testing.T) {
	f := newForge(t)
	built := []string{"run", "--type", "build", "--", "true"}
	size := func(mb string) []string { return []string{"record", "bundle.size_mb=" + mb + "MB"} }
	// How long a command takes here is not for the test to judge.
	sizes := map[string]string{ConfigFile: "rules:\n  - {match: \"bundle.*\"}\n  - {match: \"**\", level: off}\n"}
	act := func(mb string) acted {
		f.AddPush(f.repo, "main", map[string]string{"code.go": fmt.Sprint(f.clock)})
		return f.step(f.AddRun(f.repo, githubtest.Run{}), sizes, nil, built, size(mb))
	}
	for range 8 {
		if got := act("12"); got.status != 0 {
			t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
		}
	}
	got := act("15")
	if got.status != 1 || !strings.Contains(got.out, "regressed=1\n") || !strings.Contains(got.stdout, "bundle.size_mb") {
		t.Errorf("status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	last := f.repo.Artifacts[len(f.repo.Artifacts)-1]
	record := githubtest.Unzip(last.Zip)["run.jsonl"]
	for _, want := range []string{`"build.seconds":`, `"bundle.size_mb":15`, `"cpu.user_seconds[type=build]":`, `"gate_passed":false`} {
		if !strings.Contains(record, want) {
			t.Errorf("the artifact's run does not have %s:\n%s", want, record)
		}
	}
}

func TestActionSetup(t *testing.T) {
	f := newForge(t)
	got := f.step(f.AddRun(f.repo, githubtest.Run{}), nil, map[string]string{"mode": "setup"})
	if got.status != 0 {
		t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	dir := strings.TrimSpace(f.text(got.env["GITHUB_PATH"]))
	info, err := os.Stat(filepath.Join(dir, "plumbline"))
	if err != nil || info.Mode().Perm() != 0o755 || info.Size() == 0 {
		t.Errorf("%s/plumbline: %v, %v", dir, info, err)
	}
}
