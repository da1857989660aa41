package cli

import (
	"fmt"
	"strings"
	"testing"

	"github.com/plumbline-ci/plumbline/check/report"
	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// leg runs one job of a workflow run.
func (f *forge) leg(run *githubtest.Run, name string, ns float64) acted {
	f.t.Helper()
	return f.step(run, results(ns, false), map[string]string{"name": name})
}

// legs gives the suites a history on main.
func (f *forge) legs(n int, names ...string) {
	f.t.Helper()
	for i := range n {
		f.AddPush(f.repo, "main", map[string]string{"code.go": fmt.Sprint(f.clock)})
		run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
		for _, name := range names {
			if got := f.leg(run, name, 1000+float64(i*7%5)); got.status != 0 {
				f.t.Fatalf("push %d: status %d\n%s%s", i, got.status, got.stdout, got.stderr)
			}
		}
		f.Lock()
		run.Status, run.Conclusion = "completed", "success"
		f.Unlock()
	}
}

// comments are those of a pull request.
func (f *forge) comments(p *githubtest.Pull) (all []githubtest.Comment) {
	f.Lock()
	defer f.Unlock()
	for _, c := range f.repo.Comments {
		if c.Number == p.Number {
			all = append(all, *c)
		}
	}
	return all
}

// only is the text of the only comment.
func (f *forge) only(p *githubtest.Pull) string {
	f.t.Helper()
	all := f.comments(p)
	if len(all) != 1 {
		f.t.Fatalf("%d comments, want one", len(all))
	}
	return all[0].Body
}

// lineTwo is the first line that a reader of the comment sees.
func lineTwo(body string) string { return strings.Split(body, "\n")[1] }

func TestActionComments(t *testing.T) {
	f := newForge(t)
	f.history(12)
	p := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "slow"})
	judge := func(ns float64) acted {
		return f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), results(ns, false), nil)
	}
	judge(1001)
	if n := len(f.comments(p)); n != 0 {
		t.Errorf("%d comments about nothing", n)
	}
	if got := judge(2000); got.status != 1 {
		t.Errorf("slower: status %d\n%s", got.status, got.stdout)
	}
	body := f.only(p)
	if first := lineTwo(body); !strings.HasPrefix(body, report.Marker+"\n") || !strings.HasPrefix(first, "### regression: 1 of ") {
		t.Errorf("the comment begins with %q", first)
	}
	for _, want := range []string{"Parse.ns_per_op", "12 runs of <code>main</code>", "```mermaid\nxychart-beta", "plumbline explain '", "waivers:", "/actions/runs/", "merge base with main"} {
		if !strings.Contains(body, want) && !strings.Contains(body, strings.ReplaceAll(want, "<code>main</code>", "`main`")) {
			t.Errorf("the comment does not have %q:\n%s", want, body)
		}
	}
	judge(1000)
	if first := lineTwo(f.only(p)); !strings.HasPrefix(first, "### pass: ") {
		t.Errorf("after the repair the comment begins with %q", first)
	}
}

func TestActionCommentModes(t *testing.T) {
	f := newForge(t)
	f.history(12)
	for mode, want := range map[string][2]int{"always": {1, 1}, "on-change": {0, 1}, "on-regression": {0, 0}, "never": {0, 0}} {
		for i, ns := range []float64{1001, 500} { // nothing, and better
			p := f.OpenPull(f.repo, fmt.Sprint(mode, i), map[string]string{"code.go": mode})
			f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), results(ns, false), map[string]string{"comment": mode})
			if got := len(f.comments(p)); got != want[i] {
				t.Errorf("%s at %v ns: %d comments, want %d", mode, ns, got, want[i])
			}
		}
	}
}

// Silence would read like a pass where there is nothing to compare with.
func TestActionCommentsWithoutBaseline(t *testing.T) {
	f := newForge(t)
	p := f.OpenPull(f.repo, "first", map[string]string{"code.go": "slow"})
	f.step(f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"}), results(1000, false), nil)
	if first := lineTwo(f.only(p)); !strings.HasPrefix(first, "### nothing judged: ") {
		t.Errorf("the comment begins with %q", first)
	}
}

// TestActionCommentsLegs: what the jobs of one workflow run, another workflow and
// a newer commit say becomes one comment.
func TestActionCommentsLegs(t *testing.T) {
	f := newForge(t)
	f.legs(8, "a", "b")
	p := f.OpenPull(f.repo, "topic", map[string]string{"code.go": "slow"})
	run := f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"})
	f.leg(run, "b", 2000)
	f.leg(run, "a", 1001)
	want := "### regression: 1 of 2 suites got worse, <code>b</code>; 1 passes"
	body := f.only(p)
	if got := lineTwo(body); got != want {
		t.Errorf("two legs: %q, want %q", got, want)
	}
	if a, b := strings.Index(body, "<code>a</code>: pass"), strings.Index(body, "#### <code>b</code>: regression"); a < 0 || b < a {
		t.Errorf("the parts are not there in order:\n%s", body)
	}
	other := f.AddRun(f.repo, githubtest.Run{Pull: p, Path: ".github/workflows/other.yml", Status: "in_progress"})
	f.leg(other, "a", 1000)
	if got := lineTwo(f.only(p)); !strings.HasPrefix(got, "### regression: 1 of 3 suites got worse") {
		t.Errorf("with another workflow: %q", got)
	}
	f.AddPush(f.repo, "topic", map[string]string{"code.go": "fast"})
	next := f.AddRun(f.repo, githubtest.Run{Pull: p, Status: "in_progress"})
	f.leg(next, "b", 1002)
	now := f.only(p)
	if got := lineTwo(now); !strings.HasPrefix(got, "### pass: none of ") || strings.Contains(now, "suites") {
		t.Errorf("a newer commit: %q", got)
	}
	f.leg(run, "late", 2000)
	if f.only(p) != now {
		t.Errorf("a job of an older run changed the comment to %q", lineTwo(f.only(p)))
	}
}
