package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/internal/github"
	"github.com/plumbline-ci/plumbline/internal/github/githubtest"
)

// span is a step of so many seconds.
func span(name string, from time.Time, seconds int) githubtest.Step {
	return githubtest.Step{Name: name, Status: "completed", Conclusion: "success", Started: from, Completed: from.Add(time.Duration(seconds) * time.Second)}
}

// jobsOf are the jobs of a workflow run: build, which unit waits for, and lint
// beside them. Unit still runs where it is the run of the step.
func jobsOf(at time.Time, build, test int, done bool) []*githubtest.Job {
	built := at.Add(time.Duration(10+build) * time.Second)
	begun := built.Add(5 * time.Second)
	unit := &githubtest.Job{
		ID: at.Unix()*10 + 2, Attempt: 1, Name: "unit", Status: "in_progress", Created: built, Started: begun, RunnerName: "GitHub Actions 1",
		Steps: []githubtest.Step{
			span("checkout", begun, 2), span("test", begun.Add(2*time.Second), test), span("test", begun.Add(3*time.Second), 1),
			{Name: "plumbline", Status: "in_progress", Started: begun.Add(time.Hour)},
		},
	}
	if done {
		unit.Status, unit.Conclusion, unit.Completed = "completed", "success", begun.Add(time.Duration(test+9)*time.Second)
		unit.Steps[3] = span("plumbline", begun, 4)
	}
	return []*githubtest.Job{
		{
			ID: at.Unix()*10 + 1, Attempt: 1, Name: "build", Status: "completed", Conclusion: "success", RunnerName: "GitHub Actions 7",
			Created: at, Started: at.Add(10 * time.Second), Completed: built, Steps: []githubtest.Step{span("make", at.Add(11*time.Second), build)},
		},
		unit,
		{
			ID: at.Unix()*10 + 3, Attempt: 1, Name: "lint", Status: "completed", Conclusion: "success", RunnerName: "GitHub Actions 8",
			Created: at, Started: at.Add(10 * time.Second), Completed: built.Add(time.Second),
		},
	}
}

const timedRules = "rules:\n  - {match: \"step.seconds**\", level: fail}\n"

// timed pushes a commit whose job says how long its test step took.
func (f *forge) timed(test int, inputs map[string]string) acted {
	f.t.Helper()
	f.AddPush(f.repo, "main", map[string]string{"code.go": fmt.Sprint(f.clock)})
	run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress", Jobs: jobsOf(f.clock, 60, test, false)})
	got := f.step(run, map[string]string{".plumbline.yml": timedRules}, inputs)
	f.Lock()
	defer f.Unlock()
	if run.Status, run.Conclusion = "completed", "success"; got.status != 0 {
		run.Conclusion = "failure"
	}
	run.Jobs = jobsOf(run.Created, 60, test, true)
	return got
}

// untold adds workflow runs on main that plumbline was no part of.
func (f *forge) untold(n int) {
	f.t.Helper()
	for i := range n {
		f.AddPush(f.repo, "main", map[string]string{"code.go": fmt.Sprint(f.clock)})
		f.AddRun(f.repo, githubtest.Run{Jobs: jobsOf(f.clock, 60+i%3, 100+i%4, true)})
		f.clock = f.clock.Add(5 * time.Minute)
	}
}

// TestActionDurations: the first run with plumbline is judged by the workflow runs
// before it, by what GitHub tells of their steps.
func TestActionDurations(t *testing.T) {
	f := newForge(t)
	f.untold(14)
	got := f.timed(101, nil)
	if got.status != 0 || !strings.Contains(got.out, "verdict=pass") || !strings.Contains(got.out, "baseline-runs=14") {
		t.Fatalf("a usual run: status %d, outputs\n%s\n%s%s", got.status, got.out, got.stdout, got.stderr)
	}
	if n := f.jobLists.Load(); n != 15 {
		t.Errorf("%d lists of jobs were asked for, want 15", n)
	}
	if got := f.timed(250, nil); got.status != 1 || !strings.Contains(got.out, "verdict=regression") || !strings.Contains(got.stdout, "step.seconds[job=unit,step=test]") {
		t.Errorf("a slow one: status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	// What was read once is kept with the history.
	if n := f.jobLists.Load(); n != 16 {
		t.Errorf("%d lists of jobs were asked for, want one more", n)
	}
	// A job that is done carries its own figures: only what was settled counts.
	for _, missing := range []string{"job=lint", "step=plumbline", "job.seconds[job=unit"} {
		if strings.Contains(got.stdout+got.summary, missing) {
			t.Errorf("the report has %s, which was not settled", missing)
		}
	}
}

// TestActionDurationsAreBounded: of a long past a step asks for a part, says so, and
// the next one goes on.
func TestActionDurationsAreBounded(t *testing.T) {
	f := newForge(t)
	f.untold(mostJobLists + 7)
	got := f.timed(101, nil)
	if !strings.Contains(got.out, fmt.Sprintf("baseline-runs=%d", mostJobLists)) || !strings.Contains(got.stdout, "the durations of 7 more earlier workflow runs are not read yet") {
		t.Errorf("outputs\n%s\n%s", got.out, got.stdout)
	}
	if got := f.timed(102, nil); !strings.Contains(got.out, fmt.Sprintf("baseline-runs=%d", mostJobLists+8)) {
		t.Errorf("the next step: outputs\n%s\n%s", got.out, got.stdout)
	}
}

// TestActionDurationsByChoice: they are asked for where a rule or the input says so.
func TestActionDurationsByChoice(t *testing.T) {
	f := newForge(t)
	f.untold(2)
	f.push(results(1000, false))
	if n := f.jobLists.Load(); n != 0 {
		t.Errorf("%d lists of jobs were asked for though no rule is about them", n)
	}
	run := f.AddRun(f.repo, githubtest.Run{Status: "in_progress", Jobs: jobsOf(f.clock, 60, 100, false)})
	got := f.step(run, results(1000, false), map[string]string{"durations": "always"})
	if !strings.Contains(got.stdout+got.summary, "job.seconds[job=build]") || f.jobLists.Load() == 0 {
		t.Errorf("always: %d lists\n%s", f.jobLists.Load(), got.stdout)
	}
	before := f.jobLists.Load()
	files := results(1000, false)
	files[".plumbline.yml"] = timedRules
	f.step(f.AddRun(f.repo, githubtest.Run{Status: "in_progress"}), files, map[string]string{"durations": "never"})
	if n := f.jobLists.Load() - before; n != 0 {
		t.Errorf("never: %d lists of jobs were asked for", n)
	}
	if got := f.step(f.AddRun(f.repo, githubtest.Run{Status: "in_progress"}), files, map[string]string{"durations": "often"}); got.status != 2 || !strings.Contains(got.stdout, `unknown choice "often"; want auto, always or never`) {
		t.Errorf("often: status %d\n%s", got.status, got.stdout)
	}
}

// TestActionDurationsUntold: without the permission the rest is judged as ever, and
// the reader is told. It neither fails the step nor passes.
func TestActionDurationsUntold(t *testing.T) {
	f := newForge(t)
	f.history(12)
	f.repo.Private = true // what is public all may read
	blind := f.AddToken(githubtest.Token{Secret: "ghs_blind", Repo: f.repo, Login: "me", Permissions: map[string]string{"contents": "read", "actions": "none"}})
	files := results(1000, false)
	files[".plumbline.yml"] = timedRules
	got := f.step(f.AddRun(f.repo, githubtest.Run{Status: "in_progress"}), files, map[string]string{"github-token": blind.Secret})
	if got.status != 0 || strings.Contains(got.out, "verdict=pass") || !strings.Contains(got.stdout, "the durations of jobs and steps were not measured") || !strings.Contains(got.stdout, "actions: read") {
		t.Errorf("status %d, outputs\n%s\n%s", got.status, got.out, got.stdout)
	}
	// A job that GitHub does not list is nobody's.
	got = f.step(f.AddRun(f.repo, githubtest.Run{Status: "in_progress"}), files, nil)
	if got.status != 0 || !strings.Contains(got.stdout, "GitHub lists no job that is known to be this one") {
		t.Errorf("without jobs: status %d\n%s", got.status, got.stdout)
	}
}

func TestDurationsOf(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	after := func(s int) time.Time { return at.Add(time.Duration(s) * time.Second) }
	step := func(name, conclusion string, from, to int) github.JobStep {
		return github.JobStep{Name: name, Status: "completed", Conclusion: conclusion, Started: after(from), Completed: after(to)}
	}
	got := durationsOf([]github.Job{
		{
			Name: "unit (linux)", Status: "completed", Conclusion: "success", Created: at, Started: after(7), Completed: after(40),
			Steps: []github.JobStep{
				step("check out\n", "success", 8, 10), step("go", "success", 10, 13), step("go", "success", 13, 14),
				step("broken", "failure", 14, 20), step("left out", "skipped", 20, 20), step("the clock went back", "success", 20, 19),
				{Name: "runs", Status: "in_progress", Started: after(21)},
			},
		},
		{Name: "broken", Status: "completed", Conclusion: "failure", Created: at, Started: after(3), Completed: after(9)},
		{Name: "left out", Status: "completed", Conclusion: "skipped", Created: at, Started: at, Completed: at},
		{Name: "waits", Status: "queued", Created: at},
	})
	want := map[string]float64{
		"job.seconds[job=unit (linux)]": 33, "job.queue_seconds[job=unit (linux)]": 7, "job.queue_seconds[job=broken]": 3,
		"step.seconds[job=unit (linux),step=check out ]": 2, "step.seconds[job=unit (linux),step=go]": 3, "step.seconds[job=unit (linux),step=go #2]": 1,
	}
	if len(got) != len(want) {
		t.Errorf("durationsOf = %v, want %v", got, want)
	}
	for _, m := range got {
		if v, ok := want[m.Name]; !ok || v != m.Value || m.Unit != "s" {
			t.Errorf("%s = %v %s, want %v s", m.Name, m.Value, m.Unit, v)
		}
	}
}

func TestWantsDurations(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		"job.seconds[job=build]": true, "step.seconds**": true, "job.*": true, "step.**": true, "job.queue*": true,
		"**": false, "*.seconds": false, "bench/**": false, "job.run_seconds.p99": false, "jobs.seconds": false,
	} {
		rules := []check.Rule{{Match: "artifact.*"}, {Match: pattern}}
		if got := wantsDurations(github.DurationsAuto, rules); got != want {
			t.Errorf("a rule for %q: wantsDurations = %v, want %v", pattern, got, want)
		}
	}
	if !wantsDurations(github.DurationsAlways, nil) || wantsDurations(github.DurationsNever, []check.Rule{{Match: "job.*"}}) {
		t.Error("the input does not count before the rules")
	}
}
