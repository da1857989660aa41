package githubtest

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxFiltered is where a list of runs ends when it is filtered (REST docs,
// workflow runs: "up to 1,000 results for each search").
const maxFiltered = 1000

func (r *Repo) run(id int64) *Run {
	return find(r.Runs, func(x *Run) bool { return x.ID == id })
}

// listRuns serves the runs of the repository or of a workflow, newest first.
func listRuns(c *call) {
	of := c.args["workflow_id"]
	if of != "" && !slices.ContainsFunc(c.repo.Workflows, func(w *Workflow) bool { return w.is(of) }) {
		c.notFound()
		return
	}
	created, ok := timeRange(c.query("created"))
	if !ok {
		c.refuse("Validation Failed", obj{"resource": "WorkflowRun", "field": "created", "code": "invalid"})
		return
	}
	found, most := []*Run{}, 0
	for _, r := range slices.Backward(c.repo.Runs) {
		w := Workflow{ID: r.WorkflowID, Path: r.Path}
		if (of == "" || w.is(of)) && c.wanted(r) && created(r.Created) {
			found = append(found, r)
		}
	}
	slices.SortStableFunc(found, func(a, b *Run) int { return b.Created.Compare(a.Created) })
	for _, name := range strings.Fields("actor branch event status created check_suite_id head_sha") {
		if c.query(name) != "" {
			most = maxFiltered
		}
	}
	total, answers := len(found), []obj{}
	for _, r := range page(c, found, most) {
		answers = append(answers, c.runJSON(r))
	}
	c.json(http.StatusOK, obj{"total_count": total, "workflow_runs": answers})
}

// is tells whether an id or the name of a file means the workflow.
func (w Workflow) is(idOrFile string) bool {
	return idOrFile == strconv.FormatInt(w.ID, 10) || idOrFile == path.Base(w.Path)
}

// wanted holds a run against the filters but created. The branch is a name
// alone: a fork's main is found under main.
func (c *call) wanted(r *Run) bool {
	is := func(name string, values ...string) bool {
		q := c.query(name)
		return q == "" || slices.Contains(values, q)
	}
	return is("actor", r.Actor) && is("branch", r.HeadBranch) && is("event", r.Event) && is("head_sha", r.HeadSHA) &&
		is("status", r.Status, r.Conclusion) && is("check_suite_id") // there are no check suites here
}

// timeRange reads a search range of dates: >=D, >D, <=D, <D, A..B (with * for
// an open end) or D, where a day without a time is all of it.
func timeRange(text string) (holds func(time.Time) bool, ok bool) {
	from, to, isRange := strings.Cut(text, "..")
	switch {
	case text == "":
		return func(time.Time) bool { return true }, true
	case isRange:
	case strings.HasPrefix(text, ">") || strings.HasPrefix(text, "<"):
		return openRange(text)
	default:
		from, to = text, text
	}
	a, _, ok1 := searchTime(from)
	_, b, ok2 := searchTime(to)
	return func(t time.Time) bool { return (from == "*" || !t.Before(a)) && (to == "*" || t.Before(b)) },
		(ok1 || from == "*") && (ok2 || to == "*")
}

func openRange(text string) (holds func(time.Time) bool, ok bool) {
	sign := text[:1]
	rest, equal := strings.CutPrefix(text[1:], "=")
	from, to, ok := searchTime(rest)
	switch {
	case sign == ">" && equal:
		return func(t time.Time) bool { return !t.Before(from) }, ok
	case sign == ">":
		return func(t time.Time) bool { return !t.Before(to) }, ok
	case equal:
		return func(t time.Time) bool { return t.Before(to) }, ok
	}
	return func(t time.Time) bool { return t.Before(from) }, ok
}

// searchTime is the span that a date or a time of a search stands for.
func searchTime(text string) (from, to time.Time, ok bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, t.Add(time.Second), true
	}
	t, err := time.Parse(time.DateOnly, text)
	return t, t.AddDate(0, 0, 1), err == nil
}

func getRun(c *call) {
	if r := c.repo.run(c.number("run_id")); r != nil && c.number("attempt_number") <= int64(r.Attempt) {
		c.json(http.StatusOK, c.runJSON(r))
		return
	}
	c.notFound()
}

// runJSON renders a run; pull_requests is empty for forks, and head_repository
// null when the fork is gone.
func (c *call) runJSON(r *Run) obj {
	pulls := []obj{}
	if r.Pull != nil && !r.Fork() && c.query("exclude_pull_requests") != "true" {
		pulls = append(pulls, obj{
			"id": r.Pull.ID, "number": r.Pull.Number, "url": c.api("/pulls/%d", r.Pull.Number),
			"head": obj{"ref": r.Pull.HeadBranch, "sha": r.Pull.HeadSHA, "repo": obj{"id": r.repo.ID, "name": r.repo.Name}},
			"base": obj{"ref": r.Pull.BaseBranch, "sha": r.Pull.BaseSHA, "repo": obj{"id": r.repo.ID, "name": r.repo.Name}},
		})
	}
	actor := obj{"login": r.Actor, "type": "User"}
	o := obj{
		"id": r.ID, "name": r.Name, "path": r.Path, "workflow_id": r.WorkflowID, "event": r.Event, "display_title": r.Name,
		"head_branch": r.HeadBranch, "head_sha": r.HeadSHA, "status": r.Status, "conclusion": orNull(r.Conclusion),
		"run_number": r.Number, "run_attempt": r.Attempt, "created_at": r.Created, "updated_at": r.Updated, "run_started_at": r.Created,
		"pull_requests": pulls, "actor": actor, "triggering_actor": actor, "repository": c.repoJSON(r.repo), "head_repository": nil,
		"url": c.api("/actions/runs/%d", r.ID), "html_url": c.html("/actions/runs/%d", r.ID),
		"head_commit": obj{"id": r.HeadSHA},
	}
	if !r.HeadDeleted {
		o["head_repository"] = c.repoJSON(r.HeadRepo)
	}
	return o
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func timeOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// listJobs serves the jobs of one attempt: the latest when none is named,
// unless filter=all.
func listJobs(c *call) {
	r := c.repo.run(c.number("run_id"))
	attempt := int(c.number("attempt_number"))
	if r == nil || attempt > r.Attempt || attempt < 1 && c.args["attempt_number"] != "" {
		c.notFound()
		return
	}
	if attempt == 0 {
		attempt = r.Attempt
	}
	found, answers := []*Job{}, []obj{}
	for _, j := range r.Jobs {
		if j.Attempt == attempt || c.query("filter") == "all" {
			found = append(found, j)
		}
	}
	for _, j := range page(c, found, 0) {
		answers = append(answers, c.jobJSON(r, j))
	}
	c.json(http.StatusOK, obj{"total_count": len(found), "jobs": answers})
}

func (c *call) jobJSON(r *Run, j *Job) obj {
	steps := []obj{}
	for i, s := range j.Steps {
		steps = append(steps, obj{
			"name": s.Name, "number": i + 1, "status": s.Status, "conclusion": orNull(s.Conclusion),
			"started_at": timeOrNull(s.Started), "completed_at": timeOrNull(s.Completed),
		})
	}
	return obj{
		"id": j.ID, "run_id": r.ID, "run_attempt": j.Attempt, "workflow_name": r.Name, "head_branch": r.HeadBranch, "head_sha": r.HeadSHA,
		"name": j.Name, "status": j.Status, "conclusion": orNull(j.Conclusion), "steps": steps,
		"created_at": j.Created, "started_at": timeOrNull(j.Started), "completed_at": timeOrNull(j.Completed),
		"labels": j.Labels, "runner_name": orNull(j.RunnerName), "html_url": c.html("/actions/runs/%d/job/%d", r.ID, j.ID),
	}
}
