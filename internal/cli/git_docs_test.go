package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/internal/config"
)

// TestGitPage runs the commands of the page on the store in a branch, under the
// configuration that it shows, in a clone with a bare remote.
func TestGitPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "docs", "git.md"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs the program git, which is not installed")
	}
	remote, dir := filepath.Join(t.TempDir(), "remote.git"), filepath.Join(t.TempDir(), "code")
	in := func(dir, name string, args ...string) string {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PLUMBLINE_PATH=", "GITHUB_ACTIONS=", "GITHUB_EVENT_PATH=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	in(filepath.Dir(remote), "git", "init", "-q", "--bare", remote)
	in(filepath.Dir(dir), "git", "clone", "-q", remote, dir)
	commands := 0
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		switch {
		case m[1] == "yaml" && strings.HasPrefix(m[2], "baseline:"):
			if c, err := config.Parse("git.md", []byte(m[2]), time.Now()); err != nil || c.Baseline.Store != "git:perf" {
				t.Fatalf("the configuration of the page reads as %+v, %v", c.Baseline, err)
			}
			if err := os.WriteFile(filepath.Join(dir, ".plumbline.yml"), []byte(m[2]), 0o666); err != nil {
				t.Fatal(err)
			}
		case m[1] == "sh":
			for line := range strings.Lines(m[2]) {
				args := strings.Fields(line)
				in(dir, args[0], args[1:]...)
				commands++
			}
		}
	}
	if got := in(remote, "git", "rev-list", "--count", "perf"); commands != 5 || got != "2\n" {
		t.Errorf("%d commands left a branch of %s commits, want 5 and 2", commands, got)
	}
}
