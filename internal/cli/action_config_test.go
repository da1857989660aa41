package cli

import (
	"maps"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

const waiver = `waivers:
  - {metric: "bench/**", ceiling: 500%, until: 2126-01-01, reason: "mine"}
`

// with adds files to those that the job measured.
func with(files map[string]string, name, text string) map[string]string {
	files = maps.Clone(files)
	files[name] = text
	return files
}

// target is a job on pull_request_target, which may write, with a fork's
// checkout in its workspace.
func (f *forge) target(fork *githubtest.Repo, files, inputs map[string]string) acted {
	f.t.Helper()
	p := f.ForkPull(fork, "topic", map[string]string{"code.go": "slow", ".plumbline.yml": files[".plumbline.yml"]})
	run := f.AddRun(f.repo, githubtest.Run{Pull: p, Event: "pull_request_target", Status: "in_progress"})
	return f.step(run, files, inputs)
}

// TestActionTakesTheConfigurationOfTheBase: where the token may write, a fork
// that adds a waiver to its checkout does not get it.
func TestActionTakesTheConfigurationOfTheBase(t *testing.T) {
	f := newForge(t)
	f.history(12)
	fork := f.Fork(f.repo, "stranger")
	slow := with(results(2000, false), ".plumbline.yml", waiver)
	got := f.target(fork, slow, nil)
	if got.status != 1 || !strings.Contains(got.out, "verdict=regression") || !strings.Contains(got.stdout, "::notice::.plumbline.yml in the workspace is not what main has") {
		t.Errorf("a waiver of the fork's: status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	if got := f.target(fork, with(results(2000, false), ".plumbline.yml", "nonsense: ["), nil); got.status != 1 {
		t.Errorf("a broken file of the fork's: status %d\n%s", got.status, got.stdout)
	}
	// A pull request without rights is its author's: what it says of itself counts.
	p := f.ForkPull(fork, "topic2", map[string]string{"code.go": "slow"})
	if got := f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), slow, nil); got.status != 0 || !strings.Contains(got.out, "verdict=pass") {
		t.Errorf("without rights: status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	f.AddPush(f.repo, "main", map[string]string{".plumbline.yml": waiver})
	if got := f.target(fork, results(2000, false), nil); got.status != 0 || !strings.Contains(got.out, "verdict=pass") {
		t.Errorf("a waiver of the base: status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	f.AddPush(f.repo, "main", map[string]string{".plumbline.yml": "gates: {}\n"})
	if got := f.target(fork, results(2000, false), nil); got.status != 2 || !strings.Contains(got.stdout, `main:.plumbline.yml:1:1: unknown key "gates"`) {
		t.Errorf("a mistake of the base: status %d\n%s", got.status, got.stdout)
	}
}

// TestActionWithoutTheConfigurationOfTheBase: that cannot be read is no leave to
// take another.
func TestActionWithoutTheConfigurationOfTheBase(t *testing.T) {
	f := newForge(t)
	f.history(2)
	fork := f.Fork(f.repo, "stranger")
	if got := f.target(fork, results(2000, false), map[string]string{"config": "perf.yml"}); got.status != 2 || !strings.Contains(got.stdout, "main has no file perf.yml") {
		t.Errorf("a named file that is not there: status %d\n%s", got.status, got.stdout)
	}
	if got := f.target(fork, results(2000, false), map[string]string{"github-token": ""}); got.status != 3 || !strings.Contains(got.stdout, "github-token") {
		t.Errorf("without a token: status %d\n%s", got.status, got.stdout)
	}
	f.Break(githubtest.Fault{Path: "*/contents/*", Do: githubtest.Answer(403)})
	if got := f.target(fork, results(2000, false), nil); got.status != 3 || !strings.Contains(got.stdout, "contents: read") {
		t.Errorf("a token that may not read: status %d\n%s", got.status, got.stdout)
	}
}

// TestActionOnForks: a fork's pull request has a token that only reads. It is
// measured and gated all the same.
func TestActionOnForks(t *testing.T) {
	f := newForge(t)
	f.history(12)
	fork := f.Fork(f.repo, "stranger")
	before, checks := len(f.repo.Artifacts), len(f.repo.Checks)
	for ns, want := range map[float64]int{1002: 0, 2000: 1} {
		p := f.ForkPull(fork, "topic", map[string]string{"code.go": "new"})
		got := f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), results(ns, false), nil)
		if got.status != want || !strings.Contains(got.out, "baseline-runs=12") || !strings.Contains(got.summary, "12 runs") {
			t.Errorf("%v ns: status %d, outputs\n%s\n%s", ns, got.status, got.out, got.stdout)
		}
		if strings.Contains(got.stdout, "::error::") || strings.Contains(got.stdout, "::warning::") {
			t.Errorf("%v ns: something is red:\n%s", ns, got.stdout)
		}
		if n := strings.Count(got.stdout, "::notice::"); n != 1 || !strings.Contains(got.stdout, "::notice::a pull request from a fork") || !strings.Contains(got.summary, "plumbline init --forks") {
			t.Errorf("%v ns: %d notices, want one that tells why there is no check:\n%s\n%s", ns, n, got.stdout, got.summary)
		}
		if all := got.stdout + got.stderr + got.summary; strings.Contains(all, "403") {
			t.Errorf("%v ns: what is expected reads like a fault:\n%s", ns, all)
		}
	}
	if n := len(f.repo.Artifacts) - before; n != 2 || len(f.repo.Comments) != 0 || len(f.repo.Checks) != checks {
		t.Errorf("%d artifacts, %d comments, %d checks, want 2, 0, 0", n, len(f.repo.Comments), len(f.repo.Checks)-checks)
	}
}

// TestActionForDependabot: its token only reads too, on a branch of the
// repository's own. Whoever looks for the refusals finds them in the debug log.
func TestActionForDependabot(t *testing.T) {
	f := newForge(t)
	f.history(7)
	p := f.OpenPull(f.repo, "dependabot/go_modules/x", map[string]string{"code.go": "new"})
	for log, refusals := range map[string]bool{"info": false, "debug": true} {
		run := f.AddRun(f.repo, githubtest.Run{Pull: p, Actor: "dependabot[bot]", Status: "in_progress"})
		got := f.step(run, results(2000, false), map[string]string{"log": log})
		if got.status != 1 || strings.Count(got.stdout, "::notice::") != 1 || strings.Contains(got.stdout, "::warning::") || strings.Contains(got.stdout, "::error::") {
			t.Errorf("status %d\n%s", got.status, got.stdout)
		}
		if strings.Contains(got.stdout, "403 Resource not accessible") != refusals {
			t.Errorf("log %s: the refusals are told: %v\n%s", log, !refusals, got.stdout)
		}
	}
}
