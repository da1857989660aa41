//go:build unix

package cli

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// process is the program as a runner starts it, under way.
type process struct {
	*exec.Cmd
	log  bytes.Buffer
	dir  string // the workspace
	env  map[string]string
	came <-chan struct{} // closed when the request came that is not answered
}

// start starts the action in the job of a pull request that is slower, against a
// GitHub that does not answer requests of this kind.
func (f *forge) start(stall githubtest.Fault, inputs map[string]string) *process {
	f.t.Helper()
	pull := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "slow"})
	run := f.AddRun(f.repo, githubtest.Run{Pull: pull, Status: "in_progress"})
	place := githubtest.Place{URL: f.url, Dir: f.t.TempDir(), Job: "unit", Inputs: inputs}
	env, err := f.Env(run, place)
	if err != nil {
		f.t.Fatal(err)
	}
	p := &process{Cmd: exec.Command("plumbline", "action"), dir: place.Workspace(run), env: env}
	for name, text := range results(2000, true) {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
			f.t.Fatal(err)
		}
	}
	f.owned(p.dir)
	stall.Do, p.came = githubtest.Stall()
	f.Break(stall)
	p.Cmd.Env = append(githubtest.Environ(env), "PATH="+os.Getenv("PATH"))
	p.Cmd.Dir, p.Stdout, p.Stderr = p.dir, &p.log, &p.log
	if err := p.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = p.Process.Kill() }) // where the test failed before its end
	return p
}

// runnerUser owns the workspace, as the runner's user does, where the test may
// give files away.
const runnerUser = 1001

func (f *forge) owned(dir string) {
	if os.Geteuid() != 0 {
		return
	}
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(name, runnerUser, runnerUser)
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// strangers are the files that the workspace's owner could not remove.
func strangers(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if s, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 && s.Uid != runnerUser {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// cancel does what a runner does to a step whose job is cancelled: it interrupts
// it, and kills it in the end (actions/runner, ProcessInvoker).
func (p *process) cancel(t *testing.T) (status int) {
	t.Helper()
	select {
	case <-p.came:
	case <-time.After(time.Minute):
		t.Fatalf("the request that is to stall never came\n%s", p.log.String())
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(7500*time.Millisecond, func() { _ = p.Process.Kill() })
	defer kill.Stop()
	_ = p.Wait() // the status is asked for below
	return p.ProcessState.ExitCode()
}

// TestActionCancelled: wherever the job is cancelled, the step ends before the
// runner kills it, and tells what it knew.
func TestActionCancelled(t *testing.T) {
	for _, row := range []struct {
		name     string
		stall    githubtest.Fault
		verdict  string
		status   int
		uploaded bool
	}{
		{"searching the baseline", githubtest.Fault{Path: "/repos/*/actions/workflows/*/runs"}, "inconclusive", exitPass, true},
		{"downloading it", githubtest.Fault{Method: "GET", Path: "/blob/*"}, "inconclusive", exitPass, true},
		{"announcing the artifact", githubtest.Fault{Path: "*/CreateArtifact"}, "regression", exitRegression, false},
		{"uploading it", githubtest.Fault{Method: "PUT", Path: "/blob/*"}, "regression", exitRegression, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := newForge(t)
			f.history(7)
			before := len(f.repo.Artifacts)
			p := f.start(row.stall, nil)
			if got := p.cancel(t); got != row.status {
				t.Errorf("status %d, want %d\n%s", got, row.status, p.log.String())
			}
			if out := f.text(p.env["GITHUB_OUTPUT"]); !strings.Contains(out, "verdict="+row.verdict+"\n") || !strings.Contains(out, "run-id=") {
				t.Errorf("outputs\n%s\nwant verdict=%s", out, row.verdict)
			}
			if s := f.text(p.env["GITHUB_STEP_SUMMARY"]); s == "" {
				t.Error("there is no summary")
			}
			var file struct{ Verdict string }
			if err := json.Unmarshal([]byte(f.text(filepath.Join(p.dir, ".plumbline", verdictFile))), &file); err != nil || file.Verdict != row.verdict {
				t.Errorf("%s = %v, %v, want %s", verdictFile, file, err, row.verdict)
			}
			if !strings.Contains(p.log.String(), "the job was cancelled") {
				t.Errorf("the log does not say that the job was cancelled:\n%s", p.log.String())
			}
			f.Lock()
			defer f.Unlock()
			if got := len(f.repo.Artifacts) > before; got != row.uploaded {
				t.Errorf("the run was uploaded: %v, want %v\n%s", got, row.uploaded, p.log.String())
			}
			if left := strangers(t, p.dir); len(left) > 0 {
				t.Errorf("the owner of the workspace cannot remove %q", left)
			}
		})
	}
}

// TestActionTimeout: what hangs takes its share of the time and no more.
func TestActionTimeout(t *testing.T) {
	f := newForge(t)
	f.history(7)
	before := len(f.repo.Artifacts)
	p := f.start(githubtest.Fault{Path: "/repos/*/actions/workflows/*/runs"}, map[string]string{"timeout": "2s", "fail-on": "inconclusive"})
	if err := p.Wait(); p.ProcessState.ExitCode() != exitRegression {
		t.Errorf("%v, want status 1\n%s", err, p.log.String())
	}
	if out := f.text(p.env["GITHUB_OUTPUT"]); !strings.Contains(out, "verdict=inconclusive\n") || !strings.Contains(p.log.String(), "the input timeout, 2s") {
		t.Errorf("outputs\n%s\n%s", out, p.log.String())
	}
	f.Lock()
	defer f.Unlock()
	if len(f.repo.Artifacts) != before+1 {
		t.Errorf("the run was not uploaded\n%s", p.log.String())
	}
}

// TestActionGivesBack: what a step leaves behind that could not be done belongs
// to the workspace's owner too.
func TestActionGivesBack(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("gives files to another user and has to be root")
	}
	f := newForge(t)
	run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
	place := githubtest.Place{URL: f.url, Dir: t.TempDir(), Job: "unit"}
	env, err := f.Env(run, place)
	if err != nil {
		t.Fatal(err)
	}
	dir := place.Workspace(run)
	t.Chdir(dir)
	day := time.Now().UTC()
	for _, at := range []time.Time{day, day.AddDate(0, 0, -1)} { // where the store wants to write
		if err := os.MkdirAll(filepath.Join(dir, ".plumbline", at.Format(time.DateOnly)+".jsonl"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("junit.xml", []byte(results(1, false)["junit.xml"]), 0o644); err != nil {
		t.Fatal(err)
	}
	f.owned(dir)
	if got := f.command(env, "action"); got.status != exitFailure {
		t.Fatalf("status %d, want %d\n%s%s", got.status, exitFailure, got.stdout, got.stderr)
	}
	if left := strangers(t, dir); len(left) > 0 {
		t.Errorf("the owner of the workspace cannot remove %q", left)
	}
}
