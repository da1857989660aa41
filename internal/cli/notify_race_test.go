package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/config"
	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
	"github.com/plumbline-ci/plumbline/internal/notice"
)

// TestNoticesOfTenJobs: ten jobs that find the same at the same time leave one
// open issue, and one notice and one comment of each thing; so do the ten legs of
// a matrix, each with levels of its own.
func TestNoticesOfTenJobs(t *testing.T) {
	for _, legs := range []bool{false, true} {
		t.Run(fmt.Sprintf("legs %v", legs), func(t *testing.T) { tenJobs(t, legs) })
	}
}

func tenJobs(t *testing.T, legs bool) {
	f, h := newForge(t), newHook(t)
	f.clock = time.Now()
	first := f.AddPush(f.repo, "main", map[string]string{"a": "1"})
	second := f.AddPush(f.repo, "main", map[string]string{"a": "2"})
	env := map[string]string{"HOOK": h.URL}
	conf := config.Notices{Issue: &config.Issue{}, To: []config.Channel{{Medium: "webhook", Address: "HOOK"}}}
	worse := func(metric string) notice.Finding {
		from := 1.0
		return notice.Finding{Level: notice.Worse, Shift: notice.Shift{
			Metric: metric, From: &from, To: 2, Before: notice.Point{Commit: first.SHA}, After: notice.Point{Commit: second.SHA, Time: f.clock.Add(-time.Hour)},
		}}
	}
	fine := func(metric string) notice.Finding {
		return notice.Finding{Level: notice.Fine, Value: 1, Shift: notice.Shift{Metric: metric}}
	}
	ten := func(found ...notice.Finding) {
		t.Helper()
		var all sync.WaitGroup
		for i := range 10 {
			j := f.publisher(f.AddRun(f.repo, githubtest.Run{Status: "in_progress"}), "unit", nil)
			found := slices.Clone(found)
			for k := range found {
				if x := &found[k]; legs {
					x.Leg, x.Value, x.To = fmt.Sprint("leg", i), x.Value+float64(10*i), x.To+float64(10*i)
					if x.From != nil {
						from := *x.From + float64(10*i)
						x.From = &from
					}
				}
			}
			all.Go(func() {
				var out bytes.Buffer
				a := &app{Env: Env{Stdout: &out, Stderr: &out, Now: time.Now, Getenv: func(key string) string { return env[key] }}}
				n := newsOf(config.Config{Notices: conf}, collect.Origin{Branch: "main", Time: f.clock, ID: fmt.Sprint(i)}, found)
				n.hub, n.suite, n.run = j.hub, "unit", j.step.RunURL()
				if problems := a.spread(context.Background(), n); len(problems) > 0 {
					t.Errorf("job %d: %v", i, problems)
				}
			})
		}
		all.Wait()
	}
	want := func(when string, issues, notices, comments int) *githubtest.Issue {
		t.Helper()
		f.Lock()
		defer f.Unlock()
		var kept []*githubtest.Issue
		for _, i := range f.repo.Issues {
			if i.Reason != "not_planned" {
				kept = append(kept, i)
			}
		}
		said := 0
		for _, c := range f.repo.Comments {
			if strings.Contains(c.Body, "plumbline:shift") {
				said++
			}
		}
		if len(kept) != issues || len(h.all()) != notices || said != comments {
			t.Fatalf("%s: %d issues, %d notices, %d comments; want %d, %d and %d", when, len(kept), len(h.all()), said, issues, notices, comments)
		}
		return kept[0]
	}
	ten(worse("m"))
	if i := want("worse", 1, 1, 0); i.State != "open" {
		t.Errorf("the issue is %s", i.State)
	}
	ten(worse("m"))
	want("worse still", 1, 1, 0)
	ten(worse("m"), worse("n"))
	if i := want("another metric", 1, 2, 1); !strings.Contains(i.Body, "`m`") || !strings.Contains(i.Body, "`n`") {
		t.Errorf("the issue has not both:\n%s", i.Body)
	}
	ten(fine("m"), fine("n"))
	told := 3
	if legs && len(h.all()) == 4 {
		told = 4 // another leg was the first to find n worse, and has its own word on its end
	}
	if i := want("back", 1, told, told-1); i.State != "closed" || i.Reason != "completed" {
		t.Errorf("the issue is %s as %s", i.State, i.Reason)
	}
	ten(worse("m"))
	want("the next shift", 2, told+1, told-1)
}

// TestNoticesHandClosed: an issue that somebody closed while it is about something
// stays closed, and that is told to nobody again; what is new has an issue of its
// own.
func TestNoticesHandClosed(t *testing.T) {
	f, h, push := newTold(t, noticesConf)
	push(2000)
	f.Lock()
	f.repo.Issues[0].State = "closed"
	f.Unlock()
	if push(2000); len(f.repo.Issues) != 1 || f.repo.Issues[0].State != "closed" || len(h.all()) != 1 {
		t.Errorf("%d issues, the first %s, notices %q", len(f.repo.Issues), f.repo.Issues[0].State, h.all())
	}
	push(1001)
	if push(2000); len(f.repo.Issues) != 2 || len(h.all()) != 3 {
		t.Errorf("the next shift: %d issues, notices %q", len(f.repo.Issues), h.all())
	}
}

// TestNoticesOfAMatrix: the legs of a matrix share an issue, and a suite that the
// user named is by itself.
func TestNoticesOfAMatrix(t *testing.T) {
	f, h := newForge(t), newHook(t)
	f.override = map[string]string{"HOOK": h.URL, "HOOK_TOKEN": "t"}
	legs := []map[string]string{{"matrix": `{"go":"1.25"}`}, {"matrix": `{"go":"1.26"}`}, {"name": "named"}}
	push := func(ns ...float64) {
		t.Helper()
		f.AddPush(f.repo, "main", map[string]string{"code.go": fmt.Sprint(f.clock)})
		run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress"})
		for i, inputs := range legs {
			got := f.step(run, with(results(ns[i], false), ConfigFile, noticesConf), inputs)
			if strings.Contains(got.stdout, "::warning::") {
				t.Fatalf("leg %d: status %d\n%s", i, got.status, got.stdout)
			}
		}
		f.Lock()
		defer f.Unlock()
		run.Status, run.Conclusion = "completed", "success"
	}
	for i := range 8 {
		push(1000+float64(i*7%5), 3000+float64(i*7%5), 1000+float64(i*7%5))
	}
	push(2000, 6000, 1000)
	push(2001, 6001, 1001)
	if len(f.repo.Issues) != 1 || len(h.all()) != 1 || len(f.repo.Comments) != 0 {
		t.Fatalf("%d issues, notices %q, comments %+v; want one, one and none", len(f.repo.Issues), h.all(), f.repo.Comments)
	}
	i := f.repo.Issues[0]
	if !strings.Contains(i.Body, "in `1.25`") || strings.Contains(i.Title, "1.25") {
		t.Errorf("%q\n%s", i.Title, i.Body)
	}
	if push(1000, 3000, 1000); i.State != "closed" || len(h.all()) != 2 {
		t.Errorf("both are back: %s, notices %q", i.State, h.all())
	}
	if push(1000, 3000, 2000); len(f.repo.Issues) != 2 || !strings.Contains(f.repo.Issues[1].Title, "named") {
		t.Errorf("the suite that has a name: %d issues", len(f.repo.Issues))
	}
}
