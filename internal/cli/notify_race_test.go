package cli

import (
	"bytes"
	"context"
	"fmt"
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
// open issue, and one notice and one comment of each thing.
func TestNoticesOfTenJobs(t *testing.T) {
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
	if i := want("back", 1, 3, 2); i.State != "closed" || i.Reason != "completed" {
		t.Errorf("the issue is %s as %s", i.State, i.Reason)
	}
	ten(worse("m"))
	want("the next shift", 2, 4, 2)
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
