package cli

import (
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
	"github.com/plumbline-ci/plumbline/internal/github/workflow"
)

// usesOf are the inputs of the action's steps in a workflow.
func usesOf(t *testing.T, text string) []map[string]string {
	t.Helper()
	files, errs := workflow.Read(fstest.MapFS{workflow.CheckFile: {Data: []byte(text)}})
	if len(errs) > 0 || len(files) != 1 || len(files[0].Uses) == 0 {
		t.Fatalf("the workflow reads as %+v, %v", files, errs)
	}
	var all []map[string]string
	for _, u := range files[0].Uses {
		all = append(all, u.With)
	}
	return all
}

// TestInitRuns runs the action as the written workflows do: on pushes, on a
// fork's pull request and on the workflow_run behind it.
func TestInitRuns(t *testing.T) {
	f := newForge(t)
	check := usesOf(t, workflow.Check(workflow.Detect(fstest.MapFS{"go.mod": {}}), "main", false))[0]
	report := usesOf(t, workflow.Report([]string{"ci"}))[0]
	tests := func(seconds string) map[string]string {
		return map[string]string{
			"gotest.json":  `{"Action":"run","Package":"a","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"a","Test":"TestA","Elapsed":` + seconds + `}` + "\n" + `{"Action":"pass","Package":"a","Elapsed":` + seconds + "}\n",
			"coverage.out": "mode: set\na/a.go:1.1,2.2 1 1\na/a.go:3.1,4.2 1 0\n",
		}
	}
	for _, seconds := range []string{"1.01", "1.02", "1.00", "1.03", "1.01", "1.02", "1.00"} {
		f.AddPush(f.repo, "main", map[string]string{"code.go": f.clock.String()})
		if got := f.step(f.AddRun(f.repo, githubtest.Run{Name: "ci"}), tests(seconds), check); got.status != 0 {
			t.Fatalf("status %d\n%s%s", got.status, got.stdout, got.stderr)
		}
	}
	p := f.ForkPull(f.Fork(f.repo, "stranger"), "main", map[string]string{"code.go": "new"})
	run := f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress", Name: "ci"})
	if got := f.step(run, tests("9.00"), check); got.status != 1 || !strings.Contains(got.stdout, "test.total_seconds") {
		t.Fatalf("a slow pull request of a fork: status %d\n%s%s", got.status, got.stdout, got.stderr)
	}
	f.Lock()
	run.Status, run.Conclusion = "completed", "failure"
	f.Unlock()
	got := f.report(run, report)
	if got.status != 0 || !strings.Contains(got.out, "verdict=regression\n") {
		t.Errorf("the report: status %d, outputs\n%s\n%s%s", got.status, got.out, got.stdout, got.stderr)
	}
	if len(f.repo.Comments) != 1 {
		t.Errorf("%d comments, want one", len(f.repo.Comments))
	}
}

// TestInitWraps: a project whose tests leave no file is measured by plumbline run,
// which the setup step before made a command.
func TestInitWraps(t *testing.T) {
	f := newForge(t)
	k, err := workflow.Command([]string{"true"})
	if err != nil {
		t.Fatal(err)
	}
	uses := usesOf(t, workflow.Check([]workflow.Kit{k}, "main", true))
	if len(uses) != 2 || uses[0]["mode"] != "setup" {
		t.Fatalf("the steps are %v, want setup first", uses)
	}
	run := f.AddRun(f.repo, githubtest.Run{})
	if got := f.step(run, nil, maps.Clone(uses[0])); got.status != 0 {
		t.Fatalf("setup: status %d\n%s", got.status, got.stdout)
	}
	if got := f.step(run, nil, uses[1], []string{"run", "--", "true"}); got.status != 0 || !strings.Contains(got.out, "new=") {
		t.Errorf("status %d, outputs\n%s\n%s%s", got.status, got.out, got.stdout, got.stderr)
	}
}

// TestInitReplacesLinks: with --force it is the link that goes, not what it leads
// to.
func TestInitReplacesLinks(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("elsewhere", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("elsewhere", "x.yml"); err != nil {
		t.Skip("this system makes no links")
	}
	p := planned{name: "x.yml", text: "new"}
	if state, err := p.place(dir, false); state != stateKept || err != nil {
		t.Errorf("place = %s, %v, want it kept", state, err)
	}
	if state, err := p.place(dir, true); state != stateWritten || err != nil {
		t.Errorf("place by force = %s, %v", state, err)
	}
	if data, err := os.ReadFile("elsewhere"); string(data) != "mine" || err != nil {
		t.Errorf("what the link led to is %q, %v", data, err)
	}
}
