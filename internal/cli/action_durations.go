package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-ci/plumbline/check"
	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/collect/parse"
	"github.com/plumbline-ci/plumbline/internal/github"
)

// mostJobLists bounds the requests for the jobs of earlier workflow runs in one
// step: all jobs of a repository share a thousand requests in an hour. What is left
// is read by later steps, for the history that is kept has what was read.
const mostJobLists = 20

// The metrics of jobs and steps, which have tags.
var durationNames = []string{"job.seconds", "job.queue_seconds", "step.seconds"}

// wantsDurations says whether jobs and steps are timed: as the input says, or else
// where a rule is about them.
func wantsDurations(in github.Durations, rules []check.Rule) bool {
	if in != github.DurationsAuto {
		return in == github.DurationsAlways
	}
	return slices.ContainsFunc(rules, func(r check.Rule) bool { return aboutDurations(r.Match) })
}

// aboutDurations reports whether a pattern names jobs or steps by more than
// wildcards: a rule for everything is not about them.
func aboutDurations(pattern string) bool {
	plain := pattern
	if i := strings.IndexAny(pattern, "*?["); i >= 0 {
		plain = pattern[:i]
	}
	return slices.ContainsFunc(durationNames, func(name string) bool {
		area, _, _ := strings.Cut(name, ".")
		return strings.HasPrefix(plain, area+".") && (strings.HasPrefix(name, plain) || plain == name)
	})
}

func isDuration(name string) bool {
	base, _, tagged := strings.Cut(name, "[")
	return tagged && slices.Contains(durationNames, base)
}

// ownDurations are those of this workflow run, as far as they are settled: the steps
// of this job that are done, how long it was queued, and the jobs that had ended
// before this one was created, for which it waited. What ends meanwhile is a matter
// of chance and would be there in one run and missing in the next. Where GitHub does
// not tell, there are none, and that is said.
func (j *job) ownDurations() []collect.Metric {
	if !j.timed {
		return nil
	}
	net, cancel := j.budget.stage(searching)
	defer cancel()
	jobs, own, err := j.hub.OwnJobs(net)
	switch {
	case err != nil:
		j.unmeasured("the durations of jobs and steps were not measured: %v", reason(net, err))
		return nil
	case own < 0:
		j.unmeasured("the durations of jobs and steps were not measured: GitHub lists no job that is known to be this one")
		return nil
	}
	begun := jobs[own].Created
	var settled []github.Job
	for i, other := range jobs {
		if i == own || other.Status == "completed" && !other.Completed.After(begun) {
			settled = append(settled, other)
		}
	}
	return durationsOf(settled)
}

func (j *job) unmeasured(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	j.notes = append(j.notes, note)
	j.step.Warn(note)
}

// durationsOf are the metrics of jobs and steps that succeeded, each once. A step
// whose name its job has several times is told by a number behind it.
func durationsOf(jobs []github.Job) []collect.Metric {
	var all []collect.Metric
	known := map[string]bool{}
	add := func(name string, tags collect.Tags, from, to time.Time, better collect.Direction) {
		took := to.Sub(from).Seconds()
		if name = collect.Name(name, tags); !from.IsZero() && !to.IsZero() && took >= 0 && !known[name] {
			known[name] = true
			all = append(all, collect.Metric{Name: name, Unit: "s", Better: better, Value: took})
		}
	}
	for _, j := range jobs {
		label := parse.CleanName(j.Name)
		if j.Status == "completed" && j.Conclusion == "success" {
			add("job.seconds", collect.Tags{"job": label}, j.Started, j.Completed, collect.Lower)
		}
		if j.Status != "completed" || j.Conclusion != "skipped" {
			add("job.queue_seconds", collect.Tags{"job": label}, j.Created, j.Started, collect.None)
		}
		seen := map[string]int{}
		for _, s := range j.Steps {
			step := parse.CleanName(s.Name)
			if seen[step]++; seen[step] > 1 {
				step = fmt.Sprintf("%s #%d", step, seen[step])
			}
			if s.Status == "completed" && s.Conclusion == "success" {
				add("step.seconds", collect.Tags{"job": label, "step": step}, s.Started, s.Completed, collect.Lower)
			}
		}
	}
	return all
}

// earlierDurations adds to the earlier runs the durations of their jobs, of those
// that this run has, where no artifact told them: so that rules on durations judge
// from the first day. It asks GitHub for a bounded number of them.
func (j *job) earlierDurations(run collect.Run) {
	wanted := map[string]bool{}
	for _, m := range run.Metrics {
		if isDuration(m.Name) {
			wanted[m.Name] = true
		}
	}
	if !j.timed || len(wanted) == 0 || j.hub.Results == nil {
		return
	}
	net, cancel := j.budget.stage(searching)
	defer cancel()
	have := func(workflowRun int64) bool {
		stored, ok := j.past.History.Find(workflowRun)
		return ok && slices.ContainsFunc(stored.Metrics, func(m collect.Metric) bool { return isDuration(m.Name) })
	}
	found, left, err := j.hub.EarlierJobs(net, j.branch, min(mostJobLists, j.runs), have)
	if err != nil {
		j.unmeasured("the durations of earlier jobs could not all be read: %v", reason(net, err))
	}
	for _, f := range found {
		ms := slices.DeleteFunc(durationsOf(f.Jobs), func(m collect.Metric) bool { return !wanted[m.Name] })
		if len(ms) == 0 {
			continue
		}
		stored, ok := j.past.History.Find(f.Run)
		if !ok {
			stored = collect.Run{Origin: f.Origin}
			stored.ID, stored.Type, stored.Name = fmt.Sprintf("jobs-of-%d", f.Run), run.Type, run.Name
			stored.Repository, stored.Workflow, stored.Job, stored.Success = run.Repository, run.Workflow, run.Job, collect.Succeeded
		}
		stored.Metrics = append(stored.Metrics, ms...)
		if err := j.past.History.Put(stored, f.Run); err != nil {
			j.unmeasured("the durations of workflow run %d: %v", f.Run, err)
		}
	}
	if left > 0 && err == nil {
		j.notes = append(j.notes, fmt.Sprintf("the durations of %s are not read yet: a step asks for %d at most", count(left, "more earlier workflow run"), mostJobLists))
	}
}
