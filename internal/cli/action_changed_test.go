package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// TestActionChangedLines has the coverage of the lines that a pull request
// changes, of which GitHub tells: the container has no git, and the checkout no
// history.
func TestActionChangedLines(t *testing.T) {
	f := newForge(t)
	f.AddPush(f.repo, "main", map[string]string{"src/a.py": "one\ntwo\nthree\nfour\n", "README.md": "x\n"})
	p := f.OpenPull(f.repo, "topic", map[string]string{"src/a.py": "one\n2\n3\nfour\n", "src/new.py": "1\n2", "README.md": "y\n"})
	f.AddPush(f.repo, "main", map[string]string{"src/other.py": "not of the pull request\n"})
	report := "SF:/builds/acme/r/src/a.py\nDA:1,1\nDA:2,1\nDA:3,0\nDA:4,0\nend_of_record\n" +
		"SF:/builds/acme/r/src/new.py\nDA:2,1\nend_of_record\nSF:/builds/acme/r/src/other.py\nDA:1,1\nend_of_record\n"
	files := map[string]string{"cover.info": report, "src/a.py": "one\n2\n3\nfour\n", "src/new.py": "1\n2", "src/other.py": "\n"}
	for _, tt := range []struct {
		name   string
		inputs map[string]string
		want   []string // of the run
		not    string
	}{
		{"by itself", nil, []string{`"coverage.changed_lines_covered":2,`, `"coverage.changed_lines_total":3,`, `"coverage.line_pct":66.6`}, "package="},
		{"another commit", map[string]string{"changed-since": p.HeadSHA}, []string{`"coverage.lines_total":6`}, "changed_"},
		{"not asked for", map[string]string{"changed-since": "none"}, []string{`"coverage.lines_total":6`}, "changed_"},
		{"folders", map[string]string{"changed-since": "none", "packages": "true"}, []string{`"coverage.line_pct[package=src]":66.6`}, "changed_"},
		{"no such commit", map[string]string{"changed-since": "nowhere"}, []string{`"coverage.lines_total":6`}, "changed_"},
	} {
		inputs := map[string]string{"results": "cover.info", "mode": "collect", "store": "dir:runs"}
		for k, v := range tt.inputs {
			inputs[k] = v
		}
		got := f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), files, inputs)
		stored, err := filepath.Glob("runs/*.jsonl")
		if err != nil || len(stored) != 1 {
			t.Fatalf("%s: status %d, stored %v, %v\n%s%s", tt.name, got.status, stored, err, got.stdout, got.stderr)
		}
		run, err := os.ReadFile(stored[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range tt.want {
			if !strings.Contains(string(run), want) {
				t.Errorf("%s: the run has no %s:\n%s%s", tt.name, want, run, got.stdout)
			}
		}
		if strings.Contains(string(run), tt.not) {
			t.Errorf("%s: the run has %s:\n%s", tt.name, tt.not, run)
		}
		if warned := strings.Contains(got.stdout, "no coverage of the lines changed since nowhere"); warned != (tt.name == "no such commit") {
			t.Errorf("%s: warned %v\n%s", tt.name, warned, got.stdout)
		}
	}
	got := f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), files, map[string]string{"packages": "yes"})
	if want := "input packages: \"yes\"; want true or false"; got.status != 2 || !strings.Contains(got.stdout, want) {
		t.Errorf("status %d, want 2 and %q\n%s", got.status, want, got.stdout)
	}
}

// TestReadDiff reads what diffs may hold, and refuses what ends too soon.
func TestReadDiff(t *testing.T) {
	for _, tt := range []struct{ name, diff, want string }{
		{"context", "--- a/f\n+++ b/f\n@@ -1,4 +1,5 @@ func\n a\n-b\n+c\n+d\n e\n\\ No newline at end of file\n \n", "map[f:[{2 3}]]"},
		{"a count of one", "+++ b/f\n@@ -3 +3 @@\n-a\n+b\n", "map[f:[{3 3}]]"},
		{"text like headers", "+++ b/f\n@@ -1,1 +1,3 @@\n--- a/x\n++++ b/x\n+@@ -1,1 +1,900 @@\n+diff --git a/y b/y\n", "map[f:[{1 3}]]"},
		{"a file that is gone", "+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n", "map[]"},
		{"a name in quotes, with a tab", "+++ \"b/\\303\\266 \\\"x\\\"\"\t\n@@ -0,0 +1 @@\n+a\n", "map[ö \"x\":[{1 1}]]"},
		{"long lines", "+++ b/f\n@@ -0,0 +1,2 @@\n+" + strings.Repeat("+", 200_000) + "\n+b\n", "map[f:[{1 2}]]"},
		{"cut off", "+++ b/f\n@@ -0,0 +1,2 @@\n+a\n", `read the diff of "f": unexpected EOF`},
		{"no hunk", "+++ b/f\n@@ what @@\n", `read the diff of "f": "@@ what @@" is no hunk: want @@ -LINE,COUNT +LINE,COUNT @@`},
		{"more than it says", "+++ b/f\n@@ -0,0 +1,1 @@\n-a\n", `read the diff of "f": "@@ -0,0 +1,1 @@" has not as many lines as it says`},
	} {
		changed, err := readDiff(strings.NewReader(tt.diff))
		got := fmt.Sprint(changed)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
