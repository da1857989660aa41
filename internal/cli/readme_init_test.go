package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// TestReadmeInit runs the commands of the section on setting up, in a repository
// as they are found, and holds what it shows of doctor against what that prints.
func TestReadmeInit(t *testing.T) {
	script := blockWith(t, "plumbline init --forks")
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := &app{Env: OSEnv()}
	if _, err := a.git(t.Context(), "init", "-q", "-b", "main"); err != nil {
		t.Fatal(err)
	}
	write("go.mod", "module example.com/x\n")
	run := func(line string) (status int, out string) {
		var b strings.Builder
		command, _, _ := strings.Cut(line, "#")
		env := Env{
			Args: strings.Fields(command)[1:], Stdin: strings.NewReader(""), Stdout: &b, Stderr: &b,
			Getenv: func(string) string { return "" }, Now: OSEnv().Now,
		}
		return Main(t.Context(), env), b.String()
	}
	n := 0
	for line := range strings.Lines(script) {
		if status, out := run(line); status != 0 {
			t.Errorf("%s: status %d\n%s", line, status, out)
		}
		n++
	}
	if n != 3 {
		t.Errorf("the section has %d commands, want 3", n)
	}
	for _, name := range []string{".plumbline.yml", ".github/workflows/plumbline.yml", ".github/workflows/plumbline-report.yml"} {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
	flow, err := os.ReadFile(".github/workflows/plumbline.yml")
	if err != nil {
		t.Fatal(err)
	}
	write(".github/workflows/ci.yml", strings.Replace(string(flow), "  push:\n    branches: [main] # whose runs are the baseline\n", "", 1))
	_, out := run("plumbline doctor")
	at := strings.Index(out, "warning  workflow       .github/workflows/ci.yml")
	if at < 0 {
		t.Fatalf("doctor does not warn of ci.yml:\n%s", out)
	}
	for _, line := range strings.SplitN(out[at:], "\n", 4)[:3] {
		if !strings.Contains(string(page), "    "+line+"\n") {
			t.Errorf("README shows doctor without %q", line)
		}
	}
}

// TestReadmeDoctor runs the step of the section as it stands there.
func TestReadmeDoctor(t *testing.T) {
	f := newForge(t)
	f.Asking = true
	with := usesOf(t, "jobs:\n  x:\n    steps:\n"+blockWith(t, "mode: doctor"))[0]
	f.says("README's step", f.step(f.AddRun(f.repo, githubtest.Run{}), nil, with), 0, "ok token actions: read", "ok artifacts")
}
