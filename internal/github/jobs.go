package github

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/plumbline-ci/plumbline/collect"
	"github.com/plumbline-ci/plumbline/internal/github/rest"
)

// Job is a job of a workflow run.
type Job = rest.Job

// JobStep is a step of a job.
type JobStep = rest.Step

// OwnJobs lists the jobs of this workflow run. Own is the place of the job that
// the step is in, -1 where it cannot be told from the others.
func (h *Hub) OwnJobs(ctx context.Context) (jobs []Job, own int, err error) {
	if h.Repo == nil {
		return nil, -1, h.unreachable("the jobs cannot be listed")
	}
	jobs, err = h.Repo.Jobs(ctx, h.step.Event.Run)
	if err != nil {
		return nil, -1, err
	}
	return jobs, ownJob(jobs, h.step.Event.Origin.Job, h.step.getenv("RUNNER_NAME")), nil
}

// ownJob finds the job that runs here. The interface does not know the key that
// the workflow has for a job: the runner's name tells, and then the job's, which is
// the key where the workflow says nothing else, with the values of a matrix behind
// it and the calling job before it.
func ownJob(jobs []Job, key, runner string) int {
	own := -1
	running := func(fits func(Job) bool) int {
		found := 0
		for i, j := range jobs {
			if j.Status == "in_progress" && fits(j) {
				own = i
				found++
			}
		}
		return found
	}
	here := func(j Job) bool { return runner != "" && j.Runner == runner }
	named := func(j Job) bool {
		name := j.Name[strings.LastIndex(j.Name, " / ")+1:]
		name = strings.TrimPrefix(name, "/ ")
		return name == key || strings.HasPrefix(name, key+" (")
	}
	for _, fits := range []func(Job) bool{here, func(j Job) bool { return here(j) && named(j) }, named} {
		if running(fits) == 1 {
			return own
		}
	}
	return -1
}

// RunJobs are the jobs of an earlier workflow run.
type RunJobs struct {
	Run    int64 // the workflow run's id
	Origin collect.Origin
	Jobs   []Job
}

// EarlierJobs lists the jobs of earlier workflow runs on a branch that a baseline
// may be made of, the newest first, passing by those that skip has no need of. It
// asks for so many at most, and left is how many more there are. An error comes
// with those that were read before it.
func (h *Hub) EarlierJobs(ctx context.Context, branch string, most int, skip func(run int64) bool) (found []RunJobs, left int, err error) {
	if h.Repo == nil {
		return nil, 0, errors.New("earlier jobs cannot be listed")
	}
	search := h.search(Wanted{Branch: branch})
	runs, err := h.Repo.Runs(ctx, search.Workflow, branch)
	if err != nil {
		return nil, 0, err
	}
	runs = slices.DeleteFunc(runs, func(r rest.WorkflowRun) bool { return !search.Trust.Accepts(r) || skip(r.ID) })
	for i, r := range runs {
		if i >= most {
			return found, len(runs) - i, nil
		}
		jobs, err := h.Repo.Jobs(ctx, r.ID)
		if err != nil {
			return found, len(runs) - i, err
		}
		found = append(found, RunJobs{Run: r.ID, Jobs: jobs, Origin: collect.Origin{
			Commit: r.Commit, Branch: r.Branch, Event: r.Event, Workflow: r.Workflow, Attempt: r.Attempt, Time: r.Created,
		}})
	}
	return found, 0, nil
}
