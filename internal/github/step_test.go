package github_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// job is a step in a workspace of its own.
type job struct {
	*github.Step
	dir             string
	output, summary string // the command files
	log             *bytes.Buffer
}

func newJob(t *testing.T, env ...string) job {
	t.Helper()
	dir := t.TempDir()
	j := job{
		dir: filepath.Join(dir, "workspace"), output: filepath.Join(dir, "output"),
		summary: filepath.Join(dir, "summary"), log: &bytes.Buffer{},
	}
	writeFile(t, filepath.Join(j.dir, "sub", "a.xml"), "<a/>")
	writeFile(t, j.output, "")
	writeFile(t, j.summary, "")
	step, err := github.NewStep(getenv(append([]string{
		"GITHUB_WORKSPACE=" + j.dir, "GITHUB_OUTPUT=" + j.output, "GITHUB_STEP_SUMMARY=" + j.summary,
	}, env...)...), j.log)
	if err != nil {
		t.Fatal(err)
	}
	j.Step = step
	t.Cleanup(func() {
		if err := step.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestInputs(t *testing.T) {
	t.Parallel()
	got := newJob(t, "INPUT_MODE=collect", "INPUT_RESULTS= a/*.xml\n\n  gotest=b.json \n", "INPUT_NAME=unit", "INPUT_ARTIFACTS=dist=d/*.js\ndocs=site/*", "INPUT_IMAGES=web=image.tar",
		"INPUT_CONFIG=c.yml", "INPUT_THRESHOLD= 5% ", "INPUT_AGAINST=mean:5", "INPUT_BASELINE-BRANCH=main", "INPUT_BASELINE-RUNS=20", "INPUT_STORE=dir:x", "INPUT_CONFIRM=2",
		"INPUT_FAIL-ON=regression, missing\nno-baseline warning", "INPUT_COMMENT=always", "INPUT_CHECK-NAME=gate", "INPUT_WORKING-DIRECTORY=sub", "INPUT_LOG=debug", "INPUT_GITHUB-TOKEN=t",
		`INPUT_MATRIX={"os":"linux","race":true,"go":"1.22","x":null}`, "INPUT_RETENTION-DAYS=9", "INPUT_TIMEOUT=90s", "INPUT_DURATIONS=always").Inputs
	twice := 2
	want := github.Inputs{
		Mode: github.ModeCollect, Results: []string{"a/*.xml", "gotest=b.json"}, Name: "unit", Config: "c.yml", Threshold: "5%", Against: "mean:5",
		Artifacts: []string{"dist=d/*.js", "docs=site/*"}, Images: []string{"web=image.tar"},
		BaselineBranch: "main", BaselineRuns: 20, Store: "dir:x", Confirm: &twice,
		FailOn:  github.FailOn{Regression: true, Missing: true, NoBaseline: true, Warning: true},
		Comment: github.CommentAlways, CheckName: "gate",
		WorkingDirectory: "sub", Debug: true, Token: "t", Matrix: "1.22, linux, true", RetentionDays: 9, Timeout: 90 * time.Second, Durations: github.DurationsAlways,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Inputs (-want +got):\n%s", diff)
	}
}

func TestInputDefaults(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	want := github.Inputs{Mode: github.ModeCheck, Comment: github.CommentOnChange, FailOn: github.FailOn{Regression: true}, Timeout: 5 * time.Minute, Durations: github.DurationsAuto}
	if diff := cmp.Diff(want, j.Inputs); diff != "" {
		t.Errorf("Inputs (-want +got):\n%s", diff)
	}
	if j.Dir != j.dir {
		t.Errorf("Dir = %q, want %q", j.Dir, j.dir)
	}
	if never := newJob(t, "INPUT_FAIL-ON=never").Inputs.FailOn; never != (github.FailOn{}) {
		t.Errorf("fail-on never = %+v, want the zero FailOn", never)
	}
}

func TestInputErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "file"), "")
	for env, want := range map[string]string{
		"INPUT_COMMENT=alwys":              `input comment: unknown mode "alwys"; want always, on-change, on-regression or never`,
		"INPUT_MODE=chek":                  `input mode: unknown mode "chek"; want check, collect, setup, report or doctor`,
		"INPUT_BASELINE-RUNS=0":            `input baseline-runs: "0" is no count; want a whole number from 1 to 100000`,
		"INPUT_CONFIRM=11":                 `input confirm: "11" is no number of re-runs; want a whole number from 0 to 10`,
		"INPUT_BASELINE-RUNS=ten":          `input baseline-runs: "ten" is no count; want a whole number from 1 to 100000`,
		"INPUT_FAIL-ON=regressions":        `input fail-on: unknown outcome "regressions"; want regression, suspect, inconclusive, missing, no-baseline, warning, never`,
		"INPUT_FAIL-ON=never,missing":      `input fail-on: never stands alone; remove it from "never,missing", or the others`,
		"INPUT_LOG=verbose":                `input log: unknown level "verbose"; want info or debug`,
		"INPUT_WORKING-DIRECTORY=nope":     `input working-directory: no folder "nope" in the workspace`,
		"INPUT_WORKING-DIRECTORY=file":     `input working-directory: "file" is no folder`,
		"INPUT_WORKING-DIRECTORY=../other": `input working-directory: "../other" leads out of the workspace`,
	} {
		_, err := github.NewStep(getenv("GITHUB_WORKSPACE="+dir, env), io.Discard)
		var usage *github.UsageError
		if err == nil || strings.TrimSpace(err.Error()) != want || !errors.As(err, &usage) {
			t.Errorf("%s: NewStep = %v, want the usage error\n%s", env, err, want)
		}
	}
	if _, err := github.NewStep(getenv(), io.Discard); err == nil || !strings.Contains(err.Error(), "GITHUB_WORKSPACE") {
		t.Errorf("NewStep without a workspace = %v, want an error that names the variable", err)
	}
}

func TestSetOutputs(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	err := j.SetOutputs(github.Outputs{
		Verdict: check.Regression, Regressed: 2, New: 3, BaselineRuns: 40, RunID: "0198-ab",
		Report: filepath.Join(j.dir, ".plumbline", "verdict.json"), HTML: filepath.Join(j.dir, ".plumbline", "report.html"),
	})
	want := "verdict=regression\nregressed=2\nsuspect=0\nimproved=0\nnew=3\nmissing=0\nbaseline-runs=40\nrun-id=0198-ab\nreport=.plumbline/verdict.json\nhtml=.plumbline/report.html\n"
	if got := read(t, j.output); err != nil || got != want {
		t.Errorf("SetOutputs = %v, wrote\n%s\nwant\n%s", err, got, want)
	}
}

func TestSetOutputsRefusesText(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	for _, o := range []github.Outputs{
		{Verdict: "pass\nregressed=0"},
		{RunID: "x\nverdict=pass"},
		{RunID: "x; rm -rf ."},
		{Report: "a\nb"},
		{Report: "$(id).json"},
		{Report: "a`id`"},
	} {
		if err := j.SetOutputs(o); err == nil {
			t.Errorf("SetOutputs(%+v) = nil, want an error", o)
		}
	}
	if got := read(t, j.output); got != "" {
		t.Errorf("refused outputs wrote %q, want nothing", got)
	}
}

func TestCommandFileMissing(t *testing.T) {
	t.Parallel()
	j := newJob(t, "GITHUB_OUTPUT=", "GITHUB_STEP_SUMMARY="+filepath.Join(t.TempDir(), "none"))
	if err := j.SetOutputs(github.Outputs{}); err == nil || !strings.Contains(err.Error(), "GITHUB_OUTPUT") {
		t.Errorf("SetOutputs = %v, want an error that names the variable", err)
	}
	if err := j.Summary([]byte("x")); err == nil || !strings.Contains(err.Error(), "GITHUB_STEP_SUMMARY") {
		t.Errorf("Summary = %v, want an error that names the variable", err)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	for _, part := range []string{"# one", "two\n"} {
		if err := j.Summary([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, j.summary); got != "# one\ntwo\n" || j.log.Len() > 0 {
		t.Errorf("summary = %q and log %q, want both parts and no log", got, j.log)
	}
}

// GitHub shows nothing at all of a summary that is one byte too long.
func TestSummaryCut(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	line := strings.Repeat("x", 99) + "\n"
	md := "<details><summary>all</summary>\n\n```\n" + strings.Repeat(line, 12_000) + "```\n</details>\n"
	for range 2 { // the second has no room at all
		if err := j.Summary([]byte(md)); err != nil {
			t.Fatal(err)
		}
	}
	got := read(t, j.summary)
	if len(got) > 1<<20 || len(got) < 1<<20-1000 {
		t.Errorf("the summary has %d bytes, want just under %d", len(got), 1<<20)
	}
	if !strings.HasSuffix(got, "x\n```\n\n</details>\n\n_The rest does not fit into a summary and was left out._\n") {
		t.Errorf("the summary ends with %q, want closed blocks and a note", got[len(got)-200:])
	}
	if !strings.Contains(j.log.String(), "::warning::the summary is longer") {
		t.Errorf("log = %q, want a warning", j.log)
	}
}

func TestAnnotations(t *testing.T) {
	t.Parallel()
	j := newJob(t)
	j.Warn("50% of\r\nlines")
	j.Error("::set-output name=verdict::pass\n::error::x")
	j.Notice("a ##[add-mask]b")
	github.LogError(j.log, "##[x]")
	want := "::warning::50%25 of%0Alines\n::error::: :set-output name=verdict::pass%0A: :error::x\n::notice::a # #[add-mask]b\n::error::# #[x]\n"
	if got := j.log.String(); got != want {
		t.Errorf("log =\n%s\nwant\n%s", got, want)
	}
}

func TestLogDisarms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain [x] a::b #1\n":              "plain [x] a::b #1\n",
		"::error::x\n":                     ": :error::x\n",
		" \t ::stop-commands::t\n":         " \t : :stop-commands::t\n",
		"a\n::error::x\nb\n":               "a\n: :error::x\nb\n",
		"a\r::error::x\n":                  "a\n: :error::x\n",
		"a\r\nb\n":                         "a\nb\n",
		"a\u2028::error::x\n":              "a\n: :error::x\n",
		"x ##[error]y ##[add-mask]z\n":     "x # #[error]y # #[add-mask]z\n",
		"####[x]\n":                        "### #[x]\n",
		"\u200b::error::x\n":               ": :error::x\n",
		":\u200b:error::x\n":               ": :error::x\n",
		"#\u00ad#\u2060[error]x\n":         "# #[error]x\n",
		":\ufe0f:error::x\n":               ": :error::x\n",
		"\x1b[31mred\x1b[0m \u202eevil\n":  "[31mred[0m evil\n",
		"\u00a0\u3000::error::x\n":         "\u00a0\u3000: :error::x\n",
		"no end":                           "no end\n",
		"::" + strings.Repeat("x", 70_000): ": :" + strings.Repeat("x", 70_000) + "\n",
	} {
		j := newJob(t)
		w := j.Log()
		for i := range len(in) { // a byte at a time: no state may be lost between
			if _, err := io.WriteString(w, in[i:i+1]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got := j.log.String()
		if len(in) > 65_536 {
			got = strings.Replace(got, "\n", "", 1) // a long line is broken once
		}
		if got != want {
			t.Errorf("Log of %.60q = %.60q, want %.60q", in, got, want)
		}
	}
}

func FuzzLog(f *testing.F) {
	f.Add("::error::x\n##[a]\r\n \u200b::b")
	f.Fuzz(func(t *testing.T, s string) {
		var log bytes.Buffer
		step, err := github.NewStep(getenv("GITHUB_WORKSPACE=."), &log)
		if err != nil {
			t.Fatal(err)
		}
		defer step.Close()
		w := step.Log()
		_, _ = io.WriteString(w, s)
		_ = w.Close()
		for line := range strings.SplitSeq(log.String(), "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "\r") {
				t.Errorf("Log of %q let the line %q through", s, line)
			}
		}
	})
}

// writeOutputs tries to write a value in each output that is text.
func writeOutputs(t *testing.T, j job, value string) {
	t.Helper()
	for _, o := range []github.Outputs{{Verdict: check.Verdict(value)}, {RunID: value}, {Report: value}} {
		if err := j.SetOutputs(o); err == nil {
			t.Errorf("SetOutputs(%+v) took it", o)
		}
	}
}

// TestRunURL: only a page of the server is ever linked to.
func TestRunURL(t *testing.T) {
	t.Parallel()
	for server, want := range map[string]string{
		"https://github.com":         "https://github.com/o/r/actions/runs/7",
		"https://octo.ghe.com":       "https://octo.ghe.com/o/r/actions/runs/7",
		"https://ghe.example/github": "https://ghe.example/github/o/r/actions/runs/7",
		"javascript:alert(1)":        "", "data:text/html,x": "", "//github.com": "", "ftp://github.com": "", "": "", "https://": "", "http://a b": "",
	} {
		if got := newJob(t, "GITHUB_ACTIONS=true", "GITHUB_SERVER_URL="+server, "GITHUB_REPOSITORY=o/r", "GITHUB_RUN_ID=7").RunURL(); got != want {
			t.Errorf("RunURL on %q = %q, want %q", server, got, want)
		}
	}
}
