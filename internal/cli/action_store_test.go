package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// closedStore is object storage where no server is.
const closedStore = "s3://bucket/runs?region=eu-test-1&endpoint=http://127.0.0.1:1"

// TestActionStoreOutOfReach: a pull request whose baseline is in a store that
// cannot be reached does not pass silently: check, comment, summary and outputs
// say so, with what was tried, and the run waits.
func TestActionStoreOutOfReach(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
	f := newForge(t)
	p, run := f.pullRun()
	got := f.step(run, results(1000, false), map[string]string{"store": closedStore, "fail-on": "inconclusive"})
	if got.status != exitRegression || !strings.Contains(got.out, "verdict=inconclusive") || !strings.Contains(got.stdout, "::warning::run ") || !strings.Contains(got.stdout, "is not stored yet: ") {
		t.Errorf("status %d, outputs\n%s\n%s\n%s", got.status, got.out, got.stdout, got.stderr)
	}
	if c := f.repo.Checks[len(f.repo.Checks)-1]; c.Conclusion != "failure" || !strings.HasPrefix(c.Title, "inconclusive: the baseline could not be read") || !strings.Contains(c.Title+c.Summary, "127.0.0.1:1") {
		t.Errorf("the check is %+v", c)
	}
	comment := f.only(p)
	for where, text := range map[string]string{"comment": comment, "summary": got.summary} {
		if !strings.Contains(text, "inconclusive") || !strings.Contains(text, "could not be read") {
			t.Errorf("the %s does not say it:\n%s", where, text)
		}
	}
	if strings.Contains(got.stdout+got.stderr+got.out+got.summary+comment, "hush-hush") {
		t.Error("a secret is told")
	}
	waiting, err := filepath.Glob(filepath.Join(DefaultPath, "spool", "*", "*.jsonl"))
	if err != nil || len(waiting) != 1 {
		t.Errorf("%q wait, %v; want one file", waiting, err)
	}
	verdict, err := os.ReadFile(filepath.Join(DefaultPath, verdictFile))
	if err != nil || !strings.Contains(string(verdict), `"verdict":"inconclusive"`) || !strings.Contains(string(verdict), "what was tried: ") {
		t.Errorf("the verdict file is %s, %v", verdict, err)
	}
}

// TestActionSharedFolder: a store that the input names by an address is judged
// from, and no artifact is made.
func TestActionSharedFolder(t *testing.T) {
	f := newForge(t)
	shared := t.TempDir()
	for range 8 {
		f.AddPush(f.repo, "main", map[string]string{"code.go": f.clock.String()})
		run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
		if got := f.step(run, results(1000, false), map[string]string{"store": "dir:" + shared}); got.status != 0 {
			t.Fatalf("status %d\n%s", got.status, got.stdout)
		}
	}
	_, run := f.pullRun()
	if got := f.step(run, results(1000, true), map[string]string{"store": "dir:" + shared}); got.status != exitRegression || !strings.Contains(got.out, "baseline-runs=8") {
		t.Errorf("a regression: status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	// A spool in the checkout of a pull request may be a stranger's.
	address := "s3://bucket/other?region=eu-test-1&endpoint=http://127.0.0.1:1"
	line := storetest.Line(t, farRun(1)) + "\n"
	_, run = f.pullRun()
	files := with(results(1000, false), filepath.Join(spoolOf(address).dir, "2026-03-01.jsonl"), line)
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
	if got := f.step(run, files, map[string]string{"store": address}); strings.Contains(got.stderr, "delivered") || strings.Contains(got.stderr, "run-001") {
		t.Errorf("a stranger's run was to be delivered:\n%s", got.stderr)
	}
}

// TestActionBranchWithoutGit: the image of the action has no git, which a store in a
// branch needs. That is told before anything is measured, with what to do.
func TestActionBranchWithoutGit(t *testing.T) {
	f := newForge(t)
	_, run := f.pullRun()
	t.Setenv("PATH", t.TempDir())
	got := f.step(run, results(1000, false), map[string]string{"store": "git:perf"})
	if said := got.stdout + got.stderr; got.status != exitUsage || !strings.Contains(said, "store git:perf: the program git is not here") || !strings.Contains(said, "mode: setup") {
		t.Errorf("status %d\n%s", got.status, said)
	}
	if found, err := filepath.Glob(filepath.Join(DefaultPath, "*.jsonl")); len(found) > 0 || err != nil {
		t.Errorf("%q were measured, %v", found, err)
	}
}
