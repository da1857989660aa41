package rest

import (
	"context"
	"fmt"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// mostJobPages bounds the requests for the jobs of one run: a thousand jobs are
// more than a matrix may have, four times over.
const mostJobPages = 10

// Job is a job of a workflow run in its last attempt. A time that has not come is
// zero; all are whole seconds.
type Job struct {
	ID         int64
	Name       string // as people see it, with the values of a matrix
	Status     string // queued, in_progress, completed ...
	Conclusion string // success, failure ...; empty until it is completed
	Runner     string // the name of the machine's runner
	Created    time.Time
	Started    time.Time
	Completed  time.Time
	Steps      []Step
}

// Step is a step of a job.
type Step struct {
	Name       string
	Status     string
	Conclusion string
	Started    time.Time
	Completed  time.Time
}

// Jobs lists the jobs of a workflow run.
func (r *Repo) Jobs(ctx context.Context, run int64) ([]Job, error) {
	var jobs []Job
	o := &gh.ListWorkflowJobsOptions{Filter: "latest", ListOptions: gh.ListOptions{PerPage: 100}}
	for range mostJobPages {
		page, resp, err := r.gh.Actions.ListWorkflowJobs(ctx, r.owner, r.name, run, o)
		if err != nil {
			return nil, wrap(fmt.Sprintf("list the jobs of workflow run %d", run), "actions: read", err)
		}
		for _, j := range page.Jobs {
			jobs = append(jobs, job(j))
		}
		if resp.NextPage == 0 {
			break
		}
		o.Page = resp.NextPage
	}
	return jobs, nil
}

func job(j *gh.WorkflowJob) Job {
	out := Job{
		ID: j.GetID(), Name: j.GetName(), Status: j.GetStatus(), Conclusion: j.GetConclusion(), Runner: j.GetRunnerName(),
		Created: j.GetCreatedAt().Time, Started: j.GetStartedAt().Time, Completed: j.GetCompletedAt().Time,
	}
	for _, s := range j.Steps {
		out.Steps = append(out.Steps, Step{
			Name: s.GetName(), Status: s.GetStatus(), Conclusion: s.GetConclusion(),
			Started: s.GetStartedAt().Time, Completed: s.GetCompletedAt().Time,
		})
	}
	return out
}
