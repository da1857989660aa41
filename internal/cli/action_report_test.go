package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/internal/github/artifact"
	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// stranger is a fork whose pull request's job has run.
type stranger struct {
	*forge
	fork *githubtest.Repo
	pull *githubtest.Pull
	run  *githubtest.Run
}

// visit opens a pull request from a fork and runs its job, whose benchmark takes
// so long.
func (f *forge) visit(ns float64) *stranger {
	f.t.Helper()
	s := &stranger{forge: f, fork: f.Fork(f.repo, "stranger")}
	s.pull = f.ForkPull(s.fork, "main", map[string]string{"code.go": "new"})
	s.run = f.AddRun(f.repo, githubtest.Run{Pull: s.pull, Status: "in_progress", Name: "ci"})
	f.step(s.run, results(ns, false), nil)
	f.Lock()
	defer f.Unlock()
	s.run.Status, s.run.Conclusion = "completed", "success"
	return s
}

// mine replaces what the run uploaded.
func (s *stranger) mine(name string, data []byte) {
	s.Lock()
	defer s.Unlock()
	last := s.repo.Artifacts[len(s.repo.Artifacts)-1]
	last.Zip, last.Size, last.Digest = data, int64(len(data)), ""
	if name != "" {
		last.Name = name
	}
}

// uploaded is the record that the run uploaded.
func (s *stranger) uploaded() string {
	for i := len(s.repo.Artifacts) - 1; ; i-- {
		if a := s.repo.Artifacts[i]; a.RunID == s.run.ID {
			return githubtest.Unzip(a.Zip)["run.jsonl"]
		}
	}
}

// report runs the workflow_run job about a run.
func (f *forge) report(about *githubtest.Run, inputs map[string]string) acted {
	f.t.Helper()
	run := f.AddRun(f.repo, githubtest.Run{Event: "workflow_run", Of: about, Path: ".github/workflows/plumbline-report.yml", Status: "in_progress"})
	all := map[string]string{"mode": "report"}
	for k, v := range inputs {
		all[k] = v
	}
	before := len(f.repo.Artifacts)
	got := f.step(run, map[string]string{".plumbline.yml": waiver}, all)
	if n := len(f.repo.Artifacts) - before; n > 1 {
		f.t.Errorf("the report uploaded %d artifacts, want that of its pages", n)
	}
	for _, a := range f.repo.Artifacts[before:] {
		for name := range githubtest.Unzip(a.Zip) {
			if !strings.HasSuffix(name, ".html") {
				f.t.Errorf("the report uploaded %s, want pages alone", name)
			}
		}
	}
	for _, name := range []string{"GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"} {
		if text := f.text(got.env[name]); text != "" {
			f.t.Errorf("the report wrote %q to %s", text, name)
		}
	}
	return got
}

// published holds the check of the pull request's commit and the comment against
// what they should be.
func (f *forge) published(s *stranger, conclusion, says string) {
	f.t.Helper()
	f.Lock()
	defer f.Unlock()
	var checks []string
	for _, c := range f.repo.Checks {
		if c.HeadSHA == s.pull.HeadSHA {
			checks = append(checks, c.Name+" "+c.Conclusion)
			if !strings.HasSuffix(c.DetailsURL, fmt.Sprintf("/actions/runs/%d", s.run.ID)) {
				f.t.Errorf("the check leads to %s", c.DetailsURL)
			}
		}
	}
	var comments []string
	for _, c := range f.repo.Comments {
		if c.Number == s.pull.Number {
			comments = append(comments, c.Body)
		}
	}
	if conclusion == "nothing" {
		if len(checks)+len(comments) > 0 {
			f.t.Errorf("published: %q, %q, want nothing", checks, comments)
		}
		return
	}
	if len(checks) != 1 || checks[0] != "plumbline / ci/unit "+conclusion {
		f.t.Errorf("checks %q, want one that is %s", checks, conclusion)
	}
	if len(comments) != 1 || !strings.Contains(comments[0], "### "+says) {
		f.t.Errorf("comments %q, want one that says %q", comments, says)
	}
}

func TestReportJudgesAForksRun(t *testing.T) {
	f := newForge(t)
	f.history(12)
	for ns, want := range map[float64]string{1002: "pass", 2000: "regression"} {
		s := f.visit(ns)
		f.published(s, "nothing", "")
		got := f.report(s.run, map[string]string{"comment": "always"})
		f.published(s, map[string]string{"pass": "success", "regression": "failure"}[want], want+": ")
		if got.status != 0 || !strings.Contains(got.out, "verdict="+want+"\n") || !strings.Contains(got.out, "baseline-runs=12") {
			t.Errorf("%v ns: status %d, outputs\n%s\n%s%s", ns, got.status, got.out, got.stdout, got.stderr)
		}
		if strings.Contains(got.out, "run-id") || strings.Contains(got.out, "report=") {
			t.Errorf("%v ns: outputs that a stranger has a say in:\n%s", ns, got.out)
		}
	}
	if _, got := f.push(results(1001, false)); !strings.Contains(got.out, "baseline-runs=12") {
		t.Errorf("the runs of forks are a part of the baseline:\n%s", got.out)
	}
}

// TestReportKeepsPages: the report has the page that a pull request's own job
// would have made, made from accepted code, in its own artifact; comment and
// summary lead there.
func TestReportKeepsPages(t *testing.T) {
	f := newForge(t)
	f.history(8)
	s := f.visit(2000)
	got := f.report(s.run, nil)
	at := filepath.Join(got.env["GITHUB_WORKSPACE"], ".plumbline")
	link := fmt.Sprintf("/actions/runs/%s#artifacts", got.env["GITHUB_RUN_ID"])
	if page := f.text(filepath.Join(at, "report.html")); !strings.Contains(got.out, "html=.plumbline/report.html\n") || !strings.Contains(page, "a.Parse.ns_per_op") {
		t.Errorf("outputs\n%s\nand a page of %d bytes\n%s", got.out, len(page), got.stdout)
	}
	kept := githubtest.Unzip(f.repo.Artifacts[len(f.repo.Artifacts)-1].Zip)
	if kept["report.html"] != f.text(filepath.Join(at, "report.html")) {
		t.Errorf("the artifact has %d files, and another page", len(kept))
	}
	if body := f.repo.Comments[0].Body; !strings.Contains(body, link) || !strings.Contains(got.summary, link) {
		t.Errorf("no link to the artifact in\n%s\n%s", body, got.summary)
	}

	f.AddArtifact(s.run, artifact.Name("../x", 1), map[string]string{artifact.RunFile: strings.Replace(s.uploaded(), `"job":"unit"`, `"name":"../x"`, 1)})
	got = f.report(s.run, nil)
	pages, err := os.ReadDir(filepath.Join(got.env["GITHUB_WORKSPACE"], ".plumbline", "pages"))
	kept = githubtest.Unzip(f.repo.Artifacts[len(f.repo.Artifacts)-1].Zip)
	if err != nil || len(pages) != 2 || len(kept) != 2 || !strings.Contains(got.out, "html=.plumbline/pages\n") {
		t.Errorf("of two suites: %v, %v, kept %d, outputs\n%s\n%s", pages, err, len(kept), got.out, got.stdout)
	}

	last := f.visit(2000)
	f.Break(githubtest.Fault{Path: "*/CreateArtifact", Do: githubtest.Answer(403)})
	got = f.report(last.run, nil)
	if strings.Contains(got.summary, "#artifacts") {
		t.Errorf("there is no artifact, and the summary leads to it:\n%s\n%s", got.summary, got.stdout)
	}
}

// TestReportTakesNothingButFigures: what the record says of itself, and all else
// in the archive, is not believed.
func TestReportTakesNothingButFigures(t *testing.T) {
	f := newForge(t)
	f.history(12)
	s := f.visit(2000)
	lie := strings.NewReplacer(
		`"event":"pull_request"`, `"event":"push"`, `"branch":"stranger:main"`, `"branch":"main"`, `"type":"results"`, `"type":"other"`, `"job":"unit"`, `"job":"else"`,
	).Replace(s.uploaded())
	at := strings.Index(lie, `"timestamp":"`) + len(`"timestamp":"`)
	lie = lie[:at] + "2001" + lie[at+4:]
	s.mine("", githubtest.Zip(map[string]string{
		artifact.RunFile: lie, artifact.HistoryFile: strings.Repeat(lie, 3), artifact.VerdictFile: `{"verdict":"pass"}`, artifact.IndexFile: "{", artifact.SectionFile: "{}",
	}))
	got := f.report(s.run, nil)
	if got.status != 0 || !strings.Contains(got.out, "verdict=regression\n") || !strings.Contains(got.out, "baseline-runs=12") {
		t.Errorf("status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
}

// TestReportOfWhatCannotBeRead: that is never green, and never ends the job.
func TestReportOfWhatCannotBeRead(t *testing.T) {
	f := newForge(t)
	f.history(8)
	for name, spoil := range map[string]func(s *stranger){
		"no zip":    func(s *stranger) { s.mine("", []byte("PK")) },
		"no record": func(s *stranger) { s.mine("", githubtest.Zip(map[string]string{artifact.RunFile: "{}"})) },
		"NaN": func(s *stranger) {
			s.mine("", githubtest.Zip(map[string]string{artifact.RunFile: strings.Replace(s.uploaded(), ":2000", ":NaN", 1)}))
		},
		"zip slip": func(s *stranger) { s.mine("", githubtest.Zip(map[string]string{"../run.jsonl": s.uploaded()})) },
		"another's name": func(s *stranger) {
			s.mine("plumbline-else", githubtest.Zip(map[string]string{artifact.RunFile: s.uploaded()}))
		},
		"expired":   func(s *stranger) { s.Lock(); s.repo.Artifacts[len(s.repo.Artifacts)-1].Expired = true; s.Unlock() },
		"too large": func(s *stranger) { s.mine("", make([]byte, artifact.MostForeignZip+1)) },
		"none":      func(s *stranger) { s.Lock(); s.repo.Artifacts = s.repo.Artifacts[:len(s.repo.Artifacts)-1]; s.Unlock() },
	} {
		s := f.visit(2000)
		spoil(s)
		got := f.report(s.run, nil)
		if got.status != 0 || !strings.Contains(got.out, "verdict=inconclusive\n") || !strings.Contains(got.stdout, "::warning::") || !strings.Contains(got.summary, "could not be read") {
			t.Errorf("%s: status %d, outputs\n%s\n%s\n%s", name, got.status, got.out, got.stdout, got.summary)
		}
		if name != "none" && name != "another's name" { // whose suites are not known
			f.published(s, "neutral", "inconclusive: ")
		}
	}
}

// TestReportOfSeveralSuites: they are parts of one comment, and of the attempts of
// a run the newest counts.
func TestReportOfSeveralSuites(t *testing.T) {
	f := newForge(t)
	f.history(8)
	s := f.visit(1002)
	f.AddArtifact(s.run, "plumbline-other", map[string]string{artifact.RunFile: strings.Replace(s.uploaded(), `"job":"unit"`, `"name":"other"`, 1)})
	f.AddArtifact(s.run, artifact.Name("ci/unit", 2), map[string]string{artifact.RunFile: strings.ReplaceAll(s.uploaded(), "1002", "2000")})
	f.AddArtifact(s.run, "else", map[string]string{artifact.RunFile: "{}"})
	before := len(f.repo.Checks)
	got := f.report(s.run, nil)
	if n := len(f.repo.Checks) - before; got.status != 0 || len(f.repo.Comments) != 1 || n != 2 {
		t.Fatalf("status %d, %d comments, %d checks, want 0, 1, 2\n%s", got.status, len(f.repo.Comments), n, got.stdout)
	}
	for _, want := range []string{"regression: 1 of 2 suites got worse", "<code>other</code>: nothing judged"} {
		if body := f.repo.Comments[0].Body; !strings.Contains(body, want) {
			t.Errorf("the comment does not say %q:\n%s", want, body)
		}
	}
}

// TestReportHasNothingToDo: the run may be anybody's, and the pull request gone.
func TestReportHasNothingToDo(t *testing.T) {
	f := newForge(t)
	f.history(7)
	push := f.AddRun(f.repo, githubtest.Run{})
	s := f.visit(2000)
	old := *s.run
	f.AddPush(s.fork, "main", map[string]string{"code.go": "newer"})
	closed := f.visit(2000)
	f.Lock()
	closed.pull.State = "closed"
	f.Unlock()
	gone := f.visit(2000)
	f.Lock()
	gone.run.HeadDeleted = true
	f.Unlock()
	for name, run := range map[string]*githubtest.Run{"a push": push, "an older commit": &old, "a closed pull request": closed.run, "a fork that is gone": gone.run} {
		got := f.report(run, nil)
		if got.status != 0 || !strings.Contains(got.stdout, "::notice::") || !strings.Contains(got.stdout, "nothing to do") || got.out != "" {
			t.Errorf("%s: status %d, outputs %q\n%s", name, got.status, got.out, got.stdout)
		}
	}
}

func TestReportThatCannotBeDone(t *testing.T) {
	f := newForge(t)
	f.history(2)
	if got := f.step(f.AddRun(f.repo, githubtest.Run{}), nil, map[string]string{"mode": "report"}); got.status != 2 || !strings.Contains(got.stdout, "workflow_run") {
		t.Errorf("on a push: status %d\n%s", got.status, got.stdout)
	}
	s := f.visit(2000)
	if got := f.report(s.run, map[string]string{"store": "dir:x"}); got.status != 2 || !strings.Contains(got.stdout, "artifacts") {
		t.Errorf("of a folder: status %d\n%s", got.status, got.stdout)
	}
	if got := f.report(s.run, map[string]string{"github-token": ""}); got.status != 3 {
		t.Errorf("without a token: status %d\n%s", got.status, got.stdout)
	}
	f.Break(githubtest.Fault{Path: fmt.Sprintf("*/runs/%d", s.run.ID), Do: githubtest.Answer(404)})
	if got := f.report(s.run, nil); got.status != 3 || !strings.Contains(got.stdout, "actions: read") {
		t.Errorf("a run that cannot be read: status %d\n%s", got.status, got.stdout)
	}
}
