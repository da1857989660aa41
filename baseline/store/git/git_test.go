package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/baseline"
	"github.com/plumbline-ci/plumbline/baseline/store/storetest"
	"github.com/plumbline-ci/plumbline/collect"
)

// needGit skips a test where there is no git.
func needGit(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs the program git, which is not installed")
	}
}

// git runs git in a folder as a user would, apart from this machine's settings.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=c", "GIT_COMMITTER_EMAIL=c@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// bare makes a remote with a commit of code on main.
func bare(t testing.TB) string {
	t.Helper()
	needGit(t)
	remote := filepath.Join(t.TempDir(), "remote.git")
	git(t, filepath.Dir(remote), "init", "--quiet", "--bare", "-b", "main", remote)
	code := filepath.Join(t.TempDir(), "code")
	git(t, filepath.Dir(code), "init", "--quiet", "-b", "main", code)
	write(t, filepath.Join(code, "main.go"), "package main\n")
	git(t, code, "add", ".")
	git(t, code, "commit", "--quiet", "-m", "code")
	git(t, code, "push", "--quiet", remote, "main")
	return remote
}

// clone clones a remote into a folder of its own.
func clone(t testing.TB, remote string, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "clone")
	git(t, filepath.Dir(dir), append(append([]string{"clone", "--quiet"}, args...), remote, dir)...)
	return dir
}

func write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// openIn opens a store as plumbline does in a folder.
func openIn(t testing.TB, dir, address string) *Store {
	t.Helper()
	s, err := Open(address)
	if err != nil {
		t.Fatal(err)
	}
	s.dir, s.trust = dir, 0
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestStore runs the conformance suite with a bare remote.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Suite(t, func(t *testing.T) baseline.Store { return openIn(t, clone(t, bare(t)), "git:perf") })
}

// TestOwnBranch runs the conformance suite in a repository without a remote.
func TestOwnBranch(t *testing.T) {
	t.Parallel()
	storetest.Filled(t, func(t *testing.T, runs []collect.Run) baseline.Store {
		dir := clone(t, bare(t))
		git(t, dir, "remote", "remove", "origin")
		s := openIn(t, dir, "git:perf")
		storetest.Fill(t, s, runs...)
		return s
	})
}
