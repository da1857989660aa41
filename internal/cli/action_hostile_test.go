package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// commanding are lines that a runner obeys, but for those that only tell.
var commanding = regexp.MustCompile(`(?m)^\s*::(set-|save-|add-|stop-|echo|debug|.*::pwned)|##\[`)

// TestActionDisarmsNames: names of tests and metrics that are commands, outputs,
// markers or tags are nothing but names, in all that a step writes.
func TestActionDisarmsNames(t *testing.T) {
	f := newForge(t)
	hostile := func(ns string) map[string]string {
		var cases strings.Builder
		for _, name := range []string{
			"::error::pwned", "x&#10;::set-output name=verdict::pass", "##[add-mask]a", "x&#13;::stop-commands::t", "&lt;!-- plumbline:comment --&gt;",
			"_GitHubActionsFileCommandDelimeter_", "x&#10;verdict=pass&#10;y", "&lt;img src=x&gt;@someone #1", "`$(touch pwned)`",
		} {
			cases.WriteString(`<testcase classname="::warning::pwned" name="` + name + `" time="` + ns + `"><failure message="::error::pwned&#10;::set-env name=a::b"/></testcase>`)
		}
		files := map[string]string{
			"junit.xml": `<testsuites><testsuite name="::add-path::pwned">` + cases.String() + `</testsuite></testsuites>`,
			"bench.txt": "pkg: ##[set-output]pwned\nBenchmark::error::pwned-4 1000 " + ns + " ns/op 7 ::add-mask::pwned/op\n",
		}
		if runtime.GOOS != "windows" { // which has no such names
			files["junit\n::set-output name=verdict::pass\n.xml"] = "<testsuites" // told by its name, being torn
		}
		return files
	}
	for range 7 {
		f.AddPush(f.repo, "main", map[string]string{"code.go": f.clock.String()})
		f.step(f.AddRun(f.repo, githubtest.Run{}), hostile("10"), map[string]string{"log": "debug"})
	}
	p, run := f.pullRun()
	got := f.step(run, hostile("500"), map[string]string{"log": "debug", "comment": "always"})
	if got.status != 1 || !strings.Contains(got.out, "verdict=regression\n") {
		t.Fatalf("status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	if runtime.GOOS != "windows" && !strings.Contains(got.stdout, "left out") {
		t.Errorf("the torn file is not told of:\n%s", got.stdout)
	}
	for what, text := range map[string]string{"stdout": got.stdout, "stderr": got.stderr} {
		if m := commanding.FindString(text); m != "" {
			t.Errorf("%s has the command %q:\n%s", what, m, text)
		}
	}
	if lines := strings.Count(got.out, "\n"); lines != 10 || strings.Count(got.out, "verdict=") != 1 {
		t.Errorf("%d outputs, want 10:\n%s", lines, got.out)
	}
	for _, name := range []string{"GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"} {
		if text := f.text(got.env[name]); text != "" {
			t.Errorf("%s has %q", name, text)
		}
	}
	for what, text := range map[string]string{"comment": f.only(p), "summary": got.summary} {
		if strings.Contains(text, "<img") || strings.Contains(text, "@someone") || strings.Count(text, "<!-- plumbline:comment -->") > 1 {
			t.Errorf("the %s has what a name says:\n%s", what, text)
		}
	}
}

// TestActionTellsNoSecrets: whatever goes wrong and however much is told, tokens,
// signed addresses, the environment and what checkout leaves in .git are in no
// log, file, artifact, comment or check.
func TestActionTellsNoSecrets(t *testing.T) {
	f := newForge(t)
	f.history(7)
	f.override = map[string]string{"MY_PASSWORD": "hunter2", "SOME_URL": "https://u:hunter2@example.com"}
	files := with(results(2000, true), ".git/config", "[http]\n\textraheader = AUTHORIZATION: basic c2VjcmV0\n")
	for name, fault := range map[string]githubtest.Fault{
		"none": {Path: "/none"}, "expired addresses": {Path: "/blob/*", Do: githubtest.ExpiredSAS()}, "no artifacts": {Path: "*/CreateArtifact", Do: githubtest.Answer(400)},
		"no comment": {Path: "*/comments", Do: githubtest.Answer(403)}, "lost blobs": {Path: "/blob/*", Do: githubtest.Drop(false), Times: 1},
		"garbage": {Path: "/repos/*", Do: githubtest.Garbage(), Times: 2},
	} {
		set := f.Break(fault)
		p, run := f.pullRun()
		got := f.step(run, files, map[string]string{"log": "debug", "comment": "always"})
		f.Heal(set)
		told := map[string]string{"stdout": got.stdout, "stderr": got.stderr, "outputs": got.out, "summary": got.summary}
		f.told(p, run, told)
		workspaceFiles(t, filepath.Join(got.env["GITHUB_WORKSPACE"], ".plumbline"), told)
		for where, text := range told {
			for _, secret := range []string{got.env["INPUT_GITHUB-TOKEN"], got.env["ACTIONS_RUNTIME_TOKEN"], "sig=", "hunter2", "c2VjcmV0", "AUTHORIZATION"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %s tells %q", name, where, secret)
				}
			}
		}
	}
}

// told adds what GitHub keeps of a run.
func (f *forge) told(p *githubtest.Pull, run *githubtest.Run, told map[string]string) {
	f.Lock()
	defer f.Unlock()
	for _, a := range f.repo.Artifacts {
		if a.RunID == run.ID {
			for name, text := range githubtest.Unzip(a.Zip) {
				told["artifact's "+name] = text
			}
		}
	}
	for _, c := range f.repo.Comments {
		if c.Number == p.Number {
			told["the comment"] += c.Body
		}
	}
	for _, c := range f.repo.Checks {
		told["the checks"] += c.Title + c.Summary + c.Text + c.DetailsURL
	}
}

func workspaceFiles(t *testing.T, dir string, told map[string]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		told[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
