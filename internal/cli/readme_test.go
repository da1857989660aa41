package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
	"github.com/plumbline-ci/plumbline/internal/github/artifact"
)

// block is a fenced code block of a page.
type block struct{ lang, text string }

var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

func readmeBlocks(t *testing.T) []block {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []block
	for _, m := range fence.FindAllStringSubmatch(string(page), -1) {
		all = append(all, block{m[1], m[2]})
	}
	return all
}

func blockWith(t *testing.T, text string) string {
	t.Helper()
	for _, b := range readmeBlocks(t) {
		if strings.Contains(b.text, text) {
			return b.text
		}
	}
	t.Fatalf("README has no block with %q", text)
	return ""
}

// TestReadmeFirstCommand runs README's first command as it stands there, in a
// copy of the store's place of its own.
func TestReadmeFirstCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("runs eight times go test: not with -short")
	}
	line := strings.TrimSpace(readmeBlocks(t)[0].text)
	args := strings.Fields(line)
	if len(args) < 3 || args[0] != "go" || args[1] != "run" {
		t.Fatalf("README's first command is %q, want one that begins with go run", line)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = filepath.Join("..", "..")
	store := t.TempDir()
	cmd.Env = append(os.Environ(), "PLUMBLINE_PATH="+store, "PLUMBLINE_DISABLED=")
	out, err := cmd.CombinedOutput()
	// Real timings on a busy machine may regress; that is a verdict, not a fault.
	if x, ok := err.(*exec.ExitError); err != nil && (!ok || x.ExitCode() != exitRegression) {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	for _, want := range []string{"7 ", "command.seconds", "test.passed", "ram.peak_mb", "unchanged"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s printed no %q:\n%s", line, want, out)
		}
	}
	files, _ := filepath.Glob(filepath.Join(store, "*.jsonl"))
	runs := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		runs += strings.Count(string(b), "\n")
	}
	if runs != 8 {
		t.Errorf("%s stored %d runs, want 8", line, runs)
	}
}

// TestReadmeTestCommand holds the second command: it must be what this test is
// run by, so it is not run again.
func TestReadmeTestCommand(t *testing.T) {
	if got := strings.TrimSpace(readmeBlocks(t)[1].text); got != "go test ./..." {
		t.Errorf("README's second command is %q, want go test ./...", got)
	}
}

// TestReadmeCommands runs the commands of the section on desks by their names
// and flags alone: each must exist.
func TestReadmeCommands(t *testing.T) {
	text := blockWith(t, "plumbline record")
	n := 0
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		args := strings.Fields(line)
		if len(args) < 2 || args[0] != "plumbline" {
			continue
		}
		n++
		root := newRoot(&app{Env: OSEnv()})
		cmd, rest, err := root.Find(args[1:])
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if n < 4 {
		t.Errorf("found %d commands in README, want at least 4", n)
	}
}

// TestReadmeTrend runs what the section on shifts shows, on a history with one.
func TestReadmeTrend(t *testing.T) {
	var lines strings.Builder
	for i := range 60 {
		value := 10 + float64(i%4)/10
		if i >= 50 {
			value *= 1.3
		}
		fmt.Fprintf(&lines, `{"run_id":"r%d","timestamp":"2026-01-01T00:%02d:00Z","branch":"main","metrics":{"build.seconds":%g}}`+"\n", i, i, value)
	}
	file := filepath.Join(t.TempDir(), "history.jsonl")
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		blockWith(t, "plumbline check --trend"):     "regression: 1 metric got worse and stayed so",
		blockWith(t, "plumbline check --threshold"): "plain threshold",
	} {
		var out strings.Builder
		env := OSEnv()
		env.Args, env.Stdout = append(strings.Fields(line)[1:], "--history", file), &out
		Main(t.Context(), env)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s printed no %q:\n%s", line, want, out.String())
		}
	}
}

// TestReadmeExplain runs what the section on explain and backtest shows, on a
// store with one slow run, and on an archive of it.
func TestReadmeExplain(t *testing.T) {
	block := blockWith(t, "plumbline explain")
	t.Chdir(t.TempDir())
	var lines strings.Builder
	for i := range 60 {
		value := 10 + float64(i%4)/10
		if i == 40 || i == 59 {
			value *= 1.3
		}
		fmt.Fprintf(&lines, `{"run_id":"r%d","timestamp":"2026-01-01T00:%02d:00Z","branch":"main","metrics":{"build.seconds":%g}}`+"\n", i, i, value)
	}
	zip, err := artifact.Pack([]artifact.File{{Name: "run.jsonl", Data: []byte(lines.String())}})
	err = errors.Join(err, os.Mkdir(DefaultPath, 0o755), os.WriteFile(filepath.Join(DefaultPath, "2026-01-01.jsonl"), []byte(lines.String()), 0o600), os.WriteFile("artifact.zip", zip, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	wants := map[string]string{"explain": "regressed: build.seconds", "backtest": "2 of 54 replayed runs alert"}
	n := 0
	for line := range strings.Lines(block) {
		line, _, _ = strings.Cut(line, "#")
		args := strings.Fields(line)[1:]
		var out, errs strings.Builder
		if status := Main(t.Context(), Env{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: time.Now}); status != 0 || !strings.Contains(out.String(), wants[args[0]]) {
			t.Errorf("%s: status %d, no %q:\n%s%s", line, status, wants[args[0]], out.String(), errs.String())
		}
		n++
	}
	if n < 4 {
		t.Errorf("ran %d commands, want 4 at least", n)
	}
}

func TestReadmeListsCommands(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range newRoot(&app{Env: OSEnv()}).Commands() {
		if c.Name() != "version" && !strings.Contains(string(page), "`"+c.Name()) {
			t.Errorf("README does not say what %s does", c.Name())
		}
	}
}

func TestReadmeConfiguration(t *testing.T) {
	c, err := config.Parse("README.md", []byte(blockWith(t, "waivers:")), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Gate.Rules) != 3 || len(c.Gate.Waivers) != 1 || c.Baseline.Branch != "main" || !c.Retention.Keep.Limits() {
		t.Errorf("README's configuration reads as %+v", c)
	}
}

func TestReadmeRecord(t *testing.T) {
	r, err := collect.Decode([]byte(strings.TrimSpace(blockWith(t, `"run_id"`))))
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := r.Metric("build.seconds"); !ok || m.Value != 12.3 || m.Unit != "s" {
		t.Errorf("build.seconds = %+v, %v", m, ok)
	}
}

// TestReadmeWorkflow holds the inputs that the workflow gives against those
// that action.yml knows.
func TestReadmeWorkflow(t *testing.T) {
	var flow struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(blockWith(t, "runs-on:")), &flow); err != nil {
		t.Fatal(err)
	}
	var action struct {
		Inputs map[string]any
	}
	data, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err == nil {
		err = yaml.Unmarshal(data, &action)
	}
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	for _, j := range flow.Jobs {
		for _, s := range j.Steps {
			if !strings.HasPrefix(s.Uses, "plumbline-ci/plumbline@") {
				continue
			}
			used++
			for in := range s.With {
				if _, ok := action.Inputs[in]; !ok {
					t.Errorf("README's workflow gives input %q, which action.yml does not have", in)
				}
			}
		}
	}
	if used != 1 {
		t.Errorf("README's workflow uses plumbline %d times, want once", used)
	}
}

// TestReadmeProgram builds and runs the program that embeds the recorder, and has
// what it recorded judged.
func TestReadmeProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte(blockWith(t, "collect.NewRecorder")), 0o666); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	// The go command sees the file in a folder of the module that is not there.
	overlay := filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root, "internal", "readme", "main.go"): source}})
	if err == nil {
		err = os.WriteFile(overlay, text, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-buildvcs=false", "-overlay", overlay, "-o", program, "./internal/readme")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	store := filepath.Join(dir, "store")
	for range 2 {
		run := exec.Command(program)
		run.Env = append(os.Environ(), "PLUMBLINE_PATH="+store, "PLUMBLINE_DISABLED=")
		if out, err := run.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	status, out := plumbline(t, nothing, "check", "--path", store)
	if status != exitPass || !strings.Contains(out, "than 1 run of main allows") || !strings.Contains(out, "job.run_seconds.p99") {
		t.Errorf("check of its second run: status %d\n%s", status, out)
	}
}
